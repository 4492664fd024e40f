"""Measures whole processes side by side: A B C, A B C, with the order rotated each round.

So whatever else the machine does meets all of them, and start-up is part of every figure. Wall time, CPU time (with children)
and peak resident memory (of the largest process) come from the kernel through `os.wait4`; the kernel counts the memory of the
measuring process as it starts another, so peaks below some 30 MB are not told apart. Used by every bench here.
"""

import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

WORK = Path(os.environ.get("BENCH_WORK", Path(__file__).parent / ".work")).absolute()


@dataclass(slots=True)
class Subject:
    """A command to measure.

    Attributes:
        name: how tables call it.
        command: argument list; a string is given to `sh -c`.
        cwd: where it runs.
        prepare: runs before each round, outside the measurement.
        env: extra environment variables.
        rounds: at most so many rounds, for what takes long; 0 for all.
        missing: why it cannot be measured here, if so.
    """

    name: str
    command: Sequence[str] | str
    cwd: Path | None = None
    prepare: Callable[[], None] | None = None
    env: dict[str, str] = field(default_factory=dict)
    rounds: int = 0
    missing: str = ""


@dataclass(slots=True)
class Figures:
    """What a subject took: medians over the rounds, wall and CPU in seconds, memory in bytes."""

    name: str
    rounds: int = 0
    wall_seconds: float = 0.0
    wall_best_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    output: str = ""
    missing: str = ""


def environment(extra: dict[str, str]) -> dict[str, str]:
    """The environment of a subject: bytecode is cached as it is for an installed package, and nothing else differs."""
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")}
    return env | {"PYTHONPYCACHEPREFIX": str(WORK / "pycache"), "LC_ALL": "C.UTF-8"} | extra


def run_once(subject: Subject) -> tuple[float, float, int, str]:
    """Wall seconds, CPU seconds, peak bytes and the last line of output of one run."""
    command = ["sh", "-c", subject.command] if isinstance(subject.command, str) else list(subject.command)
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=subject.cwd, env=environment(subject.env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        output, errors = process.stdout.read(), process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall_seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{subject.name}: exit {process.returncode}: {shlex.join(command)}\n{errors.decode(errors='replace')[-2000:]}")
    text = output.decode(errors="replace").strip()
    return wall_seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text.splitlines()[-1] if text else ""


def measure(subjects: Sequence[Subject], rounds: int) -> list[Figures]:
    """Run all subjects in rotated order, after one round that warms caches and does not count."""
    taken: dict[str, list[tuple[float, float, int, str]]] = {subject.name: [] for subject in subjects}
    present = [subject for subject in subjects if not subject.missing]
    for number in range(-1, rounds):
        shift = number % len(present) if present else 0
        for subject in present[shift:] + present[:shift]:
            if subject.rounds and number >= subject.rounds:
                continue
            if number < 0 and subject.rounds:
                # What is limited because it takes long isn't warmed up either; the others have warmed the files.
                continue
            if subject.prepare is not None:
                subject.prepare()
            result = run_once(subject)
            if number >= 0:
                taken[subject.name].append(result)
    return [_figures(subject, taken[subject.name]) for subject in subjects]


def _figures(subject: Subject, runs: list[tuple[float, float, int, str]]) -> Figures:
    if not runs:
        return Figures(subject.name, missing=subject.missing or "no round")
    walls = [run[0] for run in runs]
    return Figures(
        name=subject.name,
        rounds=len(runs),
        wall_seconds=round(statistics.median(walls), 4),
        wall_best_seconds=round(min(walls), 4),
        cpu_seconds=round(statistics.median(run[1] for run in runs), 4),
        peak_bytes=max(run[2] for run in runs),
        output=runs[-1][3],
    )


def table(title: str, figures: Sequence[Figures]) -> str:
    """Plain text with the ratio of the first row to each of the others."""
    first = figures[0]
    lines = [title, f"  {'':<44}{'wall s':>9}{'best':>9}{'cpu s':>9}{'MB':>7}{'ours / it':>11}"]
    for row in figures:
        if row.missing:
            lines.append(f"  {row.name:<44}not available: {row.missing}")
            continue
        ratio = f"{first.wall_seconds / row.wall_seconds:>11.2f}" if row is not first and not first.missing else ""
        lines.append(
            f"  {row.name:<44}{row.wall_seconds:>9.3f}{row.wall_best_seconds:>9.3f}{row.cpu_seconds:>9.3f}{row.peak_bytes >> 20:>7}{ratio}"
        )
    return "\n".join(lines)


def ratio(figures: Sequence[Figures], name: str) -> float | None:
    """Wall time of the first subject over that of another, if both were measured."""
    other = next(row for row in figures if row.name == name)
    if figures[0].missing or other.missing:
        return None
    return round(figures[0].wall_seconds / other.wall_seconds, 3)


def machine() -> dict[str, object]:
    """What a figure means nothing without."""
    model = next((line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def write_results(path: Path, name: str, groups: dict[str, list[Figures]], gates: list[dict[str, object]]) -> None:
    """One JSON object: machine, figures by group, and the targets with what was reached."""
    document = {
        "bench": name,
        "machine": machine(),
        "groups": {title: [asdict(row) for row in figures] for title, figures in groups.items()},
        "gates": gates,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


def report_gates(gates: list[dict[str, object]]) -> bool:
    """Print the targets, and tell whether all that could be measured are met."""
    for gate in gates:
        reached = gate["reached"]
        verdict = "?" if reached is None else "ok" if gate["met"] else "MISSED"
        print(f"{verdict:>7}  {gate['name']}: {reached} (target {gate['target']})")
    sys.stdout.flush()
    return all(gate["met"] is not False for gate in gates)


def gate(name: str, reached: float | None, target: float, *, at_least: bool = False) -> dict[str, object]:
    """A target and what was reached; `met` is null when it could not be measured."""
    met = None if reached is None else bool(reached >= target if at_least else reached <= target)
    return {"name": name, "reached": reached, "target": target, "met": met}
