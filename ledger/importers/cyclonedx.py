"""CycloneDX 1.4 to 1.7, as JSON: components, their licences and hashes, what they were made from; all of it claims; pure.

Models and datasets become things of their own, files that are listed below a component become facts of it. What the document states in
properties that begin with `openness-ledger:` is taken word for word; else the nearest relation is, and where CycloneDX does not say which
(the datasets of a model card: to train, to fine-tune or to evaluate it?) the general one, `derived-from`, and a remark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ledger.importers.documents import (
    PROPERTY,
    digest_of,
    malformed,
    mappings,
    only_file,
    own_id,
    own_license,
    own_relation,
    read_document,
    text_of,
)
from ledger.importers.imported import (
    Contradiction,
    Edge,
    Fact,
    Imported,
    License,
    Options,
    Thing,
    Unresolved,
    license_conflict,
    license_said,
)
from ledger.importers.sources import At, Files, shown
from ledger.spec.vocabulary import NOASSERTION

VERSIONS = ("1.4", "1.5", "1.6", "1.7")
_KINDS = {"machine-learning-model": "weights", "data": "dataset", "file": "document"}
_TEXTS = ("description", "copyright", "purl", "cpe", "group", "publisher", "author")
_MOST_COMPONENTS = 1_000_000


def read(files: Files, how: Options) -> Imported:
    """What a CycloneDX document claims. Raises LedgerError LG1501, LG1502, LG0103."""
    path = only_file(files, how)
    said = read_document(files, path)
    if not isinstance(said, Mapping) or said.get("bomFormat") != "CycloneDX":
        raise malformed(path, "is no CycloneDX document in JSON: it has no `bomFormat: CycloneDX`")
    version = said.get("specVersion")
    if version not in VERSIONS:
        raise malformed(path, f"is CycloneDX of version {shown(version)}, and {VERSIONS[0]} to {VERSIONS[-1]} are read")
    return _Bom(path, said, str(version)).imported()


@dataclass(slots=True)
class _Part:
    """One component as it is read."""

    said: Mapping[str, Any]
    at: At
    key: str
    properties: list[tuple[str, str, At]]
    listed: list[Fact] = field(default_factory=list)


class _Bom:
    def __init__(self, path: str, said: Mapping[str, Any], version: str) -> None:
        self.said, self.version, self.at = said, version, At(path)
        self.lost: list[Unresolved] = []
        self.contradictions: list[Contradiction] = []
        self.parts: dict[str, _Part] = {}
        self.things: dict[str, Thing] = {}
        self.edges: list[Edge] = []

    def imported(self) -> Imported:
        self._collect()
        for part in list(self.parts.values()):
            self.things[part.key] = self._thing(part)
        ids = {thing.id: key for key, thing in self.things.items() if thing.id}
        for part in list(self.parts.values()):
            self._relations(part, ids)
        self._dependencies()
        name = f"CycloneDX {self.version}"
        edges = tuple(dict.fromkeys(self.edges))
        return Imported(
            "cyclonedx",
            name,
            (),
            tuple(self.things.values()),
            edges,
            contradictions=tuple(self.contradictions),
            unresolved=tuple(self.lost),
            documents=(self.at.file,),
        )

    # --- components ------------------------------------------------------------------------------

    def _collect(self) -> None:
        metadata = self.said.get("metadata")
        if isinstance(metadata, Mapping):
            component = metadata.get("component")
            if isinstance(component, Mapping):
                self._part(component, self.at.under("metadata", "component"), None)
            elif component is not None:
                self._drop(component, "an object should stand here", self.at.under("metadata", "component"))
        elif metadata is not None:
            self._drop(metadata, "an object should stand here", self.at.under("metadata"))
        for component, at in mappings(self.said.get("components"), self.at.under("components"), self.lost):
            self._part(component, at, None)

    def _part(self, first: Mapping[str, Any], first_at: At, first_parent: _Part | None) -> None:
        pending: list[tuple[Mapping[str, Any], At, _Part | None]] = [(first, first_at, first_parent)]
        while pending:
            said, at, parent = pending.pop()
            name = text_of(said.get("name"))
            if name is None:
                self._drop(said.get("type", "a component"), "a component without a name", at)
                continue
            if said.get("type") == "file" and parent is not None:
                self._file(said, name, at, parent)
                continue
            part = _Part(said, at, self._key(said, at), self._properties(said, at))
            self.parts[part.key] = part
            if len(self.parts) > _MOST_COMPONENTS:
                raise malformed(self.at.file, f"has more than {_MOST_COMPONENTS} components")
            inner = list(mappings(said.get("components"), at.under("components"), self.lost))
            pending += [(one, place, part) for one, place in reversed(inner)]

    def _key(self, said: Mapping[str, Any], at: At) -> str:
        ref = text_of(said.get("bom-ref"))
        if ref is None:
            return at.pointer
        if ref in self.parts:
            text = f"two components have the reference `{shown(ref)}`"
            self.contradictions.append(Contradiction("duplicate-reference", text, (self.parts[ref].at, at)))
            return at.pointer
        return ref

    def _file(self, said: Mapping[str, Any], name: str, at: At, parent: _Part) -> None:
        value: dict[str, Any] = {"path": name}
        value |= dict(self._digests(said, at))
        parent.listed.append(Fact("file", value, at))

    def _properties(self, said: Mapping[str, Any], at: At) -> list[tuple[str, str, At]]:
        found = []
        for item, place in mappings(said.get("properties"), at.under("properties"), self.lost):
            name, value = item.get("name"), item.get("value")
            if isinstance(name, str) and isinstance(value, str):
                found.append((name, value, place))
        return found

    def _thing(self, part: _Part) -> Thing:
        said, at = part.said, part.at
        own = {name.removeprefix(PROPERTY): value for name, value, _ in part.properties if name.startswith(PROPERTY)}
        kind = own.get("kind") or _KINDS.get(str(said.get("type")), "code")
        licenses = tuple(self._licenses(part))
        self.contradictions += license_conflict([item for item in licenses if item.basis == "declared"], f"`{shown(said['name'])}`")
        facts = [Fact(name, said[name], at.under(name)) for name in _TEXTS if text_of(said.get(name))]
        facts += [Fact("type", str(said.get("type")), at.under("type")), *part.listed]
        facts += [Fact(f"property {name}", value, place) for name, value, place in part.properties if not name.startswith(PROPERTY)]
        facts += [Fact("role", value, place) for name, value, place in part.properties if name == f"{PROPERTY}role"]
        return Thing(
            part.key,
            kind,
            str(said["name"]),
            at,
            text_of(said.get("version")),
            own.get("uri") or self._address(said),
            own_id(own.get("id")),
            tuple(self._digests(said, at)),
            licenses,
            tuple(facts),
        )

    def _address(self, said: Mapping[str, Any]) -> str | None:
        """Where it is said to be had; our own documents state it as a property, and only if there is one."""
        properties = said.get("properties")
        stated = [item.get("name") for item in properties if isinstance(item, Mapping)] if isinstance(properties, list) else []
        if f"{PROPERTY}id" in stated:
            return None
        listed = said.get("externalReferences")
        for item in listed if isinstance(listed, list) else ():
            if isinstance(item, Mapping) and item.get("type") in ("distribution", "website", "vcs") and text_of(item.get("url")):
                return str(item["url"])
        return None

    def _digests(self, said: Mapping[str, Any], at: At) -> Iterator[tuple[str, str]]:
        for item, place in mappings(said.get("hashes"), at.under("hashes"), self.lost):
            found = digest_of(item.get("alg"), item.get("content"))
            if found is None:
                self._drop(f"{item.get('alg')} {item.get('content')}", "no digest of a known algorithm and its length", place)
            else:
                yield found

    def _licenses(self, part: _Part) -> Iterator[License]:
        own = [(name, value, at) for name, value, at in part.properties if name.startswith(f"{PROPERTY}license:")]
        if own:
            for name, value, at in own:
                found = own_license(value, at)
                if found is None:
                    self._drop(value, "it is not a licence claim", at)
                else:
                    yield found if name.endswith(":declared") else _concluded(found)
            return
        for item, at in mappings(part.said.get("licenses"), part.at.under("licenses"), self.lost):
            inner = item.get("license")
            where = at.under("license") if isinstance(inner, Mapping) else at
            said: Mapping[str, Any] = inner if isinstance(inner, Mapping) else item
            for field_name in ("id", "name", "expression"):
                text = text_of(said.get(field_name))
                if text is not None:
                    link = text_of(said.get("url"))
                    claim = license_said(text, where.under(field_name), link=link)
                    if claim.normalized == NOASSERTION:
                        self._drop(text, claim.reason or "it names no licence", claim.at)
                    yield _concluded(claim) if said.get("acknowledgement") == "concluded" else claim
                    break
            else:
                self._drop(item, "a licence without id, name or expression", at)

    # --- relations -------------------------------------------------------------------------------

    def _relations(self, part: _Part, ids: Mapping[str, str]) -> None:
        stated = [(value, at) for name, value, at in part.properties if name == f"{PROPERTY}relation"]
        ours = any(name == f"{PROPERTY}id" for name, _, _ in part.properties)
        for value, at in stated:
            edge = own_relation(value, part.key, at)
            if edge is None or edge.input not in ids:
                self._drop(value, "a relation to something that the document does not have", at)
            else:
                self.edges.append(Edge(edge.output, edge.relation, ids[edge.input], at))
        if not ours:
            self._of_card(part)
            self._of_pedigree(part)

    def _of_card(self, part: _Part) -> None:
        card = part.said.get("modelCard")
        parameters = card.get("modelParameters") if isinstance(card, Mapping) else None
        listed = parameters.get("datasets") if isinstance(parameters, Mapping) else None
        place = part.at.under("modelCard", "modelParameters", "datasets")
        for item, at in mappings(listed, place, self.lost):
            ref = text_of(item.get("ref"))
            if ref is not None:
                self._edge(part.key, ref, at.under("ref"))
            elif text_of(item.get("name")):
                key = at.pointer
                self.things[key] = Thing(key, "dataset", str(item["name"]), at)
                self._edge(part.key, key, at)
            else:
                self._drop(item, "a dataset without a reference or a name", at)

    def _edge(self, output: str, key: str, at: At) -> None:
        if key not in self.things:
            self._drop(key, "nothing in the document has this reference", at)
            return
        self.edges.append(Edge(output, "derived-from", key, at))
        self._drop(key, "the format does not say whether the model was trained, fine-tuned or evaluated on it", at)

    def _of_pedigree(self, part: _Part) -> None:
        pedigree = part.said.get("pedigree")
        if pedigree is None:
            return
        if not isinstance(pedigree, Mapping):
            self._drop(pedigree, "an object should stand here", part.at.under("pedigree"))
            return
        for field_name, older in (("ancestors", True), ("descendants", False), ("variants", False)):
            place = part.at.under("pedigree", field_name)
            for item, at in mappings(pedigree.get(field_name), place, self.lost):
                key = self._known(item) or self._relative(item, at)
                if key is not None:
                    ends = (part.key, key) if older else (key, part.key)
                    self.edges.append(Edge(ends[0], "derived-from", ends[1], at))

    def _known(self, item: Mapping[str, Any]) -> str | None:
        """A component of the document that an entry of a pedigree is: the same reference, else the same name, version and hashes."""
        ref = text_of(item.get("bom-ref"))
        if ref in self.parts:
            return ref
        wanted = (item.get("name"), item.get("version"), item.get("hashes"))
        for key, part in self.parts.items():
            if (part.said.get("name"), part.said.get("version"), part.said.get("hashes")) == wanted and wanted[0]:
                return key
        return None

    def _relative(self, item: Mapping[str, Any], at: At) -> str | None:
        if text_of(item.get("name")) is None:
            self._drop(item.get("type", "an entry"), "a component without a name", at)
            return None
        part = _Part(item, at, at.pointer, self._properties(item, at))
        self.parts[part.key] = part
        self.things[part.key] = self._thing(part)
        return part.key

    def _dependencies(self) -> None:
        """Dependencies say that something needs something, not that it was made from it; only what they name wrongly is reported."""
        inner = {text_of(item.get("bom-ref")) for item in _everything(self.said)}
        for item, at in mappings(self.said.get("dependencies"), self.at.under("dependencies"), self.lost):
            depends = item.get("dependsOn")
            for ref in (item.get("ref"), *(depends if isinstance(depends, list) else ())):
                if not isinstance(ref, str) or ref not in inner:
                    self._drop(ref, "nothing in the document has this reference", at)

    def _drop(self, what: object, reason: str, at: At) -> None:
        self.lost.append(Unresolved(str(what)[:200], reason, at))


def _concluded(claim: License) -> License:
    return replace(claim, basis="concluded")


def _everything(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of a document."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, Mapping):
            yield item
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
