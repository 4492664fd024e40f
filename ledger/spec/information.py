"""What is said about datasets and releases: the fields of two public schemas, their help, and values that can be relied on.

The schemas `data-information/v1` and `release-information/v1` are the one place where a field, its form and its meaning stand. Fields that
they do not have are kept in a statement and mean nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ledger.errors import LedgerError
from ledger.resources import schema_bytes
from ledger.spec.schema import fits, validate

DATA, RELEASE = "data-information/v1", "release-information/v1"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its path within the document (`acquired/from`), what may stand there in words, and its meaning."""

    path: str
    form: str
    help: str


def check(schema: str, value: Mapping[str, Any], what: str) -> None:
    """Raise LedgerError LG0309, naming the field, unless what is said fits `DATA` or `RELEASE`."""
    try:
        validate(schema, value, what=what)
    except LedgerError as error:
        raise LedgerError("LG0309", error.message) from None


@cache
def _properties(schema: str) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = json.loads(schema_bytes(schema))["properties"]
    return found


def fields(schema: str) -> tuple[Field, ...]:
    """Every field, in the order of the schema; a member of an object stands after it, with the path `object/member`."""
    return tuple(_walk("", _properties(schema)))


def _walk(prefix: str, properties: Mapping[str, Mapping[str, Any]]) -> Iterator[Field]:
    for name, said in properties.items():
        yield Field(prefix + name, _form(said), said.get("description", ""))
        if said.get("type") == "object":
            yield from _walk(f"{prefix}{name}/", said["properties"])


def _form(said: Mapping[str, Any]) -> str:
    if "enum" in said:
        return ", ".join(said["enum"])
    kind = said["type"]
    if kind == "array":
        item = said["items"]
        return f"list of: {_form(item)}" if item.get("type") != "object" else "list of: " + ", ".join(item["properties"])
    return {"string": "date" if "pattern" in said else "text", "object": "mapping", "number": "number"}[kind]


def known(schema: str, value: object) -> dict[str, Any]:
    """What can be relied on of a document that somebody else may have written: the fields that fit, each for itself."""
    if not isinstance(value, Mapping):
        return {}
    return {name: value[name] for name in _properties(schema) if name in value and fits(schema, {name: value[name]})}


def at(value: Mapping[str, Any], path: str) -> Any:
    """The value of a field by its path; None when nothing is said."""
    found: Any
    if "/" not in path:
        found = value.get(path)
        return None if found in ("", [], {}) else found
    found = value
    for part in path.split("/"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return None if found in ("", [], {}) else found


def said(value: Mapping[str, Any], path: str) -> bool:
    """Whether a field says something; the word `unknown` says nothing, and an empty text neither."""
    found = at(value, path)
    return found is not None and found != "unknown" and not (isinstance(found, str) and not found.strip())
