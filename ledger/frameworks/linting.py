"""Every problem of a profile document that can be found, not only the first; pure.

`profiles.parse_profile` stops at the first problem, because a profile with one is not used. Whoever writes a profile wants all of them.
The document is taken apart, each part is read by the same readers, and what they refuse is kept. What depends on the whole, such as a
conclusion that asks for a rule that is not there, is looked for when its parts are well. What has no problem here is one that
`parse_profile` takes, so the two never disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ledger.errors import LedgerError
from ledger.frameworks import checks, conclusions, profiles
from ledger.frameworks.reading import Parameter, Table
from ledger.spec import strict_yaml
from ledger.spec.vocabulary import AVAILABILITY

_TEXTS = ("profile", "title", "body", "date", "url", "citation", "summary", "oracle")
_TOP = ("schema", *_TEXTS, "kind", "encodes", "policy", "availability", "open", "terms", "rules", "conclusion")
_RULE = ("id", "check", "text", "source")

Tried = Callable[[Callable[[], Any]], Any]
"""Calls a reader: its answer, or None when it refuses; what it says then is kept."""


def lint(data: bytes, *, what: str = "the profile") -> tuple[str, ...]:
    """What is wrong with a profile document, in the order of its parts; nothing when `parse_profile` takes it.

    Args:
        data: its bytes.
        what: names it in messages.
    """
    found: dict[str, None] = {}

    def tried(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except LedgerError as error:
            found[error.message] = None
            return None

    top = tried(lambda: Table(strict_yaml.load(data, what=what, code="LG1002"), "", what))
    if top is not None:
        _parts(top, what, tried)
    if not found:
        tried(partial(profiles.parse_profile, data, what=what, own=True))
    return tuple(found)


def _parts(top: Table, what: str, tried: Tried) -> None:
    _unknown(top, _TOP, tried)
    tried(partial(_schema, top))
    for key in _TEXTS:
        tried(partial(top.text, key))
    tried(partial(profiles.read_encodes, top))
    tried(partial(profiles.read_kind, top))
    tried(partial(profiles.read_policy, top))
    tried(partial(_availability, top))
    tests = [tried(partial(top.table, "open"))]
    if "terms" in top.value and (terms := tried(partial(top.table, "terms"))) is not None:
        tests += [tried(partial(terms.table, name)) for name in sorted(terms.value)]
    for table in tests:
        if table is not None:
            tried(partial(profiles.read_open_test, table))
    ids: list[str] = []
    for position, item in enumerate(tried(partial(_rules, top)) or []):
        table = tried(partial(Table, item, f"/rules/{position}", what))
        name = None if table is None else _rule(table, checks.PARAMETERS, tried)
        if name is not None and name in ids:
            tried(partial(_refuse, top, f"rules/{position}/id", "is the id of a rule before it"))
        ids.append(name or "")
    conclusion = tried(partial(top.table, "conclusion"))
    if conclusion is not None:
        _rule(conclusion, conclusions.PARAMETERS, tried)


def _unknown(table: Table, known: tuple[str, ...], tried: Tried) -> None:
    for key in table.value:
        if key not in known:
            tried(partial(_refuse, table, key, "is not known here"))


def _refuse(table: Table, key: str, problem: str) -> None:
    raise table.bad(key, problem)


def _schema(top: Table) -> None:
    if top.text("schema") != profiles.SCHEMA:
        raise top.bad("schema", f"is not `{profiles.SCHEMA}`")


def _availability(top: Table) -> None:
    table = top.table("availability")
    accepts, believes = (table.words(name, AVAILABILITY) for name in ("accepts", "believes"))
    table.done()
    if not accepts <= believes:
        raise table.bad("believes", "leaves out what is accepted as evidence")


def _rules(top: Table) -> list[Any]:
    value = top.take("rules")
    if not isinstance(value, list) or not value:
        raise top.bad("rules", "is not a list, or is empty")
    return value


def _rule(table: Table, known: Mapping[str, Mapping[str, Parameter]], tried: Tried) -> str | None:
    """Read a rule or the conclusion member by member; its id, if it has one."""
    for key in ("text", "source"):
        tried(partial(table.text, key))
    check = tried(partial(table.choice, "check", tuple(sorted(known))))
    if check is not None:
        for parameter, read in known[check].items():
            tried(partial(read, table, parameter))
        _unknown(table, (*_RULE, *known[check]), tried)
    name: str | None = tried(partial(table.text, "id"))
    return name
