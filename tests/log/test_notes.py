"""Signed notes, checkpoints, tiles, leaf records and proof files: published values and refusals."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import LedgerError
from ledger.log import checkpoint, leaf, note, proof, tiles
from ledger.merkle import tree

# The example of C2SP signed-note and of Go's sumdb/note documentation.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_published_note_verifies() -> None:
    key = note.parse_vkey(VKEY)
    assert key.to_text() == VKEY
    opened = note.parse_note(TEXT.encode())
    note.check_note(opened, key)
    assert opened.to_bytes() == TEXT.encode()


def test_a_known_key_with_a_wrong_signature_refuses_the_note() -> None:
    for position in range(len(TEXT)):
        if TEXT[position] not in "\n":
            changed = TEXT[:position] + ("x" if TEXT[position] != "x" else "y") + TEXT[position + 1 :]
            with pytest.raises(LedgerError) as caught:
                note.check_note(note.parse_note(changed.encode()), note.parse_vkey(VKEY))
            assert caught.value.code in {"LG0501", "LG0502"}


def test_unknown_signatures_are_ignored() -> None:
    more = TEXT + "— Enoch+Root AAAA\n"
    with pytest.raises(LedgerError):
        note.parse_note(more.encode())
    other = note.parse_note((TEXT + "— EnochRoot " + base64.b64encode(bytes(68)).decode() + "\n").encode())
    note.check_note(other, note.parse_vkey(VKEY))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "abc\n",
        "abc\n\n",
        "abc\n\nx\n",
        TEXT[:-1],
        TEXT.replace("— ", "- "),
        TEXT.replace("x08", "y8"),
        TEXT.replace("If", "\x00"),
        TEXT + "\n",
    ],
)
def test_malformed_notes(text: str) -> None:
    with pytest.raises(LedgerError) as caught:
        note.parse_note(text.encode())
    assert caught.value.code == "LG0501"


@pytest.mark.parametrize(
    "text", ["", "x", VKEY.replace("c74f20a3", "c74f20a4"), VKEY.replace("ARpc", "AhpC"), "a b+c74f20a3+AR", VKEY + "="]
)
def test_malformed_verifier_keys(text: str) -> None:
    with pytest.raises(LedgerError) as caught:
        note.parse_vkey(text)
    assert (caught.value.code, caught.value.exit_code) == ("LG0501", 2)


def test_checkpoint_round_trip_and_origin() -> None:
    private = Ed25519PrivateKey.generate()
    key = note.VerifierKey("example.org/log", private.public_key().public_bytes_raw())
    said = checkpoint.Checkpoint("example.org/log", 7, bytes(range(32)))
    signed = checkpoint.sign_checkpoint(said, key, private.sign)
    assert signed.note.text == "example.org/log\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    assert checkpoint.open_checkpoint(signed.to_bytes(), key).checkpoint == said
    foreign = checkpoint.sign_checkpoint(checkpoint.Checkpoint("example.org/other", 7, bytes(32)), key, private.sign)
    with pytest.raises(LedgerError) as caught:
        checkpoint.open_checkpoint(foreign.to_bytes(), key)
    assert caught.value.code == "LG0503"


@pytest.mark.parametrize(
    "text",
    ["a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n１\nAAAA\n", "\n1\n" + "A" * 43 + "=\n", "a\n1\nAAAA\n", "a\n1 \n" + "A" * 43 + "=\n"],
)
def test_malformed_checkpoints(text: str) -> None:
    with pytest.raises(LedgerError) as caught:
        checkpoint.parse_checkpoint_text(text)
    assert caught.value.code == "LG0501"


def test_tile_paths() -> None:
    assert tiles.tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tiles.tile_path(3, 7, 12) == "tile/3/007.p/12"
    assert tiles.entries_path(1000) == "tile/entries/x001/000"


def test_growing_in_any_steps_gives_the_same_tiles() -> None:
    whole = [b"entry %d" % number for number in range(1100)]
    at_once = tiles.grow(tiles.TiledTree(0, {}.get), whole)
    files: dict[str, bytes] = {}
    size = 0
    for step in (1, 2, 253, 1, 255, 512, 3, 73):
        grown = tiles.grow(tiles.TiledTree(size, files.get), whole[size : size + step])
        files.update(grown.files)
        size = grown.size
        assert grown.root == tree.root(whole[:size])
    assert (size, grown.root) == (1100, at_once.root)
    assert all(files[path] == data for path, data in at_once.files.items())
    assert sorted(at_once.files) == sorted(
        [f"tile/{kind}/{name}" for kind in ("0", "entries") for name in ("000", "001", "002", "003", "004.p/76")] + ["tile/1/000.p/4"]
    )
    reread = tiles.TiledTree(1100, at_once.files.get)
    assert [data for _, data in reread.entries()] == whole
    assert tree.range_hash(reread.node, 0, 1000) == tree.root(whole[:1000])


def test_missing_and_cut_tiles() -> None:
    files = dict(tiles.grow(tiles.TiledTree(0, {}.get), [b"a", b"b", b"c"]).files)
    for path in list(files):
        for wrong in (None, files[path][:-1]):
            broken = {**files, path: wrong}
            with pytest.raises(LedgerError) as caught:
                found = tiles.TiledTree(3, broken.get)
                found.root()
                list(found.entries())
            assert caught.value.code == "LG0504"


def _leaf() -> leaf.Leaf:
    return leaf.make_leaf(
        kind="manifest",
        envelope="sha256:" + "a" * 64,
        payload="sha256:" + "b" * 64,
        predicate_type="https://example.org/x",
        subjects=[f"file:{number:064x}" for number in range(17)],
        keyids=["c" * 64],
        time="2026-11-20T12:00:00Z",
    )


def test_leaf_record_keeps_sixteen_subjects() -> None:
    data = _leaf().to_bytes()
    found = leaf.parse_leaf(data)
    assert (len(found.subjects), found.subject_count) == (16, 17)
    assert data.startswith(b'{"envelope":"sha256:aaaa') and b'"subjectCount":17' in data


@pytest.mark.parametrize(
    "change",
    [(b'"v":1', b'"v":2'), (b'"v":1', b'"v":true'), (b"sha256:", b"sha512:"), (b"12:00:00Z", b"12:00:00"), (b'"kind":', b'"kinf":')],
)
def test_malformed_leaf_records(change: tuple[bytes, bytes]) -> None:
    with pytest.raises(LedgerError) as caught:
        leaf.parse_leaf(_leaf().to_bytes().replace(*change, 1))
    assert caught.value.code == "LG0507"


def test_proof_file_round_trip() -> None:
    said = proof.TlogProof(3, (bytes(32), b"\x01" * 32), TEXT.encode(), b"leaf")
    text = said.to_text()
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra bGVhZg==\nindex 3\nAAAA")
    assert proof.parse_proof(text) == said
    for wrong in (
        text.replace("@v1", "@v2"),
        text.replace("index 3", "index 03"),
        text.replace("index 3", "index x"),
        text.replace("AAAA", "AA"),
        "",
        text[:20],
    ):
        with pytest.raises(LedgerError) as caught:
            proof.parse_proof(wrong)
        assert caught.value.code == "LG0506"
