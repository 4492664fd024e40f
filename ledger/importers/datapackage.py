"""Data packages of Frictionless Data, and Kaggle's of the same form: a folder with `datapackage.json`, or the document alone; pure.

The resources that are here, and the document, become the dataset's artifact; a hash or a number of bytes that the document states is
compared. Several licences of a package stand in a list without a word of how they belong together, and assert nothing then.
Source: Data Package 1 and 2 (datapackage.org); frictionless 5.21.0 (facts page of formats, section 6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from glob import escape
from typing import Any

from ledger.errors import LedgerError
from ledger.importers import reading
from ledger.importers.documents import malformed, mappings, read_document, text_of
from ledger.importers.imported import ALGORITHMS, Digest, Fact, Imported, ImportedArtifact, Input, License, Options, Thing, Unresolved
from ledger.importers.imported import license_conflict as conflict_of
from ledger.importers.sources import At, Files, shown

NAME = "datapackage.json"
_MOST_RESOURCES = 100_000
_TEXTS = ("name", "id", "title", "version", "homepage", "created", "profile", "$schema", "keywords", "contributors")
_LENGTHS = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}


def read(files: Files, how: Options) -> Imported:
    """What a data package says, and which of its resources are here.

    Raises:
        LedgerError: LG1501 for what is no data package, LG1502 for a folder without one, LG1504 for a number of bytes that a file does
            not have, LG1507 for a path out of the folder, LG0103 for what is too large.
    """
    paths = list(files.paths())
    if paths == [how.given]:
        path = paths[0]
    elif files.size(NAME) is not None:
        path = NAME
    else:
        raise LedgerError("LG1502", f"`{shown(how.given)}` has no {NAME}", hint="give the folder with the data package, or its document")
    said = read_document(files, path)
    if not isinstance(said, Mapping) or not isinstance(said.get("resources"), list):
        raise malformed(path, "is no data package: it has no list of resources")
    return _Package(files, said, path, how).imported()


class _Package:
    def __init__(self, files: Files, said: Mapping[str, Any], path: str, how: Options) -> None:
        self.files, self.said, self.how, self.at = files, said, how, At(path)
        self.lost: list[Unresolved] = []
        self.facts: list[Fact] = []
        self.digests: list[Digest] = []
        self.here: dict[str, None] = {}
        self.formats: dict[str, None] = {}
        self.licenses: list[License] = []
        self.inputs: list[Input] = []

    def imported(self) -> Imported:
        listed = self.said["resources"]
        if len(listed) > _MOST_RESOURCES:
            raise LedgerError("LG0103", f"`{shown(self.at.file)}` has more than {_MOST_RESOURCES} resources")
        self._licenses(self.said, self.at, needed=True)
        self._sources(self.said, self.at)
        for resource, at in mappings(listed, self.at.under("resources"), self.lost):
            self._resource(resource, at)
        for name in _TEXTS:
            self.facts += reading.facts_from(name, self.said.get(name), self.at.under(name))
        label = text_of(self.said.get("name")) or text_of(self.said.get("id")) or text_of(self.said.get("title"))
        name = reading.own_name(self.how, label, self.lost, self.at.under("name"))
        conflicts = conflict_of(self.licenses, f"`{shown(name)}`")
        version = self.how.version or reading.version_text(self.said.get("version"))
        home = text_of(self.said.get("homepage"))
        uri = home if home and reading.is_address(home) else None
        if not self.here:
            about = Thing("main", "dataset", name, self.at, version, uri, licenses=tuple(self.licenses), facts=tuple(self.facts))
            things, edges = reading.described(self._distinct())
            lost, documents = tuple(self.lost), (self.at.file,)
            return Imported("datapackage", "Data package", (), (about, *things), tuple(edges), (), conflicts, lost, documents)
        paths = sorted({*self.here, self.at.file})
        chosen = set(paths)
        rest = [path for path in self.files.paths() if path not in chosen]
        if rest:
            self._lose(f"{len(rest)} files", "they are here, and the package does not list them: they are not of the dataset", At(rest[0]))
        artifact = ImportedArtifact(
            "main",
            "dataset",
            name,
            version,
            include=tuple(escape(path) for path in paths) if rest else (),
            licenses=tuple(self.licenses),
            inputs=tuple(self._distinct()),
            sources=({"uri": uri},) if uri else (),
            data=self._data(),
            facts=tuple(self.facts),
        )
        return Imported("datapackage", "Data package", (artifact,), (), (), tuple(self.digests), conflicts, tuple(self.lost))

    # --- resources -------------------------------------------------------------------------------

    def _resource(self, said: Mapping[str, Any], at: At) -> None:
        self._licenses(said, at, needed=False)
        self._sources(said, at)
        if isinstance(said.get("mediatype"), str):
            self.formats.setdefault(said["mediatype"])
        field = "path" if said.get("path") is not None else "paths"
        listed = reading.texts_of(said.get(field)) + reading.texts_of(said.get("extrapaths"))
        if not listed:
            if "data" in said:
                self.facts.append(Fact("resource", {"name": str(said.get("name"))[:200], "data": "within the document"}, at))
            else:
                self._lose(said.get("name") or "a resource", "it has neither a path nor data", at)
            return
        local = [self._local(text, at.under(field)) for text in listed]
        if len(listed) > 1 and (said.get("hash") is not None or said.get("bytes") is not None):
            self._lose(said.get("name"), "a hash or size of several files together, which is of none of them", at)
            return
        if len(listed) == 1:
            self._claimed(said, local[0], at)

    def _local(self, text: str, at: At) -> str | None:
        """A path that is here; an address or an absent file is reported as what it is."""
        if reading.is_address(text):
            self.facts.append(Fact("remote-file", text, at))
            return None
        path = reading.local_path(text, "a resource", at)
        if self.files.size(path) is None:
            self._lose(path, "the package lists it, and it is not here", at)
            return None
        self.here.setdefault(path)
        return path

    def _claimed(self, said: Mapping[str, Any], path: str | None, at: At) -> None:
        value, size = said.get("hash"), said.get("bytes")
        length = size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None
        if length is None and size is not None:
            self._lose(size, "it is no number of bytes", at.under("bytes"))
        found = None if value is None else _digest(value)
        if found is None and value is not None:
            self._lose(value, "it is no hash of a known algorithm and its length", at.under("hash"))
        if path is None:
            row = {
                "name": str(said.get("name"))[:200],
                **({found[0]: found[1]} if found else {}),
                **({"size": length} if length is not None else {}),
            }
            self.facts.append(Fact("resource", row, at))
        elif found is not None:
            self.digests.append(Digest(path, *found, at.under("hash"), length))
        elif length is not None and length != self.files.size(path):
            raise LedgerError(
                "LG1504", f"`{shown(path)}` has {self.files.size(path)} bytes, and the package says {length} ({at.under('bytes')})"
            )

    # --- what is said ----------------------------------------------------------------------------

    def _licenses(self, said: Mapping[str, Any], at: At, *, needed: bool) -> None:
        value, place = said.get("licenses"), at.under("licenses")
        if value is None:
            value, place = said.get("license"), at.under("license")
        if value is not None or needed:
            self.licenses += reading.licenses_said(value, place, self.lost)

    def _sources(self, said: Mapping[str, Any], at: At) -> None:
        for item, place in mappings(said.get("sources"), at.under("sources"), self.lost):
            link, title = text_of(item.get("path")), text_of(item.get("title")) or text_of(item.get("name"))
            found = reading.input_said("derived-from", title or link, place, self.lost, item.get("version"))
            if found is not None:
                uri = link if link and reading.is_address(link) else None
                self.inputs.append(Input("derived-from", place, name=found.name, version=found.version, uri=uri))

    def _data(self) -> dict[str, Any]:
        text = reading.joined(self.said.get("description"))
        formats = [item for item in self.formats if 0 < len(item) <= 4096]
        published = reading.date_of(self.said.get("created"))
        found: dict[str, Any] = {"description": text} if text else {}
        return {**found, **({"formats": formats} if formats else {}), **({"published": published} if published else {})}

    def _distinct(self) -> Iterator[Input]:
        yield from {(item.name, item.version, item.uri): item for item in self.inputs}.values()

    def _lose(self, what: object, reason: str, at: At) -> None:
        self.lost.append(Unresolved(str(what)[:200], reason, at))


def _digest(value: Any) -> tuple[str, str] | None:
    """`algorithm:hex`, or hex alone, whose length tells: MD5 by the specification, and what people write besides."""
    if not isinstance(value, str):
        return None
    algorithm, colon, digits = value.rpartition(":")
    name = algorithm.lower() if colon else _LENGTHS.get(len(digits), "")
    return reading.digest_claimed(name, digits) if name in ALGORITHMS else None
