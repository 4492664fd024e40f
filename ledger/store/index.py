"""What a writer or reader looks up: names, artifacts, payloads, keys; filled from the tables, kept in memory.

An `Index` can be layered over another one: a batch in the making sees its own entries, and leaves nothing behind when it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.signing.trust import TrustState
from ledger.spec.statement import Statement

if TYPE_CHECKING:
    from ledger.store.lookups import StoredIndex


class ArtifactRow(NamedTuple):
    """A row of `artifacts`."""

    no: int
    id: str
    kind: str | None
    name: str
    version: str | None
    files: int | None
    bytes: int | None
    first_idx: int | None
    verified: bool
    idx: int


class NameRow(NamedTuple):
    """A row of `names`."""

    idx: int
    kind: str
    name: str
    version: str | None
    id: str
    supersedes: str | None


EdgeRow = tuple[int, int, str, int]
"""Number of the output, of the input, relation or role, log index."""


class Naming(NamedTuple):
    """What a statement gives a name and version to; `corrects` is the id that it says they named before by mistake."""

    kind: str
    name: str
    version: str | None
    id: str
    corrects: str | None


def naming_of(statement: Statement) -> Naming | None:
    """What a statement that fits its schema names, if it is of a kind that does."""
    said = statement.predicate
    if statement.kind == "manifest":
        kind, id = said["kind"], said["artifact"]["id"]
    elif statement.kind == "release":
        kind, id = "release", statement.payload_id
    else:
        return None
    correction = said.get("supersedes")
    return Naming(kind, said["name"], said.get("version"), id, None if correction is None else correction["id"])


@dataclass(slots=True)
class Index:
    """Lookups over the entries below `size`."""

    size: int = 0
    last_time: str = ""
    artifacts: dict[str, ArtifactRow] = field(default_factory=dict)
    names: dict[str, list[NameRow]] = field(default_factory=dict)
    by_id: dict[str, list[NameRow]] = field(default_factory=dict)
    payloads: dict[bytes, list[tuple[int, frozenset[str]]]] = field(default_factory=dict)
    trust: TrustState = field(default_factory=TrustState)
    parent: Index | None = None
    artifact_count: int = 0
    _numbers: dict[int, ArtifactRow] | None = None

    def layered(self) -> Index:
        """An empty index over this one."""
        trust = TrustState(self.trust.roots, dict(self.trust.keys))
        return Index(size=self.size, last_time=self.last_time, trust=trust, parent=self, artifact_count=self.artifact_count)

    def absorb(self, layer: Index) -> None:
        """Take over what a layer has added."""
        self.size, self.last_time, self.trust = layer.size, layer.last_time, layer.trust
        self.artifact_count = layer.artifact_count
        self.artifacts.update(layer.artifacts)
        for rows in layer.names.values():
            for row in rows:
                self.add_name(row)
        for digest, found in layer.payloads.items():
            self.payloads.setdefault(digest, []).extend(found)

    def artifact(self, id: str) -> ArtifactRow | None:
        """The row of a full id."""
        return self.artifacts.get(id) or (self.parent.artifact(id) if self.parent else None)

    def by_number(self, no: int) -> ArtifactRow | None:
        """The row of an artifact number."""
        if self._numbers is None or len(self._numbers) != len(self.artifacts):
            self._numbers = {row.no: row for row in self.artifacts.values()}
        return self._numbers.get(no) or (self.parent.by_number(no) if self.parent else None)

    def by_numbers(self, numbers: Sequence[int]) -> dict[int, ArtifactRow]:
        """The rows of many artifact numbers."""
        found = self.parent.by_numbers(numbers) if self.parent else {}
        if self.artifacts:
            found.update((number, row) for number in numbers if number not in found and (row := self.by_number(number)) is not None)
        return found

    def names_by_numbers(self, numbers: Sequence[int]) -> dict[int, list[NameRow]]:
        """The namings of many artifact numbers, those of each oldest first."""
        found = self.parent.names_by_numbers(numbers) if self.parent else {}
        for id, rows in self.by_id.items():
            row = self.artifact(id)
            if row is not None:
                found.setdefault(row.no, []).extend(rows)
        return found

    def renamed(self, numbers: Sequence[int]) -> list[int]:
        """Those of many artifact numbers that may also be called otherwise than in their rows."""
        found = self.parent.renamed(numbers) if self.parent else []
        if not self.by_id:
            return found
        named = {row.no for id in self.by_id if (row := self.artifact(id)) is not None}
        return [*found, *(number for number in numbers if number in named)]

    def all_artifacts(self) -> Iterator[ArtifactRow]:
        """Every row, by number."""
        if self.parent:
            yield from (row for row in self.parent.all_artifacts() if row.id not in self.artifacts)
        yield from self.artifacts.values()

    def all_names(self) -> Iterator[NameRow]:
        """Every naming; those of one name are in order."""
        if self.parent:
            yield from self.parent.all_names()
        yield from (row for rows in self.names.values() for row in rows)

    def corrections(self) -> list[NameRow]:
        """The namings that correct others, those of one name in order."""
        mine = [row for rows in self.names.values() for row in rows if row.supersedes is not None]
        return [*(self.parent.corrections() if self.parent else ()), *mine]

    def named_at(self, idx: int) -> list[NameRow]:
        """The namings of one entry."""
        mine = [row for rows in self.names.values() for row in rows if row.idx == idx]
        return [*(self.parent.named_at(idx) if self.parent else ()), *mine]

    def distinct_names(self, limit: int) -> list[str] | None:
        """The different names; None when there are more than the limit."""
        above = self.parent.distinct_names(limit) if self.parent else []
        if above is None:
            return None
        found = list(dict.fromkeys((*above, *self.names)))
        return None if len(found) > limit else found

    def with_digits(self, digits: str) -> list[ArtifactRow]:
        """Rows whose digest begins with these hex digits, oldest first."""
        above = self.parent.with_digits(digits) if self.parent else []
        return [*above, *(row for row in self.artifacts.values() if row.id.partition(":")[2].startswith(digits))]

    def named(self, name: str) -> list[NameRow]:
        """All namings of a name, oldest first."""
        return [*(self.parent.named(name) if self.parent else ()), *self.names.get(name, ())]

    def named_by(self, id: str) -> list[NameRow]:
        """All namings of an id, oldest first."""
        above = self.parent.named_by(id) if self.parent else []
        return [*above, *self.by_id.get(id, ())]

    def references(self, name: str) -> list[ArtifactRow]:
        """The references of a name: inputs that nobody has the bytes of, oldest first."""
        above = self.parent.references(name) if self.parent else []
        return [*above, *(row for row in self.artifacts.values() if row.name == name and not row.verified)]

    def tree_file_count(self) -> int:
        """How many files all trees come to, as their manifests state."""
        above = self.parent.tree_file_count() if self.parent else 0
        return above + sum(row.files or 0 for row in self.artifacts.values() if row.id.startswith("tree:"))

    def with_prefix(self, prefix: str) -> list[ArtifactRow]:
        """Rows whose typed id starts with the prefix, oldest first."""
        above = self.parent.with_prefix(prefix) if self.parent else []
        mine = [row for id, row in self.artifacts.items() if id.startswith(prefix)]
        return [row for row in above if row.id not in self.artifacts] + mine

    def recorded(self, payload: bytes, keyid: str) -> int | None:
        """The first index of this payload signed by this key, or None."""
        above = self.parent.recorded(payload, keyid) if self.parent else None
        if above is not None:
            return above
        return next((idx for idx, keyids in self.payloads.get(payload, ()) if keyid in keyids), None)

    def has_payload(self, payload: bytes) -> bool:
        """Whether the payload is in the log."""
        return payload in self.payloads or (self.parent is not None and self.parent.has_payload(payload))

    def stored(self) -> StoredIndex | None:
        """The index under all layers that is asked from a file; None when everything is in memory."""
        return self.parent.stored() if self.parent else None

    # --- changes, by the projection only ---------------------------------------------------------

    def add_artifact(self, row: ArtifactRow) -> ArtifactRow:
        """Number and keep a new row; a known id keeps its first row."""
        numbered = row._replace(no=self.artifact_count)
        self.artifacts[row.id] = numbered
        self.artifact_count += 1
        return numbered

    def add_name(self, row: NameRow) -> None:
        """Keep one naming."""
        self.names.setdefault(row.name, []).append(row)
        self.by_id.setdefault(row.id, []).append(row)

    def add_payload(self, digest: bytes, idx: int, keyids: frozenset[str]) -> None:
        """Keep who signed which payload where."""
        self.payloads.setdefault(digest, []).append((idx, keyids))


def fill(index: Index, segments: Any, size: int) -> None:
    """Load the rows of entries index.size … size-1 from the tables; the trust state is the caller's to fold."""
    first = index.size
    for row in _rows(segments, "artifacts", size, first):
        id = f"{row['form']}:{row['id'].hex()}"
        known = [row[name] for name in ("kind", "name", "version", "files", "bytes", "first_idx", "verified", "idx")]
        index.artifacts[id] = ArtifactRow(row["artifact_no"], id, *known)
    index.artifact_count = max(index.artifact_count, 1 + max((row.no for row in index.artifacts.values()), default=-1))
    for row in _rows(segments, "names", size, first):
        named = index.by_number(row["artifact_no"])
        assert named is not None
        index.add_name(NameRow(row["idx"], row["kind"], row["name"], row["version"], named.id, row["supersedes"]))
    signers: dict[int, set[str]] = {}
    for row in _rows(segments, "signatures", size, first):
        if row["keyid"] is not None:
            signers.setdefault(row["idx"], set()).add(row["keyid"].hex())
    for row in _rows(segments, "entries", size, first, ("idx", "payload")):
        index.add_payload(row["payload"], row["idx"], frozenset(signers.get(row["idx"], ())))
    index.size = size


def _rows(segments: Any, table: str, size: int, first: int, columns: tuple[str, ...] | None = None) -> list[dict[str, Any]]:
    rows = [row for item in segments.in_force(table, size) if item.last > first for row in segments.load(item, columns).to_pylist()]
    return [row for row in rows if row["idx"] >= first] if first else rows
