"""Codes of `ledger check`: what cannot be checked, and what a check came to."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.codes.entry import ErrorCode as _entry

CODES: Mapping[str, _entry] = {
    # --- 17 bills of materials -----------------------------------------------------------------
    "LG1701": _entry(
        2,
        "a document over a limit",
        "A bill of materials is read up to 256 MiB, 64 levels of nesting and two million values, so that a stranger's file cannot take all memory. Nothing was checked.",
    ),
    "LG1702": _entry(
        1,
        "a document that is not strict JSON",
        "The file is not JSON, or JSON that two programs could understand differently: a key that stands twice, a number that is not finite or beyond 2^53-1, half a character, a byte order mark. No verdict could be about such a document, so none is given.",
    ),
    "LG1703": _entry(
        2,
        "no bill of materials that is known here",
        "CycloneDX and SPDX documents in JSON are checked. The message says what the file seems to be instead.",
    ),
    "LG1704": _entry(
        2,
        "another version of a known format",
        "CycloneDX 1.4 to 1.7 and SPDX 2.2, 2.3 and 3.0.1 are checked. The rules of another version may differ, so they are not applied to it.",
    ),
    "LG1705": _entry(
        1,
        "a rule does not hold",
        "A document breaks a rule of its format, or one that no official validator looks at; the rules are in docs/concepts/checking-boms.md, each with its reason.",
    ),
    "LG1706": _entry(
        3,
        "could not tell",
        "No rule is broken, and for at least one nobody can tell on what is at hand: the schemas are not installed, a reference leads to another document, or nobody said when the document was signed. Unknown is not a yes.",
    ),
    "LG1707": _entry(
        2, "no signing time", "`--at` is when the document was signed, RFC 3339 in UTC such as 2026-11-20T12:00:00Z, or `now`."
    ),
    "LG1708": _entry(
        5,
        "an official validator is not at hand",
        "The official schemas come with packages of the extra `check`. What they would have said is not known, and shown as that.",
    ),
    "LG1709": _entry(
        5, "the document cannot be read", "The operating system refused to open or read the file. Check the path and its permissions."
    ),
}
