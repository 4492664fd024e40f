"""Our tables against the models that they are from: the bindings of SPDX 3.0.1, and the schemas of CycloneDX and SPDX."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

from refdata import refdata
from spdx_python_model import v3_0_1

from ledger.bom import digests, spdx3_model
from ledger.bom.cyclonedx_rules import REFERENCES

CLASSES = {name: found for name, found in vars(v3_0_1).items() if inspect.isclass(found) and issubclass(found, v3_0_1.SHACLObject)}


def spdx3_schema() -> dict[str, Any]:
    spec = find_spec("lib4sbom")
    assert spec is not None and spec.submodule_search_locations is not None
    return json.loads((Path(spec.submodule_search_locations[0]) / "schemas" / "spdx" / "3.0-schema.json").read_bytes())["$defs"]


def test_classes_stand_below_the_ones_that_the_bindings_have_them_below() -> None:
    for name, parent in spdx3_model.PARENTS.items():
        assert issubclass(CLASSES[name], CLASSES[parent]), name


def test_no_class_is_missing_where_a_rule_goes_by_it() -> None:
    wanted = {
        *("Agent", "Artifact", "ElementCollection", "Relationship", "software_Package", "software_SoftwareArtifact"),
        "simplelicensing_AnyLicenseInfo",
    }
    for top in wanted:
        for name, found in CLASSES.items():
            if issubclass(found, CLASSES[top]):
                assert spdx3_model.is_a(name, top), (name, top)
            else:
                assert not spdx3_model.is_a(name, top), (name, top)


def test_references_are_the_properties_whose_values_are_elements() -> None:
    definitions = spdx3_schema()
    elements = {name for name, found in CLASSES.items() if issubclass(found, (v3_0_1.Element, v3_0_1.CreationInfo))}
    found = set()
    for name, value in definitions.items():
        target = value.get("$ref", "").removeprefix("#/$defs/").removesuffix("_derived")
        if name.startswith("prop_") and target in elements:
            found.add(next(one for one in properties(definitions) if name.removesuffix("_").endswith(f"_{one}")))
    assert found == spdx3_model.REFERENCES


def properties(definitions: dict[str, Any]) -> list[str]:
    """The names of all properties, the longest first."""
    found: set[str] = set()
    for name, value in definitions.items():
        if name.endswith("_props"):
            found |= {key for part in value.get("allOf", [value]) for key in part.get("properties", {})}
    return sorted(found, key=len, reverse=True)


def test_relationships_profiles_and_algorithms_are_those_of_the_schema() -> None:
    definitions = spdx3_schema()
    kinds = set(definitions["prop_Relationship_relationshipType"]["enum"])
    assert set(spdx3_model.ENDS) | spdx3_model.LINEAGE | spdx3_model.STRUCTURE <= kinds
    assert set(definitions["prop_ElementCollection_profileConformance"]["enum"]) == spdx3_model.PROFILES
    assert set(digests.SPDX3) | digests.SPDX3_OPEN == set(definitions["prop_Hash_algorithm"]["enum"])
    assert not set(digests.SPDX3) & digests.SPDX3_OPEN


# What the model's text calls a side, and the classes that we take it for.
SIDES = {
    "Vulnerability": ("security_Vulnerability",),
    "Build": ("build_Build",),
    "Agent": ("Agent",),
    "Artifact": ("Artifact",),
    "SoftwareArtifact": ("software_SoftwareArtifact",),
    "SpdxDocument": ("SpdxDocument",),
    "license": ("simplelicensing_AnyLicenseInfo",),
}
# Where the text says "Element" in the sentence and names the class in another, or we know more (`trainedOn`, `testedOn`).
TOLD_OTHERWISE = {"delegatedTo", "hasAddedFile", "hasDeletedFile", "hasDataFile", "trainedOn", "testedOn"}


def told(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each relationship type of the bindings with its text."""
    for text, line in pairwise(lines):
        if text.strip().startswith("# ") and (name := re.match(r'\s+"(\w+)": "https', line)):
            yield name[1], text


def test_the_classes_of_both_ends_are_those_of_the_models_text() -> None:
    lines = inspect.getsource(v3_0_1.RelationshipType).splitlines()
    found = {}
    for kind, text in told(lines):
        from_ = re.search(r"`from` (\w+)", text)
        to = re.search(r"`to` (\w+)", text)
        assert from_ and to, text
        found[kind] = (SIDES.get(from_[1]), SIDES.get(to[1]))
    assert len(found) == 59
    ours = {kind: spdx3_model.ENDS.get(kind, (None, None)) for kind in found}
    assert {kind for kind in found if found[kind] != ours[kind]} == TOLD_OTHERWISE


# --- CycloneDX ---------------------------------------------------------------------------------------


def schema_places(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where bom-1.7's schema has a reference, as the names of definitions and properties that lead there."""
    if isinstance(node, dict):
        if node.get("$ref") in ("#/definitions/refLinkType", "#/definitions/refType"):
            yield path
        for key, value in node.items():
            yield from schema_places(value, path if key in ("properties", "items", "anyOf", "oneOf") else (*path, key))
    elif isinstance(node, list):
        for value in node:
            yield from schema_places(value, path)


def test_every_reference_of_the_schema_is_followed() -> None:
    schema = json.loads(refdata("cyclonedx", "schema", "bom-1.7.schema.json").read_bytes())
    names = {path[-1] for path in schema_places(schema) if path[-1] not in ("bom-ref", "refLinkType")}
    ours = {name for _, name in REFERENCES} | {"ref"}
    # An array of references has its own definition, which two properties use.
    assert names - {"cryptoRefArray"} <= ours
    # Those without the schema's type: plain strings that its text says are bom-refs.
    assert ours - names == {"dependencies", "vulnerabilities", "encr", "prf", "integ", "ke", "auth", "cryptoRefArray"} - names


def test_hash_algorithms_of_cyclonedx_are_those_of_its_schema() -> None:
    schema = json.loads(refdata("cyclonedx", "schema", "bom-1.7.schema.json").read_bytes())
    assert set(digests.CYCLONEDX) == set(schema["definitions"]["hash-alg"]["enum"])
