"""Worker processes that die, cannot start, are interrupted or are flooded: no digest is missing, nothing is left behind."""

import hashlib
import os
import re
import signal
import threading
from pathlib import Path

import pytest
from hashing.hashing_oracle import has_children, make_tree, naive_id, open_descriptors

from ledger.errors import LedgerError
from ledger.hashing import pool
from ledger.hashing.tree import hash_path


def refusal(path: Path) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        hash_path(path, workers=2)
    return caught.value


@pytest.mark.parametrize(
    "behaviour", ["os._exit(3)", "os.read(0, 4); os.kill(os.getpid(), 9)", "os.close(0); import time; time.sleep(0.05)", "1/0"]
)
def test_a_worker_that_dies(tmp_path, monkeypatch, behaviour):
    program = f"import os, sys\nsys.stderr = None\nos.dup2(os.open(os.devnull, os.O_WRONLY), 2)\n{behaviour}\n"
    root = make_tree(tmp_path / "root", {f"f{index}": b"1" for index in range(2000)})
    monkeypatch.setattr(pool, "_PROGRAM", program)
    before = open_descriptors()
    error = refusal(root)
    assert error.code == "LG0210"
    assert re.search(r"worker \d+", error.message)
    assert open_descriptors() == before
    assert not has_children()


def test_a_worker_that_is_killed_while_it_works(tmp_path, monkeypatch):
    root = make_tree(tmp_path, {f"f{index}": b"1" for index in range(2000)})
    spawn = pool.WorkerPool._spawn

    def stopped(self, root_fd):
        spawn(self, root_fd)
        os.kill(self.pids[-1], signal.SIGKILL)

    monkeypatch.setattr(pool.WorkerPool, "_spawn", stopped)
    assert refusal(root).code == "LG0210"
    assert not has_children()


def test_workers_that_cannot_be_started(tmp_path, monkeypatch):
    root = make_tree(tmp_path, {f"f{index}": b"1" for index in range(2000)})

    def fail(*arguments, **options):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "posix_spawn", fail)
    before = open_descriptors()
    assert refusal(root).code == "LG0210"
    assert open_descriptors() == before


def test_without_a_worker_script_everything_is_hashed_here(tmp_path, monkeypatch):
    root = make_tree(tmp_path / "root", {f"f{index}": b"%d" % index for index in range(2000)})
    monkeypatch.setattr(pool, "_SCRIPT", str(tmp_path / "none.py"))
    assert hash_path(root, workers=2).id == naive_id(root)


@pytest.mark.parametrize("what", ["workers", "threads", "file"])
def test_interrupts_leave_nothing_behind(tmp_path, monkeypatch, what):
    monkeypatch.setattr("ledger.hashing.progress._INTERVAL_SECONDS", 0)
    files = {f"f{index}": b"1" for index in range(3000)} if what == "workers" else {f"f{index}": bytes(3_000_000) for index in range(6)}
    make_tree(tmp_path, files)

    class Interrupting:
        def update(self, *numbers: int) -> None:
            raise KeyboardInterrupt

    before = open_descriptors()
    threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        hash_path(tmp_path / "f0" if what == "file" else tmp_path, workers=2, progress=Interrupting())
    assert open_descriptors() == before
    assert threading.active_count() == threads
    assert not has_children()


def test_workers_with_pipes_that_are_always_full(tmp_path, monkeypatch):
    """Tasks and results larger than a pipe: reading and writing must not wait for each other."""
    monkeypatch.setattr(pool, "_IN_FLIGHT", 50)
    files = {f"{index:04d}" + "n" * 240: b"%d" % index for index in range(4000)}
    make_tree(tmp_path, files)
    expected = hashlib.sha256()
    for name in sorted(files):
        expected.update(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n".encode())
    assert hash_path(tmp_path, workers=2).id == f"tree:{expected.hexdigest()}"
