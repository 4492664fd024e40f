"""Croissant: mlcroissant reads the records beside the files, fails on other bytes, and the lineage and RAI fields are what is recorded."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from exportable import release_everything
from validators import validate

from ledger.api import Ledger, export_document
from ledger.errors import LedgerError
from ledger.exporters.croissant import dataset_of
from ledger.exporters.graph import Graph, Item

CSV = "id,question\n1,How many sides has a hexagon?\n2,And a cube?\n"
JSONL = '{"name": "six", "value": 6}\n{"name": "twelve", "value": 12}\n'


@pytest.fixture
def laid(empty: Ledger, tmp_path: Path) -> Path:
    """A dataset of three files with its metadata beside them."""
    data = tmp_path / "data"
    (data / "more parts").mkdir(parents=True)
    (data / "questions.csv").write_text(CSV)
    (data / "more parts" / "answers é.jsonl").write_text(JSONL)
    (data / "unknown.csv").write_text("a,b\n1,2\n")
    columns = {"questions.csv": ["id", "question"], "more parts/answers é.jsonl": {"name": "text", "value": "integer"}, "gone.csv": ["x"]}
    empty.record("dataset", data, name="quiz", version="1.0.0", license="CC-BY-4.0 OR MIT", fields={"columns": columns})
    export_document(empty, "croissant", "quiz", data / "croissant.json")
    return data


def test_the_records_are_read_through_it(laid: Path) -> None:
    found = validate("croissant_dataset", laid / "croissant.json")[str(laid / "croissant.json")]
    assert found["problem"] is None
    assert found["license"] == ["CC-BY-4.0 OR MIT"]
    assert set(found["files"]) == {"questions.csv", "more parts/answers é.jsonl", "unknown.csv"}
    records = found["records"]
    assert set(records) == {"records/questions.csv", "records/more%20parts/answers%20%C3%A9.jsonl"}
    rows = records["records/questions.csv"]
    assert [row["records/questions.csv/question"] for row in rows] == ["How many sides has a hexagon?", "And a cube?"]
    name = "records/more%20parts/answers%20%C3%A9.jsonl"
    assert [(row[f"{name}/name"], row[f"{name}/value"]) for row in records[name]] == [("six", 6), ("twelve", 12)]


def test_other_bytes_than_those_recorded_are_not_read(laid: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    shutil.copytree(laid, again)
    (again / "questions.csv").write_text(CSV.replace("six", "6").replace("cube", "ball"))
    records = validate("croissant_dataset", again / "croissant.json")[str(again / "croissant.json")]["records"]
    assert "GenerationError" in records["records/questions.csv"] and "Download(file/questions.csv)" in records["records/questions.csv"]
    assert isinstance(records["records/more%20parts/answers%20%C3%A9.jsonl"], list)


def test_lineage_licence_and_answers(empty: Ledger, tmp_path: Path) -> None:
    export_document(empty, "croissant", release_everything(empty, tmp_path / "files"), tmp_path / "c.json")
    said = json.loads((tmp_path / "c.json").read_text())
    assert said["license"] == "https://spdx.org/licenses/CC-BY-SA-4.0.html"
    assert said["identifier"].startswith("tree:")
    assert {(one["led:relation"], one["prov:label"], one["led:id"].partition(":")[0]) for one in said["prov:wasDerivedFrom"]} == {
        ("derived-from", "raw notes@2026-09", "tree"),
        ("generated-by", "teacher/big-model", "ref"),
    }
    assert said["rai:dataCollection"] == "Generated from a taxonomy of skills."
    assert said["rai:personalSensitiveInformation"] == ["It holds no personal information, as its manifest says."]
    assert "rai:dataAnnotationProtocol" not in said and "rai:dataBiases" not in said and "recordSet" not in said
    files = {one["contentUrl"]: one for one in said["distribution"]}
    assert files["skills.jsonl"]["encodingFormat"] == "application/jsonlines"


def test_nothing_is_made_up(empty: Ledger, tmp_path: Path) -> None:
    (tmp_path / "d.bin").write_text("d")
    empty.record("dataset", tmp_path / "d.bin", name="bare")
    export_document(empty, "croissant", "bare", tmp_path / "c.json")
    said = json.loads((tmp_path / "c.json").read_text())
    unsaid = {"license", "creator", "publisher", "datePublished", "description", "url", "version", "prov:wasDerivedFrom", "recordSet"}
    assert not unsaid & set(said) and not any(name.startswith("rai:") for name in said)
    found = validate("croissant_dataset", tmp_path / "c.json")[str(tmp_path / "c.json")]
    assert found["problem"] is None


@pytest.mark.parametrize("columns", ["id,question", [1, None], {"questions.csv": "id"}, {"questions.csv": [3, ["x"], ""]}, {"x.csv": {}}])
def test_columns_of_another_form_say_nothing(empty: Ledger, tmp_path: Path, columns: object) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "questions.csv").write_text(CSV)
    empty.record("dataset", tmp_path / "data", name="quiz", fields={"columns": columns})
    export_document(empty, "croissant", "quiz", tmp_path / "c.json")
    assert "recordSet" not in json.loads((tmp_path / "c.json").read_text())


def test_of_several_datasets_the_first_whose_bytes_are_recorded(empty: Ledger, tmp_path: Path) -> None:
    for name in ("b", "c", "w"):
        (tmp_path / name).write_text(name)
    for name in ("b", "c"):
        empty.record("dataset", tmp_path / name, name=name)
    empty.record("weights", tmp_path / "w", name="w")
    empty.release("r", "1", [("weights", "w"), ("datasets", "c"), ("evaluation-data", "b")])
    export_document(empty, "croissant", "release/r@1", tmp_path / "c.json")
    assert json.loads((tmp_path / "c.json").read_text())["name"] == "c"
    graph = Graph("sha256:" + "0" * 64, "r", "1", True, "2026-11-20T12:00:00Z", (), (), "o", 1, "r", "k")
    told = Item("ref:" + "1" * 64, "dataset", "a", None, roles=("datasets",))
    kept = Item("file:" + "2" * 64, "dataset", "z", None, 0, roles=("evaluation-data",))
    assert dataset_of(replace(graph, items=(told, kept))) is kept
    assert dataset_of(replace(graph, items=(told,))) is told


def test_weights_have_no_place_in_it(empty: Ledger, tmp_path: Path) -> None:
    (tmp_path / "w").write_text("w")
    empty.record("weights", tmp_path / "w", name="w")
    with pytest.raises(LedgerError) as caught:
        export_document(empty, "croissant", "w", tmp_path / "c.json")
    assert (caught.value.code, (tmp_path / "c.json").exists()) == ("LG1602", False)
