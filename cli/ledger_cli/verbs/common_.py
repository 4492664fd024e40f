"""`ledger common`: what several things were all made from, or what was made from all of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import count, say

app = new_typer("What several things have in common in their lineage.", "ledger common reader@1 writer@2")


@app.command()
def common(
    refs: Annotated[list[str], typer.Argument(metavar="REF REF…", help="Two things or more: an id, the start of one, or a name.")],
    down: Annotated[bool, typer.Option("--down", help="What was made from all of them; else what all were made from.")] = False,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """What several things were all made from (the nearest first), or with --down what was made from all of them."""
    found = open_ledger(ledger, at=at).common(refs, "down" if down else "up")

    def text() -> None:
        nearest = [item for item in found["common"] if item["nearest"]]
        others = [item for item in found["common"] if not item["nearest"]]
        if not found["common"]:
            say("nothing in common, as far as the ledger knows")
        for title, items in (("nearest", nearest), ("beyond these", others)):
            if items:
                say(f"{title}: {count(len(items), 'thing')}")
                for item in items:
                    say(f"  {_called(item)}")

    Answer("common", as_json).give(found, text)


def _called(item: dict[str, Any]) -> str:
    version = f"@{item['version']}" if item["version"] is not None else ""
    if not item["verified"] and item["kind"] != "release":
        return f"{item['name']}{version}  [unverified: a reference without bytes]  {item['id'][:12]}"
    return f"{item['name']}{version}  {item['kind']}  {item['id'][: item['id'].index(':') + 9]}"
