"""Keys: what a public and a private key are here, and which schemes exist.

A key's id is the SHA-256 of its SubjectPublicKeyInfo in DER. Schemes are found by exact name; unknown ones are refused.
Private material never appears in a repr.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from ledger.errors import LedgerError

_PEM_BLOCK = re.compile(rb"-----BEGIN PUBLIC KEY-----([^-]*)-----END PUBLIC KEY-----")


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


@lru_cache(maxsize=1024)  # asked for several times for each entry of a log
def _keyid(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


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
        return _keyid(self.der)

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
    """All schemes by name: one file for each family in `schemes/`."""
    from ledger.signing.schemes import ecdsa, ed25519, mldsa

    found: tuple[Scheme, ...] = (ed25519.SCHEME, ecdsa.P256, ecdsa.P384, mldsa.ML_DSA_44, mldsa.ML_DSA_65)
    return {scheme.NAME: scheme for scheme in found}


def public_from_object(key: object) -> PublicKey:
    """Wrap a library public key after its scheme's policy has accepted it. Raises LedgerError LG0405, LG0410."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    for scheme in schemes().values():
        raw = scheme.load_public(key)
        if raw is not None:
            der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
            return PublicKey(scheme.NAME, der, raw, key, scheme)
    raise LedgerError("LG0405", f"{described(key)} keys are not accepted; known schemes: {', '.join(sorted(schemes()))}")


def described(key: object) -> str:
    """What kind of key a library object is, for a message: its curve, or its type."""
    curve = getattr(getattr(key, "curve", None), "name", "")
    return f"elliptic curve {curve}" if curve else type(key).__name__.replace("PublicKey", "").replace("PrivateKey", "").strip("_")


def public_from_pem(pem: str | bytes, *, what: str = "public key") -> PublicKey:
    """Read a SubjectPublicKeyInfo PEM. Raises LedgerError LG0401, LG0405, LG0410, LG0411."""
    return public_from_object(public_object(pem_block(pem, what), what))


def public_from_der(der: bytes, *, what: str = "public key") -> PublicKey:
    """Read a SubjectPublicKeyInfo in DER. Raises LedgerError LG0401, LG0405, LG0410, LG0411."""
    return public_from_object(public_object(der, what))


def pem_block(pem: str | bytes, what: str) -> bytes:
    """What the one `PUBLIC KEY` block of a text holds; lines and text around it do not matter. Raises LedgerError LG0401."""
    data = pem.encode("utf-8", "replace") if isinstance(pem, str) else pem
    blocks = _PEM_BLOCK.findall(data)
    if len(blocks) != 1:
        raise LedgerError("LG0401", f"{what} is not a public key in PEM")
    try:
        return base64.b64decode(b"".join(blocks[0].split()), validate=True)
    except (binascii.Error, ValueError):
        raise LedgerError("LG0401", f"{what} is not a public key in PEM") from None


def public_object(der: bytes, what: str) -> object:
    """The library's key of a SubjectPublicKeyInfo that is the one encoding of it: named curve, uncompressed point, nothing more.

    Otherwise one key would have several ids (docs/spec/format.md, section 4).

    Raises:
        LedgerError: LG0401 when it is no key, LG0405 for a kind of key that the library does not know, LG0411 for another encoding.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    try:
        key = load_der_public_key(der)
        again = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except ValueError:
        raise LedgerError("LG0401", f"{what} is not a public key (SubjectPublicKeyInfo)") from None
    except UnsupportedAlgorithm:
        raise LedgerError("LG0405", f"{what} is of a kind that is not known") from None
    if again != der:
        raise LedgerError("LG0411", f"{what} is not the canonical encoding of its key")
    return key


def private_from_object(key: object) -> PrivateKey:
    """Wrap a library private key. Raises LedgerError LG0405, LG0410."""
    if not hasattr(key, "public_key") or not hasattr(key, "sign"):
        raise LedgerError("LG0405", f"{described(key)} keys cannot sign")
    public = public_from_object(key.public_key())
    return PrivateKey(public, key, schemes()[public.scheme])


def generate(scheme: str = "ed25519") -> PrivateKey:
    """Make a new key. Raises LedgerError LG0405 for an unknown scheme."""
    known = schemes()
    if scheme not in known:
        raise LedgerError("LG0405", f"unknown scheme `{scheme}`; known: {', '.join(sorted(known))}")
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return private_from_object(known[scheme].generate())
    except UnsupportedAlgorithm:
        raise LedgerError("LG0405", f"the cryptography library installed here has no {scheme}") from None
