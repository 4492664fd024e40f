"""The limits of templates, and differences of texts that are too large to be compared word by word."""

from __future__ import annotations

import itertools
import random
from array import array
from typing import Any

import pytest

from ledger.licenses.template import FREE, MANY, SOME, Matcher
from ledger.licenses.textdiff import shared

TERMS, BULLETS = {10, 11}, {0, 1, 2}


def fits(text: list[int], program: list[Any], own: list[int] | None = None) -> bool:
    return Matcher(array("H", text), TERMS, BULLETS).matches(program, array("H", own or []))


def test_how_long_a_field_may_be() -> None:
    """A name 24 words, the notice of holders 200, a number three; the specification has the first two."""
    assert (FREE, SOME, MANY) == (-1, -2, -3), "as the index stores them"
    for free, least, most in ((FREE, 0, 24), (SOME, 1, 24), (MANY, 0, 200)):
        for count in (0, 1, 2, most - 1, most, most + 1, most + 2, 2 * most):
            for before, after in itertools.product(([], [3], [3, 4]), ([], [6])):
                program = [["s", [[*before, free, *after]]]]
                assert fits([*before, *[5] * count, *after], program) is (least <= count <= most), (free, count)
    for count in range(6):
        assert fits([3, *[0] * count, 4], [["l", [3]], ["b"], ["l", [4]]]) is (count <= 3)


def test_two_fields_in_one_way() -> None:
    program = [["s", [[3, SOME, 4, 6, FREE, 7]]]]
    assert fits([3, 5, 4, 6, 7], program) and fits([3, 5, 5, 4, 6, 8, 8, 7], program)
    assert not fits([3, 4, 6, 7], program) and not fits([3, 5, 4, 7], program) and not fits([3, 5, 6, 7], program)
    assert not fits([3, 5, 4, 6, 10, 7], program)
    assert fits([3, *[5] * 24, 4, 6, *[8] * 24, 7], program)
    assert not fits([3, *[5] * 24, 4, 6, *[8] * 25, 7], program)


def test_a_text_that_keeps_too_many_places_open_is_no_instance() -> None:
    program = [["s", [[MANY]]]] * 12
    assert fits([5] * 1999, program)
    assert not fits([5] * 2000, program)
    assert not fits([5] * 2100, program)


def test_an_unknown_element_fits_nothing() -> None:
    assert not fits([3], [["z", [[3]]]])
    assert not fits([], [["z", [[]]]])
    assert fits([], [["s", [[]]]])


def total(one: list[int], two: list[int]) -> int:
    blocks = shared(one, two)
    for i, j, count in blocks:
        assert count > 0 and one[i : i + count] == two[j : j + count]
    for (i, j, count), (following, beside, _) in itertools.pairwise(blocks):
        assert following >= i + count and beside >= j + count and (following, beside) != (i + count, j + count)
    return sum(count for _, _, count in blocks)


def ascending(numbers: list[int]) -> int:
    """How long the longest ascending part of a list is, found the slow way."""
    best: list[int] = []
    for place, number in enumerate(numbers):
        best.append(1 + max((best[before] for before in range(place) if numbers[before] < number), default=0))
    return max(best, default=0)


@pytest.mark.parametrize("seed", range(12))
def test_of_words_that_each_occur_once_the_longest_chain_is_kept(seed: int) -> None:
    """No two neighbours stay neighbours, so that only single words are fixed points: what is kept is the longest ascending chain."""
    rng = random.Random(seed)
    many = rng.randrange(70, 130)
    while True:
        two = sorted(range(many), key=lambda number: number + rng.uniform(0, many if seed % 3 else 12))
        # Neighbours that stayed are parted by a word of their own.
        parted = [two[0]]
        for before, after in itertools.pairwise(two):
            parted += [1000 + after, after] if after == before + 1 else [after]
        if len(parted) * many > 4_000:
            break
    assert total(list(range(many)), parted) == ascending(two)
    assert total(parted, list(range(many))) == ascending(two)


