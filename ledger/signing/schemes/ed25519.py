"""Ed25519 (RFC 8032), the default scheme.

Public keys that are not the canonical encoding of a point, or whose point is not of the large prime order, are refused. Under points of
small order the library accepts signatures that say nothing about who signed; under those with a part of small order verifiers that all
follow the RFC disagree. No key that was made as the RFC says is among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.points import check_point

if TYPE_CHECKING:
    from ledger.signing.sodium import Opens

MANY = 500
"""After so many checks a process loads libsodium, which costs as much time as it then saves in so many."""


class _Ed25519:
    NAME = "ed25519"

    def __init__(self) -> None:
        self._left = MANY
        self._opens: Opens | None = None

    def load_public(self, key: object) -> bytes | None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        if not isinstance(key, Ed25519PublicKey):
            return None
        raw = key.public_bytes_raw()
        check_point(raw)
        return raw

    def verify(self, key: object, signature: bytes, message: bytes) -> bool:
        if self._opens is not None:
            if self._opens(key.public_bytes_raw(), signature, message):  # type: ignore[attr-defined]
                return True
        elif self._left:
            self._left -= 1
            if not self._left:
                from ledger.signing.sodium import load

                self._opens = load()
        from cryptography.exceptions import InvalidSignature

        try:
            key.verify(signature, message)  # type: ignore[attr-defined]
        except InvalidSignature:
            return False
        return True

    def sign(self, key: object, message: bytes) -> bytes:
        return key.sign(message)  # type: ignore[attr-defined,no-any-return]

    def generate(self) -> object:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.generate()


SCHEME = _Ed25519()
