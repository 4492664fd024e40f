"""Writers that are killed: a process that only imports and forks, so that a round takes a fraction of a second.

python tests/store/writers.py FOLDER            # rounds as numbers on standard input, one answer in JSON a line
python tests/store/writers.py FOLDER NUMBER     # one append, for strace
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent.parent)]

from store.faults import said  # noqa: E402

from ledger.errors import LedgerError  # noqa: E402
from ledger.signing.files import read_private  # noqa: E402
from ledger.store.commit import Store  # noqa: E402
from ledger.store.segments import preload  # noqa: E402

WRITERS = 4


def append(root: Path, numbers: list[int]) -> int:
    """The index of the first of these statements, appended in one batch."""
    key, log_key = (read_private(root / "state/keys" / name) for name in ("signing.pem", "log.pem"))
    return int(Store(root).append(lambda draft: [draft.add(said(number), [key]) for number in numbers], log_key)[0].index)


def write(root: Path, first: int, answers: int) -> None:
    """Append until killed; each acknowledgement is one short write, which a pipe takes whole."""
    for number in range(first, first + 10_000, 3):
        count = 1 + number % 3
        try:
            index = append(root, list(range(number, number + count)))
        except LedgerError as error:
            os.write(answers, json.dumps({"error": f"{error.code} {error.message}"}).encode() + b"\n")
            return
        os.write(answers, json.dumps({"index": index, "numbers": list(range(number, number + count))}).encode() + b"\n")


def one_round(root: Path, turn: int) -> dict[str, object]:
    """Four writers at once, each killed at a moment of its own; what they acknowledged."""
    chosen = random.Random(turn)
    inbox, answers = os.pipe()
    pids = []
    for own in range(WRITERS):
        pid = os.fork()
        if pid == 0:
            os.close(inbox)
            write(root, (turn * WRITERS + own + 1) * 10_000, answers)
            os._exit(0)
        pids.append(pid)
    os.close(answers)
    ends = sorted((chosen.uniform(0.1, 0.8), pid) for pid in pids)
    start = time.monotonic()
    for end, pid in ends:
        time.sleep(max(0.0, start + end - time.monotonic()))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    with os.fdopen(inbox, "rb") as file:
        lines = file.read().split(b"\n")
    found = [json.loads(line) for line in lines[:-1]]  # what was cut is no acknowledgement
    return {"acknowledged": [item for item in found if "error" not in item], "errors": [item["error"] for item in found if "error" in item]}


def main() -> None:
    """Serve rounds, or append once."""
    root = Path(sys.argv[1])
    preload()
    if len(sys.argv) > 2:
        done = append(root, [int(sys.argv[2])])
        try:
            print(done, flush=True)
        except OSError:
            # The answer is lost on the way, which is no fault of the ledger's.
            os._exit(3)
        return
    for line in sys.stdin:
        print(json.dumps(one_round(root, int(line))), flush=True)


if __name__ == "__main__":
    main()
