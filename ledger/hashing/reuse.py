"""Compares a folder with what the hash cache knows of it: the whole tree at once, then list by list, then file by file."""

from __future__ import annotations

import os

from ledger.hashing.cache import Snapshot
from ledger.hashing.links import LinkTargets
from ledger.hashing.pool import WorkerPool
from ledger.hashing.walk import Chunk
from ledger.hashing.worker import FOLDER_FLAGS, ROW_BYTES, file_row, pack_rows, same_parts

_TASK_FILES = 4096
_WAIT_SECONDS = 0.1


class Reuse:
    """The digests of one snapshot, given out for what has not changed."""

    def __init__(self, snapshot: Snapshot, root_fd: int, targets: LinkTargets) -> None:
        self._root_fd = root_fd
        self._targets = targets
        self._snapshot = snapshot
        self._same: dict[tuple[bytes, bytes], Chunk] = {}
        self._by_prefix: dict[bytes, list[Chunk]] = {}
        self._table: tuple[bytes, dict[bytes, tuple[bytes, bytes]]] | None = None

    def compare(self, pool: WorkerPool | None) -> bool:
        """Look at every folder and file once, and tell whether all are as they were."""
        tasks = self._tasks()
        answers: dict[int, bytes] = {}
        if pool is None or len(tasks) < 2:
            answers = {number: same_parts(self._root_fd, parts) for number, parts in enumerate(tasks)}
        else:
            for number, parts in enumerate(tasks):
                pool.submit(number, "same", parts, 0)
            while pool.pending:
                answers.update(pool.results(_WAIT_SECONDS))
        verdicts = b"".join(answers[number] for number in range(len(tasks)))
        folders = len(self._snapshot.folders)
        for chunk, same in zip(self._snapshot.chunks, verdicts[folders:], strict=True):
            if same:
                self._same[chunk.folder.prefix, chunk.names] = chunk
        return 0 not in verdicts

    def _tasks(self) -> list[list[tuple[bytes, bytes, bytes, bytes]]]:
        """All folders, then all chunks, in portions that are worth sending to a worker."""
        tasks: list[list[tuple[bytes, bytes, bytes, bytes]]] = []
        portion: list[tuple[bytes, bytes, bytes, bytes]] = []
        weight = 0
        for folder in self._snapshot.folders:
            portion.append((folder.prefix, folder.row, b"", b""))
        for chunk in self._snapshot.chunks:
            portion.append((chunk.folder.prefix, b"", chunk.names, bytes(chunk.rows)))
            weight += chunk.count + 4
            if weight >= _TASK_FILES:
                tasks.append(portion)
                portion, weight = [], 0
        return [*tasks, portion] if portion else tasks

    def fill(self, chunk: Chunk) -> list[int]:
        """Give a chunk the digests that still hold, and answer the positions that must be hashed."""
        known = self._same.get((chunk.folder.prefix, chunk.names))
        if known is not None and not chunk.links and known.count == chunk.count:
            chunk.digests, chunk.rows, chunk.reused = known.digests, known.rows, chunk.count
            return []
        table = self._table_of(chunk.folder.prefix)
        if not table:
            return list(range(chunk.count))
        names = chunk.names.split(b"\n")
        rows = self._rows_now(chunk, names)
        digests, kept, changed = [], [], []
        for position, (name, row) in enumerate(zip(names, rows, strict=True)):
            recorded = table.get(name)
            if recorded is not None and recorded[0] == row:
                digests.append(recorded[1])
                kept.append(row)
            else:
                changed.append(position)
                digests.append(bytes(32))
                kept.append(bytes(ROW_BYTES))
        chunk.digests, chunk.rows = bytearray(b"".join(digests)), bytearray(b"".join(kept))
        chunk.reused = chunk.count - len(changed)
        return changed

    def _rows_now(self, chunk: Chunk, names: list[bytes]) -> list[bytes]:
        rows = []
        try:
            dir_fd = os.open(chunk.folder.prefix[:-1] or b".", FOLDER_FLAGS, dir_fd=self._root_fd)
        except OSError:
            return [b""] * len(names)
        try:
            for position, name in enumerate(names):
                try:
                    if chunk.links and position in chunk.links:
                        status = os.lstat(chunk.links[position])
                    else:
                        status = os.stat(name, dir_fd=dir_fd, follow_symlinks=False)
                    rows.append(pack_rows(file_row(status)))
                except OSError:
                    rows.append(b"")
        finally:
            os.close(dir_fd)
        return rows

    def _table_of(self, prefix: bytes) -> dict[bytes, tuple[bytes, bytes]]:
        if self._table is not None and self._table[0] == prefix:
            return self._table[1]
        if not self._by_prefix:
            for chunk in self._snapshot.chunks:
                self._by_prefix.setdefault(chunk.folder.prefix, []).append(chunk)
        table: dict[bytes, tuple[bytes, bytes]] = {}
        for chunk in self._by_prefix.get(prefix, []):
            for index, name in enumerate(chunk.names.split(b"\n")):
                row = bytes(chunk.rows[ROW_BYTES * index : ROW_BYTES * index + ROW_BYTES])
                table[name] = (row, bytes(chunk.digests[32 * index : 32 * index + 32]))
        self._table = (prefix, table)
        return table
