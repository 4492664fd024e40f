"""Licences of files by REUSE 3.3 and SPDX tags: REUSE.toml, `<file>.license`, and tags in the head of a text file; pure.

Read are `REUSE.toml` of version 1 in every folder with its three precedences, sidecars instead of the file itself, and the first 64 KiB
of files of at most 1 MiB. Files that are licences, sidecars or REUSE's own need none. `.reuse/dep5` is of an older version and reported.
Source: reuse.software/spec-3.3.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.errors import LedgerError
from ledger.importers.globs import LONGEST, MOST_STEPS, Glob
from ledger.importers.imported import Unresolved
from ledger.importers.sources import At, Files, shown, whole

TOML = "REUSE.toml"
MOST_FILES = 100_000
_FILE_BYTES = 1 << 20
_HEAD_BYTES = 64 << 10
_TOML_BYTES = 1 << 20
_MOST_ANNOTATIONS = 10_000
_TAG = re.compile(rb"SPDX-License-Identifier:[ \t]*([^\r\n]*)")
_COPYRIGHT = re.compile(rb"SPDX-(?:File|Snippet)CopyrightText:[ \t]*([^\r\n]*)")
_IGNORED = re.compile(rb"REUSE-IgnoreStart.*?(?:REUSE-IgnoreEnd|\Z)", re.DOTALL)
_ENDS = ("*/", "-->", "--%>", "*)", "#}", "%}", "}}", "]]", '"', "'", "`", ",", ";", ">")
_EXEMPT = re.compile(
    r"(?:.*/)?(?:LICEN[CS]ES/.*|LICEN[CS]E(?:[-.][^/]*)?|COPYING(?:[-.][^/]*)?|REUSE\.toml|\.reuse/.*|[^/]*\.license"
    r"|[^/]*\.spdx(?:\.[^/]*)?)",
    re.DOTALL,
)


@dataclass(slots=True)
class FileLicenses:
    """What is said of one file: expressions with their places, and how many copyright lines."""

    licenses: list[tuple[str, At]] = field(default_factory=list)
    copyrights: int = 0


@dataclass(frozen=True, slots=True)
class _Annotation:
    patterns: tuple[Glob, ...]
    precedence: str
    licenses: tuple[str, ...]
    copyrights: int
    at: At


class Reuse:
    """The licences of files. `paths` are those to be asked about; licences and REUSE's own files among them need none."""

    def __init__(self, files: Files, paths: Sequence[str], lost: list[Unresolved]) -> None:
        self.files, self.paths, self.lost = files, paths, lost
        self.known = set(paths)
        self.steps = 0
        self.tomls: dict[str, list[_Annotation]] = {}
        for path in paths:
            if path == TOML or path.endswith(f"/{TOML}"):
                self.tomls[path.rpartition("/")[0]] = self._read(path)
            elif path == ".reuse/dep5" or path.endswith("/.reuse/dep5"):
                lost.append(
                    Unresolved(path, "a file of an older REUSE, which is not read: `reuse convert-dep5` makes a REUSE.toml of it", At(path))
                )

    def asked(self) -> list[str]:
        """The files that need a licence: not empty, and no licences themselves."""
        return [path for path in self.paths if not _EXEMPT.fullmatch(path) and self.files.size(path)]

    def of(self, path: str) -> FileLicenses:
        """What is said of one file."""
        own = self._own(path)
        further = FileLicenses()
        closest: tuple[list[tuple[str, At]], int] = ([], 0)
        for annotation in self._matching(path):
            said = [(text, annotation.at) for text in annotation.licenses]
            if annotation.precedence == "override":
                return FileLicenses(said, annotation.copyrights)
            if annotation.precedence == "aggregate":
                further.licenses += said
                further.copyrights += annotation.copyrights
            else:
                closest = (said or closest[0], annotation.copyrights or closest[1])
        if not own.licenses:
            own.licenses = closest[0]
        own.copyrights = own.copyrights or closest[1]
        return FileLicenses([*own.licenses, *further.licenses], own.copyrights + further.copyrights)

    def texts(self) -> set[str]:
        """The ids for which a text lies in LICENSES."""
        return {path[len("LICENSES/") :].rsplit(".", 1)[0] for path in self.paths if path.startswith("LICENSES/")}

    def _matching(self, path: str) -> Iterator[_Annotation]:
        """For every REUSE.toml above a file, the outermost first, the last annotation of it that matches."""
        parts = path.split("/")
        for depth in range(len(parts)):
            folder = "/".join(parts[:depth])
            inner = "/".join(parts[depth:])
            for item in reversed(self.tomls.get(folder, ())):
                self.steps += sum(one.steps(inner) for one in item.patterns)
                if self.steps > MOST_STEPS:
                    raise LedgerError("LG0103", f"the annotations of {TOML} are more than can be asked of {len(self.paths)} files")
                if any(one.matches(inner) for one in item.patterns):
                    yield item
                    break

    def _own(self, path: str) -> FileLicenses:
        beside = f"{path}.license"
        source = beside if beside in self.known else path
        size = self.files.size(source) or 0
        if size > _FILE_BYTES:
            return FileLicenses()
        data = self.files.head(source, _HEAD_BYTES)
        if b"SPDX-" not in data or (b"\0" in data and source == path):
            return FileLicenses()
        # What is ignored keeps its line ends, so that lines stay numbered as they are.
        data = _IGNORED.sub(lambda found: b"\n" * found[0].count(b"\n"), data)
        found = FileLicenses([], len(_COPYRIGHT.findall(data)))
        for tag in _TAG.finditer(data):
            text = _ended(tag[1].decode("utf-8", "replace"))
            line = data.count(b"\n", 0, tag.start()) + 1
            if text:
                found.licenses.append((text[:4096], At(source, f"line {line}")))
        return found

    # --- REUSE.toml ------------------------------------------------------------------------------

    def _read(self, path: str) -> list[_Annotation]:
        at = At(path)
        try:
            said = tomllib.loads(whole(self.files, path, _TOML_BYTES).decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
            self._lose(path, f"it is no TOML: {shown(str(error))}", at)
            return []
        if said.get("version") != 1 or isinstance(said.get("version"), bool):
            self._lose(said.get("version"), "only version 1 of REUSE.toml is known", at.under("version"))
            return []
        listed = said.get("annotations", [])
        if not isinstance(listed, list) or len(listed) > _MOST_ANNOTATIONS:
            self._lose("annotations", "it is no list of annotations", at.under("annotations"))
            return []
        found = [self._annotation(item, at.under("annotations", number)) for number, item in enumerate(listed)]
        return [item for item in found if item is not None]

    def _annotation(self, item: Any, at: At) -> _Annotation | None:
        if not isinstance(item, dict):
            self._lose(item, "it is no annotation", at)
            return None
        patterns = [_pattern(text) for text in _texts(item.get("path"))]
        precedence = item.get("precedence", "closest")
        if not patterns or None in patterns or precedence not in ("closest", "aggregate", "override"):
            self._lose(item.get("path"), "an annotation has paths, and a precedence of closest, aggregate or override", at)
            return None
        return _Annotation(
            tuple(one for one in patterns if one is not None),
            precedence,
            tuple(text for text in _texts(item.get("SPDX-License-Identifier")) if text.strip()),
            len(_texts(item.get("SPDX-FileCopyrightText"))),
            at,
        )

    def _lose(self, what: object, reason: str, at: At) -> None:
        self.lost.append(Unresolved(str(what)[:200], reason, at))


def _texts(value: Any) -> list[str]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def _pattern(text: str) -> Glob | None:
    """A path of an annotation: `*` within a folder, `**` across, a backslash before a star or itself; None for one that is too long."""
    return Glob(text, escapes=True) if len(text) <= LONGEST else None


def _ended(text: str) -> str:
    """A tag's text without the end of the comment that it stands in."""
    while True:
        text = text.rstrip()
        shorter = next((text[: -len(end)] for end in _ENDS if text.endswith(end)), None)
        if shorter is None:
            return text.strip()
        text = shorter
