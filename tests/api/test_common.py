"""What things have in common in their lineage."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import fill
from ledger_cli.app import app
from ledger_cli.failures import guarded

from ledger.api import Ledger, LedgerError
from ledger.store import edgefiles, reader


@pytest.fixture(params=["tables", "tail", "adjacency"])
def both(request: pytest.FixtureRequest, empty: Ledger, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Two models with data, code and a base in common; the data were made from a reference."""
    if request.param != "tables":
        monkeypatch.setattr(reader, "WORTHWHILE", 0)
        monkeypatch.setattr(reader, "MANY_BEHIND", 1)
    if request.param == "adjacency":
        monkeypatch.setattr(edgefiles, "SHORT", 0)
        monkeypatch.setattr(edgefiles, "LONG", 0)
    fill(empty, inputs)
    (inputs / "notes").write_text("notes on the figures")
    (inputs / "other").write_text("other weights")
    (inputs / "third").write_text("third weights")
    empty.record(
        "dataset", inputs / "notes", name="notes", version="1", inputs=[("derived-from", "ref:crawl@1"), ("subset-of", "figures@1")]
    )
    empty.record(
        "weights", inputs / "other", name="other", version="1", inputs=[("trained-on", "notes@1"), ("fine-tuned-from", "ref:base@3.0")]
    )
    empty.record("weights", inputs / "third", name="third", version="1", inputs=[("trained-on", "notes@1"), ("built-by", "trainer")])
    return empty


def shared(found: dict) -> dict[str, bool]:
    return {f"{item['name']}@{item['version']}": item["nearest"] for item in found["common"]}


def test_the_nearest_and_those_behind_them(both: Ledger) -> None:
    found = both.common(["other@1", "third@1"])
    assert shared(found) == {"notes@1": True, "figures@1": False, "crawl@1": False}
    assert (found["complete"], found["direction"], len(found["of"])) == (True, "up", 2)
    assert {item["name"]: item["verified"] for item in found["common"]} == {"notes": True, "figures": True, "crawl": False}


def test_more_than_two_and_one_that_is_made_from_another(both: Ledger) -> None:
    assert shared(both.common(["other@1", "third@1", "weights/reader@1"])) == {"figures@1": True}
    assert shared(both.common(["other@1", "notes@1"])) == {"notes@1": True, "figures@1": False, "crawl@1": False}
    assert shared(both.common(["trainer@1", "figures@1"])) == {}


def test_what_was_made_from_all(both: Ledger) -> None:
    assert shared(both.common(["trainer@1", "notes@1"], "down")) == {"third@1": True}
    # The card describes the model, and the release holds both.
    found = both.common(["trainer@1", "figures@1"], "down")["common"]
    assert {(item["kind"], item["name"], item["nearest"]) for item in found} == {
        ("weights", "reader", True),
        ("weights", "third", True),
        ("document", "reader-card", False),
        ("release", "reader", False),
    }


def test_as_of_an_earlier_size_there_is_less(both: Ledger) -> None:
    early = Ledger.open(both.layout.root, at=both.size - 1)
    assert {item["name"] for item in early.common(["trainer@1", "figures@1"], "down")["common"]} == {"reader", "reader-card"}


def test_one_thing_alone_and_unknown_ones_are_refused(both: Ledger) -> None:
    for refs, code in ((["other@1"], "LG1201"), (["other@1", "weights/other@1"], "LG1201"), (["other@1", "nobody"], "LG0901")):
        with pytest.raises(LedgerError) as caught:
            both.common(refs)
        assert caught.value.code == code


def test_as_people_see_it(both: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(app, ["common", "other@1", "third@1", "--ledger", str(both.layout.root)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "nearest: 1 thing"
    assert out.splitlines()[2] == "beyond these: 2 things"
    assert "crawl@1  [unverified: a reference without bytes]" in out
    assert guarded(app, ["common", "trainer@1", "figures@1", "--ledger", str(both.layout.root)]) == 0
    assert capsys.readouterr().out == "nothing in common, as far as the ledger knows\n"
