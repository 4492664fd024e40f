"""A picture as text for programs that draw by themselves: Mermaid and Graphviz DOT.

As in `svg`: shape by kind, the licence below the name, a dashed outline for what nobody has verified, and marked links in bold. The same
picture gives the same bytes; labels cannot break out of the format, whatever characters they hold.
"""

from __future__ import annotations

from ledger.lineage.picture import Link, Node, Picture, license_words, plain
from ledger.lineage.shapes import LOOKS

# What stands around a label in Mermaid, by kind.
_AROUND = {
    "release": ("([", "])"),
    "weights": ("{{", "}}"),
    "dataset": ("[(", ")]"),
    "code": ("[[", "]]"),
    "document": (">", "]"),
    "": ("[", "]"),
}
_SHAPES = {"release": "box", "weights": "hexagon", "dataset": "cylinder", "code": "component", "document": "note", "": "box"}
_CLASSES = {kind: kind or "reference" for kind in LOOKS}


def mermaid(drawn: Picture) -> str:
    """A Mermaid flowchart; arrows lead from the input to what was made from it."""
    lines = [f"%% {_comment(drawn.title)}", "flowchart TD"]
    for number, node in enumerate(drawn.nodes):
        before, after = _AROUND[node.kind]
        text = "<br/>".join(map(_mermaid_text, _lines(node)))
        dashed = ":::unverified" if node.unverified else ""
        lines.append(f'    n{number}{before}"{text}"{after}{dashed}')
    for link in drawn.links:
        arrow = "==>" if link.marked else "-->"
        lines.append(f"    n{link.input} {arrow}|{_mermaid_text(_relation(link))}| n{link.output}")
    for kind, (fill, _) in LOOKS.items():
        members = [f"n{number}" for number, node in enumerate(drawn.nodes) if node.kind == kind]
        if members:
            lines.append(f"    classDef {_CLASSES[kind]} fill:{fill},stroke:#333,color:#000")
            lines.append(f"    class {','.join(members)} {_CLASSES[kind]}")
    lines.append("    classDef unverified stroke-dasharray:5 4")
    lines += [f"    %% {_comment(note)}" for note in drawn.notes]
    return "\n".join(lines) + "\n"


def dot(drawn: Picture) -> str:
    """Graphviz DOT; arrows lead from the input to what was made from it."""
    lines = [f"// {_comment(drawn.title)}", "digraph lineage {", '    node [style=filled, fontname="sans-serif"];']
    for number, node in enumerate(drawn.nodes):
        # A line break of DOT stands between the lines, and none is in them.
        text = "\\n".join(map(_dot_text, _lines(node)))
        style = ["filled", *(["rounded"] if node.kind == "release" else []), *(["dashed"] if node.unverified else [])]
        lines.append(
            f'    n{number} [label="{text}", shape={_SHAPES[node.kind]}, style="{",".join(style)}", fillcolor="{LOOKS[node.kind][0]}"];'
        )
    for link in drawn.links:
        bold = ", penwidth=3" if link.marked else ""
        lines.append(f'    n{link.input} -> n{link.output} [label="{_dot_text(_relation(link))}"{bold}];')
    lines += [f"    // {_comment(note)}" for note in drawn.notes]
    return "\n".join([*lines, "}"]) + "\n"


def _lines(node: Node) -> list[str]:
    """What is written in a node: its name, its licence, and what else must be said."""
    found = [node.called]
    # A release has no licence of its own.
    if node.license is not None or node.kind != "release":
        found.append(license_words(node))
    if node.unverified:
        found.append(f"{node.unverified} unverified" if node.members else "unverified: a reference without bytes")
    return [*found, *([node.note] if node.note else [])]


def _relation(link: Link) -> str:
    return link.relation if link.count == 1 else f"{link.relation} × {link.count}"


def _comment(text: str) -> str:
    return plain(text)


def _mermaid_text(text: str) -> str:
    # Mermaid reads entities by number; `#` starts one, quotes end the label, and angle brackets would be HTML.
    return "".join(f"#{ord(char)};" if char in '#"<>&`\\[]{}|' else char for char in plain(text))


def _dot_text(text: str) -> str:
    return plain(text).replace("\\", "\\\\").replace('"', '\\"')
