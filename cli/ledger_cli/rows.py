"""Rows as an answer: a table for people, JSON, CSV or Parquet for programs."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from ledger_cli.common import Answer, one_of
from ledger_cli.output import put_bytes, say, table

FORMATS = ("table", "json", "csv", "parquet")


def check_format(format: str, as_json: bool, verb: str) -> None:
    """Refuse what cannot be answered, before anything is asked. Raises LedgerError LG1201."""
    from ledger.api import LedgerError

    one_of(format, FORMATS, "--format")
    if format == "parquet" and not as_json and sys.stdout.isatty():
        hint = f"lead it to a file: ledger {verb} … --format parquet > answer.parquet"
        raise LedgerError("LG1201", "parquet is not for a terminal", hint=hint)


def give_rows(
    verb: str, found: Any, result: Mapping[str, Any], format: str, as_json: bool, behind: Callable[[], None] | None = None
) -> None:
    """Write an answer.

    Args:
        found: a `QueryResult`.
        result: the answer as in `--json`.
        behind: writes what stands behind a table.
    """
    if format == "parquet" and not as_json:
        from ledger.api import to_parquet

        put_bytes(to_parquet(found))
        return

    def text() -> None:
        if format == "csv":
            say(as_csv(found))
            return
        table(found.columns, found.plain_rows())
        if behind is not None:
            behind()

    Answer(verb, as_json or format == "json").give(result, text)


def as_csv(found: Any) -> str:
    """The rows as CSV, with a line of names, without the last line's end."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([found.columns, *([_flat(value) for value in row] for row in found.plain_rows())])
    return buffer.getvalue().removesuffix("\n")


def _flat(value: Any) -> Any:
    """A value in a field of CSV: what has no form of its own there is written as in JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, list, dict)) else value
