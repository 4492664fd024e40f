"""`ledger frameworks`: the profiles, their rules, and what they say of a registry's record."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, Json, new_typer
from ledger_cli.output import MARKS, count, marked, say, table

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
        table(("profile", "kind", "name", "date"), [(item["id"], item["kind"], item["name"], item["date"]) for item in found])
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
    id: Annotated[str, typer.Argument(help="The profile: an id, or a profile file of your own.")],
    file: Annotated[str, typer.Argument(help="A record of the Model Openness Tool or of the Open Source AI Index.")],
    as_json: Json = False,
) -> None:
    """What a profile says of a registry's record at its word: nobody has looked at any bytes. The exit code is 0 whatever it says."""
    from ledger.api import evaluate_record

    found = evaluate_record(id, file)
    verdict, facts = found.verdict, found.facts
    said = verdict.to_json()
    result = {
        "profile": verdict.profile,
        "own": verdict.own,
        "result": verdict.believed,
        "by_evidence": verdict.result,
        "class": said.get("class"),
        "figures": said.get("figures", {}),
        "rules": said["rules"],
        "policy": said.get("policy", {}),
        "remarks": [{"pointer": pointer, "text": remark} for pointer, remark in facts.remarks],
        "unresolved": list(facts.unresolved),
    }

    def text() -> None:
        label = f", {verdict.class_label}" if verdict.class_label else ""
        own = " (a profile of your own)" if verdict.own else ""
        marked(verdict.believed, f"{verdict.profile}{own}: {verdict.believed}{label}, at the record's word")
        for name, value in verdict.figures.items():
            say(f"  {name}: {value:.2f}")
        for rule in verdict.rules:
            say(f"  {MARKS[rule.result]} {rule.rule}: {rule.reason} {rule.detail}".rstrip())
        for pointer, remark in facts.remarks:
            say(f"  {pointer}: {remark}")
        for pointer in facts.unresolved:
            say(f"  {pointer}: not understood, and left out")

    Answer("frameworks-evaluate", as_json).give(result, text)


@app.command("lint", epilog="Example: ledger frameworks lint our-rules.yaml")
def lint(
    file: Annotated[str, typer.Argument(help="A profile file.")],
    as_json: Json = False,
) -> None:
    """Check a profile file of your own, and say all that is wrong with it."""
    from ledger.api import LedgerError, lint_profile

    found = lint_profile(file)
    result = {"profile": found.id, "digest": found.digest, "rules": found.rules, "taken": found.taken, "problems": list(found.problems)}

    def text() -> None:
        for problem in found.problems:
            say(problem)
        if not found.problems:
            say(f"{found.id}: {count(found.rules, 'rule')}, nothing wrong")
            say(f"  digest: {found.digest}")
            if found.taken:
                say("  the product carries a profile of this id: give yours another")
            say(f"next: ledger attest RELEASE --profile {file} --out FILE")

    error = None
    if found.problems:
        shown = f"`{file}` has {count(len(found.problems), 'problem')}"
        error = LedgerError("LG1004", shown, details={"problems": list(found.problems)})
    Answer("frameworks-lint", as_json).give(result, text, error)
