"""Checks of components: there and under an open licence, there at all, or how far open.

Within one component availability is asked before the licence: of bytes that nobody has, nothing is decided. Several components under one
role must all hold.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ledger.frameworks.answers import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Answer,
    Outcome,
    all_hold,
    one_holds,
    pointers,
    printable,
)
from ledger.frameworks.model import Profile, Rule
from ledger.frameworks.terms import licensed
from ledger.spec.evidence import ComponentFact, Evidence, LicenseFact, ReleaseFacts

_SEEN_BY_NAME_ONLY = ("claimed", "referenced", "gated")
_VALUES = {PASS: 1.0, FAIL: 0.0, UNKNOWN: None}
PARTLY = 0.5


def component_open(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """Every component of one role is there and under an open licence.

    Parameters: `role`; `content` (which licence of the whole release it may inherit, and which kind of content a licence
    should be meant for); `required`; `absent` (what it is worth when the producer says that there is none); `terms` (which of
    the profile's tests says what is open; the first one by default); `if_present` (an optional component that is there has to hold).
    """
    found = _of(facts, (rule.params["role"],))
    required = bool(rule.params["required"])
    if rule.params["if_present"]:
        # What is not there says nothing of what is.
        found = [component for component in found if component.availability not in ("unknown", "absent")]
    if not found or (not required and all(component.availability in ("unknown", "absent") for component in found)):
        answer = _missing((rule.params["role"],), required)
        return Outcome(rule, answer, answer, _pointers(found, None), required)
    answers = [
        all_hold([_component(profile, rule, component, facts, by_evidence=by_evidence) for component in found])
        for by_evidence in (True, False)
    ]
    inherited = None if all(component.license or component.unlicensed for component in found) else _inherited(rule, facts)
    return Outcome(rule, answers[0], answers[1], _pointers(found, inherited), required or bool(rule.params["if_present"]))


def component_there(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """At least one of several roles is there, whatever its licence. Parameters: `roles`, `required`, `absent`."""
    roles, required = rule.params["roles"], bool(rule.params["required"])
    found = _of(facts, roles)
    if not found or (not required and all(component.availability in ("unknown", "absent") for component in found)):
        answer = _missing(roles, required)
        return Outcome(rule, answer, answer, _pointers(found, None), required)
    answers = []
    for by_evidence in (True, False):
        each = [
            all_hold([_there(profile, rule, item, by_evidence=by_evidence) for item in found if item.role == role])
            for role in roles
            if any(item.role == role for item in found)
        ]
        answers.append(one_holds(each))
    return Outcome(rule, answers[0], answers[1], _pointers(found, None), required)


def component_graded(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """How far something is open: open, partial or closed, as an index judges it.

    An index's record has judgements, by `parameter`, and they are taken as they are. For a release the grade is found: open when the
    `roles` are there and open (or, when `licensed` is no, there); partial when they are there with other terms, or can be had only in
    part, behind a gate, or from others; closed when the producer says that there are none; else unknown.

    Parameters: `parameter`, `roles`, `content`, `licensed`, `terms`.
    """
    judged = facts.judgements.get(rule.params["parameter"])
    if judged is not None or facts.judgements:
        answer, value = _judged(rule.params["parameter"], judged.value if judged else None)
        proof = pointers(judged.evidence) if judged else ()
        return Outcome(
            rule, Answer(UNKNOWN, "COMPONENT_CLAIMED_ONLY", f"only the record says so: {answer.detail}"), answer, proof, True, (None, value)
        )
    found = _of(facts, rule.params["roles"])
    if not rule.params["roles"]:
        detail = f"`{rule.params['parameter']}` is a judgement of the index, which nothing that is released shows"
        answer = Answer(UNKNOWN, "HUMAN_JUDGEMENT_REQUIRED", detail, "a record of the index")
        return Outcome(rule, answer, answer)
    if not found:
        answer = _missing(rule.params["roles"], True)
        return Outcome(rule, answer, answer)
    graded = [_grade(profile, rule, found, facts, by_evidence=by_evidence) for by_evidence in (True, False)]
    return Outcome(rule, graded[0][0], graded[1][0], _pointers(found, None), True, (graded[0][1], graded[1][1]))


def _judged(parameter: str, word: str | None) -> tuple[Answer, float | None]:
    if word is None:
        return Answer(UNKNOWN, "COMPONENT_MISSING", f"the record does not judge `{parameter}`"), None
    reason = {"open": "MET", "partial": "JUDGED_PARTIAL", "closed": "JUDGED_CLOSED"}[word]
    value = {"open": 1.0, "partial": PARTLY, "closed": 0.0}[word]
    return Answer(PASS if word == "open" else FAIL, reason, f"`{parameter}` is judged {word}"), value


def _grade(
    profile: Profile, rule: Rule, found: list[ComponentFact], facts: ReleaseFacts, *, by_evidence: bool
) -> tuple[Answer, float | None]:
    each: list[tuple[Answer, float | None]] = []
    for item in found:
        limited = item.availability in ("gated", "partial", "obtainable")
        answer = (
            Answer(PASS, "MET", f"{_name(item)} is `{item.availability}`")
            if limited
            else _there(profile, rule, item, by_evidence=by_evidence)
        )
        if answer.result == PASS and not limited and rule.params["licensed"]:
            answer = _component(profile, rule, item, facts, by_evidence=by_evidence)
            # There, with terms that are not open or that nobody knows: that is not closed, and not open.
            limited = answer.result != PASS
        if limited:
            answer = Answer(FAIL, "JUDGED_PARTIAL", answer.detail, answer.would_change or "let anybody have all of it under open terms")
            each.append((answer, PARTLY))
        else:
            each.append((answer, _VALUES[answer.result]))
    whole = all_hold([answer for answer, _ in each])
    values = [value for _, value in each]
    known = [value for value in values if value is not None]
    if whole.result == FAIL and any(value for value in known):
        return Answer(FAIL, "JUDGED_PARTIAL", whole.detail, whole.would_change), PARTLY
    return whole, None if len(known) < len(values) else min(known)


def _of(facts: ReleaseFacts, roles: tuple[str, ...]) -> list[ComponentFact]:
    return sorted((component for component in facts.components if component.role in roles), key=_component_key)


def _missing(roles: tuple[str, ...], required: bool) -> Answer:
    shown = " or ".join(f"`{role}`" for role in roles)
    if not required:
        return Answer(NOT_APPLICABLE, "MET", f"{shown} is optional and not part of the release")
    return Answer(UNKNOWN, "COMPONENT_MISSING", f"nothing is recorded under {shown}", f"record the {shown} and name it in the release")


def _there(profile: Profile, rule: Rule, component: ComponentFact, *, by_evidence: bool) -> Answer:
    name, role = _name(component), component.role
    if component.availability == "absent":
        result = str(rule.params.get("absent", FAIL))
        return Answer(result, "COMPONENT_MISSING", f"the producer says that there is no {name}", f"release the `{role}` and record it")
    if component.availability not in (profile.accepts if by_evidence else profile.believes):
        reason = "COMPONENT_CLAIMED_ONLY" if component.availability in _SEEN_BY_NAME_ONLY else "COMPONENT_MISSING"
        return Answer(
            UNKNOWN,
            reason,
            f"the bytes of {name} are not in the ledger: it is `{component.availability}`",
            f"record the bytes of the `{role}`",
        )
    return Answer(PASS, "MET", f"{name} is there")


def _component(profile: Profile, rule: Rule, component: ComponentFact, facts: ReleaseFacts, *, by_evidence: bool) -> Answer:
    there = _there(profile, rule, component, by_evidence=by_evidence)
    if there.result != PASS:
        return there
    test = profile.test(str(rule.params["terms"]))
    own = component.license is not None or component.unlicensed
    claim = component.license if own or test.inherited == "never" else _inherited(rule, facts)
    answer = licensed(test, _name(component), claim, str(rule.params["content"]), unlicensed=component.unlicensed)
    if not own and claim is not None:
        answer = replace(answer, detail=f"{answer.detail}, inherited from the whole release")
    counts = ("evidence",) if by_evidence else ("evidence", "believed")
    if own or claim is None or test.inherited in counts or answer.result != PASS:
        return answer
    return Answer(
        UNKNOWN,
        "LICENCE_MISSING",
        f"{_name(component)} has no licence of its own; that of the release is no evidence here",
        f"record the licence of the `{component.role}` itself",
    )


def _inherited(rule: Rule, facts: ReleaseFacts) -> LicenseFact | None:
    return facts.release_licenses.get(str(rule.params["content"])) or facts.release_licenses.get("distribution")


def _name(component: ComponentFact) -> str:
    return f"`{component.role}` ({printable(component.name)})" if component.name else f"`{component.role}`"


def _pointers(components: list[ComponentFact], inherited: LicenseFact | None) -> tuple[Evidence, ...]:
    found: set[Evidence] = set()
    for component in components:
        found.update(component.evidence)
        if component.license is not None:
            found.update(component.license.evidence)
    if inherited is not None:
        found.update(inherited.evidence)
    return pointers(found)


def _component_key(component: ComponentFact) -> tuple[Any, ...]:
    # Everything that an answer can depend on, so that the order of the facts cannot.
    claim = component.license
    said = () if claim is None else (claim.expression, claim.normalized, claim.basis, claim.mismatch or "")
    return (component.role, component.name, component.artifact or "", component.availability, said, component.unlicensed)
