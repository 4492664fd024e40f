"""Red Hat's minimum: the truth table of its two legs, written out, and its properties."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canon
from ledger.frameworks.engine import evaluate
from ledger.frameworks.profiles import load_profile
from ledger.spec.evidence import ComponentFact, Evidence, LicenseFact, ReleaseFacts

SOFTWARE = ("inference-code", "architecture", "tokenizer")


def component(role: str, state: str) -> ComponentFact:
    license_id, availability = {
        "osi": ("Apache-2.0", "verified"),
        "not-osi": ("CC-BY-NC-4.0", "verified"),
        "unknown": ("LicenseRef-house", "verified"),
        "no-bytes": ("Apache-2.0", "claimed"),
    }[state]
    return ComponentFact(
        role, availability, name=f"a-{role}", license=LicenseFact(license_id, license_id, evidence=(Evidence(index=3, pointer="/l"),))
    )


def release(components, licenses=None) -> ReleaseFacts:
    return ReleaseFacts("sha256:" + "0" * 64, "m", "1", tuple(components), licenses or {})


def judge(components, licenses=None):
    return evaluate(load_profile("redhat-minimum-2025"), release(components, licenses))


# Weights, software, by evidence, if every claim is believed.
TRUTH = [
    ("osi", "osi", "pass", "pass"),
    ("osi", "not-osi", "fail", "fail"),
    ("osi", "unknown", "unknown", "unknown"),
    ("osi", "no-bytes", "unknown", "pass"),
    ("not-osi", "osi", "fail", "fail"),
    ("not-osi", "not-osi", "fail", "fail"),
    ("not-osi", "unknown", "fail", "fail"),
    ("not-osi", "no-bytes", "fail", "fail"),
    ("unknown", "osi", "unknown", "unknown"),
    ("unknown", "not-osi", "fail", "fail"),
    ("unknown", "unknown", "unknown", "unknown"),
    ("unknown", "no-bytes", "unknown", "unknown"),
    ("no-bytes", "osi", "unknown", "pass"),
    ("no-bytes", "not-osi", "fail", "fail"),
    ("no-bytes", "unknown", "unknown", "unknown"),
    ("no-bytes", "no-bytes", "unknown", "pass"),
]


@pytest.mark.parametrize(("weights", "software", "result", "believed"), TRUTH)
@pytest.mark.parametrize("special", SOFTWARE)
def test_truth_table(weights, software, result, believed, special):
    # One software component has the state; the others are fine, so each of the three decides alone.
    parts = [component("weights", weights)] + [component(role, software if role == special else "osi") for role in SOFTWARE]
    verdict = judge(parts)
    assert (verdict.result, verdict.believed) == (result, believed)


def test_truth_table_is_whole():
    states = ("osi", "not-osi", "unknown", "no-bytes")
    assert [row[:2] for row in TRUTH] == list(itertools.product(states, states))


@pytest.mark.parametrize(
    ("state", "result", "reason"),
    [
        ("osi", "pass", "MET"),
        ("not-osi", "fail", "LICENCE_NOT_OPEN"),
        ("unknown", "unknown", "HUMAN_JUDGEMENT_REQUIRED"),
        ("no-bytes", "unknown", "COMPONENT_CLAIMED_ONLY"),
    ],
)
def test_reasons_and_evidence(state, result, reason):
    found = judge([component("weights", state)]).rules[0]
    assert (found.rule, found.result, found.reason) == ("weights", result, reason)
    assert found.evidence == (Evidence(index=3, pointer="/l"),)


@pytest.mark.parametrize("missing", ("weights", *SOFTWARE))
def test_a_missing_component_is_unknown(missing):
    verdict = judge([component(role, "osi") for role in ("weights", *SOFTWARE) if role != missing])
    assert (verdict.result, verdict.believed) == ("unknown", "unknown")
    found = next(item for item in verdict.rules if item.rule == missing)
    assert (found.result, found.reason) == ("unknown", "COMPONENT_MISSING")
    assert "record" in found.would_change


@pytest.mark.parametrize(("role", "result"), [("weights", "fail"), ("tokenizer", "unknown")])
def test_said_to_be_absent(role, result):
    parts = [component(other, "osi") for other in ("weights", *SOFTWARE) if other != role]
    assert judge([*parts, ComponentFact(role, "absent")]).result == result


@pytest.mark.parametrize("license_id", ["OpenMDW-1.0", "LicenseRef-OpenMDW-1.1"])
def test_openmdw_needs_a_person(license_id):
    weights = ComponentFact("weights", "verified", license=LicenseFact(license_id, license_id))
    verdict = judge([weights, *(component(role, "osi") for role in SOFTWARE)])
    assert verdict.result == verdict.believed == "unknown"
    assert verdict.rules[0].reason == "HUMAN_JUDGEMENT_REQUIRED"


def test_data_is_no_part_of_it():
    parts = [component(role, "osi") for role in ("weights", *SOFTWARE)]
    assert judge([*parts, component("datasets", "not-osi")]).result == "pass"


def test_a_licence_of_the_release_is_believed_and_no_evidence():
    parts = [ComponentFact("weights", "verified"), *(component(role, "osi") for role in SOFTWARE)]
    verdict = judge(parts, {"distribution": LicenseFact("MIT", "MIT", evidence=(Evidence(index=9),))})
    assert (verdict.result, verdict.believed) == ("unknown", "pass")
    assert verdict.rules[0].reason == "LICENCE_MISSING"
    assert Evidence(index=9) in verdict.rules[0].evidence


def test_every_component_of_a_role_counts():
    parts = [component(role, "osi") for role in ("weights", *SOFTWARE)]
    assert judge([*parts, component("inference-code", "not-osi")]).result == "fail"
    assert judge([*parts, component("weights", "no-bytes")]).result == "unknown"
    # Within a role too, a definite no outweighs what is unknown.
    both = judge([*parts, component("weights", "unknown"), component("weights", "not-osi")])
    assert (both.rules[0].result, both.rules[0].reason) == ("fail", "LICENCE_NOT_OPEN")


def test_evidence_is_sorted_and_told_once():
    said = [Evidence(index=index, pointer=pointer) for index in (3, 2, 1) for pointer in ("/d", "/c", "/b", "/a")]
    parts = [ComponentFact("weights", "verified", str(number), evidence=(item, said[0])) for number, item in enumerate(said)]
    expected = tuple(Evidence(index=index, pointer=pointer) for index in (1, 2, 3) for pointer in ("/a", "/b", "/c", "/d"))
    assert judge(parts).rules[0].evidence == expected


def test_policy_is_printed():
    printed = judge([]).to_json()["policy"]
    assert printed["software_components"] == ["inference-code", "architecture", "tokenizer"]
    assert judge([]).digest.startswith("sha256:")


STATES = st.sampled_from(["osi", "not-osi", "unknown", "no-bytes"])
releases = st.dictionaries(st.sampled_from(["weights", *SOFTWARE, "datasets"]), STATES)
LADDER = ("verified", "referenced", "claimed", "unknown")


@given(releases, st.sampled_from(["weights", *SOFTWARE]), st.integers(1, 3), st.booleans())
def test_removing_evidence_never_improves(chosen, role, rungs, licensed):
    covered = {"distribution": LicenseFact("MIT", "MIT")} if licensed else {}
    parts = [component(key, state) for key, state in chosen.items()]
    before = judge(parts, covered)

    def change(item: ComponentFact, what: str) -> ComponentFact:
        lower = LADDER[min(LADDER.index(item.availability) + rungs, 3)]
        if what == "bytes":
            return ComponentFact(item.role, lower, item.name, license=item.license, evidence=item.evidence)
        return ComponentFact(item.role, item.availability, item.name, evidence=item.evidence)

    removed = [
        [item for item in parts if item.role != role],
        [change(item, "bytes") if item.role == role else item for item in parts],
        [change(item, "licence") if item.role == role else item for item in parts],
    ]
    for fewer in removed:
        after = judge(fewer, covered)
        assert not (after.result == "pass" and before.result != "pass")
    assert not (judge(parts).believed == "pass" and before.believed != "pass")


@given(releases, st.randoms(use_true_random=False))
def test_order_of_components_does_not_matter(chosen, rng: random.Random):
    parts = [component(role, state) for role, state in chosen.items()]
    parts += [component("weights", "unknown"), ComponentFact("weights", "verified", license=LicenseFact("MIT", "MIT"))]
    expected = canon.canonical(judge(parts).to_json())
    rng.shuffle(parts)
    assert canon.canonical(judge(parts).to_json()) == expected
