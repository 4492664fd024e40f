"""`ledger explain`: the long form of an error code."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer

from ledger_cli.common import Answer, Json, new_typer
from ledger_cli.output import say, table

app = new_typer("The long form of an error code.", "ledger explain LG0612")


@app.command()
def explain(
    code: Annotated[str | None, typer.Argument(help="Such as LG0612; without it, all are listed.")] = None, as_json: Json = False
) -> None:
    """The long form of an error code."""
    from ledger.advice import HINTS
    from ledger.codes import CATALOGUE
    from ledger.errors import LedgerError

    if code is None:
        every = [{"code": key, "exit_code": entry.exit_code, "title": entry.title} for key, entry in CATALOGUE.items()]

        def listed() -> None:
            table(("code", "exit", "title"), [(item["code"], item["exit_code"], item["title"]) for item in every])
            say("next: ledger explain CODE")

        Answer("explain", as_json).give({"codes": every}, listed)
        return
    wanted = code.strip().upper()
    if wanted not in CATALOGUE:
        raise LedgerError("LG1204", f"no error has the code `{code}`", hint="ledger explain lists all")
    entry, hint = CATALOGUE[wanted], HINTS.get(wanted)

    def text() -> None:
        say(f"{wanted}: {entry.title} (exit code {entry.exit_code})")
        say(textwrap.fill(entry.text, 100))
        if hint:
            say(f"next: {hint}")

    result = {"code": wanted, "exit_code": entry.exit_code, "title": entry.title, "text": entry.text, "hint": hint}
    Answer("explain", as_json).give(result, text)
