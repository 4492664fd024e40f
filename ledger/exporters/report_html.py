"""An openness report as one HTML file: no script, nothing from elsewhere, readable on a phone and on paper; pure.

Names, reasons and addresses come from strangers: every text is escaped here and nowhere else, and what is said by strangers never becomes
an address that can be clicked. Tables keep their roles for screen readers where a narrow window turns their rows into cards.
"""

from __future__ import annotations

from html import escape

from ledger.exporters.report import Banner, Block, Cell, Code, Heading, Ladder, Links, Mark, Pairs, Report, Table, Text, page
from ledger.exporters.report_style import STYLE

_SIGNS = {"pass": "✓", "fail": "✗", "unknown": "?", "not_applicable": "–"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_RUNG, _WIDTH = 34, 360
_LONG = 20


def report_html(report: Report) -> bytes:
    """The report as UTF-8."""
    said = page(report)
    nav = [block for block in said.blocks if isinstance(block, Heading) and block.level == 2]
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_text(_POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{_text(said.title)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        '<a class="skip" href="#verdicts">Skip to the verdicts</a>',
        f"<header><h1>{_text(said.title)}</h1><p>{_text(said.lead)}</p></header>",
        '<nav aria-label="Contents"><ul>',
        *(f'<li><a href="#{_text(item.anchor)}">{_text(item.text)}</a></li>' for item in nav),
        "</ul></nav>",
        "<main>",
        *_sections(said.blocks),
        "</main>",
        "</body>",
        "</html>",
    ]
    return ("\n".join(parts) + "\n").encode("utf-8")


def _text(text: object) -> str:
    """Text that HTML takes as text, without characters that steer a terminal or the direction of writing."""
    return escape("".join(char if char.isprintable() or char == "\n" else "�" for char in str(text)), quote=True)


def _sections(blocks: tuple[Block, ...]) -> list[str]:
    lines: list[str] = []
    opened = False
    for number, block in enumerate(blocks):
        if isinstance(block, Heading) and block.level == 2:
            if opened:
                lines.append("</section>")
            opened = True
            lines.append(f'<section aria-labelledby="{_text(block.anchor)}">')
        lines.append(_block(block, number))
    return [*lines, "</section>"] if opened else lines


def _block(block: Block, number: int) -> str:
    if isinstance(block, Heading):
        return f'<h{block.level} id="{_text(block.anchor)}">{_text(block.text)}</h{block.level}>'
    if isinstance(block, Text):
        return f"<p>{_prose(block.text)}</p>"
    if isinstance(block, Banner):
        return f'<p class="banner">{_text(block.text)}</p>'
    if isinstance(block, Pairs):
        items = "".join(f"<div><dt>{_text(name)}</dt><dd>{_cell(value)}</dd></div>" for name, value in block.items)
        return f"<dl>{items}</dl>"
    return _ladder(block, number) if isinstance(block, Ladder) else _table(block)


def _table(block: Table) -> str:
    head = "".join(f'<th scope="col" role="columnheader">{_text(name)}</th>' for name in block.head)
    rows = "\n".join(f'<tr role="row">{_row(block.head, row)}</tr>' for row in block.rows)
    return (
        f'<div class="scroll"><table role="table">\n<caption>{_text(block.caption)}</caption>\n'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n<tbody role="rowgroup">\n{rows}\n</tbody>\n</table></div>'
    )


def _row(head: tuple[str, ...], row: tuple[Cell, ...]) -> str:
    first = f'<th scope="row" role="rowheader">{_cell(row[0])}</th>'
    rest = "".join(
        f'<td role="cell"{_kind(cell)} data-label="{_text(name)}">{_cell(cell)}</td>' for name, cell in zip(head[1:], row[1:], strict=True)
    )
    return first + rest


def _kind(cell: Cell) -> str:
    """The class of a cell: links are small; a long word, such as an address, may be broken anywhere."""
    if isinstance(cell, Links):
        return ' class="links"'
    return ' class="long"' if isinstance(cell, str) and any(len(word) > _LONG for word in cell.split()) else ""


def _cell(cell: Cell) -> str:
    if isinstance(cell, Mark):
        sign = _SIGNS.get(cell.result, "?")
        # The word says it; sign and colour only repeat it.
        return f'<span class="mark {_text(cell.result)}"><span aria-hidden="true">{sign}</span> {_text(cell.word)}</span>'
    if isinstance(cell, Code):
        return f"<code>{_text(cell.text)}</code>"
    if isinstance(cell, Links):
        links = [f'<a href="#{_text(anchor)}">{_text(words)}</a>' for words, anchor in cell.items]
        return "; ".join([*links, *([_text(cell.more)] if cell.more else [])])
    return _prose(cell)


def _prose(text: str) -> str:
    """Text in which what stands between backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _text(text)
    return "".join(f"<code>{_text(part)}</code>" if number % 2 else _text(part) for number, part in enumerate(parts))


def _ladder(block: Ladder, number: int) -> str:
    """Classes from the best down, with what is reached; the description says the same in words."""
    height = _RUNG * len(block.rungs) + 8
    labels = dict(block.rungs)
    said = (
        f"By evidence: {labels.get(block.evidence, 'below the lowest')}. "
        f"If every claim is believed: {labels.get(block.believed, 'below the lowest')}."
    )
    reached = {"evidence": _height(block, block.evidence), "believed": _height(block, block.believed)}
    rungs = []
    for position, (id, label) in enumerate(reversed(block.rungs)):
        y, up = 4 + position * _RUNG, len(block.rungs) - position
        kind = "full" if up <= reached["evidence"] else "claimed" if up <= reached["believed"] else "bare"
        # What holds by evidence holds if every claim is believed, too: one word is enough.
        note = "evidence" if id == block.evidence else "believed" if id == block.believed else ""
        rungs.append(
            f'<g class="{kind}"><rect x="1" y="{y}" width="{_WIDTH - 2}" height="{_RUNG - 6}" rx="4"/>'
            f'<text x="12" y="{y + 18}">{_text(_cut(label))}</text>'
            f'<text class="note" x="{_WIDTH - 12}" y="{y + 18}" text-anchor="end">{note}</text></g>'
        )
    return (
        f'<figure><svg role="img" viewBox="0 0 {_WIDTH} {height}" aria-labelledby="ladder-{number}-t ladder-{number}-d">'
        f'<title id="ladder-{number}-t">{_text(block.title)}</title><desc id="ladder-{number}-d">{_text(said)}</desc>'
        f"{''.join(rungs)}</svg><figcaption>{_text(said)}</figcaption></figure>"
    )


def _height(block: Ladder, id: str) -> int:
    """How many rungs are reached."""
    return next((number for number, (rung, _) in enumerate(block.rungs, 1) if rung == id), 0)


def _cut(label: str) -> str:
    return label if len(label) <= 30 else label[:29] + "…"
