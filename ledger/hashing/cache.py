"""Remembers digests of files that have not changed since they were hashed, as git's index does.

Per recorded folder one file holds the rows (device, inode, size, mtime, ctime) and digests of its files and the rows of its
folders, as packed columns that are compared as bytes. The cache is an optimisation and decides nothing else:

- A row whose mtime or ctime lies within two seconds of the start of the hashing, or after it, is never trusted (git's racy
  rule): the file could change again without its times moving.
- It ends with its own SHA-256; a damaged or foreign one is ignored and written anew. Reading it runs no code.
- It belongs to one machine, one real path, one treatment of links and one list of patterns. On network and FUSE file systems,
  whose times come from elsewhere, it is not used. Overlay file systems are fine: copying a file up gives it a new ctime.

BUG: a program that writes through a shared memory map can change a page again without any of the times moving. `rehash`,
and every verification, reads the bytes.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from ledger.clock import Clock, SystemClock
from ledger.hashing.inventory import sizes_of
from ledger.hashing.walk import Chunk, Folder
from ledger.hashing.worker import ROW_BYTES

RACY_NS = 2_000_000_000
MANY_BYTES = 1 << 20
"""A cache file of about 12,000 files."""
_MAGIC = b"ledger hash cache 2\n"
_HEAD = struct.Struct("=20s32s32s32sQQQQQQQ")
_FOLDER_ROW_BYTES = 32
_NEVER = struct.pack("=q", -1)
_KEPT_FILES = 64
_REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "afs", "lustre", "gpfs", "beegfs", "glusterfs", "fuse")


class Snapshot:
    """What the cache knows of one recorded folder or file."""

    __slots__ = ("bytes_total", "chunks", "digest", "files", "folders", "root", "warnings")

    def __init__(
        self,
        digest: bytes,
        root: bytes,
        files: int,
        bytes_total: int,
        warnings: tuple[str, ...],
        folders: Sequence[Folder],
        chunks: Sequence[Chunk],
    ) -> None:
        self.digest = digest
        self.root = root
        self.files = files
        self.bytes_total = bytes_total
        self.warnings = warnings
        self.folders = folders
        self.chunks = chunks


class HashCache:
    """The cache below a folder, such as a ledger's `state/`.

    Args:
        folder: where the cache may write; it is made when it is first needed.
        clock: tells when hashing began.
        racy_ns: how close to that moment a time must lie to be distrusted.
    """

    def __init__(self, folder: Path, *, clock: Clock | None = None, racy_ns: int = RACY_NS) -> None:
        self._folder = Path(folder) / "hashes"
        self._clock = clock or SystemClock()
        self._racy_ns = racy_ns

    def now_ns(self) -> int:
        """The present moment, for `store`."""
        return int(self._clock.now().timestamp() * 1_000_000) * 1000

    def key(self, real_path: bytes, *variant: str) -> bytes:
        """Names a recorded path on this machine, with whatever else decides what its id is."""
        parts = [_machine(), real_path, *(os.fsencode(text) for text in variant)]
        return sha256(b"".join(struct.pack("=Q", len(part)) + part for part in parts)).digest()

    def trusts(self, real_path: bytes) -> bool:
        """Whether the times of the file system at a path are its own."""
        kind = _file_system_of(real_path)
        return kind.partition(".")[0] not in _REMOTE and kind.partition(".")[0] != "fuseblk"

    def holds_many(self, key: bytes) -> bool:
        """Whether so much is known that comparing it is worth starting workers, which can start while it is loaded."""
        try:
            return self._path_of(key).stat().st_size >= MANY_BYTES
        except OSError:
            return False

    def load(self, key: bytes) -> Snapshot | None:
        """What is known, or nothing if that is nothing, damaged or another path's."""
        try:
            data = self._path_of(key).read_bytes()
        except OSError:
            return None
        if _fault_of(data) is not None or data[len(_MAGIC) : len(_MAGIC) + 32] != key:
            return None
        try:
            return _unpack(data)
        except (ValueError, IndexError, struct.error, OverflowError, MemoryError):
            return None

    def store(
        self,
        key: bytes,
        digest: bytes,
        root: bytes,
        warnings: Sequence[str],
        folders: Sequence[Folder],
        chunks: Sequence[Chunk],
        *,
        started_ns: int,
    ) -> None:
        """Remember what was hashed since `started_ns`. A cache that cannot be written is only a slower next time."""
        data = _pack((key, digest, root), warnings, folders, chunks, started_ns - self._racy_ns)
        path = self._path_of(key)
        temporary = path.with_name(f"{path.stem}.{os.getpid()}.tmp")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
                with open(fd, "wb", buffering=0) as file:
                    for piece in (data, sha256(data).digest()):
                        view = memoryview(piece)
                        while view:
                            view = view[file.write(view) :]
                    # It may be lost with the power, but not be torn: `ledger verify` holds it against its digest.
                    os.fsync(fd)
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            self._prune(path)
        except OSError:
            return

    def check(self) -> list[str]:
        """Sentences about damaged files of the cache; they are ignored and rewritten, so none of them is a danger."""
        found = []
        for path in sorted(self._folder.glob("*.bin")) if self._folder.is_dir() else []:
            try:
                fault = _fault_of(path.read_bytes())
            except OSError as error:
                fault = f"cannot be read: {error.strerror}"
            if fault is not None:
                found.append(f"{path.name} {fault}")
        return found

    def remove_damaged(self) -> list[str]:
        """Remove the damaged files, which hold no record; says which."""
        names = [text.partition(" ")[0] for text in self.check()]
        for name in names:
            (self._folder / name).unlink(missing_ok=True)
        return [f"hash cache: `{name}` removed, it was damaged and holds no record" for name in names]

    def _path_of(self, key: bytes) -> Path:
        return self._folder / f"{key[:16].hex()}.bin"

    def _prune(self, newest: Path) -> None:
        """Keep the newest files, and no temporary file whose writer is gone."""
        files = []
        for entry in os.scandir(self._folder):
            if entry.name.endswith(".tmp"):
                with suppress(OSError, ValueError):
                    writer = int(entry.name.split(".")[1])
                    if not Path(f"/proc/{writer}").exists():
                        os.unlink(entry.path)  # noqa: PTH108 - scandir gives a string
            elif entry.name.endswith(".bin") and entry.name != newest.name:
                with suppress(OSError):
                    files.append((entry.stat().st_mtime_ns, entry.path))
        for _, path in sorted(files)[: max(0, len(files) + 1 - _KEPT_FILES)]:
            with suppress(OSError):
                os.unlink(path)  # noqa: PTH108


