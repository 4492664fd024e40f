"""`ledger review`: a person's signed judgement."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, DryRun, Json, Key, LedgerDir, Passphrase, new_typer, open_ledger
from ledger_cli.output import say

app = new_typer(
    "Record a person's signed judgement.",
    'ledger review figures@1 --concluded-license CC-BY-4.0 --reason "read LICENSE and the publisher\'s page"',
)


@app.command()
def review(
    ref: Annotated[str, typer.Argument(help="What is judged: an id, the start of one, or a name.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is recorded.")],
    concluded: Annotated[
        str | None, typer.Option("--concluded-license", metavar="EXPR", help="Its licence, as an SPDX expression.")
    ] = None,
    waive: Annotated[
        str | None, typer.Option("--waive", metavar="FINDING", help="A finding of `ledger licenses`, as RULE:ID; it stays, with your name.")
    ] = None,
    statement: Annotated[
        str | None, typer.Option("--statement", metavar="KIND", help="data-information-sufficient or sharing-impossible.")
    ] = None,
    ledger: LedgerDir = None,
    key: Key = None,
    passphrase_file: Passphrase = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Record a judgement that only a person can make; what was declared and detected stays as it is beside it."""
    opened = open_ledger(ledger, key=key, passphrase_file=passphrase_file)
    done = opened.review(ref, reason=reason, concluded_license=concluded, waive=waive, statement=statement, dry_run=dry_run)

    def text() -> None:
        word = "already recorded, as" if done.existing else "would be recorded as" if dry_run else "recorded as"
        said = done.said
        what = said["concluded"]["normalized"] if "concluded" in said else said["finding"]["rule"] if "finding" in said else ""
        say(f"{word} entry {done.index}: {said['statement']}{' ' + what if what else ''}, of {done.display}")
        say("next: the same without --dry-run records it" if dry_run and not done.existing else f"next: ledger show {ref}")

    Answer("review", as_json).give(done.to_json(), text)
