"""Following a log: what it shows now against what this machine has seen, in numbered checks F1 to F4 (docs/spec/verification.md).

What does not fit is kept as evidence that needs no trust in whoever shows it: both signed checkpoints, and where the trees differ, the
hashes that prove it.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger import canon
from ledger._api.remote import RemoteLog
from ledger.clock import Clock, SystemClock, to_rfc3339
from ledger.errors import LedgerError
from ledger.log.checkpoint import SignedCheckpoint
from ledger.log.cosignature import cosigners
from ledger.log.leaf import parse_leaf
from ledger.log.note import VerifierKey, parse_vkey
from ledger.log.policy import Policy
from ledger.log.tiles import TiledTree
from ledger.merkle.proof import check_consistency
from ledger.merkle.tree import EMPTY_ROOT, consistency_path, leaf_hash, node_hash, range_hash
from ledger.spec.report import FAIL, Check, not_checked, outcome
from ledger.store.memory import recall, remember, state_home

EVIDENCE_TYPE = "application/vnd.openness-ledger.evidence.v1+json"
TITLES = {
    "F1": "checkpoint signed by the log key",
    "F2": "witness quorum",
    "F3": "consistent with the last checkpoint seen",
    "F4": "every new entry is served and is in the tree",
}
SPLIT_VIEW, ROLLBACK, TRUNCATION = "split-view", "rollback", "truncation"


@dataclass(slots=True)
class Followed:
    """What was found.

    Attributes:
        seen: the size that this machine had seen before; 0 at first contact.
        entries: the new entries: index, kind, time, subjects.
        evidence: where the proof of misbehaviour was kept.
    """

    origin: str
    seen: int = 0
    size: int | None = None
    root: str | None = None
    checks: list[Check] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    evidence: Path | None = None
    misbehaviour: str | None = None

    @property
    def failed(self) -> list[Check]:
        """The checks that do not hold."""
        return [check for check in self.checks if check.result == FAIL]

    def add(self, id: str, problems: list[str], good: str) -> bool:
        """Add one outcome; whether it passed."""
        self.checks.append(outcome(id, TITLES[id], problems, good))
        return not problems

    def skip(self, *ids: str, why: str) -> None:
        """Add checks that were not made."""
        self.checks.extend(not_checked(id, TITLES[id], why) for id in ids)


def follow(
    place: str | os.PathLike[str],
    log_key: str,
    policy: Policy | None = None,
    *,
    clock: Clock | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Followed:
    """Look at a log, compare it with the last checkpoint that this machine has seen, and remember it if everything holds.

    Args:
        place: URL or folder of the published ledger.
        log_key: the log's verifier key.
        policy: whose cosignatures are needed; without one F2 is not checked.
        progress: told (entries done, entries to do).

    Raises:
        LedgerError: LG0501 for a key that is none; LG0511, LG0606 when the log cannot be read: nothing is known then.
    """
    key = parse_vkey(log_key)
    remote = RemoteLog(place)
    seen = recall(key)
    report = Followed(key.name, seen.checkpoint.size if seen else 0)
    try:
        shown = remote.head(key)
    except LedgerError as error:
        if error.code in {"LG0511", "LG0606"}:
            raise
        report.add("F1", [error.message], "")
        report.skip("F2", "F3", "F4", why="without a signed checkpoint nothing else means anything")
        return report
    report.size, report.root = shown.checkpoint.size, shown.checkpoint.root.hex()
    report.add("F1", [], f"{key.name}, size {report.size}")
    witnessed(report, shown, policy)
    tree = remote.tree(report.size)
    found = _consistency(report, seen, shown, tree)
    if found is None:
        found = _new_entries(report, seen, shown, tree, progress)
    if found is not None:
        report.misbehaviour, proof = found
        report.evidence = _keep(report, key, seen, shown, proof, os.fspath(place), clock or SystemClock())
    elif not report.failed:
        remember(key, shown)
    return report


def witnessed(report: Any, shown: SignedCheckpoint, policy: Policy | None) -> None:
    """F2, and B12 of a bundle: whether a quorum has cosigned."""
    if policy is None or policy.quorum is None:
        report.skip("F2", why="no witness policy was given: one operator's word for the log's history")
        return
    try:
        there = cosigners(shown.note, policy.keys)
    except LedgerError as error:
        report.add("F2", [error.message], "")
        return
    report.add("F2", [] if policy.satisfied(there) else [policy.words(there)], policy.words(there))


Misbehaviour = tuple[str, dict[str, Any]]


def _consistency(report: Followed, seen: SignedCheckpoint | None, shown: SignedCheckpoint, tree: TiledTree) -> Misbehaviour | None:
    new = shown.checkpoint
    if seen is None or seen.checkpoint.size == 0:
        report.skip("F3", why="this machine sees the log for the first time: from now on it remembers")
        return None
    old = seen.checkpoint
    if new.size < old.size:
        report.add("F3", [f"it shows {new.size} entries, and has shown {old.size} before: a rollback"], "")
        return ROLLBACK, {}
    if new.size == old.size:
        same = new.root == old.root
        report.add("F3", [] if same else [f"it shows another root of size {new.size} than before: a split view"], "nothing new")
        return None if same else (SPLIT_VIEW, {})
    try:
        prefix = range_hash(tree.node, 0, old.size)
        path = consistency_path(tree.node, old.size, new.size)
        check_consistency(old.size, new.size, prefix, new.root, path)
    except LedgerError as error:
        if error.code not in {"LG0504", "LG0506"}:
            raise
        report.add("F3", [f"what is served is not what its checkpoint commits to: {error.message}"], "")
        return TRUNCATION, {}
    if prefix != old.root:
        report.add("F3", [f"its first {old.size} entries are not those that it showed before: a split view"], "")
        return SPLIT_VIEW, {"prefix": prefix, "path": path}
    report.add("F3", [], f"size {new.size} extends size {old.size}, seen before")
    return None


def _new_entries(
    report: Followed, seen: SignedCheckpoint | None, shown: SignedCheckpoint, tree: TiledTree, progress: Callable[[int, int], None] | None
) -> Misbehaviour | None:
    """Read every entry since the last checkpoint seen, and compute the root from the old tree's edge and them."""
    if report.failed and report.failed[-1].id == "F3":
        report.skip("F4", why="the log does not fit what was seen before")
        return None
    first, last = (seen.checkpoint.size if seen else 0), shown.checkpoint.size
    try:
        edge = _Edge(tree, first)
        for index, data in tree.entries(first, last):
            leaf = parse_leaf(data, what=f"entry {index}")
            edge.append(leaf_hash(data))
            report.entries.append({"index": index, "kind": leaf.kind, "time": leaf.time, "subjects": list(leaf.subjects)})
            if progress is not None:
                progress(index + 1 - first, last - first)
        problems = [] if edge.root() == shown.checkpoint.root else ["the entries served do not give the root that the checkpoint signs"]
    except LedgerError as error:
        if error.code not in {"LG0504", "LG0507"}:
            raise
        problems = [f"what the checkpoint commits to is not served: {error.message}"]
    if report.add("F4", problems, f"{last - first} new entries"):
        return None
    report.entries.clear()
    return TRUNCATION, {}


