"""Merkle trees against the published vectors, RFC constants and a naive recursion that shares nothing."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata

from ledger.errors import LedgerError
from ledger.merkle import frontier, proof, tree


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_consistency(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_consistency(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_consistency(m - k, leaves[k:], False), naive_root(leaves[:k])]


def test_constants() -> None:
    assert tree.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert tree.leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert tree.node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


def test_published_vectors() -> None:
    folder = refdata("tlog", "merkle-testdata")
    counts = {"inclusion": 0, "consistency": 0}
    for kind in counts:
        for path in sorted((folder / kind).rglob("*.json")):
            said = json.loads(path.read_text())
            raw = {name: base64.b64decode(said.get(name) or "") for name in ("root", "leafHash", "root1", "root2")}
            hashes = [base64.b64decode(item) for item in said["proof"] or []]
            try:
                if kind == "inclusion":
                    proof.check_inclusion(said["leafIdx"], said["treeSize"], raw["leafHash"], hashes, raw["root"])
                else:
                    proof.check_consistency(said["size1"], said["size2"], raw["root1"], raw["root2"], hashes)
                failed = False
            except LedgerError as error:
                assert error.code == "LG0506"
                failed = True
            assert failed == said["wantErr"], path.name
            counts[kind] += 1
    assert counts == {"inclusion": 98, "consistency": 98}


def test_every_proof_of_every_small_tree_is_the_naive_one() -> None:
    for size in range(1, 40):
        leaves = [bytes([number]) for number in range(size)]
        read = tree.hashes_reader([tree.leaf_hash(leaf) for leaf in leaves])
        assert tree.root(leaves) == naive_root(leaves)
        for index in range(size):
            assert tree.inclusion_path(read, index, size) == naive_path(index, leaves)
        for old in range(1, size + 1):
            assert tree.consistency_path(read, old, size) == naive_consistency(old, leaves)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=80), st.data())
def test_proofs_hold_and_no_mutation_of_one_does(leaves: list[bytes], data: st.DataObject) -> None:
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    root, leaf, path = naive_root(leaves), hashlib.sha256(b"\x00" + leaves[index]).digest(), naive_path(index, leaves)
    proof.check_inclusion(index, size, leaf, path, root)
    flipped = bytes([leaf[0] ^ 1, *leaf[1:]])
    mutations = [(index, size, flipped, path), (index, size, leaf, [*path, leaf]), (index, size, leaf, path[:-1] if path else [leaf])]
    mutations += [(index, size, leaf, [*path[:i], bytes([h[0] ^ 1, *h[1:]]), *path[i + 1 :]]) for i, h in enumerate(path)]
    mutations += [(size, size, leaf, path), (-1, size, leaf, path), (index, 0, leaf, path), (index, size, leaf[:31], path)]
    for wrong in mutations:
        with pytest.raises(LedgerError):
            proof.check_inclusion(*wrong, root)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=80), st.data())
def test_consistency_proofs(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    roots = naive_root(leaves[:old]), naive_root(leaves)
    path = naive_consistency(old, leaves)
    proof.check_consistency(old, len(leaves), *roots, path)
    for wrong in ([*path, roots[0]], [bytes(32), *path[1:]] if path else [bytes(32)]):
        with pytest.raises(LedgerError):
            proof.check_consistency(old, len(leaves), *roots, wrong)
    with pytest.raises(LedgerError):
        proof.check_consistency(0, len(leaves), naive_root([]), roots[1], [])


@given(st.lists(st.binary(max_size=3), max_size=150), st.data())
def test_a_tree_that_arrives_in_parts_has_the_root_of_the_whole(leaves: list[bytes], data: st.DataObject) -> None:
    edge = frontier.Frontier()
    while edge.size < len(leaves):
        first = edge.size
        end = data.draw(st.integers(first, len(leaves)))
        hashes = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves[first:end]]
        edge.extend(frontier.subtrees(hashes, first), end - first)
        assert edge.size == end
        assert edge.root() == naive_root(leaves[:end])
    assert edge.root() == naive_root(leaves)


def test_parts_that_do_not_fit_are_refused() -> None:
    edge = frontier.Frontier()
    leaf = tree.leaf_hash(b"x")
    for count in (1, 5, 6, 7):
        with pytest.raises(ValueError):
            edge.extend([leaf] * 4, count)
    assert list(frontier.levels_of(0, 7)) == [2, 1, 0]
    assert list(frontier.levels_of(5, 12)) == [0, 1, 3, 0]


def test_leaves_of_lines() -> None:
    assert frontier.line_leaves(b"") == []
    assert frontier.line_leaves(b"L123456\n\n") == [tree.leaf_hash(b"L123456"), tree.leaf_hash(b"")]
