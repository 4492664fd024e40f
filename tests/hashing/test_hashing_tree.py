"""Ids of files and folders against coreutils, in every way of hashing them."""

import hashlib
import os
import random
import subprocess
import tempfile
from pathlib import Path

import pytest
from hashing.hashing_oracle import coreutils_ids, has_children, make_tree, naive_id, naive_inventory, naive_root, open_descriptors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.hashing import tree
from ledger.hashing.names import duplicate_warnings, fold, shown
from ledger.hashing.tree import hash_path

FIXED = {
    "one file": {"a": b"a"},
    "empty files": {"a": b"", "b/c": b""},
    "slash sorts between": {"a-b": b"1", "a/b": b"2", "a.b": b"3", "a0": b"4", "aa/x": b"5", "a b": b"6"},
    "deep": {"a/b/c/d/e/f/g/h": b"deep", "a/b.c": b"x", "z": b"y"},
    "not ascii": {"ä/ö": b"1", "日本/語": b"2", "é": b"3", "\U0001f600": b"4", "\uffee": b"5"},
    "odd names": {
        "a  b": b"1",
        " lead": b"2",
        "*": b"3",
        "'q'": b"4",
        '"': b"5",
        "tab\there": b"6",
        "a;b|c": b"7",
        "\x01": b"8",
        "$(x)": b"9",
    },
    "hidden": {".git/config": b"1", ".x": b"2", "..y": b"3", "...": b"4"},
    "sizes": {f"s{size}": bytes(size) for size in (1, 63, 64, 4096, 65535, 65536, 65537, 131072, 131073, 262144, 262145, 600_000)},
}


@pytest.mark.parametrize("name", FIXED)
@pytest.mark.parametrize("workers", [1, 3])
def test_hashing_equals_coreutils_on_fixed_trees(tmp_path, name, workers, monkeypatch):
    make_tree(tmp_path, FIXED[name])
    if workers > 1:
        monkeypatch.setattr(tree, "POOL_FILES", 0)
    hashed = hash_path(tmp_path, workers=workers)
    assert [hashed.id] == coreutils_ids([tmp_path])
    assert hashed.files == len(FIXED[name])
    assert hashed.bytes == hashed.hashed_bytes == sum(map(len, FIXED[name].values()))
    assert hashed.inventory() == naive_inventory(tmp_path)
    assert not has_children()


def test_hashing_a_known_tree(tmp_path):
    make_tree(tmp_path, {"a": b"abc", "b/c": b""})
    text = (
        b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n"
        b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b/c\n"
    )
    hashed = hash_path(tmp_path)
    assert hashed.inventory() == text
    assert hashed.id == "tree:" + hashlib.sha256(text).hexdigest()
    leaves = [hashlib.sha256(b"\0" + line).digest() for line in text.splitlines()]
    assert hashed.root == hashlib.sha256(b"\1" + b"".join(leaves)).digest()
    assert hashed.paths == [b"a", b"b/c"]
    assert list(hashed.sizes) == [3, 0]
    assert hashed.digests == bytes.fromhex(text[:64].decode()) + bytes.fromhex(text.splitlines()[1][:64].decode())
    assert hashed.form == "tree"
    assert hashed.warnings == ()
    assert hashed.reused_files == 0


segment = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="/\0\n\r\\"), min_size=1, max_size=12).filter(
    lambda text: text not in (".", "..") and not text.startswith("-")
)
trees = st.dictionaries(st.lists(segment, min_size=1, max_size=4).map("/".join), st.binary(max_size=40), min_size=1, max_size=8)


