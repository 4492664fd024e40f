"""Croissant: the documents of the specification's repository, broken ones by name of what is broken, and a folder with its files."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from importable import CSV, croissant, croissant_document, written
from refdata import refdata
from validators import validate

from ledger.api import Ledger, LedgerError, import_from
from ledger.importers.croissant import read
from ledger.importers.imported import Imported, Options
from ledger.importers.sources import MemoryFiles

GOOD = {
    # Document: (licence text, normal form, files and sets as the document lists them, digests that cannot be one)
    "coco2014": ("cc-by-4.0", "CC-BY-4.0", 10, 5),
    "fashion-mnist": ("mit", "MIT", 2, 0),
    "flores-200": ("cc-by-sa-4.0", "CC-BY-SA-4.0", 5, 0),
    "gpt-3": ("unknown", "NOASSERTION", 2, 1),
    "huggingface-c4": ("odc-by", "NOASSERTION", 2, 1),
    "simple-join": ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0", 1, 0),
    "titanic": ("afl-3.0", "AFL-3.0", 3, 0),
    "wiki-text": ("cc-by-sa-3.0", "CC-BY-SA-3.0", 3, 0),
}
BAD = {
    "distribution_bad_contained_in": "`a-csv-table` is contained in `THISDOESNOTEXIST`",
    "distribution_bad_id": "the id `ids should not contain spaces` has white space",
    "distribution_bad_type": "the type of `a-csv-table` should be cr:FileObject or cr:FileSet",
    "distribution_missing_encoding_format": "`a-file-set` has no encodingFormat",
    "distribution_missing_property_content_url": "`a-csv-table` has no contentUrl",
    "metadata_bad_type": "`sc:WRONG_TYPE`, not sc:Dataset",
    "mlfield_bad_source": "`a-record-set/first-field` refers to `THISDOESNOTEXIST`",
    "mlfield_bad_type": "`a-record-set/first-field` should be cr:Field",
    "mlfield_missing_source": "`a-record-set/first-field` has neither source nor value",
    "recordset_bad_type": "`a-record-set` should be cr:RecordSet",
    "recordset_missing_context_for_datatype": "`a-record-set/first-field` has no dataType",
    "recordset_wrong_join": "`my-record-set` takes from `a-csv-table`, `another-csv-table`",
}


def taken(document: Any, files: dict[str, bytes] | None = None) -> Imported:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read(MemoryFiles({"metadata.json": data, **(files or {})}), Options("metadata.json" if not files else "birds"))


@pytest.mark.parametrize("name", sorted(GOOD))
def test_the_specifications_datasets(name: str) -> None:
    text, normal, parts, placeholders = GOOD[name]
    found = taken(refdata("croissant", "datasets", "1.0", name, "metadata.json").read_bytes())
    [about] = found.things
    assert found.format == "Croissant 1.0"
    assert [(item.text, item.normalized) for item in about.licenses] == [(text, normal)]
    assert len([fact for fact in about.facts if fact.field in ("file", "file-set")]) == parts
    assert len([item for item in found.unresolved if "placeholder, or mistyped" in item.reason]) == placeholders


def test_every_other_document_is_read() -> None:
    paths = [*refdata("croissant", "datasets").rglob("*.json"), *refdata("croissant", "spec").rglob("*.json")]
    paths.append(refdata("samples", "croissant.metadata.json"))
    formats = [taken(path.read_bytes()).format for path in paths]
    # One of the editor's fixtures is of 0.8; `rai:` stands in one recipe and in the sample of 1.1.
    assert len(formats) == 19 + 5 + 1
    counts = {name: formats.count(name) for name in set(formats)}
    assert counts == {"Croissant 1.0": 22, "Croissant 1.0 with RAI": 1, "Croissant 0.8": 1, "Croissant 1.1 with RAI": 1}


@pytest.mark.parametrize("name", sorted(BAD))
def test_broken_documents_fail_by_the_name_of_what_is_broken(name: str) -> None:
    path = refdata("croissant", "bad_graphs", "1.0", name, "metadata.json")
    with pytest.raises(LedgerError) as caught:
        taken(path.read_bytes())
    assert caught.value.code == "LG1506"
    assert BAD[name] in caught.value.message


def test_all_broken_documents_of_the_reference_data_are_named_here() -> None:
    assert {path.name for path in refdata("croissant", "bad_graphs", "1.0").iterdir()} == set(BAD)


def test_a_folder_with_its_files(empty: Ledger, tmp_path: Path) -> None:
    folder = written({**croissant(), "other.txt": b"not of it"}, tmp_path / "birds")
    report = import_from(empty, "croissant", folder)
    [item] = report.recorded
    assert (item.kind, item.name, item.version) == ("dataset", "birds", "2.0.0")
    assert report.verified == 1
    shown = empty.show("dataset/birds@2.0.0")["predicate"]
    assert {row["value"]["normalized"] for row in report.claims if row["field"] == "license"} == {"CC-BY-4.0"}
    [edge] = shown["from"]
    assert edge["relation"] == "derived-from"
    assert edge["reference"] == {"name": "feathers", "uri": "https://example.org/feathers", "version": "7"}
    said = shown["data"]
    assert said["description"] == "Names of birds." and said["collection"] == "Counted by hand."
    assert said["acquired"] == {"from": "2025-01-01", "to": "2025-12-31"} and said["published"] == "2026-03-01"
    assert said["owner"] == "Bird Society" and said["languages"] == ["en"] and said["formats"] == ["text/csv", "text/plain"]
    # The document, the file, and of the set the one that is not excluded.
    recorded = read(MemoryFiles({**croissant(), "other.txt": b""}), Options("birds")).artifacts[0].include
    assert recorded == ("data/birds.csv", "metadata.json", "notes/a.txt")
    size = empty.size
    again = import_from(empty, "croissant", folder)
    assert all(one.existing for one in again.recorded) and empty.size == size


def test_a_wrong_digest_is_an_error_and_nothing_is_recorded(empty: Ledger, tmp_path: Path) -> None:
    folder = written({**croissant(), "data/birds.csv": CSV + b"3,crow\n"}, tmp_path / "birds")
    size = empty.size
    with pytest.raises(LedgerError) as caught:
        import_from(empty, "croissant", folder)
    assert caught.value.code == "LG1504" and "data/birds.csv" in caught.value.message
    assert empty.size == size


@pytest.mark.parametrize(
    "digest",
    ["sha256", "https://example.org/issues/80", hashlib.sha256(b"").hexdigest()[:63], "g" * 64, "", 5, None, ["a"], {"@id": "a"}, True],
)
def test_a_placeholder_is_never_used(digest: Any) -> None:
    document = croissant_document()
    document["distribution"][0]["sha256"] = digest
    found = taken(document, {"data/birds.csv": CSV})
    assert found.digests == ()
    assert len([item for item in found.unresolved if "placeholder" in item.reason or "no digest" in item.reason]) == 1


def test_an_md5_may_be_in_base64() -> None:
    document = croissant_document()
    del document["distribution"][0]["sha256"]
    document["distribution"][0]["md5"] = "xnQ+q8WLj9aPCvhTsG+L6A=="
    [digest] = taken(document, {"data/birds.csv": CSV}).digests
    assert (digest.algorithm, digest.value) == ("md5", "c6743eabc58b8fd68f0af853b06f8be8")


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a/../../b", "file:///etc/passwd", "C:\\x", "a\\b", "x\x00y"])
def test_paths_out_of_the_folder(path: str) -> None:
    for place in (("distribution", 0, "contentUrl"), ("distribution", 1, "includes")):
        document: Any = croissant_document()
        document[place[0]][place[1]][place[2]] = path
        with pytest.raises(LedgerError) as caught:
            taken(document, {"data/birds.csv": CSV})
        assert caught.value.code == "LG1507"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("MIT", ["MIT"]),
        ("https://spdx.org/licenses/CC-BY-SA-4.0.html", ["CC-BY-SA-4.0"]),
        ("https://creativecommons.org/licenses/by/4.0/", ["CC-BY-4.0"]),
        (["MIT"], ["MIT"]),
        (["MIT", "Apache-2.0"], ["NOASSERTION"]),
        ({"@type": "sc:CreativeWork", "name": "MIT"}, ["MIT"]),
        ({"@type": "CreativeWork", "name": "Some words", "url": "https://creativecommons.org/licenses/by/4.0/"}, ["CC-BY-4.0"]),
        ({"@type": "sc:CreativeWork", "sc:name": "MIT", "sc:url": "https://creativecommons.org/licenses/by/4.0/"}, ["CC-BY-4.0", "MIT"]),
        ("other", ["NOASSERTION"]),
        ("unknown", ["NOASSERTION"]),
        ("None", ["NOASSERTION"]),
        (None, []),
        ([], []),
        (7, []),
    ],
)
def test_licences_in_every_shape(said: Any, expected: list[str]) -> None:
    document = {**croissant_document(), "license": said}
    found = taken(document)
    assert sorted(item.normalized for item in found.things[0].licenses) == expected
    certain = {name for name in expected if name != "NOASSERTION"}
    assert len(found.contradictions) == (1 if len(certain) > 1 else 0)
    if not certain:
        assert any("/license" in str(item.at) for item in found.unresolved) or said is None


def test_versions_that_nobody_reads_and_documents_of_something_else() -> None:
    for change in (
        {"conformsTo": "http://mlcommons.org/croissant/9.0"},
        {"@context": {"@vocab": "https://schema.org/"}, "conformsTo": None},
    ):
        with pytest.raises(LedgerError) as caught:
            taken({**croissant_document(), **change})
        assert caught.value.code in ("LG1501", "LG1506")


def test_which_document_of_a_folder(tmp_path: Path) -> None:
    document = json.dumps(croissant_document()).encode()
    files = {"birds.json": document, "other.json": b"{}", "broken.json": b"{"}
    assert read(MemoryFiles(files), Options("birds")).documents == ("birds.json",)
    for wrong in (
        {**files, "more.json": document},
        {"other.json": b"{}", "a.txt": b""},
        {"croissant.json": document, "metadata.json": document},
    ):
        with pytest.raises(LedgerError) as caught:
            read(MemoryFiles(wrong), Options("birds"))
        assert caught.value.code == "LG1502"


def test_files_in_an_archive_and_repositories_are_not_taken_apart() -> None:
    document = copy.deepcopy(croissant_document())
    document["distribution"].append(
        {
            "@type": "cr:FileSet",
            "@id": "inner",
            "name": "inner",
            "containedIn": {"@id": "birds.csv"},
            "encodingFormat": "a/b",
            "includes": "**",
        }
    )
    repository = {
        "@type": "cr:FileObject",
        "@id": "repo",
        "contentUrl": "https://example.org/r",
        "encodingFormat": "git+https",
        "sha256": "a" * 64,
    }
    document["distribution"].append(repository)
    found = taken(document, {"data/birds.csv": CSV, "secret.txt": b""})
    assert "secret.txt" not in found.artifacts[0].include
    assert any(item.what == "inner" and "not taken apart" in item.reason for item in found.unresolved)
    assert any(item.what == "a" * 64 for item in found.unresolved)


def test_the_reference_reader_lists_the_same_files_and_digests() -> None:
    """mlcroissant's own list of a document's files, its digests and record sets."""
    paths = [*sorted(refdata("croissant", "datasets").rglob("*.json")), refdata("samples", "croissant.metadata.json")]
    for path, theirs in zip(paths, validate("croissant_files", *paths), strict=True):
        found = taken(path.read_bytes())
        facts = {fact.value["name"]: fact.value for fact in found.things[0].facts if fact.field in ("file", "file-set")}
        assert set(facts) == set(theirs)
        for name, claimed in theirs.items():
            usable = claimed is not None and len(claimed) == 64 and not str(facts[name].get("url", "")).startswith("https://huggingface.co")
            assert facts[name].get("sha256") == (claimed if usable else None)


def test_the_reference_reader_refuses_the_broken_ones() -> None:
    paths = sorted(refdata("croissant", "bad_graphs").rglob("*.json"))
    assert validate("croissant_files", *paths) == [None] * len(BAD)
