"""Which rows of `files` have which digest: a sorted run beside each large segment, so that a lookup reads some kilobytes of each.

`state/digests/<16 hex>` belongs to the segment with these digits in its name and states that segment's whole SHA-256, so it is of exactly
these rows: it is never stale, and a ledger that grows needs runs for its new segments only. It is derived, local and never published. It
can be read in one way:

    magic, 8 bytes · SHA-256 of the segment · number of rows, 8 bytes · SHA-256 of these 48 bytes and the table
    table: for each block the first key, 8 bytes, then for each block a CRC-32, 4 bytes
    keys: first four bytes of the digest, then number of the row in the segment, as one whole number of 8 bytes, ascending

Whole numbers are little-endian; a block is 4,096 keys. Every piece that is read is checked, and where one is not as it was written there
is no such run: then the segment itself is searched. A key is a hint, and the row decides. Ledgers with few files have no runs.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import zlib
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.errors import LedgerError
from ledger.store.fs import TEMPORARY, Fs
from ledger.store.layout import Layout
from ledger.store.segments import Segment, Segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAGIC = b"LGDIGS1\n"
BLOCK = 4096
WORTHWHILE = 100_000
"""Rows without a run, of all segments together, from which on runs are made."""
MANY = 24
"""So many segments without a run, beside others that have one, are given one too."""
_HEAD = struct.Struct("<8s32sQ")
_SUM = 32
_FIRST_READ = 20 << 10
_NAME = re.compile(r"[0-9a-f]{16}", re.ASCII)


class Broken(Exception):
    """A run is not as it was written."""


class Run:
    """One run: its table, and its keys from the file when they are asked for."""

    def __init__(self, path: Path, hex16: str) -> None:
        """Raises Broken, or OSError."""
        import numpy as np

        self._path = path
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            data = os.pread(handle, _FIRST_READ, 0)
            if len(data) < _HEAD.size + _SUM:
                raise Broken
            magic, segment, rows = _HEAD.unpack_from(data)
            self.rows = int(rows)
            blocks = -(-self.rows // BLOCK)
            self._start = _HEAD.size + _SUM + 12 * blocks
            if magic != MAGIC or segment.hex()[:16] != hex16 or os.fstat(handle).st_size != self._start + 8 * self.rows:
                raise Broken
            if len(data) < self._start:
                data += os.pread(handle, self._start - len(data), len(data))
        finally:
            os.close(handle)
        table = data[_HEAD.size + _SUM : self._start]
        if hashlib.sha256(data[: _HEAD.size] + table).digest() != data[_HEAD.size : _HEAD.size + _SUM]:
            raise Broken
        self._firsts = np.frombuffer(table, "<u8", blocks)
        self._sums = np.frombuffer(table, "<u4", blocks, 8 * blocks)

    def candidates(self, low: int, high: int) -> Any:
        """The numbers of the rows whose digest's first four bytes are low … high, ascending, as an array. Raises Broken, or OSError."""
        import numpy as np

        first, end = np.uint64(low << 32), np.uint64(high << 32 | 0xFFFFFFFF)
        begin = max(int(np.searchsorted(self._firsts, first, "left")) - 1, 0)
        stop = int(np.searchsorted(self._firsts, end, "right"))
        if begin >= stop:
            return np.empty(0, "<u8")
        handle = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            keys = np.concatenate([self._block(handle, number) for number in range(begin, stop)])
        finally:
            os.close(handle)
        keys = keys[int(np.searchsorted(keys, first, "left")) : int(np.searchsorted(keys, end, "right"))]
        return np.sort(keys & np.uint64(0xFFFFFFFF))

    def _block(self, handle: int, number: int) -> Any:
        import numpy as np

        count = min(BLOCK, self.rows - number * BLOCK)
        data = os.pread(handle, 8 * count, self._start + 8 * BLOCK * number)
        if len(data) != 8 * count or zlib.crc32(data) != int(self._sums[number]):
            raise Broken
        return np.frombuffer(data, "<u8")


def prefixes(column: Any) -> Any:
    """The first four bytes of each digest of a column of `sha256`, as an array of whole numbers. Raises ValueError for other lengths."""
    import numpy as np

    parts = []
    for chunk in column.chunks:
        count = len(chunk)
        if not count:
            continue
        _, offsets, values = chunk.buffers()
        places = np.frombuffer(offsets, "<i4", count + 1, 4 * chunk.offset)
        if chunk.null_count or int(places[-1]) - int(places[0]) != 32 * count or not (np.diff(places) == 32).all():
            raise ValueError("a digest that is not 32 bytes long")
        words = np.frombuffer(values, ">u4", 8 * count, int(places[0]))
        parts.append(words[::8].astype("<u4"))
    return np.concatenate(parts) if parts else np.empty(0, "<u4")


def run_bytes(segments: Segments, segment: Segment) -> list[memoryview]:
    """The run of a segment, which is checked against its name, in pieces. Held at once: 8 bytes a row, and one row group.

    Raises:
        LedgerError: LG0609, LG0610 when the segment cannot be read.
    """
    import numpy as np

    digest = segments.checked(segment)
    file = segments.file(segment)
    keys = np.empty(file.metadata.num_rows, "<u8")
    at = 0
    for number in range(file.num_row_groups):
        found = _prefixes_of(segments, segment, file, number)
        part = keys[at : at + len(found)]
        part[:] = found
        part <<= np.uint64(32)
        part |= np.arange(at, at + len(found), dtype="<u8")
        at += len(found)
    keys.sort()
    blocks = range(0, at, BLOCK)
    table = keys[::BLOCK].tobytes() + np.array([zlib.crc32(keys[n : n + BLOCK].data) for n in blocks], "<u4").tobytes()
    head = _HEAD.pack(MAGIC, digest, at)
    return [memoryview(head + hashlib.sha256(head + table).digest() + table), keys.data.cast("B") if at else memoryview(b"")]


