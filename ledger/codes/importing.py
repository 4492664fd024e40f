"""Codes of importers: what other people's files can be wrong in."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.codes.entry import ErrorCode as _entry

CODES: Mapping[str, _entry] = {
    # --- 15 imports ----------------------------------------------------------------------------
    "LG1500": _entry(2, "no such importer", "`ledger import --help` lists the origins whose files can be read."),
    "LG1501": _entry(
        2,
        "file cannot be imported",
        "A file is not what its importer reads: it is damaged, too deeply nested, has members twice, or is of another form. Nothing was recorded.",
    ),
    "LG1502": _entry(
        2,
        "not clear what to import",
        "The path holds several things, or none that the importer knows. Name the folder, the revision or the file itself.",
    ),
    "LG1503": _entry(
        1,
        "weight file does not hold",
        "A length or an offset in the header of a weight file cannot be, so the file is damaged or made to deceive. Nothing was recorded.",
    ),
    "LG1504": _entry(
        1,
        "claimed digest does not hold",
        "A file states a digest or a size of other files that the bytes here do not have: one of them was changed. Nothing was recorded.",
    ),
    "LG1505": _entry(
        2, "nothing to import", "What was read names nothing whose bytes are here, and is no document that could be recorded itself."
    ),
    "LG1506": _entry(
        2,
        "document does not hold together",
        "Parts of a document do not fit together: a type is wrong, something that must be said is missing, or a reference leads nowhere."
        " The message names the part. Nothing was recorded.",
    ),
    "LG1507": _entry(
        2,
        "file sought outside of the folder",
        "A document seeks one of its files at a path that leads out of its folder, or at no path at all. Nothing was recorded.",
    ),
}
