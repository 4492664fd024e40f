"""Database values as JSON between two processes, so that the reader gets back what the engine gave and cannot be made to run anything.

JSON's own values stand for themselves (floats also as NaN and Infinity, which only Python's reader takes); any other value is an object
of one member, whose name is its type. An array of the engine comes back as a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

_PLAIN = frozenset({type(None), bool, int, float, str})
_TEXTS: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    bytes: ("bytes", bytes.hex),
    datetime: ("datetime", datetime.isoformat),
    date: ("date", date.isoformat),
    time: ("time", time.isoformat),
    timedelta: ("timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
    Decimal: ("decimal", str),
    UUID: ("uuid", str),
}
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "bytes": bytes.fromhex,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda said: timedelta(*said),
    "decimal": Decimal,
    "uuid": UUID,
    "map": lambda said: {_key(key): value for key, value in said},
}


def encode(value: Any) -> Any:
    """One value for `json.dumps`; what is of no known type becomes its text."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind in _TEXTS:
        name, text = _TEXTS[kind]
        return {name: text(value)}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"map": [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, (bytearray, memoryview)):
        return {"bytes": bytes(value).hex()}
    return str(value)


def decode(members: dict[str, Any]) -> Any:
    """The value of an object: an `object_hook` for `json.loads`. Raises ValueError, TypeError when it is none of these."""
    if len(members) != 1:
        raise ValueError("not a value")
    ((name, said),) = members.items()
    if name not in _READERS:
        raise ValueError(f"unknown type {name[:20]!r}")
    return _READERS[name](said)


def _key(key: Any) -> Any:
    """A key of a map; one that Python cannot have as a key is its text."""
    return str(key) if isinstance(key, (list, dict)) else key
