"""Making an attestation: evaluate, sign, log, and pack it with its proofs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ledger._api.resolve import resolve_release
from ledger._api.results import Attested
from ledger.attest.attestation import attestation_statement, predicate, same_verdicts
from ledger.attest.bundle import write_bundle
from ledger.errors import LedgerError
from ledger.log.checkpoint import Checkpoint
from ledger.log.proof import TlogProof
from ledger.merkle.tree import consistency_path
from ledger.signing.keys import PrivateKey
from ledger.spec.attested import closure, walk
from ledger.spec.coherence import problems
from ledger.spec.statement import Statement
from ledger.store.commit import Draft, Store
from ledger.store.index import Index


def attest(store: Store, text: str, profiles: Sequence[str], key: PrivateKey, log_key: PrivateKey) -> Attested:
    """Evaluate the profiles over a release as the ledger stands, log the attestation, and make its bundle.

    The same verdicts on the same evidence are logged once; the bundle is made anew, with proofs to the newest checkpoint.

    Raises:
        LedgerError: LG0901, LG0902, LG1102 for the reference, LG1001, LG1002 for profiles, LG0408 for the key, LG0616 when the
            evidence is such that no verifier would accept it.
    """

    def build(draft: Draft) -> tuple[int, bool]:
        # The published size: a batch-mate's entry has no proof yet.
        size = store.head().checkpoint.size
        release = resolve_release(draft.index, text)
        assert release.index is not None
        if release.index >= size:
            raise LedgerError("LG0901", f"`{text}` is being recorded at this moment", hint="attest again when it is published")
        evidence = gather(store, release.index, size)
        check(release.index, evidence)
        before = previous(store, release.id, size, key.public.keyid)
        checkpoint = Checkpoint(store.config.origin, size, store.tree(size).root())
        said = predicate(release.index, evidence, checkpoint, profiles)
        if before is not None and same_verdicts(before[1].predicate, said):
            return before[0], True
        return draft.add(attestation_statement(said, evidence[release.index]), [key]).index, False

    index, existing = store.append(build, log_key)
    return bundle_of(store, index, existing)


def gather(store: Store, release_index: int, size: int) -> dict[int, Statement]:
    """The statements that verdicts over a release rest on."""
    found: dict[int, Statement] = {}

    def at(index: int) -> Statement:
        if index not in found:
            found[index] = store.one(index, size).statement
        return found[index]

    return {index: at(index) for index in closure(release_index, at)}


def check(release_index: int, evidence: Mapping[int, Statement]) -> None:
    """Refuse to sign verdicts over statements that do not agree with themselves or each other. Raises LedgerError LG0616."""
    _, wrong = walk(release_index, evidence.get)
    wrong += [f"entry {index}: {text}" for index, item in evidence.items() for text in problems(item)]
    if wrong:
        raise LedgerError("LG0616", f"the evidence of the release does not hold: {wrong[0]}", hint="ledger verify --deep")


def previous(store: Store, release_id: str, size: int, keyid: str) -> tuple[int, Statement] | None:
    """The newest attestation of a release by this key, if any."""
    newest = [row["idx"] for row in store.rows("entries", size, ("idx", "kind")) if row["kind"] == "attestation"]
    for index in reversed(newest):
        entry = store.one(index, size)
        if entry.statement.predicate["release"]["id"] == release_id and keyid in entry.leaf.keyids:
            return index, entry.statement
    return None


def bundle_of(store: Store, index: int, existing: bool) -> Attested:
    """The bundle of a logged attestation, with proofs to the published checkpoint."""
    head = store.head()
    size = head.checkpoint.size
    tree = store.tree(size)
    said = store.one(index, size).statement.predicate
    wanted = {item["index"] for item in said["statements"]} | set(_key_entries(store, size, index))
    order = [index, *sorted(wanted)]
    entries = [store.one(number, size) for number in order]
    envelopes = [store.objects.get(entry.leaf.envelope) for entry in entries]
    proofs = [TlogProof(entry.index, tuple(tree.inclusion(entry.index)), head.to_bytes(), entry.leaf_bytes) for entry in entries]
    seen = said["checkpoint"]["size"]
    # An attestation that somebody else signed may name a size that never was: then there is no proof, and no verifier accepts it.
    consistency = consistency_path(tree.node, seen, size) if seen <= size else []
    data = write_bundle(envelopes[0], envelopes[1:], proofs, head.to_bytes(), consistency, _keys(store.index(index)))
    verdicts: list[dict[str, Any]] = said["verdicts"]
    return Attested(index, existing, data, tuple(verdicts), tuple(said["licenses"]), said["lineage"], said["checkpoint"]["size"])


def _key_entries(store: Store, size: int, before: int) -> list[int]:
    return [row["idx"] for row in store.rows("keys", size, ("idx",)) if row["idx"] < before]


def _keys(index: Index) -> list[dict[str, str]]:
    found = [{"keyid": keyid, "scheme": item.public.scheme, "public": item.public.pem} for keyid, item in index.trust.keys.items()]
    return sorted(found, key=lambda item: item["keyid"])


def write_out(found: Attested, path: Path) -> Attested:
    """Write a bundle in one step. Raises LedgerError LG1103."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(found.bundle)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        message = f"cannot write `{path}`: {error.strerror}; the attestation is in the log as entry {found.index}"
        raise LedgerError("LG1103", message) from None
    return replace(found, path=path)
