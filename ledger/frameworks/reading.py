"""Reads the tables of a profile document so that nothing in them is overlooked: LG1002 for whatever does not fit.

`Table` is a mapping that must be used up. The functions below read one parameter each; checks and conclusions list them
by name, and so say which parameters a rule has and what they may be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ledger.errors import LedgerError
from ledger.spec.vocabulary import ROLES

CONTENT_TYPES = ("code", "data", "document")


class Table:
    """A mapping of the document that must be used up: what nobody asked for is an error."""

    def __init__(self, value: Any, place: str, what: str) -> None:
        self._place = place
        self._what = what
        if not isinstance(value, dict):
            raise LedgerError("LG1002", f"{what} does not fit: `{place or '/'}` is not a mapping")
        self.value: dict[str, Any] = value
        self._used: set[str] = set()

    def bad(self, key: str, problem: str) -> LedgerError:
        shown = "".join(char if char.isprintable() else "?" for char in f"{self._place}/{key}")
        return LedgerError("LG1002", f"{self._what} does not fit: `{shown}` {problem}")

    def done(self) -> None:
        for key in self.value:
            if key not in self._used:
                raise self.bad(key, "is not known here")

    def take(self, key: str) -> Any:
        self._used.add(key)
        if key not in self.value:
            raise self.bad(key, "is missing")
        return self.value[key]

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.bad(key, "is not text")
        return value.strip()

    def flag(self, key: str) -> bool:
        value = self.take(key)
        if not isinstance(value, bool):
            raise self.bad(key, "is neither true nor false")
        return value

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in allowed:
            raise self.bad(key, f"is none of {', '.join(allowed)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.take(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.bad(key, "is not a list of texts")
        if len(set(value)) != len(value):
            raise self.bad(key, "repeats an entry")
        return tuple(value)

    def words(self, key: str, allowed: tuple[str, ...] | None = None) -> frozenset[str]:
        found = self.texts(key)
        for word in found:
            if allowed is not None and word not in allowed:
                raise self.bad(key, f"holds a word that is none of {', '.join(allowed)}")
        return frozenset(found)

    def table(self, key: str) -> Table:
        return Table(self.take(key), f"{self._place}/{key}", self._what)

    def tables(self, key: str) -> list[Table]:
        value = self.take(key)
        if not isinstance(value, list):
            raise self.bad(key, "is not a list")
        return [Table(item, f"{self._place}/{key}/{position}", self._what) for position, item in enumerate(value)]


# What a parameter of a check may be: reads it from the rule's table.
Parameter = Callable[[Table, str], Any]


def role(table: Table, name: str) -> str:
    """A parameter that is one role."""
    return table.choice(name, ROLES)


def flag(table: Table, name: str) -> bool:
    """A parameter that is yes or no."""
    return table.flag(name)


def content_type(table: Table, name: str) -> str:
    """A parameter that is a kind of content."""
    return table.choice(name, CONTENT_TYPES)


def absent_result(table: Table, name: str) -> str:
    """A parameter that says what a component is worth whose absence the producer states."""
    return table.choice(name, ("fail", "unknown"))


def classes(table: Table, name: str) -> tuple[Mapping[str, Any], ...]:
    """A parameter that is a list of classes, from the entry class to the best: id, label, required rules."""
    found = []
    for item in table.tables(name):
        found.append({"id": item.text("id"), "label": item.text("label"), "requires": item.texts("requires")})
        item.done()
    if not found:
        raise table.bad(name, "is empty")
    return tuple(found)


def substitutes(table: Table, name: str) -> Mapping[str, str]:
    """A parameter that maps a rule to the rule that may stand in for it."""
    value = table.table(name)
    return {key: value.text(key) for key in sorted(value.value)}
