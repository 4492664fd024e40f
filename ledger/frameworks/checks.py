"""The closed set of checks that a profile's rules may name; a profile cannot bring code of its own.

A check looks at the facts about a release and answers twice: by evidence (what the profile accepts, by default only bytes
whose digest is in the ledger) and believed (if every claim were true). Both are three-valued; silence and claims never pass
by evidence. Within one component availability is asked before the licence: of bytes that nobody has, nothing is decided.
Several components under one role must all hold.

Reason codes are those of `REASONS`; a rule that holds says MET.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ledger.frameworks import reading
from ledger.frameworks.model import OpenTest, Profile, Rule
from ledger.licenses import catalogue
from ledger.licenses.expression import parse_expression
from ledger.licenses.osi import decide
from ledger.spec.evidence import ComponentFact, Evidence, LicenseFact, ReleaseFacts, RuleResult

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not_applicable"

REASONS: Mapping[str, str] = {
    "MET": "the rule holds, or does not apply",
    "COMPONENT_MISSING": "a component is absent, or nothing is recorded about it",
    "COMPONENT_CLAIMED_ONLY": "a component is named, but its bytes are not in the ledger",
    "LICENCE_MISSING": "no licence is stated, or the record says that there is none",
    "LICENCE_UNKNOWN_ID": "the licence is not an SPDX expression, so nobody can look it up",
    "LICENCE_NOT_OPEN": "the licence is known and is not in the profile's open set",
    "LICENCE_NOT_TYPE_APPROPRIATE": "the licence is open, but meant for another kind of content; a warning",
    "HUMAN_JUDGEMENT_REQUIRED": "no list says whether these terms are open; a person has to",
}

# How many components of one role a detail names before it says how many more there are.
_NAMED = 5
_SEEN_BY_NAME_ONLY = ("claimed", "referenced", "gated")


@dataclass(frozen=True, slots=True)
class Answer:
    """One three-valued answer, why, in plain words, and what would change it."""

    result: str
    reason: str
    detail: str
    would_change: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found: the answer by evidence, the answer if every claim is believed, and the facts it looked at."""

    rule: Rule
    evidence: Answer
    believed: Answer
    pointers: tuple[Evidence, ...] = ()
    required: bool = True

    def to_result(self) -> RuleResult:
        """The rule as a verdict shows it."""
        detail = self.evidence.detail
        if self.believed.result != self.evidence.result:
            detail += f"; if every claim is believed: {self.believed.result}, {self.believed.detail}"
        return RuleResult(
            rule=self.rule.id,
            result=self.evidence.result,
            reason=self.evidence.reason,
            detail=detail,
            evidence=self.pointers,
            would_change=self.evidence.would_change,
        )


Check = Callable[[Profile, Rule, ReleaseFacts], Outcome]


