"""Large batches: a helper process writes their objects, and nothing depends on it."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import MOMENT

from ledger.api import Ledger
from ledger.clock import FixedClock
from ledger.errors import LedgerError
from ledger.ids import artifact_id
from ledger.signing.dsse import sign
from ledger.spec.manifest import Manifest
from ledger.store import bulk
from ledger.store.commit import Store
from ledger.store.fs import TEMPORARY, Fs

ROOT = Path(__file__).resolve().parent.parent.parent
COUNT = 1500


def statement(number: int, version: str = "1"):
    digest = hashlib.sha256(f"{number} {version}".encode()).hexdigest()
    return Manifest("dataset", f"set-{number}", version, artifact_id(f"file:{digest}"), 1, 3, digest).to_statement()


def append(ledger: Ledger, count: int = COUNT, first: int = 0, *, then=lambda _draft: None):
    store, key = Store(ledger.layout.root, clock=FixedClock(MOMENT)), ledger._signing_key()

    def build(draft):
        for number in range(first, first + count):
            draft.add(statement(number), [key])
        then(draft)

    store.append(build, ledger._log_key())


def objects(ledger: Ledger) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in ledger.layout.objects.rglob("*") if path.is_file()}


def temporaries(ledger: Ledger) -> list[Path]:
    return [path for path in ledger.layout.root.rglob("*") if path.name.startswith(TEMPORARY)]


def sound(ledger: Ledger) -> bool:
    return not [check for check in ledger.verify(deep=True).checks if check.result == "fail"]


@pytest.fixture
def helpers(monkeypatch):
    """What each batch got: whether the helper confirmed it; and how often a file system was synced."""
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core: no helper is started")
    found: list[bool | str] = []
    finish, sync_all = bulk.BulkWriter._finish, Fs.sync_all

    def finished(self, datas):
        finish(self, datas)
        found.append(self._kept)

    def synced(self, folder):
        found.append("syncfs")
        sync_all(self, folder)

    monkeypatch.setattr(bulk.BulkWriter, "_finish", finished)
    monkeypatch.setattr(Fs, "sync_all", synced)
    return found


def test_a_helper_writes_what_this_process_would(empty: Ledger, helpers, monkeypatch) -> None:
    before = objects(empty)
    append(empty)
    assert helpers == [True, "syncfs"]
    assert temporaries(empty) == []
    assert sound(empty)
    written = objects(empty)
    assert len(written) == len(before) + COUNT
    assert all(hashlib.sha256(data).hexdigest() == name for name, data in written.items())
    modes = {path.stat().st_mode & 0o777 for path in empty.layout.objects.rglob("*") if path.is_file()}
    assert modes == {0o444 & ~_umask()}


def _umask() -> int:
    now = os.umask(0o22)
    os.umask(now)
    return now


def test_with_and_without_it_the_log_is_the_same(fresh_pair, helpers, monkeypatch, tmp_path: Path) -> None:
    one, other = fresh_pair
    append(one)
    monkeypatch.setattr(bulk, "FIRST", 10**9)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    append(other)
    assert helpers == [True, "syncfs", "syncfs"]
    assert one.checkpoint.root == other.checkpoint.root
    assert objects(one) == objects(other)


@pytest.fixture
def fresh_pair(empty: Ledger, tmp_path: Path):
    shutil.copytree(empty.layout.root, tmp_path / "other", symlinks=True)
    return empty, Ledger.open(tmp_path / "other")


PROGRAMS = {
    "ends at once": "pass",
    "ends in the middle": "import sys; sys.stdin.buffer.read(100_000)",
    "reads all and confirms nothing": "import sys; sys.stdin.buffer.read()",
    "confirms something else": "import sys; sys.stdin.buffer.read(); sys.stdout.write('keep')",
    "cannot be started": None,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_it_does_not_confirm_is_written_here(empty: Ledger, helpers, monkeypatch, name: str) -> None:
    if PROGRAMS[name] is None:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
    else:
        monkeypatch.setattr(bulk, "_PROGRAM", PROGRAMS[name])
    append(empty)
    assert helpers == (["syncfs"] if PROGRAMS[name] is None else [False, "syncfs"])
    assert len(objects(empty)) == COUNT + 1
    assert sound(empty)


def test_a_full_disk_in_the_helper_is_this_process_s_to_report(empty: Ledger, helpers, monkeypatch) -> None:
    failing = (
        "import sys; root, *sys.path[:] = sys.argv[1:]\n"
        "import errno, os\nfrom ledger.store import bulk, fs\n"
        "def put(self, handle, data): raise OSError(errno.ENOSPC, 'no space')\n"
        "fs.Fs.put = put\nbulk.work(root)"
    )
    monkeypatch.setattr(bulk, "_PROGRAM", failing)
    append(empty)
    assert helpers == [False, "syncfs"]
    assert temporaries(empty) == []
    assert sound(empty)


def test_an_object_that_is_not_what_its_name_says_stops_the_batch(empty: Ledger, helpers) -> None:
    append(empty, 1)
    envelope = sign(statement(COUNT).payload, [empty._signing_key()]).to_bytes()
    path = empty.layout.object_path(hashlib.sha256(envelope).hexdigest())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"something else")
    helpers.clear()
    with pytest.raises(LedgerError) as raised:
        append(empty, COUNT, 1)
    assert raised.value.code == "LG0608"
    assert str(path) in raised.value.message
    assert temporaries(empty) == []
    assert empty.checkpoint.size == 2


def test_a_refused_batch_leaves_no_object(empty: Ledger, helpers) -> None:
    before = objects(empty)

    def refused(draft) -> None:
        draft.add(statement(3, "1"), [empty._signing_key()])
        raise LedgerError("LG0612", "refused")

    with pytest.raises(LedgerError, match="refused"):
        append(empty, then=refused)
    assert helpers == []
    assert objects(empty) == before
    assert temporaries(empty) == []
    append(empty, 2)
    assert sound(empty)


def test_neither_does_an_interrupted_one(empty: Ledger, helpers) -> None:
    before = objects(empty)

    def interrupted(_draft) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        append(empty, then=interrupted)
    assert objects(empty) == before
    assert temporaries(empty) == []


def test_a_part_of_a_batch_that_is_refused_is_not_written(empty: Ledger, helpers) -> None:
    """Two callers share a commit; the one is refused after the helper had its objects."""
    store, key, log_key = Store(empty.layout.root, clock=FixedClock(MOMENT)), empty._signing_key(), empty._log_key()
    errors: list[LedgerError] = []

    def refused(draft) -> None:
        for number in range(COUNT):
            draft.add(statement(number), [key])
        raise LedgerError("LG0612", "refused")

    def accepted(draft) -> None:
        for number in range(COUNT, COUNT + 1100):
            draft.add(statement(number), [key])

    def call(build) -> None:
        try:
            store.append(build, log_key)
        except LedgerError as error:
            errors.append(error)

    with store._mutex:
        threads = [threading.Thread(target=call, args=(build,)) for build in (refused, accepted)]
        for thread in threads:
            thread.start()
        while len(store._queue) < 2:
            time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert [error.code for error in errors] == ["LG0612"]
    assert helpers == ["syncfs"]
    assert len(objects(empty)) == 1 + 1100
    assert temporaries(empty) == []
    assert sound(empty)


WRITER = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/cli", sys.argv[1] + "/tests"]
from pathlib import Path
from ledger.api import Ledger
from store import test_bulk
def then(draft):
    print("drafted", flush=True)
    sys.stdin.read()
test_bulk.append(Ledger.open(sys.argv[2]), then=then)
"""


def test_a_killed_writer_leaves_nothing_but_what_the_next_one_needs(empty: Ledger) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(ROOT), str(empty.layout.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdin is not None
    assert writer.stdout.readline() == "drafted\n"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdin.close()
    writer.stdout.close()
    limit = time.monotonic() + 20
    while temporaries(empty) and time.monotonic() < limit:
        time.sleep(0.05)
    assert temporaries(empty) == []
    assert len(objects(empty)) == 1
    append(empty, 3)
    assert sound(empty)
