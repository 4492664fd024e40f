"""The guide has a section for each format that can be written, and says of each how it was checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from ledger_cli.verbs.export_ import app

from ledger.exporters.formats import FORMATS

GUIDE = (Path(__file__).resolve().parent.parent.parent / "docs/guides/exporting.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL))
COMMANDS = list(getattr(typer.main.get_command(app), "commands", {}))


def test_every_command_has_a_section_and_the_other_way_round() -> None:
    assert sorted(SECTIONS) == sorted(COMMANDS)
    assert set(FORMATS) <= set(COMMANDS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_section_says_how_it_was_checked_and_the_table_has_the_versions(name: str) -> None:
    assert "\nChecked " in SECTIONS[name]
    assert "annot say" in SECTIONS[name] or name in ("slsa-provenance", "mldcat-ap", "datacite")
    [row] = re.findall(rf"^\| \[`{name}`\]\(#{name}\) \|(.*)$", GUIDE, re.MULTILINE)
    assert all(version in row for version in FORMATS[name].versions)
