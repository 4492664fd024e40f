"""`ledger impact`: which releases it would change if something had another licence, or were withdrawn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import count, say
from ledger_cli.verbs.licenses import ActorFile, Stance

app = new_typer("Which releases another licence, or a withdrawal, would change.", "ledger impact figures@1 --license CC-BY-NC-4.0")


@app.command()
def impact(
    ref: Annotated[str, typer.Argument(help="An id, the start of one, or a name.")],
    license: Annotated[
        str | None, typer.Option("--license", metavar="EXPR", help="Suppose this licence of it, an SPDX expression.")
    ] = None,
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="Suppose that nobody can get its bytes any more.")] = False,
    stance: Stance = "moderate",
    actor: ActorFile = None,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Suppose that something had another licence, or were withdrawn: which releases it is in and by which path, what it brings along, which
    findings come and go, which verdicts turn."""
    asked = open_ledger(ledger, at=at)
    found = asked.impact(ref, license, withdrawn=withdrawn, stance=stance, actor=Path(actor) if actor else None).to_json()

    def text() -> None:
        what = "withdrawn" if found["withdrawn"] else f"under {found['license']}"
        say(f"{ref} {what}: {count(len(found['releases']), 'release')} ({found['stance']} stance)")
        for item in found["releases"]:
            _release(item, found["names"])
        say("nothing was recorded")

    Answer("impact", as_json).give(found, text)


def _release(item: dict[str, Any], names: dict[str, str]) -> None:
    say(f"{item['name']}@{item['version']}: {count(item['unresolved_before'], 'unresolved conflict')}, then {item['unresolved_after']}")
    if item["path"]:
        way = ", ".join(f"{edge['relation']} → {names[edge['input']]}" for edge in item["path"])
        say(f"  by {way}{' (and by other paths)' if item['other_paths'] else ''}")
    for word, key in (("no longer", "removed"), ("then", "added")):
        for one in item[key]:
            say(f"  {word:<10} {one['severity']:<10} {one['rule']}{' under ' + one['license'] if one['license'] else ''}")
    for profile, before in item["verdicts_before"].items():
        after = item["verdicts_after"][profile]
        if before != after:
            say(f"  {profile}: {before}, then {after}")
