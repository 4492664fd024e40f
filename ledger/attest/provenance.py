"""SLSA provenance of a run: what went in, what came out, from which code, with which parameters, where and when; pure.

The statement says what whoever ran it declared, and the digests of what was hashed. Source: slsa.dev, Build Provenance v1, and
in-toto/attestation, ResourceDescriptor v1. Our build type is `…/run/v1`: `externalParameters` are the run's name, its parameters and, for a
command, its arguments; `internalParameters.environment` is what `environment` collected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger import __version__, canon
from ledger.spec.names import display
from ledger.spec.vocabulary import BASE

PREDICATE = "https://slsa.dev/provenance/v1"
STATEMENT = "https://in-toto.io/Statement/v1"
RUN = BASE + "run/v1"


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something that a run used.

    Attributes:
        id: typed artifact id; None for code that is only a commit.
        relation: of the outputs to it; empty for code that is no artifact.
        digest: algorithm → hex, such as `sha256` or `gitCommit`.
    """

    name: str
    id: str | None = None
    relation: str = ""
    uri: str | None = None
    digest: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As a ResourceDescriptor."""
        found: dict[str, Any] = {"name": self.name}
        if self.uri:
            found["uri"] = self.uri
        if self.digest:
            found["digest"] = dict(self.digest)
        said = {**self.annotations, **({"id": self.id} if self.id else {}), **({"relation": self.relation} if self.relation else {})}
        return {**found, "annotations": said} if said else found


@dataclass(frozen=True, slots=True)
class Product:
    """Something that a run made: its name, version and typed id."""

    kind: str
    name: str
    version: str | None
    id: str

    def to_json(self) -> dict[str, Any]:
        """As a subject; `sha256` is that of the file, or of a tree's inventory."""
        digest = {"sha256": self.id.partition(":")[2]}
        return {"name": display(self.name, self.version), "digest": digest, "annotations": {"id": self.id, "kind": self.kind}}


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of a run once it is over; times are RFC 3339 in UTC."""

    name: str
    invocation: str
    started: str
    finished: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    command: Sequence[str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)


def provenance(run: RunFacts, dependencies: Sequence[Dependency], products: Sequence[Product]) -> bytes:
    """The payload of the statement, in canonical form. Raises LedgerError LG0101, LG0104 when a parameter cannot be written."""
    external: dict[str, Any] = {"name": run.name, "parameters": dict(run.parameters)}
    if run.command is not None:
        external["command"] = list(run.command)
    details: dict[str, Any] = {
        "builder": {"id": RUN, "version": {"openness-ledger": __version__}},
        "metadata": {"invocationId": run.invocation, "startedOn": run.started, "finishedOn": run.finished},
    }
    if run.metrics:
        details["byproducts"] = [{"name": "metrics", "annotations": dict(run.metrics)}]
    predicate = {
        "buildDefinition": {
            "buildType": RUN,
            "externalParameters": external,
            "internalParameters": {"environment": dict(run.environment)},
            "resolvedDependencies": [item.to_json() for item in dependencies],
        },
        "runDetails": details,
    }
    subjects = [item.to_json() for item in products]
    return canon.canonical({"_type": STATEMENT, "subject": subjects, "predicateType": PREDICATE, "predicate": predicate})
