"""Auditors' SQL: one SELECT, run by a process of its own that the operating system confines, over checked copies of the segments.

What is locked and what the views are: `ledger.query.engine`. What the process may not do: `ledger.query.confine`. Here: each segment that
the query may need is read once, held against the digest in its name, and given to the process as a sealed file without a name (memfd), so
that what was checked is what is read and no path is told; the answer is read from a pipe up to a limit, and the process is killed when
its time is over, when the caller is interrupted, or (by the kernel) when the caller is gone.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.query._generated import STORED
from ledger.query.derived import DERIVED, Derived
from ledger.query.macros import MACROS, Macro
from ledger.query.wire import decode

_PACKAGES = str(Path(__file__).resolve().parent.parent.parent)
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from ledger.query.child import main; main()"
# The interpreter and the engine, on a machine that is busy with other things.
_START_SECONDS = 120.0
# The process stops its own answer at the limit, and says so; this is what the words about it may take.
_SLACK_BYTES = 1 << 20
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """Bounds on one query: wall-clock seconds, rows, and bytes of the answer as the process hands it over."""

    seconds: float = 60.0
    rows: int = 1_000_000
    bytes: int = 256 << 20


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Column names, their database types, and rows of plain values.

    Attributes:
        unconfined: what this system could not forbid the process that ran the query, of `Landlock` (files) and `seccomp` (sockets,
        processes).
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    unconfined: tuple[str, ...] = ()

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


def run(
    sql: str,
    segments: Mapping[str, Sequence[Path]],
    size: int,
    limits: QueryLimits | None = None,
    *,
    parameters: Mapping[str, str | int] | None = None,
    tables: Collection[str] | None = None,
) -> QueryResult:
    """Run one SELECT.

    Args:
        sql: the query.
        segments: for each table, the Parquet files in force.
        size: rows of entries at or after it are not seen (`--at`).
        limits: time, rows and bytes.
        parameters: values of its `$name`; they are bound.
        tables: the views that it reads, when that is known better than from the words in its text.

    Raises:
        LedgerError: LG0701 not a single SELECT, LG0702 it does not run, LG0703 over a limit or no answer, LG0705 it cannot be confined
            here, LG0609 a segment is not what its name says, LG0610 a segment was replaced.
    """
    bounds = limits or QueryLimits()
    if any(0xD800 <= ord(char) <= 0xDFFF for char in sql):
        raise LedgerError("LG0702", "the query holds a lone surrogate")
    if not hasattr(os, "memfd_create"):
        raise LedgerError("LG0705", "this system has no files without names (memfd), through which SQL is given its segments")
    handles: dict[str, list[int]] = {}
    try:
        _hold(sql.lower() if tables is None else " ".join(tables), segments, handles)
        with _Child([number for held in handles.values() for number in held]) as child:
            child.ask(
                {
                    "sql": sql,
                    "parameters": dict(parameters or {}),
                    "segments": handles,
                    "size": size,
                    "seconds": bounds.seconds if math.isfinite(bounds.seconds) else 1e9,
                    "rows": bounds.rows,
                    "bytes": bounds.bytes,
                }
            )
            return child.answer(bounds)
    finally:
        for number in (number for held in handles.values() for number in held):
            os.close(number)


def _hold(text: str, segments: Mapping[str, Sequence[Path]], handles: dict[str, list[int]]) -> None:
    """Open checked copies of the segments of the tables that the text names; the others are withheld from the query."""
    named: Iterator[Derived | Macro] = (item for item in (*DERIVED, *MACROS) if item.name in text)
    below = {base for item in named for base in item.bases}
    wanted = [table for table in STORED if table in text or table in below or (table == "entries" and "ledger_root" in text)]
    for table in wanted:
        held = handles.setdefault(table, [])
        for path in segments.get(table, ()):
            held.append(_checked_copy(path))


def _checked_copy(path: Path) -> int:
    """A sealed file without a name that holds a segment's bytes, which have its digest. Raises LedgerError LG0606, LG0609, LG0610."""
    copy = os.memfd_create("segment", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        digest = hashlib.sha256()
        with path.open("rb", buffering=0) as source:
            while piece := source.read(_PIECE):
                digest.update(piece)
                view = memoryview(piece)
                while view:
                    view = view[os.write(copy, view) :]
        if path.name.split(".")[-2] != digest.hexdigest()[:16]:
            raise LedgerError("LG0609", f"`{path}` does not have the digest in its name")
        fcntl.fcntl(copy, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)
    except FileNotFoundError:
        os.close(copy)
        raise LedgerError("LG0610", f"`{path}` is gone") from None
    except OSError as error:
        os.close(copy)
        raise LedgerError("LG0606", f"cannot read `{path}`: {error.strerror}") from None
    except BaseException:
        os.close(copy)
        raise
    return copy


class _Child:
    """The process; leaving the `with` block ends it, whatever happened."""

    def __init__(self, handles: Sequence[int]) -> None:
        # A new interpreter and not a fork: this process may have threads. Nothing of its environment is told but where libraries are.
        keep = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
        command = [sys.executable, "-I", "-c", _PROGRAM, _PACKAGES, str(os.getpid())]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd="/",
                env={"LC_ALL": "C.UTF-8", "HOME": "/nonexistent"} | keep,
                pass_fds=handles,
                start_new_session=True,  # a Ctrl-C goes to the whole process group: the parent decides what it means
            )
        except OSError as error:
            raise LedgerError("LG0705", f"cannot start a process for the query: {error.strerror}") from None

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._process.wait()

    def ask(self, request: Mapping[str, Any]) -> None:
        """Send the request; a process that ended before it read it is found when it is asked for the answer."""
        assert self._process.stdin is not None
        data = memoryview(json.dumps(request).encode("ascii"))
        with suppress(BrokenPipeError):
            while data:
                data = data[self._process.stdin.write(data) or 0 :]
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def answer(self, limits: QueryLimits) -> QueryResult:
        """Read the answer. Raises LedgerError LG0701 to LG0703."""
        deadline, left = time.monotonic() + _START_SECONDS, limits.bytes + _SLACK_BYTES
        late = "the process for the query did not start in time"
        head: dict[str, Any] = {}
        rows: list[tuple[Any, ...]] = []
        line: list[bytes] = []
        while True:
            piece = self._read(deadline, late)
            left -= len(piece)
            if left < 0:
                raise LedgerError(
                    "LG0703", f"the answer has more than {limits.bytes >> 20} MiB", hint="ask for fewer columns, or add LIMIT"
                )
            first, *others = piece.split(b"\n")
            line.append(first)
            for other in others:
                if self._take(b"".join(line), head, rows):
                    deadline, late = time.monotonic() + limits.seconds, f"the query ran longer than {limits.seconds:g} seconds"
                line = [other]
            if "done" in head:
                if head["done"] != len(rows) or len(rows) > limits.rows or "columns" not in head:
                    raise _no_answer("its process gave an answer that is not whole")
                return QueryResult(tuple(head["columns"]), tuple(head["types"]), tuple(rows), tuple(head["unconfined"]))

    def _read(self, deadline: float, late: str) -> bytes:
        assert self._process.stdout is not None
        left = min(deadline - time.monotonic(), 1e6)
        if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
            if time.monotonic() >= deadline:
                raise LedgerError("LG0703", late, hint="narrow it, or --seconds N")
            return b""
        piece = os.read(self._process.stdout.fileno(), _PIECE)
        if not piece:
            raise self._ended()
        return piece

    def _take(self, line: bytes, head: dict[str, Any], rows: list[tuple[Any, ...]]) -> bool:
        """Take one line; True when the query is about to run. Raises what the line says, or LedgerError LG0703 for what is no line."""
        try:
            if line.startswith(b"["):
                rows += map(tuple, json.loads(line, object_hook=decode))
                return False
            said = json.loads(line)
            if "error" not in said:
                head |= said
                return "ready" in said
            error = said["error"]
            found = LedgerError(error["code"], str(error["message"]), hint=error["hint"])
        except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError):
            raise _no_answer("its process gave an answer that cannot be read") from None
        raise found

    def _ended(self) -> LedgerError:
        """Why a process ended without an answer."""
        status = self._process.wait()
        if status == -signal.SIGXCPU:
            return LedgerError("LG0703", "the query used more processor time than it may", hint="narrow it, or --seconds N")
        if status < 0:
            name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
            return _no_answer(f"its process was ended by {name}; it may have needed more memory than it may use")
        return _no_answer(f"its process ended with status {status}")


def _no_answer(why: str) -> LedgerError:
    return LedgerError("LG0703", f"the query gave no answer: {why}", hint="narrow it; if it happens with a plain query, report it")
