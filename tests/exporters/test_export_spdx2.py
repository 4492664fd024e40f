"""SPDX 2.3: what spdx-tools, the official schema and the checker of NTIA's elements say, and what has no place in it."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import jsonschema_rs
import pytest
from exportable import FILES, release_everything
from exporters.graphs import graphs
from hypothesis import HealthCheck, given, settings
from validators import validate

from ledger._api.importing import read_import
from ledger.api import Ledger, export_document
from ledger.exporters.formats import FORMATS
from ledger.exporters.graph import Graph


def schema() -> dict:
    spec = find_spec("lib4sbom")
    assert spec is not None and spec.origin is not None
    return json.loads((Path(spec.origin).parent / "schemas" / "spdx" / "2.3-schema.json").read_text())


@pytest.fixture
def document(empty: Ledger, tmp_path: Path) -> Path:
    out = tmp_path / "bom.spdx.json"
    export_document(empty, "spdx", release_everything(empty, tmp_path / "files"), out, version="2.3")
    return out


def test_the_library_the_schema_and_the_checker_take_it(document: Path) -> None:
    found = validate("spdx2_document", document)[str(document)]
    assert found["problems"] == [] and found["version"] == "SPDX-2.3"
    assert found["packages"]["skills"] == ["CC-BY-SA-4.0", "NOASSERTION"]
    assert found["packages"]["base/small"] == ["NOASSERTION", "LicenseRef-Llama-3.1"]
    assert list(jsonschema_rs.validator_for(schema(), validate_formats=True).iter_errors(json.loads(document.read_text()))) == []
    elements = validate("ntia_elements", document, "spdx2")
    assert elements["floating"] == [] and elements["parsing_errors"] == []
    assert elements["components"] > 5


def test_the_schema_would_refuse_the_category_that_the_library_writes(document: Path) -> None:
    said = json.loads(document.read_text())
    said["packages"][0]["externalRefs"][0]["referenceCategory"] = "PACKAGE_MANAGER"
    assert list(jsonschema_rs.validator_for(schema()).iter_errors(said)) != []


def test_files_are_left_out_and_said_to_be_unread(document: Path) -> None:
    said = json.loads(document.read_text())
    assert "files" not in said
    assert {package["filesAnalyzed"] for package in said["packages"]} == {False}
    assert not any(path in document.read_text() for path in FILES if path.startswith("model/"))


def test_each_relation_has_a_type_and_its_own_word(document: Path) -> None:
    said = json.loads(document.read_text())
    names = {package["SPDXID"]: package["name"] for package in said["packages"]}
    found = {
        (names.get(one["spdxElementId"], "document"), one["relationshipType"], names[one["relatedSpdxElement"]], one.get("comment"))
        for one in said["relationships"]
    }
    assert ("skills", "DATA_FILE_OF", "example/demo", "trained-on") in found
    assert ("benchmarks/geometry", "TEST_OF", "example/demo", "evaluated-on") in found
    assert ("example/demo", "DESCENDANT_OF", "base/small", "fine-tuned-from") in found
    assert ("trainer", "BUILD_TOOL_OF", "example/demo", "built-by") in found
    assert ("skills", "GENERATED_FROM", "teacher/big-model", "generated-by") in found
    assert ("demo card", "DOCUMENTATION_OF", "example/demo", "describes") in found
    assert ("example/demo", "DEPENDS_ON", "base/small", None) in found
    assert ("document", "DESCRIBES", "example/demo", None) in found


@pytest.mark.parametrize(
    ("uri", "taken"),
    [
        ("https://example.org/data", True),
        ("git+https://example.org/repo.git", True),
        ("s3://bucket/data", False),
        ("https://localhost:8000/data", False),
        ("http://10.0.0.1/data", False),
        ("git+https://gitlab.internal/x", False),
        ("doi:10.1234/abcd", False),
        ("file:///srv/data", False),
        ("see the wiki", False),
    ],
)
def test_a_place_that_is_no_download_location_stays_a_place(empty: Ledger, tmp_path: Path, uri: str, taken: bool) -> None:
    (tmp_path / "d").write_text("d")
    empty.record("dataset", tmp_path / "d", name="d", sources=[uri])
    out = tmp_path / "o.json"
    export_document(empty, "spdx", "d", out, version="2.3")
    assert validate("spdx2_document", out)[str(out)]["problems"] == []
    package = json.loads(out.read_text())["packages"][0]
    assert package["downloadLocation"] == (uri if taken else "NOASSERTION")
    elsewhere = [one["referenceLocator"] for one in package["externalRefs"] if one["referenceType"] == "location"]
    assert elsewhere == ([uri] if not taken and " " not in uri else [])
    assert any(json.dumps({"uri": uri}, separators=(",", ":")) in note["comment"] for note in package["annotations"])


@pytest.mark.parametrize(
    ("license", "written"),
    [
        ("MIT AND Apache-2.0", "Apache-2.0 AND MIT"),
        ("OpenMDW-1.0", "LicenseRef-OpenMDW-1.0"),
        ("LicenseRef-mine OR MIT", "LicenseRef-mine OR MIT"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("DocumentRef-x:LicenseRef-y", "NOASSERTION"),
        ("what nobody knows", "NOASSERTION"),
    ],
)
def test_licences_that_the_library_knows_and_others(empty: Ledger, tmp_path: Path, license: str, written: str) -> None:
    (tmp_path / "d").write_text("d")
    empty.record("dataset", tmp_path / "d", name="d", license=license)
    out = tmp_path / "o.json"
    export_document(empty, "spdx", "d", out, version="2.3")
    found = validate("spdx2_document", out)[str(out)]
    assert found["problems"] == []
    assert found["packages"]["d"] == [written, "NOASSERTION"]


def test_parentheses_in_a_suppliers_name_are_no_address(empty: Ledger, tmp_path: Path) -> None:
    (tmp_path / "d").write_text("d")
    for number, owner in enumerate(["Example (Labs)", "Example Labs"]):
        empty.record("dataset", tmp_path / "d", name=f"d{number}", data={"owner": owner})
        out = tmp_path / "o.json"
        export_document(empty, "spdx", f"d{number}", out, version="2.3")
        assert validate("spdx2_document", out)[str(out)]["suppliers"] == {f"d{number}": [owner, None]}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(graphs())
def test_any_graph_comes_back_with_its_ids_licences_and_edges(tmp_path: Path, graph: Graph) -> None:
    out = tmp_path / "any.spdx.json"
    out.write_bytes(FORMATS["spdx"].write(graph, "2.3"))
    found = read_import("spdx", out).imported
    ids = {thing.key: str(thing.id) for thing in found.things}
    assert sorted(ids.values()) == sorted(item.id for item in graph.items)
    edges = {(ids[edge.output], edge.relation, ids[edge.input]) for edge in found.edges}
    assert edges == {(link.output, link.relation, link.input) for link in graph.links}
    for thing in found.things:
        item = graph.item(str(thing.id))
        concluded = [("concluded", item.concluded.expression)] if item.concluded is not None else []
        assert [(one.basis, one.text) for one in thing.licenses] == [("declared", one.expression) for one in item.declared] + concluded
        assert dict(thing.digests).get("sha256") == item.sha256
