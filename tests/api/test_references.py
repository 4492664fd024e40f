"""What a REF leads to: ids and their beginnings, names, versions, kinds, references that nobody has the bytes of; and moments."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.api import InputSpec, Ledger, LedgerError


def refusal(ledger: Ledger, ref: str) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        ledger.show(ref)
    return caught.value


def test_every_form_leads_to_the_same(filled: Ledger) -> None:
    id = filled.show("figures")["id"]
    for ref in (id, id[:13], id[:40], "figures", "figures@1", "dataset/figures", "dataset/figures@1"):
        assert filled.show(ref)["id"] == id
    release = filled.show("release/reader")["id"]
    assert release.startswith("sha256:")
    for ref in (release, release[:15], "release/reader@1"):
        assert filled.show(ref)["id"] == release


def test_a_reference_is_found_by_its_name(filled: Ledger) -> None:
    id = filled.show("ref:base@3.0")["id"]
    assert id.startswith("ref:")
    for ref in (id, id[:12], "ref:base", "base", "base@3.0"):
        found = filled.show(ref)
        assert (found["id"], found["verified"], found["kind"]) == (id, False, None)
    down = filled.lineage("ref:base@3.0", "down")
    assert sorted(item["name"] for item in down.nodes) == ["base", "reader", "reader", "reader-card"]
    assert filled.why("base", "release/reader")["paths"]
    assert "known: base@3.0" in refusal(filled, "ref:base@4").hint
    assert refusal(filled, "base@4").code == "LG0901"


def test_a_name_that_bytes_have_too_means_the_bytes(filled: Ledger, inputs: Path) -> None:
    done = filled.record("code", inputs / "code", name="base", version="3.0")
    assert filled.show("base@3.0")["id"] == done.id
    assert filled.show("ref:base@3.0")["verified"] is False


def test_references_that_share_a_name_are_ambiguous(filled: Ledger, inputs: Path) -> None:
    descriptor = {"name": "base", "version": "3.0", "uri": "https://example.org/base"}
    filled.record("weights", inputs / "code", name="other", inputs=[InputSpec("fine-tuned-from", descriptor=descriptor)])
    error = refusal(filled, "ref:base@3.0")
    assert (error.code, len(error.details["candidates"])) == ("LG0902", 2)


def test_hints_say_what_may_have_been_meant(filled: Ledger) -> None:
    id = filled.show("figures")["id"]
    assert id[:13] in refusal(filled, id[5:13]).hint
    assert "tree:00000000" in refusal(filled, "00000000").hint
    assert "`figures`" in refusal(filled, "figurs").hint
    assert "known: figures@1" in refusal(filled, "figures@2").hint
    assert refusal(filled, "zzz").hint == "ledger log lists what is recorded"


def test_the_same_bytes_under_two_names_say_both(filled: Ledger, inputs: Path) -> None:
    filled.record("dataset", inputs / "data", name="copy", version="7")
    assert "figures@1 (also copy@7)" in filled.lineage("copy@7").tree
    assert "figures@1 (also copy@7)" in filled.why("copy@7", "weights/reader")["names"].values()


def test_a_day_means_its_end(filled: Ledger) -> None:
    assert Ledger.open(filled.layout.root, at="2026-11-20").size == filled.size
    assert Ledger.open(filled.layout.root, at="2026-11-19").size == 0
    for at in ("2026-11-31", "2026-1-1", "20 November", "-5", "9" * 30):
        with pytest.raises(LedgerError) as caught:
            Ledger.open(filled.layout.root, at=at)
        assert caught.value.code in {"LG0106", "LG0704"} and at[:10] in caught.value.message


def test_two_that_are_the_same_have_no_path(filled: Ledger) -> None:
    with pytest.raises(LedgerError) as caught:
        filled.why("figures", "figures@1")
    assert caught.value.code == "LG0903" and "are the same" in caught.value.message
