"""The table of rules and its functions, actor files, and lineage that does not fit."""

from __future__ import annotations

import json

import pytest
import yaml
from refdata import refdata

from ledger import resources
from ledger.errors import LedgerError
from ledger.licenses.actor import Actor, read_actor
from ledger.licenses.case import begins
from ledger.licenses.propagate import RANK, STANCES, Edge, Node, propagate
from ledger.licenses.rules import predicates, read_rules, rules


def test_table_and_functions_name_the_same_48_rules():
    assert len(rules()) == 48
    assert set(rules()) == set(predicates())


def test_severities_never_rise_from_strict_to_permissive():
    for rule in rules().values():
        ranks = [RANK[rule.severity[stance]] for stance in STANCES]
        assert ranks == sorted(ranks, reverse=True)
        assert rule.sources and all(rule.sources)


def test_table_is_the_reference_table():
    path = refdata("license_golden_cases.yaml").parent.parent / "facts" / "license_rules.yaml"
    reference = {rule["id"]: rule["severity"] for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]}
    assert {rule.id: dict(rule.severity) for rule in rules().values()} == reference


@pytest.mark.parametrize("change", ["rising", "sourceless", "wordless", "words", "missing", "shapeless"])
def test_damaged_table_is_refused(change):
    table = json.loads(resources.data_bytes("licenses", "license-rules.json"))
    if change == "rising":
        table["rules"][0]["severity"] = {"strict": "none", "moderate": "review", "permissive": "none"}
    elif change == "sourceless":
        table["rules"][0]["sources"] = []
    elif change == "wordless":
        table["rules"][0]["severity"]["strict"] = "awful"
    elif change == "words":
        table["rules"][0]["severity"] = dict.fromkeys(STANCES, "awful")
    elif change == "missing":
        del table["rules"][0]["severity"]["permissive"]
    data = b"[1" if change == "shapeless" else json.dumps(table).encode()
    with pytest.raises(LedgerError) as caught:
        read_rules(data)
    assert caught.value.code == "LG0815"


def test_actor_file():
    actor = read_actor(b"monthly_active_users: 12\ndomicile: 'NO'\npurpose: commercial\nallow_list: [MIT]\nclaims_open_source: true\n")
    assert actor == Actor(monthly_active_users=12, domicile="NO", purpose="commercial", allow_list=("MIT",), claims_open_source=True)
    assert read_actor(b"") == Actor()
    assert read_actor(b"annual_revenue_usd: unknown\n") == Actor()
    assert Actor(domicile="FR").within(("EU", "KR")) is True
    assert Actor(domicile="GB").within(("EU",)) is False
    assert Actor().within(("EU",)) is None


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (b"monthly_users: 5", "LG0821", "monthly_users"),
        (b"stars: 5\nmau: 1", "LG0821", "mau, stars"),
        (b"domicile: NO", "LG0822", "YAML boolean"),
        (b"purpose: on", "LG0822", "YAML boolean"),
        (b"domicile: Norway", "LG0822", "two capitals"),
        (b"purpose: fun", "LG0822", "none of"),
        (b"monthly_active_users: -1", "LG0822", "whole number"),
        (b"monthly_active_users: 1.5", "LG0822", "whole number"),
        (b"monthly_active_users: yes", "LG0822", "whole number"),
        (b"annual_revenue_usd: '5'", "LG0822", "whole number"),
        (b"accepted_terms: openai", "LG0822", "list"),
        (b"allow_list: [off]", "LG0822", "YAML boolean"),
        (b"claims_open_source: 'maybe'", "LG0822", "true nor false"),
        (b"is_software_or_cloud_provider: 7", "LG0822", "true nor false"),
        (b"[1, 2]", "LG0820", "mapping"),
        (b"domicile: US\ndomicile: DE", "LG0820", "duplicate"),
        (b"a: &x [*x]", "LG0820", "refused"),
        (b"\xff", "LG0820", "UTF-8"),
    ],
)
def test_actor_files_that_are_refused(text, code, words):
    with pytest.raises(LedgerError, match=words) as caught:
        read_actor(text)
    assert caught.value.code == code


def test_missing_figure_is_a_review_and_never_silence():
    node = [Node("m", "weights", declared="LicenseRef-Llama-3.1", has_text=True, has_notice=True, terms_captured=True)]
    for stance in STANCES:
        (found,) = [item for item in propagate(node, [], stance=stance).findings if item.rule == "H9"]
        assert (found.severity, found.unknown) == ("review", True)
    over = propagate(node, [], actor=Actor(monthly_active_users=700_000_001))
    assert [item.severity for item in over.findings if item.rule == "H9"] == ["conflict"]
    at = propagate(node, [], actor=Actor(monthly_active_users=700_000_000))
    assert [item for item in at.findings if item.rule == "H9"] == []


def test_a_remembered_threshold_clears_nothing():
    node = [Node("m", "weights", declared="LicenseRef-Jamba-Open-Model")]
    found = propagate(node, [], actor=Actor(annual_revenue_usd=1))
    assert [(item.severity, item.unknown) for item in found.findings if item.rule == "H9"] == [("review", True)]
    assert [item.severity for item in found.findings if item.rule == "H2"] == ["review"]


@pytest.mark.parametrize(
    ("name", "prefix", "holds"),
    [
        ("Llama-3-Taiwan-8B", "Llama 3", True),
        ("org/llama3-chatqa", "Llama 3", True),
        ("Llama-3.1-Nemotron", "Llama", True),
        ("DeepSeek-R1-Distill-Llama-8B", "Llama", False),
        ("meta-llama/Meta-Llama-3-8B", "Llama 3", False),
        ("llama/other", "Llama", False),
    ],
)
def test_names(name, prefix, holds):
    assert begins(name, prefix) is holds


