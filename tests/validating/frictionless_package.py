"""What frictionless finds wrong with data packages: `frictionless_package.py FOLDER…`; for each the sorted types of its errors."""

from __future__ import annotations

import json
import sys

import offline  # noqa: F401 - blocks connections


def errors(folder: str) -> list[str]:
    from frictionless import Package, system

    with system.use_context(trusted=True):
        report = Package(f"{folder}/datapackage.json").validate()
    return sorted({row[0] for row in report.flatten(["type"])})


print(json.dumps([errors(folder) for folder in sys.argv[1:]]))
