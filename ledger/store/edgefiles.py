"""The lineage of a large ledger on disk: an adjacency, and the edges that were stated since it was built.

`state/lineage-<size>-<token>.adjacency` holds the edges of the entries below a size (`ledger.adjacency`), the file that ends in `.tail`
instead those that came later, 13 bytes each, in order of the log. Which of them are in force, and how much of the tail, stands in the file
of lookups, and changes with it. Derived and local, like that; the tail becomes part of the adjacency when it has grown.
"""

from __future__ import annotations

import os
import secrets
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.spec.vocabulary import RELATIONS, ROLES
from ledger.store.index import EdgeRow

if TYPE_CHECKING:
    from ledger.adjacency.arrays import Arrays

# Ascending, so that numbers sort as the texts do.
RELATION_TEXTS = tuple(sorted({*RELATIONS, *ROLES}))
# output, input, log index, relation
_ROW = struct.Struct("<iiiB")
_COLUMNS = [("output", "<i4"), ("input", "<i4"), ("at", "<i4"), ("relation", "u1")]
# A tail up to here is looked up without numpy, which takes longer to import.
SHORT = 20_000
LONG = 50_000


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in force: the adjacency of the entries below `base`, 0 for none, and the first `tail` rows since.

    Attributes:
        token: of the files' names, never used twice, so that whoever still has an older file of lookups open reads no newer rows.
    """

    base: int
    tail: int
    token: str = ""


NOTHING = Kept(0, 0)


def pack(edges: Iterable[EdgeRow]) -> bytes:
    """Edges as rows of the tail. Raises ValueError for a relation that is none."""
    return b"".join(_ROW.pack(output, given, at, RELATION_TEXTS.index(relation)) for output, given, relation, at in edges)


def unpack(rows: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Output, input, relation, log index of each row."""
    return ((output, given, relation, at) for output, given, at, relation in _ROW.iter_unpack(rows))


def from_tables(tables: Sequence[Any], first: int, size: int) -> bytes:
    """The rows of entries `first` … `size` - 1 in Arrow tables with the columns idx, output, input, relation; packed, in order of the log.

    Raises:
        ValueError: for a relation that is none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not tables:
        return b""
    whole = pa.concat_tables(tables)
    whole = whole.filter(pc.and_(pc.greater_equal(whole["idx"], first), pc.less(whole["idx"], size)))
    if whole.num_rows <= SHORT:
        rows = sorted(zip(*(whole[name].to_pylist() for name in ("idx", "output", "input", "relation")), strict=True))
        return pack((output, given, relation, at) for at, output, given, relation in rows)
    import numpy as np

    numbers = pc.index_in(whole["relation"], pa.array(RELATION_TEXTS))
    if numbers.null_count:
        raise ValueError("a relation that is none")
    found = np.empty(whole.num_rows, np.dtype(_COLUMNS))
    for name, column in (("output", whole["output"]), ("input", whole["input"]), ("at", whole["idx"]), ("relation", numbers)):
        # Through the buffer: a program may have told pyarrow to do without numpy.
        whole_column = column.combine_chunks()
        kind = np.dtype(f"i{column.type.bit_width // 8}")
        found[name] = np.frombuffer(whole_column.buffers()[1], kind, len(whole_column), whole_column.offset * kind.itemsize)
    return found[np.argsort(found["at"], kind="stable")].tobytes()


def built(rows: bytes, before: Arrays | None, appeared: Sequence[int]) -> Arrays:
    """The adjacency of packed rows and of another adjacency; the same for the same edges."""
    import numpy as np

    from ledger.adjacency.build import build, edges_of

    later = np.frombuffer(rows, np.dtype(_COLUMNS))
    columns: list[Any] = [later[name] for name in ("output", "input", "relation", "at")]
    if before is not None:
        earlier: Any = edges_of(before)
        columns = [np.concatenate((one, other)) for one, other in zip(earlier, columns, strict=True)]
    outputs, inputs, relations, at = columns
    return build(outputs, inputs, relations, at, np.array(appeared, np.int32))


class EdgeFiles:
    """The files of one ledger's `state/`."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def _path(self, kept: Kept, ending: str) -> Path:
        return self._state / f"lineage-{kept.base}-{kept.token}.{ending}"

    def there(self, kept: Kept) -> bool:
        """Whether the files have what is in force; what is in them is read by whoever needs it."""
        try:
            base = not kept.base or self._path(kept, "adjacency").stat().st_size > 0
            return base and (not kept.tail or self._path(kept, "tail").stat().st_size >= kept.tail * _ROW.size)
        except OSError:
            return False

    def append(self, before: Kept, rows: bytes, size: int, appeared: Callable[[], Sequence[int]]) -> Kept:
        """Put rows after those in force, durably; the caller then says which are in force, or leaves it as it was.

        Args:
            size: entries of the log that they reach to.
            appeared: the log index at which each artifact first appeared; asked for when an adjacency is built.
        """
        tail, token = before.tail + len(rows) // _ROW.size, secrets.token_hex(4)
        most = SHORT if not before.base else LONG
        if tail > most:
            from ledger.adjacency.arrays import write

            new = Kept(size, 0, token)
            write(self._path(new, "adjacency"), built(self.tail(before) + rows, self.arrays(before), appeared()))
            return new
        after = Kept(before.base, tail, before.token or token)
        if rows:
            # A tail that has rows is there, or somebody removed it while this process had the file of lookups open.
            create = 0 if before.tail else os.O_CREAT
            handle = os.open(self._path(after, "tail"), os.O_RDWR | os.O_CLOEXEC | create, 0o644)
            try:
                # What a process that ended early left after them is written over.
                os.pwrite(handle, rows, before.tail * _ROW.size)
                os.fsync(handle)
            finally:
                os.close(handle)
        return after

    def tail(self, kept: Kept) -> bytes:
        """The rows of the tail. Raises OSError, or ValueError when it is too short."""
        if not kept.tail:
            return b""
        with self._path(kept, "tail").open("rb") as file:
            rows = file.read(kept.tail * _ROW.size)
        if len(rows) != kept.tail * _ROW.size:
            raise ValueError("too short")
        return rows

    def arrays(self, kept: Kept) -> Arrays | None:
        """The adjacency; None when there is none yet. Raises OSError, ValueError."""
        if not kept.base:
            return None
        from ledger.adjacency.arrays import read

        return read(self._path(kept, "adjacency"))

    def sweep(self, kept: Kept | None) -> None:
        """Remove the files that are not in force; a reader that has one open keeps it."""
        mine = () if kept is None else tuple(self._path(kept, ending).name for ending in ("adjacency", "tail"))
        for name in os.listdir(self._state):
            if name.startswith("lineage-") and name not in mine:
                (self._state / name).unlink(missing_ok=True)
