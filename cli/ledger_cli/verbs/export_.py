"""`ledger export`: what is recorded, for other tools."""

from __future__ import annotations

from ledger.exporters.formats import FORMATS
from ledger_cli.common import new_typer
from ledger_cli.verbs import documents, snapshots
from ledger_cli.verbs.exporting import command, example
from ledger_cli.verbs.model_signing import EXPORT_EXAMPLE, export_oms
from ledger_cli.verbs.proof import EXPORT_EXAMPLE as PROOF_EXAMPLE
from ledger_cli.verbs.proof import export_proof

app = new_typer(
    "Write what is recorded for other tools.",
    "ledger export oms reader@1 --out model.sig --key oms.pem",
    no_args_is_help=True,
)


@app.callback()
def export_() -> None:
    """Write what is recorded for other tools."""


for _format in FORMATS:
    app.command(_format, epilog=example(_format))(command(_format))
app.command("oms", epilog=EXPORT_EXAMPLE)(export_oms)
app.command("tlog-proof", epilog=PROOF_EXAMPLE)(export_proof)
app.command("parquet", epilog=snapshots.PARQUET_EXAMPLE)(snapshots.export_parquet)
app.command("duckdb", epilog=snapshots.DUCKDB_EXAMPLE)(snapshots.export_duckdb)
app.command("eu-summary", epilog=documents.EU_EXAMPLE)(documents.export_eu_summary)
app.command("ab2013", epilog=documents.AB_EXAMPLE)(documents.export_ab2013)
app.command("oasis-prov", epilog=documents.OASIS_EXAMPLE)(documents.export_oasis_prov)
app.command("openness-report", epilog=documents.REPORT_EXAMPLE)(documents.export_report)
