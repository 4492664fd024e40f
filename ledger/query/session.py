"""One locked-down DuckDB session over the segments in force.

What is locked: the only files that the engine may open are the segments named here; no extensions, no network, no settings after the
start; exactly one statement, and it is a SELECT. What is limited: memory, rows, and time (the query is interrupted). The
views are the interface; the functions `ledger_root()` and `columns` come with them.
Source: DuckDB 2.0, "Securing DuckDB". SQL is not a sandbox against a hostile engine bug: serve it to strangers from a process of its own.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.errors import LedgerError
from ledger.query._generated import COMMENTS, SELECTS, STORED

if TYPE_CHECKING:
    import duckdb

MEMORY_LIMIT = "2GB"
# More than the engine could hand over; it takes 64 bits.
_MOST_ROWS = 1 << 40
# How long an interrupted engine may take to stop.
_PATIENCE_SECONDS = 5.0

# The signed root from the leaf records alone: RFC 6962 level by level; an odd last node is carried up.
_ROOT = """
CREATE MACRO ledger_root() AS (
  WITH RECURSIVE level(k, n, i, h) AS (
    SELECT 0, (SELECT count(*) FROM entries), idx, unhex(sha256('\\x00'::BLOB || leaf)) FROM entries
    UNION ALL
    SELECT k + 1, (n + 1) // 2, i // 2, CASE WHEN r IS NULL THEN l ELSE unhex(sha256('\\x01'::BLOB || l || r)) END
    FROM (SELECT k, n, i, h AS l, lead(h) OVER (PARTITION BY k ORDER BY i) AS r FROM level WHERE n > 1) WHERE i % 2 = 0
  )
  SELECT coalesce(
    (SELECT lower(hex(h)) FROM level WHERE n = 1
      AND (SELECT count(*) = max(idx) + 1 AND count(DISTINCT idx) = count(*) FROM entries)),
    (SELECT sha256(''::BLOB) WHERE NOT EXISTS (SELECT 1 FROM entries)))
)
"""


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """Bounds on one query."""

    seconds: float = 60.0
    rows: int = 1_000_000


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Column names, their database types, and rows of plain values."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def plain_rows(self) -> list[list[Any]]:
        """The rows as JSON can carry them: times as RFC 3339, bytes as hex, big or exact numbers as text."""
        return [[plain(value) for value in row] for row in self.rows]


def plain(value: Any) -> Any:
    """One database value as JSON can carry it."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 - 1 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return value.isoformat() + ("" if value.tzinfo else "Z")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return str(value)


