"""A picture of a lineage as one HTML page: the SVG, and tables with the same facts for those who cannot see it; no script; pure.

The tables have everything, also what is folded in the picture. Every text is escaped, and nothing that strangers say becomes an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from ledger.lineage.folding import Folded
from ledger.lineage.picture import Node, Picture, license_words, plain
from ledger.lineage.shapes import LOOKS
from ledger.lineage.svg import description, svg

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
body{font:15px/1.45 Helvetica,Arial,"Liberation Sans","DejaVu Sans",sans-serif;margin:1.5rem;color:#000;background:#fff}
h1{font-size:1.4rem;margin:0 0 .3rem}h2{font-size:1.1rem;margin:1.5rem 0 .3rem}
.picture{overflow:auto;max-height:85vh;border:1px solid #888}
.picture:focus{outline:3px solid #000}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.85rem}
th,td{border:1px solid #999;padding:.2rem .5rem;text-align:left;vertical-align:top}
tbody th,td.note{min-width:9rem;max-width:26rem;overflow-wrap:anywhere}
td.id{font-family:monospace;font-size:.75rem;min-width:16rem;overflow-wrap:anywhere}
thead{display:table-header-group}tr{break-inside:avoid}
@page{size:A4 landscape;margin:12mm}
@media print{body{margin:0;font-size:10pt}.picture,.wide{overflow:visible;max-height:none;border:0}
.picture svg{width:100%;height:auto;max-height:180mm;break-inside:avoid}
table{width:100%;font-size:7pt}tbody th,td,td.note,td.id{min-width:0;overflow-wrap:anywhere}td.id{font-size:6pt}}
"""
# Where long texts may stand.
_CLASSES = {"Id": ' class="id"', "Note": ' class="note"', "From": ' class="note"', "How": ' class="note"', "Licence": ' class="note"'}


def html(drawn: Picture, folds: Folded) -> str:
    """The page.

    Args:
        drawn: all of the lineage, for the tables.
        folds: the same as it is drawn.
    """
    title = _text(drawn.title)
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_text(_POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{title}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        f"<h1>{title}</h1>",
        f"<p>{_text(description(folds.picture))}</p>",
        '<p>The same in tables: <a href="#things">things</a>, <a href="#links">links</a>.</p>',
        f'<div class="picture" tabindex="0" role="group" aria-label="{title}">',
        svg(folds.picture, embedded=True).rstrip("\n"),
        "</div>",
        *_things(drawn, folds),
        *_links(drawn),
        *_cycles(drawn),
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def _text(text: object) -> str:
    return escape(plain(str(text)), quote=True)


def _things(drawn: Picture, folds: Folded) -> list[str]:
    """All things, nearest to the start first."""
    order = sorted(range(len(drawn.nodes)), key=lambda number: (number != drawn.start, drawn.nodes[number].depth, number))
    head = ["Thing", "Kind", "Licence", "By", "Bytes", "Steps", "Drawn as", "Note"]
    rows = []
    for number in order:
        node = drawn.nodes[number]
        seen = folds.picture.nodes[folds.place[number]]
        rows.append(
            [
                node.called,
                LOOKS[node.kind][1],
                license_words(node),
                node.license_by,
                "recorded" if node.verified else "unverified: a reference without bytes",
                str(node.depth),
                f"one of {seen.name}" if seen.members else "itself",
                node.note,
                node.id,
            ]
        )
    return _table("things", f"Things: {len(rows)}", [*head, "Id"], rows)


def _links(drawn: Picture) -> list[str]:
    rows = []
    for link in sorted(drawn.links, key=lambda one: (drawn.nodes[one.output].depth, one.output, one.input, one.relation)):
        output, input = drawn.nodes[link.output], drawn.nodes[link.input]
        entries = ", ".join(map(str, link.entries))
        rows.append([_named(output), link.relation, _named(input), entries, "yes" if link.marked else ""])
    return _table("links", f"Links: {len(rows)}", ["What was made", "How", "From", "Log entries", "Marked"], rows)


def _named(node: Node) -> str:
    return f"{node.called} ({node.id[: node.id.find(':') + 13]})"


def _cycles(drawn: Picture) -> list[str]:
    if not drawn.cycles:
        return []
    rows = [[", ".join(_named(drawn.nodes[number]) for number in cycle)] for cycle in drawn.cycles]
    return _table("cycles", f"Cycles: {len(rows)}", ["Made from each other in a circle"], rows)


def _table(anchor: str, caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [
        f'<h2 id="{anchor}">{_text(caption)}</h2>',
        f'<div class="wide" tabindex="0" role="region" aria-labelledby="{anchor}">',
        "<table>",
        "<thead><tr>" + "".join(f'<th scope="col">{_text(cell)}</th>' for cell in head) + "</tr></thead>",
        "<tbody>",
    ]
    for row in rows:
        first, *rest = row
        cells = "".join(f"<td{_CLASSES.get(name, '')}>{_cell(cell)}</td>" for name, cell in zip(head[1:], rest, strict=True))
        lines.append(f'<tr><th scope="row">{_cell(first)}</th>{cells}</tr>')
    return [*lines, "</tbody>", "</table>", "</div>"]


def _cell(text: str) -> str:
    """A cell whose direction of writing is its own."""
    return f"<bdi>{_text(text)}</bdi>" if not text.isascii() else _text(text)
