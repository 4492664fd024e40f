"""A short run of the importers' fuzzing; the long one is `make fuzz`."""

from __future__ import annotations

import time

from fuzz import fuzz_importers
from refdata import refdata


def test_changed_files_are_imported_or_refused() -> None:
    counts = fuzz_importers.run(refdata("samples").parent, 6, time.time_ns() % 1_000_000)
    assert set(counts) >= {"croissant", "git", "dvc", "mlflow", "openlineage", "datapackage", "citation", "mot", "osai-index"}
    assert all(count > 3 and failures == 0 for count, failures, _ in counts.values()), counts
