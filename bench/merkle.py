"""The log's Merkle work at 100,000 entries: growing the tree, and an inclusion proof made from tiles on disk and checked, beside pymerkle.

    python bench/merkle.py [--count N] [--out FILE]

pymerkle (GPL) is measured where it is installed, for which `bench/requirements.txt` is; nothing of the product uses it.
"""

import argparse
import json
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from _measure import WORK, gate, machine, report_gates

from ledger.log.tiles import TiledTree, grow
from ledger.merkle.proof import check_inclusion
from ledger.merkle.tree import leaf_hash
from ledger.store.fs import read_file

ROUNDS = 200


def ours(folder: Path, leaves: list[bytes]) -> tuple[float, float, bytes]:
    """Seconds to grow the tree and write its tiles, median seconds of one proof made and checked with nothing in memory, and the root."""
    start = time.perf_counter()
    growth = grow(TiledTree(0, lambda _: None), leaves)
    for path, data in growth.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    grown = time.perf_counter() - start
    chosen, taken = random.Random(1), []
    for _ in range(ROUNDS):
        index = chosen.randrange(len(leaves))
        start = time.perf_counter()
        tree = TiledTree(len(leaves), lambda path: read_file(folder / path))
        entry = next(data for _, data in tree.entries(index, index + 1))
        check_inclusion(index, len(leaves), leaf_hash(entry), tree.inclusion(index), growth.root)
        taken.append(time.perf_counter() - start)
    return grown, statistics.median(taken), growth.root


def theirs(leaves: list[bytes]) -> tuple[float, float, bytes] | None:
    """The same of pymerkle's tree in memory, or None."""
    try:
        from pymerkle import InmemoryTree, verify_inclusion
    except ImportError:
        return None
    start = time.perf_counter()
    tree = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    root = tree.get_root()
    grown = time.perf_counter() - start
    chosen, taken = random.Random(1), []
    for _ in range(ROUNDS):
        index = chosen.randrange(len(leaves))
        start = time.perf_counter()
        proof = tree.prove_inclusion(index + 1)
        verify_inclusion(tree.get_leaf(index + 1), root, proof)
        taken.append(time.perf_counter() - start)
    return grown, statistics.median(taken), root


def main() -> int:
    """Measure and print; 1 when the target is missed or the roots differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--out", type=Path)
    said = parser.parse_args()
    leaves = [b'{"a leaf record of some two hundred bytes":"%0160d"}' % number for number in range(said.count)]
    WORK.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=WORK))
    rows = {"ours, tiles on disk": ours(folder, leaves), "pymerkle, in memory": theirs(leaves)}
    shutil.rmtree(folder)
    for name, row in rows.items():
        text = "not installed" if row is None else f"{row[0]:>8.2f} s to grow{1000 * row[1]:>10.3f} ms a proof"
        print(f"{name:<24}{said.count:>8}  {text}")
    own, other = rows.values()
    assert own is not None
    gates = [gate("an inclusion proof made and checked, ms", round(1000 * own[1], 3), 5.0)]
    if said.out:
        found = {"machine": machine(), "rows": {name: row and row[:2] for name, row in rows.items()}, "gates": gates}
        said.out.write_text(json.dumps(found, indent=1) + "\n")
    if other is not None and other[2] != own[2]:
        print("the roots differ")
        return 1
    return 0 if report_gates(gates) else 1


if __name__ == "__main__":
    raise SystemExit(main())
