"""`ledger why`: how two things are related."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import say

app = new_typer("The relation paths between two artifacts.", "ledger why weights/reader@1 figures@1")


@app.command()
def why(
    one: Annotated[str, typer.Argument(metavar="REF", help="One artifact or release.")],
    other: Annotated[str, typer.Argument(metavar="REF", help="The other.")],
    every: Annotated[bool, typer.Option("--all", help="All paths, not just a shortest one.")] = False,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Every relation path between two artifacts, shortest first."""
    from ledger.api import LedgerError

    found = open_ledger(ledger, at=at).why(one, other, all=every)
    names = {id: name + found["notes"].get(id, "") for id, name in found["names"].items()}

    def text() -> None:
        for path in found["paths"]:
            say(names[path[0]["output"]])
            for edge in path:
                say(f"  {edge['relation']} → {names[edge['input']]}  (entry {edge['index']})")
        if found["paths"] and not found["complete"]:
            say("there may be more paths than were looked at")

    error = None if found["paths"] else LedgerError("LG0903", f"neither of `{one}` and `{other}` was made from the other")
    Answer("why", as_json).give(found, text, error)
