"""The lookups of a large ledger on disk: names, artifacts, payloads in a SQLite file in `state/`, so that nothing has to be loaded first.

The file is derived from the tables, like them not trusted beyond the checkpoint: it states at which size and root it was made, is
caught up by whoever opens the ledger, and is made anew when it does not belong to this log or cannot be read. It is local, and never
published. Small ledgers have none: loading their tables takes no longer than opening it. A reader who may not write uses what is there,
and keeps the rest in memory. SQLite, and not the Parquet tables, because a lookup must not read a whole segment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.errors import LedgerError
from ledger.log.tiles import TiledTree
from ledger.store.edgefiles import NOTHING, RELATION_TEXTS, EdgeFiles, Kept
from ledger.store.index import ArtifactRow, Index, NameRow
from ledger.store.layout import Layout

if TYPE_CHECKING:
    from ledger.adjacency.arrays import Arrays

FORMAT = 7
_FORMS = ("file", "tree", "ref", "sha256")
_BUSY_SECONDS = 5.0
_TRIES = 5
# Of parameters SQLite takes 999 or more.
_AT_ONCE = 900

_TABLES = """
CREATE TABLE meta (format INTEGER NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,
  edge_base INTEGER NOT NULL, edge_tail INTEGER NOT NULL, edge_token TEXT NOT NULL, relations TEXT NOT NULL);
CREATE TABLE artifacts (no INTEGER PRIMARY KEY, form INTEGER NOT NULL, digest BLOB NOT NULL, kind TEXT, name TEXT NOT NULL, version TEXT,
  files INTEGER, bytes INTEGER, first_idx INTEGER, verified INTEGER NOT NULL, idx INTEGER NOT NULL);
CREATE UNIQUE INDEX artifact_ids ON artifacts (digest, form);
CREATE INDEX artifact_idx ON artifacts (idx);
CREATE INDEX reference_names ON artifacts (name) WHERE verified = 0;
CREATE TABLE names (idx INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, version TEXT, no INTEGER NOT NULL, supersedes TEXT,
  other INTEGER NOT NULL);
