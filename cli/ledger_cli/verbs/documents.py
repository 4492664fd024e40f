"""`ledger export`: documents about a release, for authorities, other tools and people."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger_cli.common import Answer, At, Json, LedgerDir, open_ledger
from ledger_cli.output import count, marked, say

EU_EXAMPLE = "Example: ledger export eu-summary release/reader@1 --out summary.md"
AB_EXAMPLE = "Example: ledger export ab2013 release/reader@1 --out training-data.md"
OASIS_EXAMPLE = "Example: ledger export oasis-prov release/reader@1 --out provenance"
REPORT_EXAMPLE = "Example: ledger export openness-report release/reader@1 --out report.html"

Release = Annotated[str, typer.Argument(help="The release: an id, the start of one, or a name.")]
JsonOrMd = Annotated[str, typer.Option("--out", metavar="FILE", help="The file, .json or .md.")]


def export_eu_summary(ref: Release, out: JsonOrMd, ledger: LedgerDir = None, at: At = None, as_json: Json = False) -> None:
    """Write the public summary of training content of the AI Act's Article 53(1)(d): every field of the Commission's template, with what is
    recorded. A question that nobody answered is `not answered`, and any other field without content `not recorded`."""
    done = open_ledger(ledger, at=at).export_eu_summary(ref, out)

    def text() -> None:
        counts = done.said["counts"]
        recorded = f"{counts['recorded']} of {counts['required']} fields recorded"
        say(f"{counts['answered']} of {counts['questions']} questions answered, {recorded}: {out}")
        if done.said["contradictions"]:
            say(f"! {count(done.said['contradictions'], 'answer')} of no, though a dataset of that kind is recorded")
        if done.said["unassigned"]:
            say(f"! {count(done.said['unassigned'], 'dataset')} in no section: nobody recorded `origin`")
        say(f"next: ledger describe {ref} --template, for what is missing")

    Answer("export-eu-summary", as_json).give(done.to_json(), text)


def export_ab2013(ref: Release, out: JsonOrMd, ledger: LedgerDir = None, at: At = None, as_json: Json = False) -> None:
    """Write California's training data documentation (AB 2013): twelve items for each dataset and for all together."""
    done = open_ledger(ledger, at=at).export_ab2013(ref, out)

    def text() -> None:
        whole = [number for number, item in done.said["items"].items() if item["datasets"] and item["recorded"] == item["datasets"]]
        say(f"{count(done.said['datasets'], 'dataset')}; {len(whole)} of 12 items recorded for each of them: {out}")
        say(f"next: ledger describe {ref} --template, for what is missing")

    Answer("export-ab2013", as_json).give(done.to_json(), text)


def export_oasis_prov(
    ref: Release,
    out: Annotated[
        str, typer.Option("--out", metavar="DIR|FILE", help="A folder, new or empty; or a .json file when there is one dataset.")
    ],
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Write an OASIS Data Provenance Metadata 1.0 document (draft CSD02) for each dataset. What its schema requires and nobody recorded is
    not made up: such a dataset gets no document, and the exit code is 3."""
    from ledger.api import LedgerError

    done = open_ledger(ledger, at=at).export_oasis_prov(ref, out)
    error = None
    if done.lacking:
        error = LedgerError("LG1112", f"{count(len(done.lacking), 'dataset')} without a document: required members are not recorded")

    def text() -> None:
        for item in done.written:
            marked("pass", f"{item['name']}: {item['path']}")
        for item in done.lacking:
            marked("unknown", f"{item['name']}: no document")
            for field in item["missing"]:
                say(f"        {field['member']:<30} {field['record']}")

    Answer("export-oasis-prov", as_json).give(done.to_json(), text, error)


def export_report(
    ref: Release,
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="The file, .html or .md.")],
    profile: Annotated[
        list[str] | None, typer.Option("--profile", metavar="ID", help="A profile, or the file of one; several times. Default: all.")
    ] = None,
    ledger: LedgerDir = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Write an openness report for a person: what each definition says by evidence and if every claim is believed, with reasons and
    evidence. It is one file, without scripts and without anything from elsewhere; nothing is signed or logged."""
    done = open_ledger(ledger, at=at).export_report(ref, out, profile)

    def text() -> None:
        for item in done.said["verdicts"]:
            _verdict(item)
        say(f"written to {out}; next: ledger attest {ref} --out FILE signs verdicts and proves them")

    Answer("export-openness-report", as_json).give(done.to_json(), text)


def _verdict(item: dict[str, Any]) -> None:
    words = {"pass": "holds", "fail": "does not hold", "unknown": "could not be told", "not_applicable": "not applicable"}
    marked(item["result"], f"{item['profile']}; if every claim is believed: {words[item['believed']]}")
