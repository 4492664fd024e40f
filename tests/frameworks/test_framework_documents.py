"""Profiles of what has to be published, the listed conditions of the EU exemption, and the scores of the indexes."""

from __future__ import annotations

import pytest
from frameworks.facts import component, dataset, judge, release, rule

from ledger.frameworks.profiles import load_profile
from ledger.spec.evidence import JudgementFact, ReleaseFacts

EXEMPT = {"monetised": "no", "systemic_risk": "no", "training_compute_flop": 1e24}
PUBLIC = [component("weights"), component("model-card", "CC-BY-4.0")]

# Every section of the template, with its yes/no questions: frameworks.yaml, eu-training-summary-2025.
QUESTIONS = {"1.1-in-union", "1.3-continuous", "2.1-used", "2.2.1-agreements", "2.2.2-obtained", "2.3-crawled", "2.4-model"}
QUESTIONS |= {"2.4-services", "2.5-synthetic", "2.6-other", "3.1-code-of-practice"}
SECTIONS = {"header", "1.1", "1.2", "1.3", "2.1", "2.2.1", "2.2.2", "2.3", "2.4", "2.5", "2.6", "3.1", "3.2"}
NOTHING = dict.fromkeys(
    ("public", "licensed", "third_party", "crawled", "model_interactions", "service_interactions", "synthetic", "other"), "no"
)
COMPLETE = {
    "summary": {"version": "1", "updated": "2026-11"},
    "provider": {"name": "A", "contact": "a@example.org", "in_union": "yes"},
    "model_versions": ["m-1"],
    "placed_on_union_market": "2026-01",
    "training_data": [{"modality": "text", "size": "<1e9"}],
    "latest_acquisition": "2025-12",
    "continuously_trained": "no",
    "linguistic_characteristics": "English",
    "other_characteristics": "none",
    "sources": NOTHING,
    "code_of_practice": "no",
    "tdm_measures": "robots.txt is honoured",
    "illegal_content_measures": "lists of hashes",
}


@pytest.mark.parametrize(
    ("components", "about", "result", "reason"),
    [
        (PUBLIC, EXEMPT, "pass", None),
        (PUBLIC, {}, "unknown", "DATA_INFO_INCOMPLETE"),
        (PUBLIC, {**EXEMPT, "monetised": "yes"}, "fail", "MONETISED"),
        (PUBLIC, {**EXEMPT, "systemic_risk": "yes"}, "fail", "SYSTEMIC_RISK"),
        (PUBLIC, {**EXEMPT, "training_compute_flop": 1.1e25}, "fail", "SYSTEMIC_RISK"),
        (PUBLIC, {**EXEMPT, "training_compute_flop": 1e25}, "pass", None),
        ([component("weights", "CC-BY-NC-4.0"), PUBLIC[1]], EXEMPT, "fail", "LICENCE_USE_RESTRICTED"),
        ([component("weights", availability="claimed"), PUBLIC[1]], EXEMPT, "unknown", "COMPONENT_CLAIMED_ONLY"),
        (PUBLIC[:1], EXEMPT, "unknown", "COMPONENT_MISSING"),
    ],
)
def test_the_exemption(components, about, result, reason):
    verdict = judge("eu-ai-act-53", release(components, about=about))
    assert verdict.result == result
    assert reason is None or reason in {item.reason for item in verdict.rules if item.result == result}
    assert "compliant" not in str(verdict.to_json())


def test_the_template_asks_for_every_section_and_question():
    rules = load_profile("eu-training-summary-2025").rules
    assert {item.id.partition("-")[0] for item in rules} == SECTIONS
    assert {item.id for item in rules if item.check == "answered"} == QUESTIONS


@pytest.mark.parametrize("left_out", [None, *COMPLETE])
def test_a_summary_is_complete_or_it_says_what_is_missing(left_out):
    verdict = judge("eu-training-summary-2025", release(about={key: value for key, value in COMPLETE.items() if key != left_out}))
    assert (verdict.result == "pass") == (left_out is None)
    assert verdict.class_label == {"pass": "complete", "fail": "incomplete", "unknown": "questions not answered"}[verdict.result]


@pytest.mark.parametrize("kind", sorted(NOTHING))
def test_an_unanswered_question_is_no_no_and_a_yes_asks_for_more(kind):
    silent = {**COMPLETE, "sources": {key: value for key, value in NOTHING.items() if key != kind}}
    assert judge("eu-training-summary-2025", release(about=silent)).result == "unknown"
    asked = {**COMPLETE, "sources": {**NOTHING, kind: "yes"}}
    assert judge("eu-training-summary-2025", release(about=asked)).result == "fail"


def test_recorded_datasets_answer_for_their_kind_and_fill_the_list():
    about = {**COMPLETE, "sources": {key: value for key, value in NOTHING.items() if key not in ("public", "synthetic")}}
    public = dataset("web", None, "referenced", where=("https://example.org",), origin="public", modalities=["text"])
    made = dataset("made", None, "claimed", origin="synthetic", description="made", modalities=["text"], generators=[{"name": "m"}])
    verdict = judge("eu-training-summary-2025", release(datasets=[public, made], about=about))
    assert verdict.result == "pass"
    assert rule(verdict, "2.1-used").evidence
    # A no beside a recorded dataset is outweighed, said, and asks for what a yes asks for.
    denied = judge("eu-training-summary-2025", release(datasets=[dataset("web", origin="public")], about=COMPLETE))
    assert rule(denied, "2.1-used").detail.endswith("the provider says no")
    assert rule(denied, "2.1-list").result == "fail"


