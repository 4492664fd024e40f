"""RFC 6962 Merkle trees: hashes, roots, and the nodes that proofs need.

Source: RFC 6962 section 2.1 (the same hashing as RFC 9162 section 2.1). Leaf `H(0x00 || data)`, node `H(0x01 || left || right)`, empty
tree `H("")`, split at the largest power of two below n.
"""

from __future__ import annotations

import hashlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    NodeReader = Callable[[int, int], bytes]
    """Reads the hash of the complete subtree (level, index): 2^level leaves from leaf index * 2^level."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf's data."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, computed level by level; an odd last node is carried up."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    sha256 = hashlib.sha256
    while len(level) > 1:
        paired = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def root(leaf_data: Iterable[bytes]) -> bytes:
    """The root over leaves given as data."""
    sha256 = hashlib.sha256
    return root_of_hashes([sha256(b"\x00" + data).digest() for data in leaf_data])


def _split(size: int) -> int:
    """The largest power of two below size (size > 1)."""
    return 1 << (size - 1).bit_length() - 1


def range_hash(read: NodeReader, start: int, end: int) -> bytes:
    """The hash of the leaves start … end-1 from complete subtrees; start is a multiple of the range's first split."""
    size = end - start
    if size == 0:
        return EMPTY_ROOT
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return read(level, start >> level)
    middle = start + _split(size)
    return node_hash(range_hash(read, start, middle), range_hash(read, middle, end))


def inclusion_path(read: NodeReader, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1, from leaf to root.

    Raises:
        ValueError: when index is not in the tree (a fault of the caller).
    """
    if not 0 <= index < size:
        raise ValueError(f"index {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_hash(read, middle, end))
            end = middle
        else:
            path.append(range_hash(read, start, middle))
            start = middle
    path.reverse()
    return path


def consistency_path(read: NodeReader, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962 section 2.1.2 for 0 < old <= new.

    Raises:
        ValueError: outside that range; consistency with the empty tree means nothing.
    """
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof from {old} to {new}")
    path: list[bytes] = []
    start, end, complete = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_hash(read, middle, end))
            end = middle
        else:
            path.append(range_hash(read, start, middle))
            start, complete = middle, False
    if not complete:
        path.append(range_hash(read, start, end))
    path.reverse()
    return path


def hashes_reader(hashes: Sequence[bytes]) -> NodeReader:
    """A `NodeReader` over all leaf hashes in memory; levels are made when first asked for."""
    levels: list[list[bytes]] = [list(hashes)]

    def read(level: int, index: int) -> bytes:
        while len(levels) <= level:
            below = levels[-1]
            levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
        return levels[level][index]

    return read
