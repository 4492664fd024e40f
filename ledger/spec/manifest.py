"""The manifest: what one artifact is (docs/spec/format.md, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.ids import ArtifactId, artifact_id, object_id_of
from ledger.spec.coherence import checked
from ledger.spec.names import display
from ledger.spec.statement import Statement, Subject, build, payload_of


@dataclass(frozen=True, slots=True)
class InputEdge:
    """One lineage edge: this artifact came from `input` by `relation`.

    Attributes:
        index: log index at which the input was first recorded, when it was.
        reference: the descriptor `{name, uri, version}` when the input is a `ref:` whose bytes nobody has.
        amount: how much of it was taken, as somebody says: `{"fraction": number}` or `{"count": integer}`.
    """

    relation: str
    input: ArtifactId
    index: int | None = None
    reference: Mapping[str, str] | None = None
    amount: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """The edge as it stands in the predicate."""
        found: dict[str, Any] = {"relation": self.relation, "input": str(self.input)}
        if self.index is not None:
            found["index"] = self.index
        if self.reference is not None:
            found["reference"] = dict(self.reference)
        if self.amount is not None:
            found["amount"] = dict(self.amount)
        return found


@dataclass(frozen=True, slots=True)
class DeclaredLicense:
    """A licence as somebody stated it: the string as given, its SPDX normal form, and where it was read."""

    expression: str
    normalized: str
    source: str


@dataclass(frozen=True, slots=True)
class DetectedLicense:
    """A licence file found among the artifact's bytes, kept as an object."""

    path: str
    object: str
    method: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an artifact is.

    Attributes:
        root: the RFC 6962 root over its inventory lines, 64 hex digits.
        include: the patterns that chose its files from a folder; none for all of them.
        cached: the digest of at least one file came from the recorder's hash cache, and its bytes were not read for this.
    """

    kind: str
    name: str
    version: str | None
    id: ArtifactId
    files: int
    bytes: int
    root: str
    declared: tuple[DeclaredLicense, ...] = ()
    detected: tuple[DetectedLicense, ...] = ()
    spdx_list: str | None = None
    sources: tuple[Mapping[str, str], ...] = ()
    inputs: tuple[InputEdge, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    supersedes: Mapping[str, str] | None = None
    include: tuple[str, ...] = ()
    cached: bool = False

    def to_predicate(self) -> dict[str, Any]:
        """The predicate; members that say nothing are left out."""
        found: dict[str, Any] = {
            "kind": self.kind,
            "name": self.name,
            "artifact": {"id": str(self.id), "files": self.files, "bytes": self.bytes, "root": self.root},
            "licenses": {
                "declared": [
                    {"expression": item.expression, "normalized": item.normalized, "source": item.source} for item in self.declared
                ],
                "detected": [{"path": item.path, "object": item.object, "method": item.method} for item in self.detected],
            },
            "sources": [dict(item) for item in self.sources],
            "from": [edge.to_json() for edge in self.inputs],
        }
        if self.include:
            found["artifact"]["include"] = list(self.include)
        if self.cached:
            found["artifact"]["cached"] = True
        if self.version is not None:
            found["version"] = self.version
        if self.spdx_list is not None:
            found["licenses"]["spdx"] = self.spdx_list
        if self.data:
            found["data"] = dict(self.data)
        if self.fields:
            found["fields"] = dict(self.fields)
        if self.supersedes:
            found["supersedes"] = dict(self.supersedes)
        return found

    def to_statement(self) -> Statement:
        """The statement about the one artifact. Raises LedgerError LG0304, LG0308."""
        return checked(build("manifest", [self._subject()], self.to_predicate()))

    def payload_id(self) -> str:
        """The object id that the statement's payload has; spares the schema when only that is asked."""
        return str(object_id_of(payload_of("manifest", [self._subject()], self.to_predicate())))

    def _subject(self) -> Subject:
        return Subject(display(self.name, self.version), str(self.id))


def manifest_of(statement: Statement, *, inputs: bool = True) -> Manifest:
    """Read a manifest statement that has passed its schema. Raises LedgerError LG0105 for a malformed id.

    Args:
        inputs: without them, which may be thousands, the manifest has none.
    """
    said = statement.predicate
    artifact, licenses = said["artifact"], said["licenses"]
    return Manifest(
        kind=said["kind"],
        name=said["name"],
        version=said.get("version"),
        id=artifact_id(artifact["id"]),
        files=artifact["files"],
        bytes=artifact["bytes"],
        root=artifact["root"],
        declared=tuple(DeclaredLicense(item["expression"], item["normalized"], item["source"]) for item in licenses["declared"]),
        detected=tuple(DetectedLicense(item["path"], item["object"], item["method"]) for item in licenses["detected"]),
        spdx_list=licenses.get("spdx"),
        sources=tuple(said["sources"]),
        inputs=tuple(
            InputEdge(item["relation"], artifact_id(item["input"]), item.get("index"), item.get("reference"), item.get("amount"))
            for item in (said["from"] if inputs else ())
        ),
        data=said.get("data", {}),
        fields=said.get("fields", {}),
        supersedes=said.get("supersedes"),
        include=tuple(artifact.get("include", ())),
        cached=artifact.get("cached", False),
    )
