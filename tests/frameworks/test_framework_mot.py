"""The profile of the Model Openness Tool against the tool's own published results, and its properties."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata

from ledger.frameworks.engine import evaluate
from ledger.frameworks.profiles import load_profile
from ledger.importers.mot import read_model
from ledger.spec.evidence import ComponentFact, LicenseFact, ReleaseFacts

CLASS_3 = ("architecture", "weights", "evaluation-results", "model-card", "data-card", "technical-report")
CLASS_2 = ("training-code", "inference-code", "evaluation-code", "evaluation-data")
CLASS_1 = ("datasets", "preprocessing-code", "intermediate-weights", "research-paper")
OPTIONAL = ("sample-outputs", "supporting-libraries", "model-metadata")
ROLES = CLASS_3 + CLASS_2 + CLASS_1 + OPTIONAL


@pytest.fixture(scope="module")
def profile():
    return load_profile("mot-2026-05")


def release(components, licenses=None) -> ReleaseFacts:
    return ReleaseFacts("sha256:" + "0" * 64, "m", "1", tuple(components), {key: said(text) for key, text in (licenses or {}).items()})


def said(text: str, basis: str = "declared") -> LicenseFact:
    # The normal form of these strings is themselves; the tests here use no others.
    return LicenseFact(text, text, basis)


def component(role: str, license_id: str | None = "MIT", availability: str = "verified", unlicensed: bool = False) -> ComponentFact:
    return ComponentFact(role, availability, license=None if license_id is None else said(license_id), unlicensed=unlicensed)


def figures(verdict):
    return tuple(verdict.figures[name] for name in ("class_3", "class_2", "class_1"))


def test_all_published_results_come_out_exactly(profile):
    models = json.loads(refdata("mof", "expected_27.json").read_bytes())["models"]
    assert len(models) == 27
    for model in models:
        verdict = evaluate(profile, read_model(json.dumps(model).encode(), name=model["name"]))
        expected = model["expect"]
        assert (verdict.class_id, verdict.class_label) == (str(expected["class"]), expected["label"]), model["name"]
        assert {name: verdict.figures[f"class_{name}"] for name in "123"} == expected["progress"], model["name"]
        assert (verdict.believed == "pass") == (verdict.class_id != "0")
        # A registry's record holds no bytes, so nothing passes by evidence.
        assert verdict.result != "pass"
        assert verdict.class_by_evidence == "0"


@pytest.mark.parametrize(
    ("name", "class_id"),
    [
        ("OLMo-7B-hf", "1"),
        ("Pythia-70M", "1"),
        ("Pythia-14M", "0"),
        ("Granite-4.0-H-Tiny", "3"),
        ("DeepSeek-Coder", "0"),
        ("T5-11b", "0"),
        ("Grok-0", "0"),
    ],
)
def test_real_records(profile, name, class_id):
    facts = read_model(refdata("mof", "models", f"{name}.yml").read_bytes(), name=name)
    assert facts.unresolved == ()
    assert evaluate(profile, facts).class_id == class_id


def test_every_record_at_hand_can_be_read_and_evaluated(profile):
    files = sorted(refdata("mof", "models").glob("*.yml")) + sorted(refdata("mof", "test_data").glob("*.yml"))
    assert len(files) > 30
    for file in files:
        facts = read_model(file.read_bytes(), name=file.name)
        assert facts.unresolved == ()
        assert evaluate(profile, facts).result in ("fail", "unknown")


@pytest.mark.parametrize(
    ("roles", "expected", "class_id", "result"),
    [
        ((), (0.0, 0.0, 0.0), "0", "unknown"),
        (CLASS_3[:3], (50.0, 0.0, 0.0), "0", "unknown"),
        (CLASS_3, (100.0, 60.0, 0.0), "3", "pass"),
        (CLASS_3[:5], (83.33333333333334, 0.0, 0.0), "0", "unknown"),
        (("architecture", "technical-report", "research-paper"), (33.33333333333333, 0.0, 0.0), "0", "unknown"),
        ((*CLASS_3[:5], "research-paper"), (100.0, 60.0, 0.0), "3", "pass"),
        (CLASS_3 + CLASS_2, (100.0, 100.0, 71.42857142857143), "2", "pass"),
        (CLASS_3[:5] + CLASS_2 + ("research-paper",), (100.0, 100.0, 76.92307692307693), "2", "pass"),
        (CLASS_3 + CLASS_2 + CLASS_1, (100.0, 100.0, 100.0), "1", "pass"),
        (CLASS_3[:5] + CLASS_2 + CLASS_1, (100.0, 100.0, 100.0), "1", "pass"),
        (CLASS_3 + CLASS_2 + CLASS_1[:3], (100.0, 100.0, 92.85714285714286), "2", "pass"),
        (ROLES, (100.0, 100.0, 100.0), "1", "pass"),
        (CLASS_2 + CLASS_1, (16.666666666666664, 0.0, 0.0), "0", "unknown"),
    ],
)
def test_classes_from_verified_components(profile, roles, expected, class_id, result):
    verdict = evaluate(profile, release(component(role) for role in roles))
    assert (figures(verdict), verdict.class_id, verdict.result) == (expected, class_id, result)
    assert verdict.class_by_evidence == class_id
    assert verdict.figures["total"] == pytest.approx(sum(expected) / 3)


def rule(verdict, name):
    return next(item for item in verdict.rules if item.rule == name)


@pytest.mark.parametrize(
    ("facts", "result", "reason"),
    [
        (component("weights", "MIT"), "pass", "LICENCE_NOT_TYPE_APPROPRIATE"),
        (component("weights", "CDLA-Permissive-2.0"), "pass", "MET"),
        (component("weights", "OpenMDW-1.0"), "pass", "MET"),
        (component("weights", "CC-BY-NC-4.0"), "fail", "LICENCE_NOT_OPEN"),
        (component("weights", "PDDL-1.0"), "fail", "LICENCE_NOT_OPEN"),
        (component("weights", "CDDL-1.1"), "fail", "LICENCE_NOT_OPEN"),
        (component("weights", "LicenseRef-gemma"), "unknown", "HUMAN_JUDGEMENT_REQUIRED"),
        (component("weights", "NOASSERTION"), "unknown", "LICENCE_MISSING"),
        (component("weights", None), "unknown", "LICENCE_MISSING"),
        (component("weights", None, unlicensed=True), "fail", "LICENCE_MISSING"),
        (component("weights", "NONE"), "fail", "LICENCE_MISSING"),
        (component("weights", "MIT OR CC-BY-NC-4.0"), "pass", "LICENCE_NOT_TYPE_APPROPRIATE"),
        (component("weights", "CC-BY-NC-4.0 AND MIT"), "fail", "LICENCE_NOT_OPEN"),
        (component("weights", "LicenseRef-a AND MIT"), "unknown", "HUMAN_JUDGEMENT_REQUIRED"),
        (component("weights", availability="claimed"), "unknown", "COMPONENT_CLAIMED_ONLY"),
        (component("weights", availability="referenced"), "unknown", "COMPONENT_CLAIMED_ONLY"),
        (component("weights", availability="gated"), "unknown", "COMPONENT_CLAIMED_ONLY"),
        (component("weights", availability="partial"), "unknown", "COMPONENT_MISSING"),
        (component("weights", availability="unknown"), "unknown", "COMPONENT_MISSING"),
        (component("weights", availability="absent"), "fail", "COMPONENT_MISSING"),
        (component("datasets", "MIT"), "unknown", "COMPONENT_MISSING"),
    ],
)
def test_one_component(profile, facts, result, reason):
    found = rule(evaluate(profile, release([facts])), "weights")
    assert (found.result, found.reason) == (result, reason)
    assert found.detail
    assert bool(found.would_change) == (reason != "MET")


def test_free_text_is_unknown_and_a_registrys_strings_are_compared_exactly(profile):
    for text, basis, normalized, reason in (
        ("Apache 2.0", "registry", "NOASSERTION", "LICENCE_UNKNOWN_ID"),
        ("Apache 2.0", "declared", "NOASSERTION", "LICENCE_UNKNOWN_ID"),
        ("apache-2.0", "registry", "Apache-2.0", "HUMAN_JUDGEMENT_REQUIRED"),
        ("MIT OR ISC", "registry", "ISC OR MIT", "HUMAN_JUDGEMENT_REQUIRED"),
    ):
        fact = ComponentFact("architecture", "verified", license=LicenseFact(text, normalized, basis))
        found = rule(evaluate(profile, release([fact])), "architecture")
        assert (found.result, found.reason) == ("unknown", reason), text
    fact = ComponentFact("architecture", "verified", license=LicenseFact("apache-2.0", "Apache-2.0"))
    assert rule(evaluate(profile, release([fact])), "architecture").result == "pass"


@pytest.mark.parametrize(
    ("own", "unlicensed", "licenses", "included", "result"),
    [
        (None, False, {"code": "MIT", "distribution": "CC-BY-NC-4.0"}, True, "unknown"),
        (None, False, {"distribution": "MIT"}, True, "unknown"),
        (None, False, {"data": "MIT"}, False, "unknown"),
        (None, False, {"code": "CC-BY-NC-4.0", "distribution": "MIT"}, False, "fail"),
        (None, False, {"code": "unlicensed", "distribution": "MIT"}, False, "fail"),
        ("CC-BY-NC-4.0", False, {"distribution": "MIT"}, False, "fail"),
        ("MIT", False, {"distribution": "CC-BY-NC-4.0"}, True, "pass"),
        (None, True, {"distribution": "MIT"}, False, "fail"),
    ],
)
def test_licence_resolution(profile, own, unlicensed, licenses, included, result):
    # The tool lets a component inherit; by evidence it needs a licence of its own.
    facts = release([component("architecture", own, unlicensed=unlicensed)], licenses)
    verdict = evaluate(profile, facts)
    assert verdict.figures["class_3"] == (16.666666666666664 if included else 0.0)
    assert rule(verdict, "architecture").result == result


def test_the_paper_stands_in_for_the_report(profile):
    without = rule(evaluate(profile, release(component(role) for role in CLASS_3[:5])), "technical-report")
    assert (without.result, without.reason) == ("unknown", "COMPONENT_MISSING")
    found = rule(evaluate(profile, release(component(role) for role in (*CLASS_3[:5], "research-paper"))), "technical-report")
    assert (found.result, found.reason) == ("not_applicable", "MET")
    verdict = evaluate(profile, release([component("technical-report", "CC-BY-NC-4.0"), component("research-paper")]))
    assert rule(verdict, "technical-report").result == "not_applicable"
    assert rule(verdict, "class-3").result == "unknown"


def test_classes_by_evidence_are_told_apart_from_claims(profile):
    facts = release(component(role, availability="claimed" if role in CLASS_2 else "verified") for role in ROLES)
    verdict = evaluate(profile, facts)
    assert (verdict.class_id, verdict.result, verdict.believed) == ("1", "pass", "pass")
    assert [rule(verdict, f"class-{name}").result for name in "321"] == ["pass", "unknown", "unknown"]
    assert verdict.to_json()["class"] == {"id": "1", "label": "Class I - Open Science Model", "by_evidence": "3"}


OPEN = ("MIT", "CC-BY-4.0", "CDLA-Permissive-2.0")
CLOSED = ("CC-BY-NC-4.0", "LicenseRef-x", "NOASSERTION", None)
choices = st.dictionaries(st.sampled_from(ROLES), st.sampled_from(OPEN + CLOSED))


@given(choices, st.sampled_from(ROLES), st.sampled_from(OPEN))
def test_opening_something_never_lowers_a_figure(chosen, role, license_id):
    profile = load_profile("mot-2026-05")
    before = evaluate(profile, release(component(key, value) for key, value in chosen.items()))
    after = evaluate(profile, release(component(key, value) for key, value in {**chosen, role: license_id}.items()))
    assert all(after.figures[name] >= value for name, value in before.figures.items())


CLASSES = ("0", "3", "2", "1")
AVAILABILITIES = ("verified", "referenced", "claimed", "unknown")


@given(
    choices,
    st.dictionaries(st.sampled_from(ROLES), st.sampled_from(AVAILABILITIES)),
    st.sampled_from(ROLES),
    st.integers(0, 3),
    st.booleans(),
)
def test_removing_evidence_never_improves(chosen, available, role, drop, inherits):
    profile = load_profile("mot-2026-05")
    whole = {"distribution": "MIT"} if inherits else {}

    def facts(levels, licenses):
        return release((component(key, value, levels.get(key, "verified")) for key, value in licenses.items()), whole)

    before = evaluate(profile, facts(available, chosen))
    lower = AVAILABILITIES[min(AVAILABILITIES.index(available.get(role, "verified")) + drop, 3)]
    fewer = {key: value for key, value in chosen.items() if key != role}
    for after in (
        evaluate(profile, facts({**available, role: lower}, chosen)),
        evaluate(profile, facts(available, fewer)),
        evaluate(profile, facts(available, {**fewer, **({role: None} if role in chosen else {})})),
    ):
        assert not (after.result == "pass" != before.result)
        assert CLASSES.index(after.class_by_evidence) <= CLASSES.index(before.class_by_evidence)
        if not inherits:
            # What a component inherits when its own licence is left out is the framework's rule: believed, and no evidence.
            assert not (after.believed == "pass" != before.believed)
            assert all(after.figures[name] <= value for name, value in before.figures.items())


@given(choices, st.randoms(use_true_random=False))
def test_order_of_components_does_not_matter(chosen, rng: random.Random):
    profile = load_profile("mot-2026-05")
    parts = [component(key, value) for key, value in chosen.items()] + [component("datasets", "MIT"), component("datasets", "LicenseRef-y")]
    expected = json.dumps(evaluate(profile, release(parts)).to_json())
    rng.shuffle(parts)
    assert json.dumps(evaluate(profile, release(parts)).to_json()) == expected
