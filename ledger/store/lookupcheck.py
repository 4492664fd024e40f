"""Whether the file of lookups says what the tables say: for the verifier, which does not use it; and its removal when it does not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from ledger.errors import LedgerError
from ledger.store.edgefiles import built, unpack
from ledger.store.layout import Layout
from ledger.store.lookups import Lookup, Lookups, StoredIndex
from ledger.store.reader import Reader
from ledger.store.segments import Segments

WRONG = "`state/lookups.sqlite` does not say what the tables say ({what}): remove it, it is made again and holds no record"


def check(layout: Layout) -> list[str]:
    """What is wrong with the rows of the file; nothing when there is none, or it is not this log's and would be made anew anyway."""
    if not layout.lookups.is_file():
        return []
    try:
        reader = Reader(layout.root)
        found = reader.lookups.open(reader.tree)
        if found is None:
            return []
        lookup, stand = found
        differing = _differing(reader, lookup, stand.size)
    except LedgerError as error:
        if error.code == "LG0615":
            return [WRONG.format(what=error.message)]
        return []  # the tables or the log have problems of their own, which other checks name
    except (sqlite3.Error, ValueError, TypeError, LookupError) as error:
        return [WRONG.format(what=f"{type(error).__name__}: {error}")]
    return [] if differing is None else [WRONG.format(what=differing)]


def remove_damaged(layout: Layout) -> list[str]:
    """Remove a file whose rows are wrong; says so."""
    if not check(layout):
        return []
    Lookups(layout, "").remove()
    return ["`state/lookups.sqlite`: removed, it did not say what the tables say and holds no record"]


def _differing(reader: Reader, lookup: Lookup, size: int) -> str | None:
    """What the file says otherwise than the tables; None when all is the same."""
    segments = reader.segments
    stored = StoredIndex(lookup, size)
    counts = {"artifacts": 0, "names": 0, "payloads": 0}
    numbers: dict[int, str] = {}
    for row in _rows(segments, "artifacts", size):
        counts["artifacts"] += 1
        id = f"{row['form']}:{row['id'].hex()}"
        numbers[row["artifact_no"]] = id
        known = stored.artifact(id)
        wanted = (
            row["artifact_no"],
            id,
            *(row[name] for name in ("kind", "name", "version", "files", "bytes", "first_idx", "verified", "idx")),
        )
        if known is None or tuple(known) != wanted or stored.by_number(row["artifact_no"]) != known:
            return f"artifact {row['artifact_no']}"
    for row in _rows(segments, "names", size):
        counts["names"] += 1
        wanted = (row["idx"], row["kind"], row["name"], row["version"], numbers[row["artifact_no"]], row["supersedes"])
        first = stored.by_number(row["artifact_no"])
        other = int(first is None or (first.name, first.version) != (row["name"], row["version"]))
        if lookup.rows("SELECT count(*) FROM names WHERE idx = ? AND other = ?", (row["idx"], other)) != [(1,)]:
            return f"whether entry {row['idx']} gives another name"
        if not any(tuple(item) == wanted for item in stored.named_at(row["idx"])) or wanted not in map(tuple, stored.named(row["name"])):
            return f"the name of entry {row['idx']}"
    signers: dict[int, set[str]] = {}
    for row in _rows(segments, "signatures", size):
        if row["keyid"] is not None:
            signers.setdefault(row["idx"], set()).add(row["keyid"].hex())
    for row in _rows(segments, "entries", size, ("idx", "payload")):
        counts["payloads"] += 1
        sql = "SELECT s.keyids FROM payloads p JOIN signers s ON s.number = p.signers WHERE p.payload = ? AND p.idx = ?"
        if lookup.rows(sql, (row["payload"], row["idx"])) != [(" ".join(sorted(signers.get(row["idx"], ()))),)]:
            return f"the payload of entry {row['idx']}"
    others = sorted((row["kind"], row["idx"]) for row in _rows(segments, "entries", size, ("idx", "kind")) if row["kind"] != "manifest")
    if lookup.rows("SELECT kind, idx FROM others ORDER BY kind, idx", ()) != others:
        return "which entries are no manifests"
    if _edges_differ(reader, lookup, size):
        return "the lineage"
    for table, count in counts.items():
        if lookup.rows(f"SELECT count(*) FROM {table} WHERE idx < ?", (size,)) != [(count,)]:
            return f"how many {table} there are"
    return None


def _edges_differ(reader: Reader, lookup: Lookup, size: int) -> bool:
    """Whether the adjacency is another one than that of the tables, or the rows since are not theirs."""
    stand = lookup.stand()
    assert stand is not None and stand.size == size
    kept, files = stand.edges, lookup.files
    if sorted(unpack(files.tail(kept))) != sorted(unpack(reader.edges_since(kept.base, size))):
        return True
    arrays = files.arrays(kept)
    if arrays is None:
        return False
    from ledger.adjacency.arrays import same

    rows = reader.edges_since(0, kept.base)
    appeared = [row["idx"] for row in _rows(reader.segments, "artifacts", kept.base, ("idx", "artifact_no"))]
    return not same(arrays, built(rows, None, appeared))


def _rows(segments: Segments, table: str, size: int, columns: tuple[str, ...] | None = None) -> Iterator[dict[str, Any]]:
    for item in segments.in_force(table, size):
        yield from (row for row in segments.load(item, columns).to_pylist() if row["idx"] < size)
