"""Worker processes for many small files: spawned, never forked, fed through pipes, and gone when the pool is closed.

Guarantees: no zombie and no open descriptor is left, whatever ended the work; a worker that dies is LG0210 and never a
missing digest; reading and writing never wait for each other, so full pipes cannot lock the two sides up.
"""

from __future__ import annotations

import fcntl
import marshal
import os
import select
import sys
from collections import deque
from contextlib import suppress
from typing import Any

from ledger.errors import LedgerError
from ledger.hashing.worker import ROOT_FD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_SCRIPT = os.path.join(os.path.dirname(__file__), "worker.py")
PACKAGES = os.path.join(os.path.dirname(os.path.realpath(__file__)), os.pardir, os.pardir)
# Imported as a module and not run as a script, so that its bytecode is cached.
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from ledger.hashing.worker import serve; serve()"
_INTERRUPT, _KILL = 2, 9
_IN_FLIGHT = 2


def can_spawn() -> bool:
    """Whether worker processes can be started here: not from a zip file or a frozen program."""
    return bool(sys.executable) and not getattr(sys, "frozen", False) and os.path.isfile(_SCRIPT)  # noqa: PTH113 - pathlib would be the slowest import here


class _Worker:
    __slots__ = ("in_flight", "inbox", "outbox", "pid", "results_fd", "tasks_fd")

    def __init__(self, pid: int, tasks_fd: int, results_fd: int) -> None:
        self.pid = pid
        self.tasks_fd = tasks_fd
        self.results_fd = results_fd
        self.in_flight = 0
        self.outbox = memoryview(b"")
        self.inbox = bytearray()


class WorkerPool:
    """Processes that run `ledger.hashing.worker` on one recorded folder, or another program that serves tasks as that does.

    Args:
        root_fd: the folder; file descriptor 3 of the workers.
        program: Python code, if another, that sets `sys.path` from its arguments, and serves.
        what: names a worker in messages.
    """

    def __init__(
        self, root_fd: int, count: int, *, program: str = "", arguments: Sequence[str] = (PACKAGES,), what: str = "hashing worker"
    ) -> None:
        self._arguments = [sys.executable, "-I", "-S", "-c", program or _PROGRAM, *arguments]
        self._what = what
        self._workers: list[_Worker] = []
        self._queue: deque[bytes] = deque()
        self._poll = select.poll()
        self._by_fd: dict[int, _Worker] = {}
        self.pending = 0
        try:
            for _ in range(count):
                self._spawn(root_fd)
        except OSError as error:
            self.close(kill=True)
            raise LedgerError("LG0210", f"cannot start a {what}: {error.strerror}") from None
        except BaseException:
            self.close(kill=True)
            raise

    def _spawn(self, root_fd: int) -> None:
        tasks_read, tasks_write = os.pipe()
        try:
            results_read, results_write = os.pipe()
        except BaseException:
            os.close(tasks_read)
            os.close(tasks_write)
            raise
        # Out of the way of the numbers that the child is given, or one of the copies could overwrite another's source.
        high: list[int] = []
        try:
            high += [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 16) for fd in (tasks_read, results_write, root_fd)]
            actions = [(os.POSIX_SPAWN_DUP2, fd, number) for fd, number in zip(high, (0, 1, ROOT_FD), strict=True)]
            # A Ctrl-C goes to the whole process group: only the parent decides what it means.
            pid = os.posix_spawn(sys.executable, self._arguments, os.environ, file_actions=actions, setsigmask=[_INTERRUPT])
        except BaseException:
            os.close(tasks_write)
            os.close(results_read)
            raise
        finally:
            for fd in (tasks_read, results_write, *high):
                os.close(fd)
        worker = _Worker(pid, tasks_write, results_read)
        self._workers.append(worker)
        os.set_blocking(tasks_write, False)
        os.set_blocking(results_read, False)
        self._by_fd.update({tasks_write: worker, results_read: worker})
        self._poll.register(results_read, select.POLLIN)

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers."""
        return [worker.pid for worker in self._workers]

    def submit(self, number: int, kind: str, parts: Any, limit: int) -> None:
        """Queue a task; `results` gives its number back."""
        body = marshal.dumps((number, (kind, parts, limit)))
        self._queue.append(len(body).to_bytes(4, "little") + body)
        self.pending += 1
        for worker in self._workers:
            self._feed(worker)

    def results(self, timeout_seconds: float) -> list[tuple[int, Any]]:
        """What has arrived, waiting at most so long for the first of it. Raises LedgerError LG0210."""
        found: list[tuple[int, Any]] = []
        for fd, event in self._poll.poll(timeout_seconds * 1000):
            worker = self._by_fd[fd]
            if fd == worker.tasks_fd:
                self._feed(worker)
            elif event:
                found += self._receive(worker)
                self._feed(worker)
        self.pending -= len(found)
        return found

    def _feed(self, worker: _Worker) -> None:
        waiting = bool(worker.outbox)
        while worker.outbox or (worker.in_flight < _IN_FLIGHT and self._queue):
            if not worker.outbox:
                worker.outbox = memoryview(self._queue.popleft())
                worker.in_flight += 1
            try:
                worker.outbox = worker.outbox[os.write(worker.tasks_fd, worker.outbox) :]
            except BlockingIOError:
                break
            except OSError:
                raise self._death(worker) from None
        if bool(worker.outbox) != waiting:
            if worker.outbox:
                self._poll.register(worker.tasks_fd, select.POLLOUT)
            else:
                self._poll.unregister(worker.tasks_fd)

    def _receive(self, worker: _Worker) -> list[tuple[int, Any]]:
        while True:
            try:
                piece = os.read(worker.results_fd, 1 << 18)
            except BlockingIOError:
                break
            if not piece:
                raise self._death(worker)
            worker.inbox += piece
            if len(piece) < 1 << 16:
                break
        found = []
        inbox = worker.inbox
        start = 0
        while len(inbox) - start >= 4:
            end = start + 4 + int.from_bytes(inbox[start : start + 4], "little")
            if len(inbox) < end:
                break
            found.append(marshal.loads(inbox[start + 4 : end]))
            worker.in_flight -= 1
            start = end
        del inbox[:start]
        return found

    def _death(self, worker: _Worker) -> LedgerError:
        return LedgerError(
            "LG0210",
            f"{self._what} {worker.pid} ended before it gave its result",
            hint="it may have been stopped for lack of memory; run again, with fewer workers if memory is short",
        )

    def close(self, *, kill: bool = False) -> None:
        """End the workers and reap them; `kill` for those that still have tasks."""
        for worker in self._workers:
            for fd in (worker.tasks_fd, worker.results_fd):
                os.close(fd)
            if kill:
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, _KILL)
        for worker in self._workers:
            # A program that ignores SIGCHLD leaves the reaping to the kernel.
            with suppress(ChildProcessError):
                os.waitpid(worker.pid, 0)
        self._workers = []
        self._queue.clear()
        self._by_fd.clear()
