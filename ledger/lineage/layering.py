"""Which column each node of a picture stands in: the start in the first, everything else further out than what leads to it.

Arcs lead outwards, from the nearer to the farther. Guarantees: whatever the order of the arcs, the answer is the same; an arc that is
not returned as turning back leads from a column to a later one; work in the order of E log E; nothing recurses.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from math import isqrt

from ledger.lineage.graph import Edge, _groups

Arc = tuple[int, int]


def columns(count: int, start: int, arcs: Iterable[Arc], most: int | None = None) -> tuple[list[int], frozenset[Arc]]:
    """The column of each node, and the arcs that turn back because there are cycles.

    Args:
        count: how many nodes there are; they are numbers from 0.
        most: how many nodes a column may hold; by default so many that the picture is about as wide as a printed page.
    """
    distinct = sorted(set(arcs))
    back = back_arcs(count, start, distinct)
    forward = [arc for arc in distinct if arc not in back]
    return _placed(count, start, forward, most or max(8, isqrt(3 * count))), back


def layers(count: int, start: int, arcs: Iterable[Arc]) -> tuple[list[int], frozenset[Arc]]:
    """The length of the longest way to each node, without regard to how full a layer gets, and the arcs that turn back."""
    distinct = sorted(set(arcs))
    back = back_arcs(count, start, distinct)
    return _longest(count, start, [arc for arc in distinct if arc not in back])[0], back


def back_arcs(count: int, start: int, arcs: Sequence[Arc]) -> frozenset[Arc]:
    """Arcs without which there are no cycles: the fewer of what a depth-first walk and what a greedy order find."""
    walked = _walked_back(count, start, arcs)
    if not walked:
        return walked
    ordered = _greedy_back(count, start, arcs)
    return ordered if len(ordered) < len(walked) else walked


def _walked_back(count: int, start: int, arcs: Sequence[Arc]) -> frozenset[Arc]:
    following: list[list[int]] = [[] for _ in range(count)]
    for near, far in arcs:
        following[near].append(far)
    state = [0] * count  # 1: on the way, 2: done
    found: set[Arc] = set()
    for root in (start, *range(count)):
        if state[root]:
            continue
        state[root] = 1
        stack = [(root, iter(following[root]))]
        while stack:
            node, rest = stack[-1]
            for far in rest:
                if state[far] == 1:
                    found.add((node, far))
                elif not state[far]:
                    state[far] = 1
                    stack.append((far, iter(following[far])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return frozenset(found)


def _greedy_back(count: int, start: int, arcs: Sequence[Arc]) -> frozenset[Arc]:
    """Within each circle an order that puts first what leads to more than leads to it (after Eades, Lin and Smyth, 1993)."""
    group = _groups(range(count), [Edge(near, far, "", 0) for near, far in arcs])
    inner = [arc for arc in arcs if group[arc[0]] == group[arc[1]]]
    following: dict[int, list[int]] = {}
    before: dict[int, list[int]] = {}
    for near, far in inner:
        following.setdefault(near, []).append(far)
        before.setdefault(far, []).append(near)
    surplus = {node: len(following.get(node, ())) - len(before.get(node, ())) for node in {*following, *before}}
    heap = [(node != start, -value, node) for node, value in surplus.items()]
    heapq.heapify(heap)
    place: dict[int, int] = {}
    while heap:
        _, value, node = heapq.heappop(heap)
        if node in place or -value != surplus[node]:
            continue
        place[node] = len(place)
        for others, change in ((following.get(node, ()), 1), (before.get(node, ()), -1)):
            for other in others:
                if other not in place:
                    surplus[other] += change
                    heapq.heappush(heap, (other != start, -surplus[other], other))
    return frozenset((near, far) for near, far in inner if place[near] >= place[far])


def _longest(count: int, start: int, arcs: Sequence[Arc]) -> tuple[list[int], list[int]]:
    """The longest way to each node, and the nodes in an order in which no arc leads back."""
    following: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for near, far in arcs:
        following[near].append(far)
        waiting[far] += 1
    # What nothing leads to any more, because only arcs that turn back did, still stands behind the start.
    layer = [0 if node == start else 1 for node in range(count)]
    order = sorted((node for node in range(count) if not waiting[node]), key=lambda node: (node != start, node))
    for node in order:
        for far in following[node]:
            layer[far] = max(layer[far], layer[node] + 1)
            waiting[far] -= 1
            if not waiting[far]:
                order.append(far)
    return layer, order


def _placed(count: int, start: int, arcs: Sequence[Arc], most: int) -> list[int]:
    """Columns of bounded height: what does not fit into its layer's column moves on to a later one."""
    layer, order = _longest(count, start, arcs)
    before: list[list[int]] = [[] for _ in range(count)]
    for near, far in arcs:
        before[far].append(near)
    column = [0] * count
    turn = {node: position for position, node in enumerate(order)}
    filled: list[int] = []
    onward: list[int] = []  # a full column points to one that may have room
    sequence = sorted(range(count), key=lambda node: (layer[node], min((turn[near] for near in before[node]), default=-1), node))
    for node in sequence:
        wanted = max((column[near] + 1 for near in before[node]), default=0 if node == start else 1)
        place = _room(wanted, onward, filled)
        column[node] = place
        filled[place] += 1
        if filled[place] >= most or place == 0:
            onward[place] = place + 1
    return _squeezed(column)


def _room(wanted: int, onward: list[int], filled: list[int]) -> int:
    place = wanted
    passed = []
    while True:
        while len(onward) <= place:
            onward.append(len(onward))
            filled.append(0)
        if onward[place] == place:
            break
        passed.append(place)
        place = onward[place]
    for each in passed:
        onward[each] = place
    return place


def _squeezed(column: list[int]) -> list[int]:
    number = {old: new for new, old in enumerate(sorted(set(column)))}
    return [number[old] for old in column]
