"""`ledger key`: make keys, trust them, list them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger_cli.common import Answer, At, DryRun, Json, Key, LedgerDir, Passphrase, new_typer, open_ledger
from ledger_cli.output import say, table
from ledger_cli.passphrases import Passphrases

SCHEMES = "Signature scheme: ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ml-dsa-44 or ml-dsa-65."

app = new_typer("Make keys, and say who may sign what.", "ledger key new alice.pem", no_args_is_help=True)


@app.command("new", epilog="Example: ledger key new alice.pem")
def new(
    file: Annotated[str, typer.Argument(help="File for the private key; the public key goes to FILE.pub.")],
    scheme: Annotated[str, typer.Option("--scheme", help=SCHEMES)] = "ed25519",
    passphrase_file: Passphrase = None,
    insecure: Annotated[bool, typer.Option("--insecure-no-passphrase", help="Write the private key in clear.")] = False,
    as_json: Json = False,
) -> None:
    """Make a key pair: FILE (PKCS#8 PEM, encrypted, mode 0600) and FILE.pub."""
    from ledger.api import make_key

    keyid = make_key(Path(file), scheme, Passphrases(passphrase_file).for_new(insecure))

    def text() -> None:
        from shlex import quote

        say(f"made the {scheme} key {keyid}")
        say(f"  private  {file}")
        say(f"  public   {file}.pub")
        say(f"next: ledger key trust {quote(file)}.pub --for KIND")

    Answer("key-new", as_json).give({"keyid": keyid, "scheme": scheme, "file": file, "public": f"{file}.pub"}, text)


@app.command("trust", epilog="Example: ledger key trust alice.pem.pub --for dataset --for code")
def trust(
    pub: Annotated[str, typer.Argument(help="The public key's file.")],
    kinds: Annotated[
        list[str] | None,
        typer.Option("--for", metavar="KIND", help="Kind that it may sign, such as dataset or release; may be repeated. Default: all."),
    ] = None,
    ledger: LedgerDir = None,
    key: Key = None,
    passphrase_file: Passphrase = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Log that a public key may sign; signed by a root key."""
    chosen = kinds or ["*"]
    done = open_ledger(ledger, key=key, passphrase_file=passphrase_file).trust_key(pub, chosen, dry_run=dry_run)
    result = {"keyid": done.name, "kinds": chosen, "index": done.index, "already_recorded": done.existing, "dry_run": dry_run}
    word = "already trusted" if done.existing else "would be trusted" if dry_run else "trusted"

    def text() -> None:
        say(f"{word} for {' '.join(chosen)} from entry {done.index}: {done.name}")
        say("next: the same without --dry-run logs it" if dry_run else "next: whoever holds the private key records with --key FILE")

    Answer("key-trust", as_json).give(result, text)


@app.command("list", epilog="Example: ledger key list")
def list_keys(ledger: LedgerDir = None, at: At = None, as_json: Json = False) -> None:
    """List the keys and what each may sign."""
    opened = open_ledger(ledger, at=at)
    keys = opened.keys()

    def text() -> None:
        rows = [
            (
                item["keyid"][:16] + "…",
                item["scheme"],
                " ".join(item["kinds"]),
                item["status"],
                "yes" if item["root"] else "",
                item["first"],
            )
            for item in keys
        ]
        table(("key", "scheme", "may sign", "status", "root", "from entry"), rows)
        say(f"log key: {opened.log_key}")

    Answer("key-list", as_json).give({"keys": keys, "log_key": opened.log_key, "origin": opened.origin}, text)
