"""Corrections: recorded once, taken by what is recorded later, left alone by what was recorded before, and shown by every answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import ask

from ledger.api import Ledger, verify_bundle_file

LICENCE, ROW = "the licence was wrong", "a row was missing"


@pytest.fixture
def corrected(filled: Ledger, inputs: Path) -> tuple[Ledger, str, str]:
    """The dataset of a release corrected twice: its description (entry 6), then its bytes (entry 7); with its old and its new id."""
    old = filled.show("figures@1")["id"]
    filled.record("dataset", inputs / "data", name="figures", version="1", license="CC0-1.0", supersedes=LICENCE)
    (inputs / "data/train.csv").write_text("1,2\n3,4\n5,6\n")
    new = filled.record("dataset", inputs / "data", name="figures", version="1", license="CC0-1.0", supersedes=ROW).id
    return filled, old, new


def test_repeating_a_correction_records_nothing(corrected: tuple[Ledger, str, str], inputs: Path) -> None:
    ledger, old, _ = corrected
    size = ledger.size
    again = ledger.record("dataset", inputs / "data", name="figures", version="1", license="CC0-1.0", supersedes=ROW)
    assert (again.index, again.existing, again.supersedes) == (7, True, {"id": old, "reason": ROW})
    (inputs / "data/train.csv").write_text("1,2\n3,4\n")
    first = ledger.record("dataset", inputs / "data", name="figures", version="1", license="CC0-1.0", supersedes=LICENCE)
    assert (first.index, first.existing) == (6, True)
    assert ledger.size == size


def test_repeating_a_correction_of_a_release_records_nothing(filled: Ledger) -> None:
    first = filled.release("reader", "1", [("weights", "weights/reader")], supersedes="too much in it")
    again = filled.release("reader", "1", [("weights", "weights/reader")], supersedes="too much in it")
    assert (first.existing, again.existing, again.index, again.id) == (False, True, first.index, first.id)
    other = filled.release("reader", "1", [("weights", "weights/reader"), ("datasets", "figures")], supersedes="too much in it")
    assert (other.existing, other.supersedes) == (False, {"id": first.id, "reason": "too much in it"})
    assert all(check.result != "fail" for check in filled.verify(deep=True).checks)


def test_a_correction_of_a_description_counts_for_what_is_recorded_later(filled: Ledger, inputs: Path) -> None:
    assert filled.show("figures@1")["recorded"]["index"] == 1
    fixed = filled.record("dataset", inputs / "data", name="figures", version="1", license="CC0-1.0", supersedes=LICENCE)
    assert filled.show("figures@1")["recorded"]["index"] == fixed.index
    assert filled.show("figures@1")["supersedes"] == {"id": fixed.id, "reason": LICENCE}
    # Describing it once more without correcting it moves nothing.
    filled.record("dataset", inputs / "data", name="figures", version="1", license="MIT")
    assert filled.show("figures@1")["recorded"]["index"] == fixed.index
    filled.release("second", "1", [("weights", "weights/reader"), ("datasets", "figures@1")])
    said = filled.attest("second@1", ["redhat-minimum-2025"])
    assert {item["role"]: item["expression"] for item in said.licenses}["datasets"] == "CC0-1.0"
    old = filled.attest("reader@1", ["redhat-minimum-2025"])
    assert {item["role"]: item["expression"] for item in old.licenses}["datasets"] == "CC-BY-4.0"


def test_show(corrected: tuple[Ledger, str, str]) -> None:
    ledger, old, new = corrected
    found = ledger.show(old)
    assert found["superseded_by"] == [{"index": 6, "id": old, "reason": LICENCE}, {"index": 7, "id": new, "reason": ROW}]
    assert found["supersedes"] is None
    found = ledger.show("figures@1")
    assert (found["id"], found["supersedes"], found["superseded_by"]) == (new, {"id": old, "reason": ROW}, [])
    parts = {item["as"]: [later["index"] for later in item["corrections"]] for item in ledger.show("release/reader")["parts"]}
    assert parts["datasets"] == [6, 7] and parts["weights"] == []
    assert [item["as"] for item in ledger.show("weights/reader")["parts"] if item["corrections"]] == ["trained-on"]


def test_log(corrected: tuple[Ledger, str, str]) -> None:
    ledger, old, new = corrected
    entries = {item["index"]: item for item in ledger.entries()}
    assert [item["index"] for item in entries[1]["superseded_by"]] == [6, 7]
    assert entries[6]["supersedes"] == {"id": old, "reason": LICENCE}
    assert entries[6]["superseded_by"] == [{"index": 7, "id": new, "reason": ROW}]
    assert entries[7]["supersedes"] == {"id": old, "reason": ROW} and entries[7]["superseded_by"] == []
    assert entries[2]["supersedes"] is None and entries[2]["superseded_by"] == []


def test_lineage_and_why(corrected: tuple[Ledger, str, str]) -> None:
    ledger, old, new = corrected
    found = ledger.lineage("weights/reader")
    node = next(item for item in found.nodes if item["id"] == old)
    assert [(item["index"], item["id"], item["reason"]) for item in node["corrections"]] == [(6, old, LICENCE), (7, new, ROW)]
    for text in (found.tree, *(ledger.lineage_picture("weights/reader", format=name) for name in ("mermaid", "dot"))):
        assert LICENCE in text and ROW in text
    up = ledger.lineage("figures@1", "down")
    assert [item["corrects"] for item in up.nodes[0]["corrections"]] == [old]
    paths = ledger.why("weights/reader", old)
    assert [item["index"] for item in paths["corrections"][old]] == [6, 7]
    assert ROW in paths["notes"][old]


def test_attest_names_what_was_corrected_since(corrected: tuple[Ledger, str, str]) -> None:
    ledger, _, _ = corrected
    said = ledger.attest("reader@1", ["redhat-minimum-2025"])
    assert [(item["statement"], item["index"], item["since"], item["reason"]) for item in said.corrections] == [
        (1, 6, True, LICENCE),
        (1, 7, True, ROW),
    ]
    ledger.release("reader", "2", [("weights", "weights/reader"), ("datasets", "figures@1")])
    said = ledger.attest("reader@2", ["redhat-minimum-2025"])
    assert (7, 7, False, ROW) in [(item["statement"], item["index"], item["since"], item["reason"]) for item in said.corrections]


def test_verify_artifact_names_what_was_corrected_since(corrected: tuple[Ledger, str, str], inputs: Path) -> None:
    ledger, old, _ = corrected
    assert [item["index"] for item in ledger.verify_artifact(old, inputs / "data").superseded_by] == [6, 7]
    assert ledger.verify_artifact("figures@1", inputs / "data").superseded_by == ()


def test_at_knows_no_later_correction(corrected: tuple[Ledger, str, str]) -> None:
    ledger, old, _ = corrected
    then = Ledger.open(ledger.layout.root, at=7)
    assert [item["index"] for item in then.show(old)["superseded_by"]] == [6]
    assert ROW not in then.lineage("weights/reader").tree
    assert [item["index"] for item in then.entries()[1]["superseded_by"]] == [6]


def test_every_answer_for_people_says_it(
    corrected: tuple[Ledger, str, str], inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, old, _ = corrected
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(ledger.layout.root))
    out = str(tmp_path / "a.json")
    for args in (
        ("show", old),
        ("show", "figures@1"),
        ("show", "release/reader"),
        ("log",),
        ("lineage", "weights/reader"),
        ("lineage", "weights/reader", "--format", "mermaid"),
        ("lineage", "weights/reader", "--format", "dot"),
        ("lineage", "figures@1", "--down"),
        ("why", old, "weights/reader"),
        ("attest", "reader@1", "--out", out, "--dry-run"),
        ("attest", "reader@1", "--out", out),
        ("verify", "artifact", old, str(inputs / "data")),
        ("sql", "select supersedes from names where supersedes is not null"),
    ):
        assert ROW in ask(capsys, *args).out, args
        answer = ask(capsys, *args, "--json")
        answer.json()
        assert ROW in answer.out, args
    assert verify_bundle_file(out, ledger.log_key).checks[0].result == "pass"


def test_a_name_that_comes_back_to_what_it_named_first(empty: Ledger, inputs: Path) -> None:
    first = empty.record("dataset", inputs / "data", name="d", version="1")
    second = empty.record("dataset", inputs / "code", name="d", version="1", supersedes="wrong folder")
    empty.record("dataset", inputs / "data", name="d", version="1", supersedes="it was right")
    found = empty.show("d@1")
    assert (found["id"], found["recorded"]["index"], found["superseded_by"]) == (first.id, 3, [])
    assert found["supersedes"] == {"id": second.id, "reason": "it was right"}
    assert [item["index"] for item in empty.show(second.id)["superseded_by"]] == [3]
    assert all(check.result != "fail" for check in empty.verify(deep=True).checks)


def test_what_was_never_named_cannot_be_corrected(filled: Ledger, inputs: Path) -> None:
    for version, shown in (("9", "`figures@9`"), (None, "`other`")):
        name = "figures" if version else "other"
        with pytest.raises(Exception, match=shown):
            filled.record("dataset", inputs / "data", name=name, version=version, supersedes="why")
