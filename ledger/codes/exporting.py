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
    "LG1602": _entry(
        2,
        "no place in the format",
        "The format is about something that this release or artifact does not have, such as a dataset. Name one that has it.",
    ),
    "LG1604": _entry(
        1,
        "the card contradicts the record",
        "A field of the card says something else than what is recorded. Nothing was written: correct whichever is wrong.",
    ),
    "LG1605": _entry(
        2, "the card cannot be read", "The file that was given to be completed is not there, is no file, or is larger than a card may be."
    ),
    "LG1603": _entry(
        1,
        "the format's own validator refuses the document",
        "What was recorded cannot be said in this format. Nothing was written. Another format may hold it.",
    ),
}
