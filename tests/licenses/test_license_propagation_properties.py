"""What holds of propagation on any graph, and that it agrees with the naive one on small graphs without cycles."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from licenses.naive_propagation import SILENT, Naive

from ledger.licenses.propagate import EDGE_RELATIONS, RANK, STANCES, Actor, Edge, Node, propagate

SINGLE = [
    None,
    "MIT",
    "Apache-2.0",
    "GPL-3.0-only",
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "ODC-By-1.0",
    "CDLA-Permissive-2.0",
    "ZPL-2.1",
    "LicenseRef-Llama-3",
    "LicenseRef-Llama-3.1",
    "LicenseRef-Llama-4",
    "LicenseRef-Gemma",
    "LicenseRef-DeepSeek-Model-1.0",
    "LicenseRef-MRL-0.1",
    "LicenseRef-OpenAI-ToU-2024-12-11",
    "LicenseRef-nobody-knows",
]
COMPOUND = ["MIT OR LicenseRef-Llama-3", "CC-BY-NC-SA-4.0 AND LicenseRef-Gemma", "CC-BY-NC-4.0 OR (CC-BY-SA-4.0 AND GPL-3.0-only)", "NONE"]
KINDS = ["dataset", "weights", "dataset", "weights", "service", "code"]
TRUTH = st.sampled_from([None, True, False])
ACTORS = st.builds(
    Actor,
    monthly_active_users=st.sampled_from([None, 5, 10**9]),
    domicile=st.sampled_from([None, "US", "DE"]),
    purpose=st.sampled_from([None, "commercial", "research"]),
    accepted_terms=st.sampled_from([None, (), ("openai-tou-2024-12-11",)]),
    allow_list=st.sampled_from([None, ("MIT", "CC0-1.0")]),
)
RELATIONS = [r for r in EDGE_RELATIONS if r != "contains"]


@st.composite
def graphs(draw, texts=tuple(SINGLE + COMPOUND), cycles=True, most=7):
    size = draw(st.integers(2, most))
    nodes = [
        Node(
            f"n{i}",
            draw(st.sampled_from(KINDS)),
            draw(st.sampled_from(["", "Llama-3-x", "org/other"])),
            declared=draw(st.sampled_from(list(texts))),
            has_text=draw(TRUTH),
            terms_captured=draw(TRUTH),
            multimodal=draw(TRUTH),
            tdm_reserved=draw(TRUTH),
            synthetic=draw(TRUTH),
            retrieved=draw(TRUTH),
        )
        for i in range(size)
    ]
    edges = []
    for _ in range(draw(st.integers(1, size * 2))):
        one, two = draw(st.integers(0, size - 1)), draw(st.integers(0, size - 1))
        if not cycles:
            one, two = min(one, two), max(one, two)
        if one != two:
            edges.append(Edge(f"n{one}", f"n{two}", draw(st.sampled_from(RELATIONS))))
    return nodes, edges


def judged(edges, target):
    """(artifact, origin): what is judged against what; the target against all behind it, what lies behind against its direct inputs."""
    edges = [edge for edge in edges if edge.relation not in SILENT]
    pairs = {(edge.target, edge.source) for edge in edges}
    pending, reached = [target], {target}
    while pending:
        here = pending.pop()
        for edge in edges:
            if edge.target == here and edge.source not in reached:
                reached.add(edge.source)
                pending.append(edge.source)
    return pairs | {(target, origin) for origin in reached}


def spread(found, *, known=False, edges=None):
    """Worst severity by rule, licence, artifact and origin.

    Args:
        edges: leave out pairs that are none: a finding that several artifacts have alike lists all of their origins.
    """
    out: dict[tuple[str, str, str, str], str] = {}
    pairs = None if edges is None else judged(edges, found.targets[0])
    for item in found.findings:
        if known and item.unknown:
            continue
        for node in item.nodes:
            for origin in item.origins:
                key = (item.rule, item.license, node, origin)
                if pairs is not None and node != origin and (node, origin) not in pairs:
                    continue
                if key not in out or RANK[item.severity] > RANK[out[key]]:
                    out[key] = item.severity
    return out


def everything(found):
    return [
        (item.rule, item.severity, item.nodes, item.origins, item.path, item.closure, item.reason, item.inputs, item.id)
        for item in found.findings
    ]


@settings(max_examples=150, deadline=None)
@given(graphs(), ACTORS)
def test_strict_is_never_below_moderate_nor_that_below_permissive(graph, actor):
    nodes, edges = graph
    answers = [spread(propagate(nodes, edges, stance=stance, actor=actor, target="n0")) for stance in STANCES]
    for higher, lower in itertools.pairwise(answers):
        assert higher.keys() == lower.keys()
        assert all(RANK[higher[key]] >= RANK[lower[key]] for key in higher)


@settings(max_examples=100, deadline=None)
@given(graphs(), ACTORS, st.randoms(use_true_random=False))
def test_order_does_not_matter(graph, actor, rng: random.Random):
    nodes, edges = graph
    before = everything(propagate(nodes, edges, actor=actor, target="n1"))
    shuffled, turned = list(nodes), [*edges, *edges[:1]]
    rng.shuffle(shuffled)
    rng.shuffle(turned)
    assert everything(propagate(shuffled, turned, actor=actor, target="n1")) == before


@settings(max_examples=200, deadline=None)
@given(graphs(cycles=False), ACTORS, st.sampled_from(STANCES), st.sampled_from(RELATIONS), st.data())
def test_another_edge_takes_no_finding_away(graph, actor, stance, relation, data):
    nodes, edges = graph
    one = data.draw(st.integers(0, len(nodes) - 2))
    two = data.draw(st.integers(one + 1, len(nodes) - 1))
    target = nodes[-1].id
    before = propagate(nodes, edges, stance=stance, actor=actor, target=target)
    after = spread(propagate(nodes, [*edges, Edge(nodes[one].id, nodes[two].id, relation)], stance=stance, actor=actor, target=target))
    for key, severity in spread(before, known=True, edges=edges).items():
        assert key in after
        # The one thing that frees: a ban names a family, and the artifact turns out to be of it.
        assert RANK[after[key]] >= RANK[severity] or (key[0] in ("S1", "W7") and after[key] == "none")


@settings(max_examples=200, deadline=None)
@given(graphs(cycles=False), ACTORS, st.sampled_from(STANCES), st.data())
def test_more_evidence_takes_no_finding_away(graph, actor, stance, data):
    nodes, edges = graph
    said = [place for place, node in enumerate(nodes) if node.declared not in (None, "NONE", "NOASSERTION")]
    if not said:
        return
    place = data.draw(st.sampled_from(said))
    more = replace(nodes[place], detected=(data.draw(st.sampled_from([text for text in SINGLE if text])),), has_text=False, retrieved=True)
    target = nodes[-1].id
    before = propagate(nodes, edges, stance=stance, actor=actor, target=target)
    after = spread(propagate([*nodes[:place], more, *nodes[place + 1 :]], edges, stance=stance, actor=actor, target=target))
    for key, severity in spread(before, known=True, edges=edges).items():
        assert key in after
        assert RANK[after[key]] >= RANK[severity] or (key[0] in ("S1", "W7") and after[key] == "none")


@settings(max_examples=100, deadline=None)
@given(graphs(texts=(None, "MIT", "CC-BY-NC-SA-4.0", "LicenseRef-Llama-3", "LicenseRef-Gemma")), ACTORS)
def test_no_restriction_of_an_ancestor_is_lost(graph, actor):
    nodes, edges = graph
    target = nodes[-1].id
    found = propagate(nodes, edges, stance="strict", actor=actor, target=target)
    behind, pending = set(), [target]
    while pending:
        here = pending.pop()
        for edge in edges:
            if edge.target == here and edge.relation not in SILENT and edge.source not in behind | {target}:
                behind.add(edge.source)
                pending.append(edge.source)
    reached = {origin for item in found.findings if item.node == target for origin in item.origins}
    for node in nodes:
        if node.id in behind and node.declared in ("CC-BY-NC-SA-4.0", "LicenseRef-Llama-3", "LicenseRef-Gemma"):
            assert node.id in reached


@settings(max_examples=250, deadline=None)
@given(graphs(texts=tuple(SINGLE), cycles=False, most=6), ACTORS, st.sampled_from(STANCES))
def test_agrees_with_every_path_one_by_one(graph, actor, stance):
    nodes, edges = graph
    target = nodes[-1].id
    found = propagate(nodes, edges, stance=stance, actor=actor, target=target, shipped=[target])
    ours = {
        (item.rule, item.severity, item.license, origin)
        for item in found.findings
        if item.node == target and not item.rule.startswith("H")
        for origin in item.origins
    }
    assert ours == Naive(nodes, edges, actor, [target]).findings(target, stance)


@settings(max_examples=100, deadline=None)
@given(graphs(), ACTORS)
def test_ways_are_ways(graph, actor):
    nodes, edges = graph
    steps = {(edge.source, edge.target) for edge in edges}
    for item in propagate(nodes, edges, actor=actor, target="n0").findings:
        path = item.path
        assert path[-1] == item.node and path[0] in item.origins and item.node in item.nodes
        assert all(pair in steps for pair in itertools.pairwise(path))


@pytest.mark.parametrize("kind", ["dataset", "weights"])
def test_a_chain_as_long_as_ledgers_get(kind):
    count = 20_000
    relation = "derived-from" if kind == "dataset" else "fine-tuned-from"
    nodes = [Node(f"{n:06d}", kind, declared="LicenseRef-Gemma" if n == 0 else "MIT") for n in range(count)]
    edges = [Edge(f"{n:06d}", f"{n + 1:06d}", relation) for n in range(count - 1)]
    last = nodes[-1].id
    found = [item for item in propagate(nodes, edges, target=last).findings if item.node == last and "000000" in item.origins]
    assert found and all(item.path[0] == "000000" and len(item.path) == count for item in found if len(item.origins) == 1)
