"""`verify --repair` brings back everything that is derived and never the truth."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import ask, contents
from conftest import MOMENT, ORIGIN, fill, make_inputs

from ledger.api import Ledger, LedgerError, repair_folder, verify_folder
from ledger.clock import FixedClock
from ledger.store._generated import COLUMNS


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger of several segments and caches, and this machine's memory."""
    folder = tmp_path_factory.mktemp("sound")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "memory"))
        ledger = fill(
            Ledger.init(folder / "ledger", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT)), make_inputs(folder / "in")
        )
        ledger.attest("reader@1")
    return folder


@pytest.fixture
def root(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(sound, tmp_path / "copy")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "copy/memory"))
    return tmp_path / "copy/ledger"


def failing(root: Path) -> dict[str, str]:
    return {check.id: check.detail for check in verify_folder(root, deep=True).checks if check.result == "fail"}


def answers(root: Path) -> dict[str, object]:
    """The rows of every table, in the order of the log."""
    ledger = Ledger.open(root)
    return {table: ledger._store.segments.read(table, ledger.size).to_pylist() for table in COLUMNS}


def absent(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(data[: len(data) // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


DAMAGE: dict[str, Callable[[Path], None]] = {"absent": absent, "cut": cut, "flipped": flip}


def in_force(root: Path, table: str) -> list[Path]:
    """The segments of a table, each with all of its names: a table without new rows has one file under several."""
    ledger = Ledger.open(root)
    return [item.path for item in ledger._store.segments.in_force(table, ledger.size)]


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("table", [table for table in COLUMNS if table != "files"])
def test_a_table_comes_back_row_by_row(root: Path, table: str, how: str) -> None:
    right, before = answers(root), contents(root)
    for path in in_force(root, table)[:1]:
        DAMAGE[how](path)
    assert set(failing(root)) & {"L9", "L10"}
    found = repair_folder(root)
    assert any(f"tables/{table}" in text for text in found.done) and found.left == []
    assert failing(root) == {}
    assert answers(root) == right
    truth = [name for name in before if str(name).split("/")[0] != "tables"]
    assert [contents(root)[name] for name in truth] == [before[name] for name in truth]


def test_all_tables_but_the_bulk_rows_come_back(root: Path) -> None:
    right = answers(root)
    for table in COLUMNS:
        if table != "files":
            shutil.rmtree(root / "tables" / table)
    assert repair_folder(root).left == []
    assert (failing(root), answers(root)) == ({}, right)


def test_rows_that_only_look_right_are_derived_again(root: Path) -> None:
    """A segment with the digest in its name, and other rows."""
    right = answers(root)
    ledger = Ledger.open(root)
    segments = ledger._store.segments
    (first, *_) = segments.in_force("names", ledger.size)
    rows = segments.load(first)
    segments.write("names", 0, ledger.size, rows.slice(0, 0))
    assert "L10" in failing(root)
    assert repair_folder(root).left == []
    assert (failing(root), answers(root)) == ({}, right)


def test_bulk_rows_come_back_from_another_segment_or_are_said_to_be_lost(root: Path) -> None:
    right = answers(root)
    ledger = Ledger.open(root)
    segments = ledger._store.segments
    rows = segments.read("files", ledger.size)
    chain = in_force(root, "files")
    segments.write("files", 0, ledger.size - 1, rows)  # one that the longer ones replace
    for path in chain:
        path.unlink()
    assert repair_folder(root).left == []
    assert (failing(root), answers(root)) == ({}, right)
    shutil.rmtree(root / "tables/files")
    before = contents(root)
    found = repair_folder(root)
    assert len(found.left) == 3 and all("restore `tables/files` from a copy" in text for text in found.left)
    assert "L9" in failing(root)
    assert contents(root) == before


@pytest.mark.parametrize("how", DAMAGE)
def test_tiles_come_back_byte_by_byte(root: Path, how: str) -> None:
    before = contents(root)
    tiles = sorted(path for path in (root / "log/tile/0").rglob("*") if path.is_file())
    for path in tiles if how != "absent" else tiles[-1:]:
        DAMAGE[how](path)
    assert "L4" in failing(root) or how == "absent"
    assert len(repair_folder(root).done) >= 1
    assert failing(root) == {}
    assert contents(root) == before


def test_local_state_comes_back(root: Path) -> None:
    flip(root / "state/checkpoint")
    (root / "state/lock").write_text("x")
    caches = [path for folder in ("hash-cache", "recorded") for path in (root / "state" / folder).rglob("*") if path.is_file()]
    assert len(caches) > 4
    for path in caches:
        cut(path)
    inode = (root / "state/lock").stat().st_ino
    assert set(failing(root)) == {"L3", "L11"}
    found = repair_folder(root)
    assert len(found.done) == 2 + len(caches)
    assert failing(root) == {}
    assert (root / "state/lock").stat().st_ino == inode
    assert (root / "state/checkpoint").read_bytes() == (root / "log/checkpoint").read_bytes()


def test_leftovers_are_removed(root: Path) -> None:
    before = contents(root)
    for name in ("objects/sha256/.tmp-1-abc", "log/.tmp-2-d", "tables/names/.tmp-3-e", "log/tile/0/007", "log/tile/entries/000.p/200"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"left")
    segment = in_force(root, "names")[-1]
    shutil.copy(segment, segment.with_name("0-900.0123456789abcdef.parquet"))
    assert len(repair_folder(root).done) == 6
    assert (failing(root), contents(root)) == ({}, before)
    assert repair_folder(root).done == []


TRUTHS = {
    "a bundle": lambda root: sorted((root / "log/tile/entries").rglob("*"))[-1],
    "the checkpoint": lambda root: root / "log/checkpoint",
    "an object": lambda root: sorted(path for path in (root / "objects").rglob("*") if path.is_file())[0],
    "ledger.toml": lambda root: root / "ledger.toml",
}


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("truth", TRUTHS)
def test_damage_to_the_truth_stays_and_nothing_is_touched(root: Path, truth: str, how: str) -> None:
    names = Ledger.open(root)._store.segments.in_force("names", Ledger.open(root).size)
    path = newest_bundle(root) if truth == "a bundle" else TRUTHS[truth](root)
    if truth == "an object":
        path = root / "objects/sha256" / envelope_of(root)
    DAMAGE[how](path)
    names[0].path.unlink()
    before = contents(root)
    with pytest.raises(LedgerError) as refused:
        repair_folder(root)
    assert refused.value.code in {"LG0619", "LG0601", "LG0611", "LG0501", "LG0502", "LG0503", "LG0504"}
    assert contents(root) == before
    with pytest.raises(LedgerError) if truth == "ledger.toml" and how == "absent" else _nothing():
        assert failing(root)


def newest_bundle(root: Path) -> Path:
    size = int((root / "log/checkpoint").read_text().split("\n")[1])
    return root / f"log/tile/entries/000.p/{size}"


def envelope_of(root: Path) -> str:
    own = Ledger.open(root).entries(1, 1)[0]["envelope"][7:]
    return f"{own[:2]}/{own[2:4]}/{own}"


class _nothing:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def test_keys_are_not_repaired(root: Path) -> None:
    flip(root / "state/keys/signing.pem.pub")
    before = contents(root)
    assert repair_folder(root).done == []
    assert (set(failing(root)), contents(root)) == ({"L11"}, before)


def test_a_commit_left_half_done_is_left_to_the_next_append(root: Path, tmp_path: Path) -> None:
    published = (root / "log/checkpoint").read_bytes()
    memory = {path: path.read_bytes() for path in Path(os.environ["XDG_STATE_HOME"]).rglob("*") if path.is_file()}
    (tmp_path / "x").write_text("x")
    done = Ledger.open(root).record("dataset", tmp_path / "x", name="x")
    (root / "log/checkpoint").write_bytes(published)
    for path, data in memory.items():
        path.write_bytes(data)
    assert repair_folder(root).done == []
    (tmp_path / "y").write_text("y")
    assert Ledger.open(root).record("dataset", tmp_path / "y", name="y").index == done.index + 1
    assert failing(root) == {}


def test_repair_takes_the_lock(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    monkeypatch.setattr("ledger.store.repair.exclusive", lambda path: exclusive(path, 0.05))
    from ledger.store.lock import exclusive

    with (root / "state/lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(LedgerError) as refused:
            repair_folder(root)
    assert refused.value.code == "LG0604"


def test_the_verb_says_what_it_repaired(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "state/lock").write_text("x")
    ledger = ("--ledger", str(root))
    assert ask(capsys, "verify", *ledger).code == 4
    said = ask(capsys, "verify", "--repair", "--deep", *ledger)
    assert (said.code, "repaired: `state/lock`: emptied" in said.out) == (0, True)
    again = ask(capsys, "verify", "--repair", "--json", *ledger).json()
    assert (again["result"]["repaired"], again["result"]["unrepaired"]) == ([], [])
    flip(root / "ledger.toml")
    said = ask(capsys, "verify", "--repair", "--json", *ledger)
    assert said.code == 4 and said.json()["error"]["code"] in {"LG0611", "LG0619"}
