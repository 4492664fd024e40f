"""`ledger import`: what another tool's files say, as claims."""

from __future__ import annotations

from ledger_cli.common import new_typer
from ledger_cli.verbs.model_signing import IMPORT_EXAMPLE, import_oms

app = new_typer(
    "Record what another tool's files say.",
    "ledger import oms model.sig --model out/model --name reader --public-key signer.pub",
    no_args_is_help=True,
)


@app.callback()
def import_() -> None:
    """Record what another tool's files say."""


app.command("oms", epilog=IMPORT_EXAMPLE)(import_oms)
