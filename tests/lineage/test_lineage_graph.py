"""Closures and paths against naive walks on random graphs with cycles, and on graphs that break careless ones."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.lineage import graph as graph_module
from ledger.lineage.graph import Edge, Graph

edges_of = st.lists(
    st.builds(Edge, st.integers(0, 6), st.integers(0, 6), st.sampled_from(["trained-on", "derived-from"]), st.integers(0, 2)), max_size=14
)


def naive_distances(edges, start, direction):
    """Relax every edge until nothing changes."""
    distance = {start: 0}
    for _ in range(10):
        for edge in edges:
            near, far = (edge.output, edge.input) if direction == "up" else (edge.input, edge.output)
            if near in distance and distance.get(far, 99) > distance[near] + 1:
                distance[far] = distance[near] + 1
    return distance


def naive_cycles(edges, nodes):
    inside = [edge for edge in edges if edge.output in nodes and edge.input in nodes]

    def reaches(a, b):
        # At least one edge, so that a node alone is a circle only with a loop.
        return any(b in naive_distances(inside, edge.input, "up") for edge in inside if edge.output == a)

    return {tuple(sorted(m for m in nodes if m == n or (reaches(n, m) and reaches(m, n)))) for n in nodes if reaches(n, n)}


@given(edges_of, st.integers(0, 6), st.sampled_from(["up", "down"]), st.none() | st.integers(0, 4))
def test_closure_is_what_a_naive_walk_finds(edges, start, direction, depth):
    everything = naive_distances(edges, start, direction)
    expected = {node: far for node, far in everything.items() if depth is None or far <= depth}
    found = Graph.from_edges(edges).closure(start, direction, depth)
    assert dict(found.nodes) == expected
    assert found.nodes == tuple(sorted(expected.items(), key=lambda item: (item[1], item[0])))
    assert found.edges == tuple(sorted({edge for edge in edges if edge.output in expected and edge.input in expected}))
    assert found.complete == (len(expected) == len(everything))
    assert found.truncated_by == (None if found.complete else "depth")
    assert set(found.cycles) == naive_cycles(edges, set(expected))


def naive_paths(edges, a, b):
    """Every path from output to input without a repeated node, by trying all orders of nodes in between."""
    relations = {}
    for edge in sorted(edges):
        relations.setdefault((edge.output, edge.input, edge.relation), edge)
    step = {}
    for (output, into, _), edge in relations.items():
        step.setdefault((output, into), []).append(edge)
    others = [node for node in range(7) if node not in (a, b)]
    found = []
    for size in range(len(others) + 1):
        for middle in itertools.permutations(others, size):
            nodes = (a, *middle, b)
            choices = [step.get(pair, []) for pair in itertools.pairwise(nodes)]
            found.extend(itertools.product(*choices))
    return found


@given(edges_of, st.integers(0, 6), st.integers(0, 6))
def test_paths_are_what_trying_everything_finds(edges, a, b):
    graph = Graph.from_edges(edges)
    expected = [] if a == b else naive_paths(edges, a, b) + naive_paths(edges, b, a)
    expected.sort(key=lambda path: (len(path), path))
    whole = graph.paths(a, b, all=True, limit=100_000)
    assert (list(whole.paths), whole.complete) == (expected, True)
    shortest = graph.paths(a, b, limit=100_000)
    assert (list(shortest.paths), shortest.complete) == ([path for path in expected if len(path) == len(expected[0])], True)


@given(edges_of, st.integers(0, 6), st.integers(0, 6), st.integers(1, 4))
def test_a_limit_is_said(edges, a, b, limit):
    graph = Graph.from_edges(edges)
    whole = graph.paths(a, b, all=True, limit=100_000).paths
    some = graph.paths(a, b, all=True, limit=limit)
    assert len(some.paths) == min(limit, len(whole))
    assert some.complete == (len(whole) <= limit)
    assert [len(path) for path in some.paths] == [len(path) for path in whole[:limit]]
    assert set(some.paths) <= set(whole)


@given(edges_of, st.integers(0, 6), st.integers(0, 6), st.randoms(use_true_random=False))
def test_order_and_repetition_of_edges_do_not_matter(edges, a, b, rng: random.Random):
    mixed = [*edges, *edges[:3]]
    rng.shuffle(mixed)
    first, second = Graph.from_edges(edges), Graph.from_edges(mixed)
    for direction in ("up", "down"):
        assert first.closure(a, direction) == second.closure(a, direction)
    assert first.paths(a, b, all=True) == second.paths(a, b, all=True)
    assert first.inputs(a) == second.inputs(a)
    assert first.outputs(a) == second.outputs(a)


def test_a_chain_of_a_hundred_thousand():
    length = 100_000
    graph = Graph.from_edges(Edge(node, node + 1, "derived-from", node) for node in range(length))
    closure = graph.closure(0)
    assert (len(closure.nodes), closure.nodes[-1], closure.complete, closure.cycles) == (length + 1, (length, length), True, ())
    found = graph.paths(length, 0, all=True)
    assert (len(found.paths), len(found.paths[0]), found.complete) == (1, length, True)


def test_a_circle_of_a_hundred_thousand_ends():
    length = 100_000
    closure = Graph.from_edges(Edge(node, (node + 1) % length, "derived-from", 0) for node in range(length)).closure(5)
    assert len(closure.nodes) == length
    assert closure.cycles == (tuple(range(length)),)


def test_exponentially_many_paths_stop_at_the_limit():
    # Each of 60 steps goes two ways: 2^60 paths.
    edges = [Edge(node, node + 1, relation, 0) for node in range(60) for relation in ("trained-on", "derived-from")]
    found = Graph.from_edges(edges).paths(0, 60, all=True, limit=20)
    assert (len(found.paths), found.complete) == (20, False)
    assert len(set(found.paths)) == 20


def test_longer_paths_are_not_missing_when_only_the_shortest_are_asked_for():
    graph = Graph.from_edges([Edge(0, 2, "derived-from", 0), Edge(0, 1, "derived-from", 0), Edge(1, 2, "derived-from", 0)])
    found = graph.paths(0, 2, limit=1)
    assert (found.paths, found.complete) == (((Edge(0, 2, "derived-from", 0),),), True)
    assert not graph.paths(0, 2, all=True, limit=1).complete


def test_a_relation_said_twice_is_one_path_and_two_edges():
    graph = Graph.from_edges([Edge(0, 1, "trained-on", 7), Edge(0, 1, "trained-on", 3), Edge(0, 1, "subset-of", 9)])
    found = graph.paths(0, 1, all=True)
    assert found.paths == ((Edge(0, 1, "subset-of", 9),), (Edge(0, 1, "trained-on", 3),))
    assert len(graph.closure(0).edges) == 3


def test_a_search_that_is_too_long_says_so(monkeypatch):
    monkeypatch.setattr(graph_module, "_MOST_STEPS", 50)
    edges = [Edge(a, b, "derived-from", 0) for a in range(10) for b in range(10) if a != b]
    found = Graph.from_edges(edges).paths(0, 9, all=True, limit=10_000)
    assert not found.complete
    assert len(found.paths) < 100


def test_a_limit_of_nodes():
    graph = Graph.from_edges(Edge(0, node, "merged-from", 0) for node in range(1, 10))
    found = graph.closure(0, limit=4)
    assert ([node for node, _ in found.nodes], found.complete, found.truncated_by) == ([0, 1, 2, 3], False, "limit")
    assert graph.closure(0, limit=10).complete


def test_what_nobody_recorded_is_alone():
    found = Graph.from_edges([]).closure(7)
    assert (found.nodes, found.edges, found.cycles, found.complete) == (((7, 0),), (), (), True)


def test_a_loop_is_a_cycle():
    assert Graph.from_edges([Edge(1, 1, "derived-from", 0)]).closure(1).cycles == ((1,),)


@pytest.mark.parametrize(
    "call",
    [
        lambda graph: graph.closure(0, "sideways"),
        lambda graph: graph.closure(0, depth=-1),
        lambda graph: graph.closure(0, limit=0),
        lambda graph: graph.paths(0, 1, limit=0),
    ],
)
def test_arguments_that_do_not_fit(call):
    with pytest.raises(LedgerError) as caught:
        call(Graph.from_edges([]))
    assert caught.value.code == "LG1201"
