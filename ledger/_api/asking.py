"""Named questions, asked of the ledger: which there are, and one with its answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger._api.resolve import resolve, resolve_release
from ledger.store.commit import Store

if TYPE_CHECKING:
    from ledger.query.named import NamedQuery
    from ledger.query.session import QueryLimits, QueryResult


@dataclass(frozen=True, slots=True)
class NamedAnswer:
    """The answer to a named question.

    Attributes:
        parameters: what it was asked with; a REF as the typed id that it led to.
        size: the log size that it is about.
        complete: False when steps beyond the depth that was asked for were not followed, so that there may be more.
    """

    query: NamedQuery
    parameters: Mapping[str, str | int]
    size: int
    result: QueryResult
    complete: bool

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "name": self.query.name,
            "question": self.query.question,
            "parameters": dict(self.parameters),
            "size": self.size,
            "complete": self.complete,
            "columns": list(self.result.columns),
            "types": list(self.result.types),
            "rows": self.result.plain_rows(),
        }


@dataclass(frozen=True, slots=True)
class View:
    """A table, view or table macro that SQL can read: how it is named or called, what a row is, and (column, meaning) in order."""

    name: str
    comment: str
    columns: tuple[tuple[str, str], ...]


class Asking(ABC):
    """What `Ledger` answers to named questions."""

    _store: Store
    _at: int | None

    @property
    @abstractmethod
    def size(self) -> int:
        """The size that answers are about."""

    @abstractmethod
    def _index(self) -> Any:
        """The lookups at that size."""

    @staticmethod
    def named_queries() -> tuple[NamedQuery, ...]:
        """The named questions that there are, with what can be set and what their columns mean."""
        from ledger.query.named import named_queries

        return named_queries()

    @staticmethod
    def named_query(name: str) -> NamedQuery:
        """One of them. Raises LedgerError LG0706."""
        from ledger.query.named import named_query

        return named_query(name)

    @staticmethod
    def views() -> tuple[View, ...]:
        """What SQL can read: the tables, views and table macros, with their columns."""
        from ledger.query._generated import COMMENTS, STORED
        from ledger.query.derived import DERIVED
        from ledger.query.macros import MACROS

        texts = {(table, column): text for table, column, text in COMMENTS}
        found = [
            View(table, texts[table, ""], tuple((name, texts[table, name]) for name, _ in columns)) for table, columns in STORED.items()
        ]
        found += [View(item.name, item.comment, tuple((name, text) for name, _, text in item.columns)) for item in DERIVED]
        return (*found, *(View(item.call, item.comment, tuple((name, text) for name, _, text in item.columns)) for item in MACROS))

    @staticmethod
    def shell_history() -> Path:
        """Where this machine's user has the lines that were typed into `ledger shell`."""
        from ledger.store.memory import state_home

        return state_home() / "shell-history"

    def ask(self, name: str, limits: QueryLimits | None = None, /, **parameters: str | int) -> NamedAnswer:
        """Ask a named question.

        Args:
            name: its name, such as `releases-containing`; `named_queries` has all.
            parameters: what can be set of it, such as `artifact="figures@1"`.

        Raises:
            LedgerError: LG0706 no such question, LG0707 a parameter that is unknown or missing, LG0708 a value of another type, LG0901,
                LG0902, LG1102 for a REF, LG0703 over a limit, LG0705 it cannot be confined here.
        """
        from ledger.query.named import for_duckdb, named_query
        from ledger.query.session import run
        from ledger.store._generated import COLUMNS

        query = named_query(name)
        values = query.values(parameters)
        for item in query.parameters:
            if item.type == "artifact":
                values[item.name] = resolve(self._index(), str(values[item.name])).id
            elif item.type == "release":
                values[item.name] = resolve_release(self._index(), str(values[item.name])).id

        def work(whole: int) -> tuple[int, QueryResult]:
            segments = {table: [item.path for item in self._store.segments.in_force(table, whole)] for table in COLUMNS}
            size = whole if self._at is None else self._at
            return size, run(for_duckdb(query.sql), segments, size, limits, parameters=values, tables=query.reads)

        size, found = self._store.reloading(work)
        at = found.columns.index("complete") if "complete" in found.columns else None
        return NamedAnswer(query, values, size, found, at is None or all(row[at] for row in found.rows))
