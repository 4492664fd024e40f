"""What the checker of NTIA's minimum elements says: `ntia_elements.py FILE spdx2|spdx3`."""

from __future__ import annotations

import offline  # noqa: F401  isort: skip

import json
import sys

from ntia_conformance_checker import SbomChecker

checked = SbomChecker(sys.argv[1], sbom_spec=sys.argv[2])
found = {
    "floating": sorted(map(str, getattr(checked, "floating_component_ids", []) or [])),
    "parsing_errors": [str(item) for item in checked.parsing_error or []],
    "components": checked.get_total_number_components(),
    "without_names": [str(item) for item in checked.components_without_names],
    "conformant": bool(checked.ntia_minimum_elements_compliant),
}
print(json.dumps(found))
