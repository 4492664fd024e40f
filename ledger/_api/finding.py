"""Where a file is recorded: in which trees, and as which artifacts of one file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from ledger._api.corrections import Corrections
from ledger.errors import LedgerError
from ledger.hashing.tree import hash_path
from ledger.store import compaction
from ledger.store.digests import Digests
from ledger.store.finding import Digits, FileRow, Finder, Rows, prepare
from ledger.store.index import ArtifactRow, Index
from ledger.store.reader import Reader

_DIGITS = re.compile("[0-9a-f]{8,64}", re.ASCII)


def find(reader: Reader, index: Index, size: int, what: str | None, named: str | None, limit: int, progress: Any = None) -> dict[str, Any]:
    """As `Ledger.find`."""
    if (what is None) == (named is None):
        raise LedgerError("LG0906", "one thing at a time: a digest or a file, or with --named a path inside trees")
    if named == "":
        raise LedgerError("LG0906", "the path is empty")
    digits, place = (None, None) if what is None else digits_of(what)
    # Before the rows are read, so that these are never fewer because of a writer in between.
    wanted = reader.index().tree_file_count()
    finder = Finder(reader, size, limit, progress)
    try:
        if digits is not None:
            finder.prepare()
        rows = finder.with_path(str(named)) if digits is None else finder.with_digest(digits)
    except LedgerError as error:
        if error.code != "LG0610":
            raise
        rows = Rows(unread=[error.message])
    unsearched = list(rows.unread)
    if rows.rows < wanted and not unsearched:
        unsearched.append(f"the trees of the log come to {wanted} files, and the table `files` has {rows.rows}")
    known = Corrections(index)
    found = [_in_tree(index, known, row, unsearched) for row in rows.found]
    if digits is not None:
        found += [_alone(known, row) for row in index.with_prefix(f"file:{digits.text}")]
    found.sort(key=lambda item: (item["index"], item["path"] or ""))
    asked = {"digits": None if digits is None else digits.text, "file": place, "named": named}
    more = rows.more or len(found) > limit
    return {"asked": asked, "found": found[:limit], "more": more, "complete": not unsearched, "unsearched": unsearched, "size": size}


def digits_of(text: str) -> tuple[Digits, str | None]:
    """The digits of a digest, or those of the bytes of a file on disk, with its path. Raises LedgerError LG0906; those of hashing."""
    form, colon, rest = text.partition(":")
    if colon and form in ("sha256", "file"):
        if not _DIGITS.fullmatch(rest):
            raise LedgerError("LG0906", f"`{ascii(text)[1:-1][:100]}` is no digest: 8 to 64 hex digits, in lower case")
        return Digits(rest), None
    if _DIGITS.fullmatch(text):
        return Digits(text), None
    if colon and form in ("tree", "ref") and not os.path.lexists(text):
        raise LedgerError(
            "LG0906", f"`{ascii(text)[1:-1][:100]}` is the id of an artifact and not of a file", hint=f"ledger show {text[:80]}"
        )
    if text and Path(text).is_dir():
        hint = "ledger verify artifact REF DIR compares a folder with what is recorded; ledger find --named PATH looks for a path"
        raise LedgerError("LG0906", f"`{ascii(text)[1:-1][:100]}` is a folder: give one file of it", hint=hint)
    if not text or not Path(text).exists():
        raise LedgerError("LG0906", f"`{ascii(text)[1:-1][:100]}` is neither a digest nor a file that is here")
    return Digits(str(hash_path(Path(text)).id).partition(":")[2]), os.fspath(text)


def _in_tree(index: Index, known: Corrections, row: FileRow, unsearched: list[str]) -> dict[str, Any]:
    artifact = index.by_number(row.artifact_no)
    if artifact is None or artifact.idx != row.idx:
        unsearched.append(f"table `files` has a row of artifact {row.artifact_no} at entry {row.idx}, which the log does not have")
    return _said(known, artifact, row.idx) | {"path": row.path, "sha256": f"file:{row.sha256.hex()}", "bytes": row.bytes}


def _alone(known: Corrections, row: ArtifactRow) -> dict[str, Any]:
    index = row.first_idx if row.first_idx is not None else row.idx
    return _said(known, row, index) | {"path": None, "sha256": row.id, "bytes": row.bytes}


def _said(known: Corrections, row: ArtifactRow | None, index: int) -> dict[str, Any]:
    return {
        "id": row.id if row else None,
        "kind": row.kind if row else None,
        "name": row.name if row else "",
        "version": row.version if row else None,
        "verified": bool(row and row.verified),
        "index": index,
        "corrections": [item.to_json() for item in known.of_artifact(row.id)] if row else [],
    }


def compact(reader: Reader, dry_run: bool, progress: Any, lock_timeout_seconds: float) -> compaction.Compacted:
    """As `Ledger.compact`."""

    def told(done: int, total: int) -> None:
        progress("compacting", done, total)

    done = compaction.compact(reader, dry_run=dry_run, progress=told if progress else None, lock_timeout_seconds=lock_timeout_seconds)
    if not dry_run:
        prepare(reader, progress)
        Digests(reader.layout, reader.segments, reader.fs).sweep()
    return done
