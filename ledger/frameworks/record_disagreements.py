"""Where a release in the ledger and a registry's record of it do not agree, or two records; pure.

Compared are the roles for which both have a place, and no others: that an index has no place for a tokenizer says nothing about
one. Licences are compared as SPDX expressions in normal form, never as strings; two strings that nobody can look up agree only when
they are the same. A role under which several things stand is compared as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.frameworks.answers import pointers, printable
from ledger.frameworks.disagreements import Disagreement, Side, outcomes_of
from ledger.frameworks.model import Profile
from ledger.spec.evidence import ComponentFact, Evidence, LicenseFact, ReleaseFacts
from ledger.spec.vocabulary import NOASSERTION, ROLES

_NOT_THERE = ("absent", "unknown")
_CODE = ("architecture", "supporting-libraries", "tokenizer")
_DATA = ("weights", "intermediate-weights", "datasets", "evaluation-data", "model-metadata")
_GRADES = {1.0: "open", 0.5: "partial", 0.0: "closed"}


@dataclass(frozen=True, slots=True)
class Record:
    """What one side knows: a registry's record, or the ledger.

    Attributes:
        file: the record's name; None for the ledger.
        roles: those for which it has a place.
        place: JSON pointer to where it lists components; empty when each has a place of its own.
        profile: the profile whose rules are the registry's judgements, when it judges and the profile is at hand.
    """

    file: str | None
    facts: ReleaseFacts
    roles: Sequence[str]
    place: str = ""
    profile: Profile | None = None


def of_ledger(facts: ReleaseFacts) -> Record:
    """The ledger's side: a release."""
    return Record(None, facts, ROLES, "/predicate/components")


def compared(one: Record, other: Record) -> tuple[list[Disagreement], list[Disagreement]]:
    """What two sides disagree about, and what of them cannot be compared."""
    found: list[Disagreement] = []
    apart: list[Disagreement] = []
    for role in sorted(set(one.roles) & set(other.roles)):
        here, there = _of(one.facts, role), _of(other.facts, role)
        if _there(here) != _there(there):
            left, right = (_has(side, role) if _there(_of(side.facts, role)) else _lacks(side, role) for side in (one, other))
            found.append(Disagreement("record-component", role, left, right))
        elif here and there:
            difference = _licences(one, other, role)
            if difference is not None:
                (found if difference[1] else apart).append(difference[0])
    return [*found, *_judgements(one, other)], apart


def _of(facts: ReleaseFacts, role: str) -> list[ComponentFact]:
    return [item for item in facts.components if item.role == role]


def _there(components: Iterable[ComponentFact]) -> bool:
    return any(item.availability not in _NOT_THERE for item in components)


def _has(side: Record, role: str) -> Side:
    components = _of(side.facts, role)
    names = sorted({f"{printable(item.name)} ({item.availability})" for item in components if item.availability not in _NOT_THERE})
    words = f"the release has {', '.join(names)}" if side.file is None else "the record lists it"
    return Side(words, _proofs(components), side.file)


def _lacks(side: Record, role: str) -> Side:
    components = _of(side.facts, role)
    if components:
        stated = " or ".join(f"`{word}`" for word in sorted({item.availability for item in components}))
        words = f"the release says that it is {stated}" if side.file is None else "the record says that there is none"
        return Side(words, _proofs(components), side.file)
    if side.file is not None:
        return Side("the record does not list it", (Evidence(pointer=side.place),), side.file)
    entry = next((proof.index for item in side.facts.components for proof in item.evidence), None)
    return Side("the release has no such component", (Evidence(None, entry, None, side.place),))


def _proofs(components: Iterable[ComponentFact]) -> tuple[Evidence, ...]:
    return pointers(proof for item in components for proof in item.evidence)


@dataclass(frozen=True, slots=True)
class _Said:
    """What one side says of the licences of a role.

    Attributes:
        known: normal forms; `odd`: strings that have none.
        none: it says in so many words that there is no licence.
    """

    known: frozenset[str]
    odd: frozenset[str]
    none: bool
    evidence: tuple[Evidence, ...]

    @property
    def words(self) -> str:
        """For people."""
        listed = [*sorted(self.known), *(f"{printable(text)} (no SPDX expression)" for text in sorted(self.odd))]
        return ", ".join([*listed, *(["no licence"] if self.none else [])])


def _said(facts: ReleaseFacts, role: str) -> _Said | None:
    """None when nothing is said."""
    content = "code" if role in _CODE or role.endswith("-code") else "data" if role in _DATA else "document"
    inherited = facts.release_licenses.get(content) or facts.release_licenses.get("distribution")
    known: set[str] = set()
    odd: set[str] = set()
    proofs: list[Evidence] = []
    none = False
    for item in _of(facts, role):
        if item.availability in _NOT_THERE:
            continue
        claim: LicenseFact | None = item.license if item.license or item.unlicensed else inherited
        if item.unlicensed:
            none = True
            proofs += item.evidence
        elif claim is not None and claim.normalized != NOASSERTION:
            known.add(claim.normalized)
            proofs += claim.evidence
        elif claim is not None:
            odd.add(claim.expression.strip())
            proofs += claim.evidence
    return _Said(frozenset(known), frozenset(odd), none, pointers(proofs)) if known or odd or none else None


def _licences(one: Record, other: Record, role: str) -> tuple[Disagreement, bool] | None:
    """A difference, and whether it is one for certain; None when the two agree, or one says nothing."""
    mine, theirs = _said(one.facts, role), _said(other.facts, role)
    if mine is None or theirs is None or (mine.known, mine.odd, mine.none) == (theirs.known, theirs.odd, theirs.none):
        return None
    sides = Side(mine.words, mine.evidence, one.file), Side(theirs.words, theirs.evidence, other.file)
    return Disagreement("record-licence", role, *sides), not (mine.odd or theirs.odd)


def _judgements(one: Record, other: Record) -> list[Disagreement]:
    """An index's judgements against the grades found on the other side, by evidence, else believed; where neither is known, nothing."""
    if one.profile is not None and other.profile is None:
        return _judgements(other, one)
    if other.profile is None or not other.facts.judgements or one.facts.judgements:
        return []
    found = []
    for outcome in outcomes_of(other.profile, one.facts):
        judged = other.facts.judgements.get(str(outcome.rule.params.get("parameter")))
        by_evidence, believed = outcome.values
        value = by_evidence if by_evidence is not None else believed
        if judged is None or judged.value is None or value is None or _GRADES.get(value) == judged.value:
            continue
        answer = outcome.evidence if by_evidence is not None else outcome.believed
        how = "by evidence" if by_evidence is not None else "if every claim is believed"
        grade = Side(f"found {_GRADES.get(value, value)} {how}: {answer.detail}", outcome.pointers, one.file)
        said = Side(f"judged {judged.value}", judged.evidence, other.file)
        found.append(Disagreement("record-judgement", outcome.rule.id, grade, said))
    return found
