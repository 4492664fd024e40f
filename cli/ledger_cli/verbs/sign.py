"""`ledger sign`: put a signature on an envelope in a file, or beside those of a logged statement."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, DryRun, Json, LedgerDir, Passphrase, new_typer
from ledger_cli.output import say
from ledger_cli.verbs.key import Keys, changes, show_missing

app = new_typer("Put a signature on an envelope, beside those of others.", "ledger sign proposal.json --key alice.pem")


@app.command()
def sign(
    file: Annotated[str | None, typer.Argument(help="The envelope; the signature is added to it.")] = None,
    entry: Annotated[int | None, typer.Option("--entry", min=0, metavar="N", help="A logged statement, instead of a file.")] = None,
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="With --entry: write its envelope there; sign and log nothing.")
    ] = None,
    ledger: LedgerDir = None,
    key: Keys = None,
    passphrase_file: Passphrase = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Sign an envelope in a file, or log a further signature on a statement that is logged; others' signatures stay."""
    from pathlib import Path

    from ledger.api import LedgerError

    if (file is None) is (entry is None):
        raise LedgerError("LG1201", "give an envelope's file, or --entry N")
    doing = changes(ledger, key, passphrase_file)
    if file is not None or out is not None:
        found = doing.sign(Path(file)) if file is not None else doing.export(entry, out)

        def text() -> None:
            say(f"{'signed' if file is not None else 'written to ' + str(out)}: {found.says}")
            show_missing(found)

        Answer("sign", as_json).give({"proposal": found.to_json(), "index": None, "already_recorded": False, "dry_run": dry_run}, text)
        return
    done = doing.countersign(entry, dry_run=dry_run)
    result = {"proposal": None, "index": done.index, "already_recorded": done.existing, "dry_run": dry_run}
    word = "already signed, as" if done.existing else "would be logged as" if dry_run else "signed and logged as"
    Answer("sign", as_json).give(result, lambda: say(f"{word} entry {done.index}: {done.name}"))
