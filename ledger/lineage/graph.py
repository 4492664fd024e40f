"""The lineage graph: closures and paths over edges "output was made from input".

Nodes are dense integers, so that walks are cheap; ids, names and labels belong to the caller. Guarantees: every walk ends,
also on cycles, which are reported and not hidden; nothing recurses, so chains may be as long as memory allows; the same edges
in any order give the same answers; an answer says whether it is complete.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ledger.errors import LedgerError

Direction = Literal["up", "down"]
# How many partial paths a search may look at before it says that it could not see everything.
_MOST_STEPS = 1_000_000


class Edge(NamedTuple):
    """The output was made from the input.

    Attributes:
        relation: one of `vocabulary.RELATIONS`.
        index: log index of the statement that says so.
    """

    output: int
    input: int
    relation: str
    index: int  # type: ignore[assignment]  # of the log, and not the method of tuples


@dataclass(frozen=True, slots=True)
class Closure:
    """Everything that a node was made from (up), or that was made from it (down).

    Attributes:
        nodes: each node with its distance from the start, nearest first, then by number; the start is the first.
        edges: every edge between these nodes, sorted.
        cycles: groups of nodes that are made from each other in a circle, each sorted; a sound lineage has none.
        complete: nothing that belongs to the closure was left out.
        truncated_by: `depth` or `limit`, when something was.
    """

    start: int
    direction: Direction
    nodes: tuple[tuple[int, int], ...]
    edges: tuple[Edge, ...]
    cycles: tuple[tuple[int, ...], ...]
    complete: bool
    truncated_by: str | None = None


@dataclass(frozen=True, slots=True)
class PathResult:
    """Paths between two nodes, shortest first; each runs from an output to an input and passes no node twice.

    Attributes:
        complete: none of the paths that were asked for is missing.
    """

    paths: tuple[tuple[Edge, ...], ...]
    complete: bool


class _Looked(dict[int, list[Edge]]):
    """Edges by node, looked up when they are first asked for."""

    def __init__(self, edges: Callable[[int, Direction], list[Edge]], direction: Direction) -> None:
        super().__init__()
        self._edges, self._direction = edges, direction

    def get(self, node: int, default: Any = None) -> Any:
        """The edges of a node, sorted."""
        found = super().get(node)
        if found is None:
            found = self[node] = self._edges(node, self._direction)
        return found


class Graph:
    """Edges, indexed by output and by input. Make one with `from_edges`."""

    __slots__ = ("_down", "_up")

    def __init__(self, up: dict[int, list[Edge]], down: dict[int, list[Edge]]) -> None:
        self._up = up
        self._down = down

    @classmethod
    def from_edges(cls, edges: Iterable[Edge]) -> Graph:
        """A graph of these edges; an edge that is given twice counts once."""
        up: dict[int, list[Edge]] = {}
        down: dict[int, list[Edge]] = {}
        for edge in sorted(set(edges)):
            up.setdefault(edge.output, []).append(edge)
            down.setdefault(edge.input, []).append(edge)
        return cls(up, down)

    def inputs(self, node: int) -> tuple[Edge, ...]:
        """The edges to what a node was made from, sorted."""
        return tuple(self._up.get(node, ()))

    def outputs(self, node: int) -> tuple[Edge, ...]:
        """The edges to what was made from a node, sorted."""
        return tuple(self._down.get(node, ()))

    def reach(self, start: int, direction: Direction = "up") -> list[int]:
        """The numbers of everything that a node was made from, or that was made from it, and its own; ascending."""
        return sorted(self._reach(start, direction, None, None)[0])

    def between(self, nodes: Iterable[int]) -> tuple[Edge, ...]:
        """Every edge between these nodes, sorted."""
        inside = set(nodes)
        return tuple(sorted(edge for node in inside for edge in self._up.get(node, ()) if edge.input in inside))

    def common(self, nodes: Sequence[int], direction: Direction = "up") -> list[int]:
        """The numbers of what all of these were made from, or what was made from all of them; ascending. Each counts as its own."""
        found = [set(self.reach(node, direction)) for node in nodes]
        return sorted(set.intersection(*found)) if found else []

    def closure(self, start: int, direction: Direction = "up", depth: int | None = None, *, limit: int | None = None) -> Closure:
        """Everything within reach of a node.

        Args:
            direction: `up` to what it was made from, `down` to what was made from it.
            depth: how far to go; None goes to the end.
            limit: how many nodes to list at most; None lists all.

        Raises:
            LedgerError: LG1201 when the direction is none of the two, or depth or limit are too small.
        """
        if direction not in ("up", "down"):
            raise LedgerError("LG1201", f"a lineage goes up or down: `{direction}`")
        if (depth is not None and depth < 0) or (limit is not None and limit < 1):
            raise LedgerError("LG1201", "a lineage has a depth of at least 0 and a limit of at least 1")
        distance, truncated_by = self._reach(start, direction, depth, limit)
        edges = tuple(sorted(edge for node in distance for edge in self._up.get(node, ()) if edge.input in distance))
        return Closure(
            start=start,
            direction=direction,
            nodes=tuple(sorted(distance.items(), key=lambda item: (item[1], item[0]))),
            edges=edges,
            cycles=_cycles(distance, edges),
            complete=truncated_by is None,
            truncated_by=truncated_by,
        )

    def _reach(self, start: int, direction: Direction, depth: int | None, limit: int | None) -> tuple[dict[int, int], str | None]:
        distance = {start: 0}
        frontier = [start]
        level = 0
        while frontier:
            following = {far for node in frontier for far in self._step(node, direction) if far not in distance}
            if following and depth is not None and level == depth:
                return distance, "depth"
            level += 1
            frontier = []
            for node in sorted(following):
                if limit is not None and len(distance) == limit:
                    return distance, "limit"
                distance[node] = level
                frontier.append(node)
        return distance, None

    def _step(self, node: int, direction: Direction) -> Iterator[int]:
        if direction == "up":
            return (edge.input for edge in self._up.get(node, ()))
        return (edge.output for edge in self._down.get(node, ()))

    def paths(self, a: int, b: int, *, all: bool = False, limit: int = 100) -> PathResult:
        """How two nodes depend on each other, whichever of them was made from the other.

        Args:
            all: every path that passes no node twice; otherwise only those as short as the shortest.
            limit: how many to list at most.

        Raises:
            LedgerError: LG1201 when the limit is below 1.
        """
        if limit < 1:
            raise LedgerError("LG1201", "a search for paths has a limit of at least 1")
        if a == b:
            return PathResult((), True)
        found: list[tuple[Edge, ...]] = []
        complete = True
        for output, target in ((a, b), (b, a)):
            some, seen_all = self._directed(output, target, every=all, limit=limit)
            found.extend(some)
            complete = complete and seen_all
        found.sort(key=lambda path: (len(path), path))
        if not all:
            found = [path for path in found if len(path) == len(found[0])]
        return PathResult(tuple(found[:limit]), complete and len(found) <= limit)

    def _directed(self, start: int, target: int, *, every: bool, limit: int) -> tuple[list[tuple[Edge, ...]], bool]:
        # Best first by length done plus shortest way to go, so that paths come out in order of length; deepest first among
        # equals, so that the heap stays small.
        togo = self._togo(start, target)
        if start not in togo:
            return [], True
        group = _groups(togo, [edge for node in togo for edge in self._up.get(node, ()) if edge.input in togo])
        found: list[tuple[Edge, ...]] = []
        heap: list[tuple[int, int, int, _Step]] = [(togo[start], 0, 0, _Step(start, None, None))]
        counter = 0
        for _ in range(_MOST_STEPS):
            if not heap:
                return found, True
            total, negative_length, _number, step = heapq.heappop(heap)
            if found and not every and total > len(found[0]):
                return found, True
            if step.node == target:
                if len(found) == limit:
                    return found, False
                found.append(step.edges())
                continue
            for edge in self._relations(step.node):
                if edge.input in togo and not step.passes(edge.input, group):
                    counter += 1
                    length = 1 - negative_length
                    heapq.heappush(heap, (length + togo[edge.input], -length, counter, _Step(edge.input, edge, step)))
        return found, False

    def _togo(self, start: int, target: int) -> dict[int, int]:
        """How far the target is from each node that it can be reached from, and that a path from the start may pass."""
        return self._reach(target, "down", None, None)[0]

    def _relations(self, node: int) -> Iterator[Edge]:
        # The same relation said again at a later index is no other path.
        seen: set[tuple[int, str]] = set()
        for edge in self._up.get(node, ()):
            if (edge.input, edge.relation) not in seen:
                seen.add((edge.input, edge.relation))
                yield edge


@dataclass(frozen=True, slots=True)
class _Step:
    """The last step of a partial path; the path is read by going back."""

    node: int
    edge: Edge | None
    before: _Step | None

    def edges(self) -> tuple[Edge, ...]:
        found: list[Edge] = []
        step: _Step | None = self
        while step is not None and step.edge is not None:
            found.append(step.edge)
            step = step.before
        return tuple(reversed(found))

    def passes(self, node: int, group: dict[int, int]) -> bool:
        # A node can only be met again within its own circle, so a chain without circles costs nothing here.
        step: _Step | None = self
        while step is not None and group[step.node] == group[node]:
            if step.node == node:
                return True
            step = step.before
        return False


def _cycles(nodes: Iterable[int], edges: tuple[Edge, ...]) -> tuple[tuple[int, ...], ...]:
    members: dict[int, list[int]] = {}
    for node, number in _groups(nodes, edges).items():
        members.setdefault(number, []).append(node)
    loops = {edge.output for edge in edges if edge.output == edge.input}
    return tuple(sorted(tuple(sorted(group)) for group in members.values() if len(group) > 1 or group[0] in loops))


def _groups(nodes: Iterable[int], edges: Iterable[Edge]) -> dict[int, int]:
    """Strongly connected components by Tarjan's algorithm, with a stack of our own; numbers mean nothing but sameness."""
    following: dict[int, list[int]] = {node: [] for node in nodes}
    for edge in edges:
        following[edge.output].append(edge.input)
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    group: dict[int, int] = {}
    stack: list[int] = []
    for root in following:
        if root in order:
            continue
        work = [(root, iter(following[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        while work:
            node, rest = work[-1]
            for far in rest:
                if far not in order:
                    order[far] = low[far] = len(order)
                    stack.append(far)
                    work.append((far, iter(following[far])))
                    break
                if far not in group:
                    low[node] = min(low[node], order[far])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    while True:
                        member = stack.pop()
                        group[member] = order[node]
                        if member == node:
                            break
    return group
