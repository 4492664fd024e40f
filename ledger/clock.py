"""Time is injected: nothing else in the library asks the operating system what time it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

from ledger.errors import LedgerError

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


class Clock(Protocol):
    """Anything that tells the time in UTC."""

    def now(self) -> datetime:
        """The present moment, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The operating system's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still, for tests and reproducible runs."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


def to_rfc3339(moment: datetime) -> str:
    """RFC 3339, UTC, whole seconds: the one way times are written (docs/spec/format.md, section 5)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def posix_words(seconds: int) -> str:
    """POSIX seconds as RFC 3339; as a number when no calendar has them."""
    try:
        return to_rfc3339(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, ValueError, OSError):
        return f"second {seconds}"


@lru_cache(maxsize=1024)  # entries of one commit have one time
def parse_rfc3339(text: str) -> datetime:
    """Read a time written by `to_rfc3339`.

    Raises:
        LedgerError: LG0106 when the text is anything else.
    """
    if _RFC3339.fullmatch(text) is None:
        raise LedgerError("LG0106", f"not an RFC 3339 UTC time in whole seconds: `{text}`")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise LedgerError("LG0106", f"no such time: `{text}`") from None
