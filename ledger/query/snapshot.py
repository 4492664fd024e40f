"""A copy of the tables for auditors' own tools: sorted Parquet files with `views.sql`, or one DuckDB file.

Nothing in a snapshot has to be trusted: `ledger_root()` over `entries` gives the root that the signed checkpoint beside it states. The
writer's segments are compared with the digests in their names before anything is copied. The files of a Parquet snapshot are the same bytes
for the same log and the same versions of the libraries; a DuckDB file is not, because DuckDB writes them so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import LedgerError
from ledger.query._generated import SELECTS, STORED
from ledger.query.derived import DERIVED
from ledger.query.engine import ROOT_MACRO, comments, macros, quoted
from ledger.query.portable import query_files, spark_sql

if TYPE_CHECKING:
    import duckdb

_PIECE = 1 << 20
_ROW_GROUP = 122_880


@dataclass(frozen=True, slots=True)
class Origin:
    """What a snapshot is of: the log's name, its size, its verifier key, and the signed note of its checkpoint."""

    name: str
    size: int
    key: str
    note: bytes


def write_parquet(segments: Mapping[str, Sequence[Path]], folder: Path, origin: Origin) -> dict[str, int]:
    """Write a snapshot into a folder that is there and empty: `tables/*.parquet`, `views.sql` and `views.spark.sql`, `queries/*.sql`,
    `checkpoint`, `log.vkey`, `README.txt` and `SHA256SUMS`.

    Returns:
        Rows by table.

    Raises:
        LedgerError: LG0606, LG0609, LG0610 for the segments, LG1103 when it cannot be written.
    """
    import duckdb

    _check_all(segments)
    connection = _connect(":memory:")
    counted: dict[str, int] = {}
    try:
        (folder / "tables").mkdir()
        for table in STORED:
            target = quoted(str(folder / "tables" / f"{table}.parquet"))
            source = _source(table, segments.get(table, ()), origin.size)
            options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP}"
            found = connection.execute(f"COPY ({source}) TO {target} ({options})").fetchone()
            counted[table] = int(found[0]) if found else 0
        (folder / "views.sql").write_text(views_sql(), encoding="utf-8")
        (folder / "views.spark.sql").write_text(spark_sql(), encoding="utf-8")
        (folder / "queries").mkdir()
        for name, text in query_files():
            (folder / "queries" / name).write_text(text, encoding="utf-8")
        (folder / "checkpoint").write_bytes(origin.note)
        (folder / "log.vkey").write_text(origin.key + "\n", encoding="utf-8")
        (folder / "README.txt").write_text(_readme(origin), encoding="utf-8")
        (folder / "SHA256SUMS").write_text(_sums(folder), encoding="utf-8")
    except OSError as error:
        raise LedgerError("LG1103", f"cannot write the snapshot to `{folder}`: {error.strerror}") from None
    except duckdb.Error as error:
        raise LedgerError("LG1103", f"cannot write the snapshot to `{folder}`: {str(error).splitlines()[0]}") from None
    finally:
        connection.close()
    return counted


def write_duckdb(segments: Mapping[str, Sequence[Path]], file: Path, origin: Origin) -> dict[str, int]:
    """Write one DuckDB file: tables in the schema `stored`, the documented views over them, `ledger_root()`, and the table `checkpoint`.

    Returns, raises: as `write_parquet`; the file must not be there.
    """
    import duckdb

    _check_all(segments)
    counted: dict[str, int] = {}
    try:
        connection = _connect(str(file))
    except duckdb.Error as error:
        raise LedgerError("LG1103", f"cannot write `{file}`: {str(error).splitlines()[0]}") from None
    try:
        connection.execute("CREATE SCHEMA stored")
        for table in STORED:
            connection.execute(f"CREATE TABLE stored.{table} AS {_source(table, segments.get(table, ()), origin.size)}")
            found = connection.execute(f"SELECT count(*) FROM stored.{table}").fetchone()
            counted[table] = int(found[0]) if found else 0
        for statement in _views("stored.{table}"):
            connection.execute(statement)
        connection.execute("CREATE TABLE checkpoint (origin VARCHAR, size BIGINT, log_key VARCHAR, note VARCHAR)")
        row = [origin.name, origin.size, origin.key, origin.note.decode("utf-8")]
        connection.execute("INSERT INTO checkpoint VALUES (?, ?, ?, ?)", row)
        connection.execute(
            "COMMENT ON TABLE checkpoint IS 'The signed note of the log at the size of this snapshot (C2SP tlog-checkpoint).'"
        )
        connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        raise LedgerError("LG1103", f"cannot write `{file}`: {str(error).splitlines()[0]}") from None
    finally:
        connection.close()
    return counted


