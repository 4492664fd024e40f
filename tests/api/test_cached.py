"""What was recorded without reading every byte says so, in manifest and attestation, and one content stays one entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.api import Ledger, verify_bundle_file
from ledger.hashing.cache import HashCache


@pytest.fixture(autouse=True)
def _files_are_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this test are young, and the cache trusts none that is: let it think that it hashes in the year 2200."""
    monkeypatch.setattr(HashCache, "now_ns", lambda self: 7_258_118_400_000_000_000)


def said(ledger: Ledger, ref: str) -> object:
    return ledger.show(ref)["predicate"]["artifact"].get("cached", "not said")


def test_a_manifest_says_when_digests_came_from_the_cache(empty: Ledger, inputs: Path) -> None:
    first = empty.record("dataset", inputs / "data", name="a", version="1")
    assert (first.reused_files, said(empty, "a@1")) == (0, "not said")
    second = empty.record("dataset", inputs / "data", name="b", version="1")
    assert (second.reused_files, second.id, said(empty, "b@1")) == (3, first.id, True)
    third = empty.record("dataset", inputs / "data", name="c", version="1", rehash=True)
    assert (third.reused_files, third.id, said(empty, "c@1")) == (0, first.id, "not said")


def test_the_same_content_again_is_one_entry_however_it_was_read(empty: Ledger, inputs: Path) -> None:
    for name, rehash in (("read", True), ("cached", False)):
        empty.record("dataset", inputs / "data", name="warm")
        size = empty.size
        done = empty.record("dataset", inputs / "data", name=name, version="1", rehash=rehash)
        assert (done.index, done.existing) == (size, False)
        for _ in range(2):
            again = empty.record("dataset", inputs / "data", name=name, version="1")
            assert (again.index, again.existing, again.reused_files, empty.size) == (size, True, 3, size + 1)
    stronger = empty.record("dataset", inputs / "data", name="cached", version="1", rehash=True)
    assert (stronger.index, stronger.existing) == (4, False)
    weaker = empty.record("dataset", inputs / "data", name="cached", version="1")
    assert (weaker.index, weaker.existing, empty.size) == (4, True, 5)
    assert [check.detail for check in empty.verify(deep=True).checks if check.result == "fail"] == []


def test_one_changed_file_among_cached_ones_is_said_too(empty: Ledger, inputs: Path) -> None:
    empty.record("dataset", inputs / "data", name="a", version="1")
    (inputs / "data/new.csv").write_text("7\n")
    done = empty.record("dataset", inputs / "data", name="a", version="2")
    assert (done.reused_files, done.files, said(empty, "a@2")) == (3, 4, True)


def test_an_attestation_lists_what_was_not_read(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    empty.record("dataset", inputs / "data", name="warm")
    data = empty.record("dataset", inputs / "data", name="figures", version="1", license="CC-BY-4.0")
    empty.record("weights", inputs / "model", name="reader", version="1", license="Apache-2.0", inputs=[("trained-on", "figures@1")])
    empty.release("reader", "1", [("weights", "reader@1")])
    done = empty.attest("reader@1", ["redhat-minimum-2025"], out=tmp_path / "bundle.json")
    assert done.lineage["cached"] == [data.id]
    report = verify_bundle_file(tmp_path / "bundle.json", empty.log_key)
    assert [check.id for check in report.checks if check.result == "fail"] == []
    assert report.predicate["lineage"]["cached"] == [data.id]
    empty.record("dataset", inputs / "data", name="figures", version="2", license="CC-BY-4.0", rehash=True)
    model = [("trained-on", "figures@2")]
    empty.record("weights", inputs / "model", name="reader", version="2", license="Apache-2.0", inputs=model, rehash=True)
    empty.release("reader", "2", [("weights", "reader@2")])
    assert empty.attest("reader@2", ["redhat-minimum-2025"]).lineage["cached"] == []


def test_a_pipeline_file_says_it_as_well(empty: Ledger, inputs: Path) -> None:
    file = inputs / "pipeline.yaml"
    text = "ledger: 1\nartifacts:\n  - {kind: dataset, name: figures, version: '1', path: data}\n"
    file.write_text(text)
    assert empty.record_file(file)[0].reused_files == 0
    file.write_text(text.replace("'1'", "'2'"))
    (done,) = empty.record_file(file)
    assert (done.reused_files, said(empty, "figures@2"), said(empty, "figures@1")) == (3, True, "not said")
    (again,) = empty.record_file(file)
    assert (again.index, again.existing) == (done.index, True)
