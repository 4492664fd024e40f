"""Runs transcripts: `$ command` lines through bash, with the expected output below each; every command's exit code is checked.

In the expected output `<hex>`, `<short>`, `<time>`, `<vkey>`, `<dir>` stand for what differs from run to run: keys, times, roots, folders.
The ids of artifacts, references and releases do not differ, and are compared. A line `...` stands for any lines.
A command that exits with something else than 0 is followed by a line `[exit N]`. stdout and stderr are both shown, in that order.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_FILTERS = (
    (re.compile(r"[^\s'\"]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{40,}"), "<vkey>"),
    # What comes from keys and times differs: roots, key ids, statements that name them. What comes from the bytes recorded does not.
    (re.compile(r"\b(root |signing key +|key |signed by |from entry \d+: )[0-9a-f]{64}\b"), r"\1<hex>"),
    (re.compile(r"(on the ledger's first \d+ entries: sha256:)[0-9a-f]{64}\b"), r"\1<hex>"),
    (re.compile(r"(the key given, |signer: )[0-9a-f]{64}\b"), r"\1<hex>"),
    (re.compile(r"\bkey [0-9a-f]{16}\b"), "key <short>"),
    (re.compile(r"(manifest statement |manifest )sha256:[0-9a-f]{12}…"), r"\1<short>"),
    (re.compile(r"^[0-9a-f]{16}…", re.MULTILINE), "<short>"),
    (re.compile(r"\.[0-9a-f]{16}\.parquet"), ".<short>.parquet"),
    (re.compile(r"─{5,}"), "─────"),
    (re.compile(r", \d+ unchanged since last time"), ""),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z"), "<time>"),
)


@dataclass
class Step:
    """One command and what it is to print."""

    command: str
    output: list[str]
    exit: int
    line: int


def parse(text: str) -> list[Step]:
    """The steps of a transcript; lines before the first command and lines that start with `# ` are comments."""
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("$ "):
            steps.append(Step(line[2:], [], 0, number))
        elif line.startswith("# ") or not steps:
            continue
        elif (match := re.fullmatch(r"\[exit (\d+)\]", line)) is not None:
            steps[-1].exit = int(match[1])
        elif line.startswith("> "):
            steps[-1].command += "\n" + line[2:]
        else:
            steps[-1].output.append(line)
    for step in steps:
        while step.output and not step.output[-1].strip():
            step.output.pop()
    return steps


def environment(folder: Path) -> dict[str, str]:
    """An environment in which `ledger` is this checkout's, and nothing else is."""
    binaries = folder / ".bin"
    binaries.mkdir(exist_ok=True)
    for name in ("ledger", "openness-ledger"):
        shim = binaries / name
        shim.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path[:0] = {[str(ROOT), str(ROOT / 'cli')]!r}\nfrom ledger_cli.app import main\nmain()\n"
        )
        shim.chmod(0o755)
    return {
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / ".state"),
        "LANG": "C.UTF-8",
        "COLUMNS": "100",
        "CI": "true",
        "PYTHONWARNINGS": "error",
    }


def run(command: str, folder: Path, env: dict[str, str]) -> tuple[str, int]:
    """A command's output (stdout, then stderr) and exit code."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )
    return done.stdout + done.stderr, done.returncode


def filtered(text: str, folder: Path) -> list[str]:
    """Output with what differs from run to run taken out."""
    text = text.replace(str(folder), "<dir>")
    for pattern, word in _FILTERS:
        text = pattern.sub(word, text)
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def matches(wanted: list[str], found: list[str]) -> bool:
    """Whether the lines agree; `...` stands for any lines."""
    if "..." not in wanted:
        return [line.rstrip() for line in wanted] == found
    parts: list[list[str]] = [[]]
    for line in wanted:
        if line == "...":
            parts.append([])
        else:
            parts[-1].append(line.rstrip())
    if found[: len(parts[0])] != parts[0]:
        return False
    position = len(parts[0])
    for part in parts[1:-1]:
        at = next((i for i in range(position, len(found) - len(part) + 1) if found[i : i + len(part)] == part), None)
        if at is None:
            return False
        position = at + len(part)
    last = parts[-1]
    return not last or (len(found) - len(last) >= position and found[len(found) - len(last) :] == last)


def check(text: str, folder: Path) -> None:
    """Run a transcript in a folder and compare every step."""
    env = environment(folder)
    for step in parse(text):
        output, code = run(step.command, folder, env)
        found = filtered(output, folder)
        shown = f"line {step.line}: $ {step.command}\n--- wanted\n" + "\n".join(step.output) + "\n--- found\n" + "\n".join(found)
        assert code == step.exit, f"exit {code}, wanted {step.exit}\n{shown}"
        assert matches(step.output, found), shown
