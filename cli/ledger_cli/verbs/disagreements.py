"""`ledger disagreements`: where definitions, claims, evidence and registries do not agree about a release."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import count, say

app = new_typer(
    "Where definitions, claims, evidence and registries do not agree.",
    "ledger disagreements reader@1 --record models/reader.yml",
)

# Sources and rules beyond these are in `--json`.
_SHOWN = 4


@app.command()
def disagreements(
    ref: Annotated[str, typer.Argument(help="A release: an id, the start of one, or a name.")],
    records: Annotated[
        list[str] | None,
        typer.Option("--record", metavar="FILE", help="A registry's record of the same model: Model Openness Tool, Open Source AI Index."),
    ] = None,
    profiles: Annotated[
        list[str] | None, typer.Option("--profile", metavar="ID|FILE", help="A profile to ask; repeat for more. Default: all.")
    ] = None,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Say what does not agree about a release, with both sides and where each says it. The exit code is 1 when something does not."""
    from ledger.api import LedgerError

    found = open_ledger(ledger, at=at).disagreements(ref, records=records or [], profiles=profiles or None).to_json()
    release, listed, apart = found["release"], found["disagreements"], found["not_compared"]
    name = f"{release['name']}@{release['version']}"

    def text() -> None:
        say(f"{name}: {count(len(listed), 'disagreement')}" + (f", {len(apart)} not to be compared" if apart else ""))
        for item in listed:
            _say(item)
        if apart:
            say("not to be compared, because a side says what nobody can look up:")
            for item in apart:
                _say(item)
        if not listed and not apart:
            say(f"asked: {', '.join(found['profiles'])}")

    error = None
    if listed:
        error = LedgerError("LG1005", f"{count(len(listed), 'disagreement')} about `{name}`")
    elif apart:
        error = LedgerError("LG1006", f"{count(len(apart), 'licence')} of `{name}` cannot be compared with the records")
    Answer("disagreements", as_json).give(found, text, error)


def _say(item: dict[str, Any]) -> None:
    basis = {"evidence": ", by evidence", "believed": ", if every claim is believed"}.get(item["basis"], "")
    say(f"{item['kind']}: {item['about']}{basis}")
    for side in item["sides"]:
        say(f"  {side['says']}{_source(side)}")
    # Of a rule that several profiles have, the sides say what there is to say.
    shown = item["rules"] if item["kind"] == "definitions" else []
    for rule in shown[:_SHOWN]:
        say(f"    {rule['rule']}: {rule['reason']} {rule['detail']}")
    if len(shown) > _SHOWN:
        say(f"    and {len(shown) - _SHOWN} more")
    if item["kind"] != "definitions" and item["rules"]:
        say(f"    {', '.join(rule['rule'] for rule in item['rules'])}")


def _source(side: dict[str, Any]) -> str:
    places = [f"entry {proof['index']} {proof.get('pointer', '')}".rstrip() for proof in side["evidence"] if "index" in proof]
    if side["file"]:
        places = [f"{side['file']} {proof.get('pointer', '')}".rstrip() for proof in side["evidence"]] or [side["file"]]
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return f"  ({', '.join(places[:_SHOWN])}{more})" if places else ""
