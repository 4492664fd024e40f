"""The parts for pipelines: their shell runs as it stands, on a real ledger, and what cannot run here is checked for its form."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from refdata import refdata
from validators import interpreter

from ledger import __version__
from ledger.api import Ledger, make_key

ROOT = Path(__file__).resolve().parent.parent.parent
PARTS = ROOT / "integrations"
PIPELINE = """\
ledger: 1
artifacts:
  - {kind: dataset, name: figures, version: "1", path: data, license: CC-BY-4.0}
  - {kind: code, name: reading, version: "1", path: code, license: Apache-2.0}
  - {kind: weights, name: reader, version: "1", path: model, license: LICENSE, from: {trained-on: figures@1}}
releases:
  - {name: reader, version: "1", components: {weights: reader@1, inference-code: reading@1, architecture: reading@1, tokenizer: reading@1}}
"""
# Of the threshold's three outcomes: an open licence, one that is not, one that nobody can name.
LICENSES = {"pass": "Apache-2.0", "fail": "CC-BY-NC-4.0", "unknown": "my own terms"}
CODES = {"pass": 0, "fail": 1, "unknown": 3}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A ledger and what a pipeline file names, in a folder whose name has a space."""
    folder = tmp_path / "work space"
    for name, text in {"data/a.csv": "1\n", "code/read.py": "print(1)\n", "model/w.bin": "w"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    Ledger.init(folder / "ledger", "example.org/pipelines", insecure_no_passphrase=True)
    return folder


def pipeline(work: Path, outcome: str) -> None:
    (work / "p.yaml").write_text(PIPELINE.replace("LICENSE", LICENSES[outcome]))


def sh(script: list[str], work: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A script run by sh, with `ledger` on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    home = {"PATH": path, "XDG_STATE_HOME": os.environ["XDG_STATE_HOME"], "TMPDIR": str(work.parent), **env}
    return subprocess.run(["sh", *script], cwd=work, capture_output=True, text=True, env=home, timeout=120, check=False)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- GitHub -------------------------------------------------------------------------------------------


def action(work: Path, **given: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """The action's shell part, as the runner starts it; and the outputs that it sets."""
    output = work / "outputs"
    output.unlink(missing_ok=True)
    env = {
        "INPUT_LEDGER": "ledger",
        "INPUT_RELEASE": "release/reader@1",
        "INPUT_PROFILES": "redhat-minimum-2025",
        "GITHUB_OUTPUT": str(output),
        **given,
    }
    done = sh([str(PARTS / "github" / "attest.sh")], work, **env)
    lines = output.read_text().splitlines() if output.exists() else []
    return done, dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize("outcome", ["pass", "fail", "unknown"])
def test_the_action_attests_and_says_which_of_three_outcomes_it_is(work: Path, outcome: str) -> None:
    pipeline(work, outcome)
    summary = work / "summary.md"
    done, said = action(work, INPUT_PIPELINE="p.yaml", INPUT_FAIL_ON="unknown", GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == CODES[outcome], done.stderr
    assert said == {"bundle": "release.attestation.json", "sha256": sha256(work / "release.attestation.json"), "outcome": outcome}
    assert "reader" in summary.read_text()
    bundle = json.loads((work / "release.attestation.json").read_text())
    assert bundle["mediaType"] == "application/vnd.openness-ledger.bundle.v1+json"


def test_the_action_uses_a_key_from_a_secret_and_leaves_none_behind(work: Path) -> None:
    pipeline(work, "pass")
    made = make_key(work / "ci.pem", "ed25519", passphrase=b"a secret")
    ledger = Ledger.open(work / "ledger")
    ledger.trust_key(work / "ci.pem.pub", ["*"])
    secret = (work / "ci.pem").read_text()
    (work / "ci.pem").unlink()
    before = set(work.parent.rglob("*"))
    done, said = action(work, INPUT_PIPELINE="p.yaml", INPUT_KEY=secret, INPUT_PASSPHRASE="a secret")
    assert (done.returncode, said["outcome"]) == (0, "pass"), done.stderr
    assert ledger.entries(limit=1000)[-1]["keyids"] == [made]
    left = [path for path in set(work.parent.rglob("*")) - before if "openness-ledger." in path.name or path.suffix == ".pem"]
    assert left == []
    assert "a secret" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"INPUT_RELEASE": ""}, 2, "the release is needed"),
        ({"INPUT_LEDGER": ""}, 2, "the folder of the ledger is needed"),
        ({"INPUT_LEDGER": "nowhere"}, 2, "LG0601"),
        ({"INPUT_RELEASE": "nothing@1"}, 2, "LG0901"),
        ({"INPUT_PROFILES": "no-such-profile"}, 2, "LG1001"),
        ({"INPUT_PIPELINE": "gone.yaml"}, 2, "LG0201"),
        ({"INPUT_RELEASE": "$(touch evil); `touch evil`"}, 2, "error"),
        ({"INPUT_PROFILES": "redhat-minimum-2025 ;touch evil"}, 2, "LG1001"),
    ],
)
def test_what_the_action_cannot_do_sets_no_outputs(work: Path, given: dict[str, str], code: int, said: str) -> None:
    pipeline(work, "pass")
    done, outputs = action(work, **{"INPUT_PIPELINE": "p.yaml", **given})
    assert (done.returncode, outputs) == (code, {}) or (code == 2 and done.returncode in (1, 2) and outputs == {}), done.stderr
    assert said in done.stderr
    assert not (work / "evil").exists()


