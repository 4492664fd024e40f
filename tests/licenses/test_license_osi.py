"""OSI approval of expressions: literal answers, and the three-valued logic against every completion of the unknowns."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.licenses.expression import parse_expression
from ledger.licenses.osi import all_of, any_of, decide, osi_approved


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIT", True),
        ("CC-BY-4.0", False),
        ("OpenMDW-1.0", False),
        ("LicenseRef-OpenMDW-1.1", None),
        ("DocumentRef-a:LicenseRef-MIT", None),
        ("llama3.1", None),
        ("MIT/Apache-2.0", None),
        ("", None),
        ("NOASSERTION", None),
        ("NONE", False),
        ("GPL-2.0", True),
        ("GPL-2.0+", True),
        ("Apache-2.0+", True),
        ("CC-BY-4.0+", None),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True),
        ("CC-BY-4.0 WITH Classpath-exception-2.0", False),
        ("MIT WITH AdditionRef-no-selling", None),
        ("CC-BY-4.0 WITH AdditionRef-anything", None),
        ("MIT AND Apache-2.0", True),
        ("MIT AND CC-BY-4.0", False),
        ("MIT AND LicenseRef-x", None),
        ("CC-BY-4.0 AND LicenseRef-x", False),
        ("MIT OR CC-BY-4.0", True),
        ("MIT OR LicenseRef-x", True),
        ("CC-BY-4.0 OR LicenseRef-x", None),
        ("CC-BY-4.0 OR CC-BY-NC-4.0", False),
        ("(MIT OR LicenseRef-x) AND (CC-BY-4.0 OR LicenseRef-y)", None),
        ("MIT AND (MIT OR CC-BY-4.0)", True),
    ],
)
def test_literal_answers(text, expected):
    assert osi_approved(parse_expression(text)) is expected


@pytest.mark.parametrize(
    ("first", "second", "conjunction", "disjunction"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (True, None, None, True),
        (False, False, False, False),
        (False, None, False, None),
        (None, None, None, None),
    ],
)
def test_truth_tables(first, second, conjunction, disjunction):
    for pair in ((first, second), (second, first)):
        assert all_of(pair) is conjunction
        assert any_of(pair) is disjunction


VALUES = {"MIT": True, "ISC": True, "CC-BY-4.0": False, "CC-BY-NC-4.0": False, "LicenseRef-a": None, "LicenseRef-b": None}
trees = st.recursive(
    st.sampled_from(sorted(VALUES)),
    lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=3)),
    max_leaves=8,
)


def spell(tree) -> str:
    return tree if isinstance(tree, str) else "(" + f" {tree[0]} ".join(spell(part) for part in tree[1]) + ")"


def occurrences(tree) -> list[str]:
    return [tree] if isinstance(tree, str) else [leaf for part in tree[1] for leaf in occurrences(part)]


def truth(tree, values) -> bool:
    if isinstance(tree, str):
        return next(values)
    parts = [truth(part, values) for part in tree[1]]
    return all(parts) if tree[0] == "AND" else any(parts)


@given(trees)
def test_against_every_completion(tree):
    """Each unknown occurrence is tried both ways: the answer is known exactly when all of them agree."""
    choices = [(True, False) if VALUES[leaf] is None else (VALUES[leaf],) for leaf in occurrences(tree)]
    found = {truth(tree, iter(values)) for values in itertools.product(*choices)}
    expected = found.pop() if len(found) == 1 else None
    assert osi_approved(parse_expression(spell(tree))) is expected


@given(trees, st.sampled_from(["LicenseRef-a", "LicenseRef-b"]), st.booleans())
def test_learning_more_never_turns_a_known_answer(tree, reference, learned):
    expression = parse_expression(spell(tree))
    before = decide(expression, VALUES.get)
    after = decide(expression, {**VALUES, reference: learned}.get)
    assert before is None or after is before


@pytest.mark.parametrize("text", ["MIT", "MIT+", "MIT WITH Classpath-exception-2.0", "MIT WITH AdditionRef-x"])
def test_what_is_not_said_of_an_id_is_not_known_of_its_later_versions_either(text):
    assert decide(parse_expression(text), lambda _id: None) is None
    if text == "MIT+":
        assert decide(parse_expression(text), lambda _id: False) is None
        assert decide(parse_expression(text), lambda _id: True) is True
