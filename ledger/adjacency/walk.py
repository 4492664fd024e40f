"""Everything within reach of a node, along the runs of an adjacency.

A walk keeps for each run how far it has come: what lies before a node in its run is reached with it. Few candidates are looked at one
by one, because starting numpy costs as much as some dozens of them; many at once. A walk down is a walk up in the mirror.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.adjacency.arrays import Arrays, Ints, Whole

# From so many candidates on they are taken together; measured on layered graphs of 10^6 edges (40: as fast, 20 and 200: slower).
_MANY = 80
_COUNTING = np.arange(1 << 14, dtype=np.int32)
# Longer rows are not copied into a list first.
_LONG = 64


class Side:
    """The arrays as one direction sees them: positions, or mirrored ones."""

    __slots__ = ("_flip", "_run", "arrays", "idx", "idx_view", "ptr", "ptr_view", "run_view", "runs", "starts", "starts_view")

    def __init__(self, arrays: Arrays, *, down: bool) -> None:
        self.arrays = arrays
        self._flip = arrays.nodes - 1 if down else -1
        self.ptr, self.idx = (arrays.down_ptr, arrays.down_idx) if down else (arrays.up_ptr, arrays.up_idx)
        self.runs = len(arrays.starts) - 1
        self._run = arrays.run
        self.starts: Ints = np.int32(arrays.nodes) - arrays.starts[1:] if down else arrays.starts
        self.ptr_view, self.idx_view = _view(self.ptr), _view(self.idx)
        self.run_view, self.starts_view = _view(self._run[::-1] if down else self._run), _view(self.starts)

    def position(self, node: int) -> int:
        """Where a node stands."""
        place = int(self.arrays.pos[node])
        return place if self._flip < 0 else self._flip - place

    def positions(self, nodes: Ints) -> Whole:
        """Where nodes stand."""
        places = self.arrays.pos[nodes].astype(np.intp)
        return places if self._flip < 0 else self._flip - places

    def nodes(self, positions: Any) -> Ints:
        """Who stands there."""
        found: Ints = self.arrays.node_of.take(positions if self._flip < 0 else self._flip - positions)
        return found

    def between(self, low: int, high: int) -> Ints:
        """Who stands from `low` to before `high`."""
        of = self.arrays.node_of
        return of[low:high] if self._flip < 0 else of[self._flip + 1 - high : self._flip + 1 - low]

    def runs_of(self, positions: Any) -> NDArray[np.integer]:
        """The runs of positions."""
        found: NDArray[np.integer] = self._run.take(positions if self._flip < 0 else self._flip - positions)
        return found


class Walk:
    """One walk: what it has reached so far, as ranges of positions."""

    def __init__(self, side: Side) -> None:
        self._side = side
        # Run → the position after the last that was reached in it; 0 when none was.
        self._done = bytearray(4 * max(side.runs, 1))
        self._view = memoryview(self._done).cast("i")
        self._ends: Ints = np.frombuffer(self._done, np.int32)
        self._low: list[int] = []
        self._high: list[int] = []
        self._lows: list[Ints] = []
        self._highs: list[Ints] = []

    def reaches(self, positions: Whole) -> NDArray[np.bool_]:
        """Which of these were reached."""
        found: NDArray[np.bool_] = positions < self._ends.take(self._side.runs_of(positions))
        return found

    def go(self, positions: Iterable[int]) -> None:
        """Reach these positions, and everything behind them."""
        candidates: Sequence[int] | Ints = list(positions)
        while len(candidates):
            if len(candidates) <= _MANY:
                candidates = self._one_by_one(candidates if isinstance(candidates, list) else np.asarray(candidates).tolist())
            else:
                candidates = self._together(np.asarray(candidates, np.int32))

    def _one_by_one(self, candidates: list[int]) -> Sequence[int] | Ints:
        side, view, low, high = self._side, self._view, self._low, self._high
        ptr, idx, run_of, starts = side.ptr_view, side.idx_view, side.run_view, side.starts_view
        following: list[int] = []
        long: list[Ints] = []
        for position in candidates:
            run = run_of[position]
            first = view[run]
            if first > position:
                continue
            first = first or starts[run]
            position += 1
            view[run] = position
            low.append(first)
            high.append(position)
            begin, end = ptr[first], ptr[position]
            if end - begin <= _LONG:
                following += idx[begin:end]
            else:
                long.append(side.idx[begin:end])
        if long:
            return np.concatenate([*long, np.array(following, np.int32)])
        return following

    def _together(self, positions: Ints) -> Ints:
        # 32 bits to the end: sorting and moving 64 takes twice as long.
        side, ends = self._side, self._ends
        positions = positions.compress(positions >= ends.take(side.runs_of(positions)))
        if not positions.size:
            return positions
        positions.sort()
        # Of each run the furthest is enough.
        runs = side.runs_of(positions)
        last = np.empty(positions.size, bool)
        last[-1] = True
        np.not_equal(runs[1:], runs[:-1], out=last[:-1])
        positions, runs = positions.compress(last), runs.compress(last)
        first: Ints = np.maximum(ends.take(runs), side.starts.take(runs))
        positions += 1
        ends[runs] = positions
        self._lows.append(first)
        self._highs.append(positions)
        begin, count = side.ptr.take(first), side.ptr.take(positions)
        count -= begin
        return side.idx.take(ranges(begin, count, side.idx.size))

    def nodes(self) -> Ints:
        """Everything that was reached, each once, in no order that means anything."""
        side = self._side
        if not self._lows:
            found = [side.between(low, high) for low, high in zip(self._low, self._high, strict=True)]
            return found[0] if len(found) == 1 else np.concatenate(found) if found else np.empty(0, np.int32)
        low = np.concatenate([*self._lows, np.array(self._low, np.int32)])
        count = np.concatenate([*self._highs, np.array(self._high, np.int32)])
        count -= low
        return side.nodes(ranges(low, count, side.arrays.nodes))


def _view(array: Any) -> memoryview[int]:
    """An array whose items are quick to take one by one."""
    return memoryview(array)


def ranges(begin: Any, count: Any, most: int) -> Whole:
    """begin[0], begin[0] + 1, … count[0] of them, then those of the next; `begin` is not kept.

    Raises:
        ValueError: when there are more than the arrays can have, which only damaged ones say.
    """
    ends = count.cumsum()
    total = int(ends[-1]) if ends.size else 0
    if not 0 <= total <= most:
        raise ValueError("more rows than there are")
    begin -= ends
    begin += count
    found: Whole = begin.repeat(count)
    found += _COUNTING[:total] if total <= len(_COUNTING) else np.arange(total, dtype=found.dtype)
    return found
