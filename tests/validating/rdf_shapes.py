"""Read JSON-LD with rdflib and check it with pyshacl: `rdf_shapes.py SHAPES FILE…` prints {file: {triples, results}}."""

from __future__ import annotations

import offline  # noqa: F401  isort: skip

import json
import sys

from pyshacl import validate
from rdflib import Graph, Namespace

SH = Namespace("http://www.w3.org/ns/shacl#")
shapes = Graph().parse(sys.argv[1], format="turtle")
found = {}
for name in sys.argv[2:]:
    data = Graph().parse(name, format="json-ld")
    _, report, _ = validate(data, shacl_graph=shapes)
    results = [
        [str(report.value(one, SH.focusNode)), str(report.value(one, SH.resultPath)), str(report.value(one, SH.sourceConstraintComponent))]
        for one in report.subjects(SH.resultSeverity, None)
    ]
    found[name] = {"triples": len(data), "results": sorted(results)}
print(json.dumps(found))
