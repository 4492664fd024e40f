"""A closure as a tree: literal output, determinism, and labels that try to break out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.lineage.graph import Edge, Graph
from ledger.lineage.render import tree_text

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
