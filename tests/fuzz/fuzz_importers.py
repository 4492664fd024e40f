"""Importers on files that were changed at random: `python tests/fuzz/fuzz_importers.py --seconds 600 --seed 1 [--origin croissant]`.

Takes small folders of each origin and the reference data's documents, puts values of one into another, removes, adds, and changes bytes.
Whatever is not an `Imported` whose claims can be written, or a `LedgerError`, is printed with its files, and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import yaml  # noqa: E402
from importable import samples  # noqa: E402

from ledger.errors import LedgerError  # noqa: E402
from ledger.importers.imported import Imported, Options  # noqa: E402
from ledger.importers.origins import ORIGINS  # noqa: E402
from ledger.importers.sources import MemoryFiles  # noqa: E402

ODD: list[Any] = [
    *(None, True, 0, -1, 2**53 - 1, 1.5, 1e300, "", [], {}, [[]], [{}], {"": []}, "\x00", "é" * 50, "a" * 3000, "\ud7ff", "no"),
    *("../../etc/passwd", "/etc/passwd", "file:///x", "C:\\x", "http://[", "https://a b", "git@host:x/y.git", "*" * 40, "**/" * 30, "["),
    *("MIT AND " * 400, "(" * 500, "@", ":", "urn:", "#{x}", {"@id": "x"}, {"@value": 1}, [{"@id": None}], "a" * 64, "a" * 32 + ".dir"),
]
KEYS = (
    "@id",
    "@type",
    "@context",
    "@vocab",
    "name",
    "license",
    "source",
    "field",
    "path",
    "hash",
    "md5",
    "containedIn",
    "facets",
    "x/~",
    "",
)
PATTERNS = {
    "croissant": ("croissant/datasets/**/*.json", "croissant/spec/**/*.json", "samples/croissant.metadata.json"),
    "openlineage": ("samples/openlineage.json", "openlineage/spec/tests/example_full_event.json"),
    "mot": ("mof/models/G*.yml", "mof/test_data/R*.yml"),
    "osai-index": ("opening-up-chatgpt/projects/*.yaml",),
    "cyclonedx": ("samples/ai-bom*.cdx.json",),
    "spdx": ("samples/ai-bom.spdx*.json",),
}
Folder = Mapping[str, bytes]


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


def parsed(data: bytes) -> tuple[Any, Callable[[Any], bytes]] | None:
    """A JSON or YAML document, and how to write it; None for any other file."""
    try:
        return json.loads(data), lambda value: json.dumps(value).encode()
    except (ValueError, RecursionError):
        pass
    try:
        found = yaml.safe_load(data)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return None
    return (found, lambda value: yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "replace")) if isinstance(found, dict) else None


def folders(data: Path) -> dict[str, list[Folder]]:
    """What each origin reads: our samples, and the reference data's documents when they are here."""
    with tempfile.TemporaryDirectory() as place:
        found: dict[str, list[Folder]] = {origin: [files] for origin, files in samples(Path(place) / "work").items()}
    for origin, patterns in PATTERNS.items():
        for pattern in patterns:
            found.setdefault(origin, []).extend({path.name: path.read_bytes()} for path in sorted(data.glob(pattern)))
    return {origin: listed for origin, listed in found.items() if listed}


def changed(files: Folder, pool: list[Any], chance: random.Random) -> dict[str, bytes]:
    """The files, one or two of them changed."""
    found = dict(files)
    for _ in range(chance.randint(1, 2)):
        name = chance.choice(sorted(found))
        document = parsed(found[name])
        if document is not None and chance.random() < 0.8:
            value, write = copy.deepcopy(document[0]), document[1]
            for _ in range(chance.randint(1, 4)):
                value = _put(value, pool, chance)
            try:
                found[name] = write(value)
            except (yaml.YAMLError, ValueError, RecursionError, TypeError):
                continue
        elif chance.random() < 0.1:
            del found[name]
            if not found:
                return dict(files)
        else:
            found[name] = _bytes(found[name], chance)
    return found


