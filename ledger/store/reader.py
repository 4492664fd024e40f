"""Reading a ledger: the checkpoint, and everything below its size. No lock is taken.

A reader verifies the checkpoint's signature and uses only what it commits to. When a writer has meanwhile replaced segments, the newer
checkpoint is already there: reload and go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ledger.errors import LedgerError
from ledger.log.checkpoint import SignedCheckpoint, open_checkpoint
from ledger.log.leaf import Leaf, parse_leaf
from ledger.log.tiles import TiledTree
from ledger.merkle.proof import check_inclusion
from ledger.merkle.tree import leaf_hash
from ledger.signing import dsse
from ledger.signing.dsse import Envelope
from ledger.spec import statement as statements
from ledger.spec.statement import Statement
from ledger.store.fs import Fs, read_file
from ledger.store.index import EdgeRow, Index, fill
from ledger.store.layout import Config, Layout, read_config
from ledger.store.objects import Objects
from ledger.store.projection import Projection
from ledger.store.segments import Segments

if TYPE_CHECKING:
    from ledger.store.lookups import Lookups

T = TypeVar("T")
WORTHWHILE = 2_000
"""Entries from which on a ledger has a file of lookups."""
MANY_BEHIND = 200
"""Entries that the file may lack before a reader, who could do without, brings it up to date."""
# table, and its columns for output, input and relation: a release is made from its components.
EDGE_COLUMNS = (("edges", "output_no", "input_no", "relation"), ("components", "release_no", "artifact_no", "role"))
RELOADS = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One log entry with the envelope and statement that it commits to."""

    index: int
    leaf_bytes: bytes
    leaf: Leaf
    envelope: Envelope
    statement: Statement


def read_entry(objects: Objects, index: int, leaf_bytes: bytes) -> Entry:
    """As `Reader.entry`, for whoever has only the objects."""
    what = f"entry {index}"
    try:
        leaf = parse_leaf(leaf_bytes, what=what)
        envelope = dsse.parse(objects.get(leaf.envelope), what=f"envelope of {what}")
        statement = statements.parse(envelope.payload, what=what)
    except LedgerError as error:
        hint = "restore log/ and objects/ from a copy; `ledger verify` lists all that is damaged"
        raise LedgerError(error.code, error.message, hint=hint, exit_code=4) from None
    if statement.payload_id != leaf.payload or statement.kind != leaf.kind:
        raise LedgerError("LG0608", f"the envelope of {what} does not hold the payload that the log commits to")
    return Entry(index, leaf_bytes, leaf, envelope, statement)


