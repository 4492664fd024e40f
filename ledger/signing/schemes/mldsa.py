"""ML-DSA-44 and ML-DSA-65 (FIPS 204), pure, with an empty context; keys as in RFC 9881.

Signing is hedged: the same statement signed twice has two signatures, both valid.
"""

from __future__ import annotations

from typing import Any


class _MlDsa:
    def __init__(self, bits: str) -> None:
        self.NAME = f"ml-dsa-{bits}"
        self._bits = bits

    def load_public(self, key: object) -> bytes | None:
        from cryptography.hazmat.primitives.asymmetric import mldsa

        kind = mldsa.MLDSA44PublicKey if self._bits == "44" else mldsa.MLDSA65PublicKey
        return key.public_bytes_raw() if isinstance(key, kind) else None

    def verify(self, key: object, signature: bytes, message: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature

        try:
            key.verify(signature, message)  # type: ignore[attr-defined]
        except InvalidSignature:
            return False
        return True

    def sign(self, key: object, message: bytes) -> bytes:
        return key.sign(message)  # type: ignore[attr-defined,no-any-return]

    def generate(self) -> object:
        from cryptography.hazmat.primitives.asymmetric import mldsa

        kind: Any = mldsa.MLDSA44PrivateKey if self._bits == "44" else mldsa.MLDSA65PrivateKey
        made: object = kind.generate()
        return made


ML_DSA_44 = _MlDsa("44")
ML_DSA_65 = _MlDsa("65")
