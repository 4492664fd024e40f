"""Ed25519 public keys that are refused: encodings that are not canonical, not on the curve, or of small order.

The library accepts signatures under some of them that say nothing about who signed. Source: RFC 8032 section 5.1.3.
"""

from __future__ import annotations

from ledger.errors import LedgerError

_P = 2**255 - 19
_D = -121665 * pow(121666, _P - 2, _P) % _P


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
