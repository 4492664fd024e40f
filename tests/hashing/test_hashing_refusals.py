"""What hashing refuses, notices and survives: every error names the path, and nothing is left behind."""

import os
import socket
import stat
import threading
from pathlib import Path

import pytest
from hashing.hashing_oracle import has_children, make_tree, naive_id, open_descriptors

from ledger.errors import LedgerError
from ledger.hashing import tree
from ledger.hashing.links import _hub_blobs
from ledger.hashing.tree import hash_path


@pytest.fixture(params=["inline", "workers"])
def both(request, monkeypatch):
    """Small trees by both paths: in this process, and by worker processes."""
    monkeypatch.setattr(tree, "POOL_FILES", 0 if request.param == "workers" else 10**9)
    before = open_descriptors()
    yield request.param
    assert not has_children()
    assert open_descriptors() == before


def refusal(path: Path | str, **options: object) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        hash_path(path, workers=2, **options)
    assert caught.value.message == caught.value.message.rstrip(".")
    assert "\n" not in caught.value.message
    assert caught.value.message.isprintable()
    return caught.value


@pytest.mark.parametrize(
    ("name", "shown", "reason"),
    [
        (b"new\nline", "new\\x0aline", "line feed"),
        (b"carriage\rreturn", "carriage\\x0dreturn", "carriage return"),
        (b"back\\slash", "back\\slash", "backslash"),
        (b"\xff\xfe", "\\xff\\xfe", "not UTF-8"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80", "not UTF-8"),
    ],
)
@pytest.mark.parametrize("place", ["file", "folder"])
def test_refusal_of_names(tmp_path, name, shown, reason, place, both):
    make_tree(tmp_path, {"a": b"1", "sub/b": b"2"})
    path = os.path.join(os.fsencode(tmp_path), b"sub", name)
    if place == "folder":
        Path(os.fsdecode(path)).mkdir()
        path = os.path.join(path, b"inner")
    with open(path, "wb"):
        pass
    error = refusal(tmp_path)
    assert error.code == "LG0204"
    assert f"`sub/{shown}" in error.message
    assert reason in error.message


def test_refusal_of_a_file_by_its_name(tmp_path):
    (tmp_path / "a\\b").write_bytes(b"")
    assert refusal(tmp_path / "a\\b").code == "LG0204"


def test_refusal_of_a_path_over_the_limit(tmp_path):
    folder = tmp_path
    fd = os.open(folder, os.O_RDONLY)
    length = 0
    while 4096 - length > 250:
        os.mkdir("d" * 150, dir_fd=fd)
        inner = os.open("d" * 150, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = inner
        length += 151
    os.close(os.open("f" * (4096 - length), os.O_WRONLY | os.O_CREAT, dir_fd=fd))
    assert hash_path(tmp_path).files == 1
    os.close(os.open("g" * (4097 - length), os.O_WRONLY | os.O_CREAT, dir_fd=fd))
    os.close(fd)
    error = refusal(tmp_path)
    assert error.code == "LG0204"
    assert "4097 bytes" in error.message


@pytest.mark.parametrize("content", [{}, {"a/b/c": None}])
def test_refusal_of_an_empty_tree(tmp_path, content):
    for name in content:
        (tmp_path / name).mkdir(parents=True)
    error = refusal(tmp_path)
    assert error.code == "LG0203"
    assert str(tmp_path) in error.message


@pytest.mark.parametrize("path", ["none", "a/none", "none/b", "file/x", "", "nul\0", "x" * 5000])
def test_refusal_of_a_missing_path(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    make_tree(tmp_path, {"file": b""})
    assert refusal(path).code == "LG0201"


def test_refusal_of_links(tmp_path, both):
    make_tree(tmp_path, {"a": b"1", "sub/b": b"2"})
    (tmp_path / "sub/link").symlink_to("b")
    error = refusal(tmp_path)
    assert error.code == "LG0205"
    assert "`sub/link`" in error.message
    assert "--symlinks inside" in (error.hint or "")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("../outside/x", "leaves"),
        ("/etc/hostname", "leaves"),
        ("..", "leaves"),
        ("sub", "folder"),
        (".", "leaves the recorded folder"),
        ("nowhere", "broken"),
        ("link", "loop"),
        ("fifo", "not a regular file"),
    ],
)
def test_refusal_of_links_that_lead_elsewhere(tmp_path, target, words):
    root = make_tree(tmp_path / "root", {"a": b"1", "sub/b": b"2"})
    make_tree(tmp_path / "outside", {"x": b"3"})
    (root / "link").symlink_to(target)
    include = ["a", "link"] if target == "fifo" else []
    if target == "fifo":
        os.mkfifo(root / "fifo")
    error = refusal(root, symlinks="inside", include=include)
    assert error.code == "LG0206"
    assert "`link`" in error.message
    assert words in error.message


def test_refusal_of_a_prefix_of_the_root_as_inside(tmp_path):
    root = make_tree(tmp_path / "root", {"a": b"1"})
    make_tree(tmp_path / "root-2", {"b": b"2"})
    (root / "link").symlink_to("../root-2/b")
    assert refusal(root, symlinks="inside").code == "LG0206"


def test_links_inside_give_the_targets_bytes(tmp_path, both):
    make_tree(tmp_path, {"a": b"1", "sub/b": b"2"})
    (tmp_path / "sub/link").symlink_to("../a")
    (tmp_path / "chain").symlink_to("sub/link")
    (tmp_path / "absolute").symlink_to(tmp_path / "sub" / "b")
    hashed = hash_path(tmp_path, symlinks="inside", workers=2)
    assert hashed.id == naive_id(tmp_path, follow=True)
    assert hashed.files == 5


def test_links_of_a_hugging_face_snapshot(tmp_path):
    repository = tmp_path / "hub" / "models--acme--model"
    make_tree(repository, {"blobs/0a": b"weights", "blobs/0b": b"{}", "refs/main": b"c0ffee", "snapshots/c0ffee/plain": b"3"})
    make_tree(tmp_path / "hub" / "models--other--model", {"blobs/0c": b"x"})
    snapshot = repository / "snapshots" / "c0ffee"
    (snapshot / "sub").mkdir()
    (snapshot / "model.safetensors").symlink_to("../../blobs/0a")
    (snapshot / "sub" / "config.json").symlink_to("../../../blobs/0b")
    assert hash_path(snapshot, symlinks="inside").id == naive_id(snapshot, follow=True)
    assert "Hugging Face" in (refusal(snapshot).hint or "")
    (snapshot / "other").symlink_to("../../../models--other--model/blobs/0c")
    assert refusal(snapshot, symlinks="inside").code == "LG0206"
    (snapshot / "other").unlink()
    (snapshot / "other").symlink_to("../../refs/main")
    assert refusal(snapshot, symlinks="inside").code == "LG0206"


def test_links_boundary_of_a_snapshot():
    assert _hub_blobs(b"/c/models--a--b/snapshots/r") == b"/c/models--a--b/blobs"
    assert _hub_blobs(b"/c/datasets--a--b/snapshots/r/data") == b"/c/datasets--a--b/blobs"
    assert _hub_blobs(b"/c/models--a--b/blobs") is None
    assert _hub_blobs(b"/c/models--a--b/snapshots") is None
    assert _hub_blobs(b"/c/other/snapshots/r") is None
    assert _hub_blobs(b"/") is None


def test_refusal_of_a_link_whose_target_is_swapped_for_a_link(tmp_path, monkeypatch):
    root = make_tree(tmp_path / "root", {"sub/b": b"2"})
    make_tree(tmp_path / "outside", {"b": b"secret"})
    (root / "link").symlink_to("sub/b")
    opened = os.open

    def swap_first(path, flags, *rest, **options):
        if path == b"sub" and "dir_fd" in options and not (root / "sub").is_symlink():
            (root / "sub").rename(tmp_path / "moved")
            (root / "sub").symlink_to("../outside")
        return opened(path, flags, *rest, **options)

    targets_open = "ledger.hashing.links.os.open"
    walk = tree._TreeJob._hash_large

    def armed(job):
        monkeypatch.setattr(targets_open, swap_first)
        return walk(job)

    monkeypatch.setattr(tree._TreeJob, "_hash_large", armed)
    assert refusal(root, symlinks="inside").code == "LG0208"


@pytest.mark.parametrize("kind", ["fifo", "socket", "device"])
def test_refusal_of_special_files(tmp_path, kind, both):
    make_tree(tmp_path, {"a": b"1", "sub/b": b"2"})
    path = tmp_path / "sub" / "special"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    else:
        try:
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
        except PermissionError:
            os.mkfifo(path)
    error = refusal(tmp_path)
    assert error.code == "LG0207"
    assert "`sub/special`" in error.message
    assert refusal(path).code == "LG0207"


class Interfering:
    """Does something to the disk when a name is opened, before or after."""

    def __init__(self, name: bytes, *, before=None, after=None) -> None:
        self.opened = os.open
        self.name = name
        self.before = before
        self.after = after

    def __call__(self, path, flags, *rest, **options):
        hit = os.path.basename(os.fsencode(path)) == self.name and not flags & os.O_DIRECTORY
        if hit and self.before:
            self.before()
        fd = self.opened(path, flags, *rest, **options)
        if hit and self.after:
            self.after()
        return fd


SIZES = {"small": 1000, "medium": 100_000, "large": 1_000_000}


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def grow(path: Path) -> None:
    with open(path, "ab") as file:
        file.write(b"more")


def rewrite(path: Path) -> None:
    status = path.stat()
    with open(path, "r+b") as file:
        file.write(b"other")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("change", [truncate, grow, rewrite])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("alone", [True, False])
def test_changes_while_a_file_is_read(tmp_path, monkeypatch, size, change, alone):
    make_tree(tmp_path, {"a": b"1", "sub/b": bytes(SIZES[size]), "sub/c": b"3"})
    victim = tmp_path / "sub" / "b"
    rows = iter(range(100))
    read, readv = os.read, os.readv

    def once(function):
        def reading(fd, *arguments):
            data = function(fd, *arguments)
            if os.fstat(fd).st_ino == victim.stat().st_ino and next(rows) == 0:
                change(victim)
            return data

        return reading

    monkeypatch.setattr(os, "read", once(read))
    monkeypatch.setattr(os, "readv", once(readv))
    error = refusal(victim if alone else tmp_path)
    assert error.code == "LG0208"
    assert "sub/b`" in error.message


@pytest.mark.parametrize("size", SIZES)
def test_changes_between_opening_and_reading(tmp_path, monkeypatch, size):
    make_tree(tmp_path, {"b": bytes(SIZES[size])})
    fstat = os.fstat
    seen = iter(range(100))

    def growing(fd):
        status = fstat(fd)
        if stat.S_ISREG(status.st_mode) and next(seen) == 0:
            truncate(tmp_path / "b")
        return status

    monkeypatch.setattr(os, "fstat", growing)
    assert refusal(tmp_path).code == "LG0208"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("replacement", ["nothing", "link", "fifo", "folder"])
def test_replaced_between_walk_and_hash(tmp_path, monkeypatch, size, replacement):
    make_tree(tmp_path, {"a": b"1", "sub/b": bytes(SIZES[size])})
    victim = tmp_path / "sub" / "b"

    def replace():
        if not stat.S_ISREG(os.lstat(victim).st_mode):
            return
        victim.unlink()
        if replacement == "link":
            victim.symlink_to("../a")
        elif replacement == "fifo":
            os.mkfifo(victim)
        elif replacement == "folder":
            victim.mkdir()

    monkeypatch.setattr(os, "open", Interfering(b"b", before=replace))
    error = refusal(tmp_path)
    assert error.code == "LG0208"
    assert "`sub/b`" in error.message


def test_renamed_over_between_walk_and_hash_gives_one_state(tmp_path, monkeypatch):
    make_tree(tmp_path, {"a": b"1", "b": b"old"})
    (tmp_path.parent / "new").write_bytes(b"new")
    swaps = iter(range(100))
    monkeypatch.setattr(os, "open", Interfering(b"b", before=lambda: next(swaps) or (tmp_path.parent / "new").replace(tmp_path / "b")))
    assert hash_path(tmp_path).id == naive_id(tmp_path)


@pytest.mark.parametrize("replacement", ["nothing", "link", "other folder"])
def test_folder_replaced_between_walk_and_hash(tmp_path, monkeypatch, replacement, both):
    root = make_tree(tmp_path / "root", {"a": b"1", "sub/b": b"2"})
    make_tree(tmp_path / "outside", {"b": b"secret"})

    def replace(portion):
        (root / "sub").rename(tmp_path / "gone")
        if replacement == "link":
            (root / "sub").symlink_to("../outside")
        elif replacement == "other folder":
            (tmp_path / "outside").rename(root / "sub")
        return parts_of(portion)

    parts_of = tree._parts_of
    monkeypatch.setattr(tree, "_parts_of", replace)
    error = refusal(root)
    assert error.code == "LG0208"
    assert "`sub`" in error.message


@pytest.mark.parametrize("replacement", ["nothing", "link", "moved"])
def test_folder_replaced_while_it_is_listed(tmp_path, monkeypatch, replacement):
    root = make_tree(tmp_path / "root", {"a": b"1", "one/two/b": b"2", "one/two/c": b"2"})
    make_tree(tmp_path / "outside", {"two/b": b"secret"})
    opened = os.open

    def replace(path, flags, *rest, **options):
        if path == b"one/two" and not (tmp_path / "gone").exists():
            (root / "one").rename(tmp_path / "gone")
            if replacement == "link":
                (root / "one").symlink_to("../outside")
            elif replacement == "moved":
                (tmp_path / "outside").rename(root / "one")
        return opened(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", replace)
    error = refusal(root)
    assert error.code == "LG0208"
    assert "`one/two`" in error.message


@pytest.mark.parametrize("size", SIZES)
def test_unreadable_file(tmp_path, monkeypatch, size):
    make_tree(tmp_path, {"a": b"1", "sub/b": bytes(SIZES[size])})

    def refuse():
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", Interfering(b"b", before=refuse))
    error = refusal(tmp_path)
    assert error.code == "LG0202"
    assert error.message == "cannot be read: `sub/b`: Permission denied"
    assert refusal(tmp_path / "sub" / "b").code == "LG0202"


@pytest.mark.parametrize("function", ["read", "readv", "fstat"])
def test_disk_error_while_reading(tmp_path, monkeypatch, function):
    make_tree(tmp_path, {"b": bytes(1000 if function != "readv" else 200_000)})
    real = getattr(os, function)
    stat_of = os.stat
    number = (tmp_path / "b").stat().st_ino

    def fail(fd, *rest):
        if stat_of(fd).st_ino == number:
            raise OSError(5, "Input/output error")
        return real(fd, *rest)

    monkeypatch.setattr(os, function, fail)
    error = refusal(tmp_path)
    assert error.code == "LG0202"
    assert "`b`" in error.message


def test_unreadable_folder(tmp_path, monkeypatch):
    make_tree(tmp_path, {"a": b"1", "sub/b": b"2"})
    opened = os.open

    def refuse(path, flags, *rest, **options):
        if path in (b"sub", os.fsencode(tmp_path / "top")):
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", refuse)
    error = refusal(tmp_path)
    assert error.code == "LG0202"
    assert "`sub`" in error.message
    make_tree(tmp_path / "top", {"x": b""})
    assert refusal(tmp_path / "top").code == "LG0202"


def test_disk_error_while_listing(tmp_path, monkeypatch):
    make_tree(tmp_path, {"a": b"1"})

    def fail(fd):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "scandir", fail)
    assert refusal(tmp_path).code == "LG0202"


def test_several_large_files_stop_at_the_first_error(tmp_path, monkeypatch):
    make_tree(tmp_path, {f"f{index}": bytes(900_000) for index in range(6)})
    monkeypatch.setattr(os, "open", Interfering(b"f3", before=lambda: (tmp_path / "f3").unlink(missing_ok=True)))
    threads = threading.active_count()
    assert refusal(tmp_path).code == "LG0208"
    assert threading.active_count() == threads
