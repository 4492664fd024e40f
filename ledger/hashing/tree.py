"""Hashes a file or a folder: `hash_path` is the one entrance, and gives the ids of docs/spec/format.md, section 1.

The bytes of every file are read exactly once, by a descriptor that cannot have followed a link, and each file is the same
before and after (device, inode, size, mtime, ctime). Many small files are hashed by worker processes while the walk goes on,
large files by threads. Whatever is wrong is one LedgerError that names the path; no process, thread or descriptor is left.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence
from contextlib import ExitStack
from errno import ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR
from hashlib import sha256
from typing import Any

from ledger.errors import LedgerError
from ledger.hashing.cache import HashCache, Snapshot
from ledger.hashing.include import Include
from ledger.hashing.inventory import Columns, Hashed, chunk_text, sizes_of
from ledger.hashing.large import LargeFile, LargeFiles, fault_error, hash_open_file
from ledger.hashing.links import LinkTargets
from ledger.hashing.names import check_path, duplicate_warnings, shown
from ledger.hashing.pool import WorkerPool, can_spawn
from ledger.hashing.progress import Progress, Reporter
from ledger.hashing.reuse import Reuse
from ledger.hashing.walk import Chunk, Folder, Symlinks, Walk
from ledger.hashing.worker import BUFFER, FILE_FLAGS, FOLDER_FLAGS, ROW_BYTES, Fault, hash_parts
from ledger.ids import make_artifact_id
from ledger.merkle.frontier import Frontier, line_leaves, subtrees

POOL_FILES = 1500
"""From so many small files on, starting worker processes pays."""
TASK_FILES = 512
INLINE_LIMIT = 128 << 10
POOL_LIMIT = 512 << 10
_MAX_WORKERS = 16
_WAIT_SECONDS = 0.1

Part = tuple[Chunk, list[int] | None]


def hash_path(
    path: str | os.PathLike[str],
    *,
    symlinks: Symlinks = "refuse",
    include: Sequence[str] = (),
    cache: HashCache | None = None,
    rehash: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Hashed:
    """Hash a file (`file:` id) or a folder (`tree:` id).

    Args:
        path: the file or folder; if the path itself is a link, what it leads to.
        symlinks: what to do with links inside a folder.
        include: patterns of the files to take, relative to the folder, such as ``train/**``; none takes all.
        cache: where digests of unchanged files are remembered.
        rehash: read every byte even if the cache knows the file, and refresh the cache.
        workers: how many processes or threads; by default one per available core.
        progress: is told how far it has come.

    Raises:
        LedgerError: LG0201 to LG0210.
    """
    real, status = _resolve(path)
    count = max(1, workers) if workers is not None else min(len(os.sched_getaffinity(0)), _MAX_WORKERS)
    if cache is not None and not cache.trusts(real):
        cache = None
    report = Reporter(progress)
    kind = status.st_mode & 0o170000
    if kind == 0o100000:
        if include:
            raise LedgerError("LG0209", f"`include` patterns need a folder, and this is a file: `{shown(real)}`")
        hashed = _hash_file(real, cache, rehash, report)
    elif kind == 0o040000:
        hashed = _hash_folder(real, symlinks, Include(include), cache, rehash, count, report)
    else:
        raise LedgerError("LG0207", f"not a regular file but a device, socket or fifo: `{shown(real)}`")
    report.tick(last=True)
    return hashed


def _resolve(path: str | os.PathLike[str]) -> tuple[bytes, os.stat_result]:
    name = os.fspath(path)
    if not name:
        raise LedgerError("LG0201", "no such path: it is empty")
    try:
        real = os.path.realpath(os.fsencode(name), strict=True)
        return real, os.lstat(real)
    except ValueError:
        raise LedgerError("LG0201", f"no such path: `{shown(name)}`") from None
    except OSError as error:
        if error.errno in (ENOENT, ENOTDIR, ENAMETOOLONG):
            raise LedgerError("LG0201", f"no such path: `{shown(name)}`") from None
        if error.errno == ELOOP:
            raise LedgerError("LG0206", f"symbolic link is part of a loop: `{shown(name)}`") from None
        raise LedgerError("LG0202", f"cannot be read: `{shown(name)}`: {error.strerror}") from None


def _hash_file(real: bytes, cache: HashCache | None, rehash: bool, report: Reporter) -> Hashed:
    name = os.path.basename(real)
    check_path(name)
    report.files_total = 1
    chunk = Chunk(Folder(b"", 0, 0, bytes(32)), name, 1)
    started_ns = cache.now_ns() if cache is not None else 0
    key = cache.key(real, "file") if cache is not None else b""
    snapshot = cache.load(key) if cache is not None and not rehash else None
    try:
        dir_fd = os.open(os.path.dirname(real), FOLDER_FLAGS)
    except OSError as error:
        raise fault_error(real, "os", error.errno or 0) from None
    try:
        if snapshot is not None and _file_is_known(snapshot, chunk, dir_fd):
            hashed_bytes = 0
        else:
            hashed_bytes = _read_file(real, name, dir_fd, chunk, report)
            if cache is not None:
                cache.store(key, bytes(chunk.digests), bytes(32), (), [chunk.folder], [chunk], started_ns=started_ns)
    finally:
        os.close(dir_fd)
    report.files_done = 1
    size = sizes_of([chunk])[0]
    identity = make_artifact_id("file", bytes(chunk.digests))
    root = line_leaves(chunk_text(chunk))[0]
    return Hashed(identity, "file", root, 1, size, hashed_bytes, chunk.reused, (), Columns([chunk]))


def _file_is_known(snapshot: Snapshot, chunk: Chunk, dir_fd: int) -> bool:
    reuse = Reuse(snapshot, dir_fd, LinkTargets(b"", dir_fd))
    return reuse.fill(chunk) == []


def _read_file(real: bytes, name: bytes, dir_fd: int, chunk: Chunk, report: Reporter) -> int:
    def on_bytes(count: int) -> None:
        report.bytes_done += count
        report.bytes_pending -= count
        report.tick()

    try:
        fd = os.open(name, FILE_FLAGS, dir_fd=dir_fd)
    except OSError as error:
        raise fault_error(real, "os", error.errno or 0) from None
    try:
        report.bytes_pending = os.fstat(fd).st_size
        chunk.digests, chunk.rows = hash_open_file(fd, memoryview(bytearray(BUFFER)), on_bytes)
    except Fault as fault:
        raise fault_error(real, fault.kind, fault.number) from None
    finally:
        os.close(fd)
    return sizes_of([chunk])[0]


def _hash_folder(
    real: bytes, symlinks: Symlinks, include: Include, cache: HashCache | None, rehash: bool, workers: int, report: Reporter
) -> Hashed:
    try:
        root_fd = os.open(real, FOLDER_FLAGS)
    except OSError as error:
        raise fault_error(real, "os", error.errno or 0) from None
    job = _TreeJob(real, root_fd, symlinks, include, workers, report)
    finished = False
    try:
        started_ns = cache.now_ns() if cache is not None else 0
        key = cache.key(real, "tree", symlinks, *include.patterns) if cache is not None else b""
        if cache is not None and not rehash and cache.holds_many(key):
            job.start_pool()
        snapshot = cache.load(key) if cache is not None and not rehash else None
        if snapshot is not None and job.compare(snapshot):
            finished = True
            report.files_done = report.files_total = snapshot.files
            totals = (snapshot.files, snapshot.bytes_total, 0, snapshot.files)
            return Hashed(
                make_artifact_id("tree", snapshot.digest), "tree", snapshot.root, *totals, snapshot.warnings, Columns(snapshot.chunks)
            )
        digest, root = job.run()
        warnings = duplicate_warnings([(chunk.folder.prefix, chunk.names) for chunk in job.chunks])
        if cache is not None:
            cache.store(key, digest, root, warnings, job.folders, job.chunks, started_ns=started_ns)
        finished = True
    finally:
        job.close(failed=not finished)
    reused = sum(chunk.reused for chunk in job.chunks)
    totals = (job.files, sum(sizes_of(job.chunks)), job.hashed_bytes, reused)
    return Hashed(make_artifact_id("tree", digest), "tree", root, *totals, warnings, Columns(job.chunks))


class _TreeJob:
    """One pass over one folder: walk, hand out, collect, in inventory order."""

    def __init__(self, real: bytes, root_fd: int, symlinks: Symlinks, include: Include, workers: int, report: Reporter) -> None:
        self._real = real
        self._root_fd = root_fd
        self._include = include
        self._workers = workers
        self._report = report
        self._targets = LinkTargets(real, root_fd)
        self._walk = Walk(root_fd, include, symlinks, self._targets)
        self._pool: WorkerPool | None = None
        self._reuse: Reuse | None = None
        self._large: list[LargeFile] = []
        self._waiting: list[list[Part]] = []
        self._portion: list[Part] = []
        self._portion_files = 0
        self._in_work: dict[int, list[Part]] = {}
        self._submitted = 0
        self._inventory = sha256()
        self._frontier = Frontier()
        self._written = 0
        self.chunks: list[Chunk] = []
        self.files = 0
        self.hashed_bytes = 0

    @property
    def folders(self) -> list[Folder]:
        """The folders that were walked."""
        return self._walk.folders

    def compare(self, snapshot: Snapshot) -> bool:
        """Whether nothing at all has changed since the snapshot."""
        self._reuse = Reuse(snapshot, self._root_fd, self._targets)
        return self._reuse.compare(self._pool)

    def run(self) -> tuple[bytes, bytes]:
        """Hash, and answer the digest of the inventory and the Merkle root over its lines."""
        for chunk in self._walk:
            self.chunks.append(chunk)
            chunk.first = self.files
            self.files += chunk.count
            self._report.files_total += chunk.count
            self._take(chunk)
        if not self.chunks:
            self._refuse_empty()
        self._flush_portion()
        self._finish_small()
        self.hashed_bytes += self._hash_large()
        self._write_inventory()
        return self._inventory.digest(), self._frontier.root()

    def _refuse_empty(self) -> None:
        name = shown(self._real)
        if self._include.patterns:
            patterns = ", ".join(f"`{shown(pattern)}`" for pattern in self._include.patterns)
            hint = "patterns are relative to the folder; `name/**` takes everything in a folder"
            raise LedgerError("LG0209", f"no file of `{name}` matches {patterns}", hint=hint)
        raise LedgerError("LG0203", f"no regular file in the folder: `{name}`")

    def _take(self, chunk: Chunk) -> None:
        todo = self._reuse.fill(chunk) if self._reuse is not None else None
        chunk.missing = chunk.count if todo is None else len(todo)
        self._report.files_done += chunk.reused
        if chunk.links:
            wanted = range(chunk.count) if todo is None else todo
            for position in wanted:
                if position in chunk.links:
                    self._add_large(chunk, position, _size_of_target(chunk, position))
            todo = [position for position in wanted if position not in chunk.links]
        if todo is None or todo:
            self._portion.append((chunk, todo))
            self._portion_files += chunk.count if todo is None else len(todo)
            if self._portion_files >= TASK_FILES:
                self._flush_portion()

    def _add_large(self, chunk: Chunk, position: int, size: int) -> None:
        self._large.append(LargeFile(chunk, position, size))
        self._report.bytes_pending += size

    def _flush_portion(self) -> None:
        if self._portion:
            self._waiting.append(self._portion)
            self._portion, self._portion_files = [], 0
        if self._pool is None and self._workers > 1 and len(self._waiting) * TASK_FILES >= POOL_FILES:
            self.start_pool()
        if self._pool is not None:
            for portion in self._waiting:
                self._submitted += 1
                self._in_work[self._submitted] = portion
                self._pool.submit(self._submitted, "hash", _parts_of(portion), POOL_LIMIT)
            self._waiting = []
            self._collect(self._pool, 0)

    def start_pool(self) -> None:
        """Start workers, unless there are some or there should be none."""
        if self._pool is None and self._workers > 1 and can_spawn():
            self._pool = WorkerPool(self._root_fd, self._workers)

    def _finish_small(self) -> None:
        if self._pool is None:
            for portion in self._waiting:
                self._accept(portion, hash_parts(self._root_fd, _parts_of(portion), INLINE_LIMIT))
        else:
            while self._pool.pending:
                self._collect(self._pool, _WAIT_SECONDS)
            self._pool.close()
            self._pool = None

    def _collect(self, pool: WorkerPool, timeout_seconds: float) -> None:
        for number, answer in pool.results(timeout_seconds):
            self._accept(self._in_work.pop(number), answer)
        self._write_inventory()
        self._report.tick()

    def _accept(self, portion: list[Part], answer: Any) -> None:
        if isinstance(answer, tuple):
            index, position, kind, number = answer
            chunk, todo = portion[index]
            if position >= 0 and todo is not None:
                position = todo[position]
            raise fault_error(chunk.path_of(position), kind, number)
        for (chunk, todo), (digests, rows, deferred, text, hashes) in zip(portion, answer, strict=True):
            done = len(digests) // 32 - len(deferred)
            sizes = array("q")
            sizes.frombytes(rows)
            small_bytes = sum(sizes[2::5]) - sum(sizes[5 * index + 2] for index in deferred)
            _scatter(chunk, todo, digests, rows)
            chunk.text, chunk.subtrees = text, hashes
            for index in deferred:
                self._add_large(chunk, index if todo is None else todo[index], sizes[5 * index + 2])
            chunk.missing -= done
            self.hashed_bytes += small_bytes
            self._report.files_done += done
            self._report.bytes_done += small_bytes
        self._report.tick()

    def _hash_large(self) -> int:
        LargeFiles(self._root_fd, self._targets, self._large, self._report).run(self._workers)
        total = 0
        for file in self._large:
            file.chunk.missing -= 1
            row = array("q")
            row.frombytes(bytes(file.chunk.rows[ROW_BYTES * file.position : ROW_BYTES * (file.position + 1)]))
            total += row[2]
        return total

    def _write_inventory(self) -> None:
        """Add the chunks that are complete, in order: the parent has little else to do while the workers hash."""
        while self._written < len(self.chunks) and not self.chunks[self._written].missing:
            chunk = self.chunks[self._written]
            text = chunk.text or chunk_text(chunk)
            self._inventory.update(text)
            self._frontier.extend(chunk.subtrees or subtrees(line_leaves(text), chunk.first), chunk.count)
            chunk.text, chunk.subtrees = b"", []
            self._written += 1

    def close(self, *, failed: bool) -> None:
        """Let go of everything, even if one of the steps fails."""
        with ExitStack() as stack:
            stack.callback(os.close, self._root_fd)
            stack.callback(self._targets.close)
            if self._pool is not None:
                stack.callback(self._pool.close, kill=failed)


def _parts_of(portion: list[Part]) -> list[tuple[bytes, int, int, bytes, int]]:
    parts = []
    for chunk, todo in portion:
        names, first = chunk.names, chunk.first
        if todo is not None:
            every = names.split(b"\n")
            names, first = b"\n".join([every[position] for position in todo]), -1
        parts.append((chunk.folder.prefix, chunk.folder.device, chunk.folder.inode, names, first))
    return parts


def _scatter(chunk: Chunk, todo: list[int] | None, digests: bytes, rows: bytes) -> None:
    if todo is None:
        chunk.digests, chunk.rows = digests, rows
        return
    all_digests = bytearray(chunk.digests or bytes(32 * chunk.count))
    all_rows = bytearray(chunk.rows or bytes(ROW_BYTES * chunk.count))
    for index, position in enumerate(todo):
        all_digests[32 * position : 32 * position + 32] = digests[32 * index : 32 * index + 32]
        all_rows[ROW_BYTES * position : ROW_BYTES * position + ROW_BYTES] = rows[ROW_BYTES * index : ROW_BYTES * index + ROW_BYTES]
    chunk.digests, chunk.rows = all_digests, all_rows


def _size_of_target(chunk: Chunk, position: int) -> int:
    try:
        return os.lstat((chunk.links or {})[position]).st_size
    except OSError:
        return 0
