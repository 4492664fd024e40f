"""The index of a Git work tree (`.git/index`, versions 2 to 4) and the identifier of a tree of files, as Git and SWHIDs have it; pure.

Source: Documentation/gitformat-index.txt of git 2.47; ISO/IEC 18670 (SWHID 1.2), directories and contents.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.importers.sources import BAD

_HEADER, _FIXED, _SHA1 = 12, 62, 20
_MOST_ENTRIES = 2_000_000
_EXTENDED = 0x4000
_DEEPEST = 500
LINK, SUBMODULE = 0o120000, 0o160000
_MODES = (0o100644, 0o100755, 0o100664, LINK, SUBMODULE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A tracked file: its path, mode and blob; `stage` is not 0 in an unfinished merge."""

    path: str
    mode: int
    blob: bytes
    stage: int


def entries(data: bytes) -> list[Entry]:
    """The entries of an index with SHA-1 ids. Raises LedgerError LG1501 when it is damaged or of another form."""
    if len(data) < _HEADER + _SHA1 or data[:4] != b"DIRC":
        raise _damaged("it has no header")
    version, count = int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")
    if version not in (2, 3, 4) or count > _MOST_ENTRIES or count * (_FIXED + 1) > len(data):
        raise _damaged(f"version {version} with {count} entries")
    if hashlib.sha1(data[:-_SHA1], usedforsecurity=False).digest() != data[-_SHA1:] and data[-_SHA1:] != bytes(_SHA1):
        raise _damaged("its checksum does not hold")
    found: list[Entry] = []
    place, last = _HEADER, b""
    for _ in range(count):
        entry, place, last = _entry(data, place, version, last)
        found.append(entry)
    return found


def _entry(data: bytes, start: int, version: int, last: bytes) -> tuple[Entry, int, bytes]:
    fixed = data[start : start + _FIXED]
    if len(fixed) < _FIXED:
        raise _damaged("it ends within an entry")
    mode, blob, flags = int.from_bytes(fixed[24:28], "big"), fixed[40:60], int.from_bytes(fixed[60:62], "big")
    place = start + _FIXED + (2 if version >= 3 and flags & _EXTENDED else 0)
    kept = b""
    if version == 4:
        cut, place = _varint(data, place)
        if cut > len(last):
            raise _damaged("a path takes more from the one before than there is")
        kept = last[: len(last) - cut]
    end = data.find(b"\0", place)
    if end < 0:
        raise _damaged("a path does not end")
    name = kept + data[place:end]
    after = end + 1 if version == 4 else start + (end - start + 8) // 8 * 8
    try:
        path = name.decode("utf-8")
    except UnicodeDecodeError:
        raise _damaged("a path is not UTF-8") from None
    if mode not in _MODES or not path or path.startswith("/") or any(part in ("", ".", "..") for part in path.split("/")):
        raise _damaged(f"an entry of mode {mode:o} that cannot be")
    return Entry(path, mode, blob, flags >> 12 & 3), after, name


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """Git's offset encoding: seven bits at a time, with one added for each further byte."""
    value = 0
    for number in range(9):
        if place >= len(data):
            break
        byte = data[place]
        place += 1
        value = (value + 1 if number else 0) << 7 | byte & 127
        if not byte & 128:
            return value, place
    raise _damaged("a length does not end")


def _damaged(why: str) -> LedgerError:
    return LedgerError(BAD, f"`.git/index` cannot be read: {why}")


def tree_id(tracked: Sequence[Entry]) -> str | None:
    """The id of the tree of files, 40 hex digits; None when two entries cannot be in one tree, or it is too deep."""
    root: dict[bytes, object] = {}
    for entry in tracked:
        parts = entry.path.encode().split(b"/")
        if len(parts) > _DEEPEST:
            return None
        folder: dict[bytes, object] = root
        for part in parts[:-1]:
            inner = folder.setdefault(part, {})
            if not isinstance(inner, dict):
                return None
            folder = inner
        if parts[-1] in folder:
            return None
        folder[parts[-1]] = (0o100644 if entry.mode == 0o100664 else entry.mode, entry.blob)
    return _folder_id(root).hex()


def _folder_id(folder: dict[bytes, object]) -> bytes:
    rows: list[tuple[bytes, bytes]] = []
    for name, item in folder.items():
        if isinstance(item, dict):
            rows.append((name + b"/", b"40000 " + name + b"\0" + _folder_id(item)))
        else:
            assert isinstance(item, tuple)
            rows.append((name, b"%o " % item[0] + name + b"\0" + item[1]))
    body = b"".join(row for _, row in sorted(rows))
    return hashlib.sha1(b"tree %d\0" % len(body) + body, usedforsecurity=False).digest()
