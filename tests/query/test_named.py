"""The named questions: answers written by hand, the same from a naive reader at every size, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import make_inputs
from query.asked import SIZE, asked_ledger, golden, meant
from query.naive_asking import ANSWERS, World
from reference.naive_ledger import Report, verify_ledger

from ledger.api import Ledger, QueryLimits
from ledger.errors import LedgerError
from ledger.query.named import NamedQuery, for_duckdb, markers, named_queries, parse

NAMES = [item.name for item in named_queries()]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    folder = tmp_path_factory.mktemp("asked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        return asked_ledger(folder)


@pytest.fixture(scope="module")
def naive(ledger: Ledger) -> Report:
    report = verify_ledger(ledger.layout.root)
    assert (report.problems, report.size) == ([], SIZE)
    return report


@pytest.mark.parametrize(("name", "case"), golden())
def test_the_answers_are_those_written_by_hand(ledger: Ledger, naive: Report, tmp_path: Path, name: str, case: dict[str, Any]) -> None:
    inputs = make_inputs(tmp_path)
    wanted = [[meant(naive, inputs, value) for value in row] for row in case["rows"]]
    if name == "licence-disagreements":
        wanted.sort()
    found = Ledger.open(ledger.layout.root, at=case["at"]).ask(name, **case["set"])
    assert found.result.plain_rows() == wanted
    assert found.size == (SIZE if case["at"] is None else case["at"])
    assert found.complete is all(row[-1] for row in wanted if found.result.columns[-1] == "complete")


def test_every_question_has_an_answer_now_and_at_an_earlier_size() -> None:
    assert len(NAMES) >= 20 and set(NAMES) == set(ANSWERS)
    for name in NAMES:
        cases = [case for other, case in golden() if other == name]
        assert any(case["at"] is None and case["rows"] for case in cases), name
        assert any(case["at"] is not None for case in cases) or name == "common-inputs-of-releases", name


def given(query: NamedQuery, world: World) -> dict[str, Any]:
    """Something to ask it with that is there at this size, or nothing."""
    values: dict[str, Any] = {"allowed": "MIT, CC-BY-4.0", "depth": 3, "rows": 4, "since": 2}
    releases = list(world.releases())
    if world.order:
        values["artifact"] = world.order[min(3, len(world.order) - 1)]
    if releases:
        values |= {"release": releases[0], "other": releases[-1]}
    return {item.name: values[item.name] for item in query.parameters if item.name in values}


@pytest.mark.parametrize("size", [0, 4, 9, 12, 15, SIZE])
def test_the_answers_at_any_size_are_those_of_the_naive_reader(ledger: Ledger, naive: Report, size: int) -> None:
    then, world = Ledger.open(ledger.layout.root, at=size), World(naive, size)
    for query in named_queries():
        values = given(query, world)
        if any(item.name not in values for item in query.parameters):
            continue
        found = then.ask(query.name, **values)
        assert found.result.plain_rows() == ANSWERS[query.name](world, **values), query.name
        assert found.result.columns == tuple(name for name, _ in query.columns), query.name


def code(work: Any) -> str:
    with pytest.raises(LedgerError) as refused:
        work()
    return refused.value.code


def test_what_cannot_be_asked(ledger: Ledger) -> None:
    assert code(lambda: ledger.ask("nothing")) == "LG0706"
    assert code(lambda: ledger.ask("../../../etc/passwd")) == "LG0706"
    assert code(lambda: ledger.ask("tainted-by")) == "LG0707"
    assert code(lambda: ledger.ask("releases", artifact="figures@1")) == "LG0707"
    assert code(lambda: ledger.ask("tainted-by", artifact="nobody@1")) == "LG0901"
    assert code(lambda: ledger.ask("common-inputs-of-releases", release="figures@1", other="reader@1")) == "LG1102"
    for value in ("x", "-1", "1.5", "", "9" * 17, "٣", 2**53, -1, True, 1.5, None):
        assert code(lambda value=value: ledger.ask("new-since", since=value)) in {"LG0707", "LG0708"}, value
    for value in ("\ud800", "a\0b", "x" * 100_001):
        assert code(lambda value=value: ledger.ask("restricted-licenses-shipped", allowed=value)) == "LG0708"
    assert code(lambda: ledger.ask("releases", QueryLimits(rows=1))) == "LG0703"
    with pytest.raises(LedgerError) as close:
        ledger.ask("relases")
    assert "`releases`" in close.value.hint


@pytest.mark.parametrize("value", ["' OR 1=1 --", "MIT'; DROP VIEW names; --", "$other", ":depth", "%", "\\", "é", "x" * 50_000])
def test_values_are_bound_and_never_part_of_the_text(ledger: Ledger, value: str) -> None:
    wanted = ledger.ask("restricted-licenses-shipped", allowed="").result.rows
    assert ledger.ask("restricted-licenses-shipped", allowed=value).result.rows == wanted


def test_a_bound_of_no_steps_is_refused(ledger: Ledger) -> None:
    for depth in (0, 1001, "0"):
        assert code(lambda depth=depth: ledger.ask("tainted-by", artifact="ref:base@3.0", depth=depth)) == "LG0708"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a = :b", "a = $b"),
        ("':b' || :b", "':b' || $b"),
        ("'it''s :b' || :b", "'it''s :b' || $b"),
        ('":b" = :b', '":b" = $b'),
        ("a::INT + :b -- :c\n:d", "a::INT + $b -- :c\n$d"),
        ("/* :b */ :b", "/* :b */ $b"),
        ("'open :b", "'open $b"),
        (":1", ":1"),
    ],
)
def test_markers_are_written_as_duckdb_does(text: str, wanted: str) -> None:
    assert for_duckdb(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT 1",
        "-- question: what?\nSELECT 1",
        "-- question: what\n-- column a: b\nSELECT 1 AS a",
        "-- question: what?\n-- column a: b\n",
        "-- question: what?\n-- question: what?\n-- column a: b\nSELECT 1 AS a",
        "-- question: what?\n-- param a number: b\n-- column a: b\nSELECT :a AS a",
        "-- question: what?\n-- param a text: b\n-- column a: b\nSELECT 1 AS a",
        "-- question: what?\n-- column a: b\nSELECT :a AS a",
        "-- question: what?\n-- columns: a\n-- column a: b\nSELECT 1 AS a",
    ],
)
def test_a_damaged_file_is_refused(text: str) -> None:
    assert code(lambda: parse("x", text)) == "LG0709"


def test_the_texts_keep_to_what_both_engines_have() -> None:
    for query in named_queries():
        assert ";" not in query.sql and "$" not in query.sql and "::" not in query.sql and "json" not in query.sql.lower(), query.name
        if "RECURSIVE" in query.sql:
            assert "UNION ALL" in query.sql and "SELECT DISTINCT" in query.sql and "depth < :depth" in query.sql, query.name
        assert markers(query.sql) == {item.name for item in query.parameters}
        assert query.sql.isascii() and "ORDER BY" in query.sql
