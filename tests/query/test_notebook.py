"""The notebook of the examples, executed as Jupyter does, over a snapshot; what it shows is what was recorded."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from query.asked import asked_ledger
from query.test_spark import ROOT, interpreter

from ledger.api import export_parquet

SCRIPT = Path(__file__).resolve().parent / "spark" / "notebook.py"
NOTEBOOK = ROOT / "examples" / "audit.ipynb"


def test_it_is_kept_without_what_it_showed() -> None:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) == 7 and all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_it_runs_over_a_snapshot(tmp_path: Path) -> None:
    python = interpreter()
    ledger = asked_ledger(tmp_path)
    export_parquet(ledger, tmp_path / "snapshot")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER"))}
    env |= {
        "SNAPSHOT": str(tmp_path / "snapshot"),
        "HOME": str(tmp_path),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    done = subprocess.run([str(python), str(SCRIPT), str(NOTEBOOK)], capture_output=True, text=True, timeout=300, env=env, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    tables, root, releases, unverified, census, below, licences = json.loads(done.stdout.splitlines()[-1])
    assert "known_as" in tables or "artifacts" in tables
    assert root == repr(ledger.checkpoint.root.hex())
    assert [line.split()[:2] for line in releases.splitlines()] == [["reader", "1"], ["reader", "2"]]
    assert [line.split()[3] for line in unverified.splitlines()] == ["base", "lost", "base"]
    assert "declared MIT 1 1 15" in census.splitlines()
    assert below.splitlines()[0] == "figures" and "   weights reader 1" in below.splitlines()
    assert [line for line in licences.splitlines() if line.endswith("None None")] == [
        "1 reader 2 None None",
        "1 lost None None None",
        "2 base 3.0 None None",
    ]
