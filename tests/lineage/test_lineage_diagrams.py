"""Mermaid and DOT: literal output, and labels that try to break out."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ledger.lineage.diagrams import dot, mermaid
from ledger.lineage.folding import folded
from ledger.lineage.picture import Node, Picture, picture


def drawn(name: str = "data", note: str = "") -> Picture:
    """A release of weights from data under a licence and from a base that nobody has, evaluated by code."""
    nodes = [
        Node("sha256:r", "release", "model", "1"),
        Node("tree:w", "weights", "model", "1", depth=1, license="Apache-2.0", license_by="declared"),
        Node("tree:d", "dataset", name, "2", depth=2, license="CC-BY-4.0", license_by="concluded", note=note),
        Node("ref:b", "", "base", "3", verified=False, depth=2),
        Node("file:c", "code", "trainer", None, depth=2),
        Node("file:p", "document", "card", "1", depth=1, license="MIT"),
    ]
    links = [
        ("sha256:r", "tree:w", "weights", 4),
        ("sha256:r", "file:p", "model-card", 4),
        ("tree:w", "tree:d", "trained-on", 2),
        ("tree:w", "ref:b", "fine-tuned-from", 2),
        ("tree:w", "file:c", "built-by", 2),
    ]
    return picture(
        "sha256:r", "up", nodes, links, marked=[("tree:w", "ref:b"), ("sha256:r", "tree:w")], size=5, notes=["In bold: the base."]
    )


def test_mermaid():
    assert mermaid(drawn()) == (
        "%% What model@1 was made from\n"
        "flowchart TD\n"
        '    n0(["model@1"])\n'
        '    n1{{"model@1<br/>Apache-2.0"}}\n'
        '    n2[("data@2<br/>CC-BY-4.0")]\n'
        '    n3[["trainer<br/>licence not known"]]\n'
        '    n4>"card@1<br/>MIT"]\n'
        '    n5["base@3<br/>licence not known<br/>unverified: a reference without bytes"]:::unverified\n'
        "    n1 ==>|weights| n0\n"
        "    n4 -->|model-card| n0\n"
        "    n2 -->|trained-on| n1\n"
        "    n3 -->|built-by| n1\n"
        "    n5 ==>|fine-tuned-from| n1\n"
        "    classDef release fill:#fff6d5,stroke:#333,color:#000\n"
        "    class n0 release\n"
        "    classDef weights fill:#e4ecfb,stroke:#333,color:#000\n"
        "    class n1 weights\n"
        "    classDef dataset fill:#e3f4e6,stroke:#333,color:#000\n"
        "    class n2 dataset\n"
        "    classDef code fill:#f3e8f8,stroke:#333,color:#000\n"
        "    class n3 code\n"
        "    classDef document fill:#fdebdf,stroke:#333,color:#000\n"
        "    class n4 document\n"
        "    classDef reference fill:#ffffff,stroke:#333,color:#000\n"
        "    class n5 reference\n"
        "    classDef unverified stroke-dasharray:5 4\n"
        "    %% In bold: the base.\n"
    )


def test_dot():
    assert dot(drawn()) == (
        "// What model@1 was made from\n"
        "digraph lineage {\n"
        '    node [style=filled, fontname="sans-serif"];\n'
        '    n0 [label="model@1", shape=box, style="filled,rounded", fillcolor="#fff6d5"];\n'
        '    n1 [label="model@1\\nApache-2.0", shape=hexagon, style="filled", fillcolor="#e4ecfb"];\n'
        '    n2 [label="data@2\\nCC-BY-4.0", shape=cylinder, style="filled", fillcolor="#e3f4e6"];\n'
        '    n3 [label="trainer\\nlicence not known", shape=component, style="filled", fillcolor="#f3e8f8"];\n'
        '    n4 [label="card@1\\nMIT", shape=note, style="filled", fillcolor="#fdebdf"];\n'
        '    n5 [label="base@3\\nlicence not known\\nunverified: a reference without bytes", shape=box, style="filled,dashed", '
        'fillcolor="#ffffff"];\n'
        '    n1 -> n0 [label="weights", penwidth=3];\n'
        '    n4 -> n0 [label="model-card"];\n'
        '    n2 -> n1 [label="trained-on"];\n'
        '    n3 -> n1 [label="built-by"];\n'
        '    n5 -> n1 [label="fine-tuned-from", penwidth=3];\n'
        "    // In bold: the base.\n"
        "}\n"
    )


def test_what_was_folded_says_how_many_it_stands_for():
    nodes = [Node("tree:m", "weights", "model"), *(Node(f"ref:{n}", "", f"base-{n}", verified=False, depth=1) for n in range(30))]
    small = folded(picture("tree:m", "up", nodes, [("tree:m", f"ref:{n}", "merged-from", 1) for n in range(30)]), 5).picture
    for text in (mermaid(small), dot(small)):
        assert "30 references" in text and "30 unverified" in text and "merged-from × 30" in text and "n2" not in text


@given(st.text(max_size=30), st.text(max_size=30))
def test_labels_cannot_break_out(name: str, note: str) -> None:
    seen = drawn(name, note)
    lines = mermaid(seen).splitlines()
    boxes = [line for line in lines if re.match(r"    n\d[^ ]", line)]
    assert len(boxes) == 6 and len(lines) == len(mermaid(drawn()).splitlines())
    body = r'"(?:[^"<>]|<br/>)*"'
    assert all(
        re.fullmatch(
            rf"    n\d(?:\(\[{body}\]\)|\{{\{{{body}\}}\}}|\[\({body}\)\]|\[\[{body}\]\]|>{body}\]|\[{body}\])(:::unverified)?", line
        )
        for line in boxes
    )
    shown = dot(seen).splitlines()
    assert len(shown) == len(dot(drawn()).splitlines())
    assert all(
        re.fullmatch(r'    n\d \[label="(?:[^"\\]|\\.)*", shape=\w+, style="[a-z,]+", fillcolor="#[0-9a-f]{6}"\];', line)
        for line in shown[3:9]
    )
