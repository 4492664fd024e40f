"""Digests that other formats ask for: of whole files with another hash, or of pieces of files.

The files are those that `hash_path` has read; each is read once more, and its SHA-256 must come out the same, so that both speak of the
same bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Any

from ledger.errors import LedgerError
from ledger.hashing.inventory import Hashed
from ledger.hashing.large import fault_error
from ledger.hashing.links import LinkTargets
from ledger.hashing.names import shown
from ledger.hashing.worker import FOLDER_FLAGS, Fault

_BUFFER = 1 << 20
Part = tuple[int, int, bytes]
"""Start, end and digest of some bytes of a file."""


def hasher_of(name: str) -> Callable[[], Any] | None:
    """What makes a hash object; None when the library for it is not installed."""
    if name != "blake3":
        known: dict[str, Callable[[], Any]] = {"sha256": hashlib.sha256, "blake2b": hashlib.blake2b}
        return known[name]
    try:
        from blake3 import blake3
    except ImportError:
        return None
    made: Callable[[], Any] = blake3
    return made


def part_digests(root: str | os.PathLike[str], hashed: Hashed, make: Callable[[], Any], size: int | None) -> list[list[Part]]:
    """The digests of each file of the inventory, in its order: one for a whole file, or one for each piece of `size` bytes.

    Raises:
        LedgerError: LG0202 when a file cannot be read, LG0208 when it is no longer the one that was hashed.
    """
    real = os.path.realpath(os.fsencode(os.fspath(root)))
    folder = real if hashed.form == "tree" else os.path.dirname(real)
    try:
        fd = os.open(folder, FOLDER_FLAGS)
    except OSError as error:
        raise fault_error(folder, "os", error.errno or 0) from None
    targets = LinkTargets(folder, fd)
    try:
        found = []
        for number, path in enumerate(hashed.paths):
            parts, whole = _read(targets, folder, path, make, size)
            if whole != hashed.digests[32 * number : 32 * number + 32]:
                raise LedgerError("LG0208", f"`{shown(path)}` changed while it was read")
            found.append(parts)
        return found
    finally:
        targets.close()
        os.close(fd)


def _read(targets: LinkTargets, folder: bytes, path: bytes, make: Callable[[], Any], size: int | None) -> tuple[list[Part], bytes]:
    whole, parts = hashlib.sha256(), []
    try:
        # A link was hashed through, if at all, by where it leads.
        real = os.path.join(folder, path)
        if os.lstat(real).st_mode & 0o170000 == 0o120000:
            real = targets.resolve(path)
        with os.fdopen(targets.open(real), "rb", buffering=0) as file:
            part, start, at = make(), 0, 0
            while data := file.read(_BUFFER if size is None else min(_BUFFER, start + size - at)):
                whole.update(data)
                part.update(data)
                at += len(data)
                if size is not None and at - start == size:
                    parts.append((start, at, part.digest()))
                    part, start = make(), at
            if size is None or at > start:
                parts.append((start, at, part.digest()))
    except Fault as fault:
        raise fault_error(path, fault.kind, fault.number) from None
    except OSError as error:
        raise fault_error(path, "os", error.errno or 0) from None
    return parts, whole.digest()
