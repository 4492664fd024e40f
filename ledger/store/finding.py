"""Where a file is recorded: the rows of `files` with a digest, or with a path (docs/adr/0031-files-at-scale.md).

By digest, each segment is asked through its run (ledger/store/digests.py) or, where it has none, searched whole, its own digest checked
first. What a run says is compared with the row. By path, every segment is searched, but for the row groups whose statistics exclude it.
A part that cannot be read is named, and the answer is then not the whole one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ledger.errors import LedgerError
from ledger.store.digests import Digests, prefixes
from ledger.store.reader import Reader
from ledger.store.segments import Segment

Progress = Callable[[str, int, int], None]
"""Told what is done, how many rows, and of how many."""


class FileRow(NamedTuple):
    """A row of `files`."""

    idx: int
    artifact_no: int
    path: str
    sha256: bytes
    bytes: int


@dataclass(slots=True)
class Rows:
    """What was found.

    Attributes:
        more: there is at least one further row that the limit left out.
        unread: what could not be searched, one sentence each.
        rows: how many rows `files` holds in all segments in force; those after the size that is asked about included.
    """

    found: list[FileRow] = field(default_factory=list)
    more: bool = False
    unread: list[str] = field(default_factory=list)
    rows: int = 0


class _Enough(Exception):
    """The limit is reached."""


@dataclass(frozen=True, slots=True)
class Digits:
    """The first digits of a digest, or all of them; lower-case hex."""

    text: str

    @property
    def low(self) -> bytes:
        """The smallest digest with these digits."""
        return bytes.fromhex(self.text.ljust(64, "0"))

    @property
    def high(self) -> bytes:
        """The largest."""
        return bytes.fromhex(self.text.ljust(64, "f"))

    @property
    def words(self) -> tuple[int, int]:
        """The first four bytes of both."""
        return int.from_bytes(self.low[:4]), int.from_bytes(self.high[:4])


class Finder:
    """Searches the files of one ledger at a size."""

    def __init__(self, reader: Reader, size: int, limit: int, progress: Progress | None = None) -> None:
        self._reader, self._segments = reader, reader.segments
        self._size, self._limit = size, limit
        self._progress = progress
        self._passed = self._total = 0
        self.digests = Digests(reader.layout, reader.segments, reader.fs)

    def prepare(self, *, all: bool = False) -> None:
        """Make the runs that are worthwhile and missing; where they cannot be written, searching takes longer."""
        prepare(self._reader, self._progress, all=all, digests=self.digests)

    def with_digest(self, digits: Digits) -> Rows:
        """The rows whose digest starts with these digits, oldest first."""
        known: dict[str, Any] = {}

        def begin(chain: Sequence[Segment]) -> None:
            known.clear()
            known.update(self.digests.candidates([item for item in chain if item.first < self._size], *digits.words))

        return self._search(lambda item, rows: self._by_digest(item, digits, known.get(item.hex16), rows), begin)

    def with_path(self, pattern: str) -> Rows:
        """The rows with a path, or with one that fits a pattern (`pattern_of`), oldest first. Raises LedgerError LG0906."""
        import pyarrow as pa
        import pyarrow.compute as pc

        _, regex = pattern_of(pattern)
        try:
            pc.match_substring_regex(pa.array([""]), regex or "")
        except pa.ArrowException:
            raise LedgerError("LG0906", f"`{ascii(pattern)[1:-1][:200]}` is no pattern of paths") from None
        return self._search(lambda item, rows: self._by_path(item, pattern, rows))

    def _search(self, one: Callable[[Segment, Rows], None], begin: Callable[[Sequence[Segment]], object] = len) -> Rows:
        def work(whole: int) -> Rows:
            rows = Rows()
            chain = self._segments.in_force("files", whole)
            enough = False
            begin(chain)
            self._passed, self._total = 0, sum(map(self.count, chain)) if self._progress else 0
            for item in chain:
                try:
                    if item.first < self._size and not enough:
                        one(item, rows)
                except _Enough:
                    enough = True
                except LedgerError as error:
                    if error.code == "LG0610":
                        raise
                    rows.unread.append(error.message)
                self._passed += self.count(item) if self._progress else 0
            rows.rows = sum(self.count(item) for item in chain)
            return rows

        return self._reader.reloading(work)

    def count(self, item: Segment) -> int:
        """How many rows a segment holds; none when it cannot be told, which searching it has said."""
        run = self.digests.open(item)
        if run is not None:
            return run.rows
        try:
            return self._segments.rows_of(item)
        except LedgerError:
            return 0

    def _tell(self, rows: int) -> None:
        """How far the segment at hand has been searched."""
        if self._progress is not None:
            self._progress("searching", self._passed + rows, self._total)

    def _keep(self, rows: Rows, row: FileRow) -> None:
        if row.idx >= self._size:
            return
        if len(rows.found) >= self._limit:
            rows.more = True
            raise _Enough
        rows.found.append(row)

    def _by_digest(self, item: Segment, digits: Digits, found: Any, rows: Rows) -> None:
        """Search one segment; `found` is what its run says, if it has one."""
        low, high = digits.words
        kept = len(rows.found)
        if found is not None:
            if not len(found) or self._taken(item, found.tolist(), digits, rows):
                return
            # The run is wrong about a row: what was found through it is found again.
            del rows.found[kept:]
        self._taken(item, self._scanned(item, low, high), digits, rows)

    def _scanned(self, item: Segment, low: int, high: int) -> list[int]:
        """The numbers of the candidates in a segment without a run, which is read whole, and checked."""
        import numpy as np

        self._segments.checked(item)
        file = self._segments.file(item)
        at, found = 0, []
        for number in range(file.num_row_groups):
            try:
                words = prefixes(self._segments.group(item, file, number, ("sha256",))["sha256"])
            except ValueError as error:
                raise LedgerError("LG0609", f"`{item.path}` holds {error}") from None
            found += [at + int(place) for place in np.flatnonzero((words >= low) & (words <= high))]
            at += len(words)
            self._tell(at)
        return found

    def _taken(self, item: Segment, candidates: Sequence[int], digits: Digits, rows: Rows) -> bool:
        """Take the candidates whose digest has all the digits; False when a row is not what the candidate said."""
        if not candidates:
            return True
        low, high, words = digits.low, digits.high, digits.words
        file = self._segments.file(item)
        for number, places in _by_group(file, candidates):
            group = self._segments.group(item, file, number)
            if places and places[-1] >= group.num_rows:
                return False
            for values in group.take(places).to_pylist():
                digest = values["sha256"]
                if not words[0] <= int.from_bytes(digest[:4]) <= words[1]:
                    return False
                if low <= digest <= high:
                    self._keep(rows, FileRow(**values))
        return not candidates or candidates[-1] < file.metadata.num_rows

    def _by_path(self, item: Segment, pattern: str, rows: Rows) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        fixed, regex = pattern_of(pattern)
        file = self._segments.file(item)
        column = file.schema_arrow.names.index("path")
        done = 0
        for number in range(file.num_row_groups):
            about = file.metadata.row_group(number)
            done += about.num_rows
            if _excluded(about.column(column).statistics, fixed, exact=regex is None):
                continue
            paths = self._segments.group(item, file, number, ("path",))["path"]
            same = pc.equal(paths, fixed) if regex is None else pc.match_substring_regex(paths, regex)
            self._tell(done)
            if not pc.any(same).as_py():
                continue
            wanted = pa.table({"at": pa.array(range(len(paths)))}).filter(same)["at"].to_pylist()
            for values in self._segments.group(item, file, number).take(wanted).to_pylist():
                self._keep(rows, FileRow(**values))


def _by_group(file: Any, candidates: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Row groups with the places in them, of ascending numbers of rows; what is beyond the last row is left out."""
    start, at = 0, 0
    for number in range(file.num_row_groups):
        end = start + file.metadata.row_group(number).num_rows
        places = []
        while at < len(candidates) and candidates[at] < end:
            places.append(candidates[at] - start)
            at += 1
        if places:
            yield number, places
        start = end


