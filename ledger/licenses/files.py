"""Which files hold licence texts, judged by their names alone.

A name is a hint that says what to read and keep; it never says which licence it is. Case does not matter, and the usual
text endings may follow. What counts: LICENSE, LICENCE, COPYING (and COPYING.LESSER, COPYRIGHT), UNLICENSE, NOTICE, EULA,
names that begin or end with `license` as a word (`LICENSE-APACHE`, `MODEL_LICENSE`, `LICENSE_AGREEMENT`), acceptable-use
policies (`USE_POLICY.md`), and every text in a `LICENSES/` folder as REUSE lays it out.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

_ENDINGS = ("", ".txt", ".text", ".md", ".markdown", ".rst", ".html", ".htm", ".pdf", ".rtf", ".adoc")
_WORD = "(?:licen[sc]e|licen[sc]es|copying|copyright|unlicen[sc]e|notice|notices|eula)"
_NAMES = re.compile(
    rf"{_WORD}"
    rf"|{_WORD}[-_. ][a-z0-9][a-z0-9-_. +]*"
    rf"|(?:[a-z0-9][a-z0-9-_. +]*[-_. ])(?:licen[sc]e|licen[sc]es|copying|eula|notice|notices)(?:[-_. ](?:agreement|terms))?"
    r"|(?:[a-z0-9][a-z0-9-_. +]*[-_. ])?(?:acceptable[-_ ])?use[-_ ]policy"
    r"|(?:[a-z0-9][a-z0-9-_. +]*[-_. ])?terms[-_ ]of[-_ ](?:use|service)",
    re.ASCII,
)
# Names that say "license" but are programs or data about licences.
_PROGRAMS = (
    ".py",
    ".js",
    ".ts",
    ".go",
    ".rs",
    ".c",
    ".h",
    ".cc",
    ".cpp",
    ".java",
    ".sh",
    ".json",
    ".yaml",
    ".yml",
    ".toml",
    ".xml",
    ".csv",
    ".php",
)

# Every name that counts holds one of these: so a hundred thousand paths are searched in one pass and few are looked at closely.
_ANY = (b"licen", b"copying", b"copyright", b"notice", b"eula", b"policy", b"terms")


def license_files(paths: Sequence[bytes]) -> list[int]:
    """The places in a list of UTF-8 paths (none with a line feed) of those that `is_license_file` takes."""
    joined = b"\n".join(paths).lower()
    hits = [position for word in _ANY for position in _positions(joined, word)]
    if not hits:
        return []
    ends = list(accumulate(len(path) + 1 for path in paths))
    places = sorted({bisect_right(ends, position) for position in hits})
    return [place for place in places if is_license_file(paths[place].decode("utf-8"))]


def _positions(text: bytes, word: bytes) -> Iterator[int]:
    position = text.find(word)
    while position >= 0:
        yield position
        position = text.find(word, position + 1)


def is_license_file(path: str) -> bool:
    """Whether a path (with `/` between folders) names a file that usually holds licence terms."""
    *folders, name = path.lower().split("/")
    if not name or name.endswith(_PROGRAMS):
        return False
    if folders and folders[-1] == "licenses" and name.endswith((".txt", ".md")):
        return True
    stem = name
    for ending in _ENDINGS[1:]:
        if name.endswith(ending):
            stem = name[: -len(ending)]
            break
    return _NAMES.fullmatch(stem) is not None
