"""`ledger find`: where a file is recorded."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, Quiet, new_typer, open_ledger
from ledger_cli.output import say, short, size, table
from ledger_cli.progress import counting_progress

app = new_typer("Where a file, or its digest, is recorded.", "ledger find data/train.csv")


@app.command()
def find(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="DIGEST|PATH",
            help="`sha256:…` or `file:…`, 64 hex digits or the first 8 and more of them; anything else is a file here, which is hashed.",
        ),
    ] = None,
    named: Annotated[
        str | None,
        typer.Option("--named", metavar="PATH", help="Instead of bytes: a path inside recorded trees, or a pattern such as `**/*.csv`."),
    ] = None,
    limit: Annotated[str, typer.Option("--limit", metavar="N", help="At most so many places, oldest first.")] = "1000",
    ledger: LedgerDir = None,
    at: At = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Every artifact that holds a file: with these bytes, wherever they lie, or with `--named` at this path inside a tree.

    Digits alone are a digest; a file whose name is made of digits is given as `./NAME`. Exit code 1: recorded nowhere, and everything was
    searched. Exit code 3: not everything could be searched.
    """
    from ledger.api import LedgerError

    # Read as text: the library would take longer to import what reads numbers than a lookup takes.
    if not (limit.isascii() and limit.isdecimal() and int(limit[:18]) > 0 and len(limit) < 18):
        raise LedgerError("LG1201", f"--limit is a number from 1 on, not `{limit[:40]}`")
    opened = open_ledger(ledger, at=at)
    with counting_progress(quiet or as_json) as progress:
        found = opened.find(what, named=named, limit=int(limit), progress=progress)
    shown = named if named is not None else f"file:{found['asked']['digits']}"
    error = None
    if not found["complete"]:
        error = LedgerError("LG0908", found["unsearched"][0])
    elif not found["found"]:
        error = LedgerError("LG0907", f"`{shown}` is in no artifact of this ledger (size {found['size']})")
    Answer("find", as_json).give(found, lambda: _text(found), error)


def _text(found: dict[str, Any]) -> None:
    from ledger.spec.names import display

    if found["asked"]["file"] is not None:
        say(f"{found['asked']['file']} is file:{found['asked']['digits']}")
    if found["found"]:
        rows = [
            (
                f"{item['kind'] or 'reference'} {display(item['name'], item['version'])}{_corrected(item)}",
                short(item["id"] or "?"),
                item["path"] if item["path"] is not None else "(is the artifact)",
                "" if item["bytes"] is None else size(item["bytes"]),
                short(item["sha256"]),
                item["index"],
            )
            for item in found["found"]
        ]
        table(("artifact", "id", "path in it", "size", "file", "entry"), rows)
    if found["more"]:
        say("there are more: --limit takes as many as you say")
    for text in found["unsearched"]:
        say(f"NOT searched: {text}")


def _corrected(item: dict[str, Any]) -> str:
    return "".join(f" [CORRECTED by entry {one['index']}: {one['reason']}]" for one in item["corrections"] if one["id"] != item["id"])
