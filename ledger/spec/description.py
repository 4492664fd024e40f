"""What is said about one dataset or release, field by field: what is recorded, what is missing, and what means nothing here; pure.

The fields are those of `spec.information`. A mapping (`provider`) is shown through its members (`provider/name`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.errors import LedgerError
from ledger.resources import schema_bytes
from ledger.spec import information
from ledger.spec.evidence import Evidence
from ledger.spec.information import Field

RECORDED, MISSING, UNKNOWN, UNFIT = "recorded", "missing", "unknown", "unfit"
MAPPING, NUMBER, LIST = "mapping", "number", "list of: "


@dataclass(frozen=True, slots=True)
class Line:
    """One field.

    Attributes:
        state: `recorded`; `missing`; `unknown`, when that word stands there; `unfit`, when what stands there does not fit the schema and
            says nothing.
    """

    field: Field
    state: str
    value: Any = None

    def to_json(self) -> dict[str, Any]:
        """As in `--json`; `value` is null when nothing stands there."""
        return {"field": self.field.path, "state": self.state, "value": self.value, "form": self.field.form, "help": self.field.help}


@dataclass(frozen=True, slots=True)
class Part:
    """What is said about one thing.

    Attributes:
        schema: `information.DATA` or `information.RELEASE`.
        unknown: members that the schema does not have: kept in the statement, and read by no profile.
        evidence: where it stands.
    """

    schema: str
    name: str
    id: str
    lines: tuple[Line, ...]
    unknown: Mapping[str, Any]
    evidence: tuple[Evidence, ...] = ()

    @property
    def missing(self) -> tuple[Line, ...]:
        """The fields of which nothing that counts is said."""
        return tuple(line for line in self.lines if line.state != RECORDED)

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "about": subject(self.schema),
            "name": self.name,
            "id": self.id,
            "evidence": [item.to_json() for item in self.evidence],
            "fields": [line.to_json() for line in self.lines],
            "unknown": dict(self.unknown),
            "recorded": len(self.lines) - len(self.missing),
        }


def subject(schema: str) -> str:
    """`dataset` or `release`."""
    return "dataset" if schema == information.DATA else "release"


def asked(schema: str) -> tuple[Field, ...]:
    """The fields that somebody can answer: all but mappings, which are answered through their members."""
    return tuple(item for item in information.fields(schema) if item.form != MAPPING or not _members(schema, item.path))


def _members(schema: str, path: str) -> bool:
    return any(item.path.startswith(f"{path}/") for item in information.fields(schema))


def part(schema: str, name: str, id: str, said: Mapping[str, Any], evidence: tuple[Evidence, ...] = ()) -> Part:
    """What a document says, and what it does not.

    Args:
        said: `data` or `about` as it stands in a statement, which may hold anything.
    """
    good = information.known(schema, said)
    names = {item.path for item in information.fields(schema) if "/" not in item.path}
    lines = tuple(_line(item, said, good) for item in asked(schema))
    return Part(schema, name, id, lines, {key: value for key, value in said.items() if key not in names}, evidence)


def _line(item: Field, said: Mapping[str, Any], good: Mapping[str, Any]) -> Line:
    if information.said(good, item.path):
        return Line(item, RECORDED, information.at(good, item.path))
    if information.at(good, item.path) == "unknown":
        return Line(item, UNKNOWN, "unknown")
    stands = information.at(said, item.path)
    # A member of a mapping that does not fit as a whole is shown there, too: none of it counts.
    whole = said.get(item.path.partition("/")[0])
    broken = item.path.partition("/")[0] not in good and whole not in (None, "", [], {})
    if broken and (stands is not None or not isinstance(whole, Mapping)):
        return Line(item, UNFIT, stands if stands is not None else whole)
    return Line(item, MISSING)


def answer(schema: str, item: Field, text: str) -> Any:
    """The value that a typed answer stands for: lists are separated by commas; of lists of objects, the first member (`name`) is given.

    Raises:
        LedgerError: LG0309 when it is none.
    """
    import jsonschema_rs

    value: Any = text.strip()
    rule = _rule(schema, item.path)
    if item.form.startswith(LIST):
        parts = [each.strip() for each in value.split(",") if each.strip()]
        members = list(rule["items"].get("properties", ()))
        value = [{members[0]: each} for each in parts] if members else parts
    elif item.form == MAPPING:
        value = _mapping(value, item)
    elif item.form == NUMBER:
        value = _number(value, item)
    if not jsonschema_rs.is_valid(rule, value):
        raise LedgerError("LG0309", f"`{item.path}` is {item.form}, not `{ascii(text)[1:-1][:100]}`")
    return value


def _number(text: str, item: Field) -> float:
    try:
        found = float(text)
        # Beyond it a whole number is not exact any more, in JSON of others.
        return int(found) if found.is_integer() and abs(found) < 2**53 else found
    except (ValueError, OverflowError):
        raise LedgerError("LG0309", f"`{item.path}` is a number, not `{ascii(text)[1:-1][:100]}`") from None


def _mapping(text: str, item: Field) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise LedgerError("LG0309", f'`{item.path}` is a mapping, such as {{"1.1": "text"}}')
    return found


def _rule(schema: str, path: str) -> Any:
    """What the schema says of one field."""
    properties: Any = json.loads(schema_bytes(schema))["properties"]
    said: Any = {}
    for name in path.split("/"):
        said = properties[name]
        properties = said.get("properties", {})
    return said


def nested(path: str, value: Any) -> dict[str, Any]:
    """`a/b` and a value as `{"a": {"b": value}}`."""
    found: Any = value
    for name in reversed(path.split("/")):
        found = {name: found}
    return dict(found)


def merged(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Mappings put into one another, the later winning."""
    found: dict[str, Any] = {}
    for document in documents:
        for name, value in document.items():
            both = isinstance(value, Mapping) and isinstance(found.get(name), Mapping)
            found[name] = merged([found[name], value]) if both else value
    return found
