"""California's training data documentation: twelve items, and nothing concluded from silence."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from documents import making
from documents.making import dataset, release

from ledger.exporters.ab2013 import documentation_json, documentation_markdown
from ledger.spec.evidence import Evidence, ReleaseFacts

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = json.loads((ROOT / "schemas/ab2013/v1.schema.json").read_text("utf-8"))
# Civil Code 3111, items 1 to 12, each with a field of data information that answers it and what is then said.
ANSWERS: dict[str, tuple[dict[str, Any], str]] = {
    "1": ({"owner": "Example Ltd."}, "Example Ltd."),
    "2": ({"purpose": "Teaches adding."}, "Teaches adding."),
    "3": ({"data_points": "10 to 20 million"}, "10 to 20 million"),
    "4": ({"point_types": "labels"}, "labels"),
    "5": ({"public_domain": "yes"}, "entirely in the public domain"),
    "6": ({"purchased_or_licensed": "no"}, "no"),
    "7": ({"personal_data": "no"}, "no"),
    "8": ({"consumer_information": "no"}, "no"),
    "9": ({"processing": "deduplicated, against memorisation"}, "processing: deduplicated, against memorisation"),
    "10": ({"acquired": {"from": "2024", "ongoing": "yes"}}, "2024 to today, ongoing"),
    "11": ({"first_used": "2025-01"}, "2025-01"),
    "12": ({"origin": "synthetic"}, "yes"),
}


def read(facts: ReleaseFacts) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(documentation_json(facts))
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(said)
    return said


def test_the_twelve_items_are_always_there() -> None:
    assert SCHEMA["properties"]["items"]["required"] == [str(number) for number in range(1, 13)]
    for facts in (release(), release(dataset(1))):
        said = read(facts)
        assert {item["value"] for item in said["items"].values()} == {"not recorded"}
        assert all(set(item["items"].values()) == {"not recorded"} for item in said["datasets"])
        assert said["exemptions_claimed"] == {"value": "not recorded", "evidence": []}


@pytest.mark.parametrize("number", ANSWERS)
def test_each_item_from_its_field_and_from_no_other(number: str) -> None:
    data, wanted = ANSWERS[number]
    said = read(release(dataset(1, **data)))
    assert said["datasets"][0]["items"][number] == wanted
    assert said["items"][number]["value"] == wanted
    assert said["items"][number]["evidence"] == [
        {"artifact": f"tree:{1:064x}", "index": 1, "pointer": "/predicate/data"},
        {"artifact": f"tree:{1:064x}", "index": 9, "pointer": "/predicate/components/1"},
    ]
    assert {other for other, value in said["datasets"][0]["items"].items() if value != "not recorded"} == {number}


@pytest.mark.parametrize(("number", "name"), [("6", "purchased_or_licensed"), ("7", "personal_data"), ("8", "consumer_information")])
def test_one_yes_is_a_yes_and_a_no_needs_all(number: str, name: str) -> None:
    def together(*words: str | None) -> str:
        items = [dataset(n, **({name: word} if word else {})) for n, word in enumerate(words, 1)]
        return str(read(release(*items))["items"][number]["value"])

    assert together("no", "no") == "no"
    assert together("no", None) == "not recorded"
    assert together("no", "unknown") == "not recorded"
    assert together("no", None, "yes") == "yes"
    assert together() == "not recorded"


def test_sums() -> None:
    items = [
        dataset(1, size={"value": 10, "unit": "tokens"}, acquired={"from": "2024-03", "to": "2024-05"}, first_used="2025-02"),
        dataset(2, size={"value": 2.5, "unit": "tokens"}, acquired={"from": "2023", "to": "2024-01"}, first_used="2024-12"),
        dataset(3, size={"value": 7, "unit": "images"}),
    ]
    said = read(release(*items, sources={"synthetic": "no"}))["items"]
    assert said["3"]["value"] == "7 images in 1 of 3 datasets; 12.5 tokens in 2 of 3 datasets"
    assert said["10"]["value"] == "2023 to 2024-05"
    assert said["11"]["value"] == "2024-12 to 2025-02"
    assert (said["11"]["recorded"], said["11"]["datasets"]) == (2, 3)
    assert (said["12"]["value"], said["12"]["evidence"]) == ("no", [{"index": 9, "pointer": "/predicate/about/sources/synthetic"}])
    # A dataset that was generated outweighs a no.
    assert read(release(dataset(1, generators=[{"name": "m"}]), sources={"synthetic": "no"}))["items"]["12"]["value"] == "yes"


def test_a_licence_alone_says_nothing_about_protection() -> None:
    assert read(release(dataset(1, license="MIT")))["datasets"][0]["items"]["5"] == "not recorded"
    found = read(release(dataset(1, license="MIT", intellectual_property="copyright of the authors")))["datasets"][0]["items"]["5"]
    assert found == "copyright of the authors; licence: MIT"


def test_exemptions_and_models_behind_are_said() -> None:
    facts = release(exempt=["national-security"], upstream=(("base@3", Evidence("ref:0", 5, None, "/predicate/from/1")),))
    said = read(facts)
    assert said["exemptions_claimed"]["value"] == ["national-security"]
    assert said["training_data_unknown_of"][0]["name"] == "base@3"
    assert "It was made from base@3, of which nobody recorded the training data." in documentation_markdown(facts).decode()


@pytest.mark.parametrize("text", making.HOSTILE)
def test_names_from_strangers_stay_text(text: str) -> None:
    facts = release(dataset(1, text, owner=text, purpose=text, where=(text,)))
    assert read(facts)["datasets"][0]["name"] == text
    shown = documentation_markdown(facts).decode("utf-8")
    assert shown.count("\n#") == 3 and "<" not in shown.replace("\\<", "") and "](" not in shown.replace("\\](", "")
    assert "\x1b" not in shown and "\u202e" not in shown


def test_two_thousand_datasets_in_any_order() -> None:
    items = [dataset(n, owner=f"owner {n}", purpose="x") for n in range(1, 2001)]
    data = documentation_json(release(*items))
    assert len(data) < 2000 * 2500
    assert json.loads(data)["items"]["1"]["value"] == "2000 different answers, below"
    assert documentation_json(release(*random.Random(1).sample(items, 2000))) == data
    assert b"compliant" not in data and b"compliant" not in documentation_markdown(release(*items))
