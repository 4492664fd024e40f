"""The power goes at any moment: what was acknowledged is there, the ledger verifies and takes the next append."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import MOMENT, ORIGIN
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from store.faults import Base, RecordingFs, make_base, said
from store.power import Disk, fingerprint

from ledger._api.keyring import KeySources, make_ledger
from ledger.api import Ledger
from ledger.clock import FixedClock
from ledger.store.commit import Store

SOAK = bool(os.environ.get("OPENNESS_LEDGER_SOAK"))
# Appends recorded one after another on a ledger of so many entries, so that a tile of 256 is filled and partial ones are removed.
# The third batch is one whose files are synced at once.
BEFORE, BATCHES = 252, (1, 1, 4, 1)


class Record:
    """The operations of some appends, with a mark where each was acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.base = make_base(folder, BEFORE)
        self.disk = Disk.of(self.base.root)
        fs = RecordingFs()
        fs.inside = self.base.root
        store = Store(self.base.root, fs=fs, clock=FixedClock(MOMENT))
        first, patched = BEFORE, pytest.MonkeyPatch()
        for count in BATCHES:
            numbers = range(first, first + count)
            store.append(
                lambda draft, numbers=numbers: [draft.add(said(n), [self.base.key], [b"text"]) for n in numbers], self.base.log_key
            )
            patched.undo()
            first += count
            memory = {path.name: path.read_bytes() for path in (folder / "memory").rglob("*") if path.is_file()}
            fs.events.append(("acknowledged", first, memory))
        self.events = fs.events
        self.last = first


def in_memory() -> tempfile.TemporaryDirectory[str]:
    """A folder in memory where there is one: the disk is the model's."""
    return tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


@pytest.fixture(scope="module")
def record() -> Iterator[Record]:
    with in_memory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", "/nonexistent")
        yield Record(Path(folder) / "base")


def after_power_loss(record: Record, folder: Path, acknowledged: int, memory: dict[str, bytes]) -> None:
    """What must hold of the ledger that was found in `folder/ledger`."""
    shutil.rmtree(folder / "memory", ignore_errors=True)
    home = folder / "memory/openness-ledger/checkpoints"
    home.mkdir(parents=True)
    for name, data in memory.items():
        (home / name).write_bytes(data)
    os.environ["XDG_STATE_HOME"] = str(folder / "memory")
    found = Base(folder, record.base.key, record.base.log_key)
    assert found.problems() == []
    names = found.names()
    assert len(names) >= acknowledged
    assert names == [f"set-{number}" for number in range(len(names))]
    done = found.append(record.last)
    kept = found.names()
    assert kept[:-1] == [f"set-{number}" for number in range(len(kept) - 1)] and kept[-1] == f"set-{record.last}"
    assert (done, len(kept) - 1 >= len(names)) == (len(kept), True)
    assert found.problems() == []


def played(record: Record) -> Iterator[tuple[Disk, int, dict[str, bytes]]]:
    """The disk after each operation, with what was acknowledged until then."""
    acknowledged, memory, disk = BEFORE, {}, record.disk
    disk = Disk(set(disk.folders), dict(disk.entries), dict(disk.content), set(disk.synced), dict(disk.now), list(disk.pending))
    yield disk, acknowledged, memory
    for event in record.events:
        if event[0] == "acknowledged":
            _, acknowledged, memory = event
        else:
            disk.take(event)
        yield disk, acknowledged, memory


def test_the_worst_states_of_every_moment(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/nonexistent")
    chosen, seen = random.Random(3), set()
    root = record.base.root
    with tempfile.TemporaryDirectory(dir=root.parent.parent) as folder:
        for moment, (disk, acknowledged, memory) in enumerate(played(record)):
            states = list(disk.states())
            if not SOAK:
                states = [states[0], chosen.choice(states)] if moment % 20 == 0 or acknowledged == record.last else []
            for kept, torn in states:
                disk.write(Path(folder) / "ledger", root, kept, torn)
                mark = fingerprint(Path(folder) / "ledger")
                if mark not in seen:
                    seen.add(mark)
                    after_power_loss(record, Path(folder), acknowledged, memory)
    assert len(seen) > (500 if SOAK else 20)


@settings(
    max_examples=2000 if SOAK else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.generate, Phase.shrink],
)
@given(data=st.data())
def test_random_states_of_random_moments(record: Record, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(record.events)), label="moment")
    disk, acknowledged, memory = next(item for number, item in enumerate(played(record)) if number == at)
    count = len(disk.pending)
    kept = data.draw(st.lists(st.booleans(), min_size=count, max_size=count), label="kept")
    torn = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=5), label="torn")
    with tempfile.TemporaryDirectory(dir=record.base.root.parent.parent) as folder:
        disk.write(Path(folder) / "ledger", record.base.root, kept, torn)
        after_power_loss(record, Path(folder), acknowledged, memory)


def test_the_power_goes_while_a_ledger_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Either there is a ledger with its first entry, or there is none and another `init` makes one; keys are files of their own."""
    with in_memory() as folder:
        _making(Path(folder), monkeypatch)


def _making(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "memory"))
    fs = RecordingFs()
    empty = Disk.of(tmp_path)
    make_ledger(tmp_path / "ledger", ORIGIN, KeySources(), None, clock=FixedClock(MOMENT), fs=fs)
    keys = {path: path.read_bytes() for path in (tmp_path / "ledger/state/keys").glob("*.pem*")}
    events: list[tuple[Any, ...]] = []
    for event in fs.events:
        events.append(event)
        if event[0] == "mkdir" and event[1].name == "keys":
            for number, (path, data) in enumerate(keys.items()):  # written and synced by the signing room
                events += [("create", path, 10_000 + number), ("put", 10_000 + number, data), ("sync", 10_000 + number)]
    chosen, tried = random.Random(5), 0
    for at, event in enumerate(events):
        empty.take(event)
        states = list(empty.states())
        if not SOAK:
            states = [states[0], chosen.choice(states)] if at % 8 == 0 or at >= len(events) - 2 else []
        for kept, torn in states:
            found = tmp_path / "found"
            monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"memory-{tried}"))
            empty.write(found, tmp_path, kept, torn)
            tried += 1
            made = at == len(events) - 1
            if (found / "ledger/ledger.toml").exists() and (found / "ledger/ledger.toml").stat().st_size:
                ledger = Ledger.open(found / "ledger")
            else:
                assert not made
                ledger = Ledger.init(found / "ledger", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
            assert [check for check in ledger.verify(deep=True).checks if check.result == "fail"] == []
            (tmp_path / "file").write_text("x")
            assert ledger.record("dataset", tmp_path / "file", name="x").index == 1
    assert tried > 20


def test_the_model_loses_what_it_should(tmp_path: Path) -> None:
    """An append whose checkpoint is published without an fsync is one that the model loses: it can find what it is made to find."""

    class Hasty(RecordingFs):
        def sync_folder(self, folder: Path) -> None:
            if folder.name != "log":
                super().sync_folder(folder)

        def sync(self, handle: int) -> None:
            pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", "/nonexistent")
        base = make_base(tmp_path / "base", 3)
        disk, fs = Disk.of(base.root), Hasty()
        base.append(3, 1, fs)
        for event in fs.events:
            disk.take(event)
        disk.write(tmp_path / "found/ledger", base.root, [False] * len(disk.pending), [0])
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "none"))
        lost = Base(tmp_path / "found", base.key, base.log_key)
        assert len(lost.names()) == 3
