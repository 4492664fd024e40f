"""Reads the tables of a profile document so that nothing in them is overlooked: LG1002 for whatever does not fit.

`Table` is a mapping that must be used up. The functions below read one parameter each; checks and conclusions list them
by name, and so say which parameters a rule has and what they may be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite
from typing import Any

from ledger.errors import LedgerError
from ledger.frameworks.answers import REASONS
from ledger.frameworks.said_checks import LEDGER_FACTS
from ledger.spec.information import DATA, NO, RELEASE, YES, fields
from ledger.spec.vocabulary import REVIEW_STATEMENTS, ROLES

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


def optional_flag(table: Table, name: str) -> bool:
    """A parameter that is yes or no; left out, no."""
    return table.flag(name) if name in table.value else False


def content_type(table: Table, name: str) -> str:
    """A parameter that is a kind of content."""
    return table.choice(name, CONTENT_TYPES)


def gap_result(table: Table, name: str) -> str:
    """A parameter that says what is worth what the producer says is absent, or what is not said."""
    return table.choice(name, ("fail", "unknown"))


def classes(table: Table, name: str) -> tuple[Mapping[str, Any], ...]:
    """A parameter that is a list of classes or tiers, from the entry class to the best: id, label, required rules."""
    return _groups(table, name, "requires")


def clusters(table: Table, name: str) -> tuple[Mapping[str, Any], ...]:
    """A parameter that is a list of groups of rules: id, label, rules."""
    return _groups(table, name, "rules")


def _groups(table: Table, name: str, member: str) -> tuple[Mapping[str, Any], ...]:
    found = []
    for item in table.tables(name):
        found.append({"id": item.text("id"), "label": item.text("label"), member: item.texts(member)})
        item.done()
    if not found:
        raise table.bad(name, "is empty")
    return tuple(found)


def substitutes(table: Table, name: str) -> Mapping[str, str]:
    """A parameter that maps a rule to the rule that may stand in for it."""
    value = table.table(name)
    return {key: value.text(key) for key in sorted(value.value)}


def roles(table: Table, name: str) -> tuple[str, ...]:
    """A parameter that is one or more roles."""
    found = table.texts(name)
    table.words(name, ROLES)
    if not found:
        raise table.bad(name, "is empty")
    return found


def roles_or_none(table: Table, name: str) -> tuple[str, ...]:
    """A parameter that is a list of roles; empty when nothing that is released can show it."""
    found = table.texts(name)
    table.words(name, ROLES)
    return found


def word(table: Table, name: str) -> str:
    """A parameter that is a name of the framework's own."""
    return table.text(name)


def terms(table: Table, name: str) -> str:
    """A parameter that names one of the profile's tests of what is open; left out, the first one. `profiles` checks that there is one."""
    return table.text(name) if name in table.value else ""


def gap_reason(table: Table, name: str) -> str:
    """A parameter that is the reason code of something missing; left out, DATA_INFO_INCOMPLETE."""
    return reason(table, name) if name in table.value else "DATA_INFO_INCOMPLETE"


def reason(table: Table, name: str) -> str:
    """A parameter that is a reason code."""
    return table.choice(name, tuple(REASONS))


def number(table: Table, name: str) -> float:
    """A parameter that is a figure; text, because YAML 1.1 does not read `1e25` as one."""
    value = table.take(name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    try:
        found = float(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not isfinite(found):
        raise table.bad(name, "is no figure")
    return found


def yes_or_no(table: Table, name: str) -> str:
    """A parameter that is the word yes or no."""
    return table.choice(name, (YES, NO))


def about_field(table: Table, name: str) -> str:
    """A parameter that is a field of `schemas/release-information`."""
    return table.choice(name, _paths(RELEASE))


def data_fields(table: Table, name: str) -> tuple[str, ...]:
    """A parameter that is a list of fields of `schemas/data-information`."""
    found = table.texts(name)
    table.words(name, _paths(DATA))
    return found


def data_classes(table: Table, name: str) -> tuple[str, ...]:
    """A parameter that is a list of classes of datasets; empty for all."""
    found = table.texts(name)
    table.words(name, _choices(DATA, "class"))
    return found


def origin(table: Table, name: str) -> str:
    """A parameter that is an origin of datasets; left out, none."""
    return table.choice(name, _choices(DATA, "origin")) if name in table.value else ""


def review_statement(table: Table, name: str) -> str:
    """A parameter that is what a review says."""
    return table.choice(name, REVIEW_STATEMENTS)


def condition(table: Table, name: str) -> str:
    """A parameter that is a yes/no field, with `:ORIGIN` whose datasets answer it and `=no` for the other answer; left out, none."""
    if name not in table.value:
        return ""
    text = table.text(name)
    field, _, answer = text.partition("=")
    path, _, own = field.partition(":")
    if path not in _paths(RELEASE) or (own and own not in _choices(DATA, "origin")) or answer not in ("", NO):
        raise table.bad(name, "names no field of what is said about a release")
    return text


def tokens(table: Table, name: str) -> tuple[str, ...]:
    """A parameter that lists what has to be said, as `said_checks.filled` has it."""
    found = table.texts(name)
    allowed: Mapping[str, tuple[str, ...]] = {
        "datasets": _choices(DATA, "origin"),
        "every-dataset": (*_paths(DATA), "name", "license", "digest"),
        "any-dataset": _paths(DATA),
        "modalities": _choices(DATA, "origin"),
        "component": ROLES,
        "ledger": LEDGER_FACTS,
    }
    for item in found:
        for part in item.split("|"):
            kind, colon, rest = part.partition(":")
            names = rest.split("+") if kind == "every-dataset" else [rest]
            if not set(names) <= set(allowed.get(kind, ())) if colon else part not in _paths(RELEASE):
                raise table.bad(name, f"asks for `{part}`, which nothing can be said of")
    if not found:
        raise table.bad(name, "is empty")
    return found


@cache
def _paths(schema: str) -> tuple[str, ...]:
    return tuple(item.path for item in fields(schema))


@cache
def _choices(schema: str, path: str) -> tuple[str, ...]:
    return tuple(next(item.form for item in fields(schema) if item.path == path).split(", "))


def method(table: Table, name: str) -> str:
    """A parameter that says how a score is made."""
    return table.choice(name, ("mean", "sum"))


def labels(table: Table, name: str) -> Mapping[str, str]:
    """A parameter that names the results of a profile in the framework's words; left out, there are none."""
    if name not in table.value:
        return {}
    value = table.table(name)
    found = {key: value.text(key) for key in ("pass", "fail", "unknown")}
    if "not_applicable" in value.value:
        found["not_applicable"] = value.text("not_applicable")
    value.done()
    return found
