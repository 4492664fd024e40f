"""The objects of a large batch, written by a helper process while this one still makes the batch.

The helper writes temporary files as statements are drafted, and gives them their names when the batch is accepted; when it is refused, or
this process ends, it removes them. It saves time and decides nothing: what it does not confirm, for whatever reason, this process writes
itself, and what is wrong then has the message that it always has. Nothing of a batch counts before its checkpoint, and one syncfs covers
what both processes wrote, so it makes no difference who wrote an object (docs/adr/0022-a-helper-for-large-batches.md).
"""

from __future__ import annotations

import marshal
import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Self

from ledger.errors import LedgerError
from ledger.hashing.pool import PACKAGES, can_spawn
from ledger.store.fs import MANY, Fs
from ledger.store.layout import Layout
from ledger.store.objects import Objects

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path
    from types import TracebackType

FIRST = 1000
"""After so many objects a helper is started; a smaller batch is written before one could start."""
CHUNK = 64
_KEPT = b"kept"
_PROGRAM = "import sys; root, *sys.path[:] = sys.argv[1:]; from ledger.store.bulk import work; work(root)"


class BulkWriter:
    """Takes objects as they are made, and writes them at the end.

    Args:
        root: the ledger's folder.
        objects: the object store of this process.
        helped: whether a helper may be started.
    """

    def __init__(self, root: Path, objects: Objects, *, helped: bool) -> None:
        self._root = root
        self._objects = objects
        self._helped = helped and can_spawn() and len(os.sched_getaffinity(0)) > 1
        self._chunk: list[bytes] = []
        self._offered = 0
        self._queue: SimpleQueue[list[bytes]] = SimpleQueue()
        self._dropped = False
        self._kept = False
        self._child: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the helper; what it gave no name, it removes."""
        self._drop()

    def offer(self, datas: Sequence[bytes]) -> None:
        """Objects that will be written if the batch is accepted."""
        if not self._helped:
            return
        self._chunk += datas
        self._offered += len(datas)
        if len(self._chunk) >= CHUNK and self._offered >= FIRST:
            if self._thread is None:
                self._start()
            self._queue.put(self._chunk)
            self._chunk = []

    def jobs(self, datas: Sequence[bytes]) -> list[Callable[[], object]]:
        """What is left to do to write the objects of the accepted batch, in any order; the helper goes on meanwhile.

        Args:
            datas: all of them; that they are as many as were offered says that none was refused.
        """
        if self._thread is not None and len(datas) == self._offered:
            if self._chunk:
                self._queue.put(self._chunk)
            self._queue.put([])
            return [partial(self._finish, datas)]
        self._drop()
        return [partial(self._objects.put, data) for data in datas]

    def _start(self) -> None:
        import subprocess

        arguments = [str(self._root.absolute()), *(path for path in sys.path if path), PACKAGES]
        try:
            # In a session of its own: a Ctrl-C is for this process, which then tells the helper by closing its input.
            self._child = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _PROGRAM, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            self._helped = False
            return
        self._thread = threading.Thread(target=self._feed, args=(self._child,), daemon=True)
        self._thread.start()

    def _feed(self, child: subprocess.Popen[bytes]) -> None:
        """In a thread, which nearly always waits: hand the chunks over; the empty one is the last, and asks to keep them all."""
        if child.stdin is None or child.stdout is None:
            return
        # A helper that ended is noticed by its pipe; what it did not confirm is not kept.
        with suppress(OSError):
            with child.stdin as out:
                while not self._dropped and (chunk := self._queue.get()):
                    body = marshal.dumps(chunk)
                    out.write(len(body).to_bytes(4, "little") + body)
                if self._dropped:
                    return
                out.write(bytes(4))
            self._kept = child.stdout.read() == _KEPT

    def _finish(self, datas: Sequence[bytes]) -> None:
        """Wait for the helper; what it did not confirm is written here. Raises LedgerError as `Objects.put`."""
        if self._thread is not None:
            self._thread.join()
        if not self._kept:
            for data in datas:
                self._objects.put(data)

    def _drop(self) -> None:
        if self._child is None or self._thread is None:
            return
        self._dropped = True
        self._queue.put([])
        self._thread.join()
        self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()
        self._child = None


def work(root: str) -> None:
    """Be the helper for the ledger in a folder: write what standard input brings, and name it when that says so; else remove it."""
    from pathlib import Path

    fs = Fs()
    fs.inside = Path(root)
    fs.many(MANY)
    objects = Objects(Layout(fs.inside), fs)
    staged: list[tuple[Path, Path]] = []
    code = 1
    try:
        with os.fdopen(0, "rb") as said:
            while len(head := said.read(4)) == 4:
                size = int.from_bytes(head, "little")
                if not size:
                    while staged:
                        fs.rename(*staged[-1])
                        staged.pop()
                    os.write(1, _KEPT)
                    code = 0
                    break
                staged += map(objects.stage, marshal.loads(said.read(size)))
    except (LedgerError, OSError, EOFError, ValueError, TypeError):
        pass  # not confirmed, so the other process does it, and says what is wrong
    finally:
        for temporary, _ in staged:
            with suppress(OSError):
                fs.unlink(temporary)
        # Nothing is left to flush, and tearing an interpreter down takes longer than many objects.
        os._exit(code)
