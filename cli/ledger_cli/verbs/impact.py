"""`ledger impact`: which releases another licence of something would change."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import count, say
from ledger_cli.verbs.licenses import ActorFile, Stance

app = new_typer("Which releases another licence would change.", "ledger impact figures@1 --license CC-BY-NC-4.0")


@app.command()
def impact(
    ref: Annotated[str, typer.Argument(help="An id, the start of one, or a name.")],
    license: Annotated[str, typer.Option("--license", metavar="EXPR", help="The licence to suppose, as an SPDX expression.")],
    stance: Stance = "moderate",
    actor: ActorFile = None,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Suppose that something had another licence: which releases it is in, which findings come and go, which verdicts turn."""
    found = open_ledger(ledger, at=at).impact(ref, license, stance=stance, actor=Path(actor) if actor else None).to_json()

    def text() -> None:
        say(f"{ref} under {found['license']}: {count(len(found['releases']), 'release')} ({found['stance']} stance)")
        for item in found["releases"]:
            _release(item)
        say("nothing was recorded")

    Answer("impact", as_json).give(found, text)


def _release(item: dict[str, Any]) -> None:
    say(f"{item['name']}@{item['version']}: {count(item['unresolved_before'], 'unresolved conflict')}, then {item['unresolved_after']}")
    for word, key in (("no longer", "removed"), ("then", "added")):
        for one in item[key]:
            say(f"  {word:<10} {one['severity']:<10} {one['rule']}{' under ' + one['license'] if one['license'] else ''}")
    for profile, before in item["verdicts_before"].items():
        after = item["verdicts_after"][profile]
        if before != after:
            say(f"  {profile}: {before}, then {after}")
