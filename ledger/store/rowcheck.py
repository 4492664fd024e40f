"""Deriving every table row again and comparing it with what the segments hold; bulk rows are checked against the tree ids, and the
manifests against the bulk rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from ledger.errors import LedgerError
from ledger.hashing.names import check_path
from ledger.merkle.tree import root
from ledger.store._generated import COLUMNS
from ledger.store.foldcheck import Claim
from ledger.store.projection import Projection
from ledger.store.reader import Reader
from ledger.store.segments import Segment, arrow_table

BULK = ("files", "records", "record_licenses")


def row_problems(reader: Reader, size: int, projection: Projection, claims: Mapping[str, Sequence[Claim]]) -> list[str]:
    """What differs, naming the segment or, for what a manifest states of its tree, the entry.

    Args:
        claims: by artifact id, what each manifest of it states.
    """
    problems: list[str] = []
    for table in COLUMNS:
        try:
            for segment in reader.segments.in_force(table, size):
                problems += segment_problems(projection, claims, segment, reader.segments.load(segment))
        except LedgerError as error:
            problems.append(error.message)
    return problems


def segment_problems(projection: Projection, claims: Mapping[str, Sequence[Claim]], segment: Segment, found: Any) -> list[str]:
    """What is wrong with the rows of one segment."""
    return _files(projection, claims, segment, found) if segment.table == "files" else _derived(projection, segment, found)


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


def _files(projection: Projection, claims: Mapping[str, Sequence[Claim]], segment: Segment, found: Any) -> list[str]:
    """The rows of each tree, in order, are its inventory, and every manifest of the tree states what they come to."""
    artifacts = [row for row in projection.rows.get("artifacts", ()) if segment.first <= row[0] < segment.last]
    trees = {row[1]: row for row in artifacts if row[3] == "tree" and f"tree:{row[2].hex()}" in claims}
    problems = []
    seen = set()
    for number, mine in runs(found):
        row = trees.get(number)
        if row is None or number in seen:
            why = "which is no tree of these entries" if row is None else "which are not all together"
            problems.append(f"{_name(segment)}: rows of artifact {number}, {why}")
            continue
        seen.add(number)
        wrong = inventory_problems(claims, row, mine)
        problems += [f"{_name(segment)}: {text}" if text.startswith("the rows") else text for text in wrong]
    return problems + [f"{_name(segment)}: there are no rows of artifact {number}, a tree" for number in sorted(set(trees) - seen)]


def inventory_problems(claims: Mapping[str, Sequence[Claim]], row: Sequence[Any], mine: Any) -> list[str]:
    """In what the rows of one tree are not its inventory, or not what its manifests state of it.

    Args:
        row: the tree's row of `artifacts`.
        mine: its rows of `files`.
    """
    files = mine.to_pydict()
    paths = [path.encode() for path in files["path"]]
    lines = [digest.hex().encode() + b"  " + path for path, digest in zip(paths, files["sha256"], strict=True)]
    inventory = hashlib.sha256(b"".join(line + b"\n" for line in lines))
    sizes = files["bytes"]
    if inventory.digest() != row[2] or not _is_inventory(paths) or min(sizes) < 0 or set(files["idx"]) != {row[0]}:
        return [f"the rows of artifact {row[1]} are not the inventory of its tree id"]
    id = f"tree:{row[2].hex()}"
    wanted = (len(paths), sum(sizes), root(lines).hex())
    return [
        f"entry {claim.at}: its `files`, `bytes` or `root` are not those of the inventory of `{id[:21]}…`"
        for claim in claims[id]
        if claim[1:] != wanted
    ]


def runs(found: Any) -> Iterator[tuple[int, Any]]:
    """The rows cut where the artifact changes."""
    import pyarrow.compute as pc

    runs = pc.run_end_encode(found["artifact_no"].combine_chunks())
    start = 0
    for number, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield number, found.slice(start, end - start)
        start = end


def _is_inventory(paths: Sequence[bytes]) -> bool:
    """Whether these paths can be the lines of an inventory: each as the format has it, strictly ascending."""
    try:
        for path in paths:
            check_path(path)
    except LedgerError:
        return False
    return all(one < other for one, other in pairwise(paths))
