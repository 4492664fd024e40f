"""The house rules that a machine can hold: sizes of files and functions, docstrings, no print in the library."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("ledger", "cli", "tests", "bench", "tools", "examples")


def sources() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")) if ".work" not in path.parts]


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def test_files_have_at_most_500_lines() -> None:
    long = {str(path.relative_to(ROOT)): count for path in sources() if (count := len(path.read_text("utf-8").splitlines())) > 500}
    assert long == {}


def test_functions_have_at_most_60_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources()
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > 60
    ]
    assert long == []


def test_public_functions_and_modules_say_what_they_do() -> None:
    silent = []
    for path in sorted((ROOT / "ledger").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        if not ast.get_docstring(tree) and path.name != "__init__.py":
            silent.append(str(path.relative_to(ROOT)))
        public = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")]
        silent += [f"{path.relative_to(ROOT)}:{node.lineno} {node.name}" for node in public if not ast.get_docstring(node)]
    assert silent == []


def test_only_the_clock_asks_for_the_time() -> None:
    asking = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "ledger").rglob("*.py"))
        if any(word in path.read_text("utf-8") for word in ("datetime.now(", "time.time(", "utcnow(")) and path.name != "clock.py"
    ]
    assert asking == []


def test_only_the_query_room_connects_to_duckdb() -> None:
    found = subprocess.run(["grep", "-rl", "duckdb.connect(", "ledger", "cli"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    assert [name for name in found if name.endswith(".py")] == ["ledger/query/engine.py", "ledger/query/snapshot.py"]