def _excluded(statistics: Any, fixed: str, *, exact: bool) -> bool:
    """Whether a row group's statistics say that no path of it is, or starts with, this text."""
    if statistics is None or not statistics.has_min_max:
        return False
    low, high, text = (one.encode("utf-8") if isinstance(one, str) else one for one in (statistics.min, statistics.max, fixed))
    return (low > text or high < text) if exact else (low[: len(text)] > text or high < text)


def pattern_of(pattern: str) -> tuple[str, str | None]:
    """The text that every path which fits a pattern starts with, and the pattern as an RE2 expression; None where it is a plain path.

    `*` and `?` stop at a `/`, `**/` is any number of folders, `**` anything, `[abc]` one of them. A backslash is only itself.
    """
    special = re.search(r"[*?[]", pattern)
    if special is None:
        return pattern, None
    out, at = "", 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            out, at = out + "(?:.*/)?", at + 3
        elif pattern.startswith("**", at):
            out, at = out + ".*", at + 2
        elif pattern[at] == "*":
            out, at = out + "[^/]*", at + 1
        elif pattern[at] == "?":
            out, at = out + "[^/]", at + 1
        elif pattern[at] == "[" and (end := pattern.find("]", at + 2)) > 0:
            inside = pattern[at + 1 : end]
            no, inside = ("^", inside[1:]) if inside[0] == "!" else ("", inside)
            out, at = out + f"[{no}{''.join(char if char == '-' else re.escape(char) for char in inside)}]", end + 1
        else:
            out, at = out + re.escape(pattern[at]), at + 1
    return pattern[: special.start()], f"(?s)^{out}$"


def prepare(reader: Reader, progress: Progress | None = None, *, all: bool = False, digests: Digests | None = None) -> int:
    """Make the runs that are missing, if that is worthwhile or for `all`; returns how many were made."""
    digests = digests or Digests(reader.layout, reader.segments, reader.fs)

    def work(size: int) -> int:
        chain = reader.segments.in_force("files", size)
        todo = (digests.missing if all else digests.wanted)(chain)
        total, done, made = sum(rows for _, rows in todo), 0, 0
        for item, rows in todo:
            try:
                if not digests.build(item):
                    return made  # nothing can be written here
            except LedgerError as error:
                if error.code == "LG0610":
                    raise
                continue  # searching it says what is wrong with it
            done, made = done + rows, made + 1
            if progress is not None:
                progress("indexing", done, total)
        if made:
            digests.sweep()
        return made

    try:
        return reader.reloading(work)
    except LedgerError:
        return 0
