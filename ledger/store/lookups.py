"""The lookups of a large ledger on disk: names, artifacts, payloads in a SQLite file in `state/`, so that nothing has to be loaded first.

The file is derived from the tables, like them not trusted beyond the checkpoint: it states at which size and root it was made, is
caught up by whoever opens the ledger, and is made anew when it does not belong to this log or cannot be read. It is local, and never
published. Small ledgers have none: loading their tables takes no longer than opening it. A reader who may not write uses what is there,
and keeps the rest in memory. SQLite, and not the Parquet tables, because a lookup must not read a whole segment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.log.tiles import TiledTree
from ledger.store.index import ArtifactRow, EdgeRow, Index, NameRow
from ledger.store.layout import Layout

FORMAT = 2
_FORMS = ("file", "tree", "ref", "sha256")
_BUSY_SECONDS = 5.0

_TABLES = """
CREATE TABLE meta (format INTEGER NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL);
CREATE TABLE artifacts (no INTEGER PRIMARY KEY, form INTEGER NOT NULL, digest BLOB NOT NULL, kind TEXT, name TEXT NOT NULL, version TEXT,
  files INTEGER, bytes INTEGER, first_idx INTEGER, verified INTEGER NOT NULL, idx INTEGER NOT NULL);
CREATE UNIQUE INDEX artifact_ids ON artifacts (digest, form);
CREATE INDEX artifact_idx ON artifacts (idx);
CREATE INDEX reference_names ON artifacts (name) WHERE verified = 0;
CREATE TABLE names (idx INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, version TEXT, no INTEGER NOT NULL, supersedes TEXT);
CREATE INDEX name_names ON names (name, idx);
CREATE INDEX name_artifacts ON names (no, idx);
CREATE INDEX name_corrections ON names (idx) WHERE supersedes IS NOT NULL;
CREATE INDEX name_idx ON names (idx);
CREATE TABLE relations (number INTEGER PRIMARY KEY, relation TEXT NOT NULL UNIQUE);
CREATE TABLE edges (output INTEGER NOT NULL, input INTEGER NOT NULL, relation INTEGER NOT NULL, idx INTEGER NOT NULL,
  PRIMARY KEY (output, input, relation, idx)) WITHOUT ROWID;
CREATE INDEX edge_inputs ON edges (input, output, relation, idx);
CREATE TABLE signers (number INTEGER PRIMARY KEY, keyids TEXT NOT NULL UNIQUE);
CREATE TABLE payloads (payload BLOB NOT NULL, idx INTEGER NOT NULL, signers INTEGER NOT NULL, PRIMARY KEY (payload, idx)) WITHOUT ROWID;
"""
_ARTIFACT = "no, form, digest, kind, name, version, files, bytes, first_idx, verified, idx"


@dataclass(frozen=True, slots=True)
class Stand:
    """What a file says that it holds: the entries below a size, of the log with this root at that size."""

    origin: str
    size: int
    root: bytes


class Lookup:
    """An open file. Every failure of SQLite's is the caller's to take as: there is no such file."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Raises sqlite3.Error, or ValueError when it is of another format."""
        self.path = path
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
        row = self._db.execute("SELECT origin, size, root FROM meta").fetchone()
        return None if row is None else Stand(row[0], row[1], row[2])

    def add(self, index: Index, stand: Stand, first: int, edges: Iterable[EdgeRow]) -> bool:
        """Take over the rows that an index holds of entries `first` … `stand.size` - 1, and their edges, all or none of them.

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
            self._db.executemany("INSERT INTO names VALUES (?,?,?,?,?,?)", self._names(index, first))
            self._db.executemany("INSERT INTO payloads VALUES (?,?,?)", self._payloads(index, first))
            self._db.executemany("INSERT OR IGNORE INTO edges VALUES (?,?,?,?)", self._edges(edges))
            self._db.execute("DELETE FROM meta")
            self._db.execute("INSERT INTO meta VALUES (?,?,?,?)", (FORMAT, stand.origin, stand.size, stand.root))
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise
        return True

    def _names(self, index: Index, first: int) -> Iterator[tuple[Any, ...]]:
        numbers: dict[str, int] = {}
        for row in sorted((row for rows in index.names.values() for row in rows if row.idx >= first), key=lambda row: row.idx):
            if row.id not in numbers:
                known = index.artifacts.get(row.id)
                numbers[row.id] = known.no if known is not None else self._no(row.id)
            yield row.idx, row.kind, row.name, row.version, numbers[row.id], row.supersedes

    def _no(self, id: str) -> int:
        form, _, digits = id.partition(":")
        found = self._db.execute("SELECT no FROM artifacts WHERE digest = ? AND form = ?", (bytes.fromhex(digits), _FORMS.index(form)))
        return int(found.fetchone()[0])

    def _edges(self, edges: Iterable[EdgeRow]) -> Iterator[tuple[int, int, int, int]]:
        numbers = {relation: number for number, relation in self._db.execute("SELECT number, relation FROM relations")}
        for output, given, relation, idx in edges:
            if relation not in numbers:
                numbers[relation] = len(numbers)
                self._db.execute("INSERT INTO relations VALUES (?, ?)", (numbers[relation], relation))
            yield output, given, numbers[relation], idx

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
        """The rows of one SELECT."""
        return self._db.execute(sql, tuple(values)).fetchall()


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
            if stand is not None and stand.origin == self._origin and tree(stand.size).root() == stand.root:
                return self._open, stand
        except (sqlite3.Error, ValueError, OSError, LedgerError):
            pass
        self._open = None
        return None

    def keep(self, index: Index, first: int, stand: Stand, edges: Iterable[EdgeRow]) -> Lookup | None:
        """Put into the file what an index holds of entries `first` … ; None when it cannot be written, or ends elsewhere."""
        try:
            if self._open is None:
                if first == 0:
                    # Whatever is there belongs to another log, or cannot be read: the index was made without it.
                    self.remove()
                self._open = Lookup(self._layout.lookups, create=first == 0)
            if self._open.add(index, stand, first, edges):
                return self._open
        except (sqlite3.Error, ValueError, OSError):
            self._open = None
        return None

    def remove(self) -> None:
        """Remove the file; it is made again when it is worthwhile."""
        for ending in ("", "-wal", "-shm"):
            Path(f"{self._layout.lookups}{ending}").unlink(missing_ok=True)


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

    def edges(self, no: int, *, down: bool) -> list[EdgeRow]:
        """The edges to what an artifact was made from, or to what was made from it; sorted."""
        end = "e.input" if down else "e.output"
        sql = "SELECT e.output, e.input, r.relation, e.idx FROM edges e JOIN relations r ON r.number = e.relation "
        rows = self._lookup.rows(f"{sql} WHERE {end} = ? AND e.idx < ?", (no, self.size))
        return sorted((output, given, relation, idx) for output, given, relation, idx in rows)

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
