"""A lineage graph over an adjacency and the edges that came after it.

The adjacency is arrays that are memory-mapped, and is walked as a whole; what was stated since it was built, some thousands of edges, is
looked up node by node. Answers are those of `Graph` over the same edges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from ledger.errors import LedgerError
from ledger.lineage.graph import Closure, Direction, Edge, Graph, _cycles, _Looked

if TYPE_CHECKING:
    from ledger.adjacency.arrays import Arrays, Ints
    from ledger.adjacency.between import Columns
    from ledger.adjacency.walk import Side

Row = tuple[int, int, int, int]
T = TypeVar("T")


def _sound(walk: Callable[..., T]) -> Callable[..., T]:
    """What damaged arrays lead to, as an error that says what to do."""

    @wraps(walk)
    def told(*given: Any, **named: Any) -> T:
        try:
            return walk(*given, **named)
        except (LookupError, ValueError, OverflowError) as error:
            hint = "`ledger verify --repair` removes the file; it is made again, and holds no record"
            raise LedgerError(
                "LG0615", f"the adjacency in the ledger's state folder is damaged: {type(error).__name__}: {error}", hint=hint
            ) from None

    return told


class IndexedGraph(Graph):
    """Edges below a log size: those of an adjacency, if there is one, and the later ones."""

    __slots__ = ("_arrays", "_count", "_later", "_relations_text", "_sides", "_size", "_whole")

    def __init__(self, arrays: Arrays | None, later: Iterable[Row], relations: Sequence[str], size: int, count: int) -> None:
        """
        Args:
            later: edges that are not in the adjacency: output, input, relation, log index.
            relations: the text of each relation, in ascending order.
            size: edges stated at or after it are not seen.
            count: how many nodes there are at that size; those from it on are not seen.
        """
        super().__init__(_Looked(self._made, "up"), _Looked(self._made, "down"))
        self._arrays, self._size, self._count, self._relations_text = arrays, size, count, tuple(relations)
        # By output and by input; they become edges when they are walked over.
        self._later: dict[Direction, dict[int, list[Row]]] = {"up": {}, "down": {}}
        up, down = self._later["up"], self._later["down"]
        for row in later:
            if row[3] < size:
                up.setdefault(row[0], []).append(row)
                down.setdefault(row[1], []).append(row)
        self._sides: dict[str, Side] = {}
        # Statements that add inputs to what had appeared long before are rare. Then runs lead too far, and nodes are walked one by one.
        self._whole = arrays is not None and arrays.stands_at(size, count)

    @_sound
    def _made(self, node: int, direction: Direction) -> list[Edge]:
        rows = self._later[direction].get(node, [])
        if self._arrays is not None and 0 <= node < min(self._arrays.nodes, self._count):
            from ledger.adjacency.between import inputs_of, outputs_of

            rows = (inputs_of if direction == "up" else outputs_of)(self._arrays, node, self._size) + rows
        return [Edge(output, given, self._relations_text[relation], at) for output, given, relation, at in sorted(set(rows))]

    def _side(self, direction: Direction) -> Side:
        from ledger.adjacency.walk import Side

        assert self._arrays is not None
        if direction not in self._sides:
            self._sides[direction] = Side(self._arrays, down=direction == "down")
        return self._sides[direction]

    def reach(self, start: int, direction: Direction = "up") -> list[int]:
        """The numbers of everything that a node was made from, or that was made from it, and its own; ascending."""
        if not self._whole:
            return super().reach(start, direction)
        found: list[int] = self.reached(start, direction).tolist()
        return found

    @_sound
    def reached(self, start: int, direction: Direction) -> Ints:
        """As `reach`, as an array."""
        import numpy as np

        from ledger.adjacency.walk import Walk

        side, walk, later = self._side(direction), None, self._later[direction]
        stored = side.arrays.nodes
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

    def between(self, nodes: Iterable[int]) -> tuple[Edge, ...]:
        """As `Graph.between`."""
        if not self._whole:
            return super().between(nodes)
        import numpy as np

        return self._edges(np.array(sorted(set(nodes)), np.int32))[0]

    @_sound
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

    @_sound
    def _edges(self, nodes: Ints) -> tuple[tuple[Edge, ...], bool]:
        """The edges between nodes, sorted; and whether each leads to what has a lower number."""
        import numpy as np

        from ledger.adjacency.between import edges_between

        assert self._arrays is not None
        columns: Columns = edges_between(self._arrays, nodes[nodes < self._arrays.nodes], self._size)
        order = np.lexsort(columns[::-1])
        rows = list(zip(*(column[order].tolist() for column in columns), strict=True))
        inside = set(nodes.tolist())
        more = [row for found in self._later["up"].values() if found[0][0] in inside for row in found if row[1] in inside]
        forward = bool((columns.inputs < columns.outputs).all()) and all(row[1] < row[0] for row in more)
        if more:
            rows = sorted({*rows, *more})
        texts = self._relations_text
        return tuple([Edge(output, given, texts[relation], at) for output, given, relation, at in rows]), forward

    def _togo(self, start: int, target: int) -> dict[int, int]:
        """As `Graph._togo`, of what lies between the two only."""
        if not self._whole:
            return super()._togo(start, target)
        import numpy as np

        between = np.intersect1d(self.reached(start, "up"), self.reached(target, "down"), assume_unique=True)
        if not len(between):
            return {}
        edges, _ = self._edges(between.astype(np.int32))
        return _distances(edges, target, "down")


def _ends(rows: Iterable[Row], direction: Direction) -> list[int]:
    return [row[1] for row in rows] if direction == "up" else [row[0] for row in rows]


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
