"""Files that a command writes for others: the place is tried before anything is logged, and the file is there whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from ledger.errors import LedgerError


class Output:
    """A file to be written at the end. What is there is replaced in one step; a device or pipe is written to.

    Raises:
        LedgerError: LG1103 when the place cannot be written; then nothing was logged.
    """

    def __init__(self, path: Path, done: str = "") -> None:
        """Args: `done`: what has happened all the same when the file cannot be written at the end."""
        self._path = path
        self._done = f"; {done}" if done else ""
        try:
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            special = path.exists() and not path.is_file()
            self._target = path if special else path.resolve()
            self._temporary = None if special else self._target.with_name(f".{self._target.name}.{os.getpid()}")
            self._file = (self._temporary or self._target).open("wb")
        except OSError as error:
            raise LedgerError("LG1103", f"cannot write `{path}`: {error.strerror}; nothing was logged") from None

    def __enter__(self) -> Output:
        return self

    def write(self, data: bytes) -> None:
        """Write the file. Raises LedgerError LG1103."""
        try:
            with self._file:
                self._file.write(data)
            if self._temporary is not None:
                self._temporary.replace(self._target)
        except OSError as error:
            hint = "make room or choose another file, and run it again: what is logged is not logged twice"
            raise LedgerError("LG1103", f"cannot write `{self._path}`: {error.strerror}{self._done}", hint=hint) from None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder that is new or empty.

    Args:
        files: path below the folder → bytes.

    Raises:
        LedgerError: LG0837 when something is in the folder, LG1103 when it cannot be written.
    """
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise LedgerError("LG0837", f"`{folder}` is not empty: what is in it would be mixed with what belongs together")
        for path, data in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    except OSError as error:
        raise LedgerError("LG1103", f"cannot write `{folder}`: {error.strerror}") from None
