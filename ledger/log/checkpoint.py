"""Checkpoints: origin, size and root, signed as a note (C2SP tlog-checkpoint v1.0.0)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.log.note import Note, VerifierKey, check_note, parse_note, sign_note

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself at one moment. `root` is 32 bytes."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """The note text: three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with the note bytes that carry it."""

    checkpoint: Checkpoint
    note: Note

    def to_bytes(self) -> bytes:
        """The note as published."""
        return self.note.to_bytes()


def parse_checkpoint_text(text: str, *, what: str = "checkpoint") -> Checkpoint:
    """Read the three lines; extension lines are kept in the note and ignored here. Raises LedgerError LG0501."""
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or any(not line for line in lines[3:-1]) or lines[-1]:
        raise LedgerError("LG0501", f"{what} has not the lines of a checkpoint")
    if _DECIMAL.fullmatch(lines[1]) is None:
        raise LedgerError("LG0501", f"{what} has the malformed size `{lines[1][:40]}`")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != 32 or base64.b64encode(root).decode("ascii") != lines[2]:
        raise LedgerError("LG0501", f"{what} has no root of 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def sign_checkpoint(checkpoint: Checkpoint, key: VerifierKey, sign: Callable[[bytes], bytes]) -> SignedCheckpoint:
    """Sign a checkpoint with the log's key."""
    return SignedCheckpoint(checkpoint, sign_note(checkpoint.to_text(), key, sign))


def open_checkpoint(data: bytes, key: VerifierKey, *, what: str = "checkpoint") -> SignedCheckpoint:
    """Read a checkpoint, check the log's signature and that the origin is the key's name.

    Raises:
        LedgerError: LG0501 malformed, LG0502 signature, LG0503 origin.
    """
    note = parse_note(data, what=what)
    check_note(note, key, what=what)
    checkpoint = parse_checkpoint_text(note.text, what=what)
    if checkpoint.origin != key.name:
        raise LedgerError("LG0503", f"{what} is of `{checkpoint.origin}`, not of `{key.name}`")
    return SignedCheckpoint(checkpoint, note)
