"""What the official validator or reader of each export format says of a file; an AssertionError when it finds fault."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs
from peers import ask
from refdata import refdata
from validators import validate

SLSA = """
import json, sys
from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
said = json.load(open(sys.argv[1]))
read = ParseDict(said["predicate"], provenance_pb2.Provenance())
for one in read.build_definition.resolved_dependencies:
    ResourceDescriptor.copy_from_pb(one).validate()
Statement.copy_from_pb(ParseDict(said, statement_pb2.Statement())).validate()
print(len(read.build_definition.resolved_dependencies), len(said["subject"]))
"""

MLDCAT = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix it6: <http://data.europa.eu/it6/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
[] a sh:NodeShape ; sh:targetClass it6:MachineLearningModel ;
  sh:property [ sh:path dct:identifier ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path dct:title ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path dct:created ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path it6:version ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path it6:hasFile ; sh:minCount 1 ; sh:class it6:File ] ,
    [ sh:path it6:trainedOn ; sh:minCount 1 ; sh:class dcat:Dataset ] ,
    [ sh:path it6:testedOn ; sh:class dcat:Dataset ] ,
    [ sh:path it6:fineTunedFrom ; sh:maxCount 1 ; sh:class it6:MachineLearningModel ] ,
    [ sh:path it6:hasProvider ; sh:class foaf:Agent ] ,
    [ sh:path it6:releaseDate ; sh:maxCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path it6:trainingProcess ; sh:maxCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path dct:license ; sh:class dct:LicenseDocument ] .
[] a sh:NodeShape ; sh:targetClass it6:File ;
  sh:property [ sh:path dct:identifier ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path dct:title ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path dct:format ; sh:minCount 1 ; sh:maxCount 1 ; sh:class skos:Concept ] ,
    [ sh:path it6:url ; sh:minCount 1 ; sh:maxCount 1 ; sh:class dcat:Resource ] ,
    [ sh:path spdx:checksum ; sh:class spdx:Checksum ] .
[] a sh:NodeShape ; sh:targetClass dcat:Dataset ;
  sh:property [ sh:path dct:title ; sh:minCount 1 ] , [ sh:path it6:collectionDate ; sh:minCount 1 ] ,
    [ sh:path dct:creator ; sh:class foaf:Agent ] .
[] a sh:NodeShape ; sh:targetClass spdx:Checksum ;
  sh:property [ sh:path spdx:checksumValue ; sh:datatype xsd:hexBinary ; sh:maxCount 1 ] ,
    [ sh:path spdx:algorithm ; sh:class spdx:ChecksumAlgorithm ] .
[] a sh:NodeShape ; sh:targetClass foaf:Agent ; sh:property [ sh:path foaf:name ; sh:minCount 1 ; sh:nodeKind sh:Literal ] .
"""
"""Counts, classes and kinds of the properties that are written, as release 3.0.0 of SEMICeu/MLDCAT-AP has them in its shapes."""

NOT_RECORDED = frozenset(
    [
        "http://purl.org/dc/terms/created",
        "http://data.europa.eu/it6/url",
        "http://data.europa.eu/it6/collectionDate",
        "http://data.europa.eu/it6/version",
        "http://data.europa.eu/it6/hasFile",
        "http://data.europa.eu/it6/trainedOn",
    ]
)
"""What MLDCAT-AP demands and a record need not have: left out, and found to be missing."""


@cache
def openlineage() -> Any:
    """The validator of run events with the facets that are used."""
    folder = refdata("openlineage", "spec")
    core = json.loads((folder / "OpenLineage.json").read_text())
    schemas = [core, *(json.loads(path.read_text()) for path in sorted((folder / "facets").glob("*DatasetFacet.json")))]
    registry = jsonschema_rs.Registry([(one["$id"], one) for one in schemas])
    facets = {}
    for one in schemas[1:]:
        facets |= {name: {"$ref": f"{one['$id']}{said['$ref']}"} for name, said in one["properties"].items()}
    dataset = {"type": "object", "properties": {"facets": {"properties": facets}}}
    several = {"type": "array", "items": dataset}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [{"$ref": f"{core['$id']}#/$defs/RunEvent"}, {"properties": {"inputs": several, "outputs": several}}],
    }
    return jsonschema_rs.validator_for(schema, registry=registry, validate_formats=True)


@cache
def lib4sbom_schema(name: str) -> Any:
    """A validator for one of the SPDX schemas that lib4sbom brings."""
    spec = find_spec("lib4sbom")
    assert spec is not None and spec.origin is not None
    schema = json.loads((Path(spec.origin).parent / "schemas" / "spdx" / f"{name}-schema.json").read_text())
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def _cyclonedx(path: Path) -> None:
    assert validate("cyclonedx_bom", path) == {str(path): None}


def _spdx(path: Path) -> None:
    said = json.loads(path.read_text("utf-8"))
    if "@graph" in said:
        assert list(lib4sbom_schema("3.0").iter_errors(said)) == []
        elements = validate("ntia_elements", path, "spdx3")
    else:
        assert list(lib4sbom_schema("2.3").iter_errors(said)) == []
        assert validate("spdx2_document", path)[str(path)]["problems"] == []
        elements = validate("ntia_elements", path, "spdx2")
    assert elements["floating"] == [] and elements["parsing_errors"] == []


def _croissant(path: Path) -> None:
    found = validate("croissant_dataset", path)[str(path)]
    assert found["problem"] is None, found


def _hf_card(path: Path) -> None:
    assert validate("hub_card", path, "model")["data"]


def _slsa(path: Path) -> None:
    done = ask("python", "-c", SLSA, path)
    assert done.returncode == 0, done.stderr


def _openlineage(path: Path) -> None:
    lines = path.read_text("utf-8").split("\n")
    assert lines.pop() == "" and lines
    for line in lines:
        assert [str(one) for one in openlineage().iter_errors(json.loads(line))] == []


def _prov(path: Path) -> None:
    found = validate("prov_document", path)[str(path)]
    assert found["same"] and found["nameless"] == 0
    assert found["again"] == json.loads(path.read_text("utf-8"))


def mldcat(path: Path, folder: Path) -> list[list[str]]:
    """What the shapes find."""
    shapes = folder / "shapes.ttl"
    shapes.write_text(MLDCAT)
    found = validate("rdf_shapes", shapes, path)[str(path)]
    assert found["triples"] > 5
    return found["results"]


def _mldcat(path: Path) -> None:
    results = mldcat(path, path.parent)
    assert [one for one in results if one[1] not in NOT_RECORDED or not one[2].endswith("MinCountConstraintComponent")] == []


def _datacite(path: Path) -> None:
    assert validate("datacite_record", path) == {str(path): None}


CHECKS: Mapping[str, Callable[[Path], None]] = {
    "cyclonedx": _cyclonedx,
    "spdx": _spdx,
    "croissant": _croissant,
    "hf-card": _hf_card,
    "slsa-provenance": _slsa,
    "openlineage": _openlineage,
    "prov-json": _prov,
    "mldcat-ap": _mldcat,
    "datacite": _datacite,
}
