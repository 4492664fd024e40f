"""An answer as a Parquet file whose columns have the types that the engine gave them, whatever values happen to be in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ledger.query.session import QueryResult, plain

if TYPE_CHECKING:
    import pyarrow as pa

Convert = Callable[[Any], Any]
# Types of the engine by the name of Arrow's function for them. A sum of whole numbers is a HUGEINT.
_SIMPLE: dict[str, tuple[str, tuple[Any, ...]]] = {
    "BOOLEAN": ("bool_", ()),
    **{f"{sign}{name}": (f"{sign.lower()}{kind}", ()) for sign in ("", "U") for name, kind in (("TINYINT", "int8"), ("SMALLINT", "int16"))},
    **{f"{sign}{name}": (f"{sign.lower()}{kind}", ()) for sign in ("", "U") for name, kind in (("INTEGER", "int32"), ("BIGINT", "int64"))},
    "HUGEINT": ("decimal128", (38, 0)),
    "FLOAT": ("float32", ()),
    "DOUBLE": ("float64", ()),
    "DATE": ("date32", ()),
    "TIME": ("time64", ("us",)),
    "INTERVAL": ("duration", ("us",)),
    "TIMESTAMP": ("timestamp", ("us",)),
    "TIMESTAMP_S": ("timestamp", ("s",)),
    "TIMESTAMP_MS": ("timestamp", ("ms",)),
    "TIMESTAMP_NS": ("timestamp", ("us",)),  # Python's times, in which it arrives, have no nanoseconds
    "BLOB": ("binary", ()),
    **dict.fromkeys(("VARCHAR", "JSON", "UUID", '"NULL"'), ("string", ())),
}
_DEEPEST = 40


class _Text(Exception):
    """A type that Arrow has nothing for here: the column becomes text."""


def to_parquet(result: QueryResult) -> bytes:
    """An answer as one Parquet file.

    Lists, structs, maps, decimals, dates and times keep their types, also in a column without values. What Arrow has no type for here
    (bit strings, unions, times with a zone, whole numbers beyond 38 digits) becomes text, in a list or a struct all of it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names: list[str] = []
    for at, name in enumerate(result.columns):
        own = name
        while own in names:
            own = f"{own}_{at}"
        names.append(own)
    columns = [_column(kind, [row[at] for row in result.rows]) for at, kind in enumerate(result.types)]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(columns, names=names), sink)
    return bytes(sink.getvalue())


def _column(kind: str, values: list[Any]) -> pa.Array:
    import pyarrow as pa

    try:
        type, convert = _Reader(kind).whole()
        return pa.array([None if value is None else convert(value) for value in values], type)
    except (_Text, pa.ArrowException, OverflowError, TypeError, ValueError):
        return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Any) -> str:
    """A value as text: what is made of several as JSON."""
    return json.dumps(plain(value), ensure_ascii=False) if isinstance(value, (list, tuple, dict)) else str(value)


def _as_is(value: Any) -> Any:
    return value


class _Reader:
    """Reads the name of a type, such as `STRUCT(a INTEGER, "b c" DATE[])`, into Arrow's type and what makes its values fit."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def whole(self) -> tuple[pa.DataType, Convert]:
        """The type that the text is. Raises _Text."""
        found = self._type()
        if self._at != len(self._text):
            raise _Text
        return found

    def _type(self) -> tuple[pa.DataType, Convert]:
        import pyarrow as pa

        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Text
        type, convert = self._inner()
        while self._take("["):
            while self._peek().isdigit():
                self._at += 1
            self._need("]")
            type, convert = pa.list_(type), _each(convert)
        self._depth -= 1
        return type, convert

    def _inner(self) -> tuple[pa.DataType, Convert]:
        import pyarrow as pa

        word = self._name()
        if word == "DECIMAL" and self._take("("):
            precision = self._number()
            self._need(", " if self._text.startswith(", ", self._at) else ",")
            scale = self._number()
            self._need(")")
            return pa.decimal128(precision, scale), _as_is
        if word == "STRUCT" and self._take("("):
            fields = self._fields()
            return pa.struct([(name, type) for name, type, _ in fields]), _members({name: convert for name, _, convert in fields})
        if word == "MAP" and self._take("("):
            key, to_key = self._type()
            self._need(", ")
            item, to_item = self._type()
            self._need(")")
            return pa.map_(key, item), _pairs(to_key, to_item, pa.types.is_nested(key))
        if word == "ENUM" and self._take("("):
            self._enum()
            return pa.string(), str
        if word not in _SIMPLE:
            raise _Text
        name, arguments = _SIMPLE[word]
        return getattr(pa, name)(*arguments), str if name == "string" else _as_is

    def _fields(self) -> list[tuple[str, pa.DataType, Convert]]:
        found = []
        while True:
            name = self._name()
            name = name[1:-1].replace('""', '"') if name.startswith('"') else name
            self._need(" ")
            found.append((name, *self._type()))
            if self._take(")"):
                return found
            self._need(", ")

    def _enum(self) -> None:
        """Skip the values of an enumeration, which are strings."""
        quoted = False
        while self._at < len(self._text):
            char = self._text[self._at]
            self._at += 1
            if char == "'":
                quoted = not quoted
            elif char == ")" and not quoted:
                return
        raise _Text

    def _name(self) -> str:
        """A word, or a name in double quotes, as it stands there."""
        start = self._at
        if self._take('"'):
            while not (self._take('"') and self._peek() != '"'):
                if self._at >= len(self._text):
                    raise _Text
                self._at += 1
            return self._text[start : self._at]
        while self._peek().isalnum() or self._peek() == "_":
            self._at += 1
        return self._text[start : self._at]

    def _number(self) -> int:
        start = self._at
        while self._peek().isdigit():
            self._at += 1
        return int(self._text[start : self._at])

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, text: str) -> bool:
        if self._text.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise _Text


def _each(convert: Convert) -> Convert:
    return lambda value: [None if item is None else convert(item) for item in value]


def _members(converts: dict[str, Convert]) -> Convert:
    return lambda value: {name: None if value[name] is None else convert(value[name]) for name, convert in converts.items()}


def _pairs(to_key: Convert, to_item: Convert, nested: bool) -> Convert:
    def convert(value: Any) -> list[tuple[Any, Any]]:
        # The engine gives a map whose keys Python cannot look up as two lists.
        pairs = zip(value["key"], value["value"], strict=True) if nested else value.items()
        return [(to_key(key), None if item is None else to_item(item)) for key, item in pairs]

    return convert
