"""Faults from outside: one system call of one append fails or is the last one, by strace, in the program as it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from store.faults import Base, make_base

SOAK = bool(os.environ.get("OPENNESS_LEDGER_SOAK"))
CALLS = ("fsync", "rename", "link", "mkdir", "write", "openat", "unlink", "flock")
WAYS = ("signal=KILL", "error=EIO", "error=ENOSPC")
WRITERS = Path(__file__).resolve().parent / "writers.py"
# Of what the interpreter opens and reads before the append nothing is made to fail: it would only not start.
LATE = {"openat"}


def traced(copy: Base, *options: str) -> subprocess.CompletedProcess[str]:
    command = ["strace", "-f", "-qq", "-o", str(copy.folder / "trace"), *options, sys.executable, str(WRITERS), str(copy.root), "3"]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "XDG_STATE_HOME": str(copy.folder / "memory")}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", "/nonexistent")
        return make_base(tmp_path_factory.mktemp("traced"), 3)


@pytest.fixture
def calls(base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[int]]:
    """For each system call, which ones of its kind belong to the append."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    copy = base.copy(tmp_path / "counted")
    done = traced(copy, "-e", f"trace={','.join(CALLS)}")
    if done.returncode != 0:
        pytest.skip(f"strace does not work here: {done.stderr[-200:]}")
    found: dict[str, list[int]] = {name: [] for name in CALLS}
    counts = dict.fromkeys(CALLS, 0)
    begun = False
    for line in (copy.folder / "trace").read_text(errors="replace").splitlines():
        match = re.match(r"\d+\s+(\w+)\(", line)
        if match is None or match[1] not in counts:
            continue
        counts[match[1]] += 1
        begun = begun or "state/lock" in line
        if begun:
            found[match[1]].append(counts[match[1]])
    assert len(found["fsync"]) > 15
    return found


def test_one_system_call_of_an_append_fails(base: Base, calls: dict[str, list[int]], tmp_path: Path) -> None:
    cases = [(name, at, way) for name, found in calls.items() if name not in LATE for at in found for way in WAYS]
    chosen = cases if SOAK else cases[:: max(1, len(cases) // 14)]
    assert len(chosen) >= 14
    for name, at, way in chosen:
        copy = base.copy(tmp_path / "copy")
        done = traced(copy, "-e", f"trace={name}", "-e", f"inject={name}:{way}:when={at}")
        said = (name, at, way, done.stdout, done.stderr[-300:])
        assert "Traceback" not in done.stderr or "LedgerError" in done.stderr, said
        assert copy.problems() == [], said
        names = copy.names()
        assert names == [f"set-{number}" for number in range(len(names))] and len(names) in (3, 4), said
        if done.stdout.strip():
            assert (done.stdout.strip(), len(names)) == ("4", 4), said
        assert copy.append(3) == 4
        assert copy.append(4) == 5
        assert copy.problems() == [], said
