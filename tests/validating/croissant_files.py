"""What mlcroissant reads of documents: `croissant_files.py FILE…`; for each its files and sets with their sha256, null for a refusal."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import offline  # noqa: F401 - blocks connections

logging.disable(logging.CRITICAL)


def files(path: str) -> dict[str, Any] | None:
    import mlcroissant

    try:
        metadata = mlcroissant.Dataset(jsonld=path).metadata
    except mlcroissant.ValidationError:
        return None
    return {item.id or item.name: getattr(item, "sha256", None) for item in metadata.distribution}


print(json.dumps([files(path) for path in sys.argv[1:]]))
