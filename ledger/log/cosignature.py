"""C2SP cosignatures: what a witness signs, with Ed25519 (type 0x04) and with ML-DSA-44 (type 0x06), and how it is checked.

Source: C2SP tlog-cosignature v1.1.0. The Ed25519 form signs a header, the time and the whole text of the checkpoint; the ML-DSA-44 form
signs a binary structure with the cosigner's name, the time, the origin, the size and the root, and so says nothing of extension lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ledger.errors import LedgerError
from ledger.log.checkpoint import parse_checkpoint_text
from ledger.log.note import (
    TYPE_COSIGNATURE_ED25519,
    TYPE_COSIGNATURE_ML_DSA_44,
    TYPE_ED25519,
    Note,
    NoteSignature,
    VerifierKey,
    parse_vkey,
)

COSIGNER_TYPES = (TYPE_COSIGNATURE_ED25519, TYPE_COSIGNATURE_ML_DSA_44)
LOG_TYPES = (TYPE_ED25519, TYPE_COSIGNATURE_ML_DSA_44)
_SUBTREE_LABEL = b"subtree/v1\n\0"
_MOST_SECONDS = 2**63 - 1


def parse_cosigner(text: str) -> VerifierKey:
    """Read the verifier key of a witness. Raises LedgerError LG0501, LG0410."""
    return parse_vkey(text, COSIGNER_TYPES)


def signed_message(key: VerifierKey, seconds: int, text: str) -> bytes:
    """The bytes that a cosignature of this key's type over a checkpoint's text signs.

    Args:
        seconds: POSIX time at which the cosignature was made.
        text: the note's text, which ends in LF.

    Raises:
        LedgerError: LG0501 when the text is no checkpoint, or a name is too long for the structure.
    """
    if key.kind == TYPE_COSIGNATURE_ED25519:
        return b"cosignature/v1\ntime %d\n" % seconds + text.encode("utf-8")
    checkpoint = parse_checkpoint_text(text)
    if text.count("\n") > 3:
        raise LedgerError("LG0501", "an ML-DSA-44 cosignature says nothing of extension lines, and the checkpoint has some")
    sizes = [(0).to_bytes(8, "big"), checkpoint.size.to_bytes(8, "big")]
    return b"".join([_SUBTREE_LABEL, _short(key.name), seconds.to_bytes(8, "big"), _short(checkpoint.origin), *sizes, checkpoint.root])


def _short(text: str) -> bytes:
    data = text.encode("utf-8")
    if not 1 <= len(data) <= 255:
        raise LedgerError("LG0501", f"the name `{text[:40]}…` is longer than the 255 bytes that a cosignature holds")
    return bytes([len(data)]) + data


def can_cosign(key: VerifierKey, text: str) -> bool:
    """Whether the key's type can sign this checkpoint: ML-DSA-44 covers no extension lines, and no origin over 255 bytes."""
    try:
        signed_message(key, 0, text)
    except LedgerError:
        return False
    return True


def cosign(text: str, key: VerifierKey, seconds: int, sign: Callable[[bytes], bytes]) -> NoteSignature:
    """Cosign a checkpoint's text with the key whose private half `sign` holds. Raises LedgerError LG0501."""
    return NoteSignature(key.name, key.key_id, seconds.to_bytes(8, "big") + sign(signed_message(key, seconds, text)))


def cosigned_at(note: Note, key: VerifierKey, *, what: str = "checkpoint") -> int | None:
    """When the key cosigned the note: POSIX seconds of its latest valid cosignature, or None when there is none.

    Raises:
        LedgerError: LG0508 when a line that claims to be by this key does not verify.
    """
    found = None
    for line in note.signatures:
        if line.name != key.name or line.key_id != key.key_id:
            continue
        seconds = int.from_bytes(line.sig[:8], "big")
        if not _holds(key, line, note.text):
            raise LedgerError("LG0508", f"the cosignature of `{key.name}` on {what} is wrong")
        found = max(seconds, found or 0)
    return found


def cosigners(note: Note, keys: Mapping[str, VerifierKey], *, what: str = "checkpoint") -> dict[str, int]:
    """For each of the named keys that cosigned the note, when. Raises LedgerError LG0508."""
    times = {name: cosigned_at(note, key, what=what) for name, key in keys.items()}
    return {name: seconds for name, seconds in times.items() if seconds is not None}


def signed_by_any(note: Note, keys: Iterable[VerifierKey], *, what: str = "checkpoint") -> VerifierKey | None:
    """The first of a log's keys that signed the note, or None. Raises LedgerError LG0502 when a line by one of them does not verify."""
    found = None
    for key in keys:
        for line in note.signatures:
            if line.name != key.name or line.key_id != key.key_id:
                continue
            if not _holds(key, line, note.text):
                raise LedgerError("LG0502", f"the signature of `{key.name}` on {what} is wrong")
            found = found or key
    return found


def _holds(key: VerifierKey, line: NoteSignature, text: str) -> bool:
    """Whether a line by this key verifies; it does not when the text is nothing that the key could have signed."""
    if key.kind == TYPE_ED25519:
        return _verifies(key, line.sig, text.encode("utf-8"))
    seconds = int.from_bytes(line.sig[:8], "big")
    try:
        message = signed_message(key, seconds, text)
    except LedgerError:
        return False
    return len(line.sig) > 8 and seconds <= _MOST_SECONDS and _verifies(key, line.sig[8:], message)


def _verifies(key: VerifierKey, signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        if key.kind == TYPE_COSIGNATURE_ML_DSA_44:
            from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

            MLDSA44PublicKey.from_public_bytes(key.public).verify(signature, message)
        else:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
