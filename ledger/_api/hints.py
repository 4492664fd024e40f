"""What was recorded from a path last time: kept in `state/recorded/`, so that recording it again unchanged costs next to nothing.

A hint is believed for nothing: the index it names is read from the log and proved against the checkpoint. It spares the tables and the
search for licence files in an inventory that is known by its id. Each file ends with its own SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger import __version__, canon
from ledger.errors import LedgerError
from ledger.store.fs import Fs, read_file
from ledger.store.layout import Layout


@dataclass(frozen=True, slots=True)
class Hint:
    """The last recording of one path.

    Attributes:
        id: artifact id; `detected` its licence files, as (path, object id).
        payload: object id of the statement; `keyid` who signed it; `index` where it stands.
        declared: licence expression as given, its normal form, and the version of the SPDX list, when it is one.
    """

    id: str
    detected: tuple[tuple[str, str], ...]
    payload: str
    keyid: str
    index: int
    declared: tuple[str, str, str] | None = None


def folder(layout: Layout) -> Path:
    """Where hints are kept."""
    return layout.state / "recorded"


def _path(layout: Layout, source: Path, include: tuple[str, ...], symlinks: str) -> Path:
    key = "\0".join([str(source.resolve()), symlinks, *include])
    return folder(layout) / f"{hashlib.sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()}.json"


def _content(data: bytes) -> bytes | None:
    """What stands before the digest, or None when the file is damaged."""
    body, digest = data[:-65], data[-65:]
    return body if hashlib.sha256(body).hexdigest().encode("ascii") + b"\n" == digest else None


def load(layout: Layout, source: Path, include: tuple[str, ...], symlinks: str) -> Hint | None:
    """The hint of a path, or None; damage and other versions' hints are no hint."""
    try:
        body = _content(read_file(_path(layout, source, include, symlinks)) or b"")
        said = json.loads(body) if body else {}
        if said.get("version") != __version__:
            return None
        detected = tuple((str(path), str(name)) for path, name in said["detected"])
        return Hint(said["id"], detected, said["payload"], said["keyid"], said["index"], _declared(said.get("declared")))
    except (LedgerError, ValueError, KeyError, TypeError):
        return None


def _declared(said: Any) -> tuple[str, str, str] | None:
    return (str(said[0]), str(said[1]), str(said[2])) if said else None


def store(layout: Layout, source: Path, include: tuple[str, ...], symlinks: str, hint: Hint) -> None:
    """Keep a hint; a folder that cannot be written costs only time."""
    said = {
        "version": __version__,
        "id": hint.id,
        "detected": [list(item) for item in hint.detected],
        "payload": hint.payload,
        "keyid": hint.keyid,
        "index": hint.index,
        "declared": list(hint.declared) if hint.declared else None,
    }
    body = canon.canonical(said)
    path = _path(layout, source, include, symlinks)
    try:
        path.parent.mkdir(exist_ok=True)
        temporary = path.with_suffix(f".{hashlib.sha256(body).hexdigest()[:8]}.tmp")
        Fs().write_quickly(temporary, path, body + hashlib.sha256(body).hexdigest().encode("ascii") + b"\n")
    except (OSError, LedgerError):
        return


def check(layout: Layout) -> list[str]:
    """Damaged hint files, for the verifier."""
    if not folder(layout).is_dir():
        return []
    problems = []
    for path in sorted(folder(layout).glob("*.json")):
        if _content(read_file(path) or b"") is None:
            problems.append(f"`state/recorded/{path.name}` is damaged: remove it, it holds no record")
    return problems


def remove_damaged(layout: Layout) -> list[str]:
    """Remove damaged hint files, which hold no record; says which."""
    damaged = [path for path in sorted(folder(layout).glob("*.json")) if _content(read_file(path) or b"") is None]
    for path in damaged:
        path.unlink(missing_ok=True)
    return [f"`state/recorded/{path.name}`: removed, it was damaged and holds no record" for path in damaged]
