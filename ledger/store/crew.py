"""The tasks of a verifier, in this process or in several: the same tasks, the same answers, in the same order.

Worker processes pay from some thousand entries on (docs/adr/0020-workers-in-verify.md). One that ends early is an error (LG0210), never
an answer; none outlives the verification.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self

from ledger.errors import LedgerError
from ledger.hashing.pool import PACKAGES, WorkerPool, can_spawn
from ledger.store.examine import Examiner, listed
from ledger.store.fs import TEMPORARY, Fs
from ledger.store.layout import Layout
from ledger.store.objects import Objects

if TYPE_CHECKING:
    from types import TracebackType

POOL_ENTRIES = 4000
"""A log of fewer entries is verified in one process: it is done before others could start."""
MAX_WORKERS = 8
TASK_FOLDERS, TASK_OBJECTS = 4, 256
_AHEAD = 4
_WAIT_SECONDS = 3600.0
_PROGRAM = "import sys; root, *sys.path[:] = sys.argv[1:]; from ledger.store.crew import work; work(root)"


def worker_count(entries: int) -> int:
    """How many worker processes a log of so many entries is worth."""
    cores = min(len(os.sched_getaffinity(0)), MAX_WORKERS)
    return cores if entries >= POOL_ENTRIES and cores > 1 and can_spawn() else 0


class Crew:
    """Does tasks for the ledger in a folder.

    Args:
        workers: how many processes; 0 for none but this one.

    Raises:
        LedgerError: LG0210 when a worker cannot be started.
    """

    def __init__(self, layout: Layout, objects: Objects, workers: int) -> None:
        self._examiner = Examiner(objects, str(layout.root))
        self._pool: WorkerPool | None = None
        if workers:
            root_fd = os.open(layout.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                arguments = [str(layout.root.absolute()), *(path for path in sys.path if path), PACKAGES]
                self._pool = WorkerPool(root_fd, workers, program=_PROGRAM, arguments=arguments, what="verifying worker")
            finally:
                os.close(root_fd)
        self._workers = workers
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.close(kill=True)

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers."""
        return self._pool.pids if self._pool is not None else []

    def run(self, kind: str, tasks: Iterable[Any]) -> Iterator[Any]:
        """The answers of `Examiner.run` to tasks of one kind, in their order. Raises LedgerError LG0210, and what the tasks raise."""
        if self._pool is None:
            for parts in tasks:
                yield self._examiner.run(kind, parts)
            return
        pool, waiting, done = self._pool, iter(tasks), dict[int, Any]()
        next_number = self._number
        while True:
            while self._number - next_number < _AHEAD * self._workers:
                parts = next(waiting, None)
                if parts is None:
                    break
                pool.submit(self._number, kind, parts, 0)
                self._number += 1
            if next_number == self._number:
                return
            while next_number not in done:
                done.update(pool.results(_WAIT_SECONDS))
            found = done.pop(next_number)
            next_number += 1
            if isinstance(found, dict):
                raise LedgerError(found["code"], found["message"])
            yield found


def damaged_objects(layout: Layout, sound: Container[bytes], crew: Crew) -> list[str]:
    """The paths below `objects/` of files that are not what their names say, ascending.

    Args:
        sound: digests of objects that are known to have them, and need not be read again.

    Raises:
        LedgerError: LG0210, LG0606.
    """
    files, folders = listed(str(layout.objects), "")
    damaged = [name for name in files if not name.startswith(TEMPORARY)]
    files, below = listed(str(layout.objects), "sha256") if "sha256" in folders else ([], [])
    damaged += [f"sha256/{name}" for name in files if not name.startswith(TEMPORARY)]
    parts = [*(name for name in folders if name != "sha256"), *below]
    unknown = bytearray()
    for digests, odd in crew.run("list", ((parts[at : at + TASK_FOLDERS],) for at in range(0, len(parts), TASK_FOLDERS))):
        damaged += odd
        for at in range(0, len(digests), 32):
            if digests[at : at + 32] not in sound:
                unknown += digests[at : at + 32]
    size = 32 * TASK_OBJECTS
    for wrong in crew.run("hash", ((bytes(unknown[at : at + size]),) for at in range(0, len(unknown), size))):
        damaged += wrong
    return sorted(damaged)


def work(root: str) -> None:
    """Be a worker process for the ledger in a folder, until the input ends."""
    from pathlib import Path

    from ledger.hashing.worker import serve

    layout = Layout(Path(root))
    examiner = Examiner(Objects(layout, Fs()), root)

    def run(_root_fd: int, task: tuple[str, Any, int]) -> Any:
        try:
            return examiner.run(task[0], task[1])
        except LedgerError as error:
            return {"code": error.code, "message": error.message}

    serve(run)
