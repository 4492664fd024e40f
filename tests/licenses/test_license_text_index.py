"""How the index of texts is read: what is in it, and what is refused."""

from __future__ import annotations

import base64
import json
import lzma
from collections.abc import Sequence
from typing import Any

import pytest

from ledger import resources
from ledger.errors import LedgerError
from ledger.licenses import textindex
from ledger.licenses.textindex import UNKNOWN_WORD, text_index
from ledger.licenses.words import TERMS

ONES = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
ROMAN = (*ONES, "x", *(f"x{one}" for one in ONES), "xx")


def test_items_and_terms_are_known_also_where_no_text_has_them() -> None:
    index = text_index()
    for item in (*map(str, range(100)), *"abcdefghijklmnopqrstuvwxyz", *ROMAN):
        assert index.vocabulary[item] in index.bullets
    assert {index.vocabulary[term] for term in TERMS} == index.terms
    assert all(index.spelling[number] == one for one, number in index.vocabulary.items())


@pytest.mark.parametrize("change", [b"\0", b"more", -1, -2])
def test_an_index_of_another_size_is_refused(change: bytes | int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = resources.data_bytes

    def damaged(room: str, name: str) -> bytes:
        data = whole(room, name)
        if name != textindex.INDEX:
            return data
        line, _, packed = data.partition(b"\n")
        body = lzma.decompress(packed)
        return line + b"\n" + lzma.compress(body[:change] if isinstance(change, int) else body + change, preset=0)

    monkeypatch.setattr(resources, "data_bytes", damaged)
    with pytest.raises(LedgerError) as caught:
        text_index.__wrapped__()
    assert caught.value.code == "LG0802"


@pytest.mark.parametrize(("room", "taken"), [(1, True), (0, False), (-1, False)])
def test_the_number_that_stands_for_unknown_words_is_no_words(room: int, taken: bool) -> None:
    items = {*map(str, range(100)), *"abcdefghijklmnopqrstuvwxyz", *ROMAN}
    count = UNKNOWN_WORD - room - len(TERMS | items)
    meta = json.dumps({"vocabulary": " ".join(f"w{number}" for number in range(count)), "texts": []}).encode()
    head = json.dumps({"parts": [["meta", len(meta)], ["words", 0], ["keys", 0], ["ends", 0], ["texts", 0]]}).encode()
    data = head + b"\n" + lzma.compress(meta, preset=0)
    if taken:
        assert len(textindex._read(data, {"texts": []}, {"texts": []}).spelling) == UNKNOWN_WORD - room
        return
    with pytest.raises(ValueError, match="too many words"):
        textindex._read(data, {"texts": []}, {"texts": []})


def packed(keys: Sequence[int], ends: Sequence[int], members: Sequence[int]) -> bytes:
    """An index file with two texts of three words each, and these shingles."""
    row = {"kind": "license", "size": 3, "template": [["t", 0, 3]]}
    texts = [{**row, "ids": ["A"], "fingerprint": "f0", "shingles": 1}, {**row, "ids": ["B"], "fingerprint": "f1", "shingles": 2}]
    parts = {
        "meta": json.dumps({"vocabulary": "one two three", "texts": texts}).encode(),
        "words": b"".join(number.to_bytes(2, "little") for number in (0, 1, 2, 2, 1, 0)),
        "keys": b"".join(number.to_bytes(4, "little") for number in keys),
        "ends": b"".join(number.to_bytes(4, "little") for number in ends),
        "texts": b"".join(number.to_bytes(2, "little") for number in members),
    }
    head = json.dumps({"parts": [[name, len(part)] for name, part in parts.items()]}).encode()
    return head + b"\n" + lzma.compress(b"".join(parts.values()), preset=0)


def hashed(words: Sequence[int], shingles: Sequence[int], **more: Any) -> dict[str, Any]:
    coded = {
        name: base64.b64encode(b"".join(number.to_bytes(4, "little") for number in numbers)).decode()
        for name, numbers in (("words", words), ("shingles", shingles))
    }
    return {"id": "LicenseRef-C", "key": "c", "size": 9, "fingerprint": "f2", "files": ["d1", "d2"], **coded, **more}


def test_an_index_is_read_as_its_description_says() -> None:
    variants = {"texts": [{"fingerprint": "v", "ids": ["B"]}]}
    index = textindex._read(packed([5, 9], [1, 3], [1, 0, 1]), {"texts": [hashed([7, 2, 8, 1], [9, 11])]}, variants)
    assert [list(text.words) for text in index.texts] == [[0, 1, 2], [2, 1, 0]]
    assert [(text.ids, text.kind, text.size, text.shingles, text.template) for text in index.texts] == [
        (("A",), "license", 3, 1, (["t", 0, 3],)),
        (("B",), "license", 3, 2, (["t", 0, 3],)),
    ]
    assert {key: list(found) for key, found in index.postings.items()} == {5: [1], 9: [0, 1, 2], 11: [2]}
    assert index.exact == {"f0": 0, "f1": 1, "f2": 2, "v": 1} and index.files == {"d1": 2, "d2": 2}
    (text,) = index.hashed
    assert (text.id, text.key, text.size, text.bag, text.shingles) == ("LicenseRef-C", "c", 9, {7: 2, 8: 1}, 2)
    # A text that is on the list too is that of the list; one of which only files are known has no fingerprint.
    twice = [hashed([], [], fingerprint="f0"), hashed([], [], fingerprint=None)]
    index = textindex._read(packed([], [], []), {"texts": twice}, variants)
    assert index.exact == {"f0": 0, "f1": 1, "v": 1}


@pytest.mark.parametrize(("keys", "ends", "bag"), [([5, 9], [1], [7, 2]), ([5], [1, 3], [7, 2]), ([5], [1], [7, 2, 8])])
def test_parts_that_do_not_go_together_are_refused(keys: list[int], ends: list[int], bag: list[int]) -> None:
    with pytest.raises(ValueError, match="zip"):
        textindex._read(packed(keys, ends, [1, 0, 1]), {"texts": [hashed(bag, [])]}, {"texts": []})
