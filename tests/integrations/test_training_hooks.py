"""The hooks for training libraries, with the real libraries on models of a few thousand parameters: `make training`."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from peers import missing

from ledger.api import Ledger

_ROOT = Path(__file__).resolve().parent.parent.parent


def train(script: str, ledger: Ledger, folder: Path, *more: str) -> Any:
    """What a script of tests/training/ prints last, in the environment of `make training`; without, as `peers.missing` says."""
    base = os.environ.get("OPENNESS_LEDGER_TRAINING")
    python = (Path(base) if base else _ROOT / ".venv-training") / "bin" / "python"
    if not python.is_file():
        missing("no training libraries: run `make training`, or set OPENNESS_LEDGER_TRAINING to a virtual environment that has them")
    folder.mkdir(exist_ok=True)
    env = {**os.environ, "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'cli'}", "HF_HUB_OFFLINE": "1", "MLFLOW_ALLOW_FILE_STORE": "true"}
    command = [str(python), str(_ROOT / "tests" / "training" / f"{script}.py"), str(ledger.layout.root), str(folder), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=env, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def small(empty: Ledger, inputs: Path) -> Ledger:
    empty.record("dataset", inputs / "data", name="figures", version="1", license="CC-BY-4.0")
    return empty


def predicate(envelope: str) -> dict[str, Any]:
    return json.loads(base64.b64decode(json.loads(envelope)["payload"]))["predicate"]


def test_a_trained_model_is_recorded_with_its_lineage_and_provenance(small: Ledger, tmp_path: Path) -> None:
    found = train("train_tiny", small, tmp_path / "work")
    report = found["report"]
    [model] = report["recorded"]
    assert (model["kind"], model["name"], model["version"]) == ("weights", "tiny", "1")
    assert found["size"] == [2, 4], "the model and its provenance"
    ledger = Ledger.open(small.layout.root)
    edges = {(edge["relation"], edge["input"][:4]) for edge in ledger.lineage("weights/tiny@1").to_json()["edges"]}
    assert edges == {("trained-on", "tree"), ("fine-tuned-from", "ref:")}
    assert (tmp_path / "work" / "model" / "model.safetensors").is_file()
    assert ledger.verify_artifact("weights/tiny@1", tmp_path / "work" / "model").same
    said = predicate((tmp_path / "work" / "provenance.intoto.jsonl").read_text())
    parameters = said["buildDefinition"]["externalParameters"]["parameters"]
    assert (parameters["max_steps"], parameters["learning_rate"], parameters["seed"], parameters["global_step"]) == (2, 0.01, 7, 2)
    metrics = next(item for item in said["runDetails"]["byproducts"] if item["name"] == "metrics")["annotations"]
    assert metrics["train_loss"] > 0


def test_a_training_that_fails_records_nothing(small: Ledger, tmp_path: Path) -> None:
    found = train("train_tiny", small, tmp_path / "work", "fail")
    assert found == {"error": "this example cannot be read", "size": [2, 2], "report": None}


def test_what_mlflow_logged_is_in_the_provenance_and_the_run_leads_back(small: Ledger, tmp_path: Path) -> None:
    found = train("log_tiny", small, tmp_path / "work")
    report = found["report"]
    assert found["tags"] == {
        "openness-ledger.origin": small.origin,
        "openness-ledger.provenance": report["provenance"]["id"],
        "openness-ledger.entry": str(report["provenance"]["index"]),
        "openness-ledger.output.0": report["recorded"][0]["id"],
    }
    said = predicate(found["statement"])
    parameters = said["buildDefinition"]["externalParameters"]["parameters"]
    assert (parameters["rate"], parameters["rounds"]) == ("0.5", "3")
    [metrics] = said["runDetails"]["byproducts"]
    assert metrics["annotations"] == {"accuracy": 0.75, "loss": "nan"}


@pytest.mark.parametrize(
    ("how", "wanted"), [("fail", {"error": "it does not converge", "size": [2, 2]}), ("inactive", {"code": "LG1805", "size": [2, 2]})]
)
def test_a_block_that_fails_or_has_no_run_records_nothing(small: Ledger, tmp_path: Path, how: str, wanted: dict[str, Any]) -> None:
    assert train("log_tiny", small, tmp_path / "work", how) == wanted
