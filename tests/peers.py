"""Other people's tools that tests compare with, in a virtual environment of their own: `make peers`, from requirements/peers.txt.

And OpenSSL's command, which makes and checks timestamps for the tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent


def peer(name: str) -> Path:
    """A tool's command. The test is skipped when it is not there, unless OPENNESS_LEDGER_REQUIRE_PEERS is set: then it fails."""
    base = os.environ.get("OPENNESS_LEDGER_PEERS")
    path = (Path(base) if base else _ROOT / ".venv-peers") / "bin" / name
    if not path.is_file():
        missing(f"no `{name}`: run `make peers`, or set OPENNESS_LEDGER_PEERS to a virtual environment that has it")
    return path


def missing(message: str) -> None:
    """Skip the test, or fail it when OPENNESS_LEDGER_REQUIRE_PEERS is set."""
    if os.environ.get("OPENNESS_LEDGER_REQUIRE_PEERS"):
        pytest.fail(message)
    pytest.skip(message)


def openssl(folder: Path, *args: str | Path, wanted: int = 0) -> str:
    """Run OpenSSL in a folder; what it prints. Skipped or failed, as `peer`, when it is not there."""
    if shutil.which("openssl") is None:
        missing("no `openssl` on the PATH")
    done = subprocess.run(["openssl", *map(str, args)], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == wanted, done.stderr
    return done.stdout + done.stderr


def ask(name: str, *args: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a tool, with a home of nobody's."""
    env = {name_: value for name_, value in os.environ.items() if not name_.startswith("PYTHON")}
    return subprocess.run([str(peer(name)), *map(str, args)], capture_output=True, text=True, timeout=120, env=env, check=False)
