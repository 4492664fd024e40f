"""Hashes and compares packed lists of files, here or in a worker process of its own.

In a process of its own (`serve`) it reads tasks from its standard input and writes results to its standard output until the input
ends; the recorded folder is file descriptor 3. So it imports little, and of that the quickest. It opens names relative to a folder's
descriptor, never follows a link, never blocks on a fifo, and answers a `Fault` for a file that is not regular or that differs before
and after it was read. It decides nothing about what that means.
"""

from __future__ import annotations

import gc
import marshal
import os
from _operator import attrgetter
from hashlib import sha256
from itertools import chain
from struct import error as out_of_range
from struct import pack

from ledger.hashing.lines import inventory_text
from ledger.merkle.frontier import line_leaves, subtrees

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
FOLDER_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
ROOT_FD = 3
ONE_READ = 64 << 10
BUFFER = 256 << 10
ROW_BYTES = 40
"""A file's row: device, inode, size, mtime_ns, ctime_ns as native signed 64-bit integers."""

FileRow = tuple[int, int, int, int, int]
PartAnswer = tuple[bytes, bytes, list[int], bytes, list[bytes]]
"""Digests, rows, positions left to the caller, and, if there are none of these, the inventory lines and their Merkle subtrees."""
file_row: Callable[[os.stat_result], FileRow] = attrgetter("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")
folder_row: Callable[[os.stat_result], tuple[int, int, int, int]] = attrgetter("st_dev", "st_ino", "st_mtime_ns", "st_ctime_ns")


class Fault(Exception):
    """Why a file has no digest: `os` with an errno, `changed`, or `special`."""

    def __init__(self, kind: str, number: int = 0) -> None:
        super().__init__(kind, number)
        self.kind = kind
        self.number = number


def is_regular(status: os.stat_result) -> bool:
    """Whether the file is a regular file (without the `stat` module, whose import would cost more than the answer)."""
    return status.st_mode & 0o170000 == 0o100000


def pack_rows(values: Iterable[int]) -> bytes:
    """Native signed 64-bit integers; the few file systems with larger inode numbers are wrapped round."""
    flat = list(values)
    try:
        return pack(f"={len(flat)}q", *flat)
    except out_of_range:
        return pack(f"={len(flat)}q", *[(value + (1 << 63)) % (1 << 64) - (1 << 63) for value in flat])


def open_folder(root_fd: int, prefix: bytes, device: int, inode: int) -> int:
    """Open a folder that the walk has seen, by its path below the root.

    A path can lead elsewhere when somebody swaps one of its folders for a link, so what was opened must be the very inode
    that the walk reached step by step.
    """
    try:
        fd = os.open(prefix[:-1] or b".", FOLDER_FLAGS, dir_fd=root_fd)
    except OSError as error:
        raise Fault("os", error.errno or 0) from None
    status = os.fstat(fd)
    if (status.st_dev, status.st_ino) != (device, inode):
        os.close(fd)
        raise Fault("changed")
    return fd


def digest_open_file(fd: int, size: int, buffer: memoryview, on_bytes: Callable[[int], None] | None = None) -> bytes:
    """The SHA-256 of an open file of a known size, in reads that release the interpreter lock."""
    hasher = sha256()
    total = 0
    while total <= size:
        count = os.readv(fd, [buffer])
        if not count:
            break
        hasher.update(buffer[:count])
        total += count
        if on_bytes is not None:
            on_bytes(count)
    if total != size:
        raise Fault("changed")
    return hasher.digest()


