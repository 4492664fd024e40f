"""The Open Source AI Definition: its decision table, by the facts that each line needs."""

from __future__ import annotations

import pytest
from frameworks.facts import CODE, DESCRIBED, component, dataset, judge, release, rule

OSAID = "osaid-1.0"
PARTS = [component("weights"), *(component(role) for role in CODE)]
SUFFICES = ("data-information-sufficient",)


def figures(kind: str, **more):
    return dataset(**{"class": kind}, **DESCRIBED, **more)


GOOD = [figures("open"), figures("public", name="web", availability="referenced", license_id=None, where=("https://example.org/web",))]


def test_everything_holds():
    verdict = judge(OSAID, judged(PARTS, GOOD))
    assert (verdict.result, verdict.believed) == ("pass", "pass")


def judged(parts, datasets=GOOD, upstream=(), reviews=SUFFICES):
    return release(parts, datasets, reviews=reviews, upstream=upstream)


@pytest.mark.parametrize(
    ("facts", "result", "name", "reason"),
    [
        (judged(PARTS, GOOD, reviews=()), "unknown", "skilled-person", "HUMAN_JUDGEMENT_REQUIRED"),
        (judged(PARTS, [dataset(**DESCRIBED)]), "unknown", "data-classes", "DATA_CLASS_UNDECLARED"),
        (judged(PARTS, [dataset(**{"class": "open"})]), "fail", "data-description", "DATA_INFO_INCOMPLETE"),
        (
            judged(PARTS, [figures("public", availability="claimed")]),
            "fail",
            "public-data-listed",
            "DATA_LOCATION_MISSING",
        ),
        (
            judged(PARTS, [figures("obtainable", where=("x",))]),
            "fail",
            "obtainable-data-listed",
            "DATA_LOCATION_MISSING",
        ),
        (judged(PARTS, [figures("obtainable", where=("x",), fee="none")]), "pass", "obtainable-data-listed", "MET"),
        (judged(PARTS, [figures("unshareable", availability="unshareable")]), "pass", "data-description", "MET"),
        (
            judged(PARTS, [figures("open", availability="referenced")]),
            "unknown",
            "open-data-shared",
            "COMPONENT_CLAIMED_ONLY",
        ),
        (judged(PARTS, [figures("open", availability="absent")]), "fail", "open-data-shared", "COMPONENT_MISSING"),
        (
            judged(PARTS, [figures("open", license_id="CC-BY-NC-4.0")]),
            "fail",
            "open-data-shared",
            "LICENCE_USE_RESTRICTED",
        ),
        (judged(PARTS[1:], GOOD), "unknown", "weights", "COMPONENT_MISSING"),
        (judged(PARTS[:1], GOOD), "unknown", "training-code", "COMPONENT_MISSING"),
        (judged([*PARTS, component("tokenizer", "CC-BY-4.0")], GOOD), "fail", "tokenizer", "LICENCE_NOT_OSI_APPROVED"),
        (judged([*PARTS[1:], component("weights", "CC-BY-4.0")], GOOD), "pass", "weights", "MET"),
        (
            judged([*PARTS[1:], component("weights", "OpenMDW-1.0")], GOOD),
            "unknown",
            "weights",
            "HUMAN_JUDGEMENT_REQUIRED",
        ),
        (judged(PARTS, ()), "unknown", "data-description", "COMPONENT_MISSING"),
        (judged(PARTS, GOOD, reviews=SUFFICES, upstream=["base@1"]), "unknown", "data-description", "UPSTREAM_UNRESOLVED"),
        (judged(PARTS, GOOD, reviews=("sharing-impossible",)), "unknown", "skilled-person", "HUMAN_JUDGEMENT_REQUIRED"),
    ],
)
def test_one_line_at_a_time(facts, result, name, reason):
    verdict = judge(OSAID, facts)
    assert verdict.result == result
    assert rule(verdict, name).reason == reason


def test_a_data_field_that_says_unknown_says_nothing():
    verdict = judge(OSAID, judged(PARTS, [dataset(**{"class": "open"}, **{**DESCRIBED, "scope": "unknown"})]))
    assert rule(verdict, "data-description").detail.endswith("says nothing of `scope`")


def test_many_datasets_are_counted_and_few_are_named():
    verdict = judge(OSAID, judged(PARTS, [dataset(f"d{n:04}", **{"class": "open"}) for n in range(2000)]))
    found = rule(verdict, "data-description")
    assert found.detail.startswith("2000 of 2000: ")
    assert found.detail.endswith("; and 1995 more")
    assert len(found.evidence) == 24
