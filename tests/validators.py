"""The official validators and readers of the documents that we write: `make validators`, from requirements/validators.txt.

Each runs as a script of `tests/validating/` in that environment, with sockets blocked by `tests/validating/offline.py`, and prints
one JSON value. Like peers, they are skipped when absent, unless OPENNESS_LEDGER_REQUIRE_PEERS is set.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from peers import missing

_ROOT = Path(__file__).resolve().parent.parent
_SCRIPTS = Path(__file__).resolve().parent / "validating"


def interpreter() -> Path:
    """The environment's Python. The test is skipped when it is not there, or fails as `peers.missing` says."""
    base = os.environ.get("OPENNESS_LEDGER_VALIDATORS")
    path = (Path(base) if base else _ROOT / ".venv-validators") / "bin" / "python"
    if not path.is_file():
        missing("no validators: run `make validators`, or set OPENNESS_LEDGER_VALIDATORS to a virtual environment that has them")
    return path


def validate(script: str, *args: str | Path, timeout: float = 240.0) -> Any:
    """What a script of `tests/validating/` prints about its arguments, parsed from JSON."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env.update(HF_HUB_OFFLINE="1", PYTHONPATH=str(_SCRIPTS))
    command = [str(interpreter()), str(_SCRIPTS / f"{script}.py"), *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=env, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])
