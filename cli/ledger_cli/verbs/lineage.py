"""`ledger lineage`: what something was made from, or what was made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, one_of, open_ledger
from ledger_cli.output import put_bytes, say

app = new_typer(
    "What something was made from, or what was made from it.", "ledger lineage release/reader@1 --format html --out lineage.html"
)
_PICTURES = ("svg", "html", "mermaid", "dot")


@app.command()
def lineage(
    ref: Annotated[str, typer.Argument(help="An id, the start of one, or a name.")],
    up: Annotated[bool, typer.Option("--up", help="What it was made from (the default).")] = False,
    down: Annotated[bool, typer.Option("--down", help="What was made from it.")] = False,
    depth: Annotated[int | None, typer.Option("--depth", min=0, help="At most so many steps.")] = None,
    format: Annotated[str, typer.Option("--format", help="tree, json, svg, html, mermaid or dot.")] = "tree",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the picture there; else on stdout.")] = None,
    mark: Annotated[str | None, typer.Option("--mark", metavar="REF", help="Of pictures: the shortest paths to REF in bold.")] = None,
    verdict: Annotated[
        str | None, typer.Option("--verdict", metavar="PROFILE", help="Of pictures of a release: the paths to what decides it in bold.")
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="Of pictures: fold nothing, also beyond 200 nodes.")] = False,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """What something was made from, or what was made from it; references without bytes are marked."""
    from ledger.api import LedgerError

    if up and down:
        raise LedgerError("LG1201", "--up and --down are two questions: ask one at a time")
    one_of(format, ("tree", "json", *_PICTURES), "--format")
    direction = "down" if down else "up"
    if format not in _PICTURES and (out is not None or mark is not None or verdict is not None or all):
        raise LedgerError("LG1201", "--out, --mark, --verdict and --all are for pictures", hint="give --format svg, html, mermaid or dot")
    if as_json and format in ("svg", "html"):
        raise LedgerError("LG1201", f"--json is no {format}", hint="leave one of the two out")
    if format in _PICTURES and not as_json:
        how = {"format": format, "mark": mark, "verdict": verdict, "all": all, "out": out}
        picture = open_ledger(ledger, at=at).lineage_picture(ref, direction, depth, **how)
        if out is None:
            put_bytes(picture.encode("utf-8"))
        else:
            say(f"written: {out}")
        return
    found = open_ledger(ledger, at=at).lineage(ref, direction, depth)

    def text() -> None:
        say(found.tree.rstrip("\n"))
        if not found.complete:
            say(f"next: the same with a greater --depth than {depth}")

    answer = Answer("lineage", as_json or format == "json")
    answer.give(found.to_json() if answer.as_json else {}, text)
