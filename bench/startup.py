"""Start-up: `ledger --help` and recording one small file, whole processes, against a bare Typer program.

python bench/startup.py [--rounds N] [--out FILE] [--command LEDGER]
"""

import argparse
import os
import sys
from pathlib import Path

from _measure import WORK, Subject, gate, measure, ratio, report_gates, run_once, table, write_results

BARE = """import typer

app = typer.Typer()


@app.command()
def one(name: str = "x") -> None:
    print(name)


@app.command()
def two(name: str = "x") -> None:
    print(name)


app()
"""


def main() -> int:
    """Measure, print, write; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--command", default=str(Path(sys.executable).with_name("ledger")), help="the program")
    said = parser.parse_args()
    folder = WORK / "startup"
    folder.mkdir(parents=True, exist_ok=True)
    bare = folder / "bare.py"
    bare.write_text(BARE)
    where = folder / f"ledger-{os.getpid()}"
    env = {"XDG_STATE_HOME": str(folder / "state"), "OPENNESS_LEDGER_DIR": str(where)}
    init = [said.command, "init", str(where), "--origin", "example.org/bench", "--insecure-no-passphrase"]
    run_once(Subject("init", init, env=env))
    small = folder / "small"
    numbers = iter(range(10**9))

    def another() -> None:
        small.write_text(f"{os.getpid()} {next(numbers)}")

    # The bare program runs with the libraries that the measured one is installed with.
    python = str(Path(said.command).with_name("python"))
    record = [said.command, "record", "dataset", str(small), "--name", "small"]
    helps = measure(
        [
            Subject("ledger --help", [said.command, "--help"], env=env),
            Subject("a bare Typer program --help", [python, str(bare), "--help"]),
            Subject("a bare Typer program, a command", [python, str(bare), "one"]),
            Subject("python -c pass", [python, "-c", "pass"]),
        ],
        said.rounds,
    )
    records = measure(
        [
            Subject("ledger record, one small new file", record, env=env, prepare=another),
            Subject("a bare Typer program --help", [python, str(bare), "--help"]),
        ],
        said.rounds,
    )
    print(table("start-up", helps))
    print(table("recording one small file", records))
    gates = [
        gate("ledger --help, wall against a bare Typer program", ratio(helps, "a bare Typer program --help"), 1.0),
        gate("recording one small file, wall against a bare Typer program", ratio(records, "a bare Typer program --help"), 4.0),
    ]
    if said.out:
        write_results(said.out, "startup", {"help": helps, "record": records}, gates)
    return 0 if report_gates(gates) else 1


if __name__ == "__main__":
    raise SystemExit(main())
