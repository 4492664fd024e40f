"""`ledger check`: a strict check of bills of materials of AI systems, ours and other people's."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, Json, new_typer
from ledger_cli.output import count, say, table

app = new_typer("Check bills of materials: CycloneDX and SPDX documents.", "ledger check model.cdx.json --at 2026-11-20T12:00:00Z")

_WORDS = {"holds": "holds", "does-not-hold": "does NOT hold", "could-not-tell": "could not tell"}
# Places of a rule that are shown; `--json` has more.
_SHOWN = 3
# Rules that the error names.
_NAMED = 8


@app.command()
def check(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="CycloneDX 1.4 to 1.7 or SPDX 2.2, 2.3, 3.0.1 in JSON; may be repeated.")
    ],
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When it was signed, such as 2026-11-20T12:00:00Z, or now: for rule R11.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check bills of materials: the official schema, then what no official validator looks at."""
    from ledger.api import LedgerError, check_file

    found = [(file, check_file(file, at)) for file in files]

    def text() -> None:
        for file, report in found:
            _show(file, report)

    error = None
    for outcome, code, one, many in (
        ("does-not-hold", "LG1705", "does not hold", "do not hold"),
        ("could-not-tell", "LG1706", "cannot be told", "cannot be told"),
    ):
        named = [f"{item.id} of {_path(file)}" for file, report in found for item in report.results if item.result == outcome]
        if named and error is None:
            words = f"{count(len(named), 'rule')} {one if len(named) == 1 else many}"
            error = LedgerError(code, f"{words}: {', '.join(named[:_NAMED])}{', …' if len(named) > _NAMED else ''}")
    result = {"files": [{"path": _path(file), **report.to_json()} for file, report in found]}
    Answer("check", as_json).give(result, text, error)


def _path(file: str) -> str:
    return file.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _show(file: str, report: Any) -> None:
    say(f"{_path(file)}: {report.format} {report.version}")
    rows = []
    for item in report.results:
        shown = item.to_json()
        places = [place.pointer or "/" for place in item.places[:_SHOWN]]
        more = [f"and {item.count - len(places)} more"] if item.count > len(places) else []
        rows.append((item.id, _WORDS[item.result], shown["asks"], item.reason, ", ".join([*places, *more])))
    table(("rule", "result", "what it asks", "reason", "places"), rows)
    held, failed, open_ = (sum(item.result == outcome for item in report.results) for outcome in _WORDS)
    say(f"{count(held, 'rule')} held, {failed} did not hold, {open_} could not be told")
