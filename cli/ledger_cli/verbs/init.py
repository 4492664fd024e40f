"""`ledger init`: make a ledger."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, Json, Key, Passphrase, key_sources, new_typer
from ledger_cli.output import say
from ledger_cli.passphrases import Passphrases

app = new_typer("Make a ledger, its log key and a first signing key.", "ledger init my-ledger --origin example.org/models")


@app.command()
def init(
    dir: Annotated[str, typer.Argument(metavar="DIR", help="Folder to make the ledger in.")] = ".",
    origin: Annotated[str, typer.Option("--origin", metavar="NAME", help="The ledger's name, such as example.org/models.")] = "",
    key: Key = None,
    root_key: Annotated[
        list[str] | None, typer.Option("--root-key", metavar="FILE", help="A private root key that signs the first entry; may be repeated.")
    ] = None,
    root: Annotated[
        list[str] | None, typer.Option("--root", metavar="PUB", help="The public key of a root key that others hold; may be repeated.")
    ] = None,
    threshold: Annotated[int, typer.Option("--threshold", min=1, help="How many root keys must sign a change of keys.")] = 1,
    passphrase_file: Passphrase = None,
    insecure: Annotated[bool, typer.Option("--insecure-no-passphrase", help="Write the private keys in clear.")] = False,
    as_json: Json = False,
) -> None:
    """Make a ledger, its log key and, unless --key names one, a first signing key that is trusted for everything."""
    from pathlib import Path

    from ledger.api import Ledger, LedgerError, RootSources

    if not origin:
        raise LedgerError("LG1201", "give the ledger a name with --origin NAME", hint="ledger init DIR --origin example.org/models")
    passphrases = Passphrases(passphrase_file)
    made = Ledger.create(
        dir,
        origin,
        keys=key_sources(key, passphrases),
        passphrase=passphrases.for_new(insecure),
        insecure_no_passphrase=insecure,
        roots=RootSources(tuple(map(Path, root_key or ())), tuple(map(Path, root or ())), threshold),
    )
    result = {"dir": str(made.dir), "origin": made.origin, "log_key": made.log_key, "keyid": made.keyid}

    def text() -> None:
        say(f"made the ledger {made.origin} in {made.dir}")
        say(f"  log key      {made.log_key}")
        say(f"  signing key  {made.keyid}")
        say("give the log key to whoever is to verify; keep state/keys secret and backed up")
        say("next: ledger record dataset PATH --name NAME --version VERSION --license EXPRESSION")

    Answer("init", as_json).give(result, text)
