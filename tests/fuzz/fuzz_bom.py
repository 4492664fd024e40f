"""The checker on documents that were changed at random: `python tests/fuzz/fuzz_bom.py --seconds 600 --seed 1`.

Takes the reference data's documents, puts values of one into another, removes, adds, and changes bytes. Whatever is not a report or a
`LedgerError` of the checker is printed with its document, and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from ledger.bom import check_document  # noqa: E402
from ledger.errors import LedgerError  # noqa: E402

CODES = {"LG1701", "LG1702", "LG1703", "LG1704"}
ODD: list[Any] = [
    *(None, True, 0, -1, 2**53 - 1, 1.5, 1e300, "", [], {}, [[]], [{}], {"": []}, "\x00", "é" * 50, "a" * 3000),
    *("urn:cdx:x", "_:", "%" * 200, "(" * 500, "pkg:" + "/" * 300, "MIT AND " * 400, "Person: " + "(" * 3000),
]
KEYS = (
    *("ref", "type", "bom-ref", "spdxId", "@id", "to", "from", "purl", "hashes", "alg", "content", "license", "expression", "x/~"),
    *("SPDXID", "relationships", "checksums", "externalSpdxId", "import", "extension"),
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    """What stands at a place."""
    for key in path:
        value = value[key]
    return value


def documents(folder: Path) -> list[Any]:
    """The reference data's documents, parsed."""
    patterns = ("samples/ai-bom*.json", "spdx-examples/*/*/*/*.json", "cyclonedx/conformance/1.7/*.json")
    return [json.loads(path.read_bytes()) for pattern in patterns for path in sorted(folder.glob(pattern))]


def changed(found: list[Any], pool: list[Any], chance: random.Random) -> bytes:
    """A document with some changes."""
    document = copy.deepcopy(chance.choice(found))
    for _ in range(chance.randint(1, 5)):
        paths = list(places(document))
        if not paths:
            break
        path = chance.choice(paths)
        around, key = at(document, path[:-1]), path[-1]
        value = copy.deepcopy(chance.choice(pool if chance.random() < 0.5 else ODD))
        how = chance.random()
        if how > 0.9:
            del around[key]
        elif how > 0.8 and isinstance(around, dict):
            around[chance.choice(KEYS)] = value
        else:
            around[key] = value
    data = json.dumps(document).encode()
    if chance.random() < 0.1:
        place = chance.randrange(len(data))
        data = data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    return data


def run(folder: Path, seconds: float, seed: int) -> tuple[int, int, float]:
    """Check changed documents for some time: how many, how many failures, and the longest check in seconds."""
    chance = random.Random(seed)
    found = documents(folder)
    assert found, f"no documents below {folder}"
    pool = [at(document, path) for document in found for path in places(document)]
    count = failures = 0
    longest, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        data = changed(found, pool, chance)
        start = time.monotonic()
        try:
            report = check_document(data, what="it", at=chance.choice([None, "2026-11-20T12:00:00Z"]))
            json.dumps(report.to_json())
        except LedgerError as error:
            assert error.code in CODES, error.code
        except Exception:  # noqa: BLE001 - that is what is looked for
            failures += 1
            print(data.decode("utf-8", "replace"))
            traceback.print_exc()
        count += 1
        longest = max(longest, time.monotonic() - start)
    return count, failures, longest


def main() -> int:
    """Run for as long as is asked."""
    parser = argparse.ArgumentParser(description="Check changed bills of materials for some time.")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options = parser.parse_args()
    count, failures, longest = run(options.data, options.seconds, options.seed)
    print(f"{count} documents, {failures} failures, the longest took {longest:.2f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
