"""Compaction: few large segments in the place of many small ones, beside readers and writers (docs/adr/0031-files-at-scale.md).

An append merges small segments only, so that it never takes long. `ledger compact` merges what is left, up to a bound, because whoever
reads a segment may have to hold it. A merged segment is written like any other, durably and under a temporary name first; from its rename
on it reaches further than those that it covers, so readers take it, and those that have begun still find the old ones. The rows are made
without the lock, which is held to give the segment its name and no longer. Killed at any moment, a compaction leaves a valid ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.errors import LedgerError
from ledger.log.checkpoint import open_checkpoint
from ledger.store._generated import COLUMNS
from ledger.store.fs import read_file
from ledger.store.lock import DEFAULT_TIMEOUT_SECONDS, check_file_system, exclusive
from ledger.store.reader import Reader
from ledger.store.segments import Segment, Segments, arrow_schema, parquet_options, row_group

MOST_ROWS, MOST_BYTES = 4_000_000, 256 << 20
"""What a merged segment holds at most. One entry's rows are never divided, so a larger tree has a larger segment of its own."""
WORTHWHILE = 50
"""So many segments that one would replace are worth a word: each costs a question some tenths of a millisecond."""
Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Adjacent segments of a table that become one."""

    table: str
    segments: tuple[Segment, ...]
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was done, or for a dry run would be: the merges, and how many files that were replaced before are removed, with their bytes."""

    merges: tuple[Merge, ...]
    removed: int
    removed_bytes: int


def planned(segments: Segments, table: str, size: int) -> list[Merge]:
    """Which segments in force at a size are to be merged: none that is half full already, and none beyond what one may hold.

    After it, every segment but the last of a run of them is half full, so there are at most twice as many as needed, and a second
    plan is empty.
    """
    found: list[Merge] = []
    group: list[tuple[Segment, int, int]] = []

    def close() -> None:
        if len(group) > 1:
            parts, rows, sizes = zip(*group, strict=True)
            found.append(Merge(table, parts, sum(rows), sum(sizes)))
        group.clear()

    for item in segments.in_force(table, size):
        rows, length = segments.rows_of(item), item.path.stat().st_size
        if 2 * rows >= MOST_ROWS or 2 * length >= MOST_BYTES:
            close()
            continue
        if sum(one[1] for one in group) + rows > MOST_ROWS or sum(one[2] for one in group) + length > MOST_BYTES:
            close()
        group.append((item, rows, length))
    close()
    return found


def plan(reader: Reader) -> list[Merge]:
    """The merges of all tables. Raises LedgerError LG0609, LG0610."""
    return reader.reloading(lambda size: [merge for table in COLUMNS for merge in planned(reader.segments, table, size)])


def advice(reader: Reader) -> str:
    """What compacting would do, when that is worth a word; else nothing."""
    merges = plan(reader)
    if all(len(merge.segments) < WORTHWHILE for merge in merges):
        return ""
    return f"`ledger compact` would make {len(merges)} segments of {sum(len(merge.segments) for merge in merges)}"


