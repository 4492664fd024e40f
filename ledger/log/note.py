"""C2SP signed notes: verifier keys, reading, signing with Ed25519 (type 0x01), checking.

Source: C2SP signed-note v1.0.0. A signature by a key that is not known is ignored; a signature that claims to be by the known
key and does not verify makes the whole note refused. Cosignatures (types 0x04 and 0x06) are in `ledger.log.cosignature`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.points import check_point

TYPE_ED25519, TYPE_COSIGNATURE_ED25519, TYPE_COSIGNATURE_ML_DSA_44 = 0x01, 0x04, 0x06
PUBLIC_BYTES = {TYPE_ED25519: 32, TYPE_COSIGNATURE_ED25519: 32, TYPE_COSIGNATURE_ML_DSA_44: 1312}
TYPE_WORDS = {TYPE_ED25519: "Ed25519", TYPE_COSIGNATURE_ED25519: "Ed25519 cosignature", TYPE_COSIGNATURE_ML_DSA_44: "ML-DSA-44 cosignature"}
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")
_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_NAME = re.compile(r"[^\s+]+")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A note verifier key: name, raw public key, and signature type (0x01, or 0x04 and 0x06 for cosignatures)."""

    name: str
    public: bytes
    kind: int = TYPE_ED25519

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name LF type public)."""
        return hashlib.sha256(self.name.encode("utf-8") + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def to_text(self) -> str:
        """`name+hash+base64`, as people pass it on."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: name, the four bytes of key id, and the rest."""

    name: str
    key_id: bytes
    sig: bytes

    def to_line(self) -> str:
        """The line with its LF."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.sig).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note: the text (ends in LF) and its signature lines in order."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """The note as published."""
        return (self.text + "\n" + "".join(item.to_line() for item in self.signatures)).encode("utf-8")


def valid_name(name: str) -> bool:
    """Whether a key name (and so a log origin) is non-empty and without Unicode space or `+`."""
    return _NAME.fullmatch(name) is not None and all(ord(char) >= 0x20 for char in name)


def _encodes(text: str) -> bool:
    """Whether the text has a UTF-8 form: lone surrogates have none."""
    return text.isascii() or not any(0xD800 <= ord(char) <= 0xDFFF for char in text)


def parse_vkey(text: str, kinds: Collection[int] = (TYPE_ED25519,)) -> VerifierKey:
    """Read a verifier key of one of these types. Raises LedgerError LG0501, LG0410."""
    match = _VKEY.fullmatch(text.strip())
    if match is None or not _encodes(text):
        raise LedgerError(
            "LG0501", f"not a verifier key: `{ascii(text[:120])[1:-1]}`", exit_code=2, hint="it looks like `name+1a2b3c4d+AQ…`"
        )
    try:
        data = _base64(match[3], "verifier key")
    except LedgerError as error:
        raise LedgerError(error.code, error.message, exit_code=2) from None
    if not data or data[0] not in kinds or len(data) != 1 + PUBLIC_BYTES[data[0]]:
        wanted = " or ".join(f"{TYPE_WORDS[kind]} (type 0x{kind:02x})" for kind in kinds)
        raise LedgerError("LG0501", f"verifier key `{match[1]}` is not a key of {wanted}", exit_code=2)
    key = VerifierKey(match[1], data[1:], data[0])
    if key.key_id.hex() != match[2]:
        raise LedgerError("LG0501", f"verifier key `{match[1]}` was mistyped: its hash does not fit", exit_code=2)
    if len(key.public) == 32:
        check_point(key.public)
    return key


def parse_note(data: bytes, *, what: str = "note") -> Note:
    """Read a signed note without checking signatures. Raises LedgerError LG0501."""
    if len(data) > LIMITS.note_bytes:
        raise LedgerError("LG0501", f"{what} has more than {LIMITS.note_bytes} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise LedgerError("LG0501", f"{what} is not UTF-8") from None
    if any(ord(char) < 0x20 and char != "\n" for char in whole):
        raise LedgerError("LG0501", f"{what} holds a control character")
    split = whole.rfind("\n\n")
    if split < 0 or not whole.endswith("\n"):
        raise LedgerError("LG0501", f"{what} has no signatures")
    return Note(whole[: split + 1], parse_signatures(whole[split + 2 :], what=what))


def parse_signatures(text: str, *, what: str = "note") -> tuple[NoteSignature, ...]:
    """Read signature lines, each with its LF, of which there is at least one. Raises LedgerError LG0501."""
    if not text.endswith("\n"):
        raise LedgerError("LG0501", f"{what} does not end its last signature line")
    lines = text[:-1].split("\n")
    if len(lines) > LIMITS.note_signatures:
        raise LedgerError("LG0501", f"{what} has more than {LIMITS.note_signatures} signatures")
    return tuple(_signature(line, what) for line in lines)


def _signature(line: str, what: str) -> NoteSignature:
    match = _SIGNATURE_LINE.fullmatch(line)
    blob = _base64(match[2], f"signature of {what}") if match else b""
    if match is None or len(blob) < 5:
        raise LedgerError("LG0501", f"{what} has a malformed signature line")
    return NoteSignature(match[1], blob[:4], blob[4:])


def _base64(text: str, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or base64.b64encode(data).decode("ascii") != text:
        raise LedgerError("LG0501", f"{what} is not canonical base64")
    return data


def sign_note(text: str, key: VerifierKey, sign: Callable[[bytes], bytes]) -> Note:
    """Sign a text that ends in LF with the key whose private half `sign` holds."""
    return Note(text, (NoteSignature(key.name, key.key_id, sign(text.encode("utf-8"))),))


def check_note(note: Note, key: VerifierKey, *, what: str = "note") -> None:
    """Raise LedgerError LG0502 unless the key, which is of type 0x01, has signed the note."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    ours = [item for item in note.signatures if item.name == key.name and item.key_id == key.key_id]
    if not ours:
        raise LedgerError("LG0502", f"{what} is not signed by `{key.name}`")
    for item in ours:
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(item.sig, note.text.encode("utf-8"))
        except (InvalidSignature, ValueError):
            raise LedgerError("LG0502", f"the signature of `{key.name}` on {what} is wrong") from None