def _prefixes_of(segments: Segments, segment: Segment, file: Any, number: int) -> Any:
    try:
        return prefixes(segments.group(segment, file, number, ("sha256",))["sha256"])
    except ValueError as error:
        raise LedgerError("LG0609", f"`{segment.path}` holds {error}") from None


class Digests:
    """The runs of one ledger."""

    def __init__(self, layout: Layout, segments: Segments, fs: Fs) -> None:
        self._folder = layout.digests
        self._segments, self._fs = segments, fs
        self._runs: dict[str, Run] = {}

    def path(self, segment: Segment) -> Path:
        """Where the run of a segment is."""
        return self._folder / segment.hex16

    def open(self, segment: Segment) -> Run | None:
        """The run of a segment; None when there is none, or it is not as it was written."""
        known = self._runs.get(segment.hex16)
        if known is None:
            try:
                known = self._runs[segment.hex16] = Run(self.path(segment), segment.hex16)
            except (OSError, Broken):
                return None
        return known

    def candidates(self, chain: Sequence[Segment], low: int, high: int) -> dict[str, Any]:
        """By segment what `Run.candidates` says; a segment without a run, or with a damaged one, is not in it.

        All are asked together: each waits for the disk and not for a core.
        """
        found: dict[str, Any] = {}

        def ask(item: Segment) -> None:
            run = self.open(item)
            if run is not None:
                with suppress(Broken, OSError):
                    found[item.hex16] = run.candidates(low, high)

        self._fs.together([partial(ask, item) for item in chain])
        return found

    def build(self, segment: Segment) -> bool:
        """Make the run of a segment; False when it cannot be written here. Raises LedgerError LG0609, LG0610."""
        pieces = run_bytes(self._segments, segment)
        temporary = self._folder / f"{TEMPORARY}{os.getpid()}-{segment.hex16}"
        try:
            self._folder.mkdir(exist_ok=True)
            temporary.unlink(missing_ok=True)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
            try:
                for view in pieces:
                    while view:
                        view = view[os.write(handle, view) :]
                # After a loss of power a file may have its length and not its bytes. They are checked, but made again only slowly.
                os.fsync(handle)
            finally:
                os.close(handle)
            os.rename(temporary, self.path(segment))  # noqa: PTH104
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            return False
        return True

    def missing(self, chain: Sequence[Segment]) -> list[tuple[Segment, int]]:
        """The segments that have rows and no run, with how many. Raises LedgerError LG0609."""
        import numpy as np  # noqa: F401 - ahead of the threads, of which each would wait for it

        found = []
        self._fs.together([partial(self.open, item) for item in chain])
        for item in chain:
            if self.open(item) is None and (rows := self._segments.rows_of(item)):
                found.append((item, rows))
        return found

    def wanted(self, chain: Sequence[Segment]) -> list[tuple[Segment, int]]:
        """The segments that should be given a run, with their rows: none while what has none is quickly searched without."""
        found = self.missing(chain)
        there = len(found) < len(chain) and bool(self._runs)
        return found if sum(rows for _, rows in found) >= WORTHWHILE or (there and len(found) > MANY) else []

    def files(self) -> Iterator[Path]:
        """The runs that are there, and what was left of making some."""
        with suppress(OSError):
            yield from sorted(self._folder.iterdir())

    def sweep(self) -> None:
        """Remove the runs of segments that are no longer there, and what was left by who ended early."""
        kept = {item.hex16 for item in self._segments.listed("files")}
        for path in self.files():
            stale = path.name not in kept if _NAME.fullmatch(path.name) else path.name.startswith(TEMPORARY)
            if stale:
                with suppress(OSError):
                    path.unlink()

    def problems(self, path: Path) -> str | None:
        """What is wrong with a run, compared with its segment byte for byte; None when nothing is or its segment is not there."""
        item = next((one for one in self._segments.listed("files") if one.hex16 == path.name), None)
        if item is None:
            return None
        try:
            wanted = run_bytes(self._segments, item)
        except LedgerError:
            return None  # the segment is at fault, which other checks name
        try:
            with open(path, "rb") as stream:
                same = all(stream.read(len(piece)) == piece for piece in wanted) and not stream.read(1)
        except OSError as error:
            return f"{error.strerror}"
        return None if same else "it is not what the segment gives"


def check(layout: Layout) -> list[str]:
    """What is wrong with the runs, for L11 of `ledger verify`: each is made again and compared."""
    segments = Segments(layout, Fs())
    runs = Digests(layout, segments, Fs())
    found = [(path.name, runs.problems(path)) for path in runs.files() if _NAME.fullmatch(path.name)]
    return [f"`state/digests/{name}`: {why}: remove it, it is made again and holds no record" for name, why in found if why is not None]


def remove_damaged(layout: Layout) -> list[str]:
    """Remove runs that are not what their segments give; says which."""
    segments = Segments(layout, Fs())
    runs = Digests(layout, segments, Fs())
    done = []
    for path in runs.files():
        if _NAME.fullmatch(path.name) and runs.problems(path) is not None:
            path.unlink(missing_ok=True)
            done.append(f"`state/digests/{path.name}`: removed, it was not what its segment gives and holds no record")
    return done
