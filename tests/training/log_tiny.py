"""Log a run to MLflow and to a ledger at once: `log_tiny.py LEDGER FOLDER [fail|inactive]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import mlflow

from ledger.api import Ledger, LedgerError
from ledger.integrations.mlflow import recorded

ledger = Ledger.open(sys.argv[1])
work = Path(sys.argv[2])
before = ledger.size
mlflow.set_tracking_uri(f"sqlite:///{work / 'mlflow.db'}" if "sqlite" in sys.argv else (work / "mlruns").as_uri())
if "inactive" in sys.argv:
    try:
        with recorded(ledger, "fit"):
            pass
    except LedgerError as error:
        print(json.dumps({"code": error.code, "size": [before, ledger.size]}))
    sys.exit(0)
try:
    with mlflow.start_run() as active, recorded(ledger, "fit", inputs=[("trained-on", "figures@1")], code=None) as run:
        mlflow.log_params({"rate": 0.5, "rounds": 3})
        mlflow.log_metric("accuracy", 0.75)
        mlflow.log_metric("loss", float("nan"))
        (work / "fitted.bin").write_bytes(b"weights of a fit")
        if "fail" in sys.argv:
            raise RuntimeError("it does not converge")
        run.output("weights", work / "fitted.bin", name="fit", version="1")
except RuntimeError as error:
    print(json.dumps({"error": str(error), "size": [before, ledger.size]}))
    sys.exit(0)
tags = {name: value for name, value in mlflow.get_run(active.info.run_id).data.tags.items() if name.startswith("openness-ledger")}
found = run.report.to_json()
print(json.dumps({"size": [before, ledger.size], "report": found, "tags": tags, "statement": run.report.statement.decode()}))
