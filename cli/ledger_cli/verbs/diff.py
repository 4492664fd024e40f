"""`ledger diff`: what changed between two releases or attestations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import say

app = new_typer(
    "What changed between two releases, or two attestations.",
    "ledger diff reader@1 reader@2",
)


@app.command()
def diff(
    one: Annotated[str, typer.Argument(help="A release, or the file of an attestation bundle.")],
    other: Annotated[str, typer.Argument(help="Another one.")],
    profiles: Annotated[
        list[str] | None, typer.Option("--profile", metavar="ID", help="For releases: evaluate these; may be repeated. Default: all.")
    ] = None,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Compare components, licences, lineage and verdicts; two bundles need no ledger, and nothing of them is verified here."""
    if one.endswith(".json") and other.endswith(".json"):
        from ledger.api import diff_files

        found = diff_files(one, other)
    else:
        found = open_ledger(ledger, at=at).diff(one, other, profiles)
    Answer("diff", as_json).give(found, lambda: _text(found))


def _text(found: Mapping[str, Any]) -> None:
    say(f"{_release(found['before'])} → {_release(found['after'])}")
    for word, items in (("+", found["added"]), ("-", found["removed"])):
        for item in items:
            say(f"  {word} {item['role']} {item['name']}  {item['normalized']}")
    for item in found["changed"]:
        before, after = item["before"], item["after"]
        told = [f"{before[name]} → {after[name]}" for name in ("name", "normalized", "basis") if before[name] != after[name]]
        if before["artifact"] != after["artifact"]:
            told.append(f"{before['artifact'][:16]}… → {after['artifact'][:16]}…")
        say(f"  ~ {after['role']} {after['name']}: {', '.join(told)}")
    for item in found["lineage"]["unverified_added"]:
        say(f"  + not backed by bytes: {item['name']} {item['id'][:16]}…")
    for item in found["lineage"]["unverified_removed"]:
        say(f"  - no longer without bytes: {item['name']} {item['id'][:16]}…")
    for mark, key in (("+", "added"), ("-", "removed")):
        for item in (found["data"] or {}).get(key, ()):
            say(f"  {mark} data behind it: {_release(item)}  {item['normalized']}")
    for item in found["verdicts"]:
        say(f"  {item['profile']}: {_verdict(item['before'])} → {_verdict(item['after'])}")
        for rule in item["rules"]:
            before = f"{rule['before']['result']} {rule['before']['reason']}" if rule["before"] else "not asked"
            say(f"      {rule['rule']}: {before} → {rule['after']['result']} {rule['after']['reason']}")
    behind = found["data"] or {"added": [], "removed": []}
    if not (found["added"] or found["removed"] or found["changed"] or found["verdicts"] or behind["added"] or behind["removed"]):
        say("  no difference in components, licences or verdicts")


def _release(item: Mapping[str, Any]) -> str:
    from ledger.spec.names import display

    return display(item["name"], item["version"])


def _verdict(item: Mapping[str, Any] | None) -> str:
    if item is None:
        return "not evaluated"
    label = item.get("class", {}).get("id")
    return f"{item['result']} ({label})" if label not in (None, item["result"]) else str(item["result"])
