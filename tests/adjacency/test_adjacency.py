"""The adjacency against sets of edges: what it holds, what it reaches, what it leaves out as of a size; on random graphs with circles."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.adjacency import build as building
from ledger.adjacency import walk as walking
from ledger.adjacency.arrays import MAGIC, Arrays, read, same, write
from ledger.adjacency.between import edges_between, inputs_of, outputs_of
from ledger.adjacency.build import build, edges_of
from ledger.adjacency.walk import Side, Walk
from ledger.errors import LedgerError
from ledger.lineage.graph import Edge, Graph
from ledger.lineage.indexed import IndexedGraph

TEXTS = ("built-by", "derived-from", "trained-on")
Rows = list[tuple[int, int, int, int]]


def made(rows: Rows, nodes: int, appeared: list[int] | None = None) -> Arrays:
    """The adjacency of (output, input, relation, log index)."""
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    out, given, relation, at = (
        np.array(column, kind) for column, kind in zip(columns, (np.int32, np.int32, np.uint8, np.int32), strict=True)
    )
    return build(out, given, relation, at, np.array(appeared if appeared is not None else [0] * nodes, np.int32))


def naive(rows: Rows, start: int, direction: str) -> set[int]:
    """Add what is next to what was found until nothing is new."""
    found = {start}
    while True:
        step = {given if direction == "up" else out for out, given, _, _ in rows if (out if direction == "up" else given) in found}
        if step <= found:
            return found
        found |= step


def reached(arrays: Arrays, start: int, direction: str) -> list[int]:
    side = Side(arrays, down=direction == "down")
    walk = Walk(side)
    walk.go([side.position(start)])
    return sorted(walk.nodes().tolist())


def graphs(most: int) -> st.SearchStrategy[tuple[int, Rows]]:
    return st.integers(1, most).flatmap(
        lambda nodes: st.tuples(
            st.just(nodes),
            st.lists(
                st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1), st.integers(0, 2), st.integers(0, 9)), max_size=4 * nodes
            ),
        )
    )


@given(graphs(12))
def test_it_holds_the_edges_that_it_was_built_from_each_once(graph: tuple[int, Rows]) -> None:
    nodes, rows = graph
    arrays = made(rows, nodes)
    assert sorted(zip(*(column.tolist() for column in edges_of(arrays)), strict=True)) == sorted(set(rows))
    assert arrays.edges == len(set(rows)) and arrays.nodes == nodes
    assert sorted(arrays.node_of.tolist()) == list(range(nodes))
    assert [arrays.pos[node] for node in arrays.node_of] == list(range(nodes))
    for place in range(nodes):
        if arrays.run_relation[place] != 255:
            assert arrays.run[place] == arrays.run[place - 1] and arrays.node_of[place - 1] < arrays.node_of[place]
        else:
            assert place == arrays.starts[arrays.run[place]]


@given(graphs(12), st.randoms())
def test_the_same_edges_in_any_order_give_the_same_arrays(graph: tuple[int, Rows], rng: random.Random) -> None:
    nodes, rows = graph
    other = rows + rows[: len(rows) // 2]
    rng.shuffle(other)
    assert same(made(rows, nodes), made(other, nodes))


@given(graphs(12), st.sampled_from([0, 1, 80]))
def test_it_reaches_what_a_naive_walk_does(graph: tuple[int, Rows], many: int) -> None:
    nodes, rows = graph
    arrays = made(rows, nodes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walking, "_MANY", many)
        patch.setattr(walking, "_LONG", many // 2)
        for start in range(nodes):
            for direction in ("up", "down"):
                assert reached(arrays, start, direction) == sorted(naive(rows, start, direction))


@given(graphs(9))
def test_rows_of_one_node_and_between_nodes(graph: tuple[int, Rows]) -> None:
    nodes, rows = graph
    arrays = made(rows, nodes)
    for size in (0, 5, 10):
        below = sorted({row for row in rows if row[3] < size})
        for node in range(nodes):
            assert inputs_of(arrays, node, size) == [row for row in below if row[0] == node]
            assert outputs_of(arrays, node, size) == [row for row in below if row[1] == node]
        some = set(range(0, nodes, 2))
        found = edges_between(arrays, np.array(sorted(some), np.int32), size)
        wanted = [row for row in below if row[0] in some and row[1] in some]
        assert sorted(zip(*(column.tolist() for column in found), strict=True)) == wanted


def ledger_like(rng: random.Random, nodes: int, edges: int) -> tuple[Rows, list[int]]:
    """Statements in order of a log: most record something new, some add inputs to what is old; circles come from those."""
    appeared, rows, at = [], [], 0
    while len(appeared) < nodes:
        at += rng.random() < 0.8
        if appeared and rng.random() < 0.15:
            out = rng.randrange(len(appeared))
        else:
            out = len(appeared)
            appeared.append(at)
        for _ in range(rng.randrange(1, max(2, 2 * edges // nodes))):
            given = rng.randrange(len(appeared))
            rows.append((out, given, rng.randrange(3), at))
    return rows, appeared


@pytest.mark.parametrize("seed", range(200))
def test_two_hundred_random_graphs_with_circles(seed: int) -> None:
    """As a ledger asks: an adjacency of the entries below some size, rows since, and an answer as of any size."""
    rng = random.Random(seed)
    nodes = rng.choice((5, 30, 120))
    rows, appeared = ledger_like(rng, nodes, nodes * rng.choice((1, 2, 4)))
    last = max(row[3] for row in rows) + 1
    base = rng.choice((0, last // 2, last))
    stored = [row for row in rows if row[3] < base]
    before = [at for at in appeared if at < base]
    arrays = made(stored, len(before), before) if stored else None
    since = [row for row in rows if row[3] >= base]
    for size in {last, base, rng.randrange(1, last + 1)}:
        there = [row for row in rows if row[3] < size]
        count = sum(at < size for at in appeared)
        if not count:
            continue
        graph = IndexedGraph(arrays, since, TEXTS, size, count)
        plain = Graph.from_edges(Edge(out, given, TEXTS[relation], at) for out, given, relation, at in there)
        for start in rng.sample(range(count), min(count, 8)):
            for direction in ("up", "down"):
                assert graph.reach(start, direction) == sorted(naive(there, start, direction))
                assert graph.closure(start, direction) == plain.closure(start, direction)
                assert graph.closure(start, direction, 2) == plain.closure(start, direction, 2)
                assert graph.closure(start, direction, limit=3) == plain.closure(start, direction, limit=3)
            assert (graph.inputs(start), graph.outputs(start)) == (plain.inputs(start), plain.outputs(start))
            other = rng.randrange(count)
            assert graph.paths(start, other, limit=20) == plain.paths(start, other, limit=20)
            assert graph.common([start, other]) == sorted(naive(there, start, "up") & naive(there, other, "up"))


def test_a_deep_chain_is_one_run_and_a_wide_node_one_row() -> None:
    depth = 5_000
    arrays = made([(n, n - 1, 0, n) for n in range(1, depth)], depth)
    assert len(arrays.starts) == 2 and len(arrays.up_idx) == 0
    assert reached(arrays, depth - 1, "up") == list(range(depth))
    wide = made([(depth - 1, n, 0, depth) for n in range(depth - 1)], depth)
    assert reached(wide, depth - 1, "up") == list(range(depth))
    assert reached(wide, 7, "down") == [7, depth - 1]


def test_an_edge_costs_less_than_twenty_bytes_when_each_statement_records_one_thing() -> None:
    rng = random.Random(3)
    rows = [(n, given, 0, n) for n in range(1, 20_000) for given in {n - 1, rng.randrange(n), rng.randrange(n)}]
    arrays = made(rows, 20_000, list(range(20_000)))
    assert arrays.bytes / arrays.edges < 20


# --- the file ---------------------------------------------------------------------------------------


@given(graphs(8))
@settings(max_examples=30)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, graph: tuple[int, Rows]) -> None:
    nodes, rows = graph
    path = tmp_path_factory.mktemp("file") / "a"
    write(path, made(rows, nodes))
    assert same(read(path), made(rows, nodes))
    assert [item.name for item in path.parent.iterdir()] == ["a"]


def test_every_cut_file_and_foreign_ones_are_refused_or_whole(tmp_path: Path) -> None:
    arrays = made([(1, 0, 0, 1), (2, 0, 1, 2), (2, 1, 1, 2), (0, 2, 1, 3)], 3)
    path = tmp_path / "a"
    write(path, arrays)
    good = path.read_bytes()
    for length in range(len(good)):
        path.write_bytes(good[:length])
        try:
            found = read(path)
        except ValueError:
            continue
        assert same(found, arrays), length  # only padding was cut
    header = good[len(MAGIC) :].split(b"\n")[0]
    for other in (
        b"",
        b"{}",
        b"[]",
        b'{"nodes": 3, "arrays": {}}',
        header.replace(b'"nodes": 3', b'"nodes": 2'),
        header.replace(b"node_of", b"another"),
        header.replace(b"<i4", b"<f4"),
        header.replace(b"<i4", b"|O8"),
        header.replace(b", 3, ", b", -3, ", 1),
        header.replace(b", 3, ", b", 99, ", 1),
    ):
        path.write_bytes(MAGIC + other.ljust(len(header)) + good[len(MAGIC) + len(header) :])
        with pytest.raises(ValueError):
            read(path)
    path.write_bytes(b"something else")
    with pytest.raises(ValueError, match="no adjacency"):
        read(path)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none")


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    write(path, made([(1, 0, 0, 1)], 2))
    good = path.read_bytes()
    monkeypatch.setattr("ledger.adjacency.arrays.os.fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "no space left")))
    with pytest.raises(OSError, match="no space"):
        write(path, made([(1, 0, 0, 1), (1, 1, 0, 1)], 2))
    assert path.read_bytes() == good and [item.name for item in tmp_path.iterdir()] == ["a"]


def test_damaged_arrays_give_an_answer_or_a_named_error(tmp_path: Path) -> None:
    rng = random.Random(5)
    rows, appeared = ledger_like(rng, 60, 200)
    path = tmp_path / "a"
    write(path, made(rows, 60, appeared))
    good = path.read_bytes()
    begin = good.index(b"}\n")
    damaged = 0
    for place in range(begin + 2, len(good), 7):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0xC1]) + good[place + 1 :])
        graph = IndexedGraph(read(path), [], TEXTS, 10_000, 60)
        for ask in ("inputs", "outputs", "closure", "down", "paths"):
            try:
                if ask == "paths":
                    graph.paths(59, 0)
                elif ask == "down":
                    graph.closure(0, "down")
                else:
                    getattr(graph, ask)(59)
            except LedgerError as error:
                assert error.code == "LG0615" and "--repair" in str(error.hint)
                damaged += 1
    assert damaged > 50


def test_runs_take_the_last_input_that_is_free() -> None:
    assert building._ROUNDS >= 2
    arrays = made([(2, 0, 0, 1), (2, 1, 0, 1), (3, 0, 0, 1), (3, 1, 0, 1)], 4)
    # 2 takes 1; 3 wanted it too, and takes 0.
    assert arrays.node_of.tolist() == [0, 3, 1, 2]
