"""Runs the command line: inside this process where that is enough, as a process of its own where descriptors or signals matter."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
from ledger_cli.app import app
from ledger_cli.failures import guarded

ROOT = Path(__file__).resolve().parent.parent
# What the ledger does not promise to leave alone when a command is refused: caches of what was read.
CACHES = ("state/hash-cache", "state/recorded")
# A shell starts what it runs in the background with interrupts ignored, and the tests' own run may be such a thing.
SCRIPT = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    f"sys.path[:0] = {[str(ROOT), str(ROOT / 'cli')]!r}; from ledger_cli.__main__ import main; main()"
)


@dataclass(frozen=True)
class Answered:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        """The one object on stdout, checked against the schema that it names."""
        answer: dict[str, Any] = json.loads(self.out)
        verb = answer["schema"].split("/")[1]
        schema = json.loads((ROOT / "schemas" / "cli" / verb / "v1.schema.json").read_text("utf-8"))
        jsonschema_rs.Draft202012Validator(schema).validate(answer)
        assert answer["ok"] is (self.code == 0)
        return answer


def ask(capsys: Any, *args: str) -> Answered:
    """Run a command in this process."""
    capsys.readouterr()
    code = guarded(app, list(args))
    shown = capsys.readouterr()
    assert "Traceback" not in shown.out + shown.err, shown.err
    return Answered(code, shown.out, shown.err)


def environment(**more: str) -> dict[str, str]:
    """The tests' own surroundings, without a terminal's."""
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "CI", "NO_COLOR"}}
    return {**kept, "LANG": "C.UTF-8", "PYTHONWARNINGS": "error", **more}


def start(args: Sequence[str], **more: Any) -> subprocess.Popen[bytes]:
    """Start a command as a process."""
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment(), **more}
    return subprocess.Popen([sys.executable, "-c", SCRIPT, *args], **given)


def run(*args: str, **more: Any) -> Answered:
    """Run a command as a process."""
    with start(args, **more) as process:
        out, err = process.communicate(timeout=120)
    shown = Answered(process.returncode, (out or b"").decode("utf-8"), (err or b"").decode("utf-8"))
    assert "Traceback" not in shown.out + shown.err, shown.err
    return shown


def contents(root: Path) -> dict[str, str]:
    """Every file and folder below a ledger's root, with what it holds; without caches."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if not name.startswith(CACHES):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
    return found
