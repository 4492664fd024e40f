"""A lineage graph over an adjacency and the edges that came after it.

The adjacency is arrays that are memory-mapped, and is walked as a whole; what was stated since it was built, some thousands of edges, is
looked up node by node. Answers are those of `Graph` over the same edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ledger.lineage.graph import Closure, Direction, Edge, Graph, _cycles, _Looked

if TYPE_CHECKING:
    from ledger.adjacency.arrays import Arrays, Ints
    from ledger.adjacency.between import Columns
    from ledger.adjacency.walk import Side

Row = tuple[int, int, int, int]


class IndexedGraph(Graph):
    """Edges below a log size: those of the adjacency, and the later ones."""

    __slots__ = ("_arrays", "_count", "_later", "_relations_text", "_sides", "_size", "_whole")

    def __init__(self, arrays: Arrays, later: Iterable[Edge], relations: Sequence[str], size: int, count: int) -> None:
        """
        Args:
            later: edges that are not in the adjacency.
            relations: the text of each relation, in ascending order.
            size: edges of the adjacency stated at or after it are not seen.
            count: how many nodes there are at that size; those from it on are not seen.
        """
        more = Graph.from_edges(later)
        super().__init__(_Looked(self._stored, "up", more._up), _Looked(self._stored, "down", more._down))
        self._arrays, self._size, self._count, self._relations_text = arrays, size, count, tuple(relations)
        self._later = more
        self._sides: dict[str, Side] = {}
        # Statements that add inputs to what had appeared long before are rare. Then runs lead too far, and nodes are walked one by one.
        self._whole = arrays.stands_at(size, count)

    def _stored(self, node: int, direction: Direction) -> list[Edge]:
        from ledger.adjacency.between import inputs_of, outputs_of

        if not 0 <= node < min(self._arrays.nodes, self._count):
            return []
        rows = (inputs_of if direction == "up" else outputs_of)(self._arrays, node, self._size)
        return [Edge(output, given, self._relations_text[relation], at) for output, given, relation, at in rows]

    def _side(self, direction: Direction) -> Side:
        from ledger.adjacency.walk import Side

        if direction not in self._sides:
            self._sides[direction] = Side(self._arrays, down=direction == "down")
        return self._sides[direction]

    def reach(self, start: int, direction: Direction = "up") -> list[int]:
        """The numbers of everything that a node was made from, or that was made from it, and its own; ascending."""
        if not self._whole:
            return super().reach(start, direction)
        found: list[int] = self.reached(start, direction).tolist()
        return found

    def reached(self, start: int, direction: Direction) -> Ints:
        """As `reach`, as an array."""
        import numpy as np

        from ledger.adjacency.walk import Walk

        side, walk, stored = self._side(direction), None, self._arrays.nodes
        later = self._later._up if direction == "up" else self._later._down
        # Nodes of the adjacency from which later edges lead on, and where they stand.
        owners = np.array(sorted(node for node in later if node < stored), np.int32)
        places, open_ = side.positions(owners), np.ones(len(owners), bool)
        beyond: set[int] = set()
        pending = [start]
        while pending:
            seeds = []
            while pending:
                node = pending.pop()
                if node < stored:
                    seeds.append(side.position(node))
                elif node not in beyond:
                    beyond.add(node)
                    pending.extend(_ends(later.get(node, ()), direction))
            if not seeds:
                break
            walk = walk or Walk(side)
            walk.go(seeds)
            new = open_ & walk.reaches(places) if len(owners) else open_
            open_ &= ~new
            for node in owners[new].tolist():
                pending.extend(_ends(later[node], direction))
        inside = walk.nodes() if walk is not None else np.empty(0, np.int32)
        found: Ints = np.concatenate([inside[inside < self._count], np.array(sorted(beyond), np.int32)])
        found.sort()
        return found

    def closure(self, start: int, direction: Direction = "up", depth: int | None = None, *, limit: int | None = None) -> Closure:
        """As `Graph.closure`."""
        if depth is not None or limit is not None or not self._whole or direction not in ("up", "down"):
            return super().closure(start, direction, depth, limit=limit)
        nodes = self.reached(start, direction)
        edges, forward = self._edges(nodes)
        distance = _distances(edges, start, direction)
        return Closure(
            start=start,
            direction=direction,
            nodes=tuple(sorted(distance.items(), key=lambda item: (item[1], item[0]))),
            edges=edges,
            # If everything was made from what came before it, nothing was made from itself.
            cycles=() if forward else _cycles(distance, edges),
            complete=True,
        )

    def _edges(self, nodes: Ints) -> tuple[tuple[Edge, ...], bool]:
        """The edges between nodes, sorted; and whether each leads to what has a lower number."""
        import numpy as np

        from ledger.adjacency.between import edges_between

        stored = nodes[nodes < self._arrays.nodes]
        columns: Columns = edges_between(self._arrays, stored, self._size)
        order = np.lexsort(columns[::-1])
        out, given, relation, at = (column[order].tolist() for column in columns)
        texts = list(map(self._relations_text.__getitem__, relation))
        edges = list(map(Edge, out, given, texts, at))
        inside = set(nodes.tolist())
        more = [edge for found in self._later._up.values() for edge in found if edge.output in inside and edge.input in inside]
        forward = bool((columns.inputs < columns.outputs).all()) and all(edge.input < edge.output for edge in more)
        return tuple(sorted({*edges, *more})) if more else tuple(edges), forward

    def _togo(self, start: int, target: int) -> dict[int, int]:
        """As `Graph._togo`, of what lies between the two only."""
        import numpy as np

        if not self._whole:
            return super()._togo(start, target)
        between = np.intersect1d(self.reached(start, "up"), self.reached(target, "down"), assume_unique=True)
        if not len(between):
            return {}
        edges, _ = self._edges(between.astype(np.int32))
        return _distances(edges, target, "down")


def _ends(edges: Iterable[Edge], direction: Direction) -> list[int]:
    return [edge.input for edge in edges] if direction == "up" else [edge.output for edge in edges]


def _distances(edges: Sequence[Edge], start: int, direction: Direction) -> dict[int, int]:
    """How far each node is from the start, over these edges."""
    following: dict[int, list[int]] = {}
    for edge in edges:
        near, far = (edge.output, edge.input) if direction == "up" else (edge.input, edge.output)
        following.setdefault(near, []).append(far)
    distance = {start: 0}
    frontier: list[int] = [start]
    level = 0
    while frontier:
        level += 1
        beyond: list[int] = []
        for node in frontier:
            for far in following.get(node, ()):
                if far not in distance:
                    distance[far] = level
                    beyond.append(far)
        frontier = beyond
    return distance


def from_stored(arrays: Arrays | None, rows: Iterable[Row], relations: Sequence[str], size: int, count: int) -> Graph:
    """The graph of an adjacency, if there is one, and of the rows stated since; those stated at or after a size are not seen."""
    later = (Edge(output, given, relations[relation], at) for output, given, relation, at in rows if at < size)
    if arrays is None:
        return Graph.from_edges(later)
    make: Any = partial(IndexedGraph, arrays, later, relations, size, count)
    graph: Graph = make()
    return graph
