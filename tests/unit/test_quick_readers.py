"""The quick ways of reading what is canonical anyway give what the full readers give, byte changes and all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger import canon
from ledger.errors import LedgerError
from ledger.log import leaf
from ledger.signing import dsse
from ledger.signing.keys import generate

HEX = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
LEAF = json.dumps(
    {
        "envelope": f"sha256:{HEX}",
        "keyids": [HEX, "a b"],
        "kind": "manifest",
        "payload": f"sha256:{HEX}",
        "predicateType": "https://example.org/p",
        "subjects": [f"file:{HEX}", ""],
        "time": "2026-11-24T00:00:00Z",
        "v": 1,
    },
    separators=(",", ":"),
).encode()
ENVELOPE = dsse.sign(b'{"a":1}', [generate()]).to_bytes()
PAYLOAD = b'{"a":[1,-2,"x\\n\\u001f\\"",true,null,{}],"b":{"c":"d"},"n":123456789012345}'
BYTES = st.sampled_from([bytes([number]) for number in b'{}[]",:\\ 0129-.eE+/=_azA\n\x7f\x80\xc3u'])


@st.composite
def changed(draw: st.DrawFn, data: bytes) -> bytes:
    """The bytes with up to three places cut, replaced, doubled or with something put in."""
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.integers(0, 4)))
        data = data[:at] + draw(st.one_of(st.just(b""), BYTES, st.just(data[at:end] * 2))) + data[end:]
    return data


def result(read: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return repr(read(*arguments))
    except LedgerError as error:
        return error.code, error.message


def fully(data: bytes) -> Any:
    value = canon.loads(data)
    if canon.canonical(value) != data:
        raise LedgerError("LG0102", "JSON is not the RFC 8785 form of itself")
    return value


@given(st.one_of(changed(PAYLOAD), changed(LEAF), st.binary(max_size=40)))
@example(b'{"a":1,"a":1}')
@example(b'{"a":1234567890123456}')
@example(b'{"a":9007199254740993}')
@example(b'{"a":1.0}')
@example(b'{"a":-0}')
@example(b'{"a":"\\ud800"}')
@example(b'{"a":"\\u00e9"}')
@example(b"[" * 65 + b"]" * 65)
@example(b"NaN")
@example(b" 1")
@example(b"")
def test_canonical_json(data: bytes) -> None:
    assert result(canon.loads_canonical, data) == result(fully, data)


@given(changed(LEAF))
@example(LEAF.replace(b'","a b"', b'""a b"'))
@example(LEAF.replace(b'["', b'[,"', 1))
@example(LEAF.replace(b'"subjects":["', b'"subjects":["' + b'x","' * 15))
@example(LEAF.replace(b'"subjects":["', b'"subjects":["' + b'x","' * 14))
@example(LEAF.replace(b'"v":1', b'"v":1,"w":1'))
@example(LEAF + b"\n")
def test_leaf_records(data: bytes) -> None:
    assert result(leaf.parse_leaf, data) == result(leaf._any_leaf, data, "entry")


def test_a_plain_leaf_record_is_read_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaf, "_any_leaf", None)
    assert leaf.parse_leaf(LEAF).keyids == (HEX, "a b")


@given(changed(ENVELOPE))
@example(ENVELOPE.replace(b'=="', b'="'))
@example(ENVELOPE.replace(b'"}],', b'=="}],'))
@example(ENVELOPE + b"\n")
def test_envelopes(data: bytes) -> None:
    # White space in front is nothing to a JSON reader, and no envelope for the quick one; only positions in messages differ by it.
    one, other = result(dsse.parse, data), result(dsse.parse, b" " + data)
    assert one == other or (one[0] == other[0] == "LG0406")


def test_a_plain_envelope_is_read_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canon, "loads", None)
    assert dsse.parse(ENVELOPE).payload == b'{"a":1}'
