"""Verifies a model signature of anybody's, offline, in numbered checks O1 to O9 (docs/spec/verification.md).

Stricter than the format asks for where a reader would otherwise trust what nobody signed: files that the signature leaves out are listed
and, unless the verifier has named them, a failure. What could not be looked at is `not_checked`, and never a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger.errors import LedgerError
from ledger.hashing.names import check_path, fold
from ledger.hashing.parts import Part
from ledger.signing.certificates import Signer, check_chain
from ledger.signing.model_bundle import ModelBundle, parse
from ledger.signing.model_keys import ModelKey
from ledger.spec import model_signature as oms
from ledger.spec.model_signature import ModelStatement, shown
from ledger.spec.report import FAIL, NOT_CHECKED, Check, not_checked, outcome

TITLES = {
    "O1": "the bundle",
    "O2": "who signed",
    "O3": "the signature",
    "O4": "the statement",
    "O5": "the list of files",
    "O6": "files that are listed",
    "O7": "files that are not listed",
    "O8": "files that are hidden",
    "O9": "time",
}


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the verifier brings: a public key, or the roots of certificates, or nothing."""

    key: ModelKey | None = None
    roots: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Disk:
    """The files of a model on disk.

    Attributes:
        base: the base name of a model that is one file; empty for a folder.
        files: path → its parts (with shards) or its one part.
        bundle: the path in the folder at which the bundle itself lies, if it does.
    """

    base: str
    files: Mapping[str, Sequence[Part]]
    bundle: str | None = None


Look = Callable[[ModelStatement], Disk]
"""Hashes the model as a statement asks; raises the LedgerErrors of hashing, and LG1303 when what it needs is not installed."""


@dataclass(slots=True)
class ModelReport:
    """What was found.

    Attributes:
        signer: `{"keyid"}` of a key, or `{"subject", "certificate", "keyid"}`; empty while nobody is known to have signed.
        missing, changed, extra, hidden, ignored: paths of files. `hidden`: not covered, and no file that the verifier named; `ignored`:
            not covered, and named by the verifier.
    """

    checks: list[Check] = field(default_factory=list)
    bundle: ModelBundle | None = None
    statement: ModelStatement | None = None
    signer: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Check]:
        """The checks that failed."""
        return [item for item in self.checks if item.result == FAIL]

    @property
    def untold(self) -> list[Check]:
        """The checks that could not be made; O9, which nobody can make, is not among them."""
        return [item for item in self.checks if item.result == NOT_CHECKED and item.id != "O9"]

    def error(self) -> LedgerError | None:
        """What a command ends with: LG1302 for a check that failed, LG1303 for one that could not be made, None when all hold."""
        known = "give --ignore PATH for what you know and need not have covered" if [item.id for item in self.failed] == ["O8"] else None
        for code, found, how in (("LG1302", self.failed, "failed"), ("LG1303", self.untold, "could not be made")):
            if found:
                return LedgerError(code, f"check {found[0].id} {how}: {found[0].detail}", check=found[0].id, hint=known)
        return None

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        said = self.statement
        model = None if said is None else {"name": said.name, "root": said.root, "files": len(said.paths()), "hash_type": said.hash_type}
        if model is not None and said is not None:
            model["method"] = "files" if said.shard_size is None else f"shards of {said.shard_size} bytes"
        return {
            "checks": [item.to_json() for item in self.checks],
            "method": self.bundle.method if self.bundle else None,
            "signer": dict(self.signer) or None,
            "model": model,
            **{name: getattr(self, name) for name in ("missing", "changed", "extra", "hidden", "ignored")},
        }

    def add(self, id: str, problems: Sequence[str], good: str) -> None:
        """A check that was made."""
        self.checks.append(outcome(id, TITLES[id], problems, good))

    def skip(self, ids: Iterable[str], why: str) -> None:
        """Checks that were not made."""
        self.checks += [not_checked(id, TITLES[id], why) for id in ids]


def verify(data: bytes, trusted: Trusted, look: Look, ignore: Sequence[str], now: datetime) -> ModelReport:
    """Verify a bundle against what the verifier trusts and what is on disk.

    Args:
        look: is asked at most once, and only when the signature does not fail and the list makes sense.
        ignore: paths in the model that may be there without being covered.
        now: the time at which certificates must be valid.

    Raises:
        LedgerError: LG0201 when there is no model.
    """
    report = ModelReport()
    try:
        bundle = report.bundle = parse(data)
    except LedgerError as error:
        report.add("O1", [error.message], "")
        report.skip(("O2", "O3", "O4", "O5", "O6", "O7", "O8"), "the bundle cannot be read")
        return _with_time(report)
    report.add("O1", [], f"a Sigstore bundle v0.3 of method `{bundle.method}` with one signature")
    _who(report, bundle, trusted, now)
    _what(report, bundle)
    if report.failed or report.statement is None:
        report.skip(("O6", "O7", "O8"), "what the signature says is not to be relied on")
    else:
        _files(report, report.statement, look, ignore)
    return _with_time(report)


def _with_time(report: ModelReport) -> ModelReport:
    entries = report.bundle.log_entries if report.bundle else 0
    beside = f"; {entries} transparency log entries in the bundle were not looked at" if entries else ""
    report.skip(("O9",), f"nothing that was checked proves when it was signed{beside}")
    return report


