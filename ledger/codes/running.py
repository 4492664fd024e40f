"""Codes of runs that are recorded."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.codes.entry import ErrorCode as _entry

CODES: Mapping[str, _entry] = {
    # --- 18 runs -------------------------------------------------------------------------------
    "LG1801": _entry(2, "run without outputs", "A run is recorded by what it made. Declare its outputs; nothing is found by itself."),
    "LG1802": _entry(2, "command cannot be started", "The command of `ledger run` is not there or may not be run. Nothing was recorded."),
    "LG1803": _entry(
        1, "command failed", "The command ended with another code than 0, so what it left behind is not recorded as its output."
    ),
    "LG1804": _entry(
        5,
        "training library missing",
        "A hook needs a library that is installed on request: `pip install 'openness-ledger[transformers]'` or `[mlflow]`.",
    ),
    "LG1805": _entry(
        2, "no active run", "The hook for MLflow records around an active run: `with mlflow.start_run(), recorded(ledger, NAME) as run:`."
    ),
}
