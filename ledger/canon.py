"""Canonical JSON: RFC 8785 writing, strict reading, in the one file that decides both.

Reading refuses whatever two parsers could understand differently: duplicate keys, NaN and infinities, integers beyond
2^53-1, lone surrogates, byte order marks, trailing bytes, depth over 64, size over 16 MiB. Nothing but `LedgerError` escapes.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from ledger.errors import LedgerError
from ledger.limits import LIMITS

MAX_SAFE_INTEGER = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value.

    Raises:
        LedgerError: LG0104 when the value has none, LG0103 when it is too deep or too large.
    """
    data = _plain_form(value) if _is_plain(value) else _any_form(value)
    if len(data) > LIMITS.json_bytes:
        raise LedgerError("LG0103", f"canonical JSON has {len(data)} bytes, more than {LIMITS.json_bytes}")
    return data


def _is_plain(value: Any) -> bool:
    """Whether the standard library writes the RFC 8785 form: no floats, and only keys that sort the same in ASCII and in UTF-16."""
    # Level by level and without a call for each value: this runs several times for each entry of a log.
    level, depth = [value], 0
    while level:
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is str or item is None:
                continue
            if isinstance(item, int):
                if not -MAX_SAFE_INTEGER <= item <= MAX_SAFE_INTEGER:
                    return False
            elif isinstance(item, str):
                continue
            elif depth >= LIMITS.json_depth:
                return False
            elif isinstance(item, dict):
                for key in item:
                    if not isinstance(key, str) or not key.isascii():
                        return False
                below += item.values()
            elif isinstance(item, (list, tuple)):
                below += item
            else:
                return False
        level, depth = below, depth + 1
    return True


def _plain_form(value: Any) -> bytes:
    try:
        return _PLAIN_WRITER.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        raise LedgerError("LG0104", "value holds a lone surrogate") from None


def _any_form(value: Any) -> bytes:
    _check_value(value, 0)
    import rfc8785

    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise LedgerError("LG0104", f"no canonical form: {error}") from None


def loads(data: bytes, *, what: str = "JSON", max_bytes: int = LIMITS.json_bytes) -> Any:
    """Parse strictly.

    Args:
        data: UTF-8 bytes of one JSON value.
        what: names the document in messages.
        max_bytes: the size that is refused before parsing.

    Raises:
        LedgerError: LG0101 when it is not strict JSON, LG0103 when it is over a limit.
    """
    if len(data) > max_bytes:
        raise LedgerError("LG0103", f"{what} has {len(data)} bytes, more than {max_bytes}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LedgerError("LG0101", f"{what} is not UTF-8: {error.reason} at byte {error.start}") from None
    if text.startswith("\ufeff"):
        raise LedgerError("LG0101", f"{what} starts with a byte order mark")
    _check_depth(text, what)
    try:
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_int=_safe_int, parse_float=_finite, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise LedgerError("LG0101", f"{what} is not strict JSON: {error}") from None
    if "\\u" in text or "\\U" in text:
        _check_value(value, 0, reading=what)
    return value


def loads_canonical(data: bytes, *, what: str = "JSON") -> Any:
    """Parse bytes that must be the canonical form of themselves. Raises LedgerError LG0101, LG0102, LG0103."""
    if data.isascii():
        try:
            return _plain_ascii(data.decode("ascii"))
        except (_NotPlain, ValueError):
            pass  # read again below, where what is wrong with it gets its name
    value = loads(data, what=what)
    if canonical(value) != data:
        raise LedgerError("LG0102", f"{what} is not the RFC 8785 form of itself")
    return value


class _NotPlain(Exception):
    """The bytes may well be canonical, but it takes more to tell."""


def _not_plain(_text: str) -> NoReturn:
    raise _NotPlain


def _plain_integer(text: str) -> int:
    if len(text) > 15:
        raise _NotPlain
    return int(text)


_PLAIN_READER = json.JSONDecoder(parse_float=_not_plain, parse_int=_plain_integer, parse_constant=_not_plain)
_PLAIN_WRITER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False)


def _plain_ascii(text: str) -> Any:
    """The value of ASCII text that is certainly canonical; most that this ledger reads is.

    Written again it is the same text. So nothing in the value is but ASCII (other characters would have been written as such), keys sort
    as in UTF-16, no key stands twice, and numbers are integers of at most 15 characters: for such values the standard library writes
    what RFC 8785 has (`_is_plain`).

    Raises:
        _NotPlain: nothing is said of the text.
        ValueError: it is not JSON.
    """
    if len(text) > LIMITS.json_bytes or text.count("[") + text.count("{") > LIMITS.json_depth:
        raise _NotPlain
    value = _PLAIN_READER.decode(text)
    if _PLAIN_WRITER.encode(value) != text:
        raise _NotPlain
    return value


# A string, closed or not, or whatever is no bracket. Every quote is taken with what follows it, so a scan never goes back.
_NO_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^\[\]{}"]++', re.DOTALL)


def _check_depth(text: str, what: str) -> None:
    # Before json.loads, which recurses: brackets outside strings only.
    if text.count("[") + text.count("{") <= LIMITS.json_depth:
        return
    depth = 0
    for char in _NO_BRACKETS.sub("", text):
        depth += 1 if char in "[{" else -1
        if depth > LIMITS.json_depth:
            raise LedgerError("LG0103", f"{what} is nested deeper than {LIMITS.json_depth}")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"duplicate key {json.dumps(repeated)}")
    return result


def _safe_int(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MAX_SAFE_INTEGER:
        raise ValueError(f"integer beyond 2^53-1: {text[:40]}")
    return int(text)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"number is not finite: {text[:40]}")
    return value


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _check_room(depth: int) -> None:
    if depth >= LIMITS.json_depth:
        raise LedgerError("LG0103", f"nested deeper than {LIMITS.json_depth}")


def _check_value(value: Any, depth: int, *, reading: str | None = None) -> None:
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            code = "LG0101" if reading else "LG0104"
            raise LedgerError(code, f"{reading or 'value'} holds a lone surrogate") from None
    elif isinstance(value, dict):
        _check_room(depth)
        for key, item in value.items():
            if not isinstance(key, str):
                raise LedgerError("LG0104", f"a key is not text: {key!r}")
            _check_value(key, depth + 1, reading=reading)
            _check_value(item, depth + 1, reading=reading)
    elif isinstance(value, (list, tuple)):
        _check_room(depth)
        for item in value:
            _check_value(item, depth + 1, reading=reading)
    elif isinstance(value, float):
        # RFC 8785 writes such a float with all its digits, as an integer that strict reading refuses.
        if not reading and value.is_integer() and MAX_SAFE_INTEGER < abs(value) < 1e21:
            raise LedgerError("LG0104", f"{value!r} would be written as an integer beyond 2^53-1")
    elif value is not None and not isinstance(value, (bool, int, float)):
        raise LedgerError("LG0104", f"{type(value).__name__} is not JSON")
