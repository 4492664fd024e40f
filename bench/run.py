"""All benches in one go: `make bench`. Some minutes, and 10 GB of work files in bench/.work, which are kept for the next time."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run each; 1 when a target is missed somewhere."""
    results = HERE / ".work" / "results"
    results.mkdir(parents=True, exist_ok=True)
    failed = []
    for name, options in (
        ("startup", ["--out", str(results / "startup.json")]),
        ("hashing", ["--subject", "cli", "--out", str(results / "hashing.json")]),
        ("appends", ["--out", str(results / "appends.json")]),
    ):
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, str(HERE / f"{name}.py"), *options]).returncode:
            failed.append(name)
    print(f"targets missed in: {', '.join(failed)}" if failed else "all targets met")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
