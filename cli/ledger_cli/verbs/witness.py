"""`ledger witness`: be a witness of other logs, over HTTP or through files."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, Json, Passphrase, new_typer
from ledger_cli.output import say, table, talk
from ledger_cli.passphrases import Passphrases

app = new_typer(
    "Witness other logs: cosign that they only ever grow.", "ledger witness init w1 --name example.org/w1", no_args_is_help=True
)

Dir = Annotated[str, typer.Argument(help="The witness's folder.")]


@app.command("init", epilog="Example: ledger witness init w1 --name example.org/w1")
def init(
    dir: Dir,
    name: Annotated[str, typer.Option("--name", help="Its key name, such as a web address without the scheme.")],
    scheme: Annotated[
        list[str] | None, typer.Option("--scheme", help="ed25519 (default) or ml-dsa-44; repeat it for a witness with both.")
    ] = None,
    passphrase_file: Passphrase = None,
    insecure: Annotated[bool, typer.Option("--insecure-no-passphrase", help="Write the private keys in clear.")] = False,
    as_json: Json = False,
) -> None:
    """Make a witness: its folder and its keys."""
    from ledger.api import Witness

    made = Witness.create(dir, name, scheme or ["ed25519"], Passphrases(passphrase_file).for_new(insecure))

    def text() -> None:
        say(f"made the witness {made.name} at {made.dir}")
        for vkey in made.vkeys:
            say(f"  verifier key  {vkey}")
        say(f"next: ledger witness trust {dir} LOG_VKEY, then ledger witness serve {dir}")

    Answer("witness-init", as_json).give({"dir": str(made.dir), "name": made.name, "vkeys": list(made.vkeys)}, text)


@app.command("trust", epilog="Example: ledger witness trust w1 'example.org/models+1a2b3c4d+AQ…'")
def trust(dir: Dir, vkey: Annotated[str, typer.Argument(help="The log's verifier key.")], as_json: Json = False) -> None:
    """Cosign the log with this verifier key from now on."""
    from ledger.api import Witness

    new = Witness(dir).trust(vkey)
    Answer("witness-trust", as_json).give(
        {"vkey": vkey.strip(), "already_trusted": not new},
        lambda: say("from now on it cosigns that log" if new else "it knows that log already"),
    )


@app.command("list", epilog="Example: ledger witness list w1")
def list_logs(dir: Dir, as_json: Json = False) -> None:
    """List the logs that it knows, and the size that it has cosigned of each."""
    from ledger.api import Witness

    opened = Witness(dir)
    logs = opened.logs()

    def text() -> None:
        table(
            ("origin", "size", "root"),
            [(item["origin"], item["size"], (item["root"] or "")[:16] + "…" * bool(item["root"])) for item in logs],
        )

    Answer("witness-list", as_json).give({"name": opened.name, "logs": logs}, text)


@app.command("cosign", epilog="Example: ledger witness cosign w1 request --out cosignature")
def cosign(
    dir: Dir,
    request: Annotated[str, typer.Argument(help="The request, from `ledger cosign request`.")],
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="File for the cosignature lines.")],
    passphrase_file: Passphrase = None,
    as_json: Json = False,
) -> None:
    """Answer a request in a file, without any network."""
    from ledger.api import Witness

    size = Witness(dir, Passphrases(passphrase_file).for_signing).cosign_file(request, out)

    def text() -> None:
        say(f"cosigned size {size}: {out}")
        say(f"next, at the ledger: ledger cosign add {out}")

    Answer("witness-cosign", as_json).give({"size": size, "path": out}, text)


@app.command("serve", epilog="Example: ledger witness serve w1 --listen 127.0.0.1:7380")
def serve(
    dir: Dir,
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT", help="Where to listen; by default for this machine only.")] = (
        "127.0.0.1:7380"
    ),
    passphrase_file: Passphrase = None,
) -> None:
    """Answer requests over HTTP until interrupted (C2SP tlog-witness); the address goes to stdout, a line for each request to stderr."""
    from ledger.api import LedgerError, Witness
    from ledger_cli.output import flush

    host, colon, port = listen.rpartition(":")
    if not colon or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise LedgerError("LG1201", f"--listen is HOST:PORT, not `{listen}`")

    def ready(url: str) -> None:
        say(url)
        flush()

    Witness(dir, Passphrases(passphrase_file).for_signing).serve(host.strip("[]") or "127.0.0.1", int(port), ready, talk)
