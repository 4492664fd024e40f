"""Codes of exporters: what cannot be written as what."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.codes.entry import ErrorCode as _entry

CODES: Mapping[str, _entry] = {
    # --- 16 exports ----------------------------------------------------------------------------
    "LG1600": _entry(2, "no such format", "`ledger export --help` lists the formats that can be written."),
    "LG1601": _entry(
        2, "no such version of the format", "The format is not written in that version. `ledger export FORMAT --help` names those that are."
    ),
}
