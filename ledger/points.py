"""Ed25519 public keys that are refused: encodings that are not canonical, not on the curve, or of a point that is not of prime order.

The library accepts signatures under some of them that say nothing about who signed. Source: RFC 8032 section 5.1.
"""

from __future__ import annotations

from functools import lru_cache

from ledger.errors import LedgerError

_P = 2**255 - 19
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ORDER = 2**252 + 27742317777372353535851937790883648493

_Point = tuple[int, int, int, int]
"""Extended coordinates X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z (RFC 8032, section 5.1.4)."""
_NEUTRAL: _Point = (0, 1, 1, 0)


@lru_cache(maxsize=256)
def check_point(raw: bytes) -> None:
    """Refuse an encoding that is not canonical, not on the curve, or of a point that is not of prime order (RFC 8032 section 5.1).

    Raises:
        LedgerError: LG0410.
    """
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    if len(raw) != 32 or y >= _P:
        raise LedgerError("LG0410", "the Ed25519 public key is not a canonical encoding")
    x = _recover_x(y, raw[31] >> 7)
    point = (x, y, 1, x * y % _P)
    if _is_neutral(point) or not _is_neutral(_times(_ORDER, point)):
        raise LedgerError("LG0410", "the Ed25519 public key is not of prime order")


def _recover_x(y: int, sign: int) -> int:
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P != 0:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P != 0 or (x == 0 and sign):
        raise LedgerError("LG0410", "the Ed25519 public key is not a point of the curve")
    return _P - x if x & 1 != sign else x


def _add(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(factor: int, point: _Point) -> _Point:
    # Neither the factor nor the point is secret, so the time that this takes may depend on them.
    found = _NEUTRAL
    while factor:
        if factor & 1:
            found = _add(found, point)
        point = _add(point, point)
        factor >>= 1
    return found


def _is_neutral(point: _Point) -> bool:
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0
