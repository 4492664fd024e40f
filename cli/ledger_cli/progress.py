"""Progress on stderr, only on a terminal: the library reports, this draws. What is done in a moment draws nothing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_PATIENCE_SECONDS = 0.4


class _Bar:
    """A bar that appears when hashing has taken a while, and goes when it is over."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def update(self, files_done: int, files_total: int, bytes_done: int, bytes_total: int) -> None:
        """How far hashing has come."""
        if self._bar is None:
            if time.monotonic() - self._since < _PATIENCE_SECONDS:
                return
            self._bar = _drawn()
            self._bar.start()
        text = f"hashing {files_done}/{files_total or '?'} files"
        if self._task is None:
            self._task = self._bar.add_task(text, total=bytes_total or None)
        self._bar.update(self._task, description=text, completed=bytes_done, total=bytes_total or None)

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()


def _drawn() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(binary_units=True), TimeRemainingColumn())
    # Without its redirection, which would lead the answer on stdout to the terminal on stderr.
    return Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False)


@contextmanager
def hashing_progress(quiet: bool) -> Iterator[Any]:
    """A progress observer, or None where nobody would see it."""
    if quiet or not sys.stderr.isatty() or os.environ.get("CI"):
        yield None
        return
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.stop()


class _Counter:
    """A line that appears when counting has taken a while, and goes when it is over."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, what: str, done: int, total: int) -> None:
        """What is done, how many, and of how many if that is known."""
        if self._bar is None:
            if time.monotonic() - self._since < _PATIENCE_SECONDS:
                return
            self._bar = _counting()
            self._bar.start()
            self._task = self._bar.add_task("", total=None)
        text = f"{what} {done:,}" + (f" of {total:,}" if total else "")
        self._bar.update(self._task, description=text, completed=done, total=total or None)

    def stop(self) -> None:
        """Take it away."""
        if self._bar is not None:
            self._bar.stop()


def _counting() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False)


@contextmanager
def counting_progress(quiet: bool) -> Iterator[Any]:
    """An observer of rows or files that are gone through, or None where nobody would see it."""
    if quiet or not sys.stderr.isatty() or os.environ.get("CI"):
        yield None
        return
    counter = _Counter()
    try:
        yield counter
    finally:
        counter.stop()
