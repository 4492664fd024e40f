"""What needs no open ledger: verifying folders and bundles, profiles, keys, known answers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ledger._api import hints
from ledger._api.diagnosis import self_test, surroundings
from ledger._api.inputs import read_input
from ledger._api.remote import RemoteLog
from ledger._api.timestamping import read_authorities
from ledger.attest.disk import Content
from ledger.attest.policy import ladder
from ledger.attest.trail import Trail
from ledger.attest.verify import BundleReport, verify_bundle
from ledger.clock import SystemClock
from ledger.errors import LedgerError
from ledger.frameworks import all_profiles, load_profile
from ledger.hashing.cache import HashCache
from ledger.hashing.tree import hash_path
from ledger.limits import LIMITS
from ledger.log.note import TYPE_ED25519, VerifierKey, parse_vkey
from ledger.log.policy import Policy, parse_policy
from ledger.query.columns import to_parquet
from ledger.query.session import QueryLimits, QueryResult
from ledger.signing import files, held
from ledger.signing.keys import generate
from ledger.store import digests, lookupcheck
from ledger.store.layout import Layout
from ledger.store.memory import recall, remember
from ledger.store.reader import Reader
from ledger.store.repair import Repaired, repair_ledger
from ledger.store.verify import LedgerReport, verify_ledger

PathLike = str | os.PathLike[str]

__all__ = [
    "BundleReport",
    "LedgerReport",
    "QueryLimits",
    "QueryResult",
    "held_key",
    "make_key",
    "profile",
    "profiles",
    "read_policy",
    "repair_folder",
    "self_test",
    "surroundings",
    "to_parquet",
    "verify_bundle_file",
    "verify_folder",
]


def verify_folder(root: PathLike, *, deep: bool = False, tsa_roots: Sequence[PathLike] = ()) -> LedgerReport:
    """Verify the ledger in a folder, even one that `Ledger.open` refuses. What holds is remembered on this machine.

    Args:
        tsa_roots: PEM files with the roots of time-stamping authorities, for L14.

    Raises:
        LedgerError: LG0601, LG0603 when there is no ledger that could be verified, LG0201, LG1306 for the roots.
    """
    checks, now = (_cache_problems, hints.check, lookupcheck.check, digests.check), int(SystemClock().now().timestamp())
    authorities = read_authorities(tsa_roots)
    report = verify_ledger(Path(root).resolve(), deep=deep, state_checks=checks, authorities=authorities, now=now)
    if all(check.result != "fail" for check in report.checks):
        _remember(Path(root).resolve(), report)
    return report


def repair_folder(root: PathLike) -> Repaired:
    """Bring back what is derived in a ledger, and never the truth. Raises LedgerError LG0619, and what locking and writing raise."""
    return repair_ledger(
        Path(root).resolve(),
        state_checks=(_cache_problems, hints.check, lookupcheck.check, digests.check),
        state_repairs=(
            lambda layout: HashCache(layout.hash_cache).remove_damaged(),
            hints.remove_damaged,
            lookupcheck.remove_damaged,
            digests.remove_damaged,
        ),
    )


def _remember(root: Path, report: LedgerReport) -> None:
    """Keep what was verified, so that an older copy is found by whoever only reads. A writer may have gone on meanwhile: then not now."""
    reader = Reader(root)
    head = reader.head()
    if (head.checkpoint.size, head.checkpoint.root.hex()) == (report.size, report.root):
        remember(reader.config.log_key, head)


def _cache_problems(layout: Layout) -> list[str]:
    return [f"hash cache: {text}" for text in HashCache(layout.hash_cache).check()] if layout.hash_cache.is_dir() else []


def verify_bundle_file(
    file: PathLike,
    log_key: str | None,
    artifacts: Sequence[PathLike] = (),
    *,
    symlinks: str = "refuse",
    policy: PathLike | None = None,
    log: PathLike | None = None,
    tsa_roots: Sequence[PathLike] = (),
) -> BundleReport:
    """Verify an attestation bundle; offline unless `log` is a URL.

    Args:
        log_key: verifier key text, such as ``example.org/models+1a2b3c4d+AQ…``; None when the policy names the logs.
        artifacts: files or folders whose bytes must be among what was attested, whole or by the patterns that chose them.
        symlinks: `refuse`, or `inside` for artifacts that were recorded so.
        policy: a C2SP tlog-policy file: whose cosignatures are needed, and which logs are accepted.
        log: folder or URL where the ledger is published, for what only the log can show.
        tsa_roots: PEM files with the roots of time-stamping authorities, for B13.

    Raises:
        LedgerError: LG0201 when a file cannot be read, LG0501 for a key that is none, LG0509 for a policy that is none or names no log;
            LG1306 for roots that are none; those of hashing.
    """
    path = Path(file)
    rules = read_policy(policy) if policy is not None else None
    keys = accepted_keys(log_key, rules)
    data = read_input(path, LIMITS.bundle_bytes)
    mode: Any = symlinks

    def content(item: str, include: tuple[str, ...]) -> Content:
        hashed = hash_path(item, symlinks=mode, include=include)
        return Content(str(hashed.id), hashed.files, hashed.bytes, hashed.root.hex())

    remote = RemoteLog(log) if log is not None else None
    authorities = read_authorities(tsa_roots)
    brought = Trail(rules, recall(keys[0]), remote, int(SystemClock().now().timestamp()), authorities)
    return verify_bundle(data, keys, [os.fspath(item) for item in artifacts], content, brought)


def read_policy(file: PathLike) -> Policy:
    """Read a C2SP tlog-policy file. Raises LedgerError LG0201, LG0509."""
    return parse_policy(read_input(Path(file), LIMITS.policy_bytes, "the policy"), what=f"`{os.fspath(file)}`")


def accepted_keys(log_key: str | None, policy: Policy | None) -> list[VerifierKey]:
    """The keys that are accepted as the log's: the one given, else those of the policy whose type signs checkpoints."""
    if log_key is not None:
        return [parse_vkey(log_key)]
    named = [key for key, _ in policy.logs if key.kind == TYPE_ED25519] if policy else []
    if not named:
        raise LedgerError("LG0509", "no log key: neither was one given, nor does the policy name a log", hint="give --log-key VKEY")
    return named


