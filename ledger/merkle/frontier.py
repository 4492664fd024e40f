"""The root of a list of leaves that arrives in parts, whose subtrees may have been hashed elsewhere.

A part hands over the hashes of its largest complete subtrees (`subtrees`), left to right; the `Frontier` joins them. Both follow from
RFC 6962 section 2.1 alone: a complete subtree of 2^k leaves starts at a multiple of 2^k. Imported by worker processes at their start,
so it imports next to nothing.
"""

from __future__ import annotations

from ledger.merkle.tree import EMPTY_ROOT, leaf_hash, node_hash, root_of_hashes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def line_leaves(text: bytes) -> list[bytes]:
    """The leaf hashes of the lines of a text that ends with a line feed; the line feed is not part of a leaf."""
    return [leaf_hash(line) for line in text.split(b"\n")[:-1]]


def levels_of(first: int, count: int) -> Iterator[int]:
    """The levels of the largest complete subtrees that cover leaves first … first+count-1, left to right."""
    while count:
        fits = count.bit_length() - 1
        aligned = (first & -first).bit_length() - 1 if first else fits
        level = min(fits, aligned)
        yield level
        first += 1 << level
        count -= 1 << level


def subtrees(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """The hashes of those subtrees.

    Args:
        leaves: leaf hashes, 32 bytes each.
        first: position of the first of them in the whole list.
    """
    found = []
    start = 0
    for level in levels_of(first, len(leaves)):
        end = start + (1 << level)
        found.append(root_of_hashes(leaves[start:end]))
        start = end
    return found


class Frontier:
    """The right edge of a growing tree: the complete subtrees that no larger one contains yet."""

    __slots__ = ("_edge", "size")

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []

    def extend(self, hashes: Sequence[bytes], count: int) -> None:
        """Append `count` leaves, given as `subtrees` gives them for this position.

        Raises:
            ValueError: when the number of hashes is not that of the subtrees (a fault of the caller).
        """
        for level, digest in zip(levels_of(self.size, count), hashes, strict=True):
            while self._edge and self._edge[-1][0] == level:
                digest = node_hash(self._edge.pop()[1], digest)
                level += 1
            self._edge.append((level, digest))
        self.size += count

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._edge:
            return EMPTY_ROOT
        found = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            found = node_hash(left, found)
        return found
