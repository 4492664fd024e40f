"""The arrays of an adjacency, and the file that holds them.

Nodes are laid out along runs: paths in which each node is an input of the next, so that a node's lineage begins with everything before it
in its run, and a deep chain is one slice. What does not follow a run is a compressed sparse row in each direction. The idea of covering a
graph with chains is Jagadish's ("A compression technique to materialize transitive closure", ACM TODS 15(4), 1990); here nothing is
materialized but the order. The file is derived from the tables and holds no record.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int32]
Whole: TypeAlias = NDArray[np.intp]

MAGIC = b"openness-ledger adjacency 1\n"
NO_RELATION = 255
_ALIGN = 64
_MOST_HEADER = 1 << 16


@dataclass(frozen=True, slots=True)
class Arrays:
    """An adjacency. A position is a place in the order along runs; a mirrored one counts from the end.

    Attributes:
        nodes: how many, N.
        node_of: int32[N], position → node.
        pos: int32[N], node → position.
        run: uint16[N] or int32[N], position → run.
        starts: int32[R + 1], run → its first position.
        run_relation: uint8[N], position → relation of the edge from the position before it; 255 if it begins a run.
        run_breaks, run_shifts: int32[B], where the log index of those edges, less the node, changes: from node `run_breaks[i]` on it is
            `run_shifts[i]`.
        up_ptr: int32[N + 1], position → first of its other edges; `up_idx` int32[C] positions of their inputs, `up_relation` uint8[C],
            `up_at` int32[C] their log indexes.
        late_node, late_at: int32[L], output and log index of each edge that was stated later than its output first appeared.
        down_ptr: int32[N + 1], the same edges by mirrored position of the input; `down_idx` int32[C] mirrored positions of the outputs.
    """

    nodes: int
    node_of: Ints
    pos: Ints
    run: NDArray[Any]
    starts: Ints
    run_relation: NDArray[np.uint8]
    run_breaks: Ints
    run_shifts: Ints
    up_ptr: Ints
    up_idx: Ints
    up_relation: NDArray[np.uint8]
    up_at: Ints
    late_node: Ints
    late_at: Ints
    down_ptr: Ints
    down_idx: Ints

    @property
    def edges(self) -> int:
        """How many edges: those along runs, and the others."""
        return self.nodes - (len(self.starts) - 1) + len(self.up_idx)

    @property
    def bytes(self) -> int:
        """What the arrays take."""
        return sum(array.nbytes for array in self._arrays().values())

    def stands_at(self, size: int, count: int) -> bool:
        """Whether leaving out the nodes from `count` on, which appeared at or after a log size, leaves the edges stated before it."""
        return not bool(((self.late_at >= size) & (self.late_node < count)).any())

    def run_at(self, positions: Whole) -> NDArray[np.int64]:
        """The log indexes of the edges that lead along runs to these positions."""
        made = self.node_of[positions]
        return self.run_shifts[np.searchsorted(self.run_breaks, made, side="right") - 1].astype(np.int64) + made

    def _arrays(self) -> Mapping[str, NDArray[Any]]:
        return {name: getattr(self, name) for name in self.__slots__ if name != "nodes"}


def same(one: Arrays, other: Arrays) -> bool:
    """Whether all arrays are equal."""
    ours, theirs = one._arrays(), other._arrays()
    return one.nodes == other.nodes and all(np.array_equal(ours[name], theirs[name]) for name in ours)


def write(path: Path, arrays: Arrays) -> None:
    """Write the file, durably, or leave it as it was. Raises OSError."""
    listed: dict[str, tuple[str, int, int]] = {}
    offset = 0
    for name, array in arrays._arrays().items():
        listed[name] = (array.dtype.str, len(array), offset)
        offset += -(-array.nbytes // _ALIGN) * _ALIGN
    header = json.dumps({"nodes": arrays.nodes, "arrays": listed}).encode("ascii") + b"\n"
    begin = -(-(len(MAGIC) + len(header)) // _ALIGN) * _ALIGN
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write((MAGIC + header).ljust(begin, b"\0"))
            for array in arrays._arrays().values():
                file.write(np.ascontiguousarray(array).tobytes())
                file.write(b"\0" * (-array.nbytes % _ALIGN))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read(path: Path) -> Arrays:
    """Map the file. Raises OSError, or ValueError when it is no such file, or too short."""
    with path.open("rb") as file:
        head = file.read(_MOST_HEADER)
        if not head.startswith(MAGIC):
            raise ValueError("no adjacency")
        text, found, _ = head[len(MAGIC) :].partition(b"\n")
        if not found:
            raise ValueError("no header")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    begin = -(-(len(MAGIC) + len(text) + 1) // _ALIGN) * _ALIGN
    try:
        said = json.loads(text)
        arrays = {name: _mapped(mapped, begin, *place) for name, place in said["arrays"].items()}
        whole = Arrays(nodes=int(said["nodes"]), **arrays)
    except (TypeError, KeyError, AttributeError):
        raise ValueError("other arrays") from None
    _check_lengths(whole)
    return whole


def _mapped(mapped: mmap.mmap, begin: int, kind: str, count: int, offset: int) -> NDArray[Any]:
    if np.dtype(kind).kind not in "iu" or count < 0 or offset < 0:
        raise ValueError("no integers")
    return np.frombuffer(mapped, dtype=kind, count=count, offset=begin + offset) if count else np.empty(0, kind)


def _check_lengths(arrays: Arrays) -> None:
    """That no walk leaves the arrays because one of them is short; whether they say the truth is for the verifier."""
    n, c = arrays.nodes, len(arrays.up_idx)
    whole = all(len(getattr(arrays, name)) == n for name in ("node_of", "pos", "run", "run_relation"))
    whole = whole and len(arrays.up_ptr) == len(arrays.down_ptr) == n + 1 and len(arrays.run_breaks) == len(arrays.run_shifts)
    whole = whole and len(arrays.late_node) == len(arrays.late_at)
    if not (whole and c == len(arrays.up_relation) == len(arrays.up_at) == len(arrays.down_idx)):
        raise ValueError("arrays of other lengths")
