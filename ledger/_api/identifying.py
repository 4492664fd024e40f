"""Which licence files are: the files named, and those of folders that have the name of a licence file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.licenses.files import is_license_file
from ledger.licenses.textid import Identification, identify_bytes
from ledger.limits import LIMITS

# ScanCode loads its index for six seconds, and takes some for a long text.
_SCANCODE_SECONDS = 300
_SKIPPED = (".git", ".hg", ".svn")


@dataclass(frozen=True, slots=True)
class IdentifiedFile:
    """A file and which licence it is.

    Attributes:
        path: as it was named, or inside the folder that was.
        found: our identification; None when the file could not be read.
        problem: why it could not be read; None when it could.
        scancode: what ScanCode says, when it was asked: `expression` or `problem`. No identification of ours.
    """

    path: str
    found: Identification | None
    problem: str | None
    scancode: dict[str, str | None] | None

    @property
    def identified(self) -> bool:
        """Whether it is known which licence it is."""
        return self.found is not None and self.found.identified

    def to_json(self) -> dict[str, Any]:
        """As in `ledger identify --json`."""
        path = self.path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        empty = {"kind": None, "fingerprint": None, "sha256": None, "more": False}
        if self.found is None:
            shown: dict[str, Any] = {"method": "unknown", "ids": [], "candidates": [], "residual": [], "reason": self.problem, **empty}
        else:
            shown = asdict(self.found)
        return {"path": path, **shown, "scancode": self.scancode}


def identify_files(paths: Sequence[str | os.PathLike[str]], *, scancode: bool = False) -> list[IdentifiedFile]:
    """Say which licence each file is; of a folder, each file below it that has the name of a licence file.

    Args:
        paths: files and folders, in the order of the answer; what is in a folder comes sorted.
        scancode: ask the program `scancode` too, which must be installed; its answer stands beside ours.

    Raises:
        LedgerError: LG0201 for a path that is not there, LG0202 for a folder that cannot be read,
            LG0803 when no file was found, LG0805 when `scancode` is not there.
    """
    program = shutil.which("scancode") if scancode else None
    if scancode and program is None:
        raise LedgerError("LG0805", "no program `scancode` is on the PATH")
    for path in paths:
        if not Path(path).exists():
            raise LedgerError("LG0201", f"there is nothing at `{os.fspath(path)}`")
    files = [file for path in paths for file in _files(os.fspath(path))]
    if not files:
        named = ", ".join(f"`{os.fspath(path)}`" for path in paths)
        raise LedgerError("LG0803", f"no file below {named} has the name of a licence file")
    return [_identified(file, program) for file in files]


def _files(path: str) -> Iterator[str]:
    if not Path(path).is_dir():
        yield path
        return
    for folder, below, names in os.walk(path, onerror=_unreadable):
        below[:] = sorted(name for name in below if name not in _SKIPPED)
        inside = os.path.relpath(folder, path)
        for name in sorted(names):
            whole = os.path.join(folder, name)
            shown = name if inside == "." else os.path.join(inside, name).replace(os.sep, "/")
            # A pipe or a device that calls itself LICENSE is none.
            if is_license_file(shown) and Path(whole).is_file():
                yield whole


def _unreadable(error: OSError) -> None:
    # What is not looked at must not look as if nothing were there.
    raise LedgerError("LG0202", f"cannot read the folder `{error.filename}`: {error.strerror}")


def _identified(path: str, program: str | None) -> IdentifiedFile:
    try:
        with Path(path).open("rb") as file:
            # One byte more than is read: then it is known to be too large.
            data = file.read(LIMITS.license_file_bytes + 1)
            if len(data) > LIMITS.license_file_bytes:
                return IdentifiedFile(path, None, f"larger than {LIMITS.license_file_bytes} bytes", None)
    except OSError as error:
        return IdentifiedFile(path, None, f"cannot be read: {error.strerror}", None)
    return IdentifiedFile(path, identify_bytes(data), None, _ask(program, path) if program else None)


def _ask(program: str, path: str) -> dict[str, str | None]:
    """What ScanCode says of a file. Its problems are part of the answer: ours does not depend on it."""
    command = [program, "--license", "--quiet", "--json", "-", str(Path(path).absolute())]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SCANCODE_SECONDS, check=False)
        if done.returncode != 0 or len(done.stdout) > LIMITS.json_bytes:
            return {"expression": None, "problem": f"scancode ended with {done.returncode} and {len(done.stdout)} bytes"}
        (file,) = json.loads(done.stdout)["files"]
        expression = file["detected_license_expression_spdx"]
    except subprocess.TimeoutExpired:
        return {"expression": None, "problem": f"scancode took more than {_SCANCODE_SECONDS} seconds"}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        return {"expression": None, "problem": f"scancode gave no answer that can be read: {type(error).__name__}"}
    if expression is not None and not isinstance(expression, str):
        return {"expression": None, "problem": "scancode gave no answer that can be read"}
    return {"expression": expression, "problem": None if expression else "scancode found no licence"}
