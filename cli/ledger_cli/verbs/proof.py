"""`ledger export tlog-proof` and `ledger verify proof`: that one entry is in the log, as a file."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger_cli.common import Answer, Json, LedgerDir, LogKey, PolicyFile, open_ledger
from ledger_cli.output import checks, say, short
from ledger_cli.verbs.requiring import Require, not_made

EXPORT_EXAMPLE = "Example: ledger export tlog-proof 4 --out entry-4.tlog-proof"
VERIFY_EXAMPLE = "Example: ledger verify proof entry-4.tlog-proof --log-key 'example.org/models+1a2b3c4d+AQ…'"


def export_proof(
    entry: Annotated[int, typer.Argument(metavar="ENTRY", min=0, help="The entry's index, as `ledger log` shows it.")],
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="File for the proof.")],
    ledger: LedgerDir = None,
    as_json: Json = False,
) -> None:
    """Write a C2SP tlog-proof: that an entry is in the log, down to the signed checkpoint."""
    size = open_ledger(ledger).write_proof(entry, out)

    def text() -> None:
        say(f"entry {entry} is in the log of size {size}: {out}")
        say(f"next, anywhere: ledger verify proof {out} --log-key VKEY")

    Answer("export-tlog-proof", as_json).give({"index": entry, "size": size, "path": out}, text)


def verify_proof(
    file: Annotated[str, typer.Argument(help="The tlog-proof.")],
    log_key: LogKey = None,
    policy: PolicyFile = None,
    entry: Annotated[
        str | None, typer.Option("--entry", metavar="FILE", help="The logged bytes, for a proof that does not carry them.")
    ] = None,
    require: Require = None,
    as_json: Json = False,
) -> None:
    """Verify a C2SP tlog-proof, offline: that an entry is in the log."""
    from ledger.api import LedgerError, verify_proof_file

    report = verify_proof_file(file, log_key, policy, entry)
    result = {
        "checks": [item.to_json() for item in report.checks],
        "index": report.index,
        "origin": report.origin,
        "size": report.size,
        "entry": report.entry(),
    }
    failed = report.failed
    error = not_made(report.checks, ["P3", *(require or ())])
    if failed:
        error = LedgerError("LG0506", f"check {failed[0].id} failed: {failed[0].detail}", check=failed[0].id)

    def text() -> None:
        checks(report.checks)
        said = report.entry()
        if said:
            say(f"entry {report.index} of {report.origin}: {said['kind']} {' '.join(map(short, said['subjects']))}")
        say("the proof does NOT hold" if failed else "the proof holds" if error is None else "it could not be told")

    Answer("verify-proof", as_json).give(result, text, error)
