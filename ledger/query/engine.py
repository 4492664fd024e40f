"""One locked-down DuckDB session over table segments, and the one SELECT that it runs.

What is locked: the only files that the engine may open are the segments named here; no extensions, no network, no secrets, no settings
after the start; exactly one statement, and it is a SELECT. The views are the interface; `columns`, which lists them, `ledger_root()`
and the table macros of `ledger.query.macros` come with them. Source: DuckDB 2.0, "Securing DuckDB". The engine's own word is not enough for
strangers' SQL, so `ledger.query.child` runs this, and only there, in a process that the operating system confines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ledger.errors import LedgerError
from ledger.query._generated import COMMENTS, SELECTS, STORED
from ledger.query.derived import DERIVED
from ledger.query.macros import MACROS

if TYPE_CHECKING:
    import duckdb

MEMORY_LIMIT = "2GB"
# Rows that are handed over at once; few, because a row may hold long texts.
_CHUNK = 1000
# More than the engine could hand over; it takes 64 bits.
_MOST_ROWS = 1 << 40

# The signed root from the leaf records alone: RFC 6962 level by level; an odd last node is carried up.
ROOT_MACRO = """
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


def answer(
    sql: str,
    segments: Mapping[str, Sequence[str]],
    size: int,
    rows: int,
    threads: int,
    confine: Callable[[], None],
    give: Callable[[Any], None],
    parameters: Mapping[str, Any] | None = None,
) -> None:
    """Run one SELECT and hand over what it gives.

    Args:
        parameters: values of its `$name`, which are bound and never become part of the text.
        segments: by table, the files of its segments; a table that is not in it is withheld, and naming it is an error.
        size: rows of entries at or after it are not seen.
        rows: the most that an answer may have.
        threads: how many the engine may use.
        confine: called when the engine has started, still with one thread, and has seen nothing of the query or the segments.
        give: called with `{"ready": True}` when the query is about to run, with columns and types, and then with lists of rows.

    Raises:
        LedgerError: LG0701 not a single SELECT, LG0702 it does not run, LG0703 over a limit.
    """
    import duckdb

    try:
        connection = _connect(segments, size, threads, confine)
        give({"ready": True})
        check_single_select(connection, sql)
        cursor = connection.execute(sql, dict(parameters)) if parameters else connection.execute(sql)
        described = cursor.description or []
        give({"columns": [item[0] for item in described], "types": [str(item[1]) for item in described]})
        left = min(rows, _MOST_ROWS)
        while found := cursor.fetchmany(min(_CHUNK, left + 1)):
            left -= len(found)
            if left < 0:
                raise LedgerError("LG0703", f"the query gives more than {rows} rows", hint="add LIMIT, or --max-rows N")
            give(found)
    except (duckdb.OutOfMemoryException, MemoryError):
        raise LedgerError("LG0703", f"the query needs more memory than {MEMORY_LIMIT}", hint="narrow it, such as with WHERE") from None
    except (duckdb.Error, RuntimeError, ValueError, OverflowError) as error:
        if "bad_alloc" in str(error) or "llocat" in str(error):
            text = f"the query needs more memory than {MEMORY_LIMIT}: {_reason(error)[:200]}"
            raise LedgerError("LG0703", text, hint="narrow it, such as with WHERE") from None
        raise LedgerError("LG0702", _reason(error)) from None


def _reason(error: Exception) -> str:
    """What the engine says, with its suggestions and without the picture of where, or of the program."""
    if "pytz" in str(error):
        return "times with a zone are not answered: cast them, such as `::timestamp` or `::varchar`"
    lines: list[str] = []
    for line in str(error).strip().splitlines():
        if line.startswith(("LINE ", "Traceback")):
            break
        lines.append(line.strip())
    return " ".join(line for line in lines if line)[:500]


def _connect(segments: Mapping[str, Sequence[str]], size: int, threads: int, confine: Callable[[], None]) -> duckdb.DuckDBPyConnection:
    import duckdb

    files = [path for paths in segments.values() for path in paths]
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_extension_repositories": "forbidden",
            "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
            "temp_directory": "",
            "home_directory": "/nonexistent",
            "secret_directory": "/nonexistent",
            "memory_limit": MEMORY_LIMIT,
            "threads": "1",
            "async_threads": "0",
        },
    )
    # The engine reads files of the system as it starts, such as its control group; what binds a thread binds those that it starts later.
    confine()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET threads = {threads}")
    for table, select in SELECTS.items():
        connection.execute(_view(table, select, segments.get(table), size))
    for view in DERIVED:
        connection.execute(f"CREATE VIEW {view.name} AS {view.select}")
    for statement in (*comments(), ROOT_MACRO, *macros()):
        connection.execute(statement)
    connection.execute("SET allowed_paths = $paths", {"paths": files})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _view(table: str, select: str, paths: Sequence[str] | None, size: int) -> str:
    empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in STORED[table])
    if paths is None:
        # Which tables a query is given is decided by the names in its text, and one that it makes up as it runs is not there.
        said = quoted(f"table `{table}` must be named in the text of the query")
        return f"CREATE VIEW {table} AS SELECT {select} FROM (SELECT {empty} WHERE error({said}))"
    if not paths:
        return f"CREATE VIEW {table} AS SELECT {select} FROM (SELECT {empty} LIMIT 0)"
    listed = ", ".join(quoted(path) for path in paths)
    return f"CREATE VIEW {table} AS SELECT {select} FROM read_parquet([{listed}]) WHERE idx < {size}"


def comments() -> list[str]:
    """The statements that comment on views and columns, after the one that makes the view `columns`, which lists them and the macros."""
    texts = [*COMMENTS, *((view.name, "", view.comment) for view in DERIVED)]
    texts += [(view.name, column, text) for view in DERIVED for column, _, text in view.columns]
    targets = len(texts)
    texts += [
        (macro.call, column, text) for macro in MACROS for column, text in (("", macro.comment), *(item[::2] for item in macro.columns))
    ]
    values = ", ".join(f"({quoted(table)}, {quoted(column)}, {quoted(text)})" for table, column, text in texts)
    found = [f"CREATE VIEW columns AS SELECT * FROM (VALUES {values}) AS c(table_name, column_name, comment)"]
    for table, column, text in texts[:targets]:
        target = f"VIEW {table}" if not column else f"COLUMN {table}.{column}"
        found.append(f"COMMENT ON {target} IS {quoted(text)}")
    return found


def macros() -> list[str]:
    """The statements that make the table macros and comment on them, after the views."""
    return [statement for macro in MACROS for statement in macro.statements()]


def check_single_select(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Refuse anything but one SELECT. Raises LedgerError LG0701, LG0702."""
    import duckdb

    try:
        found = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise LedgerError("LG0702", _reason(error)) from None
    if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
        kinds = ", ".join(item.type.name for item in found) or "nothing"
        raise LedgerError("LG0701", f"only one SELECT is run; this is: {kinds}")
