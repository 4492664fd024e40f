"""Ed25519 (RFC 8032), the default scheme.

Public keys of small order, and keys that are not the canonical encoding of a point, are refused: the library accepts
signatures under some of them that say nothing about who signed.
"""

from __future__ import annotations

from ledger.errors import LedgerError

_P = 2**255 - 19
_D = -121665 * pow(121666, _P - 2, _P) % _P


class _Ed25519:
    NAME = "ed25519"

    def load_public(self, key: object) -> bytes | None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        if not isinstance(key, Ed25519PublicKey):
            return None
        raw = key.public_bytes_raw()
        check_point(raw)
        return raw

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
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.generate()


def check_point(raw: bytes) -> None:
    """Refuse an encoding that is not canonical, not on the curve, or of small order (RFC 8032 section 5.1.3).

    Raises:
        LedgerError: LG0410.
    """
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    sign = raw[31] >> 7
    if len(raw) != 32 or y >= _P:
        raise LedgerError("LG0410", "the Ed25519 public key is not a canonical encoding")
    x = _recover_x(y, sign)
    point = (x, y)
    for _ in range(3):
        point = _double(point)
    if point == (0, 1):
        raise LedgerError("LG0410", "the Ed25519 public key has small order")


def _recover_x(y: int, sign: int) -> int:
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P != 0:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P != 0 or (x == 0 and sign):
        raise LedgerError("LG0410", "the Ed25519 public key is not a point of the curve")
    return _P - x if x & 1 != sign else x


def _double(point: tuple[int, int]) -> tuple[int, int]:
    x, y = point
    product = _D * x * x * y * y % _P
    return (
        2 * x * y * pow(1 + product, _P - 2, _P) % _P,
        (y * y + x * x) * pow(1 - product, _P - 2, _P) % _P,
    )


SCHEME = _Ed25519()
