"""Every parser of foreign bytes lets nothing but `LedgerError` out, on random input and on valid documents that were changed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import canon, ids
from ledger.attest import bundle
from ledger.attest import verify as bundles
from ledger.errors import LedgerError
from ledger.importers import mot, osai, pipeline, records
from ledger.log import checkpoint, leaf, note, proof
from ledger.signing import dsse
from ledger.spec import names, statement

HEX = "5f" * 32
STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "figures@1", "digest": {"sha256": HEX}, "annotations": {"id": f"tree:{HEX}"}}],
    "predicateType": "https://openness-ledger.dev/manifest/v1",
    "predicate": {
        "kind": "dataset",
        "name": "figures",
        "version": "1",
        "artifact": {"id": f"tree:{HEX}", "files": 1, "bytes": 3, "root": HEX},
        "licenses": {"declared": [{"expression": "MIT", "normalized": "MIT", "source": "argument"}], "detected": [], "spdx": "3.27"},
        "sources": [{"uri": "https://example.org/"}],
        "from": [],
    },
}
LEAF = {
    "v": 1,
    "kind": "manifest",
    "envelope": f"sha256:{HEX}",
    "payload": f"sha256:{HEX}",
    "predicateType": "https://openness-ledger.dev/manifest/v1",
    "subjects": [f"tree:{HEX}"],
    "keyids": [HEX],
    "time": "2026-11-20T12:00:00Z",
}


def compact(value: Any) -> bytes:
    """The canonical form of values that hold nothing but ASCII and small integers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


ENVELOPE = {
    "payload": b64(compact(STATEMENT)),
    "payloadType": "application/vnd.in-toto+json",
    "signatures": [{"keyid": HEX, "sig": b64(bytes(64))}],
}
TEXT = f"example.org/tests\n3\n{b64(bytes(32))}\n"
NOTE = f"{TEXT}\n— example.org/tests {b64(bytes(68))}\n"
PROOF = f"c2sp.org/tlog-proof@v1\nextra {b64(compact(LEAF))}\nindex 1\n{b64(bytes(32))}\n{b64(bytes(32))}\n\n{NOTE}"
POINT = bytes.fromhex("5866666666666666666666666666666666666666666666666666666666666666")  # the base point of RFC 8032
RAW = b"\x01" + POINT
VKEY = f"example.org/tests+{hashlib.sha256(b'example.org/tests' + bytes([10]) + RAW).hexdigest()[:8]}+{b64(RAW)}"
BUNDLE = {
    "mediaType": "application/vnd.openness-ledger.bundle.v1+json",
    "attestation": ENVELOPE,
    "statements": [ENVELOPE],
    "proofs": [PROOF, PROOF],
    "checkpoint": NOTE,
    "consistency": [b64(bytes(32))],
    "keys": [{"keyid": HEX, "scheme": "ed25519", "public": "PEM"}],
}
PIPELINE = """\
ledger: 1
artifacts:
  - {kind: dataset, name: d, version: "1", path: data, license: MIT, sources: [{uri: "https://example.org/"}]}
  - kind: weights
    name: m
    version: "1"
    path: model
    include: ["*.bin"]
    from: {trained-on: [d@1, "ref:base@3.0"]}
    fields: {a: [1, 2.5, null, true]}
releases:
  - name: m
    version: "1"
    components: {weights: m@1, datasets: [d@1]}
"""
OSAI = """\
system: {name: x, endmodellicense: Apache 2.0}
org: {name: o}
weights_endmodel: {class: open, link: 'https://example.org', notes: n}
code: {class: partial, link: }
"""
MOT = """\
framework: {name: Model Openness Framework, version: '1.0', date: '2024-12-15'}
release:
  name: Demo
  version: 1.0
  license:
    distribution: {name: Apache-2.0, path: ''}
    code: {name: '', path: ''}
  components:
    - {name: Model architecture}
    - {name: Model parameters (Final), license: mit, component_path: 'https://example.org/w'}
    - {name: Datasets, license: unlicensed}
"""

OWN = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OWN_RAW = b"\x01" + OWN.public_key().public_bytes_raw()
OWN_HASH = hashlib.sha256(b"example.org/tests\n" + OWN_RAW).digest()[:4]
OWN_VKEY = f"example.org/tests+{OWN_HASH.hex()}+{b64(OWN_RAW)}"


def signed_note(text: str) -> str:
    return f"{text}\n— example.org/tests {b64(OWN_HASH + OWN.sign(text.encode()))}\n"


