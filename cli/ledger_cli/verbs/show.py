"""`ledger show`: one artifact, reference or release."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import count, say, size

app = new_typer("Show one artifact, reference or release.", "ledger show weights/reader@1")


@app.command()
def show(
    ref: Annotated[str, typer.Argument(help="An id, the start of one, or a name.")],
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Show everything recorded about one artifact, reference or release."""
    found = open_ledger(ledger, at=at).show(ref)
    Answer("show", as_json).give({"artifact": found}, lambda: _text(found))


def _text(found: dict[str, Any]) -> None:
    version = f"@{found['version']}" if found["version"] else ""
    say(f"{found['kind'] or 'reference'} {found['name']}{version}")
    say(f"  id        {found['id']}")
    if not found["verified"]:
        say("  unverified: nobody has recorded its bytes")
    if found["files"] is not None:
        say(f"  content   {count(found['files'], 'file')}, {size(found['bytes'])}")
    said = found.get("predicate", {})
    for item in said.get("licenses", {}).get("declared", []):
        say(f"  licence   {item['expression']} ({item['normalized']}), declared in the {item['source']}")
    for item in said.get("licenses", {}).get("detected", []):
        say(f"  licence   file {item['path']}, kept as {item['object'][:19]}…")
    for item in said.get("sources", []):
        say(f"  source    {item['uri']} {item.get('revision', '')}".rstrip())
    for item in said.get("from", []):
        say(f"  from      {item['relation']} {item['input'][:17]}…" + ("" if "index" in item else "  unverified"))
    for item in said.get("components", []):
        say(f"  component {item['role']:<20} {item['name']}{'@' + item['version'] if 'version' in item else ''}")
    if "recorded" in found:
        say(f"  recorded  as entry {found['recorded']['index']} at {found['recorded']['time']}")
    for item in found["superseded_by"]:
        say(f"  CORRECTED by entry {item['index']}: {item['id'][:17]}… because {item['reason']}")
