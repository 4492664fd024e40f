"""Applies rules to an expression: all parts of AND count, and of OR the better choice as a whole.

A choice is judged branch by branch, with the rules of the origin itself beside those of the step, and never rule by rule: else one
rule could be escaped by the left branch and another by the right one. Findings of every branch are kept; none weighs more than the
worst of the best branch, and the reason names the choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.licenses.case import DATA, OUTPUTS, STUDENT, TRAINING, WEIGHTS, Case, Hit
from ledger.licenses.effective import Tree
from ledger.licenses.expression import Term
from ledger.licenses.facts import LicenseFacts, facts_of
from ledger.licenses.findings import RANK, SEVERITIES
from ledger.licenses.rules import predicates, severity

NODE_WHOLE = ("H1", "H2", "H4", "H5")
NODE_TERM = ("H2", "H3", "H6", "H7", "H8", "H9", "H10")
WHOLE = {DATA: (), TRAINING: ("T-TDM", "T-MEM", "S5"), WEIGHTS: (), OUTPUTS: ("O1",), STUDENT: ("S5",)}
TERM = {
    DATA: ("D2", "D3", "D4", "D5", "D6"),
    TRAINING: ("T0", "T-BY", "T-SA", "T-NC", "T-ND", "T-CON", "T-CON3", "T-DB", "T-GPL"),
    WEIGHTS: ("W1", "W2", "W3", "W4", "W5", "W7", "W8", "W11"),
    OUTPUTS: ("O2",),
    STUDENT: ("S4", "S1", "S2", "S3", "T-CON", "T-CON3", "W7"),
}
STEP_WHOLE = {DATA: ("D1",), TRAINING: (), WEIGHTS: ("W6", "W9"), OUTPUTS: (), STUDENT: ()}
STEP_TERM = {DATA: (), TRAINING: (), WEIGHTS: ("W10",), OUTPUTS: (), STUDENT: ()}
# Explicit text that frees what follows; nothing else of the same term is asked then.
_STOPS = ("T0", "S4")
# Behind a model's outputs, what is left of an influence is shown and decides nothing.
_REMOVED = {TRAINING: "notice", STUDENT: "review", OUTPUTS: "review"}


@dataclass(frozen=True, slots=True)
class Found:
    """A rule's hit for one licence (or none), with its severity."""

    rule: str
    severity: str
    license: str
    hit: Hit


def about_node(case: Case, stance: str) -> tuple[Found, ...]:
    """The rules of one artifact."""
    return (*_whole(case, NODE_WHOLE, stance), *_expression(case, NODE_TERM, (), stance))


def about_way(case: Case, name: str, stance: str, *, step: bool, far: bool) -> tuple[Found, ...]:
    """The rules of a way, by its class.

    Args:
        step: also those that look at a single step's relation.
        far: also those that hold for ways of any length.
    """
    whole = (*(WHOLE[name] if far else ()), *(STEP_WHOLE[name] if step else ()))
    term = (*(TERM[name] if far else ()), *(STEP_TERM[name] if step else ()))
    found = (*_whole(case, whole, stance), *_expression(case, term, NODE_TERM, stance, name))
    if not case.removed:
        return found
    cap = _REMOVED[name]
    return tuple(replace(item, severity=_lower(item.severity, cap), hit=_behind(item.hit)) for item in found)


def _behind(hit: Hit) -> Hit:
    return replace(hit, reason=f"{hit.reason} (a model's outputs lie between)")


def _lower(one: str, other: str) -> str:
    return SEVERITIES[min(RANK[one], RANK[other])]


def _whole(case: Case, names: Sequence[str], stance: str) -> list[Found]:
    found = []
    for name in names:
        hit = predicates()[name](case)
        if hit is not None:
            found.append(Found(name, severity(name, hit, stance), "", hit))
    return found


def _expression(case: Case, names: Sequence[str], beside: Sequence[str], stance: str, way: str = "") -> list[Found]:
    if case.view.tree is None or not names:
        return []
    return _tree(case.view.tree, case, names, beside, stance, way)[0]


def _tree(tree: Tree, case: Case, names: Sequence[str], beside: Sequence[str], stance: str, way: str) -> tuple[list[Found], int]:
    # How deep expressions nest is bounded where they are read.
    if isinstance(tree, Term):
        found = _term(tree, case, names, stance, way)
        others = _term(tree, case, beside, stance, "") if beside else []
        return found, max((RANK[item.severity] for item in (*found, *others)), default=0)
    parts = [_tree(part, case, names, beside, stance, way) for part in tree.parts]
    every = [item for found, _ in parts for item in found]
    if tree.operator == "AND":
        return every, max(worst for _, worst in parts)
    best = min(worst for _, worst in parts)
    capped = [
        replace(
            item,
            severity=_lower(item.severity, SEVERITIES[best]),
            hit=replace(item.hit, reason=f"{item.hit.reason} (a choice of licences: {tree})"),
        )
        for item in every
    ]
    return capped, best


def _term(term: Term, case: Case, names: Sequence[str], stance: str, way: str) -> list[Found]:
    facts = facts_of(term.id)
    one = replace(case, id=term.id, facts=facts)
    asked = (*names, "S1", "S2", "S3") if way == TRAINING and "T0" in names and facts is not None and _of_models(facts) else names
    found: list[Found] = []
    for name in asked:
        hit = predicates()[name](one)
        if hit is None:
            continue
        found.append(Found(name, severity(name, hit, stance), str(term), hit))
        if name in _STOPS:
            break
    return found


def _of_models(facts: LicenseFacts) -> bool:
    """Data under a model's licence or a service's terms, which is how outputs are often labelled."""
    return bool({"weights", "service-terms"} & set(facts.targets)) and not {"dataset", "content", "code"} & set(facts.targets)
