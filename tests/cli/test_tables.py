"""Tables for people: as wide as their content, or as wide as the terminal, and never cut."""

from __future__ import annotations

import pytest
from commands import environment, run
from ledger_cli.tables import cell, fold, lines, measure

from ledger.api import Ledger


def test_columns_are_as_wide_as_what_is_in_them() -> None:
    assert list(lines(("a", "long header"), [("x", 1), ("longer", None)])) == [
        "a        long header",
        "────────────────────",
        "x        1",
        "longer",
    ]


def test_wide_characters_take_two_columns() -> None:
    assert measure("漢字") == 4
    assert measure("é") == 1
    assert measure("e\N{COMBINING ACUTE ACCENT}") == 1
    found = list(lines(("name", "n"), [("漢字漢字", 1), ("abc", 2)]))
    assert found[2:] == ["漢字漢字   1", "abc        2"]


def test_values_are_written_as_json_writes_them() -> None:
    assert [cell(value) for value in (None, True, [1, None], {"a": "é"}, "two\nlines", 1.5)] == [
        "",
        "true",
        "[1, null]",
        '{"a": "é"}',
        "two\\nlines",
        "1.5",
    ]


def test_a_narrow_terminal_folds_the_widest_column() -> None:
    text = "one two three four five six seven eight nine ten"
    found = list(lines(("key", "text"), [("k", text)], 40))
    assert max(map(measure, found)) <= 40
    assert " ".join(line[6:] for line in found[2:]) == text


def test_a_word_that_is_too_long_is_folded_and_nothing_is_lost() -> None:
    assert fold("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert "".join(fold("漢字漢字漢", 5)) == "漢字漢字漢"
    assert all(measure(piece) <= 5 for piece in fold("漢字漢字漢", 5))


def test_what_would_be_too_narrow_to_read_is_one_line_a_value() -> None:
    headers = ("first", "second", "third", "fourth")
    rows = [("a" * 30, "b" * 30, "c" * 30, "d" * 30), ("e", "f", "g", "")]
    assert list(lines(headers, rows, 50)) == [
        f"first    {'a' * 30}",
        f"second   {'b' * 30}",
        f"third    {'c' * 30}",
        f"fourth   {'d' * 30}",
        "",
        "first    e",
        "second   f",
        "third    g",
        "fourth",
    ]


@pytest.mark.parametrize("width", [10, 20, 37, 80, 200])
def test_every_value_is_there_at_every_width(width: int) -> None:
    headers = ("id", "name", "note")
    rows = [(f"tree:{'9f' * 32}", "a-very-long-name-that-goes-on" * 3, "a note with several words in it"), (1, 2, 3)]
    shown = "".join("".join(lines(headers, rows, width)).split())
    for row in rows:
        for value in row:
            assert set(str(value).replace(" ", "")) <= set(shown)


def test_ascii_is_enough(filled: Ledger) -> None:
    env = {
        **environment(OPENNESS_LEDGER_DIR=str(filled.layout.root)),
        "LANG": "C",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    }
    said = run("lineage", "weights/reader", env=env)
    assert said.code == 0 and said.out.isascii() and "|-- trained-on: figures@1" in said.out
    assert run("log", env=env).out.splitlines()[1].strip("-") == ""


def test_a_table_without_rows_has_its_header() -> None:
    assert list(lines(("a", "b"), [])) == ["a   b", "─────"]
    assert list(lines((), [])) == ["", ""]
