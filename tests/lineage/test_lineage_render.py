"""Pictures of a closure: literal output, determinism, and labels that try to break out."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ledger.lineage.graph import Edge, Graph
from ledger.lineage.render import dot, mermaid, tree_text

GRAPH = Graph.from_edges(
    [
        Edge(1, 2, "trained-on", 5),
        Edge(1, 2, "trained-on", 8),
        Edge(1, 3, "fine-tuned-from", 5),
        Edge(3, 2, "trained-on", 2),
        Edge(2, 4, "subset-of", 1),
    ]
)
NAMES = {1: "model", 2: "data@1", 3: "base (unverified)", 4: "crawl"}


def test_tree_up():
    assert tree_text(GRAPH.closure(1), NAMES.__getitem__) == (
        "model\n"
        "├── trained-on: data@1\n"
        "│   └── subset-of: crawl\n"
        "└── fine-tuned-from: base (unverified)\n"
        "    └── trained-on: data@1 (see above)\n"
    )


def test_tree_down_and_cut():
    assert tree_text(GRAPH.closure(4, "down", 1), NAMES.__getitem__) == "crawl\n└── subset-of: data@1\n(incomplete: cut by depth)\n"


def test_tree_with_a_cycle():
    graph = Graph.from_edges([Edge(1, 2, "derived-from", 0), Edge(2, 1, "derived-from", 1)])
    assert tree_text(graph.closure(1), str) == "1\n└── derived-from: 2\n    └── derived-from: 1 (see above)\n(cycle: 1, 2)\n"


def test_mermaid():
    assert mermaid(GRAPH.closure(1), NAMES.__getitem__) == (
        "flowchart TD\n"
        '    n0["model"]\n'
        '    n1["data@1"]\n'
        '    n2["base (unverified)"]\n'
        '    n3["crawl"]\n'
        "    n1 -->|trained-on| n0\n"
        "    n2 -->|fine-tuned-from| n0\n"
        "    n3 -->|subset-of| n1\n"
        "    n1 -->|trained-on| n2\n"
    )


def test_dot():
    assert dot(GRAPH.closure(3), NAMES.__getitem__) == (
        "digraph lineage {\n"
        "    node [shape=box];\n"
        '    n0 [label="base (unverified)"];\n'
        '    n1 [label="data@1"];\n'
        '    n2 [label="crawl"];\n'
        '    n2 -> n1 [label="subset-of"];\n'
        '    n1 -> n0 [label="trained-on"];\n'
        "}\n"
    )


def test_cut_pictures_say_so():
    closure = GRAPH.closure(1, "up", 1)
    assert "cut by depth" in mermaid(closure, str)
    assert "cut by depth" in dot(closure, str)


def test_a_long_chain_stays_small():
    graph = Graph.from_edges(Edge(node, node + 1, "derived-from", 0) for node in range(20_000))
    text = tree_text(graph.closure(0), str)
    assert text.count("\n") == 20_001
    assert len(text) < 200 * 20_001
    assert "[20000] └── derived-from: 20000" in text


@given(st.text(max_size=30))
def test_labels_cannot_break_out(label):
    closure = GRAPH.closure(1)

    def name(node: int) -> str:
        return label

    assert len(tree_text(closure, name).splitlines()) == 5
    picture = mermaid(closure, name).splitlines()
    assert len(picture) == 9
    assert all(re.fullmatch(r'    n\d\["[^"<>]*"\]', line) for line in picture[1:5])
    drawn = dot(closure, name).splitlines()
    assert len(drawn) == 11
    assert all(re.fullmatch(r'    n\d \[label="(?:[^"\\]|\\.)*"\];', line) for line in drawn[2:6])
