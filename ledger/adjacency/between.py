"""The edges between some nodes of an adjacency, and those of one node."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ledger.adjacency.arrays import NO_RELATION, Arrays, Ints
from ledger.adjacency.walk import ranges


class Columns(NamedTuple):
    """Edges, in columns of one length: outputs, inputs, relations, log indexes."""

    outputs: NDArray[Any]
    inputs: NDArray[Any]
    relations: NDArray[Any]
    at: NDArray[Any]


def edges_between(arrays: Arrays, nodes: Ints, size: int) -> Columns:
    """Every edge between these nodes that was stated below a log size."""
    inside = np.zeros(arrays.nodes + 1, bool)
    places = arrays.pos[nodes].astype(np.intp)
    places.sort()
    inside[places] = True
    begin = arrays.up_ptr.take(places)
    count = arrays.up_ptr.take(places + 1) - begin
    owner, rows = places.repeat(count), ranges(begin, count, arrays.up_idx.size)
    given, at = arrays.up_idx.take(rows), arrays.up_at.take(rows)
    kept = inside[given] & (at < size)
    along = places[(arrays.run_relation.take(places) != NO_RELATION) & inside[places - 1]]
    along_at = arrays.run_at(along)
    along, along_at = along[along_at < size], along_at[along_at < size]
    return Columns(
        np.concatenate([arrays.node_of[along], arrays.node_of[owner[kept]]]),
        np.concatenate([arrays.node_of[along - 1], arrays.node_of[given[kept]]]),
        np.concatenate([arrays.run_relation[along], arrays.up_relation[rows[kept]]]),
        np.concatenate([along_at, at[kept].astype(np.int64)]),
    )


def inputs_of(arrays: Arrays, node: int, size: int) -> list[tuple[int, int, int, int]]:
    """The edges to what a node was made from, stated below a log size: output, input, relation, log index; sorted."""
    place = int(arrays.pos[node])
    begin, end = int(arrays.up_ptr[place]), int(arrays.up_ptr[place + 1])
    given = arrays.node_of[arrays.up_idx[begin:end]].tolist()
    rows = zip(given, arrays.up_relation[begin:end].tolist(), arrays.up_at[begin:end].tolist(), strict=True)
    found = [(node, *row) for row in rows if row[2] < size]
    relation = int(arrays.run_relation[place])
    if relation != NO_RELATION:
        at = int(arrays.run_at(np.array([place]))[0])
        if at < size:
            found.append((node, int(arrays.node_of[place - 1]), relation, at))
    return sorted(found)


def outputs_of(arrays: Arrays, node: int, size: int) -> list[tuple[int, int, int, int]]:
    """The edges to what was made from a node, stated below a log size; sorted."""
    place = int(arrays.pos[node])
    mirrored = arrays.nodes - 1 - place
    rows = arrays.down_idx[arrays.down_ptr[mirrored] : arrays.down_ptr[mirrored + 1]]
    makers = set(arrays.node_of[arrays.nodes - 1 - rows].tolist())
    if place + 1 < arrays.nodes and arrays.run_relation[place + 1] != NO_RELATION:
        makers.add(int(arrays.node_of[place + 1]))
    if not makers:
        return []
    both = np.array(sorted(makers | {node}), np.int32)
    found = edges_between(arrays, both, size)
    kept = found.inputs == node
    return sorted(zip(*(column[kept].tolist() for column in found), strict=True))
