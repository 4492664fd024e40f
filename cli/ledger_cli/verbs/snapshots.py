"""`ledger export parquet` and `ledger export duckdb`: the tables with their signed checkpoint, for auditors' own tools."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, Json, LedgerDir, open_ledger
from ledger_cli.output import count, say

PARQUET_EXAMPLE = "Example: ledger export parquet --out snapshot"
DUCKDB_EXAMPLE = "Example: ledger export duckdb --out ledger.duckdb"


def export_parquet(
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="A folder that is new or empty.")],
    ledger: LedgerDir = None,
    as_json: Json = False,
) -> None:
    """Write a Parquet snapshot of the whole ledger, with its signed checkpoint and views.sql."""
    from ledger.api import export_parquet as write

    done = write(open_ledger(ledger), out)
    Answer("export-parquet", as_json).give(done.to_json(), lambda: _text(done, f"cd {out} && duckdb -init views.sql"))


def export_duckdb(
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="A file that is not there yet.")],
    ledger: LedgerDir = None,
    as_json: Json = False,
) -> None:
    """Write the whole ledger as one DuckDB file, with its signed checkpoint and the documented views."""
    from ledger.api import export_duckdb as write

    done = write(open_ledger(ledger), out)
    Answer("export-duckdb", as_json).give(done.to_json(), lambda: _text(done, f"duckdb {out}"))


def _text(done: Any, how: str) -> None:
    say(f"wrote {done.path}: {done.size} entries of {done.origin}, {count(sum(done.rows.values()), 'row')}")
    say(f"  root {done.root}")
    say(f"next: {how}, and compare SELECT ledger_root()")
