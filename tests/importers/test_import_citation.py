"""CITATION.cff: what it says of the thing to cite, and what it may say wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest
from importable import CITATION, written

from ledger.api import Ledger, LedgerError, import_from
from ledger.importers.citation import read
from ledger.importers.imported import Imported, Options
from ledger.importers.sources import MemoryFiles


def taken(data: bytes | str) -> Imported:
    return read(MemoryFiles({"CITATION.cff": data.encode() if isinstance(data, str) else data}), Options("CITATION.cff"))


HEAD = "cff-version: 1.2.0\nmessage: m\ntitle: t\nauthors: [{name: a}]\n"


def test_a_citation_file(empty: Ledger, tmp_path: Path) -> None:
    folder = written({"CITATION.cff": CITATION, "data.csv": b"1"}, tmp_path / "birds")
    report = import_from(empty, "citation", folder)
    [item] = report.recorded
    assert (item.kind, item.name, report.format) == ("document", "CITATION.cff", "CITATION.cff 1.2.0")
    [edge] = empty.show(item.id)["predicate"]["from"]
    assert edge["relation"] == "describes"
    assert edge["reference"] == {"name": "Birds", "uri": "https://example.org/birds", "version": "2.0.0"}
    [claim] = [row for row in report.claims if row["field"] == "license"]
    assert claim["value"]["normalized"] == "CC-BY-4.0 OR MIT", "several are a choice in this format"
    values = [(row["field"], row["value"]) for row in report.claims]
    assert ("identifier.swh", "swh:1:rev:5f7158a5ce83c4ff493bfe341fe31ecad64ff697") in values
    assert [value for field, value in values if field == "author"] == ["Jenny Wren", "Bird Society"]
    assert [row["value"]["kind"] for row in report.claims if row["field"] == "exists"] == ["dataset"]
    size = empty.size
    again = import_from(empty, "citation", folder / "CITATION.cff")
    assert all(one.existing for one in again.recorded) and empty.size == size


@pytest.mark.parametrize(
    ("said", "normal"),
    [
        ("license: MIT", "MIT"),
        ("license: [MIT]", "MIT"),
        ("license: [MIT, Zlib]", "MIT OR Zlib"),
        ("license: llama3.1", "NOASSERTION"),
        ("license: [MIT, made up]", "NOASSERTION"),
        ("license: {a: b}", None),
        ("license: []", None),
        ("license-url: 'https://creativecommons.org/licenses/by/4.0/'", "CC-BY-4.0"),
        ("", None),
    ],
)
def test_licences(said: str, normal: str | None) -> None:
    found = taken(HEAD + said + "\n")
    assert [item.normalized for item in found.things[0].licenses] == ([normal] if normal else [])
    assert bool(found.unresolved) is (normal in (None, "NOASSERTION"))


@pytest.mark.parametrize(
    "row",
    [
        "{type: doi, value: 11.1/x}",
        "{type: swh, value: 'swh:1:rev:12'}",
        "{type: isbn, value: x}",
        "{type: doi}",
        "x",
        "{type: [doi], value: {a: b}}",
    ],
)
def test_identifiers_that_are_none(row: str) -> None:
    found = taken(f"{HEAD}license: MIT\nidentifiers: [{row}]\n")
    assert len(found.unresolved) == 1 and not [fact for fact in found.things[0].facts if fact.field.startswith("identifier")]


def test_what_is_missing_and_what_is_of_another_kind() -> None:
    found = taken("cff-version: 1.2.0\ntype: song\n")
    assert {item.what for item in found.unresolved} == {"message", "title", "authors", "song", "license"}
    assert found.things[0].kind == ""
    for wrong in (b"", b"a: b", b"cff-version: 2.0.0", b"cff-version: [1]", b"- a", b"\xff", b"a: &x [1]\nb: *x\n", b"a: 1\na: 2\n"):
        with pytest.raises(LedgerError) as caught:
            taken(wrong)
        assert caught.value.code == "LG1501"
    with pytest.raises(LedgerError) as caught:
        read(MemoryFiles({"a": b"", "b": b""}), Options("birds"))
    assert caught.value.code == "LG1502"