ITEMS = {
    "owner": "A",
    "purpose": "to read figures",
    "data_points": "about 5,000",
    "point_types": "pixels",
    "intellectual_property": "none",
    "purchased_or_licensed": "no",
    "personal_data": "no",
    "consumer_information": "no",
    "processing": "none",
    "acquired": {"from": "1995"},
    "first_used": "2026-01",
}


@pytest.mark.parametrize("left_out", [None, *ITEMS])
def test_the_act_asks_for_each_item_of_every_dataset(left_out):
    short = {key: value for key, value in ITEMS.items() if key != left_out}
    facts = release(datasets=[dataset("a", **ITEMS), dataset("b", **short)], about={"sources": {"synthetic": "no"}})
    assert judge("ca-ab-2013", facts).result == ("pass" if left_out is None else "fail")


def test_the_act_does_not_apply_to_the_exempt_and_unknown_is_no_answer():
    assert judge("ca-ab-2013", release(about={"exempt": ["national-security"]})).result == "not_applicable"
    facts = release(datasets=[dataset(**{**ITEMS, "personal_data": "unknown"})], about={"sources": {"synthetic": "no"}})
    assert rule(judge("ca-ab-2013", facts), "7-personal").result == "fail"
    assert judge("ca-ab-2013", release(datasets=[dataset(**ITEMS)])).result == "unknown"


def test_the_elements_of_the_bill_of_materials_are_counted():
    # 50 elements in 7 clusters: frameworks.yaml, g7-sbom-ai-2026.
    clusters = {"metadata": 10, "system": 9, "models": 13, "datasets": 10, "infrastructure": 2, "security": 4, "kpi": 2}
    figures = judge("g7-sbom-ai-2026", release()).figures
    assert {name: figures[f"{name}_of"] for name in clusters} == clusters
    assert (figures["metadata"], figures["system"], figures["kpi"]) == (10, 0, 0)
    some = judge("g7-sbom-ai-2026", release([component("weights")], [dataset()], {"infrastructure": {"hardware": "8 GPUs"}}))
    assert (some.figures["infrastructure"], some.class_label) == (1, "21 of 50 elements")
    assert judge("g7-sbom-ai-2026", ReleaseFacts("x", "m", "1", ())).figures["metadata"] == 0


@pytest.mark.parametrize(("profile", "count"), [("osai-index-2026-03", 12), ("osai-index-2023", 14)])
def test_scores_of_judgements(profile, count):
    names = [item.id for item in load_profile(profile).rules]
    assert len(names) == count
    words = ["open", "partial", "closed"]
    judged = {name: JudgementFact(words[at % 3]) for at, name in enumerate(names)}
    verdict = judge(profile, ReleaseFacts("x", "m", "1", (), judgements=judged))
    total = sum({"open": 1, "partial": 0.5, "closed": 0}[words[at % 3]] for at in range(count))
    assert verdict.figures["total"] == pytest.approx(total if count == 14 else total / count)
    # A record is nobody's evidence: believed it is a score, and no verdict.
    assert (verdict.result, verdict.believed, verdict.figures["by_evidence"]) == ("unknown", "not_applicable", 0)
    missing = {name: item for name, item in judged.items() if name != names[0]}
    less = judge(profile, ReleaseFacts("x", "m", "1", (), judgements=missing))
    assert (less.believed, less.figures["judged"]) == ("unknown", count - 1)
    assert less.figures["total"] == pytest.approx((total - 1) if count == 14 else (total - 1) / count)


@pytest.mark.parametrize(
    ("parts", "value", "reason"),
    [
        ([component("weights")], 1.0, "MET"),
        ([component("weights", "CC-BY-NC-4.0")], 0.5, "JUDGED_PARTIAL"),
        ([component("weights", None)], 0.5, "JUDGED_PARTIAL"),
        ([component("weights", availability="gated")], 0.5, "JUDGED_PARTIAL"),
        ([component("weights", availability="absent")], 0.0, "COMPONENT_MISSING"),
        ([component("weights", availability="claimed")], 0.0, "COMPONENT_CLAIMED_ONLY"),
        ([component("weights"), component("weights", availability="absent")], 0.5, "JUDGED_PARTIAL"),
    ],
)
def test_grades_of_a_release(parts, value, reason):
    verdict = judge("osai-index-2026-03", release(parts))
    # Two of the twelve parameters look at the weights: their licence, and whether they are there at all.
    there = {"pass": 1.0, "fail": 0.5 if rule(verdict, "weights_endmodel").reason == "JUDGED_PARTIAL" else 0.0, "unknown": 0.0}
    assert verdict.figures["by_evidence"] * 12 == pytest.approx(value + there[rule(verdict, "weights_endmodel").result])
    assert rule(verdict, "licenses").reason == reason
