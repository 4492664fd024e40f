"""An in-toto Statement v1 with SLSA provenance v1: what weights were made from, as far as it is recorded; pure.

It is written afterwards, from manifests: whoever ran the training is not asked, so the builder is the record itself and no times of a run
are given. `ledger run` makes the same kind of statement of a run that it saw. The statement is not signed; a signature over exactly this is
what DSSE is for, and the ledger's own attestations have one. Source: slsa.dev, Build Provenance v1; in-toto/attestation, Statement v1 and
ResourceDescriptor v1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger import __version__
from ledger.errors import LedgerError
from ledger.exporters.common import address, by_input, written
from ledger.exporters.graph import Graph, Item, Link
from ledger.spec.vocabulary import BASE

PREDICATE = "https://slsa.dev/provenance/v1"
STATEMENT = "https://in-toto.io/Statement/v1"
BUILD_TYPE = BASE + "training/v1"
"""`externalParameters` are name, version and, for each input, relation, id and amount: all that is recorded of how weights were made."""
BUILDER = BASE + "recorded/v1"


def write(graph: Graph, _version: str) -> bytes:
    """A graph as one statement about its weights. Raises LedgerError LG1602 when it has none whose bytes are recorded."""
    item = graph.lead
    if item.kind != "weights" or item.form == "ref":
        raise LedgerError("LG1602", f"`{ascii(graph.name)[1:-1]}` has no weights whose bytes are recorded, and provenance is of such")
    links = graph.made_from(item.id)
    external: dict[str, Any] = {"name": item.name, "inputs": [_parameter(link) for link in links]}
    if item.version is not None:
        external["version"] = item.version
    return written(
        {
            "_type": STATEMENT,
            "subject": list(_subjects(item)),
            "predicateType": PREDICATE,
            "predicate": {
                "buildDefinition": {
                    "buildType": BUILD_TYPE,
                    "externalParameters": external,
                    "resolvedDependencies": [_dependency(graph.item(id), used) for id, used in by_input(links).items()],
                },
                "runDetails": {
                    "builder": {"id": BUILDER, "version": {"openness-ledger": __version__}},
                    "metadata": {"invocationId": f"urn:uuid:{graph.uuid(f'slsa {item.id}')}"},
                    "byproducts": [_log(graph, item)],
                },
            },
        }
    )


def _subjects(item: Item) -> Iterator[dict[str, Any]]:
    """The artifact, by the digest of its inventory when it is a tree, and each of its files."""
    said = {"id": item.id, "kind": item.kind, "license": item.license}
    yield {"name": item.display, "digest": {"sha256": item.sha256}, "annotations": said}
    for entry in item.listing:
        yield {"name": entry.path, "digest": {"sha256": entry.sha256}}


def _parameter(link: Link) -> dict[str, Any]:
    found: dict[str, Any] = {"relation": link.relation, "id": link.input}
    return {**found, "amount": dict(link.amount)} if link.amount is not None else found


def _dependency(item: Item, links: list[Link]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": item.display, "uri": address(item.location) or item.purl}
    if item.sha256 is not None:
        found["digest"] = {"sha256": item.sha256}
        revision = item.sources[0].get("revision", "") if item.sources else ""
        if item.kind == "code" and len(revision) == 40 and all(char in "0123456789abcdef" for char in revision):
            found["digest"]["gitCommit"] = revision
    found["annotations"] = {"id": item.id, "relations": [link.relation for link in links], "license": item.license}
    if item.kind:
        found["annotations"]["kind"] = item.kind
    return found


def _log(graph: Graph, item: Item) -> dict[str, Any]:
    """Where the manifest stands that all this is read from."""
    said = {
        "origin": graph.origin,
        "size": graph.size,
        "root": graph.root,
        "key": graph.log_key,
        "entry": item.index,
        "recorded": item.time,
    }
    return {"name": "log", "annotations": {name: value for name, value in said.items() if value is not None}}
