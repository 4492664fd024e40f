"""`ledger query`: questions that have a name, in plain English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import count, say
from ledger_cli.output import table as put_table
from ledger_cli.rows import check_format, give_rows

app = new_typer("Ask a named question; without a name, list them.", "ledger query releases-containing --set artifact=figures@1")


@app.command()
def query(
    name: Annotated[str | None, typer.Argument(help="The question's name; without one, all are listed.")] = None,
    given: Annotated[list[str] | None, typer.Option("--set", metavar="PARAM=VALUE", help="What can be set of it; once for each.")] = None,
    describe: Annotated[
        bool, typer.Option("--describe", help="Say what can be set, what the columns mean, and the SQL; ask nothing.")
    ] = False,
    format: Annotated[str, typer.Option("--format", help="table, json, csv or parquet.")] = "table",
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, help="Stop it after so many seconds.")] = 60.0,
    max_rows: Annotated[int, typer.Option("--max-rows", min=1, help="Refuse answers with more rows.")] = 1_000_000,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Ask a question that auditors ask again and again; the same SQL runs in Spark over a snapshot."""
    from ledger.api import Ledger, LedgerError, QueryLimits

    answer = Answer("query", as_json or format == "json")
    if name is None:
        if given or describe:
            raise LedgerError("LG0706", "no question was named to ask or describe")
        answer.give({"queries": [item.to_json() for item in Ledger.named_queries()]}, lambda: listed(Ledger.named_queries()))
        return
    if describe:
        found = Ledger.named_query(name)
        answer.give({"query": found.to_json(), "sql": found.sql}, lambda: described(found))
        return
    check_format(format, as_json, "query NAME")
    values = settings(given or ())
    told = open_ledger(ledger, at=at).ask(name, QueryLimits(seconds, max_rows), **values)
    give_rows("query", told.result, told.to_json(), format, as_json, None if told.complete else lambda: say(BOUND))


BOUND = "there may be more: steps beyond the depth that was asked for were not followed; --set depth=N follows more"


def settings(given: Sequence[str]) -> dict[str, str]:
    """The values that `--set` gives. Raises LedgerError LG0707."""
    from ledger.api import LedgerError

    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier() or name in found:
            why = "is set twice" if name in found else "is not PARAM=VALUE"
            raise LedgerError("LG0707", f"`{text[:100]}` {why}", hint="such as --set artifact=figures@1")
        found[name] = value
    return found


def listed(queries: Sequence[Any]) -> None:
    """The questions, each with its name."""
    put_table(("name", "question"), [(item.name, item.question) for item in queries])
    say(f"{count(len(queries), 'question')}; next: ledger query NAME --describe")


def described(query: Any) -> None:
    """One question with all that there is to know of it."""
    say(query.question)
    for item in query.parameters:
        default = "must be given" if item.default is None else f"by default `{item.default}`" if item.default != "" else "by default empty"
        say(f"  --set {item.name}=…  {item.type}, {default}: {item.meaning}")
    say()
    put_table(("column", "meaning"), query.columns)
    say()
    say(query.sql)
