"""`ledger export FORMAT REF --out FILE`: one command for each document of a thing and its lineage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from ledger.exporters.formats import FORMATS
from ledger_cli.common import Answer, At, Json, LedgerDir, open_ledger
from ledger_cli.output import count, say, size

Ref = Annotated[str, typer.Argument(help="The release or artifact.")]
Out = Annotated[str, typer.Option("--out", metavar="FILE", help="Where to write it.")]
FormatVersion = Annotated[str | None, typer.Option("--format-version", metavar="V", help="The format's version; see the format's help.")]
NoFiles = Annotated[bool, typer.Option("--no-files", help="Do not list the single files of what it consists of.")]


Patch = Annotated[
    str | None,
    typer.Option(
        "--patch", metavar="FILE", help="A card to complete; its text stays as it is, and what contradicts the record is an error."
    ),
]


def command(name: str) -> Callable[..., None]:
    """The command that writes a format."""
    chosen = FORMATS[name]

    def export_format(
        ref: Ref,
        out: Out,
        format_version: FormatVersion = None,
        no_files: NoFiles = False,
        ledger: LedgerDir = None,
        at: At = None,
        as_json: Json = False,
    ) -> None:
        _export(name, ref, out, format_version, no_files, None, ledger, at, as_json)

    def export_card(ref: Ref, out: Out, patch: Patch = None, ledger: LedgerDir = None, at: At = None, as_json: Json = False) -> None:
        _export(name, ref, out, None, False, patch, ledger, at, as_json)

    made: Callable[..., None] = export_card if chosen.patches else export_format
    versions = f" Versions: {', '.join(chosen.versions)}." if chosen.versions else ""
    made.__doc__ = f"Write {chosen.title}.{versions}"
    return made


def _export(
    name: str,
    ref: str,
    out: str,
    version: str | None,
    no_files: bool,
    patch: str | None,
    ledger: str | None,
    at: str | None,
    as_json: bool,
) -> None:
    from ledger.api import export_document

    done = export_document(open_ledger(ledger, at=at), name, ref, out, version=version, files=not no_files, patch=patch)

    def text() -> None:
        said = done.to_json()
        form = f"{name} {done.version}".strip()
        say(f"wrote {form} to {done.path}: {size(done.bytes)}")
        counted = (count(said["artifacts"], "artifact"), count(said["references"], "reference"), count(said["edges"], "edge"))
        say(f"  {', '.join(counted)}, {count(said['files'], 'file')}")
        say(f"  sha256 {done.sha256}")

    Answer("export", as_json).give(done.to_json(), text)


def example(name: str) -> str:
    """The worked example of a format's help."""
    return f"Example: ledger export {name} granite-demo@1.0 --out {FORMATS[name].example}"
