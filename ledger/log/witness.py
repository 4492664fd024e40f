"""The C2SP tlog-witness protocol: requests to cosign, and the one decision that a witness makes. Pure: no clock, no file, no network.

Source: C2SP tlog-witness. Whoever keeps the state must check and persist in one step, before anything is answered.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.log.checkpoint import Checkpoint, parse_checkpoint_text
from ledger.log.cosignature import signed_by_any
from ledger.log.note import Note, VerifierKey, parse_note
from ledger.merkle.proof import check_consistency
from ledger.merkle.tree import EMPTY_ROOT

MOST_PROOF_LINES = 63
SIZE_TYPE = "text/x.tlog.size"
_OLD = re.compile(rb"old (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Request:
    """An add-checkpoint request: the size that the witness is thought to have, a consistency proof from it, and the checkpoint's bytes."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def to_bytes(self) -> bytes:
        """The request's body."""
        lines = [f"old {self.old}", *(base64.b64encode(item).decode("ascii") for item in self.proof), ""]
        return "".join(line + "\n" for line in lines).encode("ascii") + self.checkpoint


@dataclass(frozen=True, slots=True)
class Refused:
    """What the witness answers when it does not cosign: an HTTP status, why, and for 409 the size that it has.

    Attributes:
        conflict: true when a log's valid signature is on something inconsistent with what was cosigned: evidence against the log.
    """

    status: int
    why: str
    size: int | None = None
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the witness will cosign, once it is its record of the log."""

    note: Note
    checkpoint: Checkpoint


def parse_request(data: bytes) -> Request:
    """Read an add-checkpoint request. Raises LedgerError LG0501."""
    if len(data) > LIMITS.note_bytes:
        raise LedgerError("LG0501", f"the request has more than {LIMITS.note_bytes} bytes")
    head, blank, checkpoint = data.partition(b"\n\n")
    lines = head.split(b"\n")
    match = _OLD.fullmatch(lines[0])
    if match is None or not blank:
        raise LedgerError("LG0501", "the request does not begin with `old SIZE`, proof lines and an empty line")
    if len(lines) - 1 > MOST_PROOF_LINES:
        raise LedgerError("LG0501", f"the request has more than {MOST_PROOF_LINES} proof lines")
    return Request(int(match[1]), tuple(_hash(line) for line in lines[1:]), checkpoint)


def _hash(line: bytes) -> bytes:
    try:
        data = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != 32 or base64.b64encode(data) != line:
        raise LedgerError("LG0501", "a proof line of the request is not one hash in base64")
    return data


def origin_id(origin: str) -> str:
    """Hex SHA-256 of an origin: how a witness names its record of a log."""
    return hashlib.sha256(origin.encode("utf-8")).hexdigest()


def consider(data: bytes, logs: Mapping[str, Sequence[VerifierKey]], latest: Callable[[str], Checkpoint | None]) -> Accepted | Refused:
    """Whether to cosign.

    Args:
        data: the request.
        logs: the keys of each known log, by origin.
        latest: the checkpoint last cosigned for an origin, or None.
    """
    try:
        request = parse_request(data)
        note = parse_note(request.checkpoint, what="the checkpoint")
        checkpoint = parse_checkpoint_text(note.text, what="the checkpoint")
    except LedgerError as error:
        return Refused(400, error.message)
    keys = logs.get(checkpoint.origin)
    if keys is None:
        return Refused(404, "this witness does not know the origin")
    try:
        signer = signed_by_any(note, keys, what="the checkpoint")
    except LedgerError as error:
        return Refused(403, error.message)
    if signer is None:
        return Refused(403, "no key that this witness trusts for the origin has signed the checkpoint")
    if request.old > checkpoint.size:
        return Refused(400, f"the old size {request.old} is larger than the checkpoint's, {checkpoint.size}")
    return _extends(request, note, checkpoint, latest(checkpoint.origin) or Checkpoint(checkpoint.origin, 0, EMPTY_ROOT))


def _extends(request: Request, note: Note, checkpoint: Checkpoint, seen: Checkpoint) -> Accepted | Refused:
    if request.old != seen.size:
        return Refused(409, f"this witness has size {seen.size}", seen.size)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        return Refused(422, "the root of an empty log is that of no leaves")
    if checkpoint.size == seen.size and checkpoint.root != seen.root:
        return Refused(409, f"this witness has another root of size {seen.size}", seen.size, conflict=True)
    if seen.size == 0 or checkpoint.size == seen.size:
        return Refused(422, "the proof is to be empty") if request.proof else Accepted(note, checkpoint)
    try:
        check_consistency(seen.size, checkpoint.size, seen.root, checkpoint.root, request.proof)
    except LedgerError as error:
        return Refused(422, error.message)
    return Accepted(note, checkpoint)
