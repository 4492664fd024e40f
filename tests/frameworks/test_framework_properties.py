"""What holds of every profile, over made-up releases: more openness never lowers an answer, less evidence never makes a yes."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from frameworks.facts import DESCRIBED, release
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import canon
from ledger.attest.policy import ladder as ladder_of
from ledger.frameworks.engine import evaluate
from ledger.frameworks.profiles import load_profile, profile_ids
from ledger.spec.evidence import ComponentFact, DatasetFact, Evidence, LicenseFact, ReleaseFacts
from ledger.spec.vocabulary import AVAILABILITY, ROLES

RANK = {"fail": 0, "unknown": 1, "not_applicable": 2, "pass": 2}
LICENSES = ("Apache-2.0", "CC-BY-4.0", "CC-BY-NC-4.0", "OpenMDW-1.0", "LicenseRef-Llama-2", "LicenseRef-house", "NOASSERTION")
licenses = st.one_of(st.none(), st.sampled_from(LICENSES).map(lambda text: LicenseFact(text, text, evidence=(Evidence(index=3),))))
components = st.builds(
    lambda role, rung, license, number: ComponentFact(
        role, rung, f"c{number}", f"tree:{number}", license, evidence=(Evidence(index=number),)
    ),
    st.sampled_from(ROLES),
    st.sampled_from(AVAILABILITY),
    licenses,
    st.integers(0, 5),
)
DATA = {
    "class": st.sampled_from(["open", "public", "obtainable", "unshareable"]),
    "origin": st.sampled_from(["public", "synthetic", "crawled"]),
    "fee": st.just("none"),
    "personal_data": st.sampled_from(["yes", "no", "unknown"]),
    **{name: st.just("said") for name in DESCRIBED},
}
datasets = st.builds(
    lambda name, rung, license, data, where, no: DatasetFact(
        f"tree:{name}", f"d{name}", rung, data, license, ("x",) * where, Evidence(index=9) if no else None, evidence=(Evidence(index=name),)
    ),
    st.integers(0, 9),
    st.sampled_from(AVAILABILITY),
    licenses,
    st.fixed_dictionaries({}, optional=DATA),
    st.integers(0, 1),
    st.booleans(),
)
about = st.fixed_dictionaries(
    {},
    optional={
        "free_of_charge": st.sampled_from(["yes", "no", "unknown"]),
        "monetised": st.sampled_from(["yes", "no"]),
        "systemic_risk": st.sampled_from(["yes", "no"]),
        "training_compute_flop": st.sampled_from([1e23, 1e26]),
        "sources": st.fixed_dictionaries(
            {}, optional={"synthetic": st.sampled_from(["yes", "no"]), "public": st.sampled_from(["yes", "no"])}
        ),
        "licenses": st.just({"distribution": "Apache-2.0"}),
    },
)
releases = st.builds(
    release,
    st.lists(components, max_size=12),
    st.lists(datasets, max_size=4, unique_by=lambda item: item.artifact),
    about,
    st.lists(st.sampled_from(["data-information-sufficient", "sharing-impossible"]), max_size=2),
    st.lists(st.just("base@1"), max_size=1),
)
# Open for every kind of content.
OPEN = LicenseFact("MIT OR CC-BY-4.0", "MIT OR CC-BY-4.0")
PROFILES = [load_profile(name) for name in profile_ids()]


def verdicts(facts: ReleaseFacts):
    return [evaluate(profile, facts) for profile in PROFILES]


def standing(verdict, profile):
    """Everything of a verdict that may rise and never fall."""
    ladder = ["0", "none", *ladder_of(profile)]
    rungs = [ladder.index(item) for item in (verdict.class_id, verdict.class_by_evidence, verdict.class_believed) if item in ladder]
    figures = [value for name, value in sorted(verdict.figures.items()) if name != "judged"]
    return [RANK[verdict.result], RANK[verdict.believed], *rungs, *figures]


def no_lower(before: ReleaseFacts, after: ReleaseFacts) -> None:
    for profile, one, other in zip(PROFILES, verdicts(before), verdicts(after), strict=True):
        pairs = zip(standing(one, profile), standing(other, profile), strict=True)
        assert all(low <= high + 1e-9 for low, high in pairs), profile.id


@given(releases, st.sampled_from(ROLES))
@settings(max_examples=150, deadline=None)
def test_adding_an_open_component_lowers_nothing(facts, role):
    more = ComponentFact(role, "verified", "new", "tree:new", OPEN, evidence=(Evidence(index=8),))
    no_lower(facts, replace(facts, components=(*facts.components, more)))


@given(releases, st.data())
@settings(max_examples=150, deadline=None)
def test_opening_a_licence_lowers_nothing(facts, data):
    if not facts.components:
        return
    at = data.draw(st.integers(0, len(facts.components) - 1))
    opened = replace(facts.components[at], license=OPEN)
    no_lower(facts, replace(facts, components=(*facts.components[:at], opened, *facts.components[at + 1 :])))


def with_less(facts: ReleaseFacts, data) -> ReleaseFacts:
    """The same things named, and less known of them."""
    kind = data.draw(st.sampled_from(["bytes", "licence", "data", "data bytes", "reviews", "about"]))
    parts, sets = list(facts.components), list(facts.datasets)
    if kind in ("bytes", "licence") and parts:
        at = data.draw(st.integers(0, len(parts) - 1))
        if kind == "bytes" and parts[at].availability == "verified":
            parts[at] = replace(parts[at], availability=data.draw(st.sampled_from(["claimed", "referenced", "unknown"])))
        if kind == "licence":
            parts[at] = replace(parts[at], license=None)
    if kind in ("data", "data bytes") and sets:
        at = data.draw(st.integers(0, len(sets) - 1))
        if kind == "data bytes" and sets[at].availability == "verified":
            sets[at] = replace(sets[at], availability="claimed")
        if kind == "data" and sets[at].data:
            # An origin asks for more to be said, as a yes does: it is what obliges, and no evidence that it was done.
            gone = data.draw(st.sampled_from(sorted(set(sets[at].data) - {"origin"}) or ["nothing"]))
            sets[at] = replace(sets[at], data={name: value for name, value in sets[at].data.items() if name != gone})
    left = facts.reviews if kind != "reviews" else ()
    said = facts.about
    if kind == "about" and said:
        gone = data.draw(st.sampled_from(sorted(said)))
        said = {name: value for name, value in said.items() if name != gone}
    return replace(facts, components=tuple(parts), datasets=tuple(sets), reviews=left, about=said)


@given(releases, st.data())
@settings(max_examples=300, deadline=None)
def test_removing_evidence_makes_no_yes(facts, data):
    for profile, one, other in zip(PROFILES, verdicts(facts), verdicts(with_less(facts, data)), strict=True):
        assert other.result != "pass" or one.result == "pass", profile.id
        before = {item.rule: item.result for item in one.rules}
        for item in other.rules:
            assert item.result != "pass" or before[item.rule] == "pass", (profile.id, item.rule)


@given(releases)
@settings(max_examples=150, deadline=None)
def test_what_holds_by_evidence_holds_if_every_claim_is_believed(facts):
    for verdict in verdicts(facts):
        assert verdict.result != "pass" or verdict.believed == "pass"
        for item in verdict.rules:
            assert item.reason
            assert item.detail
            assert item.result in ("pass", "not_applicable") or item.would_change


@given(releases, st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_facts_changes_no_byte(facts, seed):
    shuffle = random.Random(seed).sample
    other = replace(
        facts,
        components=tuple(shuffle(facts.components, len(facts.components))),
        datasets=tuple(shuffle(facts.datasets, len(facts.datasets))),
        reviews=tuple(shuffle(facts.reviews, len(facts.reviews))),
    )
    both = [[canon.canonical(item.to_json()) for item in verdicts(some)] for some in (facts, other)]
    assert both[0] == both[1]


@pytest.mark.parametrize("name", profile_ids())
def test_nothing_at_all_is_no_yes(name):
    verdict = evaluate(load_profile(name), ReleaseFacts("x", "m", "1", ()))
    assert verdict.result in ("unknown", "fail")
    assert verdict.believed in ("unknown", "fail")
