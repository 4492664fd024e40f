"""Keys: what a public and a private key are here, and which schemes exist.

A key's id is the SHA-256 of its SubjectPublicKeyInfo in DER. Schemes are found by exact name; unknown ones are refused.
Private material never appears in a repr.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Protocol

from ledger.errors import LedgerError


class Scheme(Protocol):
    """What one file in `schemes/` provides."""

    NAME: str

    def load_public(self, key: object) -> bytes | None:
        """Check the policy for a library key object; its raw form, or None when it is of another scheme."""
        ...

    def verify(self, key: object, signature: bytes, message: bytes) -> bool:
        """Whether the signature is valid."""
        ...

    def sign(self, key: object, message: bytes) -> bytes:
        """Sign the message."""
        ...

    def generate(self) -> object:
        """A new private key object."""
        ...


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that may be trusted: scheme, SubjectPublicKeyInfo DER and PEM text."""

    scheme: str
    der: bytes
    raw: bytes
    _key: object = field(repr=False, compare=False)
    _scheme: Scheme = field(repr=False, compare=False)

    @property
    def keyid(self) -> str:
        """Hex SHA-256 of the SubjectPublicKeyInfo DER (docs/spec/format.md, section 4)."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def pem(self) -> str:
        """The key as SubjectPublicKeyInfo PEM."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")  # type: ignore[attr-defined,no-any-return]

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature over the message is valid under this key."""
        return self._scheme.verify(self._key, signature, message)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key that can sign; its material is never shown."""

    public: PublicKey
    _key: object = field(repr=False, compare=False)
    _scheme: Scheme = field(repr=False, compare=False)

    def sign(self, message: bytes) -> bytes:
        """Sign the message."""
        return self._scheme.sign(self._key, message)

    def pkcs8(self, passphrase: bytes | None) -> bytes:
        """PKCS#8 PEM, encrypted when a passphrase is given."""
        from cryptography.hazmat.primitives import serialization as ser

        encryption: ser.KeySerializationEncryption = ser.BestAvailableEncryption(passphrase) if passphrase else ser.NoEncryption()
        return self._key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, encryption)  # type: ignore[attr-defined,no-any-return]


def schemes() -> dict[str, Scheme]:
    """All schemes by name: one file each in `schemes/`."""
    from ledger.signing.schemes import ed25519

    return {module.NAME: module for module in (ed25519.SCHEME,)}


def public_from_object(key: object) -> PublicKey:
    """Wrap a library public key after its scheme's policy has accepted it. Raises LedgerError LG0405, LG0410."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    for scheme in schemes().values():
        raw = scheme.load_public(key)
        if raw is not None:
            der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
            return PublicKey(scheme.NAME, der, raw, key, scheme)
    raise LedgerError("LG0405", f"keys of type {type(key).__name__} are not accepted; known schemes: {', '.join(sorted(schemes()))}")


def public_from_pem(pem: str | bytes, *, what: str = "public key") -> PublicKey:
    """Read a SubjectPublicKeyInfo PEM. Raises LedgerError LG0401, LG0405, LG0410."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    data = pem.encode("utf-8", "replace") if isinstance(pem, str) else pem
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise LedgerError("LG0401", f"{what} is not a public key in PEM") from None
    return public_from_object(key)


def private_from_object(key: object) -> PrivateKey:
    """Wrap a library private key."""
    public = public_from_object(key.public_key())  # type: ignore[attr-defined]
    return PrivateKey(public, key, schemes()[public.scheme])


def generate(scheme: str = "ed25519") -> PrivateKey:
    """Make a new key. Raises LedgerError LG0405 for an unknown scheme."""
    known = schemes()
    if scheme not in known:
        raise LedgerError("LG0405", f"unknown scheme `{scheme}`; known: {', '.join(sorted(known))}")
    return private_from_object(known[scheme].generate())
