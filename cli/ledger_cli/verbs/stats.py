"""`ledger stats`: figures of a ledger."""

from __future__ import annotations

from typing import Any

from ledger_cli.common import Answer, Json, LedgerDir, Quiet, new_typer, open_ledger
from ledger_cli.output import count, say, short, size, table
from ledger_cli.progress import counting_progress

app = new_typer("Figures of the ledger: entries, tables, objects, indexes.", "ledger stats")


@app.command()
def stats(ledger: LedgerDir = None, quiet: Quiet = False, as_json: Json = False) -> None:
    """How much is recorded, how much room it takes, whether the local indexes are up to date, and whether compacting would help."""
    with counting_progress(quiet or as_json) as progress:
        found = open_ledger(ledger).stats(progress=progress)
    Answer("stats", as_json).give(found, lambda: _text(found))


def _each(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {what}" for what, number in counts.items())


def _text(found: dict[str, Any]) -> None:
    from ledger.spec.names import display

    say(f"entries    {found['size']}: {_each(found['entries'])}")
    say(f"artifacts  {found['artifacts']['count']}: {_each(found['artifacts']['kinds'])}")
    say(f"names      {found['names']['count']}, {found['names']['distinct']} different")
    say(f"edges      {found['edges']}, components of releases included")
    say(f"files      {found['files']} in trees")
    licenses = found["licenses"]
    most = ", ".join(f"{item['claims']} {item['normalized']}" for item in licenses["most"])
    say(f"licences   {count(licenses['claims'], 'claim')}, {licenses['distinct']} different{f': {most}' if most else ''}")
    for what in ("objects", "log"):
        say(f"{what:<10} {count(found[what]['files'], 'file')}, {size(found[what]['bytes'])}")
    say()
    rows = [(name, one["rows"], one["segments"], size(one["bytes"]), one["replaced"]) for name, one in found["tables"].items()]
    table(("table", "rows", "segments", "size", "replaced files kept"), rows)
    say()
    table(
        ("local index", "files", "size", "state"),
        [(one["name"], one["files"], size(one["bytes"]), one["state"]) for one in found["indexes"]],
    )
    if found["largest_trees"]:
        say()
        trees = [
            (display(one["name"], one["version"]), short(one["id"]), one["files"], size(one["bytes"])) for one in found["largest_trees"]
        ]
        table(("largest trees", "id", "files", "size"), trees)
    say()
    todo = found["compaction"]
    if todo["merges"]:
        say(f"ledger compact would make {count(todo['merges'], 'segment')} of {todo['segments']}")
    else:
        say("no segment is left to merge")