def write_random_tree(root: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(batch=st.lists(trees, min_size=25, max_size=25))
def test_hashing_equals_coreutils_on_a_thousand_random_trees(batch):
    with tempfile.TemporaryDirectory() as name:
        roots = [Path(name) / str(index) for index in range(len(batch))]
        for root, files in zip(roots, batch, strict=True):
            root.mkdir()
            write_random_tree(root, files)
        found = [hash_path(root) for root in roots]
        assert [hashed.id for hashed in found] == coreutils_ids(roots)
        assert [hashed.root for hashed in found] == [naive_root(root) for root in roots]


def test_hashing_inventory_is_accepted_by_sha256sum(tmp_path):
    root = make_tree(tmp_path / "tree", {**FIXED["odd names"], **FIXED["not ascii"], **FIXED["sizes"]})
    listing = tmp_path / "SHA256SUMS"
    listing.write_bytes(hash_path(root).inventory())
    done = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", str(listing)], cwd=root, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    (root / "*").write_bytes(b"changed")
    assert subprocess.run(["sha256sum", "--check", "--status", str(listing)], cwd=root).returncode == 1


def test_hashing_names_that_start_with_a_hyphen(tmp_path):
    make_tree(tmp_path, {"-": b"1", "-x": b"2", "--help": b"3", "a/-": b"4"})
    assert hash_path(tmp_path).inventory() == naive_inventory(tmp_path)


def many_files(root: Path) -> int:
    """Many folders with few files, one folder with many, and folders inside the order of files."""
    made = random.Random(7)
    files = {f"d{index:04d}/f": made.randbytes(index % 50) for index in range(1100)}
    files |= {f"flat/{index}": made.randbytes(20) for index in range(1700)}
    files |= {f"mix{index}": b"m" for index in range(40)} | {f"mix{index}/x{index}": b"n" for index in range(40, 80)}
    files |= {f"big/{index}": made.randbytes(700_000 + index) for index in range(3)}
    make_tree(root, files)
    return len(files)


def test_hashing_with_workers_equals_hashing_without(tmp_path):
    count = many_files(tmp_path)
    before = open_descriptors()
    alone = hash_path(tmp_path, workers=1)
    with_workers = hash_path(tmp_path, workers=3)
    assert alone.id == with_workers.id == naive_id(tmp_path)
    assert alone.root == with_workers.root == naive_root(tmp_path)
    assert alone.files == with_workers.files == count
    assert alone == with_workers
    assert alone.digests == with_workers.digests
    assert alone.sizes == with_workers.sizes
    assert with_workers.inventory() == naive_inventory(tmp_path)
    assert open_descriptors() == before
    assert not has_children()


def test_hashing_a_file(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"abc")
    hashed = hash_path(path)
    assert hashed.id == "file:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (hashed.form, hashed.files, hashed.bytes, hashed.paths, list(hashed.sizes)) == ("file", 1, 3, [b"weights.bin"], [3])
    line = b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  weights.bin"
    assert hashed.root == hashlib.sha256(b"\0" + line).digest()
    assert hashed.inventory() == subprocess.run(["sha256sum", "weights.bin"], cwd=tmp_path, capture_output=True, check=True).stdout


def test_hashing_follows_the_path_that_was_given(tmp_path):
    make_tree(tmp_path / "real", {"a": b"abc"})
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "file-link").symlink_to("real/a")
    assert hash_path(tmp_path / "link").id == naive_id(tmp_path / "real")
    assert hash_path(tmp_path / "file-link").id.startswith("file:ba7816bf")
    assert hash_path(str(tmp_path / "link") + "/").id == naive_id(tmp_path / "real")


def test_hashing_relative_path(tmp_path, monkeypatch):
    make_tree(tmp_path, {"a": b"abc"})
    monkeypatch.chdir(tmp_path)
    assert hash_path(".").id == naive_id(tmp_path)


def test_hashing_warns_of_names_that_fold_together(tmp_path):
    make_tree(tmp_path, {"README": b"1", "readme": b"2", "e\u0301": b"3", "\u00e9": b"4", "A/x": b"5", "a/X": b"6", "b": b"7"})
    warnings = hash_path(tmp_path).warnings
    assert len(warnings) == 3
    assert any("`README` and `readme`" in text for text in warnings)
    assert any("`A/x` and `a/X`" in text for text in warnings)


def test_hashing_limits_the_number_of_warnings(tmp_path):
    make_tree(tmp_path, {name: b"" for index in range(30) for name in (f"a{index}", f"A{index}")})
    warnings = hash_path(tmp_path).warnings
    assert len(warnings) == 21
    assert warnings[-1] == "10 more paths differ only in case or Unicode form"


@given(st.lists(segment, unique=True, min_size=1, max_size=12))
def test_hashing_duplicates_equal_a_naive_comparison(names):
    joined = "\n".join(sorted(names)).encode()
    distinct = {fold(name) for name in names}
    assert len(duplicate_warnings([(b"", joined)])) == len(names) - len(distinct)


@given(st.text() | st.binary())
def test_hashing_shows_paths_without_control_characters(path):
    assert shown(path).isprintable()


def test_hashing_shows_ordinary_paths_as_they_are():
    assert shown(b"data/\xc3\xa4 b.json") == "data/ä b.json"
    assert shown(b"\xff\x1b[31m\xe2\x80\xae") == "\\xff\\x1b[31m\\u202e"
    assert shown("\U000e0001") == "\\U000e0001"


class Recorder:
    def __init__(self) -> None:
        self.calls: list[tuple[int, int, int, int]] = []

    def update(self, files_done: int, files_total: int, bytes_done: int, bytes_total: int) -> None:
        self.calls.append((files_done, files_total, bytes_done, bytes_total))


