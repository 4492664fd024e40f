"""What every importer does with bad input: truncated, nested, doubled, not UTF-8, bombs, tags, and any value at any place."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fuzz.fuzz_importers import check, once, parsed, places
from hypothesis import given, settings
from hypothesis import strategies as st
from importable import samples, written

from ledger.api import Ledger, import_from
from ledger.errors import LedgerError
from ledger.importers.imported import Options
from ledger.importers.origins import ORIGINS
from ledger.importers.sources import MemoryFiles

NAMES = ("huggingface", "instructlab", "croissant", "git", "dvc", "mlflow", "openlineage", "datapackage", "citation", "mot", "osai-index")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    return samples(tmp_path_factory.mktemp("samples") / "work")


def described(files: dict[str, bytes]) -> Iterator[str]:
    """The files that an importer reads as documents."""
    ends = (
        ".json",
        ".yaml",
        ".yml",
        ".dvc",
        ".lock",
        ".cff",
        "MLmodel",
        ".toml",
        ".jsonl",
        ".md",
        ".git/index",
        ".git/config",
        ".git/HEAD",
    )
    yield from (name for name in files if name.endswith(ends))


def test_every_new_origin_has_a_sample(folders: dict[str, dict[str, bytes]]) -> None:
    assert set(folders) == set(NAMES) and set(ORIGINS) - set(NAMES) <= {"cyclonedx", "spdx"}
    for origin, files in folders.items():
        assert once(origin, files) == "read"


@pytest.mark.parametrize("origin", NAMES)
def test_truncated_at_every_97th_byte(folders: dict[str, dict[str, bytes]], origin: str) -> None:
    outcomes = set()
    for name in described(folders[origin]):
        data = folders[origin][name]
        outcomes |= {once(origin, {**folders[origin], name: data[:end]}) for end in range(0, len(data), 97)}
    assert outcomes - {"read"}, "some end is an error"


@pytest.mark.parametrize("origin", NAMES)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"[" * 200_000, id="nested lists"),
        pytest.param(b'{"a":' * 100_000, id="nested objects"),
        pytest.param(b"a: [" * 20_000, id="nested YAML"),
        pytest.param(b"\xff\xfe\x00", id="not UTF-8"),
        pytest.param(b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", id="a bomb"),
        pytest.param(b"a: !!python/object/apply:os.system [x]\n", id="a tag"),
        pytest.param(b'{"a": 1, "a": 2}', id="twice"),
        pytest.param(b"a: 1\na: 2\n", id="twice in YAML"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\0" * 5000, id="zeros"),
        pytest.param(b"1" * 5000, id="a long number"),
        pytest.param(b"---\n" + b"- " * 5000 + b"\n---\n", id="a card of lists"),
    ],
)
def test_hostile_documents(folders: dict[str, dict[str, bytes]], origin: str, data: bytes) -> None:
    """Every document of a sample replaced by a hostile one: an error with a code, or it is reported; never anything else."""
    outcomes = {once(origin, {**folders[origin], name: data}) for name in described(folders[origin])}
    assert outcomes <= {"read", "LG1501", "LG1502", "LG1503", "LG1504", "LG1506", "LG1507", "LG1003", "LG0103", "LG0306", "LG0801"}


class _Large(MemoryFiles):
    """Files of which each is said to be enormous; whoever reads one without a limit is found."""

    def size(self, path: str) -> int | None:
        return None if path not in self.content else 1 << 50

    def head(self, path: str, limit: int) -> bytes:
        assert limit <= 1 << 30, f"{path} was to be read without a limit"
        return self.content[path][:limit]


@pytest.mark.parametrize("origin", NAMES)
def test_enormous_files_are_not_read(folders: dict[str, dict[str, bytes]], origin: str) -> None:
    files = folders[origin]
    name = next(iter(files)) if len(files) == 1 else "given"
    try:
        found = ORIGINS[origin].read(_Large(files), Options(name))
    except LedgerError as error:
        assert error.code in ("LG0103", "LG1502", "LG1503", "LG1504")
    else:
        assert origin in ("git", "huggingface", "instructlab") and found.unresolved


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8
)


@pytest.mark.parametrize("origin", [name for name in NAMES if name != "git"])
@settings(max_examples=60)
@given(chance=st.randoms(use_true_random=False), value=VALUES)
def test_any_value_at_any_place(origin: str, chance: random.Random, value: Any, folders: dict[str, dict[str, bytes]]) -> None:
    files = folders[origin]
    documents = {name: found for name in files if (found := parsed(files[name])) is not None and isinstance(found[0], (dict, list))}
    if not documents:
        documents = {"README.md": ({}, lambda item: b"---\n" + json.dumps(item).encode() + b"\n---\n")}
    name = chance.choice(sorted(documents))
    document, write = copy.deepcopy(documents[name][0]), documents[name][1]
    spots = list(places(document))
    if spots:
        spot = chance.choice(spots)
        around = document
        for key in spot[:-1]:
            around = around[key]
        around[spot[-1]] = value
    try:
        data = write(document)
    except ValueError:
        return
    once(origin, {**files, name: data})


@pytest.mark.parametrize("origin", [name for name in NAMES if name not in ("git", "huggingface", "instructlab")])
def test_samples_are_recorded_and_a_second_time_change_nothing(
    empty: Ledger, folders: dict[str, dict[str, bytes]], origin: str, tmp_path: Path
) -> None:
    files = folders[origin]
    folder = written(files, tmp_path / "given")
    path = folder / next(iter(files)) if len(files) == 1 else folder
    first = import_from(empty, origin, path)
    assert first.recorded and first.claims and not any(item.existing for item in first.recorded)
    size = empty.size
    again = import_from(empty, origin, path)
    assert all(item.existing for item in again.recorded) and empty.size == size
    check(ORIGINS[origin].read(MemoryFiles(files), Options(path.name)), files)