def _put(document: Any, pool: list[Any], chance: random.Random) -> Any:
    paths = list(places(document))
    if not paths:
        return copy.deepcopy(chance.choice(ODD))
    path = chance.choice(paths)
    around, key = at(document, path[:-1]), path[-1]
    value = copy.deepcopy(chance.choice(pool if pool and chance.random() < 0.5 else ODD))
    how = chance.random()
    if how > 0.9:
        del around[key]
    elif how > 0.8 and isinstance(around, dict):
        around[chance.choice(KEYS)] = value
    else:
        around[key] = value
    return document


def _bytes(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data) + 1)
    how = chance.random()
    if how < 0.3:
        return data[:place]
    if how < 0.6:
        return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    return (
        data[:place]
        + chance.choice([b"\0", b"\xff\xfe", b"[" * 2000, b"{", b"&a ", b"*a", b"\n", b"- ", b"!!python/object:x "])
        + data[place:]
    )


def once(origin: str, files: Folder) -> str:
    """Import changed files: `read`, or the error's code. Whatever else comes out is raised."""
    names = sorted(files)
    alone = len(names) == 1 and "/" not in names[0]
    try:
        found = ORIGINS[origin].read(MemoryFiles(files), Options(names[0] if alone else "given"))
    except LedgerError as error:
        assert error.message, "an error says something"
        return error.code
    check(found, files)
    return "read"


def check(found: Imported, files: Folder) -> None:
    """What holds of every import: claims and reports can be written, documents are files that were given, and keys are known."""
    json.dumps([found.claims(), [one.to_json() for one in found.contradictions], [one.to_json() for one in found.unresolved]])
    assert set(found.documents) <= set(files)
    keys = [item.key for item in found.artifacts]
    assert len(set(keys)) == len(keys), "two artifacts of one key"
    done: set[str] = set()
    for item in found.artifacts:
        assert all(given.key is None or given.key in done for given in item.inputs), "an input comes before what is made from it"
        done.add(item.key)
    known = done | {thing.key for thing in found.things}
    assert all(edge.output in known and edge.input in known for edge in found.edges), "an edge from or to nothing"
    assert all(digest.path in files for digest in found.digests), "a digest of a file that is not here"


def run(data: Path, seconds: float, seed: int, origin: str | None = None) -> dict[str, tuple[int, int, float]]:
    """Import changed files for some time, the origins in turn: for each how many, how many failures, and the longest in seconds."""
    chance = random.Random(seed)
    found = {name: listed for name, listed in folders(data).items() if origin in (None, name)}
    assert found, f"no samples for the importer: {origin}"
    pools = {name: _pool(listed) for name, listed in found.items()}
    counts = dict.fromkeys(found, (0, 0, 0.0))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for name, listed in found.items():
            files = changed(chance.choice(listed), pools[name], chance)
            start, failed = time.monotonic(), 0
            try:
                once(name, files)
            except Exception:  # noqa: BLE001 - that is what is looked for
                failed = 1
                print(name, {path: content[:2000] for path, content in files.items()})
                traceback.print_exc()
            count, failures, longest = counts[name]
            counts[name] = (count + 1, failures + failed, max(longest, time.monotonic() - start))
    return counts


def _pool(listed: list[Folder]) -> list[Any]:
    documents = [document[0] for files in listed for data in files.values() if (document := parsed(data)) is not None]
    return [at(document, path) for document in documents for path in places(document)]


def main() -> int:
    """Run for as long as is asked: the origins in turn, one of them, or each for as long."""
    parser = argparse.ArgumentParser(description="Import changed files for some time.")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--origin", choices=sorted(ORIGINS))
    parser.add_argument("--each", action="store_true", help="each origin for as long, one after another")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options = parser.parse_args()
    failed = 0
    for one in sorted(ORIGINS) if options.each else [options.origin]:
        for origin, (count, failures, longest) in run(options.data, options.seconds, options.seed, one).items():
            print(f"{origin}: {count} imports, {failures} failures, the longest took {longest:.2f} s", flush=True)
            failed += failures
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
