"""`ledger log`: the entries."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import say, short, table

app = new_typer("List the entries of the log.", "ledger log --since 10 --limit 20")


@app.command()
def log(
    since: Annotated[int, typer.Option("--since", min=0, help="First index.")] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """List the entries of the log, oldest first."""
    opened = open_ledger(ledger, at=at)
    entries = opened.entries(since, limit)
    size = opened.size

    def text() -> None:
        if not entries:
            say(f"no entries from {since} on: there are {size}")
            return
        table(("entry", "time", "kind", "what"), [(item["index"], item["time"], item["kind"], _what(item)) for item in entries])
        last = entries[-1]["index"] + 1
        if last < size:
            say(f"{size} entries in all; next: ledger log --since {last}")

    Answer("log", as_json).give({"entries": entries, "size": size}, text)


def _what(item: dict[str, Any]) -> str:
    """What an entry says, and how it is part of a correction."""
    notes = [f"[CORRECTED by entry {later['index']}: {later['reason']}]" for later in item["superseded_by"]]
    if item["supersedes"]:
        notes.insert(0, f"[corrects {short(item['supersedes']['id'])}: {item['supersedes']['reason']}]")
    return "  ".join([item["what"], *notes])
