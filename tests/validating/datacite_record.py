"""Validate DataCite records by schema 4.5 with the library that has it: `datacite_record.py FILE…` prints {file: problem or null}."""

from __future__ import annotations

import offline  # noqa: F401  isort: skip

import json
import sys
from pathlib import Path

from datacite import schema45

found = {}
for name in sys.argv[1:]:
    problems = sorted(str(one.message) for one in schema45.validator.iter_errors(json.loads(Path(name).read_text(encoding="utf-8"))))
    found[name] = "; ".join(problems)[:2000] or None
print(json.dumps(found))
