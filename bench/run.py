"""All benches in one go: `make bench`. Some minutes, and 10 GB of work files in bench/.work, which are kept for the next time.

What is measured is what users have: the wheel, built from this checkout, alone in an environment of its own.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = HERE / ".work"


def installed() -> Path:
    """The program, installed from a wheel of this checkout."""
    root, python = HERE.parent, WORK / "venv" / "bin" / "python"
    for old in (WORK / "dist").glob("*.whl"):
        old.unlink()
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": root}
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(WORK / "dist"), "."], **quiet)
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(WORK / "venv")], **quiet)
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "--requirement", "requirements/runtime.txt"], **quiet)
    (wheel,) = (WORK / "dist").glob("*.whl")
    subprocess.run([*pip, "--no-deps", "--force-reinstall", str(wheel)], **quiet)
    return python.with_name("ledger")


def main() -> int:
    """Run each; 1 when a target is missed somewhere."""
    results = WORK / "results"
    results.mkdir(parents=True, exist_ok=True)
    program = str(installed())
    failed = []
    for name, what, options in (
        ("startup", "the program", ["--command", program, "--out", str(results / "startup.json")]),
        ("hashing", "the library", ["--subject", "library", "--out", str(results / "hashing.json")]),
        ("hashing", "ledger record", ["--subject", "cli", "--command", program, "--out", str(results / "recording.json")]),
        ("appends", "the library", ["--out", str(results / "appends.json")]),
        ("licenses", "the library", ["--out", str(results / "licenses.json")]),
        ("merkle", "the library", ["--out", str(results / "merkle.json")]),
        ("propagation", "the library", ["--out", str(results / "propagation.json")]),
        ("lineage", "the library", ["--out", str(results / "lineage.json")]),
        ("documents", "the program", ["--out", str(results / "documents.json")]),
    ):
        print(f"== {name}: {what}", flush=True)
        if subprocess.run([sys.executable, str(HERE / f"{name}.py"), *options]).returncode:
            failed.append(f"{name} ({what})")
    print(f"targets missed in: {', '.join(failed)}" if failed else "all targets met")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
