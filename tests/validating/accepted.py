"""What official software says of documents: `accepted.py cyclonedx|spdx3|purl FILE…`; null for those that it takes.

cyclonedx: the strict validator of cyclonedx-python-lib; spdx3: the bindings of spdx-python-model, which read, link and write it;
purl: packageurl-python, for each text of a JSON list its parts.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import offline  # noqa: F401 - blocks connections


def cyclonedx(data: bytes) -> str | None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    version = SchemaVersion.from_version(json.loads(data)["specVersion"])
    error = JsonStrictValidator(version).validate_str(data.decode())
    return None if error is None else str(error)[:200]


def spdx3(data: bytes) -> str | None:
    from spdx_python_model import v3_0_1 as model

    try:
        objects = model.SHACLObjectSet()
        model.JSONLDDeserializer().read(io.BytesIO(data), objects)
        missing = sorted(objects.link() or ())
        model.JSONLDSerializer().write(objects, io.BytesIO())
    except Exception as error:  # noqa: BLE001 - whatever it ends on is its answer
        return f"{type(error).__name__}: {error}"[:200]
    return f"missing: {missing}" if missing else None


def purl(data: bytes) -> Any:
    from packageurl import PackageURL

    found = []
    for text in json.loads(data):
        try:
            one = PackageURL.from_string(text)
        except ValueError as error:
            found.append(str(error))
            continue
        parts = (one.type, one.namespace, one.name, one.version, one.subpath)
        found.append([*parts, dict(one.qualifiers) if one.qualifiers else {}])
    return found


KINDS = {"cyclonedx": cyclonedx, "spdx3": spdx3, "purl": purl}
print(json.dumps([KINDS[sys.argv[1]](Path(name).read_bytes()) for name in sys.argv[2:]]))
