"""`ledger import`: what another tool's files say, as claims."""

from __future__ import annotations

from ledger.importers.origins import ORIGINS
from ledger_cli.common import new_typer
from ledger_cli.verbs.importing import command, example
from ledger_cli.verbs.model_signing import IMPORT_EXAMPLE, import_oms

app = new_typer(
    "Record what another tool's files say: claims with their places, beside what is hashed here.",
    "ledger import huggingface models/granite-demo --name granite-demo --version 1",
    no_args_is_help=True,
)


@app.callback()
def import_() -> None:
    """Record what another tool's files say: claims with their places, beside what is hashed here."""


for _origin in ORIGINS:
    app.command(_origin, epilog=example(_origin))(command(_origin))
app.command("oms", epilog=IMPORT_EXAMPLE)(import_oms)
