"""Croissant: a dataset's folder with its document, or a document alone; 0.8, 1.0, 1.1, with its Responsible AI properties; pure.

The files of the distribution that are here, and the document, become the dataset's artifact, and the digests that the document claims
for them are compared with the bytes. A digest that cannot be one (a word, an address, 63 digits) is reported and never used: the bytes
that are here are hashed whatever it says. Paths stay in the folder. What is contained in an archive or a repository is not taken apart.
Source: mlcommons/croissant, texts 1.0 and 1.1, RAI 1.0 (facts page of formats, section 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from glob import escape
from typing import Any

from ledger.errors import LedgerError
from ledger.importers import reading
from ledger.importers.croissant_checks import Structure
from ledger.importers.croissant_terms import Context, Node
from ledger.importers.documents import malformed, read_document
from ledger.importers.globs import LONGEST, MOST_STEPS, Glob
from ledger.importers.imported import Digest, Fact, Imported, ImportedArtifact, Input, License, Options, Thing, Unresolved, license_conflict
from ledger.importers.sources import BAD, At, Files, parse_json, shown, whole

NAMES = ("metadata.json", "croissant.json")
VERSIONS = ("0.8", "1.0", "1.1")
_CONFORMS = re.compile(r"https?://mlcommons\.org/croissant/(?:(RAI)/)?([0-9]+\.[0-9]+)/?", re.IGNORECASE)
_SIZE = re.compile(r"([0-9]{1,15}) ?B(?:ytes)?")
_REPOSITORY = "git+"
_DATA_TEXTS = {
    "description": ("sc:description",),
    "collection": ("rai:dataCollection", "cr:dataCollection"),
    "provenance": ("rai:dataCollectionRawData",),
    "processing": ("rai:dataPreprocessingProtocol",),
    "labelling": ("rai:dataAnnotationProtocol",),
    "where": ("sc:url",),
}
_FACTS = (
    *("sc:name", "sc:version", "cr:citeAs", "sc:citation", "cr:isLiveDataset", "cr:sdVersion", "sc:sdLicense", "sc:keywords", "sc:creator"),
    *("sc:publisher", "sc:dateCreated", "sc:dateModified", "sc:datePublished", "sc:sameAs", "sc:usageInfo", "sc:inLanguage"),
)
_GOVERNANCE = ("cr:dataBiases", "cr:personalSensitiveInformation", "prov:wasGeneratedBy", "prov:wasAttributedTo")
_DERIVED = ("prov:wasDerivedFrom", "sc:isBasedOn")
_MOST_CANDIDATES = 100
_CANDIDATE_BYTES = 4 << 20


def read(files: Files, how: Options) -> Imported:
    """What a Croissant document says of a dataset, and which of its files are here.

    Raises:
        LedgerError: LG1501 for what is no Croissant, LG1502 when it is not clear which document, LG1506 for parts that do not fit
            together, LG1507 for a path out of the folder, LG0103 for what is too large.
    """
    path = _document(files, how)
    said: Any = read_document(files, path)
    at = At(path)
    if isinstance(said, list) and len(said) == 1:
        said, at = said[0], at.under(0)
    if not isinstance(said, Mapping):
        raise malformed(path, "is no Croissant document: it is not an object")
    root = Node(said, at, Context(said.get("@context")))
    return _Croissant(files, root, how).imported()


def _document(files: Files, how: Options) -> str:
    paths = [path for path in files.paths() if "/" not in path]
    if len(files.paths()) == 1 and paths == [how.given]:
        return paths[0]
    found = [path for path in paths if path in NAMES]
    if not found:
        found = [path for path in paths if path.endswith(".json")][:_MOST_CANDIDATES]
        found = [path for path in found if _conforms(files, path)]
    if len(found) == 1:
        return found[0]
    said = "several Croissant documents" if found else "no Croissant document"
    raise LedgerError("LG1502", f"`{shown(how.given)}` has {said}", hint="name the document, or call it metadata.json")


def _conforms(files: Files, path: str) -> bool:
    if (files.size(path) or 0) > _CANDIDATE_BYTES:
        return False
    try:
        said = parse_json(whole(files, path), path)
    except LedgerError:
        return False
    if not isinstance(said, Mapping):
        return False
    named = Node(said, At(path), Context(said.get("@context"))).get("dct:conformsTo")
    return any(_CONFORMS.fullmatch(text) for text in reading.texts_of(named))


@dataclass(slots=True)
class _Found:
    """What the distribution gives: which files are here, and what is claimed of them."""

    here: dict[str, str] = field(default_factory=dict)
    digests: list[Digest] = field(default_factory=list)
    claimed: list[tuple[str, str]] = field(default_factory=list)
    formats: dict[str, None] = field(default_factory=dict)


class _Croissant:
    def __init__(self, files: Files, root: Node, how: Options) -> None:
        self.files, self.root, self.how = files, root, how
        self.lost: list[Unresolved] = []
        self.facts: list[Fact] = []
        self.inputs: list[Input] = []
        self.found = _Found()
        self.matched = 0

    def imported(self) -> Imported:
        version, rai = self._version()
        if "sc:Dataset" not in self.root.types():
            said = ", ".join(f"`{shown(item)}`" for item in self.root.types()) or "nothing"
            raise LedgerError(
                reading.STRUCTURE, f"`{shown(self.root.at.file)}` does not hold together: its @type is {said}, not sc:Dataset"
            )
        structure = Structure(self.root, old=version == "0.8").read()
        for key, node in structure.files.items():
            self._file(key, node, structure)
        for key, node in structure.sets.items():
            self._set(key, node, structure)
        own = {*structure.files, *structure.sets, *structure.records, *structure.fields}
        for node in [self.root, *structure.files.values(), *structure.records.values(), *(item for item, _ in structure.fields.values())]:
            self._derived(node, own)
        self._governance()
        licenses = tuple(self._licenses())
        name = reading.own_name(self.how, self.root.text("sc:name"), self.lost, self.root.place("sc:name"))
        form = f"Croissant {version}" + (" with RAI" if rai else "")
        conflict = license_conflict(licenses, f"`{shown(name)}`")
        if self.found.here:
            artifacts = (self._artifact(name, licenses),)
            return Imported(
                "croissant", form, artifacts, digests=tuple(self.found.digests), contradictions=conflict, unresolved=tuple(self.lost)
            )
        digests = tuple(self.found.claimed) if len(structure.files) == 1 and not structure.sets else ()
        uri = self.root.text("sc:url")
        about = Thing("main", "dataset", name, self.root.at, self._said_version(), uri, None, digests, licenses, tuple(self.facts))
        things, edges = reading.described(self._distinct())
        return Imported(
            "croissant",
            form,
            (),
            (about, *things),
            tuple(edges),
            contradictions=conflict,
            unresolved=tuple(self.lost),
            documents=(self.root.at.file,),
        )

    def _version(self) -> tuple[str, bool]:
        texts = [text for text, _ in self.root.references("dct:conformsTo")]
        named = [found for text in texts if (found := _CONFORMS.fullmatch(text))]
        versions = {found[2] for found in named if not found[1]}
        unknown = sorted(versions - set(VERSIONS))
        if unknown:
            raise malformed(self.root.at.file, f"is Croissant {shown(unknown[0])}, and {VERSIONS[0]} to {VERSIONS[-1]} are read")
        if not versions and not self.root.context.croissant and not self.root.context.standard:
            raise malformed(self.root.at.file, "is no Croissant document: nothing in its @context or conformsTo says so")
        rai = any(found[1] for found in named) or any(term.startswith("rai:") for term in self.root.keys)
        if versions:
            return max(versions), rai
        old = any("mlcommons.org/schema" in text for text in self.root.context.terms.values())
        if not old:
            self._lose("conformsTo", "the document does not say which version of Croissant it is", self.root.at)
        return ("0.8" if old else "1.0"), rai

    def _said_version(self) -> str | None:
        if self.how.version is not None:
            return self.how.version
        value = self.root.get("sc:version")
        found = reading.version_text(value)
        if found is None and value is not None:
            self._lose(value, "it cannot be a version", self.root.place("sc:version"))
        return found

    # --- files -----------------------------------------------------------------------------------

    def _file(self, key: str, node: Node, structure: Structure) -> None:
        address = node.text("sc:contentUrl")
        inside = [text for text, _ in node.references("cr:containedIn", "sc:containedIn")]
        size = self._size(node)
        digests = list(self._digests(key, node))
        if digests and any(text.startswith(_REPOSITORY) for text in reading.texts_of(node.get("sc:encodingFormat"))):
            self._lose(digests[0][1], "a repository has no digest of this kind: a placeholder that says nothing of its content", node.at)
            digests = []
        for text in reading.texts_of(node.get("sc:encodingFormat")):
            self.found.formats.setdefault(text)
        value: dict[str, Any] = {"name": key, **({"url": address} if address else {}), **({"size": size} if size is not None else {})}
        value |= dict(digests)
        if inside:
            self.facts.append(Fact("file", {**value, "contained-in": inside}, node.at))
            return
        path = None if address is None or reading.is_address(address) else self._path(address, key, node)
        if path is None or self.files.size(path) is None:
            self.found.claimed += digests
            self.facts.append(Fact("file", value, node.at))
            if path is not None:
                self._lose(path, "the document lists it, and it is not here", node.place("sc:contentUrl"))
            return
        self._here(path, key)
        for algorithm, digest in digests:
            self.found.digests.append(Digest(path, algorithm, digest, node.place(f"sc:{algorithm}", f"cr:{algorithm}"), size))

    def _path(self, address: str, key: str, node: Node) -> str:
        return reading.local_path(address, f"the file `{shown(key)}`", node.place("sc:contentUrl"))

    def _here(self, path: str, key: str) -> None:
        self.found.here.setdefault(path, key)

    def _digests(self, key: str, node: Node) -> Iterator[tuple[str, str]]:
        none = True
        for algorithm in ("sha256", "md5"):
            terms = (f"sc:{algorithm}", f"cr:{algorithm}")
            value = node.get(*terms)
            if value is None:
                continue
            none = False
            found = reading.digest_claimed(algorithm, value)
            if found is None:
                self._lose(value, f"it is no {algorithm}: a placeholder, or mistyped", node.place(*terms))
            else:
                yield found
        if none and node.get("cr:containedIn", "sc:containedIn") is None:
            self._lose(key, "the document has no digest for it", node.at)

    def _size(self, node: Node) -> int | None:
        """Bytes, when the size is stated in bytes; kilobytes and the like are rounded by whoever wrote them."""
        value = node.get("sc:contentSize")
        found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None and value is not None:
            self.facts.append(Fact("size-said", str(value)[:200], node.place("sc:contentSize")))
        return int(found[1]) if found else None

    def _set(self, key: str, node: Node, structure: Structure) -> None:
        for text in reading.texts_of(node.get("sc:encodingFormat")):
            self.found.formats.setdefault(text)
        includes, excludes = reading.texts_of(node.get("cr:includes")), reading.texts_of(node.get("cr:excludes"))
        container = [text for text, _ in node.references("cr:containedIn", "sc:containedIn")]
        if container:
            self.facts.append(Fact("file-set", {"name": key, "includes": list(includes), "contained-in": container}, node.at))
            self._lose(key, f"its files are inside of `{shown(', '.join(container))}`, which is not taken apart", node.at)
            return
        patterns = [self._pattern(text, key, node) for text in includes]
        leave = [_glob(text) for text in excludes]
        matching = [_glob(text) for text in patterns]
        count, paths = 0, self.files.paths()
        for path in paths:
            self.matched += sum(one.steps(path) for one in (*matching, *leave))
            if self.matched > MOST_STEPS:
                raise LedgerError("LG0103", f"`{shown(self.root.at.file)}` has more patterns than can be asked of {len(paths)} files")
            if any(one.matches(path) for one in matching) and not any(one.matches(path) for one in leave):
                self._here(path, key)
                count += 1
        self.facts.append(Fact("file-set", {"name": key, "includes": list(includes), "files": count}, node.at))
        if count == 0:
            self._lose(key, "none of its files is here", node.at)

    def _pattern(self, text: str, key: str, node: Node) -> str:
        reading.local_path(text, f"the file set `{shown(key)}`", node.place("cr:includes"))
        return text.removeprefix("./")

    # --- what is said ----------------------------------------------------------------------------

    def _licenses(self) -> Iterator[License]:
        value, place = self.root.get("sc:license", "dct:license"), self.root.place("sc:license", "dct:license")
        if isinstance(value, Mapping):
            # The terms of the licence's own object may have prefixes.
            inner = Node(value, place, self.root.context)
            value = {key: text for key in ("name", "url") if (text := inner.text(f"sc:{key}"))} or dict(value)
        yield from reading.licenses_said(value, place, self.lost)

    def _derived(self, node: Node, own: set[str]) -> None:
        for term in _DERIVED:
            for inner, value, at in node.nodes(term):
                id, name = (value, value) if inner is None else (inner.said.get("@id"), inner.text("sc:name", "prov:label"))
                if isinstance(id, str) and id in own:
                    self.facts.append(Fact("derived-within", id, at))
                    continue
                url = inner.text("sc:url") if inner is not None else None
                uri = next((text for text in (id, url) if isinstance(text, str) and reading.is_address(text)), None)
                found = reading.input_said("derived-from", name or uri or id, at, self.lost)
                if found is not None:
                    said = inner.get("sc:version") if inner is not None else None
                    self.inputs.append(Input("derived-from", at, name=found.name, version=reading.version_text(said), uri=uri))

    def _governance(self) -> None:
        for term in self.root.keys:
            if term in _FACTS or term in _GOVERNANCE or term.startswith(("rai:", "odrl:")):
                value = self.root.get(term)
                name = term.partition(":")[2] if term.startswith("sc:") else term
                self.facts += reading.facts_from(name, value, self.root.place(term))
        for term in _DERIVED:
            self.facts += [Fact(term, text, at) for text, at in self.root.references(term)]

    def _data(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, terms in _DATA_TEXTS.items():
            text = reading.joined(self.root.get(*terms))
            if text is not None:
                found[name] = text
        languages = [text for text in reading.texts_of(self.root.get("sc:inLanguage")) if len(text) <= 4096]
        formats = [text for text in self.found.formats if len(text) <= 4096]
        found |= {"languages": languages} if languages else {}
        found |= {"formats": formats} if formats else {}
        published = reading.date_of(self.root.get("sc:datePublished"))
        found |= {"published": published} if published else {}
        for node, _, _ in self.root.nodes("sc:publisher"):
            owner = node.text("sc:name") if node is not None else None
            if owner and len(owner) <= 4096:
                found["owner"] = owner
                break
        frame = self.root.get("rai:dataCollectionTimeframe")
        dates = [reading.date_of(item) for item in frame] if isinstance(frame, list) else []
        if len(dates) == 2 and dates[0] and dates[1] and dates[0] <= dates[1]:
            found["acquired"] = {"from": dates[0], "to": dates[1]}
        return found

    def _artifact(self, name: str, licenses: tuple[License, ...]) -> ImportedArtifact:
        paths = sorted({*self.found.here, self.root.at.file})
        chosen = set(paths)
        rest = [path for path in self.files.paths() if path not in chosen]
        if rest:
            self._lose(f"{len(rest)} files", "they are here, and the document does not list them: they are not of the dataset", At(rest[0]))
        url = self.root.text("sc:url")
        return ImportedArtifact(
            "main",
            "dataset",
            name,
            self._said_version(),
            include=tuple(escape(path) for path in paths) if rest else (),
            licenses=licenses,
            inputs=tuple(self._distinct()),
            sources=({"uri": url},) if url and reading.is_address(url) else (),
            data=self._data(),
            facts=tuple(self.facts),
        )

    def _distinct(self) -> list[Input]:
        return list({(item.name, item.version, item.uri): item for item in self.inputs}.values())

    def _lose(self, what: object, reason: str, at: At) -> None:
        self.lost.append(Unresolved(str(what)[:200], reason, at))


def _glob(pattern: str) -> Glob:
    """A pattern of a file set. Raises LedgerError LG1501 when it is too long."""
    if len(pattern) > LONGEST:
        raise LedgerError(BAD, f"the pattern `{shown(pattern)}` of a file set is too long")
    return Glob(pattern)