def test_cycles_end_and_lose_nothing():
    nodes = [Node("a", "dataset", declared="CC-BY-NC-4.0"), Node("b", "dataset", declared="MIT"), Node("c", "weights", declared="MIT")]
    edges = [Edge("a", "b", "derived-from"), Edge("b", "a", "derived-from"), Edge("b", "c", "trained-on"), Edge("c", "c", "merged-from")]
    found = propagate(nodes, edges, target="c", actor=Actor(purpose="commercial"))
    assert {"T-NC", "D4"} <= {item.rule for item in found.findings}


def test_a_dangling_input_is_an_unknown_licence():
    found = propagate([Node("m", "weights", declared="MIT")], [Edge("ref:gone", "m", "trained-on")], target="m")
    assert [(item.rule, item.severity, item.node, item.unknown) for item in found.findings if item.rule == "H1"] == [
        ("H1", "review", "ref:gone", True)
    ]
    # What lies behind an artifact that was not given is followed all the same.
    nodes = [Node("d", "dataset", declared="CC-BY-NC-4.0"), Node("m", "weights", declared="MIT")]
    found = propagate(nodes, [Edge("d", "x", "combined-from"), Edge("x", "m", "trained-on")], target="m")
    assert ("d", "x", "m") in {item.path for item in found.findings if item.rule == "T-NC"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"stance": "lenient"}, "LG0825"),
        ({"nodes": [Node("a", "model")]}, "LG0825"),
        ({"edges": [Edge("a", "b", "inspired-by")]}, "LG0825"),
        ({"nodes": [Node("a", "weights"), Node("a", "dataset")]}, "LG0826"),
        ({"target": "z"}, "LG0826"),
        ({"edges": [Edge("z", "a", "trained-on")], "target": "z"}, "LG0826"),
    ],
)
def test_lineage_that_is_refused(arguments, code):
    given = {"nodes": [Node("a", "weights")], "edges": [], **arguments}
    nodes, edges = given.pop("nodes"), given.pop("edges")
    with pytest.raises(LedgerError) as caught:
        propagate(nodes, edges, **given)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["MIT AND", "", "(" * 1000 + "MIT" + ")" * 1000, "MIT AND " * 600 + "MIT", "\udcff", "no such licence"])
def test_hostile_claims_are_unknown_licences(text):
    found = propagate(
        [Node("d", "dataset", declared=text), Node("m", "weights", declared="MIT")], [Edge("d", "m", "trained-on")], target="m"
    )
    assert [item.severity for item in found.findings if item.rule == "H1" and item.node == "d"] == ["conflict"]


def test_a_choice_takes_the_better_branch_as_a_whole():
    def weigh(text):
        node = Node("d", "dataset", declared=text, has_text=True, has_notice=True)
        found = propagate([node, Node("m", "weights", declared="MIT")], [Edge("d", "m", "trained-on")], target="m", stance="strict")
        return {item.rule: (item.severity, item.reason) for item in found.findings if "d" in item.origins and item.node == "m"}

    assert weigh("CC-BY-NC-4.0 OR CC0-1.0")["T-NC"][0] == "none"
    assert "a choice of licences: CC-BY-NC-4.0 OR CC0-1.0" in weigh("CC-BY-NC-4.0 OR CC0-1.0")["T-NC"][1]
    # Either branch has a conflict, each of another rule: neither may be escaped through the other one.
    both = weigh("CC-BY-NC-4.0 OR CC-BY-SA-4.0")
    assert (both["T-NC"][0], both["T-SA"][0]) == ("conflict", "conflict")
    assert weigh("CC-BY-NC-4.0 AND CC0-1.0")["T-NC"][0] == "conflict"


def test_a_waiver_keeps_the_severity_and_ends_when_something_changes():
    nodes = [Node("s", "dataset", declared="CC-BY-NC-4.0"), Node("t", "dataset", declared="MIT"), Node("r", "release")]
    edges = [Edge("s", "t", "combined-from"), Edge("t", "r", "contains")]
    before = propagate(nodes, edges, target="r")
    (conflict,) = [item for item in before.findings if item.rule == "D4"]
    assert [item.severity for item in before.findings if item.rule == "R3"] == ["conflict"]
    waived = propagate(nodes, edges, target="r", waivers={item.id: "rev:1" for item in before.unresolved()})
    (same,) = [item for item in waived.findings if item.rule == "D4"]
    assert (same.id, same.severity, same.waived_by) == (conflict.id, "conflict", "rev:1")
    assert waived.unresolved() == ()
    more = [*nodes, Node("s2", "dataset", declared="CC-BY-NC-4.0")]
    after = propagate(more, [*edges, Edge("s2", "t", "combined-from")], target="r", waivers={conflict.id: "rev:1"})
    assert [item.waived_by for item in after.findings if item.rule == "D4"] == [None]


def test_a_release_is_called_open_source():
    def weigh(text, **actor):
        nodes = [Node("w", "weights", declared=text), Node("r", "release")]
        found = propagate(nodes, [Edge("w", "r", "contains")], target="r", actor=Actor(**actor)).findings
        return [(item.severity, item.unknown) for item in found if item.rule == "R2"]

    assert weigh("Apache-2.0", claims_open_source=True) == []
    assert weigh("OpenMDW-1.0", claims_open_source=True) == [("conflict", False)]
    assert weigh("OpenMDW-1.0", claims_open_source=True, allow_list=("OpenMDW-1.0",)) == []
    assert weigh("LicenseRef-nobody", claims_open_source=True) == [("review", True)]
    assert weigh("LicenseRef-Gemma", claims_open_source=False) == []
    assert weigh("LicenseRef-Gemma") == [("review", True)]
