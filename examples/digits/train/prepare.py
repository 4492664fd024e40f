# SPDX-License-Identifier: Apache-2.0
"""Derives two datasets from the figures: every fifth row is held out for evaluation, the others are for training."""

import sys
from pathlib import Path


def main(source: Path, out: Path) -> None:
    rows = (source / "digits.csv").read_text().splitlines()
    parts = {"training": [row for n, row in enumerate(rows) if n % 5], "held-out": rows[::5]}
    for name, part in parts.items():
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "digits.csv").write_text("\n".join(part) + "\n")
        (folder / "LICENSE").write_bytes((source / "LICENSE").read_bytes())
        print(f"{name}: {len(part)} of {len(rows)} figures")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
