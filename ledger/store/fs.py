"""The few file operations that durability rests on, in one object that a test can put faults into.

Guarantee: when `write` has returned and `sync_folders` after it, the file survives a power loss with all its bytes or, if it did not
return, is absent or old but never torn: temporary file in the same folder, write, fsync, link or rename, fsync of the folder. An fsync
error is final: the kernel may have dropped the pages, so the operation is not tried again and nothing is read back.
"""

from __future__ import annotations

import errno
import os
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ledger.errors import LedgerError

TEMPORARY = ".tmp-"


@contextmanager
def translated(what: str, path: Path | str) -> Iterator[None]:
    """Turn an `OSError` into a LedgerError: LG0605 for no space, LG0606 for anything else."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise LedgerError("LG0605", f"no space left: {what} `{path}`", hint="free space and run the command again") from None
        raise LedgerError("LG0606", f"{what} `{path}`: {error.strerror or error}") from None


WORKERS = 8
"""An fsync waits for the device and not for a core, and those that wait together share one flush."""


class Fs:
    """Durable file operations. Every method that changes something is one that a fault can be injected into.

    Args:
        workers: how many operations may wait for the device at once; 1 gives every run the same order of operations.
    """

    def __init__(self, workers: int = WORKERS) -> None:
        self._dirty: set[Path] = set()
        self._workers = workers

    def together(self, jobs: Iterable[Callable[[], object]]) -> None:
        """Do jobs that need no order among themselves. Returns when all are done; raises the first error when all have stopped."""
        pending = deque(jobs)
        errors: list[BaseException] = []

        def work() -> None:
            while pending and not errors:
                try:
                    job = pending.popleft()
                except IndexError:
                    return
                try:
                    job()
                except BaseException as error:  # noqa: BLE001 - carried over to the caller's thread
                    errors.append(error)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(min(len(pending), self._workers) - 1)]
        for thread in threads:
            thread.start()
        work()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def make_folders(self, folder: Path) -> None:
        """Create a folder and its parents, each made durable in its parent."""
        if folder.is_dir():
            return
        self.make_folders(folder.parent)
        with translated("cannot create", folder):
            try:
                self.mkdir(folder)
            except FileExistsError:
                return
        self._dirty.add(folder.parent)

    def write(self, path: Path, data: bytes, *, mode: int = 0o644, once: bool = False) -> bool:
        """Write a file durably, but for the fsync of its folder, which `sync_folders` does once for all.

        Args:
            once: keep a file that is already there (content-addressed names) instead of replacing it.

        Returns:
            False when `once` found the file there.
        """
        if once and path.exists():
            # Another writer's link may not have reached the disk yet: our acknowledgement must not rest on its fsync.
            self._dirty.add(path.parent)
            return False
        self.make_folders(path.parent)
        temporary = path.parent / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(6)}"
        with translated("cannot write", path):
            try:
                self.write_file(temporary, data, mode)
                if once:
                    self.link(temporary, path)
                else:
                    self.rename(temporary, path)
            except FileExistsError:
                self._dirty.add(path.parent)
                return False
            finally:
                temporary.unlink(missing_ok=True)
        self._dirty.add(path.parent)
        return True

    def write_quickly(self, temporary: Path, path: Path, data: bytes) -> None:
        """Replace a file in one step without fsync: for what may be lost. Raises OSError."""
        temporary.write_bytes(data)
        temporary.replace(path)

    def hard_link(self, source: Path, target: Path) -> None:
        """Give the same bytes a second name."""
        with translated("cannot link", target):
            try:
                self.link(source, target)
            except FileExistsError:
                return
        self._dirty.add(target.parent)

    def sync_folders(self) -> None:
        """fsync every folder that changed since the last call; after an error those not reached are still to be done."""

        def sync(folder: Path) -> None:
            with translated("cannot sync", folder):
                self.sync_folder(folder)
            self._dirty.discard(folder)

        self.together([partial(sync, folder) for folder in sorted(self._dirty, key=str)])

    def remove(self, path: Path) -> None:
        """Remove a file that is no longer needed; its absence need not survive."""
        with translated("cannot remove", path):
            path.unlink(missing_ok=True)

    # --- the primitives -------------------------------------------------------------------------

    def mkdir(self, folder: Path) -> None:
        """One mkdir."""
        folder.mkdir()

    def write_file(self, path: Path, data: bytes, mode: int) -> None:
        """Create, write and fsync one new file."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)

    def link(self, source: Path, target: Path) -> None:
        """One link; fails when the target exists."""
        os.link(source, target)

    def rename(self, source: Path, target: Path) -> None:
        """One rename; replaces the target."""
        source.rename(target)

    def sync_folder(self, folder: Path) -> None:
        """One fsync of a folder."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_file(path: Path) -> bytes | None:
    """A file's bytes, or None when it is not there. Raises LedgerError LG0606."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise LedgerError("LG0606", f"cannot read `{path}`: {error.strerror}") from None
