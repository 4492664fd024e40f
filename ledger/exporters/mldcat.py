"""MLDCAT-AP 3.0.0 as JSON-LD: a model with its files, and the datasets and models behind it; pure.

Terms are written with prefixes of a context that stands in the document, so that nothing is fetched to read it. The profile also demands
when a model came into being, when data were collected, and the address of each file; what nobody recorded of these is left out, and the
document is then one that its shapes find incomplete. Source: SEMICeu/MLDCAT-AP, release 3.0.0 of 2026-05-19 (context and SHACL shapes).
"""

from __future__ import annotations

import hashlib
import re
from typing import Any
from urllib.parse import quote

from ledger.errors import LedgerError
from ledger.exporters.common import day, iri, license_address, media_type, place, single_license, written
from ledger.exporters.graph import MODEL_RELATIONS, Graph, Item
from ledger.spec.vocabulary import BASE, NOASSERTION

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "it6": "http://data.europa.eu/it6/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_SHA256 = "spdx:checksumAlgorithm_sha256"
_MEDIA = "https://www.iana.org/assignments/media-types/"
_COMMIT = re.compile(r"[0-9a-f]{40}")
_HUB = "https://huggingface.co/"


def write(graph: Graph, _version: str) -> bytes:
    """A graph as an MLDCAT-AP document. Raises LedgerError LG1602 when it has no model among its components."""
    if graph.lead.kind != "weights":
        raise LedgerError("LG1602", f"`{ascii(graph.name)[1:-1]}` has no model among its components, and MLDCAT-AP describes one")
    made = _Document(graph)
    for item in graph.items:
        if item.kind == "weights":
            made.model(item)
        elif item.kind == "dataset":
            made.dataset(item)
    nodes = [made.nodes[id] for id in sorted(made.nodes)]
    return written({"@context": CONTEXT, "@graph": nodes})


