"""Lineage: what something was made from, what was made from it, how two things depend on each other, what several have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from ledger._api import corrections
from ledger._api.corrections import Corrections
from ledger._api.resolve import resolve
from ledger.errors import LedgerError
from ledger.lineage.graph import Closure, Edge, Graph, PathResult
from ledger.lineage.indexed import IndexedGraph
from ledger.lineage.render import tree_text
from ledger.pause import uncollected
from ledger.spec.names import display
from ledger.store.index import ArtifactRow, Index
from ledger.store.reader import Reader


class Numbered(Mapping[int, ArtifactRow]):
    """The artifacts by number, looked up when they are asked for, or many at once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[int, ArtifactRow] = {}

    def __getitem__(self, number: int) -> ArtifactRow:
        row = self._known.get(number) or self._index.by_number(number)
        if row is None:
            raise KeyError(number)
        self._known[number] = row
        return row

    def __iter__(self) -> Iterator[int]:
        return (row.no for row in self._index.all_artifacts())

    def __len__(self) -> int:
        return self._index.artifact_count

    def load(self, numbers: Iterable[int]) -> None:
        """Look up all of these at once, if they are on disk."""
        self._known.update(self._index.by_numbers([number for number in numbers if number not in self._known]))


class LineageResult:
    """A closure with what to call its nodes.

    Attributes:
        start: id of what was asked about; `direction` is `up` or `down`.
        complete: nothing was left out; else `truncated_by` is `depth`.
        cycles: ids of what was made from each other in a circle.
        size: the log size that it was answered at.
    """

    def __init__(self, start: str, closure: Closure, rows: Numbered, index: Index, size: int) -> None:
        self.start, self.direction, self.size = start, closure.direction, size
        self.complete, self.truncated_by = closure.complete, closure.truncated_by
        self._closure, self._rows, self._index = closure, rows, index
        self.cycles = tuple(tuple(rows[number].id for number in cycle) for cycle in closure.cycles)

    @cached_property
    def _known(self) -> Corrections:
        return Corrections(self._index)

    @cached_property
    def nodes(self) -> tuple[Mapping[str, Any], ...]:
        """Id, kind, name, version, depth, verified and corrections of each, nearest first."""
        rows, known = self._rows, self._known
        return tuple(
            {
                "id": rows[number].id,
                "kind": rows[number].kind,
                "name": rows[number].name,
                "version": rows[number].version,
                "depth": far,
                "verified": rows[number].verified,
                "corrections": [item.to_json() for item in known.of_artifact(rows[number].id)],
            }
            for number, far in self._closure.nodes
        )

    @cached_property
    def edges(self) -> tuple[Mapping[str, Any], ...]:
        """Output, input, relation and log index of each."""
        return tuple(_edge(self._rows, edge) for edge in self._closure.edges)

    @cached_property
    def tree(self) -> str:
        """The whole as an indented tree."""
        # Nearly everything has one name, which its row has too.
        names = self._index.names_by_numbers(self._index.renamed([number for number, _ in self._closure.nodes]))
        labels: dict[int, str] = {}

        def label(number: int) -> str:
            if number not in labels:
                labels[number] = _label(self._rows[number], names.get(number, ()), self._known)
            return labels[number]

        with uncollected():
            return tree_text(self._closure, label)

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "start": self.start,
            "direction": self.direction,
            "nodes": [dict(item) for item in self.nodes],
            "edges": [dict(item) for item in self.edges],
            "complete": self.complete,
            "truncated_by": self.truncated_by,
            "cycles": [list(item) for item in self.cycles],
            "size": self.size,
        }


def graph(reader: Reader, index: Index, size: int) -> tuple[Graph, Numbered]:
    """The lineage of everything, and the artifacts by number. A release is made from its components."""
    from ledger.store.edgefiles import RELATION_TEXTS, unpack

    stored = index.stored()
    kept = stored.lineage() if stored is not None else None
    arrays, tail, end = kept or (None, b"", 0)
    more = reader.reloading(lambda whole: reader.edges_since(end, min(size, whole))) if end < size else b""
    rows = (row for rows in (tail, more) for row in unpack(rows))
    return IndexedGraph(arrays, rows, RELATION_TEXTS, size, index.artifact_count), Numbered(index)


