"""The bench runs, in a small form, and writes what it measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "hashing.py"


def test_bench_hashing_runs(tmp_path):
    results = tmp_path / "results.json"
    command = [sys.executable, str(BENCH), "--quick", "--rounds", "1", "--only", "mixed", "--no-model-signing", "--out", str(results)]
    done = subprocess.run(command, env=os.environ | {"BENCH_WORK": str(tmp_path / "work")}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    document = json.loads(results.read_text())
    first = {row["name"]: row for row in document["groups"]["mixed-quick first"]}
    again = {row["name"]: row for row in document["groups"]["mixed-quick unchanged"]}
    assert first["hash_path"]["output"].startswith("tree:")
    identity, hashed_bytes = first["hash_path"]["output"].split()
    assert int(hashed_bytes) > 0
    assert again["hash_path, unchanged"]["output"].split()[0] == identity
    assert first["hash_path"]["wall_seconds"] > 0
    assert first["hash_path"]["peak_bytes"] > 1 << 20
    assert first["model-signing sign"]["missing"] == "left out"
