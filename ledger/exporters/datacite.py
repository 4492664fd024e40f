"""DataCite metadata 4.5 as JSON, of a release or of one artifact; pure.

No DOI is in it: nobody has given one. DataCite requires creators, a publisher and a year. Who is not known is `:unkn`, its own value for
that; the year without a date of publication is that of the log entry, and a date of type Submitted says so. Source: DataCite Metadata
Schema 4.5, with appendix 3 (standard values for unknown information).
"""

from __future__ import annotations

from typing import Any

from ledger.exporters.common import distinct, license_address, place, single_license, written
from ledger.exporters.graph import PROPERTY, Graph, Item
from ledger.spec.vocabulary import NOASSERTION

UNKNOWN = ":unkn"
_TYPES = {"weights": "Model", "dataset": "Dataset", "code": "Software", "document": "Text"}
_RELATIONS = {
    "evaluated-on": "References",
    "tokenized-with": "Requires",
    "built-by": "IsCompiledBy",
    "describes": "Describes",
    "subset-of": "IsPartOf",
}
"""Relation → the nearest of DataCite; all others are `IsDerivedFrom`."""


def write(graph: Graph, _version: str) -> bytes:
    """A graph as the attributes of a DataCite record; it is about the release, or the artifact."""
    lead = graph.lead
    said = {**lead.data, "description": graph.about.get("description", lead.data.get("description"))}
    provider = graph.about.get("provider", {}).get("name")
    owner = lead.data.get("owner")
    published = (graph.about.get("released") if graph.release else None) or lead.data.get("published")
    found: dict[str, Any] = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": _TYPES.get(lead.kind, "Other"), "resourceType": lead.kind or "reference"},
        "titles": [{"title": graph.name}],
        "creators": [_creator(provider or owner)],
        "publisher": {"name": provider or lead.data.get("issuer") or owner or UNKNOWN},
        "publicationYear": (published or graph.time)[:4],
        "alternateIdentifiers": _identifiers(graph, lead),
    }
    if graph.version is not None:
        found["version"] = graph.version
    if said["description"]:
        found["descriptions"] = [{"description": said["description"], "descriptionType": "Abstract"}]
    address = place(lead)
    if address is not None:
        found["url"] = address
    found["dates"] = _dates(graph, published)
    rights = _rights(lead)
    if rights:
        found["rightsList"] = rights
    if lead.form != "ref":
        found["sizes"] = list(dict.fromkeys((f"{lead.bytes} bytes", f"{lead.files} files")))
    formats = list(dict.fromkeys(lead.data.get("formats", ())))
    if formats:
        found["formats"] = formats
    languages = lead.data.get("languages", ())
    if len(languages) == 1:
        found["language"] = languages[0]
    related = _related(graph, lead)
    if related:
        found["relatedItems"] = related
        found["relatedIdentifiers"] = [
            {
                "relatedIdentifier": one["relatedItemIdentifier"]["relatedItemIdentifier"],
                "relatedIdentifierType": "URL",
                "relationType": one["relationType"],
                "resourceTypeGeneral": one["relatedItemType"],
            }
            for one in related
            if "relatedItemIdentifier" in one
        ]
    return written(found)


def _creator(name: str | None) -> dict[str, str]:
    return {"name": name, "nameType": "Organizational"} if name else {"name": UNKNOWN}


def _identifiers(graph: Graph, lead: Item) -> list[dict[str, str]]:
    said = [(f"{PROPERTY} id", graph.main), (f"{PROPERTY} id", lead.id), ("SHA-256", lead.sha256)]
    found = [{"alternateIdentifier": value, "alternateIdentifierType": kind} for kind, value in said if value]
    return distinct(found)


def _dates(graph: Graph, published: str | None) -> list[dict[str, str]]:
    found = [{"date": published, "dateType": "Issued"}] if published else []
    recorded = {"date": graph.time, "dateType": "Submitted", "dateInformation": f"recorded in the log {graph.origin}, entry {graph.index}"}
    return [*found, recorded]


def _rights(item: Item) -> list[dict[str, str]]:
    if item.license == NOASSERTION:
        # What somebody wrote that names no licence is passed on as it is.
        return [{"rights": text} for text in dict.fromkeys(one.expression for one in item.declared) if text]
    id = single_license(item.license)
    if id is None:
        return [{"rights": item.license}]
    scheme = {"rightsIdentifier": id, "rightsIdentifierScheme": "SPDX", "schemeUri": "https://spdx.org/licenses/"}
    return [{"rights": id, "rightsUri": license_address(id), **scheme}]


def _related(graph: Graph, lead: Item) -> list[dict[str, Any]]:
    """What it consists of, and what it was made from; with an address when there is one."""
    said = [(item.id, "HasPart") for item in graph.components] if graph.release else []
    said += [(link.input, _RELATIONS.get(link.relation, "IsDerivedFrom")) for link in graph.made_from(lead.id)]
    found = []
    for id, relation in dict.fromkeys(said):
        item = graph.item(id)
        entry: dict[str, Any] = {
            "titles": [{"title": item.name}],
            "relatedItemType": _TYPES.get(item.kind, "Other"),
            "relationType": relation,
        }
        address = place(item)
        if address is not None:
            entry["relatedItemIdentifier"] = {"relatedItemIdentifier": address, "relatedItemIdentifierType": "URL"}
        if item.version is not None:
            entry["edition"] = item.version
        found.append(entry)
    return distinct(found)
