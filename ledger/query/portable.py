"""The views for Spark SQL over the Parquet files of a snapshot, so that the same questions can be asked there."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.query._generated import SELECTS
from ledger.query.derived import DERIVED
from ledger.query.named import named_queries


def spark_views(folder: str = "tables") -> Iterator[str]:
    """The statements that make temporary views over `<folder>/<table>.parquet`; a view that needs DuckDB's JSON is not among them."""
    for table, select in SELECTS.items():
        shown = select.replace("::JSON", "")
        yield f"CREATE OR REPLACE TEMPORARY VIEW {table} AS SELECT {shown} FROM parquet.`{folder}/{table}.parquet`"
    for view in DERIVED:
        if (text := view.select if view.spark is None else view.spark) != "":
            yield f"CREATE OR REPLACE TEMPORARY VIEW {view.name} AS {text}"


def spark_sql() -> str:
    """The file `views.spark.sql` of a snapshot: run in the snapshot's folder."""
    head = "-- The views of openness-ledger over this snapshot for Spark SQL 4.3: run each in this folder, then a text of queries/.\n"
    return head + "".join(f"{statement};\n" for statement in spark_views())


def query_files() -> Iterator[tuple[str, str]]:
    """Name and content of the files in `queries/` of a snapshot."""
    for item in named_queries():
        lines = [f"-- {item.question}", *(f"-- :{one.name} {one.type}: {one.meaning}" for one in item.parameters)]
        lines += [f"-- {name}: {meaning}" for name, meaning in item.columns]
        yield f"{item.name}.sql", "\n".join([*lines, item.sql, ""])
