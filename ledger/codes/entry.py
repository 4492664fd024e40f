"""Exit codes, and what the catalogue says of one error code."""

from __future__ import annotations

from dataclasses import dataclass

EXIT_OK = 0
EXIT_FAIL = 1
EXIT_USAGE = 2
EXIT_UNKNOWN = 3
EXIT_DAMAGED = 4
EXIT_ENVIRONMENT = 5
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One entry of the catalogue: the usual exit code, a title, and what it means and what to do."""

    exit_code: int
    title: str
    text: str
