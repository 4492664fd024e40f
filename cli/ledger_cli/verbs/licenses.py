"""`ledger licenses`: the licences along a lineage, and what the rules find; or what is known of one licence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import count, say, short, table

app = new_typer(
    "Licences along the lineage: claims, findings, obligations.",
    "ledger licenses release/reader@1 --stance strict --actor us.yaml",
)
Stance = Annotated[str, typer.Option("--stance", help="strict, moderate or permissive: how the law is read where it is unsettled.")]
ActorFile = Annotated[
    str | None, typer.Option("--actor", metavar="FILE", help="Facts about who releases (YAML): users, revenue, domicile, purpose ….")
]
_INDENT, _WIDEST = 18 * " ", 100
NO_ADVICE = "This is not legal advice: rules over recorded facts, each with its source."


@app.command()
def licenses(
    ref: Annotated[str, typer.Argument(help="An id, the start of one, or a name; or `show`, before the id of a licence.")],
    id: Annotated[str | None, typer.Argument(metavar="ID", help="After `show`: an SPDX id or a LicenseRef-….", show_default=False)] = None,
    stance: Stance = "moderate",
    actor: ActorFile = None,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Licences of something and of all that it was made from, and what the rules find; exit code 1 with an unresolved conflict, 3 with an
    open question. `licenses show ID` prints what is known of one licence."""
    from ledger.api import LedgerError

    if id is not None:
        if ref != "show":
            raise LedgerError("LG1201", "give one REF, or `show` and the id of a licence")
        _show(id, as_json)
        return
    found = open_ledger(ledger, at=at).licenses(ref, stance=stance, actor=Path(actor) if actor else None)
    error = None
    if found.unresolved:
        rules = ", ".join(sorted({item.rule for item in found.unresolved}))
        error = LedgerError("LG0834", f"{count(len(found.unresolved), 'conflict')} that nobody has waived: {rules}")
    elif found.open_questions:
        rules = ", ".join(sorted({item.rule for item in found.open_questions}))
        error = LedgerError("LG0835", f"{count(len(found.open_questions), 'question')} that a person has to answer: {rules}")
    result = found.to_json()
    Answer("licenses", as_json).give(result, lambda: _text(result), error)


def _text(found: dict[str, Any]) -> None:
    names = {item["id"]: _name(item) for item in found["claims"]} | {found["id"]: _name(found)}
    say(f"{_name(found)}: {found['expression']}")
    for id in found["unknown"]:
        say(f"  of {names.get(id, short(id))} nobody says which licence it has")
    say("")
    rows = [
        (
            "shipped" if item["shipped"] else "used",
            _name(item),
            item["declared"]["expression"] if item["declared"] else "",
            "; ".join(_detected(text) for text in item["detected"]),
            item["concluded"]["normalized"] if item["concluded"] else "",
        )
        for item in found["claims"]
    ]
    table(("", "artifact", "declared", "detected", "concluded"), rows)
    for item in found["same_bytes"]:
        say(f"! the same bytes of {names[item['id']]} were declared as {', then as '.join(item['licenses'])}")
    for item in found["moved"]:
        entries = ", ".join(f"entry {one['index']}" for one in item["seen"])
        say(f"! {item['source']} gave different bytes: {entries}")
    say("")
    groups: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
    for item in found["findings"]:
        waived = f", waived by entry {item['waived']['index']}: {item['waived']['reason']}" if item["waived"] else ""
        groups.setdefault((item["severity"], item["rule"], item["reason"], waived), []).append(item)
    for (severity, rule, reason, waived), items in groups.items():
        say(f"{severity if waived else severity.upper():<10} {rule:<6} {reason}{waived}")
        _places(items, names, named=severity in ("conflict", "review") and not waived)
    if not found["findings"]:
        say(f"no rule has anything to say ({found['stance']} stance)")
    say("")
    say(NO_ADVICE)
    if found["unresolved"]:
        say(f"next: ledger review {found['kind']}/{_name(found)} --waive FINDING --reason TEXT, or change what is released")


def _name(item: dict[str, Any]) -> str:
    return f"{item['name']}@{item['version']}" if item["version"] else str(item["name"])


def _places(items: list[dict[str, Any]], names: dict[str, str], *, named: bool) -> None:
    """Where the same was found: each way, and the finding's name for whoever may want to waive it."""
    for item in items:
        way = " → ".join(names.get(id, short(id)) for id in item["path"])
        more = f" and {len(item['nodes']) - 1} more" if len(item["nodes"]) > 1 else ""
        say(f"{_INDENT}{way}{more}{', under ' + item['license'] if item['license'] else ''}")
        if named:
            say(f"{_INDENT}  {item['id']}")
    say(f"{_INDENT}source: {_shortened('; '.join(items[0]['sources']))}")


def _shortened(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _detected(text: dict[str, Any]) -> str:
    if text["ids"]:
        return " or ".join(text["ids"])
    if text["candidates"]:
        return f"near {' or '.join(text['candidates'][0])}"
    return f"{text['path'].rpartition('/')[2]}: {text['method']}"


def _show(id: str, as_json: bool) -> None:
    from ledger.api import LedgerError, license_facts

    found = license_facts(id)
    if found is None:
        raise LedgerError("LG0836", f"nothing is known of a licence `{ascii(id)[1:-1][:100]}`")
    Answer("licenses-show", as_json).give(found, lambda: _facts(found))


def _facts(found: dict[str, Any]) -> None:
    say(f"{found['id']}: {found['name']}")
    for name, value in found.items():
        if name in ("id", "name", "sources", "wording") or value in (None, [], {}, "unknown"):
            continue
        for line in _lines(name, value):
            say(f"  {line}")
    for name, words in found["wording"].items():
        say(f"  {name}, in its words: {words}")
    for item in found["sources"]:
        say(f"  source of {item['what']}: {item['where']} ({item['check']})")
    say("what is not listed is unknown")


def _lines(name: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{name}.{key}: {_word(item)}" for key, item in value.items() if item not in (None, "unknown", "unstated", [])]
    if isinstance(value, list):
        return [f"{name}: {', '.join(map(_word, value))}"]
    return [f"{name}: {_word(value)}"]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " ".join(map(_word, value.values()))
    return ", ".join(map(_word, value)) if isinstance(value, list) else str(value)
