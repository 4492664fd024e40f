"""Reading records of the Open Source AI Index: the published sums, what is taken, what is refused."""

from __future__ import annotations

import json

import pytest
from frameworks.stand_ins import index_profile
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata

from ledger.errors import LedgerError
from ledger.frameworks import evaluate
from ledger.importers.osai import FORMS, read_index
from ledger.spec.vocabulary import ROLES

OLD, NEW = (tuple(form.parameters) for form in FORMS)

# Sums that the project published, column `openness` of docs/df.csv in opening-up-chatgpt/opening-up-chatgpt.github.io at
# 09748178c812c2ecf36871cff76e58fec89f7167 (a table of 2024; the judgements of these seven were not changed afterwards).
PUBLISHED = {
    "OpenChat": 9.5,
    "stablevicuna": 5.0,
    "alpaca": 4.0,
    "Falcon-180B-chat": 3.5,
    "orca_2": 3.5,
    "command-r": 3.0,
    "llama-2-chat": 3.0,
}
# Younger than that table. Counted by hand from its file at 801f687: open llmweights, license, api; partial opencode, rlweights,
# architecture, package; the other seven closed.
COUNTED = {"mistral-nemo": 5.0}


@pytest.mark.parametrize(("name", "total"), [*PUBLISHED.items(), *COUNTED.items()])
def test_the_sums_of_2023(name, total):
    profile = index_profile("osai-index-2023", OLD, "sum")
    assert [rule.id for rule in profile.rules] == [rule.params["parameter"] for rule in profile.rules]
    assert sorted(rule.id for rule in profile.rules) == sorted(OLD)
    facts = read_index(refdata("opening-up-chatgpt", "projects", f"{name}.yaml").read_bytes(), name=name)
    assert facts.unresolved == ()
    verdict = evaluate(profile, facts)
    assert (verdict.figures["total"], verdict.figures["judged"], verdict.figures["by_evidence"]) == (total, 14, 0)
    # All of it is somebody's word, and nothing of it evidence.
    assert (verdict.believed, verdict.result) == ("not_applicable", "unknown")


def record(about: str = "system", **more: object) -> bytes:
    names = NEW if about == "system" else OLD
    value = {about: {"name": "demo"}, "org": {"name": "o"}, **{name: {"class": "closed", "link": None} for name in names}, **more}
    return json.dumps({key: item for key, item in value.items() if item != "left out"}).encode()


def test_the_mean_since_2026():
    judged = {name: {"class": "open"} for name in NEW[:5]} | {name: {"class": "partial"} for name in NEW[5:8]}
    verdict = evaluate(index_profile("osai-index-2026-03", NEW, "mean"), read_index(record(**judged)))
    # (5 + 3 / 2) / 12
    assert verdict.figures["total"] == pytest.approx(6.5 / 12)


YAML = b"""---
# a comment
system:
    name: Demo
    type: text
    endmodellicense: Apache 2.0
    releasedate: 2025-02
    notes:
org:
    name: o
datasources_basemodel: {class: Partial , link: ["https://example.org/a", "https://example.org/b"]}
datasources_endmodel: {class: closed, link: https://example.org/c}
weights_basemodel: {class: open, link: ""}
weights_endmodel:
    class: open
    link: https://example.org/w
    notes: anything
trainingcode: {class: open, link: }
code: {class: mostly}
hardware_architecture: {class: , link: 3}
preprint: {class: OPEN, link: []}
paper: {class: closed}
modelcard: {class: closed}
package: {class: closed}
licenses: {class: partial, link: https://example.org/l}
"""


def test_what_is_taken():
    facts = read_index(YAML)
    assert (facts.name, facts.version, facts.logged) == ("Demo", "", False)
    assert {name: item.value for name, item in facts.judgements.items()} == {
        "datasources_basemodel": "partial",
        "datasources_endmodel": "closed",
        "weights_basemodel": "open",
        "weights_endmodel": "open",
        "trainingcode": "open",
        "code": None,
        "hardware_architecture": None,
        "preprint": "open",
        "paper": "closed",
        "modelcard": "closed",
        "datasheet": None,
        "licenses": "partial",
    }
    assert [(item.role, item.name, item.availability) for item in facts.components] == [
        ("datasets", "datasources_basemodel", "referenced"),
        ("datasets", "datasources_endmodel", "absent"),
        ("weights", "weights_endmodel", "referenced"),
        ("training-code", "trainingcode", "claimed"),
        ("technical-report", "preprint", "claimed"),
        ("research-paper", "paper", "absent"),
        ("model-card", "modelcard", "absent"),
    ]
    weights = facts.components[2]
    assert (weights.license.expression, weights.license.normalized, weights.license.basis) == ("Apache 2.0", "Apache-2.0", "registry")
    assert [item.pointer for item in weights.license.evidence] == ["/system/endmodellicense"]
    assert [item.pointer for item in weights.evidence] == ["/weights_endmodel/class", "/weights_endmodel/link"]
    assert facts.unresolved == ("/code/class", "/hardware_architecture/link", "/hardware_architecture/class", "/datasheet", "/package")
    assert facts.remarks == (("/system/endmodellicense", "`Apache 2.0` is another spelling of Apache-2.0"),)


