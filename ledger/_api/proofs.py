"""C2SP tlog-proof files: one entry's place in the log, made and verified in numbered checks P1 to P6 (docs/spec/verification.md)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger._api.inputs import read_input
from ledger._api.outputs import Output
from ledger._api.standalone import accepted_keys, read_policy
from ledger.attest import trail
from ledger.attest.trail import Found, Trail
from ledger.clock import SystemClock
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.log.checkpoint import SignedCheckpoint, open_checkpoint
from ledger.log.leaf import Leaf, parse_leaf
from ledger.log.note import parse_note
from ledger.log.proof import TlogProof, parse_proof
from ledger.merkle.proof import check_inclusion
from ledger.merkle.tree import leaf_hash
from ledger.spec.report import FAIL, Check, not_checked, outcome
from ledger.store.reader import Reader

PathLike = str | os.PathLike[str]
TITLES = {
    "P1": "form of the proof",
    "P2": "checkpoint signed by the log key",
    "P3": "inclusion of the entry at its index",
    "P4": "leaf record",
    "P5": "witness quorum",
    "P6": "time",
}


@dataclass(slots=True)
class ProofReport:
    """The checks, and the entry that is proved (to be believed only if no check failed)."""

    checks: list[Check] = field(default_factory=list)
    index: int | None = None
    leaf: Leaf | None = None
    origin: str | None = None
    size: int | None = None

    @property
    def failed(self) -> list[Check]:
        """The checks that do not hold."""
        return [check for check in self.checks if check.result == FAIL]

    def add(self, id: str, found: Found) -> bool:
        """Add one outcome; whether it passed."""
        if found.skipped:
            self.checks.append(not_checked(id, TITLES[id], found.skipped))
            return False
        self.checks.append(outcome(id, TITLES[id], found.problems, found.good))
        return not found.problems

    def skip_rest(self, why: str) -> ProofReport:
        """The checks that are not made any more."""
        done = {check.id for check in self.checks}
        self.checks.extend(not_checked(id, TITLES[id], why) for id in TITLES if id not in done)
        return self

    def entry(self) -> dict[str, Any] | None:
        """What the leaf record says."""
        if self.leaf is None or self.failed:
            return None
        leaf = self.leaf
        return {"kind": leaf.kind, "payload": leaf.payload, "envelope": leaf.envelope, "subjects": list(leaf.subjects), "time": leaf.time}


def write_proof(store: Reader, index: int, out: PathLike) -> int:
    """Write the tlog-proof of an entry, with its leaf record in the `extra` line; returns the size that it leads to.

    Raises:
        LedgerError: LG0704 when there is no such entry, LG1103.
    """
    signed = store.head()
    size = signed.checkpoint.size
    if not 0 <= index < size:
        raise LedgerError("LG0704", f"there is no entry {index}: the log has {size}")
    tree = store.tree(size)
    leaf = next(data for _, data in tree.entries(index, index + 1))
    proof = TlogProof(index, tuple(tree.inclusion(index)), signed.to_bytes(), leaf)
    with Output(Path(out)) as file:
        file.write(proof.to_text().encode("utf-8"))
    return size


def verify_proof_file(file: PathLike, log_key: str | None, policy: PathLike | None = None, entry: PathLike | None = None) -> ProofReport:
    """Verify a tlog-proof, offline.

    Args:
        entry: the logged bytes, for a proof that does not carry them.

    Raises:
        LedgerError: LG0201 when a file cannot be read, LG0501, LG0509 for a key or policy that is none.
    """
    rules = read_policy(policy) if policy is not None else None
    keys = accepted_keys(log_key, rules)
    report = ProofReport()
    data = read_input(Path(file), LIMITS.note_bytes, "the proof")
    try:
        proof = parse_proof(data.decode("utf-8"), what="the proof")
        note = parse_note(proof.checkpoint, what="the proof's checkpoint")
    except (LedgerError, UnicodeDecodeError) as error:
        report.add("P1", Found((str(error),)))
        return report.skip_rest("the form of the proof is wrong")
    report.add("P1", Found(good=f"entry {proof.index} with {len(proof.hashes)} hashes"))
    try:
        signed = open_checkpoint(proof.checkpoint, trail.chosen_key(keys, note), what="the proof's checkpoint")
    except LedgerError as error:
        report.add("P2", Found((error.message,)))
        return report.skip_rest("without a signed checkpoint nothing else means anything")
    report.add("P2", Found(good=f"{signed.checkpoint.origin}, size {signed.checkpoint.size}"))
    leaf = read_input(Path(entry), LIMITS.note_bytes, "the entry") if entry is not None else proof.extra
    _included(report, proof, signed, leaf)
    brought = Trail(rules, None, None, int(SystemClock().now().timestamp()))
    report.add("P5", trail.witnesses(signed.note, brought))
    report.add("P6", trail.time(signed.note, (), brought, report.leaf.time if report.leaf else "nothing"))
    return report


def _included(report: ProofReport, proof: TlogProof, signed: SignedCheckpoint, leaf: bytes | None) -> None:
    if leaf is None:
        why = "the proof does not carry the entry, and no --entry FILE was given"
        report.add("P3", Found(skipped=why))
        report.add("P4", Found(skipped=why))
        return
    checkpoint = signed.checkpoint
    try:
        check_inclusion(proof.index, checkpoint.size, leaf_hash(leaf), proof.hashes, checkpoint.root)
    except LedgerError as error:
        report.add("P3", Found((error.message,)))
        report.add("P4", Found(skipped="it is not in the log"))
        return
    report.add("P3", Found(good=f"it is entry {proof.index} of {checkpoint.size}"))
    report.index, report.origin, report.size = proof.index, checkpoint.origin, checkpoint.size
    try:
        report.leaf = parse_leaf(leaf, what=f"entry {proof.index}")
    except LedgerError:
        report.add("P4", Found(skipped="the entry is of another log's format: that it is logged is proved, what it says is not looked at"))
        return
    many = len(report.leaf.subjects)
    report.add("P4", Found(good=f"{report.leaf.kind} statement {report.leaf.payload[:19]}…, {many} subject{'s' * (many != 1)}"))
