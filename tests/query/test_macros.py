"""The table macros against a naive closure, on random graphs with cycles and as of a size; in the session and in snapshots."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query.asked import SIZE, asked_ledger
from query.naive_asking import World
from reference.naive_ledger import verify_ledger

from ledger.api import Ledger, export_duckdb, export_parquet
from ledger.errors import LedgerError
from ledger.query._generated import STORED
from ledger.query.snapshot import _views

Edges = list[tuple[int, int]]


def tables(nodes: int, edges: Edges, releases: set[int]) -> duckdb.DuckDBPyConnection:
    """The documented views and macros over tables that hold a graph; entry N states edge N. Every third edge is a component."""
    made = duckdb.connect()
    made.execute("CREATE SCHEMA stored")
    for table, columns in STORED.items():
        made.execute(f"CREATE TABLE stored.{table} ({', '.join(f'{name} {kind}' for name, kind in columns)})")
    for statement in _views("stored.{table}"):
        made.execute(statement)
    for number in range(nodes):
        form, kind = ("sha256", "release") if number in releases else ("tree", "dataset")
        row = [0, number, number.to_bytes(32, "big"), form, kind, f"n{number}", None, 1, 1, 0, True]
        made.execute(f"INSERT INTO stored.artifacts VALUES ({', '.join('?' * len(row))})", row)
    for idx, (output, into) in enumerate(edges):
        if idx % 3:
            made.execute("INSERT INTO stored.edges VALUES (?, 0, ?, ?, 'made-from')", [idx, output, into])
        else:
            made.execute("INSERT INTO stored.components VALUES (?, 0, ?, 'datasets', ?)", [idx, output, into])
        if idx % 2:
            made.execute("INSERT INTO stored.licenses VALUES (?, 0, ?, 'declared', 'MIT', 'MIT', 'argument', NULL)", [idx, into])
    return made


def closure(edges: Edges, start: int, up: bool) -> dict[int, int]:
    """Fewest steps to all that is reached, without the start."""
    found, edge, steps = {start: 0}, {start}, 0
    while edge:
        steps += 1
        edge = {(into if up else output) for output, into in edges if (output if up else into) in edge} - set(found)
        found.update(dict.fromkeys(edge, steps))
    return {node: far for node, far in found.items() if far}


@st.composite
def graphs(draw: Any) -> tuple[int, Edges, set[int]]:
    nodes = draw(st.integers(1, 9))
    node = st.integers(0, nodes - 1)
    return nodes, draw(st.lists(st.tuples(node, node), max_size=24)), draw(st.sets(node))


@settings(max_examples=60)
@given(graphs(), st.data())
def test_the_macros_are_the_naive_closure_on_any_graph(graph: tuple[int, Edges, set[int]], data: st.DataObject) -> None:
    nodes, edges, releases = graph
    made = tables(nodes, edges, releases)
    start, source = data.draw(st.integers(0, nodes - 1)), data.draw(st.integers(0, nodes - 1))
    upto = data.draw(st.integers(1, len(edges) + 1) | st.none())
    seen = edges[:upto]
    more = "" if upto is None else f", upto := {upto}"

    def asked(macro: str, columns: str) -> list[Any]:
        return made.execute(f"SELECT {columns} FROM {macro.replace(')', more + ')')}").fetchall()

    up, down = closure(seen, start, True), closure(seen, start, False)
    assert dict(asked(f"ancestors({start})", "artifact_no, depth")) == up
    assert (
        dict(asked(f"descendants('tree:{start:064x}')" if start not in releases else f"descendants({start})", "artifact_no, depth")) == down
    )
    assert dict(asked(f"releases_of({start})", "artifact_no, depth")) == {node: far for node, far in down.items() if node in releases}
    licensed = {into for idx, (_, into) in enumerate(edges) if idx % 2 and (upto is None or idx < upto)}
    wanted = {(node, "MIT" if node in licensed else None) for node in up}
    assert sorted(asked(f"release_licenses({start})", "artifact_no, normalized"), key=str) == sorted(wanted, key=str)
    steps = asked(f"why({start}, {source})", "step, output_name, input_name")
    way = sorted({(step, int(output[1:]), int(into[1:])) for step, output, into in steps})
    assert len(way) == (up.get(source, 0) if start != source else 0)
    if way:
        assert [step for step, _, _ in way] == list(range(1, len(way) + 1))
        assert (way[0][1], way[-1][2]) == (start, source)
        assert all(one[2] == two[1] for one, two in pairwise(way))
        assert all((output, into) in seen for _, output, into in way)
    made.close()


def test_a_wide_and_deep_graph_is_walked_once() -> None:
    """A ladder has 2^n ways through it; walking ways and not things would never end."""
    rungs = 40
    edges = [(2 * n + a, 2 * n + 2 + b) for n in range(rungs) for a in (0, 1) for b in (0, 1)]
    made = tables(2 * rungs + 2, edges, set())
    assert dict(made.execute("SELECT artifact_no, depth FROM ancestors(0)").fetchall()) == closure(edges, 0, True)
    assert len(made.execute(f"SELECT * FROM why(0, {2 * rungs})").fetchall()) == rungs


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    folder = tmp_path_factory.mktemp("macros")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        return asked_ledger(folder)


@pytest.mark.parametrize("size", [4, 9, 12, SIZE])
def test_the_session_s_macros_are_the_naive_closure_at_a_size(ledger: Ledger, size: int) -> None:
    world, then = World(verify_ledger(ledger.layout.root), size), Ledger.open(ledger.layout.root, at=size)
    for own in world.order[:: 3 if size < SIZE else 2]:
        for macro, up in (("ancestors", True), ("descendants", False)):
            wanted = {id: far for id, far in world.walk(own, up, 1000)[0].items() if far}
            assert dict(then.query(f"SELECT id, depth FROM {macro}('{own}')").rows) == wanted


@pytest.mark.parametrize("argument", ["'nobody'", "NULL", "-1", "''", "10", "1.5", "'a''b'"])
def test_what_is_not_there_is_an_error_and_not_nothing(ledger: Ledger, argument: str) -> None:
    then = Ledger.open(ledger.layout.root, at=8)
    for call in (f"ancestors({argument})", f"descendants({argument})", f"why({argument}, 0)", f"release_licenses({argument})"):
        with pytest.raises(LedgerError) as refused:
            then.query(f"SELECT * FROM {call}")
        assert (refused.value.code, "nothing is recorded as" in refused.value.message) == ("LG0702", True), call


@pytest.mark.parametrize(
    "sql",
    [
        "select * from ancestors((select content from read_text('/etc/passwd')))",
        "select * from ancestors(0, upto := (select count(*) from glob('/etc/*')))",
        "select * from why(0, (select max(a) from read_csv('/etc/passwd') t(a)))",
        "create or replace macro ancestors(artifact) as table select 1",
        "drop macro table ancestors",
        "create macro mine() as table select 1",
    ],
)
def test_they_open_no_way_out(ledger: Ledger, sql: str) -> None:
    with pytest.raises(LedgerError) as refused:
        ledger.query(sql)
    assert refused.value.code in {"LG0701", "LG0702"}


def test_snapshots_have_them_and_the_named_questions(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export_duckdb(ledger, tmp_path / "l.duckdb")
    export_parquet(ledger, tmp_path / "snapshot")
    wanted = ledger.query("SELECT depth, id FROM ancestors('8')").rows
    assert len(wanted) > 1
    with duckdb.connect(str(tmp_path / "l.duckdb"), read_only=True) as opened:
        assert tuple(opened.execute("SELECT depth, id FROM ancestors('8')").fetchall()) == wanted
        assert opened.execute("SELECT count(*) FROM descendants(0, upto := 5)").fetchall() == [(2,)]
    monkeypatch.chdir(tmp_path / "snapshot")
    with duckdb.connect() as opened:
        opened.execute((tmp_path / "snapshot/views.sql").read_text("utf-8"))
        assert tuple(opened.execute("SELECT depth, id FROM ancestors(8)").fetchall()) == wanted
        text = (tmp_path / "snapshot/queries/largest-artifacts.sql").read_text("utf-8").replace(":rows", "$rows")
        assert len(opened.execute(text[text.index("SELECT") :], {"rows": 3}).fetchall()) == 3
