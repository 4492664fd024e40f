"""The commit protocol: once, all or nothing, after a writer that ended early, and against old copies put back."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from conftest import ORIGIN

from ledger.api import Ledger, LedgerError
from ledger.store import fs as fs_room
from ledger.store._generated import COLUMNS
from ledger.store.fs import Fs


def fails(ledger: Ledger, deep: bool = True) -> dict[str, str]:
    """The checks that fail, with their details."""
    return {check.id: check.detail for check in ledger.verify(deep=deep).checks if check.result == "fail"}


def code_of(call, *args, **kwargs) -> str:
    with pytest.raises(LedgerError) as caught:
        call(*args, **kwargs)
    return caught.value.code


def record(ledger: Ledger, folder: Path, number: int):
    """A new one-file dataset."""
    path = folder / f"file-{number}"
    path.write_text(f"content {number}\n")
    return ledger.record("dataset", path, name=f"set-{number}", version="1")


def test_a_restored_old_copy_is_refused(filled: Ledger, inputs: Path, tmp_path: Path) -> None:
    shutil.copytree(filled.layout.root, tmp_path / "backup")
    record(filled, tmp_path, 1)
    shutil.rmtree(filled.layout.root)
    shutil.copytree(tmp_path / "backup", filled.layout.root)
    restored = Ledger.open(filled.layout.root)
    assert code_of(record, restored, tmp_path, 2) == "LG0505"
    assert "L3" in fails(restored)


def test_a_rewritten_history_is_refused(tmp_path: Path) -> None:
    ledger = Ledger.init(tmp_path / "l", ORIGIN, insecure_no_passphrase=True)
    shutil.copytree(ledger.layout.root, tmp_path / "fork")
    record(ledger, tmp_path, 1)
    state = os.environ["XDG_STATE_HOME"]
    os.environ["XDG_STATE_HOME"] = str(tmp_path / "elsewhere")
    forked = Ledger.open(tmp_path / "fork")
    record(forked, tmp_path, 2)
    os.environ["XDG_STATE_HOME"] = state
    assert code_of(record, Ledger.open(tmp_path / "fork"), tmp_path, 3) == "LG0505"
    assert "L3" in fails(Ledger.open(tmp_path / "fork"))


def test_a_commit_left_half_done_is_completed(filled: Ledger, tmp_path: Path) -> None:
    before = filled.layout.checkpoint.read_bytes()
    done = record(filled, tmp_path, 1)
    # As if the writer had ended after signing the checkpoint and before publishing it.
    filled.layout.checkpoint.write_bytes(before)
    memory = Path(os.environ["XDG_STATE_HOME"]) / "openness-ledger/checkpoints"
    for path in memory.iterdir():
        path.write_bytes(before)
    reopened = Ledger.open(filled.layout.root)
    assert reopened.size == done.index
    later = record(reopened, tmp_path, 2)
    assert (later.index, reopened.entries(done.index)[0]["what"]) == (done.index + 1, "dataset set-1@1")
    assert fails(reopened) == {}


def test_leavings_of_an_early_end_mean_nothing(filled: Ledger, tmp_path: Path) -> None:
    root, size = filled.layout.root, filled.size
    kept = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    memory = {path: path.read_bytes() for path in Path(os.environ["XDG_STATE_HOME"]).rglob("*") if path.is_file()}
    record(filled, tmp_path, 1)
    for path in (filled.layout.checkpoint, filled.layout.signed):
        path.write_bytes(kept[path])
    for path, data in memory.items():
        path.write_bytes(data)
    (root / "objects/sha256/.tmp-1-abc").write_text("half")
    again = Ledger.open(root)
    assert again.size == size
    assert fails(again) == {}
    assert record(again, tmp_path, 2).index == size
    assert fails(again) == {}
    names = [row[0] for row in again.query("select name from names order by idx desc limit 1").rows]
    assert names == ["set-2"]


def test_threads_share_commits(empty: Ledger, tmp_path: Path) -> None:
    results: list[int] = []
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            results.append(record(empty, tmp_path, number).index)
        except LedgerError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(results) == list(range(1, 25))
    assert fails(empty) == {}


def in_one_batch(ledger: Ledger, *works) -> list[object]:
    """What each of these gave or raised, when they were merged into one commit in this order."""
    store = ledger._store
    results: list[object] = [None] * len(works)

    def run(number: int) -> None:
        try:
            results[number] = works[number]()
        except LedgerError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    with store._mutex:
        for waiting, thread in enumerate(threads):
            thread.start()
            while len(store._queue) <= waiting:
                assert thread.is_alive()
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    return results


def test_one_refusal_in_a_batch_leaves_the_others(filled: Ledger, tmp_path: Path) -> None:
    size = filled.size
    first, refused, unknown, last = in_one_batch(
        filled,
        lambda: record(filled, tmp_path, 1),
        lambda: filled.record(
            "dataset", filled.layout.root / "ledger.toml", name="reader-card", version="1", supersedes="there is no such dataset"
        ),
        lambda: filled.release("other", "1", [("weights", "nobody@1")]),
        lambda: record(filled, tmp_path, 2),
    )
    assert (refused.code, unknown.code) == ("LG0901", "LG0901")
    assert (first.index, last.index, filled.size) == (size, size + 1, size + 2)
    assert fails(filled) == {}


def test_a_release_that_is_not_published_yet_cannot_be_attested(filled: Ledger) -> None:
    size = filled.size
    parts = [("weights", "reader@1"), ("tokenizer", "trainer")]
    released, refused = in_one_batch(filled, lambda: filled.release("small", "1", parts), lambda: filled.attest("small@1"))
    assert (released.index, filled.size) == (size, size + 1)
    assert (refused.code, refused.hint) == ("LG0901", "attest again when it is published")
    assert filled.attest("small@1").index == size + 1
    assert fails(filled) == {}


def test_segments_are_merged_and_cover(empty: Ledger, tmp_path: Path) -> None:
    for number in range(150):
        record(empty, tmp_path, number)
    segments = empty._store.segments
    for table in COLUMNS:
        chain = segments.in_force(table, empty.size)
        assert len(chain) <= 25
        assert [item.first for item in chain] == [0, *(item.last for item in chain)][:-1]
        assert chain[-1].last == empty.size
    assert len(segments.in_force("entries", empty.size)) < 20
    assert not list(empty.layout.tables.rglob(".tmp-*"))
    assert empty.query("select count(*), count(distinct idx), max(idx) from entries").rows == ((151, 151, 150),)
    assert fails(empty) == {}


def test_a_reader_with_an_old_checkpoint_reloads(empty: Ledger, tmp_path: Path) -> None:
    reader = Ledger.open(empty.layout.root)
    assert reader.size == 1
    for number in range(40):
        record(empty, tmp_path, number)
    for table in COLUMNS:
        for item in empty._store.segments.listed(table):
            if item not in empty._store.segments.in_force(table, empty.size):
                item.path.unlink()
    assert reader.show("set-39@1")["name"] == "set-39"
    assert reader.query("select count(*) from entries").rows == ((41,),)


def test_a_second_writer_waits_and_then_gives_up(filled: Ledger, tmp_path: Path) -> None:
    import fcntl

    with filled.layout.lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        hasty = Ledger.open(filled.layout.root, lock_timeout_seconds=0.05)
        with pytest.raises(LedgerError) as caught:
            record(hasty, tmp_path, 1)
    assert (caught.value.code, caught.value.exit_code) == ("LG0604", 5)
    assert str(os.getpid()) in caught.value.message
    assert record(hasty, tmp_path, 2).index == filled.size - 1


def test_the_wrong_log_key_signs_nothing(filled: Ledger, tmp_path: Path) -> None:
    other = Ledger.init(tmp_path / "other", ORIGIN, insecure_no_passphrase=True)
    size = filled.size
    shutil.copy(other.layout.keys / "log.pem", filled.layout.keys / "log.pem")
    assert code_of(record, filled, tmp_path, 1) == "LG0614"
    (filled.layout.keys / "log.pem").unlink()
    assert code_of(record, filled, tmp_path, 2) == "LG0614"
    assert filled.size == size


def test_durable_order_of_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for name in ("create", "put", "sync", "link", "rename", "unlink", "sync_folder"):
        original = getattr(Fs, name)
        monkeypatch.setattr(Fs, name, lambda self, *args, _n=name, _o=original: (calls.append(_n), _o(self, *args))[1])
    fs = Fs()
    fs.write(tmp_path / "a", b"x")
    fs.hard_link(tmp_path / "a", tmp_path / "b")
    fs.sync_folders()
    assert calls == ["create", "put", "sync", "rename", "link", "sync_folder"]
    assert fs_room.read_file(tmp_path / "a") == b"x"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_folders_that_an_early_end_left_are_made_durable_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ledger/a/b").mkdir(parents=True)
    synced: list[str] = []
    monkeypatch.setattr(Fs, "sync_folder", lambda self, folder: synced.append(str(folder.relative_to(tmp_path))))
    fs = Fs()
    fs.inside = tmp_path / "ledger"
    for number in range(2):
        fs.write(tmp_path / f"ledger/a/b/c/{number}", b"x")
        fs.sync_folders()
    assert sorted(synced) == ["ledger", "ledger/a", "ledger/a/b", "ledger/a/b/c", "ledger/a/b/c"]


def test_after_an_fsync_that_failed_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def fail(handle: object) -> None:
        calls.append("fsync")
        raise OSError(errno.EIO, "input/output error")

    for name, code in (("fsync of a file", "LG0606"), ("fsync of a folder", "LG0606")):
        fs = Fs(1)
        if name.endswith("folder"):
            fs.write(tmp_path / "before", b"x")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fail)
            assert code_of((lambda fs=fs: fs.write(tmp_path / "a", b"x")) if name.endswith("file") else fs.sync_folders) == code
        assert calls == ["fsync"]
        calls.clear()
        for call in (lambda fs=fs: fs.write(tmp_path / "c", b"x"), fs.sync_folders, lambda fs=fs: fs.hard_link(tmp_path, tmp_path / "d")):
            assert code_of(call) == "LG0618"
        assert [path.name for path in tmp_path.iterdir() if path.name != "before"] == []


@pytest.mark.parametrize("workers", [1, 3])
def test_jobs_done_together_stop_at_the_first_error_and_leave_no_thread(workers: int) -> None:
    fs = Fs(workers)
    done: list[int] = []
    failing = threading.Event()
    before = threading.active_count()

    def job(number: int) -> None:
        if number == 5:
            failing.set()
            raise OSError(errno.EIO, "broken")
        if number > 5:
            failing.wait(30)
        done.append(number)

    fs.together([])
    fs.together([lambda: done.append(-1)])
    with pytest.raises(OSError, match="broken"):
        fs.together([lambda number=number: job(number) for number in range(1000)])
    assert sorted(done)[:6] == [-1, 0, 1, 2, 3, 4]
    # Who had a job in hand may finish it, and a moment passes between the event and the error.
    assert len(done) < 500
    assert (workers > 1) or len(done) == 6
    assert threading.active_count() == before
