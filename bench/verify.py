"""`ledger verify` of a large ledger, beside the signature checks alone: as many Ed25519 checks as entries, in as many processes as cores.

    python bench/verify.py [--count N] [--ledger FOLDER]

The ledger is appended in batches of 5,000, whose rates are printed, and kept in FOLDER when one is given; one that is there is used.
CPU seconds are user and system of all processes together, memory is the sum of their proportional set sizes, looked at every
0.2 s. Other work on the machine makes CPU seconds more too, so the checks alone are measured before and after.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from _measure import WORK
from appends import batched

from ledger.api import Ledger, verify_folder

BATCH = 5_000
CHECKS = """
import sys
from ledger.signing.keys import generate
key = generate()
message = bytes(700)
signature = key.sign(message)
assert all(key.public.verifies(signature, message) for _ in range(int(sys.argv[1])))
"""


def cpu_seconds(who: int) -> float:
    """User and system seconds."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def checks_alone(count: int) -> str:
    """Seconds that only the signature checks take, shared out to one process for each core."""
    cores = len(os.sched_getaffinity(0))
    start, before = time.perf_counter(), cpu_seconds(resource.RUSAGE_CHILDREN)
    running = [subprocess.Popen([sys.executable, "-c", CHECKS, str(count // cores)]) for _ in range(cores)]
    assert not any(code for code in [process.wait() for process in running])
    return f"{time.perf_counter() - start:.1f} s wall, {cpu_seconds(resource.RUSAGE_CHILDREN) - before:.1f} s CPU, {cores} processes"


def memory_kib(pid: int) -> int:
    """Proportional set size of a process; 0 when it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


class Peak(threading.Thread):
    """The largest memory of this process and its children together, until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.kib = 0
        self.stopped = threading.Event()

    def run(self) -> None:
        own = os.getpid()
        while not self.stopped.wait(0.2):
            children = Path(f"/proc/self/task/{own}/children").read_text().split()
            self.kib = max(self.kib, sum(memory_kib(int(pid)) for pid in (own, *children)))


def make(folder: Path, count: int) -> None:
    """A ledger of so many entries and its first."""
    ledger = Ledger.init(folder, "example.org/bench", insecure_no_passphrase=True)
    for first in range(0, count, BATCH):
        start, before = time.perf_counter(), cpu_seconds(resource.RUSAGE_SELF)
        many = min(BATCH, count - first)
        batched(ledger, first, many)
        seconds, used = time.perf_counter() - start, cpu_seconds(resource.RUSAGE_SELF) - before
        print(f"batch at {first:>7}: {many / seconds:6.0f} entries/s wall, {many / used:6.0f} per CPU second", flush=True)


def main() -> int:
    """Measure and print; 1 when the ledger does not verify."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--ledger", type=Path)
    said = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=WORK))
    os.environ["XDG_STATE_HOME"] = str(work / "state")
    folder = said.ledger or work / "ledger"
    if not (folder / "ledger.toml").exists():
        make(folder, said.count)
    print(f"signature checks alone: {checks_alone(said.count)}", flush=True)
    peak = Peak()
    peak.start()
    own, children = cpu_seconds(resource.RUSAGE_SELF), cpu_seconds(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    report = verify_folder(folder)
    seconds = time.perf_counter() - start
    peak.stopped.set()
    own, children = cpu_seconds(resource.RUSAGE_SELF) - own, cpu_seconds(resource.RUSAGE_CHILDREN) - children
    print(
        f"verify of {report.size}: {seconds:.1f} s wall, {own + children:.1f} s CPU ({own:.1f} here), {peak.kib / 1024:.0f} MiB", flush=True
    )
    print(f"signature checks alone: {checks_alone(said.count)}")
    shutil.rmtree(work)
    return 0 if all(check.result != "fail" for check in report.checks) else 1


if __name__ == "__main__":
    raise SystemExit(main())
