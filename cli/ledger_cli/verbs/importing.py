"""`ledger import ORIGIN PATH`: one command for each importer, alike in everything but what it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from ledger.errors import LedgerError
from ledger.importers.origins import ORIGINS
from ledger_cli.common import Answer, DryRun, Json, Key, LedgerDir, Passphrase, Quiet, open_ledger
from ledger_cli.output import count, say, short, table, talk
from ledger_cli.progress import hashing_progress
from ledger_cli.verbs.record import verb

_MOST_LINES = 20

Path_ = Annotated[str, typer.Argument(metavar="PATH", help="The folder or file.")]
Name = Annotated[str | None, typer.Option("--name", help="What to call the main artifact; by default what the files say.")]
Version = Annotated[str | None, typer.Option("--version", help="Its version; by default what the files say.")]
GeneratedBy = Annotated[
    str | None,
    typer.Option("--generated-by", metavar="REF", help="The model that generated the data, which such files do not name (instructlab)."),
]
Revision = Annotated[
    str | None, typer.Option("--revision", metavar="COMMIT", help="The revision of the files, or which one of a cache (huggingface, git).")
]
Rehash = Annotated[bool, typer.Option("--rehash", help="Read every byte, even of files that look unchanged.")]


def command(origin: str) -> Callable[..., None]:
    """The command that imports from an origin."""

    def import_origin(
        path: Path_,
        name: Name = None,
        version: Version = None,
        generated_by: GeneratedBy = None,
        revision: Revision = None,
        rehash: Rehash = False,
        ledger: LedgerDir = None,
        key: Key = None,
        passphrase_file: Passphrase = None,
        dry_run: DryRun = False,
        quiet: Quiet = False,
        as_json: Json = False,
    ) -> None:
        _check_options(origin, {"generated_by": generated_by, "revision": revision})
        from ledger.api import import_from

        opened = open_ledger(ledger, key=key, passphrase_file=passphrase_file)
        said = {"called": name, "version": version, "generated_by": generated_by, "revision": revision}
        with hashing_progress(quiet) as progress:
            report = import_from(opened, origin, path, rehash=rehash, dry_run=dry_run, progress=progress, **said)
        for item in report.recorded:
            for warning in item.warnings:
                talk(f"warning: {item.display}: {warning}")
        Answer("import", as_json).give(report.to_json(), lambda: _text(report))

    import_origin.__doc__ = f"Record what is read from here: {ORIGINS[origin].title}."
    return import_origin


def example(origin: str) -> str:
    """The worked example of an origin's help."""
    return f"Example: ledger import {origin} {ORIGINS[origin].example}"


def _check_options(origin: str, given: dict[str, str | None]) -> None:
    """Refuse an option that would change nothing. Raises LedgerError LG1201."""
    for name, value in given.items():
        if value is not None and name not in ORIGINS[origin].needs:
            raise LedgerError("LG1201", f"--{name.replace('_', '-')} means nothing to `import {origin}`")


def _text(report: Any) -> None:
    table(("entry", "kind", "name", "id", ""), [(i.index, i.kind, i.display, short(i.id), verb(i)) for i in report.recorded])
    digests = f", {count(report.verified, 'claimed digest')} found to hold" if report.verified else ""
    say(f"{report.format}: {count(len(report.claims), 'claim')} recorded{digests}")
    _licenses(report)
    _listed("contradictory", [f"{item['rule']}: {item['text']}" for item in report.contradictions])
    _listed("not used", [f"{item['at']}: {item['what']}: {item['reason']}" for item in report.unresolved])
    shown = report.recorded[-1]
    say(f"next: ledger show {short(shown.id)}" if not report.dry_run else "next: the same without --dry-run records it")


def _licenses(report: Any) -> None:
    for row in [row for row in report.claims if row["field"] == "license"][:_MOST_LINES]:
        said = row["value"]
        normal = "" if said["normalized"] == said["text"] else f" → {said['normalized']}"
        say(f"  licence {said['basis']}: {said['text']}{normal} ({row['at']})")


def _listed(title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    say(f"{title}:")
    for line in lines[:_MOST_LINES]:
        say(f"  {line}")
    if len(lines) > _MOST_LINES:
        say(f"  and {len(lines) - _MOST_LINES} more; --json has all")
