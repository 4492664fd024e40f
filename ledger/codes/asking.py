"""Codes of named questions and of the shell."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.codes.entry import ErrorCode as _entry

CODES: Mapping[str, _entry] = {
    # --- 07 questions, continued ---------------------------------------------------------------
    "LG0706": _entry(2, "no such query", "There is no named query of this name. `ledger query` lists those that there are."),
    "LG0707": _entry(
        2, "parameter missing or unknown", "A named query needs a value that was not given, or has no parameter of this name."
    ),
    "LG0708": _entry(2, "value of another type", "A parameter of a named query is a whole number, a text or a REF, and the value is none."),
    "LG0709": _entry(5, "named query damaged", "A file of a named query cannot be read. The installation is not whole."),
    "LG0710": _entry(2, "no such command of the shell", "A line that starts with a dot is a command of `ledger shell`, and this is none."),
    "LG0711": _entry(
        2,
        "statement without end",
        "A statement of a script for `ledger shell` ends with `;`, and the last one does not, or goes on for too long.",
    ),
}
