"""Where a release in the ledger and a registry's record of it do not agree; pure.

Compared are the roles for which the registry has a place, and no others: that an index has no place for a tokenizer says nothing about
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
from ledger.spec.vocabulary import NOASSERTION

_NOT_THERE = ("absent", "unknown")
_CODE = ("architecture", "supporting-libraries", "tokenizer")
_DATA = ("weights", "intermediate-weights", "datasets", "evaluation-data", "model-metadata")
_GRADES = {1.0: "open", 0.5: "partial", 0.0: "closed"}


@dataclass(frozen=True, slots=True)
class Record:
    """A registry's record.

    Attributes:
        file: its name.
        roles: those for which the registry has a place.
        place: JSON pointer to where it lists components; empty when each has a place of its own.
        profile: the profile whose rules are the registry's judgements, when it judges and the profile is at hand.
    """

    file: str
    facts: ReleaseFacts
    roles: Sequence[str]
    place: str = ""
    profile: Profile | None = None


def with_record(facts: ReleaseFacts, record: Record) -> tuple[list[Disagreement], list[Disagreement]]:
    """What a release and a record disagree about, and what of them cannot be compared."""
    found: list[Disagreement] = []
    open_questions: list[Disagreement] = []
    for role in sorted(set(record.roles)):
        here, there = (_of(said, role) for said in (facts, record.facts))
        presence = _presence(facts, record, role, here, there)
        if presence is not None:
            found.append(presence)
        elif here and there:
            compared = _licences(facts, record, role, here, there)
            if compared is not None:
                (found if compared[1] else open_questions).append(compared[0])
    return [*found, *_judgements(facts, record)], open_questions


def _of(facts: ReleaseFacts, role: str) -> list[ComponentFact]:
    return [item for item in facts.components if item.role == role]


def _there(components: Iterable[ComponentFact]) -> bool:
    return any(item.availability not in _NOT_THERE for item in components)


def _presence(facts: ReleaseFacts, record: Record, role: str, here: list[ComponentFact], there: list[ComponentFact]) -> Disagreement | None:
    if _there(here) == _there(there):
        return None
    if _there(here):
        words = "the record says that there is none" if there else "the record does not list it"
        proof = _proofs(there) or (Evidence(pointer=record.place),)
        return Disagreement("record-component", role, Side(_named(here), _proofs(here)), Side(words, proof, record.file))
    stated = " or ".join(f"`{word}`" for word in sorted({item.availability for item in here}))
    words = f"the release says that it is {stated}" if here else "the release has no such component"
    own = _proofs(here) or tuple(
        Evidence(None, proof.index, None, "/predicate/components") for item in facts.components[:1] for proof in item.evidence[:1]
    )
    return Disagreement("record-component", role, Side(words, own), Side("the record lists it", _proofs(there), record.file))


def _named(components: list[ComponentFact]) -> str:
    names = sorted({f"{printable(item.name)} ({item.availability})" for item in components if item.availability not in _NOT_THERE})
    return f"the release has {', '.join(names)}"


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


def _said(facts: ReleaseFacts, role: str, components: list[ComponentFact]) -> _Said | None:
    """None when nothing is said."""
    content = "code" if role in _CODE or role.endswith("-code") else "data" if role in _DATA else "document"
    inherited = facts.release_licenses.get(content) or facts.release_licenses.get("distribution")
    known: set[str] = set()
    odd: set[str] = set()
    proofs: list[Evidence] = []
    none = False
    for item in components:
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


def _licences(
    facts: ReleaseFacts, record: Record, role: str, here: list[ComponentFact], there: list[ComponentFact]
) -> tuple[Disagreement, bool] | None:
    """A difference, and whether it is one for certain; None when the two agree, or one says nothing."""
    mine, theirs = _said(facts, role, here), _said(record.facts, role, there)
    if mine is None or theirs is None or (mine.known, mine.odd, mine.none) == (theirs.known, theirs.odd, theirs.none):
        return None
    sides = Side(mine.words, mine.evidence), Side(theirs.words, theirs.evidence, record.file)
    return Disagreement("record-licence", role, *sides), not (mine.odd or theirs.odd)


def _judgements(facts: ReleaseFacts, record: Record) -> list[Disagreement]:
    """An index's judgements against the grades found here, by evidence, else believed; where neither is known, nothing."""
    if record.profile is None or not record.facts.judgements:
        return []
    found = []
    for outcome in outcomes_of(record.profile, facts):
        judged = record.facts.judgements.get(str(outcome.rule.params.get("parameter")))
        by_evidence, believed = outcome.values
        value = by_evidence if by_evidence is not None else believed
        if judged is None or judged.value is None or value is None or _GRADES.get(value) == judged.value:
            continue
        answer = outcome.evidence if by_evidence is not None else outcome.believed
        how = "by evidence" if by_evidence is not None else "if every claim is believed"
        grade = Side(f"found {_GRADES.get(value, value)} {how}: {answer.detail}", outcome.pointers)
        other = Side(f"judged {judged.value}", judged.evidence, record.file)
        found.append(Disagreement("record-judgement", outcome.rule.id, grade, other))
    return found
