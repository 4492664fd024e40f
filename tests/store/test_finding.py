"""Where a file is recorded: the same answers with runs, without, and with damaged ones, as from a list of what was appended."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import ORIGIN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.trees import Tree, append, new, problems, small_tree, tree_id

from ledger.api import Ledger, LedgerError, repair_folder, verify_folder
from ledger.store import digests, segments
from ledger.store.digests import Digests
from ledger.store.finding import Digits, Finder, pattern_of, prepare
from ledger.store.fs import Fs
from ledger.store.layout import Layout
from ledger.store.reader import Reader
from ledger.store.segments import Segments

Place = tuple[int, str, str]


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class Model:
    """What was appended: (index, path, digest) in order."""

    def __init__(self, root: Path) -> None:
        self.ledger = new(root)
        self.rows: list[Place] = []

    def append(self, trees: dict[str, Tree]) -> None:
        first = self.ledger.size
        append(self.ledger, trees)
        for at, tree in enumerate(trees.values()):
            self.rows += [(first + at, path, sha(body)) for path, body in sorted(tree.items(), key=lambda item: item[0].encode())]

    def with_digits(self, digits: str, size: int) -> list[Place]:
        return [row for row in self.rows if row[2].startswith(digits) and row[0] < size]


def found(root: Path, digits: str, size: int | None = None, limit: int = 1000) -> list[Place]:
    reader = Reader(root)
    size = reader.head().checkpoint.size if size is None else size
    rows = Finder(reader, size, limit).with_digest(Digits(digits))
    assert rows.unread == []
    return [(row.idx, row.path, row.sha256.hex()) for row in rows.found]


def runs(root: Path) -> list[Path]:
    return list(Digests(Layout(root), Segments(Layout(root), Fs()), Fs()).files())


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(st.lists(st.integers(1, 30), min_size=1, max_size=3), st.sampled_from(["index", "compact"])), min_size=1, max_size=10
    ),
    block=st.sampled_from([1, 2, 7, 4096]),
    group=st.sampled_from([1, 3, 16, 122_880]),
)
def test_the_same_answers_as_a_list(tmp_path: Path, steps: list[Any], block: int, group: int) -> None:
    root = tmp_path / "l"
    shutil.rmtree(root, ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        shutil.rmtree(tmp_path / "state", ignore_errors=True)
        patch.setattr(digests, "BLOCK", block)
        patch.setattr(segments, "FILES_ROW_GROUP", group)
        model, number = Model(root), 0
        for step in steps:
            if step == "index":
                prepare(Reader(root), all=True)
            elif step == "compact":
                model.ledger.compact()
            else:
                model.append({f"t{number + at}": small_tree(number + at, files) for at, files in enumerate(step)})
                number += len(step)
        size = model.ledger.size
        asked = {row[2] for row in model.rows[:: max(1, len(model.rows) // 5)]} | {sha(b"same"), sha(b"nowhere")}
        for digest in asked:
            for digits in (digest, digest[:8], digest[:9], digest[:63]):
                for at in {0, 1, size // 2, size}:
                    assert found(root, digits, at) == model.with_digits(digits, at)
        assert problems(model.ledger) == []


def test_digests_that_begin_alike_are_told_apart(tmp_path: Path) -> None:
    """Two contents whose SHA-256 begins with the same 8 digits, found by trying: a run cannot tell them apart, the rows can."""
    seen: dict[str, bytes] = {}
    pair = None
    for number in range(300_000):
        body = b"%d" % number
        start = sha(body)[:8]
        if start in seen:
            pair = seen[start], body
            break
        seen[start] = body
    assert pair is not None
    model = Model(tmp_path / "l")
    model.append({"one": {"a": pair[0], "b": b"other"}, "two": {"a": pair[1], "c": pair[0]}})
    for indexed in (False, True):
        if indexed:
            assert prepare(Reader(tmp_path / "l"), all=True) == 1
        for body in pair:
            assert found(tmp_path / "l", sha(body)) == model.with_digits(sha(body), 9)
        assert len(found(tmp_path / "l", sha(pair[0])[:8])) == 3


def test_a_small_ledger_has_no_runs_and_a_large_one_is_given_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(tmp_path / "l")
    model.append({"t": small_tree(1, 20)})
    finder = Finder(Reader(tmp_path / "l"), 2, 9)
    finder.prepare()
    assert runs(tmp_path / "l") == []
    monkeypatch.setattr(digests, "WORTHWHILE", 21)
    finder.prepare()
    [made] = runs(tmp_path / "l")
    model.append({"u": small_tree(2, 5)})
    finder.prepare()
    assert runs(tmp_path / "l") == [made], "what is new is searched without, until it is worthwhile"
    assert found(tmp_path / "l", sha(b"same")) == model.with_digits(sha(b"same"), 9)
    model.append({"v": small_tree(3, 30)})
    finder.prepare()
    assert len(runs(tmp_path / "l")) == 3
    model.ledger.compact()
    model.ledger.compact()
    names = {path.name for path in runs(tmp_path / "l")}
    assert names <= {item.hex16 for item in Reader(tmp_path / "l").segments.listed("files")}, "runs of what is gone are removed"


def test_a_ledger_that_cannot_be_written_is_searched_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "WORTHWHILE", 0)
    model = Model(tmp_path / "l")
    model.append({"t": small_tree(1)})
    (tmp_path / "l/state/digests").write_text("in the way")
    answer = model.ledger.find(sha(b"same"))
    assert [item["path"] for item in answer["found"]] == ["same"] and answer["complete"]


@pytest.mark.parametrize("files", [3, 9000])
def test_a_damaged_run_is_never_a_no(tmp_path: Path, files: int) -> None:
    """Every bit of a run that is turned is noticed where it is read, or changes nothing; then the segment is searched."""
    model = Model(tmp_path / "l")
    model.append({"t": small_tree(1, files)})
    prepare(Reader(tmp_path / "l"), all=True)
    [path] = runs(tmp_path / "l")
    whole = path.read_bytes()
    wanted = sha(b"1 2")
    chosen = random.Random(5)
    places = range(len(whole)) if files == 3 else [*range(0, 200, 7), *(chosen.randrange(len(whole)) for _ in range(60))]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chosen.randrange(8)
        path.write_bytes(damaged)
        assert found(tmp_path / "l", wanted) == model.with_digits(wanted, 9), place
        assert found(tmp_path / "l", sha(b"nowhere")) == []
    for cut in (0, 7, 79, 80, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert found(tmp_path / "l", wanted) == model.with_digits(wanted, 9), cut
    path.write_bytes(whole + b"x")
    assert found(tmp_path / "l", wanted) == model.with_digits(wanted, 9)


def test_verify_finds_a_run_that_differs_and_repair_removes_it(tmp_path: Path) -> None:
    """Also one that is consistent in itself: of other rows, under the right name."""
    model = Model(tmp_path / "l")
    model.append({"t": small_tree(1, 30)})
    root = tmp_path / "l"
    prepare(Reader(root), all=True)
    [path] = runs(root)
    whole = path.read_bytes()
    assert [check.result for check in verify_folder(root).checks if check.id == "L11"] == ["pass"]
    import struct
    import zlib

    # A run without its last key, with sums that fit: made here from the description of the format.
    count = struct.unpack_from("<Q", whole, 40)[0] - 1
    keys = whole[80 + 12 : 80 + 12 + 8 * count]
    head, place = whole[:40] + struct.pack("<Q", count), keys[:8] + struct.pack("<I", zlib.crc32(keys))
    path.write_bytes(head + hashlib.sha256(head + place).digest() + place + keys)
    lost = struct.unpack_from("<Q", whole, len(whole) - 8)[0] >> 32
    row = next(row for row in model.rows if row[2].startswith(f"{lost:08x}"))
    assert found(root, row[2]) == [], "a run that lies well is believed by a lookup"
    [check] = [check for check in verify_folder(root).checks if check.id == "L11"]
    assert check.result == "fail" and f"state/digests/{path.name}" in check.detail
    assert any("state/digests" in text for text in repair_folder(root).done)
    assert runs(root) == [] and found(root, row[2]) == [row]
    assert [check.result for check in verify_folder(root).checks if check.id == "L11"] == ["pass"]


def test_a_run_that_names_a_wrong_row_is_not_believed(tmp_path: Path) -> None:
    model = Model(tmp_path / "l")
    model.append({"t": small_tree(1, 3)})
    prepare(Reader(tmp_path / "l"), all=True)
    [path] = runs(tmp_path / "l")
    import struct
    import zlib

    whole = path.read_bytes()
    keys = list(struct.unpack_from("<4Q", whole, 92))
    for wrong in ([key ^ 1 for key in keys], [key | 0xFFFFFFF0 for key in keys]):
        body = struct.pack("<4Q", *sorted(wrong))
        head, place = whole[:48], body[:8] + struct.pack("<I", zlib.crc32(body))
        path.write_bytes(head + hashlib.sha256(head + place).digest() + place + body)
        for _, _, digest in model.rows:
            assert found(tmp_path / "l", digest) == model.with_digits(digest, 9)


def test_what_cannot_be_searched_is_could_not_tell(tmp_path: Path) -> None:
    model = Model(tmp_path / "l")
    model.append({"t": small_tree(1)})
    model.append({"u": small_tree(2)})
    path = next(item.path for item in Reader(tmp_path / "l").segments.in_force("files", 3) if item.last == 3)
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:200] + bytes([data[200] ^ 1]) + data[201:])
    answer = model.ledger.find(sha(b"nowhere"))
    assert answer["found"] == [] and not answer["complete"] and path.name in answer["unsearched"][0]
    answer = model.ledger.find(sha(b"1 0"))
    assert [item["path"] for item in answer["found"]] == ["f0"] and not answer["complete"]


def test_rows_that_are_missing_are_could_not_tell(tmp_path: Path) -> None:
    """A segment without the rows of a tree, under a name that fits: what the manifests state says that they are missing."""
    model = Model(tmp_path / "l")
    model.append({"t": small_tree(1)})
    reader = Reader(tmp_path / "l")
    for path in (tmp_path / "l/tables/files").iterdir():
        path.unlink()
    reader.segments.write("files", 0, 2, segments.arrow_table("files", ()))
    answer = Ledger.open(tmp_path / "l").find(sha(b"nowhere"))
    assert answer["found"] == [] and not answer["complete"] and "3 files" in answer["unsearched"][0]


def test_a_segment_that_is_gone_is_could_not_tell(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"same")
    model = Model(tmp_path / "l")
    model.append({"t": small_tree(1)})
    model.ledger.record("dataset", tmp_path / "one", name="one", version="1")
    for path in (tmp_path / "l/tables/files").iterdir():
        path.unlink()
    answer = model.ledger.find(sha(b"same"))
    assert [item["name"] for item in answer["found"]] == ["one"] and not answer["complete"] and "`files`" in answer["unsearched"][0]


def test_answers_name_the_artifact_and_the_path(tmp_path: Path) -> None:
    ledger = new(tmp_path / "l")
    for name, body in {"a/x": b"one", "a/deep/y": b"two", "b/x": b"three", "alone": b"two"}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    for kind, name, place in (("dataset", "first", "a"), ("code", "second", "b"), ("document", "third", "alone")):
        ledger.record(kind, tmp_path / place, name=name, version="2")
    first = {
        "id": tree_id({"x": b"one", "deep/y": b"two"}),
        "kind": "dataset",
        "name": "first",
        "version": "2",
        "verified": True,
        "index": 1,
    }
    in_tree = {**first, "path": "deep/y", "sha256": f"file:{sha(b'two')}", "bytes": 3, "corrections": []}
    alone = {"id": f"file:{sha(b'two')}", "kind": "document", "name": "third", "version": "2", "verified": True, "index": 3}
    single = {**alone, "path": None, "sha256": f"file:{sha(b'two')}", "bytes": 3, "corrections": []}
    for what in (tmp_path / "alone", tmp_path / "a/deep/y", sha(b"two"), f"sha256:{sha(b'two')}", f"file:{sha(b'two')[:8]}"):
        answer = ledger.find(str(what))
        assert (answer["found"], answer["more"], answer["complete"], answer["size"]) == ([in_tree, single], False, True, 4)
    assert ledger.find(str(tmp_path / "alone"), limit=1)["found"] == [in_tree] and ledger.find(str(tmp_path / "alone"), limit=1)["more"]
    earlier = Ledger.open(tmp_path / "l", at=3).find(sha(b"two"))
    assert earlier["found"] == [in_tree] and earlier["size"] == 3
    assert Ledger.open(tmp_path / "l", at=1).find(sha(b"two"))["found"] == []
    assert [item["name"] for item in ledger.find(named="x")["found"]] == ["first", "second"]
    assert [item["path"] for item in ledger.find(named="*")["found"]] == ["x", "x"]
    assert [item["path"] for item in ledger.find(named="**/y")["found"]] == ["deep/y"]
    assert [item["path"] for item in ledger.find(named="**")["found"]] == ["deep/y", "x", "x"]
    assert ledger.find(named="deep")["found"] == [] and ledger.find(named="X")["found"] == []


@pytest.mark.parametrize(
    "what",
    [
        "",
        "deadbee",
        "sha256:",
        "sha256:xyz",
        "sha256:ABCDEF01",
        "file:" + 65 * "0",
        "tree:" + 64 * "0",
        "/nonexistent",
        "a\0b",
        "DEADBEEF",
        ".",
    ],
)
def test_what_cannot_be_looked_for(tmp_path: Path, what: str) -> None:
    with pytest.raises(LedgerError) as refused:
        new(tmp_path / "l").find(what)
    assert refused.value.code == "LG0906"


def test_neither_both_nor_nothing(tmp_path: Path) -> None:
    ledger = new(tmp_path / "l")
    for asked in ({}, {"what": 8 * "0", "named": "x"}, {"named": ""}, {"named": "[z-a]"}):
        with pytest.raises(LedgerError) as refused:
            ledger.find(**asked)
        assert refused.value.code == "LG0906"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    (tmp_path / "x").chmod(0)
    with pytest.raises(LedgerError) as refused:
        new(tmp_path / "l").find(str(tmp_path / "x"))
    assert refused.value.code == "LG0202"


PATHS = st.text(st.sampled_from("ab/.*?[]-^\\é(+"), min_size=1, max_size=6)


def naive(pattern: str, path: str) -> bool:
    """What a pattern means, by trying: `**/` folders, `**` anything, `*` and `?` not a slash."""
    if not pattern:
        return not path
    if pattern.startswith("**/"):
        rest = pattern[3:]
        return naive(rest, path) or any(char == "/" and naive(rest, path[at + 1 :]) for at, char in enumerate(path))
    if pattern.startswith("**"):
        return any(naive(pattern[2:], path[at:]) for at in range(len(path) + 1))
    if pattern[0] == "*":
        stop = path.find("/")
        stop = len(path) if stop < 0 else stop
        return any(naive(pattern[1:], path[at:]) for at in range(stop + 1))
    if pattern[0] == "?":
        return bool(path) and path[0] != "/" and naive(pattern[1:], path[1:])
    return bool(path) and path[0] == pattern[0] and naive(pattern[1:], path[1:])


@given(pattern=st.text(st.sampled_from("ab/.*?é(+\\"), min_size=1, max_size=7), path=PATHS)
def test_patterns_mean_what_they_say(pattern: str, path: str) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    fixed, regex = pattern_of(pattern)
    fits = path == fixed if regex is None else pc.match_substring_regex(pa.array([path]), regex)[0].as_py()
    assert fits == naive(pattern, path)
    assert not fits or path.startswith(fixed)


def test_classes_in_patterns() -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    def fits(pattern: str, path: str) -> bool:
        return bool(pc.match_substring_regex(pa.array([path]), pattern_of(pattern)[1])[0].as_py())

    assert fits("[ab]c", "ac") and not fits("[ab]c", "cc") and fits("[!ab]c", "cc") and not fits("[!ab]c", "ac")
    assert fits("[0-9].x", "7.x") and not fits("[0-9].x", "a.x") and fits("[*]", "*") and not fits("[*]", "a") and fits("[", "[")


def test_only_the_parts_that_can_hold_a_tree_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "FILES_ROW_GROUP", 4)
    model = Model(tmp_path / "l")
    for number in range(12):
        model.append({f"t{number}": small_tree(number, 3 + number % 3)})
    model.ledger.compact()
    read: list[int] = []
    group = Segments.group
    monkeypatch.setattr(
        Segments, "group", lambda self, item, file, number, *more: (read.append(number), group(self, item, file, number, *more))[1]
    )
    reader = Reader(tmp_path / "l")
    for row in reader.index().all_artifacts():
        read.clear()
        assert list(reader.tree_files(row.no, row.idx).items()) == [
            (path, bytes.fromhex(digest)) for at, path, digest in model.rows if at == row.idx
        ]
        assert 0 < len(read) <= 3, "of 15 row groups"


def test_the_figures_of_a_ledger(tmp_path: Path, filled: Ledger) -> None:
    """Against SQL over the same ledger, and against the folder."""
    said = filled.stats()
    rows = {table: filled.query(f"select count(*) from {table}").rows[0][0] for table in said["tables"]}
    assert {table: one["rows"] for table, one in said["tables"].items()} == rows
    assert sum(said["entries"].values()) == said["size"] == filled.size
    assert said["entries"] == dict(filled.query("select kind, count(*) from entries group by kind").rows)
    objects = [path.stat().st_size for path in (filled.layout.root / "objects").rglob("*") if path.is_file()]
    assert said["objects"] == {"files": len(objects), "bytes": sum(objects)}
    assert said["files"] == 6 and said["largest_trees"][0]["name"] == "figures"
    assert said["licenses"]["claims"] == rows["licenses"]
    assert said["compaction"]["merges"] > 0
    filled.compact()
    assert filled.stats()["compaction"] == {"merges": 0, "segments": 0, "rows": 0, "bytes": 0}
    assert filled.checkpoint.origin == ORIGIN
