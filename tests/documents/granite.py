"""The disclosure of the training data of Granite 3.0 as a pipeline file: its datasets as references, nothing else."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import yaml

# The disclosure's own words for where a dataset is from. What IBM curated is in none of the template's sections.
ORIGINS = {"public": "public", "synthetic": "synthetic"}


def disclosed(file: Path) -> list[dict[str, str]]:
    """The rows, each section's datasets once."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    return list({(row["section"], row["dataset"]): row for row in rows}.values())


def pipeline(rows: list[dict[str, str]], weights: str) -> str:
    """A pipeline file that records weights, and a release of them with the datasets."""
    datasets = []
    for row in rows:
        data: dict[str, Any] = {"description": row["description"]} if row["description"].strip() else {}
        if row["origin"] in ORIGINS:
            data["origin"] = ORIGINS[row["origin"]]
        item: dict[str, Any] = {
            "name": row["dataset"].replace("@", " ").replace(":", " "),
            "version": row["section"].partition(" ")[0],
            "data": data,
        }
        if row["url_footnote"]:
            item["uri"] = row["url_footnote"]
        datasets.append(item)
    release = {"name": "granite-3.0", "version": "3.0", "components": {"weights": "weights/granite@3.0", "datasets": datasets}}
    artifact = {"kind": "weights", "name": "granite", "version": "3.0", "path": weights, "license": "Apache-2.0"}
    return yaml.safe_dump({"ledger": 1, "artifacts": [artifact], "releases": [release]}, allow_unicode=True, sort_keys=False)
