"""What is said about datasets and releases, field by field, and the YAML that comes of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import ask
from hypothesis import given
from hypothesis import strategies as st

from ledger.api import Ledger, LedgerError, answers_as_yaml, describable
from ledger.exporters.template import template
from ledger.importers.pipeline import read_pipeline
from ledger.spec import information
from ledger.spec.description import answer, part

PIPELINE = """
ledger: 1
artifacts:
  - {kind: dataset, name: figures, version: "1", path: data, data: {class: open, acquired: {from: "2024-01", ongoing: unknown},
     personal_data: "no", generators: [{name: m, market: "yes"}], own: {any: ["thing"]}}}
  - {kind: weights, name: reader, version: "1", path: model, from: {trained-on: [figures@1, "ref:web@2"]}}
releases:
  - name: reader
    version: "1"
    components:
      weights: weights/reader@1
      datasets: [figures@1, {name: more, version: "3", uri: "https://example.org/", data: {origin: public, class: public}}]
    about: {provider: {name: Example}, training_compute_flop: 1.0e+25, sources: {public: "yes"}}
"""


@pytest.fixture
def described(empty: Ledger, inputs: Path) -> Ledger:
    (inputs / "p.yaml").write_text(PIPELINE)
    empty.record_file(inputs / "p.yaml")
    return empty


def states(ledger: Ledger, ref: str, number: int = 0) -> dict[str, tuple[str, Any]]:
    lines = ledger.describe(ref).to_json()["parts"][number]["fields"]
    return {line["field"]: (line["state"], line["value"]) for line in lines}


def test_a_dataset_field_by_field(described: Ledger) -> None:
    found = states(described, "figures@1")
    assert found["class"] == ("recorded", "open")
    assert found["acquired/from"] == ("recorded", "2024-01")
    assert found["acquired/to"] == ("missing", None)
    assert found["acquired/ongoing"] == ("unknown", "unknown")
    assert found["generators"] == ("recorded", [{"name": "m", "market": "yes"}])
    assert "acquired" not in found
    answer = described.describe("figures@1").to_json()["parts"][0]
    assert answer["unknown"] == {"own": {"any": ["thing"]}}
    assert answer["evidence"][0]["pointer"] == "/predicate/data"


def test_a_release_and_each_of_its_datasets(described: Ledger) -> None:
    # Weights and release share a name: nothing is said about weights, so the release is meant.
    found = described.describe("reader@1").to_json()
    assert [(item["about"], item["name"]) for item in found["parts"]] == [
        ("release", "reader@1"),
        ("dataset", "figures@1"),
        ("dataset", "more@3"),
        ("dataset", "web@2"),
    ]
    assert states(described, "reader@1")["sources/public"] == ("recorded", "yes")
    assert states(described, "reader@1", 2)["origin"] == ("recorded", "public")
    assert {state for state, _ in states(described, "reader@1", 3).values()} == {"missing"}
    assert found["parts"][1]["unknown"] == {"own": {"any": ["thing"]}}


def test_what_does_not_fit_says_nothing() -> None:
    found = {line.field.path: line for line in part(information.DATA, "x", "ref:0", {"class": "free", "acquired": {"from": "May"}}).lines}
    assert (found["class"].state, found["class"].value) == ("unfit", "free")
    assert (found["acquired/from"].state, found["acquired/from"].value) == ("unfit", "May")
    assert found["acquired/to"].state == "missing"
    assert found["description"].state == "missing"


@pytest.mark.parametrize("ref", ["weights/reader", "ref:web@2"])
def test_what_nothing_is_said_about(described: Ledger, ref: str) -> None:
    with pytest.raises(LedgerError) as caught:
        described.describe(ref)
    assert caught.value.code == "LG1110"


def test_every_field_of_the_schemas_is_listed() -> None:
    # The paths are those of docs/reference/information.md, whose table is written from the same schemas; these are read by hand.
    found = describable()
    for name, wanted in {
        "dataset": ("class", "acquired/ongoing", "size/unit", "generation_methods", "statistics"),
        "release": ("provider/representative/contact", "sources/third_party", "crawl/domains", "comments", "indicators/operation"),
    }.items():
        listed = [item["field"] for item in found[name]]
        assert set(wanted) <= set(listed) and len(set(listed)) == len(listed)
        assert all(item["help"] and item["form"] for item in found[name])


def test_the_template_can_be_recorded_again(described: Ledger) -> None:
    text = described.describe("reader@1").template()
    said = yaml.safe_load(text)
    assert said["about"] == {"provider": {"name": "Example"}, "training_compute_flop": 1e25, "sources": {"public": "yes"}}
    refs = {item["ref"]: item["data"] for item in said["components"]["datasets"]}
    assert refs["ref:more@3"] == {"class": "public", "origin": "public"}
    assert refs["ref:web@2"] == {}
    assert refs["figures@1"]["acquired"] == {"from": "2024-01", "ongoing": "unknown"}
    assert refs["figures@1"]["own"] == {"any": ["thing"]}
    whole = {"ledger": 1, "releases": [{"name": "r", "version": "2", **said}]}
    plan = read_pipeline(yaml.safe_dump(whole).encode())
    assert plan.releases[0].about == said["about"]
    assert "# placed_on_union_market: " in text and "# When it was placed on the market of the European Union." in text


HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_breaks_out_of_the_template(name: str, value: str, key: str) -> None:
    said = {"description": value, "where": "x" + value, "languages": [value], f"own{key}": {key: [value, {key: value}], "n": 1e30}}
    text = template([part(information.DATA, name, "tree:0", said)])
    read = yaml.safe_load(text)["data"]
    kept = {item: read[item] for item in said if item in read}
    # An empty-looking text says nothing, and is left out.
    assert all(kept[item] == said[item] for item in kept)
    assert {f"own{key}", "where"} <= set(kept)


@pytest.mark.parametrize(
    ("schema", "path", "text", "wanted"),
    [
        (information.DATA, "class", "open", "open"),
        (information.DATA, "personal_data", " no \n", "no"),
        (information.DATA, "languages", "en, de", ["en", "de"]),
        (information.DATA, "generators", "granite, other", [{"name": "granite"}, {"name": "other"}]),
        (information.DATA, "size/value", "1e3", 1000),
        (information.DATA, "acquired/from", "2024-02", "2024-02"),
        (information.RELEASE, "comments", '{"1.3": "x"}', {"1.3": "x"}),
        (information.RELEASE, "training_compute_flop", "1e25", 1e25),
        (information.DATA, "class", "free", None),
        (information.DATA, "acquired/from", "May 2024", None),
        (information.DATA, "size/value", "many", None),
        (information.DATA, "size/value", "nan", None),
        (information.DATA, "size/value", "-1", None),
        (information.DATA, "modalities", "text, smell", None),
        (information.DATA, "languages", "", []),
        (information.RELEASE, "comments", "[1]", None),
        (information.RELEASE, "comments", "{", None),
    ],
)
def test_typed_answers(schema: str, path: str, text: str, wanted: Any) -> None:
    field = next(item for item in information.fields(schema) if item.path == path)
    if wanted is not None:
        assert answer(schema, field, text) == wanted
        return
    with pytest.raises(LedgerError) as caught:
        answer(schema, field, text)
    assert caught.value.code == "LG0309" and path in caught.value.message


def test_answers_join_what_is_recorded(described: Ledger) -> None:
    about, figures, *_ = described.describe("reader@1").parts
    text = answers_as_yaml([(about, {"provider/contact": "a@example.org"}), (figures, {"where": "https://example.org"})])
    first, second = text.split("# below", 1)
    assert yaml.safe_load(first)["about"]["provider"] == {"name": "Example", "contact": "a@example.org"}
    said = yaml.safe_load("#" + second)
    assert said["ref"] == "figures@1" and said["data"]["where"] == "https://example.org" and said["data"]["class"] == "open"
    assert answers_as_yaml([(about, {})]) == ""


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_asking_on_a_terminal(described: Ledger, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(described.layout.root))
    fields = [item for item in describable()["dataset"] if item["form"] != "mapping"]
    replies = {"description": "nonsense \x07 text\n", "modalities": "smell\ntext, audio\n", "consent": ".\n"}
    recorded = {"class", "acquired/from", "personal_data", "generators"}
    lines = [replies.get(item["field"], "\n") for item in fields if item["field"] not in recorded]
    monkeypatch.setattr("sys.stdin", Terminal("".join(lines)))
    said = ask(capsys, "describe", "figures@1", "--ask")
    assert said.code == 0
    data = yaml.safe_load(said.out)["data"]
    assert data["description"] == "nonsense \x07 text" and data["class"] == "open" and "modalities" not in data
    assert "description: " in said.err and "What it is, in a few sentences." in said.err
    # The questions ended at the full stop, before the modalities.
    assert "What kinds of content it holds." not in said.err


def test_nobody_is_asked_without_a_terminal(described: Ledger, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(described.layout.root))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    said = ask(capsys, "describe", "figures@1", "--ask")
    assert (said.code, said.out) == (2, "") and "there is none" in said.err


@pytest.mark.parametrize("more", [(), ("dataset",), ("release",)])
def test_the_hint_of_lg0309_works(more: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    said = ask(capsys, "describe", "--fields", *more)
    assert said.code == 0
    assert ("  personal_data (yes, no, unknown)\n" in said.out) is (more != ("release",))
    assert ("  placed_on_union_market (date)\n" in said.out) is (more != ("dataset",))
    assert ask(capsys, "describe", "--fields", *more, "--json").json()["result"]["fields"].keys() == set(more or ("dataset", "release"))
