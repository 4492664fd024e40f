"""`ledger lineage`: what something was made from, or what was made from it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
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
    if format not in ("tree", "json", "mermaid", "dot"):
        raise LedgerError("LG1201", f"--format is tree, json, mermaid or dot, not `{format}`")
    found = open_ledger(ledger, at=at).lineage(ref, "down" if down else "up", depth)

    def text() -> None:
        if format == "json":
            say(json.dumps(found.to_json(), indent=2))
            return
        say(found.texts[format].rstrip("\n"))
        if format == "tree" and not found.complete:
            say(f"cut off by {found.truncated_by}: there is more")

    Answer("lineage", as_json).give(found.to_json(), text)
