"""`ledger notices`: the attribution and licence folder of a release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import count, say
from ledger_cli.verbs.licenses import ActorFile, Stance

app = new_typer("Write the attribution and licence folder of a release.", "ledger notices release/reader@1 --out third-party")


@app.command()
def notices(
    ref: Annotated[str, typer.Argument(help="An id, the start of one, or a name.")],
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="The folder; new, or empty.")],
    stance: Stance = "moderate",
    actor: ActorFile = None,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Write licence texts, attributions and obligations into a folder; exit code 1 when something that belongs there is in no record."""
    from ledger.api import LedgerError

    found = open_ledger(ledger, at=at).notices(ref, out, stance=stance, actor=Path(actor) if actor else None)
    error = LedgerError("LG0838", f"{count(len(found.missing), 'thing')} missing from `{out}`") if found.missing else None

    def text() -> None:
        for path, data in found.files.items():
            say(f"{path}  {count(len(data), 'byte')}")
        for item in found.missing:
            say(f"MISSING {item}")
        say(f"next: read {Path(out) / 'OBLIGATIONS.md'}, and ship the folder with the release")

    Answer("notices", as_json).give({"out": out, "files": sorted(found.files), "missing": list(found.missing)}, text, error)
