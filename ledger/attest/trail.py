"""What a bundle alone cannot show: witnesses, time, the log as others have seen it, and keys that were revoked (B12 to B15).

Each says "not checked" and why when what it needs was not given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ledger.clock import posix_words
from ledger.errors import LedgerError
from ledger.ids import object_id_of
from ledger.log.checkpoint import Checkpoint, SignedCheckpoint
from ledger.log.cosignature import cosigners
from ledger.log.leaf import parse_leaf
from ledger.log.note import Note, VerifierKey
from ledger.log.policy import Policy
from ledger.log.tiles import TiledTree
from ledger.merkle.proof import check_consistency
from ledger.merkle.tree import consistency_path, leaf_hash, range_hash, root_of_hashes
from ledger.signing import dsse
from ledger.signing.dsse import Envelope
from ledger.signing.timestamps import judge as judge_timestamps
from ledger.signing.trust import TrustState
from ledger.spec import statement as statements_of
from ledger.spec.key import key_event_of
from ledger.spec.statement import Statement
from ledger.store.projection import judge


class LogView(Protocol):
    """The log as it is served now, in a folder or on a web server."""

    def head(self, key: VerifierKey) -> SignedCheckpoint:
        """The published checkpoint, its signature checked."""
        ...

    def tree(self, size: int) -> TiledTree:
        """Its tree at a size; nothing of it is checked yet."""
        ...

    def read_object(self, hex_digest: str) -> bytes | None:
        """The bytes of a stored object, not yet compared with its digest."""
        ...


@dataclass(frozen=True, slots=True)
class Trail:
    """What the verifier brings beside the log's key.

    Attributes:
        policy: whose cosignatures are needed.
        seen: the last checkpoint of this log that this machine has seen.
        log: where the log is served.
        now: the verifier's clock, POSIX seconds; a cosignature or timestamp from the future proves no time.
        authorities: root certificates of time-stamping authorities.
    """

    policy: Policy | None = None
    seen: SignedCheckpoint | None = None
    log: LogView | None = None
    now: int | None = None
    authorities: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One outcome: problems, or the good word, or why it was not checked."""

    problems: tuple[str, ...] = ()
    good: str = ""
    skipped: str = ""


def witnesses(note: Note, trail: Trail) -> Found:
    """B12: a quorum of the policy has cosigned."""
    if trail.policy is None:
        return Found(skipped="no witness policy was given: one operator's word for the log's history")
    try:
        there = cosigners(note, trail.policy.keys)
    except LedgerError as error:
        return Found((error.message,))
    words = trail.policy.words(there)
    if trail.policy.quorum is None:
        return Found(skipped=f"the witness policy asks for nobody; {words}")
    return Found(good=words) if trail.policy.satisfied(there) else Found((words,))


def time(note: Note, timestamps: Sequence[bytes], trail: Trail, claimed: str) -> Found:
    """B13: by when the checkpoint existed, from the cosignatures of a quorum or from a timestamp; either is enough, and both are named."""
    stamped = judge_timestamps(timestamps, note.text.encode("utf-8"), trail.authorities, trail.now)
    witnessed, why = _witness_time(note, trail)
    good = [*(stamp.words() for stamp in stamped.stamps), *([witnessed] if witnessed else [])]
    if stamped.problems:
        return Found(stamped.problems)
    if good:
        return Found(good=f"all of it existed by {'; and by '.join(good)}")
    return Found(skipped=f"time unproven: {stamped.why}, and {why}; the log operator's clock said {claimed}")


def _witness_time(note: Note, trail: Trail) -> tuple[str, str]:
    """When a quorum of witnesses has cosigned, or why that is not known."""
    if trail.policy is None or trail.policy.quorum is None:
        return "", "no witness policy"
    try:
        seconds = trail.policy.quorum_time(cosigners(note, trail.policy.keys))
    except LedgerError as error:
        return "", error.message
    if seconds is None:
        return "", "no quorum of cosignatures with a time"
    if trail.now is not None and seconds > trail.now + 300:
        return "", f"the witnesses' time {posix_words(seconds)} is still to come by this machine's clock"
    return f"{posix_words(seconds)}, say a quorum of witnesses", ""


