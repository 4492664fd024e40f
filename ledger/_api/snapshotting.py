"""Snapshots: copies of the tables, with the signed checkpoint, for auditors who use tools of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.query.snapshot import Origin, write_duckdb, write_parquet
from ledger.store._generated import COLUMNS
from ledger.store.commit import Store

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was written; `rows` by table."""

    path: str
    format: str
    origin: str
    size: int
    root: str
    rows: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "path": self.path,
            "format": self.format,
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "rows": dict(self.rows),
        }


def export_parquet(ledger: Any, out: PathLike) -> Snapshot:
    """Write a Parquet snapshot of the whole ledger into a folder that is new or empty.

    Raises:
        LedgerError: LG0704 for a ledger opened at an earlier size (which has no signed checkpoint), LG0837 when something is in the folder,
            LG0606, LG0609 for damaged tables, LG1103 when it cannot be written.
    """
    folder = Path(out)

    def work(segments: Mapping[str, Sequence[Path]], origin: Origin) -> dict[str, int]:
        _prepare(folder)
        return write_parquet(segments, folder, origin)

    return _written(ledger, str(out), "parquet", work)


def export_duckdb(ledger: Any, out: PathLike) -> Snapshot:
    """Write a DuckDB file of the whole ledger; the file must not be there. Raises as `export_parquet`."""
    file = Path(out)
    if file.exists():
        raise LedgerError("LG0837", f"`{file}` is there already", hint="choose another file, or remove it")

    def work(segments: Mapping[str, Sequence[Path]], origin: Origin) -> dict[str, int]:
        return write_duckdb(segments, file, origin)

    return _written(ledger, str(out), "duckdb", work)


def _prepare(folder: Path) -> None:
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise LedgerError("LG0837", f"`{folder}` is not empty: what is in it would be mixed with what belongs together")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError("LG1103", f"cannot write `{folder}`: {error.strerror}") from None


def _written(ledger: Any, out: str, form: str, work: Callable[[Mapping[str, Sequence[Path]], Origin], dict[str, int]]) -> Snapshot:
    ledger._check_writable()
    store: Store = ledger._store
    head = store.head()
    size = head.checkpoint.size
    origin = Origin(ledger.origin, size, ledger.log_key, head.to_bytes())

    def copy(whole: int) -> dict[str, int]:
        segments = {table: [item.path for item in store.segments.in_force(table, whole)] for table in COLUMNS}
        return work(segments, origin)

    rows = store.reloading(copy)
    return Snapshot(out, form, ledger.origin, size, head.checkpoint.root.hex(), rows)
