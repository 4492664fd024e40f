"""What does not agree about a release: each kind, both sides, and nothing where all agrees."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from frameworks.stand_ins import index_profile
from hypothesis import given
from hypothesis import strategies as st

from ledger.frameworks import evaluate, load_profile
from ledger.frameworks.disagreements import KINDS, Claims, between_claims_and_evidence, between_definitions
from ledger.frameworks.record_disagreements import Record, compared, of_ledger
from ledger.importers.osai import FORMS, read_index
from ledger.importers.records import read
from ledger.spec.evidence import ComponentFact, DatasetFact, Evidence, LicenseFact, ReleaseFacts
from ledger.spec.vocabulary import NOASSERTION, ROLES

REDHAT, MOT = load_profile("redhat-minimum-2025"), load_profile("mot-2026-05")
MINIMUM = ("weights", "inference-code", "architecture", "tokenizer")
ID = "sha256:" + 64 * "0"


def said(text: str = "MIT", normalized: str | None = None, **more: object) -> LicenseFact:
    return LicenseFact(text, normalized or text, evidence=(Evidence(None, 7, None, "/predicate/licenses/declared/0"),), **more)


def component(role: str, license: LicenseFact | None = None, availability: str = "verified", artifact: str | None = None) -> ComponentFact:
    place = Evidence(artifact, 9, None, f"/predicate/components/{role}")
    return ComponentFact(role, availability, f"{role}@1", artifact, license or said(), evidence=(place,))


def release(*components: ComponentFact, **more: object) -> ReleaseFacts:
    return ReleaseFacts(ID, "m", "1", components, logged=True, **more)


def kinds(found) -> list[str]:
    assert all(item.kind in KINDS for item in found)
    assert all(side.says for item in found for side in (item.one, item.other))
    return [item.kind for item in found]


def test_every_kind_is_in_the_page_and_in_the_schema():
    root = Path(__file__).resolve().parent.parent.parent
    page = (root / "docs/concepts/disagreements.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE) == list(KINDS)
    schema = json.loads((root / "schemas/cli/disagreements/v1.schema.json").read_text("utf-8"))
    item = schema["properties"]["result"]["properties"]["disagreements"]["items"]
    assert item["properties"]["kind"]["enum"] == list(KINDS)


# --- between definitions ---------------------------------------------------------------------------


def test_one_definition_is_met_and_another_not():
    facts = release(*map(component, MINIMUM))
    found = between_definitions(facts, [MOT, REDHAT])
    assert [(item.kind, item.about, item.basis) for item in found] == [
        ("definitions", "mot-2026-05", "evidence"),
        ("definitions", "mot-2026-05", "believed"),
    ]
    assert found[0].one.says == "`redhat-minimum-2025`: pass"
    assert found[0].other.says == "`mot-2026-05`: unknown"
    # Of class III, which is what its result is about, what nobody recorded; not the rules of the better classes.
    assert {item["rule"] for item in found[0].rules} == {
        f"mot-2026-05/{name}" for name in ("evaluation-results", "model-card", "data-card", "technical-report")
    }
    assert {item["reason"] for item in found[0].rules} == {"COMPONENT_MISSING"}
    # Where it says so: the passing side names the components that it rests on.
    assert {proof.pointer for proof in found[0].one.evidence} >= {f"/predicate/components/{role}" for role in MINIMUM}


def test_what_stands_in_for_something_makes_no_difference():
    facts = release(*map(component, (*MINIMUM[:-1], "research-paper")))
    (found, _) = between_definitions(release(*facts.components, component("tokenizer")), [MOT, REDHAT])
    assert "mot-2026-05/technical-report" not in {item["rule"] for item in found.rules}


def test_only_if_every_claim_is_believed():
    facts = release(*(component(role, availability="claimed") for role in MINIMUM))
    assert {(item.about, item.basis) for item in between_definitions(facts, [MOT, REDHAT])} == {("mot-2026-05", "believed")}


def test_nobody_disagrees_with_what_nobody_meets():
    assert between_definitions(release(), [MOT, REDHAT]) == []
    everything = release(*(component(role, said("Apache-2.0")) for role in ROLES))
    assert between_definitions(everything, [MOT, REDHAT]) == []


def test_what_asks_no_openness_is_no_definition_of_it():
    score = index_profile("osai-index-2026-03", tuple(FORMS[1].parameters), "mean")
    assert between_definitions(release(*map(component, MINIMUM)), [score, REDHAT]) == []


@given(st.lists(st.sampled_from(ROLES), max_size=8), st.sampled_from(["verified", "claimed"]), st.sampled_from(["MIT", "CC-BY-NC-4.0"]))
def test_a_disagreement_between_definitions_is_one_of_their_verdicts(roles, availability, license):
    facts = release(*(component(role, said(license), availability) for role in roles))
    found = between_definitions(facts, [MOT, REDHAT])
    verdicts = {profile.id: evaluate(profile, facts) for profile in (MOT, REDHAT)}
    for basis in ("evidence", "believed"):
        results = {name: item.result if basis == "evidence" else item.believed for name, item in verdicts.items()}
        wanted = {name for name, result in results.items() if result != "pass"} if "pass" in results.values() else set()
        assert {item.about for item in found if item.basis == basis} == wanted
    # Whatever keeps a definition from being met is named.
    assert all(item.rules for item in found)


# --- between claims and evidence -------------------------------------------------------------------


def test_a_claim_that_nobody_has_seen():
    facts = release(component("weights", availability="referenced"), *map(component, MINIMUM[1:]))
    found = between_claims_and_evidence(facts, [REDHAT], Claims())
    assert kinds(found) == ["verdict", "rule"]
    verdict, rule = found
    assert (verdict.one.says, verdict.other.says) == (
        "`redhat-minimum-2025`, if every claim is believed: pass",
        "`redhat-minimum-2025`, by evidence: unknown",
    )
    assert rule.about == "weights"
    assert rule.other.says == "by evidence: unknown, the bytes of `weights` (weights@1) are not in the ledger: it is `referenced`"
    assert rule.one.says.startswith("if every claim is believed: pass, ")
    assert [proof.index for proof in rule.other.evidence] == [7, 9]


def test_the_same_of_several_profiles_is_one_disagreement():
    facts = release(component("weights", availability="claimed"))
    strict = replace(REDHAT, id="ours")
    found = [item for item in between_claims_and_evidence(facts, [REDHAT, strict], Claims()) if item.kind == "rule"]
    assert [[item["rule"] for item in one.rules] for one in found] == [["redhat-minimum-2025/weights", "ours/weights"]]


def test_a_score_has_two_figures():
    profile = index_profile("osai-index-2026-03", tuple(FORMS[1].parameters), "mean")
    facts = replace(release(), judgements=read_index(b"system: {name: x}\ncode: {class: open}").judgements)
    (verdict,) = [item for item in between_claims_and_evidence(facts, [profile], Claims()) if item.kind == "verdict"]
    assert (verdict.one.says.split(": ")[1], verdict.other.says.split(": ")[1]) == (f"{1 / 12:.2f}", "0.00")


def test_licences_that_differ():
    text = Evidence("tree:x", 7, "sha256:y", "LICENSE")
    declared = replace(said("MIT", mismatch="Apache-2.0"), evidence=(*said().evidence, text))
    claims = Claims({"a": declared, "b": said("MIT")}, {"a": said("Apache-2.0"), "b": said("MIT")}, {"a": "one@1", "b": "two@1"})
    found = between_claims_and_evidence(release(), [], claims)
    assert [(item.kind, item.about, item.one.says, item.other.says) for item in found] == [
        ("licence-text", "one@1", "declared as `MIT`", "its licence file is `Apache-2.0`"),
        ("licence-concluded", "one@1", "declared as `MIT`", "concluded as `Apache-2.0`"),
    ]
    assert found[0].other.evidence == (text,)


@pytest.mark.parametrize(
    ("declared", "concluded"),
    [
        ("MIT", "MIT"),
        # A string that says nothing is settled by a person, not contradicted.
        (NOASSERTION, "MIT"),
        ("MIT", NOASSERTION),
    ],
)
def test_licences_that_do_not(declared, concluded):
    claims = Claims({"a": said("text", declared)}, {"a": said("other text", concluded)}, {})
    assert between_claims_and_evidence(release(), [], claims) == []


@pytest.mark.parametrize(("availability", "recorded", "expected"), [("absent", True, 1), ("gated", True, 1), ("gated", False, 0)])
def test_withheld_and_at_hand(availability, recorded, expected):
    facts = release(component("weights", availability=availability, artifact="tree:a"))
    claims = Claims(recorded={"tree:a": Evidence("tree:a", 3, None, "/predicate/artifact")} if recorded else {})
    found = between_claims_and_evidence(facts, [], claims)
    assert kinds(found) == ["availability"] * expected
    if found:
        assert availability in found[0].one.says and found[0].other.evidence[0].index == 3


def test_bytes_at_hand_of_what_is_not_withheld():
    facts = release(component("weights", artifact="tree:a"))
    assert between_claims_and_evidence(facts, [], Claims(recorded={"tree:a": Evidence("tree:a", 3)})) == []


def test_datasets_that_the_release_does_not_list():
    edge = Evidence("tree:d", 4, None, "/predicate/from/0")
    hidden = DatasetFact("tree:d", "hidden@1", "verified", listed=False, evidence=(edge,))
    facts = release(component("weights"), datasets=(hidden, replace(hidden, name="told@1", listed=True)))
    (found,) = between_claims_and_evidence(facts, [], Claims())
    assert (found.kind, found.about, found.other.evidence) == ("training-data", "hidden@1", (edge,))
    # It lists none at all: then the place is its list of components.
    assert [(proof.index, proof.pointer) for proof in found.one.evidence] == [(9, "/predicate/components")]


# --- between the ledger and a record ---------------------------------------------------------------


def beside(facts: ReleaseFacts, record: Record):
    return compared(of_ledger(facts), record)


def tool(*components: dict, license: dict | None = None) -> Record:
    data = json.dumps({"release": {"name": "x", "license": license or {}, "components": components}}).encode()
    found = read(data)
    return Record("model.yml", found.facts, found.roles, found.place)


WEIGHTS = {"name": "Model parameters (Final)"}


@pytest.mark.parametrize(
    ("here", "there", "differ", "apart"),
    [
        ("Apache-2.0", "Apache-2.0", 0, 0),
        # The same expression in other words.
        ("Apache-2.0", "apache-2.0 ", 0, 0),
        ("Apache-2.0", "Apache 2.0", 0, 0),
        ("Apache-2.0 OR MIT", "MIT OR Apache-2.0", 0, 0),
        ("Apache-2.0", "MIT", 1, 0),
        ("Apache-2.0", "unlicensed", 1, 0),
        ("Apache-2.0", "Undisclosed", 0, 1),
        ("BSD-3-Clause", "BSD-3", 0, 1),
    ],
)
def test_licences_of_a_record(here, there, differ, apart):
    certain, uncertain = beside(release(component("weights", said(here))), tool({**WEIGHTS, "license": there}))
    assert (kinds(certain), kinds(uncertain)) == (["record-licence"] * differ, ["record-licence"] * apart)
    for item in (*certain, *uncertain):
        assert item.about == "weights"
        assert item.one.says == here and item.one.file is None and item.one.evidence[0].index == 7
        assert item.other.file == "model.yml"
        assert item.other.evidence[0].pointer.startswith("/release/components/0")


def test_the_same_words_that_nobody_can_look_up_agree():
    facts = release(component("weights", said("Our Licence", NOASSERTION)))
    assert beside(facts, tool({**WEIGHTS, "license": "Our Licence "})) == ([], [])


def test_a_side_that_says_nothing_does_not_disagree():
    bare = replace(component("weights"), license=None)
    assert beside(release(bare), tool({**WEIGHTS, "license": "MIT"})) == ([], [])
    assert beside(release(component("weights")), tool(WEIGHTS)) == ([], [])


def test_a_licence_of_the_whole_release_is_that_of_its_parts():
    there = tool(WEIGHTS, {"name": "Training code"}, license={"distribution": {"name": "Apache-2.0"}, "code": {"name": "MIT"}})
    facts = release(component("weights", said("Apache-2.0")), component("training-code", said("Apache-2.0")))
    (found,) = beside(facts, there)[0]
    assert (found.about, found.other.says) == ("training-code", "MIT")
    assert found.other.evidence[0].pointer == "/release/license/code/name"
    bare = [replace(component(role), license=None) for role in ("weights", "training-code")]
    assert beside(release(*bare, release_licenses=dict(there.facts.release_licenses)), there) == ([], [])


def test_components_on_one_side_only():
    facts = release(component("weights"), component("tokenizer"), component("datasets", availability="absent"))
    found, apart = beside(facts, tool({"name": "Datasets", "license": "MIT"}, {"name": "Model card", "license": "MIT"}))
    assert apart == []
    # The registry has no place for a tokenizer, so it says nothing about one.
    assert [(item.kind, item.about, item.one.says, item.other.says) for item in found] == [
        ("record-component", "datasets", "the release says that it is `absent`", "the record lists it"),
        ("record-component", "model-card", "the release has no such component", "the record lists it"),
        ("record-component", "weights", "the release has weights@1 (verified)", "the record does not list it"),
    ]
    assert found[2].other.evidence[0].pointer == "/release/components"


SYSTEM = b"""
system: {name: x, endmodellicense: MIT}
weights_endmodel: {class: closed}
datasources_endmodel: {class: open, link: https://example.org}
datasources_basemodel: {class: closed}
trainingcode: {class: open}
modelcard: {class: partial}
"""


def index_record(data: bytes = SYSTEM) -> Record:
    parameters = tuple(FORMS[1].parameters)
    found = read(data)
    assert found.profile == "osai-index-2026-03"
    return Record("system.yaml", found.facts, found.roles, found.place, index_profile(found.profile, parameters, "mean"))


def test_an_index_that_judges_otherwise():
    facts = release(component("weights"), component("model-card"), component("datasets"), component("training-code"))
    found, apart = beside(facts, index_record())
    assert apart == []
    (there,) = [item for item in found if item.kind == "record-component"]
    assert (there.about, there.other.says) == ("weights", "the record says that there is none")
    assert there.other.evidence[0].pointer == "/weights_endmodel/class"
    judged = {item.about: item for item in found if item.kind == "record-judgement"}
    assert judged["weights_endmodel"].other.says == "judged closed"
    assert judged["weights_endmodel"].one.says.startswith("found open by evidence: ")
    assert judged["weights_endmodel"].other.evidence[0].pointer == "/weights_endmodel/class"


def test_a_grade_that_nobody_knows_contradicts_no_judgement():
    assert [item for item in beside(release(), index_record())[0] if item.kind == "record-judgement"] == []


# As two registries have one and the same model: MIT in the one, terms of its maker's own in the other.
DEEPSEEK = b"""
system: {name: x, endmodellicense: DeepSeek License Agreement}
weights_endmodel: {class: open, link: https://example.org}
trainingcode: {class: closed}
preprint: {class: open}
"""


def test_two_registries_beside_each_other():
    one, other = tool({**WEIGHTS, "license": "MIT"}, {"name": "Training code", "license": "MIT"}), index_record(DEEPSEEK)
    found, apart = compared(one, other)
    parts = [item for item in found if item.kind == "record-component"]
    assert [(item.about, item.one.says, item.other.says) for item in parts] == [
        ("technical-report", "the record does not list it", "the record lists it"),
        ("training-code", "the record lists it", "the record says that there is none"),
    ]
    assert [(item.about, item.one.says, item.other.says) for item in apart] == [
        ("weights", "MIT", "DeepSeek License Agreement (no SPDX expression)"),
    ]
    assert all((item.one.file, item.other.file) == ("model.yml", "system.yaml") for item in (*found, *apart))
    # The index judges the code closed, and the other registry claims it: whichever stands first.
    graded = [[item for item in compared(*pair)[0] if item.about == "trainingcode"] for pair in ((one, other), (other, one))]
    assert graded[0] == graded[1] and "if every claim is believed" in graded[0][0].one.says


def test_two_records_of_one_index_are_compared_by_their_components():
    assert compared(index_record(), index_record()) == ([], [])
    (found,) = [item for item in compared(index_record(), index_record(DEEPSEEK))[0] if item.about == "weights"]
    assert (found.one.says, found.other.says) == ("the record says that there is none", "the record lists it")


# --- all of it -------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(ROLES), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_makes_no_difference(roles, chance: random.Random):
    licenses = [said("MIT"), said("Apache-2.0"), said("odd", NOASSERTION)]
    parts = [
        replace(
            component(role, chance.choice(licenses), chance.choice(["verified", "claimed", "absent", "gated"]), f"tree:{n}"), name=str(n)
        )
        for n, role in enumerate(roles)
    ]
    other = chance.sample(parts, len(parts))
    claims = Claims(recorded={f"tree:{n}": Evidence(f"tree:{n}", n) for n in range(len(parts))})
    record = tool({**WEIGHTS, "license": "MIT"}, {"name": "Datasets", "license": "odd"})

    def everything(some: list[ComponentFact]):
        facts = release(*some)
        found = between_definitions(facts, [MOT, REDHAT]) + between_claims_and_evidence(facts, [MOT, REDHAT], claims)
        return found, beside(facts, record)

    one, two = everything(parts), everything(other)
    assert [item.to_json() for item in one[0]] == [item.to_json() for item in two[0]]
    for side in (0, 1):
        assert [item.to_json() for item in one[1][side]] == [item.to_json() for item in two[1][side]]
