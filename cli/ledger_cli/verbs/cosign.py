"""`ledger cosign`: this ledger's witnesses: whom it asks, who has cosigned, and the way through files."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import say, table

app = new_typer("This ledger's witnesses: whom it asks, and who has cosigned.", "ledger cosign policy policy.txt", no_args_is_help=True)


@app.command("policy", epilog="Example: ledger cosign policy policy.txt")
def policy(
    file: Annotated[str | None, typer.Argument(help="A C2SP tlog-policy file.")] = None,
    none: Annotated[bool, typer.Option("--none", help="Ask for nobody's cosignature.")] = False,
    ledger: LedgerDir = None,
    as_json: Json = False,
) -> None:
    """Publish from now on only what the quorum of a policy has cosigned."""
    from ledger.api import LedgerError

    if (file is None) is not none:
        raise LedgerError("LG1201", "give a policy file, or --none")
    _show("cosign-policy", as_json, open_ledger(ledger).witnesses.set_policy(file))


@app.command("status", epilog="Example: ledger cosign status")
def status(ledger: LedgerDir = None, as_json: Json = False) -> None:
    """Who has cosigned the checkpoint that waits, or else the published one."""
    _show("cosign-status", as_json, open_ledger(ledger).witnesses.standing())


@app.command("request", epilog="Example: ledger cosign request --old 12 --out request")
def request(
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="File for the request.")],
    old: Annotated[int, typer.Option("--old", min=0, metavar="SIZE", help="The size that the witness has cosigned (it names it).")] = 0,
    ledger: LedgerDir = None,
    as_json: Json = False,
) -> None:
    """Write a request for a witness that no network reaches."""
    size = open_ledger(ledger).witnesses.request(out, old)

    def text() -> None:
        say(f"a request to cosign size {size}: {out}")
        say(f"next, at the witness: ledger witness cosign DIR {out} --out cosignature")

    Answer("cosign-request", as_json).give({"size": size, "old": old, "path": out}, text)


@app.command("add", epilog="Example: ledger cosign add cosignature")
def add(file: Annotated[str, typer.Argument(help="The witness's answer.")], ledger: LedgerDir = None, as_json: Json = False) -> None:
    """Take a witness's answer; a checkpoint that has its quorum by now is published."""
    _show("cosign-add", as_json, open_ledger(ledger).witnesses.add(file))


def _show(verb: str, as_json: bool, found: Any) -> None:
    def text() -> None:
        where = "waits for witnesses" if found.pending else "is published"
        say(f"size {found.size} {where}; {found.policy}{'' if found.quorum else ': NOT met'}")
        if found.witnesses:
            rows = [(item["name"], item["cosigned"] or "", item["url"] or "", item["key"][:40] + "…") for item in found.witnesses]
            table(("witness", "cosigned", "address", "key"), rows)

    Answer(verb, as_json).give(found.to_json(), text)
