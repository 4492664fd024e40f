"""A picture of a lineage as SVG 1.1: no script, nothing from elsewhere, readable in print and without colour; pure.

Names come from strangers: every text goes through `_text`, which escapes it and takes out what nobody sees. The same picture gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ledger.lineage.layout import MARGIN, Box, Layout, Line, layout, stub_height
from ledger.lineage.picture import KINDS, Node, Picture, cut, license_words, plain, wide
from ledger.lineage.shapes import LOOKS, outline

_LEAST_WIDTH, _HEAD, _ROW, _BOX = 660, 58, 30, 74
_STYLE = (
    "text{font-family:Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif;fill:#000;unicode-bidi:isolate;direction:ltr}"
    ".t{font-size:17px;font-weight:700}.s,.k{font-size:11px}.n{font-size:12px;font-weight:700}.r{font-size:9.5px}.c{font-size:10px}"
    ".b{stroke:#222;stroke-width:1.2}.u{stroke-dasharray:5 3}.l{fill:none;stroke:#555;stroke-width:1}"
    ".m{stroke:#000;stroke-width:3.4}.y{stroke-dasharray:8 3 2 3}.p{fill:#fff;stroke:#222;stroke-width:.8}.a{fill:#333}"
)
_SIGN_DASHED = '<path class="b u" fill="#fff" d="M0 0H52V24H0Z"/>'
_SIGN_CHIP = '<rect class="p" x="0" y="4" width="52" height="16" rx="8"/><text class="c" x="9" y="16">licence</text>'
_SIGN_PILE = '<path class="b" fill="#fff" d="M5 5H52V24H5Z"/><path class="b" fill="#fff" d="M0 0H47V19H0Z"/>'


def svg(drawn: Picture, *, embedded: bool = False) -> str:
    """The picture as the text of an SVG file.

    Args:
        embedded: without the XML declaration, to stand in an HTML page.
    """
    sides: list[set[str]] = [set() for _ in drawn.nodes]
    for link in drawn.links:
        sides[link.input if drawn.direction == "up" else link.output].add(link.relation)
    heights = [max(_BOX, stub_height(len(side))) for side in sides]
    placed = layout(drawn.start, heights, [(one.output, one.input, one.relation, one.marked) for one in drawn.links], drawn.direction)
    legend = _legend(drawn, placed, max(placed.width, _LEAST_WIDTH) - 2 * MARGIN)
    notes = _note_lines(drawn, max(placed.width, _LEAST_WIDTH) - 2 * MARGIN)
    width = max(placed.width, _LEAST_WIDTH)
    below = _HEAD + placed.height + 8
    height = below + _ROW * legend[1] + 16 * len(notes) + MARGIN
    parts = [] if embedded else ['<?xml version="1.0" encoding="UTF-8"?>']
    parts += [
        f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' role="img" aria-labelledby="picture-title picture-desc">',
        f'<title id="picture-title">{_text(drawn.title)}</title>',
        f'<desc id="picture-desc">{_text(description(drawn))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text class="t" x="{MARGIN}" y="30">{_text(cut(drawn.title, (width - 2 * MARGIN) // 12, keep_end=True))}</text>',
        f'<text class="s" x="{MARGIN}" y="48">{_text(_counts(drawn))}</text>',
        f'<g transform="translate({(width - placed.width) // 2} {_HEAD})">',
        *_lines(placed),
        *_stubs(placed, drawn),
        *(part for box in placed.boxes for part in _box(box, drawn.nodes[box.node])),
        *(f'<path class="a" d="M{x} {y}l-9 -{5 if bold else 4}v{10 if bold else 8}z"/>' for x, y, bold in placed.arrows),
        "</g>",
        f'<g transform="translate({MARGIN} {below})">',
        *legend[0],
        "</g>",
    ]
    top = below + _ROW * legend[1] + 12
    parts += [f'<text class="s" x="{MARGIN}" y="{top + 16 * number}">{_text(line)}</text>' for number, line in enumerate(notes)]
    return "\n".join([*parts, "</svg>"]) + "\n"


def description(drawn: Picture) -> str:
    """The picture in words, for those who cannot see it."""
    unverified = sum(node.unverified for node in drawn.nodes)
    unlicensed = sum(node.unlicensed for node in drawn.nodes)
    said = [_counts(drawn), "Arrows lead from an input to what was made from it"]
    if unverified:
        said.append(f"Unverified, because nobody has recorded the bytes, and drawn dashed: {unverified}")
    if unlicensed:
        said.append(f"Things of which no licence is known: {unlicensed}")
    return ". ".join([*said, *(note.rstrip(".") for note in drawn.notes)]) + "."


def _counts(drawn: Picture) -> str:
    things = sum(len(node.members) or 1 for node in drawn.nodes)
    links = sum(link.count for link in drawn.links)
    as_nodes = f", drawn as {len(drawn.nodes)} nodes" if things != len(drawn.nodes) else ""
    at = f", at log size {drawn.size}" if drawn.size else ""
    return f"{things} {'thing' if things == 1 else 'things'} and {links} {'link' if links == 1 else 'links'}{as_nodes}{at}"


def _text(text: str) -> str:
    return escape(plain(text), quote=True)


def _lines(placed: Layout) -> list[str]:
    """All lines that lead to the same node are one path; bold ones are drawn last, on top."""
    paths: dict[tuple[bool, int, bool], list[str]] = {}
    for line in placed.lines:
        paths.setdefault((line.bold, line.near, line.turns_back), []).append(_path(line))
    return [
        f'<path class="l{" m" if bold else ""}{" y" if back else ""}" d="{"".join(paths[(bold, near, back)])}"/>'
        for bold, near, back in sorted(paths)
    ]


def _path(line: Line) -> str:
    (x1, y1), *rest = line.points
    if line.kind == "curve":
        x2, y2 = rest[-1]
        # Both ends leave level, and the curve stays between them.
        middle = (x1 + x2) // 2
        return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}" if y1 != y2 else f"M{x1} {y1}H{x2}"
    return f"M{x1} {y1}" + "".join(f"L{x} {y}" for x, y in rest)


def _stubs(placed: Layout, drawn: Picture) -> list[str]:
    parts = []
    # Lines begin below the box, because not every outline reaches its edge everywhere.
    under = 10 if drawn.direction == "up" else 0
    for stub in placed.stubs:
        parts.append(f'<path class="l{" m" if stub.bold else ""}" d="M{stub.x1 - under} {stub.y}H{stub.x2}"/>')
        # The second outline of a pile is in the way of what stands to its right.
        left = stub.x1 + (9 if drawn.direction == "up" and drawn.nodes[stub.node].members else 3)
        parts.append(f'<text class="r" x="{left}" y="{stub.y - 4}">{_text(cut(stub.relation, 21))}</text>')
    return parts


def _box(box: Box, node: Node) -> list[str]:
    x, y, width, height = box.x, box.y, box.width, box.height
    fill = LOOKS[node.kind][0]
    dashed = "" if node.verified else " u"
    parts = [f"<g><title>{_text(_said(node))}</title>"]
    if node.members:
        # A pile of the same.
        parts.append(f'<path class="b{dashed}" fill="#fff" d="{outline(node.kind, x + 5, y + 5, width, height)}"/>')
    parts.append(f'<path class="b{dashed}" fill="{fill}" d="{outline(node.kind, x, y, width, height)}"/>')
    # Below the lid of a cylinder there is less room.
    left, top = x + 16, y + (height - 66) // 2 + (4 if node.kind == "dataset" else 0)
    parts.append(f'<text class="n" x="{left}" y="{top + 24}">{_text(cut(node.called, 20, keep_end=True))}</text>')
    under = _under(node)
    parts.append(f'<text class="s" x="{left}" y="{top + 38}">{_text(cut(under, 26))}</text>')
    return [*parts, *_chip(left, top + 44, node), "</g>"]


def _under(node: Node) -> str:
    """The second line of a node: what it is, the start of its id, and whether there are bytes."""
    kind = LOOKS[node.kind][1]
    if node.members:
        return kind if node.verified else "none verified" if not node.kind else f"{kind}, not all verified"
    short = node.id[: node.id.find(":") + 9]
    if not node.verified:
        return f"unverified {short}"
    return short if short.startswith(kind) else f"{kind} {short}"


def _chip(x: int, y: int, node: Node) -> list[str]:
    known = node.license is not None
    words = cut(license_words(node), 25)
    room = min(166, 12 + wide(words) * 6)
    shape = f'<rect class="p{"" if known else " u"}" x="{x}" y="{y}" width="{room}" height="16" rx="8"/>'
    return [shape, f'<text class="c" x="{x + 6}" y="{y + 12}">{_text(words)}</text>']


def _said(node: Node) -> str:
    """All that is known of a node, for a pointer that rests on it."""
    by = f" ({node.license_by})" if node.license_by else ""
    parts = [node.called, LOOKS[node.kind][1], node.id, f"licence: {license_words(node)}{by}"]
    if not node.verified:
        parts.append("not all verified" if node.members else "unverified: a reference without bytes")
    if node.note:
        parts.append(node.note)
    return "; ".join(part for part in parts if part)


def _legend(drawn: Picture, placed: Layout, width: int) -> tuple[list[str], int]:
    """What the signs mean, of those that the picture has; and how many rows that takes."""
    used = {node.kind for node in drawn.nodes}
    items = [
        (f'<path class="b{"" if kind else " u"}" fill="{LOOKS[kind][0]}" d="{outline(kind, 0, 0, 52, 24)}"/>', LOOKS[kind][1])
        for kind in KINDS
        if kind in used
    ]
    signs = (
        (any(not node.verified for node in drawn.nodes), _SIGN_DASHED, "dashed: unverified, no bytes recorded"),
        (True, _SIGN_CHIP, "what counts of its licence"),
        (any(node.members for node in drawn.nodes), _SIGN_PILE, "several, folded into one"),
        (any(link.marked for link in drawn.links), '<path class="l m" d="M0 12H52"/>', "the marked path"),
        (any(line.turns_back for line in placed.lines), '<path class="l y" d="M0 12H52"/>', "closes a cycle"),
        (bool(placed.arrows), '<path class="l" d="M0 12H52"/><path class="a" d="M52 12l-9 -4v8z"/>', "from input to what was made from it"),
    )
    items += [(sign, words) for wanted, sign, words in signs if wanted]
    parts, x, row = [], 0, 0
    for sign, words in items:
        room = 52 + 8 + 6 * len(words) + 22
        if x and x + room > width:
            x, row = 0, row + 1
        parts.append(f'<g transform="translate({x} {row * _ROW})">{sign}<text class="k" x="60" y="16">{_text(words)}</text></g>')
        x += room
    return parts, row + 1


def _note_lines(drawn: Picture, width: int) -> Sequence[str]:
    """The notes in lines that fit."""
    room = width // 7
    lines: list[str] = []
    for note in drawn.notes:
        words = [part for word in plain(note).split(" ") for part in (word[at : at + room // 2] for at in range(0, len(word), room // 2))]
        line = ""
        for word in words:
            if line and wide(line) + 1 + wide(word) > room:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return lines
