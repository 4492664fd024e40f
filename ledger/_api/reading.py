"""Answers: one artifact, the entries, SQL, and bytes on disk against what was recorded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ledger._api import corrections
from ledger._api.corrections import Corrections
from ledger._api.resolve import Found, resolve
from ledger._api.results import Difference
from ledger._api.reviewing import reviews_about
from ledger.clock import parse_rfc3339
from ledger.errors import LedgerError
from ledger.hashing.tree import hash_path
from ledger.query.session import QueryLimits, QueryResult, run
from ledger.spec.manifest import manifest_of
from ledger.spec.names import display
from ledger.store._generated import COLUMNS
from ledger.store.index import Index
from ledger.store.reader import Reader

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def size_at(reader: Reader, at: int | str | None) -> int | None:
    """The log size that `--at` means: a size, or how many entries there were at a time or at the end of a day (UTC).

    Raises:
        LedgerError: LG0704 the log never had this size, LG0106 neither a size nor a time.
    """
    if at is None:
        return None
    size = reader.head().checkpoint.size
    if isinstance(at, str) and at.isascii() and at.removeprefix("-").isdecimal():
        if len(at) > 18 or not 0 <= int(at) <= size:
            raise LedgerError("LG0704", f"the log has {size} entries, not {at[:40]}")
        return int(at)
    if isinstance(at, int):
        if not 0 <= at <= size:
            raise LedgerError("LG0704", f"the log has {size} entries, not {at}")
        return at
    try:
        moment = parse_rfc3339(f"{at}T23:59:59Z" if _DAY.fullmatch(at) else at).replace(tzinfo=None)
    except LedgerError as error:
        raise LedgerError(
            error.code, error.message, hint="give a log size, a day as 2026-11-20, or a time as 2026-11-20T12:00:00Z"
        ) from None
    return min(size, reader.size_until(moment))


def show(reader: Reader, index: Index, text: str) -> dict[str, Any]:
    """Everything recorded about one artifact, reference or release. Raises LedgerError LG0901, LG0902."""
    found = resolve(index, text)
    row = index.artifact(found.id)
    assert row is not None
    namings = [{"index": item.idx, "name": item.name, "version": item.version, "kind": item.kind} for item in index.named_by(found.id)]
    mine = corrections.naming(index, found.id, found.index) if found.index is not None else None
    known = Corrections(index)
    about = known.of_statement(mine) if mine else []
    answer: dict[str, Any] = {
        "id": found.id,
        "kind": found.kind,
        "name": found.name,
        "version": found.version,
        "verified": row.verified,
        "files": row.files,
        "bytes": row.bytes,
        "first_index": row.first_idx,
        "named": namings,
        "supersedes": next(({"id": item.corrects, "reason": item.reason} for item in about if item.index == found.index), None),
        "superseded_by": [{"index": item.index, "id": item.id, "reason": item.reason} for item in about if item.index != found.index],
    }
    answer["reviews"] = reviews_about(reader, index.size, found.id)
    if found.index is None:
        return answer
    size = reader.head().checkpoint.size
    entry = reader.one(found.index, size)
    answer["recorded"] = {
        "index": entry.index,
        "time": entry.leaf.time,
        "payload": entry.leaf.payload,
        "envelope": entry.leaf.envelope,
        "keyids": list(entry.leaf.keyids),
    }
    answer["predicate"] = dict(entry.statement.predicate)
    answer["parts"] = _parts(index, known, answer["predicate"])
    return answer


def _parts(index: Index, about: Corrections, said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The inputs or components that a statement names: what they are called, and what was corrected of them since."""
    found = []
    for item in (*said.get("from", ()), *said.get("components", ())):
        id, at = item.get("input") or item["artifact"], item.get("index")
        row = corrections.naming(index, id, at) if at is not None else None
        known = index.artifact(id)
        name = row or known
        later = [each.to_json() for each in about.of_statement(row) if each.index > row.idx] if row else []
        found.append(
            {
                "as": item.get("relation") or item["role"],
                "id": id,
                "name": name.name if name else "",
                "version": name.version if name else None,
                "verified": bool(known and known.verified),
                "corrections": later,
            }
        )
    return found


def entries(reader: Reader, index: Index, size: int, since: int, limit: int) -> list[dict[str, Any]]:
    """Log entries from `since`, oldest first, at most `limit`."""
    last = min(size, since + limit)
    rows = corrections.namings(index, range(since, last))
    known = Corrections(index)
    found = []
    for entry in reader.entries(since, last):
        said = entry.statement.predicate
        row = rows.get(entry.index)
        about = known.of_statement(row) if row else []
        found.append(
            {
                "index": entry.index,
                "time": entry.leaf.time,
                "kind": entry.leaf.kind,
                "what": _what(entry.statement.kind, said),
                "subjects": list(entry.leaf.subjects),
                "payload": entry.leaf.payload,
                "envelope": entry.leaf.envelope,
                "keyids": list(entry.leaf.keyids),
                "supersedes": next(({"id": item.corrects, "reason": item.reason} for item in about if item.index == entry.index), None),
                "superseded_by": [
                    {"index": item.index, "id": item.id, "reason": item.reason} for item in about if item.index != entry.index
                ],
            }
        )
    return found


