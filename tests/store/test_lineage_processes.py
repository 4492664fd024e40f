"""Readers in processes of their own, while a writer extends the adjacency and builds it anew again and again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.api import Ledger, verify_folder
from ledger.store import edgefiles, reader

ROOT = Path(__file__).resolve().parent.parent.parent
# Everything was made from the one before it: whatever a reader sees of the log, its lineage is that long, and no shorter.
READ = """
import sys
sys.path.insert(0, sys.argv[1])
from ledger.api import Ledger
from ledger.store import edgefiles, reader
reader.WORTHWHILE, reader.MANY_BEHIND, edgefiles.SHORT, edgefiles.LONG = 0, 1, 0, 2
answers = 0
while True:
    ledger = Ledger.open(sys.argv[2])
    last = ledger.size - 2
    if last >= 0:
        for ref, direction in ((f"step-{last}", "up"), ("step-0", "down")):
            found = ledger.lineage(ref, direction)
            assert len(found.nodes) >= last + 1, (ref, len(found.nodes), last)
            assert len(found.edges) == len(found.nodes) - 1 and found.complete
        answers += 1
    if last >= int(sys.argv[3]) - 1:
        break
print(answers)
"""


@pytest.mark.parametrize("long", [2, 5])
def test_readers_beside_a_writer_miss_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, long: int) -> None:
    monkeypatch.setattr(reader, "WORTHWHILE", 0)
    monkeypatch.setattr(reader, "MANY_BEHIND", 1)
    monkeypatch.setattr(edgefiles, "SHORT", 0)
    monkeypatch.setattr(edgefiles, "LONG", long)
    steps = 40
    ledger = Ledger.init(tmp_path / "l", "example.org/steps", insecure_no_passphrase=True)
    command = [sys.executable, "-c", READ, str(ROOT), str(tmp_path / "l"), str(steps)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) for _ in range(2)]
    for step in range(steps):
        (tmp_path / "file").write_text(str(step))
        given = [("derived-from", f"step-{step - 1}")] if step else []
        ledger.record("dataset", tmp_path / "file", name=f"step-{step}", inputs=given)
    for process in readers:
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors[-2000:]
        assert int(out) > 0
    assert not [check for check in verify_folder(tmp_path / "l").checks if check.result == "fail"]
