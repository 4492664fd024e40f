"""The nouns of propagation: artifacts, how they were made from each other, and what is found.

A `Node` is one artifact with the licence claims about it, kept apart: declared, detected, concluded. An `Edge` says that its
target was made from its source. A `Finding` names its rule, the severity under a stance, the way from where the restriction
comes from to the artifact that it meets, and what decided it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from ledger.spec.vocabulary import ARTIFACT_KINDS, RELATIONS

STANCES = ("strict", "moderate", "permissive")
SEVERITIES = ("none", "notice", "review", "obligation", "conflict")
NODE_KINDS = (*ARTIFACT_KINDS, "service", "release")
DEPLOYED_AS = "deployed-as"
CONTAINS = "contains"
EDGE_RELATIONS = (*RELATIONS, DEPLOYED_AS, CONTAINS)
RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


@dataclass(frozen=True, slots=True)
class Node:
    """An artifact, and what is claimed about its licence.

    None always means that it is not known.

    Attributes:
        id: unique among the nodes given.
        kind: one of `NODE_KINDS`.
        name: as people call it; a path such as ``org/name`` is judged by its last part.
        declared: the normal form of what somebody declared; None or ``NOASSERTION`` when nobody did.
        detected: one item for each text that was identified without doubt: its id, or the ids joined by ``|`` when no text can
            tell them apart.
        near: what texts resemble without being it; never an identification.
        concluded: what a signed review says the licence is.
        has_text: the licence's text is among the artifact's files.
        has_notice: the copyright notice or notice file is.
        terms_captured: terms that live at an address were kept, with digest and date.
        multimodal: it takes more than text.
        tdm_reserved: a machine-readable reservation against text and data mining was recorded.
        family: why a declared word is no licence, such as ``openrail is a family``.
        synthetic: a model wrote it.
        retrieved: it is read at run time or given back word for word.
    """

    id: str
    kind: str
    name: str = ""
    version: str | None = None
    declared: str | None = None
    detected: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    concluded: str | None = None
    has_text: bool | None = None
    has_notice: bool | None = None
    terms_captured: bool | None = None
    multimodal: bool | None = None
    tdm_reserved: bool | None = None
    family: str | None = None
    synthetic: bool | None = None
    retrieved: bool | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` was made from `source`: a relation of the format, ``deployed-as`` (a service), or ``contains`` (a release)."""

    source: str
    target: str
    relation: str


class Trail(Protocol):
    """Knows the way from a starting point to where the search began."""

    def path(self, start: int) -> tuple[str, ...]:
        """The ids on the way, both ends included."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A way that is already spelled out."""

    ids: tuple[str, ...]

    def path(self, start: int) -> tuple[str, ...]:
        """The ids, whatever the start."""
        return self.ids


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found at one artifact.

    Attributes:
        rule: its id, such as ``T-NC``.
        severity: one of `SEVERITIES`, under the stance that was asked for.
        node: the artifact that it is about; of several, the nearest to what was asked about.
        nodes: all artifacts that it is about in the same way, sorted. There are several only behind what was asked about.
        license: the expression that the restriction comes from; empty when the rule does not look at one.
        origins: every artifact that brings this licence here in the same way, sorted.
        closure: ``shipped`` when one of them is part of what is shipped, else ``used``.
        reason: in words.
        inputs: the claims and facts that decided it.
        sources: where the rule comes from.
        unknown: it rests on something that is not known; evidence may answer it.
        waived_by: the review that waives it. The severity stays.
    """

    rule: str
    severity: str
    node: str
    nodes: tuple[str, ...]
    license: str
    origins: tuple[str, ...]
    closure: str
    reason: str
    inputs: tuple[str, ...]
    sources: tuple[str, ...]
    unknown: bool = False
    waived_by: str | None = None
    trail: Trail = field(default=Fixed(()), repr=False, compare=False)
    start: int = field(default=0, repr=False, compare=False)

    @property
    def path(self) -> tuple[str, ...]:
        """The shortest way from an origin to the artifact, both included; one id when they are the same."""
        return self.trail.path(self.start)

    @property
    def id(self) -> str:
        """What a waiver names: SHA-256, in hex, over rule, way, artifacts, origins, licence and inputs.

        It does not depend on the stance. It changes when another artifact joins, the licence becomes another, or what was unknown
        becomes known: a waiver covers what was looked at and nothing that came later.
        """
        parts = (
            self.rule,
            *self.path,
            "",
            *self.nodes,
            "",
            *self.origins,
            "",
            self.license,
            *self.inputs,
            "unknown" if self.unknown else "known",
        )
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Findings:
    """The answer for the targets that were asked about: findings from the worst to the least, each once."""

    stance: str
    targets: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> str:
        """The highest severity of all, waived or not."""
        return max((finding.severity for finding in self.findings), key=RANK.__getitem__, default="none")

    def unresolved(self) -> tuple[Finding, ...]:
        """Conflicts that no review waives."""
        return tuple(finding for finding in self.findings if finding.severity == "conflict" and finding.waived_by is None)


def least(severities: Iterable[str]) -> str:
    """The lowest of some severities; ``none`` of nothing."""
    return min(severities, key=RANK.__getitem__, default="none")
