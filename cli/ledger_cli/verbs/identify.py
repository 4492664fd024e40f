"""`ledger identify`: which licence texts are."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, Json, new_typer
from ledger_cli.output import count, say, table

app = new_typer("Say which licence texts are.", "ledger identify LICENSE vendor/")


@app.command()
def identify(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Files, or folders: the licence files in them. May be repeated.")],
    scancode: Annotated[
        bool, typer.Option("--scancode", help="Ask the program scancode too, if it is installed; its answer is shown beside ours.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say which licence texts are: exactly, up to their template's fields, nearly (never counted as known), or not at all."""
    from ledger.api import LedgerError, identify_files

    found = identify_files(paths, scancode=scancode)
    open_ = [item for item in found if not item.identified]

    def text() -> None:
        rows = [(item.path, item.found.method if item.found else "unknown", _says(item)) for item in found]
        table(("file", "method", "licence"), rows)
        for item in open_:
            _differences(item)
        for item in found:
            if item.scancode is not None:
                say(f"scancode says of {item.path}: {item.scancode['expression'] or item.scancode['problem']}")

    error = LedgerError("LG0804", f"{count(len(open_), 'text')} of {len(found)} could not be identified") if open_ else None
    Answer("identify", as_json).give({"results": [item.to_json() for item in found]}, text, error)


def _says(item: Any) -> str:
    if item.found is None:
        return str(item.problem)
    if item.found.ids:
        note = " (an exception)" if item.found.kind == "exception" else ""
        return " or ".join(item.found.ids) + note
    return str(item.found.reason)


def _differences(item: Any) -> None:
    """Where a text differs from the nearest known one."""
    if item.found is None or not item.found.candidates:
        return
    first, *others = item.found.candidates
    say(f"{item.path} is near {' or '.join(first.ids)}, and is not it:")
    for change in item.found.residual:
        where = "  somewhere" if change.at is None else f"  after word {change.at}"
        parts = [_words("+", change.added, change.added_count), _words("-", change.missing, change.missing_count)]
        say(f"{where}: {'; '.join(part for part in parts if part)}")
    if item.found.more:
        say("  and more")
    for other in others:
        say(f"  further away: {' or '.join(other.ids)} ({other.added_count} words more, {other.missing_count} fewer)")


def _words(sign: str, words: tuple[str, ...], number: int) -> str:
    if not number:
        return ""
    left = number - len(words)
    more = f" … and {left} more" if words and left > 0 else ""
    return f"{sign} {' '.join(words)}{more}" if words else f"{sign} {count(number, 'word')} that we may not show"
