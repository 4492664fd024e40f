"""DSSE v1.0.2 envelopes: PAE, strict reading, and verification by distinct public keys.

Source: the DSSE protocol and envelope documents (secure-systems-lab). A keyid is a hint and decides nothing. What was
verified are the payload's exact bytes, and those same bytes are what callers get; nothing is parsed twice.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ledger import canon
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.signing.keys import PrivateKey, PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
# The canonical form of an envelope with one signature: how most are stored. Read without a JSON parser; everything else takes one.
_PLAIN = re.compile(
    rb'\{"payload":"([A-Za-z0-9+/=]*)","payloadType":"%s","signatures":\[\{"keyid":"([ !#-\[\]-~]*)","sig":"([A-Za-z0-9+/=]*)"\}\]\}'
    % re.escape(PAYLOAD_TYPE).encode("ascii")
)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: the hint as given (may be empty) and the raw signature bytes."""

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A DSSE envelope whose payload bytes are exactly those that were signed."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        """The canonical JSON of the envelope: how envelopes are stored as objects."""
        if len(self.signatures) == 1 and self.payload_type == PAYLOAD_TYPE:
            [only] = self.signatures
            data = b'{"payload":"%s","payloadType":"%s","signatures":[{"keyid":"%s","sig":"%s"}]}' % (
                binascii.b2a_base64(self.payload, newline=False),
                PAYLOAD_TYPE.encode("ascii"),
                only.keyid.encode("utf-8", "replace"),
                binascii.b2a_base64(only.sig, newline=False),
            )
            if len(data) < LIMITS.json_bytes and _PLAIN.fullmatch(data):
                return data
        return canon.canonical(
            {
                "payload": base64.b64encode(self.payload).decode("ascii"),
                "payloadType": self.payload_type,
                "signatures": [{"keyid": item.keyid, "sig": base64.b64encode(item.sig).decode("ascii")} for item in self.signatures],
            }
        )


def pae(payload_type: str, payload: bytes) -> bytes:
    """Pre-authentication encoding; both lengths count bytes."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, keys: Sequence[PrivateKey], *, payload_type: str = PAYLOAD_TYPE) -> Envelope:
    """Sign the bytes with each key."""
    message = pae(payload_type, payload)
    signatures = tuple(Signature(key.public.keyid, key.sign(message)) for key in keys)
    return Envelope(payload_type, payload, signatures)


def parse(data: bytes, *, what: str = "envelope") -> Envelope:
    """Read an envelope strictly; unknown members are ignored.

    Raises:
        LedgerError: LG0406 when it is not a DSSE envelope with an in-toto payload.
    """
    plain = _PLAIN.fullmatch(data) if len(data) < LIMITS.json_bytes else None
    if plain is not None:
        payload64, keyid64, sig64 = plain.groups()
        with suppress(binascii.Error):
            said, sig = binascii.a2b_base64(payload64), binascii.a2b_base64(sig64)
            if binascii.b2a_base64(said, newline=False) == payload64 and binascii.b2a_base64(sig, newline=False) == sig64:
                return Envelope(PAYLOAD_TYPE, said, (Signature(keyid64.decode("ascii"), sig),))
    try:
        value = canon.loads(data, what=what, max_bytes=2 * LIMITS.json_bytes)
    except LedgerError as error:
        raise LedgerError("LG0406", error.message) from None
    if not isinstance(value, dict):
        raise LedgerError("LG0406", f"{what} is not an object")
    payload_type, signatures = value.get("payloadType"), value.get("signatures")
    if payload_type != PAYLOAD_TYPE:
        raise LedgerError("LG0406", f"{what} has payloadType `{payload_type}`, not `{PAYLOAD_TYPE}`")
    if not isinstance(signatures, list) or not 1 <= len(signatures) <= LIMITS.envelope_signatures:
        raise LedgerError("LG0406", f"{what} has no list of 1 to {LIMITS.envelope_signatures} signatures")
    payload = base64_bytes(value.get("payload"), f"payload of {what}")
    if len(payload) > LIMITS.json_bytes:
        raise LedgerError("LG0406", f"payload of {what} is over {LIMITS.json_bytes} bytes")
    return Envelope(payload_type, payload, tuple(_signature(item, what) for item in signatures))


def _signature(item: object, what: str) -> Signature:
    if not isinstance(item, dict):
        raise LedgerError("LG0406", f"a signature of {what} is not an object")
    keyid = item.get("keyid") or ""
    if not isinstance(keyid, str):
        raise LedgerError("LG0406", f"a keyid of {what} is not text")
    return Signature(keyid, base64_bytes(item.get("sig"), f"signature of {what}"))


def base64_bytes(text: object, what: str) -> bytes:
    """Base64 in either alphabet, canonical. Raises LedgerError LG0406."""
    if not isinstance(text, str):
        raise LedgerError("LG0406", f"{what} is not base64 text")
    # DSSE lets producers use either alphabet; re-encoding catches the trailing bits that two decoders read differently.
    standard = text.replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(standard, validate=True)
    except (binascii.Error, ValueError):
        raise LedgerError("LG0406", f"{what} is not base64") from None
    if binascii.b2a_base64(data, newline=False) != standard.encode("ascii"):
        raise LedgerError("LG0406", f"{what} is not canonical base64")
    return data


def valid_signers(envelope: Envelope, keys: Iterable[PublicKey]) -> tuple[PublicKey, ...]:
    """The distinct keys of those given that have a valid signature on the envelope, in the order given."""
    message = pae(envelope.payload_type, envelope.payload)
    found: dict[bytes, PublicKey] = {}
    for key in keys:
        if key.der not in found and any(key.verifies(item.sig, message) for item in envelope.signatures):
            found[key.der] = key
    return tuple(found.values())
