"""Facts that are alike have the same results by every profile; each of them once."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.attest.supposed import concerns, withdrawn
from ledger.frameworks import evaluate, load_profile, profile_ids
from ledger.frameworks.alike import Results
from ledger.spec.evidence import ComponentFact, DatasetFact, Evidence, LicenseFact, ReleaseFacts, ReviewFact
from ledger.spec.vocabulary import AVAILABILITY, REVIEW_STATEMENTS, ROLES

PROFILES = [load_profile(name) for name in profile_ids()]
EXPRESSIONS = (
    "MIT",
    "Apache-2.0",
    "CC-BY-4.0",
    "CC-BY-NC-4.0",
    "GPL-3.0-only",
    "LicenseRef-Llama-3.1",
    "NOASSERTION",
    "NONE",
    "OpenRAIL",
    "MIT OR CC0-1.0",
)
CLAIMS = st.none() | st.builds(
    lambda text, basis, other, changed: LicenseFact(text, "NOASSERTION" if text == "OpenRAIL" else text, basis, (), other, changed),
    st.sampled_from(EXPRESSIONS),
    st.sampled_from(("declared", "detected", "concluded")),
    st.sampled_from((None, None, None, "GPL-2.0-only")),
    st.sampled_from((None, None, None, "LICENSE")),
)
COMPONENTS = st.builds(
    ComponentFact,
    st.sampled_from(ROLES),
    st.sampled_from(AVAILABILITY),
    st.sampled_from(("", "a", "b")),
    license=CLAIMS,
    unlicensed=st.booleans(),
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "class": st.sampled_from(("open", "public", "obtainable", "unshareable")),
        "origin": st.sampled_from(("public-dataset", "web-scraped", "user", "synthetic")),
        "description": st.just("words"),
        "modalities": st.just(["text"]),
    },
)
DATASETS = st.builds(
    DatasetFact,
    st.sampled_from(("file:1", "file:2", "file:3")),
    st.sampled_from(("", "x", "y")),
    st.sampled_from(AVAILABILITY),
    DATA,
    CLAIMS,
    st.sampled_from(((), ("https://example.org",))),
    st.sampled_from((None, Evidence(index=7))),
)
ABOUT = st.fixed_dictionaries({}, optional={"general_purpose": st.sampled_from(("yes", "no"))})
FACTS = st.builds(
    lambda parts, data, upstream, covered, about, reviews: ReleaseFacts(
        "sha256:r",
        "r",
        "1",
        tuple(parts),
        covered,
        datasets=tuple(data),
        upstream=upstream,
        about=about,
        reviews=tuple(ReviewFact(word, (who,), Evidence()) for word, who in reviews),
        logged=True,
    ),
    st.lists(COMPONENTS, max_size=8),
    st.lists(DATASETS, max_size=3),
    st.sampled_from(((), (("model", Evidence(index=3)),))),
    st.dictionaries(st.sampled_from(("distribution", "code", "data")), CLAIMS.filter(lambda claim: claim is not None), max_size=2),
    ABOUT,
    st.lists(st.tuples(st.sampled_from(REVIEW_STATEMENTS), st.sampled_from(("sha256:r", "file:1"))), max_size=2),
)


def results(facts):
    return {profile.id: evaluate(profile, facts).result for profile in PROFILES}


def otherwise(data, claim, kept):
    """Another licence that the profiles do not tell apart, when there is one."""
    others = [LicenseFact(text, text, claim.basis, (Evidence(index=1),)) for text in EXPRESSIONS] if claim is not None else []
    fitting = [other for other in others if kept._claim(other) == kept._claim(claim)]
    return data.draw(st.sampled_from(fitting)) if fitting else claim


@settings(max_examples=250)
@given(FACTS, st.data())
def test_what_is_alike_has_the_same_results(facts, data):
    kept = Results(PROFILES)
    name = st.sampled_from(("some", "other", "thing"))
    parts, sets = (
        [
            replace(
                item, name=data.draw(name) if item.name else "", license=otherwise(data, item.license, kept), evidence=(Evidence(index=5),)
            )
            for item in [*items, *data.draw(st.lists(st.sampled_from(items), max_size=2) if items else st.just([]))]
        ]
        for items in (facts.components, facts.datasets)
    )
    other = replace(
        facts,
        id="sha256:other",
        name="another",
        components=tuple(data.draw(st.permutations(parts))),
        datasets=tuple(data.draw(st.permutations(sets))),
        upstream=tuple((data.draw(name), proof) for _, proof in facts.upstream),
        reviews=tuple(replace(item, subjects=("sha256:other",)) if facts.id in item.subjects else item for item in facts.reviews),
    )
    assert kept.alike(other) == kept.alike(facts)
    assert results(other) == results(facts) == kept.of(facts) == kept.of(other)


@settings(max_examples=250)
@given(st.lists(FACTS, min_size=2, max_size=6))
def test_results_kept_are_those_of_each(several):
    kept = Results(PROFILES)
    for facts in several:
        assert kept.of(facts) == results(facts)


@settings(max_examples=250)
@given(FACTS, st.sampled_from(("a", "b", "file:1", "file:2")))
def test_what_is_withdrawn_makes_nothing_pass(facts, id):
    facts = replace(facts, components=tuple(replace(item, artifact=item.name) for item in facts.components))
    before, after = results(facts), results(withdrawn(facts, id))
    assert not [name for name in before if after[name] == "pass" != before[name]]
    assert withdrawn(withdrawn(facts, id), id) == withdrawn(facts, id)
    assert concerns(facts, id) or withdrawn(facts, id) == facts