def to_parquet(result: QueryResult) -> bytes:
    """An answer as one Parquet file; columns whose values Arrow cannot take together become text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [name if result.columns.index(name) == at else f"{name}_{at}" for at, name in enumerate(result.columns)]
    columns = []
    for at in range(len(names)):
        values = [row[at] for row in result.rows]
        try:
            columns.append(pa.array(values))
        except (pa.ArrowException, OverflowError):
            columns.append(pa.array([None if value is None else str(value) for value in values]))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(columns, names=names), sink)
    return bytes(sink.getvalue())


def run(sql: str, segments: Mapping[str, Sequence[Path]], size: int, limits: QueryLimits | None = None) -> QueryResult:
    """Run one SELECT.

    Args:
        sql: the query.
        segments: for each table, the Parquet files in force.
        size: rows of entries at or after it are not seen (`--at`).
        limits: time and rows.

    Raises:
        LedgerError: LG0701 not a single SELECT, LG0702 it does not run, LG0703 over a limit, LG0610 a segment was replaced.
    """
    import duckdb

    bounds = limits or QueryLimits()
    timer = None
    connection = None
    try:
        connection = _connect(segments, size)
        _check_single_select(connection, sql)
        timer = threading.Timer(min(bounds.seconds, threading.TIMEOUT_MAX), connection.interrupt)
        timer.start()
        found, described = _interruptible(connection, sql, min(bounds.rows, _MOST_ROWS))
    except duckdb.InterruptException:
        raise LedgerError("LG0703", f"the query ran longer than {bounds.seconds:g} seconds", hint="narrow it, or --seconds N") from None
    except duckdb.OutOfMemoryException:
        raise LedgerError("LG0703", f"the query needs more memory than {MEMORY_LIMIT}", hint="narrow it, such as with WHERE") from None
    except (duckdb.Error, RuntimeError) as error:
        raise _translated(error, segments) from None
    finally:
        if timer is not None:
            timer.cancel()
        if connection is not None:
            connection.close()
    if len(found) > bounds.rows:
        raise LedgerError("LG0703", f"the query gives more than {bounds.rows} rows", hint="add LIMIT, or --max-rows N")
    return QueryResult(tuple(item[0] for item in described), tuple(str(item[1]) for item in described), tuple(found))


def _interruptible(connection: duckdb.DuckDBPyConnection, sql: str, rows: int) -> tuple[list[Any], list[Any]]:
    """Rows and description. The engine runs in a thread of its own, so that Ctrl-C reaches this one however busy it is."""
    done: list[tuple[list[Any], list[Any]]] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            cursor = connection.execute(sql)
            done.append((cursor.fetchmany(rows + 1), list(cursor.description or [])))
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that asked
            failed.append(error)
        finally:
            over.set()

    # An event and not `join`, which after an interrupt takes a thread that still runs for one that has ended.
    over = threading.Event()
    threading.Thread(target=work, name="query", daemon=True).start()
    try:
        over.wait()
    except BaseException:
        connection.interrupt()
        over.wait(_PATIENCE_SECONDS)
        raise
    if failed:
        raise failed[0]
    return done[0]


def _translated(error: Exception, segments: Mapping[str, Sequence[Path]]) -> LedgerError:
    import duckdb

    paths = [path for found in segments.values() for path in found]
    gone = next((path for path in paths if not path.exists()), None)
    if gone is not None:
        return LedgerError("LG0610", f"`{gone}` is gone")
    if not isinstance(error, (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)):
        changed = next((path for path in paths if not _as_named(path)), None)
        if changed is not None:
            return LedgerError("LG0609", f"`{changed}` does not have the digest in its name: {_reason(error)}")
    return LedgerError("LG0702", _reason(error))


def _as_named(path: Path) -> bool:
    """Whether a segment has the digest in its name."""
    try:
        return path.name.split(".")[-2] == hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError:
        return False


def _reason(error: Exception) -> str:
    """What the engine says, with its suggestions and without the picture of where."""
    lines: list[str] = []
    for line in str(error).strip().splitlines():
        if line.startswith("LINE "):
            break
        lines.append(line.strip())
    return " ".join(line for line in lines if line)[:500]


def _connect(segments: Mapping[str, Sequence[Path]], size: int) -> duckdb.DuckDBPyConnection:
    import duckdb

    files = [str(path) for paths in segments.values() for path in paths]
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
            "temp_directory": "",
            "memory_limit": MEMORY_LIMIT,
        },
    )
    for table, select in SELECTS.items():
        connection.execute(_view(table, select, [str(path) for path in segments.get(table, ())], size))
    _describe(connection)
    connection.execute(_ROOT)
    connection.execute("SET allowed_paths = $paths", {"paths": files})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _view(table: str, select: str, paths: Sequence[str], size: int) -> str:
    if not paths:
        empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in STORED[table])
        return f"CREATE VIEW {table} AS SELECT {select} FROM (SELECT {empty} LIMIT 0)"
    listed = ", ".join(_quoted(path) for path in paths)
    return f"CREATE VIEW {table} AS SELECT {select} FROM read_parquet([{listed}]) WHERE idx < {size}"


def _describe(connection: duckdb.DuckDBPyConnection) -> None:
    """Comments on views and columns, and the view `columns` that lists them."""
    values = ", ".join(f"({_quoted(table)}, {_quoted(column)}, {_quoted(text)})" for table, column, text in COMMENTS)
    connection.execute(f"CREATE VIEW columns AS SELECT * FROM (VALUES {values}) AS c(table_name, column_name, comment)")
    for table, column, text in COMMENTS:
        target = f"VIEW {table}" if not column else f"COLUMN {table}.{column}"
        connection.execute(f"COMMENT ON {target} IS {_quoted(text)}")


def _check_single_select(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    import duckdb

    if any(0xD800 <= ord(char) <= 0xDFFF for char in sql):
        raise LedgerError("LG0702", "the query holds a lone surrogate")
    try:
        found = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise LedgerError("LG0702", _reason(error)) from None
    if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
        kinds = ", ".join(item.type.name for item in found) or "nothing"
        raise LedgerError("LG0701", f"only one SELECT is run; this is: {kinds}")
