"""`ledger compact`: few large table segments in the place of many small ones."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, Json, LedgerDir, Quiet, lock_timeout, new_typer, open_ledger
from ledger_cli.output import count, say, size, table
from ledger_cli.progress import counting_progress

app = new_typer("Merge small table segments into larger ones.", "ledger compact --dry-run")


@app.command()
def compact(
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be merged; change nothing.")] = False,
    ledger: LedgerDir = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Merge small table segments into larger ones, so that questions read few files.

    Records nothing and needs no key. Others may read and record meanwhile; ended early, it leaves a valid ledger. Files that larger ones
    replaced before it began are removed, and those that it replaces itself by the next append or compaction, for whoever still reads them.
    """
    with counting_progress(quiet or as_json) as progress:
        done = open_ledger(ledger).compact(dry_run=dry_run, progress=progress, lock_timeout_seconds=lock_timeout())
    merges = [{"table": item.table, "segments": len(item.segments), "rows": item.rows, "bytes": item.bytes} for item in done.merges]

    def text() -> None:
        if merges:
            rows = [(item["table"], item["segments"], item["rows"], size(int(str(item["bytes"])))) for item in merges]
            table(("table", "segments", "rows", "size"), rows)
        verb = "would be" if dry_run else "were" if len(merges) != 1 else "was"
        say(f"{count(len(merges), 'merge')} {verb} made; {count(done.removed, 'replaced file')} {'would be ' if dry_run else ''}removed")

    result = {"dry_run": dry_run, "merges": merges, "removed": done.removed, "removed_bytes": done.removed_bytes}
    Answer("compact", as_json).give(result, text)