def _what(kind: str, said: Mapping[str, Any]) -> str:
    if kind == "manifest":
        return f"{said['kind']} {display(said['name'], said.get('version'))}"
    if kind == "release":
        return f"release {display(said['name'], said['version'])}"
    if kind == "attestation":
        verdicts = ", ".join(f"{item['profile']}: {item['result']}" for item in said["verdicts"])
        return f"{display(said['release']['name'], said['release']['version'])}: {verdicts}"
    if kind == "key":
        return f"{said['action']} {said['key']['scheme']} key {said['key']['keyid'][:16]} for {' '.join(said['for'])}"
    if kind == "review":
        concluded, finding = said.get("concluded"), said.get("finding")
        return f"{said['statement']}{' ' + concluded['normalized'] if concluded else ' ' + finding['rule'] if finding else ''}"
    return str(said.get("statement", ""))


def keys(index: Index) -> list[dict[str, Any]]:
    """Who may sign what, as the log has it."""
    trust = index.trust
    roots = {key.keyid for key in trust.root_keys()}
    return [
        {
            "keyid": keyid,
            "scheme": item.public.scheme,
            "kinds": list(item.kinds),
            "names": list(item.names),
            "first": item.first,
            "end": item.end,
            "status": {"add": "trusted", "retire": "retired", "revoke": "revoked"}[item.action],
            "root": keyid in roots,
        }
        for keyid, item in trust.keys.items()
    ]


def sql(reader: Reader, size: int | None, query: str, limits: QueryLimits | None) -> QueryResult:
    """Run auditors' SQL. Raises LedgerError LG0701 to LG0703."""

    def work(whole: int) -> QueryResult:
        segments = {table: [item.path for item in reader.segments.in_force(table, whole)] for table in COLUMNS}
        return run(query, segments, whole if size is None else size, limits)

    return reader.reloading(work)


def compare(reader: Reader, index: Index, text: str, path: Path, symlinks: str, progress: Any) -> Difference:
    """Bytes on disk against a recorded artifact: the id decides, the inventory says which files differ.

    Raises:
        LedgerError: LG0901, LG0902, and those of hashing.
    """
    found = resolve(index, text)
    if found.index is None or found.kind == "release":
        hint = "a release has components: name one of them" if found.kind == "release" else "nobody has recorded its bytes"
        raise LedgerError("LG0901", f"`{text}` has no bytes of its own to compare with", hint=hint)
    row = corrections.naming(index, found.id, found.index)
    later = [item for item in Corrections(index).of_statement(row) if item.index > found.index] if row else []
    said = tuple({"index": item.index, "id": item.id, "reason": item.reason} for item in later)
    return replace(_compared(reader, index, found, path, symlinks, progress), superseded_by=said)


def _compared(reader: Reader, index: Index, found: Found, path: Path, symlinks: str, progress: Any) -> Difference:
    assert found.index is not None
    manifest = manifest_of(reader.one(found.index, reader.head().checkpoint.size).statement)
    mode: Any = symlinks
    try:
        hashed = hash_path(path, symlinks=mode, include=manifest.include if path.is_dir() else (), progress=progress)
    except LedgerError as error:
        if error.code not in {"LG0203", "LG0209"}:
            raise
        return Difference(str(manifest.id), None, (), tuple(sorted(_inventory(reader, index, found))), ())
    if hashed.id == manifest.id:
        return Difference(str(manifest.id), str(hashed.id), (), (), ())
    if manifest.id.form == "file" or hashed.form == "file":
        return Difference(str(manifest.id), str(hashed.id), (), (), (path.name,))
    wanted = _inventory(reader, index, found)
    here = {name.decode("utf-8"): hashed.digests[32 * n : 32 * n + 32] for n, name in enumerate(hashed.paths)}
    return Difference(
        str(manifest.id),
        str(hashed.id),
        tuple(sorted(set(here) - set(wanted))),
        tuple(sorted(set(wanted) - set(here))),
        tuple(sorted(name for name in set(here) & set(wanted) if here[name] != wanted[name])),
    )


def _inventory(reader: Reader, index: Index, found: Found) -> dict[str, bytes]:
    """Path → digest of a recorded tree, from `files`, checked against the tree id."""
    row = index.artifact(found.id)
    assert row is not None
    listed = reader.tree_files(row.no, row.idx)
    text = "".join(f"{digest.hex()}  {name}\n" for name, digest in listed.items())
    if row.id.startswith("tree:") and hashlib.sha256(text.encode("utf-8")).hexdigest() != row.id[5:]:
        raise LedgerError("LG0613", f"table `files` does not hold the inventory of `{row.id}`")
    return listed
