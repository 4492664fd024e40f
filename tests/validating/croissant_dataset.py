"""What mlcroissant says of metadata files: `croissant_dataset.py FILE…` prints {file: {problem, warnings, name, license, records}}.

`records` has the rows of each RecordSet, or the error of reading them.
"""

from __future__ import annotations

import offline  # noqa: F401  isort: skip

import json
import logging
import sys
from typing import Any

import mlcroissant as mlc

logging.disable(logging.CRITICAL)


def plain(value: Any) -> Any:
    """A cell as JSON has it."""
    return value.decode("utf-8") if isinstance(value, bytes) else value.item() if hasattr(value, "item") else value


def rows(dataset: Any, name: str) -> Any:
    """The rows of a RecordSet, or why there are none."""
    try:
        return [{key: plain(value) for key, value in row.items()} for row in dataset.records(name)]
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"[:500]


found: dict[str, Any] = {}
for name in sys.argv[1:]:
    try:
        dataset = mlc.Dataset(name)
    except Exception as error:  # noqa: BLE001
        found[name] = {"problem": f"{type(error).__name__}: {error}"[:2000]}
        continue
    said = dataset.metadata
    found[name] = {
        "problem": None,
        "name": said.name,
        "license": said.license,
        "files": {one.name: one.sha256 for one in said.distribution},
        "rai": said.data_collection,
        "warnings": sorted(dataset.metadata.ctx.issues.warnings),
        "records": {one.uuid: rows(dataset, one.uuid) for one in said.record_sets},
    }
print(json.dumps(found, default=str))
