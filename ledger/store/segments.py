"""Table segments: immutable Parquet files, and which of them are in force (docs/spec/format.md, section 6).

`tables/<table>/<first>-<last>.<16 hex>.parquet` holds the rows of log entries first … last-1; hex is the start of the file's own SHA-256.
From position 0, the segment in force starts there and reaches furthest without passing the size. A batch without rows for a table gives
the last segment a longer name by a hard link. Segments of like size are merged as the log grows, so there are few of them; what would
rewrite much is left to `ledger compact` (ledger/store/compaction.py, docs/adr/0031-files-at-scale.md).
"""

from __future__ import annotations

import hashlib
import os
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.store._generated import COLUMNS
from ledger.store.fs import TEMPORARY, Fs, read_file
from ledger.store.layout import Layout

_NAME = re.compile(r"(0|[1-9][0-9]*)-([1-9][0-9]*)\.([0-9a-f]{16})\.parquet", re.ASCII)
FAN_IN = 8
KEPT = 8
MERGE_ROWS, MERGE_BYTES = 1_000_000, 64 << 20
"""What one append rewrites of what is there, at most, for each table."""
ROW_GROUP, FILES_ROW_GROUP = 122_880, 32_768
"""Rows that are read together. Fewer of `files`, so that one file is looked up without reading megabytes of digests."""
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Segment:
    """One Parquet file."""

    table: str
    first: int
    last: int
    hex16: str
    folder: Path

    @property
    def path(self) -> Path:
        """Where it is; made when asked for, because a writer looks at many names and at few files."""
        return self.folder / f"{self.first}-{self.last}.{self.hex16}.parquet"


@dataclass(frozen=True, slots=True)
class Listing:
    """What a writer found in a table's folder: the segments in force, and those that larger ones replace."""

    chain: tuple[Segment, ...]
    covered: tuple[Segment, ...]


def segment_of(table: str, folder: Path, name: str) -> Segment | None:
    """The segment that a file is by its name, or None."""
    match = _NAME.fullmatch(name)
    if match is None or int(match[1]) >= int(match[2]):
        return None
    return Segment(table, int(match[1]), int(match[2]), match[3], folder)


def preload() -> None:
    """Import what reading and writing segments needs, ahead of its use."""
    import pyarrow.parquet  # noqa: F401


def arrow_schema(table: str) -> Any:
    """The Arrow schema of a table."""
    import pyarrow as pa

    kinds = {
        "int64": pa.int64(),
        "string": pa.string(),
        "binary": pa.binary(),
        "bool": pa.bool_(),
        "timestamp": pa.timestamp("us"),
    }
    return pa.schema([pa.field(name, kinds[kind], nullable) for name, kind, nullable in COLUMNS[table]])


def arrow_table(table: str, rows: Sequence[Sequence[Any]]) -> Any:
    """Rows as an Arrow table of the table's schema."""
    import pyarrow as pa

    schema = arrow_schema(table)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.Table.from_arrays([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema)


def file_table(number: int, idx: int, paths: Sequence[bytes], digests: bytes, sizes: Any) -> Any:
    """The rows of `files` for one tree, from packed columns: no Python object per row but its path.

    Args:
        number: artifact number; `idx` the log index of its manifest.
        paths: ascending by bytes; `digests` holds 32 bytes and `sizes` one int64 for each.
    """
    import pyarrow as pa

    count = len(paths)
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), count, [None, pa.py_buffer(digests)])
    columns = [
        pa.repeat(pa.scalar(idx, pa.int64()), count),
        pa.repeat(pa.scalar(number, pa.int64()), count),
        _text_column(paths),
        fixed.cast(pa.binary()),
        pa.Int64Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(sizes)]),
    ]
    return pa.Table.from_arrays(columns, schema=arrow_schema("files"))


def _text_column(texts: Sequence[bytes]) -> Any:
    """UTF-8 bytes that hashing has checked already, as an Arrow string column without decoding them."""
    import pyarrow as pa

    joined = b"".join(texts)
    if len(joined) >= 1 << 31:
        return pa.array(texts, pa.binary()).cast(pa.string())
    offsets = array("i", accumulate(map(len, texts), initial=0))
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(joined))


