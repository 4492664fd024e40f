"""Where what is said about one release does not agree: definitions of openness, claims and evidence, the ledger and registries; pure.

Nothing is decided here. Each disagreement has two sides, each with what it says and where it says it, so that whoever reads it can look
at both. What cannot be compared, because one side says something that nobody can look up, is kept apart: it is no disagreement, and no
agreement either. The order is fixed, whatever order the facts stand in.

Between the ledger and a registry's record: `record_disagreements`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.frameworks.answers import FAIL, PASS, UNKNOWN, Outcome, pointers, printable
from ledger.frameworks.checks import CHECKS
from ledger.frameworks.engine import evaluate
from ledger.frameworks.model import Profile
from ledger.spec.evidence import Evidence, LicenseFact, ReleaseFacts, Verdict
from ledger.spec.vocabulary import NOASSERTION

KINDS: Mapping[str, str] = {
    "definitions": "the release meets one definition of openness, and not another, or nobody can tell",
    "verdict": "what a profile answers if every claim is believed is not what it answers by evidence",
    "rule": "the same of one rule",
    "licence-text": "a licence file among the bytes is another licence than the one that is declared",
    "licence-concluded": "a person concluded another licence than the one that is declared",
    "availability": "the release says that nobody, or not everybody, can have something whose bytes are in the ledger",
    "training-data": "the lineage of the weights has a dataset that the release does not list",
    "record-licence": "a registry's record states another licence, or none",
    "record-component": "something is in the release and not in a registry's record, or the reverse",
    "record-judgement": "an index judges something as more or less open than it is found here",
}
# Only these say that something is released under open terms; profiles without them ask what is told, not what is open.
_OPENNESS = ("component-open", "datasets-open", "datasets-shared-or-impossible")
_WITHHELD = ("absent", "gated")
BY_EVIDENCE, BELIEVED = "evidence", "believed"


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says.

    Attributes:
        file: name of the registry's record that says it; None for the ledger. The evidence's pointers lead into that file.
    """

    says: str
    evidence: tuple[Evidence, ...] = ()
    file: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {"says": self.says, "file": self.file, "evidence": [item.to_json() for item in self.evidence]}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sides that do not agree, or cannot be compared.

    Attributes:
        kind: of `KINDS`.
        about: the role, artifact, profile or parameter in question.
        basis: whether it is about answers by evidence or believed, where it is about answers.
        rules: `PROFILE/RULE` of the rules that make the difference, each with its result, reason and detail.
    """

    kind: str
    about: str
    one: Side
    other: Side
    basis: str | None = None
    rules: tuple[Mapping[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "kind": self.kind,
            "about": self.about,
            "basis": self.basis,
            "sides": [self.one.to_json(), self.other.to_json()],
            "rules": [dict(item) for item in self.rules],
        }


@dataclass(frozen=True, slots=True)
class Claims:
    """What is said of licences before anybody's conclusion replaces it, and of bytes that are at hand.

    Attributes:
        declared: artifact id → its licence as declared, with what its licence file is (`LicenseFact.mismatch`).
        concluded: artifact id → its licence as a person concluded it.
        names: artifact id → its name for people.
        recorded: artifact id of a component → where its bytes are recorded.
    """

    declared: Mapping[str, LicenseFact] = field(default_factory=dict)
    concluded: Mapping[str, LicenseFact] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    recorded: Mapping[str, Evidence] = field(default_factory=dict)


def between_definitions(facts: ReleaseFacts, profiles: Sequence[Profile]) -> list[Disagreement]:
    """Definitions of openness that are met, against those that are not or of which nobody can tell; by evidence, then believed."""
    asked = [profile for profile in profiles if any(rule.check in _OPENNESS for rule in profile.rules)]
    outcomes = {profile.id: outcomes_of(profile, facts) for profile in asked}
    verdicts = {profile.id: evaluate(profile, facts) for profile in asked}
    found = []
    for basis in (BY_EVIDENCE, BELIEVED):
        results = {id: verdict.result if basis == BY_EVIDENCE else verdict.believed for id, verdict in verdicts.items()}
        met = [profile for profile in asked if results[profile.id] == PASS]
        for profile in asked if met else ():
            if results[profile.id] not in (FAIL, UNKNOWN):
                continue
            mine = _deciding(profile, outcomes[profile.id], basis)
            theirs = [item for other in met for item in outcomes[other.id] if _answer(item, basis).result == PASS]
            shown = ", ".join(f"`{item.id}`" for item in met)
            found.append(
                Disagreement(
                    "definitions",
                    profile.id,
                    Side(f"{shown}: pass", pointers(proof for item in theirs for proof in item.pointers)),
                    Side(f"`{profile.id}`: {results[profile.id]}", pointers(proof for item in mine for proof in item.pointers)),
                    basis,
                    tuple(_told(profile.id, item, basis) for item in mine),
                )
            )
    return found


def between_claims_and_evidence(facts: ReleaseFacts, profiles: Sequence[Profile], claims: Claims) -> list[Disagreement]:
    """Where a claim, if believed, gives another answer than the bytes; and where statements about the same thing differ."""
    found = _verdicts(facts, profiles)
    found += _rules(facts, profiles)
    found += _licenses(claims)
    found += _availability(facts, claims)
    found += _training(facts)
    return found


def outcomes_of(profile: Profile, facts: ReleaseFacts) -> tuple[Outcome, ...]:
    """What each rule of a profile answers, by evidence and believed."""
    return tuple(CHECKS[rule.check](profile, rule, facts) for rule in profile.rules)


def _answer(outcome: Outcome, basis: str) -> Any:
    return outcome.evidence if basis == BY_EVIDENCE else outcome.believed


def _deciding(profile: Profile, outcomes: tuple[Outcome, ...], basis: str) -> list[Outcome]:
    """The rules that keep a profile from being met: of a ladder or of classes, those of its lowest rung."""
    params = profile.conclusion.params
    rungs = params.get("classes") or params.get("tiers")
    wanted = set(rungs[0]["requires"]) if rungs else {item.rule.id for item in outcomes if item.required}
    passed = {item.rule.id for item in outcomes if _answer(item, basis).result == PASS}
    stand_ins = params.get("substitutes", {})
    return [
        item
        for item in outcomes
        if item.rule.id in wanted and _answer(item, basis).result in (FAIL, UNKNOWN) and stand_ins.get(item.rule.id) not in passed
    ]


def _told(profile: str, outcome: Outcome, basis: str) -> dict[str, str]:
    answer = _answer(outcome, basis)
    return {"rule": f"{profile}/{outcome.rule.id}", "result": answer.result, "reason": answer.reason, "detail": answer.detail}


def _verdicts(facts: ReleaseFacts, profiles: Sequence[Profile]) -> list[Disagreement]:
    found = []
    for profile in profiles:
        believed, by_evidence = _both_ways(evaluate(profile, facts))
        if believed == by_evidence:
            continue
        differing = [item for item in outcomes_of(profile, facts) if item.evidence.result != item.believed.result]
        proofs = pointers(proof for item in differing for proof in item.pointers)
        found.append(
            Disagreement(
                "verdict",
                profile.id,
                Side(f"`{profile.id}`, if every claim is believed: {believed}", proofs),
                Side(f"`{profile.id}`, by evidence: {by_evidence}", proofs),
                rules=tuple(_told(profile.id, item, BY_EVIDENCE) for item in differing),
            )
        )
    return found


def _both_ways(verdict: Verdict) -> tuple[str, str]:
    """A verdict's answer in words, believed and by evidence: a score where the framework gives a score, else result and class."""
    if "by_evidence" in verdict.figures:
        return f"{verdict.figures['total']:.2f}", f"{verdict.figures['by_evidence']:.2f}"
    believed = _shown(verdict.believed, verdict.class_believed or verdict.class_id)
    return believed, _shown(verdict.result, verdict.class_by_evidence or verdict.class_id)