def test_the_licence_of_2023_is_of_the_whole_release():
    facts = read_index(record("project", project={"name": "x", "license": "Unclear"}))
    assert {scope: item.expression for scope, item in facts.release_licenses.items()} == {"distribution": "Unclear"}
    assert facts.remarks == (("/project/license", "`Unclear` says that the licence is not known, and names none"),)
    assert all(item.license is None for item in facts.components)
    assert read_index(record("project", project={"name": "x", "license": " "})).release_licenses == {}


def test_the_forms():
    assert [len(form.parameters) for form in FORMS] == [14, 12]
    assert all(role in (None, *ROLES) for form in FORMS for role in form.parameters.values())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"- a",
        b"\xff",
        b"org: {name: x}",
        b"system: 3",
        b"system: {}",
        b"system: {name: }",
        b"system: {name: ' '}",
        b"system: {name: true}",
        b"system: {name: [x]}",
        b"system: {name: x}",
        b"system: {name: x}\nproject: {name: x}\ncode: {class: open}",
        record(system={"name": "x", "endmodellicense": 3}),
        record(system={"name": "x", "endmodellicense": ["MIT"]}),
        record(code=[]),
        record(code="open"),
        record(code={"class": 3}),
        record(code={"class": True}),
        record(code={"class": ["open"]}),
        record() + record(),
        b"system: {name: x}\nsystem: {name: y}\ncode: {class: open}",
        b"system: {name: x}\ncode: {class: open, class: closed}",
        # What people write into notes without quotes.
        b"system: {name: x}\ncode:\n  class: open\n  notes: one: two\n",
        b"system: {name: x}\ncode: {class: open, link: ['a' 'b']}",
        b"system: {name: x}\ncode: &a {class: open}\npaper: *a",
    ],
)
def test_what_is_refused(data):
    with pytest.raises(LedgerError) as caught:
        read_index(data, name="file.yaml")
    assert caught.value.code == "LG1003"
    assert "file.yaml" in caught.value.message


@pytest.mark.parametrize("data", [b"{" * 100, b" " * (5 << 20)])
def test_over_a_limit(data):
    with pytest.raises(LedgerError) as caught:
        read_index(data)
    assert caught.value.code == "LG0103"


def test_where_a_comma_or_a_colon_is_too_much():
    with pytest.raises(LedgerError, match="line 4"):
        read_index(b"system: {name: x}\ncode:\n  class: open\n  notes: one: two\n")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_garbage_is_a_ledger_error(data):
    with pytest.raises(LedgerError):
        read_index(data)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "class", "link", "x/~"]), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["system", "project", "org", "code", "weights_endmodel", "a/b"]), values))
def test_odd_shapes_are_read_or_refused(value):
    try:
        facts = read_index(json.dumps(value).encode())
    except LedgerError as error:
        assert error.code in ("LG1003", "LG0103")
    else:
        assert all(item.availability in ("absent", "claimed", "referenced") for item in facts.components)
        assert all(item.value in ("open", "partial", "closed", None) for item in facts.judgements.values())


@given(st.dictionaries(st.sampled_from(NEW), st.sampled_from(["open", "partial", "closed", "Open ", "no", None])))
def test_a_judgement_that_is_taken_away_never_raises_the_score(judged):
    profile = index_profile("osai-index-2026-03", NEW, "mean")
    words = {name: {"class": word} for name, word in judged.items()}
    whole = evaluate(profile, read_index(record(**words))).figures["total"]
    worth = {"open": 1.0, "partial": 0.5, "Open ": 1.0}
    assert whole == pytest.approx(sum(worth.get(word, 0.0) for word in judged.values()) / 12)
    for name in judged:
        assert evaluate(profile, read_index(record(**{**words, name: "left out"}))).figures["total"] <= whole


def test_a_profile_asks_judgements_by_their_names():
    profile = index_profile("osai-index-2023", OLD, "sum")
    data = json.dumps({"project": {"name": "x"}, "opencode": {"class": "open"}}).encode()
    verdict = evaluate(profile, read_index(data))
    assert verdict.figures["total"] == 1 and verdict.figures["judged"] == 1
    assert verdict.believed == "unknown"
