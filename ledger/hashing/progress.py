"""How far hashing has come, told to a caller at most ten times a second and only on the caller's own thread."""

from __future__ import annotations

import time
from typing import Protocol

_INTERVAL_SECONDS = 0.1


class Progress(Protocol):
    """Anything that shows progress. The totals grow while sizes are still being learnt."""

    def update(self, files_done: int, files_total: int, bytes_done: int, bytes_total: int) -> None:
        """Show it."""
        ...


class Reporter:
    """Counts, and tells a `Progress` now and then."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._last_seconds = 0.0
        self.files_done = 0
        self.files_total = 0
        self.bytes_done = 0
        self.bytes_pending = 0

    def tick(self, *, last: bool = False) -> None:
        """Report if it is time to, or if it is the last word."""
        if self._progress is None:
            return
        now_seconds = time.monotonic()
        if last or now_seconds - self._last_seconds >= _INTERVAL_SECONDS:
            self._last_seconds = now_seconds
            total = self.bytes_done + max(self.bytes_pending, 0)
            self._progress.update(self.files_done, max(self.files_total, self.files_done), self.bytes_done, total)
