"""The naive reader's half for a ledger's folder (docs/spec/format.md, sections 5 to 7)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from reference.naive_log import collect, h, hexid, leaf_hash, mth, need, open_checkpoint
from reference.naive_statements import (
    Entry,
    Trust,
    check_evidence,
    check_link,
    check_release,
    check_statement,
    edges_of,
    label,
    open_envelope,
    open_leaf,
)

TABLES = (  # section 7
    *("entries", "statements", "signatures", "artifacts", "names", "licenses", "edges", "components"),
    *("files", "records", "record_licenses", "verdicts", "keys"),
)


@dataclass
class Report:
    """What a ledger is found to be."""

    size: int = 0
    root: bytes = b""
    problems: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    trees: dict[str, list[tuple[bytes, str, int]]] = field(default_factory=dict)


def tile_name(level: str, number: int, width: int = 256) -> str:
    digits = f"{number:03d}"
    digits = "0" * (-len(digits) % 3) + digits
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join(["x" + part for part in parts[:-1]] + parts[-1:])
    return f"{level}/{path}" + (f".p/{width}" if width < 256 else "")


def _read_leaves(folder: Path, size: int) -> list[bytes]:
    leaves: list[bytes] = []
    for number in range((size + 255) // 256):
        width = min(256, size - 256 * number)
        data = (folder / "log/tile" / tile_name("entries", number, width)).read_bytes()
        for _ in range(width):
            length = int.from_bytes(data[:2], "big")
            need(len(data) >= 2 + length, "an entry bundle is too short")
            leaves.append(data[2 : 2 + length])
            data = data[2 + length :]
        need(not data, "an entry bundle is too long")
    return leaves


def _tiles(leaves: list[bytes]) -> dict[str, bytes]:
    """Every tile and bundle, partial ones of every width, that a log with these leaves can have."""
    found = {}
    hashes_ = [leaf_hash(leaf) for leaf in leaves]
    for start in range(0, len(leaves), 256):
        bundle = b""
        for width, leaf in enumerate(leaves[start : start + 256], 1):
            bundle += len(leaf).to_bytes(2, "big") + leaf
            found[tile_name("entries", start // 256, width)] = bundle
    for level in range(8):
        span = 256**level
        row = [mth(hashes_[at : at + span]) for at in range(0, len(leaves) - span + 1, span)]
        for start in range(0, len(row), 256):
            for width in range(1, min(256, len(row) - start) + 1):
                found[tile_name(str(level), start // 256, width)] = b"".join(row[start : start + width])
    return found


def _check_tiles(folder: Path, report: Report) -> None:
    known, size = _tiles(report.leaves), report.size
    wanted = set()
    for level in ["entries", *map(str, range(8))]:
        count = size // (1 if level == "entries" else 256 ** int(level))
        wanted |= {tile_name(level, n) for n in range(count // 256)}
        wanted |= {tile_name(level, count // 256, count % 256)} if count % 256 else set()
    for name in wanted:
        need((folder / "log/tile" / name).is_file(), f"{name} is missing")
    for path in sorted((folder / "log/tile").rglob("*")):
        name = path.relative_to(folder / "log/tile").as_posix()
        if path.is_file():
            need(name in known and path.read_bytes() == known[name], f"{name} is not what the leaves give")


def object_path(folder: Path, digest: str) -> Path:
    """Where an object lies (section 6)."""
    return folder / "objects/sha256" / digest[:2] / digest[2:4] / digest


def _check_objects(folder: Path) -> None:
    for path in sorted((folder / "objects").rglob("*")):
        if path.is_file():
            digest = h(path.read_bytes()).hex()
            need(path == object_path(folder, digest), f"{path.name}: other bytes")


def _read_entry(folder: Path, index: int, data: bytes) -> Entry:
    leaf = open_leaf(data)
    digest = leaf["envelope"][7:]
    stored = object_path(folder, digest).read_bytes()
    need(hexid(stored) == leaf["envelope"], "the envelope is another")
    payload, signatures = open_envelope(stored)
    need(hexid(payload) == leaf["payload"], "the payload is another")
    entry = Entry(index, leaf, payload, signatures)
    check_statement(entry)
    return entry


def _names(entry: Entry) -> tuple[str, str | None]:
    return entry.said["name"], entry.said.get("version")


def _check_name(entry: Entry, before: list[Entry]) -> None:
    """One id for a kind, name and version, or a correction of the one that was there."""
    if entry.named is None:
        return
    kind, own = entry.named
    owners = [e.named[1] for e in before if e.named and e.named[0] == kind and _names(e) == _names(entry)]
    if "supersedes" in entry.said:
        need(owners and entry.said["supersedes"]["id"] == owners[-1], "it corrects what was not there")
    elif "version" in entry.said:
        need(not owners or owners[-1] == own, f"{label(entry.said)} names something else")


def _check_places(entry: Entry, before: list[Entry]) -> None:
    """Inputs and components are where they are said to be, and there first; manifests of one artifact agree."""
    for of, edge in edges_of(entry):
        if "index" in edge:
            other = check_link(entry.index, of, edge, dict(enumerate(before)))
            same = [e.index for e in before if e.named == other.named and _names(e) == _names(other)]
            need(same[0] == other.index, f"{of} had that name before {other.index}")
    if entry.leaf["kind"] == "manifest":
        own = entry.said["artifact"]
        for other in (e.said["artifact"] for e in before if e.leaf["kind"] == "manifest" and e.said["artifact"]["id"] == own["id"]):
            need((own["files"], own["bytes"]) == (other["files"], other["bytes"]), "another manifest of it states other files or bytes")
            need(own["id"].startswith("file:") or own["root"] == other["root"], "another manifest of it states another root")


def rows(folder: Path, table: str, size: int) -> list[dict[str, Any]]:
    """The rows of the segments in force, and a check that they are in order."""
    segments = {}
    for path in (folder / "tables" / table).iterdir():
        match = re.fullmatch(r"(\d+)-(\d+)\.([0-9a-f]{16})\.parquet", path.name)
        need(match and h(path.read_bytes()).hex().startswith(match[3]), f"{table}/{path.name}: another digest")
        if match and int(match[2]) <= size:
            segments[int(match[1]), int(match[2])] = path
    at, found = 0, []
    while at < size:
        last = max((end for start, end in segments if start == at), default=at)
        need(last > at, f"{table} ends at {at}")
        part = pq.ParquetFile(segments[at, last]).read().to_pylist()
        need(all(at <= row["idx"] < last for row in part), f"{table}: a row beyond its segment")
        found += part
        at = last
    need(all(a["idx"] <= b["idx"] for a, b in pairwise(found)), f"{table} is not sorted")
    return found


def _check_tables(folder: Path, report: Report) -> None:
    tables = {name: rows(folder, name, report.size) for name in TABLES}
    need([row["leaf"] for row in tables["entries"]] == report.leaves, "entries differ from the log")
    need([row["payload"].encode() for row in tables["statements"]] == [e.payload for e in report.entries], "statements differ")
    ids = {row["artifact_no"]: f"{row['form']}:{row['id'].hex()}" for row in tables["artifacts"]}
    need(
        sorted(ids) == list(range(min(ids, default=0), min(ids, default=0) + len(ids))) and len(set(ids.values())) == len(ids), "not dense"
    )


def _check_inventories(folder: Path, report: Report) -> None:
    """The rows of each tree are its inventory."""
    ids = {row["artifact_no"]: f"{row['form']}:{row['id'].hex()}" for row in rows(folder, "artifacts", report.size)}
    report.trees = {}
    for row in rows(folder, "files", report.size):
        report.trees.setdefault(ids[row["artifact_no"]], []).append((row["path"].encode(), row["sha256"].hex(), row["bytes"]))
    made = [e.said["artifact"]["id"] for e in report.entries if e.leaf["kind"] == "manifest"]
    need(set(report.trees) == {own for own in made if own.startswith("tree:")}, "files of other artifacts than the trees")
    for own, inventory in report.trees.items():
        paths = [path for path, _, _ in inventory]
        need(paths == sorted(set(paths)), f"{own}: paths in another order, or twice")
        for path in paths:
            need(len(path) <= 4096 and not set(path) & set(b"\0\n\r\\"), f"{own}: a path that is refused")
            need(not set(path.split(b"/")) & {b"", b".", b".."}, f"{own}: a path that is refused")
        need(own == "tree:" + h(b"".join(line + b"\n" for line in _lines(inventory))).hex(), f"{own}: other files")
        need(all(size >= 0 for _, _, size in inventory), f"{own}: a size below nothing")


def _lines(inventory: list[tuple[bytes, str, int]]) -> list[bytes]:
    return [digest.encode() + b"  " + path for path, digest, _ in inventory]


def _check_counts(entry: Entry, report: Report) -> None:
    """A manifest of a tree states what its inventory comes to."""
    if entry.leaf["kind"] != "manifest" or not entry.said["artifact"]["id"].startswith("tree:"):
        return
    artifact = entry.said["artifact"]
    inventory = report.trees[artifact["id"]]
    need(artifact["root"] == mth([leaf_hash(line) for line in _lines(inventory)]).hex(), "another root")
    need((artifact["files"], artifact["bytes"]) == (len(inventory), sum(size for _, _, size in inventory)), "other counts")


def _check_attestation(entry: Entry, report: Report, origin: str) -> None:
    if entry.leaf["kind"] == "attestation":
        seen = entry.said["checkpoint"]
        hashed = [leaf_hash(leaf) for leaf in report.leaves[: seen["size"]]]
        need(seen["size"] <= entry.index and seen["origin"] == origin, "evaluated elsewhere")
        need(seen["root"] == mth(hashed).hex(), "evaluated at another root")
        check_release(entry, dict(enumerate(report.entries)))
        check_evidence(entry, dict(enumerate(report.entries)), whole=True)


def verify_ledger(folder: Path) -> Report:
    """Everything that docs/spec asks of a ledger's published folder; `state/` is local and not looked at."""
    report = Report()
    problems = report.problems
    config = collect(problems, "L1", lambda: tomllib.loads((folder / "ledger.toml").read_text("utf-8")))
    head = config and collect(problems, "L2", lambda: open_checkpoint((folder / "log/checkpoint").read_bytes(), config["log_key"]))
    if not config or not head:
        return report
    origin, report.size, report.root = head
    collect(problems, "L1", lambda: need(config["format"] == 1 and config["origin"] == origin, "format or origin"))
    report.leaves = collect(problems, "L4", lambda: _read_leaves(folder, report.size)) or []
    if mth([leaf_hash(leaf) for leaf in report.leaves]) != report.root or len(report.leaves) != report.size:
        problems.append("L4: the entries do not give the root")
        return report
    collect(problems, "L4", lambda: _check_tiles(folder, report))
    collect(problems, "L5", lambda: _check_objects(folder))
    trust = Trust()
    for index, data in enumerate(report.leaves):
        entry = collect(problems, f"L6 entry {index}", lambda index=index, data=data: _read_entry(folder, index, data))
        if entry is None:
            return report
        report.entries.append(entry)
        collect(problems, f"L7 entry {index}", lambda entry=entry: trust.admit(entry))
    times = [entry.leaf["time"] for entry in report.entries]
    collect(problems, "L6", lambda: need(times == sorted(times), "time goes back"))
    stated = report.entries[0].said.get("roots") if report.entries else None
    collect(problems, "L1", lambda: need(stated is not None and config["roots"] == stated, "other roots than the first entry's"))
    collect(problems, "L9", lambda: _check_tables(folder, report))
    collect(problems, "L10", lambda: _check_inventories(folder, report))
    for entry in report.entries:
        before = report.entries[: entry.index]
        collect(problems, f"L8 entry {entry.index}", lambda entry=entry, before=before: _check_name(entry, before))
        collect(problems, f"L8 entry {entry.index}", lambda entry=entry, before=before: _check_places(entry, before))
        collect(problems, f"L10 entry {entry.index}", lambda entry=entry: _check_counts(entry, report))
        collect(problems, f"L13 entry {entry.index}", lambda entry=entry: _check_attestation(entry, report, origin))
    return report
