"""Every transcript in this folder, as a user would type it."""

from __future__ import annotations

from pathlib import Path

import pytest
import transcripts

CASES = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_transcript(path: Path, tmp_path: Path) -> None:
    text = path.read_text("utf-8")
    assert transcripts.parse(text)
    transcripts.check(text, tmp_path)
