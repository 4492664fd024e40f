"""Rows as columns: the statements of a size, found by what they say, and what is no statement."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.api import Ledger, LedgerError
from ledger.store.columns import Payloads, array, equal, integers, rows_at, table


class Tables:
    """A reader of tables that are given."""

    def __init__(self, **tables: pa.Table) -> None:
        self.tables = tables
        self.segments = self

    def read(self, name, size, columns):
        return self.tables[name].select(list(columns))

    def reloading(self, work):
        return work(10**9)


def statements(*payloads: str) -> Tables:
    half = len(payloads) // 2
    parts = [pa.chunked_array([list(payloads[:half]), list(payloads[half:])], pa.string())]
    return Tables(statements=pa.table([pa.array(range(len(payloads)), pa.int64()), *parts], names=["idx", "payload"]))


@pytest.mark.parametrize(
    "payload", ["", "{", "[]", "3", "{}", '{"predicateType":3}', '{"predicateType":"x","predicate":{}}', "[" * 100_000]
)
def test_what_is_no_statement(payload: str) -> None:
    found = Payloads(statements("{}", payload), 2)  # type: ignore[arg-type]
    with pytest.raises(LedgerError) as caught:
        found.statement(1)
    assert caught.value.code == "LG0609"


def test_what_is_not_here(empty: Ledger) -> None:
    found = Payloads(empty._store, empty.size)
    assert found.statement(0).kind == "key"
    for index in (-1, empty.size, 10**12):
        with pytest.raises(LedgerError) as caught:
            found.statement(index)
        assert caught.value.code == "LG0616"
    with pytest.raises(LedgerError):
        Payloads(empty._store, 0).statement(0)


def test_who_names_an_address(empty: Ledger, tmp_path: Path) -> None:
    odd = ['https://example.org/a"b', "https://example.org/a.b", "https://example.org/ä", "https://example.org/a+b"]
    for number, address in enumerate(odd):
        (tmp_path / f"{number}").write_text(address)
        empty.record("dataset", tmp_path / f"{number}", name=f"d{number}", version="1", sources=[address])
    found = Payloads(empty._store, empty.size)
    for number, address in enumerate(odd):
        assert [said["name"] for said in found.naming({address}).values()] == [f"d{number}"]
    assert len(found.naming(set(odd))) == 4
    assert found.naming(set()) == {}
    assert len(found.naming({f"https://example.org/{number}" for number in range(100)})) == 4
    assert Payloads(empty._store, 2).naming(set(odd)).keys() == {1}


@given(st.lists(st.integers(-(2**62), 2**62)), st.integers(0, 5))
def test_numbers_and_truth(values: list[int], cut: int) -> None:
    whole = pa.chunked_array([pa.array(values, pa.int64())[cut:], pa.array(values, pa.int64())], pa.int64())
    assert array(whole).tolist() == values[cut:] + values
    truth = [value % 2 == 0 for value in values]
    assert array(pa.array(truth, pa.bool_())[cut:]).tolist() == [int(item) for item in truth[cut:]]
    rows = pa.table([whole], names=["idx"])
    assert integers(rows_at(rows, array(pa.array(range(len(whole)), pa.int32()))[::-1]), "idx").tolist() == (values[cut:] + values)[::-1]
    kept = table(Tables(t=rows), "t", 10, ("idx",), ("idx", values[:2]))  # type: ignore[arg-type]
    assert integers(kept, "idx").tolist() == [value for value in values[cut:] + values if value < 10 and value in values[:2]]


def test_texts_that_may_be_missing() -> None:
    found = pa.table([pa.array(["release", None, "dataset"])], names=["kind"])
    assert equal(found, "kind", "release").tolist() == [True, False, False]
