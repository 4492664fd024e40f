"""`ledger key`: make keys, trust them, list them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, DryRun, Json, LedgerDir, Passphrase, new_typer, open_ledger
from ledger_cli.output import count, say, table
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


@app.command("public", epilog="Example: ledger key public 'hsm:2?label=team' --out team.pub")
def public(
    uri: Annotated[str, typer.Argument(metavar="URI", help="A key held elsewhere: hsm:, awskms:, gcpkms: or azurekms:.")],
    out: Annotated[str, typer.Option("--out", metavar="PUB", help="File for its public key.")],
    passphrase_file: Passphrase = None,
    as_json: Json = False,
) -> None:
    """Write the public key of a key that is held on a device or in a key service, and sign with it once to see that it does."""
    from ledger.api import held_key

    keyid, scheme = held_key(uri, Path(out), Passphrases(passphrase_file).for_signing)

    def text() -> None:
        from shlex import quote

        say(f"the {scheme} key {keyid} signs: {out}")
        say(f"next: ledger key trust {quote(out)} --for KIND, and --key {quote(uri)} where it is to sign")

    Answer("key-public", as_json).give({"keyid": keyid, "scheme": scheme, "uri": uri, "public": out}, text)


Keys = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="FILE", help="Root key that signs (or OPENNESS_LEDGER_KEY, or the ledger's first key); may be repeated."),
]
Out = Annotated[str | None, typer.Option("--out", metavar="FILE", help="Write the statement there for others to sign; log nothing.")]


def changes(ledger: str | None, keys: list[str] | None, passphrase_file: str | None) -> Any:
    """The key changes of the ledger that the options name, signed by all the keys that they name."""
    first = keys[0] if keys else None
    return open_ledger(ledger, key=first, passphrase_file=passphrase_file).key_changes((keys or [])[1:])


def give(verb: str, as_json: bool, done: Any, words: tuple[str, str], more: dict[str, Any], dry_run: bool) -> None:
    """Answer with a logged change, or with a proposal in a file."""
    if hasattr(done, "missing"):
        result = {"keyid": None, "index": None, "already_recorded": False, "dry_run": dry_run, "proposal": done.to_json(), **more}

        def proposed() -> None:
            say(f"{done.says}: written to {done.path}, and not logged")
            show_missing(done)

        Answer(verb, as_json).give(result, proposed)
        return
    result = {"keyid": done.name, "index": done.index, "already_recorded": done.existing, "dry_run": dry_run, "proposal": None, **more}

    def text() -> None:
        past, future = words
        say(f"{'already ' + past if done.existing else future if dry_run else past} from entry {done.index}: {done.name}")
        say("next: the same without --dry-run logs it" if dry_run else "next: ledger key list")

    Answer(verb, as_json).give(result, text)


def show_missing(proposal: Any) -> None:
    """What an envelope in a file still needs, and the next step."""
    for keyid in proposal.signers:
        say(f"  signed by {keyid}")
    if proposal.missing:
        say(f"next: {count(proposal.missing, 'more root key')} must sign: ledger sign {proposal.path} --key FILE")
    else:
        say(f"next: ledger submit {proposal.path}")


@app.command("trust", epilog="Example: ledger key trust alice.pem.pub --for dataset --name 'granite-*'")
def trust(
    pub: Annotated[str, typer.Argument(help="The public key's file.")],
    kinds: Annotated[
        list[str] | None,
        typer.Option("--for", metavar="KIND", help="Kind that it may sign, such as dataset or release; may be repeated. Default: all."),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="NAME", help="Name that it may sign for, or a beginning and `*`; may be repeated. Default: all."),
    ] = None,
    ledger: LedgerDir = None,
    key: Keys = None,
    passphrase_file: Passphrase = None,
    out: Out = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Log that a public key may sign; signed by a threshold of root keys."""
    chosen = kinds or ["*"]
    done = changes(ledger, key, passphrase_file).trust(pub, chosen, names or (), out=out, dry_run=dry_run)
    about = f" about {' '.join(names)}" if names else ""
    words = (f"trusted for {' '.join(chosen)}{about}", f"would be trusted for {' '.join(chosen)}{about}")
    give("key-trust", as_json, done, words, {"kinds": chosen, "names": names or []}, dry_run)


@app.command("retire", epilog="Example: ledger key retire 1a2b3c4d")
def retire(
    keyid: Annotated[str, typer.Argument(help="The key's id; 8 digits are enough.")],
    ledger: LedgerDir = None,
    key: Keys = None,
    passphrase_file: Passphrase = None,
    out: Out = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Log that a key signs no more; what it has signed stays good."""
    done = changes(ledger, key, passphrase_file).retire(keyid, out=out, dry_run=dry_run)
    give("key-retire", as_json, done, ("retired", "would be retired"), {}, dry_run)


@app.command("revoke", epilog="Example: ledger key revoke 1a2b3c4d --reason 'the laptop was stolen'")
def revoke(
    keyid: Annotated[str, typer.Argument(help="The key's id; 8 digits are enough.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for all to read.")],
    ledger: LedgerDir = None,
    key: Keys = None,
    passphrase_file: Passphrase = None,
    out: Out = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Log that a key is not to be believed any more; what the log had before stays as it was judged."""
    done = changes(ledger, key, passphrase_file).revoke(keyid, reason, out=out, dry_run=dry_run)
    give("key-revoke", as_json, done, ("revoked", "would be revoked"), {"reason": reason}, dry_run)


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
                " ".join(item["kinds"]) + (" about " + " ".join(item["names"]) if item["names"] else ""),
                item["status"],
                "yes" if item["root"] else "",
                item["first"],
            )
            for item in keys
        ]
        table(("key", "scheme", "may sign", "status", "root", "from entry"), rows)
        say(f"log key: {opened.log_key}")

    Answer("key-list", as_json).give({"keys": keys, "log_key": opened.log_key, "origin": opened.origin}, text)
