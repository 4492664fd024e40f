"""`ledger record`: hash, sign and log."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, DryRun, Json, Key, LedgerDir, Passphrase, Quiet, new_typer, open_ledger
from ledger_cli.output import count, say, short, size, table, talk
from ledger_cli.progress import hashing_progress

app = new_typer(
    "Hash, sign and log an artifact, or a whole pipeline file.",
    "ledger record dataset data/figures --name figures --version 1 --license CC-BY-4.0",
)


@app.command()
def record(
    kind: Annotated[str | None, typer.Argument(help="dataset, weights, code or document.")] = None,
    path: Annotated[str | None, typer.Argument(help="The file or folder.")] = None,
    file: Annotated[str | None, typer.Option("--file", metavar="PIPELINE.yaml", help="Record a pipeline file: all or nothing.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the artifact.")] = None,
    version: Annotated[str | None, typer.Option("--version", help="Its version.")] = None,
    license: Annotated[str | None, typer.Option("--license", metavar="EXPR", help="Its licence: an SPDX expression.")] = None,
    inputs: Annotated[
        list[str] | None, typer.Option("--from", metavar="RELATION=REF", help="What it was made from; may be repeated.")
    ] = None,
    sources: Annotated[list[str] | None, typer.Option("--source", metavar="URI", help="Where it is from; may be repeated.")] = None,
    fields: Annotated[list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A further field; may be repeated.")] = None,
    include: Annotated[list[str] | None, typer.Option("--include", metavar="PATTERN", help="Only these files, such as 'train/**'.")] = None,
    symlinks: Annotated[str, typer.Option("--symlinks", help="refuse, or inside: hash targets that stay inside.")] = "refuse",
    supersedes: Annotated[
        str | None, typer.Option("--supersedes", metavar="REASON", help="Correct what this name and version named.")
    ] = None,
    rehash: Annotated[bool, typer.Option("--rehash", help="Read every byte, even of files that look unchanged.")] = False,
    ledger: LedgerDir = None,
    key: Key = None,
    passphrase_file: Passphrase = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Hash, sign and log one artifact (KIND PATH --name N), or a whole pipeline (--file)."""
    from ledger.api import LedgerError

    opened = open_ledger(ledger, key=key, passphrase_file=passphrase_file)
    with hashing_progress(quiet) as progress:
        if file is not None:
            if kind or path or name or version or license or inputs or sources or fields or include or supersedes or symlinks != "refuse":
                raise LedgerError("LG1201", "--file records what the file says: describe nothing beside it")
            _pipeline(opened.record_file(file, rehash=rehash, dry_run=dry_run, progress=progress), dry_run, as_json)
            return
        if kind is None or path is None or name is None:
            raise LedgerError("LG1201", "KIND, PATH and --name are needed, or --file", hint="ledger record --help")
        if symlinks not in ("refuse", "inside"):
            raise LedgerError("LG1201", f"--symlinks is `refuse` or `inside`, not `{symlinks}`")
        done = opened.record(
            kind,
            path,
            name=name,
            version=version,
            license=license,
            inputs=[pair(item, "--from") for item in inputs or ()],
            sources=list(sources or ()),
            fields=dict(pair(item, "--set") for item in fields or ()),
            include=list(include or ()),
            symlinks=symlinks,
            supersedes=supersedes,
            rehash=rehash,
            dry_run=dry_run,
            progress=progress,
        )
    for warning in done.warnings:
        talk(f"warning: {warning}")
    Answer("record", as_json).give(done.to_json(), lambda: _one(done))


def pair(text: str, option: str) -> tuple[str, str]:
    """`A=B` as (A, B). Raises LedgerError LG1201."""
    from ledger.api import LedgerError

    left, equals, right = text.partition("=")
    if not equals or not left or not right:
        raise LedgerError("LG1201", f"{option} takes A=B, not `{text}`")
    return left, right


def verb(done: Any) -> str:
    """What happened to it."""
    return "already recorded" if done.existing else "would be recorded" if done.dry_run else "recorded"


def _one(done: Any) -> None:
    say(f"{verb(done)} as entry {done.index}: {done.kind} {done.display}")
    say(f"  {done.id}")
    reused = f", {done.reused_files} unchanged since last time" if done.reused_files else ""
    say(f"  {count(done.files, 'file')}, {size(done.bytes)}{reused}")
    declared = [item for item in done.licenses if item["basis"] == "declared"]
    for item in declared:
        same = item["expression"] == item["normalized"]
        say(f"  licence declared: {item['expression']}" + ("" if same else f" → {item['normalized']}"))
    if not declared:
        say("  licence declared: none (no profile will count it as open)")


def _pipeline(done: list[Any], dry_run: bool, as_json: bool) -> None:
    for item in done:
        for warning in item.warnings:
            talk(f"warning: {item.display}: {warning}")

    def text() -> None:
        table(("entry", "kind", "name", "id", ""), [(i.index, i.kind, i.display, short(i.id), verb(i)) for i in done])

    result = {"recorded": [item.to_json() for item in done], "dry_run": dry_run}
    Answer("record", as_json).give(result, text)
