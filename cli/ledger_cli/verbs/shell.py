"""`ledger shell`: questions in SQL, one after another."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import typer

from ledger_cli.common import At, LedgerDir, new_typer, one_of, open_ledger

app = new_typer("Ask in SQL, one statement after another.", "ledger shell")


@app.command()
def shell(
    mode: Annotated[str, typer.Option("--mode", help="table, json or csv.")] = "table",
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, help="Stop each statement after so many seconds.")] = 60.0,
    max_rows: Annotated[int, typer.Option("--max-rows", min=1, help="Refuse answers with more rows.")] = 1_000_000,
    ledger: LedgerDir = None,
    at: At = None,
) -> None:
    """Ask in SQL: each statement is one SELECT that ends with `;`, and lines that start with a dot are commands (.help).

    Without a terminal, standard input is a script: its first error ends it, with that error's exit code.
    """
    from ledger.api import QueryLimits
    from ledger_cli.shelling import MODES, Shell
    from ledger_cli.verbs.query import settings

    one_of(mode, MODES, "--mode")
    limits = QueryLimits(seconds, max_rows)

    def ask(opened: Any, text: str) -> Any:
        return opened.query(text, limits)

    def named(opened: Any, name: str, given: Sequence[str]) -> Any:
        return opened.ask(name, limits, **settings(given))

    def opened_at(moment: str | None) -> Any:
        return open_ledger(ledger, at=moment)

    found = Shell(opened_at, at, mode, ask, named)
    if sys.stdin.isatty():
        from ledger.api import Ledger

        found.talk_with(Ledger.shell_history())
    else:
        found.script(iter(partial(sys.stdin.readline, 1 << 20), ""))
