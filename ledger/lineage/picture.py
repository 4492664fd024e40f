"""What a picture of a lineage shows, as plain values; `folding` makes it smaller, `layout` places it, `svg` and `html` draw it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ledger.spec.names import display

# What nodes are, in the order in which legends list them; "" is a reference, of which nobody has bytes.
KINDS = ("release", "weights", "dataset", "code", "document", "")
NO_LICENSE = "licence not known"


@dataclass(frozen=True, slots=True)
class Node:
    """One thing, or many that were folded into one.

    Attributes:
        id: its id; of a fold, that of its first member.
        kind: one of `KINDS`.
        depth: how many steps it is from the start.
        license: what counts of its licence: what was concluded, else what was declared; None when nothing is known.
        license_by: `concluded` or `declared`.
        note: what else must be said of it, such as corrections.
        members: of a fold, the numbers of what it stands for, in the picture that was folded.
        parts: of a fold, how many of them are unverified, and how many have no known licence.
    """

    id: str
    kind: str
    name: str
    version: str | None = None
    verified: bool = True
    depth: int = 0
    license: str | None = None
    license_by: str = ""
    note: str = ""
    members: tuple[int, ...] = ()

    parts: tuple[int, int] = (0, 0)

    @property
    def unverified(self) -> int:
        """How many of what it stands for have no bytes here."""
        return self.parts[0] if self.members else int(not self.verified)

    @property
    def unlicensed(self) -> int:
        """Of how many of what it stands for no licence is known."""
        return self.parts[1] if self.members else int(self.license is None)

    @property
    def called(self) -> str:
        """Name and version."""
        return display(self.name, self.version)


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """The output was made from the input.

    Attributes:
        entries: log indices of the statements that say so.
        count: how many links it stands for.
        marked: it is on a path that is to be seen.
    """

    output: int
    input: int
    relation: str
    entries: tuple[int, ...] = ()
    count: int = 1
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A lineage to be drawn.

    Attributes:
        nodes: in an order that follows from what they are, so that links name them by number.
        cycles: numbers of nodes that are made from each other in a circle.
        notes: sentences that belong below the picture: what was folded or left out, and what is marked.
    """

    start: int
    direction: Literal["up", "down"]
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    cycles: tuple[tuple[int, ...], ...] = ()
    size: int = 0
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the picture shows."""
        called = self.nodes[self.start].called
        return f"What {called} was made from" if self.direction == "up" else f"What was made from {called}"


def picture(
    start: str,
    direction: Literal["up", "down"],
    nodes: Iterable[Node],
    links: Iterable[tuple[str, str, str, int]],
    cycles: Iterable[Iterable[str]] = (),
    *,
    marked: Iterable[tuple[str, str]] = (),
    size: int = 0,
    notes: Iterable[str] = (),
) -> Picture:
    """A picture from things and links by id, in any order: the same things give the same picture.

    Args:
        links: (output id, input id, relation, log index); the same relation said again is one link with two entries.
        marked: (output id, input id) of the links that are to be seen.
    """
    listed = sorted(nodes, key=lambda node: (KINDS.index(node.kind), node.name, node.version or "", node.id))
    number = {node.id: position for position, node in enumerate(listed)}
    entries: dict[tuple[int, int, str], set[int]] = {}
    for output, input, relation, index in links:
        entries.setdefault((number[output], number[input], relation), set()).add(index)
    bold = {(number[output], number[input]) for output, input in marked}
    return Picture(
        number[start],
        direction,
        tuple(listed),
        tuple(Link(*key, tuple(sorted(entries[key])), marked=key[:2] in bold) for key in sorted(entries)),
        tuple(sorted(tuple(sorted(number[id] for id in group)) for group in cycles)),
        size,
        tuple(notes),
    )


def with_notes(drawn: Picture, *notes: str) -> Picture:
    """The same with more to be said below it."""
    return replace(drawn, notes=(*drawn.notes, *notes))


def license_words(node: Node) -> str:
    """The licence of a node in words; not known is said and never left blank."""
    return node.license if node.license else NO_LICENSE


def plain(text: str) -> str:
    """Text without characters that nobody sees or that turn a line around; what stood there is marked."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def wide(text: str) -> int:
    """How much room a text takes, in letters of usual width, rounded up."""
    return -(-sum(map(_tenths, text)) // 10)


def _tenths(char: str) -> int:
    """About how wide a letter is, in tenths of a usual one; fonts differ, so rather too much."""
    if char in "mwMW@%…—":
        return 14
    if char in "ijl.,:;|!'":
        return 6
    if unicodedata.east_asian_width(char) in "WF":
        return 20
    return 12 if char.isupper() else 10


def cut(text: str, room: int, *, keep_end: bool = False) -> str:
    """At most so much of a text, with a mark where it was cut; `keep_end` cuts in the middle, because versions stand at the end."""
    text = plain(text)
    if wide(text) <= room:
        return text
    end = _fitting(text[::-1], room * 10 // 3)[::-1] if keep_end else ""
    return f"{_fitting(text, room * 10 - _tenths('…') - sum(map(_tenths, end)))}…{end}"


def _fitting(text: str, room: int) -> str:
    taken = 0
    for position, char in enumerate(text):
        taken += _tenths(char)
        if taken > room:
            return text[:position]
    return text
