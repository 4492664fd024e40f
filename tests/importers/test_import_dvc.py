"""DVC: a project that DVC 3.67.1 wrote, file by file, and what may be wrong in one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from importable import DVC, written

from ledger.api import Ledger, LedgerError, import_from
from ledger.importers.dvc import read
from ledger.importers.imported import Imported, Options
from ledger.importers.sources import MemoryFiles


def taken(files: dict[str, bytes], **how: Any) -> Imported:
    return read(MemoryFiles(files), Options("project", **how))


def test_a_project_with_its_files(empty: Ledger, tmp_path: Path) -> None:
    folder = written(DVC, tmp_path / "project")
    report = import_from(empty, "dvc", folder, version="1")
    names = [(item.kind, item.name) for item in report.recorded]
    assert names == [
        ("dataset", "project/data"),
        ("code", "project/train.py"),
        ("document", "project/m.json"),
        ("weights", "project/model.bin"),
        ("dataset", "project/raw.csv"),
    ]
    assert report.verified == 4, "each file's MD5; that of the folder is of DVC's list of it"
    assert [row["value"] for row in report.claims if row["field"] == "md5-verified"] == ["ad3b635bee70495c0689c1f0dc252b56.dir"]
    model = empty.show("weights/project/model.bin@1")["predicate"]
    ids = {item.name: item.id for item in report.recorded}
    assert {(edge["relation"], edge["input"]) for edge in model["from"]} == {
        ("trained-on", ids["project/data"]),
        ("built-by", ids["project/train.py"]),
    }
    assert [row["value"]["normalized"] for row in report.claims if row["field"] == "license"] == ["Apache-2.0"]
    assert {row["value"] for row in report.claims if row["field"] == "param.params.yaml.lr"} == {"0.1"}
    assert report.unresolved == ()
    size = empty.size
    again = import_from(empty, "dvc", folder, version="1")
    assert all(item.existing for item in again.recorded) and empty.size == size


@pytest.mark.parametrize("name", ["raw.csv", "model.bin", "data/a.csv", "data/sub/é.csv", "data/more.csv"])
def test_a_changed_file_is_an_error_and_nothing_is_recorded(empty: Ledger, tmp_path: Path, name: str) -> None:
    folder = written({**DVC, name: b"changed"}, tmp_path / "project")
    size = empty.size
    with pytest.raises(LedgerError) as caught:
        import_from(empty, "dvc", folder)
    assert caught.value.code == "LG1504" and empty.size == size


def test_a_folder_with_ignored_files_cannot_be_told() -> None:
    files = {**DVC, "data/more.csv": b"x", ".dvcignore": b"# nothing\n\n*.tmp\n"}
    assert any("does not tell whether it changed" in item.reason for item in taken(files).unresolved)
    with pytest.raises(LedgerError) as caught:
        taken({**files, ".dvcignore": b"# only a comment\n"})
    assert caught.value.code == "LG1504"


def test_an_md5_of_changed_line_ends_is_not_compared() -> None:
    found = taken({"a.csv": b"1\r\n", "a.csv.dvc": b"outs:\n- md5: 2306b4377429730ee03a806cff76e92b\n  path: a.csv\n"})
    assert found.digests == ()
    assert [fact.value for fact in found.artifacts[0].facts if fact.field == "md5-dos2unix"] == ["2306b4377429730ee03a806cff76e92b"]
    assert any("cannot be compared" in item.reason for item in found.unresolved)


def test_what_is_not_here_is_a_claim() -> None:
    found = taken({"raw.csv.dvc": DVC["raw.csv.dvc"], "dvc.lock": DVC["dvc.lock"]})
    assert found.artifacts == () and found.documents == ("dvc.lock", "raw.csv.dvc")
    things = {thing.key: thing for thing in found.things}
    assert things["model.bin"].digests == (("md5", "f1290186a5d0b1ceab27f4e77c0c5d68"),)
    assert things["data"].digests == (), "an MD5 of a list is no digest of bytes"
    assert {(edge.output, edge.relation, edge.input) for edge in found.edges} == {
        ("m.json", "derived-from", "data"),
        ("m.json", "built-by", "train.py"),
        ("model.bin", "derived-from", "data"),
        ("model.bin", "built-by", "train.py"),
    }


def test_what_was_imported_from_elsewhere() -> None:
    text = b"""deps:
- path: data/birds
  repo: {url: 'https://wren:secret@example.org/birds.git', rev_lock: 5f7158a5ce83c4ff493bfe341fe31ecad64ff697}
outs:
- {md5: 2306b4377429730ee03a806cff76e92b, hash: md5, path: birds}
license: x
meta: {license: CC-BY-4.0}
"""
    found = taken({"birds": b"raw\n", "birds.dvc": text})
    [artifact] = found.artifacts
    [given] = artifact.inputs
    assert given.descriptor() == {
        "name": "example.org/birds.git/data/birds",
        "version": "5f7158a5ce83c4ff493bfe341fe31ecad64ff697",
        "uri": "https://example.org/birds.git",
    }
    assert [item.normalized for item in artifact.licenses] == ["CC-BY-4.0"]


def test_paths_that_leave_the_folder_are_reported() -> None:
    for path in ("../x", "/etc/passwd", "a/../../x", "s3://bucket/x"):
        found = taken({"x.dvc": f"outs:\n- {{md5: {'a' * 32}, hash: md5, path: '{path}'}}\n".encode()})
        assert found.artifacts == () and found.things == ()
        assert [item.what for item in found.unresolved] == [path]
    found = taken({"sub/x.dvc": b"wdir: ..\nouts:\n- {md5: 2306b4377429730ee03a806cff76e92b, hash: md5, path: raw}\n", "raw": b"raw\n"})
    assert [item.what for item in found.unresolved] == [".."]


def test_a_circle_of_stages() -> None:
    lock = b"""schema: '2.0'
stages:
  a: {deps: [{path: x}], outs: [{path: y}]}
  b: {deps: [{path: y}], outs: [{path: x}]}
"""
    with pytest.raises(LedgerError) as caught:
        taken({"dvc.lock": lock, "x": b"1", "y": b"2"})
    assert caught.value.code == "LG1506" and "made from itself" in caught.value.message


def test_folders_without_dvc_and_other_forms() -> None:
    with pytest.raises(LedgerError) as caught:
        taken({"a": b""})
    assert caught.value.code == "LG1502"
    assert any("another form" in item.reason for item in taken({"dvc.lock": b"schema: '3.0'\nstages: {}\n"}).unresolved)
    assert any("was not run" in item.reason for item in taken({"dvc.yaml": b"stages: {a: {cmd: x}}\n"}).unresolved)
