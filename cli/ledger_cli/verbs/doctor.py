"""`ledger doctor`: the installation and the ledger's surroundings."""

from __future__ import annotations

from ledger_cli.common import Answer, Json, LedgerDir, new_typer
from ledger_cli.output import checks, say

app = new_typer("Check the installation and the ledger's surroundings.", "ledger doctor")


@app.command()
def doctor(ledger: LedgerDir = None, as_json: Json = False) -> None:
    """Check the installation, and the ledger's surroundings when there is one."""
    from ledger_cli.diagnosis import diagnose

    found, error = diagnose(ledger)

    def text() -> None:
        checks(found)
        if error is not None:
            say("something is not well")
            return
        say("the installation is well" if found[4].result != "pass" else "the installation and the ledger's surroundings are well")
        say("next: ledger verify --deep" if found[4].result == "pass" else "next: ledger init DIR --origin NAME")

    Answer("doctor", as_json).give({"checks": [item.to_json() for item in found]}, text, error)
