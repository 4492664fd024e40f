"""What a disk may hold when the power goes: a model of files and folders, and every state that it allows, from a record of operations.

What an fsync has covered is there. Of a file whose bytes were not synced, any of nothing, a part, zeros or all may be. Of a folder that was
not synced, each change since its last fsync may be there or not, in any combination; a rename happens as a whole. A folder whose entry is
not there takes everything in it along. This is what POSIX promises, and less than what common file systems keep.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TORN: tuple[Callable[[bytes], bytes], ...] = (
    lambda data: b"",
    lambda data: data[: len(data) // 2],
    lambda data: bytes(len(data)),
    lambda data: data,
)


@dataclass
class Disk:
    """Folders, entries (path → number of a file), the files' bytes, and changes of entries that no fsync of their folder covers."""

    folders: set[Path] = field(default_factory=set)
    entries: dict[Path, int] = field(default_factory=dict)
    content: dict[int, bytes] = field(default_factory=dict)
    synced: set[int] = field(default_factory=set)
    now: dict[Path, int] = field(default_factory=dict)
    pending: list[tuple[str, Path, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, root: Path) -> Disk:
        """A folder as it is, all of it durable."""
        disk = cls()
        for number, path in enumerate(sorted(root.rglob("*"))):
            if path.is_dir():
                disk.folders.add(path)
            else:
                disk.entries[path] = -1 - number
                disk.content[-1 - number] = path.read_bytes()
                disk.synced.add(-1 - number)
        disk.now = dict(disk.entries)
        return disk

    def take(self, event: tuple[Any, ...]) -> None:
        """One more operation."""
        name, what, *more = event
        if name == "put":
            self.content[what] += more[0]
        elif name == "sync":
            self.synced.add(what)
        elif name == "sync_all":
            self.synced |= set(self.content)
            for change in self.pending:
                _change(change, self.folders, self.entries)
            self.pending = []
        elif name == "sync_folder":
            for change in self.pending:
                if change[1].parent == what:
                    _change(change, self.folders, self.entries)
            self.pending = [change for change in self.pending if change[1].parent != what]
        else:
            number = more[0] if name == "create" else self.now[more[0]] if name in ("link", "rename") else None
            if name == "create":
                self.content[number] = b""
            change = (name, what, (more[0], number) if name == "rename" else number)
            self.pending.append(change)
            _change(change, set(), self.now)

    def write(self, to: Path, root: Path, kept: Sequence[bool], torn: Sequence[int]) -> None:
        """One state that may be found: `kept` for each pending change, `torn` for each file that was not synced, in turn."""
        folders, entries = set(self.folders), dict(self.entries)
        for change, keep in zip(self.pending, kept, strict=True):
            if keep:
                _change(change, folders, entries)
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir(parents=True)
        there = {root}
        for folder in sorted(folders):
            if folder.parent in there:
                there.add(folder)
                (to / folder.relative_to(root)).mkdir()
        for at, (path, number) in enumerate(sorted(entries.items())):
            if path.parent in there:
                data = self.content[number]
                found = data if number in self.synced else TORN[torn[at % len(torn)] % len(TORN)](data)
                target = to / path.relative_to(root)
                target.write_bytes(found)
                target.chmod(0o600 if "keys" in path.parts else 0o644)

    def states(self) -> Iterator[tuple[list[bool], list[int]]]:
        """The worst ones: nothing of what is pending, all of it, all but one, and only one; torn in each way."""
        count = len(self.pending)
        yield [False] * count, [0]
        for way in range(len(TORN)):
            yield [True] * count, [way]
        for at in range(count):
            yield [number == at for number in range(count)], [at]
            yield [number != at for number in range(count)], [at]


def _change(change: tuple[str, Path, Any], folders: set[Path], entries: dict[Path, int]) -> None:
    name, path, more = change
    if name == "mkdir":
        folders.add(path)
    elif name in ("create", "link"):
        entries[path] = more
    elif name == "rename":
        source, number = more
        entries.pop(source, None)
        entries[path] = number
    elif name == "unlink":
        entries.pop(path, None)
    elif name == "rmdir":
        folders.discard(path)


def fingerprint(root: Path) -> bytes:
    """A digest of everything in a folder."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        digest.update(f"{path.relative_to(root)}\n{path.is_dir()}\n".encode())
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.digest()
