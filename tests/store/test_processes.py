"""Eight processes at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ledger.api import Ledger

ROOT = Path(__file__).resolve().parent.parent.parent
WORK = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/cli"]
from ledger.api import Ledger
ledger = Ledger.open(sys.argv[2])
own, folder = int(sys.argv[3]), Path(sys.argv[4])
for number in range(50):
    path = folder / f"{own}-{number}"
    path.write_text(f"{own} {number}")
    print(ledger.record("dataset", path, name=f"set-{own}-{number}", version="1").index)
"""


def test_eight_processes_of_fifty(empty: Ledger, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    command = [sys.executable, "-c", WORK, str(ROOT), str(empty.layout.root)]
    running = [
        subprocess.Popen([*command, str(number), str(tmp_path / "files")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for number in range(8)
    ]
    indexes: list[int] = []
    for process in running:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        indexes += [int(line) for line in out.split()]
    assert sorted(indexes) == list(range(1, 401))
    names = {row[0] for row in empty.query("select name from names").rows}
    assert names == {f"set-{own}-{number}" for own in range(8) for number in range(50)}
    assert [check for check in empty.verify(deep=True).checks if check.result == "fail"] == []
    assert empty.query("select ledger_root()").rows[0][0] == empty.checkpoint.root.hex()
