"""`ledger release`: a named set of components."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, DryRun, Json, Key, LedgerDir, Passphrase, new_typer, open_ledger
from ledger_cli.output import say, short
from ledger_cli.verbs.record import attest_next, pair, verb

app = new_typer(
    "Record a release and its components.",
    "ledger release reader --version 1 --component weights=reader@1 --component datasets=figures@1",
)


@app.command()
def release(
    name: Annotated[str, typer.Argument(help="Name of the release.")],
    version: Annotated[str, typer.Option("--version", help="Its version.")],
    components: Annotated[
        list[str], typer.Option("--component", metavar="ROLE=REF", help="A component, such as weights=reader@1; repeat for each.")
    ],
    supersedes: Annotated[
        str | None, typer.Option("--supersedes", metavar="REASON", help="Correct what this name and version named.")
    ] = None,
    ledger: LedgerDir = None,
    key: Key = None,
    passphrase_file: Passphrase = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Record a release and its components by role."""
    parts = [pair(item, "--component", "ROLE=REF") for item in components]
    opened = open_ledger(ledger, key=key, passphrase_file=passphrase_file)
    done = opened.release(name, version, parts, supersedes=supersedes, dry_run=dry_run)

    def text() -> None:
        say(f"{verb(done)} as entry {done.index}: release {done.display}")
        say(f"  {done.id}")
        for item in done.components:
            say(f"  {item['role']:<20} {item['name']}{'@' + item['version'] if 'version' in item else ''}  {short(item['artifact'])}")
        if done.supersedes:
            say(f"  corrects {short(done.supersedes['id'])}: {done.supersedes['reason']}")
        say("next: the same without --dry-run records it" if dry_run and not done.existing else attest_next(done))

    Answer("release", as_json).give(done.to_json(), text)
