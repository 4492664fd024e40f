"""Applies rules to an expression: all parts of AND count, and of OR the better choice as a whole.

A choice is judged branch by branch, with the rules of the origin itself beside those of the step, and never rule by rule: else one
rule could be escaped by the left branch and another by the right one. Findings of every branch are kept; none weighs more than the
worst of the best branch, and the reason names the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Question:
    """Which rules are asked of a way.

    Attributes:
        name: the class of the way.
        step: also those that look at a single step's relation.
        far: also those that hold for ways of any length.
        removed: a model's outputs lie between.
    """

    name: str
    step: bool
    far: bool
    removed: bool

    @property
    def whole(self) -> tuple[str, ...]:
        """Rules that look at the artifact as a whole."""
        return (*(WHOLE[self.name] if self.far else ()), *(STEP_WHOLE[self.name] if self.step else ()))

    @property
    def term(self) -> tuple[str, ...]:
        """Rules that look at each licence of an expression."""
        return (*(TERM[self.name] if self.far else ()), *(STEP_TERM[self.name] if self.step else ()))


Leaf = Callable[[Term], tuple[Found, ...]]


def about_whole(case: Case, names: Sequence[str], stance: str) -> tuple[Found, ...]:
    """The hits of rules that look at no single licence."""
    found = []
    for name in names:
        hit = predicates()[name](case)
        if hit is not None:
            found.append(Found(name, severity(name, hit, stance), "", hit))
    return tuple(found)


def about_term(term: Term, case: Case, names: Sequence[str], stance: str) -> tuple[Found, ...]:
    """The hits of rules that look at one licence. Explicit text that frees what follows ends the questions."""
    facts = facts_of(term.id)
    one = replace(case, id=term.id, facts=facts)
    found: list[Found] = []
    for name in (*names, "S1", "S2", "S3") if "T0" in names and facts is not None and _of_models(facts) else names:
        hit = predicates()[name](one)
        if hit is None:
            continue
        found.append(Found(name, severity(name, hit, stance), str(term), hit))
        if name in _STOPS:
            break
    return tuple(found)


def behind_outputs(found: tuple[Found, ...], question: Question) -> tuple[Found, ...]:
    """What is left when a model's outputs lie between."""
    if not question.removed:
        return found
    cap = _REMOVED[question.name]
    return tuple(
        replace(
            item, severity=_lower(item.severity, cap), hit=replace(item.hit, reason=f"{item.hit.reason} (a model's outputs lie between)")
        )
        for item in found
    )


def over(tree: Tree, leaf: Leaf, beside: Leaf, memory: dict[Any, Found]) -> tuple[Found, ...]:
    """All hits of an expression.

    Args:
        leaf: the hits that are asked for, of one licence.
        beside: other hits that count when branches of a choice are compared.
        memory: what choices made of hits before; `leaf` has to give equal hits as the same object, and keep them.
    """
    return leaf(tree) if isinstance(tree, Term) else tuple(_over(tree, leaf, beside, memory)[0])


def _over(tree: Tree, leaf: Leaf, beside: Leaf, memory: dict[Any, Found]) -> tuple[list[Found], int]:
    # How deep expressions nest is bounded where they are read.
    if isinstance(tree, Term):
        found = leaf(tree)
        return list(found), max((RANK[item.severity] for item in (*found, *beside(tree))), default=0)
    parts = [_over(part, leaf, beside, memory) for part in tree.parts]
    every = [item for found, _ in parts for item in found]
    if tree.operator == "AND":
        return every, max(worst for _, worst in parts)
    best = min(worst for _, worst in parts)
    return [_chosen(item, tree, best, memory) for item in every], best


def _chosen(item: Found, tree: Tree, best: int, memory: dict[Any, Found]) -> Found:
    key = (id(item), id(tree), best)
    found = memory.get(key)
    if found is None:
        reason = f"{item.hit.reason} (a choice of licences: {tree})"
        found = replace(item, severity=_lower(item.severity, SEVERITIES[best]), hit=replace(item.hit, reason=reason))
        memory[key] = found
    return found


def _lower(one: str, other: str) -> str:
    return SEVERITIES[min(RANK[one], RANK[other])]


def _of_models(facts: LicenseFacts) -> bool:
    """Data under a model's licence or a service's terms, which is how outputs are often labelled."""
    return bool({"weights", "service-terms"} & set(facts.targets)) and not {"dataset", "content", "code"} & set(facts.targets)
