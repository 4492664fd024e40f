"""A writer that is killed at any moment loses nothing that it acknowledged, and the ledger takes the next append."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from store.soak import run

from ledger.api import Ledger

ROOT = Path(__file__).resolve().parent.parent.parent
ROUNDS = 10
WORK = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/cli"]
from ledger.api import Ledger
ledger = Ledger.open(sys.argv[2])
turn, folder, number = sys.argv[3], Path(sys.argv[4]), 0
print("ready", flush=True)
while True:
    path = folder / f"{turn}-{number}"
    path.write_text(f"{turn} {number}")
    done = ledger.record("dataset", path, name=f"set-{turn}-{number}", version="1")
    print(done.index, done.id, done.name, flush=True)
    number += 1
"""


def killed(root: Path, folder: Path, turn: int, seconds: float) -> list[tuple[int, str, str]]:
    """What a writer acknowledged until it was killed so long after it was ready; a line that was cut is no acknowledgement."""
    command = [sys.executable, "-c", WORK, str(ROOT), str(root), str(turn), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            time.sleep(seconds)
        finally:
            process.kill()
        said = process.stdout.read()
    assert process.returncode == -signal.SIGKILL
    lines = [line.split() for line in said.splitlines(keepends=True) if line.endswith("\n")]
    return [(int(index), own, name) for index, own, name in lines]


def test_a_killed_writer_loses_nothing_that_it_acknowledged(empty: Ledger, tmp_path: Path) -> None:
    folder, root = tmp_path / "files", empty.layout.root
    folder.mkdir()
    chosen = random.Random(8)
    acknowledged: list[tuple[int, str, str]] = []
    for turn in range(ROUNDS):
        acknowledged += killed(root, folder, turn, chosen.uniform(0.2, 1.2))
        ledger = Ledger.open(root)
        signed, published = (int((root / name).read_text("utf-8").split("\n")[1]) for name in ("state/checkpoint", "log/checkpoint"))
        ahead = signed - published
        assert [check for check in ledger.verify(deep=True).checks if check.result == "fail"] == []
        rows = ledger.query("select n.idx, a.id, n.name from names n join artifacts a using (artifact_no)").rows
        assert set(acknowledged) <= set(rows)
        assert len(rows) == ledger.size - 1
        after = folder / f"after-{turn}"
        after.write_text(f"after {turn}")
        done = ledger.record("dataset", after, name=f"after-{turn}", version="1")
        assert done.index == len(rows) + 1 + ahead  # a signed checkpoint that was not published is published first
        assert [check for check in ledger.verify(deep=True).checks if check.result == "fail"] == []
        acknowledged.append((done.index, done.id, done.name))
    assert len(acknowledged) > 2 * ROUNDS
    assert len({index for index, _, _ in acknowledged}) == len(acknowledged)
    assert [check for check in Ledger.open(root).verify(deep=True).checks if check.result == "fail"] == []


def test_a_writer_that_ended_before_publishing_has_not_damaged_the_ledger(empty: Ledger, tmp_path: Path) -> None:
    """Between steps (5) and (7) of docs/spec/format.md, section 6: the new checkpoint is in `state/`, the old one is published."""
    root, memory = empty.layout.root, Path(os.environ["XDG_STATE_HOME"])
    published = (root / "log/checkpoint").read_bytes()
    shutil.copytree(memory, tmp_path / "memory")
    (tmp_path / "one").write_text("one")
    empty.record("dataset", tmp_path / "one", name="one", version="1")
    (root / "log/checkpoint").unlink()
    (root / "log/checkpoint").write_bytes(published)
    shutil.rmtree(memory)
    shutil.copytree(tmp_path / "memory", memory)
    ledger = Ledger.open(root)
    assert ledger.size == 1
    assert [check for check in ledger.verify(deep=True).checks if check.result == "fail"] == []
    (tmp_path / "two").write_text("two")
    assert ledger.record("dataset", tmp_path / "two", name="two", version="1").index == 2
    assert [check for check in ledger.verify(deep=True).checks if check.result == "fail"] == []


def test_a_writer_beside_one_that_is_killed_goes_on(empty: Ledger, tmp_path: Path) -> None:
    """Two writers at once: what both acknowledged is there, and the one that lives never meets an error."""
    folder, root = tmp_path / "files", empty.layout.root
    folder.mkdir()
    command = [sys.executable, "-c", WORK, str(ROOT), str(root)]
    with subprocess.Popen([*command, "living", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as living:
        try:
            assert living.stdout is not None
            assert living.stdout.readline() == "ready\n"
            acknowledged: list[tuple[int, str, str]] = []
            turn = 0
            while turn < 3 or (not acknowledged and turn < 30):  # on a busy machine one may be killed before its first append
                acknowledged += killed(root, folder, turn, 0.3 + 0.3 * turn)
                turn += 1
            assert living.poll() is None
            for _ in range(3):
                assert len(living.stdout.readline().split()) == 3
        finally:
            living.kill()
        lines = [line.split() for line in living.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    acknowledged += [(int(index), own, name) for index, own, name in lines]
    ledger = Ledger.open(root)
    rows = ledger.query("select n.idx, a.id, n.name from names n join artifacts a using (artifact_no)").rows
    assert set(acknowledged) <= set(rows)
    assert {row[2].split("-")[1] for row in rows} > {"living"}
    done = ledger.record("dataset", folder / "living-0", name="after", version="1")
    assert done.index == ledger.size - 1
    assert [check for check in ledger.verify(deep=True).checks if check.result == "fail"] == []


def test_four_writers_killed_at_random_moments_lose_nothing(tmp_path: Path) -> None:
    """`make soak` makes a thousand rounds of it."""
    figures = run(20, 20261124, tmp_path)
    assert figures.problems == []
    assert (figures.rounds, figures.acknowledged > 0) == (20, True)
