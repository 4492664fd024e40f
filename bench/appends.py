"""10,000 appends: one by one, by threads that share commits, and as one pipeline-like batch; every one durable (fsync) and verified after.

    python bench/appends.py [--count N] [--out FILE]

The physical limit beside it is the same number of 4 KiB files, each written, fsynced, renamed, and its folder fsynced, in one thread.
"""

import argparse
import hashlib
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

from _measure import WORK, machine

from ledger.api import Ledger, verify_folder
from ledger.ids import artifact_id
from ledger.spec.manifest import Manifest
from ledger.store.commit import Store
from ledger.store.fs import Fs


def statement(number: int):
    """A manifest of made-up content."""
    digest = hashlib.sha256(b"%d" % number).hexdigest()
    return Manifest("dataset", f"set-{number}", "1", artifact_id(f"file:{digest}"), 1, 3, digest).to_statement()


def singles(ledger: Ledger, first: int, count: int) -> float:
    """Seconds for appends one after another, each its own commit."""
    store, key, log_key = ledger._store, ledger._signing_key(), ledger._log_key()
    start = time.perf_counter()
    for number in range(first, first + count):
        said = statement(number)
        store.append(lambda draft, said=said: draft.add(said, [key]), log_key)
    return time.perf_counter() - start


def threaded(ledger: Ledger, first: int, count: int, threads: int) -> float:
    """Seconds for appends by many threads, whose waiting ones share a commit."""
    store, key, log_key = ledger._store, ledger._signing_key(), ledger._log_key()

    def work(own: int) -> None:
        for number in range(first + own, first + count, threads):
            said = statement(number)
            store.append(lambda draft, said=said: draft.add(said, [key]), log_key)

    running = [threading.Thread(target=work, args=(own,)) for own in range(threads)]
    start = time.perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return time.perf_counter() - start


def batched(ledger: Ledger, first: int, count: int) -> float:
    """Seconds for all appends in one commit."""
    store, key, log_key = ledger._store, ledger._signing_key(), ledger._log_key()
    start = time.perf_counter()
    store.append(lambda draft: [draft.add(statement(number), [key]) for number in range(first, first + count)], log_key)
    return time.perf_counter() - start


class Counted(Fs):
    """Counts what waits for the device."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[int] = []
        self.folders: list[Path] = []

    def sync(self, handle: int) -> None:
        self.files.append(handle)
        super().sync(handle)

    def sync_folder(self, folder: Path) -> None:
        self.folders.append(folder)
        super().sync_folder(folder)


def fsyncs(ledger: Ledger, first: int) -> str:
    """How many fsyncs the first and the second append of a process take, and how many different folders are among them."""
    counted = Counted()
    store, key, log_key = Store(ledger.layout.root, fs=counted), ledger._signing_key(), ledger._log_key()
    texts = []
    for number in (first, first + 1):
        counted.files.clear()
        counted.folders.clear()
        said = statement(number)
        store.append(lambda draft, said=said: draft.add(said, [key]), log_key)
        texts.append(f"{len(counted.files)} files + {len(counted.folders)} folders ({len(set(counted.folders))} different)")
    return ", then ".join(texts)


def limit(folder: Path, count: int) -> float:
    """Seconds for as many small durable files."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    start = time.perf_counter()
    for number in range(count):
        temporary = folder / f"{number}.tmp"
        with temporary.open("wb") as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(folder / str(number))
        os.fsync(handle)
    seconds = time.perf_counter() - start
    os.close(handle)
    return seconds


def main() -> int:
    """Measure and print; 1 when the ledger does not verify afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--out", type=Path)
    said = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=WORK))
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    ledger = Ledger.init(folder / "ledger", "example.org/bench", insecure_no_passphrase=True)
    few = said.count // 5
    rows = []
    (folder / "limit").mkdir()
    for name, count, seconds in (
        ("durable 4 KiB files, one thread (limit)", few, limit(folder / "limit", few)),
        ("appends one by one", few, singles(ledger, 0, few)),
        ("appends by 16 threads", few, threaded(ledger, few, few, 16)),
        ("appends in one batch", said.count - 2 * few, batched(ledger, 2 * few, said.count - 2 * few)),
    ):
        rows.append((name, count, seconds, count / seconds))
        print(f"{name:<44}{count:>8}{seconds:>10.2f} s{count / seconds:>10.0f} /s", flush=True)
    print(f"{'fsyncs of an append, in a new process':<44}{fsyncs(ledger, said.count)}")
    start = time.perf_counter()
    report = verify_folder(ledger.layout.root, deep=True)
    clean = all(check.result != "fail" for check in report.checks)
    print(f"{'verify --deep of all':<44}{report.size:>8}{time.perf_counter() - start:>10.2f} s  {'clean' if clean else 'DAMAGED'}")
    if said.out:
        import json

        found = {"machine": machine(), "rows": [dict(zip(("name", "count", "seconds", "per_second"), row, strict=True)) for row in rows]}
        said.out.write_text(json.dumps(found, indent=1) + "\n")
    shutil.rmtree(folder)
    return 0 if clean else 1


if __name__ == "__main__":
    raise SystemExit(main())
