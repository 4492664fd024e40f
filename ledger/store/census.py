"""Figures of a ledger, for whoever looks after it: from the footers of segments and a few narrow columns; objects are walked."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ledger.store import compaction
from ledger.store._generated import COLUMNS
from ledger.store.digests import Digests
from ledger.store.reader import WORTHWHILE, Reader

MOST = 10
"""So many of the largest trees, and of the commonest licences."""
_EACH = 5_000
Progress = Callable[[str, int, int], None]


def census(reader: Reader, progress: Progress | None = None) -> dict[str, Any]:
    """The figures of a ledger at its published size. Raises LedgerError LG0609, LG0610."""
    size = reader.head().checkpoint.size
    tables = {table: _table(reader, table) for table in COLUMNS}
    said = _read(reader, "artifacts", ("idx", "artifact_no", "id", "form", "kind", "name", "version", "files", "bytes"))
    names = _read(reader, "names", ("idx", "name"))
    licenses = _read(reader, "licenses", ("idx", "normalized"))
    merges = compaction.plan(reader)
    counted = Counter(licenses["normalized"].to_pylist())
    return {
        "size": size,
        "entries": _counted(_read(reader, "entries", ("idx", "kind"))["kind"].to_pylist()),
        "artifacts": {
            "count": said.num_rows,
            "forms": _counted(said["form"].to_pylist()),
            "kinds": _counted(kind for kind in said["kind"].to_pylist() if kind is not None),
        },
        "names": {"count": names.num_rows, "distinct": len(set(names["name"].to_pylist()))},
        "edges": tables["edges"]["rows"] + tables["components"]["rows"],
        "files": tables["files"]["rows"],
        "tables": tables,
        "compaction": {
            "merges": len(merges),
            "segments": sum(len(merge.segments) for merge in merges),
            "rows": sum(merge.rows for merge in merges),
            "bytes": sum(merge.bytes for merge in merges),
        },
        "objects": _walked(reader.layout.objects, "objects", progress),
        "log": _walked(reader.layout.log, "the log", progress),
        "indexes": [_lookups(reader, size), _lineage(reader), _digests(reader), *_others(reader)],
        "licenses": {
            "claims": licenses.num_rows,
            "distinct": len(counted),
            "most": [
                {"normalized": text, "claims": count} for text, count in sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:MOST]
            ],
        },
        "largest_trees": _largest(said),
    }


def _read(reader: Reader, table: str, columns: Sequence[str]) -> Any:
    return reader.reloading(lambda size: reader.segments.read(table, size, columns))


def _counted(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _table(reader: Reader, table: str) -> dict[str, int]:
    """Rows, segments and bytes in force, and the files that are kept though larger segments replace them."""

    def work(size: int) -> dict[str, int]:
        chain = reader.segments.in_force(table, size)
        force = {(item.first, item.last, item.hex16) for item in chain}
        covered = [item for item in reader.segments.listed(table) if (item.first, item.last, item.hex16) not in force]
        # A segment may have several names for the same bytes.
        mine = {item.hex16 for item in chain}
        others = {item.hex16: _length(item.path) for item in covered if item.hex16 not in mine}
        return {
            "rows": sum(reader.segments.rows_of(item) for item in chain),
            "segments": len(chain),
            "bytes": sum(_length(item.path) for item in chain),
            "replaced": len(covered),
            "replaced_bytes": sum(others.values()),
        }

    return reader.reloading(work)


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _walked(folder: Path, what: str = "files", progress: Progress | None = None) -> dict[str, int]:
    """How many files are below a folder, and their bytes."""
    files = length = 0
    for size in _sizes(os.fspath(folder)):
        files, length = files + 1, length + size
        if progress is not None and files % _EACH == 0:
            progress(f"counting {what}", files, 0)
    return {"files": files, "bytes": length}


def _sizes(folder: str) -> Iterator[int]:
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        found = entry.stat(follow_symlinks=False)
                        if stat.S_ISREG(found.st_mode):
                            yield found.st_size
        except OSError:
            continue


def _lookups(reader: Reader, size: int) -> dict[str, Any]:
    """The file of lookups: whether it is there, wanted, and how many entries it lacks."""
    path = reader.layout.lookups
    length = sum(_length(Path(f"{path}{ending}")) for ending in ("", "-wal", "-shm"))
    found = reader.lookups.open(reader.tree) if path.is_file() else None
    if found is not None:
        behind = size - found[1].size
        state = "up to date" if behind <= 0 else f"{behind} entries behind"
    elif path.is_file():
        state = "not of this log, or unreadable: it is made again"
    else:
        state = "none" if size >= WORTHWHILE else "not needed"
    return {"name": "lookups.sqlite", "files": int(path.is_file()), "bytes": length, "state": state}


def _lineage(reader: Reader) -> dict[str, Any]:
    """The adjacency and its tail: how many rows are in the tail. As old as the file of lookups, which says what of them is in force."""
    found = reader.lookups.open(reader.tree) if reader.layout.lookups.is_file() else None
    lengths = [_length(path) for path in reader.layout.state.glob("lineage-*")]
    kept = found[1].edges if found is not None else None
    state = "none" if kept is None else f"as the lookups; {kept.tail} edges since the adjacency of entries below {kept.base}"
    return {"name": "lineage", "files": len(lengths), "bytes": sum(lengths), "state": state}


def _digests(reader: Reader) -> dict[str, Any]:
    """The runs of digests: how many segments have one, and whether others should."""
    runs = Digests(reader.layout, reader.segments, reader.fs)
    lengths = [_length(path) for path in runs.files()]

    def work(size: int) -> tuple[int, int]:
        chain = reader.segments.in_force("files", size)
        return len(runs.missing(chain)), len(runs.wanted(chain))

    missing, wanted = reader.reloading(work)
    if wanted:
        state = f"{wanted} segments without: they are made by the next `ledger find`"
    elif missing:
        state = "not needed" if not lengths else f"up to date; {missing} small segments are searched without"
    else:
        state = "up to date" if lengths else "not needed"
    return {"name": "digests", "files": len(lengths), "bytes": sum(lengths), "state": state}


def _others(reader: Reader) -> list[dict[str, Any]]:
    """What else is in the state folder and derived; keys, the lock and the checkpoint are not."""
    own = {"keys", "lock", "checkpoint", reader.layout.digests.name}
    found = []
    for path in sorted(reader.layout.state.iterdir()) if reader.layout.state.is_dir() else []:
        if path.name in own or path.name.startswith((reader.layout.lookups.name, "lineage-", ".tmp-")):
            continue
        counted = _walked(path) if path.is_dir() else {"files": 1, "bytes": _length(path)}
        found.append({"name": path.name, **counted, "state": "local"})
    return found


def _largest(said: Any) -> list[dict[str, Any]]:
    import pyarrow.compute as pc

    trees = said.filter(pc.and_(pc.equal(said["form"], "tree"), pc.is_valid(said["files"])))
    order = pc.sort_indices(trees, sort_keys=[("files", "descending"), ("artifact_no", "ascending")]).slice(0, MOST)
    return [
        {"id": f"tree:{row['id'].hex()}", **{name: row[name] for name in ("kind", "name", "version", "files", "bytes")}}
        for row in trees.take(order).to_pylist()
    ]
