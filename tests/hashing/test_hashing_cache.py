"""The hash cache: it notices every change, trusts nothing recent, and a damaged one is as good as none."""

import os
import random
import shutil
import tempfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hashing.hashing_oracle import LATER, make_tree, naive_id, naive_inventory, naive_root, tick
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.clock import FixedClock
from ledger.hashing import cache as cache_module
from ledger.hashing import tree
from ledger.hashing.cache import HashCache
from ledger.hashing.tree import hash_path

FILES = {"a": b"one", "b": b"two", "sub/c": b"three", "sub/deep/d": b"four", "sub/e": b"five", "z": b"six"}


@pytest.fixture
def root(tmp_path):
    return make_tree(tmp_path / "root", FILES)


@pytest.fixture
def cache(tmp_path):
    return HashCache(tmp_path / "state", clock=LATER)


def test_cache_reuses_an_unchanged_tree(root, cache):
    first = hash_path(root, cache=cache)
    assert (first.reused_files, first.hashed_bytes) == (0, 22)
    second = hash_path(root, cache=cache)
    assert (second.reused_files, second.hashed_bytes) == (6, 0)
    assert second.id == first.id == naive_id(root)
    assert second.root == first.root == naive_root(root)
    assert (second.files, second.bytes) == (6, 22)
    assert second.inventory() == naive_inventory(root)
    assert second.paths == sorted(name.encode() for name in FILES)
    assert list(second.sizes) == [len(FILES[path.decode()]) for path in second.paths]
    assert second.digests == b"".join(sha256(FILES[path.decode()]).digest() for path in second.paths)
    assert cache.check() == []


