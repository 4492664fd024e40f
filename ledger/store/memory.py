"""What this machine remembers of a log: the largest checkpoint seen, outside the ledger's folder.

Restoring an old copy of a ledger brings its own state folder back with it; this memory stays, so the rollback is found.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from ledger.errors import LedgerError
from ledger.log.checkpoint import SignedCheckpoint, open_checkpoint
from ledger.log.note import VerifierKey
from ledger.store.fs import read_file


def state_home() -> Path:
    """`$XDG_STATE_HOME/openness-ledger`, by default `~/.local/state/openness-ledger`."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base.startswith("/") else Path("~/.local/state").expanduser()) / "openness-ledger"


def memory_path(key: VerifierKey) -> Path:
    """Where the last checkpoint of the log with this key is remembered."""
    return state_home() / "checkpoints" / hashlib.sha256(key.to_text().encode("utf-8")).hexdigest()


def recall(key: VerifierKey) -> SignedCheckpoint | None:
    """The largest checkpoint that this machine has seen, or None; a file that does not verify is not memory."""
    try:
        data = read_file(memory_path(key))
        return None if data is None else open_checkpoint(data, key)
    except LedgerError:
        return None


def remember(key: VerifierKey, seen: SignedCheckpoint) -> bool:
    """Keep a checkpoint, replaced in one step. Best effort: False when the folder cannot be written."""
    path = memory_path(key)
    temporary = path.with_name(f".{path.name[:16]}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(seen.to_bytes())
        temporary.replace(path)
    except OSError:
        return False
    return True