def component_open(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """Every component of one role is there and under an open licence.

    Parameters: `role`; `content` (which licence of the whole release it may inherit, and which kind of content a licence
    should be meant for); `required`; `absent` (what it is worth when the producer says that there is none).
    """
    found = [component for component in facts.components if component.role == rule.params["role"]]
    found.sort(key=_component_key)
    required = bool(rule.params["required"])
    if not found or (not required and all(component.availability in ("unknown", "absent") for component in found)):
        answer = _missing(rule, required)
        return Outcome(rule, answer, answer, _pointers(found, None), required)
    answers = [
        _all([_component(profile, rule, component, facts, by_evidence=by_evidence) for component in found]) for by_evidence in (True, False)
    ]
    inherited = None if all(component.license or component.unlicensed for component in found) else _inherited(rule, facts)
    return Outcome(rule, answers[0], answers[1], _pointers(found, inherited), required)


CHECKS: Mapping[str, Check] = {"component-open": component_open}
PARAMETERS: Mapping[str, Mapping[str, reading.Parameter]] = {
    "component-open": {
        "role": reading.role,
        "content": reading.content_type,
        "required": reading.flag,
        "absent": reading.absent_result,
    },
}


def _missing(rule: Rule, required: bool) -> Answer:
    role = rule.params["role"]
    if not required:
        return Answer(NOT_APPLICABLE, "MET", f"`{role}` is optional and not part of the release")
    return Answer(
        UNKNOWN,
        "COMPONENT_MISSING",
        f"nothing is recorded under `{role}`",
        f"record the `{role}` and name it in the release",
    )


def _component(profile: Profile, rule: Rule, component: ComponentFact, facts: ReleaseFacts, *, by_evidence: bool) -> Answer:
    name = _name(component)
    role = component.role
    if component.availability == "absent":
        result = str(rule.params["absent"])
        return Answer(result, "COMPONENT_MISSING", f"the producer says that there is no {name}", f"release the `{role}` and record it")
    if component.availability not in (profile.accepts if by_evidence else profile.believes):
        reason = "COMPONENT_CLAIMED_ONLY" if component.availability in _SEEN_BY_NAME_ONLY else "COMPONENT_MISSING"
        return Answer(
            UNKNOWN,
            reason,
            f"the bytes of {name} are not in the ledger: it is `{component.availability}`",
            f"record the bytes of the `{role}`",
        )
    own = component.license is not None or component.unlicensed
    claim = component.license if own or profile.open.inherited == "never" else _inherited(rule, facts)
    answer = _licensed(profile.open, component, claim, str(rule.params["content"]))
    counts = ("evidence",) if by_evidence else ("evidence", "believed")
    if own or claim is None or profile.open.inherited in counts or answer.result != PASS:
        return answer
    return Answer(
        UNKNOWN,
        "LICENCE_MISSING",
        f"{name} has no licence of its own; that of the release is no evidence here",
        f"record the licence of the `{role}` itself",
    )


def _inherited(rule: Rule, facts: ReleaseFacts) -> LicenseFact | None:
    return facts.release_licenses.get(str(rule.params["content"])) or facts.release_licenses.get("distribution")


def _licensed(test: OpenTest, component: ComponentFact, claim: LicenseFact | None, content: str) -> Answer:
    name = _name(component)
    if component.unlicensed:
        return Answer(FAIL, "LICENCE_MISSING", f"the record says that {name} has no licence", "put it under an open licence")
    if claim is None or claim.expression.strip() in ("", "NOASSERTION"):
        return Answer(UNKNOWN, "LICENCE_MISSING", f"no licence is stated for {name}", "record its licence")
    shown = _shown(claim.expression)
    if claim.expression.strip() in ("unlicensed", "NONE"):
        return Answer(FAIL, "LICENCE_MISSING", f"the licence of {name} is given as {shown}", "put it under an open licence")
    verdict, judged = _open(test, claim)
    if verdict is False:
        return Answer(FAIL, "LICENCE_NOT_OPEN", f"{name} is under {shown}, which is not open here", "put it under an open licence")
    if verdict is None and judged:
        return Answer(
            UNKNOWN,
            "HUMAN_JUDGEMENT_REQUIRED",
            f"{name} is under {shown}, of which no list says whether it is open",
            "a profile whose policy lists these terms, or a review that concludes a listed licence",
        )
    if verdict is None:
        return Answer(
            UNKNOWN, "LICENCE_UNKNOWN_ID", f"the licence of {name} is no SPDX expression: {shown}", "a review that says which licence it is"
        )
    if test.types and not _fits(test, claim, content):
        return Answer(
            PASS,
            "LICENCE_NOT_TYPE_APPROPRIATE",
            f"{name} is under {shown}, open but not meant for {content}",
            f"a licence that is meant for {content}",
        )
    return Answer(PASS, "MET", f"{name} is under {shown}")


def _open(test: OpenTest, claim: LicenseFact) -> tuple[bool | None, bool]:
    """Whether a claim is open, and when that is unknown, whether it is a matter of judgement (else of a missing id)."""
    if claim.basis in test.exact_for:
        return _exactly_open(test, claim.expression)
    expression = parse_expression(claim.normalized)
    if expression.tree is None:
        return None, False
    return decide(expression, lambda license_id: _id_open(test, license_id)), True


def _exactly_open(test: OpenTest, text: str) -> tuple[bool | None, bool]:
    # The framework's own tool compares strings: `MIT` is open, `mit` and `MIT OR Apache-2.0` are not known to it.
    known = catalogue.entry(text)
    if (known is None or known.id != text) and text not in test.ids and text not in test.judgement:
        return None, parse_expression(text).valid
    return _id_open(test, text), True


def _id_open(test: OpenTest, license_id: str) -> bool | None:
    if license_id in test.ids:
        return True
    if license_id in test.judgement:
        return None
    known = catalogue.entry(license_id)
    if known is None:
        return None
    return test.osi and known.osi


def _fits(test: OpenTest, claim: LicenseFact, content: str) -> bool:
    text = claim.expression if claim.basis in test.exact_for else claim.normalized
    known = parse_expression(text).ids
    return bool(known) and all(content in test.types.get(license_id, frozenset()) for license_id in known)


def _all(answers: list[Answer]) -> Answer:
    """The three-valued AND of the components under one role; a definite no outweighs what is unknown."""
    for result in (FAIL, UNKNOWN, PASS):
        told = [answer for answer in answers if answer.result == result]
        if told:
            # Among those that hold, a warning is what should be seen.
            first = next((answer for answer in told if answer.reason != "MET"), told[0])
            texts = list(dict.fromkeys(answer.detail for answer in told))
            more = f"; and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
            return replace(first, detail="; ".join(texts[:_NAMED]) + more)
    raise AssertionError("an answer has one of three results")


def _name(component: ComponentFact) -> str:
    return f"`{component.role}` ({_printable(component.name)})" if component.name else f"`{component.role}`"


def _shown(text: str) -> str:
    return f"`{_printable(text)}`"


def _printable(text: str) -> str:
    # Details are printed and signed, whatever a registry's record holds.
    short = text if len(text) <= 120 else text[:119] + "…"
    return "".join(char if char.isprintable() else "?" for char in short)


def _pointers(components: list[ComponentFact], inherited: LicenseFact | None) -> tuple[Evidence, ...]:
    found: set[Evidence] = set()
    for component in components:
        found.update(component.evidence)
        if component.license is not None:
            found.update(component.license.evidence)
    if inherited is not None:
        found.update(inherited.evidence)
    return tuple(sorted(found, key=_evidence_key))


def _evidence_key(item: Evidence) -> tuple[Any, ...]:
    return (item.artifact or "", -1 if item.index is None else item.index, item.object or "", item.pointer or "")


def _component_key(component: ComponentFact) -> tuple[Any, ...]:
    # Everything that an answer can depend on, so that the order of the facts cannot.
    claim = component.license
    said = () if claim is None else (claim.expression, claim.normalized, claim.basis)
    return (component.name, component.artifact or "", component.availability, said, component.unlicensed)
