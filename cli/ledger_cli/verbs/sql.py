"""`ledger sql`: auditors' SQL."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, one_of, open_ledger
from ledger_cli.output import put_bytes, say, table

app = new_typer("Run one SELECT over the ledger's tables.", "ledger sql \"select name, version, id from artifacts where kind = 'weights'\"")


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT; `select * from columns` lists what there is.")],
    format: Annotated[str, typer.Option("--format", help="table, json, csv or parquet.")] = "table",
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, help="Stop it after so many seconds.")] = 60.0,
    max_rows: Annotated[int, typer.Option("--max-rows", min=1, help="Refuse answers with more rows.")] = 1_000_000,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Run one SELECT, read-only: no files, no network, no second statement."""
    from ledger.api import LedgerError, QueryLimits, to_parquet

    one_of(format, ("table", "json", "csv", "parquet"), "--format")
    if format == "parquet" and not as_json and sys.stdout.isatty():
        raise LedgerError(
            "LG1201", "parquet is not for a terminal", hint="lead it to a file: ledger sql QUERY --format parquet > answer.parquet"
        )
    found = open_ledger(ledger, at=at).query(query, QueryLimits(seconds, max_rows))
    if format == "parquet" and not as_json:
        put_bytes(to_parquet(found))
        return
    rows = [list(row) for row in found.plain_rows()]

    def text() -> None:
        if format == "csv":
            buffer = io.StringIO()
            csv.writer(buffer, lineterminator="\n").writerows([found.columns, *([_flat(value) for value in row] for row in rows)])
            say(buffer.getvalue().removesuffix("\n"))
        else:
            table(found.columns, rows)

    result = {"columns": list(found.columns), "types": list(found.types), "rows": rows}
    Answer("sql", as_json or format == "json").give(result, text)


def _flat(value: Any) -> Any:
    """A value in a field of CSV: what has no form of its own there is written as in JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, list, dict)) else value
