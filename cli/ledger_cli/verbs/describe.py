"""`ledger describe`: what is said about a dataset or a release, and what is missing."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, new_typer, open_ledger
from ledger_cli.output import count, say, talk

app = new_typer("What is said about a dataset or release, and what is missing.", "ledger describe release/reader@1 --template > about.yaml")
_WIDEST = 72
# Of a release with more parts, a dataset has one line; `ledger describe` of the dataset has all of them.
_MOST = 12
_SUBJECTS = ("dataset", "release")


@app.command()
def describe(
    ref: Annotated[
        str | None,
        typer.Argument(
            help="A dataset or release: an id, the start of one, or a name. With --fields: dataset or release.", show_default=False
        ),
    ] = None,
    fields: Annotated[bool, typer.Option("--fields", help="List the fields with their help; needs no ledger.")] = False,
    template: Annotated[
        bool, typer.Option("--template", help="Print YAML for the pipeline file, with what is recorded filled in.")
    ] = False,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for what is missing, on a terminal, and print the YAML at the end.")] = False,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Show what is said about a dataset or a release field by field. A ledger is append-only: what is missing goes into the pipeline file,
    which is recorded again."""
    from ledger.api import LedgerError

    if fields:
        _fields(ref, as_json)
        return
    if ref is None:
        raise LedgerError("LG1201", "give a dataset or release, or --fields", hint="ledger describe --help")
    if ask and (as_json or not sys.stdin.isatty()):
        raise LedgerError("LG1201", "--ask asks on a terminal, and there is none", hint="ledger describe REF --template")
    found = open_ledger(ledger, at=at).describe(ref)
    result = found.to_json()
    if ask:
        _ask(found)
        return
    if template:
        text = found.template()
        Answer("describe", as_json).give({**result, "template": text}, lambda: say(text.rstrip("\n")))
        return
    Answer("describe", as_json).give(result, lambda: _text(result, ref))


def _fields(which: str | None, as_json: bool) -> None:
    from ledger.api import LedgerError, describable

    if which is not None and which not in _SUBJECTS:
        raise LedgerError("LG1201", f"--fields lists those of a dataset or a release, not of `{which}`", hint="ledger describe --help")
    found = {name: items for name, items in describable().items() if which in (None, name)}

    def text() -> None:
        for name, items in found.items():
            say(f"{name}, in `{'data' if name == 'dataset' else 'about'}`:")
            for item in items:
                say(f"  {item['field']} ({item['form']})")
                say(f"    {item['help']}")
            say("")
        say("docs/reference/information.md is the same as a page")

    Answer("describe", as_json).give({"fields": found}, text)


def _text(result: dict[str, Any], ref: str) -> None:
    for part in result["parts"]:
        lines = part["fields"]
        say(f"{part['about']} {part['name']}: {part['recorded']} of {count(len(lines), 'field')} recorded")
        if len(result["parts"]) > _MOST and part["about"] == "dataset":
            continue
        for line in lines:
            if line["state"] == "recorded":
                say(f"  {line['field']:<28} {_short(line['value'])}")
            elif line["state"] == "unfit":
                say(f"  {line['field']:<28} does not fit, and says nothing: {_short(line['value'])}")
            elif line["state"] == "unknown":
                say(f"  {line['field']:<28} recorded as unknown")
        for name in sorted(part["unknown"]):
            say(f"  {name:<28} kept, not known: {_short(part['unknown'][name])}")
        missing = [line["field"] for line in lines if line["state"] == "missing"]
        if missing:
            say("  missing:")
            for row in _wrapped(missing):
                say(f"    {row}")
        say("")
    if len(result["parts"]) > _MOST:
        say("")
    if len(result["parts"]) == 1 and result["kind"] == "release":
        say("no dataset is recorded for this release")
    say(f"next: ledger describe {ref} --template, fill it in, put it into the pipeline file, and record that")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _wrapped(words: list[str]) -> list[str]:
    rows, row = [], ""
    for word in words:
        if row and len(row) + 2 + len(word) > _WIDEST + 20:
            rows.append(row + ",")
            row = ""
        row = f"{row}, {word}" if row else word
    return [*rows, row]


def _ask(found: Any) -> None:
    """A question for each missing field; the answers, and nothing else, are printed as YAML at the end."""
    talk("Enter leaves a field out; a full stop alone ends the questions. Lists: separate with commas.")
    given: list[tuple[Any, dict[str, Any]]] = []
    try:
        for part in found.parts:
            talk(f"\n{part.name}")
            given.append((part, {}))
            _ask_part(part, given[-1][1])
    except EOFError:
        pass
    from ledger.api import answers_as_yaml

    text = answers_as_yaml(given)
    talk("")
    say(text.rstrip("\n") if text else "# nothing was answered")
    if text:
        talk("\nput this into the pipeline file, and: ledger record --file PIPELINE.yaml")


def _ask_part(part: Any, answers: dict[str, Any]) -> None:
    from ledger.api import LedgerError
    from ledger.spec.description import answer

    for line in part.missing:
        talk(f"\n{line.field.help} ({line.field.form})")
        while True:
            # On stderr, so that stdout is the YAML alone.
            sys.stderr.write(f"{line.field.path}: ")
            sys.stderr.flush()
            text = sys.stdin.readline()
            if text in ("", ".\n", "."):
                raise EOFError
            if not text.strip():
                break
            try:
                answers[line.field.path] = answer(part.schema, line.field, text)
            except LedgerError as error:
                talk(error.message)
                continue
            break