def make_key(file: Path, scheme: str, passphrase: bytes | None) -> str:
    """Write a new key pair, FILE and FILE.pub; returns its id. Raises LedgerError LG0405, LG0409."""
    key = generate(scheme)
    files.write_private(file, key, passphrase)
    files.write_public(file.with_name(file.name + ".pub"), key.public)
    return key.public.keyid


def held_key(uri: str, out: Path, secret: files.PassphraseSource = files.no_passphrase) -> tuple[str, str]:
    """Write the public half of a key that is held on a device or in a key service; returns its id and scheme.

    It signs once, so that a key that cannot is found now and not when it is trusted.

    Raises:
        LedgerError: LG0404, LG0405, LG0409, LG0418, LG0419; LG0401 for a URI of another kind.
    """
    if not held.is_held(uri):
        raise LedgerError("LG0401", f"`{ascii(uri)[1:-1][:200]}` names no key that is held elsewhere", exit_code=2)
    key = held.read(uri, secret)
    key.sign(b"openness-ledger: a key that is held elsewhere signs\n")
    files.write_public(out, key.public)
    return key.public.keyid, key.public.scheme


def profiles() -> list[dict[str, Any]]:
    """The profiles that come with the product."""
    return [
        {"id": i.id, "kind": i.kind, "name": i.title, "body": i.body, "date": i.date, "url": i.url, "digest": str(i.digest)}
        for i in all_profiles()
    ]


def profile(id: str) -> dict[str, Any]:
    """One profile with its rules. Raises LedgerError LG1001, LG1002."""
    i = load_profile(id)
    return {
        "id": i.id,
        "name": i.title,
        "body": i.body,
        "date": i.date,
        "url": i.url,
        "citation": i.citation,
        "summary": i.summary,
        "encodes": [{"what": what, "digest": digest} for what, digest in i.encodes],
        "oracle": i.oracle,
        "own": i.own,
        "conclusion": {"text": i.conclusion.text, "source": i.conclusion.source, "ladder": list(ladder(i))},
        "digest": str(i.digest),
        "rules": [{"id": rule.id, "text": rule.text, "source": rule.source} for rule in i.rules],
        "policy": dict(i.policy),
    }