class Segments:
    """The segments of one ledger."""

    def __init__(self, layout: Layout, fs: Fs) -> None:
        self._layout = layout
        self._fs = fs
        self._counts: dict[str, int] = {}

    def listed(self, table: str) -> list[Segment]:
        """All segments of a table, by first and then last index."""
        folder = self._layout.tables / table
        try:
            names = os.listdir(folder)
        except FileNotFoundError:
            return []
        found = (segment_of(table, folder, name) for name in names)
        return sorted((item for item in found if item is not None), key=lambda item: (item.first, item.last, item.hex16))

    def in_force(self, table: str, size: int) -> list[Segment]:
        """The segments that hold the rows of entries 0 … size-1. Raises LedgerError LG0610 when they do not reach."""
        return chain_of(table, self.listed(table), size)

    def read(self, table: str, size: int, columns: Sequence[str] | None = None) -> Any:
        """The rows of a table below the size, as one Arrow table. Raises LedgerError LG0609, LG0610."""
        import pyarrow as pa

        parts = [self.load(item, columns) for item in self.in_force(table, size)]
        if not parts:
            schema = arrow_schema(table)
            return schema.empty_table() if columns is None else schema.empty_table().select(list(columns))
        return pa.concat_tables(parts)

    def load(self, segment: Segment, columns: Sequence[str] | None = None) -> Any:
        """The rows of one segment. Raises LedgerError LG0609 when it is not what its name says, LG0610 when it is gone."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        data = read_file(segment.path)
        if data is None:
            raise LedgerError("LG0610", f"`{segment.path}` is gone")
        if hashlib.sha256(data).hexdigest()[:16] != segment.hex16:
            raise LedgerError("LG0609", f"`{segment.path}` does not have the digest in its name")
        try:
            table = pq.ParquetFile(pa.BufferReader(data)).read(columns=list(columns) if columns else None, use_threads=False)
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            raise unreadable(segment, error) from None
        wanted = arrow_schema(segment.table)
        wanted = wanted if columns is None else pa.schema([wanted.field(name) for name in columns])
        if table.schema.remove_metadata() != wanted:
            raise LedgerError("LG0609", f"`{segment.path}` has not the columns of table `{segment.table}`")
        return table.replace_schema_metadata(None)

    def file(self, segment: Segment) -> Any:
        """One segment as an open Parquet file, to read parts of; its digest is not checked. Raises LedgerError LG0609, LG0610."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            found = pq.ParquetFile(segment.path)
        except FileNotFoundError:
            raise LedgerError("LG0610", f"`{segment.path}` is gone") from None
        except (pa.ArrowException, OSError, ValueError) as error:
            raise unreadable(segment, error) from None
        if found.schema_arrow.remove_metadata() != arrow_schema(segment.table):
            raise LedgerError("LG0609", f"`{segment.path}` has not the columns of table `{segment.table}`")
        return found

    def group(self, segment: Segment, file: Any, number: int, columns: Sequence[str] | None = None) -> Any:
        """One row group of a file that `file` opened. Raises LedgerError LG0609."""
        import pyarrow as pa

        try:
            return file.read_row_group(number, columns=list(columns) if columns else None, use_threads=False)
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            raise unreadable(segment, error) from None

    def checked(self, segment: Segment) -> bytes:
        """The SHA-256 of one segment, read in pieces. Raises LedgerError LG0609 when it is not that in its name, LG0610 when it is gone."""
        digest = hashlib.sha256()
        try:
            with open(segment.path, "rb", buffering=0) as stream:
                while piece := stream.read(CHUNK):
                    digest.update(piece)
        except FileNotFoundError:
            raise LedgerError("LG0610", f"`{segment.path}` is gone") from None
        except OSError as error:
            raise LedgerError("LG0606", f"cannot read `{segment.path}`: {error.strerror}") from None
        if digest.hexdigest()[:16] != segment.hex16:
            raise LedgerError("LG0609", f"`{segment.path}` does not have the digest in its name")
        return digest.digest()

    def begin(self, size: int) -> dict[str, Listing]:
        """What is there before a batch; removes what a writer that ended early left behind: segments past the size, temporary files."""
        found = {}
        for table in COLUMNS:
            folder = self._layout.tables / table
            names = os.listdir(folder) if folder.is_dir() else []
            parsed = [(name, segment_of(table, folder, name)) for name in names]
            for name, item in parsed:
                if name.startswith(TEMPORARY) or (item is not None and item.last > size):
                    self._fs.remove(folder / name)
            valid = [item for _, item in parsed if item is not None and item.last <= size]
            chain = chain_of(table, valid, size)
            found[table] = Listing(tuple(chain), tuple(item for item in valid if item not in chain))
        return found

    def extensions(self, listings: Mapping[str, Listing], size: int, new_size: int, rows: Mapping[str, Any]) -> list[Callable[[], object]]:
        """What has to be written, in any order, to make every table reach the new size.

        Args:
            listings: from `begin`.
            size: the committed size.
            new_size: the size after the batch.
            rows: for tables that the batch adds rows to, an Arrow table with those rows.
        """
        jobs: list[Callable[[], object]] = []
        for table, listing in listings.items():
            added = rows.get(table)
            if added is None and listing.chain:
                last = listing.chain[-1]
                name = f"{last.first}-{new_size}.{last.hex16}.parquet"
                jobs.append(partial(self._fs.hard_link, last.path, last.path.with_name(name)))
                continue
            added = arrow_table(table, ()) if added is None else added
            jobs.append(partial(self._write_merged, table, list(listing.chain), size, new_size, added))
        return jobs

    def _write_merged(self, table: str, chain: list[Segment], size: int, new_size: int, added: Any) -> None:
        """Write the new rows, merged with the trailing segments when FAN_IN - 1 of them are no larger than what is written.

        What is rewritten is bounded, so that no append takes long because much was recorded before it.
        """
        import pyarrow as pa

        parts, first, rows, end, again = [added], size, added.num_rows, len(chain), 0
        while end >= FAN_IN - 1:
            group = chain[end - FAN_IN + 1 : end]
            counts = [self.rows_of(item) for item in group]
            if max(counts) > max(rows, 1) or rows - added.num_rows + sum(counts) > MERGE_ROWS:
                break
            again += sum(item.path.stat().st_size for item in group)
            if again > MERGE_BYTES:
                break
            parts = [*(self.load(item) for item in group), *parts]
            first, rows, end = group[0].first, rows + sum(counts), end - len(group)
        self.write(table, first, new_size, pa.concat_tables(parts) if len(parts) > 1 else parts[0])

    def rows_of(self, segment: Segment) -> int:
        """Number of rows of a segment, from its footer."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        key = f"{segment.table}/{segment.hex16}"
        if key not in self._counts:
            try:
                self._counts[key] = pq.read_metadata(segment.path).num_rows
            except (pa.ArrowException, OSError) as error:
                raise unreadable(segment, error) from None
        return self._counts[key]

    def write(self, table: str, first: int, last: int, rows: Any) -> None:
        """Write one segment; `Fs.sync_folders` makes it durable."""
        self.put(table, first, last, parquet_bytes(rows))

    def put(self, table: str, first: int, last: int, data: bytes) -> None:
        """Write the bytes of one segment, as `write`."""
        hex16 = hashlib.sha256(data).hexdigest()[:16]
        path = self._layout.tables / table / f"{first}-{last}.{hex16}.parquet"
        self._fs.write(path, data, mode=0o444)

    def sweep_covered(self, listings: Mapping[str, Listing]) -> None:
        """Remove segments that larger ones replaced before this batch, but for the newest, which slow readers may still be opening."""
        for listing in listings.values():
            if len(listing.covered) > 2 * KEPT:
                for item in sorted(listing.covered, key=lambda item: item.last)[:-KEPT]:
                    self._fs.remove(item.path)


def chain_of(table: str, segments: Sequence[Segment], size: int) -> list[Segment]:
    """The segments in force at a size. Raises LedgerError LG0610 when they do not reach."""
    best: dict[int, Segment] = {}
    for item in segments:
        if item.last <= size and (item.first not in best or item.last > best[item.first].last):
            best[item.first] = item
    found: list[Segment] = []
    position = 0
    while position < size:
        if position not in best:
            raise LedgerError("LG0610", f"table `{table}` has no segment that starts at entry {position} (log size {size})")
        found.append(best[position])
        position = best[position].last
    return found


def unreadable(segment: Segment, error: Exception) -> LedgerError:
    """The error for a segment that is no Parquet file of its table."""
    return LedgerError("LG0609", f"`{segment.path}` is not readable Parquet: {(str(error).splitlines() or ['?'])[0][:200]}")


def parquet_bytes(rows: Any) -> bytes:
    """Arrow rows as Parquet, without anything of the moment in it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, row_group_size=row_group(rows.schema.names), **parquet_options(rows.schema.names))
    return bytes(sink.getvalue())


def row_group(names: Sequence[str]) -> int:
    """Rows in a row group of the table with these columns."""
    return FILES_ROW_GROUP if "sha256" in names else ROW_GROUP


def parquet_options(names: Sequence[str]) -> dict[str, Any]:
    """How the columns of a table are written."""
    # Digests neither repeat nor compress: no dictionary and no compression for them, and prefixes shared by sorted paths are cut.
    plain = {"sha256", "leaf", "envelope", "payload", "path", "id", "keyid"} & set(names)
    return {
        "compression": {name: "NONE" if name == "sha256" else "ZSTD" for name in names},
        "use_dictionary": [name for name in names if name not in plain],
        "column_encoding": {"path": "DELTA_BYTE_ARRAY"} if "path" in plain else None,
        "store_schema": False,
    }