def hash_names(opened: Callable[[bytes, int], int], names: list[bytes], limit: int, buffer: memoryview) -> tuple[bytes, bytes, list[int]]:
    """Digests and rows of files of one folder, and the positions of those larger than `limit`, which are left to the caller."""
    digests: list[bytes] = []
    flat: list[int] = []
    deferred: list[int] = []
    fstat, read, close = os.fstat, os.read, os.close
    for name in names:
        try:
            fd = opened(name, FILE_FLAGS)
            try:
                status = fstat(fd)
                row = file_row(status)
                size = row[2]
                if status.st_mode & 0o170000 != 0o100000:
                    raise Fault("special")
                if size <= ONE_READ:
                    data = read(fd, size + 1)
                    if len(data) != size:
                        raise Fault("changed")
                    digests.append(sha256(data).digest())
                elif size <= limit:
                    digests.append(digest_open_file(fd, size, buffer))
                else:
                    deferred.append(len(digests))
                    digests.append(bytes(32))
                if file_row(fstat(fd)) != row:
                    raise Fault("changed")
                flat += row
            finally:
                close(fd)
        except OSError as error:
            raise _at(Fault("os", error.errno or 0), len(flat) // 5) from None
        except Fault as fault:
            raise _at(fault, len(flat) // 5) from None
    return b"".join(digests), pack_rows(flat), deferred


def _at(fault: Fault, position: int) -> Fault:
    fault.args = (fault.kind, fault.number, position)
    return fault


def hash_parts(
    root_fd: int, parts: list[tuple[bytes, int, int, bytes, int]], limit: int, *, own_process: bool = False
) -> list[PartAnswer] | tuple[int, int, str, int]:
    """Hash several lists of names, or tell the part, the position and the kind and errno of the first fault.

    Args:
        root_fd: the recorded folder.
        parts: per list the folder's prefix, device, inode, the names joined by line feeds, and the place of the first of them in
            the inventory, or -1 when the list is not one piece of it.
        limit: larger files are left to the caller.
        own_process: the working folder may be changed, which makes opening names quicker.
    """
    buffer = memoryview(bytearray(BUFFER))
    results: list[PartAnswer] = []
    for index, (prefix, device, inode, names, first) in enumerate(parts):
        try:
            dir_fd = open_folder(root_fd, prefix, device, inode)
            try:
                digests, rows, deferred = hash_names(_opener(dir_fd, own_process), names.split(b"\n"), limit, buffer)
            finally:
                os.close(dir_fd)
            if deferred or first < 0:
                results.append((digests, rows, deferred, b"", []))
            else:
                text = inventory_text(prefix, names, digests)
                results.append((digests, rows, deferred, text, subtrees(line_leaves(text), first)))
        except Fault as fault:
            position = fault.args[2] if len(fault.args) > 2 else -1
            return (index, position, fault.kind, fault.number)
    return results


def _opener(dir_fd: int, own_process: bool) -> Callable[[bytes, int], int]:
    if not own_process:
        return lambda name, flags: os.open(name, flags, dir_fd=dir_fd)
    _enter(dir_fd)
    return os.open


def _enter(dir_fd: int) -> None:
    try:
        os.fchdir(dir_fd)
    except OSError as error:
        raise Fault("os", error.errno or 0) from None


def same_parts(root_fd: int, parts: list[tuple[bytes, bytes, bytes, bytes]], *, own_process: bool = False) -> bytes:
    """One byte per part: 1 when a folder or the listed files in it have exactly the rows that were recorded.

    Args:
        root_fd: the recorded folder.
        parts: prefix of the folder and its recorded row with no names, or no row, the names joined by line feeds, and their
            recorded rows.
        own_process: the working folder may be changed, which makes looking names up quicker.
    """
    return bytes([_same(root_fd, own_process, *part) for part in parts])


def _same(root_fd: int, own_process: bool, prefix: bytes, recorded_folder: bytes, names: bytes, recorded: bytes) -> bool:
    try:
        dir_fd = os.open(prefix[:-1] or b".", FOLDER_FLAGS, dir_fd=root_fd)
    except OSError:
        return False
    try:
        if not names:
            return pack_rows(folder_row(os.fstat(dir_fd))) == recorded_folder
        if own_process:
            _enter(dir_fd)
            stats: Iterable[os.stat_result] = map(os.lstat, names.split(b"\n"))
        else:
            stats = (os.stat(name, dir_fd=dir_fd, follow_symlinks=False) for name in names.split(b"\n"))
        return pack_rows(chain.from_iterable(map(file_row, stats))) == recorded
    except (OSError, Fault):
        return False
    finally:
        os.close(dir_fd)


def run_task(root_fd: int, task: tuple[str, Any, int]) -> Any:
    """Do one task in a worker process: `hash` or `same`, its parts, and the size limit."""
    kind, parts, limit = task
    if kind == "hash":
        return hash_parts(root_fd, parts, limit, own_process=True)
    return same_parts(root_fd, parts, own_process=True)


def _read_exactly(size: int) -> bytes:
    pieces = []
    while size:
        piece = os.read(0, min(size, 1 << 20))
        if not piece:
            return b""
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _tasks(run: Callable[[int, Any], Any]) -> None:
    """Serve tasks until the input ends: frames of a 4-byte length and a marshalled (number, task) or (number, result)."""
    # Nothing here makes cycles, so looking for them among a million numbers is time lost.
    gc.disable()
    while True:
        head = _read_exactly(4)
        body = _read_exactly(int.from_bytes(head, "little")) if head else b""
        if not body:
            return
        number, task = marshal.loads(body)
        answer = marshal.dumps((number, run(ROOT_FD, task)))
        view = memoryview(len(answer).to_bytes(4, "little") + answer)
        while view:
            view = view[os.write(1, view) :]


def serve(run: Callable[[int, Any], Any] = run_task) -> None:
    """Be a worker process: serve, with what does a task, until the input ends, and leave without ceremony."""
    code = 1
    try:
        _tasks(run)
        code = 0
    except BaseException as error:  # noqa: BLE001 - the parent reports a worker that ended early; a traceback would only blur it
        code = 2 if isinstance(error, MemoryError) else 1
    finally:
        # Nothing is left to flush, and tearing an interpreter down takes longer than many tasks.
        os._exit(code)
