"""What an importer reads: files by relative path, without touching the disk itself; and where in them something stands; pure.

An importer is a function of `Files`, so that tests and fuzzers give it bytes from memory, and the API files from a folder. Paths are
relative, use `/`, and have no empty, `.` or `..` segment: whatever a document names outside of that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ledger import canon
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.spec import strict_yaml

BAD = "LG1501"
"""The code of a file that an importer cannot read as what it is."""


class Files(Protocol):
    """Files that an importer may read, by path."""

    def paths(self) -> Sequence[str]:
        """All paths, ascending."""

    def size(self, path: str) -> int | None:
        """Bytes of a file; None when there is none at this path."""

    def head(self, path: str, limit: int) -> bytes:
        """At most `limit` first bytes of a file that is there. Raises LedgerError LG0202 when it cannot be read."""


@dataclass(frozen=True, slots=True)
class At:
    """Where something stands: a file by its relative path, and in it a JSON pointer or a line (`line 12`); empty for the whole file."""

    file: str
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.pointer}" if self.pointer else self.file

    def under(self, *steps: str | int) -> At:
        """The place of a member of what stands here."""
        return At(self.file, self.pointer + "".join("/" + str(one).replace("~", "~0").replace("/", "~1") for one in steps))


@dataclass(frozen=True, slots=True)
class MemoryFiles:
    """Files from memory."""

    content: Mapping[str, bytes]

    def paths(self) -> Sequence[str]:
        """All paths, ascending."""
        return sorted(self.content)

    def size(self, path: str) -> int | None:
        """Bytes of a file."""
        found = self.content.get(path)
        return None if found is None else len(found)

    def head(self, path: str, limit: int) -> bytes:
        """First bytes."""
        return self.content[path][:limit]


@dataclass(frozen=True, slots=True)
class SubFiles:
    """The files below one folder of others, by paths relative to it."""

    files: Files
    folder: str

    def paths(self) -> Sequence[str]:
        """All paths, ascending."""
        start = self.folder + "/"
        return [path.removeprefix(start) for path in self.files.paths() if path.startswith(start)]

    def size(self, path: str) -> int | None:
        """Bytes of a file."""
        return self.files.size(f"{self.folder}/{path}")

    def head(self, path: str, limit: int) -> bytes:
        """First bytes."""
        return self.files.head(f"{self.folder}/{path}", limit)


def whole(files: Files, path: str, limit: int = LIMITS.json_bytes) -> bytes:
    """A file's bytes. Raises LedgerError LG0103 when it has more than `limit`, LG1501 when there is none."""
    size = files.size(path)
    if size is None:
        raise LedgerError(BAD, f"there is no `{shown(path)}`")
    if size > limit:
        raise LedgerError("LG0103", f"`{shown(path)}` has {size} bytes, more than {limit}")
    return files.head(path, limit)


def read_json(files: Files, path: str, limit: int = LIMITS.json_bytes) -> Any:
    """A JSON file, strictly: no duplicate keys, bounded depth. Raises LedgerError LG1501, LG0103."""
    return parse_json(whole(files, path, limit), path)


def parse_json(data: bytes, path: str, limit: int = LIMITS.json_bytes) -> Any:
    """JSON, strictly. Raises LedgerError LG1501 whatever is wrong with it but its size, which is LG0103."""
    try:
        return canon.loads(data.removeprefix(b"\xef\xbb\xbf"), what=f"`{shown(path)}`", max_bytes=limit)
    except LedgerError as error:
        raise error if error.code == "LG0103" else LedgerError(BAD, error.message) from None


def parse_yaml(data: bytes, path: str) -> Any:
    """One YAML document in which every scalar stays text: `no`, `1e10` and `5503434` are what somebody wrote, not a guess of YAML's.

    An empty value is None. Raises LedgerError LG1501, LG0103.
    """
    return strict_yaml.load(data, what=f"`{shown(path)}`", code=BAD, plain_text=True)


def shown(text: object) -> str:
    """A stranger's text, short and without control characters."""
    plain = str(text)
    short = plain if len(plain) <= 120 else plain[:119] + "…"
    return "".join(char if char.isprintable() else "?" for char in short)


def confined(path: str) -> str | None:
    """A relative path that a document names, without `.` segments; None when it leaves the folder or is no path.

    Absolute paths, backslashes, drive letters, addresses, control characters and `..` are not confined, whatever they would lead to.
    """
    if not path or len(path.encode("utf-8", "surrogatepass")) > LIMITS.path_bytes or "\\" in path or path.startswith("/"):
        return None
    if any(not char.isprintable() for char in path) or ":" in path.split("/", 1)[0]:
        return None
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return None if not parts or ".." in parts else "/".join(parts)
