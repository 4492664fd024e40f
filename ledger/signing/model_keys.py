"""Keys of model signatures: ECDSA over P-256, P-384 or P-521, each with its own hash.

Source: OMS v1.0 (ossf/model-signing-spec, spec/v1.0.md, section 4.1) and its reference implementation. These keys sign bundles for other
tools; whether one may also sign statements of a ledger is for `schemes/` to say.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.signing import files
from ledger.signing.files import PassphraseSource
from ledger.signing.keys import described, pem_block, public_object

_DIGESTS = {"secp256r1": "SHA256", "secp384r1": "SHA384", "secp521r1": "SHA512"}


@dataclass(frozen=True, slots=True)
class ModelKey:
    """A public key that may have signed a model."""

    curve: str
    der: bytes
    pem: str
    _key: Any = field(repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the PEM text: what bundles have as `publicKey.hint`."""
        return hashlib.sha256(self.pem.encode("ascii")).hexdigest()

    @property
    def keyid(self) -> str:
        """Hex SHA-256 of the SubjectPublicKeyInfo in DER, as everywhere else here."""
        return hashlib.sha256(self.der).hexdigest()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the DER signature over the message is valid under this key."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._key.verify(signature, message, _ecdsa(self.curve))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class ModelSigner:
    """A private key for model signatures; its material is never shown."""

    public: ModelKey
    _key: Any = field(repr=False, compare=False)

    def sign(self, message: bytes) -> bytes:
        """A DER signature; deterministic (RFC 6979), so that the same model and key give the same bundle."""
        from cryptography.exceptions import UnsupportedAlgorithm

        try:
            algorithm = _ecdsa(self.public.curve, deterministic=True)
        except UnsupportedAlgorithm:
            algorithm = _ecdsa(self.public.curve)
        signature: bytes = self._key.sign(message, algorithm)
        return signature


def _ecdsa(curve: str, *, deterministic: bool = False) -> Any:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    return ECDSA(getattr(hashes, _DIGESTS[curve])(), deterministic_signing=deterministic)


def key_of(key: object, what: str) -> ModelKey:
    """Wrap a library key. Raises LedgerError LG1305 when it is of another kind."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if not isinstance(key, EllipticCurvePublicKey) or key.curve.name not in _DIGESTS:
        raise LedgerError("LG1305", f"{what} is of kind {described(key)}: model signatures have elliptic curve keys (P-256, P-384, P-521)")
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")
    return ModelKey(key.curve.name, der, pem, key)


def read_public(path: Path) -> ModelKey:
    """Read a public key file (PEM). Raises LedgerError LG0401, LG0405, LG0411, LG1305."""
    what = f"`{path}`"
    return key_of(public_object(pem_block(files.read_bytes(path), what), what), what)


def read_signer(path: Path, passphrase: PassphraseSource = files.no_passphrase) -> ModelSigner:
    """Read a private key file (PEM). Raises LedgerError LG0401 to LG0404, LG1305."""
    key: Any = files.read_private_object(path, passphrase)
    if not hasattr(key, "public_key"):
        raise LedgerError("LG1305", f"`{path}` is of kind {described(key)}")
    return ModelSigner(key_of(key.public_key(), f"`{path}`"), key)