def merged_bytes(segments: Segments, merge: Merge, progress: Callable[[int], None] = lambda _rows: None) -> bytes:
    """The bytes of the merged segment. Held at once: these, and a few row groups.

    Raises:
        LedgerError: LG0609 for a segment that is damaged, which is never merged into one that is not; LG0610.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(merge.table)
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, **parquet_options(schema.names)) as writer:
        most = row_group(schema.names)
        for part in _in_groups(_pieces(segments, merge), most):
            writer.write_table(part, row_group_size=most)
            progress(part.num_rows)
    data: bytes = sink.getvalue()  # a buffer, which is written and hashed as it is
    return data


def _pieces(segments: Segments, merge: Merge) -> Iterator[Any]:
    for item in merge.segments:
        segments.checked(item)
        file = segments.file(item)
        for number in range(file.num_row_groups):
            yield segments.group(item, file, number).replace_schema_metadata(None)


def _in_groups(pieces: Iterator[Any], most: int) -> Iterator[Any]:
    """The same rows in tables of whole row groups, but for the last."""
    import pyarrow as pa

    held: list[Any] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += piece.num_rows
        if count >= most:
            whole = pa.concat_tables(held)
            cut = count - count % most
            yield whole.slice(0, cut)
            # Combined, so that what is left does not keep the rest in memory.
            held, count = [whole.slice(cut).combine_chunks()], count - cut
    if count:
        yield pa.concat_tables(held)


def compact(
    reader: Reader,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    after: Callable[[], None] = lambda: None,
    lock_timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
) -> Compacted:
    """Merge what an append has left, then remove the files that were replaced before this began.

    Args:
        progress: told after every few thousand rows.
        after: called after every merge.

    Raises:
        LedgerError: LG0909 while an append is half done; LG0609, LG0610 for segments that cannot be read; those of locking and writing.
    """
    check_file_system(reader.layout.root)
    merges = plan(reader)
    total, done = sum(merge.rows for merge in merges), 0
    covered = _covered(reader)
    if dry_run:
        return Compacted(tuple(merges), len(covered), _bytes_of(covered))

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        if progress is not None:
            progress(done, total)

    made = []
    for merge in merges:
        data = merged_bytes(reader.segments, merge, count)
        with exclusive(reader.layout.lock, lock_timeout_seconds):
            if _put(reader, merge, data):
                made.append(merge)
        del data
        after()
    removed, length = _remove(reader, covered, lock_timeout_seconds)
    return Compacted(tuple(made), removed, length)


def _put(reader: Reader, merge: Merge, data: bytes) -> bool:
    """Give merged rows their name, under the lock; False when a writer has merged some of them meanwhile."""
    size = settled_size(reader)
    chain = reader.segments.in_force(merge.table, size)
    # The last segment may have been given a longer name by an append: what follows starts at its new end.
    places = {(item.first, item.hex16): number for number, item in enumerate(chain)}
    at = [places.get((item.first, item.hex16)) for item in merge.segments]
    if at[0] is None or at != list(range(at[0], at[0] + len(at))):
        return False
    last = chain[at[0] + len(at) - 1].last
    reader.segments.put(merge.table, merge.segments[0].first, last, data)
    reader.fs.sync_folders()
    return True


def settled_size(reader: Reader) -> int:
    """The published size, under the lock. Raises LedgerError LG0909 when a larger one was signed and is not published.

    Its segments start where those in force end now; were these merged up to a later end, its own would no longer join them.
    """
    size = reader.head().checkpoint.size
    data = read_file(reader.layout.signed)
    if data is not None:
        signed = open_checkpoint(data, reader.config.log_key, what=f"`{reader.layout.signed}`")
        if signed.checkpoint.size > size:
            raise LedgerError("LG0909", f"an append up to entry {signed.checkpoint.size - 1} was signed and is not published")
    return size


def _covered(reader: Reader) -> list[Segment]:
    """The segments that larger ones replace at the published size."""

    def work(size: int) -> list[Segment]:
        found: list[Segment] = []
        for table in COLUMNS:
            chain = set(reader.segments.in_force(table, size))
            found += [item for item in reader.segments.listed(table) if item.last <= size and item not in chain]
        return found

    return reader.reloading(work)


def _remove(reader: Reader, covered: Sequence[Segment], lock_timeout_seconds: float) -> tuple[int, int]:
    """Remove files that were replaced when this began; what replaces them is made durable first. Returns how many, and their bytes."""
    if not covered:
        return 0, 0
    with exclusive(reader.layout.lock, lock_timeout_seconds):
        size = settled_size(reader)
        chains = {table: reader.segments.in_force(table, size) for table in COLUMNS}
        for table in COLUMNS:
            reader.fs.settle(reader.layout.tables / table)
        reader.fs.sync_folders()
        covered = [item for item in covered if item not in chains[item.table]]
        length = _bytes_of(covered)
        for item in covered:
            reader.fs.remove(item.path)
    return len(covered), length


def _bytes_of(segments: Sequence[Segment]) -> int:
    """Bytes that only these names hold: a file may have several, and one of them may be in force."""
    found: dict[int, tuple[int, int, int]] = {}
    for item in segments:
        try:
            stat = item.path.stat()
        except OSError:
            continue
        names, links, length = found.get(stat.st_ino, (0, stat.st_nlink, stat.st_size))
        found[stat.st_ino] = names + 1, links, length
    return sum(length for names, links, length in found.values() if names >= links)
