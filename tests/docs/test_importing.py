"""The page on importing: every origin has its section, and each says what is read, evidence, claim and refused."""

from __future__ import annotations

import re
from pathlib import Path

from ledger.importers.origins import ORIGINS

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "guides" / "importing.md"


def sections() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_origin_has_a_section() -> None:
    assert set(sections()) == {*ORIGINS, "oms"}


def test_every_section_says_the_four_things() -> None:
    for name, text in sections().items():
        for word in ("Evidence", "Claims", "Refused or reported", *(("Read",) if name != "oms" else ())):
            assert f"- **{word}**: " in text, (name, word)


def test_the_page_is_linked_from_the_readme() -> None:
    assert "docs/guides/importing.md" in (PAGE.parent.parent.parent / "README.md").read_text(encoding="utf-8")
