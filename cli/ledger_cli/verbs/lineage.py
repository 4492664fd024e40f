"""`ledger lineage`: what something was made from, or what was made from it."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, one_of, open_ledger
from ledger_cli.output import say

app = new_typer("What something was made from, or what was made from it.", "ledger lineage release/reader@1 --up")


@app.command()
def lineage(
    ref: Annotated[str, typer.Argument(help="An id, the start of one, or a name.")],
    up: Annotated[bool, typer.Option("--up", help="What it was made from (the default).")] = False,
    down: Annotated[bool, typer.Option("--down", help="What was made from it.")] = False,
    depth: Annotated[int | None, typer.Option("--depth", min=0, help="At most so many steps.")] = None,
    format: Annotated[str, typer.Option("--format", help="tree, json, mermaid or dot.")] = "tree",
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """What something was made from, or what was made from it; references without bytes are marked."""
    from ledger.api import LedgerError

    if up and down:
        raise LedgerError("LG1201", "--up and --down are two questions: ask one at a time")
    one_of(format, ("tree", "json", "mermaid", "dot"), "--format")
    found = open_ledger(ledger, at=at).lineage(ref, "down" if down else "up", depth)

    def text() -> None:
        say(found.texts[format].rstrip("\n"))
        if format == "tree" and not found.complete:
            say(f"next: the same with a greater --depth than {depth}")

    Answer("lineage", as_json or format == "json").give(found.to_json(), text)
