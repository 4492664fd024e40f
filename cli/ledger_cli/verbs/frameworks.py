"""`ledger frameworks`: the profiles, their rules, and what they say of a registry's record."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, Json, new_typer
from ledger_cli.output import MARKS, marked, say, table

app = new_typer(
    "The profiles known, their rules, and what they say of a record.",
    "ledger frameworks show redhat-minimum-2025",
    invoke_without_command=True,
)


@app.callback(invoke_without_command=True)
def frameworks(ctx: typer.Context, as_json: Json = False) -> None:
    """List the profiles known."""
    if ctx.invoked_subcommand is not None:
        return
    from ledger.api import profiles

    found = profiles()

    def text() -> None:
        table(("profile", "name", "by", "date"), [(item["id"], item["name"], item["body"], item["date"]) for item in found])
        say("next: ledger frameworks show ID")

    Answer("frameworks", as_json).give({"profiles": found}, text)


@app.command("show", epilog="Example: ledger frameworks show mot-2026-05")
def show(id: Annotated[str, typer.Argument(help="The profile.")], as_json: Json = False) -> None:
    """Show one profile: its rules with their sources, and the choices that it makes."""
    from ledger.api import profile

    found = profile(id)

    def text() -> None:
        say(f"{found['id']}: {found['name']}")
        say(f"  {found['summary']}")
        say(f"  source: {found['citation']} {found['url']} ({found['date']})")
        say(f"  digest: {found['digest']}")
        for rule in found["rules"]:
            say(f"  {rule['id']}: {rule['text']}  [{rule['source']}]")
        for name, value in found["policy"].items():
            say(f"  choice: {name} = {', '.join(map(str, value)) if isinstance(value, list) else value}")
        say(f"next: ledger attest RELEASE --profile {found['id']} --out FILE")

    Answer("frameworks-show", as_json).give(found, text)


@app.command("evaluate", epilog="Example: ledger frameworks evaluate mot-2026-05 model.yml")
def evaluate(
    id: Annotated[str, typer.Argument(help="The profile.")],
    file: Annotated[str, typer.Argument(help="A registry's record, such as a Model Openness Tool YAML.")],
    as_json: Json = False,
) -> None:
    """What a profile says of a registry's record at its word: nobody has looked at any bytes. The exit code is 0 whatever it says."""
    from ledger.api import evaluate_record

    verdict = evaluate_record(id, file)
    said = verdict.to_json()
    result = {
        "profile": verdict.profile,
        "result": verdict.believed,
        "by_evidence": verdict.result,
        "class": said.get("class"),
        "figures": said.get("figures", {}),
        "rules": said["rules"],
        "policy": said.get("policy", {}),
    }

    def text() -> None:
        label = f", {verdict.class_label}" if verdict.class_label else ""
        marked(verdict.believed, f"{verdict.profile}: {verdict.believed}{label}, at the record's word")
        for name, value in verdict.figures.items():
            say(f"  {name}: {value:.2f}")
        for rule in verdict.rules:
            say(f"  {MARKS[rule.result]} {rule.rule}: {rule.reason} {rule.detail}".rstrip())

    Answer("frameworks-evaluate", as_json).give(result, text)