class _Document:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: dict[str, dict[str, Any]] = {}

    def _node(self, id: str, type: str, **said: Any) -> dict[str, str]:
        """One node, made once; a reference to it."""
        self.nodes.setdefault(id, {"@id": id, "@type": type, **{key.replace("__", ":"): value for key, value in said.items()}})
        return {"@id": id}

    def model(self, item: Item) -> None:
        graph, about = self.graph, self.graph.about if item.id == self.graph.lead.id else {}
        found: dict[str, Any] = {"dct:identifier": item.id, "dct:title": item.name}
        if item.version is not None:
            found["it6:version"] = item.version
        said = {
            "dct:description": about.get("description"),
            "it6:trainingProcess": about.get("model", {}).get("training"),
            "it6:modelArchitecture": about.get("model", {}).get("properties"),
            "it6:intendedUse": about.get("system", {}).get("application_area"),
            "it6:methodOfDistribution": place(item),
        }
        found |= {name: value for name, value in said.items() if value}
        released = day(about.get("released"))
        if released is not None:
            found["it6:releaseDate"] = _typed(released, "date")
        provider = about.get("provider", {}).get("name")
        if provider:
            found["it6:hasProvider"] = [self._agent(provider)]
        self._license(item, found)
        files = self._files(item)
        if files:
            found["it6:hasFile"] = files
        self._made(graph, item, found)
        self._put(item, "it6:MachineLearningModel", found)

    def _made(self, graph: Graph, item: Item, found: dict[str, Any]) -> None:
        links = graph.made_from(item.id)
        data = {id for id in (link.input for link in links) if graph.item(id).kind == "dataset"}
        models = {id for id in (link.input for link in links) if graph.item(id).kind == "weights"}
        for relation, name in (("trained-on", "it6:trainedOn"), ("evaluated-on", "it6:testedOn")):
            used = [link.input for link in links if link.relation == relation and link.input in data]
            if used:
                found[name] = [{"@id": iri(id)} for id in used]
        tuned = [link.input for link in links if link.relation == "fine-tuned-from" and link.input in models]
        if len(tuned) == 1:
            # One model at most: of several, none is the one.
            found["it6:fineTunedFrom"] = {"@id": iri(tuned[0])}
        derived = [link.input for link in links if link.relation in MODEL_RELATIONS and link.input in models | data]
        if derived:
            found["prov:wasDerivedFrom"] = [{"@id": iri(id)} for id in dict.fromkeys(derived)]

    def dataset(self, item: Item) -> None:
        graph, data = self.graph, item.data
        found: dict[str, Any] = {"dct:identifier": [item.id], "dct:title": [item.name]}
        if item.version is not None:
            found["dcat:version"] = item.version
        said: dict[str, list[str]] = {
            "dct:description": [data[name] for name in ("description",) if data.get(name)],
            "it6:curationMethod": [data[name] for name in ("selection", "processing", "filtering") if data.get(name)],
            "it6:dataProvenance": [data[name] for name in ("provenance",) if data.get(name)],
        }
        found |= {name: value for name, value in said.items() if value}
        if data.get("collection"):
            found["it6:collectionMethod"] = data["collection"]
        collected = day(data.get("acquired", {}).get("from"))
        if collected is not None:
            found["it6:collectionDate"] = _typed(collected, "date")
        published = day(data.get("published"))
        if published is not None:
            found["dct:issued"] = _typed(published, "date")
        if data.get("owner"):
            found["dct:creator"] = [self._agent(data["owner"])]
        address = place(item)
        if address is not None or item.license != NOASSERTION:
            distribution: dict[str, Any] = {} if address is None else {"dcat:accessURL": [self._resource(address)]}
            self._license(item, distribution)
            if item.form == "file":
                distribution["spdx:checksum"] = self._checksum(item.sha256 or "")
            found["dcat:distribution"] = [self._node(f"{iri(item.id)}/distribution", "dcat:Distribution", **_names(distribution))]
        derived = [link.input for link in graph.made_from(item.id) if graph.item(link.input).kind in ("dataset", "weights")]
        if derived:
            found["prov:wasDerivedFrom"] = [{"@id": iri(id)} for id in dict.fromkeys(derived)]
        self._put(item, "dcat:Dataset", found)

    def _put(self, item: Item, type: str, found: dict[str, Any]) -> None:
        self.nodes[iri(item.id)] = {"@id": iri(item.id), "@type": type, **found}

    def _agent(self, name: str) -> dict[str, str]:
        return self._node(f"{BASE}agent/{_short(name)}", "foaf:Agent", foaf__name=[name])

    def _resource(self, address: str) -> dict[str, str]:
        return self._node(address, "dcat:Resource")

    def _license(self, item: Item, found: dict[str, Any]) -> None:
        if item.license == NOASSERTION:
            return
        id = single_license(item.license)
        address = license_address(id) if id is not None else f"{BASE}license/{_short(item.license)}"
        found["dct:license"] = self._node(address, "dct:LicenseDocument", rdfs__label=item.license)

    def _files(self, item: Item) -> list[dict[str, str]]:
        if item.form == "file":
            return [self._file(item, item.name, item.sha256 or "")]
        return [self._file(item, entry.path, entry.sha256) for entry in item.listing]

    def _file(self, item: Item, path: str, sha256: str) -> dict[str, str]:
        said: dict[str, Any] = {"dct:identifier": f"sha256:{sha256}", "dct:title": path, "spdx:checksum": [self._checksum(sha256)]}
        kind = media_type(path)
        said["dct:format"] = self._node(_MEDIA + kind, "skos:Concept", skos__prefLabel=kind)
        address = _file_address(item, path)
        if address is not None:
            said["it6:url"] = self._resource(address)
        return self._node(f"{iri(item.id)}/file/{quote(path, safe='/')}", "it6:File", **_names(said))

    def _checksum(self, sha256: str) -> dict[str, str]:
        self._node(_SHA256, "spdx:ChecksumAlgorithm")
        value = _typed(sha256, "hexBinary")
        return self._node(iri(f"sha256:{sha256}"), "spdx:Checksum", spdx__algorithm={"@id": _SHA256}, spdx__checksumValue=value)


def _file_address(item: Item, path: str) -> str | None:
    """Where one file is: known for a single file, and for a repository of the hub at a commit."""
    address = place(item)
    revision = item.sources[0].get("revision", "") if item.sources else ""
    if address is None or item.form == "file":
        return address
    if address.startswith(_HUB) and _COMMIT.fullmatch(revision):
        return f"{address.rstrip('/')}/resolve/{revision}/{quote(path, safe='/')}"
    return None


def _names(said: dict[str, Any]) -> dict[str, Any]:
    return {name.replace(":", "__"): value for name, value in said.items()}


def _typed(value: str, type: str) -> dict[str, str]:
    return {"@value": value, "@type": f"xsd:{type}"}


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
