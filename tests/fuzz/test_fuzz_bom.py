"""A short run of the checker's fuzzing; the long one is `python tests/fuzz/fuzz_bom.py --seconds 600`."""

from __future__ import annotations

import time

from fuzz import fuzz_bom
from refdata import refdata


def test_changed_documents_are_checked_or_refused() -> None:
    refdata("samples", "ai-bom.spdx3.json")
    count, failures, _ = fuzz_bom.run(refdata("samples").parent, 5, time.time_ns() % 1_000_000)
    assert count > 20
    assert failures == 0