class Reader:
    """Reading access to one ledger's folder."""

    def __init__(self, root: Path, *, fs: Fs | None = None, config: Config | None = None) -> None:
        self.layout = Layout(root)
        self.config: Config = config or read_config(self.layout)
        self.fs = fs or Fs()
        self.fs.inside = root
        self.objects = Objects(self.layout, self.fs)
        self.segments = Segments(self.layout, self.fs)
        self._index = Index()
        self._lookups: Lookups | None = None

    def head(self) -> SignedCheckpoint:
        """The published checkpoint, verified with the log's key. Raises LedgerError LG0502, LG0503, LG0504."""
        data = read_file(self.layout.checkpoint)
        if data is None:
            raise LedgerError("LG0504", f"`{self.layout.checkpoint}` is missing")
        what = f"`{self.layout.checkpoint}`"
        try:
            return open_checkpoint(data, self.config.log_key, what=what)
        except LedgerError as error:
            # Here it is this ledger's own file, not one that somebody sent.
            raise LedgerError(error.code, error.message, hint="restore log/checkpoint from a copy that verifies", exit_code=4) from None

    def read_log(self, path: str) -> bytes | None:
        """A file below `log/`."""
        return read_file(self.layout.log / path)

    def tree(self, size: int) -> TiledTree:
        """The log's tree at a size."""
        return TiledTree(size, self.read_log)

    def entry(self, index: int, leaf_bytes: bytes) -> Entry:
        """The entry behind a leaf record, its envelope and payload checked against it.

        Raises:
            LedgerError: LG0507, LG0608, and what reading envelopes and statements raises; all with exit code 4.
        """
        return read_entry(self.objects, index, leaf_bytes)

    def entries(self, first: int = 0, last: int | None = None) -> Iterator[Entry]:
        """Entries from first to before last, in order."""
        size = self.head().checkpoint.size
        for index, data in self.tree(size).entries(first, last):
            yield self.entry(index, data)

    def one(self, index: int, size: int) -> Entry:
        """One entry below a size."""
        return next(self.entry(at, data) for at, data in self.tree(size).entries(index, index + 1))

    def logged(self, index: int, payload: str, keyid: str) -> bool:
        """Whether the entry at an index has this payload and names this key, proved against the published checkpoint."""
        checkpoint = self.head().checkpoint
        if not 0 <= index < checkpoint.size:
            return False
        try:
            tree = self.tree(checkpoint.size)
            data = next(data for _, data in tree.entries(index, index + 1))
            check_inclusion(index, checkpoint.size, leaf_hash(data), tree.inclusion(index), checkpoint.root)
            leaf = parse_leaf(data)
        except LedgerError:
            return False
        return leaf.payload == payload and keyid in leaf.keyids

    def reloading(self, work: Callable[[int], T]) -> T:
        """Run work on the size of the checkpoint, again when a writer replaced segments underneath."""
        size = -1
        for _ in range(RELOADS):
            before, size = size, self.head().checkpoint.size
            try:
                return work(size)
            except LedgerError as error:
                if error.code != "LG0610" or size == before:
                    raise
        return work(self.head().checkpoint.size)

    def rows(self, table: str, size: int, columns: tuple[str, ...] | None = None) -> list[dict[str, Any]]:
        """The rows of a table below a size, as dictionaries; `columns` must have `idx`."""
        found: list[dict[str, Any]] = self.reloading(lambda whole: self.segments.read(table, whole, columns)).to_pylist()
        return [row for row in found if row["idx"] < size]

    def size_until(self, moment: datetime) -> int:
        """How many entries there were at a moment, UTC without a zone."""
        import pyarrow.compute as pc

        times = self.reloading(lambda whole: self.segments.read("entries", whole, ("time",)))["time"]
        return int(pc.sum(pc.less_equal(times, moment)).as_py() or 0)

    def numbers_of(self, kind: str, size: int) -> list[int]:
        """The log indexes of the entries of one kind below a size, ascending."""
        stored = self._index.stored()
        end = min(stored.size, size) if stored is not None and kind != "manifest" else 0
        known = [idx for idx in stored.numbers_of(kind) if idx < size] if stored is not None and end else []
        if end == size:
            return known
        return known + self.reloading(lambda whole: [idx for each, idx in self._kinds(end, size, whole) if each == kind])

    def _kinds(self, first: int, size: int, whole: int) -> list[tuple[str, int]]:
        """Kind and log index of entries `first` … `size` - 1, in order."""
        found: list[tuple[str, int]] = []
        for item in self.segments.in_force("entries", whole):
            if item.last > first:
                table = self.segments.load(item, ("idx", "kind"))
                found += zip(table["kind"].to_pylist(), table["idx"].to_pylist(), strict=True)
        return sorted(((kind, idx) for kind, idx in found if first <= idx < size), key=lambda row: row[1])

    def tree_files(self, artifact_no: int, idx: int) -> dict[str, bytes]:
        """Path → SHA-256 of the files of one tree, in path order; of a large ledger only the parts that can hold them are read.

        The digests of these parts are not checked: whoever asks has the tree id to compare with.

        Args:
            artifact_no: the tree's number; `idx` the log index at which it first appeared.
        """
        return dict(self.reloading(lambda whole: self._tree_files(artifact_no, idx, whole)))

    def _tree_files(self, artifact_no: int, idx: int, whole: int) -> list[tuple[str, bytes]]:
        import pyarrow.compute as pc

        item = next((item for item in self.segments.in_force("files", whole) if item.first <= idx < item.last), None)
        if item is None:
            return []
        found: list[tuple[str, bytes]] = []
        file = self.segments.file(item)
        column = file.schema_arrow.names.index("artifact_no")
        for number in range(file.num_row_groups):
            about = file.metadata.row_group(number).column(column).statistics
            if about is not None and about.has_min_max and not about.min <= artifact_no <= about.max:
                continue
            group = self.segments.group(item, file, number, ("artifact_no", "path", "sha256"))
            mine = group.filter(pc.equal(group["artifact_no"], artifact_no))
            found += zip(mine["path"].to_pylist(), mine["sha256"].to_pylist(), strict=True)
        return found

    @property
    def lookups(self) -> Lookups:
        """The file of lookups; SQLite is imported when a ledger is large enough to have one."""
        if self._lookups is None:
            from ledger.store.lookups import Lookups

            self._lookups = Lookups(self.layout, self.config.origin)
        return self._lookups

    def index(self, size: int | None = None) -> Index:
        """The lookups at a size; the whole log's are kept and extended as it grows."""
        if size is None:
            return self.reloading(self._extend)
        return self.reloading(lambda whole: self._as_of(min(size, whole), whole))

    def _as_of(self, size: int, whole: int) -> Index:
        found = self._begun(size, whole)
        self._fill(found, size, whole)
        return found

    def _extend(self, size: int) -> Index:
        if self._index.size > size:
            self._index = Index()
        if self._index.size < size:
            fresh = self._begun(size, size) if self._index.size == 0 else self._index
            self._fill(fresh, size, size)
            self._index = fresh
            self._keep(MANY_BEHIND)
        return self._index

    def _begun(self, size: int, whole: int) -> Index:
        """An index to fill: over the file of lookups, if the ledger is large and has one that belongs to this log."""
        found = self.lookups.open(self.tree) if whole >= WORTHWHILE else None
        if found is None:
            return Index()
        from ledger.store.lookups import StoredIndex

        lookup, stand = found
        base = StoredIndex(lookup, min(stand.size, size))
        return Index(size=base.size, parent=base, artifact_count=base.artifact_count)

    def edges_since(self, first: int, size: int) -> bytes:
        """The edges of entries `first` … `size` - 1, and the components of their releases, from the tables; packed."""
        from ledger.store.edgefiles import from_tables

        columns = ("idx", "output", "input", "relation")
        found = []
        for table, output, given, relation in EDGE_COLUMNS:
            for item in self.segments.in_force(table, size):
                if item.last > first:
                    found.append(self.segments.load(item, ("idx", output, given, relation)).rename_columns(columns))
        return from_tables(found, first, size)

    def _keep(self, least: int, added: tuple[Sequence[EdgeRow], Sequence[tuple[str, int]]] | None = None) -> None:
        """Bring the file of lookups up to what is in memory, if that is at least so many entries, and go on over it.

        Args:
            added: the edges of these entries, and (kind, log index) of those that are no manifests, when the caller knows them; else they
                are read.
        """
        index, size = self._index, self._index.size
        first = index.parent.size if index.parent is not None else 0
        if size < WORTHWHILE or size - first < least:
            return
        from ledger.store.edgefiles import pack
        from ledger.store.lookups import Added, Stand, StoredIndex

        if added is None:
            more = Added(self.edges_since(first, size), [row for row in self._kinds(first, size, size) if row[0] != "manifest"])
        else:
            more = Added(pack(added[0]), added[1])
        stand = Stand(self.config.origin, size, self.tree(size).root())
        lookup = self.lookups.keep(index, first, stand, more)
        if lookup is not None:
            base = StoredIndex(lookup, size)
            self._index = Index(size=size, last_time=index.last_time, trust=index.trust, parent=base, artifact_count=index.artifact_count)

    def _fill(self, index: Index, size: int, whole: int) -> None:
        """Load rows below `size` and fold the trust state from the log's own key statements."""
        first = 0 if not index.trust.keys and index.trust.roots is None else index.size
        if index.size < size:
            fill(index, self.segments, whole)
            if size < whole:
                _cut(index, size)
        self._fold_keys(index, first, size, whole)
        if size:
            index.last_time = next(parse_leaf(data).time for _, data in self.tree(whole).entries(size - 1, size))

    def _fold_keys(self, index: Index, first: int, size: int, whole: int) -> None:
        stored = index.stored()
        known = stored.numbers_of("key") if stored is not None else []
        begin = max(first, stored.size if stored is not None else 0)
        numbers = [idx for idx in known if first <= idx < size]
        if begin < size:
            rows = self.segments.read("keys", whole, ("idx",))["idx"].to_pylist()
            numbers += sorted({idx for idx in rows if begin <= idx < size})
        # Folded through a projection of their own, so that the rule is written once; its rows are not used.
        scratch = Projection(Index(trust=index.trust))
        for number in numbers:
            item = self.one(number, whole)
            scratch.entry(item.index, item.leaf_bytes, item.leaf, item.envelope, item.statement)
        index.trust = scratch.index.trust


def _cut(index: Index, size: int) -> None:
    """Forget what was recorded at or after a size."""
    kept_names = sorted((row for rows in index.names.values() for row in rows if row.idx < size), key=lambda row: row.idx)
    index.names, index.by_id = {}, {}
    for row in kept_names:
        index.add_name(row)
    index.payloads = {digest: found for digest, whole in index.payloads.items() if (found := [item for item in whole if item[0] < size])}
    index.artifacts = {id: row for id, row in index.artifacts.items() if row.idx < size}
    above = index.parent.artifact_count if index.parent is not None else 0
    index.artifact_count = max((row.no + 1 for row in index.artifacts.values()), default=above)
    index.size = size
