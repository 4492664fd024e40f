"""Every operation of an append fails once, in every way: what was acknowledged stays, and the ledger takes the next append."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import MOMENT, ORIGIN
from store.faults import ERRORS, PRIMITIVES, WHEN, Base, FaultyFs, make_base

from ledger._api.keyring import KeySources, make_ledger
from ledger.api import Ledger, LedgerError
from ledger.clock import FixedClock
from ledger.store.commit import Store

# How many entries there are before the append, and how many it adds.
WORK = {"one more": (3, 1), "across a tile": (253, 5), "a batch of several tiles": (3, 280)}
MOST = 5000
SOAK = bool(os.environ.get("OPENNESS_LEDGER_SOAK"))


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Base]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", "/nonexistent")
        return {count: make_base(tmp_path_factory.mktemp(f"base-{count}"), count) for count, _ in WORK.values()}


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in memory where there is one: what is tried here is the order of operations, not the disk."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path) as folder:
        monkeypatch.setenv("XDG_STATE_HOME", folder)
        yield Path(folder)


def ways(at: int) -> list[tuple[str, int]]:
    """How the operation fails: in every way with `make soak`, else in one of them, in turn."""
    every = [(when, code) for code in ERRORS for when in WHEN]
    return every if SOAK else [every[at % len(every)]]


def after_fault(copy: Base, faulty: FaultyFs, before: int, added: int) -> None:
    """One faulty append, and all that must hold after it."""
    first = before
    try:
        copy.append(first, added, faulty)
    except LedgerError as error:
        assert error.code in {"LG0605", "LG0606"}, (faulty.hit, error.message)
        acknowledged = False
        if faulty.hit.startswith("sync"):
            with pytest.raises(LedgerError) as refused:
                Store(copy.root, fs=faulty, clock=FixedClock(MOMENT)).append(lambda draft: None, copy.log_key) or faulty.sync_folders()
            assert refused.value.code == "LG0618"
    else:
        acknowledged = True
    assert copy.problems() == [], (faulty.at, faulty.when, faulty.hit)
    names = copy.names()
    whole = [f"set-{number}" for number in range(before + added)]
    assert names == whole or (names == whole[:before] and not acknowledged), (faulty.at, faulty.when, faulty.hit)
    assert copy.append(first, added) == before + 1
    assert copy.append(before + added) == before + added + 1
    assert copy.names() == [*whole, f"set-{before + added}"]
    assert copy.problems() == [], (faulty.at, faulty.when, faulty.hit)


@pytest.mark.parametrize("work", WORK)
def test_every_operation_of_an_append_fails_once(bases: dict[int, Base], work: str, memory: Path) -> None:
    before, added = WORK[work]
    counting = FaultyFs(0, "before", ERRORS[0])
    bases[before].copy(memory / "copy").append(before, added, counting)
    total = counting.count
    assert 60 < total < MOST
    hit: set[tuple[str, str]] = set()
    step = 1 if SOAK or work == "one more" else total // 12
    for at in range(1, total + 1, step):
        for when, number in ways(at // step):
            faulty = FaultyFs(at, when, number)
            after_fault(bases[before].copy(memory / "copy"), faulty, before, added)
            assert faulty.hit
            hit.add((faulty.hit, when))
    if work == "one more":
        assert {name for name, _ in hit} >= set(PRIMITIVES) - {"unlink", "rmdir", "sync_all"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_batch_that_is_synced_at_once_fails_as_a_whole(
    bases: dict[int, Base], when: str, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.store.fs.MANY", 1)
    for number in ERRORS:
        faulty = FaultyFs(1, when, number, only="sync_all")
        after_fault(bases[3].copy(memory / "copy"), faulty, 3, 3)
        assert faulty.hit == "sync_all"


@pytest.mark.parametrize("workers", [2, 8])
def test_faults_while_several_operations_wait(bases: dict[int, Base], workers: int, memory: Path) -> None:
    for at in range(workers, 120, 9):
        faulty = FaultyFs(at, WHEN[at % 3], ERRORS[at % 2], workers)
        after_fault(bases[3].copy(memory / "copy"), faulty, 3, 1)


@pytest.mark.parametrize("when", WHEN)
def test_every_operation_of_an_init_fails_once(when: str, memory: Path) -> None:
    """A ledger is there or not; where it is not, another `init` makes it."""
    root = memory / "ledger"
    for at in range(1, MOST):
        faulty = FaultyFs(at, when, ERRORS[at % 2])
        try:
            made = make_ledger(root, ORIGIN, KeySources(), None, clock=FixedClock(MOMENT), fs=faulty)
        except LedgerError as error:
            assert error.code in {"LG0605", "LG0606"}, (faulty.hit, error.message)
            assert not (root / "ledger.toml").exists()
            continue
        assert made.index == 0
        break
    assert not faulty.hit and at > 60
    ledger = Ledger.open(root)
    assert (ledger.size, [check.id for check in ledger.verify(deep=True).checks if check.result == "fail"]) == (1, [])


def test_an_init_that_was_killed_can_be_made_again_and_keeps_its_keys(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed: nothing is tidied up behind it."""
    monkeypatch.setattr("ledger._api.keyring._undone", lambda layout: _Nothing())
    counting = FaultyFs(0, "before", ERRORS[0])
    make_ledger(memory / "whole", ORIGIN, KeySources(), None, clock=FixedClock(MOMENT), fs=counting)
    for at in range(1, counting.count + 1, 1 if SOAK else 4):
        root = memory / f"ledger-{at}"
        with pytest.raises(LedgerError):
            make_ledger(root, ORIGIN, KeySources(), None, clock=FixedClock(MOMENT), fs=FaultyFs(at, "before", ERRORS[0]))
        keys = sorted(path.read_bytes() for path in root.rglob("*.pem"))
        if (root / "ledger.toml").exists():
            ledger = Ledger.open(root)
        else:
            ledger = Ledger.init(root, ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        assert (ledger.size, [check.id for check in ledger.verify(deep=True).checks if check.result == "fail"]) == (1, [])
        assert set(keys) <= {path.read_bytes() for path in root.rglob("*.pem")}
        (memory / "file").write_text("x")
        assert ledger.record("dataset", memory / "file", name="x").index == 1


def test_parts_of_a_ledger_are_not_taken_for_an_init_that_ended_early(bases: dict[int, Base], memory: Path) -> None:
    copy = bases[3].copy(memory / "copy")
    (copy.root / "ledger.toml").unlink()
    kept = sorted(copy.root.rglob("*"))
    with pytest.raises(LedgerError, match=r"holds parts of a ledger") as refused:
        Ledger.init(copy.root, ORIGIN, insecure_no_passphrase=True)
    assert refused.value.code == "LG0602"
    assert sorted(copy.root.rglob("*")) == kept


class _Nothing:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None
