"""What an importer makes of other people's files: what to hash and record, what they claim, and what nobody could tell; pure values.

Three things are kept apart. An `ImportedArtifact` has bytes here, which the ledger hashes: that is evidence. Everything that a file says,
of an artifact or of a `Thing` whose bytes are not here, is a claim with the place where it stands. What could not be understood is
`Unresolved`, never guessed; what contradicts itself is a `Contradiction`, and both sides stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ledger.importers.sources import At, shown
from ledger.licenses.names import named
from ledger.spec.vocabulary import NOASSERTION

Vocabulary = Literal["hf", "scancode", "url", "words"]

ALGORITHMS = {"sha256": 64, "sha512": 128, "sha384": 96, "sha1": 40, "md5": 32, "git-blob-sha1": 40}
"""Digests that can be compared with bytes, and their hex digits."""


@dataclass(frozen=True, slots=True)
class License:
    """A licence as a file says it.

    Attributes:
        text: as it stands there; several of a list with no word of how they belong together are joined by commas.
        normalized: the SPDX expression that it certainly is, else NOASSERTION.
        reason: why it is NOASSERTION; None otherwise.
        link: address or path of the text, as the file says.
        basis: `declared`, or `concluded` when the file says that somebody concluded it: to us that is a claim too.
    """

    text: str
    normalized: str
    at: At
    reason: str | None = None
    link: str | None = None
    basis: str = "declared"

    def to_json(self) -> dict[str, Any]:
        """As in a claim."""
        found: dict[str, Any] = {"text": self.text, "normalized": self.normalized, "basis": self.basis}
        return {**found, **({"reason": self.reason} if self.reason else {}), **({"link": self.link} if self.link else {})}


def license_said(text: str, at: At, vocabulary: Vocabulary = "words", link: str | None = None) -> License:
    """A licence from a string, by the names of `ledger.licenses.names`; `hf` falls back on words, as people write both."""
    found = named(text, vocabulary)
    if not found.certain and vocabulary != "words" and found.how.startswith("table"):
        found = named(text, "words")
    return License(text, found.expression, at, None if found.certain else found.reason, link)


def license_list(texts: Iterable[str], at: At, vocabulary: Vocabulary = "words") -> License:
    """Licences in a list: nobody says whether all hold or one may be chosen, so they are kept and assert nothing, unless it is one."""
    several = list(dict.fromkeys(texts))
    if len(several) == 1:
        return license_said(several[0], at.under(0), vocabulary)
    return License(", ".join(several), NOASSERTION, at, "a list of licences, without a word whether all hold or one is chosen")


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest that a file claims for bytes; `algorithm` is one of `ALGORITHMS`, `path` relative to what was imported."""

    path: str
    algorithm: str
    value: str
    at: At
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """What an artifact was made from, as a file says.

    Attributes:
        relation: one of `spec.vocabulary.RELATIONS`.
        key: of another artifact of the same import; `ref`: what a person named on the command line; else `name`, `version`, `uri`
            describe a reference.
        amount: `{"fraction": number}` or `{"count": integer}`: how much of it was taken, when somebody says so.
    """

    relation: str
    at: At
    key: str | None = None
    name: str = ""
    version: str | None = None
    uri: str | None = None
    amount: Mapping[str, Any] | None = None
    ref: str | None = None

    def descriptor(self) -> dict[str, str]:
        """Name, version and address of a reference; what is unknown is left out, an address that is unpinned has no version."""
        found = {"name": self.name, "version": self.version, "uri": self.uri}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class ImportedArtifact:
    """Bytes to hash and record.

    Attributes:
        key: names it within the import.
        path: relative to what was imported; empty for the folder or file itself.
        include: patterns of the files that it consists of; none for all.
        licenses: what files say of it; all are recorded as declared, and hold together.
        data: `schemas/data-information`, for datasets.
        facts: anything else that a file says: field, value, place.
    """

    key: str
    kind: str
    name: str
    version: str | None = None
    path: str = ""
    include: tuple[str, ...] = ()
    symlinks: str = "refuse"
    licenses: tuple[License, ...] = ()
    inputs: tuple[Input, ...] = ()
    sources: tuple[Mapping[str, str], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One field that a file says of something: a plain value (text, number, yes or no as text, list of texts)."""

    field: str
    value: Any
    at: At


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a document is about and whose bytes are not here.

    Attributes:
        kind: dataset, weights, code or document; `release` for a product of several; empty when nobody says.
        id: a typed artifact id of this ledger's format, when the document states one.
        digests: (algorithm, hex) as claimed.
    """

    key: str
    kind: str
    name: str
    at: At
    version: str | None = None
    uri: str | None = None
    id: str | None = None
    digests: tuple[tuple[str, str], ...] = ()
    licenses: tuple[License, ...] = ()
    facts: tuple[Fact, ...] = ()

    def descriptor(self) -> dict[str, str]:
        """Name, version and address, as of a reference."""
        found = {"name": self.name, "version": self.version, "uri": self.uri}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Edge:
    """A document says that `output` was made from `input`, both keys of things or artifacts of the same import."""

    output: str
    relation: str
    input: str
    at: At


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Places that cannot all be right, in plain words; `rule` is a short stable word, such as `license-conflict`."""

    rule: str
    text: str
    at: tuple[At, ...]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {"rule": self.rule, "text": self.text, "at": [str(item) for item in self.at]}


@dataclass(frozen=True, slots=True)
class Unresolved:
    """What stands somewhere and could not be used, and why, in plain words."""

    what: str
    reason: str
    at: At

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {"what": shown(self.what), "reason": self.reason, "at": str(self.at)}


@dataclass(frozen=True, slots=True)
class Imported:
    """Everything that one import found.

    Attributes:
        origin: which importer.
        format: what was read, with its version, such as `CycloneDX 1.6`.
        artifacts: inputs before what is made from them.
        documents: paths of files that are recorded as what they are, documents that claim what is in `things` and `edges`.
    """

    origin: str
    format: str
    artifacts: tuple[ImportedArtifact, ...] = ()
    things: tuple[Thing, ...] = ()
    edges: tuple[Edge, ...] = ()
    digests: tuple[Digest, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    documents: tuple[str, ...] = ()
    document_version: str | None = None

    def claims(self) -> list[dict[str, Any]]:
        """Every claim as one row: subject, field, value, and where it stands."""
        rows: list[dict[str, Any]] = []
        subjects: list[ImportedArtifact | Thing] = [*self.artifacts, *self.things]
        for item in subjects:
            rows += [_row(item.key, "license", one.to_json(), one.at) for one in item.licenses]
            rows += [_row(item.key, one.field, one.value, one.at) for one in item.facts]
        for thing in self.things:
            about = {"kind": thing.kind, **thing.descriptor(), **({"id": thing.id} if thing.id else {})}
            rows.append(_row(thing.key, "exists", about, thing.at))
            rows += [_row(thing.key, f"digest:{algorithm}", value, thing.at) for algorithm, value in thing.digests]
        for artifact in self.artifacts:
            for given in artifact.inputs:
                target: Any = given.key or given.ref or given.descriptor()
                value = {"input": target, **({"amount": dict(given.amount)} if given.amount else {})}
                rows.append(_row(artifact.key, f"relation:{given.relation}", value, given.at))
        rows += [_row(edge.output, f"relation:{edge.relation}", {"input": edge.input}, edge.at) for edge in self.edges]
        rows += [_row(one.path, f"digest:{one.algorithm}", one.value, one.at) for one in self.digests]
        return rows


def _row(subject: str, field: str, value: Any, at: At) -> dict[str, Any]:
    return {"subject": subject, "field": field, "value": value, "at": str(at)}


@dataclass(frozen=True, slots=True)
class Options:
    """What a person says about an import.

    Attributes:
        given: the name of the folder or file that was given, for want of a better name.
        name, version: what to call the main artifact; None for what the files say.
        generated_by: REF of the model that generated the data (InstructLab's teacher).
        revision: the revision that the files are of, when the person knows it.
    """

    given: str
    name: str | None = None
    version: str | None = None
    generated_by: str | None = None
    revision: str | None = None


def license_conflict(licenses: Iterable[License], what: str) -> tuple[Contradiction, ...]:
    """The contradiction of places that name different licences for one thing; none when fewer than two are certain of it."""
    certain = [item for item in licenses if item.normalized != NOASSERTION]
    if len({item.normalized for item in certain}) < 2:
        return ()
    said = ", ".join(f"{item.normalized} ({item.at})" for item in certain)
    return (Contradiction("license-conflict", f"the licence of {what} is stated differently: {said}", tuple(item.at for item in certain)),)
