"""What a check answers: results, reason codes, three-valued combinations, and evidence that stays small."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger.frameworks.model import Rule
from ledger.spec.evidence import Evidence, RuleResult

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not_applicable"

REASONS: Mapping[str, str] = {
    "MET": "the rule holds, or does not apply",
    "COMPONENT_MISSING": "a component is absent, or nothing is recorded about it",
    "COMPONENT_CLAIMED_ONLY": "a component is named, but its bytes are not in the ledger",
    "LICENCE_MISSING": "no licence is stated, or the record says that there is none",
    "LICENCE_UNKNOWN_ID": "the licence is not an SPDX expression, so nobody can look it up",
    "LICENCE_NOT_OPEN": "the licence is known and is not in the profile's open set",
    "LICENCE_NOT_OSI_APPROVED": "another list calls the licence free, and OSI did not approve it",
    "LICENCE_USE_RESTRICTED": "the terms restrict use: by field, by number of users, by place, to non-commercial use, or by a policy",
    "LICENCE_NOT_TYPE_APPROPRIATE": "the licence is open, but meant for another kind of content; a warning",
    "LICENCE_TEXT_MISMATCH": "the licence file among the bytes is another licence than the one that is declared",
    "DATA_INFO_INCOMPLETE": "something that has to be said is not recorded",
    "DATA_CLASS_UNDECLARED": "of a dataset nobody says whether it is open, public, obtainable or unshareable",
    "DATA_LOCATION_MISSING": "nobody says where a public or obtainable dataset can be had",
    "DATA_EXCEPTION_UNJUSTIFIED": "a dataset is withheld, and no signed statement says that sharing is impossible",
    "MONETISED": "there is a price, or the release is monetised otherwise",
    "SYSTEMIC_RISK": "the model is, or is presumed to be, one with systemic risk",
    "UPSTREAM_UNRESOLVED": "a model on the way has no record of what it was trained on",
    "HUMAN_JUDGEMENT_REQUIRED": "no list and no bytes decide this; a person has to, and sign it",
    "JUDGED_PARTIAL": "only partly open",
    "JUDGED_CLOSED": "not open",
}

# How many things a detail names before it says how many more there are, and how many pointers a rule has.
NAMED = 5
POINTERS = 24


@dataclass(frozen=True, slots=True)
class Answer:
    """One three-valued answer, why, in plain words, and what would change it."""

    result: str
    reason: str
    detail: str
    would_change: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found: the answer by evidence, the answer if every claim is believed, and the facts it looked at.

    Attributes:
        values: what the rule adds to a score, 0 to 1, by evidence and believed; None when it is not known.
    """

    rule: Rule
    evidence: Answer
    believed: Answer
    pointers: tuple[Evidence, ...] = ()
    required: bool = True
    values: tuple[float | None, float | None] = (None, None)

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


def all_hold(answers: Sequence[Answer]) -> Answer:
    """The three-valued AND of the answers about several things; a definite no outweighs what is unknown."""
    for result in (FAIL, UNKNOWN, PASS):
        told = [answer for answer in answers if answer.result == result]
        if told:
            # Among those that hold, a warning is what should be seen.
            first = next((answer for answer in told if answer.reason != "MET"), told[0])
            texts = list(dict.fromkeys(answer.detail for answer in told))
            more = f"; and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
            return replace(first, detail="; ".join(texts[:NAMED]) + more)
    raise AssertionError("an answer has one of three results")


def one_holds(answers: Sequence[Answer]) -> Answer:
    """The three-valued OR: the best of the answers, the first of equals."""
    return min(answers, key=lambda answer: (PASS, UNKNOWN, FAIL).index(answer.result))


def both(results: Iterable[str]) -> str:
    """Three-valued AND of results."""
    found = set(results)
    return FAIL if FAIL in found else UNKNOWN if UNKNOWN in found else PASS


def printable(text: str) -> str:
    """A stranger's text, short and without control characters: details are printed and signed."""
    short = text if len(text) <= 120 else text[:119] + "…"
    return short if short.isprintable() else "".join(char if char.isprintable() else "?" for char in short)


def pointers(found: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each pointer once, in a fixed order, and no more than `POINTERS`; of more the first, by log index."""
    return tuple(sorted(set(found), key=_place)[:POINTERS])


def _place(item: Evidence) -> tuple[Any, ...]:
    return (-1 if item.index is None else item.index, item.artifact or "", item.object or "", item.pointer or "")
