"""`ledger sql`: auditors' SQL."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.rows import check_format, give_rows

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
    from ledger.api import QueryLimits

    check_format(format, as_json, "sql QUERY")
    found = open_ledger(ledger, at=at).query(query, QueryLimits(seconds, max_rows))
    give_rows("sql", found, {"columns": list(found.columns), "types": list(found.types), "rows": found.plain_rows()}, format, as_json)
