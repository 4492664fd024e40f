"""Bringing back what is derived, and nothing else: `ledger verify --repair`.

The truth is `ledger.toml`, the checkpoint, the entry bundles, the objects and the keys; none of it is ever written here. From it follow the
tiles and the rows of the tables. The rows of `files` hold sizes that are in no inventory, so a tree's rows are taken from any segment that
still holds them and whose rows have its tree id, and are lost otherwise. Where a check of the truth fails nothing is touched, because what
would be derived from it would be wrong.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.tiles import WIDTH, tile_path
from ledger.merkle.tree import hashes_reader, leaf_hash, range_hash
from ledger.spec.report import FAIL
from ledger.store._generated import COLUMNS
from ledger.store.crew import Crew, worker_count
from ledger.store.foldcheck import Fold, fold_entries
from ledger.store.fs import TEMPORARY, Fs, read_file, translated
from ledger.store.layout import Layout
from ledger.store.lock import check_file_system, exclusive
from ledger.store.logcheck import LogState, check_log, levels_of, tile_of
from ledger.store.memory import recall
from ledger.store.reader import Reader
from ledger.store.rowcheck import inventory_problems, runs, segment_problems
from ledger.store.segments import Segment, arrow_table, chain_of
from ledger.store.verify import StateCheck, verify_ledger

TRUTH = ("L1", "L2", "L5", "L6", "L7", "L8", "L13")
StateRepair = Callable[[Layout], list[str]]
"""Removes what is damaged of a room's local files; says what."""


@dataclass(slots=True)
class Repaired:
    """What was brought back or removed, and what could not be, one sentence each."""

    done: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def repair_ledger(root: Path, *, state_checks: Sequence[StateCheck] = (), state_repairs: Sequence[StateRepair] = ()) -> Repaired:
    """Bring back what is derived, under the lock.

    Raises:
        LedgerError: LG0619 a check of the truth fails, so that nothing was touched; LG0601, LG0603 no ledger; LG0604 to LG0607, LG0618.
    """
    reader = Reader(root)
    check_file_system(root)
    with exclusive(reader.layout.lock):
        log, fold = _truth(reader, root, state_checks)
        found = Repaired()
        size = reader.head().checkpoint.size
        unpublished = _unpublished(reader, size, log, found)
        _lock(reader.layout, found)
        if not unpublished:
            _leftovers(reader, size, found)
        _tiles(reader, size, log, found)
        for table in COLUMNS:
            _table(reader, table, size, fold, found)
        for repair in state_repairs:
            found.done += repair(reader.layout)
        reader.fs.sync_folders()
    return found


def _truth(reader: Reader, root: Path, state_checks: Sequence[StateCheck]) -> tuple[LogState, Fold]:
    report = verify_ledger(root, state_checks=state_checks)
    failed = {check.id: check.detail for check in report.checks if check.result == FAIL}
    why = next((f"{id}: {failed[id]}" for id in TRUTH if id in failed), "")
    log = check_log(reader, reader.head().checkpoint) if not why else LogState()
    why = why or _rollback(reader, log)
    if why:
        raise LedgerError("LG0619", f"nothing was repaired, for the truth itself is damaged: {why[:600]}")
    with Crew(reader.layout, reader.objects, worker_count(len(log.leaves or ()))) as crew:
        return log, fold_entries(reader, log, crew, rows=True)


def _rollback(reader: Reader, log: LogState) -> str:
    """Why the entries are not those that were seen before, from the entries alone, for the tiles may be what is damaged."""
    if log.leaves is None:
        return f"L4: {'; '.join(log.problems)}"
    nodes = hashes_reader([leaf_hash(leaf) for leaf in log.leaves])
    seen = [recall(reader.config.log_key)]
    with suppress(LedgerError):
        seen.append(open_checkpoint(read_file(reader.layout.signed) or b"", reader.config.log_key))
    for number, old in enumerate(item.checkpoint for item in seen if item is not None):
        if old.size > len(log.leaves) and number == 0 and seen[0] is not None:
            return f"L3: the log has {len(log.leaves)} entries, and this machine has seen one with {old.size}"
        if old.size <= len(log.leaves) and range_hash(nodes, 0, old.size) != old.root:
            return f"L3: the first {old.size} entries are not those of a checkpoint that was seen here"
    return ""


def _unpublished(reader: Reader, size: int, log: LogState, found: Repaired) -> bool:
    """Whether a signed checkpoint waits to be published: the next append does that. A damaged one is replaced when none can wait."""
    data = read_file(reader.layout.signed)
    if data is None:
        return False
    try:
        signed = open_checkpoint(data, reader.config.log_key, what="`state/checkpoint`")
    except LedgerError:
        signed = None
    if signed is not None and signed.to_bytes() == data:
        return signed.checkpoint.size > size
    if log.leftovers:
        text = "`state/checkpoint` is damaged, and there are entries that it may have signed: remove it if there is no copy of it"
        found.left.append(text)
        return True
    reader.fs.write(reader.layout.signed, reader.head().to_bytes())
    found.done.append("`state/checkpoint`: written again from `log/checkpoint`")
    return False