def test_cache_of_an_unchanged_tree_does_not_open_files(root, cache, monkeypatch):
    hash_path(root, cache=cache)
    opened = os.open

    def only_folders(path, flags, *rest, **options):
        assert flags & os.O_DIRECTORY
        return opened(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", only_folders)
    assert hash_path(root, cache=cache).reused_files == 6


def test_cache_reuses_an_unchanged_file(root, cache):
    first = hash_path(root / "a", cache=cache)
    second = hash_path(root / "a", cache=cache)
    assert (first.hashed_bytes, second.hashed_bytes, second.reused_files) == (3, 0, 1)
    assert first.id == second.id == "file:" + sha256(b"one").hexdigest()
    assert second.inventory() == sha256(b"one").hexdigest().encode() + b"  a\n"
    tick(root)
    (root / "a").write_bytes(b"ONE")
    assert hash_path(root / "a", cache=cache).id == "file:" + sha256(b"ONE").hexdigest()


def same_size_and_times(root: Path) -> None:
    status = (root / "b").stat()
    with open(root / "b", "r+b") as file:
        file.write(b"TWO")
    os.utime(root / "b", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (root / "b").stat().st_mtime_ns == status.st_mtime_ns


def swap(root: Path) -> None:
    (root / "a").rename(root / "t")
    (root / "b").rename(root / "a")
    (root / "t").rename(root / "b")


def swap_folders(root: Path) -> None:
    make_tree(root.parent / "other", {"c": b"THREE", "e": b"FIVE!", "deep/d": b"4"})
    (root / "sub").rename(root.parent / "old")
    (root.parent / "other").rename(root / "sub")


CHANGES = {
    "content": lambda root: (root / "sub/c").write_bytes(b"longer than before"),
    "content of the same size, mtime put back": same_size_and_times,
    "rename": lambda root: (root / "a").rename(root / "a2"),
    "rename into a folder": lambda root: (root / "a").rename(root / "sub" / "a"),
    "swap": swap,
    "swap of folders": swap_folders,
    "delete": lambda root: (root / "sub/deep/d").unlink(),
    "add": lambda root: (root / "sub/deep/new").write_bytes(b"new"),
    "add at the front": lambda root: (root / "0").write_bytes(b"new"),
    "add in a new folder": lambda root: make_tree(root, {"new/folder/x": b"x"}),
    "replace by rename": lambda root: ((root.parent / "n").write_bytes(b"SIX"), (root.parent / "n").rename(root / "z")),
    "hard link": lambda root: os.link(root / "a", root / "link"),
    "folder for file": lambda root: ((root / "z").unlink(), make_tree(root, {"z/y": b"y"})),
    "truncate": lambda root: os.truncate(root / "z", 0),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("workers", [1, 2])
def test_cache_notices_a_change(root, cache, name, workers, monkeypatch):
    if workers == 2:
        monkeypatch.setattr(tree, "POOL_FILES", 0)
        monkeypatch.setattr(cache_module, "MANY_BYTES", 0)
        monkeypatch.setattr("ledger.hashing.reuse._TASK_FILES", 1)
    before = hash_path(root, cache=cache, workers=workers)
    tick(root)
    CHANGES[name](root)
    after = hash_path(root, cache=cache, workers=workers)
    assert after.id == naive_id(root) != before.id
    assert after.inventory() == naive_inventory(root)
    again = hash_path(root, cache=cache, workers=workers)
    assert (again.id, again.hashed_bytes, again.reused_files) == (after.id, 0, after.files)


def test_cache_hashes_only_what_changed(root, cache):
    hash_path(root, cache=cache)
    tick(root)
    (root / "sub/c").write_bytes(b"33333")
    after = hash_path(root, cache=cache)
    assert (after.hashed_bytes, after.reused_files) == (5, 5)


def test_cache_hashes_again_after_chmod_and_touch(root, cache):
    before = hash_path(root, cache=cache)
    tick(root)
    (root / "a").chmod(0o600)
    os.utime(root / "b", (0, 0))
    after = hash_path(root, cache=cache)
    assert (after.id, after.hashed_bytes, after.reused_files) == (before.id, 6, 4)


def test_cache_notices_an_added_link(root, cache):
    hash_path(root, cache=cache)
    (root / "sub/link").symlink_to("c")
    with pytest.raises(Exception, match="symbolic link refused"):
        hash_path(root, cache=cache)
    linked = hash_path(root, cache=cache, symlinks="inside")
    assert linked.id == naive_id(root, follow=True)


def test_cache_with_links_follows_their_targets(root, cache):
    (root / "sub/link").symlink_to("../a")
    first = hash_path(root, cache=cache, symlinks="inside")
    second = hash_path(root, cache=cache, symlinks="inside")
    assert (second.id, second.hashed_bytes, second.reused_files) == (first.id, 0, 7)
    tick(root)
    (root / "a").write_bytes(b"1nE")
    third = hash_path(root, cache=cache, symlinks="inside")
    assert third.id == naive_id(root, follow=True)
    assert third.hashed_bytes == 6
    (root / "sub/link").unlink()
    (root / "sub/link").symlink_to("../b")
    assert hash_path(root, cache=cache, symlinks="inside").id == naive_id(root, follow=True)


def test_cache_of_a_hugging_face_snapshot(tmp_path, cache):
    repository = make_tree(tmp_path / "models--a--b", {"blobs/1": b"weights", "snapshots/r/readme": b"x"})
    (repository / "snapshots/r/model").symlink_to("../../blobs/1")
    first = hash_path(repository / "snapshots/r", cache=cache, symlinks="inside")
    second = hash_path(repository / "snapshots/r", cache=cache, symlinks="inside")
    assert (second.id, second.hashed_bytes, second.reused_files) == (first.id, 0, 2)


def test_cache_is_not_shared_between_variants(root, cache):
    everything = hash_path(root, cache=cache)
    part = hash_path(root, cache=cache, include=["sub/**"])
    assert part.reused_files == 0
    assert hash_path(root, cache=cache, include=["sub/**"]).id == part.id != everything.id
    assert hash_path(root, cache=cache).id == everything.id
    assert hash_path(root / "sub", cache=cache).id == naive_id(root / "sub")


def test_cache_keeps_warnings(root, cache):
    (root / "A").write_bytes(b"")
    (root / "Z").write_bytes(b"")
    first = hash_path(root, cache=cache)
    second = hash_path(root, cache=cache)
    assert second.reused_files == 8
    assert second.warnings == first.warnings
    assert len(first.warnings) == 2


def test_cache_rehash_ignores_and_refreshes(root, cache):
    first = hash_path(root, cache=cache)
    path = next((root.parent / "state" / "hashes").iterdir())
    written = path.read_bytes()
    path.write_bytes(written[:-1])
    again = hash_path(root, cache=cache, rehash=True)
    assert (again.id, again.hashed_bytes, again.reused_files) == (first.id, 22, 0)
    assert path.read_bytes() == written
    assert hash_path(root, cache=cache).hashed_bytes == 0


def test_cache_racy_rule(root, tmp_path):
    newest_ns = max(path.stat().st_ctime_ns for path in [root, *root.rglob("*")])
    oldest_ns = min(path.stat().st_ctime_ns for path in [root, *root.rglob("*")])
    assert newest_ns - oldest_ns < 900_000_000

    def reused(seconds: float, **options: int) -> list[int]:
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        moment = FixedClock(datetime.fromtimestamp(newest_ns / 1e9 + seconds, UTC))
        racy = HashCache(folder, clock=moment, **options)
        return [hash_path(root, cache=racy).reused_files for _ in range(3)]

    assert reused(1.0) == [0, 0, 0]
    assert reused(-5.0) == [0, 0, 0]
    assert reused(2.1) == [0, 6, 6]
    assert reused(2.1, racy_ns=4_000_000_000) == [0, 0, 0]
    assert reused(1.0, racy_ns=10_000_000) == [0, 6, 6]


def test_cache_racy_rule_by_file(root, tmp_path):
    os.utime(root / "sub/c", (4e9, 4e9))
    cache = HashCache(tmp_path / "state", clock=LATER)
    hash_path(root, cache=cache)
    second = hash_path(root, cache=cache)
    assert (second.hashed_bytes, second.reused_files) == (5, 5)


def test_cache_damage_at_every_region_is_ignored(root, cache, tmp_path):
    first = hash_path(root, cache=cache)
    path = next((tmp_path / "state" / "hashes").iterdir())
    good = path.read_bytes()
    positions = sorted({*range(0, len(good), 7), *range(130), *range(len(good) - 40, len(good))})
    for position in positions:
        damaged = bytearray(good)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        assert cache.check() != []
        again = hash_path(root, cache=cache)
        assert (again.id, again.hashed_bytes) == (first.id, 22)
        assert path.read_bytes() == good
    for damaged in (b"", good[:-1], good[:100], good + b"\0", good[1:], good * 2, bytes(len(good))):
        path.write_bytes(damaged)
        (fault,) = cache.check()
        assert path.name in fault
        assert hash_path(root, cache=cache).hashed_bytes == 22
        assert cache.check() == []


def test_cache_of_another_path_is_ignored(root, cache, tmp_path):
    hash_path(root, cache=cache)
    (path,) = (tmp_path / "state" / "hashes").iterdir()
    other = make_tree(tmp_path / "other", FILES)
    hash_path(other, cache=cache)
    (second,) = set((tmp_path / "state" / "hashes").iterdir()) - {path}
    shutil.copy(path, second)
    assert cache.check() == []
    assert hash_path(other, cache=cache).reused_files == 0


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=120, max_size=400), st.booleans())
def test_cache_nonsense_with_a_good_checksum_does_no_harm(body, small_numbers):
    with tempfile.TemporaryDirectory() as name:
        cache = HashCache(Path(name), clock=LATER)
        key = cache.key(b"/x", "tree")
        if small_numbers:
            body = body[:64] + b"".join(bytes([value & 7]) + bytes(7) for value in body[64:71]) + body[120:]
        data = b"ledger hash cache 2\n" + key + body
        (Path(name) / "hashes").mkdir()
        (Path(name) / "hashes" / f"{key[:16].hex()}.bin").write_bytes(data + sha256(data).digest())
        assert cache.check() == []
        snapshot = cache.load(key)
        assert snapshot is None or sum(chunk.count for chunk in snapshot.chunks) == snapshot.files


def test_cache_that_cannot_be_written_is_no_error(root, tmp_path):
    (tmp_path / "state").write_bytes(b"a file where the folder should be")
    cache = HashCache(tmp_path / "state", clock=LATER)
    assert hash_path(root, cache=cache).id == hash_path(root, cache=cache).id == naive_id(root)
    assert cache.check() == []


def test_cache_a_folder_in_place_of_its_file(root, cache, tmp_path):
    hash_path(root, cache=cache)
    (path,) = (tmp_path / "state" / "hashes").iterdir()
    path.unlink()
    path.mkdir()
    assert hash_path(root, cache=cache).id == naive_id(root)
    assert len(cache.check()) == 1
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_cache_files_are_private_and_few(tmp_path, root, cache, monkeypatch):
    monkeypatch.setattr(cache_module, "_KEPT_FILES", 3)
    folder = tmp_path / "state" / "hashes"
    hash_path(root, cache=cache)
    (folder / "left.999999999.tmp").write_bytes(b"")
    (folder / f"mine.{os.getpid()}.tmp").write_bytes(b"")
    for name in ("sub", "sub/deep", "a", "b"):
        hash_path(root / name, cache=cache)
    names = sorted(entry.name for entry in folder.iterdir())
    assert [name for name in names if name.endswith(".tmp")] == [f"mine.{os.getpid()}.tmp"]
    assert len(names) == 4
    assert all(entry.stat().st_mode & 0o077 == 0 for entry in folder.glob("*.bin"))
    assert hash_path(root / "b", cache=cache).reused_files == 1


@pytest.mark.parametrize(
    ("kind", "trusted"), [("ext4", True), ("xfs", True), ("overlay", True), ("nfs4", False), ("fuse.sshfs", False), ("cifs", False)]
)
def test_cache_is_not_used_on_remote_file_systems(monkeypatch, kind, trusted, root, cache):
    text = f"1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:9 / {root.parent} rw shared:1 - {kind} x rw\n3 1 0:9 / /elsewhere rw - nfs x rw\nbad\n"
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: text.encode() if str(path) == "/proc/self/mountinfo" else read(path))
    assert cache.trusts(os.fsencode(root)) is trusted
    hash_path(root, cache=cache)
    assert (hash_path(root, cache=cache).reused_files == 6) is trusted


