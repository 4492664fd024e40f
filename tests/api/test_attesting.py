"""Attesting: dry runs, once for the same verdicts, and a bundle that is there whole or not at all."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from commands import contents

from ledger.api import Ledger, LedgerError

ONE, OTHER = ["redhat-minimum-2025"], ["mot-2026-05"]


def test_a_dry_run_says_what_would_be_logged_and_logs_nothing(filled: Ledger, tmp_path: Path) -> None:
    before = contents(filled.layout.root)
    would = filled.attest("reader@1", ONE, out=tmp_path / "a.json", dry_run=True)
    assert contents(filled.layout.root) == before
    assert not (tmp_path / "a.json").exists()
    assert (would.dry_run, would.existing, would.path, would.bundle) == (True, False, None, b"")
    done = filled.attest("reader@1", ONE, out=tmp_path / "a.json")
    assert (would.id, would.index, would.verdicts, would.size) == (done.id, done.index, done.verdicts, done.size)
    assert filled.entries()[done.index]["payload"] == done.id
    assert filled.attest("reader@1", ONE, dry_run=True).existing


def test_the_same_verdicts_are_logged_once_whatever_came_between(filled: Ledger) -> None:
    first, second = filled.attest("reader@1", ONE), filled.attest("reader@1", OTHER)
    assert [first.existing, second.existing] == [False, False]
    again = filled.attest("reader@1", ONE)
    assert (again.existing, again.index) == (True, first.index)
    assert (filled.attest("reader@1", OTHER).index, filled.size) == (second.index, 8)


@pytest.mark.parametrize("place", ["nowhere/a.json", "folder", "x" * 300, "file/a.json"])
def test_a_place_that_cannot_be_written_is_found_before_anything_is_logged(filled: Ledger, tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    before = contents(filled.layout.root)
    with pytest.raises(LedgerError) as caught:
        filled.attest("reader@1", ONE, out=tmp_path / place)
    assert (caught.value.code, caught.value.exit_code) == ("LG1103", 5)
    assert contents(filled.layout.root) == before


def test_what_is_refused_leaves_no_file(filled: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(LedgerError):
        filled.attest("nobody", ONE, out=out / "a.json")
    assert list(out.iterdir()) == []
    (out / "a.json").write_text("mine")
    with pytest.raises(LedgerError):
        filled.attest("nobody", ONE, out=out / "a.json")
    assert [(path.name, path.read_text()) for path in out.iterdir()] == [("a.json", "mine")]


def test_a_link_keeps_leading_to_its_file(filled: Ledger, tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    done = filled.attest("reader@1", ONE, out=tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_bytes() == done.bundle


def test_a_pipe_is_written_to_and_not_replaced(filled: Ledger, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    done = filled.attest("reader@1", ONE, out=pipe)
    reader.join(30)
    assert read == [done.bundle]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
