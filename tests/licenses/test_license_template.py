"""Templates against regular expressions, and differences against what they must account for."""

from __future__ import annotations

import re
from array import array
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.licenses.template import FREE, MANY, SOME, Matcher
from ledger.licenses.textdiff import shared

# Twelve words, each a letter; two of them make terms, three number a list item.
LETTERS = "abcdefghijkl"
TERMS = {10, 11}
BULLETS = {0, 1, 2}

words = st.integers(0, len(LETTERS) - 1)
texts = st.lists(words, max_size=14)


def ways() -> st.SearchStrategy[list[Any]]:
    return st.lists(st.lists(st.one_of(words, st.sampled_from([FREE, SOME, MANY])), max_size=4), min_size=1, max_size=3)


elements = st.recursive(
    st.one_of(
        st.lists(words, min_size=1, max_size=4).map(lambda found: ["l", found]),
        ways().map(lambda found: ["s", found]),
        st.just(["b"]),
        st.tuples(st.integers(0, 6), st.integers(1, 3)).map(lambda found: ["t", *found]),
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda found: ["o", found]),
    max_leaves=8,
)
OWN = array("H", [3, 4, 5, 3, 6, 7, 0, 8, 9, 3])


def regex(program: list[Any]) -> str:
    """The same language as a regular expression over letters."""
    name = "[" + "".join(letter for number, letter in enumerate(LETTERS) if number not in TERMS) + "]"
    free = {FREE: name + "{0,24}", SOME: name + "{1,24}", MANY: name + "{0,200}"}
    found = ""
    for element in program:
        if element[0] == "l":
            found += "".join(LETTERS[word] for word in element[1])
        elif element[0] == "t":
            found += "".join(LETTERS[word] for word in OWN[element[1] : element[1] + element[2]])
        elif element[0] == "b":
            found += "[" + "".join(LETTERS[word] for word in sorted(BULLETS)) + "]{0,3}"
        elif element[0] == "o":
            found += f"(?:{regex(element[1])})?"
        else:
            found += "(?:" + "|".join("".join(free.get(word, "") or LETTERS[word] for word in way) for way in element[1]) + ")"
    return found


@settings(max_examples=600, deadline=None)
@given(st.lists(elements, max_size=6), texts)
def test_a_template_takes_what_its_expression_takes(program: list[Any], text: list[int]) -> None:
    matcher = Matcher(array("H", text), TERMS, BULLETS)
    wanted = re.fullmatch(regex(program), "".join(LETTERS[word] for word in text)) is not None
    assert matcher.matches(program, OWN) is wanted


@settings(max_examples=300, deadline=None)
@given(st.lists(elements, max_size=6), st.data())
def test_a_text_made_from_a_template_fits_it(program: list[Any], data: st.DataObject) -> None:
    text = array("H", [LETTERS.index(letter) for letter in data.draw(st.from_regex(regex(program), fullmatch=True, alphabet=LETTERS))])
    assert Matcher(text, TERMS, BULLETS).matches(program, OWN)


def test_a_name_ends_where_terms_begin() -> None:
    program = [["l", [3]], ["s", [[SOME]]], ["l", [4]]]
    for text, wanted in (([3, 5, 4], True), ([3, 5, 4, 4], True), ([3, 4], False), ([3, 10, 4], False), ([3, 5, 11, 4], False)):
        assert Matcher(array("H", text), TERMS, BULLETS).matches(program, OWN) is wanted
    assert Matcher(array("H", [3, *[5] * 24, 4]), TERMS, BULLETS).matches(program, OWN)
    assert not Matcher(array("H", [3, *[5] * 25, 4]), TERMS, BULLETS).matches(program, OWN)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=60), st.lists(st.integers(0, 5), max_size=60))
def test_blocks_are_the_same_on_both_sides_and_in_order(one: list[int], two: list[int]) -> None:
    at = other = -1
    for i, j, count in shared(one, two):
        assert count > 0 and one[i : i + count] == two[j : j + count]
        assert i >= at and j >= other and (i > at or j > other)
        at, other = i + count, j + count
    assert at <= len(one) and other <= len(two)
    assert shared(one, one) == ([(0, 0, len(one))] if one else [])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=400), st.data())
def test_one_change_is_one_change(one: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(one) - 1))
    other = [*one[:place], 99, *one[place + 1 :]]
    assert sum(count for _, _, count in shared(one, other)) == len(one) - 1
    without = one[:place] + one[place + 1 :]
    assert sum(count for _, _, count in shared(one, without)) == len(without)


def test_large_remains_without_a_fixed_point() -> None:
    one, two = [1, 2] * 3_000, [2, 1, 1] * 2_000
    assert sum(count for _, _, count in shared(one, two)) <= 6_000
    many = list(range(5_000))
    assert sum(count for _, _, count in shared(many, many[::-1])) >= 1
    assert sum(count for _, _, count in shared(many, many[2_500:] + many[:2_500])) >= 2_500
