"""Other people's BOMs as claims: samples, conformance documents, examples; what cannot be used is reported, what is hostile has a code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata

from ledger.api import Ledger, LedgerError, import_from
from ledger.importers import cyclonedx, spdx
from ledger.importers.imported import Imported, Options
from ledger.importers.sources import MemoryFiles

READERS = {"cyclonedx": cyclonedx.read, "spdx": spdx.read}


def taken(origin: str, data: bytes, name: str = "bom.json") -> Imported:
    return READERS[origin](MemoryFiles({name: data}), Options(name))


def value(origin: str, said: Any) -> Imported:
    return taken(origin, json.dumps(said).encode())


def named_edges(found: Imported) -> set[tuple[str, str, str]]:
    names = {thing.key: thing.name for thing in found.things}
    return {(names[edge.output], edge.relation, names[edge.input]) for edge in found.edges}


def code_of(origin: str, data: bytes) -> str:
    with pytest.raises(LedgerError) as caught:
        taken(origin, data)
    return caught.value.code


# --- samples: the same made-up release in each format ------------------------------------------------

LINEAGE = {("granite-mini-instruct", "granite-mini-base"), ("granite-mini-instruct", "corpus-a"), ("granite-mini-instruct", "qa-skills")}


@pytest.mark.parametrize(
    ("origin", "file"),
    [
        ("cyclonedx", "ai-bom-1.6.cdx.json"),
        ("cyclonedx", "ai-bom-1.7.cdx.json"),
        ("spdx", "ai-bom.spdx.json"),
        ("spdx", "ai-bom.spdx3.json"),
    ],
)
def test_the_samples_give_the_release_that_they_describe(origin: str, file: str) -> None:
    found = taken(origin, refdata("samples", file).read_bytes(), file)
    assert {(output, given) for output, _, given in named_edges(found)} >= LINEAGE
    licenses = {thing.name: sorted({one.normalized for one in thing.licenses}) for thing in found.things}
    assert licenses["granite-mini-instruct"] == ["Apache-2.0"]
    assert licenses["corpus-a"] == ["CDLA-Permissive-2.0"]
    assert licenses["qa-skills"] == ["CC-BY-SA-4.0"]
    assert "Apache-2.0" not in licenses["granite-mini-base"]
    kinds = {thing.name: thing.kind for thing in found.things}
    assert kinds["corpus-a"] == "dataset"
    model = next(thing for thing in found.things if thing.name == "granite-mini-instruct")
    assert dict(model.digests)["sha256"] == "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"
    if file != "ai-bom.spdx.json":
        assert kinds["granite-mini-instruct"] == "weights"
        # SPDX 3 says that it was trained on it; CycloneDX does not say what for.
        relation = {relation for output, relation, given in named_edges(found) if given == "corpus-a"}
        assert relation == ({"trained-on"} if origin == "spdx" else {"derived-from"})


def test_the_examples_of_spdx_give_their_models_data_and_licences() -> None:
    path = refdata("spdx-examples", "ai", "example02", "spdx3.0", "sbom.spdx3.json")
    found = taken("spdx", path.read_bytes(), path.name)
    assert {thing.kind for thing in found.things} >= {"weights", "dataset"}
    assert any(relation == "trained-on" for _, relation, _ in named_edges(found))
    path = refdata("spdx-examples", "dataset", "example01", "spdx3.0", "example01.spdx3.json")
    found = taken("spdx", path.read_bytes(), path.name)
    assert [(thing.kind, {one.normalized for one in thing.licenses}) for thing in found.things if thing.kind == "dataset"] == [
        ("dataset", {"CC-BY-4.0"})
    ]


def conformance() -> list[Path]:
    return sorted(refdata("cyclonedx", "conformance", "1.7").glob("*.json"))


def test_every_valid_document_of_the_conformance_suite_is_read_and_lists_its_components() -> None:
    valid = [path for path in conformance() if path.name.startswith("valid")]
    assert len(valid) > 60
    for path in valid:
        said = json.loads(path.read_text())
        found = taken("cyclonedx", path.read_bytes(), path.name)
        listed = {item["name"] for item in said.get("components", []) if item.get("name")}
        assert listed <= {thing.name for thing in found.things}, path.name
        assert found.documents == (path.name,)


def test_every_invalid_document_is_read_as_far_as_it_goes_or_has_a_code() -> None:
    invalid = [path for path in conformance() if path.name.startswith("invalid")]
    assert len(invalid) > 20
    for path in invalid:
        try:
            taken("cyclonedx", path.read_bytes(), path.name)
        except LedgerError as error:
            assert error.code == "LG1501", path.name
            assert path.name in error.message


# --- recording --------------------------------------------------------------------------------------


def test_a_document_is_recorded_as_itself_and_describes_references(empty: Ledger) -> None:
    report = import_from(empty, "cyclonedx", refdata("samples", "ai-bom-1.6.cdx.json"))
    [document] = report.recorded
    assert (document.kind, document.name, document.files) == ("document", "ai-bom-1.6.cdx.json", 1)
    said = empty.show("document/ai-bom-1.6.cdx.json")["predicate"]
    assert {edge["relation"] for edge in said["from"]} == {"describes"}
    assert "granite-mini-base" in {edge["reference"]["name"] for edge in said["from"]}
    assert said["licenses"]["declared"] == [], "what it says of others is not its own licence"
    size = empty.size
    again = import_from(empty, "cyclonedx", refdata("samples", "ai-bom-1.6.cdx.json"))
    assert (again.recorded[0].existing, empty.size) == (True, size)
    assert all(check.result != "fail" for check in empty.verify(deep=True).checks)


def test_what_is_recorded_here_already_is_described_by_its_id(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    empty.record("document", inputs / "CARD.md", name="card", version="1")
    id = empty.show("card@1")["id"]
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [{"type": "file", "name": "other name", "hashes": [{"alg": "SHA-256", "content": id[5:]}]}],
    }
    (tmp_path / "bom.json").write_text(json.dumps(bom))
    import_from(empty, "cyclonedx", tmp_path / "bom.json")
    [edge] = empty.show("document/bom.json")["predicate"]["from"]
    assert (edge["input"], "reference" in edge) == (id, False)


# --- what cannot be used ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("component", "reason"),
    [
        ({"type": "library"}, "without a name"),
        ({"name": "x", "type": "data", "hashes": [{"alg": "SHA-256", "content": "ab"}]}, "no digest"),
        ({"name": "x", "type": "data", "hashes": [{"alg": "ROT13", "content": "a" * 64}]}, "no digest"),
        ({"name": "x", "type": "data", "hashes": "none"}, "a list should stand here"),
        ({"name": "x", "type": "data", "licenses": [{}]}, "without id, name or expression"),
        ({"name": "x", "type": "data", "licenses": [{"license": {"name": "my own terms"}}]}, "name"),
        ({"name": "x", "type": "data", "licenses": [1]}, "an object should stand here"),
        (
            {"name": "x", "type": "machine-learning-model", "modelCard": {"modelParameters": {"datasets": [{"ref": "gone"}]}}},
            "has this reference",
        ),
        (
            {"name": "x", "type": "machine-learning-model", "modelCard": {"modelParameters": {"datasets": [{}]}}},
            "without a reference or a name",
        ),
        ({"name": "x", "type": "data", "pedigree": []}, "an object should stand here"),
        ({"name": "x", "type": "data", "pedigree": {"ancestors": [{"type": "data"}]}}, "without a name"),
        ({"name": "x", "type": "data", "properties": [{"name": "openness-ledger:relation", "value": "[]"}]}, "a relation to something"),
        ({"name": "x", "type": "data", "properties": [{"name": "openness-ledger:license:declared", "value": "x"}]}, "not a licence claim"),
    ],
)
def test_what_a_component_cannot_mean_is_reported(component: dict[str, Any], reason: str) -> None:
    found = value("cyclonedx", {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [component]})
    assert any(reason in item.reason for item in found.unresolved), found.unresolved


def test_references_that_are_there_twice_or_lead_nowhere(tmp_path: Path) -> None:
    said = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.4",
        "components": [{"type": "data", "name": "a", "bom-ref": "r"}, {"type": "data", "name": "b", "bom-ref": "r"}],
        "dependencies": [{"ref": "r", "dependsOn": ["nowhere"]}],
    }
    found = value("cyclonedx", said)
    assert [item.rule for item in found.contradictions] == ["duplicate-reference"]
    assert [item.what for item in found.unresolved] == ["nowhere"]
    assert {thing.name for thing in found.things} == {"a", "b"}


@pytest.mark.parametrize(
    ("expression", "normalized", "wanted"),
    [
        ("llama3.1", "Apache-2.0", "NOASSERTION"),
        ("my own terms", "MIT", "NOASSERTION"),
        ("CC-BY-NC-4.0", "CC-BY-4.0", "NOASSERTION"),
        ("apache-2.0", "Apache-2.0", "Apache-2.0"),
        ("llama3.1", "LicenseRef-Llama-3.1", "LicenseRef-Llama-3.1"),
        ("gpl-3.0", "GPL-3.0-only", "GPL-3.0-only"),
        ("MIT", "NOASSERTION", "NOASSERTION"),
    ],
)
def test_a_normal_form_counts_only_if_the_words_are_that_licence(expression: str, normalized: str, wanted: str) -> None:
    claim = json.dumps({"expression": expression, "normalized": normalized, "source": "x"})
    properties = [{"name": "openness-ledger:license:declared", "value": claim}]
    component = {"type": "data", "name": "a", "properties": properties}
    found = value("cyclonedx", {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]})
    [license] = found.things[0].licenses
    assert (license.text, license.normalized) == (expression, wanted)
    assert (license.reason is None) is (wanted != "NOASSERTION")


def element(type: str, id: str, **said: Any) -> dict[str, Any]:
    return {"type": type, "spdxId": f"urn:x:{id}", "creationInfo": "_:c", **said}


def graph(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": list(elements)}


@pytest.mark.parametrize(
    ("relationship", "reason"),
    [
        ({"relationshipType": "trainedOn", "from": "urn:x:m", "to": ["urn:x:gone"]}, "does not have"),
        ({"relationshipType": "trainedOn", "from": "urn:x:gone", "to": ["urn:x:d"]}, "does not have"),
        ({"relationshipType": "trainedOn", "from": "urn:x:m", "to": ["NoAssertionElement"]}, "does not say what"),
        ({"relationshipType": "hasDeclaredLicense", "from": "urn:x:m", "to": ["urn:x:gone"]}, "is this licence"),
        ({"relationshipType": "dependsOn", "from": "urn:x:m", "to": ["urn:x:gone"]}, "does not have"),
        ({"relationshipType": "trainedOn", "to": ["urn:x:d"]}, "comes from nothing"),
    ],
)
def test_dangling_relationships_of_spdx_3_are_reported_and_no_edges(relationship: dict[str, Any], reason: str) -> None:
    found = value(
        "spdx",
        graph(
            element("ai_AIPackage", "m", name="m"),
            element("dataset_DatasetPackage", "d", name="d"),
            element("Relationship", "r", **relationship),
        ),
    )
    assert found.edges == ()
    assert any(reason in item.reason for item in found.unresolved)


def test_a_build_without_stated_relations_gives_what_its_outputs_were_derived_from() -> None:
    found = value(
        "spdx",
        graph(
            element("ai_AIPackage", "m", name="m"),
            element("dataset_DatasetPackage", "d", name="d"),
            element("build_Build", "b", build_buildType="urn:train"),
            element("LifecycleScopedRelationship", "i", relationshipType="hasInput", **{"from": "urn:x:b"}, to=["urn:x:d"]),
            element("LifecycleScopedRelationship", "o", relationshipType="hasOutput", **{"from": "urn:x:b"}, to=["urn:x:m"]),
        ),
    )
    assert named_edges(found) == {("m", "derived-from", "d")}


SPDX2 = {
    "spdxVersion": "SPDX-2.3",
    "SPDXID": "SPDXRef-DOCUMENT",
    "packages": [{"SPDXID": "SPDXRef-a", "name": "a"}, {"SPDXID": "SPDXRef-b", "name": "b"}],
}


@pytest.mark.parametrize(
    ("type", "wanted"),
    [
        ("GENERATED_FROM", {("a", "derived-from", "b")}),
        ("GENERATES", {("b", "derived-from", "a")}),
        ("DESCENDANT_OF", {("a", "derived-from", "b")}),
        ("ANCESTOR_OF", {("b", "derived-from", "a")}),
        ("DATA_FILE_OF", {("b", "derived-from", "a")}),
        ("BUILD_TOOL_OF", {("b", "built-by", "a")}),
        ("DEPENDS_ON", set()),
        ("HUGS", set()),
    ],
)
def test_relationships_of_spdx_2_run_the_right_way(type: str, wanted: set[tuple[str, str, str]]) -> None:
    relationship = {"spdxElementId": "SPDXRef-a", "relatedSpdxElement": "SPDXRef-b", "relationshipType": type}
    assert named_edges(value("spdx", {**SPDX2, "relationships": [relationship]})) == wanted


def test_spdx_2_in_yaml_is_read_and_its_other_forms_are_named() -> None:
    found = taken(
        "spdx",
        b"spdxVersion: SPDX-2.2\nSPDXID: SPDXRef-DOCUMENT\npackages:\n- SPDXID: SPDXRef-a\n  name: a\n  licenseDeclared: MIT\n",
        "b.yaml",
    )
    assert [one.normalized for one in found.things[0].licenses] == ["MIT"]
    for data, form in ((b"SPDXVersion: SPDX-2.3\n", "tag-value"), (b"<?xml version='1.0'?><rdf:RDF/>", "XML"), (b"<rdf:RDF/>", "RDF")):
        with pytest.raises(LedgerError, match=form) as caught:
            taken("spdx", data)
        assert caught.value.code == "LG1501"


# --- hostile ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "data", "code"),
    [
        ("cyclonedx", b"", "LG1501"),
        ("cyclonedx", b"{", "LG1501"),
        ("cyclonedx", b"[]", "LG1501"),
        ("cyclonedx", b'{"bomFormat":"CycloneDX","bomFormat":"CycloneDX","specVersion":"1.6"}', "LG1501"),
        ("cyclonedx", b'{"bomFormat":"CycloneDX","specVersion":"2.0"}', "LG1501"),
        ("cyclonedx", b'{"bomFormat":"CycloneDX","specVersion":1.6}', "LG1501"),
        (
            "cyclonedx",
            b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":[' + b'{"components":[' * 200 + b"]}" * 200 + b"]}",
            "LG0103",
        ),
        ("cyclonedx", b"\xff\xfe{}", "LG1501"),
        ("cyclonedx", b'{"bomFormat":"\\ud800","specVersion":"1.6"}', "LG1501"),
        ("cyclonedx", b'{"bomFormat":"CycloneDX","specVersion":"1.6","version":NaN}', "LG1501"),
        ("spdx", b'{"@context":"https://example.org/x","@graph":[]}', "LG1501"),
        ("spdx", b'{"@context":["https://spdx.org/rdf/3.0.1/spdx-context.jsonld"],"@graph":[]}', "LG1501"),
        ("spdx", b'{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":{}}', "LG1501"),
        ("spdx", b'{"spdxVersion":"SPDX-1.2"}', "LG1501"),
        ("spdx", b"a: &a [b]\nc: *a\n", "LG1501"),
        ("spdx", b"!!python/object/apply:os.system [x]\n", "LG1501"),
        ("spdx", b"just text", "LG1501"),
    ],
)
def test_hostile_documents_end_with_their_code(origin: str, data: bytes, code: str) -> None:
    assert code_of(origin, data) == code


@pytest.mark.parametrize(
    ("origin", "file"), [("cyclonedx", "ai-bom-1.6.cdx.json"), ("spdx", "ai-bom.spdx3.json"), ("spdx", "ai-bom.spdx.json")]
)
def test_a_document_that_is_cut_anywhere_has_a_code(origin: str, file: str) -> None:
    data = refdata("samples", file).read_bytes().rstrip()
    for cut in range(1, len(data), 97):
        assert code_of(origin, data[:cut]) == "LG1501"


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2),
    max_leaves=5,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    return [at, *(place for key, item in inner for place in places(item, (*at, key)))]


def replaced(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = replaced(copy[at[0]], at[1:], new)
    return copy


@given(st.data())
def test_any_value_at_any_place_of_a_sample_is_read_or_refused_by_code(data: st.DataObject) -> None:
    origin, file = data.draw(
        st.sampled_from([("cyclonedx", "ai-bom-1.6.cdx.json"), ("spdx", "ai-bom.spdx3.json"), ("spdx", "ai-bom.spdx.json")])
    )
    said = json.loads(refdata("samples", file).read_text())
    for _ in range(data.draw(st.integers(1, 3))):
        said = replaced(said, data.draw(st.sampled_from(places(said))), data.draw(ANY))
    try:
        found = value(origin, said)
    except LedgerError as error:
        assert error.code in ("LG1501", "LG0103")
        return
    keys = {thing.key for thing in found.things}
    assert all(edge.output in keys and edge.input in keys for edge in found.edges)
    json.dumps([item.to_json() for item in found.unresolved] + found.claims())
