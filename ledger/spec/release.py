"""The release: a named set of components by role (docs/spec/format.md, section 3).

A release is named by the object id of its payload, because its payload is the only bytes that it has of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.ids import ArtifactId, artifact_id
from ledger.spec.coherence import checked
from ledger.spec.names import display
from ledger.spec.statement import Statement, Subject, build


@dataclass(frozen=True, slots=True)
class Component:
    """One artifact under one role.

    Attributes:
        index: log index of the manifest that describes it.
        availability: what the releaser says of how others can have it, when that is not what the ledger shows.
        data: what the releaser says about a dataset (`schemas/data-information`), beside what its manifest says.
    """

    role: str
    artifact: ArtifactId
    name: str
    version: str | None
    index: int | None
    reference: Mapping[str, str] | None = None
    availability: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The component as it stands in the predicate."""
        found: dict[str, Any] = {"role": self.role, "artifact": str(self.artifact), "name": self.name}
        if self.version is not None:
            found["version"] = self.version
        if self.index is not None:
            found["index"] = self.index
        if self.reference is not None:
            found["reference"] = dict(self.reference)
        if self.availability is not None:
            found["availability"] = self.availability
        if self.data:
            found["data"] = dict(self.data)
        return found


@dataclass(frozen=True, slots=True)
class Release:
    """A release and its components, in the order of roles and then names; `about` is of `schemas/release-information`."""

    name: str
    version: str
    components: tuple[Component, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    supersedes: Mapping[str, str] | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def to_statement(self) -> Statement:
        """The statement; its subjects are the distinct artifacts of the components. Raises LedgerError LG0304, LG0308."""
        predicate: dict[str, Any] = {
            "name": self.name,
            "version": self.version,
            "components": [item.to_json() for item in self.components],
        }
        if self.about:
            predicate["about"] = dict(self.about)
        if self.fields:
            predicate["fields"] = dict(self.fields)
        if self.supersedes:
            predicate["supersedes"] = dict(self.supersedes)
        subjects: dict[str, Subject] = {}
        for item in self.components:
            subjects.setdefault(str(item.artifact), Subject(display(item.name, item.version), str(item.artifact)))
        return checked(build("release", list(subjects.values()), predicate))


def release_of(statement: Statement) -> Release:
    """Read a release statement that has passed its schema. Raises LedgerError LG0105 for a malformed id."""
    said = statement.predicate
    components = tuple(
        Component(
            item["role"],
            artifact_id(item["artifact"]),
            item["name"],
            item.get("version"),
            item.get("index"),
            item.get("reference"),
            item.get("availability"),
            item.get("data", {}),
        )
        for item in said["components"]
    )
    return Release(said["name"], said["version"], components, said.get("fields", {}), said.get("supersedes"), said.get("about", {}))