def test_every_input_of_the_action_reaches_its_script() -> None:
    said = yaml.safe_load((PARTS / "github" / "action.yml").read_text())
    install, attest = said["runs"]["steps"]
    used = set(re.findall(r"\$\{\{ inputs\.([a-z-]+) \}\}", json.dumps(said["runs"])))
    assert used == set(said["inputs"])
    assert said["inputs"]["version"]["default"] == __version__
    script = (PARTS / "github" / "attest.sh").read_text()
    assert set(attest["env"]) == set(re.findall(r"INPUT_[A-Z_]+", script))
    assert set(said["outputs"]) == set(re.findall(r"(bundle|sha256|outcome)=%s", script))
    assert all("uses" not in step and step["shell"] == "sh" for step in (install, attest)), "nothing of others that would have to be pinned"
    # What a stranger may choose is never pasted into a script, where it would be run.
    assert all("${{" not in step["run"] for step in (install, attest))


# --- GitLab -------------------------------------------------------------------------------------------


def job(work: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The template's script, with its inputs put in as GitLab does."""
    head, body = (PARTS / "gitlab" / "openness-ledger.yml").read_text().split("\n---\n")
    known = yaml.safe_load(head)["spec"]["inputs"]
    values = {name: inputs.get(name, spec.get("default")) for name, spec in known.items()}
    assert set(inputs) <= set(known)

    def put(match: re.Match[str]) -> str:
        found = values[match[1]]
        assert found is not None, f"{match[1]} is needed"
        return found

    said = yaml.safe_load(re.sub(r"\$\[\[ inputs\.([a-z]+) \]\]", put, body))
    [only] = said.values()
    script = "set -e\n" + "\n".join(only["script"])
    return sh(["-c", script], work, **only["variables"])


@pytest.mark.parametrize("outcome", ["pass", "fail", "unknown"])
def test_the_job_of_gitlab_ends_as_the_attestation_says(work: Path, outcome: str) -> None:
    pipeline(work, outcome)
    options = "--profile redhat-minimum-2025 --fail-on unknown"
    done = job(work, image="x", ledger="ledger", release="release/reader@1", pipeline="p.yaml", options=options)
    assert done.returncode == CODES[outcome], done.stderr
    assert (work / "release.attestation.json").exists()


def test_the_job_records_nothing_without_a_pipeline_file(work: Path) -> None:
    pipeline(work, "pass")
    assert job(work, image="x", ledger="ledger", release="release/reader@1").returncode == 2


# --- Tekton -------------------------------------------------------------------------------------------


def task(work: Path, **params: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """The task's one step, with its variables put in as Tekton does; and its results."""
    said = yaml.safe_load((PARTS / "tekton" / "attest.yaml").read_text())["spec"]
    results = work / "results"
    results.mkdir(exist_ok=True)
    known = {item["name"]: params.get(item["name"], item.get("default")) for item in said["params"]}
    values = {f"params.{name}": value for name, value in known.items()}
    values |= {"workspaces.source.path": str(work), "workspaces.ledger.path": str(work)}
    values |= {f"results.{item['name']}.path": str(results / item["name"]) for item in said["results"]}
    [step] = said["steps"]

    def put(text: str) -> str:
        return re.sub(r"\$\(((?:params|workspaces|results)\.[\w.-]+)\)", lambda match: str(values[match[1]]), text)

    assert "$(params" not in step["script"], "what a stranger may choose comes as a variable of the environment"
    env = {item["name"]: put(item["value"]) for item in step["env"]}
    assert put(step["workingDir"]) == str(work)
    script = work / "step.sh"
    script.write_text(step["script"])
    done = sh([str(script)], work, **env)
    return done, {path.name: path.read_text() for path in results.iterdir()}


@pytest.mark.parametrize("outcome", ["pass", "fail", "unknown"])
def test_the_task_leaves_results_that_chains_picks_up(work: Path, outcome: str) -> None:
    pipeline(work, outcome)
    (work / "policy.yaml").write_text("policy: 1\nname: ours\nprofiles:\n  redhat-minimum-2025: {}\n")
    done, results = task(work, release="release/reader@1", pipeline="p.yaml", policy="policy.yaml", ledger="ledger")
    assert done.returncode == CODES[outcome], done.stderr
    assert results["outcome"] == outcome
    # Chains reads results `*-ARTIFACT_OUTPUTS` that are objects with `uri` and `digest`, `sha256:` and 64 hex digits.
    found: dict[str, Any] = json.loads(results["bundle-ARTIFACT_OUTPUTS"])
    assert found == {"uri": "file:release.attestation.json", "digest": f"sha256:{sha256(work / 'release.attestation.json')}"}


def test_a_task_that_cannot_attest_leaves_no_artifact(work: Path) -> None:
    pipeline(work, "pass")
    (work / "release.attestation.json").write_text("left over from another run")
    done, results = task(work, release="nothing@1", ledger="ledger")
    assert done.returncode == 2
    assert results == {}


# --- pre-commit, container, form --------------------------------------------------------------------


def test_the_hook_of_pre_commit_refuses_a_document_that_does_not_hold(tmp_path: Path) -> None:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    good = tmp_path / "good.cdx.json"
    shutil.copy(refdata("samples", "ai-bom-1.6.cdx.json"), good)
    bad = tmp_path / "bad.cdx.json"
    bad.write_text(good.read_text().replace('"content": "9372', '"content": "XX72', 1))
    assert all(re.search(hook["files"], name) for name in ("a.cdx.json", "b/c.spdx.json", "d.spdx3.json"))
    assert not re.search(hook["files"], "package.json")
    found = [sh(["-c", f'{hook["entry"]} "$1"', "sh", str(path)], tmp_path).returncode for path in (good, bad)]
    assert found == [0, 1]


def test_the_hooks_are_a_manifest_that_pre_commit_takes() -> None:
    tool = interpreter().parent / "pre-commit"
    done = subprocess.run(
        [str(tool), "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_shellcheck_finds_nothing_in_any_shell_part(tmp_path: Path) -> None:
    step = yaml.safe_load((PARTS / "tekton" / "attest.yaml").read_text())["spec"]["steps"][0]
    (tmp_path / "step.sh").write_text(step["script"])
    files = [str(PARTS / "github" / "attest.sh"), str(tmp_path / "step.sh")]
    done = subprocess.run([str(interpreter().parent / "shellcheck"), *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_container_file_copies_what_is_there_and_is_not_root() -> None:
    lines = (PARTS / "container" / "Containerfile").read_text()
    [copied] = re.findall(r"^COPY --chown=1001:0 (.+) /tmp/install/$", lines, re.MULTILINE)
    assert copied.split() == ["requirements/runtime.txt", "dist/*.whl"]
    assert (ROOT / "requirements" / "runtime.txt").is_file()
    assert "--require-hashes" in lines
    assert re.search(r"^USER 1001$", lines, re.MULTILINE)