CREATE INDEX name_names ON names (name, idx);
CREATE INDEX name_artifacts ON names (no, idx);
CREATE INDEX name_others ON names (no) WHERE other = 1;
CREATE INDEX name_corrections ON names (idx) WHERE supersedes IS NOT NULL;
CREATE INDEX name_idx ON names (idx);
CREATE TABLE others (kind TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (kind, idx)) WITHOUT ROWID;
CREATE TABLE signers (number INTEGER PRIMARY KEY, keyids TEXT NOT NULL UNIQUE);
CREATE TABLE payloads (payload BLOB NOT NULL, idx INTEGER NOT NULL, signers INTEGER NOT NULL, PRIMARY KEY (payload, idx)) WITHOUT ROWID;
"""
_ARTIFACT = "no, form, digest, kind, name, version, files, bytes, first_idx, verified, idx"


@dataclass(frozen=True, slots=True)
class Stand:
    """What a file says that it holds: the entries below a size, of the log with this root at that size; and their edges."""

    origin: str
    size: int
    root: bytes
    edges: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class Added:
    """What some entries have beside what an index holds.

    Attributes:
        edges: packed as in `edgefiles`.
        others: (kind, log index) of those that are no manifests, which are few.
    """

    edges: bytes
    others: Sequence[tuple[str, int]]


class Lookup:
    """An open file. Every failure of SQLite's is the caller's to take as: there is no such file."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Raises sqlite3.Error, or ValueError when it is of another format."""
        self.path = path
        self.files = EdgeFiles(path.parent)
        mode = "rwc" if create else "rw"
        self._db = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            if create:
                self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA mmap_size = 268435456")
            if create and not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                self._db.executescript("BEGIN IMMEDIATE;" + _TABLES + "COMMIT;")
                return
            found = self._db.execute("SELECT format FROM meta").fetchone()
            if found is not None and found[0] != FORMAT:
                raise ValueError("of another format")
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __del__(self) -> None:
        with suppress(sqlite3.Error, AttributeError):
            self._db.close()

    def stand(self) -> Stand | None:
        """What it holds; None when it was never filled."""
        row = self._db.execute("SELECT origin, size, root, edge_base, edge_tail, edge_token, relations FROM meta").fetchone()
        if row is None:
            return None
        if row[6] != " ".join(RELATION_TEXTS):
            raise ValueError("of other relations")
        return Stand(row[0], row[1], row[2], Kept(row[3], row[4], row[5]))

    def add(self, index: Index, stand: Stand, first: int, added: Added) -> bool:
        """Take over the rows that an index holds of entries `first` … `stand.size` - 1, and their edges, all or none of them.

        Args:
            added: what else these entries have.

        Returns:
            False, and nothing is taken over, when the file does not end at `first`: somebody else was quicker.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            before = self.stand()
            if (before.size if before is not None else 0) != first:
                self._db.execute("ROLLBACK")
                return False
            self._db.executemany(f"INSERT INTO artifacts ({_ARTIFACT}) VALUES (?,?,?,?,?,?,?,?,?,?,?)", _artifacts(index, first))
            self._db.executemany("INSERT INTO names VALUES (?,?,?,?,?,?,?)", self._names(index, first))
            self._db.executemany("INSERT INTO payloads VALUES (?,?,?)", self._payloads(index, first))
            self._db.executemany("INSERT INTO others VALUES (?,?)", added.others)
            # Under this transaction, which one process has at a time.
            kept = self.files.append(before.edges if before is not None else NOTHING, added.edges, stand.size, self._appeared)
            self._db.execute("DELETE FROM meta")
            said = (FORMAT, stand.origin, stand.size, stand.root, kept.base, kept.tail, kept.token, " ".join(RELATION_TEXTS))
            self._db.execute("INSERT INTO meta VALUES (?,?,?,?,?,?,?,?)", said)
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise
        self.files.sweep(kept)
        return True

    def _appeared(self) -> list[int]:
        """Artifact number → log index at which it first appeared."""
        return [row[0] for row in self._db.execute("SELECT idx FROM artifacts ORDER BY no")]

    def _names(self, index: Index, first: int) -> Iterator[tuple[Any, ...]]:
        known: dict[str, tuple[int, str, str | None]] = {}
        for row in sorted((row for rows in index.names.values() for row in rows if row.idx >= first), key=lambda row: row.idx):
            if row.id not in known:
                mine = index.artifacts.get(row.id)
                known[row.id] = (mine.no, mine.name, mine.version) if mine is not None else self._artifact(row.id)
            no, *called = known[row.id]
            yield row.idx, row.kind, row.name, row.version, no, row.supersedes, int(called != [row.name, row.version])

    def _artifact(self, id: str) -> tuple[int, str, str | None]:
        """Number and first name of what is in the file."""
        form, _, digits = id.partition(":")
        sql = "SELECT no, name, version FROM artifacts WHERE digest = ? AND form = ?"
        no, name, version = self._db.execute(sql, (bytes.fromhex(digits), _FORMS.index(form))).fetchone()
        return no, name, version

    def _payloads(self, index: Index, first: int) -> Iterator[tuple[bytes, int, int]]:
        numbers = {keyids: number for number, keyids in self._db.execute("SELECT number, keyids FROM signers")}
        for payload, found in index.payloads.items():
            for idx, keyids in found:
                if idx < first:
                    continue
                text = " ".join(sorted(keyids))
                if text not in numbers:
                    numbers[text] = len(numbers)
                    self._db.execute("INSERT INTO signers VALUES (?, ?)", (numbers[text], text))
                yield payload, idx, numbers[text]

    # --- asking -----------------------------------------------------------------------------------

    def rows(self, sql: str, values: Iterable[Any]) -> list[tuple[Any, ...]]:
        """The rows of one SELECT. Raises LedgerError LG0615 when the file is damaged."""
        try:
            return self._db.execute(sql, tuple(values)).fetchall()
        except sqlite3.Error as error:
            hint = f"remove `{self.path}`: it is made again, and holds no record"
            raise LedgerError("LG0615", f"`{self.path}` cannot be read: {error}", hint=hint) from None


def _artifacts(index: Index, first: int) -> Iterator[tuple[Any, ...]]:
    for row in sorted((row for row in index.artifacts.values() if row.idx >= first), key=lambda row: row.no):
        form, _, digits = row.id.partition(":")
        said = (row.kind, row.name, row.version, row.files, row.bytes, row.first_idx, int(row.verified), row.idx)
        yield (row.no, _FORMS.index(form), bytes.fromhex(digits), *said)


class Lookups:
    """The file of one ledger, opened when it is first needed."""

    def __init__(self, layout: Layout, origin: str) -> None:
        self._layout, self._origin = layout, origin
        self._open: Lookup | None = None

    def open(self, tree: Callable[[int], TiledTree]) -> tuple[Lookup, Stand] | None:
        """The file with what it holds; None when there is none that belongs to this log, or it cannot be read.

        Args:
            tree: the log's tree at a size; the root that the file states must be its root there.
        """
        try:
            if self._open is None:
                self._open = Lookup(self._layout.lookups)
            stand = self._open.stand()
            if (
                stand is not None
                and stand.origin == self._origin
                and tree(stand.size).root() == stand.root
                and self._open.files.there(stand.edges)
            ):
                return self._open, stand
        except (sqlite3.Error, ValueError, OSError, LedgerError):
            pass
        self._open = None
        return None

    def keep(self, index: Index, first: int, stand: Stand, added: Added) -> Lookup | None:
        """Put into the file what an index holds of entries `first` … ; None when it cannot be written, or ends elsewhere."""
        try:
            if self._open is None:
                if first == 0:
                    # Whatever is there belongs to another log, or cannot be read: the index was made without it.
                    self.remove()
                self._open = Lookup(self._layout.lookups, create=first == 0)
            if self._open.add(index, stand, first, added):
                return self._open
        except (sqlite3.Error, ValueError, OSError):
            self._open = None
        return None

    def remove(self) -> None:
        """Remove the file; it is made again when it is worthwhile."""
        for ending in ("", "-wal", "-shm"):
            Path(f"{self._layout.lookups}{ending}").unlink(missing_ok=True)
        if self._layout.state.is_dir():
            EdgeFiles(self._layout.state).sweep(None)


class StoredIndex(Index):
    """The lookups of entries below a size, from a file; rows after it are in an index layered over this one."""

    __slots__ = ("_lookup",)

    def __init__(self, lookup: Lookup, size: int) -> None:
        super().__init__(size=size)
        self._lookup = lookup
        [(last,)] = lookup.rows("SELECT max(no) FROM artifacts WHERE idx < ?", (size,))
        self.artifact_count = 0 if last is None else last + 1

    def stored(self) -> StoredIndex:
        """This one."""
        return self

    def artifact(self, id: str) -> ArtifactRow | None:
        """The row of a full id."""
        form, _, digits = id.partition(":")
        if form not in _FORMS:
            return None
        sql = f"SELECT {_ARTIFACT} FROM artifacts WHERE digest = ? AND form = ? AND idx < ?"
        try:
            return next(map(_artifact, self._lookup.rows(sql, (bytes.fromhex(digits), _FORMS.index(form), self.size))), None)
        except ValueError:  # not hex
            return None

    def by_number(self, no: int) -> ArtifactRow | None:
        """The row of an artifact number."""
        sql = f"SELECT {_ARTIFACT} FROM artifacts WHERE no = ? AND idx < ?"
        return next(map(_artifact, self._lookup.rows(sql, (no, self.size))), None)

    def by_numbers(self, numbers: Sequence[int]) -> dict[int, ArtifactRow]:
        """The rows of many artifact numbers."""
        found = (_artifact(row) for row in self._many(f"SELECT {_ARTIFACT} FROM artifacts WHERE idx < ? AND no IN", numbers))
        return {row.no: row for row in found}

    def names_by_numbers(self, numbers: Sequence[int]) -> dict[int, list[NameRow]]:
        """The namings of many artifact numbers, those of each oldest first."""
        sql = "SELECT n.no, n.idx, n.kind, n.name, n.version, a.form, a.digest, n.supersedes FROM names n JOIN artifacts a USING (no)"
        found: dict[int, list[NameRow]] = {}
        for no, idx, kind, name, version, form, digest, why in self._many(
            f"{sql} WHERE n.idx < ? AND n.no IN", numbers, " ORDER BY n.idx, n.rowid"
        ):
            found.setdefault(no, []).append(NameRow(idx, kind, name, version, _id(form, digest), why))
        return found

    def renamed(self, numbers: Sequence[int]) -> list[int]:
        """Those of many artifact numbers that are also called otherwise than in their rows."""
        # Mostly there are so few at all that looking for each takes longer.
        few = self._lookup.rows("SELECT no FROM names INDEXED BY name_others WHERE other = 1 AND idx < ? LIMIT ?", (self.size, _AT_ONCE))
        if len(few) < _AT_ONCE:
            return sorted({row[0] for row in few} & set(numbers))
        sql = "SELECT DISTINCT no FROM names INDEXED BY name_others WHERE other = 1 AND idx < ? AND no IN"
        return [row[0] for row in self._many(sql, numbers)]

    def _many(self, sql: str, numbers: Sequence[int], order: str = "") -> Iterator[tuple[Any, ...]]:
        """The rows of a SELECT that ends in IN, for many numbers, some at a time."""
        for low in range(0, len(numbers), _AT_ONCE):
            some = numbers[low : low + _AT_ONCE]
            yield from self._lookup.rows(f"{sql} ({','.join('?' * len(some))}){order}", (self.size, *some))

    def all_artifacts(self) -> Iterator[ArtifactRow]:
        """Every row, by number."""
        yield from map(_artifact, self._lookup.rows(f"SELECT {_ARTIFACT} FROM artifacts WHERE idx < ? ORDER BY no", (self.size,)))

    def named(self, name: str) -> list[NameRow]:
        """All namings of a name, oldest first."""
        return self._named("n.name = ? AND n.idx < ?", (name, self.size))

    def named_by(self, id: str) -> list[NameRow]:
        """All namings of an id, oldest first."""
        row = self.artifact(id)
        return [] if row is None else self._named("n.no = ? AND n.idx < ?", (row.no, self.size))

    def all_names(self) -> Iterator[NameRow]:
        """Every naming, oldest first."""
        yield from self._named("n.idx < ?", (self.size,))

    def corrections(self) -> list[NameRow]:
        """The namings that correct others, oldest first."""
        return self._named("n.supersedes IS NOT NULL AND n.idx < ?", (self.size,))

    def named_at(self, idx: int) -> list[NameRow]:
        """The namings of one entry."""
        return self._named("n.idx = ? AND n.idx < ?", (idx, self.size))

    def distinct_names(self, limit: int) -> list[str] | None:
        """The different names; None when there are more than the limit."""
        sql = "SELECT DISTINCT name FROM names WHERE idx < ? LIMIT ?"
        found = [str(row[0]) for row in self._lookup.rows(sql, (self.size, limit + 1))]
        return None if len(found) > limit else found

    def _named(self, condition: str, values: tuple[Any, ...]) -> list[NameRow]:
        sql = "SELECT n.idx, n.kind, n.name, n.version, a.form, a.digest, n.supersedes FROM names n JOIN artifacts a USING (no) "
        rows = self._lookup.rows(f"{sql} WHERE {condition} ORDER BY n.idx, n.rowid", values)
        return [NameRow(idx, kind, name, version, _id(form, digest), why) for idx, kind, name, version, form, digest, why in rows]

    def references(self, name: str) -> list[ArtifactRow]:
        """The references of a name, oldest first."""
        sql = f"SELECT {_ARTIFACT} FROM artifacts WHERE verified = 0 AND name = ? AND idx < ? ORDER BY no"
        return [_artifact(row) for row in self._lookup.rows(sql, (name, self.size))]

    def tree_file_count(self) -> int:
        """How many files all trees come to, as their manifests state."""
        [(count,)] = self._lookup.rows("SELECT total(files) FROM artifacts WHERE form = ? AND idx < ?", (_FORMS.index("tree"), self.size))
        return int(count)

    def with_prefix(self, prefix: str) -> list[ArtifactRow]:
        """Rows whose typed id starts with the prefix, oldest first."""
        form, _, digits = prefix.partition(":")
        if form not in _FORMS:
            return []
        return self._with_digits(digits, form)

    def with_digits(self, digits: str) -> list[ArtifactRow]:
        """Rows whose digest begins with these hex digits, oldest first."""
        return self._with_digits(digits, None)

    def _with_digits(self, digits: str, form: str | None) -> list[ArtifactRow]:
        try:
            low, high = bytes.fromhex(digits.ljust(64, "0")), bytes.fromhex(digits.ljust(64, "f"))
        except ValueError:
            return []
        sql = f"SELECT {_ARTIFACT} FROM artifacts WHERE digest BETWEEN ? AND ? AND idx < ?"
        values: list[Any] = [low, high, self.size]
        if form is not None:
            sql, values = sql + " AND form = ?", [*values, _FORMS.index(form)]
        return [_artifact(row) for row in self._lookup.rows(sql + " ORDER BY no", values)]

    def lineage(self) -> tuple[Arrays | None, bytes, int] | None:
        """An adjacency, the packed rows since, and the log size that they reach to, this one's or more; None when they cannot be read."""
        for _ in range(_TRIES):
            try:
                stand = self._lookup.stand()
                if stand is None:
                    return None
                return self._lookup.files.arrays(stand.edges), self._lookup.files.tail(stand.edges), stand.size
            except FileNotFoundError:
                continue  # a writer has built another one since
            except (sqlite3.Error, OSError, ValueError):
                return None
        return None

    def numbers_of(self, kind: str) -> list[int]:
        """The log indexes of the entries of one kind, ascending; of any but manifests."""
        return [row[0] for row in self._lookup.rows("SELECT idx FROM others WHERE kind = ? AND idx < ? ORDER BY idx", (kind, self.size))]

    def recorded(self, payload: bytes, keyid: str) -> int | None:
        """The first index of this payload signed by this key, or None."""
        sql = (
            "SELECT p.idx, s.keyids FROM payloads p JOIN signers s ON s.number = p.signers WHERE p.payload = ? AND p.idx < ? ORDER BY p.idx"
        )
        return next((int(idx) for idx, keyids in self._lookup.rows(sql, (payload, self.size)) if keyid in keyids.split()), None)

    def has_payload(self, payload: bytes) -> bool:
        """Whether the payload is in the log."""
        return bool(self._lookup.rows("SELECT 1 FROM payloads WHERE payload = ? AND idx < ? LIMIT 1", (payload, self.size)))


def _id(form: int, digest: bytes) -> str:
    return f"{_FORMS[form]}:{digest.hex()}"


def _artifact(row: tuple[Any, ...]) -> ArtifactRow:
    no, form, digest, kind, name, version, files, size, first_idx, verified, idx = row
    return ArtifactRow(no, _id(form, digest), kind, name, version, files, size, first_idx, bool(verified), idx)
