"""The long runs: `make soak`, which is 1,000 rounds of four writers that are killed, and every fault in every way.

python tests/store/soak.py [--rounds N] [--seed N]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent.parent)]

from store.faults import Base, make_base  # noqa: E402

from ledger.store.commit import Store  # noqa: E402

# A fresh ledger from time to time, because each round verifies all of it.
ROUNDS_A_LEDGER = 25


@dataclass
class Figures:
    """What a run of rounds came to."""

    rounds: int = 0
    acknowledged: int = 0
    recorded: int = 0
    half_done: int = 0
    problems: list[str] = field(default_factory=list)


def run(rounds: int, seed: int, home: Path) -> Figures:
    """Rounds of killed writers, all checked; stops at the first problem."""
    figures = Figures()
    start = time.monotonic()
    while figures.rounds < rounds and not figures.problems:
        with tempfile.TemporaryDirectory(dir=home) as folder:
            base = make_base(Path(folder), 0)
            command = [sys.executable, str(Path(__file__).with_name("writers.py")), str(base.root)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writers:
                seen: dict[int, int] = {}
                for _ in range(min(ROUNDS_A_LEDGER, rounds - figures.rounds)):
                    assert writers.stdin is not None and writers.stdout is not None
                    writers.stdin.write(f"{seed + figures.rounds}\n")
                    writers.stdin.flush()
                    _check(base, json.loads(writers.stdout.readline()), seen, figures)
                    if figures.problems:
                        break
                writers.stdin.close()
        print(
            f"{figures.rounds} rounds, {figures.acknowledged} acknowledged, {figures.recorded} recorded, "
            f"{figures.half_done} half done, {time.monotonic() - start:.0f} s, {len(figures.problems)} problems",
            flush=True,
        )
    return figures


def _check(base: Base, answer: dict[str, list[dict[str, object]]], seen: dict[int, int], figures: Figures) -> None:
    """What must hold after a round: everything acknowledged is where it was said to be, nothing twice, and the next append goes."""
    for item in answer["acknowledged"]:
        for at, number in enumerate(item["numbers"]):
            seen[number] = item["index"] + at
            figures.acknowledged += 1
    problems = [*answer["errors"], *base.problems()]
    signed, published = (int((base.root / name).read_text().split("\n")[1]) for name in ("state/checkpoint", "log/checkpoint"))
    figures.half_done += signed > published
    after = (figures.rounds + 1) * 7 + 5_000_000_000
    seen[after] = base.append(after)
    problems += base.problems()
    store = Store(base.root)
    rows = {row["name"]: row["idx"] for row in store.rows("names", store.head().checkpoint.size)}
    lost = [number for number, index in seen.items() if rows.get(f"set-{number}") != index]
    if lost:
        problems.append(f"lost or moved: {lost[:5]}")
    if len(rows) != store.head().checkpoint.size - 1:
        problems.append("something is recorded twice")
    figures.recorded += len(rows) if figures.rounds % ROUNDS_A_LEDGER == ROUNDS_A_LEDGER - 1 else 0
    figures.problems += problems
    figures.rounds += 1


def main() -> int:
    """Run and sum up; 1 when something was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_STATE_HOME"] = home
        figures = run(given.rounds, given.seed, Path(home))
    print(
        f"{figures.rounds} rounds of 4 killed writers: {figures.acknowledged} acknowledged entries, problems: {figures.problems or 'none'}"
    )
    return 1 if figures.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
