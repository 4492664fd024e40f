"""SLSA provenance, OpenLineage, PROV, MLDCAT-AP and DataCite: what each says, and what it leaves out."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from exportable import FILES, release_everything
from exportchecks import NOT_RECORDED, SLSA, mldcat, openlineage
from peers import ask
from validators import validate

from ledger.api import InputSpec, Ledger, export_document
from ledger.errors import LedgerError


def export(ledger: Ledger, name: str, ref: str, tmp_path: Path, **how: Any) -> Any:
    path = tmp_path / f"{name}.out"
    export_document(ledger, name, ref, path, **how)
    text = path.read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()] if name == "openlineage" else json.loads(text)


@pytest.fixture
def full(empty: Ledger, tmp_path: Path) -> tuple[Ledger, str]:
    return empty, release_everything(empty, tmp_path / "files")


@pytest.fixture
def bare(empty: Ledger, tmp_path: Path) -> Ledger:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "w").write_text("w")
    empty.record("weights", tmp_path / "m", name="bare")
    return empty


# --- SLSA ------------------------------------------------------------------------------------


def test_slsa_fields_by_the_rules_of_the_specification(full: tuple[Ledger, str], tmp_path: Path) -> None:
    said = export(full[0], "slsa-provenance", full[1], tmp_path)
    assert said["_type"] == "https://in-toto.io/Statement/v1" and said["predicateType"] == "https://slsa.dev/provenance/v1"
    digests = {one["name"]: one["digest"]["sha256"] for one in said["subject"]}
    for path, content in FILES.items():
        if path.startswith("model/"):
            assert digests[path.removeprefix("model/")] == hashlib.sha256(content.encode()).hexdigest()
    build, run = said["predicate"]["buildDefinition"], said["predicate"]["runDetails"]
    # Required, and a URI: buildType and builder.id; an object: externalParameters.
    assert re.fullmatch(r"https://\S+", build["buildType"]) and re.fullmatch(r"https://\S+", run["builder"]["id"])
    assert isinstance(build["externalParameters"], dict) and build["externalParameters"]["version"] == "1.0"
    used = {one["name"]: one for one in build["resolvedDependencies"]}
    assert set(used) == {
        "skills@1",
        "commonpile/wikimedia",
        "base/small@3.0",
        "trainer@1",
        "benchmarks/geometry@2",
        "tokenizers/plain",
    }
    # Each descriptor has one of name, uri and digest; a digest only where bytes are recorded.
    assert {name for name, one in used.items() if "digest" in one} == {"skills@1", "trainer@1"}
    assert all(re.fullmatch(r"[a-z][a-z0-9+.-]*:\S+", one["uri"]) for one in used.values())
    assert used["skills@1"]["annotations"]["relations"] == ["trained-on"]
    # Nobody recorded when it ran.
    assert set(run["metadata"]) == {"invocationId"}


def test_in_totos_library_reads_it_and_refuses_one_without_a_digest(full: tuple[Ledger, str], tmp_path: Path) -> None:
    said = export(full[0], "slsa-provenance", full[1], tmp_path)
    done = ask("python", "-c", SLSA, tmp_path / "slsa-provenance.out")
    assert (done.returncode, done.stdout.strip()) == (0, "6 4"), done.stderr
    del said["subject"][0]["digest"]
    (tmp_path / "broken").write_text(json.dumps(said))
    assert ask("python", "-c", SLSA, tmp_path / "broken").returncode != 0


def test_code_at_a_commit_has_that_commit(empty: Ledger, tmp_path: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    for name in ("c", "w"):
        (tmp_path / name).write_text(name)
    source = {"uri": "https://example.org/c.git", "revision": commit}
    empty.record("code", tmp_path / "c", name="c", sources=[source])
    empty.record("weights", tmp_path / "w", name="w", inputs=[("built-by", "c")])
    [code] = export(empty, "slsa-provenance", "w", tmp_path)["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert code["digest"] == {"sha256": hashlib.sha256(b"c").hexdigest(), "gitCommit": commit}


def test_data_at_a_commit_is_not_that_commit(empty: Ledger, tmp_path: Path) -> None:
    for name in ("d", "w"):
        (tmp_path / name).write_text(name)
    source = {"uri": "https://example.org/d", "revision": "0123456789abcdef0123456789abcdef01234567"}
    empty.record("dataset", tmp_path / "d", name="d", sources=[source])
    empty.record("weights", tmp_path / "w", name="w", inputs=[("trained-on", "d")])
    [data] = export(empty, "slsa-provenance", "w", tmp_path)["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert set(data["digest"]) == {"sha256"}


@pytest.mark.parametrize(("name", "ref"), [("slsa-provenance", "d"), ("mldcat-ap", "d"), ("openlineage", "d"), ("hf-card", "c")])
def test_what_has_no_place(empty: Ledger, tmp_path: Path, name: str, ref: str) -> None:
    for kind, called in (("dataset", "d"), ("code", "c")):
        (tmp_path / called).write_text(called)
        empty.record(kind, tmp_path / called, name=called)
    with pytest.raises(LedgerError) as caught:
        export(empty, name, ref, tmp_path)
    assert caught.value.code == "LG1602"


# --- OpenLineage -----------------------------------------------------------------------------


def test_one_event_for_each_artifact_that_was_made(full: tuple[Ledger, str], tmp_path: Path) -> None:
    events = export(full[0], "openlineage", full[1], tmp_path)
    assert {one["job"]["name"] for one in events} == {"make dataset/skills", "make weights/example/demo", "make document/demo card"}
    assert {one["eventType"] for one in events} == {"COMPLETE"} and len({one["run"]["runId"] for one in events}) == 3
    event = next(one for one in events if one["job"]["name"] == "make weights/example/demo")
    assert event["outputs"][0]["facets"]["version"]["datasetVersion"].startswith("tree:")
    given = {one["name"]: one["facets"] for one in event["inputs"]}
    tags = [(tag["key"], tag["value"]) for tag in given["dataset/skills"]["tags"]["tags"]]
    assert ("openness-ledger:license", "CC-BY-SA-4.0") in tags and ("openness-ledger:relation", "trained-on") in tags
    assert "version" not in given["dataset/commonpile/wikimedia"], "a reference without a version has none"
    # The same artifact was made once, also when it is exported alone.
    alone = export(full[0], "openlineage", "example/demo@1.0", tmp_path)
    assert event["run"] in [one["run"] for one in alone]


def test_the_schemas_would_refuse_a_facet_without_what_it_needs(full: tuple[Ledger, str], tmp_path: Path) -> None:
    event = export(full[0], "openlineage", full[1], tmp_path)[0]
    assert openlineage().is_valid(event)
    del event["outputs"][0]["facets"]["version"]["datasetVersion"]
    assert not openlineage().is_valid(event)
    assert not openlineage().is_valid({**event, "outputs": [], "run": {"runId": "42"}})


# --- PROV ------------------------------------------------------------------------------------


def test_prov_reads_it_and_writes_it_back_equal(full: tuple[Ledger, str], tmp_path: Path) -> None:
    said = export(full[0], "prov-json", full[1], tmp_path)
    found = validate("prov_document", tmp_path / "prov-json.out")[str(tmp_path / "prov-json.out")]
    assert found["same"] and found["again"] == said and found["nameless"] == 0
    assert found["kinds"]["ProvDerivation"] == 5 and found["kinds"]["ProvGeneration"] == 3
    assert "_:" not in json.dumps(said)
    # The ends of each relation, as PROV-JSON names them.
    ends = {kind: {frozenset(key for key in one if key.startswith("prov:")) for one in said[kind].values()} for kind in said}
    assert ends["used"] == {frozenset(["prov:activity", "prov:entity"])} == ends["wasGeneratedBy"]
    assert ends["wasDerivedFrom"] == {frozenset(["prov:generatedEntity", "prov:usedEntity", "prov:activity"])}
    assert ends["wasAttributedTo"] == {frozenset(["prov:entity", "prov:agent"])}
    assert ends["wasInfluencedBy"] == {frozenset(["prov:influencee", "prov:influencer"])}
    assert all("prov:startTime" not in one for one in said["activity"].values())


# --- MLDCAT-AP -------------------------------------------------------------------------------


def test_the_shapes_find_only_what_nobody_recorded(full: tuple[Ledger, str], tmp_path: Path) -> None:
    said = export(full[0], "mldcat-ap", full[1], tmp_path)
    results = mldcat(tmp_path / "mldcat-ap.out", tmp_path)
    model = next(one for one in said["@graph"] if one.get("dct:title") == "example/demo")
    assert [one[1:] for one in results if one[0] == model["@id"]] == [
        ["http://purl.org/dc/terms/created", "http://www.w3.org/ns/shacl#MinCountConstraintComponent"]
    ]
    assert {one[1] for one in results} <= NOT_RECORDED
    titles = {one["@id"]: one["dct:title"] for one in said["@graph"] if "dct:title" in one}
    used = {name: [titles[one["@id"]] for one in model[name]] for name in ("it6:trainedOn", "it6:testedOn")}
    assert sorted(used["it6:trainedOn"]) == [["commonpile/wikimedia"], ["skills"]] and used["it6:testedOn"] == [["benchmarks/geometry"]]
    assert titles[model["it6:fineTunedFrom"]["@id"]] == "base/small"
    # The model of the hub at a commit has the address of each of its files.
    files = [one for one in said["@graph"] if one["@type"] == "it6:File"]
    assert len(files) == 3 and all("/resolve/0123456789abcdef" in one["it6:url"]["@id"] for one in files)


def test_the_shapes_would_find_a_wrong_class_and_a_second_title(full: tuple[Ledger, str], tmp_path: Path) -> None:
    said = export(full[0], "mldcat-ap", full[1], tmp_path)
    for one in said["@graph"]:
        if one["@type"] == "it6:File":
            one["dct:title"] = ["a", "b"]
        if one["@type"] == "foaf:Agent":
            one["@type"] = "foaf:Document"
    (tmp_path / "wrong").write_text(json.dumps(said))
    found = {one[2].partition("#")[2] for one in mldcat(tmp_path / "wrong", tmp_path)}
    assert {"MaxCountConstraintComponent", "ClassConstraintComponent"} <= found


def test_of_two_models_that_it_was_tuned_from_none_is_the_one(empty: Ledger, tmp_path: Path) -> None:
    (tmp_path / "w").write_text("w")
    inputs = [InputSpec("fine-tuned-from", None, {"name": name}) for name in ("a", "b")]
    empty.record("weights", tmp_path / "w", name="m", inputs=inputs)
    said = export(empty, "mldcat-ap", "m", tmp_path)
    model = next(one for one in said["@graph"] if one["dct:title"] == "m")
    assert "it6:fineTunedFrom" not in model and len(model["prov:wasDerivedFrom"]) == 2


# --- DataCite --------------------------------------------------------------------------------


def test_datacite_of_a_release(full: tuple[Ledger, str], tmp_path: Path) -> None:
    said = export(full[0], "datacite", full[1], tmp_path)
    assert said["creators"] == [{"name": "Example AI", "nameType": "Organizational"}] and said["publicationYear"] == "2026"
    assert "doi" not in said
    assert said["rightsList"][0]["rightsIdentifier"] == "Apache-2.0"
    related = {(one["titles"][0]["title"], one["relationType"]) for one in said["relatedItems"]}
    assert {("skills", "IsDerivedFrom"), ("skills", "HasPart"), ("trainer", "IsCompiledBy"), ("base/small", "IsDerivedFrom")} <= related


def test_the_year_is_that_of_publication(empty: Ledger, tmp_path: Path) -> None:
    (tmp_path / "d").write_text("d")
    empty.record("dataset", tmp_path / "d", name="d", data={"published": "2019-03", "owner": "Example Labs"})
    said = export(empty, "datacite", "d", tmp_path)
    assert said["publicationYear"] == "2019" and {"date": "2019-03", "dateType": "Issued"} in said["dates"]
    assert said["publisher"] == {"name": "Example Labs"} and said["types"]["resourceTypeGeneral"] == "Dataset"


def test_datacite_says_that_it_does_not_know(bare: Ledger, tmp_path: Path) -> None:
    said = export(bare, "datacite", "bare", tmp_path)
    assert said["creators"] == [{"name": ":unkn"}] and said["publisher"] == {"name": ":unkn"}
    assert [one["dateType"] for one in said["dates"]] == ["Submitted"] and said["publicationYear"] == "2026"
    assert not {"rightsList", "descriptions", "url", "relatedItems", "version"} & set(said)
    assert validate("datacite_record", tmp_path / "datacite.out") == {str(tmp_path / "datacite.out"): None}


def test_nothing_is_made_up_about_weights_of_which_nothing_is_said(bare: Ledger, tmp_path: Path) -> None:
    said = export(bare, "slsa-provenance", "bare", tmp_path)
    assert said["predicate"]["buildDefinition"]["resolvedDependencies"] == []
    model = next(one for one in export(bare, "mldcat-ap", "bare", tmp_path)["@graph"] if one["@type"] == "it6:MachineLearningModel")
    assert set(model) == {"@id", "@type", "dct:identifier", "dct:title", "it6:hasFile"}
    said = export(bare, "prov-json", "bare", tmp_path)
    assert set(said) == {"prefix", "entity"}
    export_document(bare, "hf-card", "bare", tmp_path / "card")
    assert (tmp_path / "card").read_text() == "---\n---\n"
