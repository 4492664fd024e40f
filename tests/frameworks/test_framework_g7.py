"""The four tiers of the G7 vision: the definitions as a truth table, and that more never lowers a tier."""

from __future__ import annotations

import itertools

import pytest
from frameworks.facts import CODE, DESCRIBED, component, dataset, judge, release, rule

G7 = "g7-ai-openness-2026"
FREE = {"free_of_charge": "yes"}
WEIGHTS, INFERENCE, TRAINING = component("weights"), component("inference-code"), component("training-code")
OPEN = dataset(**DESCRIBED, **{"class": "open"})


WITHHELD = dataset("b", impossible=True, availability="unshareable", **DESCRIBED)
UNJUSTIFIED = ("fail", "DATA_EXCEPTION_UNJUSTIFIED")
BOTH = ("open-source-ai", "open-source-ai")
# Components, datasets, what the provider says, tier by evidence, tier believed.
TABLE = [
    ((), (), FREE, "none", "none"),
    ((WEIGHTS,), (), FREE, "none", "none"),
    ((WEIGHTS, INFERENCE), (), {}, "none", "none"),
    ((WEIGHTS, INFERENCE), (), {"free_of_charge": "unknown"}, "none", "none"),
    ((WEIGHTS, INFERENCE), (), {"free_of_charge": "no"}, "none", "none"),
    ((WEIGHTS, INFERENCE), (), FREE, "open-weights", "open-weights"),
    ((component("weights", "CC-BY-NC-4.0"), INFERENCE), (), FREE, "weights-available", "weights-available"),
    ((component("weights", None), INFERENCE), (), FREE, "weights-available", "weights-available"),
    ((WEIGHTS, component("inference-code", "CC-BY-NC-4.0")), (), FREE, "weights-available", "weights-available"),
    ((component("weights", availability="referenced"), INFERENCE), (), FREE, "none", "open-weights"),
    ((component("weights", availability="gated"), INFERENCE), (), FREE, "none", "none"),
    ((component("weights", availability="absent"), INFERENCE), (), FREE, "none", "none"),
    ((WEIGHTS, INFERENCE, TRAINING), (), FREE, "open-weights", "open-weights"),
    ((WEIGHTS, INFERENCE), (OPEN,), FREE, "open-weights", "open-weights"),
    ((WEIGHTS, INFERENCE, TRAINING), (OPEN,), FREE, "open-source-ai-open-data", "open-source-ai-open-data"),
    (
        (WEIGHTS, INFERENCE, TRAINING),
        (OPEN, WITHHELD),
        FREE,
        *["open-source-ai"] * 2,
    ),
    ((WEIGHTS, INFERENCE, TRAINING), (dataset("b", availability="unshareable", **DESCRIBED),), FREE, "open-weights", "open-weights"),
    ((WEIGHTS, INFERENCE, TRAINING), (dataset("b", impossible=True, availability="unshareable"),), FREE, "open-weights", "open-weights"),
    ((WEIGHTS, INFERENCE, TRAINING), (dataset("b", availability="referenced"),), FREE, "open-weights", "open-source-ai-open-data"),
    ((WEIGHTS, INFERENCE, TRAINING), (dataset("b", "CC-BY-NC-4.0"),), FREE, "open-weights", "open-weights"),
]


@pytest.mark.parametrize(("components", "datasets", "about", "tier", "believed"), TABLE)
def test_definitions(components, datasets, about, tier, believed):
    verdict = judge(G7, release(components, datasets, about))
    assert (verdict.class_id, verdict.class_believed) == (tier, believed)
    assert (verdict.result == "pass") == (tier != "none")


@pytest.mark.parametrize(
    ("facts", "name", "result", "reason"),
    [
        (release(about={"free_of_charge": "no"}), "free-of-charge", "fail", "MONETISED"),
        (release(), "free-of-charge", "unknown", "DATA_INFO_INCOMPLETE"),
        (release([component("weights", "CC-BY-NC-4.0")]), "weights-open", "fail", "LICENCE_USE_RESTRICTED"),
        (release([component("weights", "LicenseRef-Llama-2")]), "weights-open", "fail", "LICENCE_USE_RESTRICTED"),
        (release([component("weights", "OpenMDW-1.0")]), "weights-open", "unknown", "HUMAN_JUDGEMENT_REQUIRED"),
        (
            release(datasets=[dataset(**{"class": "public"}, availability="referenced")]),
            "data-or-impossible",
            *["fail", "DATA_EXCEPTION_UNJUSTIFIED"],
        ),
        (release(datasets=[dataset(availability="claimed")]), "data-or-impossible", "unknown", "COMPONENT_CLAIMED_ONLY"),
        (release(datasets=[dataset(impossible=True, availability="unshareable")]), "data-or-impossible", "fail", "DATA_INFO_INCOMPLETE"),
        (release(datasets=[OPEN], upstream=["base@1"]), "all-data", "unknown", "UPSTREAM_UNRESOLVED"),
        (release(upstream=["base@1"]), "data-or-impossible", "unknown", "UPSTREAM_UNRESOLVED"),
        (release(), "all-data", "unknown", "COMPONENT_MISSING"),
    ],
)
def test_reasons(facts, name, result, reason):
    found = rule(judge(G7, facts), name)
    assert (found.result, found.reason) == (result, reason)
    assert found.would_change


def test_the_tier_never_falls_when_more_is_released():
    order = ["none", "weights-available", "open-weights", "open-source-ai", "open-source-ai-open-data"]
    parts = [component(role) for role in ("weights", *CODE)]
    for size in range(len(parts) + 1):
        for some in itertools.combinations(parts, size):
            for datasets in ((), (OPEN,)):
                before = order.index(judge(G7, release(some, datasets, FREE)).class_id)
                for more in parts:
                    if more not in some:
                        assert order.index(judge(G7, release([*some, more], datasets, FREE)).class_id) >= before
                assert order.index(judge(G7, release(some, (OPEN,), FREE)).class_id) >= before
