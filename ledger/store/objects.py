"""Content-addressed, immutable bytes: envelopes, licence texts, evidence, small inventories."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ledger.errors import LedgerError
from ledger.ids import ObjectId, object_id, object_id_of
from ledger.store.fs import Fs, read_file
from ledger.store.layout import Layout

MODE = 0o444


class Objects:
    """The object store of one ledger."""

    def __init__(self, layout: Layout, fs: Fs) -> None:
        self._layout = layout
        self._fs = fs
        self._folder = f"{layout.objects}/sha256"

    def put(self, data: bytes) -> ObjectId:
        """Store bytes; `Fs.sync_folders` makes them durable together with others. Raises LedgerError LG0608."""
        found, path = self._place(data)
        # Also in the place of the same bytes: those may be of a writer that ended early, and never have reached the disk.
        self._fs.write(path, data, mode=MODE)
        return found

    def stage(self, data: bytes) -> tuple[Path, Path]:
        """Write bytes under a temporary name: that path, and the one it is to be renamed to. Raises LedgerError LG0608."""
        _, path = self._place(data)
        return self._fs.stage(path, data, MODE), path

    def _place(self, data: bytes) -> tuple[ObjectId, Path]:
        """Id and path of bytes; what is there already must be these bytes."""
        found = object_id_of(data)
        path = self._layout.object_path(found.hex)
        held = None if self._fs.make_folders(path.parent) else read_file(path)
        if held is not None and held != data:
            raise LedgerError("LG0608", f"`{path}` does not hold the bytes that its name says")
        return found, path

    def get(self, name: str) -> bytes:
        """The bytes of an object, checked. Raises LedgerError LG0608."""
        digits = object_id(name)[7:]
        path = f"{self._folder}/{digits[:2]}/{digits[2:4]}/{digits}"
        data = read_file(path)
        if data is None:
            raise LedgerError("LG0608", f"object `{name}` is missing: `{path}`")
        if hashlib.sha256(data).hexdigest() != digits:
            raise LedgerError("LG0608", f"`{path}` does not hold the bytes that its name says")
        return data

    def has(self, name: str) -> bool:
        """Whether the object is there."""
        return self._layout.object_path(object_id(name).hex).is_file()
