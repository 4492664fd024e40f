"""Patterns of paths: by hand, against a regular expression of each, and on what makes regular expressions run for ever."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.importers.globs import Glob


@pytest.mark.parametrize(
    ("pattern", "path", "plain", "reuse"),
    [
        ("*.csv", "a.csv", True, True),
        ("*.csv", "d/a.csv", False, False),
        ("*/*.csv", "d/a.csv", True, True),
        ("**", "d/a.csv", True, True),
        ("**/a.csv", "a.csv", True, False),
        ("**/a.csv", "xa.csv", False, False),
        ("**/a.csv", "d/e/a.csv", True, True),
        ("d/**/a", "d/a", True, False),
        ("d/**/a", "d/x/y/a", True, True),
        ("d/**/**/a", "d/a", True, False),
        ("d/**", "d/a/b", True, True),
        ("d/**", "d", False, False),
        ("d**", "d/a", True, True),
        ("a?c", "abc", True, False),
        ("a?c", "a?c", True, True),
        ("a?c", "a/c", False, False),
        (r"a\*c", "a*c", False, True),
        (r"a\*c", "abc", False, False),
        (r"a\\c", r"a\c", False, True),
        ("", "", True, True),
        ("", "a", False, False),
        ("**a*b", "a/ab", True, True),
    ],
)
def test_patterns_by_hand(pattern: str, path: str, plain: bool, reuse: bool) -> None:
    assert Glob(pattern).matches(path) is plain
    assert Glob(pattern, escapes=True).matches(path) is reuse


@given(st.text("ab/*", max_size=8), st.text("ab/", max_size=10))
def test_reuse_patterns_are_what_a_regular_expression_says(pattern: str, path: str) -> None:
    parts = [{"**": ".*", "*": "[^/]*"}.get(piece[:2], re.escape(piece)) for piece in re.findall(r"\*\*+|\*|[^*]+", pattern)]
    assert Glob(pattern, escapes=True).matches(path) is (re.fullmatch("".join(parts), path) is not None)


@given(st.text("ab/*?", max_size=8), st.text("ab/", max_size=10))
def test_patterns_of_file_sets_are_what_a_regular_expression_says(pattern: str, path: str) -> None:
    known = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    text = re.sub(r"(?<![^/])(?:\*\*/)+", "\0", pattern)
    pieces = re.findall(r"\0|\*\*+|\*|\?|[^*?\0]+", text)
    parts = ["(?:.*/)?" if piece == "\0" else known.get(piece[:2], re.escape(piece)) for piece in pieces]
    assert Glob(pattern).matches(path) is (re.fullmatch("".join(parts), path) is not None)


def test_what_makes_regular_expressions_run_for_ever() -> None:
    start = time.process_time()
    assert not Glob("*a" * 400 + "b").matches("a" * 4000)
    assert not Glob("**a" * 300 + "b", escapes=True).matches("a" * 4000)
    assert time.process_time() - start < 2