def last_seen(checkpoint: Checkpoint, key: VerifierKey, trail: Trail) -> Found:
    """B14: the bundle's checkpoint, the one that this machine has seen, and the one that is served now, are of one history."""
    seen = trail.seen.checkpoint if trail.seen else None
    if trail.log is None:
        if seen is None:
            return Found(skipped="this machine has seen no checkpoint of the log, and no --log PLACE was given")
        if seen.size != checkpoint.size:
            return Found(skipped=f"this machine has seen size {seen.size}, the bundle has {checkpoint.size}: --log PLACE can compare them")
        same = seen.root == checkpoint.root
        return (
            Found(good=f"size {seen.size} is what this machine has seen")
            if same
            else Found((f"this machine has seen another root of size {seen.size}",))
        )
    try:
        head = trail.log.head(key).checkpoint
        tree = trail.log.tree(head.size)
        problems = [
            *_begins(tree, head, checkpoint, "the bundle has"),
            *(_begins(tree, head, seen, "this machine has seen") if seen else ()),
        ]
    except LedgerError as error:
        if error.code in {"LG0511", "LG0606"}:
            return Found(skipped=error.message)
        return Found((error.message,))
    return Found(tuple(problems), f"the log, now of size {head.size}, extends the bundle's checkpoint of size {checkpoint.size}")


def _begins(tree: TiledTree, head: Checkpoint, old: Checkpoint, how: str) -> list[str]:
    """Whether the served log begins with an older checkpoint. Raises LedgerError LG0504, LG0506 when the tiles do not give its root."""
    if old.size > head.size:
        return [f"the log shows {head.size} entries, and {how} {old.size}: a rollback"]
    if old.size == 0:
        return []
    prefix = range_hash(tree.node, 0, old.size)
    check_consistency(
        old.size, head.size, prefix, head.root, consistency_path(tree.node, old.size, head.size) if old.size < head.size else []
    )
    return [] if prefix == old.root else [f"the first {old.size} entries of the log are not those that {how}: a split view"]


def revocation(by_index: Mapping[int, tuple[Envelope, Statement]], key: VerifierKey, trail: Trail) -> Found:
    """B15: folding every key statement that the log has now, each statement of the bundle still counts at its index."""
    if trail.log is None:
        return Found(skipped="a key statement that was left out, such as a revocation, can be seen in the log only: give --log PLACE")
    try:
        head = trail.log.head(key).checkpoint
        events = _key_statements(trail.log, head)
    except LedgerError as error:
        if error.code in {"LG0511", "LG0606"}:
            return Found(skipped=error.message)
        return Found((error.message,))
    problems, trust = _fold(by_index, events)
    signers = {one.keyid for envelope, _ in by_index.values() for one in envelope.signatures}
    later = [
        f"key {keyid[:16]}… was {'revoked' if item.action == 'revoke' else 'retired'} at entry {item.end}"
        for keyid, item in trust.keys.items()
        if keyid in signers and item.end is not None
    ]
    words = f"as of size {head.size}, every statement here was signed by a key trusted at its index"
    return Found(tuple(problems), "; ".join([words, *(f"{text}, after what it signed here" for text in later)]))


def _key_statements(log: LogView, head: Checkpoint) -> dict[int, tuple[Envelope, Statement]]:
    """Every key statement of a log, read from its entries, which must give its signed root."""
    leaves = [data for _, data in log.tree(head.size).entries()]
    if root_of_hashes([leaf_hash(data) for data in leaves]) != head.root:
        raise LedgerError("LG0504", "the entries that the log serves do not give the root that it signs")
    found = {}
    for index, data in enumerate(leaves):
        leaf = parse_leaf(data, what=f"entry {index}")
        if leaf.kind == "key":
            stored = log.read_object(leaf.envelope.removeprefix("sha256:"))
            if stored is None or object_id_of(stored) != leaf.envelope:
                raise LedgerError("LG0608", f"the envelope of entry {index} is not served as the log commits to it")
            envelope = dsse.parse(stored, what=f"envelope of entry {index}")
            if object_id_of(envelope.payload) != leaf.payload:
                raise LedgerError("LG0608", f"the envelope of entry {index} does not hold the payload that the log commits to")
            found[index] = (envelope, statements_of.parse(envelope.payload, what=f"entry {index}"))
    return found


def _fold(
    by_index: Mapping[int, tuple[Envelope, Statement]], events: Mapping[int, tuple[Envelope, Statement]]
) -> tuple[list[str], TrustState]:
    trust = TrustState()
    problems = []
    for index in sorted({*by_index, *events}):
        envelope, item = events.get(index) or by_index[index]
        try:
            trusted = any(fact.trusted for fact in judge(trust, index, envelope, item))
            if trusted and item.kind == "key":
                trust.apply(key_event_of(item), index)
        except LedgerError as error:
            problems.append(f"entry {index}: {error.message}")
            continue
        if not trusted and index in by_index:
            problems.append(f"entry {index}: with the key statements that the log has, no signature on it counts")
    return problems, trust


def chosen_key(keys: Sequence[VerifierKey], note: Note) -> VerifierKey:
    """Of the log keys that the verifier accepts, the one that the note says it is signed by; else the first."""
    lines = {(line.name, line.key_id) for line in note.signatures}
    return next((key for key in keys if (key.name, key.key_id) in lines), keys[0])
