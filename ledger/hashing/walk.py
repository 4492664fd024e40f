"""Lists the files of a folder in inventory order, without following anything out of it.

Every folder is opened by descriptor without following a link, and its parent must be the very folder that the walk came from,
so a folder swapped for a link during the walk is noticed. What the format refuses is refused here, by name, unless `include`
leaves it out. The order of the lists is the order of the raw bytes of the paths, because a folder sorts as its name and a slash.
"""

from __future__ import annotations

import os
import sys
from bisect import bisect_left
from collections.abc import Iterator
from errno import ELOOP, ENOENT, ENOTDIR
from typing import Literal

from ledger.errors import LedgerError
from ledger.hashing.include import Include, State
from ledger.hashing.links import LinkTargets
from ledger.hashing.names import check_path, shown
from ledger.hashing.worker import FOLDER_FLAGS, folder_row, pack_rows
from ledger.limits import LIMITS

Symlinks = Literal["refuse", "inside"]
CHUNK_FILES = 512
_UTF8_NAMES = sys.getfilesystemencoding().lower().replace("_", "-") in ("utf-8", "utf8")


class Folder:
    """A folder that was walked: its prefix (path and slash, empty for the root) and what it was when it was opened."""

    __slots__ = ("device", "inode", "prefix", "row")

    def __init__(self, prefix: bytes, device: int, inode: int, row: bytes) -> None:
        self.prefix = prefix
        self.device = device
        self.inode = inode
        self.row = row


class Chunk:
    """Up to 512 files of one folder that follow each other in the inventory.

    `names` are joined by line feeds; `digests` and `rows` hold 32 and 40 bytes per file and are filled in by whoever hashes;
    `links` gives the position of each symbolic link and where it leads, `missing` how many digests are still to come. `first` is
    the place of the first file in the inventory; `text` and `subtrees` are its lines and their Merkle subtrees, until they are used.
    """

    __slots__ = ("count", "digests", "first", "folder", "links", "missing", "names", "reused", "rows", "subtrees", "text")

    def __init__(self, folder: Folder, names: bytes, count: int, links: dict[int, bytes] | None = None) -> None:
        self.folder = folder
        self.names = names
        self.count = count
        self.links = links
        self.digests: bytes | bytearray = b""
        self.rows: bytes | bytearray = b""
        self.reused = 0
        self.missing = 0
        self.first = 0
        self.text = b""
        self.subtrees: list[bytes] = []

    def path_of(self, position: int) -> bytes:
        """The path of one file, for messages; of the folder when the position is -1."""
        return self.folder.prefix + self.names.split(b"\n")[position] if position >= 0 else self.folder.prefix.rstrip(b"/")


