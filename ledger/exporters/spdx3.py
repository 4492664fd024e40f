"""SPDX 3.0.1 AI BOM: core, software, licensing, AI, dataset and build profiles, written with the bindings made from its model; pure.

What nobody recorded is left out, and a profile whose required fields are not all there is not claimed. Each lineage relation is the nearest
one that SPDX 3.0.1 has, with the exact word in its description; each licence claim stands word for word in an extension, so that
`ledger import spdx` finds the same graph again. Source: SPDX 3.0.1 (model, JSON-LD rules) and the facts page of formats, section 1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from ledger import __version__, canon
from ledger.exporters.common import day
from ledger.exporters.graph import MODEL_RELATIONS, PROPERTY, Graph, Item, Link, Said
from ledger.licenses.catalogue import list_version
from ledger.licenses.expression import parse_expression
from ledger.spec.vocabulary import NOASSERTION

_NO_LICENSE = "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense"
_NO_ELEMENT = "https://spdx.org/rdf/3.0.1/terms/Core/NoAssertionElement"
_PURPOSES = {"weights": "model", "dataset": "data", "code": "source", "document": "documentation"}
_MODALITIES = {"text": "text", "image": "image", "audio": "audio", "video": "video", "other": "other"}
_TLP = {"open": "clear", "public": "clear"}
_PII = {"yes": "yes", "no": "no", "unknown": "noAssertion"}

RELATIONS: dict[str, tuple[str, bool]] = {
    "trained-on": ("trainedOn", False),
    "evaluated-on": ("testedOn", False),
    "tokenized-with": ("usesTool", False),
    "built-by": ("usesTool", False),
    "describes": ("describes", False),
    "generated-by": ("generates", True),
}
"""Relation → (type in SPDX 3.0.1, whether it runs from the input to the output); all others are `descendantOf`."""
_NEEDED = ("releaseTime", "suppliedBy", "software_downloadLocation", "software_packageVersion", "software_primaryPurpose")
_NEEDED_OF_DATA = (
    "builtTime",
    "originatedBy",
    "releaseTime",
    "software_downloadLocation",
    "software_primaryPurpose",
    "dataset_datasetType",
)


def write(graph: Graph, _version: str) -> bytes:
    """A graph as an SPDX 3.0.1 document in JSON-LD; elements and lists that are sets are sorted."""
    from spdx_python_model import v3_0_1 as spdx

    made = _Document(graph, spdx)
    made.build()
    data = spdx.JSONLDSerializer().serialize_data(made.objects, force_at_graph=True)
    data["@graph"] = sorted(
        (_in_order(one) for one in data["@graph"]), key=lambda one: (one["type"], one.get("spdxId", one.get("@id", "")))
    )
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def _in_order(element: dict[str, Any]) -> dict[str, Any]:
    """Lists of references are sets: they are sorted."""
    return {
        name: sorted(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else value
        for name, value in element.items()
    }


class _Document:
    def __init__(self, graph: Graph, spdx: Any) -> None:
        self.graph, self.spdx = graph, spdx
        self.objects = spdx.SHACLObjectSet()
        self.base = f"https://openness-ledger.dev/spdx/{graph.uuid('spdx 3.0.1')}"
        self.elements: dict[str, Any] = {}
        self.count = 0
        self.info = spdx.CreationInfo(specVersion="3.0.1", created=_time(graph.time))
        self.info._id = "_:creation"
        self.objects.add(self.info)

    def build(self) -> None:
        graph = self.graph
        provider = graph.about.get("provider", {}).get("name")
        author = self._agent(provider) if provider else self._add("SoftwareAgent", "agent/log", name=graph.origin)
        self.info.createdBy.append(author)
        self.info.createdUsing.append(self._add("Tool", "tool/openness-ledger", name=f"openness-ledger-{__version__}"))
        packages = {item.id: self._package(item, provider) for item in graph.items}
        for item in graph.items:
            self._licensed(item, packages[item.id])
            self._contained(item, packages[item.id])
        self._lineage(packages)
        self._builds(packages)
        self._frame(packages)

    # --- elements --------------------------------------------------------------------------------

    def _add(self, kind: str, local: str, **said: Any) -> Any:
        """One element, made once."""
        id = f"{self.base}/{local}"
        if id not in self.elements:
            made = getattr(self.spdx, kind)(**{name: value for name, value in said.items() if value is not None})
            made._id = id
            made.creationInfo = self.info
            self.objects.add(made)
            self.elements[id] = made
        return self.elements[id]

    def _agent(self, name: str) -> Any:
        return self._add("Organization", f"agent/{_short(name)}", name=name)

    def _package(self, item: Item, provider: str | None) -> Any:
        kind = {"weights": "ai_AIPackage", "dataset": "dataset_DatasetPackage"}.get(item.kind, "software_Package")
        made = self._add(kind, f"item/{item.id.replace(':', '-')}", name=item.name, software_packageVersion=item.version)
        made.software_primaryPurpose = getattr(self.spdx.software_SoftwarePurpose, _PURPOSES.get(item.kind, "other"))
        made.software_packageUrl = item.purl
        place = item.location
        if place and "://" in place and place.isascii() and " " not in place:
            made.software_downloadLocation = place
        if item.sha256 is not None:
            made.verifiedUsing.append(self._hash(item.sha256))
        supplier = item.data.get("issuer") or item.data.get("owner") or (provider if item.roles else None)
        if supplier:
            made.suppliedBy = self._agent(supplier)
        released = self.graph.about.get("released") if item.roles and item.kind != "dataset" else item.data.get("published")
        released = day(released)
        if released is not None:
            made.releaseTime = _time(f"{released}T00:00:00Z")
        if item.kind == "dataset":
            self._dataset(item, made)
        elif item.kind == "weights":
            self._model(made)
        made.extension.append(self._properties(item))
        return made

    def _dataset(self, item: Item, made: Any) -> None:
        data = item.data
        for modality in data.get("modalities", ()):
            made.dataset_datasetType.append(getattr(self.spdx.dataset_DatasetType, _MODALITIES[modality]))
        if not made.dataset_datasetType:
            made.dataset_datasetType.append(self.spdx.dataset_DatasetType.noAssertion)
        if data.get("owner"):
            made.originatedBy.append(self._agent(data["owner"]))
        published = day(data.get("published"))
        if published is not None:
            made.builtTime = _time(f"{published}T00:00:00Z")
        if data.get("collection"):
            made.dataset_dataCollectionProcess = data["collection"]
        for field in ("processing", "filtering"):
            if data.get(field):
                made.dataset_dataPreprocessing.append(data[field])
        if data.get("purpose"):
            made.dataset_intendedUse = data["purpose"]
        if data.get("description"):
            made.description = data["description"]
        pii = _PII.get(data.get("personal_data", "unknown"), "noAssertion")
        made.dataset_hasSensitivePersonalInformation = getattr(self.spdx.PresenceType, pii)
        if data.get("class") in _TLP:
            made.dataset_confidentialityLevel = getattr(self.spdx.dataset_ConfidentialityLevelType, _TLP[data["class"]])
        size = data.get("size", {})
        if size.get("unit") == "records" and float(size.get("value", 0.5)).is_integer():
            made.dataset_datasetSize = int(size["value"])

    def _model(self, made: Any) -> None:
        model = self.graph.about.get("model", {})
        if model.get("training"):
            made.ai_informationAboutTraining = model["training"]
        area = self.graph.about.get("system", {}).get("application_area")
        if area:
            made.ai_informationAboutApplication = area

    def _hash(self, sha256: str) -> Any:
        return self.spdx.Hash(algorithm=self.spdx.HashAlgorithm.sha256, hashValue=sha256)

    def _properties(self, item: Item) -> Any:
        """What SPDX has no word for, as the only standard free field of an element."""
        said = [("id", item.id), ("kind", item.kind), *(("role", role) for role in item.roles)]
        said += [("license:declared", _claim(one)) for one in item.declared]
        said += [("license:concluded", _claim(item.concluded))] if item.concluded is not None else []
        said += [("source", canon.canonical(dict(one)).decode("utf-8")) for one in item.sources]
        said += [("uri", item.uri)] if item.uri else []
        said += [("entry", str(item.index))] if item.index is not None else [("undisclosed", "nobody has recorded its bytes")]
        entries = [
            self.spdx.extension_CdxPropertyEntry(extension_cdxPropName=f"{PROPERTY}:{name}", extension_cdxPropValue=value)
            for name, value in said
        ]
        return self.spdx.extension_CdxPropertiesExtension(extension_cdxProperty=entries)

    # --- relationships ---------------------------------------------------------------------------

    def _relate(self, source: Any, type: str, targets: Iterable[Any], *, scope: str | None = None, **said: Any) -> None:
        self.count += 1
        kind = "LifecycleScopedRelationship" if scope else "Relationship"
        made = self._add(kind, f"relationship/{self.count:06}", **said)
        made.from_ = source
        made.relationshipType = getattr(self.spdx.RelationshipType, type)
        made.to.extend(targets)
        if scope:
            made.scope = getattr(self.spdx.LifecycleScopeType, scope)

    def _licensed(self, item: Item, package: Any) -> None:
        """Exactly one declared and one concluded licence of each package, as the profiles ask."""
        concluded = item.concluded.normalized if item.concluded is not None else NOASSERTION
        for type, expression in (("hasDeclaredLicense", item.declared_license), ("hasConcludedLicense", concluded)):
            self._relate(package, type, [self._license(expression)])

    def _license(self, expression: str) -> Any:
        if expression == NOASSERTION:
            return _NO_LICENSE
        made = self._add("simplelicensing_LicenseExpression", f"license/{_short(expression)}", simplelicensing_licenseExpression=expression)
        made.simplelicensing_licenseListVersion = f"{list_version()}.0" if list_version().count(".") == 1 else list_version()
        known = {entry.key for entry in made.simplelicensing_customIdToUri}
        for id in parse_expression(expression).ids:
            if id.startswith("LicenseRef-") and id not in known:
                text = f"The text is not in this document, which only names the licence {id}."
                own = self._add("simplelicensing_SimpleLicensingText", f"license-text/{id}", name=id, simplelicensing_licenseText=text)
                made.simplelicensing_customIdToUri.append(self.spdx.DictionaryEntry(key=id, value=own._id))
        return made

    def _contained(self, item: Item, package: Any) -> None:
        files = []
        for number, entry in enumerate(item.listing):
            made = self._add("software_File", f"file/{item.id.replace(':', '-')}/{number:07}", name=entry.path)
            made.software_fileKind = self.spdx.software_FileKindType.file
            made.verifiedUsing.append(self._hash(entry.sha256))
            files.append(made)
        if files:
            self._relate(package, "contains", files, completeness=self.spdx.RelationshipCompleteness.complete)

    def _lineage(self, packages: dict[str, Any]) -> None:
        for link in self.graph.links:
            type, reverse = RELATIONS.get(link.relation, ("descendantOf", False))
            ends = (packages[link.input], packages[link.output]) if reverse else (packages[link.output], packages[link.input])
            if type in ("trainedOn", "testedOn") and not self._of_kinds(ends):
                type = "dependsOn"
            amount = None if link.amount is None else canon.canonical(dict(link.amount)).decode("utf-8")
            self._relate(ends[0], type, [ends[1]], description=link.relation, comment=amount)
        self._undisclosed(packages)
        # Readers that follow only dependencies would call whatever else is here unconnected.
        for item in self.graph.items:
            inputs = list(dict.fromkeys(link.input for link in self.graph.made_from(item.id)))
            if inputs:
                self._relate(packages[item.id], "dependsOn", [packages[id] for id in inputs], scope="build")

    def _of_kinds(self, ends: tuple[Any, Any]) -> bool:
        return isinstance(ends[0], self.spdx.ai_AIPackage) and isinstance(ends[1], self.spdx.dataset_DatasetPackage)

    def _undisclosed(self, packages: dict[str, Any]) -> None:
        """Weights of which nobody says what they were trained on: said in so many words."""
        missing = self.spdx.RelationshipCompleteness.noAssertion
        for item in self.graph.items:
            relations = {link.relation for link in self.graph.made_from(item.id)}
            if item.kind == "weights" and item.form != "ref" and not relations & ({"trained-on"} | MODEL_RELATIONS):
                self._relate(packages[item.id], "trainedOn", [_NO_ELEMENT], completeness=missing)

    def _builds(self, packages: dict[str, Any]) -> None:
        """How weights came into being: inputs, outputs, and that nobody says who ran it."""
        for item in self.graph.items:
            links = self.graph.made_from(item.id)
            if item.kind != "weights" or not links:
                continue
            build = self._add(
                "build_Build", f"build/{item.id.replace(':', '-')}", build_buildType="https://openness-ledger.dev/training/v1"
            )
            self._code(build, links)
            self._relate(build, "hasInput", [packages[id] for id in dict.fromkeys(link.input for link in links)], scope="build")
            self._relate(build, "hasOutput", [packages[item.id]], scope="build")
            self._relate(build, "invokedBy", [_NO_ELEMENT], scope="build")

    def _code(self, build: Any, links: Sequence[Link]) -> None:
        for link in links:
            code = self.graph.item(link.input)
            if link.relation == "built-by" and code.location and "://" in code.location:
                build.build_configSourceUri.append(code.location)
                if code.sha256:
                    build.build_configSourceDigest.append(self._hash(code.sha256))

    # --- the document ----------------------------------------------------------------------------

    def _frame(self, packages: dict[str, Any]) -> None:
        graph = self.graph
        lead = packages[graph.lead.id]
        others = [packages[item.id] for item in graph.components if item.id != graph.lead.id]
        if others:
            self._relate(lead, "dependsOn", others, scope="runtime", description="released together")
        name = f"{graph.name} {graph.version}" if graph.version else graph.name
        within = list(self.elements.values())
        sbom = self._add("software_Sbom", "sbom", name=f"AI BOM of {name}")
        sbom.software_sbomType.append(self.spdx.software_SbomType.build)
        sbom.rootElement.append(lead)
        sbom.element.extend(within)
        license = self._license("CC0-1.0")
        document = self._add("SpdxDocument", "document", name=f"AI BOM of {name}")
        document.dataLicense = license
        document.rootElement.append(sbom)
        document.element.extend([*within, license, sbom])
        document.comment = f"From the log {graph.origin} at size {graph.size}, root {graph.root}: {graph.main}"
        for profile in self._profiles(packages):
            document.profileConformance.append(getattr(self.spdx.ProfileIdentifierType, profile))

    def _profiles(self, packages: dict[str, Any]) -> list[str]:
        """The profiles whose required fields are all there."""
        found = ["core", "software", "simpleLicensing"]
        models = [item for item in packages.values() if isinstance(item, self.spdx.ai_AIPackage)]
        data = [item for item in packages.values() if isinstance(item, self.spdx.dataset_DatasetPackage)]
        if models and all(_has(item, _NEEDED) for item in models):
            found.append("ai")
        if data and all(_has(item, _NEEDED_OF_DATA) and len(item.originatedBy) == 1 for item in data):
            found.append("dataset")
        if any(isinstance(item, self.spdx.build_Build) for item in self.elements.values()):
            found.append("build")
        return found


def _has(element: Any, fields: Sequence[str]) -> bool:
    return all(getattr(element, field) for field in fields)


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _claim(said: Said) -> str:
    return canon.canonical({"expression": said.expression, "normalized": said.normalized, "source": said.source}).decode("utf-8")