def test_cache_without_mount_information(monkeypatch, cache):
    def missing(path):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "read_bytes", missing)
    assert cache.trusts(b"/")
    assert len(cache.key(b"/x")) == 32


def test_cache_large_trees_with_workers(tmp_path, cache):
    made = random.Random(3)
    files = {f"d{index % 40:02d}/{index:05d}-{'x' * (index % 60)}": made.randbytes(index % 90) for index in range(16_000)}
    root = make_tree(tmp_path / "root", files | {"big/1": made.randbytes(600_000), "big/2": made.randbytes(800_000)})
    first = hash_path(root, cache=cache, workers=2)
    second = hash_path(root, cache=cache, workers=2)
    assert (second.id, second.reused_files, second.hashed_bytes) == (first.id, 16_002, 0)
    assert second.digests == first.digests
    assert second.sizes == first.sizes
    tick(root)
    (root / "d07" / "0").write_bytes(b"first in its folder")
    os.truncate(root / "big/2", 700_000)
    third = hash_path(root, cache=cache, workers=2)
    assert third.id == naive_id(root)
    assert (third.reused_files, third.hashed_bytes) == (16_001, 700_019)
    assert hash_path(root, cache=cache, workers=2).hashed_bytes == 0


class CacheMachine(RuleBasedStateMachine):
    """Whatever is done to a tree, hashing with the cache gives what a naive walk gives."""

    @initialize()
    def start(self):
        self.base = Path(tempfile.mkdtemp())
        self.root = make_tree(self.base / "root", {"a": b"a", "d/b": b"b"})
        self.cache = HashCache(self.base / "state", clock=LATER)

    def teardown(self):
        if hasattr(self, "base"):
            shutil.rmtree(self.base)

    def files(self):
        return sorted(path for path in self.root.rglob("*") if path.is_file())

    def pick(self, index):
        files = self.files()
        return files[index % len(files)]

    index = st.integers(0, 50)
    names = st.sampled_from(["a", "b", "c", "a-", "d/b", "d/c", "d/e/f", "d-/x", "é"])

    @rule(name=names, data=st.binary(max_size=4))
    def write(self, name, data):
        tick(self.root)
        path = self.root / name
        if not path.is_dir() and not any(parent.is_file() for parent in path.parents):
            make_tree(self.root, {name: data})

    @rule(index=index, data=st.binary(min_size=1, max_size=1))
    def overwrite_in_place_with_times_put_back(self, index, data):
        tick(self.root)
        path = self.pick(index)
        status = path.stat()
        with open(path, "r+b") as file:
            file.write(data)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    @precondition(lambda self: len(self.files()) > 1)
    @rule(index=index)
    def delete(self, index):
        tick(self.root)
        self.pick(index).unlink()

    @rule(one=index, other=index)
    def swap(self, one, other):
        tick(self.root)
        first, second = self.pick(one), self.pick(other)
        if first != second:
            first.rename(self.base / "t")
            second.rename(first)
            (self.base / "t").rename(second)

    @rule(index=index)
    def touch(self, index):
        tick(self.root)
        os.utime(self.pick(index))

    @rule()
    def move_folder(self):
        tick(self.root)
        here, there = self.root / "d", self.root / "moved"
        if there.is_dir() and not here.exists():
            here, there = there, here
        if here.is_dir() and not there.exists():
            here.rename(there)

    @rule()
    def lose_cache(self):
        shutil.rmtree(self.base / "state", ignore_errors=True)

    @invariant()
    def equals_naive(self):
        hashed = hash_path(self.root, cache=self.cache)
        assert hashed.id == naive_id(self.root)
        assert hashed.inventory() == naive_inventory(self.root)


CacheMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
test_cache_machine = CacheMachine.TestCase
