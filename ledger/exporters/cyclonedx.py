"""CycloneDX ML-BOM, 1.6 and 1.7, as plain JSON; pure.

The root is the released model (or the one artifact); everything that it was made from is a component of its own. What CycloneDX has no
word for stands in properties that begin with `openness-ledger:`, exactly, so that `ledger import cyclonedx` finds the same graph again:
the typed id, each licence claim with its place, each lineage relation. Source: CycloneDX specification 1.6 and 1.7 (JSON schemas), and
the facts page of formats, section 2: dangling or repeated references, licences that do not parse and hashes of a wrong length pass the
official validator, so nothing here may rest on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ledger import __version__, canon
from ledger.exporters.common import web_address
from ledger.exporters.graph import MODEL_RELATIONS, PROPERTY, Graph, Item, Link, Said
from ledger.licenses.expression import parse_expression
from ledger.spec.vocabulary import NOASSERTION

_TYPES = {"weights": "machine-learning-model", "dataset": "data", "code": "library", "document": "file"}
NOT_IN_ITS_LIST = frozenset(("OpenMDW-1.0", "OpenMDW-1.1"))
"""Ids of our SPDX list that the list of CycloneDX's schemas does not know (`spdx.schema.json` of 2026-08-07); they are written as names."""
_DATA_RELATIONS = frozenset(("trained-on", "evaluated-on"))