@pytest.mark.parametrize("workers", [1, 2])
def test_hashing_reports_progress(tmp_path, workers, monkeypatch):
    monkeypatch.setattr(tree, "POOL_FILES", 0)
    monkeypatch.setattr("ledger.hashing.progress._INTERVAL_SECONDS", 0)
    files = {f"f{index}": bytes(1000) for index in range(100)} | {"large1": bytes(3_000_000), "large2": bytes(2_000_000)}
    make_tree(tmp_path, files)
    recorder = Recorder()
    hash_path(tmp_path, workers=workers, progress=recorder)
    assert recorder.calls[-1] == (102, 102, 5_100_000, 5_100_000)
    assert all(done <= total and read <= size for done, total, read, size in recorder.calls)
    assert [call[0] for call in recorder.calls] == sorted(call[0] for call in recorder.calls)
    assert [call[2] for call in recorder.calls] == sorted(call[2] for call in recorder.calls)


def test_hashing_reports_progress_of_a_file_at_most_ten_times_a_second(tmp_path, monkeypatch):
    path = tmp_path / "f"
    path.write_bytes(bytes(5_000_000))
    clock = iter(index * 0.01 + 1 for index in range(1000))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    recorder = Recorder()
    hash_path(path, progress=recorder)
    assert recorder.calls[-1] == (1, 1, 5_000_000, 5_000_000)
    assert 2 <= len(recorder.calls) <= 5


@pytest.mark.parametrize(
    ("patterns", "taken"),
    [
        (["**"], {"train/a", "train/x/b", "train/x/y/c.py", "eval/d.py", "top.py", ".hidden"}),
        (["train/**"], {"train/a", "train/x/b", "train/x/y/c.py"}),
        (["train/"], {"train/a", "train/x/b", "train/x/y/c.py"}),
        (["./train/*"], {"train/a"}),
        (["**/*.py"], {"train/x/y/c.py", "eval/d.py", "top.py"}),
        (["*.py"], {"top.py"}),
        (["train/**/c.py"], {"train/x/y/c.py"}),
        (["train/**/x/**"], {"train/x/b", "train/x/y/c.py"}),
        (["**/y/**", "eval/?.py"], {"train/x/y/c.py", "eval/d.py"}),
        (["[et]*/[a-c]"], {"train/a"}),
        (["[!t]*/*"], {"eval/d.py"}),
        (["train/a", "train/a"], {"train/a"}),
        (["**/**/b"], {"train/x/b"}),
    ],
)
def test_hashing_include(tmp_path, patterns, taken):
    every = {"train/a", "train/x/b", "train/x/y/c.py", "eval/d.py", "top.py", ".hidden"}
    make_tree(tmp_path, {name: name.encode() for name in every})
    hashed = hash_path(tmp_path, include=patterns)
    assert hashed.paths == sorted(name.encode() for name in taken)


@pytest.mark.parametrize("pattern", ["train", "*.txt", "train/x", "**/none"])
def test_hashing_include_that_matches_nothing(tmp_path, pattern):
    make_tree(tmp_path, {"train/x/a": b"1"})
    with pytest.raises(LedgerError, match="matches") as caught:
        hash_path(tmp_path, include=[pattern])
    assert caught.value.code == "LG0209"
    assert str(tmp_path) in caught.value.message


@pytest.mark.parametrize("pattern", ["", "/abs", "../up", "a/../b", "a//b", "."])
def test_hashing_include_that_could_never_match(tmp_path, pattern):
    make_tree(tmp_path, {"a": b"1"})
    with pytest.raises(LedgerError) as caught:
        hash_path(tmp_path, include=[pattern])
    assert caught.value.code == "LG0209"


def test_hashing_include_needs_a_folder(tmp_path):
    make_tree(tmp_path, {"a": b"1"})
    with pytest.raises(LedgerError) as caught:
        hash_path(tmp_path / "a", include=["**"])
    assert caught.value.code == "LG0209"


def test_hashing_ignores_what_is_not_included(tmp_path):
    make_tree(tmp_path, {"train/a": b"1", "bad\nname": b"", "other\\": b"", "bad\ndir/x": b""})
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/nowhere")
    (tmp_path / "train/escape").symlink_to("/etc")
    (tmp_path / os.fsdecode(b"\xff")).write_bytes(b"")
    assert hash_path(tmp_path, include=["train/a", "[z]*/**"]).paths == [b"train/a"]


def test_hashing_refuses_a_linked_folder_that_a_pattern_reaches_into(tmp_path):
    make_tree(tmp_path, {"train/a": b"1", "elsewhere/b": b"2"})
    (tmp_path / "train/more").symlink_to("../elsewhere")
    with pytest.raises(LedgerError) as caught:
        hash_path(tmp_path, include=["train/*/*", "train/a"])
    assert caught.value.code == "LG0205"
