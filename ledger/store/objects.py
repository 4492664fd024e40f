"""Content-addressed, immutable bytes: envelopes, licence texts, evidence, small inventories."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from ledger.errors import LedgerError
from ledger.ids import ObjectId, object_id, object_id_of
from ledger.store.fs import TEMPORARY, Fs, read_file
from ledger.store.layout import Layout

MODE = 0o444


class Objects:
    """The object store of one ledger."""

    def __init__(self, layout: Layout, fs: Fs) -> None:
        self._layout = layout
        self._fs = fs
        self._sound: set[str] | None = None

    def remember_sound(self) -> None:
        """From now on remember which objects were found sound, so that `damaged` reads each only once: for a verifier."""
        self._sound = set()

    def put(self, data: bytes) -> ObjectId:
        """Store bytes; `Fs.sync_folders` makes them durable together with others. Raises LedgerError LG0608."""
        found = object_id_of(data)
        path = self._layout.object_path(found.hex)
        held = read_file(path)
        if held is not None and held != data:
            raise LedgerError("LG0608", f"`{path}` does not hold the bytes that its name says")
        # Also in the place of the same bytes: those may be of a writer that ended early, and never have reached the disk.
        self._fs.write(path, data, mode=MODE)
        return found

    def get(self, name: str) -> bytes:
        """The bytes of an object, checked. Raises LedgerError LG0608."""
        wanted = object_id(name)
        path = self._layout.object_path(wanted.hex)
        data = read_file(path)
        if data is None:
            raise LedgerError("LG0608", f"object `{wanted}` is missing: `{path}`")
        if object_id_of(data) != wanted:
            raise LedgerError("LG0608", f"`{path}` does not hold the bytes that its name says")
        if self._sound is not None:
            self._sound.add(wanted.hex)
        return data

    def has(self, name: str) -> bool:
        """Whether the object is there."""
        return self._layout.object_path(object_id(name).hex).is_file()

    def damaged(self) -> Iterator[tuple[Path, str]]:
        """Every file below `objects/` that is not what its name says, with why."""
        for folder, _, names in os.walk(self._layout.objects):
            for name in sorted(names):
                path = Path(folder, name)
                if name.startswith(TEMPORARY):
                    continue
                if self._sound is not None and name in self._sound and self._layout.object_path(name) == path:
                    continue
                data = read_file(path)
                if self._layout.object_path(name) != path or data is None or hashlib.sha256(data).hexdigest() != name:
                    yield path, "its bytes do not have the digest in its name"
