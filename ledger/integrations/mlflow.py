"""A hook for MLflow: what was logged in the active run goes into a recorded run, and the run gets tags that lead to the ledger.

    from ledger.integrations.mlflow import recorded

    with mlflow.start_run(), recorded(ledger, "train", inputs=[("trained-on", "figures@1")]) as run:
        mlflow.log_params({"rate": 0.1})
        train()
        run.output("weights", "out/model", name="reader", version="2")

Parameters and metrics are those that the block logged to MLflow. Data sets that it logged there are stated by name and MLflow's digest,
which has eight hex digits and proves nothing: inputs with bytes are declared as inputs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ledger.errors import LedgerError

try:
    import mlflow
except ImportError as error:
    raise LedgerError("LG1804", f"mlflow cannot be imported: {error}") from None

TAG = "openness-ledger"


@contextmanager
def recorded(ledger: Any, name: str, **how: Any) -> Iterator[Any]:
    """A recorded run around an active run of MLflow; yields the `Run` whose outputs are declared.

    Args:
        how: as of `Ledger.run`.

    Raises:
        LedgerError: LG1805 when no run of MLflow is active, and as `Ledger.run`. If the block fails, nothing is recorded.
    """
    active = mlflow.active_run()
    if active is None:
        raise LedgerError("LG1805", "no run of MLflow is active")
    run_id = active.info.run_id
    run = ledger.run(name, **how)
    run.__enter__()
    yield run
    _take(run, mlflow.get_run(run_id))
    run.__exit__(None, None, None)
    report = run.report
    tags = {f"{TAG}.origin": ledger.origin, f"{TAG}.provenance": report.provenance.id, f"{TAG}.entry": str(report.provenance.index)}
    tags |= {f"{TAG}.output.{number}": item.id for number, item in enumerate(report.recorded)}
    client = mlflow.MlflowClient()
    for tag, value in tags.items():
        client.set_tag(run_id, tag, value)


def _take(run: Any, logged: Any) -> None:
    """What the block logged to MLflow."""
    run.parameters(dict(sorted(logged.data.params.items())))
    run.parameter("mlflow.run_id", logged.info.run_id)
    for metric, value in sorted(logged.data.metrics.items()):
        run.metric(metric, value if math.isfinite(value) else str(value))
    datasets = [
        {"name": item.dataset.name, "digest": item.dataset.digest, "context": _context(item)}
        for item in (logged.inputs.dataset_inputs if logged.inputs is not None else ())
    ]
    if datasets:
        run.parameter("mlflow.datasets", datasets)


def _context(item: Any) -> str:
    return next((tag.value for tag in item.tags if tag.key == "mlflow.data.context"), "")