def write(graph: Graph, version: str) -> bytes:
    """A graph as a CycloneDX document.

    Args:
        version: `1.6` or `1.7`.
    """
    return (json.dumps(document(graph, version), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def document(graph: Graph, version: str) -> dict[str, Any]:
    """The same as a value."""
    lead = graph.lead
    found: dict[str, Any] = {
        "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": f"urn:uuid:{graph.uuid(f'cyclonedx {version}')}",
        "version": 1,
        "metadata": _metadata(graph, _component(graph, lead, version)),
        "components": [_component(graph, item, version) for item in graph.items if item.id != lead.id],
        "dependencies": _dependencies(graph),
        "compositions": [{"aggregate": "unknown", "dependencies": [lead.id]}],
    }
    formulas = list(_workflows(graph))
    if formulas:
        found["formulation"] = [{"bom-ref": "formulation", "workflows": formulas}]
    return found


def _metadata(graph: Graph, component: dict[str, Any]) -> dict[str, Any]:
    said = {"log:origin": graph.origin, "log:size": str(graph.size), "log:root": graph.root, "log:key": graph.log_key}
    if graph.release:
        said |= {"release:id": graph.main, "release:name": graph.name, "release:version": graph.version or ""}
    found: dict[str, Any] = {
        "timestamp": graph.time,
        "lifecycles": [{"phase": "post-build"}],
        "tools": {"components": [{"type": "application", "name": "openness-ledger", "version": __version__}]},
        "component": component,
        "properties": [{"name": f"{PROPERTY}:{name}", "value": value} for name, value in sorted(said.items())],
    }
    provider = graph.about.get("provider", {}).get("name")
    if provider:
        found["manufacturer"] = {"name": provider}
    return found


def _component(graph: Graph, item: Item, version: str) -> dict[str, Any]:
    links = graph.made_from(item.id)
    # A model of which nothing but the name is known is still a model.
    kind = _TYPES.get(item.kind, "data")
    found: dict[str, Any] = {"type": kind, "bom-ref": item.id, "name": item.name, "purl": item.purl, "properties": _properties(item, links)}
    if item.version is not None:
        found["version"] = item.version
    if item.sha256 is not None:
        found["hashes"] = [_hash(item.sha256)]
    licenses = _licenses(item, version)
    if licenses:
        found["licenses"] = licenses
    references = [{"type": "distribution", "url": place} for place in _places(item)]
    if references:
        found["externalReferences"] = references
    if item.data.get("description"):
        found["description"] = item.data["description"]
    if item.data.get("owner"):
        found["supplier"] = {"name": item.data["owner"]}
    if kind == "data":
        found["data"] = [_data(item)]
    if kind == "machine-learning-model":
        found["modelCard"] = _model_card(graph, item, links)
        ancestors = [graph.item(id) for id in dict.fromkeys(link.input for link in links if link.relation in MODEL_RELATIONS)]
        if ancestors:
            found["pedigree"] = {"ancestors": [_ancestor(one) for one in ancestors]}
    if item.listing:
        found["components"] = [
            {"type": "file", "bom-ref": f"{item.id}#{entry.path}", "name": entry.path, "hashes": [_hash(entry.sha256)]}
            for entry in item.listing
        ]
    return found


def _hash(sha256: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": sha256}


def _places(item: Item) -> list[str]:
    """Addresses at which it is said to be had; what is no address stays in the properties."""
    places = [one["uri"] for one in item.sources] or ([item.uri] if item.uri else [])
    return [place for place in dict.fromkeys(places) if web_address(place) is not None]


def _properties(item: Item, links: Sequence[Link]) -> list[dict[str, str]]:
    said = [("id", item.id), ("kind", item.kind)]
    said += [("entry", str(item.index))] if item.index is not None else [("bytes", "not recorded")]
    said += [("role", role) for role in item.roles]
    said += [("license:declared", _claim(one)) for one in item.declared]
    said += [("license:concluded", _claim(item.concluded))] if item.concluded is not None else []
    said += [("source", canon.canonical(dict(one)).decode("utf-8")) for one in item.sources]
    said += [("uri", item.uri)] if item.uri else []
    said += [("availability", item.availability)] if item.availability else []
    said += [("relation", _relation(link)) for link in links]
    if item.form != "ref":
        said += [("files", str(item.files)), ("bytes", str(item.bytes))]
    return [{"name": f"{PROPERTY}:{name}", "value": value} for name, value in said]


def _claim(said: Said) -> str:
    return canon.canonical({"expression": said.expression, "normalized": said.normalized, "source": said.source}).decode("utf-8")


def _relation(link: Link) -> str:
    said: dict[str, Any] = {"relation": link.relation, "input": link.input}
    if link.amount is not None:
        said["amount"] = dict(link.amount)
    return canon.canonical(said).decode("utf-8")


def _licenses(item: Item, version: str) -> list[dict[str, Any]]:
    said = [(one, "declared") for one in item.declared]
    said += [(item.concluded, "concluded")] if item.concluded is not None else []
    found = []
    for claim, acknowledgement in said:
        expression = parse_expression(claim.normalized)
        single = len(expression.ids) == 1 and expression.normalized == expression.ids[0]
        if claim.normalized == NOASSERTION:
            entry: dict[str, Any] = {"license": {"name": claim.expression or NOASSERTION, "acknowledgement": acknowledgement}}
        elif single and not claim.normalized.startswith("LicenseRef-") and claim.normalized not in NOT_IN_ITS_LIST:
            entry = {"license": {"id": claim.normalized, "acknowledgement": acknowledgement}}
        elif version == "1.6" and len(said) > 1:
            # 1.6 takes one expression, or any number of single licences; a name may be any text.
            entry = {"license": {"name": claim.normalized, "acknowledgement": acknowledgement}}
        else:
            entry = {"expression": claim.normalized, "acknowledgement": acknowledgement}
        if entry not in found:
            found.append(entry)
    return found


def _data(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "dataset", "bom-ref": f"{item.id}#data", "name": item.name}
    places = _places(item)
    if places:
        found["contents"] = {"url": places[0]}
    if item.data.get("class"):
        found["classification"] = item.data["class"]
    if item.data.get("description"):
        found["description"] = item.data["description"]
    sensitive = {"yes": "holds personal data", "no": "holds no personal data, as its manifest says"}.get(item.data.get("personal_data", ""))
    if sensitive:
        found["sensitiveData"] = [sensitive]
    if item.data.get("owner"):
        found["governance"] = {"owners": [{"organization": {"name": item.data["owner"]}}]}
    return found


def _model_card(graph: Graph, item: Item, links: Sequence[Link]) -> dict[str, Any]:
    """What is known of a model; consumers that drop everything else keep these properties."""
    data = [link for link in links if link.relation in _DATA_RELATIONS]
    trained = [{"ref": link.input} for link in data if link.relation == "trained-on"]
    said = [(f"dataset:{link.relation}", link.input) for link in data]
    said += [("artifact", item.id), ("license", item.license), ("log:origin", graph.origin), ("log:root", graph.root)]
    found: dict[str, Any] = {
        "bom-ref": f"{item.id}#card",
        "properties": [{"name": f"{PROPERTY}:{name}", "value": value} for name, value in said],
    }
    if trained:
        found["modelParameters"] = {"datasets": trained}
    return found


def _ancestor(item: Item) -> dict[str, Any]:
    """A model that this one was made from; the whole of it is a component of its own."""
    found: dict[str, Any] = {"type": _TYPES.get(item.kind, "data"), "name": item.name, "purl": item.purl}
    if item.version is not None:
        found["version"] = item.version
    if item.sha256 is not None:
        found["hashes"] = [_hash(item.sha256)]
    return found


def _dependencies(graph: Graph) -> list[dict[str, Any]]:
    """Each component with what it was made from; the root also with the other components of the release."""
    needs: dict[str, set[str]] = {item.id: set() for item in graph.items}
    for link in graph.links:
        needs[link.output].add(link.input)
    needs[graph.lead.id] |= {item.id for item in graph.components if item.id != graph.lead.id}
    return [{"ref": id, "dependsOn": sorted(found)} if found else {"ref": id} for id, found in sorted(needs.items())]


def _workflows(graph: Graph) -> Iterator[dict[str, Any]]:
    """How each thing came into being: its inputs, with what each was for."""
    for item in graph.items:
        links = graph.made_from(item.id) if item.form != "ref" else ()
        if not links:
            continue
        yield {
            "bom-ref": f"{item.id}#made",
            "uid": graph.uuid(f"made {item.id}"),
            "taskTypes": ["build"],
            "inputs": [
                {"resource": {"ref": link.input}, "properties": [{"name": f"{PROPERTY}:relation", "value": link.relation}]}
                for link in links
            ],
            "outputs": [{"type": "artifact", "resource": {"ref": item.id}}],
        }
