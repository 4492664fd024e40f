"""A verification by worker processes says what one without them says, on good and on damaged ledgers; a lost worker is an error."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

import pytest
from conftest import MOMENT, ORIGIN, fill, make_inputs
from hashing.hashing_oracle import has_children, open_descriptors
from reference.forging import FIGURES, Forger, good_ledger

from ledger.api import Ledger
from ledger.clock import FixedClock
from ledger.errors import LedgerError
from ledger.hashing.pool import WorkerPool
from ledger.ids import artifact_id
from ledger.spec.manifest import Manifest
from ledger.store import crew, foldcheck
from ledger.store.verify import verify_ledger

WORKERS = 2


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of more than one task of entries, with every kind of statement."""
    folder = tmp_path_factory.mktemp("workers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        ledger = Ledger.init(folder / "l", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        fill(ledger, make_inputs(folder / "in"))
        ledger.attest("reader@1", out=folder / "bundle.json")
        made = [
            Manifest("dataset", f"more-{number}", "1", artifact_id(f"file:{number:064x}"), 1, number, f"{number:064x}").to_statement()
            for number in range(700)
        ]
        key, log_key = ledger._signing_key(), ledger._log_key()
        ledger._store.append(lambda draft: [draft.add(statement, [key]) for statement in made], log_key)
    return ledger.layout.root


def both(root: Path, *, deep: bool = False) -> list[tuple[str, str, str, str]]:
    """The checks of a verification, the same with and without workers."""
    alone = [astuple(check) for check in verify_ledger(root, deep=deep, workers=0).checks]
    assert [astuple(check) for check in verify_ledger(root, deep=deep, workers=WORKERS).checks] == alone
    return alone


def failing(checks: list[tuple[str, str, str, str]]) -> set[str]:
    return {check[0] for check in checks if "fail" in check}


@pytest.mark.parametrize("deep", [False, True])
def test_a_good_ledger(large: Path, deep: bool) -> None:
    checks = both(large, deep=deep)
    assert not failing(checks)
    assert len(checks) == 14


def an_object(root: Path, number: int) -> Path:
    return sorted(path for path in (root / "objects").rglob("*") if path.is_file())[number]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


def stray(root: Path) -> None:
    (root / "objects" / "sha256" / "stray").write_text("1")
    (root / "objects" / "note").mkdir()
    (root / "objects" / "note" / "x").write_text("1")
    (root / "objects" / "sha256" / "aa" / "bb").mkdir(parents=True, exist_ok=True)
    (root / "objects" / "sha256" / "aa" / "bb" / ("aabb" + "0" * 60)).write_text("1")


DAMAGE: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "an object changed": (lambda root: flip(an_object(root, 350)), {"L5", "L6"}),
    "two objects changed": (lambda root: (flip(an_object(root, 100)), flip(an_object(root, 600))), {"L5", "L6"}),
    "an object gone": (lambda root: an_object(root, 300).unlink(), {"L6"}),
    "files that do not belong there": (stray, {"L5"}),
    "a bundle changed": (lambda root: flip(root / "log/tile/entries/001"), {"L4"}),
    "a tile changed": (lambda root: flip(root / "log/tile/0/000"), {"L4"}),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_ledger(large: Path, tmp_path: Path, name: str) -> None:
    root = tmp_path / "l"
    shutil.copytree(large, root)
    damage, wanted = DAMAGE[name]
    damage(root)
    assert failing(both(root)) == wanted


def test_what_the_right_keys_should_not_have_signed(tmp_path: Path) -> None:
    forger = Forger.copy_of(good_ledger(tmp_path / "good"), tmp_path / "forged")
    forger.again(FIGURES, lambda subjects, said: said["artifact"].update(files=7, bytes=99), name="forged")
    root = next(path.parent for path in (tmp_path / "forged").rglob("ledger.toml"))
    assert failing(both(root, deep=True))


@pytest.mark.parametrize("keys", [(), ("other",)])
def test_keys_that_the_workers_were_not_told(large: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]) -> None:
    monkeypatch.setattr(foldcheck, "key_pems", lambda objects, leaves: keys)
    assert not failing(both(large))


def test_a_worker_that_is_killed(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spawn = WorkerPool._spawn

    def stopped(self: WorkerPool, root_fd: int) -> None:
        spawn(self, root_fd)
        os.kill(self.pids[-1], signal.SIGKILL)

    monkeypatch.setattr(WorkerPool, "_spawn", stopped)
    before = open_descriptors()
    with pytest.raises(LedgerError, match=r"verifying worker \d+ ended") as caught:
        verify_ledger(large, workers=WORKERS)
    assert caught.value.code == "LG0210"
    assert open_descriptors() == before
    assert not has_children()


def test_a_worker_that_cannot_work(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_PROGRAM", "import os; os.dup2(os.open(os.devnull, os.O_WRONLY), 2); import no_such_module")
    with pytest.raises(LedgerError) as caught:
        verify_ledger(large, workers=WORKERS)
    assert caught.value.code == "LG0210"
    assert not has_children()


def test_an_interrupt_leaves_nothing_behind(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(foldcheck, "_one", interrupted)
    before = open_descriptors()
    with pytest.raises(KeyboardInterrupt):
        verify_ledger(large, workers=WORKERS)
    assert open_descriptors() == before
    assert not has_children()


def test_a_folder_that_cannot_be_read_is_no_pass(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refused(path: str) -> object:
        if str(path).endswith("/objects/sha256"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(LedgerError) as caught:
        verify_ledger(large, workers=WORKERS)
    assert caught.value.code == "LG0606"
    assert not has_children()


def test_small_ledgers_start_no_worker(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> int:
        raise AssertionError("a worker was started")

    monkeypatch.setattr(os, "posix_spawn", fail)
    assert not failing([astuple(check) for check in verify_ledger(large).checks])
