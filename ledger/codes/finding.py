"""Codes of looking for files, and of looking after a ledger's segments."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.codes.entry import ErrorCode as _entry

CODES: Mapping[str, _entry] = {
    "LG0906": _entry(
        2,
        "nothing to look for",
        "`ledger find` looks for a SHA-256 (`sha256:…`, `file:…`, 64 hex digits or the first 8 and more of them) or for the bytes of a file on disk, and with `--named` for a path inside trees.",
    ),
    "LG0907": _entry(
        1,
        "recorded nowhere",
        "Every recorded file was searched, and none has these bytes or this path. That is so at the size that is asked about.",
    ),
    "LG0908": _entry(
        3,
        "not all could be searched",
        "The file list of a tree, or a part of the table `files`, is missing or damaged: what is asked about may be in it. What was found elsewhere is listed.",
    ),
    "LG0909": _entry(
        5,
        "an append is half done",
        "A checkpoint was signed and is not published, because the writer ended, or waits for witnesses. Its segments join those that are there now, so these are left as they are until it is published.",
    ),
}
