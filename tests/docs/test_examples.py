"""The examples, as a newcomer runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import transcripts

ROOT = Path(__file__).resolve().parent.parent.parent


def run(script: str, *args: str, folder: Path) -> str:
    """The output of an example."""
    env = {**os.environ, **transcripts.environment(folder), "PYTHONPATH": f"{ROOT}:{ROOT / 'cli'}", "TMPDIR": str(folder)}
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / script), *args], capture_output=True, text=True, env=env, cwd=folder, timeout=170
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_api_example(tmp_path: Path) -> None:
    out = run("api_example.py", folder=tmp_path)
    assert "{'redhat-minimum-2025': 'pass', 'mot-2026-05': 'unknown'}" in out
    assert "one changed byte of the weights fails check B11" in out
    assert "unverified" in out


def test_the_demo_and_what_the_readme_shows_of_it(tmp_path: Path) -> None:
    out = run("demo.py", "--dir", str(tmp_path / "demo"), folder=tmp_path)
    for line in (
        "of 360 held-out figures right (9",
        "?     redhat-minimum-2025: unknown",
        "ok    redhat-minimum-2025: pass",
        "the bundle verifies",
        "changed  model.safetensors",
        "FAIL  B11  bytes on disk",
        "FAIL  L9   table segments",
    ):
        assert line in out
    # Where everything is, which step this is, and how to go on: at the start and at the end.
    assert str(tmp_path / "demo") in out.splitlines()[1]
    assert [line.split(".")[0] for line in out.splitlines() if re.match(r"# \d", line)] == [f"# {number}" for number in range(1, 11)]
    assert f"Everything is in {tmp_path / 'demo'}:" in out and out.rstrip().splitlines()[-1].startswith("next: docs/tutorial.md")
    readme = (ROOT / "README.md").read_text("utf-8")
    block = readme.split("$ make demo\n", 1)[1].split("\n$ make test", 1)[0]
    # Trained weights have the same bytes on the same kind of processor only.
    wanted, found = (transcripts.filtered(re.sub(r"(model is NOT tree:)[0-9a-f]{64}", r"\1…", text), tmp_path) for text in (block, out))
    assert transcripts.matches(["...", *wanted, "..."], found), "\n".join(wanted)
