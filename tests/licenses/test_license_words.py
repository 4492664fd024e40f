"""The normalised words, by hand, and input that nobody would call a licence."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import resources
from ledger.errors import LedgerError
from ledger.licenses import textindex
from ledger.licenses.textid import identify_bytes, identify_text
from ledger.licenses.words import decode, fingerprint, words_of
from ledger.limits import LIMITS

PHRASE = "permission is hereby granted to use this software for any purpose"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        ("The Licence, & the\nLICENSE!", ["the", "license", "and", "the", "license"]),
        ("# a comment\n// and\n * more\n> quoted", ["a", "comment", "and", "more", "quoted"]),
        ("non-commercial Non Commercial noncommercial", ["noncommercial"] * 3),
        ("sub-license sub licence sublicense", ["sublicense"] * 3),
        ("the copyright owner; copyright holder", ["the", "copyright", "holder", "copyright", "holder"]),
        ("50 per cent or 50 percent", ["50", "percent", "or", "50", "percent"]),
        ("https://example.org/a_b", ["http", "example", "org", "a", "b"]),
        ("ﬁne ＭＩＴ", ["fine", "mit"]),
        ("not\u00ad able, n\u200bot", ["not", "able", "not"]),
        ("a \u202enot\u202c b", ["a", "bidi", "not", "bidi", "b"]),
        ("您可以 copy", ["您", "可", "以", "copy"]),
        ("Copyright (c) 2020 A. Holder\nuse it", ["use", "it"]),
        ("  * Copyright 2001, 2002 A\r\n  * © 1999 by B\ruse it", ["use", "it"]),
        ("Copyright <YEAR> <COPYRIGHT HOLDER>\n[yyyy]", ["yyyy"]),
        ("Portions Copyright (C) X Corp.\nAll rights reserved.\nuse", ["use"]),
        ("(c) 2020 A\nuse", ["use"]),
        ("Copyright (c) 2015-2022 Will Grant <will@example.org>, Kaiming He and I. Can\nuse", ["use"]),
        ("Copyright (c) 2020 A. You may not use it.", ["copyright", "c", "2020", "a", "you", "may", "not", "use", "it"]),
        ("copyright notice, this list", ["copyright", "notice", "this", "list"]),
        ("(c) You must retain", ["c", "you", "must", "retain"]),
        ("one\nPage 3 of 10\ntwo\f- 4 -\nthree", ["one", "two", "three"]),
        ("within\n30\ndays", ["within", "30", "days"]),
        ("all rights reserved by nobody", ["all", "rights", "reserved", "by", "nobody"]),
    ],
)
def test_words(text: str, wanted: list[str]) -> None:
    assert words_of(text) == wanted


def test_the_fingerprint_is_that_of_the_specification() -> None:
    wanted = hashlib.sha256(b"openness-ledger/words/v1\nuse it freely").hexdigest()
    assert fingerprint(words_of("Copyright 2020 A\n\n  Use it,\n\tFREELY.")) == wanted
    assert fingerprint(words_of("use it freel y")) != wanted


@settings(deadline=None)
@given(st.text(max_size=300))
def test_words_are_words_of_themselves(text: str) -> None:
    words = words_of(text)
    # One line of words has no copyright line left that was not there before, unless it begins with one.
    assert words_of("x " + " ".join(words)) == ["x", *words] or {"copyright", "sub", "non", "per"} & set(words)


def test_a_decision_for_each_encoding() -> None:
    assert (decode("é ©".encode()).text, decode("é".encode()).encoding) == ("é ©", "utf-8")
    assert (decode(b"\xef\xbb\xbfa").text, decode("é".encode("utf-16")).text) == ("\ufeffa", "é")
    old = decode("Räkel © “it”".encode("cp1252"))
    assert (old.text, old.encoding) == ("Räkel © “it”", "windows-1252")
    assert decode(b"a" * 50 + b"\x81").text == "a" * 50 + "\ufffd"
    for data in (b"\0", b"MIT\0License", bytes(range(1, 32)) * 9, b"\x81\x8d" * 30):
        assert decode(data).problem


def test_more_than_a_twentieth_of_control_characters_is_no_text() -> None:
    """As the specification says: below U+0020 without tab, line feed, form feed and carriage return, and U+FFFD."""
    for code in range(1, 32):
        mark = chr(code)
        plain = mark in "\t\n\f\r"
        assert bool(decode((mark + "a" * 18).encode()).problem) is not plain, code
        assert decode((mark + "a" * 19).encode()).problem is None
        assert bool(decode((mark * 9).encode()).problem) is not plain
    # In UTF-16 a zero may be a character; what Windows-1252 leaves open counts as well.
    assert decode(("\0" + "a" * 18).encode("utf-16")).problem
    assert decode(b"\x81" + b"a" * 18).problem and decode(b"\x81" + b"a" * 19).problem is None
    assert decode(b"\x81\x01" + b"a" * 37).problem and decode(b"\x81\x01" + b"a" * 38).problem is None
    assert decode(b"\x81\x01\x02\x03" + b"a" * 75).problem and decode(b"\x81\x01\x02\x03" + b"a" * 76).problem is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n\t",
        b"\0\0\0\0",
        b"\x7fELF\x02\x01\x01" + bytes(64),
        b"\xff\xfe",
        b"\xff\xfe\x00",
        b"\xfe\xff\xd8\x00",
        b"...!!!???",
        b"a",
        b"Copyright (c) 2020 A. Holder",
        "ни одного слова".encode(),
        bytes(range(256)) * 50,
    ],
)
def test_nothing_is_unknown_with_a_reason(data: bytes) -> None:
    found = identify_bytes(data)
    assert (found.method, found.ids, found.kind, found.candidates) == ("unknown", (), None, ())
    assert found.reason
    assert found.sha256 == hashlib.sha256(data).hexdigest()


def test_a_file_over_the_limit_is_unknown() -> None:
    found = identify_bytes(b"a " * (LIMITS.license_file_bytes // 2) + b"b")
    assert (found.method, found.fingerprint) == ("unknown", None)
    assert str(LIMITS.license_file_bytes) in (found.reason or "")
    assert identify_bytes(b" " * LIMITS.license_file_bytes).reason == "it has no words"


@pytest.mark.parametrize(
    "text",
    [
        "the " * 262_144,
        "a b " * 250_000,
        "not " * (LIMITS.license_text_words + 1),
        "the " * LIMITS.license_text_words,
        (PHRASE + " ") * 4_000,
        "Copyright (c) " * 60_000,
        "copyright " * 100_000,
        "(" * 1_000_000,
        "[[[[<<<<" * 120_000,
        "x" * 1_000_000,
        "\u202e" * 300_000,
        "1 2 3 a b c i v x " * 5_000,
        "Permission is hereby granted, free of charge, to any person obtaining a copy of " * 700,
        "\n".join(["Copyright (c) 2020 A"] * 45_000),
    ],
    ids=range(14),
)
def test_hostile_texts_take_no_long_time(text: str) -> None:
    start = time.perf_counter()
    found = identify_text(text)
    assert not found.identified
    # Far more than it takes, far less than a text that makes the work explode would.
    assert time.perf_counter() - start < 5


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=2_000))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    found = identify_bytes(data)
    assert found.identified or (found.ids == () and found.reason)


def test_lone_surrogates() -> None:
    assert identify_text("a \ud800 b").method == "unknown"


@pytest.mark.parametrize("name", [textindex.INDEX, textindex.AI_INDEX, textindex.VARIANTS])
@pytest.mark.parametrize("damage", [b"", b"{}", b"{}\n", b"not json", b'{"parts":[["meta",5]]}\nabcde', b'{"texts":[{}]}', b"\xff" * 40])
def test_damaged_data_are_named(name: str, damage: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = resources.data_bytes
    monkeypatch.setattr(resources, "data_bytes", lambda room, file: damage if file == name else whole(room, file))
    textindex.text_index.cache_clear()
    try:
        with pytest.raises(LedgerError, match="licence data cannot be read") as caught:
            textindex.text_index()
        assert caught.value.code == "LG0802"
    finally:
        textindex.text_index.cache_clear()


def test_nothing_but_hashes_of_texts_that_are_not_ours_to_ship() -> None:
    rows = json.loads(resources.data_bytes("licenses", textindex.AI_INDEX))["texts"]
    assert len(rows) == 15
    for row in rows:
        assert set(row) == {"files", "fingerprint", "id", "key", "shingles", "size", "words"}
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in (*row["files"], row["fingerprint"]))
        words, runs = (base64.b64decode(row[name]) for name in ("words", "shingles"))
        # Words in the order of their hashes, and a quarter of the runs in that of theirs: the order of the text is not in it.
        hashes = [int.from_bytes(words[at : at + 4], "little") for at in range(0, len(words), 8)]
        assert hashes == sorted(set(hashes))
        keys = [int.from_bytes(runs[at : at + 4], "little") for at in range(0, len(runs), 4)]
        assert keys == sorted(set(keys)) and all(key % 4 == 0 for key in keys)
