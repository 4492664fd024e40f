"""`ledger follow`: what a log shows now, against what this machine has seen of it."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, Json, PolicyFile, Quiet, new_typer
from ledger_cli.output import checks, count, flush, say, short, talk

app = new_typer(
    "Follow a published log: find split views, rollbacks and truncation.",
    "ledger follow https://example.org/ledger --log-key 'example.org/models+1a2b3c4d+AQ…'",
)
_SHOWN = 20


@app.command()
def follow(
    place: Annotated[str, typer.Argument(metavar="URL|DIR", help="Where the ledger is published: a web address or a folder.")],
    log_key: Annotated[str, typer.Option("--log-key", metavar="VKEY", help="The log's verifier key.")],
    policy: PolicyFile = None,
    every: Annotated[
        float | None, typer.Option("--every", min=1, metavar="SECONDS", help="Look again and again, until interrupted.")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Compare what a log shows with the last checkpoint that this machine has seen, read all new entries, and remember it."""
    from ledger.api import LedgerError, follow, read_policy

    rules = read_policy(policy) if policy else None
    shown = None
    while True:
        try:
            found = follow(place, log_key, rules)
        except LedgerError as away:
            if every is None or away.code != "LG0511":
                raise
            talk(f"{away.message}; looking again")
            time.sleep(every)
            continue
        if every is None or found.failed:
            break
        if not as_json and found.size != shown:
            _text(found, quiet)
            flush()
        shown = found.size
        time.sleep(every)
    result = {
        "origin": found.origin,
        "seen": found.seen,
        "size": found.size,
        "root": found.root,
        "checks": [item.to_json() for item in found.checks],
        "entries": found.entries,
        "misbehaviour": found.misbehaviour,
        "evidence": str(found.evidence) if found.evidence else None,
    }
    error = None
    if found.failed:
        first = found.failed[0]
        if found.misbehaviour:
            message = f"{found.misbehaviour} by the log `{found.origin}`: {first.detail}; evidence: {found.evidence}"
            error = LedgerError("LG0512", message, check=first.id)
        else:
            error = LedgerError("LG0516", f"check {first.id} failed: {first.detail}", check=first.id)
    Answer("follow", as_json).give(result, lambda: _text(found, quiet), error)


def _text(found: Any, quiet: bool) -> None:
    checks(found.checks)
    if quiet:
        return
    for item in found.entries[-_SHOWN:]:
        say(f"  entry {item['index']:<6} {item['time']}  {item['kind']:<12} {' '.join(short(id) for id in item['subjects'][:2])}")
    if len(found.entries) > _SHOWN:
        say(f"  and {count(len(found.entries) - _SHOWN, 'entry before them').replace('entrys', 'entries')}")
    if not found.failed:
        say(f"{found.origin}: size {found.size}, root {found.root}")
