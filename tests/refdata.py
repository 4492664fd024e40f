"""Where the reference data is that tests compare with: big and foreign files that are not part of this repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent


def refdata(*parts: str) -> Path:
    """A file or folder of the reference data.

    The test is skipped when it is not on this machine, unless OPENNESS_LEDGER_REQUIRE_REFDATA is set: then it fails.
    """
    base = os.environ.get("OPENNESS_LEDGER_REFDATA")
    folder = Path(base) if base else _ROOT.parent / "shared" / "data"
    path = folder.joinpath(*parts)
    if not path.exists():
        message = f"no reference data `{'/'.join(parts)}`: set OPENNESS_LEDGER_REFDATA to its folder"
        if os.environ.get("OPENNESS_LEDGER_REQUIRE_REFDATA"):
            pytest.fail(message)
        pytest.skip(message)
    return path
