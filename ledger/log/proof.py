"""C2SP tlog-proof files: one entry's inclusion proof with the checkpoint that it leads to.

The `extra` line carries the leaf record, which nobody can rebuild without the time of sequencing. The line itself is not
authenticated; its hash is what the proof is about.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.limits import LIMITS

HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A parsed tlog-proof; `checkpoint` is the signed note, verbatim."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_text(self) -> str:
        """The file's text."""
        extra = [] if self.extra is None else [f"extra {base64.b64encode(self.extra).decode('ascii')}"]
        hashes = [base64.b64encode(item).decode("ascii") for item in self.hashes]
        return "\n".join([HEADER, *extra, f"index {self.index}", *hashes, "", self.checkpoint.decode("utf-8")])


def parse_proof(text: str, *, what: str = "proof") -> TlogProof:
    """Read a tlog-proof. Raises LedgerError LG0506 when malformed."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != HEADER or len(lines) < 2:
        raise LedgerError("LG0506", f"{what} is not a tlog-proof")
    if any(0xD800 <= ord(char) <= 0xDFFF for char in checkpoint):
        raise LedgerError("LG0506", f"{what} holds a lone surrogate")
    position = 1
    extra = None
    if lines[1].startswith("extra "):
        extra = _decode(lines[1][6:], what)
        position = 2
    match = _INDEX.fullmatch(lines[position]) if position < len(lines) else None
    if match is None:
        raise LedgerError("LG0506", f"{what} names no index")
    hashes = tuple(_decode(line, what) for line in lines[position + 1 :])
    if len(hashes) > LIMITS.proof_hashes or any(len(item) != 32 for item in hashes):
        raise LedgerError("LG0506", f"{what} holds something that is not a hash, or too many of them")
    return TlogProof(int(match[1]), hashes, checkpoint.encode("utf-8"), extra)


def _decode(text: str, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise LedgerError("LG0506", f"{what} holds a line that is not base64") from None
    if base64.b64encode(data).decode("ascii") != text:
        raise LedgerError("LG0506", f"{what} holds base64 that is not canonical")
    return data
