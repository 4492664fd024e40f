"""Data packages: a folder with its resources, compared with what frictionless finds, and hashes in every form."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from importable import CSV, datapackage, datapackage_document, written
from validators import validate

from ledger.api import Ledger, LedgerError, import_from
from ledger.importers.datapackage import read
from ledger.importers.imported import Imported, Options
from ledger.importers.sources import MemoryFiles


def taken(document: Any, files: dict[str, bytes] | None = None) -> Imported:
    files = {"data/rivers.csv": CSV, "data/old.csv": b"old\n"} if files is None else files
    return read(MemoryFiles({"datapackage.json": json.dumps(document).encode(), **files}), Options("rivers"))


def test_a_folder_with_its_resources(empty: Ledger, tmp_path: Path) -> None:
    folder = written({**datapackage(), "secret.txt": b"not of it"}, tmp_path / "rivers")
    report = import_from(empty, "datapackage", folder)
    [item] = report.recorded
    assert (item.kind, item.name, item.version, report.verified) == ("dataset", "rivers", "1.2.0", 2)
    shown = empty.show(item.id)["predicate"]
    assert shown["artifact"]["include"] == ["data/old.csv", "data/rivers.csv", "datapackage.json"]
    [edge] = shown["from"]
    assert edge["reference"] == {"name": "Survey of 1900", "uri": "https://example.org/survey"}
    [claim] = [row for row in report.claims if row["field"] == "license"]
    assert claim["value"]["normalized"] == "CC-BY-4.0"
    assert [row["what"] for row in report.unresolved] == ["1 files"]
    size = empty.size
    again = import_from(empty, "datapackage", folder)
    assert all(one.existing for one in again.recorded) and empty.size == size


def test_tampering_is_found_as_frictionless_finds_it(empty: Ledger, tmp_path: Path) -> None:
    document = datapackage_document()
    document["resources"] = document["resources"][:1]
    document["resources"][0] |= {"format": "csv", "scheme": "file", "type": "table"}
    files = {"datapackage.json": json.dumps(document).encode(), "data/rivers.csv": CSV}
    good = written(files, tmp_path / "good")
    bad = written({**files, "data/rivers.csv": CSV.replace(b"wren", b"crow")}, tmp_path / "bad")
    longer = written({**files, "data/rivers.csv": CSV + b"3,crow\n"}, tmp_path / "longer")
    theirs = validate("frictionless_package", good, bad, longer)
    assert theirs == [[], ["hash-count"], ["byte-count", "hash-count"]]
    import_from(empty, "datapackage", good)
    size = empty.size
    for folder in (bad, longer):
        with pytest.raises(LedgerError) as caught:
            import_from(empty, "datapackage", folder)
        assert caught.value.code == "LG1504"
    assert empty.size == size


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (hashlib.md5(b"x").hexdigest(), "md5"),
        ("md5:" + hashlib.md5(b"x").hexdigest(), "md5"),
        ("sha256:" + "a" * 64, "sha256"),
        ("SHA256:" + "A" * 64, "sha256"),
        ("a" * 64, "sha256"),
        ("sha1:" + "a" * 40, "sha1"),
        ("sha512:" + "a" * 128, "sha512"),
        ("sha256:" + "a" * 63, None),
        ("crc32:abcd", None),
        ("", None),
        (5, None),
        (["a"], None),
    ],
)
def test_hashes_in_every_form(said: Any, expected: str | None) -> None:
    document = datapackage_document()
    document["resources"][0]["hash"] = said
    found = taken(document)
    mine = [digest for digest in found.digests if digest.path == "data/rivers.csv"]
    assert [digest.algorithm for digest in mine] == ([expected] if expected else [])
    assert any(item.at.pointer == "/resources/0/hash" for item in found.unresolved) is (expected is None)


def test_a_number_of_bytes_without_a_hash_is_compared() -> None:
    document = datapackage_document()
    del document["resources"][0]["hash"]
    assert len(taken(document).digests) == 1
    document["resources"][0]["bytes"] += 1
    with pytest.raises(LedgerError) as caught:
        taken(document)
    assert caught.value.code == "LG1504"


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../b", "file:///etc/passwd", "C:\\x"])
def test_paths_out_of_the_folder(path: str) -> None:
    document = datapackage_document()
    document["resources"][0]["path"] = path
    with pytest.raises(LedgerError) as caught:
        taken(document)
    assert caught.value.code == "LG1507"


def test_a_document_alone_and_files_elsewhere() -> None:
    document = datapackage_document()
    document["resources"] = [{"name": "far", "path": "https://example.org/far.csv", "hash": "sha256:" + "a" * 64, "bytes": 7}]
    found = taken(document, {})
    assert found.artifacts == () and found.documents == ("datapackage.json",)
    assert {fact.field: fact.value for fact in found.things[0].facts}["resource"] == {"name": "far", "sha256": "a" * 64, "size": 7}
    assert [(edge.relation, edge.input) for edge in found.edges] == [("derived-from", "main-input-0")]


def test_a_resource_of_several_files() -> None:
    document = datapackage_document()
    document["resources"] = [{"name": "both", "path": ["data/rivers.csv", "data/old.csv"], "hash": "a" * 32}]
    found = taken(document)
    assert found.digests == () and any("several files together" in item.reason for item in found.unresolved)
    assert found.artifacts[0].include == ()


@pytest.mark.parametrize("document", [[], 5, {}, {"resources": {}}, {"name": "x"}])
def test_what_is_no_data_package(document: Any) -> None:
    with pytest.raises(LedgerError) as caught:
        taken(document)
    assert caught.value.code == "LG1501"
    with pytest.raises(LedgerError) as caught:
        read(MemoryFiles({"a": b""}), Options("rivers"))
    assert caught.value.code == "LG1502"


def test_licences_that_differ() -> None:
    document = datapackage_document()
    document["licenses"] = [{"name": "MIT"}, {"name": "CC-BY-4.0"}]
    found = taken(document)
    assert [item.normalized for item in found.artifacts[0].licenses] == ["NOASSERTION"]
    document = datapackage_document()
    document["resources"][1]["licenses"] = [{"name": "MIT"}]
    assert [item.rule for item in taken(document).contradictions] == ["license-conflict"]