@pytest.mark.parametrize(("alphabet", "every"), [(6, 40), (6, 13), (12, 6), (60, 3), (400, 2)])
@pytest.mark.parametrize("seed", range(4))
def test_changes_at_regular_places(alphabet: int, every: int, seed: int) -> None:
    """Texts in which only runs of eight, four or two words, or single ones, are fixed points: all but what was changed is shared."""
    rng = random.Random(seed)
    one: list[int] = []
    seen: set[tuple[int, ...]] = set()
    run = {40: 8, 13: 8, 6: 4, 3: 2, 2: 1}[every]
    while len(one) < 240:
        nexts = [number for number in range(alphabet) if (*one[-run + 1 :][: run - 1], number)[-run:] not in seen]
        if not nexts:
            break
        one.append(rng.choice(nexts))
        seen.add(tuple(one[-run:]))
    two = [1000 + place if place % every == every - 1 else number for place, number in enumerate(one)]
    changed = sum(number >= 1000 for number in two)
    assert len(one) >= 100
    assert total(one, two) == total(two, one) == len(one) - changed
    left = [number for number in two if number < 1000]
    # Of what is left out at every third place other pairs come to stand together, which may be taken for fixed points.
    assert every == 3 or total(one, left) == total(left, one) == len(left)
    more = [part for number in one for part in ([number, 5000] if number % 7 == 3 else [number])]
    if alphabet == 400:
        assert total(one, more) == total(more, one) == len(one)


def test_blocks_of_a_large_text() -> None:
    one = list(range(300))
    assert shared(one, [*one[:100], 999, *one[101:]]) == [(0, 0, 100), (101, 101, 199)]
    assert shared(one, [*one[:100], *one[150:]]) == [(0, 0, 100), (150, 100, 150)]
    assert shared(one, [7777, *one, 8888]) == [(0, 1, 300)]
    changed = [900 + number if number in (50, 51, 150, 250) else number for number in one]
    assert shared(one, changed) == [(0, 0, 50), (52, 52, 98), (151, 151, 99), (251, 251, 49)]
    moved = [*one[:20], *one[200:220], *one[20:200], *one[220:]]
    assert shared(one, moved) == [(0, 0, 20), (20, 40, 180), (220, 220, 80)]
    turned = [*one[100:], *one[:100]]
    assert shared(one, turned) == [(100, 0, 200)]


def test_a_large_remain_without_a_fixed_point_is_changed_as_a_whole() -> None:
    one, two = [1, 2] * 100, [2, 1, 1] * 60
    assert shared([8, *one, 9], [8, *two, 9]) == [(0, 0, 1), (201, 181, 1)]
    # Up to four thousand pairs it is compared word by word.
    assert total([8, *[1, 2] * 30, 9], [8, *[2, 1, 1] * 20, 9]) > 30


def test_what_is_small_is_compared_as_difflib_does() -> None:
    assert shared([1, 2, 3, 4, 5], [9, 2, 3, 8, 5, 7]) == [(1, 1, 2), (4, 4, 1)]
    assert shared([1, 2, 3], [3, 2, 1]) in ([(0, 2, 1)], [(1, 1, 1)], [(2, 0, 1)])
    assert shared([], [1]) == shared([1], []) == shared([], []) == []
    assert shared([1, 1, 1], [1, 1]) == [(0, 0, 2)]
    assert shared([1, 2], [1, 3, 2]) == [(0, 0, 1), (1, 2, 1)]


def test_a_text_that_is_the_beginning_or_the_end_of_another() -> None:
    one = list(range(900))
    for size in (0, 1, 255, 256, 257, 300, 700):
        begun, ended, within = one[:size], one[900 - size :], one[100 : 100 + size]
        assert shared(one, begun) == shared(begun, one) == ([(0, 0, size)] if size else [])
        assert shared(one, ended) == ([(900 - size, 0, size)] if size else [])
        assert shared(ended, one) == ([(0, 900 - size, size)] if size else [])
        assert shared(one, within) == ([(100, 0, size)] if size else [])
        assert shared(within, one) == ([(0, 100, size)] if size else [])


def test_a_word_twice_is_shared_once() -> None:
    """The common end stops where the common beginning has been."""
    for size in (*range(1, 40), 300, 600):
        one = [*range(size), 1099, 1098]
        two = [*range(size), 1099, 1099, 1098]
        assert shared(one, two) == [(0, 0, size + 1), (size + 1, size + 2, 1)]
        assert shared(two, one) == [(0, 0, size + 1), (size + 2, size + 1, 1)]


def test_what_stands_twice_on_one_side_is_no_fixed_point() -> None:
    one = [900, *range(100), *range(20, 40), *range(200, 300), 901]
    two = [902, *range(100), *range(200, 300), 903]
    assert total(one, two) == total(two, one) == 200
    first = [900, *range(20), *range(200, 300), *range(20), 901]
    assert total(first, [902, *range(20), *range(200, 300), 903]) == total([902, *range(20), *range(200, 300), 903], first) == 120
    single = [900, *range(0, 100, 2), 20, *range(1, 100, 2), 901]
    assert total(single, [902, *range(100), 903]) == total([902, *range(100), 903], single) >= 50


def test_a_word_that_is_everywhere_counts_as_any_other() -> None:
    assert total([7, 1, 8], [1] * 300) == total([1] * 300, [7, 1, 8]) == 1
