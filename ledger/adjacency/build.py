"""From edges to the arrays of an adjacency, without a Python object per edge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.adjacency.arrays import NO_RELATION, Arrays, Ints

# How often those that found their best input taken look for another one; more makes runs hardly longer.
_ROUNDS = 4


def build(outputs: Ints, inputs: Ints, relations: NDArray[np.uint8], at: Ints, appeared: Ints) -> Arrays:
    """The adjacency of edges "output was made from input".

    Args:
        outputs, inputs: int32[E], nodes from 0 to N - 1; circles and loops may be among them.
        relations: uint8[E], below 255.
        at: int32[E], log index of the statement that says so. An edge that is given twice counts once.
        appeared: int32[N], log index at which each node first appeared; never less than that of the node before it.
    """
    nodes = len(appeared)
    out, given, relation, at = _sorted(outputs, inputs, relations, at)
    before = _runs(out, given, nodes)
    node_of, pos, run, starts = _order(before, nodes)
    late = at > appeared[out]
    late_node, late_at = out[late].astype(np.int32), at[late].astype(np.int32)
    # The first statement of each edge along a run stands in the order itself; further ones are edges like others.
    along = before[out] == given
    along[1:] &= (out[1:] != out[:-1]) | (given[1:] != given[:-1])
    run_relation = np.full(nodes, NO_RELATION, np.uint8)
    run_relation[pos[out[along]]] = relation[along]
    breaks, shifts = _steps(out[along], at[along])
    rest = ~along
    out, given, relation, at = out[rest], given[rest], relation[rest], at[rest]
    up_ptr, order = _rows(pos[out], nodes)
    down_ptr, back = _rows(nodes - 1 - pos[given], nodes)
    return Arrays(
        nodes,
        node_of,
        pos,
        run.astype(np.uint16) if len(starts) <= 1 << 16 else run,
        starts,
        run_relation,
        breaks,
        shifts,
        up_ptr,
        pos[given][order],
        relation[order],
        at[order],
        late_node,
        late_at,
        down_ptr,
        (nodes - 1 - pos[out])[back].astype(np.int32),
    )


def _sorted(*columns: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    order = np.lexsort(columns[::-1])
    found = [column[order] for column in columns]
    new = np.ones(len(order), bool)
    if len(order):
        new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in found])
    return tuple(column[new] for column in found)


def _runs(out: Ints, given: Ints, nodes: int) -> Ints:
    """int32[N]: the input that stands before each node in its run, or -1; sorted edges. Each stands before one node at most."""
    before = np.full(nodes, -1, np.int32)
    taken = np.zeros(nodes, bool)
    # Only to what is older, so that no run closes to a circle.
    out, given = out[given < out], given[given < out]
    for _ in range(_ROUNDS):
        free = ~taken[given] & (before[out] < 0)
        out, given = out[free], given[free]
        if not len(out):
            break
        last = np.ones(len(out), bool)
        last[:-1] = out[1:] != out[:-1]
        wanted, first = np.unique(given[last], return_index=True)
        before[out[last][first]] = wanted
        taken[wanted] = True
    return before


def _order(before: Ints, nodes: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Positions along the runs: node by position, position by node, run by position, first position by run."""
    root = np.where(before >= 0, before, np.arange(nodes, dtype=np.int32)).astype(np.int32)
    rank = (before >= 0).astype(np.int32)
    while True:  # each round doubles how far back one looks
        further = root[root]
        if np.array_equal(further, root):
            break
        rank += rank[root]
        root = further
    node_of = np.lexsort((rank, root)).astype(np.int32)
    pos = np.empty(nodes, np.int32)
    pos[node_of] = np.arange(nodes, dtype=np.int32)
    begins = rank[node_of] == 0
    run = (np.cumsum(begins) - 1).astype(np.int32)
    starts = np.append(np.flatnonzero(begins), nodes).astype(np.int32)
    return node_of, pos, run, starts


def _steps(made: Ints, at: Ints) -> tuple[Ints, Ints]:
    """The log index less the node, where it changes; one statement records one thing, so that it seldom does."""
    shift = at - made
    new = np.ones(len(made), bool)
    new[1:] = shift[1:] != shift[:-1]
    return made[new].astype(np.int32), shift[new].astype(np.int32)


def _rows(keys: Ints, nodes: int) -> tuple[Ints, NDArray[np.intp]]:
    """Where the rows of each key begin, and the order that sorts by key and leaves equals as they are."""
    ptr = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(keys, minlength=nodes), out=ptr[1:])
    return ptr, np.argsort(keys, kind="stable")


def edges_of(arrays: Arrays) -> tuple[Ints, Ints, NDArray[np.uint8], Ints]:
    """The edges that an adjacency was built from, each once: outputs, inputs, relations, log indexes; in no order that means anything."""
    along = np.flatnonzero(arrays.run_relation != NO_RELATION)
    owner = np.repeat(np.arange(arrays.nodes), np.diff(arrays.up_ptr))
    return (
        np.concatenate([arrays.node_of[along], arrays.node_of[owner]]),
        np.concatenate([arrays.node_of[along - 1], arrays.node_of[arrays.up_idx]]),
        np.concatenate([arrays.run_relation[along], arrays.up_relation]),
        np.concatenate([arrays.run_at(along).astype(np.int32), arrays.up_at]),
    )
