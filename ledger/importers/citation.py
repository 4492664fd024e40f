"""CITATION.cff: a document, and claims of the dataset or software that it asks to cite; alone or in a folder; pure.

Several licences in a list are a choice, as the schema of the format says ("it is assumed their relationship is OR, not AND"). Works under
`references` are cited, which does not say that anything was made from them: they are facts. Names of people are kept as they stand.
Source: Citation File Format 1.2.0, schema.json; facts page of formats, section 6.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.errors import LedgerError
from ledger.importers import reading
from ledger.importers.documents import malformed, mappings, text_of
from ledger.importers.imported import Fact, Imported, License, Options, Thing, Unresolved, license_said
from ledger.importers.sources import At, Files, shown, whole
from ledger.limits import LIMITS
from ledger.spec.vocabulary import NOASSERTION

NAME = "CITATION.cff"
_REQUIRED = ("cff-version", "message", "title", "authors")
_KINDS = {"software": "code", "dataset": "dataset"}
_TEXTS = (
    "title",
    "message",
    "abstract",
    "date-released",
    "doi",
    "commit",
    "repository",
    "repository-artifact",
    "repository-code",
    "url",
    "keywords",
)
_SWHID = re.compile(r"swh:1:(?:snp|rel|rev|dir|cnt):[0-9a-f]{40}(?:;[^\s]*)?")
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_LISTED = 200


def read(files: Files, how: Options) -> Imported:
    """What a citation file says of the thing that it is about.

    Raises:
        LedgerError: LG1501 when it cannot be read or is of another form, LG1502 for a folder without one, LG0103 when it is too large.
    """
    paths = list(files.paths())
    path = paths[0] if paths == [how.given] else NAME
    if files.size(path) is None:
        raise LedgerError("LG1502", f"`{shown(how.given)}` has no {NAME}", hint="give the file, or the folder that has it")
    said = reading.mapping_yaml(whole(files, path, LIMITS.pipeline_bytes), path)
    version = said.get("cff-version")
    if not isinstance(version, str) or not re.fullmatch(r"1\.[0-9]+\.[0-9]+", version):
        raise malformed(path, f"is no citation file of version 1: its cff-version is `{shown(version)}`")
    return _Citation(said, At(path), how).imported(version)


class _Citation:
    def __init__(self, said: Mapping[str, Any], at: At, how: Options) -> None:
        self.said, self.at, self.how = said, at, how
        self.lost: list[Unresolved] = []

    def imported(self, version: str) -> Imported:
        for name in _REQUIRED:
            if not self.said.get(name):
                self._lose(name, "the schema asks for it, and it is not there", self.at)
        kind = _KINDS.get(str(self.said.get("type", "software")))
        if kind is None:
            self._lose(self.said.get("type"), "a citation is of software or of a dataset", self.at.under("type"))
        facts = [fact for name in _TEXTS for fact in reading.facts_from(name, self.said.get(name), self.at.under(name))]
        facts += [*self._identifiers(), *self._authors(), *self._references()]
        about = Thing(
            "main",
            kind or "",
            reading.own_name(self.how, self.said.get("title"), self.lost, self.at.under("title")),
            self.at,
            self.how.version or reading.version_text(self.said.get("version")),
            self._address(),
            licenses=tuple(self._licenses()),
            facts=tuple(facts),
        )
        return Imported("citation", f"CITATION.cff {version}", (), (about,), unresolved=tuple(self.lost), documents=(self.at.file,))

    def _address(self) -> str | None:
        for name in ("repository-code", "repository-artifact", "repository", "url"):
            text = text_of(self.said.get(name))
            if text is not None and reading.is_address(text):
                return text
        doi = text_of(self.said.get("doi"))
        return f"https://doi.org/{doi}" if doi and _DOI.fullmatch(doi) else None

    def _licenses(self) -> Iterator[License]:
        value, at = self.said.get("license"), self.at.under("license")
        link = text_of(self.said.get("license-url"))
        texts = reading.texts_of(value)
        if isinstance(value, list) and len(texts) == len(value) and 1 < len(texts) <= _LISTED:
            claim = license_said(" OR ".join(texts), at, link=link)
        elif len(texts) == 1 and (not isinstance(value, list) or len(value) == 1):
            claim = license_said(texts[0], at, link=link)
        elif value is None and link is not None:
            claim = license_said(link, self.at.under("license-url"), link=link)
        else:
            self._lose("license" if value is None else value, "it says no licence", at)
            return
        if claim.normalized == NOASSERTION:
            self._lose(claim.text, claim.reason or "it names no licence", claim.at)
        yield claim

    def _identifiers(self) -> Iterator[Fact]:
        for item, at in mappings(self.said.get("identifiers"), self.at.under("identifiers"), self.lost):
            kind, value = item.get("type"), text_of(item.get("value"))
            form = {"doi": _DOI, "swh": _SWHID}.get(str(kind))
            if kind not in ("doi", "swh", "url", "other") or value is None or (form is not None and not form.fullmatch(value)):
                self._lose(value or kind, f"it is no identifier of type {shown(kind)}", at)
            else:
                yield Fact(f"identifier.{kind}", value, at.under("value"))
        doi = text_of(self.said.get("doi"))
        if doi is not None and not _DOI.fullmatch(doi):
            self._lose(doi, "it is no DOI", self.at.under("doi"))

    def _authors(self) -> Iterator[Fact]:
        for number, (item, at) in enumerate(mappings(self.said.get("authors"), self.at.under("authors"), self.lost)):
            parts = [text_of(item.get(name)) for name in ("given-names", "name-particle", "family-names", "name-suffix")]
            name = text_of(item.get("name")) or " ".join(part for part in parts if part) or text_of(item.get("alias"))
            if name is None:
                self._lose(dict(item), "an author without a name", at)
            elif number < _LISTED:
                yield Fact("author", name, at)

    def _references(self) -> Iterator[Fact]:
        for number, (item, at) in enumerate(mappings(self.said.get("references"), self.at.under("references"), self.lost)):
            title = text_of(item.get("title"))
            if title is not None and number < _LISTED:
                kept = {name: item[name] for name in ("type", "doi", "url", "version", "license") if isinstance(item.get(name), str)}
                yield Fact("reference", {"title": title, **kept}, at)

    def _lose(self, what: object, reason: str, at: At) -> None:
        self.lost.append(Unresolved(str(what)[:200], reason, at))
