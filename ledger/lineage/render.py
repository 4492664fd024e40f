"""A closure as text for a terminal.

The caller says how a node is called (`label`), and marks there what nobody has verified. Guarantees: the same closure and labels give
the same bytes; nothing recurses.
"""

from __future__ import annotations

from collections.abc import Callable

from ledger.lineage.graph import Closure, Edge

Label = Callable[[int], str]

SEEN = "(see above)"
# Deeper lines stop moving to the right and say their depth instead, so that a long chain stays readable and small.
_DEEPEST_INDENT = 40


def tree_text(closure: Closure, label: Label) -> str:
    """The closure as an indented tree; a node that comes up again is marked and not opened again."""
    following = _following(closure)
    lines = [_plain(label(closure.start))]
    opened = {closure.start}
    # Each entry: an edge to show, the node it leads to, the prefix of its line, its depth, and whether it is the last of its parent.
    pending = _children(closure, following, closure.start, "", 1)
    while pending:
        edge, node, prefix, depth, last = pending.pop()
        repeated = node in opened
        mark = f" {SEEN}" if repeated else ""
        shown = prefix if depth <= _DEEPEST_INDENT else f"{prefix}[{depth}] "
        lines.append(f"{shown}{'└── ' if last else '├── '}{_plain(edge.relation)}: {_plain(label(node))}{mark}")
        if not repeated:
            opened.add(node)
            deeper = prefix + ("    " if last else "│   ") if depth < _DEEPEST_INDENT else prefix
            pending.extend(_children(closure, following, node, deeper, depth + 1))
    if not closure.complete:
        lines.append(f"(incomplete: cut by {closure.truncated_by})")
    for cycle in closure.cycles:
        lines.append(f"(cycle: {', '.join(_plain(label(node)) for node in cycle)})")
    return "\n".join(lines) + "\n"


def _following(closure: Closure) -> dict[int, list[Edge]]:
    found: dict[int, list[Edge]] = {}
    seen: set[tuple[int, int, str]] = set()
    for edge in closure.edges:
        # The same relation said again at a later index is shown once.
        if (edge.output, edge.input, edge.relation) not in seen:
            seen.add((edge.output, edge.input, edge.relation))
            found.setdefault(edge.output if closure.direction == "up" else edge.input, []).append(edge)
    return found


def _children(
    closure: Closure, following: dict[int, list[Edge]], node: int, prefix: str, depth: int
) -> list[tuple[Edge, int, str, int, bool]]:
    edges = following.get(node, [])
    found = [
        (edge, edge.input if closure.direction == "up" else edge.output, prefix, depth, position == len(edges) - 1)
        for position, edge in enumerate(edges)
    ]
    # A stack gives back what was put last.
    return found[::-1]


def _plain(text: str) -> str:
    return text if text.isprintable() else "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
