"""Many releases judged together have the findings that each has when it is judged alone, before and after a supposition."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from licenses.test_license_propagation_properties import ACTORS, COMPOUND, SINGLE, graphs

from ledger.licenses import together
from ledger.licenses.actor import Actor
from ledger.licenses.findings import RANK, STANCES, Edge, Node
from ledger.licenses.propagate import propagate
from ledger.licenses.together import Together, lineages

# Of these it matters what else an artifact was made from.
FAMILIES = ("LicenseRef-Llama-3", "LicenseRef-Llama-3.1", "GPL-3.0-only", "LicenseRef-Gemma")
EXPRESSIONS = [text for text in SINGLE + COMPOUND if text is not None]


def alone(nodes, edges, release, stance, actor, supposed):
    """What `propagate` finds of one release over its own lineage: severities, conflicts, and what comes from one artifact."""
    reached, pending = {release}, [release]
    while pending:
        here = pending.pop()
        for edge in edges:
            if edge.target == here and edge.source not in reached:
                reached.add(edge.source)
                pending.append(edge.source)
    mine = [node for node in nodes if node.id in reached]
    inside = [edge for edge in edges if edge.target in reached]
    shipped = frozenset(edge.source for edge in inside if edge.target == release)
    found = propagate(mine, inside, stance=stance, actor=actor, target=release, shipped=shipped).findings
    least: dict[tuple[str, str, str], str] = {}
    for item in found:
        key = (item.rule, item.node, item.license)
        if item.severity != "none" and (key not in least or RANK[item.severity] < RANK[least[key]]):
            least[key] = item.severity
    carried = {
        (item.rule, item.severity, item.node, item.license) for item in found if supposed in item.origins and item.severity != "none"
    }
    return least, sum(item.severity == "conflict" for item in found), carried


def listed(found, ids):
    return (
        {(rule, ids[place], license): severity for (rule, place, license), severity in found.severities.items()},
        found.unresolved,
        {(rule, severity, ids[place], license) for rule, severity, place, license in found.carried},
    )


@st.composite
def several(draw):
    """Artifacts in a graph, and releases that contain some of them, or another release."""
    texts = draw(st.sampled_from((tuple(SINGLE + COMPOUND), FAMILIES)))
    nodes, edges = draw(graphs(texts=texts, most=9))
    count = draw(st.integers(1, 4))
    for number in range(count):
        parts = draw(st.lists(st.integers(0, len(nodes) - 1), min_size=0, max_size=3, unique=True))
        name = draw(st.sampled_from(["a", "m", "z"])) + f"-release{number}"
        edges += [Edge(nodes[part].id, name, "contains") for part in parts]
        nodes.append(Node(name, "release", "r", declared=draw(st.sampled_from([None, "MIT"]))))
    return nodes, edges


@pytest.mark.parametrize("few", [0, 40], ids=["as arrays", "one by one"])
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(several(), st.data(), st.sampled_from(STANCES), ACTORS)
def test_each_has_the_findings_that_it_has_alone(monkeypatch, few, drawn, data, stance, actor):
    monkeypatch.setattr(together, "_FEW", few)
    nodes, edges = drawn
    chosen = data.draw(st.sampled_from(nodes))
    other = replace(chosen, concluded=data.draw(st.sampled_from(EXPRESSIONS)))
    changed = [other if node is chosen else node for node in nodes]
    lineage, place = lineages(nodes, edges)
    ids = sorted(place)
    supposed = replace(other, id="", name="", version=None)
    whole = Together(lineage, stance, actor, place[chosen.id], supposed)
    releases = [node.id for node in nodes if node.kind == "release"]
    for release in data.draw(st.permutations(releases)):
        shipped = [place[edge.source] for edge in edges if edge.target == release]
        before, after = whole.findings(place[release], shipped)
        assert listed(before, ids) == alone(nodes, edges, release, stance, actor, chosen.id)
        assert listed(after, ids)[:2] == alone(changed, edges, release, stance, actor, chosen.id)[:2]


def test_a_family_that_goes_on_far_behind():
    """A base of Llama's family two steps back decides about outputs of Llama that a model behind the release was trained on."""
    nodes = [
        Node("base", "weights", "base", declared="LicenseRef-Llama-3"),
        Node("middle", "weights", "middle", declared="LicenseRef-Llama-3"),
        Node("outputs", "dataset", "outputs", declared="LicenseRef-Llama-3"),
        Node("behind", "weights", "Llama-3-behind", declared="MIT"),
        Node("front", "weights", "front", declared="MIT"),
        Node("release", "release", "release"),
    ]
    made = [("base", "middle", "fine-tuned-from"), ("middle", "behind", "fine-tuned-from"), ("outputs", "behind", "trained-on")]
    edges = [Edge(*one) for one in (*made, ("behind", "front", "fine-tuned-from"), ("front", "release", "contains"))]
    other = {"base": replace(nodes[0], concluded="MIT"), "middle": replace(nodes[1], concluded="MIT")}
    for changing in ("base", "middle"):
        # Nothing but the one that changes is of the family.
        mine = [node if node.id in (changing, "outputs") or node.kind == "release" else replace(node, declared="MIT") for node in nodes]
        changed = [other[node.id] if node.id == changing else node for node in mine]
        lineage, place = lineages(mine, edges)
        whole = Together(lineage, "strict", Actor(), place[changing], replace(other[changing], id="", name="", version=None))
        before, after = whole.findings(place["release"], [place["front"]])
        ids = sorted(place)
        expected = [alone(some, edges, "release", "strict", Actor(), changing) for some in (mine, changed)]
        assert [listed(before, ids)[:2], listed(after, ids)[:2]] == [one[:2] for one in expected]
        at_behind = [{key: severity for key, severity in one[0].items() if key[1:] == ("behind", "LicenseRef-Llama-3")} for one in expected]
        assert at_behind[0] != at_behind[1]
