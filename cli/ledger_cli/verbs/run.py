"""`ledger run`: run a command, and record what it was given and what it made."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger.errors import LedgerError
from ledger_cli.common import Answer, DryRun, Json, Key, LedgerDir, Passphrase, Quiet, new_typer, open_ledger
from ledger_cli.output import say, short, table
from ledger_cli.progress import hashing_progress
from ledger_cli.verbs.record import distinct, pair, verb

app = new_typer(
    "Run a command; record its declared inputs and outputs, and its provenance.",
    "ledger run --name train --from trained-on=figures@1 --output weights:out/model=reader@2 -- python train.py",
)


@app.command(context_settings={"allow_interspersed_args": False})
def run(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND…", help="The command and its arguments.")],
    outputs: Annotated[
        list[str],
        typer.Option("--output", metavar="KIND:PATH=NAME[@VERSION]", help="What it makes; may be repeated."),
    ],
    name: Annotated[str, typer.Option("--name", help="What kind of run it is.")] = "run",
    inputs: Annotated[
        list[str] | None, typer.Option("--from", metavar="RELATION=REF", help="What it is given, such as trained-on=figures@1.")
    ] = None,
    parameters: Annotated[list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="A parameter; may be repeated.")] = None,
    license: Annotated[str | None, typer.Option("--license", metavar="EXPR", help="Licence of the outputs: an SPDX expression.")] = None,
    code: Annotated[str, typer.Option("--code", metavar="DIR", help="A folder of the Git work tree whose commit is stated.")] = ".",
    variables: Annotated[list[str] | None, typer.Option("--env", metavar="NAME", help="An environment variable to state.")] = None,
    provenance: Annotated[
        str | None, typer.Option("--provenance", metavar="FILE", help="Write the signed provenance statement here too.")
    ] = None,
    rehash: Annotated[bool, typer.Option("--rehash", help="Read every byte, even of files that look unchanged.")] = False,
    ledger: LedgerDir = None,
    key: Key = None,
    passphrase_file: Passphrase = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Run a command; when it ends with 0, record its declared inputs and outputs, and its signed SLSA provenance."""
    from ledger.api import run_command

    wanted = [_output(item) for item in outputs]
    opened = open_ledger(ledger, key=key, passphrase_file=passphrase_file)
    with hashing_progress(quiet) as progress:
        running = opened.run(
            name,
            inputs=[pair(item, "--from", "RELATION=REF") for item in inputs or ()],
            parameters=distinct([pair(item, "--param", "NAME=VALUE") for item in parameters or ()], "--param"),
            code=code,
            out=provenance,
            command=command,
            variables=variables or (),
            rehash=rehash,
            dry_run=dry_run,
            progress=progress,
        )
        for kind, path, called, version in wanted:
            running.output(kind, path, name=called, version=version, license=license)
        # One JSON object is all that may stand on our stdout: then the command's goes to stderr.
        report = run_command(running, command, stdout=2 if as_json else None)
    rows = [(i.index, i.kind, i.display, short(i.id), verb(i)) for i in (*report.recorded, report.provenance)]

    def text() -> None:
        table(("entry", "kind", "name", "id", ""), rows)
        if report.path is not None:
            say(f"wrote {report.path}")
        if dry_run:
            say("next: the same without --dry-run records it")
            return
        say(f"next: ledger lineage {short(report.recorded[0].id)}")

    Answer("run", as_json).give(report.to_json(), text)


def _output(text: str) -> tuple[str, str, str, str | None]:
    """KIND:PATH=NAME[@VERSION]. Raises LedgerError LG1201."""
    kind, colon, rest = text.partition(":")
    path, equals, called = rest.rpartition("=")
    name, at, version = called.partition("@")
    if not colon or not equals or not path or not name or (at and not version):
        raise LedgerError("LG1201", f"--output takes KIND:PATH=NAME[@VERSION], not `{text}`")
    return kind, path, name, version or None