class Walk:
    """One pass over a folder. Iterating gives its chunks in inventory order; `folders` grows on the way."""

    def __init__(self, root_fd: int, include: Include, symlinks: Symlinks, targets: LinkTargets) -> None:
        self._root_fd = root_fd
        self._include = include
        self._symlinks = symlinks
        self._targets = targets
        self.folders: list[Folder] = []

    def __iter__(self) -> Iterator[Chunk]:
        pending: list[Chunk | tuple[bytes, Folder | None, State]] = [(b"", None, self._include.start)]
        while pending:
            item = pending.pop()
            if isinstance(item, Chunk):
                yield item
            else:
                pending += reversed(self._list_folder(*item))

    def _list_folder(self, prefix: bytes, parent: Folder | None, state: State) -> list[Chunk | tuple[bytes, Folder | None, State]]:
        if len(prefix) > LIMITS.path_bytes:
            check_path(prefix[:-1])
            raise LedgerError("LG0204", f"a path has more than {LIMITS.path_bytes} bytes: `{shown(prefix)}`")
        try:
            fd = self._open(prefix, parent)
        except OSError as error:
            raise _folder_error(prefix, error) from None
        try:
            status = os.fstat(fd)
            folder = Folder(prefix, status.st_dev, status.st_ino, pack_rows(folder_row(status)))
            files, folders, links, others = _scan(fd)
        except OSError as error:
            raise _folder_error(prefix, error) from None
        finally:
            os.close(fd)
        self.folders.append(folder)
        if not self._include.takes_all(state):
            files = [name for name in files if self._include.takes(state, name)]
            links = [name for name in links if self._link_is_taken(prefix, state, name)]
            others = [name for name in others if self._include.takes(state, name)]
            folders = [name for name in folders if self._include.enter(state, name)]
        if others:
            path = prefix + _encode(min(others))
            raise LedgerError("LG0207", f"not a regular file but a device, socket or fifo: `{shown(path)}`")
        targets = self._resolve_links(prefix, links)
        return self._arrange(folder, state, files + links, folders, targets)

    def _open(self, prefix: bytes, parent: Folder | None) -> int:
        fd = os.open(prefix[:-1] or b".", FOLDER_FLAGS, dir_fd=self._root_fd)
        if parent is not None:
            try:
                above = os.stat("..", dir_fd=fd)
                if (above.st_dev, above.st_ino) != (parent.device, parent.inode):
                    raise LedgerError("LG0208", f"a folder was moved while it was listed: `{shown(prefix[:-1])}`")
            except BaseException:
                os.close(fd)
                raise
        return fd

    def _link_is_taken(self, prefix: bytes, state: State, name: str) -> bool:
        if self._include.takes(state, name):
            return True
        return bool(self._include.enter(state, name)) and self._targets.leads_to_folder(prefix + _encode(name))

    def _resolve_links(self, prefix: bytes, links: list[str]) -> dict[str, bytes]:
        if links and self._symlinks == "refuse":
            path = prefix + _encode(min(links))
            raise LedgerError("LG0205", f"symbolic link refused: `{shown(path)}`", hint=self._targets.hint_for(path))
        for name in links:
            check_path(prefix + _encode(name))
        return {name: self._targets.resolve(prefix + _encode(name)) for name in links}

    def _arrange(
        self, folder: Folder, state: State, files: list[str], folders: list[str], targets: dict[str, bytes]
    ) -> list[Chunk | tuple[bytes, Folder | None, State]]:
        files.sort()
        encoded = _encode_all(folder.prefix, files)
        items: list[Chunk | tuple[bytes, Folder | None, State]] = []
        start = 0
        for name in sorted(name + "/" for name in folders):
            prefix = folder.prefix + _encode(name)
            end = bisect_left(files, name)
            _append_chunks(items, folder, encoded, files, targets, start, end)
            items.append((prefix, folder, self._include.enter(state, name[:-1])))
            start = end
        _append_chunks(items, folder, encoded, files, targets, start, len(files))
        return items


def _scan(fd: int) -> tuple[list[str], list[str], list[str], list[str]]:
    files: list[str] = []
    folders: list[str] = []
    links: list[str] = []
    others: list[str] = []
    with os.scandir(fd) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                files.append(entry.name)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                (links if entry.is_symlink() else others).append(entry.name)
    if _UTF8_NAMES:
        return files, folders, links, others
    return tuple([os.fsencode(name).decode("utf-8", "surrogateescape") for name in names] for names in (files, folders, links, others))  # type: ignore[return-value]


def _encode(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _encode_all(prefix: bytes, names: list[str]) -> list[bytes]:
    """The names as bytes, after the whole list was looked at together; only a bad list is looked at name by name."""
    if not names:
        return []
    text = "\n".join(names)
    joined = b""
    try:
        prefix.decode()
        joined = text.encode()
        good = joined.count(b"\n") == len(names) - 1 and not any(byte in joined or byte in prefix for byte in (b"\r", b"\\"))
        good = good and b"\n" not in prefix
    except UnicodeError:
        good = False
    encoded = joined.split(b"\n")
    if not good or len(prefix) + max(map(len, encoded)) > LIMITS.path_bytes:
        for name in names:
            check_path(prefix + _encode(name))
    return encoded


def _append_chunks(
    items: list[Chunk | tuple[bytes, Folder | None, State]],
    folder: Folder,
    encoded: list[bytes],
    files: list[str],
    targets: dict[str, bytes],
    start: int,
    end: int,
) -> None:
    for first in range(start, end, CHUNK_FILES):
        last = min(first + CHUNK_FILES, end)
        links = {index - first: targets[files[index]] for index in range(first, last) if files[index] in targets} if targets else None
        items.append(Chunk(folder, b"\n".join(encoded[first:last]), last - first, links or None))


def _folder_error(prefix: bytes, error: OSError) -> LedgerError:
    path = shown(prefix[:-1] or b".")
    if error.errno in (ENOENT, ENOTDIR, ELOOP):
        return LedgerError("LG0208", f"a folder went away while it was listed: `{path}`")
    return LedgerError("LG0202", f"cannot list a folder: `{path}`: {error.strerror}")
