"""What two sequences of words share, in order: exact enough to show a change, and quick on texts of any kind.

Runs of words that occur once in both are the fixed points (as in a patience diff); what lies between is compared with shorter
runs, and small remains word by word. A remain that is large and has no fixed point counts as changed as a whole: a difference may
so look larger than it is, never smaller.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from difflib import SequenceMatcher

Block = tuple[int, int, int]

_RUNS = (8, 4, 2, 1)
_SMALL = 4_000


def shared(one: Sequence[int], two: Sequence[int]) -> list[Block]:
    """The blocks `(i, j, n)` with `one[i:i+n] == two[j:j+n]`, in ascending order, none touching the next in both."""
    found: list[Block] = []
    _compare(one, two, 0, len(one), 0, len(two), 0, found)
    merged: list[Block] = []
    for i, j, n in found:
        if merged and merged[-1][0] + merged[-1][2] == i and merged[-1][1] + merged[-1][2] == j:
            merged[-1] = (merged[-1][0], merged[-1][1], merged[-1][2] + n)
        else:
            merged.append((i, j, n))
    return merged


def _compare(one: Sequence[int], two: Sequence[int], a: int, b: int, c: int, d: int, level: int, found: list[Block]) -> None:
    """Compare `one[a:b]` with `two[c:d]`, from a level of `_RUNS` on."""
    start = 0
    while a + start < b and c + start < d and one[a + start] == two[c + start]:
        start += 1
    if start:
        found.append((a, c, start))
        a, c = a + start, c + start
    end = 0
    while a < b - end and c < d - end and one[b - end - 1] == two[d - end - 1]:
        end += 1
    b, d = b - end, d - end
    if a < b and c < d:
        _middle(one, two, a, b, c, d, level, found)
    if end:
        found.append((b, d, end))


def _middle(one: Sequence[int], two: Sequence[int], a: int, b: int, c: int, d: int, level: int, found: list[Block]) -> None:
    if (b - a) * (d - c) <= _SMALL:
        matcher = SequenceMatcher(None, one[a:b], two[c:d], autojunk=False)
        found.extend((a + i, c + j, n) for i, j, n in matcher.get_matching_blocks() if n)
        return
    for deeper in range(level, len(_RUNS)):
        points = _points(one, two, a, b, c, d, _RUNS[deeper])
        if not points:
            continue
        for i, j in points:
            if i > a and j > c:
                _compare(one, two, a, i, c, j, deeper + 1, found)
            found.append((i, j, 1))
            a, c = i + 1, j + 1
        _compare(one, two, a, b, c, d, deeper + 1, found)
        return


def _points(one: Sequence[int], two: Sequence[int], a: int, b: int, c: int, d: int, run: int) -> list[tuple[int, int]]:
    """Pairs of places at which a run stands that occurs once on both sides, ascending on both."""
    first, second = _once(one, a, b, run), _once(two, c, d, run)
    pairs = sorted((place, second[key]) for key, place in first.items() if place >= 0 and second.get(key, -1) >= 0)
    # The longest ascending chain: pairs that cross another are left out.
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        at = bisect_left(tails, j)
        before.append(last[at - 1] if at else -1)
        if at == len(tails):
            tails.append(j)
            last.append(number)
        else:
            tails[at], last[at] = j, number
    chain: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _once(words: Sequence[int], start: int, end: int, run: int) -> dict[tuple[int, ...], int]:
    part = words[start:end]
    found: dict[tuple[int, ...], int] = {}
    for place, key in enumerate(zip(*(part[shift:] for shift in range(run)), strict=False), start):
        found[key] = -1 if key in found else place
    return found
