"""What a command may not import: start-up is part of the interface."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
HEAVY = (
    "duckdb",
    "pyarrow",
    "sqlmodel",
    "sqlalchemy",
    "pydantic",
    "cryptography",
    "license_expression",
    "spdx_tools",
    "yaml",
    "rich",
    "jsonschema_rs",
)
CHECK = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/cli"]
from ledger_cli.app import app
from ledger_cli.failures import guarded
code = guarded(app, sys.argv[3:])
found = sorted(set(sys.argv[2].split(",")) & set(sys.modules))
print("\\nCODE", code, "IMPORTED", *found)
"""


def imported(*args: str, cwd: Path = ROOT) -> tuple[int, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(ROOT), ",".join(HEAVY), *args], capture_output=True, text=True, cwd=cwd, timeout=60
    )
    _, code, _, *found = done.stdout.strip().splitlines()[-1].split()
    return int(code), set(found)


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("-h",)])
def test_help_imports_nothing_heavy(args: tuple[str, ...]) -> None:
    assert imported(*args) == (0, set())


def test_recording_imports_no_database(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    ledger = ["--ledger", str(tmp_path / "l")]
    assert imported("init", str(tmp_path / "l"), "--origin", "example.org/x", "--insecure-no-passphrase", cwd=tmp_path)[0] == 0
    code, found = imported("record", "dataset", str(tmp_path / "x"), "--name", "x", *ledger, cwd=tmp_path)
    assert (code, found & {"duckdb", "sqlmodel", "sqlalchemy", "yaml", "rich"}) == (0, set())
    code, found = imported("record", "dataset", str(tmp_path / "x"), "--name", "x", *ledger, cwd=tmp_path)
    assert (code, found & {"duckdb", "pyarrow", "sqlmodel", "yaml", "rich"}) == (0, set())


def test_the_library_is_quick_to_import() -> None:
    code = "import sys, ledger.api; print(*sorted({'duckdb', 'pyarrow', 'sqlmodel', 'yaml', 'license_expression'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "")
