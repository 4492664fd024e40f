"""Checks of what a release was trained on: classes, what is said of each dataset, openness, exceptions.

All of them ask about all training data. That a release or the lineage of its weights names a dataset is evidence that it was used; that
nothing else was used is the releaser's signed word. Where nothing is named, or a model on the way has no record of its training, the
answer is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice

from ledger.frameworks.answers import FAIL, NAMED, PASS, POINTERS, UNKNOWN, Answer, Outcome, all_hold, pointers, printable
from ledger.frameworks.model import Profile, Rule
from ledger.frameworks.terms import licensed
from ledger.spec.evidence import DatasetFact, Evidence, ReleaseFacts
from ledger.spec.information import said

# A field of data information that is filled from addresses too.
WHERE = "where"
_WITHHELD = ("public", "obtainable", "unshareable")
_NOT_THERE = ("absent", "obtainable", "unshareable")

Ask = Callable[[DatasetFact, bool], Answer | None]
"""Asks one dataset, by evidence or with claims believed; None when the rule is not about it."""


def datasets_classed(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """Every dataset has a class: open, public, obtainable or unshareable. No parameters."""
    del profile

    def ask(item: DatasetFact, _: bool) -> Answer:
        return _undeclared(item) if _class(item) is None else Answer(PASS, "MET", "every dataset has a class")

    return _every(rule, facts, ask, "every dataset has a class")


def datasets_described(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """Of every dataset of some classes all of some fields say something.

    Parameters: `fields` (of `schemas/data-information`; `where` counts an address too), `classes` (none for all), `missing` (what an empty
    field is worth: fail or unknown), `reason` (its code).
    """
    del profile
    fields, classes = rule.params["fields"], rule.params["classes"]

    def ask(item: DatasetFact, _: bool) -> Answer | None:
        if classes and _class(item) is None:
            return _undeclared(item)
        if classes and _class(item) not in classes:
            return None
        empty = [name for name in fields if not _says(item, name)]
        if not empty:
            return Answer(PASS, "MET", "all that is asked is said")
        detail = f"{_name(item)} says nothing of {', '.join(f'`{name}`' for name in empty)}"
        return Answer(str(rule.params["missing"]), str(rule.params["reason"]), detail, "record what is missing: `ledger describe` lists it")

    about = f"every {' or '.join(classes)} dataset" if classes else "every dataset"
    return _every(rule, facts, ask, f"{about} says all that is asked", classes)


def datasets_open(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """Every dataset of some classes is there, and under open terms. Parameters: `classes` (none for all), `content`, `terms`."""
    classes = rule.params["classes"]

    def ask(item: DatasetFact, by_evidence: bool) -> Answer | None:
        if classes and _class(item) is None:
            return _undeclared(item)
        return None if classes and _class(item) not in classes else _open(profile, rule, item, by_evidence=by_evidence)

    about = f"every {' or '.join(classes)} dataset" if classes else "every dataset"
    return _every(rule, facts, ask, f"{about} is there under open terms", classes)


def datasets_shared_or_impossible(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """Every dataset is there under open terms, or a signed statement says that sharing is impossible, and it is described.

    Parameters: `fields` (what has to be said of a dataset that is withheld), `content`, `terms`.
    """

    def ask(item: DatasetFact, by_evidence: bool) -> Answer:
        shared = _open(profile, rule, item, by_evidence=by_evidence)
        if shared.result == PASS:
            return shared
        if item.impossible is not None:
            empty = [name for name in rule.params["fields"] if not _says(item, name)]
            if not empty:
                return Answer(PASS, "MET", f"{_name(item)} cannot be shared, as a signed statement says, and is described")
            detail = f"{_name(item)} cannot be shared, and says nothing of {', '.join(f'`{name}`' for name in empty)}"
            return Answer(FAIL, "DATA_INFO_INCOMPLETE", detail, "record what is missing: `ledger describe` lists it")
        if _class(item) in _WITHHELD or item.availability in _NOT_THERE:
            detail = f"{_name(item)} is `{_class(item) or item.availability}`, and no signed statement says that sharing it is impossible"
            return Answer(FAIL, "DATA_EXCEPTION_UNJUSTIFIED", detail, "share it, or sign why that is impossible: `ledger review`")
        return shared

    return _every(rule, facts, ask, "every dataset is shared, or its absence justified")


def _open(profile: Profile, rule: Rule, item: DatasetFact, *, by_evidence: bool) -> Answer:
    name, change = _name(item), "record its bytes under an open licence"
    if item.availability in _NOT_THERE:
        return Answer(FAIL, "COMPONENT_MISSING", f"{name} is `{item.availability}`", change)
    if item.availability not in (profile.accepts if by_evidence else profile.believes):
        return Answer(UNKNOWN, "COMPONENT_CLAIMED_ONLY", f"the bytes of {name} are not in the ledger: it is `{item.availability}`", change)
    return licensed(profile.test(str(rule.params["terms"])), name, item.license, str(rule.params["content"]))


def _every(rule: Rule, facts: ReleaseFacts, ask: Ask, holds: str, classes: Iterable[str] = ()) -> Outcome:
    """The AND over all datasets and the models on the way, with the pointers of those that decide."""
    if not facts.datasets and not facts.upstream:
        missing = Answer(
            UNKNOWN,
            "COMPONENT_MISSING",
            "nothing is recorded about training data",
            "name the datasets in the release, or in the weights' lineage",
        )
        return Outcome(rule, missing, missing)
    answers: list[Answer] = []
    deciding: list[Evidence] = []
    for by_evidence in (True, False):
        told = [(item, answer) for item in facts.datasets if (answer := ask(item, by_evidence)) is not None]
        upstream = [(proof, _upstream(name)) for name, proof in facts.upstream]
        if not told and not upstream:
            what = f"no dataset is {' or '.join(classes)}" if classes else holds
            answers.append(Answer(PASS, "MET", what))
            continue
        whole = _said([answer for _, answer in told] + [answer for _, answer in upstream], holds)
        answers.append(whole)
        if by_evidence and whole.result != PASS:
            deciding += [proof for proof, answer in upstream if answer.result == whole.result]
            # The first in the order of the facts, which is by name: of thousands nobody looks at more.
            first = islice((item for item, answer in told if answer.result == whole.result), POINTERS)
            deciding += [proof for item in first for proof in item.evidence]
    found = deciding or [proof for item in facts.datasets[:POINTERS] for proof in item.evidence]
    return Outcome(rule, answers[0], answers[1], pointers(found))


def _said(answers: list[Answer], holds: str) -> Answer:
    whole = all_hold(answers)
    if whole.result == PASS:
        return replace(whole, detail=f"{holds} ({len(answers)})" if whole.reason == "MET" else whole.detail)
    count = sum(answer.result == whole.result for answer in answers)
    return replace(whole, detail=f"{count} of {len(answers)}: {whole.detail}") if len(answers) > NAMED else whole


def _upstream(name: str) -> Answer:
    return Answer(
        UNKNOWN,
        "UPSTREAM_UNRESOLVED",
        f"what `{printable(name)}` was trained on is not recorded",
        "record that model with what it was trained on",
    )


def _undeclared(item: DatasetFact) -> Answer:
    return Answer(UNKNOWN, "DATA_CLASS_UNDECLARED", f"nobody says which class {_name(item)} has", "record its `class`")


def _class(item: DatasetFact) -> str | None:
    found = item.data.get("class")
    return found if isinstance(found, str) else None


def _says(item: DatasetFact, name: str) -> bool:
    return bool(item.where) if name == WHERE else said(item.data, name)


def _name(item: DatasetFact) -> str:
    return f"`datasets` ({printable(item.name)})"


def evidence_of(facts: ReleaseFacts, origin: str) -> list[Evidence]:
    """Pointers of the datasets of one origin, the first by name."""
    first = islice((item for item in facts.datasets if item.data.get("origin") == origin), POINTERS)
    return [proof for item in first for proof in item.evidence]