def _fault_of(data: bytes) -> str | None:
    if len(data) < _HEAD.size + 32 or data[: len(_MAGIC)] != _MAGIC:
        return "is not a hash cache of this format"
    view = memoryview(data)
    return None if sha256(view[:-32]).digest() == data[-32:] else "is damaged: it does not end with its own SHA-256"


def _pack(
    named: tuple[bytes, bytes, bytes], warnings: Sequence[str], folders: Sequence[Folder], chunks: Sequence[Chunk], trusted_ns: int
) -> bytes:
    numbers = {id(folder): index for index, folder in enumerate(folders)}
    prefixes = b"\n".join(folder.prefix for folder in folders)
    folder_rows = b"".join(_distrust(folder.row, _FOLDER_ROW_BYTES, trusted_ns) for folder in folders)
    names = [chunk.names for chunk in chunks]
    shape = array("I")
    for chunk in chunks:
        shape.extend((numbers[id(chunk.folder)], chunk.count, len(chunk.names)))
    rows = b"".join(_distrust(bytes(chunk.rows), ROW_BYTES, trusted_ns) for chunk in chunks)
    text = "\n".join(warnings).encode()
    files = sum(chunk.count for chunk in chunks)
    sizes = sum(sizes_of(chunks))
    head = _HEAD.pack(_MAGIC, *named, files, sizes, len(text), len(folders), len(prefixes), len(chunks), sum(map(len, names)))
    return b"".join([head, text, prefixes, folder_rows, shape.tobytes(), *names, rows, *(chunk.digests for chunk in chunks)])


def _distrust(rows: bytes, row_bytes: int, trusted_ns: int) -> bytes:
    """The rows with an inode that no file has wherever a time is too recent to be trusted."""
    values = array("q")
    values.frombytes(rows)
    step = row_bytes // 8
    if not values or max(max(values[step - 2 :: step]), max(values[step - 1 :: step])) < trusted_ns:
        return rows
    changed = bytearray(rows)
    for index in range(len(values) // step):
        if max(values[index * step + step - 2 : index * step + step]) >= trusted_ns:
            changed[index * row_bytes + 8 : index * row_bytes + 16] = _NEVER
    return bytes(changed)


def _unpack(data: bytes) -> Snapshot:
    _, _, digest, root, files, bytes_total, text_bytes, folder_count, prefix_bytes, chunk_count, name_bytes = _HEAD.unpack_from(data)
    position = _HEAD.size
    view = memoryview(data)
    sections: list[memoryview] = []
    for size in (text_bytes, prefix_bytes, folder_count * _FOLDER_ROW_BYTES, chunk_count * 12, name_bytes, files * ROW_BYTES, files * 32):
        sections.append(view[position : position + size])
        position += size
    text, prefixes, folder_rows, shapes, names, rows, digests = sections
    if position != len(data) - 32:
        raise ValueError("sections do not add up")
    folders = []
    for index, prefix in enumerate(bytes(prefixes).split(b"\n") if folder_count else []):
        row = bytes(folder_rows[index * _FOLDER_ROW_BYTES : (index + 1) * _FOLDER_ROW_BYTES])
        device, inode = struct.unpack_from("=qq", row)
        folders.append(Folder(prefix, device, inode, row))
    shape = array("I")
    shape.frombytes(shapes)
    chunks = []
    file = name = 0
    for folder_number, count, length in zip(shape[0::3], shape[1::3], shape[2::3], strict=True):
        chunk = Chunk(folders[folder_number], bytes(names[name : name + length]), count)
        chunk.rows = bytes(rows[file * ROW_BYTES : (file + count) * ROW_BYTES])
        chunk.digests = bytes(digests[file * 32 : (file + count) * 32])
        chunks.append(chunk)
        file += count
        name += length
    return Snapshot(digest, root, files, bytes_total, tuple(bytes(text).decode().split("\n")) if text_bytes else (), folders, chunks)


def _machine() -> bytes:
    """What tells this machine's device numbers from another's: its machine id, or else the id of this boot."""
    for source in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"):
        with suppress(OSError):
            text = Path(source).read_bytes().strip()
            if text:
                return text
    return os.fsencode(os.uname().nodename)


def _file_system_of(real_path: bytes) -> str:
    """The type of the file system at a path, from the innermost mount that holds it; empty when that is not known."""
    try:
        lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:
        return ""
    best = (-1, b"")
    for line in lines:
        fields, _, rest = line.partition(b" - ")
        columns = fields.split(b" ")
        if len(columns) < 5 or not rest:
            continue
        point = columns[4].replace(b"\\040", b" ").rstrip(b"/")
        if (real_path + b"/").startswith(point + b"/") and len(point) >= best[0]:
            best = (len(point), rest.split(b" ")[0])
    return best[1].decode("ascii", "replace")
