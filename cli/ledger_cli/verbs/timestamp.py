"""`ledger timestamp`: have an authority say when the published checkpoint existed."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer

from ledger_cli.common import Answer, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import say

app = new_typer(
    "Have a time-stamping authority (RFC 3161) say when the published checkpoint existed.",
    "ledger timestamp --tsa https://tsa.example.org/ --tsa-root tsa-root.pem",
)

TsaRoots = Annotated[
    list[str] | None,
    typer.Option("--tsa-root", metavar="PEM", help="Root certificates of a time-stamping authority; may be repeated."),
]


@app.command()
def timestamp(
    tsa: Annotated[str | None, typer.Option("--tsa", metavar="URL", help="Ask this authority.")] = None,
    request: Annotated[
        str | None, typer.Option("--request", metavar="FILE", help="Write a request for an authority that no network reaches.")
    ] = None,
    add: Annotated[str | None, typer.Option("--add", metavar="FILE", help="Keep an authority's answer to such a request.")] = None,
    size: Annotated[
        int | None,
        typer.Option("--size", min=0, metavar="N", help="With --add: the size that the request was over, if the log grew since."),
    ] = None,
    tsa_root: TsaRoots = None,
    ledger: LedgerDir = None,
    as_json: Json = False,
) -> None:
    """Ask a time-stamping authority for a token over the published checkpoint, check it, and keep it beside the log."""
    from ledger.api import LedgerError, LogTimestamps

    if sum(item is not None for item in (tsa, request, add)) != 1:
        raise LedgerError("LG1201", "give one of --tsa URL, --request FILE and --add FILE")
    if size is not None and add is None:
        raise LedgerError("LG1201", "--size goes with --add FILE")
    stamps = LogTimestamps(open_ledger(ledger), tsa_root or ())
    if add is not None:
        done = stamps.add(add, size)
    elif request is not None:
        done = stamps.request(request)
    else:
        done = stamps.ask(str(tsa))

    def text() -> None:
        if done.time is None:
            say(f"a request for a timestamp over size {done.size}: {done.path}")
            say(f"next, with the authority's answer: ledger timestamp --add ANSWER --size {done.size}")
            return
        say(f"the first {done.size} entries existed by {done.time}, says {done.authority}: {done.path}")
        if not done.checked:
            say("whether it is that authority was NOT checked: --tsa-root PEM does")
        say(f"next: ledger verify --tsa-root {quote(tsa_root[0]) if tsa_root else 'PEM'}")

    Answer("timestamp", as_json).give(done.to_json(), text)
