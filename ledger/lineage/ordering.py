"""The order of items within columns, and their heights: barycentres with a fixed number of sweeps, then the nearest places that fit."""

from __future__ import annotations

from collections.abc import Sequence

_SWEEPS = 8
_SETTLINGS = 6
# A line between two turns of the same trunk is to be straight before anything else is.
_TRUNK_WEIGHT = 8
# Barycentres are compared as whole numbers, in parts of a place.
_PARTS = 1_000


def ordered(groups: Sequence[Sequence[int]], pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The items of each column from top to bottom, so that lines cross little.

    Args:
        groups: the items of each column.
        pairs: (item, item of the next column) for each line, sorted.
    """
    inward, outward = _neighbours(groups, pairs)
    chosen = [list(group) for group in groups]
    place = {item: position for group in chosen for position, item in enumerate(group)}
    for sweep in range(_SWEEPS):
        out = sweep % 2 == 0
        beside = inward if out else outward
        for column in range(1, len(chosen)) if out else range(len(chosen) - 2, -1, -1):
            group = chosen[column]
            scale = max(len(group), 1)
            other = max(len(chosen[column - 1 if out else column + 1]), 1)
            key = {}
            for item in group:
                near = beside.get(item)
                # Places are compared as shares of their column's length, because what has no neighbours keeps its own.
                centre = (
                    (2 * sum(place[each] for each in near) + len(near)) * _PARTS // (2 * len(near) * other)
                    if near
                    else (2 * place[item] + 1) * _PARTS // (2 * scale)
                )
                key[item] = (centre, place[item], item)
            group.sort(key=key.__getitem__)
            for position, item in enumerate(group):
                place[item] = position
    return chosen


def settled(
    chosen: Sequence[Sequence[int]], pairs: Sequence[tuple[int, int]], high: Sequence[int], gap: Sequence[int], nodes: int
) -> list[int]:
    """The middle of each item: near those that it has lines to, in the given order, without overlaps.

    Args:
        high, gap: of each item, its height and the free room around it.
        nodes: items from this number on are turns of trunks.
    """
    inward, outward = _neighbours(chosen, pairs)
    middle = [0] * len(high)
    offsets = []
    for group in chosen:
        at, offset = 0, []
        for before, item in zip([None, *group], group, strict=False):
            if before is not None:
                at += (high[before] + 1) // 2 + (high[item] + 1) // 2 + (gap[before] + gap[item]) // 2
            offset.append(at)
        offsets.append(offset)
        for item, own in zip(group, offset, strict=True):
            middle[item] = own - at // 2
    for sweep in range(_SETTLINGS):
        out = sweep % 2 == 0
        beside = inward if out else outward
        for column in range(len(chosen)) if out else range(len(chosen) - 1, -1, -1):
            group, offset = chosen[column], offsets[column]
            wanted = []
            for item, own in zip(group, offset, strict=True):
                total, weight = _pull(item, beside.get(item, ()), middle, nodes)
                wanted.append((total - weight * own, weight))
            for item, own, base in zip(group, offset, _rising(wanted), strict=True):
                middle[item] = base + own
    return middle


def _pull(item: int, near: Sequence[int], middle: Sequence[int], nodes: int) -> tuple[int, int]:
    """Where the neighbours want an item, and how strongly; without neighbours it stays where it is."""
    total = weight = 0
    for other in near:
        mine = _TRUNK_WEIGHT if item >= nodes and other >= nodes else 1
        total += mine * middle[other]
        weight += mine
    return (total, weight) if weight else (middle[item], 1)


def _rising(wanted: Sequence[tuple[int, int]]) -> list[int]:
    """The values nearest to those wanted, in weighted squares, that never fall (pooling of neighbours that violate the order)."""
    blocks: list[tuple[int, int, int]] = []  # weighted sum, weight, how many
    for total, weight in wanted:
        block = (total, weight, 1)
        while blocks and blocks[-1][0] * block[1] > block[0] * blocks[-1][1]:
            before = blocks.pop()
            block = (before[0] + block[0], before[1] + block[1], before[2] + block[2])
        blocks.append(block)
    return [total // weight for total, weight, many in blocks for _ in range(many)]


def _neighbours(groups: Sequence[Sequence[int]], pairs: Sequence[tuple[int, int]]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    inward: dict[int, list[int]] = {}
    outward: dict[int, list[int]] = {}
    for one, other in pairs:
        inward.setdefault(other, []).append(one)
        outward.setdefault(one, []).append(other)
    return inward, outward
