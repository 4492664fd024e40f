"""Linting a profile: all of its problems, and never another answer than the reader's."""

from __future__ import annotations

import copy

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ledger import resources
from ledger.errors import LedgerError
from ledger.frameworks.linting import lint
from ledger.frameworks.profiles import parse_profile, profile_ids


def document() -> dict:
    return yaml.safe_load(resources.data_bytes("frameworks", "redhat-minimum-2025.yaml"))


def linted(value: object) -> tuple[str, ...]:
    return lint(yaml.safe_dump(value).encode())


def test_the_products_own_profiles_have_none():
    for profile_id in profile_ids():
        assert lint(resources.data_bytes("frameworks", f"{profile_id}.yaml")) == ()


def test_all_problems_at_once():
    own = document()
    own["schema"] = "openness-ledger/profile/v2"
    del own["citation"]
    own["url"] = 3
    own["includes"] = ["mot-2026-05"]
    own["policy"] = {"x": {}}
    own["availability"]["believes"] = ["claimed"]
    own["open"]["osi"] = "maybe"
    own["terms"] = {"data": {"osi": True}}
    own["rules"][0]["check"] = "component-perfect"
    own["rules"][1] = {**own["rules"][1], "content": "music", "role": "drums", "extra": 1, "other": 2, "source": " "}
    own["rules"][2] = "text"
    own["rules"][3]["id"] = own["rules"][0]["id"]
    own["conclusion"]["check"] = "mostly"
    found = linted(own)
    for place, problem in (
        ("/includes", "is not known here"),
        ("/schema", "is not `openness-ledger/profile/v1`"),
        ("/url", "is not text"),
        ("/citation", "is missing"),
        ("/policy/x", "is neither text nor a list of texts"),
        ("/availability/believes", "leaves out what is accepted as evidence"),
        ("/open/osi", "is neither true nor false"),
        ("/terms/data/ids", "is missing"),
        ("/rules/0/check", "is none of"),
        ("/rules/1/source", "is not text"),
        ("/rules/1/role", "is none of"),
        ("/rules/1/content", "is none of"),
        ("/rules/1/extra", "is not known here"),
        ("/rules/1/other", "is not known here"),
        ("/rules/2", "is not a mapping"),
        ("/rules/3/id", "is the id of a rule before it"),
        ("/conclusion/check", "is none of"),
    ):
        assert sum(f"`{place}` {problem}" in item for item in found) == 1, (place, found)
    assert len(found) == 17


def test_what_depends_on_the_whole():
    own = document()
    own["rules"][0]["terms"] = "nothing"
    assert len(linted(own)) == 1 and "/rules/0/terms" in linted(own)[0]
    own = document()
    own["conclusion"] = {**own["conclusion"], "check": "tiers", "tiers": [{"id": "a", "label": "a", "requires": ["nobody"]}]}
    assert len(linted(own)) == 1 and "/conclusion" in linted(own)[0]


@pytest.mark.parametrize("data", [b"", b"text", b"[]", b"\xff", b"a: &a 1\nb: *a", b"a: 1\na: 2", b"rules: NO: x", b" " * (5 << 20)])
def test_what_is_no_profile_at_all(data):
    assert len(lint(data, what="the profile `x`")) == 1
    assert "the profile `x`" in lint(data, what="the profile `x`")[0]


@pytest.mark.parametrize("rules", [None, [], {}, "x", [None]])
def test_rules_that_are_none(rules):
    assert any("/rules" in item for item in linted({**document(), "rules": rules}))


keys = st.sampled_from(["schema", "title", "policy", "availability", "open", "rules", "conclusion", "terms", "new"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["evidence", "weights", "data"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "check", "osi", "ids", "text", "source", "accepts", "believes", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(keys, values, max_size=3), st.sets(keys, max_size=2), st.lists(st.tuples(st.integers(0, 3), keys, values), max_size=2)
)
def test_never_another_answer_than_the_readers(changes, gone, in_rules):
    own = copy.deepcopy(document()) | changes
    for position, key, value in in_rules:
        if isinstance(own.get("rules"), list) and position < len(own["rules"]) and isinstance(own["rules"][position], dict):
            own["rules"][position][key] = value
    for key in gone:
        own.pop(key, None)
    data = yaml.safe_dump(own).encode()
    problems = lint(data)
    try:
        parse_profile(data)
    except LedgerError:
        assert problems
    else:
        assert problems == ()


@given(st.binary(max_size=200))
def test_garbage_has_a_problem(data):
    assert lint(data)
