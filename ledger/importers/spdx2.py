"""SPDX 2.2 and 2.3, as JSON or YAML: packages, their licences, checksums and relationships as claims; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.importers.documents import PROPERTY, digest_of, mappings, own_id, own_license, text_of
from ledger.importers.imported import Edge, Fact, Imported, License, Thing, Unresolved, license_said
from ledger.importers.sources import At
from ledger.spec.vocabulary import NOASSERTION, RELATIONS

VERSIONS = ("SPDX-2.2", "SPDX-2.3")
_RELATIONS: Mapping[str, tuple[str, bool]] = {
    "GENERATED_FROM": ("derived-from", False),
    "GENERATES": ("derived-from", True),
    "DESCENDANT_OF": ("derived-from", False),
    "ANCESTOR_OF": ("derived-from", True),
    "DATA_FILE_OF": ("derived-from", True),
    "BUILD_TOOL_OF": ("built-by", True),
    "VARIANT_OF": ("derived-from", False),
    "COPY_OF": ("derived-from", False),
    "TEST_OF": ("evaluated-on", True),
    "DOCUMENTATION_OF": ("describes", False),
}
"""Type → (relation, whether it runs from the input to the output)."""
_PURPOSES = {"SOURCE": "code", "APPLICATION": "code", "LIBRARY": "code", "FRAMEWORK": "code", "INSTALL": "code"}
_TEXTS = ("description", "comment", "copyrightText", "summary", "supplier", "originator", "sourceInfo", "homepage")
_NOTHING = ("NOASSERTION", "NONE")


def read(path: str, said: Mapping[str, Any]) -> Imported:
    """What an SPDX 2 document claims; it has passed as an object with a known `spdxVersion`."""
    return _Document(path, said).imported()


class _Document:
    def __init__(self, path: str, said: Mapping[str, Any]) -> None:
        self.said, self.at = said, At(path)
        self.lost: list[Unresolved] = []
        self.things: dict[str, Thing] = {}
        self.edges: list[Edge] = []
        self.texts: dict[str, str] = {}
        self.known: set[str] = {str(said.get("SPDXID"))}

    def imported(self) -> Imported:
        for item, _ in mappings(self.said.get("hasExtractedLicensingInfos"), self.at.under("hasExtractedLicensingInfos"), self.lost):
            if text_of(item.get("licenseId")):
                self.texts[str(item["licenseId"])] = text_of(item.get("name")) or ""
        kinds = self._kinds()
        for item, at in mappings(self.said.get("packages"), self.at.under("packages"), self.lost):
            self._package(item, at, kinds)
        files = {str(item.get("SPDXID")) for item, _ in mappings(self.said.get("files"), self.at.under("files"), [])}
        self.known |= set(self.things) | files
        for item, at in self._relationships():
            self._relate(item, at)
        version = str(self.said["spdxVersion"]).replace("-", " ")
        edges = tuple(dict.fromkeys(self.edges))
        return Imported("spdx", version, (), tuple(self.things.values()), edges, unresolved=tuple(self.lost), documents=(self.at.file,))

    def _relationships(self) -> Iterator[tuple[Mapping[str, Any], At]]:
        yield from mappings(self.said.get("relationships"), self.at.under("relationships"), self.lost)

    def _kinds(self) -> dict[str, str]:
        """What a package must be, by the relationships that it has: SPDX 2 has no word for models and data."""
        found: dict[str, str] = {}
        for item, _ in mappings(self.said.get("relationships"), self.at, []):
            if item.get("relationshipType") == "DATA_FILE_OF":
                found.setdefault(str(item.get("spdxElementId")), "dataset")
        return found

    def _package(self, item: Mapping[str, Any], at: At, kinds: Mapping[str, str]) -> None:
        id, name = text_of(item.get("SPDXID")), text_of(item.get("name"))
        if id is None or name is None:
            self._drop(name or id or "a package", "a package without an id or a name", at)
            return
        if id in self.things:
            self._drop(id, "two packages have this id; the first counts", at)
            return
        own = self._own(item, at)
        location = text_of(item.get("downloadLocation"))
        kind = own.get("kind", ("", at))[0] or kinds.get(id) or _PURPOSES.get(str(item.get("primaryPackagePurpose")), "")
        facts = [Fact(field, item[field], at.under(field)) for field in _TEXTS if text_of(item.get(field))]
        facts += [Fact("purl", value, place) for value, place in self._purls(item, at)]
        self.things[id] = Thing(
            id,
            kind,
            name,
            at,
            text_of(item.get("versionInfo")),
            own["uri"][0] if "uri" in own else None if "id" in own or location in _NOTHING else location,
            own_id(own["id"][0]) if "id" in own else None,
            tuple(self._digests(item, at)),
            tuple(self._licenses(item, at)),
            tuple(facts),
        )

    def _own(self, item: Mapping[str, Any], at: At) -> dict[str, tuple[str, At]]:
        """What our own exporter wrote into annotations: `openness-ledger:NAME=VALUE`."""
        return {name: (value, place) for name, value, place in self._annotations(item, at)}

    def _annotations(self, item: Mapping[str, Any], at: At) -> Iterator[tuple[str, str, At]]:
        for note, place in mappings(item.get("annotations"), at.under("annotations"), self.lost):
            text = note.get("comment")
            if isinstance(text, str) and text.startswith(PROPERTY):
                name, _, value = text.removeprefix(PROPERTY).partition("=")
                yield name, value, place

    def _digests(self, item: Mapping[str, Any], at: At) -> Iterator[tuple[str, str]]:
        for one, place in mappings(item.get("checksums"), at.under("checksums"), self.lost):
            found = digest_of(one.get("algorithm"), one.get("checksumValue"))
            if found is None:
                self._drop(f"{one.get('algorithm')} {one.get('checksumValue')}", "no digest of a known algorithm and its length", place)
            else:
                yield found

    def _purls(self, item: Mapping[str, Any], at: At) -> Iterator[tuple[str, At]]:
        for one, place in mappings(item.get("externalRefs"), at.under("externalRefs"), self.lost):
            if one.get("referenceType") == "purl" and text_of(one.get("referenceLocator")):
                yield str(one["referenceLocator"]), place

    def _licenses(self, item: Mapping[str, Any], at: At) -> Iterator[License]:
        own = [(name, value, place) for name, value, place in self._annotations(item, at) if name.startswith("license:")]
        for name, value, place in own:
            claim = own_license(value, place)
            if claim is None:
                self._drop(value, "it is not a licence claim", place)
            else:
                basis = "declared" if name == "license:declared" else "concluded"
                yield License(claim.text, claim.normalized, claim.at, claim.reason, None, basis)
        if own:
            return
        for field, basis in (("licenseDeclared", "declared"), ("licenseConcluded", "concluded")):
            text = text_of(item.get(field))
            if text is None or text in _NOTHING:
                continue
            place = at.under(field)
            claim = license_said(self.texts.get(text) or text, place)
            if claim.normalized == NOASSERTION:
                self._drop(text, claim.reason or "it names no licence", place)
            yield License(text, claim.normalized, place, claim.reason, None, basis)

    def _relate(self, item: Mapping[str, Any], at: At) -> None:
        source, target, type = item.get("spdxElementId"), item.get("relatedSpdxElement"), item.get("relationshipType")
        if not isinstance(source, str) or not isinstance(target, str) or not isinstance(type, str):
            self._drop(type, "a relationship without two ends or a type", at)
            return
        for end in (source, target):
            if end not in self.known and end not in _NOTHING and not end.startswith("DocumentRef-"):
                self._drop(end, "a relationship to something that the document does not have", at)
                return
        if not isinstance(type, str) or type not in _RELATIONS or source not in self.things or target not in self.things:
            return
        relation, reverse = _RELATIONS[type]
        exact = text_of(item.get("comment"))
        output, given = (target, source) if reverse else (source, target)
        self.edges.append(Edge(output, exact if exact in RELATIONS else relation, given, at))

    def _drop(self, what: object, reason: str, at: At) -> None:
        self.lost.append(Unresolved(str(what)[:200], reason, at))
