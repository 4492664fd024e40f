"""Files of a folder for importers: listed once, read on demand, and never outside of the folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ledger.errors import LedgerError
from ledger.importers.sources import shown

MOST_FILES = 2_000_000
_PASSED_OVER = frozenset({".git/objects", ".git/lfs", ".dvc/cache", ".venv", "node_modules"})


class FolderFiles:
    """The files below a folder, or one file by its name.

    Links to files count when they lead to a file below the folder; links to folders are not followed.

    Raises:
        LedgerError: LG0201 when there is nothing at the path, LG0103 when there are too many files.
    """

    def __init__(self, path: Path) -> None:
        self.root = path if path.is_dir() else path.parent
        self._real = os.path.realpath(self.root)
        if path.is_dir():
            self._sizes = dict(sorted(self._walk("")))
        elif path.is_file():
            self._sizes = {path.name: path.stat().st_size}
        else:
            raise LedgerError("LG0201", f"cannot read `{shown(path)}`: there is no such file or folder")

    def paths(self) -> Sequence[str]:
        """All paths, ascending."""
        return list(self._sizes)

    def size(self, path: str) -> int | None:
        """Bytes of a file."""
        return self._sizes.get(path)

    def head(self, path: str, limit: int) -> bytes:
        """First bytes. Raises LedgerError LG0202."""
        try:
            with (self.root / path).open("rb") as file:
                return file.read(limit)
        except OSError as error:
            raise LedgerError("LG0202", f"cannot read `{shown(path)}`: {error.strerror}") from None

    def _walk(self, below: str) -> Iterator[tuple[str, int]]:
        pending, count = [below], 0
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(self.root / folder))
            except OSError as error:
                raise LedgerError("LG0202", f"cannot read the folder `{shown(folder or self.root)}`: {error.strerror}") from None
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if path not in _PASSED_OVER:
                        pending.append(path)
                    continue
                size = self._size(entry)
                if size is not None and _is_text(path):
                    count += 1
                    if count > MOST_FILES:
                        raise LedgerError("LG0103", f"`{shown(self.root)}` has more than {MOST_FILES} files")
                    yield path, size

    def _size(self, entry: os.DirEntry[str]) -> int | None:
        """Bytes of a regular file; None for anything else, and for a link that leads out of the folder."""
        try:
            if entry.is_symlink():
                real = os.path.realpath(entry.path)
                if not real.startswith(self._real + os.sep):
                    return None
            return entry.stat().st_size if entry.is_file() else None
        except OSError:
            return None


def _is_text(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
