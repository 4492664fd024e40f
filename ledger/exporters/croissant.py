"""Croissant 1.1 of a dataset, with the RAI vocabulary and PROV lineage; pure.

Every file is a FileObject with its SHA-256 and a relative address, so that the document is read beside the files. What columns a file has
is not in its digest: a RecordSet is written for the files whose columns somebody recorded, as the field `columns` of the manifest
(`{path: [name, …]}` or `{path: {name: type}}`), and for no other. Source: Croissant 1.1 (2026-01-29), Croissant RAI 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ledger.errors import LedgerError
from ledger.exporters.common import day, iri, license_address, media_type, place, single_license, written
from ledger.exporters.graph import Graph, Item, Link
from ledger.spec.vocabulary import BASE, NOASSERTION

_PREFIXES = {
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "led": BASE + "terms/",
}
_TERMS = frozenset(
    """annotation arrayShape citeAs column containedIn equivalentProperty excludes extract field fileProperty fileObject fileSet format
    includes isArray isLiveDataset jsonPath key md5 parentField path readLines recordSet references regex repeated replace samplingRate
    sdVersion separator source subField transform unArchive value""".split()  # noqa: SIM905
)
_TYPES = {"text": "sc:Text", "integer": "sc:Integer", "number": "sc:Float", "boolean": "sc:Boolean", "date": "sc:Date"}
_PERSONAL = {"yes": "It holds personal information.", "no": "It holds no personal information, as its manifest says."}
_TABLES = ("text/csv", "text/tab-separated-values", "application/jsonlines", "application/vnd.apache.parquet")


def write(graph: Graph, _version: str) -> bytes:
    """The dataset of a graph as Croissant metadata. Raises LedgerError LG1602 when it has none."""
    item = dataset_of(graph)
    found: dict[str, Any] = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "@id": iri(item.id),
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": item.name,
        "identifier": item.id,
        **dict(_said(item)),
        **dict(_responsible(item)),
        **dict(_lineage(graph, item)),
    }
    files = list(_files(item))
    if files:
        found["distribution"] = files
    records = list(_records(item))
    if records:
        found["recordSet"] = records
    return written(found)


def dataset_of(graph: Graph) -> Item:
    """The dataset that a document is about: the thing itself, or the first of a release, those with bytes before references.

    Raises:
        LedgerError: LG1602 when there is none.
    """
    found = [item for item in graph.components if item.kind == "dataset"]
    if not found:
        raise LedgerError("LG1602", f"`{ascii(graph.name)[1:-1]}` has no dataset among its components, and Croissant describes one")
    return min(found, key=lambda item: (item.form == "ref", "datasets" not in item.roles, item.name, item.version or "", item.id))


def _context() -> dict[str, Any]:
    found: dict[str, Any] = {"@language": "en", "@vocab": "https://schema.org/", **_PREFIXES, **{term: f"cr:{term}" for term in _TERMS}}
    found["conformsTo"] = "dct:conformsTo"
    found["data"] = {"@id": "cr:data", "@type": "@json"}
    found["examples"] = {"@id": "cr:examples", "@type": "@json"}
    found["dataType"] = {"@id": "cr:dataType", "@type": "@vocab"}
    return found


def _said(item: Item) -> Iterator[tuple[str, Any]]:
    data = item.data
    if item.version is not None:
        yield "version", item.version
    if data.get("description"):
        yield "description", data["description"]
    if item.license != NOASSERTION:
        id = single_license(item.license)
        yield "license", item.license if id is None else license_address(id)
    elif item.declared:
        yield "license", " AND ".join(dict.fromkeys(one.expression for one in item.declared if one.expression)) or NOASSERTION
    address = place(item)
    if address is not None:
        yield "url", address
    if data.get("owner"):
        yield "creator", {"@type": "sc:Organization", "name": data["owner"]}
    if data.get("issuer"):
        yield "publisher", {"@type": "sc:Organization", "name": data["issuer"]}
    published = day(data.get("published"))
    if published is not None:
        yield "datePublished", published
    if data.get("languages"):
        yield "inLanguage", list(data["languages"])


def _responsible(item: Item) -> Iterator[tuple[str, Any]]:
    """Answers in the words of the RAI vocabulary; what nobody said is left out."""
    data = item.data
    if data.get("collection"):
        yield "rai:dataCollection", data["collection"]
    acquired = data.get("acquired", {})
    times = [acquired[end] for end in ("from", "to") if end in acquired]
    if times:
        yield "rai:dataCollectionTimeframe", times
    steps = [data[name] for name in ("processing", "filtering") if data.get(name)]
    if steps:
        yield "rai:dataPreprocessingProtocol", steps
    if data.get("selection"):
        yield "rai:dataManipulationProtocol", data["selection"]
    if data.get("labelling"):
        yield "rai:dataAnnotationProtocol", data["labelling"]
    personal = [_PERSONAL[data["personal_data"]]] if data.get("personal_data") in _PERSONAL else []
    personal += list(data.get("classification", ()))
    if personal:
        yield "rai:personalSensitiveInformation", personal
    if data.get("purpose"):
        yield "rai:dataUseCases", [data["purpose"]]


def _lineage(graph: Graph, item: Item) -> Iterator[tuple[str, Any]]:
    links = graph.made_from(item.id)
    if links:
        yield "prov:wasDerivedFrom", [_source(graph.item(link.input), link) for link in links]
    if item.data.get("owner"):
        yield "prov:wasAttributedTo", {"@type": "prov:Organization", "prov:label": item.data["owner"]}


def _source(item: Item, link: Link) -> dict[str, Any]:
    found = {"@type": "prov:Entity", "@id": iri(item.id), "prov:label": item.display, "led:id": item.id, "led:relation": link.relation}
    if item.license != NOASSERTION:
        found["led:license"] = item.license
    address = place(item)
    if address is not None:
        found["led:location"] = address
    return found


def _files(item: Item) -> Iterator[dict[str, Any]]:
    if item.form == "file":
        # The name of a single file is no part of its record; the address is, and the artifact's own name stands in.
        address = place(item) or item.name
        size = {"contentSize": f"{item.bytes} B"}
        yield {**_file(address.rpartition("/")[2] or item.name, item.sha256 or ""), "contentUrl": address, **size}
    for entry in item.listing:
        size = {} if entry.bytes is None else {"contentSize": f"{entry.bytes} B"}
        yield {**_file(entry.path, entry.sha256), **size}


def _file(path: str, sha256: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": _id(path),
        "name": path,
        "contentUrl": path,
        "encodingFormat": media_type(path),
        "sha256": sha256,
    }


def _id(path: str) -> str:
    """An id within the document, as an address has it."""
    return "file/" + quote(path, safe="/")


def _records(item: Item) -> Iterator[dict[str, Any]]:
    said = item.fields.get("columns")
    columns = said if isinstance(said, Mapping) else {}
    for entry in item.listing:
        given = columns.get(entry.path)
        if not isinstance(given, Mapping | list) or media_type(entry.path) not in _TABLES:
            continue
        kinds = dict(given) if isinstance(given, Mapping) else dict.fromkeys(filter(_text, given), "text")
        name = f"records/{quote(entry.path, safe='/')}"
        fields = [_field(name, entry.path, column, kind) for column, kind in kinds.items() if _text(column)]
        if fields:
            yield {"@type": "cr:RecordSet", "@id": name, "name": f"records of {entry.path}", "field": fields}


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _field(records: str, path: str, column: str, kind: object) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{records}/{quote(column, safe='')}",
        "name": column,
        "dataType": _TYPES.get(str(kind), "sc:Text"),
        "source": {"fileObject": {"@id": _id(path)}, "extract": {"column": column}},
    }
