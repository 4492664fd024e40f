"""MLflow: a file store as MLflow 3.17.2 writes it, a model and a run alone, and what may be wrong in one."""

from __future__ import annotations

from pathlib import Path

import pytest
from importable import COMMIT, EXPERIMENT, MLFLOW, MODEL_ID, RUN_ID, written

from ledger.api import Ledger, LedgerError, import_from
from ledger.importers.imported import Imported, Options
from ledger.importers.mlflow import read
from ledger.importers.sources import MemoryFiles


def taken(files: dict[str, bytes], given: str = "mlruns") -> Imported:
    return read(MemoryFiles(files), Options(given))


def below(folder: str) -> dict[str, bytes]:
    return {path.removeprefix(f"{folder}/"): data for path, data in MLFLOW.items() if path.startswith(f"{folder}/")}


def test_a_file_store(empty: Ledger, tmp_path: Path) -> None:
    folder = written(MLFLOW, tmp_path / "mlruns")
    report = import_from(empty, "mlflow", folder)
    [item] = report.recorded
    assert (item.kind, item.name, item.version) == ("weights", "tiny", MODEL_ID)
    edges = empty.show(item.id)["predicate"]["from"]
    assert {(edge["relation"], edge["reference"]["name"], edge["reference"].get("version")) for edge in edges} == {
        ("evaluated-on", "test", None),
        ("trained-on", "train", None),
        ("built-by", "train.py", COMMIT),
    }
    values = {row["field"]: row["value"] for row in report.claims if isinstance(row["value"], str)}
    assert values["param.lr"] == "0.1" and values["metric.acc"] == "0.5" and values["run.id"] == RUN_ID
    digests = {row["value"] for row in report.claims if row["field"] == "dataset.digest"}
    assert digests == {"2b772cb6", "7403b6ce"}
    assert "somebody" not in str(report.to_json()), "neither the user nor paths of a machine"
    [claim] = [row for row in report.claims if row["field"] == "license"]
    assert claim["value"]["normalized"] == "Apache-2.0" and report.unresolved == ()
    size = empty.size
    again = import_from(empty, "mlflow", folder)
    assert all(one.existing for one in again.recorded) and empty.size == size


def test_a_model_alone_says_that_its_run_is_not_here() -> None:
    found = taken(below(f"{EXPERIMENT}/models/{MODEL_ID}/artifacts"), "tiny")
    [artifact] = found.artifacts
    assert (artifact.name, artifact.path, artifact.inputs) == ("tiny", "", ())
    assert found.format == "MLflow model"
    assert [(item.what, item.reason) for item in found.unresolved] == [
        (RUN_ID, "the run that made the model is not here: its inputs are not known")
    ]


def test_a_run_alone_is_a_document_with_claims() -> None:
    found = taken(below(f"{EXPERIMENT}/{RUN_ID}"), RUN_ID)
    assert found.artifacts == () and found.documents == ("meta.yaml",)
    assert [(edge.relation, edge.output) for edge in found.edges] == [("built-by", f"run {RUN_ID}")]
    assert {item.what for item in found.unresolved} == {"1719", "152f", RUN_ID}


def test_a_run_without_its_model_keeps_its_datasets() -> None:
    files = {path: data for path, data in MLFLOW.items() if "/models/" not in path}
    found = taken(files)
    assert {(edge.relation, next(thing.name for thing in found.things if thing.key == edge.input)) for edge in found.edges} == {
        ("trained-on", "train"),
        ("evaluated-on", "test"),
        ("built-by", "train.py"),
    }


def test_a_run_that_failed_and_a_context_that_nobody_knows() -> None:
    files = dict(MLFLOW)
    run = f"{EXPERIMENT}/{RUN_ID}"
    files[f"{run}/meta.yaml"] = files[f"{run}/meta.yaml"].replace(b"status: 3", b"status: 4")
    files[f"{run}/inputs/d22b/meta.yaml"] = files[f"{run}/inputs/d22b/meta.yaml"].replace(b"training", b"else")
    found = taken(files)
    assert [item.reason for item in found.unresolved] == [
        "the run did not finish: its status is 4",
        "nothing says whether the model was trained or evaluated on it",
    ]
    assert [item.relation for item in found.artifacts[0].inputs] == ["evaluated-on", "derived-from", "built-by"]


def test_licences_that_differ_between_run_and_model() -> None:
    found = taken({**MLFLOW, f"{EXPERIMENT}/{RUN_ID}/tags/license": b"MIT"})
    assert [item.rule for item in found.contradictions] == ["license-conflict"]


def test_what_mlflow_has_not_written() -> None:
    for files in ({"a": b""}, {"meta.yaml": b"name: x\n"}):
        with pytest.raises(LedgerError) as caught:
            taken(files)
        assert caught.value.code == "LG1502"
