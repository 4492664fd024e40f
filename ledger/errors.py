"""The one exception of the library and the catalogue of its codes.

Every failure that a user can meet is a `LedgerError` with a stable code, an exit code and a hint.
The catalogue (`ledger.codes`) is the only place that says what a code means: `ledger explain CODE` prints it and
the reference page is generated from it. Exit codes: 0 holds or done, 1 checked and does not hold, 2 usage, 3 could not
tell, 4 this ledger is damaged, 5 environment, 70 a bug, 130 interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.advice import HINTS
from ledger.codes import CATALOGUE
from ledger.codes.entry import EXIT_BUG, EXIT_DAMAGED, EXIT_ENVIRONMENT, EXIT_FAIL, EXIT_INTERRUPTED, EXIT_OK, EXIT_UNKNOWN, EXIT_USAGE

__all__ = [
    "CATALOGUE",
    "EXIT_BUG",
    "EXIT_DAMAGED",
    "EXIT_ENVIRONMENT",
    "EXIT_FAIL",
    "EXIT_INTERRUPTED",
    "EXIT_OK",
    "EXIT_UNKNOWN",
    "EXIT_USAGE",
    "LedgerError",
]


class LedgerError(Exception):
    """A failure with a code of the catalogue.

    Args:
        code: a key of `CATALOGUE`.
        message: what failed, on which object, why; lower case, no full stop.
        hint: what to do next, in one line; by default that of `ledger.advice`, so that no error is without.
        exit_code: when the context changes the meaning (a foreign bundle is 1, this ledger is 4).
        check: the number of the verification check that failed, such as ``B3``.
        details: values for programs, such as the candidates of an ambiguous reference.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        exit_code: int | None = None,
        check: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint or HINTS.get(code) or f"ledger explain {code}"
        self.exit_code = CATALOGUE[code].exit_code if exit_code is None else exit_code
        self.check = check
        self.details = dict(details or {})

    def __str__(self) -> str:
        return self.message
