"""An openness report as Markdown; pure, the same report gives the same bytes."""

from __future__ import annotations

from ledger.exporters.documents import line, table
from ledger.exporters.report import Banner, Block, Cell, Code, Heading, Ladder, Links, Mark, Pairs, Report, Text, page


def report_markdown(report: Report) -> bytes:
    """The report as UTF-8."""
    said = page(report)
    lines = [f"# {line(said.title)}", "", line(said.lead), ""]
    for block in said.blocks:
        lines += [*_block(block), ""]
    return ("\n".join(lines).rstrip("\n") + "\n").encode("utf-8")


def _block(block: Block) -> list[str]:
    if isinstance(block, Heading):
        return [f"{'#' * block.level} {line(block.text)}"]
    if isinstance(block, Text):
        return [line(block.text)]
    if isinstance(block, Banner):
        return [f"**{line(block.text)}**"]
    if isinstance(block, Pairs):
        return [f"- **{line(name)}**: {line(_words(value))}" if value != "" else f"- {line(name)}" for name, value in block.items]
    if isinstance(block, Ladder):
        return _ladder(block)
    rows = [[_words(cell) for cell in row] for row in block.rows]
    return [f"{line(block.caption)}:", "", *table(block.head, rows)]


def _ladder(block: Ladder) -> list[str]:
    lines = [f"{line(block.title)}, the best first:", ""]
    for id, label in reversed(block.rungs):
        notes = [
            word for word, reached in (("by evidence", block.evidence), ("if every claim is believed", block.believed)) if reached == id
        ]
        lines.append(f"- {line(label)}{' **← ' + ', '.join(notes) + '**' if notes else ''}")
    return lines


def _words(cell: Cell) -> str:
    if isinstance(cell, Mark):
        return cell.word
    if isinstance(cell, Code):
        return cell.text
    if isinstance(cell, Links):
        return "; ".join([*(words for words, _ in cell.items), *([cell.more] if cell.more else [])])
    return cell
