"""The few file operations that durability rests on, in one object that a test can put faults into.

Guarantee: when `write` has returned and `sync_folders` after it, the file survives a power loss with all its bytes or, if it did not
return, is absent or old but never torn: temporary file in the same folder, write, fsync, rename, fsync of the folder.
"""

from __future__ import annotations

import errno
import os
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
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


MANY = 400
"""So many files and folders of one commit are made durable by one call for the file system, and fewer by one for each."""
AT_ONCE_WORKERS = 1
FIRST_READ, MORE_READ = 16 << 10, 1 << 20
WORKERS = 8
"""An fsync waits for the device and not for a core, and those that wait together share one flush."""


class Fs:
    """Durable file operations, for one process and one ledger.

    Everything that changes the disk goes through the primitives at the end, one system call each, which a test can fail, cut or record.
    An fsync that failed is the end: what the kernel held may be gone though it reads well, and a second fsync would say that all is well.
    So this object refuses to write from then on (LG0618), nothing is acknowledged, and the next writer does all of it again.

    Args:
        workers: how many operations may wait for the device at once; 1 gives every run the same order of operations.

    Attributes:
        inside: the ledger's folder, which whoever opens or makes the ledger sets.
    """

    inside: Path | None = None

    def __init__(self, workers: int = WORKERS) -> None:
        self._dirty: set[Path] = set()
        self._settled: set[Path] = set()
        self._workers = workers
        self._failed: Path | None = None
        self._at_once = False
        self._unique, self._temporaries = secrets.token_hex(6), count()

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

        # When nothing waits for the device, threads only hand the interpreter's lock to each other.
        workers = min(self._workers, AT_ONCE_WORKERS) if self._at_once else self._workers
        threads = [threading.Thread(target=work, daemon=True) for _ in range(min(len(pending), workers) - 1)]
        for thread in threads:
            thread.start()
        work()
        for thread in threads:
            thread.join()
        if errors:
            # Who failed says more than who then was told that nothing is written any more, and may have been noted later.
            raise next((error for error in errors if getattr(error, "code", "") != "LG0618"), errors[0])

    def many(self, files: int) -> None:
        """Say that about so many files are written before the next `sync_folders`, and nothing of them counts before it.

        Of many, none is synced on its own, and `sync_folders` syncs the whole file system once (Linux 5.8, where that reports errors).
        """
        self._at_once = files >= MANY and self.inside is not None and can_sync_all()

    def make_folders(self, folder: Path) -> bool:
        """Create a folder and its parents, each made durable in its parent by the next `sync_folders`.

        One that is there already may have been made by a writer that ended before its fsync: inside of the ledger it is made durable once
        more, once in the life of this object.

        Returns:
            Whether this call created it, so that nothing can be in it.
        """
        if folder in self._settled:
            return False
        made, parent = False, folder.parent
        if parent in self._settled or not folder.is_dir():
            self.make_folders(parent)
            with translated("cannot create", folder), suppress(FileExistsError):
                self.mkdir(folder)
                made = True
        elif self.inside is None or self.inside not in folder.parents:
            return False
        else:
            self.make_folders(parent)
        self._dirty.add(parent)
        self._settled.add(folder)
        return made

    def write(self, path: Path, data: bytes, *, mode: int = 0o644) -> None:
        """Write a file durably, in the place of one that may be there, but for the fsync of its folder: `sync_folders`."""
        temporary = self.stage(path, data, mode)
        try:
            with translated("cannot write", path):
                self.rename(temporary, path)
        except BaseException:
            with suppress(OSError):
                self.unlink(temporary)
            raise
        self._dirty.add(path.parent)

    def stage(self, path: Path, data: bytes, mode: int) -> Path:
        """Write a file under a temporary name in its folder, which is made; a rename is what is left. Returns the temporary path."""
        self._check()
        folder = path.parent
        self.make_folders(folder)
        temporary = folder / f"{TEMPORARY}{os.getpid()}-{self._unique}{next(self._temporaries):x}"
        try:
            with translated("cannot write", path):
                self.write_file(temporary, data, mode)
        except BaseException:
            with suppress(OSError):
                self.unlink(temporary)
            raise
        return temporary

    def write_quickly(self, temporary: Path, path: Path, data: bytes) -> None:
        """Replace a file in one step: for what may be lost but not be torn, so its folder is not synced. Raises OSError."""
        temporary.unlink(missing_ok=True)
        self.write_file(temporary, data, 0o644)
        self.rename(temporary, path)

    def hard_link(self, source: Path, target: Path) -> None:
        """Give the same bytes a second name."""
        self._check()
        with translated("cannot link", target), suppress(FileExistsError):  # by name the same bytes
            self.link(source, target)
        self._dirty.add(target.parent)

    def sync_folders(self) -> None:
        """Make durable every folder that changed since the last call, and after `many` every file too."""
        self._check()
        if self._at_once and self.inside is not None:
            inside = self.inside
            with translated("cannot sync", inside):
                self._once(inside, lambda: self.sync_all(inside))
            self._dirty.clear()
            self._at_once = False
            return

        def sync(folder: Path) -> None:
            with translated("cannot sync", folder):
                self._once(folder, lambda: self.sync_folder(folder))
            self._dirty.discard(folder)

        self.together([partial(sync, folder) for folder in sorted(self._dirty, key=str)])

    def settle(self, folder: Path) -> None:
        """Make a folder durable by the next `sync_folders`, whoever changed it: a process that ended may have got no further than that."""
        self._dirty.add(folder)

    def remove(self, path: Path) -> None:
        """Remove a file that is no longer needed; its absence need not survive."""
        with translated("cannot remove", path), suppress(FileNotFoundError):
            self.unlink(path)

    def remove_folder(self, folder: Path) -> None:
        """Remove an empty folder that is no longer needed; its absence need not survive."""
        with translated("cannot remove", folder):
            self.rmdir(folder)
        self._settled.discard(folder)

    def write_file(self, path: Path, data: bytes, mode: int) -> None:
        """Create, write and fsync one new file. Raises OSError."""
        handle = self.create(path, mode)
        try:
            view = memoryview(data)
            while view:
                view = view[self.put(handle, view) :]
            if not self._at_once:
                self._once(path, lambda: self.sync(handle))
        finally:
            os.close(handle)

    def _check(self) -> None:
        if self._failed is not None:
            raise LedgerError("LG0618", f"the disk failed to keep `{self._failed}`, so nothing more is written by this process")

    def _once(self, path: Path, sync: Callable[[], None]) -> None:
        """An fsync that is never tried again, and after whose error nothing is."""
        self._check()
        try:
            sync()
        except OSError:
            self._failed = path
            raise

    # --- the primitives: one system call each ------------------------------------------------------

    def mkdir(self, folder: Path) -> None:
        """One mkdir."""
        os.mkdir(folder)  # noqa: PTH102 - as the next ones: a batch makes thousands

    def create(self, path: Path, mode: int) -> int:
        """One open of a new file."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)

    def put(self, handle: int, data: memoryview) -> int:
        """One write, which may take less than all."""
        return os.write(handle, data)

    def sync(self, handle: int) -> None:
        """One fsync of a file."""
        os.fsync(handle)

    def link(self, source: Path, target: Path) -> None:
        """One link; fails when the target exists."""
        os.link(source, target)

    def rename(self, source: Path, target: Path) -> None:
        """One rename; replaces the target."""
        os.rename(source, target)  # noqa: PTH104

    def unlink(self, path: Path) -> None:
        """One unlink."""
        path.unlink()

    def rmdir(self, folder: Path) -> None:
        """One rmdir."""
        folder.rmdir()

    def sync_all(self, folder: Path) -> None:
        """One syncfs: everything that was written to the file system of a folder."""
        import ctypes

        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(handle) != 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
        finally:
            os.close(handle)

    def sync_folder(self, folder: Path) -> None:
        """One fsync of a folder."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def can_sync_all() -> bool:
    """Whether syncfs is there and tells of errors: since Linux 5.8."""
    try:
        major, minor = (int(part) for part in os.uname().release.split(".")[:2])
    except ValueError:
        return False
    return os.uname().sysname == "Linux" and (major, minor) >= (5, 8)


def read_file(path: Path | str) -> bytes | None:
    """A file's bytes, or None when it is not there. Raises LedgerError LG0606."""
    try:
        # Not through a file object: most files here are small, and a verifier reads all of them.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            pieces = [os.read(handle, FIRST_READ)]
            while pieces[-1]:
                pieces.append(os.read(handle, MORE_READ if len(pieces[0]) == FIRST_READ else FIRST_READ))
            return pieces[0] if len(pieces) == 2 else b"".join(pieces)
        finally:
            os.close(handle)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise LedgerError("LG0606", f"cannot read `{path}`: {error.strerror}") from None
