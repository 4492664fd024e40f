"""What a large ledger costs: recording into 10^6 entries beside an empty ledger, opening it, and lineage of 10^6 edges, whole processes.

python bench/scale.py [--command LEDGER] [--rounds N] [--out FILE]

Two ledgers are built first and kept (bench/_ledgers.py): 10^6 entries in chains 10,000 deep, and 10^6 edges in layers. That takes some
minutes. Each command is a process of its own with the files in the page cache; with --drop also after the cache was dropped, as root.
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

from _measure import WORK, Subject, gate, measure, ratio, report_gates, table, write_results

ROOT = Path(__file__).resolve().parent.parent


def built() -> tuple[Path, Path]:
    """The two ledgers: of 10^6 entries, of 10^6 edges."""
    sys.path.insert(0, str(ROOT))
    from _graphs import chains, layered
    from _ledgers import ledger

    entries = ledger("entries-1m", *chains(1_100_000))
    edges = ledger("layered-1m", *layered(1_000_000))
    return entries, edges


class Records:
    """`ledger record` of a new small file each time."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.number = 0
        self.file = WORK / "scale" / f"file-{folder.parent.name}"
        self.name = WORK / "scale" / f"name-{folder.parent.name}"
        # The shell reads the name, because a subject's command is fixed.
        self.command = f'{" ".join(command)} record dataset {self.file} --name "$(cat {self.name})" --ledger {folder}'

    def prepare(self) -> None:
        """Another file under another name."""
        self.number += 1
        stamp = f"scale-{time.time_ns()}"
        self.file.write_text(stamp)
        self.name.write_text(stamp)


def main() -> int:
    """Run all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", default=str(ROOT / ".venv" / "bin" / "ledger"))
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--drop", action="store_true", help="also lineage after the page cache was dropped (root)")
    parser.add_argument("--out", type=Path, default=WORK / "results" / "scale.json")
    given = parser.parse_args()
    entries, edges = built()
    from _ledgers import environment

    env, command = environment(), [given.command]
    shutil.rmtree(WORK / "scale", ignore_errors=True)
    small = WORK / "scale" / "small" / "l"
    small.parent.mkdir(parents=True)
    init = [*command, "init", str(small), "--origin", "example.org/bench/small", "--insecure-no-passphrase"]
    subprocess.run(init, check=True, env={**env, "PATH": "/usr/bin:/bin"}, capture_output=True)
    large, empty = Records(command, entries), Records(command, small)
    groups = {
        "recording one small file": measure(
            [
                Subject("into 10^6 entries", large.command, prepare=large.prepare, env=env),
                Subject("into an empty ledger", empty.command, prepare=empty.prepare, env=env),
            ],
            given.rounds,
        )
    }
    name = empty.name.read_text()
    asked = [
        Subject("show, of 10^6 entries", [*command, "show", "weights-900000@1", "--ledger", str(entries)], env=env),
        Subject("show, of a few entries", [*command, "show", name, "--ledger", str(small)], env=env),
    ]
    groups["opening"] = measure(asked, given.rounds)
    lineages = [
        Subject("layers of 10^6 edges", [*command, "lineage", "weights-298000@1", "--ledger", str(edges)], env=env),
        Subject("chains of 10^6 edges, 9,900 deep", [*command, "lineage", "weights-985000@1", "--ledger", str(entries)], env=env),
        Subject("why, in the layers", [*command, "why", "weights-298000@1", "dataset-200@1", "--ledger", str(edges)], env=env),
        Subject("lineage of one thing, a few entries", [*command, "lineage", name, "--ledger", str(small)], env=env),
    ]
    groups["lineage, whole process"] = measure(lineages, given.rounds)
    if given.drop:
        dropped = [Subject(each.name, each.command, env=env, prepare=drop) for each in lineages[:2]]
        groups["lineage, nothing in the page cache"] = measure(dropped, min(given.rounds, 5))
    for title, figures in groups.items():
        print(table(title, figures), flush=True)
    opening = groups["opening"]
    gates = [
        gate(
            "recording into 10^6 entries, of recording into an empty ledger",
            ratio(groups["recording one small file"], "into an empty ledger"),
            1.2,
        ),
        gate("opening 10^6 entries: seconds more than a few entries", round(opening[0].wall_seconds - opening[1].wall_seconds, 3), 0.1),
        *(gate(f"lineage: {row.name}, seconds", row.wall_seconds, 0.4) for row in groups["lineage, whole process"][:2]),
    ]
    write_results(given.out, "scale", groups, gates)
    return 0 if report_gates(gates) else 1


def drop() -> None:
    """Drop the page cache."""
    subprocess.run(["sync"], check=True)
    Path("/proc/sys/vm/drop_caches").write_text("3\n")


if __name__ == "__main__":
    raise SystemExit(main())
