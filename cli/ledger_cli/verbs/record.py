"""`ledger record`: hash, sign and log."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger.errors import LedgerError
from ledger_cli.common import SYMLINKS, Answer, DryRun, Json, Key, LedgerDir, Passphrase, Quiet, new_typer, one_of, open_ledger
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
        list[str] | None,
        typer.Option("--from", metavar="RELATION=REF", help="What it was made from, such as trained-on=figures@1; may be repeated."),
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
    given = {"name": name, "version": version, "license": license, "supersedes": supersedes}
    listed = {"inputs": inputs, "sources": sources, "fields": fields, "include": include}
    what = {} if file is not None else _description(kind, path, given, listed, symlinks)
    if file is not None and (symlinks != "refuse" or any(item is not None for item in (kind, path, *given.values(), *listed.values()))):
        raise LedgerError("LG1201", "--file records what the file says: describe nothing beside it")
    opened = open_ledger(ledger, key=key, passphrase_file=passphrase_file)
    with hashing_progress(quiet) as progress:
        how = {"rehash": rehash, "dry_run": dry_run, "progress": progress}
        done = opened.record_file(file, **how) if file is not None else [opened.record(kind, path, **what, **how)]
    # Only now: while progress is drawn, the terminal is not ours to write on.
    if file is not None:
        _pipeline(done, dry_run, as_json)
        return
    for warning in done[0].warnings:
        talk(f"warning: {warning}")
    Answer("record", as_json).give(done[0].to_json(), lambda: _one(done[0]))


def _description(
    kind: str | None, path: str | None, given: dict[str, str | None], listed: dict[str, list[str] | None], symlinks: str
) -> dict[str, Any]:
    """What is said of one artifact on the command line. Raises LedgerError LG1201."""
    if kind is None or path is None or given["name"] is None:
        raise LedgerError("LG1201", "KIND, PATH and --name are needed, or --file")
    return {
        **given,
        "inputs": [pair(item, "--from", "RELATION=REF") for item in listed["inputs"] or ()],
        "fields": distinct([pair(item, "--set", "FIELD=VALUE") for item in listed["fields"] or ()], "--set"),
        "sources": list(listed["sources"] or ()),
        "include": list(listed["include"] or ()),
        "symlinks": one_of(symlinks, SYMLINKS, "--symlinks"),
    }


def pair(text: str, option: str, form: str) -> tuple[str, str]:
    """`A=B` as (A, B). Raises LedgerError LG1201."""
    left, equals, right = text.partition("=")
    if not equals or not left or not right:
        raise LedgerError("LG1201", f"{option} takes {form}, not `{text}`")
    return left, right


def distinct(pairs: list[tuple[str, str]], option: str) -> dict[str, str]:
    """The pairs as a mapping. Raises LedgerError LG1201 when one would replace another."""
    found: dict[str, str] = {}
    for left, right in pairs:
        if found.setdefault(left, right) != right:
            raise LedgerError("LG1201", f"{option} is given twice for `{left}`: `{found[left]}` and `{right}`")
    return found


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
    if done.supersedes:
        say(f"  corrects {short(done.supersedes['id'])}: {done.supersedes['reason']}")
    say(_next(done))


def _next(done: Any) -> str:
    """What a person does with it now."""
    from shlex import quote

    if done.dry_run and not done.existing:
        return "next: the same without --dry-run records it"
    ref = quote(done.display)
    if done.kind == "weights":
        return f"next: ledger release {quote(done.name)} --version VERSION --component weights={ref} --component datasets=REF"
    if done.kind == "document":
        return f"next: ledger release NAME --version VERSION --component model-card={ref}"
    return f"next: give --from {'trained-on' if done.kind == 'dataset' else 'built-by'}={ref} when you record what was made with it"


def attest_next(release: Any) -> str:
    """What a person does with a release."""
    from shlex import quote

    out = f"{release.name.replace('/', '-')}.attestation.json"
    return f"next: ledger attest {quote(release.display)} --out {quote(out)}"


def _pipeline(done: list[Any], dry_run: bool, as_json: bool) -> None:
    for item in done:
        for warning in item.warnings:
            talk(f"warning: {item.display}: {warning}")

    def text() -> None:
        table(("entry", "kind", "name", "id", ""), [(i.index, i.kind, i.display, short(i.id), verb(i)) for i in done])
        releases = [item for item in done if item.kind == "release"]
        say(attest_next(releases[-1]) if releases and (not dry_run or releases[-1].existing) else _next(done[-1]))

    result = {"recorded": [item.to_json() for item in done], "dry_run": dry_run}
    Answer("record", as_json).give(result, text)
