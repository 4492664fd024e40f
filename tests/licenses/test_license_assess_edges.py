"""How hits become severities: choices, what stops, what lies behind outputs; and the small words of cases and findings."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from licenses.naive_propagation import FAR, NO_LICENSE, STEP
from licenses.rule_cases import CASE, SILENT, put

from ledger.licenses import assess
from ledger.licenses.assess import Found, Question, about_term, about_whole, behind_outputs, over
from ledger.licenses.case import Case, Child, Hit, Pair, begins, doubt, fact
from ledger.licenses.effective import Tree
from ledger.licenses.expression import Term, parse_expression
from ledger.licenses.findings import NODE_KINDS, RANK, SEVERITIES, Finding, Findings, Fixed, least

CHILD = CASE.child
assert CHILD is not None


def tree(text: str) -> Tree:
    found = parse_expression(text).tree
    assert found is not None
    return found


def term(text: str) -> Term:
    found = tree(text)
    assert isinstance(found, Term)
    return found


# --- expressions ---------------------------------------------------------------------------------

# An expression, what is found of each licence, and what that weighs in the end.
WEIGHED: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("MIT", {"MIT": "conflict"}, {"MIT": "conflict"}),
    ("MIT AND ISC", {"MIT": "conflict", "ISC": "notice"}, {"MIT": "conflict", "ISC": "notice"}),
    ("MIT OR ISC", {"MIT": "conflict", "ISC": "notice"}, {"MIT": "notice", "ISC": "notice"}),
    ("MIT OR ISC", {"MIT": "notice", "ISC": "conflict"}, {"MIT": "notice", "ISC": "notice"}),
    ("MIT OR ISC", {"MIT": "conflict"}, {"MIT": "none"}),
    ("MIT OR ISC", {"MIT": "conflict", "ISC": "none"}, {"MIT": "none", "ISC": "none"}),
    ("MIT OR ISC", {"MIT": "obligation", "ISC": "conflict"}, {"MIT": "obligation", "ISC": "obligation"}),
    ("MIT OR ISC", {}, {}),
    ("MIT OR ISC OR Zlib", {"MIT": "conflict", "ISC": "review", "Zlib": "obligation"}, dict.fromkeys(("MIT", "ISC", "Zlib"), "review")),
    ("(MIT AND ISC) OR Zlib", {"MIT": "notice", "ISC": "conflict", "Zlib": "review"}, {"MIT": "notice", "ISC": "review", "Zlib": "review"}),
    ("(MIT AND ISC) OR Zlib", {"MIT": "notice", "ISC": "review", "Zlib": "conflict"}, {"MIT": "notice", "ISC": "review", "Zlib": "review"}),
    (
        "MIT AND (ISC OR Zlib)",
        {"MIT": "conflict", "ISC": "obligation", "Zlib": "review"},
        {"MIT": "conflict", "ISC": "review", "Zlib": "review"},
    ),
    # What the inner choice left of a branch is what the outer one compares.
    (
        "0BSD OR (MIT AND (ISC OR Zlib))",
        {"0BSD": "obligation", "MIT": "notice", "ISC": "conflict", "Zlib": "review"},
        {"0BSD": "review", "MIT": "notice", "ISC": "review", "Zlib": "review"},
    ),
]


@pytest.mark.parametrize(("text", "given", "wanted"), WEIGHED)
def test_what_an_expression_weighs(text: str, given: dict[str, str], wanted: dict[str, str]) -> None:
    made = {id: (Found("X", severity, id, Hit(f"of {id}")),) for id, severity in given.items()}
    found = over(tree(text), lambda one: made.get(one.id, ()), lambda _one: (), {})
    assert isinstance(found, tuple)
    assert {item.license: item.severity for item in found} == wanted and len(found) == len(wanted)
    assert [item.rule for item in found] == ["X"] * len(wanted)


def test_other_hits_count_when_branches_are_compared_and_are_no_part_of_the_answer() -> None:
    mine, beside = (Found("X", "conflict", "MIT", Hit("mine")),), (Found("Y", "obligation", "ISC", Hit("beside")),)

    def weigh(text: str) -> list[tuple[str, str, str]]:
        found = over(tree(text), lambda one: mine if one.id == "MIT" else (), lambda one: beside if one.id == "ISC" else (), {})
        return [(item.rule, item.severity, item.hit.reason) for item in found]

    assert weigh("MIT OR ISC") == [("X", "obligation", "mine (a choice of licences: ISC OR MIT)")]
    assert weigh("MIT OR Zlib") == [("X", "none", "mine (a choice of licences: MIT OR Zlib)")]
    assert weigh("MIT AND ISC") == [("X", "conflict", "mine")]
    # Either branch with its own: the other hits of a branch are not those of the other one.
    assert weigh("(MIT AND ISC) OR Zlib") == [("X", "none", "mine (a choice of licences: (ISC AND MIT) OR Zlib)")]
    assert weigh("MIT") == [("X", "conflict", "mine")]
    assert weigh("ISC") == []


def test_what_a_choice_makes_of_a_hit_is_made_once() -> None:
    memory: dict[Any, Found] = {}
    hit = (Found("X", "conflict", "MIT", Hit("mine", ("in",), "obligation", True)),)
    one, other = tree("MIT OR ISC"), tree("MIT OR Zlib")
    first = over(one, lambda item: hit if item.id == "MIT" else (), lambda _item: (), memory)
    again = over(one, lambda item: hit if item.id == "MIT" else (), lambda _item: (), memory)
    assert again[0] is first[0]
    assert first[0] == Found("X", "none", "MIT", Hit("mine (a choice of licences: ISC OR MIT)", ("in",), "obligation", True))
    besides = (Found("Y", "review", "", Hit("beside")),)
    worse = over(one, lambda item: hit if item.id == "MIT" else (), lambda _item: besides, memory)
    assert worse[0].severity == "review"
    elsewhere = over(other, lambda item: hit if item.id == "MIT" else (), lambda _item: (), memory)
    assert elsewhere[0].hit.reason == "mine (a choice of licences: MIT OR Zlib)"


# --- questions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(FAR))
@pytest.mark.parametrize(("step", "far"), [(False, False), (False, True), (True, False), (True, True)])
def test_which_rules_are_asked(name: str, step: bool, far: bool) -> None:
    question = Question(name, step, far, False)
    wanted = [*(FAR[name] if far else []), *(STEP[name] if step else [])]
    assert sorted(question.whole) == sorted(rule for rule in wanted if rule in NO_LICENSE)
    assert sorted(question.term) == sorted(rule for rule in wanted if rule not in NO_LICENSE)


TARGETS = [
    (("weights",), True),
    (("service-terms",), True),
    (("weights", "service-terms"), True),
    (("weights", "code"), False),
    (("weights", "dataset"), False),
    (("service-terms", "content"), False),
    (("dataset",), False),
    (("code",), False),
    ((), False),
]


@pytest.mark.parametrize(("targets", "models"), TARGETS)
@pytest.mark.parametrize("rules", [("T-BY", "T0"), ("T-BY",)])
def test_data_under_a_model_s_licence_are_asked_about_as_outputs(
    monkeypatch: pytest.MonkeyPatch, targets: tuple[str, ...], models: bool, rules: tuple[str, ...]
) -> None:
    facts = put(put(SILENT, "outputs.training", "forbidden"), "targets", targets)
    monkeypatch.setattr(assess, "facts_of", lambda _id: facts)
    found = about_term(term(SILENT.id), CASE, rules, "strict")
    assert [item.rule for item in found] == (["S1"] if models and "T0" in rules else [])
    monkeypatch.setattr(assess, "facts_of", lambda _id: None)
    assert about_term(term(SILENT.id), CASE, rules, "strict") == ()


def test_explicit_text_ends_the_questions_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = put(SILENT, "conditions.attribution", "yes")
    monkeypatch.setattr(assess, "facts_of", lambda _id: facts)

    def asked(*rules: str) -> list[str]:
        return [item.rule for item in about_term(term("MIT"), CASE, rules, "strict")]

    assert asked("T-NC", "T-BY", "T-SA", "T-BY") == ["T-BY", "T-BY"]
    facts = put(facts, "klass", "public-domain")
    assert asked("T0", "T-BY") == ["T0"] and asked("T-BY", "T0", "T-BY") == ["T-BY", "T0"]
    facts = put(put(facts, "klass", "open-source"), "outputs.training", "allowed-explicit")
    assert asked("S4", "T-BY") == ["S4"] and asked("T0", "T-BY") == ["T-BY"]
    [found] = about_term(term("MIT"), CASE, ("T-BY",), "moderate")
    assert (found.license, found.severity) == ("MIT", "obligation")
    assert found.hit.inputs == ("fact silent-1.0: attribution = yes",)


def test_rules_of_the_whole_name_no_licence() -> None:
    said = replace(CASE, view=replace(CASE.view, tree=tree("MIT")))
    near = replace(said, origin=replace(CASE.origin, near=("MIT",)), contradiction=("ISC",))
    found = about_whole(near, ("H1", "H4", "H5"), "moderate")
    assert [(item.rule, item.license) for item in found] == [("H4", ""), ("H5", "")]
    assert about_whole(said, ("H1", "H4", "H5"), "moderate") == ()


@pytest.mark.parametrize(("name", "cap"), [("training", "notice"), ("student", "review"), ("outputs", "review")])
@pytest.mark.parametrize("severity", SEVERITIES)
def test_behind_outputs_nothing_weighs_more_than_its_cap(name: str, cap: str, severity: str) -> None:
    given = (Found("X", severity, "MIT", Hit("why", ("in",), "conflict", True)),)
    assert behind_outputs(given, Question(name, False, True, False)) is given
    [found] = behind_outputs(given, Question(name, False, True, True))
    order = ("none", "notice", "review", "obligation", "conflict")
    wanted = severity if order.index(severity) < order.index(cap) else cap
    assert found == Found("X", wanted, "MIT", Hit("why (a model's outputs lie between)", ("in",), "conflict", True))


# --- cases ---------------------------------------------------------------------------------------


def test_what_a_case_does_not_say() -> None:
    assert Hit("why") == Hit("why", (), "conflict", False)
    assert Pair() == Pair(False, None, None, False, False, ())
    bare = Case(CASE.origin, CASE.view, CASE.actor)
    assert bare == Case(
        CASE.origin, CASE.view, CASE.actor, "", None, None, Pair(), "", False, False, False, False, (), "nothing", ()
    )  # fmt: skip
    assert (bare.stranger, bare.serves, bare.grants, bare.open, bare.shared) == (True, False, None, None, False)
    assert doubt("why", "one", "two") == Hit("why", ("one", "two"), "review", True)


@pytest.mark.parametrize("one", [True, False, None])
def test_what_a_case_says_of_the_child(one: bool | None) -> None:
    for other in (True, False, None):
        child = Child("weights", True, one, other, other, other, False)
        assert replace(CASE, child=child).open is one
        child = Child("weights", True, other, other, one, other, False)
        assert replace(CASE, child=child).grants is one
    for kind in NODE_KINDS:
        assert replace(CASE, child=replace(CHILD, kind=kind)).serves is (kind == "service")
    for truth in (True, False):
        assert replace(CASE, child=replace(CHILD, known=truth)).stranger is not truth
        assert replace(CASE, child=replace(CHILD, shipped=truth)).shared is truth


def test_facts_as_inputs() -> None:
    assert fact(CASE, "class", "open-source") == "fact silent-1.0: class = open-source"
    assert fact(replace(CASE, facts=None, id="LicenseRef-X"), "class", None) == "fact LicenseRef-X: class = None"


@pytest.mark.parametrize(
    ("name", "prefix", "holds"),
    [
        ("a/b/Llama-3", "Llama 3", True),
        ("a/Llama-3", "Llama 3", True),
        ("Llama-3/a/b", "Llama 3", False),
        ("a/Llama-3/b", "Llama 3", False),
        ("LLAMA_-_3", "llama 3", True),
        ("L l a m a", "Llama", True),
        ("Llama", "Llama 3", False),
        ("XLlama-3", "Llama 3", False),
        ("Llama.3", "Llama 3", False),
        ("", "Llama", False),
        ("Llama/", "Llama", False),
    ],
)
def test_beginnings_of_names(name: str, prefix: str, holds: bool) -> None:
    assert begins(name, prefix) is holds


# --- findings ------------------------------------------------------------------------------------


def finding(**changes: Any) -> Finding:
    made = Finding("T-NC", "review", "m", ("m", "n"), "CC-BY-NC-4.0", ("a", "b"), "used", "why", ("one", "two"), ("S",))
    return replace(made, **{"trail": Fixed(("a", "x", "m")), **changes})


def test_what_a_waiver_names() -> None:
    """The parts that `Finding.id` lists, with an empty one between the lists, and NUL between all."""
    parts = ["T-NC", "a", "x", "m", "", "m", "n", "", "a", "b", "", "CC-BY-NC-4.0", "one", "two"]
    for unknown in (False, True):
        text = "\0".join([*parts, "unknown" if unknown else "known"])
        assert finding(unknown=unknown).id == hashlib.sha256(text.encode()).hexdigest()
    same = finding(severity="conflict", closure="shipped", reason="else", sources=(), waived_by="entry 1", node="n")
    assert same.id == finding().id
    others = [
        finding(rule="T-ND"),
        finding(trail=Fixed(("a", "m"))),
        finding(nodes=("m",)),
        finding(origins=("a",)),
        finding(license="MIT"),
        finding(inputs=("one",)),
        finding(unknown=True),
    ]
    assert len({item.id for item in [*others, finding()]}) == len(others) + 1
    assert finding(origins=("\udcff",)).id != finding().id


def test_a_way_is_no_part_of_what_a_finding_is() -> None:
    class Counting:
        def path(self, start: int) -> tuple[str, ...]:
            return (str(start),)

    plain = Finding("T-NC", "review", "m", ("m",), "", ("a",), "used", "why", (), ())
    assert plain.path == () and (plain.unknown, plain.waived_by, plain.start) == (False, None, 0)
    other = replace(plain, trail=Counting(), start=7)
    assert other.path == ("7",) and replace(plain, trail=Counting()).path == ("0",)
    assert other == plain and "trail" not in repr(other) and "start" not in repr(other)
    assert Fixed(("a", "b")).path(0) == Fixed(("a", "b")).path(9) == ("a", "b")


def test_the_worst_and_the_least() -> None:
    order = ("none", "notice", "review", "obligation", "conflict")
    assert [RANK[word] for word in order] == [0, 1, 2, 3, 4] and order == SEVERITIES
    for place, word in enumerate(order):
        among = (finding(severity="none"), finding(severity=word, waived_by="entry 1"), finding(severity="none"))
        assert Findings("moderate", ("m",), among).worst == word
        assert least(order[place:]) == least(reversed(order[place:])) == word
    assert Findings("moderate", (), ()).worst == least(()) == "none"


def test_what_is_unresolved() -> None:
    many = tuple(finding(severity=word, waived_by=by) for word in SEVERITIES for by in (None, "entry 1", ""))
    left = Findings("moderate", ("m",), many).unresolved()
    assert [(item.severity, item.waived_by) for item in left] == [("conflict", None)]
