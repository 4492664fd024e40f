"""`ledger submit`: log an envelope that others have signed."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, DryRun, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import say

app = new_typer("Log an envelope that enough have signed.", "ledger submit proposal.json")


@app.command()
def submit(
    file: Annotated[str, typer.Argument(help="The envelope, from `ledger key trust --out` or `ledger sign`.")],
    ledger: LedgerDir = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Log a key statement that a threshold of root keys has signed, or a logged statement with further signatures."""
    from pathlib import Path

    done = open_ledger(ledger).key_changes().submit(Path(file), dry_run=dry_run)
    result = {"index": done.index, "already_recorded": done.existing, "dry_run": dry_run, "kind": done.kind, "says": done.name}
    word = "already logged as" if done.existing else "would be logged as" if dry_run else "logged as"
    Answer("submit", as_json).give(result, lambda: say(f"{word} entry {done.index}: {done.name}"))
