"""Where the answers about texts turn, on an index of a few made-up texts; the figures are those of docs/spec/license-texts.md."""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from ledger.licenses import textid
from ledger.licenses.textid import Identification, identify_text
from ledger.licenses.textindex import UNKNOWN_WORD, HashedText, KnownText, TextIndex, is_bullet, shingles_of
from ledger.licenses.words import TERMS, fingerprint, words_of
from ledger.limits import LIMITS


def word(number: int, stem: str = "k") -> str:
    """A word that is no term and numbers no item."""
    return stem + "q" + "abcdefghij"[number // 100 % 10] + "abcdefghij"[number // 10 % 10] + "abcdefghij"[number % 10]


def run(first: int, last: int, stem: str = "k") -> list[str]:
    return [word(number, stem) for number in range(first, last)]


def index_of(
    texts: Sequence[tuple[str, str]], hashed: Sequence[tuple[str, str, int]] = (), templates: dict[str, Any] | None = None
) -> TextIndex:
    """An index of texts by id, and of hashed texts with every so-many-th of their shingles. A text is its own template."""
    spelling = sorted({one for _, text in texts for one in words_of(text)} | TERMS)
    vocabulary = {one: number for number, one in enumerate(spelling)}
    known, exact, postings = [], {}, {}
    for number, (name, text) in enumerate(texts):
        own = words_of(text)
        numbers = array("H", [vocabulary[one] for one in own])
        runs = set(shingles_of(own))
        kind, _, identity = name.rpartition(":")
        template = (templates or {}).get(identity, [["t", 0, len(own)]])
        known.append(KnownText((identity,), kind or "license", numbers, len(runs), tuple(template)))
        exact[fingerprint(own)] = number
        for one in runs:
            postings[one] = [*postings.get(one, ()), number]
    bags = []
    for number, (name, text, every) in enumerate(hashed, len(texts)):
        own = words_of(text)
        runs = sorted(set(shingles_of(own)))[::every]
        bags.append(HashedText(name, name, len(own), Counter(zlib.crc32(one.encode()) for one in own), len(runs)))
        exact[fingerprint(own)] = number
        for one in runs:
            postings[one] = [*postings.get(one, ()), number]
    terms = frozenset(vocabulary[one] for one in TERMS)
    bullets = frozenset(number for number, one in enumerate(spelling) if is_bullet(one))
    return TextIndex(vocabulary, spelling, known, bags, exact, {}, postings, terms, bullets)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    def ask(index: TextIndex, words: Sequence[str]) -> Identification:
        monkeypatch.setattr(textid, "text_index", lambda: index)
        return identify_text(" ".join(words))

    return ask


@pytest.mark.parametrize(
    ("known", "taken", "others", "near"),
    [
        # Half of the words of both.
        (100, 50, 50, True),
        (100, 60, 40, True),
        (100, 74, 26, True),
        (100, 49, 51, False),
        (100, 50, 51, False),
        (101, 50, 50, False),
        (40, 20, 0, True),
        (40, 19, 0, False),
        # Three quarters of its own, in a text of any length.
        (100, 75, 400, True),
        (100, 74, 400, False),
        (8, 6, 400, True),
        # Three quarters of the text's, when that has fifty words or more.
        (400, 75, 25, True),
        (400, 74, 26, False),
        (400, 50, 0, True),
        (400, 49, 0, False),
        (400, 38, 12, True),
        (400, 37, 13, False),
    ],
)
@pytest.mark.parametrize("hashed", [False, True])
def test_what_is_near(known: int, taken: int, others: int, near: bool, hashed: bool, asked: Any) -> None:
    text = " ".join(run(0, known))
    index = index_of([], [("LicenseRef-A", text, 1)]) if hashed else index_of([("A", text)])
    found = asked(index, [*run(0, taken), *run(0, others, "o")])
    assert found.method == ("near" if near else "unknown")
    if not near:
        assert found.reason == "no text that is known is near to it"
        return
    (candidate,) = found.candidates
    assert (candidate.added_count, candidate.missing_count) == (others, known - taken)
    assert found.reason.startswith(f"{others} words more and {known - taken} fewer than ")
    assert sum(change.added_count for change in found.residual) == others
    assert sum(change.missing_count for change in found.residual) == known - taken


def test_known_words_and_kinds(asked: Any) -> None:
    index = index_of(
        [("A", " ".join(run(0, 60))), ("exception:B", " ".join(run(100, 160)))], [("LicenseRef-C", " ".join(run(200, 260)), 4)]
    )
    answers = [asked(index, run(first, first + 60)) for first in (0, 100, 200)]
    assert [(found.method, found.ids, found.kind) for found in answers] == [
        ("exact", ("A",), "license"),
        ("exact", ("B",), "exception"),
        ("exact", ("LicenseRef-C",), "license"),
    ]


def test_more_hashed_texts_than_others(asked: Any) -> None:
    hashed = [(f"LicenseRef-{n}", " ".join(run(100 * n, 100 * n + 60)), 1) for n in range(1, 5)]
    index = index_of([("A", " ".join(run(0, 60)))], hashed)
    assert [index.ids(number)[0] for number in range(5)] == ["A", *(name for name, _, _ in hashed)]
    for number, (name, _, _) in enumerate(hashed, 1):
        found = asked(index, [*run(100 * number, 100 * number + 60), "extra"])
        assert [one.ids for one in found.candidates] == [(name,)]
        assert asked(index, run(100 * number, 100 * number + 60)).ids == (name,)


def test_three_candidates_the_nearest_first(asked: Any) -> None:
    """Of texts that differ in one word each time more, the nearest; of equals, by their ids."""
    texts = [(f"L{n}", " ".join([*run(0, 60 - n), *run(0, n, f"d{n}")])) for n in (6, 4, 2, 5, 3)]
    texts += [("L2b", " ".join([*run(0, 58), *run(0, 2, "e")]))]
    found = asked(index_of(texts), [*run(0, 60), "extra"])
    assert [(one.ids, one.added_count, one.missing_count) for one in found.candidates] == [
        (("L2",), 3, 2),
        (("L2b",), 3, 2),
        (("L3",), 4, 3),
    ]
    assert found.residual[0].added == ("kqafi", "kqafj", "extra") and found.residual[0].at == 58
    two = asked(index_of(texts[:2]), run(0, 60))
    assert [one.ids for one in two.candidates] == [("L4",), ("L6",)]


def test_a_text_that_is_known_by_few_runs_is_found_among_many(asked: Any) -> None:
    """A quarter of the runs counts as if all were there: six texts of the list that share a little do not push it out."""
    mine = run(0, 200)
    texts = [(f"L{n}", " ".join([*run(0, 120), *run(0, 80, f"d{n}")])) for n in range(6)]
    found = asked(index_of(texts, [("LicenseRef-X", " ".join(mine), 4)]), [*mine, "extra"])
    assert found.candidates[0].ids == ("LicenseRef-X",)
    assert (found.candidates[0].added_count, found.candidates[0].missing_count) == (1, 0)
    # And it takes no place that is not its own.
    far = asked(index_of([("L0", " ".join(mine))], [("LicenseRef-X", " ".join([*run(0, 150), *run(0, 50, "x")]), 4)]), [*mine, "extra"])
    assert [one.ids for one in far.candidates] == [("L0",), ("LicenseRef-X",)]


def test_the_same_words_in_another_order(asked: Any) -> None:
    index = index_of([("A", " ".join(run(0, 60)))], [("LicenseRef-C", " ".join(run(200, 260)), 1)])
    for first, name in ((0, "A"), (200, "LicenseRef-C")):
        found = asked(index, [*run(first + 30, first + 60), *run(first, first + 30)])
        assert (found.method, found.reason) == ("near", f"the words of {name} in another order")
        assert found.more is False


def test_places_are_counted_in_words(asked: Any) -> None:
    index = index_of([("A", " ".join(run(0, 60)))])
    text = ["new", *run(0, 10), *run(12, 20), "two", "more", *run(20, 30), "other", *run(31, 59)]
    found = asked(index, text)
    assert [(one.at, one.added, one.missing, one.added_count, one.missing_count) for one in found.residual] == [
        (0, ("new",), (), 1, 0),
        (11, (), (word(10), word(11)), 0, 2),
        (19, ("two", "more"), (), 2, 0),
        (31, ("other",), (word(30),), 1, 1),
        (60, (), (word(59),), 0, 1),
    ]
    assert found.more is False


@pytest.mark.parametrize(("places", "more"), [(19, False), (20, False), (21, True), (30, True)])
def test_twenty_places_are_shown_and_terms_first(places: int, more: bool, asked: Any) -> None:
    index = index_of([("A", " ".join(run(0, 400)))])
    text = []
    for number in range(400):
        text.append(word(number))
        if number % 10 == 5 and number // 10 < places:
            text.append("not" if number // 10 == places - 1 else word(number, "z"))
    found = asked(index, text)
    assert len(found.residual) == min(places, 20) and found.more is more
    assert found.residual[-1].added == ("not",)
    assert [one.at for one in found.residual] == sorted(one.at for one in found.residual)
    assert found.residual[0].added == (word(5, "z"),)


def test_a_term_that_is_missing_is_shown_before_names(asked: Any) -> None:
    own = [*run(0, 395), "not", *run(395, 400)]
    index = index_of([("A", " ".join(own))])
    text = [one for number in range(400) for one in ([word(number), word(number, "z")] if number % 15 == 5 else [word(number)])]
    found = asked(index, text)
    assert found.more and found.residual[-1].missing == ("not",)


def test_long_differences_are_shortened(asked: Any) -> None:
    index = index_of([("A", " ".join(run(0, 200)))])
    long, longer = "x" * 60, "y" * 61
    found = asked(index, [*run(0, 80), long, longer, *run(0, 23, "n"), *run(105, 200)])
    (change,) = found.residual
    assert change.added == (long, "y" * 59 + "…", *run(0, 22, "n")) and change.added_count == 25
    assert change.missing == tuple(run(80, 104)) and change.missing_count == 25


@pytest.mark.parametrize(("gone", "shown"), [(1, True), (24, True), (25, False), (60, False)])
def test_what_is_missing_of_a_hashed_text_is_named_when_it_is_little(gone: int, shown: bool, asked: Any) -> None:
    own = [*run(0, 150), *run(0, 150)]
    index = index_of([("L", " ".join(run(0, 150)))], [("LicenseRef-C", " ".join(own), 1)])
    found = asked(index, [*own[:10], "new", *own[10 : 300 - gone], "new"])
    (change,) = found.residual
    assert (found.candidates[0].ids, change.at) == (("LicenseRef-C",), None)
    assert (change.added, change.added_count, change.missing_count) == (("new", "new"), 2, gone)
    assert change.missing == (tuple(run(150 - gone, 150)) if shown else ())


def test_a_hashed_text_with_words_twice_names_them_twice(asked: Any) -> None:
    own = [*run(0, 100), word(7), word(7)]
    index = index_of([("L", " ".join(run(0, 9)))], [("LicenseRef-C", " ".join(own), 1)])
    (change,) = asked(index, run(0, 100)).residual
    assert (change.added, change.missing, change.missing_count) == ((), (word(7), word(7)), 2)


def test_a_template_is_tried_when_a_tenth_of_its_text_is_there(asked: Any) -> None:
    """Of very short texts (eight runs) nothing is asked."""
    for size, shared, tried in ((11, 0, True), (12, 0, False), (12, 4, True), (21, 4, True), (22, 4, False), (22, 5, True), (31, 5, True)):
        own = run(0, size)
        index = index_of([("A", " ".join(own))], templates={"A": [["s", [[-3]]]]})
        found = asked(index, [*run(0, shared), *run(0, 30, "o")])
        assert (found.method == "template") is tried, (size, shared)
        assert found.method != "template" or (found.ids, found.kind) == (("A",), "license")


def test_all_templates_that_fit_are_named(asked: Any) -> None:
    field = [["s", [[-3]]]]
    texts = [("B", " ".join(run(0, 11))), ("A", " ".join(run(20, 31))), ("C", " ".join(run(40, 51)))]
    found = asked(index_of(texts, templates={"A": field, "B": field}), run(0, 40, "o"))
    assert (found.method, found.ids, found.kind, found.identified) == ("template", ("A", "B"), "license", True)
    texts[0] = ("exception:B", texts[0][1])
    found = asked(index_of(texts, templates={"A": field, "B": field}), run(0, 40, "o"))
    assert (found.ids, found.kind) == (("A", "B"), None)
    texts[1] = ("exception:A", texts[1][1])
    assert asked(index_of(texts, templates={"A": field, "B": field}), run(0, 40, "o")).kind == "exception"


def test_words_that_no_known_text_has_are_one_number_and_no_name_of_any(asked: Any) -> None:
    assert UNKNOWN_WORD == 0xFFFF
    index = index_of([("A", " ".join(run(0, 60)))])
    found = asked(index, [*run(0, 30), "unheard", "of", *run(30, 60)])
    assert [(one.at, one.added) for one in found.residual] == [(30, ("unheard", "of"))]


def test_a_text_of_as_many_words_as_the_limit_is_compared(asked: Any) -> None:
    index = index_of([("A", " ".join(run(0, 60)))])
    most = LIMITS.license_text_words
    assert asked(index, ["x"] * (most - 60) + run(0, 60)).candidates[0].ids == ("A",)
    for more in (1, 2):
        found = asked(index, ["x"] * (most - 60 + more) + run(0, 60))
        assert (found.method, found.candidates) == ("unknown", ())
        assert found.reason == f"more than {most} words, more than any licence that is known"
        assert found.fingerprint is not None
    # What is known word for word is known at any length.
    long = ["x"] * (most + 5)
    assert asked(index_of([("A", " ".join(long))]), long).method == "exact"


@pytest.mark.parametrize(
    ("text", "bullet"),
    [
        ("1", True),
        ("99", True),
        ("100", False),
        ("a", True),
        ("z", True),
        ("xviii", True),
        ("ivx", True),
        ("ab", False),
        ("é", False),
        ("xl", False),
        ("٣", False),
        ("1a", False),
        ("", False),
        ("iq", False),
        ("vv", True),
    ],
)
def test_what_numbers_an_item(text: str, bullet: bool) -> None:
    assert is_bullet(text) is bullet


def test_runs_are_of_four_words() -> None:
    assert shingles_of(["a", "b", "c"]) == []
    assert shingles_of(["a", "b", "c", "d", "e"]) == [zlib.crc32(b"a b c d"), zlib.crc32(b"b c d e")]


def test_what_is_known_or_unknown_has_no_differences(asked: Any) -> None:
    index = index_of([("A", " ".join(run(0, 60))), ("B", " ".join(run(100, 111)))], templates={"B": [["s", [[-3]]]]})
    for words, method in ((run(0, 60), "exact"), (run(0, 20, "o"), "template"), (["not", "this"], "unknown")):
        found = asked(index, words)
        assert (found.method, found.candidates, found.residual, found.more) == (method, (), (), False)


def test_a_text_that_is_not_near_hides_none_that_is(asked: Any) -> None:
    """The first shares half of its size, just not enough; the second is far larger, and three quarters of the text are in it."""
    first = [*run(16, 45), *run(0, 32, "a")]
    second = [*run(0, 45), *run(0, 355, "b")]
    found = asked(index_of([("A", " ".join(first)), ("B", " ".join(second))]), [*run(0, 45), *run(0, 15, "o")])
    assert [(one.ids, one.added_count, one.missing_count) for one in found.candidates] == [(("B",), 15, 355)]