def _lock(layout: Layout, found: Repaired) -> None:
    if read_file(layout.lock):
        # In place: another file under this name would not be locked.
        with translated("cannot write", layout.lock):
            os.truncate(layout.lock, 0)
        found.done.append("`state/lock`: emptied")


def _leftovers(reader: Reader, size: int, found: Repaired) -> None:
    """What writers that ended early left behind; nobody else writes, for the lock is held."""
    layout = reader.layout
    for folder in (layout.log, layout.objects, layout.tables, layout.state):
        for path in sorted(folder.rglob(f"{TEMPORARY}*")):
            _remove(reader.fs, layout, path, found)
    for path in sorted(layout.log.rglob("*")):
        place = tile_of(str(path.relative_to(layout.log))) if path.is_file() else None
        if place is not None:
            level, n, width = place
            if n * WIDTH + width > size >> 8 * max(level, 0):
                _remove(reader.fs, layout, path, found)
    for table in COLUMNS:
        for item in reader.segments.listed(table):
            if item.last > size:
                _remove(reader.fs, layout, item.path, found)


def _remove(fs: Fs, layout: Layout, path: Path, found: Repaired) -> None:
    fs.remove(path)
    found.done.append(f"`{path.relative_to(layout.root)}`: removed, of a writer that ended early")


def _tiles(reader: Reader, size: int, log: LogState, found: Repaired) -> None:
    """Every tile that the leaves give, and those narrower ones that are there; bundles are the truth and only named."""
    levels = levels_of([leaf_hash(leaf) for leaf in log.leaves or ()])
    folder = reader.layout.log
    places = {(level, n, min(WIDTH, len(row) - n * WIDTH)) for level, row in enumerate(levels) for n in range(-(-len(row) // WIDTH))}
    for path in sorted(folder.rglob("*")):
        place = tile_of(str(path.relative_to(folder))) if path.is_file() else None
        if place is not None and 0 <= place[0] < len(levels) and place[1] * WIDTH + place[2] <= len(levels[place[0]]):
            places.add(place)
    for level, n, width in sorted(places):
        path = folder / tile_path(level, n, width)
        wanted = b"".join(levels[level][n * WIDTH : n * WIDTH + width])
        if read_file(path) != wanted:
            reader.fs.write(path, wanted)
            found.done.append(f"`{path.relative_to(reader.layout.root)}`: made again from the entries")
    found.left += check_log(reader, reader.head().checkpoint).problems


def _table(reader: Reader, table: str, size: int, fold: Fold, found: Repaired) -> None:
    """Write a table again, as one segment, when a segment in force is missing or wrong; remove damaged ones that others replace."""
    listed = [item for item in reader.segments.listed(table) if item.last <= size]
    loaded: dict[Segment, Any] = {}
    for item in listed:
        try:
            loaded[item] = reader.segments.load(item)
        except LedgerError:
            continue
    good = [item for item in loaded if not segment_problems(fold.projection, fold.claims, item, loaded[item])]
    bad = [item for item in listed if item not in good]
    try:
        whole = chain_of(table, good, size) == chain_of(table, listed, size)
    except LedgerError:
        whole = False
    if whole and all(item in loaded for item in listed):
        return
    rows = None
    if not whole:
        rows = _files(fold, loaded, size, found) if table == "files" else arrow_table(table, fold.projection.rows.get(table, ()))
        if rows is None:
            return
    for item in bad:
        reader.fs.remove(item.path)
        found.done.append(f"`tables/{table}/{item.path.name}`: removed, it is not what the log gives")
    if rows is not None:
        reader.segments.write(table, 0, size, rows)
        found.done.append(f"`tables/{table}`: {rows.num_rows} rows of entries 0 to {size - 1} derived again")


def _files(fold: Fold, loaded: Mapping[Segment, Any], size: int, found: Repaired) -> Any:
    """The rows of `files`, tree by tree, from whatever segment still has them; None when some are nowhere."""
    import pyarrow as pa

    artifacts = fold.projection.rows.get("artifacts", ())
    trees = {row[1]: row for row in artifacts if row[3] == "tree" and f"tree:{row[2].hex()}" in fold.claims}
    held: dict[int, Any] = {}
    for table in loaded.values():
        for number, mine in runs(table):
            if number in trees and number not in held and not inventory_problems(fold.claims, trees[number], mine):
                held[number] = mine
    lost = sorted(set(trees) - set(held))
    for number in lost:
        id = f"tree:{trees[number][2].hex()}"
        found.left.append(f"`tables/files`: no segment holds the rows of `{id}`; restore `tables/files` from a copy")
    if lost:
        return None
    return pa.concat_tables([held[number] for number in sorted(held)]) if held else arrow_table("files", ())
