"""One writer at a time, across processes: flock on `state/lock`, on file systems where that means something.

flock and not fcntl locks, because closing any descriptor of the file drops the latter. Whether locks work is tried, not assumed: a second
descriptor must be refused what the first one holds.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import LedgerError
from ledger.store.fs import translated

NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs", "ncpfs", "davfs"})
DEFAULT_TIMEOUT_SECONDS = 120.0


def file_system(path: Path) -> str:
    """The type of the file system that a path is on, from the kernel's mount table; empty when it cannot be told."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    resolved = str(path.resolve())
    best, kind = -1, ""
    for line in mounts:
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = fields[4].replace("\\040", " ")
        inside = resolved == point or resolved.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:
            best, kind = len(point), right.split(" ")[0]
    return kind


def check_file_system(folder: Path) -> None:
    """Refuse file systems that are known not to lock reliably. Raises LedgerError LG0607."""
    kind = file_system(folder)
    if kind in NETWORK or kind.startswith("fuse"):
        raise LedgerError("LG0607", f"`{folder}` is on a {kind} file system, where locks cannot be relied upon")


def _holder(path: Path) -> str:
    """Who holds the lock, as far as the kernel tells."""
    try:
        inode = path.stat().st_ino
        for line in Path("/proc/locks").read_text("ascii", "replace").splitlines():
            fields = line.split()
            if "FLOCK" in fields and fields[5].endswith(f":{inode}"):
                return f" by process {fields[4]}"
    except (OSError, IndexError):
        pass
    return ""


@contextmanager
def exclusive(path: Path, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS) -> Iterator[None]:
    """Hold the lock.

    Raises:
        LedgerError: LG0604 when the time is over, LG0606 when the file cannot be opened, LG0607 when locks do not work here.
    """
    with translated("cannot open", path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(handle, path, timeout_seconds)
        _try_second(path)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int, path: Path, timeout_seconds: float) -> None:
    deadline = time.monotonic() + timeout_seconds
    pause = 0.001
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                message = f"the ledger is locked{_holder(path)}: `{path}`"
                raise LedgerError("LG0604", message, hint="wait for the other writer, or end it") from None
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)
        except OSError as error:
            if error.errno in {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}:
                raise LedgerError("LG0607", f"locks do not work on the file system of `{path}`") from None
            raise LedgerError("LG0606", f"cannot lock `{path}`: {error.strerror}") from None
        else:
            return


def _try_second(path: Path) -> None:
    with translated("cannot open", path):
        second = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        with translated("cannot lock", path):
            try:
                fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
    finally:
        os.close(second)
    raise LedgerError("LG0607", f"two descriptors hold the exclusive lock on `{path}` at once: locks do not work here")
