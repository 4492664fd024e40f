"""The page about the rules and the rules in the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

from bom.bom_making import cdx, checked, spdx2, spdx3

from ledger.bom import RULES

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "concepts" / "checking-boms.md"


def rows() -> list[tuple[str, ...]]:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if re.match(r"\| [A-Z]\d+ \|", line)]
    return [tuple(part.strip() for part in line.strip("|").split(" | ")) for line in lines]


def test_the_page_lists_every_rule_with_what_the_code_says() -> None:
    found = {row[0]: row[1:] for row in rows()}
    assert len(found) == len(rows())
    assert found == {rule.id: (rule.asks, rule.why, rule.source) for rule in RULES.values()}


def test_a_report_has_exactly_the_rules_of_its_format() -> None:
    for document, letter in ((cdx(), "C"), (spdx2(), "P"), (spdx3(), "R")):
        assert [item.id for item in checked(document).results] == [id for id in RULES if id[0] in ("S", letter)]


def test_rules_say_what_they_are_for_in_one_line() -> None:
    for rule in RULES.values():
        for text in (rule.asks, rule.why, rule.source, rule.formats):
            assert text and "\n" not in text and " | " not in text
            assert "compliant" not in text
        assert not rule.asks.endswith(".") and rule.why.endswith(".")