def bundle_of(statement: Any, changes: dict[str, Any]) -> bytes:
    """A bundle of two copies of a statement, really signed and in a real log of two entries, so that checking goes deep."""
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    kind = b"application/vnd.in-toto+json"
    signature = OWN.sign(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    envelope = {"payload": b64(payload), "payloadType": kind.decode(), "signatures": [{"keyid": HEX, "sig": b64(signature)}]}
    leaf = {**LEAF, "envelope": f"sha256:{hashlib.sha256(compact(envelope)).hexdigest()}"}
    leaf["payload"] = f"sha256:{hashlib.sha256(payload).hexdigest()}"
    kinds = [name for name in ("manifest", "release", "key", "openness") if isinstance(statement, dict) and name in str(statement)[:9000]]
    leaf.update({"kind": {"openness": "attestation"}.get(kinds[-1], kinds[-1])} if changes.get("kind") and kinds else {})
    record = compact(leaf)
    one = hashlib.sha256(b"\0" + record).digest()
    text = signed_note(f"example.org/tests\n2\n{b64(hashlib.sha256(bytes([1]) + one + one).digest())}\n")
    proofs = [f"c2sp.org/tlog-proof@v1\nextra {b64(record)}\nindex {n}\n{b64(one)}\n\n{text}" for n in (1, 0)]
    value = {**BUNDLE, "attestation": envelope, "statements": [envelope], "proofs": proofs, "checkpoint": text}
    value.update({name: item for name, item in changes.items() if name != "kind"})
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def signed_bundle() -> bytes:
    return bundle_of(STATEMENT, {})


def check_bundle(data: bytes) -> object:
    return bundles.verify_bundle(data, [note.parse_vkey(OWN_VKEY)])


BYTES: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "canon.loads": (canon.loads, compact(STATEMENT)),
    "canon.loads_canonical": (canon.loads_canonical, compact(ENVELOPE)),
    "dsse.parse": (dsse.parse, compact(ENVELOPE)),
    "note.parse_note": (note.parse_note, NOTE.encode()),
    "leaf.parse_leaf": (leaf.parse_leaf, compact(LEAF)),
    "statement.parse": (statement.parse, compact(STATEMENT)),
    "pipeline.read_pipeline": (pipeline.read_pipeline, PIPELINE.encode()),
    "mot.read_model": (mot.read_model, MOT.encode()),
    "osai.read_index": (osai.read_index, OSAI.encode()),
    "records.read_record": (records.read_record, OSAI.encode()),
    "bundle.read_bundle": (bundle.read_bundle, json.dumps(BUNDLE, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()),
    "verify_bundle": (check_bundle, signed_bundle()),
    "checkpoint.open_checkpoint": (lambda data: checkpoint.open_checkpoint(data, note.parse_vkey(OWN_VKEY)), signed_note(TEXT).encode()),
}
TEXTS: dict[str, tuple[Callable[[str], object], str]] = {
    "note.parse_vkey": (note.parse_vkey, VKEY),
    "checkpoint.parse_checkpoint_text": (checkpoint.parse_checkpoint_text, TEXT),
    "proof.parse_proof": (proof.parse_proof, PROOF),
    "names.parse_reference": (names.parse_reference, "weights/reader@1.0"),
    "names.parse_reference of an id": (names.parse_reference, f"tree:{HEX}"),
    "names.parse_reference of a release": (names.parse_reference, "release/reader@1.0"),
    "ids.artifact_id": (ids.artifact_id, f"tree:{HEX}"),
    "ids.object_id": (ids.object_id, f"sha256:{HEX}"),
}
JSON_PARSERS: dict[str, tuple[Callable[[bytes], object], Any]] = {
    "dsse.parse": (dsse.parse, ENVELOPE),
    "leaf.parse_leaf": (leaf.parse_leaf, LEAF),
    "statement.parse": (statement.parse, STATEMENT),
    "bundle.read_bundle": (bundle.read_bundle, BUNDLE),
    "pipeline.read_pipeline": (
        pipeline.read_pipeline,
        {"ledger": 1, "artifacts": [{"kind": "code", "name": "c", "path": "c", "from": {}}]},
    ),
    "mot.read_model": (
        mot.read_model,
        {"release": {"name": "x", "license": {"code": {"name": "MIT"}}, "components": [{"name": "Datasets"}]}},
    ),
    "osai.read_index": (
        osai.read_index,
        {"system": {"name": "x", "endmodellicense": "MIT"}, "code": {"class": "open", "link": ["a"]}, "paper": {"class": "closed"}},
    ),
}
MANY = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
TOKENS = [
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\n",
    b"\n\n",
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xc3\xa9",
]
TOKENS += [
    b"1e999",
    b"-0",
    b"NaN",
    b"9007199254740992",
    b"1" * 5000,
    b"[" * 200,
    b"{" * 200,
    b"null",
    b"true",
    b"&a",
    b"*a",
    b"<<: *a",
    b"!!python/object:x",
]
TOKENS += [
    b"!!binary",
    b"2026-13-45",
    b"0x1F",
    b"1:2:3",
    b"---",
    b"? ",
    b"- ",
    b"  ",
    b"\t",
    b"@",
    b"+",
    "— ".encode(),
    "\u2028".encode(),
    b"=",
]
TOKENS += [
    b"!!timestamp 'x'",
    b"!!int 'x'",
    b"!!float 'x'",
    b"!!set {a}",
    b"!!omap [a]",
    b"0b2",
    b"2026-11-20",
    b".inf",
    b"%YAML 9.9",
    b"index -1",
]

PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "tree:", HEX, "sha256:" + HEX, "\ud800"])
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8
)


