"""Runs: declared inputs and outputs become lineage, and one signed SLSA provenance statement; what fails records nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.api import Ledger, LedgerError, run_command
from ledger.signing.dsse import pae

COMMIT_ENV = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "PATH": "/usr/bin:/bin:/usr/local/bin",
}


@pytest.fixture
def small(empty: Ledger, inputs: Path) -> Ledger:
    empty.record("dataset", inputs / "data", name="figures", version="1", license="CC-BY-4.0")
    empty.record("code", inputs / "code", name="trainer", version="1", license="MIT")
    return empty


def payload(statement: bytes) -> dict[str, Any]:
    return json.loads(base64.b64decode(json.loads(statement)["payload"]))


def test_a_block_becomes_artifacts_lineage_and_provenance(small: Ledger, tmp_path: Path) -> None:
    with small.run("train", inputs=[("trained-on", "figures@1")], parameters={"rate": 0.1, "layers": [2, 3]}, code=None) as run:
        (tmp_path / "w").write_text("weights")
        run.input("built-by", "trainer@1")
        run.metric("loss", 0.25)
        run.output("weights", tmp_path / "w", name="reader", version="2", license="Apache-2.0")
    assert run.report is not None
    [made] = run.report.recorded
    assert made.id == "file:" + hashlib.sha256(b"weights").hexdigest()
    edges = {(edge["relation"], edge["input"]) for edge in small.lineage("reader@2").to_json()["edges"]}
    figures, trainer = small.show("figures@1")["id"], small.show("trainer@1")["id"]
    assert edges == {("trained-on", figures), ("built-by", trainer)}
    said = payload(run.report.statement)
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["predicateType"] == "https://slsa.dev/provenance/v1"
    [subject] = said["subject"]
    assert (subject["name"], subject["digest"]["sha256"]) == ("reader@2", made.id.partition(":")[2])
    build = said["predicate"]["buildDefinition"]
    assert build["externalParameters"] == {"name": "train", "parameters": {"rate": 0.1, "layers": [2, 3]}}
    used = {item["name"]: (item["digest"]["sha256"], item["annotations"]["relation"]) for item in build["resolvedDependencies"]}
    assert used == {"figures@1": (figures.partition(":")[2], "trained-on"), "trainer@1": (trainer.partition(":")[2], "built-by")}
    metadata = said["predicate"]["runDetails"]["metadata"]
    assert metadata["startedOn"] == metadata["finishedOn"] == "2026-11-20T12:00:00Z"
    assert said["predicate"]["runDetails"]["byproducts"] == [{"name": "metrics", "annotations": {"loss": 0.25}}]


def test_the_statement_is_signed_by_the_signing_key_and_kept(small: Ledger, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    (tmp_path / "w").write_text("weights")
    with small.run("train", code=None, out=tmp_path / "p.intoto.jsonl") as run:
        run.output("weights", tmp_path / "w", name="reader")
    assert run.report is not None
    data = (tmp_path / "p.intoto.jsonl").read_bytes()
    assert data == run.report.statement
    envelope = json.loads(data)
    public = next(
        path for path in Path(small.layout.root).parent.rglob("*.pub") if b"PUBLIC KEY" in path.read_bytes() and "log" not in path.name
    )
    key = load_pem_public_key(public.read_bytes())
    key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), pae(envelope["payloadType"], base64.b64decode(envelope["payload"])))  # type: ignore[union-attr,call-arg]
    document = run.report.provenance
    assert document.name == "run/train"
    assert document.version == run.report.invocation
    edges = small.lineage(f"document/run/train@{document.version}").to_json()["edges"]
    assert [(edge["relation"], edge["input"]) for edge in edges] == [("describes", run.report.recorded[0].id)]


def test_the_same_outputs_again_are_recorded_already_and_the_run_is_another(small: Ledger, tmp_path: Path) -> None:
    (tmp_path / "w").write_text("weights")
    reports = []
    for _ in range(2):
        with small.run("train", code=None, inputs=[("trained-on", "figures@1")]) as run:
            run.output("weights", tmp_path / "w", name="reader", version="1")
        reports.append(run.report)
    first, second = reports
    assert first is not None and second is not None
    assert second.recorded[0].existing and second.recorded[0].index == first.recorded[0].index
    assert second.invocation != first.invocation
    assert second.provenance.index > first.provenance.index


def test_a_block_that_raises_records_nothing(small: Ledger, tmp_path: Path) -> None:
    size = small.size
    (tmp_path / "w").write_text("weights")
    with pytest.raises(ZeroDivisionError), small.run("train", code=None) as run:
        run.output("weights", tmp_path / "w", name="reader")
        raise ZeroDivisionError
    assert run.report is None
    assert small.size == size


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("LG0901", {"inputs": [("trained-on", "nothing@1")]}),
        ("LG0302", {"inputs": [("trained-with", "figures@1")]}),
        ("LG0306", {"name": "a@b"}),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(small: Ledger, code: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(LedgerError) as caught:
        small.run(wrong.pop("name", "train"), code=None, **wrong)
    assert caught.value.code == code


def test_no_outputs_and_missing_outputs_record_nothing(small: Ledger, tmp_path: Path) -> None:
    size = small.size
    with pytest.raises(LedgerError, match="made nothing") as caught, small.run("train", code=None):
        pass
    assert caught.value.code == "LG1801"
    with pytest.raises(LedgerError) as caught, small.run("train", code=None) as run:
        run.output("weights", tmp_path / "never made", name="reader")
    assert caught.value.code == "LG0201"
    (tmp_path / "w").write_text("weights")
    with pytest.raises(LedgerError) as caught, small.run("train", code=None, parameters={"x": float("nan")}) as run:
        run.output("weights", tmp_path / "w", name="reader")
    assert caught.value.code in ("LG0101", "LG0104")
    assert small.size == size


def commit(folder: Path) -> str:
    folder.mkdir()
    (folder / "train.py").write_text("print('x')\n")
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "first"],
        ["remote", "add", "origin", "https://me:secret@example.org/code.git"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True, env=COMMIT_ENV)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, env=COMMIT_ENV, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_commit_of_the_code_is_stated_without_secrets_and_whether_it_was_changed(small: Ledger, tmp_path: Path) -> None:
    work = tmp_path / "work"
    head = commit(work)
    (work / "sub").mkdir()
    (tmp_path / "w").write_text("weights")
    found = []
    for changed in (False, True):
        if changed:
            (work / "train.py").write_text("print('y')\n")
        with small.run("train", code=work / "sub") as run:
            run.output("weights", tmp_path / "w", name="reader")
        assert run.report is not None
        found.append(payload(run.report.statement)["predicate"]["buildDefinition"]["resolvedDependencies"])
    for dependencies, state in zip(found, ("no", "yes"), strict=True):
        [code] = dependencies
        assert code == {
            "name": "code",
            "uri": f"git+https://example.org/code.git@{head}",
            "digest": {"gitCommit": head},
            "annotations": {"changed": state},
        }


def test_a_command_is_run_and_recorded_when_it_ends_well(small: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "made"
    script = f"import pathlib; pathlib.Path({str(out)!r}).write_text('w')"
    run = small.run("make", code=None, command=[sys.executable, "-c", script], variables=["SHELL_OF_NOBODY"])
    run.output("weights", out, name="made")
    report = run_command(run, [sys.executable, "-c", script])
    said = payload(report.statement)["predicate"]["buildDefinition"]
    assert said["externalParameters"]["command"] == [sys.executable, "-c", script]
    assert "SHELL_OF_NOBODY" not in said["internalParameters"]["environment"]
    assert small.verify_artifact("made", out).same


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [(["false"], "LG1803", "code 1"), (["/no/such/program"], "LG1802", "No such file"), (["sh", "-c", "kill -9 $$"], "LG1803", "signal 9")],
)
def test_a_command_that_fails_records_nothing(small: Ledger, tmp_path: Path, command: list[str], code: str, said: str) -> None:
    size = small.size
    run = small.run("make", code=None)
    run.output("weights", tmp_path / "x", name="x")
    with pytest.raises(LedgerError, match=said) as caught:
        run_command(run, command)
    assert caught.value.code == code
    assert small.size == size


def test_a_ledger_that_is_read_only_refuses_a_run_before_it_begins(small: Ledger) -> None:
    with pytest.raises(LedgerError) as caught, Ledger.open(small.layout.root, at=1).run("train", code=None):
        pytest.fail("the block must not begin")
    assert caught.value.code == "LG0704"


def test_a_dry_run_runs_and_records_nothing(small: Ledger, tmp_path: Path) -> None:
    size, out = small.size, tmp_path / "made"
    run = small.run("make", code=None, dry_run=True, out=tmp_path / "p.jsonl")
    run.output("weights", out, name="made")
    report = run_command(run, ["touch", str(out)])
    assert out.exists()
    assert [item.dry_run for item in (*report.recorded, report.provenance)] == [True, True]
    assert (small.size, (tmp_path / "p.jsonl").exists(), report.path) == (size, False, None)
