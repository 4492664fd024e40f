"""Deriving every table row again and comparing it with what the segments hold; bulk rows are checked against the tree ids."""

from __future__ import annotations

import hashlib
from typing import Any

from ledger.errors import LedgerError
from ledger.store._generated import COLUMNS
from ledger.store.projection import Projection
from ledger.store.reader import Reader
from ledger.store.segments import Segment, arrow_table

BULK = ("files", "records", "record_licenses")


def row_problems(reader: Reader, size: int, projection: Projection) -> list[str]:
    """What differs, naming the segment."""
    problems: list[str] = []
    for table in COLUMNS:
        try:
            for segment in reader.segments.in_force(table, size):
                found = reader.segments.load(segment)
                problems += _files(projection, segment, found) if table == "files" else _derived(projection, segment, found)
        except LedgerError as error:
            problems.append(error.message)
    return problems


def _name(segment: Segment) -> str:
    return f"`tables/{segment.table}/{segment.path.name}`"


def _derived(projection: Projection, segment: Segment, found: Any) -> list[str]:
    rows = [row for row in projection.rows.get(segment.table, ()) if segment.first <= row[0] < segment.last]
    wanted = arrow_table(segment.table, rows)
    if found.equals(wanted):
        return []
    # Name the first row that differs, because "different" alone does not help anyone.
    have, want = found.to_pylist(), wanted.to_pylist()
    at = next((i for i, (a, b) in enumerate(zip(have, want, strict=False)) if a != b), min(len(have), len(want)))
    return [f"{_name(segment)}: row {at} is not what the log gives ({len(have)} rows, {len(want)} derived)"]


def _files(projection: Projection, segment: Segment, found: Any) -> list[str]:
    """The rows of each tree, in order, are its inventory."""
    import pyarrow.compute as pc

    trees = {row[1]: row for row in projection.rows.get("artifacts", ()) if row[3] == "tree" and segment.first <= row[0] < segment.last}
    problems = []
    numbers = set(pc.unique(found["artifact_no"]).to_pylist())
    for extra in sorted(numbers - set(trees)):
        problems.append(f"{_name(segment)}: rows of artifact {extra}, which is no tree of these entries")
    for number, row in sorted(trees.items()):
        mine = found.filter(pc.equal(found["artifact_no"], number))
        inventory = hashlib.sha256()
        total = 0
        for path, digest, size in zip(mine["path"].to_pylist(), mine["sha256"].to_pylist(), mine["bytes"].to_pylist(), strict=True):
            inventory.update(f"{digest.hex()}  {path}\n".encode())
            total += size
        if inventory.digest() != row[2] or mine.num_rows != row[7] or total != row[8] or set(mine["idx"].to_pylist()) != {row[0]}:
            problems.append(f"{_name(segment)}: the rows of artifact {number} are not the inventory of its tree id")
    return problems