def only_ledger_errors(parse: Callable[[Any], object], data: Any) -> None:
    try:
        parse(data)
    except LedgerError as error:
        assert error.code.startswith("LG")
        assert error.code != "LG9999"


@st.composite
def changed(draw: st.DrawFn, valid: bytes) -> bytes:
    """A valid document after some cuts, copies, insertions and changed bytes."""
    data = valid
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.sampled_from([0, 0, 1, 1, 2, 8, 64])))
        piece = draw(st.sampled_from(TOKENS) | st.binary(max_size=4) | st.just(data[at:end] * 2))
        data = data[:at] + piece + data[end:]
    return data


def places(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(place for key, item in inside for place in places(item, (*before, key)))]


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """The value with another value at the place."""
    if not place:
        return new
    key, rest = place[0], place[1:]
    if isinstance(value, list):
        return [put(item, rest, new) if number == key else item for number, item in enumerate(value)]
    return {name: put(item, rest, new) if name == key else item for name, item in value.items()}


@pytest.mark.parametrize("name", [*BYTES, *TEXTS])
def test_the_valid_document_is_one(name: str) -> None:
    parse, valid = {**BYTES, **TEXTS}[name]
    assert parse(valid) is not None


@pytest.mark.parametrize("name", BYTES)
@MANY
@given(data=st.data())
def test_random_bytes(name: str, data: st.DataObject) -> None:
    only_ledger_errors(BYTES[name][0], data.draw(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode())))


@pytest.mark.parametrize("name", BYTES)
@MANY
@given(data=st.data())
def test_changed_bytes(name: str, data: st.DataObject) -> None:
    parse, valid = BYTES[name]
    only_ledger_errors(parse, data.draw(changed(valid)))


@pytest.mark.parametrize("name", TEXTS)
@MANY
@given(data=st.data())
def test_random_text(name: str, data: st.DataObject) -> None:
    only_ledger_errors(TEXTS[name][0], data.draw(st.text(max_size=300)))


@pytest.mark.parametrize("name", TEXTS)
@MANY
@given(data=st.data())
def test_changed_text(name: str, data: st.DataObject) -> None:
    parse, valid = TEXTS[name]
    only_ledger_errors(parse, data.draw(changed(valid.encode())).decode("utf-8", "replace"))


@pytest.mark.parametrize("name", JSON_PARSERS)
@MANY
@given(data=st.data())
def test_another_value_somewhere(name: str, data: st.DataObject) -> None:
    parse, valid = JSON_PARSERS[name]
    value = put(valid, data.draw(st.sampled_from(places(valid))), data.draw(VALUES))
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    only_ledger_errors(parse, text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "odd", ["", "\x00", "\ud800", "\n", "\n\n", "@", ":", "/", "+", "++", "ref:", "ref:@", "\u0661", "x" * 100_000, "index \u0661"]
)
def test_odd_texts(name: str, odd: str) -> None:
    parse, valid = TEXTS[name]
    for text in (odd, odd + valid, valid + odd, valid.replace("1", odd)):
        only_ledger_errors(parse, text)


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("token", range(len(TOKENS)))
def test_every_token_alone_and_as_a_value(name: str, token: int) -> None:
    parse = BYTES[name][0]
    for data in (
        TOKENS[token],
        b'{"a":' + TOKENS[token] + b"}",
        b"a: " + TOKENS[token] + b"\n",
        b"ledger: 1\nartifacts: " + TOKENS[token] + b"\n",
    ):
        only_ledger_errors(parse, data)


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("piece", [b"[", b'{"a":', b"- ", b"a: ", b"{a: ", b"!x ", b"&a [*a, "])
def test_depth(name: str, piece: bytes) -> None:
    only_ledger_errors(BYTES[name][0], piece * 20_000)


def test_the_signed_bundle_is_read_up_to_its_statements() -> None:
    """So that what follows reaches the checks behind the signatures."""
    report = bundles.verify_bundle(signed_bundle(), [note.parse_vkey(OWN_VKEY)])
    assert [check.result for check in report.checks][:5] == ["pass"] * 5


@MANY
@given(data=st.data())
def test_another_value_in_a_statement_that_is_signed_and_logged(data: st.DataObject) -> None:
    value = put(STATEMENT, data.draw(st.sampled_from(places(STATEMENT))), data.draw(VALUES))
    only_ledger_errors(check_bundle, bundle_of(value, {"keys": data.draw(st.just([]) | st.lists(VALUES, max_size=2))}))


@pytest.mark.parametrize("value", [[], {}, None, 1, True, 1.5, "", "\u0000", [[]], {"keyid": []}])
@pytest.mark.parametrize("member", ["keyid", "scheme", "public"])
def test_keys_of_other_types(member: str, value: Any) -> None:
    key = {"keyid": HEX, "scheme": "ed25519", "public": "PEM", member: value}
    only_ledger_errors(check_bundle, bundle_of(STATEMENT, {"keys": [key]}))
