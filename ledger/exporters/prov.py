"""PROV-JSON: artifacts as entities, their making as activities, and who owns or provides them as agents; pure.

Every record has an identifier made from what it says, so none depends on its place in the file. No activity has a time, because nobody
recorded one. Source: W3C member submission PROV-JSON (2013-04-24), PROV-DM.
"""

from __future__ import annotations

import hashlib
from typing import Any

from ledger import canon
from ledger.exporters.common import IRI, address, written
from ledger.exporters.graph import Graph, Item, Link
from ledger.spec.vocabulary import NOASSERTION

_TYPES = {"weights": "Weights", "dataset": "Dataset", "code": "Code", "document": "Document"}


def write(graph: Graph, _version: str) -> bytes:
    """A graph as a PROV-JSON document."""
    made = _Document(graph)
    made.build()
    return written({"prefix": {"led": IRI}, **{name: records for name, records in made.records.items() if records}})


class _Document:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.records: dict[str, dict[str, Any]] = {}

    def build(self) -> None:
        graph = self.graph
        for item in graph.items:
            self._put("entity", _id(item.id), _entity(item))
        provider = graph.about.get("provider", {}).get("name")
        if graph.release:
            name = {"prov:label": f"{graph.name} {graph.version}", "prov:type": _qualified("prov:Collection")}
            self._put("entity", _id(graph.main), name)
            # Membership is the one relation of PROV without an identifier; an influence with the roles has one, and says more.
            for item in graph.components:
                ends = {"prov:influencee": _id(graph.main), "prov:influencer": _id(item.id)}
                self._relate("wasInfluencedBy", {**ends, "led:role": item.roles[0] if len(item.roles) == 1 else sorted(item.roles)})
            if provider:
                self._relate("wasAttributedTo", {"prov:entity": _id(graph.main), "prov:agent": self._agent(provider)})
        for item in graph.items:
            if item.data.get("owner"):
                self._relate("wasAttributedTo", {"prov:entity": _id(item.id), "prov:agent": self._agent(item.data["owner"])})
            self._making(item)

    def _making(self, item: Item) -> None:
        links = self.graph.made_from(item.id)
        if not links:
            return
        activity = f"led:made/{item.id.replace(':', '/')}"
        self._put("activity", activity, {"prov:label": f"the making of {item.display}"})
        self._relate("wasGeneratedBy", {"prov:entity": _id(item.id), "prov:activity": activity})
        for link in links:
            how = _how(link)
            # What only describes or evaluates a thing went into its record, and the thing is not derived from it.
            self._relate("used", {"prov:activity": activity, "prov:entity": _id(link.input), **how})
            if link.relation not in ("describes", "evaluated-on", "built-by", "tokenized-with"):
                ends = {"prov:generatedEntity": _id(item.id), "prov:usedEntity": _id(link.input), "prov:activity": activity}
                self._relate("wasDerivedFrom", {**ends, **how})

    def _agent(self, name: str) -> str:
        id = f"led:agent/{hashlib.sha256(name.encode('utf-8')).hexdigest()[:16]}"
        self._put("agent", id, {"prov:label": name, "prov:type": _qualified("prov:Organization")})
        return id

    def _put(self, kind: str, id: str, said: dict[str, Any]) -> None:
        self.records.setdefault(kind, {})[id] = said

    def _relate(self, kind: str, said: dict[str, Any]) -> None:
        digest = hashlib.sha256(canon.canonical([kind, said])).hexdigest()[:32]
        self._put(kind, f"led:{kind}/{digest}", said)


def _id(id: str) -> str:
    return f"led:{id.replace(':', '/')}"


def _qualified(name: str) -> dict[str, str]:
    return {"$": name, "type": "xsd:QName"}


def _entity(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = {"prov:label": item.display, "led:name": item.name, "led:id": item.id}
    if item.kind in _TYPES:
        found["prov:type"] = _qualified(f"led:{_TYPES[item.kind]}")
    if item.version is not None:
        found["led:version"] = item.version
    if item.sha256 is not None:
        found["led:sha256"] = item.sha256
    if item.license != NOASSERTION:
        found["led:license"] = item.license
    place = address(item.location)
    if place is not None:
        found["prov:atLocation"] = {"$": place, "type": "xsd:anyURI"}
    if item.time is not None:
        found["led:recorded"] = item.time
    return found


def _how(link: Link) -> dict[str, Any]:
    found: dict[str, Any] = {"led:relation": link.relation}
    if link.amount is not None:
        found["led:amount"] = canon.canonical(dict(link.amount)).decode("utf-8")
    return found
