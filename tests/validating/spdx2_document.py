"""What spdx-tools says of SPDX 2 documents that it reads: `spdx2_document.py FILE…` prints {file: {problems, packages, licenses}}."""

from __future__ import annotations

import offline  # noqa: F401  isort: skip

import json
import sys

from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

found = {}
for name in sys.argv[1:]:
    document = parse_file(name)
    found[name] = {
        "problems": [str(one.validation_message) for one in validate_full_spdx_document(document)],
        "packages": {one.name: [str(one.license_declared), str(one.license_concluded)] for one in document.packages},
        "suppliers": {one.name: [one.supplier.name, one.supplier.email] for one in document.packages if one.supplier},
        "version": document.creation_info.spdx_version,
    }
print(json.dumps(found))
