"""Compaction: the same rows at every size, in few segments, beside writers and readers, and whatever moment it ends at."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import MOMENT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.faults import ERRORS, WHEN, FaultyFs, RecordingFs
from store.power import Disk
from store.trees import append, new, problems, small_tree

from ledger.api import Ledger, LedgerError
from ledger.clock import FixedClock
from ledger.store import compaction, segments
from ledger.store._generated import COLUMNS
from ledger.store.commit import Store
from ledger.store.reader import Reader

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in memory where there is one: what is tried is the order of operations, not the disk."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path) as folder:
        monkeypatch.setenv("XDG_STATE_HOME", folder)
        yield Path(folder)


def rows_at(root: Path, size: int) -> dict[str, list[dict[str, Any]]]:
    found = Reader(root)
    return {table: found.rows(table, size) for table in COLUMNS}


def in_force(root: Path, table: str) -> list[int]:
    """Rows of each segment in force."""
    found = Reader(root)
    return [found.segments.rows_of(item) for item in found.segments.in_force(table, found.head().checkpoint.size)]


STEPS = st.lists(
    st.one_of(st.lists(st.integers(1, 9), min_size=1, max_size=3), st.just("compact"), st.just("name")), min_size=1, max_size=14
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, most=st.integers(2, 40), merge=st.integers(0, 40))
def test_any_sequence_of_appends_and_compactions_gives_the_same_rows(memory: Path, steps: list[Any], most: int, merge: int) -> None:
    """What is compared with: the rows as they were appended, in a list."""
    shutil.rmtree(memory / "l", ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compaction, "MOST_ROWS", most)
        patch.setattr(segments, "MERGE_ROWS", merge)
        ledger = new(memory / "l")
        wanted: list[tuple[int, str]] = []
        number = 0
        for step in steps:
            if step == "compact":
                compaction.compact(Reader(memory / "l"))
                assert compaction.plan(Reader(memory / "l")) == []
            elif step == "name":
                (memory / "x").write_text(str(number))
                ledger.record("dataset", memory / "x", name=f"x{number}", version="1")
                number += 1
            else:
                first = ledger.size
                trees = {f"t{number + place}": small_tree(number + place, files) for place, files in enumerate(step)}
                append(ledger, trees)
                wanted += [(first + place, path) for place, tree in enumerate(trees.values()) for path in sorted(tree)]
                number += len(step)
            for size in range(ledger.size + 1):
                rows = Reader(memory / "l").rows("files", size)
                assert [(row["idx"], row["path"]) for row in rows] == [row for row in wanted if row[0] < size]
        assert problems(ledger) == []


def test_compaction_leaves_few_segments_and_bounds_them(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MERGE_ROWS", 0)
    monkeypatch.setattr(compaction, "MOST_ROWS", 20)
    ledger = new(memory / "l")
    for number in range(30):
        append(ledger, {f"t{number}": small_tree(number, 2 if number != 7 else 30)})
    before = rows_at(memory / "l", ledger.size)
    assert len(in_force(memory / "l", "files")) > 29 and len(in_force(memory / "l", "names")) > 29
    planned = ledger.compact(dry_run=True)
    assert len(in_force(memory / "l", "files")) > 29
    done = ledger.compact()
    assert [(item.table, item.rows) for item in done.merges] == [(item.table, item.rows) for item in planned.merges]
    # 7 trees of 3 files, one of 31 alone, 22 of 3: none above 20 but what is one entry.
    assert in_force(memory / "l", "files") == [18, 3, 31, 18, 18, 18, 12]
    assert rows_at(memory / "l", ledger.size) == before
    assert ledger.compact().merges == ()
    assert problems(ledger) == []


def test_an_append_rewrites_no_more_than_its_bound(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MERGE_ROWS", 30)
    ledger = new(memory / "l")
    written: list[int] = []
    put = segments.Segments.write
    monkeypatch.setattr(
        segments.Segments,
        "write",
        lambda self, table, first, last, rows: (written.append(rows.num_rows), put(self, table, first, last, rows)),
    )
    for number in range(80):
        append(ledger, {f"t{number}": small_tree(number, 1)})
    assert max(written) <= 30 + 2
    assert len(in_force(memory / "l", "files")) > 8  # without the bound it would be fewer
    ledger.compact()
    assert len(in_force(memory / "l", "files")) == 1


def test_what_was_replaced_is_removed_by_the_next_compaction_and_not_by_the_same(memory: Path) -> None:
    ledger = new(memory / "l")
    for number in range(4):
        append(ledger, {f"t{number}": small_tree(number)})
    folder = memory / "l/tables/files"
    old = {path.name for path in folder.iterdir()}
    force = {item.path.name for item in Reader(memory / "l").segments.in_force("files", ledger.size)}
    ledger.compact()
    assert force <= {path.name for path in folder.iterdir()} and not (old - force) & {path.name for path in folder.iterdir()}
    ledger.compact()
    assert len(list(folder.iterdir())) == 1
    assert problems(ledger) == []


def test_every_operation_of_a_compaction_fails_once(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger stays as it is, the next compaction does the rest, and the next append is taken."""
    base = new(memory / "base")
    for number in range(4):
        append(base, {f"t{number}": small_tree(number)})
    wanted = rows_at(memory / "base", base.size)
    root = memory / "copy"

    def attempt(faulty: FaultyFs) -> None:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(memory / "base", root)
        # A machine that has not seen what was appended to the copy before.
        shutil.rmtree(memory / "state", ignore_errors=True)
        monkeypatch.setenv("XDG_STATE_HOME", str(memory / "state"))
        compaction.compact(Reader(root, fs=faulty))

    counting = FaultyFs(0, "before", ERRORS[0])
    attempt(counting)
    assert counting.count > 40
    hit = set()
    for at in range(1, counting.count + 1):
        faulty = FaultyFs(at, WHEN[at % 3], ERRORS[at % 2])
        try:
            attempt(faulty)
        except LedgerError as error:
            assert error.code in {"LG0605", "LG0606"}
        else:
            assert faulty.hit == "mkdir"  # the folder is there, which is no failure
        hit.add(faulty.hit)
        assert rows_at(root, base.size) == wanted
        ledger = Ledger.open(root, clock=FixedClock(MOMENT))
        if at % 2:
            ledger.compact()
        append(ledger, {"more": small_tree(100)})
        ledger.compact()
        assert rows_at(root, base.size) == wanted
        if at % 5 == 0:
            assert problems(ledger) == [], (at, faulty.hit)
    assert hit >= {"create", "put", "sync", "rename", "unlink", "sync_folder"}


