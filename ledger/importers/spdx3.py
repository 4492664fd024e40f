"""SPDX 3.0 and 3.0.1 in JSON-LD: packages, files, licences and relationships as claims; pure.

The document is read as JSON: its `@context` has to be the standard one, so every name has its one meaning. Elements that are only referred
to are reported, and relations to them are not made up. Where our own exporter stated a relation or a licence word for word, that counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ledger.importers.documents import PROPERTY, digest_of, malformed, mappings, own_id, own_license, text_of
from ledger.importers.imported import Edge, Fact, Imported, License, Thing, Unresolved, license_said
from ledger.importers.sources import At, shown
from ledger.spec.vocabulary import NOASSERTION, RELATIONS

CONTEXTS = ("https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "https://spdx.org/rdf/3.0.0/spdx-context.jsonld")
_KINDS = {"ai_AIPackage": "weights", "dataset_DatasetPackage": "dataset", "software_Package": "code"}
_PURPOSES = {"model": "weights", "data": "dataset", "documentation": "document", "source": "code"}
_TYPES: Mapping[str, tuple[str, bool]] = {
    "trainedOn": ("trained-on", False),
    "testedOn": ("evaluated-on", False),
    "descendantOf": ("derived-from", False),
    "ancestorOf": ("derived-from", True),
    "modifiedBy": ("derived-from", True),
    "copiedTo": ("derived-from", True),
    "hasVariant": ("derived-from", True),
    "generates": ("derived-from", True),
}
"""Type of relationship → (relation, whether it runs from the input to the output)."""
_TEXTS = ("description", "comment", "summary", "software_packageUrl", "software_copyrightText", "releaseTime", "builtTime")
_LICENSE_PREFIXES = ("https://spdx.org/licenses/", "http://spdx.org/licenses/")


def read(path: str, said: Mapping[str, Any]) -> Imported:
    """What an SPDX 3 document claims. Raises LedgerError LG1501 when it is not of that form."""
    context = said.get("@context")
    if context not in CONTEXTS:
        raise malformed(path, f"has the context `{shown(context)}`, and that of SPDX 3.0.1 is read")
    if not isinstance(said.get("@graph"), list):
        raise malformed(path, "has no list `@graph`")
    return _Graph(path, said, str(context).split("/")[4]).imported()


class _Graph:
    def __init__(self, path: str, said: Mapping[str, Any], version: str) -> None:
        self.at, self.version = At(path), version
        self.lost: list[Unresolved] = []
        self.elements: dict[str, tuple[Mapping[str, Any], At]] = {}
        self.relationships: list[tuple[Mapping[str, Any], At]] = []
        for element, at in mappings(said["@graph"], self.at.under("@graph"), self.lost):
            self._element(element, at)
        self.contained = self._targets(("contains", "hasDataFile"))
        self.ends = {
            end
            for said, _ in self.relationships
            if str(said.get("relationshipType")) in _TYPES or str(said.get("description")) in RELATIONS
            for end in (*_ids(said.get("from")), *_ids(said.get("to")))
        }
        self.licenses: dict[str, list[License]] = {}
        self.files: dict[str, list[Fact]] = {}
        self.things: dict[str, Thing] = {}
        self.edges: list[Edge] = []

    def _element(self, element: Mapping[str, Any], at: At) -> None:
        id = element.get("spdxId", element.get("@id"))
        if not isinstance(id, str) or not isinstance(element.get("type"), str):
            self._drop(element.get("type"), "an element without an id or a type", at)
        elif id in self.elements:
            self._drop(id, "two elements have this id; the first counts", at)
        else:
            self.elements[id] = (element, at)
            if element["type"] in ("Relationship", "LifecycleScopedRelationship"):
                self.relationships.append((element, at))

    def _targets(self, types: Collection[str]) -> set[str]:
        return {to for said, _ in self.relationships if said.get("relationshipType") in types for to in _ids(said.get("to"))}

    def imported(self) -> Imported:
        for said, at in self.relationships:
            self._attach(said, at)
        for id, (element, at) in self.elements.items():
            kind = self._kind(element)
            if kind is not None and not (element["type"] == "software_File" and self._inside(id)):
                self._thing(id, element, at, kind)
        for said, at in self.relationships:
            self._relate(said, at)
        for id, (element, at) in self.elements.items():
            if element["type"] == "build_Build":
                self._build(id, at)
        name = f"SPDX {self.version}"
        things, edges = tuple(self.things.values()), tuple(dict.fromkeys(self.edges))
        return Imported("spdx", name, (), things, edges, unresolved=tuple(self.lost), documents=(self.at.file,))

    def _kind(self, element: Mapping[str, Any]) -> str | None:
        type = element["type"]
        own = self._own(element).get("kind")
        if type == "software_Package":
            return own or _PURPOSES.get(str(element.get("software_primaryPurpose")), "code")
        if type == "software_File":
            return _PURPOSES.get(str(element.get("software_primaryPurpose")), "document")
        return _KINDS.get(type)

    def _inside(self, id: str) -> bool:
        """Whether a file is only listed below something else, and takes no part in a lineage of its own."""
        return id in self.contained and id not in self.ends

    def _thing(self, id: str, element: Mapping[str, Any], at: At, kind: str) -> None:
        name = text_of(element.get("name"))
        if name is None:
            self._drop(id, "a package without a name", at)
            return
        own = self._own(element)
        licenses = self._own_licenses(element, at) or self.licenses.get(id, [])
        facts = [Fact(field, element[field], at.under(field)) for field in _TEXTS if text_of(element.get(field))]
        facts += self.files.get(id, [])
        facts += [Fact("role", value, at) for name_, value, at in self._properties(element, at) if name_ == f"{PROPERTY}role"]
        location = text_of(element.get("software_downloadLocation")) if "id" not in own else None
        self.things[id] = Thing(
            id,
            kind,
            name,
            at,
            text_of(element.get("software_packageVersion")),
            own.get("uri") or (None if location in ("NOASSERTION", "NONE") else location),
            own_id(own.get("id")),
            tuple(self._digests(element, at)),
            tuple(licenses),
            tuple(facts),
        )

    def _digests(self, element: Mapping[str, Any], at: At) -> Iterator[tuple[str, str]]:
        for item, place in mappings(element.get("verifiedUsing"), at.under("verifiedUsing"), self.lost):
            found = digest_of(item.get("algorithm"), item.get("hashValue"))
            if found is None:
                self._drop(f"{item.get('algorithm')} {item.get('hashValue')}", "no digest of a known algorithm and its length", place)
            else:
                yield found

    def _properties(self, element: Mapping[str, Any], at: At) -> Iterator[tuple[str, str, At]]:
        for extension, place in mappings(element.get("extension"), at.under("extension"), self.lost):
            for item, where in mappings(extension.get("extension_cdxProperty"), place.under("extension_cdxProperty"), self.lost):
                name, value = item.get("extension_cdxPropName"), item.get("extension_cdxPropValue")
                if isinstance(name, str) and isinstance(value, str):
                    yield name, value, where

    def _own(self, element: Mapping[str, Any]) -> dict[str, str]:
        before = len(self.lost)
        found = {name.removeprefix(PROPERTY): value for name, value, _ in self._properties(element, self.at) if name.startswith(PROPERTY)}
        del self.lost[before:]
        return found

    def _own_licenses(self, element: Mapping[str, Any], at: At) -> list[License]:
        found = []
        for name, value, place in self._properties(element, at):
            if name.startswith(f"{PROPERTY}license:"):
                claim = own_license(value, place)
                if claim is None:
                    self._drop(value, "it is not a licence claim", place)
                else:
                    basis = "declared" if name.endswith(":declared") else "concluded"
                    found.append(License(claim.text, claim.normalized, claim.at, claim.reason, claim.link, basis))
        return found

    # --- relationships ---------------------------------------------------------------------------

    def _attach(self, said: Mapping[str, Any], at: At) -> None:
        """Licences and contained files, which belong to the thing itself."""
        type, source = said.get("relationshipType"), said.get("from")
        if not isinstance(source, str):
            self._drop(said.get("relationshipType"), "a relationship that comes from nothing", at)
            return
        if type in ("hasDeclaredLicense", "hasConcludedLicense"):
            for target in _ids(said.get("to")):
                claim = self._license(target, at, "declared" if type == "hasDeclaredLicense" else "concluded")
                if claim is not None:
                    self.licenses.setdefault(source, []).append(claim)
        elif type in ("contains", "hasDataFile"):
            for target in _ids(said.get("to")):
                element = self.elements.get(target, ({}, at))[0]
                if element.get("type") == "software_File" and text_of(element.get("name")):
                    where = self.elements[target][1]
                    value = {"path": str(element["name"]), **dict(self._digests(element, where))}
                    self.files.setdefault(source, []).append(Fact("file", value, where))

    def _license(self, id: str, at: At, basis: str) -> License | None:
        if id.endswith(("NoAssertionLicense", "NoneLicense")):
            return None
        element, place = self.elements.get(id, (None, at))
        text = id.removeprefix(_LICENSE_PREFIXES[0]).removeprefix(_LICENSE_PREFIXES[1]) if id.startswith(_LICENSE_PREFIXES) else None
        if element is not None:
            text = text_of(element.get("simplelicensing_licenseExpression")) or text or text_of(element.get("name"))
        if text is None:
            self._drop(id, "nothing in the document is this licence", at)
            return None
        claim = license_said(text.removesuffix(".html"), place)
        if claim.normalized == NOASSERTION:
            self._drop(text, claim.reason or "it names no licence", place)
        return License(claim.text, claim.normalized, claim.at, claim.reason, None, basis)

    def _relate(self, said: Mapping[str, Any], at: At) -> None:
        type = str(said.get("relationshipType"))
        exact = said.get("description")
        if exact in RELATIONS and said.get("type") == "Relationship":
            relation, reverse = str(exact), type == "generates"
        elif type in _TYPES:
            relation, reverse = _TYPES[type]
        else:
            self._dangling(said, at)
            return
        for target in _ids(said.get("to")):
            ends = (target, str(said.get("from"))) if reverse else (str(said.get("from")), target)
            if target.endswith(("NoAssertionElement", "NoneElement")):
                self._drop(f"{type} of {self._name(str(said.get('from')))}", "the document says that it does not say what", at)
            elif ends[0] in self.things and ends[1] in self.things:
                self.edges.append(Edge(ends[0], relation, ends[1], at))
            else:
                missing = next(end for end in ends if end not in self.things)
                self._drop(missing, "a relationship to something that the document does not have", at)

    def _dangling(self, said: Mapping[str, Any], at: At) -> None:
        for id in (*_ids(said.get("to")), *_ids(said.get("from"))):
            if id not in self.elements and not id.startswith(("https://spdx.org/", "NoAssertion", "NoneElement", "expandedlicensing_")):
                self._drop(id, "a relationship to something that the document does not have", at)

    def _build(self, id: str, at: At) -> None:
        """A build with inputs and outputs, unless the relations between them are stated."""
        inputs = [
            to
            for said, _ in self.relationships
            if (said.get("from"), said.get("relationshipType")) == (id, "hasInput")
            for to in _ids(said.get("to"))
        ]
        outputs = [
            to
            for said, _ in self.relationships
            if (said.get("from"), said.get("relationshipType")) == (id, "hasOutput")
            for to in _ids(said.get("to"))
        ]
        stated = {(edge.output, edge.input) for edge in self.edges}
        for output in outputs:
            for given in inputs:
                if output in self.things and given in self.things and (output, given) not in stated:
                    self.edges.append(Edge(output, "derived-from", given, at))

    def _name(self, id: str) -> str:
        return self.things[id].name if id in self.things else id

    def _drop(self, what: object, reason: str, at: At) -> None:
        self.lost.append(Unresolved(str(what)[:200], reason, at))


def _ids(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
