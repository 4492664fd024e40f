"""Verification of a whole ledger in numbered checks, L1 to L14 (docs/spec/verification.md).

Every file is read; a changed byte is found and its file named. `deep` derives every table row again from the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.log.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint
from ledger.log.cosignature import cosigners
from ledger.merkle.tree import EMPTY_ROOT, range_hash
from ledger.pause import uncollected
from ledger.spec.report import Check, not_checked, outcome
from ledger.store._generated import COLUMNS
from ledger.store.crew import Crew, damaged_objects, worker_count
from ledger.store.foldcheck import Fold, attestation_problems, fold_entries
from ledger.store.fs import read_file
from ledger.store.layout import Config, Layout, read_config
from ledger.store.logcheck import LogState, check_log
from ledger.store.memory import recall
from ledger.store.reader import Reader
from ledger.store.rowcheck import row_problems
from ledger.store.stamps import time_of

TITLES = {
    "L1": "ledger.toml",
    "L2": "checkpoint signed by the log key",
    "L3": "consistent with what was seen before",
    "L4": "tiles and entry bundles",
    "L5": "objects",
    "L6": "entries, envelopes and schemas",
    "L7": "signatures by keys trusted at their index",
    "L8": "names and references",
    "L9": "table segments",
    "L10": "table rows derived again",
    "L11": "local state",
    "L12": "witness quorum",
    "L13": "attestations",
    "L14": "time",
}
DAMAGED = "an entry before it is damaged"
StateCheck = Callable[[Layout], list[str]]


@dataclass(slots=True)
class LedgerReport:
    """The size and root that the checks are about, and the checks."""

    size: int = 0
    root: str = ""
    checks: list[Check] = field(default_factory=list)

    def add(self, id: str, problems: Sequence[str], good: str) -> None:
        """Add one outcome."""
        self.checks.append(outcome(id, TITLES[id], problems, good))

    def skip(self, id: str, why: str) -> None:
        """Add one check that was not made."""
        self.checks.append(not_checked(id, TITLES[id], why))


def verify_ledger(
    root: Path,
    *,
    deep: bool = False,
    state_checks: Sequence[StateCheck] = (),
    authorities: Sequence[Any] = (),
    now: int | None = None,
    workers: int | None = None,
) -> LedgerReport:
    """Verify the ledger in a folder.

    Args:
        root: the ledger's folder.
        deep: derive every row of the tables again.
        state_checks: further checks of the local state, from rooms that keep files there.
        authorities: root certificates of time-stamping authorities.
        now: the verifier's clock, POSIX seconds; a timestamp from the future proves no time.
        workers: how many worker processes; by default none for a small log, and one for each core for a large one.

    Raises:
        LedgerError: LG0601, LG0603 when there is no ledger that could be verified; LG0210 when a worker process ends early, LG0606
            when a folder of `objects/` cannot be read.
    """
    report = LedgerReport()
    layout = Layout(root)
    try:
        config = read_config(layout)
        reader = Reader(root)
        head = _checkpoint(reader, report)
    except LedgerError as error:
        if error.code in {"LG0601", "LG0603"}:
            raise
        report.add("L1" if error.code == "LG0611" else "L2", [error.message], "")
        _skip_rest(report, "the checks before it failed")
        return report
    with uncollected(), Crew(reader.layout, reader.objects, worker_count(head.checkpoint.size) if workers is None else workers) as crew:
        log = check_log(reader, head.checkpoint)
        fold = fold_entries(reader, log, crew, rows=deep)
        damaged = damaged_objects(reader.layout, fold.sound, crew)
    report.checks.insert(0, _config_check(config, fold))
    _seen_check(report, reader, head)
    left = f", {log.leftovers} uncommitted files left by a writer that ended early" if log.leftovers else ""
    report.add("L4", log.problems, f"every byte is what the checkpoint commits to{left}")
    report.add("L5", [f"`objects/{path}`: its bytes do not have the digest in its name" for path in damaged], "every object has its digest")
    _entry_checks(report, log, fold)
    _table_checks(report, reader, head.checkpoint, fold, log, deep)
    problems = _state_problems(layout) + [text for check in state_checks for text in check(layout)]
    report.add("L11", problems, "as written")
    _witness_check(report, config, head)
    if log.leaves is not None and fold.whole:
        said = f"{len(fold.attestations)} rest on a release, evidence and a root that the log had"
        report.add("L13", attestation_problems(reader, fold, log), said)
    else:
        report.skip("L13", DAMAGED)
    found = time_of(reader, head, authorities, now)
    if found.skipped:
        report.skip("L14", found.skipped)
    else:
        report.add("L14", found.problems, found.good)
    return report


def _witness_check(report: LedgerReport, config: Config, head: SignedCheckpoint) -> None:
    policy = config.policy
    try:
        there = cosigners(head.note, policy.keys)
    except LedgerError as error:
        report.add("L12", [error.message], "")
        return
    words = policy.words(there)
    if policy.quorum is None:
        report.skip("L12", f"no witness policy asks for anybody: one operator's word for the log's history; {words}")
    else:
        report.add("L12", [] if policy.satisfied(there) else [words], words)


def _skip_rest(report: LedgerReport, why: str) -> None:
    done = {check.id for check in report.checks}
    for id in TITLES:
        if id not in done:
            report.skip(id, why)


def _shown(layout: Layout, path: Path) -> str:
    return str(path.relative_to(layout.root))


def _checkpoint(reader: Reader, report: LedgerReport) -> SignedCheckpoint:
    head = reader.head()
    report.size, report.root = head.checkpoint.size, head.checkpoint.root.hex()
    note_bytes = read_file(reader.layout.checkpoint)
    problems = [] if note_bytes == head.to_bytes() else ["`log/checkpoint` is not the canonical form of its note"]
    report.add("L2", problems, f"size {head.checkpoint.size}, root {report.root}")
    return head


def _config_check(config: Config, fold: Fold) -> Check:
    roots = fold.index.trust.roots
    if roots is None:
        return not_checked("L1", TITLES["L1"], "there is no first entry that states the roots")
    same = roots.threshold == config.threshold and tuple(key.pem for key in roots.public_keys) == config.root_pems
    problems = [] if same else ["`ledger.toml`: [roots] are not those of the first entry"]
    return outcome("L1", TITLES["L1"], problems, "agrees with the first entry")


def _seen_check(report: LedgerReport, reader: Reader, head: SignedCheckpoint) -> None:
    problems: list[str] = []
    both = {"state/checkpoint": _signed_here(reader, problems), "this machine's memory": recall(reader.config.log_key)}
    seen = {where: item.checkpoint for where, item in both.items() if item is not None}
    if not seen and not problems:
        report.skip("L3", "this machine has seen no checkpoint of this log, so there is nothing to compare with")
        return
    problems += _seen_problems(reader, head, seen)
    report.add("L3", problems, "extends every checkpoint that this machine has seen")


def _seen_problems(reader: Reader, head: SignedCheckpoint, seen: Mapping[str, Checkpoint]) -> list[str]:
    problems: list[str] = []
    for where, old in seen.items():
        if where == "state/checkpoint" and _half_done(reader, old, head.checkpoint):
            continue
        if old.size > head.checkpoint.size:
            problems.append(f"`log/checkpoint` has size {head.checkpoint.size}, {where} has {old.size}")
            continue
        try:
            root = EMPTY_ROOT if old.size == 0 else range_hash(reader.tree(head.checkpoint.size).node, 0, old.size)
        except LedgerError as error:
            problems.append(error.message)
            continue
        if root != old.root:
            problems.append(f"the first {old.size} entries are not those of {where}")
    return problems


def _half_done(reader: Reader, signed: Checkpoint, head: Checkpoint) -> bool:
    """Whether a writer ended between signing a checkpoint and publishing it: no damage, the next writer publishes it."""
    if signed.size <= head.size:
        return False
    try:
        tree = reader.tree(signed.size)
        before = EMPTY_ROOT if head.size == 0 else range_hash(tree.node, 0, head.size)
        return tree.root() == signed.root and before == head.root
    except LedgerError:
        return False


def _signed_here(reader: Reader, problems: list[str]) -> SignedCheckpoint | None:
    data = read_file(reader.layout.signed)
    if data is None:
        return None
    try:
        signed = open_checkpoint(data, reader.config.log_key, what="`state/checkpoint`")
    except LedgerError as error:
        problems.append(error.message)
        return None
    if signed.to_bytes() != data:
        problems.append("`state/checkpoint` is not the canonical form of its note")
    return signed


def _entry_checks(report: LedgerReport, log: LogState, fold: Fold) -> None:
    if log.leaves is None:
        for id in ("L6", "L7", "L8"):
            report.skip(id, "the entry bundles are damaged")
        return
    report.add("L6", fold.entries, f"{len(log.leaves)} entries hold what the log commits to")
    for id, problems, good in (
        ("L7", fold.signatures, "every statement is signed by a key that was trusted for it at its index"),
        ("L8", fold.names, "every name and version names one id; every input and component was recorded before"),
    ):
        if problems or fold.whole:
            report.add(id, problems, good)
        else:
            report.skip(id, DAMAGED)


def _table_checks(report: LedgerReport, reader: Reader, checkpoint: Checkpoint, fold: Fold, log: LogState, deep: bool) -> None:
    problems = []
    for table in COLUMNS:
        for segment in reader.segments.listed(table):
            data = read_file(segment.path)
            if data is not None and hashlib.sha256(data).hexdigest()[:16] != segment.hex16:
                problems.append(f"`{_shown(reader.layout, segment.path)}` does not have the digest in its name")
        try:
            reader.segments.in_force(table, checkpoint.size)
        except LedgerError as error:
            problems.append(error.message)
    report.add("L9", problems, f"the segments of {len(COLUMNS)} tables reach size {checkpoint.size} and have the digests in their names")
    if not deep:
        report.skip("L10", "--deep derives every row again")
    elif problems or log.leaves is None or not fold.whole:
        report.skip("L10", "the checks before it failed")
    else:
        report.add("L10", row_problems(reader, checkpoint.size, fold.projection, fold.claims), "every row follows from the log")


def _state_problems(layout: Layout) -> list[str]:
    problems = []
    if read_file(layout.lock):
        problems.append("`state/lock` is not empty")
    sums = read_file(layout.keys / "SHA256SUMS")
    listed: dict[str, str] = {}
    for line in (sums or b"").decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        if not name or "/" in name or name in (".", ".."):
            problems.append("`state/keys/SHA256SUMS` is not as it was written")
        else:
            listed[name] = digest
    names = {path.name for path in layout.keys.iterdir()} - {"SHA256SUMS"} if layout.keys.is_dir() else set()
    for name in sorted(names | set(listed)):
        data = read_file(layout.keys / name)
        if data is None or hashlib.sha256(data).hexdigest() != listed.get(name):
            problems.append(f"`state/keys/{ascii(name)[1:-1]}` is not what `state/keys/SHA256SUMS` says")
    wanted = "".join(f"{listed[name]}  {name}\n" for name in sorted(listed))
    if sums is not None and wanted.encode("utf-8", "replace") != sums:
        problems.append("`state/keys/SHA256SUMS` is not as it was written")
    return problems
