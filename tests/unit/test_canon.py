"""Canonical JSON against the published vectors, and strict reading against a list of what must be refused."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata

from ledger import canon
from ledger.errors import LedgerError


def code_of(call, *args) -> str:
    with pytest.raises(LedgerError) as caught:
        call(*args)
    return caught.value.code


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_published_vectors(name: str) -> None:
    given_bytes = refdata("jcs", "input", f"{name}.json").read_bytes()
    wanted = refdata("jcs", "output", f"{name}.json").read_bytes()
    hexed = bytes.fromhex(refdata("jcs", "outhex", f"{name}.txt").read_text().replace("\n", " "))
    assert canon.canonical(canon.loads(given_bytes)) == wanted == hexed


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":2}', "LG0101"),
        (b'{"a":{"b":1,"\\u0062":2}}', "LG0101"),
        (b"NaN", "LG0101"),
        (b"[Infinity]", "LG0101"),
        (b"1e999", "LG0101"),
        (b"9007199254740992", "LG0101"),
        (b"-9007199254740992", "LG0101"),
        (b'"\\ud800"', "LG0101"),
        (b'{"\\udfff":1}', "LG0101"),
        (b"\xef\xbb\xbf{}", "LG0101"),
        (b"{} x", "LG0101"),
        (b"{}{}", "LG0101"),
        (b"", "LG0101"),
        (b"'a'", "LG0101"),
        (b"[1,]", "LG0101"),
        (b"\xff", "LG0101"),
        (b"1" * 5000, "LG0101"),
        (b"[" * 65 + b"]" * 65, "LG0103"),
        (b"[" * 1_000_000, "LG0103"),
        (b'"' + b"a" * (16 << 20) + b'"', "LG0103"),
    ],
)
def test_refused(data: bytes, code: str) -> None:
    assert code_of(canon.loads, data) == code


@pytest.mark.parametrize("data", [b"[" * 64 + b"]" * 64, b"9007199254740991", b'"\\ud83d\\ude00"', b'"[[[[\\"{{{"'])
def test_accepted_at_the_limit(data: bytes) -> None:
    assert canon.loads(data) == json.loads(data)


@pytest.mark.parametrize("data", [b'{"b":1,"a":2}', b'{ "a":1}', b"1.0", b'"\\u0061"', b"1E3", b"-0"])
def test_not_the_canonical_form_of_itself(data: bytes) -> None:
    assert code_of(canon.loads_canonical, data) == "LG0102"


@pytest.mark.parametrize(
    "value", [{1: 2}, float("nan"), float("inf"), b"bytes", 2**53, {"a": "\ud800"}, {"\udc00": 1}, {1, 2}, 1e16, -(2.0**53)]
)
def test_values_without_a_form(value: object) -> None:
    assert code_of(canon.canonical, value) == "LG0104"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not (x.is_integer() and 2**53 <= abs(x) < 1e21))
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_canonical_reads_back_and_is_a_fixed_point(value: object) -> None:
    data = canon.canonical(value)
    assert canon.canonical(canon.loads_canonical(data)) == data
    assert json.loads(data) == value


@given(json_values)
def test_both_ways_of_writing_are_the_other_librarys(value: object) -> None:
    """Plain values are written by the standard library, others by rfc8785; whichever it is, the bytes are rfc8785's."""
    assert canon.canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        {"\U0001f600": 1, "\uffee": 2, "a": 3},
        {"ä": 1, "z": 2, "Z": 3, "": 4, "\x7f": 5},
        {"k": "".join(map(chr, range(0x100))) + "\u2028\u2029\ufeff\U0010ffff"},
        [True, False, None, 0, -0, 2**53 - 1, -(2**53) + 1],
        (1, ("x", {"b": (), "a": {}})),
        {"a": 1.0, "b": -0.0, "c": 1e21},
    ],
)
def test_corners_are_written_as_the_other_library_writes_them(value: object) -> None:
    assert canon.canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("depth", [63, 64, 65, 66])
def test_depth_is_counted_alike_in_writing_and_reading(depth: int) -> None:
    value: object = "x"
    for _ in range(depth):
        value = [value]
    text = b"[" * depth + b'"x"' + b"]" * depth
    if depth <= 64:
        assert canon.canonical(value) == text
        assert canon.loads(text) == value
    else:
        assert code_of(canon.canonical, value) == code_of(canon.loads, text) == "LG0103"


@pytest.mark.parametrize("piece", [b'"\\', b'"', b"[", b"\\", b'"[', b"[]", b'{"'])
def test_hostile_repetition_is_scanned_once(piece: bytes) -> None:
    """Two million times: a scan that goes back at each of them would never end."""
    with pytest.raises(LedgerError):
        canon.loads(b"[" * 60 + piece * (2 << 20))


@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_garbage_gives_only_ledger_errors(data: bytes) -> None:
    try:
        canon.loads(data)
    except LedgerError as error:
        assert error.code in {"LG0101", "LG0103"}
    else:
        assert json.loads(data) is not Ellipsis
