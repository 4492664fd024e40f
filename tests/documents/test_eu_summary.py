"""The public summary of training content: its fields, its answers, and what it never says."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from documents import making
from documents.making import dataset, release

from ledger.exporters.eu_summary import summary, summary_json, summary_markdown
from ledger.spec.evidence import Evidence, ReleaseFacts

ROOT = Path(__file__).resolve().parent.parent.parent
# The template's sections and fields, read from transcriptions of C(2025) 5235 and C(2025) 8311.
MODALITIES = ("text", "image", "audio", "video", "other")
TEMPLATE = {
    "header": ["version_of_summary", "links_to_previous_versions", "last_update"],
    "1.1": ["provider_name_and_contact", "authorised_representative_name_and_contact"],
    "1.2": ["versioned_model_names", "model_dependencies", "date_of_placement_on_union_market"],
    "1.3": [
        *(f"{modality}_{name}" for modality in MODALITIES for name in ("training_data_size", "types_of_content")),
        "latest_date_of_data_acquisition",
        "continuously_trained",
        "linguistic_characteristics",
        "other_characteristics",
        "additional_comments",
    ],
    "2.1": ["used", "modalities", "large_public_datasets", "other_public_datasets_description", "additional_comments"],
    "2.2.1": ["commercial_licensing_agreements_with_rightsholders", "modalities"],
    "2.2.2": [
        "other_private_third_party_datasets",
        "modalities",
        "publicly_known_list",
        "description_of_not_publicly_known",
        "additional_comments",
    ],
    "2.3": [
        "crawlers_used_by_or_for_provider",
        "crawler_names",
        "purposes",
        "behaviour",
        "period",
        "content_and_sources_description",
        "modalities",
        "top_domains",
        "additional_comments",
    ],
    "2.4": ["model_interactions_used", "other_services_interactions_used", "services_description", "modalities", "additional_comments"],
    "2.5": ["synthetic_used", "modalities", "market_models_used", "other_models_description", "additional_comments"],
    "2.6": ["other_sources", "narrative", "additional_comments"],
    "3.1": ["code_of_practice_signatory", "tdm_reservation_measures", "additional_comments"],
    "3.2": ["illegal_content_measures"],
    "3.3": ["other_information"],
}
QUESTIONS = {
    ("1.3", "continuously_trained"),
    ("2.1", "used"),
    ("2.2.1", "commercial_licensing_agreements_with_rightsholders"),
    ("2.2.2", "other_private_third_party_datasets"),
    ("2.3", "crawlers_used_by_or_for_provider"),
    ("2.4", "model_interactions_used"),
    ("2.4", "other_services_interactions_used"),
    ("2.5", "synthetic_used"),
    ("2.6", "other_sources"),
    ("3.1", "code_of_practice_signatory"),
}
# Kind of source in `about`: section, question, and the origin of datasets of this kind.
KINDS = {
    "public": ("2.1", "used", "public"),
    "licensed": ("2.2.1", "commercial_licensing_agreements_with_rightsholders", "licensed"),
    "third_party": ("2.2.2", "other_private_third_party_datasets", "third-party"),
    "crawled": ("2.3", "crawlers_used_by_or_for_provider", "crawled"),
    "model_interactions": ("2.4", "model_interactions_used", "model-interactions"),
    "service_interactions": ("2.4", "other_services_interactions_used", "service-interactions"),
    "synthetic": ("2.5", "synthetic_used", "synthetic"),
    "other": ("2.6", "other_sources", "other"),
}
SCHEMA = json.loads((ROOT / "schemas/eu-summary/v1.schema.json").read_text("utf-8"))


def read(facts: ReleaseFacts) -> dict[str, Any]:
    """The document as a program gets it, checked against the public schema."""
    said: dict[str, Any] = json.loads(summary_json(facts))
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(said)
    return said


def field(facts: ReleaseFacts, section: str, id: str) -> Any:
    return read(facts)["sections"][section][id]


def test_every_field_of_the_template_is_in_the_schema_and_in_every_summary() -> None:
    sections = SCHEMA["properties"]["sections"]
    assert sections["required"] == list(TEMPLATE)
    assert {id: item["required"] for id, item in sections["properties"].items()} == TEMPLATE
    for facts in (release(), release(dataset(1, origin="public")), release(**making.PROVIDER)):
        said = read(facts)
        assert {id: list(fields) for id, fields in said["sections"].items()} == TEMPLATE
        shown = summary_markdown(facts).decode("utf-8")
        assert shown.count("\n- **") == sum(map(len, TEMPLATE.values()))


def test_nothing_recorded_is_not_answered_and_not_recorded() -> None:
    for section, fields in read(release())["sections"].items():
        for id, found in fields.items():
            wanted = ("question", "not answered") if (section, id) in QUESTIONS else ("content", "not recorded")
            assert (found["form"], found["value"]) == wanted, (section, id)
            assert found["evidence"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_is_answered_by_the_provider_or_by_a_recorded_dataset(kind: str) -> None:
    section, id, origin = KINDS[kind]
    for word, wanted in (("yes", "yes"), ("no", "no"), ("unknown", "not answered")):
        found = field(release(sources={kind: word}), section, id)
        assert found["value"] == wanted
        assert found["evidence"] == ([] if word == "unknown" else [{"index": 9, "pointer": f"/predicate/about/sources/{kind}"}])
    shown = field(release(dataset(3, origin=origin)), section, id)
    assert shown["value"] == "yes" and {"artifact": f"tree:{3:064x}", "index": 3, "pointer": "/predicate/data"} in shown["evidence"]
    # Silence about this kind, and datasets of every other, say nothing.
    others = [dataset(n, origin=item[2]) for n, item in enumerate(KINDS.values(), 1) if item[2] != origin]
    assert field(release(*others), section, id)["value"] == "not answered"


@pytest.mark.parametrize("kind", KINDS)
def test_a_no_against_a_recorded_dataset_is_a_yes_and_said_to_be_a_contradiction(kind: str) -> None:
    section, id, origin = KINDS[kind]
    facts = release(dataset(1, "figures@1", origin=origin), sources={kind: "no"})
    assert field(facts, section, id)["value"] == "yes"
    (found,) = read(facts)["contradictions"]
    assert (found["section"], found["field"], found["datasets"][0]["name"]) == (section, id, "figures@1")
    assert b"The provider answers no to" in summary_markdown(facts)
    assert read(release(dataset(1, origin=origin), sources={kind: "yes"}))["contradictions"] == []


def test_fields_are_asked_for_as_the_answers_say() -> None:
    for answer, wanted in ((None, "not known"), ("no", "not asked"), ("yes", "required")):
        facts = release(sources={} if answer is None else {"crawled": answer})
        assert field(facts, "2.3", "crawler_names")["need"] == wanted
    for answer, wanted in ((None, "not known"), ("yes", "not asked"), ("no", "required")):
        provider = {"name": "x", **({} if answer is None else {"in_union": answer})}
        assert field(release(provider=provider), "1.1", "authorised_representative_name_and_contact")["need"] == wanted
    both = {"model_interactions": "no", "service_interactions": "no"}
    assert field(release(sources=both), "2.4", "services_description")["need"] == "not asked"
    assert field(release(sources={"model_interactions": "no"}), "2.4", "services_description")["need"] == "not known"


def test_public_datasets_are_listed_with_name_link_description_and_period() -> None:
    one = dataset(
        1,
        "figures@1",
        where=("https://example.org/f",),
        origin="public",
        description="Rows.",
        acquired={"from": "2024-01", "to": "2024-06"},
    )
    two = dataset(2, "bare", origin="public")
    found = field(release(two, one, dataset(3, origin="synthetic")), "2.1", "large_public_datasets")["value"]
    assert [(item["name"], item["link"], item["description"], item["collection_period"]) for item in found] == [
        ("bare", "not recorded", "not recorded", "not recorded"),
        ("figures@1", "https://example.org/f", "Rows.", "2024-01 to 2024-06"),
    ]
    assert found[1]["evidence"] == [
        {"artifact": one.artifact, "index": 1, "pointer": "/predicate/data"},
        {"artifact": one.artifact, "index": 9, "pointer": "/predicate/components/1"},
    ]


def test_content_of_the_other_sections() -> None:
    facts = release(
        dataset(
            1,
            origin="synthetic",
            generators=[{"name": "m1", "market": "yes", "summary": "https://e.org"}, {"name": "m2"}],
            modalities=["text"],
        ),
        dataset(
            2,
            origin="crawled",
            crawlers=[{"name": "bot", "purpose": "text", "behaviour": "polite"}],
            domains=["a.org"],
            modalities=["image"],
        ),
        dataset(3, origin="third-party", publicly_known="yes", modalities=["video"]),
        dataset(4, "secret@1", origin="third-party", description="Contracts.", acquired={"to": "2025-03"}),
        upstream=(("base@3", Evidence("ref:0", 5, None, "/predicate/from/1")),),
        modified_from=[{"name": "granite@3"}],
        training_data=[{"modality": "audio", "size": "< 10 000 hours", "content_types": ["speech"]}],
        comments={"1.3": "rounded", "2.1": 7},
        modalities={"public": ["audio"]},
        **making.PROVIDER,
    )
    said = read(facts)["sections"]
    value = {(section, id): item["value"] for section, fields in said.items() for id, item in fields.items()}
    assert value["2.5", "market_models_used"] == [{"name": "m1", "summary": "https://e.org"}]
    assert value["2.5", "other_models_description"] == "m2"
    assert value["2.5", "modalities"] == ["text"]
    assert (value["2.3", "crawler_names"], value["2.3", "purposes"], value["2.3", "top_domains"]) == (["bot"], "text", ["a.org"])
    assert [item["name"] for item in value["2.2.2", "publicly_known_list"]] == ["d3@1"]
    # Nobody says that it is publicly known: its name is not told.
    assert value["2.2.2", "description_of_not_publicly_known"] == "Contracts." and "secret" not in json.dumps(
        said["2.2.2"]["publicly_known_list"]
    )
    assert [item["name"] for item in value["1.2", "model_dependencies"]] == ["granite@3", "base@3"]
    assert value["1.3", "audio_training_data_size"] == "< 10 000 hours" and value["1.3", "audio_types_of_content"] == ["speech"]
    assert (value["1.3", "additional_comments"], value["2.1", "additional_comments"]) == ("rounded", "not recorded")
    assert value["1.3", "latest_date_of_data_acquisition"] == "2025-03"
    assert value["2.1", "modalities"] == ["audio"]
    assert value["1.1", "provider_name_and_contact"] == {"name": "Example", "contact": "not recorded"}


COMMENTED = ("1.3", "2.1", "2.2.2", "2.3", "2.4", "2.5", "2.6", "3.1")
PLAIN = {
    ("header", "version_of_summary"): {"summary": {"version": "3"}},
    ("header", "links_to_previous_versions"): {"summary": {"earlier": ["https://example.org/2"]}},
    ("header", "last_update"): {"summary": {"updated": "2026-02"}},
    ("1.2", "versioned_model_names"): {"model_versions": ["reader 1"]},
    ("1.2", "date_of_placement_on_union_market"): {"placed_on_union_market": "2026-01-02"},
    ("1.3", "latest_date_of_data_acquisition"): {"latest_acquisition": "2025-12"},
    ("1.3", "linguistic_characteristics"): {"linguistic_characteristics": "mostly English"},
    ("1.3", "other_characteristics"): {"other_characteristics": "mostly old"},
    ("2.1", "other_public_datasets_description"): {"other_public": "many small ones"},
    ("2.2.2", "description_of_not_publicly_known"): {"private_datasets": "contracts"},
    ("2.3", "crawler_names"): {"crawl": {"names": ["bot"]}},
    ("2.3", "purposes"): {"crawl": {"purposes": "text"}},
    ("2.3", "behaviour"): {"crawl": {"behaviour": "polite"}},
    ("2.3", "content_and_sources_description"): {"crawl": {"content": "news"}},
    ("2.3", "top_domains"): {"crawl": {"domains": ["example.org"]}},
    ("2.4", "services_description"): {"user_services": "a chat"},
    ("2.5", "other_models_description"): {"synthetic": {"other_models": "our own"}},
    ("2.6", "narrative"): {"other_sources": "donations"},
    ("3.1", "tdm_reservation_measures"): {"tdm_measures": "robots.txt"},
    ("3.2", "illegal_content_measures"): {"illegal_content_measures": "filters"},
    ("3.3", "other_information"): {"other_information": "none"},
    **{
        (section, "additional_comments"): {"comments": {section: "a word"}}
        for section in ("1.3", "2.1", "2.2.2", "2.3", "2.4", "2.5", "2.6", "3.1")
    },
}


@pytest.mark.parametrize("place", PLAIN, ids="/".join)
def test_what_the_provider_says_is_in_its_field_and_in_no_other(place: tuple[str, str]) -> None:
    about = PLAIN[place]
    wanted: Any = about
    path = []
    while isinstance(wanted, dict):
        ((name, wanted),) = wanted.items()
        path.append(name)
    said = read(release(**about))["sections"]
    assert said[place[0]][place[1]]["value"] == wanted
    assert said[place[0]][place[1]]["evidence"] == [{"index": 9, "pointer": f"/predicate/about/{'/'.join(path)}"}]
    filled = {
        (section, id)
        for section, fields in said.items()
        for id, item in fields.items()
        if item["value"] not in ("not recorded", "not answered")
    }
    assert filled == {place}


def test_sizes_are_summed_where_nothing_is_said_and_never_called_all() -> None:
    sized = [dataset(n, origin="public", modalities=["text"], size={"value": 1.5 * n, "unit": "tokens"}) for n in (1, 2)]
    others = [dataset(3, modalities=["text", "image"], size={"value": 9, "unit": "tokens"}), dataset(4, modalities=["text"])]
    others.append(dataset(5, modalities=["text"], size={"value": 7, "unit": "bytes"}))
    found = field(release(*sized, *others), "1.3", "text_training_data_size")["value"]
    assert found == "4.5 tokens, summed over 2 of 4 datasets of this modality alone; not stated for all data"


def test_datasets_that_are_in_no_section_are_named() -> None:
    facts = release(dataset(1, "lost@1"), dataset(2, origin="public"))
    assert [item["name"] for item in read(facts)["unassigned"]] == ["lost@1"]
    assert "- lost@1" in summary_markdown(facts).decode("utf-8")


@pytest.mark.parametrize("text", making.HOSTILE)
def test_names_from_strangers_stay_text(text: str) -> None:
    facts = release(
        dataset(1, text, where=(text,), origin="public", description=text, generators=[{"name": text, "market": "yes"}]),
        provider={"name": text, "contact": text},
        other_information=text,
    )
    assert read(facts)["sections"]["2.1"]["large_public_datasets"]["value"][0]["name"] == text
    shown = summary_markdown(facts).decode("utf-8")
    assert shown.count("\n#") == summary_markdown(release()).decode("utf-8").count("\n#")
    assert "<" not in shown.replace("\\<", "") and "\x1b" not in shown and "\u202e" not in shown
    assert "](" not in shown.replace("\\](", "")


def test_the_order_of_facts_does_not_matter() -> None:
    items = [
        dataset(n, f"d{n % 5}", origin=origin, description=f"x{n}")
        for n, origin in enumerate(["public", "crawled", "synthetic", "other"] * 5, 1)
    ]
    behind = tuple((f"b{n % 2}", Evidence(f"ref:{n}", n, None, "/p")) for n in range(4))
    wanted = (summary_json(release(*items, upstream=behind)), summary_markdown(release(*items, upstream=behind)))
    for seed in range(5):
        mixed = random.Random(seed).sample(items, len(items))
        other = release(*mixed, upstream=behind[::-1])
        assert (summary_json(other), summary_markdown(other)) == wanted


def test_two_thousand_datasets() -> None:
    facts = release(*(dataset(n, origin="public", description="x" * 100) for n in range(1, 2001)))
    said = read(facts)
    assert len(said["sections"]["2.1"]["large_public_datasets"]["value"]) == 2000
    # Each dataset is written out in the list, and its evidence once more with each of the two fields that rest on it.
    assert len(summary_json(facts)) < 2000 * 3000
    assert len(summary_markdown(facts)) < 2000 * 500


def test_it_judges_nothing() -> None:
    facts = release(dataset(1, origin="public"), **making.PROVIDER)
    for text in (summary_json(facts), summary_markdown(facts), json.dumps(summary(facts)).encode()):
        assert not any(word in text.lower() for word in (b"compliant", b"compliance", b"conform", b"approved"))
