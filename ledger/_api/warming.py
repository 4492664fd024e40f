"""Importing what writing needs while files are being hashed."""

from __future__ import annotations

import threading

from ledger.signing import files
from ledger.spec import schema
from ledger.store import segments


def warm_up() -> None:
    """Import what writing needs while files are being hashed: the two wait for different things."""

    def load() -> None:
        for preload in (segments.preload, files.preload, schema.preload):
            preload()

    # Not a daemon: a process that ends in the middle of an import can wait for ever for the lock that the import holds.
    threading.Thread(target=load, name="warm-up").start()
