"""Named questions: SQL in files, each with its question in plain English, what can be set, and what its columns mean.

One text runs in DuckDB and in Spark SQL: ANSI, explicit GROUP BY, no functions over lists or JSON, recursion only with UNION ALL, SELECT
DISTINCT and a bound. What can be set is written `:name`, as Spark binds it; `for_duckdb` writes it as DuckDB does. Values are bound by the
engine and never become part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ledger import resources
from ledger.errors import LedgerError

# Whole numbers, from and to. A bound of no steps would answer nothing, as if there were nothing.
NUMBERS = {"integer": (0, 2**53 - 1), "steps": (1, 1000)}
_MOST_TEXT = 100_000
# What may hold a colon and is no marker: strings, quoted names, comments, casts.
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|::|:([A-Za-z_][A-Za-z0-9_]*)", re.DOTALL)
_PARAMETER = re.compile(r"([a-z][a-z_]*) (text|integer|steps|artifact|release)(?: = ([^:]*))?: (.+)")
_COLUMN = re.compile(r"([a-z][a-z_]*): (.+)")
_READ = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What can be set of a question.

    Attributes:
        type: text; integer or steps, a whole number from 0 or from 1; or artifact or release, a REF as all verbs take it.
        default: None when it must be given.
    """

    name: str
    type: str
    default: str | int | None
    meaning: str

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {"name": self.name, "type": self.type, "default": self.default, "meaning": self.meaning}

    def value(self, given: str | int) -> str | int:
        """A value of its type. Raises LedgerError LG0708."""
        if isinstance(given, bool) or not isinstance(given, (str, int)):
            raise LedgerError("LG0708", f"`{self.name}` is {self.type}, not a {type(given).__name__}")
        if self.type in NUMBERS:
            least, most = NUMBERS[self.type]
            if isinstance(given, str) and re.fullmatch("[0-9]{1,16}", given):
                given = int(given)
            if isinstance(given, str) or not least <= given <= most:
                raise LedgerError("LG0708", f"`{self.name}` is a whole number from {least} to {most}, not `{str(given)[:40]}`")
            return given
        text = str(given)
        if len(text) > _MOST_TEXT or "\0" in text or any(0xD800 <= ord(char) <= 0xDFFF for char in text):
            raise LedgerError("LG0708", f"`{self.name}` is a text that cannot be asked for: too long, or not characters")
        return text


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A question with its SQL.

    Attributes:
        columns: (name, meaning) in order.
        sql: the portable text, with `:name` for what can be set.
    """

    name: str
    question: str
    parameters: tuple[Parameter, ...]
    columns: tuple[tuple[str, str], ...]
    sql: str

    @property
    def reads(self) -> frozenset[str]:
        """The views that it reads, and its own `WITH` names."""
        return frozenset(_READ.findall(self.sql))

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "name": self.name,
            "question": self.question,
            "parameters": [item.to_json() for item in self.parameters],
            "columns": [{"name": name, "meaning": meaning} for name, meaning in self.columns],
        }

    def values(self, given: Mapping[str, str | int]) -> dict[str, str | int]:
        """All that can be set, with its value.

        Raises:
            LedgerError: LG0707 for one that is not there or that must be given, LG0708 for a value of another type.
        """
        known = {item.name: item for item in self.parameters}
        if odd := sorted(set(given) - set(known)):
            can = f"it has {', '.join(f'`{name}`' for name in known)}" if known else "nothing can be set"
            raise LedgerError("LG0707", f"query `{self.name}` has no parameter `{odd[0]}`: {can}")
        found: dict[str, str | int] = {}
        for item in self.parameters:
            value = given.get(item.name, item.default)
            if value is None:
                hint = f"ledger query {self.name} --set {item.name}={'REF' if item.type in {'artifact', 'release'} else 'VALUE'}"
                raise LedgerError("LG0707", f"query `{self.name}` needs `{item.name}`: {item.meaning}", hint=hint)
            found[item.name] = item.value(value)
        return found


def for_duckdb(sql: str) -> str:
    """The text with `$name` for `:name`; what stands in strings, quoted names and comments is left alone."""
    return _TOKEN.sub(lambda match: f"${match[1]}" if match[1] else match[0], sql)


def markers(sql: str) -> frozenset[str]:
    """The names of what a text lets one set."""
    return frozenset(match[1] for match in _TOKEN.finditer(sql) if match[1])


def parse(name: str, text: str) -> NamedQuery:
    """Read a file of a named question: comment lines first, then one SELECT. Raises LedgerError LG0709."""
    head, lines = [], text.splitlines()
    while lines and lines[0].startswith("-- "):
        head.append(lines.pop(0)[3:])
    question, parameters, columns = "", [], []
    for line in head:
        word, _, rest = line.partition(" ")
        if word == "question:" and not question:
            question = rest
        elif word == "param" and (match := _PARAMETER.fullmatch(rest)):
            default: str | int | None = match[3]
            if default is not None:
                default = int(match[3]) if match[2] in NUMBERS else match[3]
            parameters.append(Parameter(match[1], match[2], default, match[4]))
        elif word == "column" and (match := _COLUMN.fullmatch(rest)):
            columns.append((match[1], match[2]))
        else:
            raise LedgerError("LG0709", f"query `{name}` has a line that cannot be read: {line[:100]}")
    sql = "\n".join(lines).strip()
    if not (question.endswith("?") and columns and sql) or markers(sql) != {item.name for item in parameters}:
        raise LedgerError("LG0709", f"query `{name}` lacks its question, columns or SQL, or sets other names than its SQL has")
    return NamedQuery(name, question, tuple(parameters), tuple(columns), sql)


@cache
def named_queries() -> tuple[NamedQuery, ...]:
    """All questions, by name. Raises LedgerError LG0107, LG0709 for a damaged installation."""
    files = sorted(resources.data_path("query").glob("*.sql"))
    return tuple(parse(path.stem, resources.data_bytes("query", path.name).decode("utf-8")) for path in files)


def named_query(name: str) -> NamedQuery:
    """One question. Raises LedgerError LG0706."""
    for item in named_queries():
        if item.name == name:
            return item
    from difflib import get_close_matches

    close = get_close_matches(name[:100], [item.name for item in named_queries()], 1)
    hint = f"did you mean `{close[0]}`?" if close else "`ledger query` lists them"
    raise LedgerError("LG0706", f"there is no query `{name[:100]}`", hint=hint)
