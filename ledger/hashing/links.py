"""Where symbolic links in a recorded folder may lead, and opening their targets without being led elsewhere.

With `inside` a link counts when it leads to a regular file below the recorded folder, or, in a snapshot of the Hugging Face
cache (`models--x--y/snapshots/<revision>/`), to a blob of the same repository. The target is opened from the boundary's
descriptor step by step, never following a link, so a link changed in between cannot lead out.
"""

from __future__ import annotations

import os
from errno import ELOOP

from ledger.errors import LedgerError
from ledger.hashing.names import shown
from ledger.hashing.worker import FILE_FLAGS, FOLDER_FLAGS, Fault

_HUB_KINDS = (b"models--", b"datasets--", b"spaces--")


class LinkTargets:
    """The boundaries of one recorded folder: the folder itself and, for a Hugging Face snapshot, its repository's blobs."""

    def __init__(self, root: bytes, root_fd: int) -> None:
        self._root = root
        self._root_fd = root_fd
        self._blobs = _hub_blobs(root)
        self._blobs_fd = -1

    def hint_for(self, path: bytes) -> str:
        """What to do about a refused link."""
        where = self._text_of(path)
        if self._blobs is not None:
            return f"it leads to `{where}`; this is a Hugging Face cache: use `--symlinks inside` to hash the blobs it names"
        return f"it leads to `{where}`; use `--symlinks inside` to hash targets that stay inside the folder, or copy the file here"

    def _text_of(self, path: bytes) -> str:
        try:
            return shown(os.readlink(path, dir_fd=self._root_fd))
        except OSError:
            return "an unknown place"

    def leads_to_folder(self, path: bytes) -> bool:
        """Whether the link's target is a folder."""
        try:
            return os.stat(path, dir_fd=self._root_fd).st_mode & 0o170000 == 0o040000
        except OSError:
            return False

    def resolve(self, path: bytes) -> bytes:
        """The real path that a link leads to. Raises LedgerError LG0206 unless it lies in a boundary."""
        try:
            real = os.path.realpath(os.path.join(self._root, path), strict=True)
        except OSError as error:
            reason = "is part of a loop" if error.errno == ELOOP else f"is broken ({error.strerror})"
            raise self._refusal(path, reason) from None
        if self._below(self._root, real) is None and (self._blobs is None or self._below(self._blobs, real) is None):
            raise self._refusal(path, "leaves the recorded folder")
        if os.path.isdir(real):  # noqa: PTH112 - bytes
            raise self._refusal(path, "leads to a folder")
        return real

    def _refusal(self, path: bytes, reason: str) -> LedgerError:
        return LedgerError("LG0206", f"symbolic link {reason}: `{shown(path)}` -> `{self._text_of(path)}`")

    @staticmethod
    def _below(folder: bytes, path: bytes) -> bytes | None:
        prefix = folder.rstrip(b"/") + b"/"
        return path[len(prefix) :] if path.startswith(prefix) else None

    def open(self, real: bytes) -> int:
        """Open a resolved target from its boundary, one folder at a time. Raises Fault."""
        below = self._below(self._root, real)
        try:
            if below is not None:
                return _open_below(self._root_fd, below)
            if self._blobs is None or (below := self._below(self._blobs, real)) is None:
                raise Fault("changed")
            if self._blobs_fd < 0:
                self._blobs_fd = os.open(self._blobs, FOLDER_FLAGS)
            return _open_below(self._blobs_fd, below)
        except OSError as error:
            raise Fault("os", error.errno or 0) from None

    def close(self) -> None:
        """Close what was opened here; the root's descriptor belongs to the caller."""
        if self._blobs_fd >= 0:
            os.close(self._blobs_fd)
            self._blobs_fd = -1


def _open_below(folder_fd: int, path: bytes) -> int:
    *folders, name = path.split(b"/")
    opened: list[int] = []
    try:
        for folder in folders:
            opened.append(os.open(folder, FOLDER_FLAGS, dir_fd=opened[-1] if opened else folder_fd))
        return os.open(name, FILE_FLAGS, dir_fd=opened[-1] if opened else folder_fd)
    finally:
        for fd in opened:
            os.close(fd)


def _hub_blobs(root: bytes) -> bytes | None:
    parts = root.split(b"/")
    for index in range(len(parts) - 1, 1, -1):
        if parts[index - 1] == b"snapshots" and parts[index - 2].startswith(_HUB_KINDS):
            return b"/".join([*parts[: index - 1], b"blobs"])
    return None