def _label(row: ArtifactRow, names: Sequence[Any], known: Corrections) -> str:
    name = corrections.called_as(row, names) if names else display(row.name, row.version)
    if not row.verified:
        return f"{name}  [unverified: a reference without bytes]  {row.id[:12]}"
    return f"{name}  {row.kind}  {corrections.short(row.id)}{known.notes(row.id)}"


def lineage(reader: Reader, index: Index, size: int, text: str, direction: str, depth: int | None) -> LineageResult:
    """What something was made from (`up`), or what was made from it (`down`). Raises LedgerError LG0901, LG0902."""
    start = resolve(index, text)
    whole, rows = graph(reader, index, size)
    row = index.artifact(start.id)
    assert row is not None
    way: Any = direction
    with uncollected():
        closure = whole.closure(row.no, way, depth)
        rows.load(number for number, _ in closure.nodes)
    return LineageResult(start.id, closure, rows, index, size)


def _edge(rows: Mapping[int, ArtifactRow], edge: Edge) -> dict[str, Any]:
    return {"output": rows[edge.output].id, "input": rows[edge.input].id, "relation": edge.relation, "index": edge.index}


def why(reader: Reader, index: Index, size: int, one: str, other: str, every: bool) -> dict[str, Any]:
    """The relation paths between two things, whichever was made from the other. Raises LedgerError LG0901, LG0902."""
    found = [index.artifact(resolve(index, text).id) for text in (one, other)]
    first, second = found
    assert first is not None and second is not None
    if first.no == second.no:
        raise LedgerError("LG0903", f"`{one}` and `{other}` are the same: `{first.id}`", hint="name two different things")
    whole, rows = graph(reader, index, size)
    result: PathResult = whole.paths(first.no, second.no, all=every)
    known = Corrections(index)
    ends = [rows[number].id for path in result.paths for edge in path for number in (edge.output, edge.input)]
    return {
        "from": first.id,
        "to": second.id,
        "paths": [[_edge(rows, edge) for edge in path] for path in result.paths],
        "names": {id: corrections.called(index, id) for id in dict.fromkeys(ends)},
        "corrections": {id: [item.to_json() for item in about] for id in ends if (about := known.of_artifact(id))},
        "notes": {id: text for id in dict.fromkeys(ends) if (text := known.notes(id))},
        "complete": result.complete,
        "size": size,
    }


def common(reader: Reader, index: Index, size: int, texts: Sequence[str], direction: str) -> dict[str, Any]:
    """What several things were all made from (`up`), or what was made from all of them (`down`).

    Returns:
        `of`: their ids; `common`: id, kind, name, version, verified of each thing that they share, and whether it is `nearest`: no other
        of these lies between it and them.

    Raises:
        LedgerError: LG0901, LG0902 for the references, LG1201 when fewer than two things are named.
    """
    asked = [index.artifact(resolve(index, text).id) for text in texts]
    numbers = list(dict.fromkeys(row.no for row in asked if row is not None))
    if len(numbers) < 2:
        raise LedgerError("LG1201", "what things have in common needs two different ones", hint="name two or more")
    whole, rows = graph(reader, index, size)
    way: Any = direction
    shared = whole.common(numbers, way)
    rows.load(shared)
    edges = [edge for edge in whole.between(shared) if edge.output != edge.input]
    # What something else of these was made from lies behind that.
    behind = {edge.input if direction == "up" else edge.output for edge in edges}
    return {
        "of": [row.id for row in asked if row is not None],
        "direction": direction,
        "common": [
            {
                "id": rows[number].id,
                "kind": rows[number].kind,
                "name": rows[number].name,
                "version": rows[number].version,
                "verified": rows[number].verified,
                "nearest": number not in behind,
            }
            for number in shared
        ],
        "complete": True,
        "size": size,
    }
