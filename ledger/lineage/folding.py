"""A large lineage made small enough to be looked at: what is alike becomes one node that says how many it stands for; pure.

First things of one kind with the same links, then those that only lead to the same, then rows without branches, and at last whole
layers. The largest group first, and nothing more once the picture is small enough. The start, what is on a marked path and what is in a
cycle stay as they are, as far as there is room. Every thing is in exactly one node, nothing is left out in silence, and folding makes
no cycle where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ledger.lineage.layering import layers
from ledger.lineage.picture import Link, Node, Picture

MOST_NODES = 200
_PLURAL = {
    "release": "releases",
    "weights": "sets of weights",
    "dataset": "datasets",
    "code": "pieces of code",
    "document": "documents",
    "": "references",
}
# Rounds of folding by outputs: what leads to folded nodes can be folded once those are.
_ROUNDS = 6
HOW = "--all shows each of them, --depth N only what is within N steps."

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """A picture of at most so many nodes, and for each node of the one before the number of that which it is in now."""

    picture: Picture
    place: tuple[int, ...]


class _State:
    """Which group each node is in; a group has the number of its first member."""

    def __init__(self, drawn: Picture, keep: frozenset[int]) -> None:
        self.drawn, self.keep = drawn, keep
        self.group = list(range(len(drawn.nodes)))
        self.into: dict[int, int] = {}
        self.count = len(drawn.nodes)
        up = drawn.direction == "up"
        self.arcs = [(link.output, link.input, link.relation) if up else (link.input, link.output, link.relation) for link in drawn.links]
        self.layer, self.back = layers(self.count, drawn.start, [arc[:2] for arc in self.arcs])

    def sides(self) -> tuple[dict[int, set[tuple[int, str]]], dict[int, set[tuple[int, str]]]]:
        """Of each group, the nearer and the farther groups that it has links with, and their relations."""
        self.settle()
        near: dict[int, set[tuple[int, str]]] = {}
        far: dict[int, set[tuple[int, str]]] = {}
        for one, other, relation in self.arcs:
            first, second = self.group[one], self.group[other]
            near.setdefault(second, set()).add((first, relation))
            far.setdefault(first, set()).add((second, relation))
        return near, far

    def heads(self) -> list[int]:
        """The groups that may be folded further."""
        return [node for node in range(len(self.group)) if self.group[node] == node and node not in self.keep]

    def fold(self, key: Callable[[int], _Key], most: int) -> None:
        """Fold groups with the same key, the largest first, until there are at most so many."""
        self.settle()
        alike: dict[_Key, list[int]] = {}
        for head in self.heads():
            alike.setdefault(key(head), []).append(head)
        for group in sorted((found for found in alike.values() if len(found) > 1), key=lambda found: (-len(found), found)):
            if self.count <= most:
                break
            self.merge(group)

    def merge(self, heads: list[int]) -> None:
        """Make one group of several."""
        for head in heads[1:]:
            self.into[head] = heads[0]
        self.count -= max(len(heads) - 1, 0)

    def settle(self) -> None:
        """Let every node know the group that it is in by now."""
        for node in range(len(self.group)):
            head = self.group[node]
            while head in self.into:
                head = self.into[head]
            self.group[node] = head
        self.into.clear()


def folded(drawn: Picture, most: int = MOST_NODES) -> Folded:
    """The picture with at most so many nodes (at least 8); as it is if it has no more.

    Guarantees: each thing is in one node; the links of the result stand for all links but those within a fold, which a note counts.
    """
    if len(drawn.nodes) <= most:
        return Folded(drawn, tuple(range(len(drawn.nodes))))
    marked = {node for link in drawn.links if link.marked for node in (link.output, link.input)}
    circular = {node for cycle in drawn.cycles for node in cycle}
    keep = {drawn.start}
    for more in (marked, circular):
        if len(keep | more) <= most // 2:
            keep |= more
    state = _State(drawn, frozenset(keep))
    nodes, layer = drawn.nodes, state.layer

    def alike(head: int) -> _Key:
        return (layer[head], nodes[head].kind)

    for _ in range(_ROUNDS):
        before = state.count
        for strict in (True, False):
            near, far = state.sides()
            look = _look(nodes, near, far, alike, strict)
            state.fold(look, most)
        if state.count <= most or state.count == before:
            break
    if state.count > most:
        _rows(state, most)
    if state.count > most:
        _beyond(state, most)
    return _result(state)


def _look(
    nodes: tuple[Node, ...],
    near: Mapping[int, set[tuple[int, str]]],
    far: Mapping[int, set[tuple[int, str]]],
    alike: Callable[[int], _Key],
    strict: bool,
) -> Callable[[int], _Key]:
    def key(head: int) -> _Key:
        found = (*alike(head), frozenset(near.get(head, ())))
        same = (nodes[head].verified, nodes[head].license, frozenset(far.get(head, ())))
        return (*found, *same) if strict else found

    return key


def _rows(state: _State, most: int) -> None:
    """Fold what stands in a row, one made from the next and from nothing else."""
    near, far = state.sides()
    groups = {head for head in state.heads() if len(near.get(head, ())) == 1 and len(far.get(head, ())) == 1}
    follows = {head: next(iter(far[head]))[0] for head in groups}
    first = {head for head in groups if next(iter(near[head]))[0] not in groups}
    rows = []
    for head in sorted(first):
        row = [head]
        while follows[row[-1]] in groups:
            row.append(follows[row[-1]])
        rows.append(row)
    for row in sorted(rows, key=lambda found: (-len(found), found)):
        # Of a row the far end, and no more of it than needed.
        state.merge(row[-(state.count - most + 1) :] if state.count > most else [])


def _beyond(state: _State, most: int) -> None:
    """Fold whole layers by kind, the fullest first; then everything further out than there is room for.

    What is kept elsewhere is folded here too where it is too much. That which is beyond is one node: two could lead to each other and
    look like a cycle that is none.
    """
    nodes, layer = state.drawn.nodes, state.layer
    for keep in (state.keep, frozenset((state.drawn.start,))):
        state.keep = keep
        state.fold(lambda head: (layer[head], nodes[head].kind), most)
        if state.count <= most:
            return
    state.settle()
    deep = sorted(layer[head] for head in range(len(state.group)) if state.group[head] == head)
    limit = deep[most - 1]
    state.merge([head for head in state.heads() if layer[head] >= limit])


def _result(state: _State) -> Folded:
    state.settle()
    drawn = state.drawn
    members: dict[int, list[int]] = {}
    for node, head in enumerate(state.group):
        members.setdefault(head, []).append(node)
    heads = sorted(members)
    number = {head: position for position, head in enumerate(heads)}
    place = tuple(number[head] for head in state.group)
    links: dict[tuple[int, int, str], list[Link]] = {}
    inner = 0
    for link in drawn.links:
        key = (place[link.output], place[link.input], link.relation)
        if key[0] == key[1] and len(members[heads[key[0]]]) > 1:
            inner += link.count
            continue
        links.setdefault(key, []).append(link)
    found = [
        Link(*key, _entries(same), sum(one.count for one in same), any(one.marked for one in same)) for key, same in sorted(links.items())
    ]
    many = [members[head] for head in heads if len(members[head]) > 1]
    notes = []
    if many:
        total = sum(len(group) for group in many)
        within = f"; {inner} {'link' if inner == 1 else 'links'} within them are not drawn" if inner else ""
        notes.append(f"{total} things are folded into {len(many)} {'node' if len(many) == 1 else 'nodes'}{within}: {HOW}")
    folds = Picture(
        place[drawn.start],
        drawn.direction,
        tuple(
            drawn.nodes[head] if len(members[head]) == 1 else _fold([drawn.nodes[one] for one in members[head]], members[head])
            for head in heads
        ),
        tuple(found),
        tuple(sorted({tuple(sorted({place[one] for one in cycle})) for cycle in drawn.cycles})),
        drawn.size,
        (*drawn.notes, *notes),
    )
    return Folded(folds, place)


def _entries(links: Iterable[Link]) -> tuple[int, ...]:
    return tuple(sorted({entry for link in links for entry in link.entries}))


def _fold(nodes: list[Node], numbers: list[int]) -> Node:
    """One node for many: a licence only if all have the same, verified only if all are."""
    kinds = sorted({node.kind for node in nodes})
    licenses = {node.license for node in nodes}
    unknown = sum(node.license is None for node in nodes)
    if len(licenses) == 1:
        said = nodes[0].license
    else:
        known = len(licenses - {None})
        said = f"{known} {'licence' if known == 1 else 'licences'}" + (f", {unknown} unknown" if unknown else "")
    by = {node.license_by for node in nodes}
    names = ", ".join(node.called for node in nodes[:5])
    return replace(
        nodes[0],
        name=f"{len(nodes)} {_PLURAL[kinds[0]] if len(kinds) == 1 else 'things'}",
        version=None,
        kind=kinds[0] if len(kinds) == 1 else "",
        verified=all(node.verified for node in nodes),
        depth=min(node.depth for node in nodes),
        license=said,
        license_by=by.pop() if len(by) == 1 else "",
        note=f"{names} …" if len(nodes) > 5 else names,
        members=tuple(numbers),
        parts=(sum(not node.verified for node in nodes), unknown),
    )