def _shown(result: str, klass: str | None) -> str:
    return result if klass in (None, result) else f"{result}, class {klass}"


def _rules(facts: ReleaseFacts, profiles: Sequence[Profile]) -> list[Disagreement]:
    """Rules whose two answers differ; the same two answers of several profiles are one disagreement."""
    groups: dict[tuple[str, ...], list[tuple[str, Outcome]]] = {}
    for profile in profiles:
        for item in outcomes_of(profile, facts):
            if item.evidence.result != item.believed.result:
                key = (item.evidence.result, item.evidence.detail, item.believed.result, item.believed.detail)
                groups.setdefault(key, []).append((profile.id, item))
    found = []
    for (result, detail, believed, belief), members in groups.items():
        proofs = pointers(proof for _, item in members for proof in item.pointers)
        found.append(
            Disagreement(
                "rule",
                members[0][1].rule.id,
                Side(f"if every claim is believed: {believed}, {belief}", proofs),
                Side(f"by evidence: {result}, {detail}", proofs),
                rules=tuple(_told(profile, item, BY_EVIDENCE) for profile, item in members),
            )
        )
    return found


def _licenses(claims: Claims) -> list[Disagreement]:
    found = []
    for id in sorted(claims.declared, key=lambda id: (claims.names.get(id, ""), id)):
        said, name = claims.declared[id], claims.names.get(id, id)
        declared = Side(f"declared as `{printable(said.expression)}`", said.evidence[:1])
        if said.mismatch:
            text = Side(f"its licence file is `{printable(said.mismatch)}`", said.evidence[1:])
            found.append(Disagreement("licence-text", name, declared, text))
        other = claims.concluded.get(id)
        if other is not None and NOASSERTION not in (said.normalized, other.normalized) and other.normalized != said.normalized:
            judged = Side(f"concluded as `{printable(other.expression)}`", other.evidence)
            found.append(Disagreement("licence-concluded", name, declared, judged))
    return found


def _availability(facts: ReleaseFacts, claims: Claims) -> list[Disagreement]:
    found = []
    for item in sorted(facts.components, key=lambda item: (item.role, item.name, item.artifact or "")):
        proof = claims.recorded.get(item.artifact or "")
        if item.availability in _WITHHELD and proof is not None:
            stated = Side(f"the release says that `{item.role}` ({printable(item.name)}) is `{item.availability}`", item.evidence)
            found.append(Disagreement("availability", item.role, stated, Side("its bytes are recorded in the ledger", (proof,))))
    return found


def _training(facts: ReleaseFacts) -> list[Disagreement]:
    listed = [proof for item in facts.components if item.role == "datasets" for proof in item.evidence]
    return [
        Disagreement(
            "training-data",
            printable(item.name),
            Side("the release does not list it among its datasets", pointers(listed or _release(facts))),
            Side("the lineage of the weights says that they were trained on it", item.evidence),
        )
        for item in facts.datasets
        if not item.listed
    ]


def _release(facts: ReleaseFacts) -> Iterable[Evidence]:
    """Where the release itself stands."""
    return [Evidence(None, proof.index, None, "/predicate/components") for item in facts.components[:1] for proof in item.evidence[:1]]