class _Edge:
    """The complete subtrees at the right edge of a growing tree, largest first (level, hash)."""

    def __init__(self, tree: TiledTree, size: int) -> None:
        self._nodes: list[tuple[int, bytes]] = []
        start = 0
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                self._nodes.append((level, tree.node(level, start >> level)))
                start += 1 << level

    def append(self, hash: bytes) -> None:
        level = 0
        while self._nodes and self._nodes[-1][0] == level:
            hash = node_hash(self._nodes.pop()[1], hash)
            level += 1
        self._nodes.append((level, hash))

    def root(self) -> bytes:
        if not self._nodes:
            return EMPTY_ROOT
        found = self._nodes[-1][1]
        for _, hash in reversed(self._nodes[:-1]):
            found = node_hash(hash, found)
        return found


def _keep(
    report: Followed,
    key: VerifierKey,
    seen: SignedCheckpoint | None,
    shown: SignedCheckpoint,
    proof: dict[str, Any],
    place: str,
    clock: Clock,
) -> Path:
    """Write the evidence below the state folder. Raises LedgerError LG0606."""
    said: dict[str, Any] = {
        "mediaType": EVIDENCE_TYPE,
        "kind": report.misbehaviour,
        "logKey": key.to_text(),
        "place": ascii(place)[1:-1],
        "time": to_rfc3339(clock.now()),
        "seen": seen.to_bytes().decode("utf-8") if seen else None,
        "shown": shown.to_bytes().decode("utf-8"),
        "failed": [check.to_json() for check in report.failed],
    }
    if proof:
        said["prefix"] = base64.b64encode(proof["prefix"]).decode("ascii")
        said["consistency"] = [base64.b64encode(item).decode("ascii") for item in proof["path"]]
    data = canon.canonical(said)
    path = state_home() / "evidence" / f"{report.misbehaviour}-{hashlib.sha256(data).hexdigest()[:16]}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise LedgerError("LG0606", f"cannot keep the evidence `{path}`: {error.strerror}") from None
    return path
