"""ECDSA (FIPS 186-5) over P-256 with SHA-256 and over P-384 with SHA-384; signatures are DER (RFC 3279, section 2.2.3).

The names are those of TUF and securesystemslib. Signing is deterministic (RFC 6979), so that the same statement by the same key gives the
same bytes; verifying does not ask. `(r, n - s)` verifies wherever `(r, s)` does: nothing is ever identified by its signature.
"""

from __future__ import annotations


class _Ecdsa:
    def __init__(self, name: str, curve: str, digest: str) -> None:
        self.NAME = name
        self._curve = curve
        self._digest = digest

    def load_public(self, key: object) -> bytes | None:
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        if not isinstance(key, EllipticCurvePublicKey) or key.curve.name != self._curve:
            return None
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def verify(self, key: object, signature: bytes, message: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature

        try:
            key.verify(signature, message, self._algorithm())  # type: ignore[attr-defined]
        except InvalidSignature:
            return False
        return True

    def sign(self, key: object, message: bytes) -> bytes:
        from cryptography.exceptions import UnsupportedAlgorithm

        try:
            algorithm = self._algorithm(deterministic=True)
        except UnsupportedAlgorithm:
            # An OpenSSL before 3.2, which the library's own wheels do not have: then with a random number, just as valid.
            algorithm = self._algorithm()
        return key.sign(message, algorithm)  # type: ignore[attr-defined,no-any-return]

    def generate(self) -> object:
        from cryptography.hazmat.primitives.asymmetric import ec

        return ec.generate_private_key({"secp256r1": ec.SECP256R1, "secp384r1": ec.SECP384R1}[self._curve]())

    def _algorithm(self, *, deterministic: bool = False) -> object:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

        return ECDSA({"sha256": hashes.SHA256, "sha384": hashes.SHA384}[self._digest](), deterministic_signing=deterministic)


P256 = _Ecdsa("ecdsa-sha2-nistp256", "secp256r1", "sha256")
P384 = _Ecdsa("ecdsa-sha2-nistp384", "secp384r1", "sha384")
