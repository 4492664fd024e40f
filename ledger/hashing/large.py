"""Hashes large files and link targets in threads, the largest first: reading and SHA-256 release the interpreter lock.

An error or an interrupt stops the other threads within one buffer, and no thread outlives the call.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from errno import EIO, ELOOP, ENOENT, ENOTDIR, ENXIO

from ledger.errors import LedgerError
from ledger.hashing.links import LinkTargets
from ledger.hashing.names import shown
from ledger.hashing.progress import Reporter
from ledger.hashing.walk import Chunk
from ledger.hashing.worker import BUFFER, FILE_FLAGS, ROW_BYTES, Fault, digest_open_file, file_row, is_regular, open_folder, pack_rows

_WAIT_SECONDS = 0.1


class LargeFile:
    """A file to hash on its own: its place in a chunk and the size it had when it was seen."""

    __slots__ = ("chunk", "position", "size")

    def __init__(self, chunk: Chunk, position: int, size: int) -> None:
        self.chunk = chunk
        self.position = position
        self.size = size


class _Stopped(Exception):
    """Another thread failed or the caller was interrupted."""


def fault_error(path: bytes, kind: str, number: int) -> LedgerError:
    """The error for a file that has no digest."""
    name = shown(path) or "."
    hint = "run again when nobody writes to it"
    if kind == "changed":
        return LedgerError("LG0208", f"changed while it was hashed: `{name}`", hint=hint)
    if kind == "special" or number in (ENOENT, ENOTDIR, ELOOP, ENXIO):
        return LedgerError("LG0208", f"went away or was replaced while it was hashed: `{name}`", hint=hint)
    return LedgerError("LG0202", f"cannot be read: `{name}`: {os.strerror(number or EIO)}")


def hash_open_file(fd: int, buffer: memoryview, on_bytes: Callable[[int], None] | None) -> tuple[bytes, bytes]:
    """Digest and row of an open regular file that stays the same meanwhile. Raises Fault."""
    try:
        status = os.fstat(fd)
        if not is_regular(status):
            raise Fault("special")
        row = file_row(status)
        if status.st_size > BUFFER:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        digest = digest_open_file(fd, status.st_size, buffer, on_bytes)
        if file_row(os.fstat(fd)) != row:
            raise Fault("changed")
    except OSError as error:
        raise Fault("os", error.errno or EIO) from None
    return digest, pack_rows(row)


class LargeFiles:
    """The work of hashing these files below a root, and filling their chunks in."""

    def __init__(self, root_fd: int, targets: LinkTargets, files: Sequence[LargeFile], report: Reporter) -> None:
        self._root_fd = root_fd
        self._targets = targets
        self._pending = sorted(files, key=lambda file: file.size)
        self._report = report
        self._stop = False
        self._failure: BaseException | None = None
        self._counted: list[list[int]] = []

    def run(self, threads: int) -> None:
        """Hash them all, in so many threads. Raises LedgerError LG0202, LG0206, LG0208."""
        for file in self._pending:
            file.chunk.digests = bytearray(file.chunk.digests or bytes(32 * file.chunk.count))
            file.chunk.rows = bytearray(file.chunk.rows or bytes(ROW_BYTES * file.chunk.count))
        threads = min(threads, len(self._pending))
        if threads <= 1:
            self._work([0, 0], self._tell)
        else:
            self._run_threads(threads)
        if self._failure is not None:
            raise self._failure

    def _run_threads(self, count: int) -> None:
        from threading import Thread

        before = self._report.files_done, self._report.bytes_done, self._report.bytes_pending
        self._counted = [[0, 0] for _ in range(count)]
        threads = [Thread(target=self._work, args=(counted, None), daemon=True) for counted in self._counted]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(_WAIT_SECONDS)
                    self._tell_threads(before)
        finally:
            self._stop = True
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
            self._tell_threads(before)

    def _tell_threads(self, before: tuple[int, int, int]) -> None:
        hashed = sum(counted[1] for counted in self._counted)
        self._report.files_done = before[0] + sum(counted[0] for counted in self._counted)
        self._report.bytes_done = before[1] + hashed
        self._report.bytes_pending = before[2] - hashed
        self._report.tick()

    def _tell(self, count: int) -> None:
        self._report.bytes_done += count
        self._report.bytes_pending -= count
        self._report.tick()

    def _work(self, counted: list[int], tell: Callable[[int], None] | None) -> None:
        def on_bytes(count: int) -> None:
            if self._stop:
                raise _Stopped
            counted[1] += count

        buffer = memoryview(bytearray(BUFFER))
        while self._pending and not self._stop:
            try:
                file = self._pending.pop()
            except IndexError:
                return
            try:
                self._hash(file, buffer, tell or on_bytes)
            except _Stopped:
                return
            except Fault as fault:
                self._failure = self._failure or fault_error(file.chunk.path_of(file.position), fault.kind, fault.number)
                self._stop = True
            except Exception as error:  # noqa: BLE001 - carried over to the caller's thread
                self._failure = self._failure or error
                self._stop = True
            counted[0] += 1
            if tell is not None:
                self._report.files_done += 1

    def _hash(self, file: LargeFile, buffer: memoryview, on_bytes: Callable[[int], None]) -> None:
        chunk, position = file.chunk, file.position
        fd = self._open(chunk, position)
        try:
            digest, row = hash_open_file(fd, buffer, on_bytes)
        except Fault as fault:
            if fault.kind == "special" and chunk.links and position in chunk.links:
                path = shown(chunk.path_of(position))
                raise LedgerError("LG0206", f"symbolic link leads to something that is not a regular file: `{path}`") from None
            raise
        finally:
            os.close(fd)
        chunk.digests[32 * position : 32 * position + 32] = digest  # type: ignore[index]
        chunk.rows[ROW_BYTES * position : ROW_BYTES * position + ROW_BYTES] = row  # type: ignore[index]

    def _open(self, chunk: Chunk, position: int) -> int:
        if chunk.links and position in chunk.links:
            return self._targets.open(chunk.links[position])
        folder = chunk.folder
        dir_fd = open_folder(self._root_fd, folder.prefix, folder.device, folder.inode)
        try:
            return os.open(chunk.names.split(b"\n")[position], FILE_FLAGS, dir_fd=dir_fd)
        except OSError as error:
            raise Fault("os", error.errno or EIO) from None
        finally:
            os.close(dir_fd)
