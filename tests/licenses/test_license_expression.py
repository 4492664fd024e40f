"""Expressions: literal normal forms, every known trap, and properties of the normal form."""

from __future__ import annotations

import random
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.licenses.expression import Compound, Term, parse_expression, together

IDS = ("MIT", "Apache-2.0", "GPL-2.0-only", "CC-BY-4.0", "LicenseRef-house", "LicenseRef-House", "GPL-2.0+", "Apache-2.0+", "OpenMDW-1.0")
LEAVES = (*IDS, "GPL-2.0-only WITH Classpath-exception-2.0", "MIT WITH AdditionRef-x")


@pytest.mark.parametrize(
    ("text", "normal", "ids"),
    [
        ("MIT", "MIT", ("MIT",)),
        ("  mit\t", "MIT", ("MIT",)),
        ("apache-2.0 or mit", "Apache-2.0 OR MIT", ("Apache-2.0", "MIT")),
        ("MIT OR Apache-2.0 OR mit", "Apache-2.0 OR MIT", ("Apache-2.0", "MIT")),
        ("MIT AND (MIT OR GPL-3.0-only)", "(GPL-3.0-only OR MIT) AND MIT", ("GPL-3.0-only", "MIT")),
        ("MIT OR ISC AND Zlib", "(ISC AND Zlib) OR MIT", ("ISC", "MIT", "Zlib")),
        ("(MIT OR MIT) AND (MIT AND ISC)", "ISC AND MIT", ("ISC", "MIT")),
        ("((MIT AND ISC) OR (ISC AND MIT)) AND Zlib", "ISC AND MIT AND Zlib", ("ISC", "MIT", "Zlib")),
        ("GPL-2.0", "GPL-2.0", ("GPL-2.0",)),
        ("gpl-2.0+", "GPL-2.0+", ("GPL-2.0+",)),
        ("apache-2.0+", "Apache-2.0+", ("Apache-2.0",)),
        ("OpenMDW-1.0", "OpenMDW-1.0", ("OpenMDW-1.0",)),
        ("gpl-2.0-only with classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", ("GPL-2.0-only",)),
        ("MIT WITH AdditionRef-Extra", "MIT WITH AdditionRef-Extra", ("MIT",)),
        ("LicenseRef-Foo AND LicenseRef-foo", "LicenseRef-Foo", ("LicenseRef-Foo",)),
        ("LicenseRef-foo AND LicenseRef-Foo", "LicenseRef-Foo", ("LicenseRef-Foo",)),
        ("DocumentRef-a:LicenseRef-b", "DocumentRef-a:LicenseRef-b", ("DocumentRef-a:LicenseRef-b",)),
        ("LicenseRef-b WITH DocumentRef-a:AdditionRef-c", "LicenseRef-b WITH DocumentRef-a:AdditionRef-c", ("LicenseRef-b",)),
        ("NONE", "NONE", ()),
        (" NOASSERTION ", "NOASSERTION", ()),
        ("(" * 64 + "MIT" + ")" * 64, "MIT", ("MIT",)),
    ],
)
def test_normal_form(text, normal, ids):
    found = parse_expression(text)
    assert (found.normalized, found.ids, found.valid, found.problem) == (normal, ids, True, None)
    assert found.original == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("()", "does not fit"),
        ("MIT OR", "ends after"),
        ("MIT AND MIT AND", "ends after"),
        ("OR MIT", "does not fit"),
        ("MIT MIT", "does not fit"),
        ("MIT (ISC)", "does not fit"),
        ("(MIT", "not closed"),
        ("MIT)", "does not fit"),
        ("MIT/Apache-2.0", "not an SPDX id"),
        ("MIT, Apache-2.0", "not an SPDX id"),
        ("MIT And ISC", "does not fit"),
        ("not MIT", "no licence of the SPDX list"),
        ("MIT & ISC", "`&` does not fit"),
        ("llama3.1", "no licence of the SPDX list 3.29.0: `llama3.1`"),
        ("BSD-3", "no licence of the SPDX list"),
        ("openrail++", "not an SPDX id"),
        ("MIT +", "`+` does not fit"),
        ("GPL-2.0++", "not an SPDX id"),
        ("NONE OR MIT", "cannot be part"),
        ("MIT AND NOASSERTION", "cannot be part"),
        ("LicenseRef-", "no licence of the SPDX list"),
        ("LicenseRef-a_b", "not an SPDX id"),
        ("MIT WITH MIT", "no exception"),
        ("MIT WITH LicenseRef-x", "no exception"),
        ("MIT WITH", "ends after"),
        ("(MIT) WITH Classpath-exception-2.0", "does not fit"),
        ("MIT WITH Classpath-exception-2.0 WITH Classpath-exception-2.0", "does not fit"),
        ("Classpath-exception-2.0", "stands only after WITH"),
        ("MIT\u00a0OR\u00a0ISC", "not an SPDX id"),
        ("\u212aMIT", "not an SPDX id"),
        ("\ud800", "not an SPDX id: `\\ud800`"),
        ("MIT\x00", "not an SPDX id"),
        ("(" * 65 + "MIT" + ")" * 65, "nested deeper than 64"),
        ("none", "no licence of the SPDX list"),
    ],
)
def test_what_is_no_expression(text, problem):
    found = parse_expression(text)
    assert (found.normalized, found.ids, found.valid) == ("NOASSERTION", (), False)
    assert problem in found.problem
    found.problem.encode()


def test_limits_at_the_limit_and_one_beyond():
    assert parse_expression("MIT" + " " * 4093).valid
    assert parse_expression("MIT" + " " * 4094).problem == "longer than 4096 characters"
    assert parse_expression(" OR ".join(["MIT"] * 500)).normalized == "MIT"
    assert parse_expression(" OR ".join(["MIT"] * 501)).problem == "more than 500 terms"


