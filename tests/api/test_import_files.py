"""What importers get to see of a folder: never anything outside of it, and nothing that is no file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ledger._api import files as module
from ledger._api.files import FolderFiles
from ledger.api import Ledger, LedgerError, import_from


def test_files_are_listed_by_relative_path_and_read_from_the_start(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "b" / "c" / "x").write_bytes(b"12345")
    (tmp_path / "a").write_bytes(b"")
    found = FolderFiles(tmp_path)
    assert found.paths() == ["a", "b/c/x"]
    assert (found.size("b/c/x"), found.size("b"), found.size("../a")) == (5, None, None)
    assert (found.head("b/c/x", 3), found.head("b/c/x", 99)) == (b"123", b"12345")
    single = FolderFiles(tmp_path / "b" / "c" / "x")
    assert (single.paths(), single.head("x", 2)) == (["x"], b"12")


def test_links_that_leave_the_folder_and_what_is_no_file_are_not_there(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    (inner / "sub").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (inner / "here").write_text("here")
    (inner / "out").symlink_to(tmp_path / "secret")
    (inner / "absolute").symlink_to("/etc/hostname")
    (inner / "within").symlink_to("here")
    (inner / "loop").symlink_to("loop")
    (inner / "folder").symlink_to(tmp_path)
    (inner / "broken").symlink_to("nothing")
    os.mkfifo(inner / "pipe")
    assert FolderFiles(inner).paths() == ["here", "within"]


def test_a_folder_beside_with_the_same_beginning_is_outside(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "x").write_text("x")
    (tmp_path / "a" / "x").symlink_to(tmp_path / "ab" / "x")
    assert FolderFiles(tmp_path / "a").paths() == []


def test_names_that_are_no_text_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff")).write_text("x")
    (tmp_path / "ü").write_text("x")
    assert FolderFiles(tmp_path).paths() == ["ü"]


def test_too_many_files_and_nothing_at_all_have_their_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(module, "MOST_FILES", 2)
    with pytest.raises(LedgerError) as caught:
        FolderFiles(tmp_path)
    assert caught.value.code == "LG0103"
    with pytest.raises(LedgerError) as caught:
        FolderFiles(tmp_path / "nothing")
    assert caught.value.code == "LG0201"


def test_git_objects_are_not_listed(tmp_path: Path) -> None:
    (tmp_path / ".git" / "objects" / "ab").mkdir(parents=True)
    (tmp_path / ".git" / "objects" / "ab" / "cd").write_text("x")
    (tmp_path / ".git" / "HEAD").write_text("x")
    assert FolderFiles(tmp_path).paths() == [".git/HEAD"]


def test_an_importer_that_nobody_knows_is_named(empty: Ledger, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="huggingface") as caught:
        import_from(empty, "kaggle", tmp_path)
    assert caught.value.code == "LG1500"


def test_a_card_that_leads_out_of_the_folder_is_not_read_and_the_folder_is_refused(empty: Ledger, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("---\nlicense: mit\n---\n")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "config.json").write_text("{}")
    (tmp_path / "m" / "README.md").symlink_to(tmp_path / "secret.md")
    size = empty.size
    with pytest.raises(LedgerError) as caught:
        import_from(empty, "huggingface", tmp_path / "m")
    assert (caught.value.code, empty.size) == ("LG0205", size)
