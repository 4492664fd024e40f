"""Validate CycloneDX documents with the official library, format checkers on: `cyclonedx_bom.py FILE…` prints {file: problem or null}."""

from __future__ import annotations

import offline  # noqa: F401  isort: skip

import json
import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

found = {}
for name in sys.argv[1:]:
    text = Path(name).read_text(encoding="utf-8")
    version = SchemaVersion[f"V{json.loads(text)['specVersion'].replace('.', '_')}"]
    problem = JsonStrictValidator(version).validate_str(text)
    found[name] = None if problem is None else str(problem)[:2000]
print(json.dumps(found))
