"""What frameworks are evaluated on, and what they answer: plain frozen values.

`ReleaseFacts` is filled from the ledger (by `api`) or from a registry's record taken at its word (by an importer); the engine
in `frameworks` sees nothing else, so its answer is a pure function of these facts and a profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Evidence:
    """A pointer to what a fact rests on.

    Attributes:
        artifact: typed artifact id, when the fact is about bytes.
        index: log index of the statement that says so.
        object: id of a stored object (a licence text, a payload).
        pointer: RFC 6901 JSON pointer into that statement's payload, or into the registry's record.
    """

    artifact: str | None = None
    index: int | None = None
    object: str | None = None
    pointer: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The members that are known."""
        found = {"artifact": self.artifact, "index": self.index, "object": self.object, "pointer": self.pointer}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class LicenseFact:
    """One licence claim: the string as given and its SPDX normal form (`NOASSERTION` when it has none).

    Attributes:
        basis: who says so: `declared`, `detected` or `concluded` in the ledger, `registry` in a registry's record.
        mismatch: which other licence the licence file among the bytes is, when it is not the one that is declared.
        unrecognised: the path of a licence file among the bytes that is nearly a known text, when there is one.
    """

    expression: str
    normalized: str
    basis: str = "declared"
    evidence: tuple[Evidence, ...] = ()
    mismatch: str | None = None
    unrecognised: str | None = None


@dataclass(frozen=True, slots=True)
class ComponentFact:
    """One component of a release under one role.

    Attributes:
        role: one of `vocabulary.ROLES`.
        availability: one of `vocabulary.AVAILABILITY`.
        license: the component's own licence, or None when nothing is said of it.
        unlicensed: the record says in so many words that there is no licence (stops inheritance).
    """

    role: str
    availability: str
    name: str = ""
    artifact: str | None = None
    license: LicenseFact | None = None
    unlicensed: bool = False
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class DatasetFact:
    """One dataset that a release was trained on.

    Attributes:
        availability: one of `vocabulary.AVAILABILITY`.
        data: what is said about it (`schemas/data-information`); members of a wrong type are left out.
        where: addresses at which it can be had.
        impossible: the signed statement that it cannot be shared, when there is one.
        listed: whether the release names it as a component; else only the lineage of its weights does.
        evidence: where it is named, and where what is said about it stands.
    """

    artifact: str
    name: str
    availability: str
    data: Mapping[str, Any] = field(default_factory=dict)
    license: LicenseFact | None = None
    where: tuple[str, ...] = ()
    impossible: Evidence | None = None
    listed: bool = True
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """A person's signed judgement about the release or one of its artifacts, by a key that was trusted for it."""

    statement: str
    subjects: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class JudgementFact:
    """One judgement of an index: open, partial or closed, or None when the record has another word or none."""

    value: str | None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """Everything that a profile may ask about one release.

    Attributes:
        release_licenses: licences stated for the whole release, keyed `distribution`, `code`, `data`, `document`.
        unresolved: JSON pointers to what a registry's record says and nobody here understands, such as a component's unknown name.
        datasets: what it was trained on, as far as release and lineage say.
        upstream: models that it was made from and whose training data nobody recorded.
        about: what the provider says about the release (`schemas/release-information`).
        said_at: where `about` stands.
        reviews: people's judgements.
        judgements: those of an index's record, by parameter.
        remarks: JSON pointers into a registry's record, each with what has to be known of what stands there, in plain words.
        logged: whether the facts come from signed statements in a log; else from a registry's record.
    """

    id: str
    name: str
    version: str
    components: tuple[ComponentFact, ...]
    release_licenses: Mapping[str, LicenseFact] = field(default_factory=dict)
    unresolved: tuple[str, ...] = ()
    datasets: tuple[DatasetFact, ...] = ()
    upstream: tuple[tuple[str, Evidence], ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    said_at: Evidence | None = None
    reviews: tuple[ReviewFact, ...] = ()
    judgements: Mapping[str, JudgementFact] = field(default_factory=dict)
    remarks: tuple[tuple[str, str], ...] = ()
    logged: bool = False


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule's three-valued answer, with why, on what it rests, and what would change it."""

    rule: str
    result: str
    reason: str
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()
    would_change: str = ""

    def to_json(self) -> dict[str, Any]:
        """The rule as it stands in an attestation."""
        return {
            "rule": self.rule,
            "result": self.result,
            "reason": self.reason,
            "detail": self.detail,
            "evidence": [item.to_json() for item in self.evidence],
            "would_change": self.would_change,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """A profile's answer about one release.

    Attributes:
        profile: id of the profile; `digest` is the object id of the profile document's bytes.
        result: by evidence (the profile's default rung).
        believed: the same if every claim were believed.
        class_id: the framework's own class or tier, when it has them (`"0"` is unclassified in MOT).
        class_by_evidence: the class that holds by evidence alone, when the framework counts claims for `class_id`.
        class_believed: the class if every claim were believed, when `class_id` is that by evidence.
        own: whether the profile is a user's and none that the product carries.
        figures: numbers that the framework publishes, by name.
        policy: choices that the profile makes and prints, such as which components count as software.
    """

    profile: str
    digest: str
    result: str
    believed: str
    rules: tuple[RuleResult, ...]
    class_id: str | None = None
    class_label: str | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    class_by_evidence: str | None = None
    class_believed: str | None = None
    own: bool = False

    def to_json(self) -> dict[str, Any]:
        """The verdict as it stands in an attestation and in `--json`."""
        found: dict[str, Any] = {
            "profile": self.profile,
            "digest": self.digest,
            "result": self.result,
            "believed": self.believed,
            "rules": [rule.to_json() for rule in self.rules],
        }
        if self.own:
            found["own"] = True
        if self.class_id is not None:
            found["class"] = {"id": self.class_id, "label": self.class_label or ""}
            if self.class_by_evidence is not None:
                found["class"]["by_evidence"] = self.class_by_evidence
            if self.class_believed is not None:
                found["class"]["believed"] = self.class_believed
        if self.figures:
            found["figures"] = dict(self.figures)
        if self.policy:
            found["policy"] = dict(self.policy)
        return found