# A tree as (operator, parts) or a leaf's text; the spelling is made here, by hand, and read by the code under test.
trees = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=4)),
    max_leaves=12,
)


def spell(tree) -> str:
    if isinstance(tree, str):
        return tree
    operator, parts = tree
    return "(" + f" {operator} ".join(spell(part) for part in parts) + ")"


def shuffled(tree, rng: random.Random):
    """The same tree with terms in another order, some of them twice, and some groups opened."""
    if isinstance(tree, str):
        return tree
    operator, parts = tree
    parts = [shuffled(part, rng) for part in parts]
    parts += rng.sample(parts, rng.randint(0, len(parts)))
    rng.shuffle(parts)
    if len(parts) > 2 and rng.random() < 0.5:
        parts = [(operator, parts[:2]), *parts[2:]]
    return operator, parts


def swapped_case(text: str) -> str:
    return " ".join(word if word in ("AND", "OR", "WITH") or "Ref-" in word else word.swapcase() for word in text.split(" "))


@given(trees)
def test_normal_form_is_idempotent(tree):
    found = parse_expression(spell(tree))
    assert found.valid
    again = parse_expression(found.normalized)
    assert (again.normalized, again.ids, again.tree) == (found.normalized, found.ids, found.tree)


@given(trees, st.randoms(use_true_random=False))
def test_order_repetition_and_grouping_do_not_matter(tree, rng):
    assert parse_expression(spell(shuffled(tree, rng))).normalized == parse_expression(spell(tree)).normalized


@given(st.lists(st.sampled_from(LEAVES), min_size=2, max_size=6), st.sampled_from(["AND", "OR"]))
def test_flat_expressions_are_their_sorted_set(leaves, operator):
    # Of two spellings of one reference the one that sorts first stays.
    expected = sorted(set(leaves) - ({"LicenseRef-house"} if "LicenseRef-House" in leaves else set()))
    assert parse_expression(f" {operator} ".join(leaves)).normalized == f" {operator} ".join(expected)


@given(trees)
def test_nothing_is_absorbed(tree):
    def leaves(node) -> set[str]:
        return {node} if isinstance(node, str) else set().union(*(leaves(part) for part in node[1]))

    found = parse_expression(spell(tree)).normalized
    assert all(leaf.lower() in found.lower() for leaf in leaves(tree))


@given(st.sampled_from(LEAVES))
def test_case_of_ids_is_the_lists(leaf):
    assert parse_expression(swapped_case(leaf)).normalized == parse_expression(leaf).normalized


@given(st.text(st.sampled_from("MITApache-2.0+() ANDORWITH/&|~\n\x00\ud800LicenseRef:é"), max_size=60) | st.text(max_size=80))
def test_no_text_makes_it_raise(text):
    found = parse_expression(text)
    assert found.valid == (found.problem is None)
    assert found.original == text
    if not found.valid:
        assert found.normalized == "NOASSERTION"
        found.problem.encode()


def test_a_problem_shows_the_token_that_it_is_about() -> None:
    assert parse_expression("MIT AND Apache-2.0 OR").problem == "ends after `OR`, where a licence should follow"
    assert parse_expression("MIT AND (Apache-2.0 AND").problem == "ends after `AND`, where a licence should follow"


@pytest.mark.parametrize(("length", "shown"), [(79, "x" * 79), (80, "x" * 80), (81, "x" * 79 + "…"), (200, "x" * 79 + "…")])
def test_a_long_token_is_shown_in_part(length: int, shown: str) -> None:
    assert parse_expression("x" * length).problem == f"no licence of the SPDX list 3.29.0: `{shown}`"


def test_what_was_read_cannot_be_changed() -> None:
    found = parse_expression("MIT AND Apache-2.0")
    assert isinstance(found.tree, Compound)
    for item, name in ((found, "valid"), (found.tree, "operator"), (found.tree.parts[0], "id")):
        with pytest.raises(FrozenInstanceError):
            setattr(item, name, "other")
    assert str(Term("MIT")) == "MIT"


@pytest.mark.parametrize("char", "!\"#$%&'*,;")
def test_only_parentheses_group(char: str) -> None:
    for text in (f"{char} MIT )", f"( MIT {char}", f"{char} MIT {char}", f"MIT {char} ISC"):
        assert not parse_expression(text).valid, text


@pytest.mark.parametrize(
    ("said", "expression", "normalized"),
    [
        ([("apache-2.0", "Apache-2.0")], "apache-2.0", "Apache-2.0"),
        ([("nonsense", "NOASSERTION")], "nonsense", "NOASSERTION"),
        ([("mit", "MIT"), ("apache-2.0", "Apache-2.0")], "(mit) AND (apache-2.0)", "Apache-2.0 AND MIT"),
        ([("a", "MIT"), ("b", "MIT OR Zlib")], "(a) AND (b)", "MIT AND (MIT OR Zlib)"),
        ([("mit", "MIT"), ("my terms", "NOASSERTION")], "(mit) AND (my terms)", "NOASSERTION"),
        ([("my terms", "NOASSERTION"), ("mit", "MIT")], "(my terms) AND (mit)", "NOASSERTION"),
        ([("a", "MIT"), ("b", "Zlib"), ("c", "NOASSERTION")], "(a) AND (b) AND (c)", "NOASSERTION"),
    ],
)
def test_several_declarations_hold_together_and_one_that_asserts_nothing_leaves_all_unknown(
    said: list[tuple[str, str]], expression: str, normalized: str
) -> None:
    assert together(iter(said)) == (expression, normalized)
