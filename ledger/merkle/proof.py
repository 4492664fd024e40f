"""Checking RFC 6962 inclusion and consistency proofs; a wrong proof raises, nothing returns a bare bool.

The form of the check (inner and border nodes counted from the bits of index and size) is that of RFC 9162 sections 2.1.3.2 and 2.1.4.2,
so a proof of the wrong length is refused before anything is hashed.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.errors import LedgerError
from ledger.merkle.tree import node_hash


def _wrong(message: str) -> LedgerError:
    return LedgerError("LG0506", message)


def _decompose(index: int, size: int) -> tuple[int, int]:
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(item) != 32 for item in hashes):
        raise _wrong("a hash in the proof has not 32 bytes")


def root_from_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root that the path leads to.

    Args:
        index: of the leaf, 0-based.
        size: of the tree.
        leaf: leaf hash, 32 bytes.
        path: sibling hashes from leaf to root.

    Raises:
        LedgerError: LG0506 when index, length or widths are impossible.
    """
    if not 0 <= index < size:
        raise _wrong(f"index {index} is not in a tree of {size}")
    _check_hashes([leaf, *path])
    inner, border = _decompose(index, size)
    if len(path) != inner + border:
        raise _wrong(f"the path has {len(path)} hashes, a leaf {index} of {size} has {inner + border}")
    found = leaf
    for level, sibling in enumerate(path[:inner]):
        found = node_hash(sibling, found) if index >> level & 1 else node_hash(found, sibling)
    for sibling in path[inner:]:
        found = node_hash(sibling, found)
    return found


def check_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Raise LedgerError LG0506 unless the leaf hash is at index in the tree of this size and root."""
    if root_from_inclusion(index, size, leaf, path) != root:
        raise _wrong(f"the inclusion path of leaf {index} does not lead to the root of size {size}")


def check_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """Raise LedgerError LG0506 unless the new tree extends the old one.

    From size 0 every tree is consistent, so such a proof says nothing and is refused.
    """
    _check_hashes(path)  # roots come from checkpoints, whose reader has checked their width
    if old_size <= 0:
        raise _wrong("consistency from size 0 means nothing")
    if old_size > new_size:
        raise _wrong(f"size {old_size} is larger than {new_size}")
    if old_size == new_size:
        if path or old_root != new_root:
            raise _wrong("equal sizes have equal roots and an empty proof")
        return
    if not path:
        raise _wrong("the proof is empty")
    inner, border = _decompose(old_size - 1, new_size)
    shift = (old_size & -old_size).bit_length() - 1
    inner -= shift
    seed, rest = (old_root, path) if old_size == 1 << shift else (path[0], path[1:])
    if len(rest) != inner + border:
        raise _wrong(f"the proof from {old_size} to {new_size} has a wrong length")
    mask = (old_size - 1) >> shift
    old = new = seed
    for level, sibling in enumerate(rest[:inner]):
        if mask >> level & 1:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    for sibling in rest[inner:]:
        old, new = node_hash(sibling, old), node_hash(sibling, new)
    if old != old_root:
        raise _wrong(f"the proof does not lead to the root of size {old_size}")
    if new != new_root:
        raise _wrong(f"the proof does not lead to the root of size {new_size}")
