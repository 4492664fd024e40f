"""OpenLineage run events, one COMPLETE event a line for each artifact that was made from something; pure.

What was run and when nobody recorded, only what came of it: the job is the making of that artifact, and the time is that of its log entry.
The version of a dataset is its typed id. OpenLineage has no facet for licences and relations; they are tags. Source: OpenLineage 2-0-2 and
the facets DatasetVersion 1-0-1, Tags 1-0-0, Documentation 1-1-0 and Datasource 1-0-1.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from ledger import canon
from ledger.errors import LedgerError
from ledger.exporters.common import address, by_input
from ledger.exporters.graph import NAMESPACE, PROPERTY, Graph, Item, Link
from ledger.spec.vocabulary import NOASSERTION

_FACETS = "https://openlineage.io/spec/facets/"
_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
PRODUCER = "https://openness-ledger.dev/openlineage/v1"


def write(graph: Graph, _version: str) -> bytes:
    """A graph as JSON lines. Raises LedgerError LG1602 when nothing of it was made from something."""
    made = [item for item in graph.items if item.form != "ref" and graph.made_from(item.id)]
    if not made:
        raise LedgerError("LG1602", f"`{ascii(graph.name)[1:-1]}` was made from nothing that is recorded, and an event has inputs")
    lines = [json.dumps(_event(graph, item), ensure_ascii=False, sort_keys=True, separators=(",", ":")) for item in made]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _event(graph: Graph, item: Item) -> dict[str, Any]:
    inputs = by_input(graph.made_from(item.id))
    # The same artifact was made once, whatever it is exported with.
    run = str(uuid.uuid5(NAMESPACE, f"openlineage\n{item.id}\n{graph.origin}"))
    return {
        "eventType": "COMPLETE",
        "eventTime": item.time or graph.time,
        "producer": PRODUCER,
        "schemaURL": _EVENT,
        "run": {"runId": run},
        "job": {"namespace": graph.origin, "name": f"make {_name(item)}"},
        "inputs": [_dataset(graph, graph.item(id), links) for id, links in inputs.items()],
        "outputs": [_dataset(graph, item, [])],
    }


def _name(item: Item) -> str:
    return f"{item.kind or 'reference'}/{item.name}"


def _dataset(graph: Graph, item: Item, links: list[Link]) -> dict[str, Any]:
    facets: dict[str, Any] = {"tags": _facet("1-0-0/TagsDatasetFacet", tags=_tags(item, links))}
    version = item.id if item.form != "ref" else item.version
    if version is not None:
        facets["version"] = _facet("1-0-1/DatasetVersionDatasetFacet", datasetVersion=version)
    if item.data.get("description"):
        facets["documentation"] = _facet("1-1-0/DocumentationDatasetFacet", description=item.data["description"])
    place = address(item.location)
    if place is not None:
        facets["dataSource"] = _facet("1-0-1/DatasourceDatasetFacet", name=item.display, uri=place)
    return {"namespace": graph.origin, "name": _name(item), "facets": facets}


def _tags(item: Item, links: list[Link]) -> list[dict[str, str]]:
    said = [("id", item.id), *(("role", role) for role in item.roles)]
    said += [("version", item.version)] if item.version is not None else []
    said += [("license", item.license)] if item.license != NOASSERTION else []
    said += [("uri", item.location)] if item.location else []
    for link in links:
        said.append(("relation", link.relation))
        if link.amount is not None:
            said.append((f"amount:{link.relation}", canon.canonical(dict(link.amount)).decode("utf-8")))
    return [{"key": f"{PROPERTY}:{key}", "value": value, "source": "USER"} for key, value in said]


def _facet(schema: str, **said: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": f"{_FACETS}{schema}.json#/$defs/{schema.partition('/')[2]}", **said}