def views_sql() -> str:
    """The statements that give the Parquet files of a snapshot their documented views; run in the snapshot's folder."""
    head = "-- The views of openness-ledger over this snapshot: `duckdb -init views.sql`, in this folder.\n"
    return head + "".join(f"{statement};\n" for statement in _views("'tables/{table}.parquet'"))


def _views(place: str) -> list[str]:
    """The views, their comments, and the macros; `place` is where a table's rows are."""
    found = [f"CREATE VIEW {table} AS SELECT {select} FROM {place.format(table=table)}" for table, select in SELECTS.items()]
    found += [f"CREATE VIEW {view.name} AS {view.select}" for view in DERIVED]
    return [*found, *comments(), ROOT_MACRO.strip(), *macros()]


def _connect(place: str) -> duckdb.DuckDBPyConnection:
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "threads": "1",
    }
    connection = duckdb.connect(place, config=config)
    connection.execute("SET enable_progress_bar = false")
    return connection


def _source(table: str, paths: Sequence[Path], size: int) -> str:
    """The rows of a table below a size, in the order of the log."""
    if not paths:
        empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in STORED[table])
        return f"SELECT {empty} LIMIT 0"
    listed = ", ".join(quoted(str(path)) for path in paths)
    return f"SELECT * FROM read_parquet([{listed}]) WHERE idx < {size}"


def _check_all(segments: Mapping[str, Sequence[Path]]) -> None:
    """Before anything is written, so that nothing is left behind of a copy that cannot be made."""
    for paths in segments.values():
        for path in paths:
            _check(path)


def _check(path: Path) -> None:
    """Raise LedgerError LG0606, LG0609, LG0610 unless a segment has the digest in its name."""
    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as source:
            while piece := source.read(_PIECE):
                digest.update(piece)
    except FileNotFoundError:
        raise LedgerError("LG0610", f"`{path}` is gone") from None
    except OSError as error:
        raise LedgerError("LG0606", f"cannot read `{path}`: {error.strerror}") from None
    if path.name.split(".")[-2] != digest.hexdigest()[:16]:
        raise LedgerError("LG0609", f"`{path}` does not have the digest in its name")


def _readme(origin: Origin) -> str:
    return f"""A snapshot of the ledger {origin.name} at size {origin.size}.

tables/*.parquet  the tables, in the order of the log
views.sql         the documented views and macros over them: duckdb -init views.sql
views.spark.sql   the views for Spark SQL
queries/*.sql     questions of auditors, for both; `:name` is what can be set (DuckDB writes it `$name`)
checkpoint        the signed note of the log at this size (C2SP tlog-checkpoint); its third line is the root, in base64
log.vkey          the log's verifier key (C2SP signed note); compare it with the one that its operator publishes
SHA256SUMS        sha256sum -c SHA256SUMS

To check that nothing is missing or changed: `SELECT ledger_root()` gives the root in hex, from `entries` alone.
"""


def _sums(folder: Path) -> str:
    """What `sha256sum` prints for every file of the snapshot."""
    lines = []
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.relative_to(folder).as_posix()}\n")
    return "".join(lines)
