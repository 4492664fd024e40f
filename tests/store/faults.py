"""File systems for tests: one that fails at the k-th operation, and one that records what it does; and the appends to try them on."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conftest import MOMENT, ORIGIN

from ledger.api import Ledger, verify_folder
from ledger.clock import FixedClock
from ledger.ids import artifact_id
from ledger.signing.keys import PrivateKey
from ledger.spec.manifest import Manifest
from ledger.spec.statement import Statement
from ledger.store.commit import Store
from ledger.store.fs import Fs

PRIMITIVES = ("mkdir", "create", "put", "sync", "link", "rename", "unlink", "rmdir", "sync_folder", "sync_all")
WHEN = ("before", "middle", "after")


class FaultyFs(Fs):
    """Fails the k-th operation, of all or `only` of one name: before its effect, after it, or in the middle (a write of half the bytes)."""

    def __init__(self, at: int, when: str, number: int, workers: int = 1, only: str = "") -> None:
        super().__init__(workers)
        self.only = only
        self.at, self.when, self.number = at, when, number
        self.count = 0
        self.hit = ""
        self._counting = threading.Lock()

    def fault(self, name: str, do: Callable[[], Any], half: Callable[[], Any] | None = None) -> Any:
        if self.only not in ("", name):
            return do()
        with self._counting:
            self.count += 1
            hit = self.count == self.at
        if not hit:
            return do()
        self.hit = name
        if self.when == "after":
            do()
        elif self.when == "middle" and half is not None:
            half()
        raise OSError(self.number, os.strerror(self.number))

    def put(self, handle: int, data: memoryview) -> int:
        return self.fault("put", lambda: Fs.put(self, handle, data), lambda: Fs.put(self, handle, data[: len(data) // 2]))


class RecordingFs(Fs):
    """Does everything and keeps a list of it: (operation, path, more), bytes for `put`, the number of a file for what is done to files."""

    def __init__(self) -> None:
        super().__init__(1)
        self.events: list[tuple[Any, ...]] = []
        self._open: dict[int, int] = {}
        self._files = 0

    def mkdir(self, folder: Path) -> None:
        super().mkdir(folder)
        self.events.append(("mkdir", folder))

    def create(self, path: Path, mode: int) -> int:
        handle = super().create(path, mode)
        self._files += 1
        self._open[handle] = self._files
        self.events.append(("create", path, self._files))
        return handle

    def put(self, handle: int, data: memoryview) -> int:
        done = super().put(handle, data)
        self.events.append(("put", self._open[handle], bytes(data[:done])))
        return done

    def sync(self, handle: int) -> None:
        super().sync(handle)
        self.events.append(("sync", self._open[handle]))

    def link(self, source: Path, target: Path) -> None:
        super().link(source, target)
        self.events.append(("link", target, source))

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        self.events.append(("rename", target, source))

    def unlink(self, path: Path) -> None:
        super().unlink(path)
        self.events.append(("unlink", path))

    def rmdir(self, folder: Path) -> None:
        super().rmdir(folder)
        self.events.append(("rmdir", folder))

    def sync_folder(self, folder: Path) -> None:
        super().sync_folder(folder)
        self.events.append(("sync_folder", folder))

    def sync_all(self, folder: Path) -> None:
        super().sync_all(folder)
        self.events.append(("sync_all", folder))


def _faulty(name: str) -> Callable[..., Any]:
    plain = getattr(Fs, name)

    def method(self: FaultyFs, *args: Any) -> Any:
        return self.fault(name, lambda: plain(self, *args))

    return method


for _name in PRIMITIVES:
    if _name != "put":
        setattr(FaultyFs, _name, _faulty(_name))


def said(number: int) -> Statement:
    """A manifest of made-up content."""
    digest = hashlib.sha256(b"%d" % number).hexdigest()
    return Manifest("dataset", f"set-{number}", "1", artifact_id(f"file:{digest}"), 1, 3, digest).to_statement()


@dataclass
class Base:
    """A ledger in a folder, with this machine's memory beside it, to be copied and damaged."""

    folder: Path
    key: PrivateKey
    log_key: PrivateKey

    @property
    def root(self) -> Path:
        return self.folder / "ledger"

    def copy(self, to: Path) -> Base:
        """A copy, which becomes this machine's ledger."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder, to)
        os.environ["XDG_STATE_HOME"] = str(to / "memory")
        return Base(to, self.key, self.log_key)

    def append(self, first: int, count: int = 1, fs: Fs | None = None) -> int:
        """The index of the first of `count` statements, appended in one batch."""
        store = Store(self.root, fs=fs, clock=FixedClock(MOMENT))
        build = lambda draft: [draft.add(said(number), [self.key], [b"text %d" % number]) for number in range(first, first + count)]  # noqa: E731
        return int(store.append(build, self.log_key)[0].index)

    def problems(self) -> list[str]:
        """What `verify --deep` finds."""
        return [f"{check.id} {check.detail}" for check in verify_folder(self.root, deep=True).checks if check.result == "fail"]

    def names(self) -> list[str]:
        """The names that are recorded, in order."""
        found = Store(self.root)
        return [row["name"] for row in found.rows("names", found.head().checkpoint.size)]


def make_base(folder: Path, count: int) -> Base:
    """A ledger with a key statement and `count` manifests: set-0 and so on."""
    os.environ["XDG_STATE_HOME"] = str(folder / "memory")
    ledger = Ledger.init(folder / "ledger", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
    base = Base(folder, ledger._signing_key(), ledger._log_key())
    for first in range(min(count, 2)):
        base.append(first)
    if count > 2:
        base.append(2, count - 2)
    return base


ERRORS = (errno.EIO, errno.ENOSPC)
