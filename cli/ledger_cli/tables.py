"""Tables for people: columns as wide as their content, folded where a terminal is narrower, and one line a value where even that fails."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

GAP = "   "
# A column that is folded to less than this cannot be read any more.
_NARROWEST = 12


def cell(value: Any) -> str:
    """A value on one line, as JSON writes it where Python has its own way."""
    if value is None:
        return ""
    if isinstance(value, (bool, list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value).replace("\n", "\\n")


def lines(headers: Sequence[str], rows: Sequence[Sequence[Any]], width: int | None = None) -> Iterator[str]:
    """The lines of a table.

    Args:
        width: of the terminal; None for as wide as it gets.
    """
    texts = [[cell(value) for value in row] for row in rows]
    widths = [max(map(measure, column)) for column in zip(headers, *texts, strict=True)] if headers else []
    if width is not None and sum(widths) + len(GAP) * (len(widths) - 1) > width:
        fitted = _fitted(widths, width)
        if fitted is None:
            yield from _records(headers, texts)
            return
        widths = fitted
    yield from _row(headers, widths)
    yield "─" * (sum(widths) + len(GAP) * max(0, len(widths) - 1))
    for row in texts:
        yield from _row(row, widths)


def _fitted(widths: Sequence[int], width: int) -> list[int] | None:
    """The widest columns made narrower until all fit, or None when they would become too narrow to read."""
    room = width - len(GAP) * (len(widths) - 1)
    low, high = 0, max(widths)
    while low < high:
        cap = (low + high + 1) // 2
        low, high = (cap, high) if sum(min(item, cap) for item in widths) <= room else (low, cap - 1)
    return None if low < _NARROWEST else [min(item, low) for item in widths]


def _row(texts: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    folded = [fold(text, width) for text, width in zip(texts, widths, strict=True)]
    for at in range(max(map(len, folded), default=1)):
        parts = [pieces[at] if at < len(pieces) else "" for pieces in folded]
        padded = (part + " " * (width - measure(part)) for part, width in zip(parts, widths, strict=True))
        yield GAP.join(padded).rstrip()


def _records(headers: Sequence[str], texts: Sequence[Sequence[str]]) -> Iterator[str]:
    longest = max(map(measure, headers))
    for number, row in enumerate(texts):
        if number:
            yield ""
        for header, text in zip(headers, row, strict=True):
            yield f"{header}{' ' * (longest - measure(header))}{GAP}{text}".rstrip()


def measure(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_wide, text))


def _wide(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def fold(text: str, width: int) -> list[str]:
    """A text in pieces of a width, parted at spaces where there are some."""
    if measure(text) <= width:
        return [text]
    pieces, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if measure(joined) <= width:
            line = joined
            continue
        if line:
            pieces.append(line)
        *whole, line = _cut(word, width)
        pieces += whole
    return [*pieces, line]


def _cut(word: str, width: int) -> list[str]:
    pieces, piece, taken = [], "", 0
    for char in word:
        if taken + _wide(char) > width:
            pieces.append(piece)
            piece, taken = "", 0
        piece += char
        taken += _wide(char)
    return [*pieces, piece]