def test_the_power_goes_at_any_moment_of_a_compaction(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two compactions after each other, so that files are removed too; every state that the disk may have been left in has all rows."""
    base = new(memory / "base")
    for number in range(3):
        append(base, {f"t{number}": small_tree(number)})
    root, found = memory / "base", memory / "found"
    wanted = rows_at(root, base.size)
    disk = Disk.of(root)
    fs = RecordingFs()
    for _ in range(2):
        compaction.compact(Reader(root, fs=fs))
    assert {event[0] for event in fs.events} >= {"create", "put", "sync", "rename", "unlink", "sync_folder"}
    tried = 0
    for at, event in enumerate(fs.events):
        disk.take(event)
        for number, (kept, torn) in enumerate(disk.states()):
            if (event[0] == "put" and number > 4) or (at + number) % 3:
                continue
            disk.write(found, root, kept, torn)
            assert rows_at(found, base.size) == wanted, (event, kept, torn)
            tried += 1
    assert tried > 200
    monkeypatch.setenv("XDG_STATE_HOME", str(memory / "another"))
    append(Ledger.open(found, clock=FixedClock(MOMENT)), {"more": small_tree(100)})
    assert rows_at(found, base.size) == wanted and problems(Ledger.open(found)) == []


KILLED = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/cli"]
from pathlib import Path
from ledger.store import compaction
from ledger.store.reader import Reader
compaction.MOST_ROWS = int(sys.argv[3])
import pyarrow.parquet
print("ready", flush=True)
compaction.compact(Reader(Path(sys.argv[2])))
"""


def test_a_killed_compaction_leaves_a_valid_ledger(memory: Path) -> None:
    ledger = new(memory / "l")
    for number in range(12):
        append(ledger, {f"t{number}": small_tree(number, 40)})
    chosen = random.Random(31)
    wanted = rows_at(memory / "l", ledger.size)
    ended = 0
    for turn in range(12):
        command = [sys.executable, "-c", KILLED, str(ROOT), str(memory / "l"), str(60 + 40 * turn)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chosen.uniform(0.0, 0.05))
            process.kill()
            process.stdout.read()
        ended += process.returncode == -signal.SIGKILL
        assert rows_at(memory / "l", 13) == wanted
        append(ledger, {f"m{turn}": small_tree(1000 + turn, 40)})
    assert ended > 3
    ledger.compact()
    assert problems(ledger) == []
    assert rows_at(memory / "l", 13) == wanted


def test_others_read_and_record_while_a_ledger_is_compacted(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MERGE_ROWS", 0)
    ledger = new(memory / "l")
    append(ledger, {"t0": small_tree(0)})
    done = threading.Event()
    errors: list[BaseException] = []

    def watch(work: Any) -> None:
        try:
            while not done.is_set():
                work()
        except BaseException as error:  # noqa: BLE001 - shown below
            errors.append(error)

    def read() -> None:
        found = Reader(memory / "l")
        size = found.head().checkpoint.size
        assert len(found.rows("names", size)) == size - 1

    threads = [threading.Thread(target=watch, args=(work,)) for work in (read, lambda: Ledger.open(memory / "l").compact())]
    for thread in threads:
        thread.start()
    for number in range(1, 40):
        append(ledger, {f"t{number}": small_tree(number)})
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert ledger.size == 41 and problems(ledger) == []


def test_nothing_is_compacted_while_an_append_is_half_done(memory: Path) -> None:
    """Signed, not published: its segments join those in force as they are."""
    ledger = new(memory / "l")
    append(ledger, {"t0": small_tree(0)})
    published = (memory / "l/log/checkpoint").read_bytes()
    append(ledger, {"t1": small_tree(1)})
    (memory / "l/log/checkpoint").unlink()
    (memory / "l/log/checkpoint").write_bytes(published)
    with pytest.raises(LedgerError) as refused:
        Ledger.open(memory / "l").compact()
    assert refused.value.code == "LG0909"
    append(ledger, {"t2": small_tree(2)})
    assert Store(memory / "l").head().checkpoint.size == 4
    ledger.compact()
    assert problems(ledger) == []


def test_an_append_between_the_merge_and_its_name_is_not_lost(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of the merged segments has got a longer name meanwhile, or was merged itself."""
    for adds in (1, 9):
        shutil.rmtree(memory / "l", ignore_errors=True)
        ledger = new(memory / "l")
        for number in range(3):
            append(ledger, {f"t{number}": small_tree(number)})
        merged, once = compaction.merged_bytes, []

        def between(*given: Any, ledger: Ledger = ledger, adds: int = adds, merged: Any = merged, once: list[int] = once) -> bytes:
            data = merged(*given)
            if not once:
                once.append(1)
                for number in range(adds):
                    append(ledger, {f"u{number}": small_tree(50 + number)})
            return data

        monkeypatch.setattr(compaction, "merged_bytes", between)
        compaction.compact(Reader(memory / "l"))
        monkeypatch.setattr(compaction, "merged_bytes", merged)
        assert problems(ledger) == []
        append(ledger, {"v": small_tree(99)})
        assert problems(ledger) == [] and len(Reader(memory / "l").rows("names", 100)) == 4 + adds


def test_a_damaged_segment_is_not_merged_into_a_good_one(memory: Path) -> None:
    ledger = new(memory / "l")
    for number in range(3):
        append(ledger, {f"t{number}": small_tree(number)})
    path = next(item.path for item in Reader(memory / "l").segments.in_force("files", ledger.size) if item.first > 1)
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.unlink()
    path.write_bytes(data)
    before = sorted(item.name for item in path.parent.iterdir())
    with pytest.raises(LedgerError) as refused:
        ledger.compact()
    assert refused.value.code == "LG0609" and sorted(item.name for item in path.parent.iterdir()) == before
