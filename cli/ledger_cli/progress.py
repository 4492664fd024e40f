"""Progress on stderr, only on a terminal: the library reports, this draws."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _Bar:
    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._task: Any = None

    def update(self, files_done: int, files_total: int, bytes_done: int, bytes_total: int) -> None:
        """How far hashing has come."""
        text = f"hashing {files_done}/{files_total or '?'} files"
        if self._task is None:
            self._task = self._bar.add_task(text, total=bytes_total or None)
        self._bar.update(self._task, description=text, completed=bytes_done, total=bytes_total or None)


@contextmanager
def hashing_progress(quiet: bool) -> Iterator[Any]:
    """A progress observer, or None where nobody would see it."""
    if quiet or not sys.stderr.isatty() or os.environ.get("CI"):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar)
