"""A changed byte anywhere is found and its file named; so are truncations and missing files, in ledgers and in bundles."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from conftest import MOMENT, ORIGIN, fill, make_inputs

from ledger.api import Ledger, verify_bundle_file, verify_folder
from ledger.clock import FixedClock
from ledger.errors import LedgerError

POSITIONS = 2000


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A small ledger with every kind of file in it."""
    folder = tmp_path_factory.mktemp("tamper")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        ledger = Ledger.init(folder / "l", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        fill(ledger, make_inputs(folder / "in"))
        ledger.attest("reader@1", out=folder / "bundle.json")
        for number in range(3):
            (folder / f"f{number}").write_text(str(number))
            ledger.record("dataset", folder / f"f{number}", name=f"more-{number}")
    return ledger


def failing(root: Path) -> str:
    """The details of the failing checks of a deep verification, in one text; empty when it verifies."""
    report = verify_folder(root, deep=True)
    return " ".join(f"{check.id} {check.detail}" for check in report.checks if check.result == "fail")


def in_force(ledger: Ledger) -> list[Path]:
    """All files that the ledger consists of; the lock is empty and has no byte to change."""
    return sorted(path for path in ledger.layout.root.rglob("*") if path.is_file() and path.stat().st_size)


def test_the_ledger_verifies_before(small: Ledger) -> None:
    assert failing(small.layout.root) == ""


def test_every_changed_byte_is_found_and_its_file_named(small: Ledger) -> None:
    files = in_force(small)
    chosen = random.Random(20261120)
    positions: list[tuple[Path, int]] = []
    for path in files:
        size = path.stat().st_size
        positions += [(path, at) for at in sorted({0, 1, size // 2, max(0, size - 8), max(0, size - 5), size - 1})]
    while len(positions) < POSITIONS:
        path = chosen.choice(files)
        positions.append((path, chosen.randrange(path.stat().st_size)))
    assert len(positions) >= POSITIONS
    missed = []
    for path, at in positions:
        data = path.read_bytes()
        changed = bytearray(data)
        changed[at] ^= 1 << chosen.randrange(8)
        mode = path.stat().st_mode
        path.chmod(0o600)
        path.write_bytes(changed)
        try:
            try:
                found = failing(small.layout.root)
            except LedgerError as error:
                found = error.message
        finally:
            path.write_bytes(data)
            path.chmod(mode)
        if path.name not in found:
            missed.append((str(path.relative_to(small.layout.root)), at, found))
    assert missed == []


def test_every_truncation_and_absence_is_found(small: Ledger) -> None:
    chosen = random.Random(1)
    unlisted = {"log.pem", "signing.pem", "signing.pem.pub"}
    for path in in_force(small):
        data, mode = path.read_bytes(), path.stat().st_mode
        path.chmod(0o600)
        for keep in sorted({0, len(data) - 1, chosen.randrange(len(data))}):
            path.write_bytes(data[:keep])
            try:
                found = failing(small.layout.root)
            except LedgerError as error:
                found = error.message
            assert path.name in found, (path, keep, found)
        path.write_bytes(data)
        path.chmod(mode)
        assert path.name not in unlisted or failing(small.layout.root) == ""


def test_removed_log_files_objects_and_segments_are_found(small: Ledger, tmp_path: Path) -> None:
    segments = {item.path for table in small.layout.tables.iterdir() for item in small._store.segments.in_force(table.name, small.size)}
    envelopes = {small._store.one(number, small.size).leaf.envelope[7:] for number in range(small.size)}
    log = {path for path in small.layout.log.rglob("*") if path.is_file() and (path.name in ("checkpoint", str(small.size)))}
    objects = {path for path in small.layout.objects.rglob("*") if path.name in envelopes}
    assert len(log) == 3
    for path in sorted(segments | log | objects):
        path.rename(tmp_path / "away")
        try:
            found = failing(small.layout.root)
        except LedgerError as error:
            found = error.message
        finally:
            shutil.move(tmp_path / "away", path)
        wanted = path.name if path not in segments else f"table `{path.parent.name}`"
        assert wanted in found, (path, found)


def test_every_changed_byte_of_a_bundle_fails_with_its_check(small: Ledger, tmp_path: Path) -> None:
    data = (small.layout.root.parent / "bundle.json").read_bytes()
    key = small.log_key
    target = tmp_path / "bundle.json"
    target.write_bytes(data)
    assert all(check.result != "fail" for check in verify_bundle_file(target, key).checks)
    chosen = random.Random(7)
    seen: dict[str, int] = {}
    note = data.index(b'"checkpoint":"') + len(b'"checkpoint":"')
    for at in sorted({0, 1, note, note + 20, note + 30, len(data) - 1, *(chosen.randrange(len(data)) for _ in range(700))}):
        changed = bytearray(data)
        changed[at] ^= 1 << chosen.randrange(7)
        target.write_bytes(changed)
        failed = [check.id for check in verify_bundle_file(target, key).checks if check.result == "fail"]
        assert failed, at
        seen[failed[0]] = seen.get(failed[0], 0) + 1
    assert {"B1", "B2", "B3", "B4"} <= set(seen)
    for keep in (0, 1, len(data) // 2, len(data) - 1):
        target.write_bytes(data[:keep])
        assert [check.id for check in verify_bundle_file(target, key).checks if check.result == "fail"] == ["B1"]
