"""The process in which auditors' SQL runs: it reads one request, confines itself, answers, and ends.

The request is one JSON text on standard input. The answer on standard output is JSON, one value a line: `{"unconfined": …}`, `{"ready":
true}` when the query is about to run, `{"columns": …, "types": …}`, lists of rows, and last `{"done": rows}`, or `{"error": …}` instead.
Nothing that the parent reads is executable, so an engine that was taken over can lie to it and no more. `ledger.query.session` is the
parent.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Sequence
from typing import Any

from ledger.errors import LedgerError
from ledger.query.confine import confine, end_with_parent, limit_resources
from ledger.query.wire import encode

MEMORY_BYTES = 4 << 30
"""Address space: the engine's own limit, as much again for handing over, and what a thread's stack and heap reserve."""
MOST_CPU_SECONDS = 10**9
THREADS = 2


def main() -> None:
    """Serve one query; the arguments of the process are the folder of the package and the process id of the parent."""
    end_with_parent(int(sys.argv[2]))
    request = json.load(sys.stdin)
    out = _Output(_own_output(), request["bytes"])
    try:
        _serve(request, out)
    except LedgerError as error:
        out.put({"error": {"code": error.code, "message": error.message, "hint": error.hint}})
    except MemoryError:
        out.put({"error": {"code": "LG0703", "message": "the answer needs more memory than a query may use", "hint": None}})
    # Without tidying up: the engine may still be busy, and nothing of it is kept.
    os._exit(0)


def _own_output() -> int:
    """A descriptor for the answer that nothing else writes to; what the engine prints, such as a progress bar, goes nowhere."""
    own, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return own


def _serve(request: dict[str, Any], out: _Output) -> None:
    # All that the answer may need, for nothing can be loaded afterwards.
    import datetime  # noqa: F401
    import decimal  # noqa: F401
    import uuid  # noqa: F401

    import duckdb  # noqa: F401

    from ledger.query.engine import answer

    threads = min(THREADS, len(os.sched_getaffinity(0)))
    segments = {table: [f"/proc/self/fd/{number}" for number in numbers] for table, numbers in request["segments"].items()}
    opened = sum(map(len, segments.values()))
    # Each thread may compute for as long as the query may run; the parent's clock is what stops it in time.
    seconds = min(request["seconds"], MOST_CPU_SECONDS / threads)
    cpu_seconds = min(MOST_CPU_SECONDS, math.ceil(seconds * threads) + 10)
    limit_resources(memory_bytes=MEMORY_BYTES, cpu_seconds=cpu_seconds, descriptors=3 * opened + 64)

    def shut() -> None:
        out.put({"unconfined": confine()})

    answer(request["sql"], segments, request["size"], request["rows"], threads, shut, out.give, request["parameters"])
    out.put({"done": out.rows})


class _Output:
    """The pipe to the parent, of which an answer may use so many bytes."""

    def __init__(self, handle: int, most: int) -> None:
        self._handle = handle
        self._left = self._most = most
        self.rows = 0

    def put(self, value: Any) -> None:
        """Write one line that counts for nothing: not of the answer."""
        self._write(json.dumps(value))

    def _write(self, text: str) -> None:
        data = memoryview(text.encode("ascii") + b"\n")
        while data:
            data = data[os.write(self._handle, data) :]

    def give(self, value: dict[str, Any] | Sequence[Sequence[Any]]) -> None:
        """Write columns or rows. Raises LedgerError LG0703 when they are too many bytes."""
        if isinstance(value, dict):
            text = json.dumps(value)
        else:
            text = json.dumps([[encode(item) for item in row] for row in value])
            self.rows += len(value)
        self._left -= len(text) + 1
        if self._left < 0:
            message = f"the answer has more than {self._most >> 20} MiB"
            raise LedgerError("LG0703", message, hint="ask for fewer columns, or add WHERE or LIMIT")
        self._write(text)
