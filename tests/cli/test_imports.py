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
    "numpy",
    "yaml",
    "rich",
    "jsonschema_rs",
    "rfc3161_client",
    "sigstore",
    "requests",
)
CHECK = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/cli"]
from ledger_cli.app import app
from ledger_cli.failures import guarded
from ledger_cli.lean import without_numpy
without_numpy()
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
    assert (code, found & {"duckdb", "sqlmodel", "sqlalchemy", "pydantic", "numpy", "yaml", "rich"}) == (0, set())
    code, found = imported("record", "dataset", str(tmp_path / "x"), "--name", "x", *ledger, cwd=tmp_path)
    assert (code, found & {"duckdb", "pyarrow", "sqlmodel", "pydantic", "yaml", "rich"}) == (0, set())


def test_the_library_is_quick_to_import() -> None:
    code = "import sys, ledger.api; print(*sorted({'duckdb', 'pyarrow', 'sqlmodel', 'yaml', 'license_expression'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "")


def test_plain_parameters_come_as_typer_gives_them() -> None:
    """The short way and Typer's own give a command the same values, and refuse the same."""
    code = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/cli"]
import typer
from typing import Annotated
from ledger_cli.plain import spare

def build():
    app = typer.Typer(add_completion=False)
    @app.command()
    def one(a: str, b: Annotated[str | None, typer.Argument()] = None, c: Annotated[list[str] | None, typer.Option("--c")] = None,
            d: Annotated[bool, typer.Option("--d")] = False, e: Annotated[int, typer.Option("--e", min=1)] = 3,
            f: Annotated[str, typer.Option("--f")] = "f") -> None:
        print(repr((a, b, list(c or ()), d, e, f)))
    return typer.main.get_command(app)

for command in (build(), spare(build())):
    good = (["x"], ["x", "", "--c", "1", "--c", ""], ["x", "--d", "--f", "ä", "--e", "7"])
    for args in (*good, ["x", "--e", "0"], [], ["x", "--c"], ["x", "y", "z"]):
        try:
            command(args=args, standalone_mode=False)
        except Exception as error:
            print(type(error).__name__, getattr(error, "message", error))
    print("--")
"""
    done = subprocess.run([sys.executable, "-c", code, str(ROOT)], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
    theirs, ours, rest = done.stdout.split("--\n")
    assert theirs == ours
    assert rest == ""
    assert theirs.splitlines()[:3] == [
        "('x', None, [], False, 3, 'f')",
        "('x', '', ['1', ''], False, 3, 'f')",
        "('x', None, [], True, 7, 'ä')",
    ]
    assert len(theirs.splitlines()) == 7


def test_a_lineage_imports_no_database_and_a_small_one_no_numpy(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    ledger = ["--ledger", str(tmp_path / "l")]
    imported("init", str(tmp_path / "l"), "--origin", "example.org/x", "--insecure-no-passphrase", cwd=tmp_path)
    imported("record", "dataset", str(tmp_path / "x"), "--name", "x", "--from", "derived-from=ref:base@1", *ledger, cwd=tmp_path)
    for verb in (["lineage", "x"], ["why", "x", "ref:base@1"]):
        code, found = imported(*verb, *ledger, cwd=tmp_path)
        assert (code, found & {"duckdb", "sqlmodel", "sqlalchemy", "pydantic", "numpy", "yaml", "rich"}) == (0, set()), verb


def test_pyarrow_does_without_numpy_and_others_get_it(tmp_path: Path) -> None:
    program = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/cli"]
from ledger_cli.lean import without_numpy
without_numpy()
import pyarrow.parquet, pyarrow.compute
assert "numpy" not in sys.modules
import numpy, os
assert numpy.arange(3).sum() == 3
assert "OPENBLAS_NUM_THREADS" not in os.environ
"""
    done = subprocess.run([sys.executable, "-c", program, str(ROOT)], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 0, done.stderr
