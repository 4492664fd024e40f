"""`ledger show`: one artifact, reference or release."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import count, say, short, size

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
    from ledger.spec.names import display

    say(f"{found['kind'] or 'reference'} {display(found['name'], found['version'])}")
    say(f"  id        {found['id']}")
    if not found["verified"]:
        say("  unverified: nobody has recorded its bytes")
    if found["files"] is not None:
        say(f"  content   {count(found['files'], 'file')}, {size(found['bytes'])}")
    said = found.get("predicate", {})
    for item in said.get("licenses", {}).get("declared", []):
        normal = "" if item["expression"] == item["normalized"] else f" → {item['normalized']}"
        where = f"the {item['source']}" if item["source"] in ("argument", "pipeline file") else item["source"]
        say(f"  licence   {item['expression']}{normal}, declared in {where}")
    for item in said.get("licenses", {}).get("detected", []):
        say(f"  licence   file {item['path']}, kept as {short(item['object'])}")
    for item in said.get("sources", []):
        say(f"  source    {item['uri']} {item.get('revision', '')}".rstrip())
    for item in found.get("parts", []):
        _part(item, "component" if "components" in said else "from     ")
    _imported(said.get("fields", {}).get("import"))
    if "recorded" in found:
        say(f"  recorded  as entry {found['recorded']['index']} at {found['recorded']['time']}")
    others = [item for item in found["named"] if item["index"] != found.get("recorded", {}).get("index")]
    for item in others:
        say(f"  also      {item['kind']} {display(item['name'], item['version'])}, entry {item['index']}")
    if found["supersedes"]:
        say(f"  corrects  {short(found['supersedes']['id'])}: {found['supersedes']['reason']}")
    for item in found["superseded_by"]:
        what = "its description" if item["id"] == found["id"] else f"to {short(item['id'])}"
        say(f"  CORRECTED by entry {item['index']}, {what}: {item['reason']}")
    for item in found["reviews"]:
        what = (item["concluded"] or {}).get("normalized") or (item["finding"] or {}).get("rule") or ""
        say(f"  review    {item['statement']}{' ' + what if what else ''}, entry {item['index']}: {item['reason']}")
    say(f"next: ledger lineage {short(found['id']).rstrip('…')}{'' if found['verified'] else ' --down'}")


def _imported(said: Any) -> None:
    """What an import kept of other people's files; whoever wrote the statement may have put anything there."""
    if not isinstance(said, dict) or not isinstance(said.get("claims"), list):
        return
    say(f'  imported  {said.get("format", said.get("origin"))}: {count(len(said["claims"]), "claim")}; ledger sql "select * from claims"')
    for item in said.get("contradictions") or ():
        say(f"  CONTRADICTORY {item.get('text', '') if isinstance(item, dict) else item}")
    if said.get("unresolved"):
        say(f"            {count(len(said['unresolved']), 'thing')} in the files could not be used")


def _part(item: dict[str, Any], word: str) -> None:
    from ledger.spec.names import display

    bare = "" if item["verified"] else "  unverified"
    say(f"  {word} {item['as']:<16} {display(item['name'], item['version'])}  {short(item['id'])}{bare}")
    for later in item["corrections"]:
        say(f"            CORRECTED since by entry {later['index']}: {later['reason']}")
