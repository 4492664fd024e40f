"""Answers as Parquet: the types are those of the engine, whatever the values are; read back by Arrow and by another DuckDB."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.api import Ledger, QueryResult, to_parquet

NAMES = pa.struct([("a", pa.int32()), ("b c", pa.list_(pa.date32()))])
VALUES: list[tuple[str, pa.DataType, Any]] = [
    ("true", pa.bool_(), True),
    ("1::tinyint", pa.int8(), 1),
    ("255::utinyint", pa.uint8(), 255),
    ("-2::smallint", pa.int16(), -2),
    ("7", pa.int32(), 7),
    ("1::bigint << 40", pa.int64(), 1 << 40),
    ("18446744073709551615::ubigint", pa.uint64(), 2**64 - 1),
    ("sum(2::bigint)", pa.decimal128(38, 0), Decimal(2)),
    ("1.50::decimal(9,2)", pa.decimal128(9, 2), Decimal("1.50")),
    ("[0.1::decimal(38,10)]", pa.list_(pa.decimal128(38, 10)), [Decimal("0.1000000000")]),
    ("0.5::float", pa.float32(), 0.5),
    ("1e300::double", pa.float64(), 1e300),
    ("[1, null, 2]", pa.list_(pa.int32()), [1, None, 2]),
    ("[[1.5::double], []]", pa.list_(pa.list_(pa.float64())), [[1.5], []]),
    ("array_value(1, 2)", pa.list_(pa.int32()), [1, 2]),
    ("[]::bigint[]", pa.list_(pa.int64()), []),
    ("{'a': 1, 'b c': [date '2020-02-29']}", NAMES, {"a": 1, "b c": [date(2020, 2, 29)]}),
    ("{'x\"y': 'é'}", pa.struct([('x"y', pa.string())]), {'x"y': "é"}),
    ("[{'a': null::time}]", pa.list_(pa.struct([("a", pa.time64("us"))])), [{"a": None}]),
    ("map {'x': [1], 'y': null}", pa.map_(pa.string(), pa.list_(pa.int32())), [("x", [1]), ("y", None)]),
    ("map {[1]: 2}", pa.map_(pa.list_(pa.int32()), pa.int32()), [([1], 2)]),
    ("map {'key': [1], 'value': [2]}", pa.map_(pa.string(), pa.list_(pa.int32())), [("key", [1]), ("value", [2])]),
    ("timestamp '2020-01-01 00:00:00.123456'", pa.timestamp("us"), datetime(2020, 1, 1, 0, 0, 0, 123456)),
    ("'2020-01-01'::timestamp_s", pa.timestamp("ms"), datetime(2020, 1, 1)),
    ("date '1969-12-31'", pa.date32(), date(1969, 12, 31)),
    ("time '23:59:59.5'", pa.time64("us"), time(23, 59, 59, 500000)),
    ("interval 3 hours", pa.duration("us"), timedelta(hours=3)),
    ("'\\xff'::blob", pa.binary(), b"\xff"),
    ("'{}'::json", pa.string(), "{}"),
    ("'a'::enum('a', 'b)''')", pa.string(), "a"),
    ("'61c59a69-0414-410a-9d99-7d54768f45dc'::uuid", pa.string(), "61c59a69-0414-410a-9d99-7d54768f45dc"),
    ("null", pa.string(), None),
    ("(170141183460469231731687303715884105727)::hugeint", pa.string(), "170141183460469231731687303715884105727"),
    ("'101'::bit", pa.string(), "101"),
    ("union_value(num := 2)", pa.string(), "2"),
    ("row(1, 'x')", pa.string(), '[1, "x"]'),
    ("'01:02:03+01'::timetz", pa.string(), "01:02:03+01:00"),
]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    folder = tmp_path_factory.mktemp("columns")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        return Ledger.init(folder / "l", "example.org/x", insecure_no_passphrase=True)


def read(data: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(data))


def test_every_type_keeps_its_type_and_value(ledger: Ledger) -> None:
    asked = ", ".join(f"{'any_value' if 'sum' not in text else ''}({text}) AS c{at}" for at, (text, _, _) in enumerate(VALUES))
    found = read(to_parquet(ledger.query(f"SELECT {asked}")))
    for at, (text, type, value) in enumerate(VALUES):
        assert (found.schema.field(at).type, found.column(at).to_pylist()) == (type, [value]), text


def test_a_column_without_values_has_its_type(ledger: Ledger) -> None:
    columns = ", ".join(f"{text} AS c{at}" for at, (text, _, _) in enumerate(VALUES) if "sum" not in text)
    wanted = [type for text, type, _ in VALUES if "sum" not in text and "170141183460469231731687303715884105727" not in text]
    for more in ("LIMIT 0", "WHERE false"):
        found = read(to_parquet(ledger.query(f"SELECT {columns} {more}")))
        types = [field.type for field in found.schema if field.type != pa.decimal128(38, 0)]
        assert types == wanted


def test_another_engine_reads_it(ledger: Ledger, tmp_path: Path) -> None:
    sql = "SELECT [1.5::decimal(4,1)] AS d, {'t': timestamp '2020-01-01'} AS s, map {'x': date '2020-01-01'} AS m, 1 AS a, 2 AS a, 3 AS a_4"
    (tmp_path / "x.parquet").write_bytes(to_parquet(ledger.query(sql)))
    with duckdb.connect() as opened:
        found = opened.execute(f"SELECT * FROM '{tmp_path / 'x.parquet'}'")
        assert [str(item[1]) for item in found.description][:3] == ["DECIMAL(4,1)[]", "STRUCT(t TIMESTAMP)", "MAP(VARCHAR, DATE)"]
        values = ([Decimal("1.5")], {"t": datetime(2020, 1, 1)}, {"x": date(2020, 1, 1)}, 1, 2, 3)
        assert found.fetchall() == [values]
        assert len({item[0] for item in found.description}) == 6


@given(st.text(alphabet="STRUCMAPENDIL()[], \"'a1", max_size=40))
def test_a_type_that_nobody_knows_becomes_text(kind: str) -> None:
    found = read(to_parquet(QueryResult(("x",), (kind,), ((None,), ("y",)))))
    assert found.column(0).to_pylist() == [None, "y"] or found.schema.field(0).type != pa.string()


def test_types_that_are_nested_without_end_become_text() -> None:
    kind = "STRUCT(a " * 5000 + "INTEGER" + ")" * 5000
    assert read(to_parquet(QueryResult(("x",), (kind,), ((1,),)))).column(0).to_pylist() == ["1"]
    assert read(to_parquet(QueryResult(("x",), ("INTEGER" + "[]" * 5000,), ((1,),)))).num_rows == 1
