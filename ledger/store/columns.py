"""Rows of tables by number, many at once: filtered as Arrow columns, before any of them is a Python object."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ledger.errors import LedgerError
from ledger.spec.statement import Statement, reread
from ledger.store.reader import Reader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


_SOURCES = r'"sources":\[\{'
# Up to so many addresses are looked for by themselves.
_MANY = 40


def table(reader: Reader, name: str, size: int, columns: tuple[str, ...], among: tuple[str, Iterable[int]] | None = None) -> Any:
    """The rows of a table below a size, as an Arrow table.

    Args:
        columns: must have `idx`.
        among: a column of integers, and the values of it that are asked for.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    found = reader.reloading(lambda whole: reader.segments.read(name, whole, columns))
    if found.num_rows and pc.max(found["idx"]).as_py() >= size:
        found = found.filter(pc.less(found["idx"], size))
    if among is not None:
        column, values = among
        found = found.filter(pc.is_in(found[column], value_set=pa.array(sorted(values), pa.int64())))
    return found


def integers(found: Any, column: str) -> Ints:
    """A column of integers as an array."""
    return array(found[column])


def array(values: Any) -> Ints:
    """Arrow integers or truth values, of which none is null, as an array; through the buffer, because pyarrow may have been told to do
    without numpy."""
    import numpy as np
    import pyarrow as pa

    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if not pa.types.is_integer(whole.type):
        whole = whole.cast(pa.uint8())
    kind = np.dtype(f"i{whole.type.bit_width // 8}")
    buffer = whole.buffers()[1]
    if buffer is None:
        return np.empty(0, np.int64)
    return np.frombuffer(buffer, kind, len(whole), whole.offset * kind.itemsize).astype(np.int64)


def equal(found: Any, column: str, text: str) -> NDArray[np.bool_]:
    """In which rows a column of texts has one."""
    import pyarrow.compute as pc

    said = array(pc.fill_null(pc.equal(found[column], text), False))
    return said.astype(bool)


def rows_at(found: Any, places: Ints) -> Any:
    """The rows of a table at some places."""
    import numpy as np
    import pyarrow as pa

    whole = np.ascontiguousarray(places, np.int64)
    return found.take(pa.Int64Array.from_buffers(pa.int64(), len(whole), [None, pa.py_buffer(whole)]))


class Payloads:
    """The payloads of the statements below a size, by log index; of a large ledger a hundred megabytes, which are not copied."""

    def __init__(self, reader: Reader, size: int) -> None:
        found = reader.reloading(lambda whole: reader.segments.read("statements", whole, ("idx", "payload")))
        self._chunks: list[Any] = found["payload"].chunks
        self._place = self._where(integers(found, "idx"), size)
        self._parsed: dict[int, Statement] = {}

    def _where(self, idx: Ints, size: int) -> tuple[Ints, Ints]:
        """For each log index below the size its chunk, and its place there."""
        import numpy as np

        lengths = [len(chunk) for chunk in self._chunks]
        chunk = np.repeat(np.arange(len(lengths)), lengths)
        place = np.concatenate([np.arange(length) for length in lengths]) if lengths else np.empty(0, np.int64)
        order = np.argsort(idx, kind="stable")[: np.count_nonzero(idx < size)]
        return chunk[order], place[order]

    def payload(self, index: int) -> bytes:
        """The payload of one entry. Raises LedgerError LG0616 when there is none at this size."""
        chunk, place = self._place
        if not 0 <= index < len(chunk):
            raise LedgerError("LG0616", f"entry {index}, to which a lineage leads, is not here", hint="ledger verify --deep")
        return bytes(self._chunks[int(chunk[index])][int(place[index])].as_buffer())

    def statement(self, index: int) -> Statement:
        """The statement of one entry; it was checked when it was recorded. Raises LedgerError LG0609, LG0616."""
        found = self._parsed.get(index)
        if found is None:
            payload = self.payload(index)
            try:
                found = self._parsed[index] = reread(payload)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise LedgerError("LG0609", f"row {index} of table `statements` is no statement: {type(error).__name__}") from None
        return found

    def saying(self, words: Iterable[str]) -> dict[int, Mapping[str, Any]]:
        """Log index → predicate of the statements in which one of some members is true or false, and perhaps of some more."""
        return self._matching(f'"({"|".join(words)})":(true|false)')

    def naming(self, addresses: Collection[str]) -> dict[int, Mapping[str, Any]]:
        """Log index → predicate of the statements that name one of some addresses as a source, and perhaps of some more."""
        if not addresses:
            return {}
        if len(addresses) > _MANY or not all(map(str.isprintable, addresses)):
            return self._matching(_SOURCES)
        told = "|".join(re.escape(json.dumps(one, ensure_ascii=False)) for one in sorted(addresses))
        return self._matching(f'"uri":({told})')

    def _matching(self, pattern: str) -> dict[int, Mapping[str, Any]]:
        import numpy as np
        import pyarrow.compute as pc

        said = [array(pc.match_substring_regex(chunk, pattern)) for chunk in self._chunks]
        chunk, place = self._place
        first = np.concatenate([[0], np.cumsum([len(some) for some in said])])
        found = np.concatenate(said)[first[chunk] + place] if said else np.empty(0, np.int64)
        return {index: self.statement(index).predicate for index in np.flatnonzero(found).tolist()}