def _who(report: ModelReport, bundle: ModelBundle, trusted: Trusted, now: datetime) -> None:
    """O2 and O3."""
    if trusted.key is None and not trusted.roots and bundle.method != "sigstore":
        report.skip(("O2", "O3"), "no public key and no certificate roots were given")
        return
    if bundle.method == "sigstore" and trusted.key is None:
        why = "it was signed with a short-lived Sigstore identity; checking that needs Sigstore's roots and its log, which is not built in"
        report.skip(("O2", "O3"), why)
        return
    try:
        key = _signer(report, bundle, trusted, now)
    except LedgerError as error:
        report.add("O2", [error.message], "")
        report.skip(("O3",), "nobody is known whose signature it could be")
        return
    problems = [] if key.verifies(bundle.signature, bundle.message) else [f"it is not a signature of key {key.keyid} over the statement"]
    report.add("O3", problems, "over the exact bytes of the statement")
    if problems:
        report.signer = {}


def _signer(report: ModelReport, bundle: ModelBundle, trusted: Trusted, now: datetime) -> ModelKey:
    """Whose signature it has to be; adds O2. Raises LedgerError when the bundle and what the verifier brings do not go together."""
    if bundle.method == "key":
        if trusted.key is None:
            raise LedgerError("LG1302", "it was signed with a key, and certificate roots were given")
        if not bundle.names(trusted.key):
            raise LedgerError("LG1302", f"it names another key than the one given, {trusted.key.keyid}")
        report.signer = {"keyid": trusted.key.keyid}
        named = "which it names" if bundle.hint or bundle.raw_key else "and it names none"
        report.add("O2", [], f"the key given, {trusted.key.keyid}, {named}")
        return trusted.key
    if not trusted.roots or bundle.method == "sigstore":
        raise LedgerError("LG1302", f"it was signed with a certificate (method `{bundle.method}`), and a public key was given")
    signer: Signer = check_chain(bundle.certificates, trusted.roots, now)
    report.signer = {"subject": signer.subject, "certificate": f"sha256:{signer.fingerprint}", "keyid": signer.key.keyid}
    report.add("O2", [], f"`{signer.subject}`, by a chain to a root given; nobody was asked whether the certificate was revoked")
    return signer.key


def _what(report: ModelReport, bundle: ModelBundle) -> None:
    """O4 and O5."""
    try:
        said = oms.parse(bundle.payload)
    except LedgerError as error:
        report.add("O4", [error.message], "")
        report.skip(("O5",), "there is no statement")
        return
    report.statement = said
    report.add("O4", [], f"a model signature v1.0 of `{shown(said.name)}`; that name proves nothing")
    problems = [*_bad_names(said), *oms.bad_shards(said)]
    if not oms.in_order(said):
        problems.append("the files are not in order, or one is there twice")
    if oms.root_of(said.resources) != said.root:
        problems.append("the digest of the model is not that of the list")
    report.add("O5", problems, f"{len(said.paths())} files, root {said.root}")


def _bad_names(said: ModelStatement) -> list[str]:
    found, seen = [], dict[str, str]()
    paths = said.paths()
    if list(paths) == [oms.WHOLE]:
        return []
    for path in paths:
        try:
            check_path(path.encode("utf-8"))
        except LedgerError as error:
            found.append(error.message)
        first = seen.setdefault(fold(path), path)
        if first != path:
            found.append(f"`{shown(first)}` and `{shown(path)}` differ only in case or Unicode form")
    return found


def _files(report: ModelReport, said: ModelStatement, look: Look, ignore: Sequence[str]) -> None:
    """O6, O7 and O8."""
    try:
        disk = look(said)
    except LedgerError as error:
        if error.code == "LG0201":
            raise
        if error.code == "LG1303":
            report.skip(("O6", "O7", "O8"), error.message)
        else:
            report.skip(("O6",), "the files could not be read")
            report.add("O7", [error.message], "")
            report.skip(("O8",), "the files could not be read")
        return
    wanted = said.paths()
    if disk.base and len(wanted) == 1 and next(iter(wanted)) in (oms.WHOLE, disk.base):
        wanted = {disk.base: next(iter(wanted.values()))}
    here = disk.files
    report.missing = sorted(set(wanted) - set(here))
    report.changed = sorted(path for path in set(wanted) & set(here) if not _same(wanted[path], here[path]))
    for path in sorted(set(here) - set(wanted) - {disk.bundle}):
        _uncovered(report, said, path, here[path], ignore)
    problems = [f"`{shown(path)}` is not there" for path in report.missing] + [f"`{shown(path)}` is another" for path in report.changed]
    report.add("O6", problems, f"all {len(wanted)} are there, byte for byte")
    report.add("O7", [f"`{shown(path)}` is not covered by the signature" for path in report.extra], "there are none")
    good = "there are none" if not report.ignored else f"none but what you asked to ignore: {len(report.ignored)}"
    report.add("O8", [f"`{shown(path)}` is left out by the signature" for path in report.hidden], good)


def _same(wanted: Sequence[oms.Resource], here: Sequence[Part]) -> bool:
    if len(wanted) == 1 and wanted[0].end is None:
        return len(here) == 1 and wanted[0].digest == here[0][2]
    return [(item.start, item.end, item.digest) for item in wanted] == list(here)


def _uncovered(report: ModelReport, said: ModelStatement, path: str, parts: Sequence[Part], ignore: Sequence[str]) -> None:
    """A file that the signature says nothing about: named by the verifier, left out by the signature, or put there."""
    empty = said.shard_size is not None and not parts
    if oms.is_below(path, ignore):
        report.ignored.append(path)
    elif empty or oms.is_below(path, (*oms.ALWAYS_IGNORED, *said.ignore_paths)):
        report.hidden.append(path)
    else:
        report.extra.append(path)
