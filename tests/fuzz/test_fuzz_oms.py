"""Whatever the bytes: a bundle, a statement, a certificate, a file of roots or of a key is read, or refused by a code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oms import making

from ledger.attest.model_signature import Disk, ModelReport, Trusted, verify
from ledger.errors import LedgerError
from ledger.signing import certificates, model_bundle, model_keys
from ledger.spec import model_signature

WORDS = st.sampled_from(
    [
        *("mediaType", "verificationMaterial", "dsseEnvelope", "publicKey", "hint", "rawBytes", "certificates", "signatures", "sig"),
        *("payload", "payloadType", "_type", "subject", "predicate", "predicateType", "resources", "serialization", "name", "digest"),
        *("", ".", "..", "a/b", "a:0:1", "sha256", "shards", "files", "AAAA", "00", "é", "\u0000", "9" * 30),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=20,
)
ROOT_KEY = ec.generate_private_key(ec.SECP256R1())
ROOT = making.certificate("root", ROOT_KEY, ca=True)
LEAF = making.certificate("leaf", making.KEY, ("root", ROOT_KEY)).public_bytes(ser.Encoding.DER)
CERTIFIED = making.bundle(making.statement(), making.KEY, making.chain_material(making.certificate("leaf", making.KEY, ("root", ROOT_KEY))))
BUNDLES = [making.bundle(making.statement()), CERTIFIED]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something can be replaced."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for name, item in inside for place in places(item, (*at, name)))]


def replaced(value: Any, at: tuple[Any, ...], by: Any) -> Any:
    if not at:
        return by
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[at[0]] = replaced(value[at[0]], at[1:], by)
    return copied


def refused_or(read: Any, *args: Any) -> Any:
    try:
        return read(*args)
    except LedgerError as error:
        return error.code


def look(said: model_signature.ModelStatement) -> Disk:
    return Disk("", {path: [(0, 1, b"x")] for path in said.paths()})


def whole(data: bytes) -> list[ModelReport]:
    """All of the verification, with a key and with roots; no bundle that was changed holds."""
    key = model_keys.key_of(making.KEY.public_key(), "key")
    return [verify(data, trusted, look, (), making.NOW) for trusted in (Trusted(key=key), Trusted(roots=[ROOT]), Trusted())]


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_as_a_bundle_or_statement(data: bytes) -> None:
    for report in whole(data):
        assert [item.id for item in report.failed] == ["O1"]
    assert refused_or(model_signature.parse, data) == "LG1301"


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=300)
@given(st.sampled_from(BUNDLES), st.data())
def test_a_bundle_with_something_replaced(value: Any, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from(places(value)))
    for report in whole(json.dumps(replaced(value, at, data.draw(VALUES))).encode()):
        assert len(report.checks) == 9


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=500)
@given(st.data())
def test_a_statement_with_something_replaced_and_signed(data: st.DataObject) -> None:
    said = data.draw(st.sampled_from([making.statement(), making.statement(making.resources(shard=10), method="shards", shard_size=10)]))
    changed = replaced(said, data.draw(st.sampled_from(places(said))), data.draw(VALUES))
    report = whole(json.dumps(making.bundle(json.dumps(changed).encode())).encode())[0]
    assert [item.result for item in report.checks[:3]] == ["pass"] * 3
    assert {item.id for item in report.failed} <= {"O4", "O5", "O6"}


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(BUNDLES), st.integers(0, 5000), st.integers(0, 255))
def test_a_bundle_with_a_changed_byte(value: Any, at: int, byte: int) -> None:
    data = bytearray(json.dumps(value).encode())
    data[at % len(data)] = byte
    for report in whole(bytes(data)):
        assert len(report.checks) == 9


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=300)
@given(st.integers(0, len(LEAF) - 1), st.binary(min_size=0, max_size=3), st.integers(0, 4))
def test_a_certificate_with_changed_bytes_is_nobody_s(at: int, by: bytes, cut: int) -> None:
    changed = LEAF[:at] + by + LEAF[at + cut :]
    if changed != LEAF:
        assert refused_or(certificates.check_chain, [changed], [ROOT], making.NOW) in {"LG1302", "LG1305"}
    # A serial number that is not positive: read, and warned of, by the library.
    assert refused_or(certificates.check_chain, [LEAF[:15] + b"\x80\x00" + LEAF[17:]], [ROOT], making.NOW) == "LG1302"
    assert certificates.check_chain([LEAF], [ROOT], making.NOW).subject == "CN=leaf"


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=300))
def test_any_bytes_as_certificates(data: bytes) -> None:
    assert refused_or(certificates.check_chain, [data], [ROOT], making.NOW) == "LG1302"
    assert refused_or(certificates.read_roots, data, "roots") == "LG1306"
    pem = b"-----BEGIN CERTIFICATE-----\n" + making.base64.b64encode(data) + b"\n-----END CERTIFICATE-----\n"
    assert refused_or(certificates.read_roots, pem, "roots") == "LG1306"


LABELS = ["PUBLIC KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY", "CERTIFICATE"]


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=300), label=st.sampled_from(LABELS))
def test_any_bytes_as_a_key_file(data: bytes, label: str, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    pem = f"-----BEGIN {label}-----\n{making.base64.b64encode(data).decode()}\n-----END {label}-----\n".encode()
    for tried in (data, pem):
        path.write_bytes(tried)
        path.chmod(0o600)
        assert refused_or(model_keys.read_public, path) in {"LG0401", "LG0405", "LG0411", "LG1305"}
        assert refused_or(model_keys.read_signer, path, lambda _name: b"x") in {"LG0401", "LG0403", "LG1305"}


def test_the_ones_that_are_changed_above_hold() -> None:
    key, roots, nothing = (whole(json.dumps(value).encode()) for value in [*BUNDLES, {}])
    assert {item.id for item in key[0].failed} == {item.id for item in roots[1].failed} == {"O6"}
    assert [item.result for item in key[0].checks[:5]] == [item.result for item in roots[1].checks[:5]] == ["pass"] * 5
    assert [item.id for item in nothing[0].failed] == ["O1"]


@pytest.mark.parametrize("depth", [10, 70, 5000])
def test_deep_bundles(depth: int) -> None:
    data = json.dumps(making.bundle(b"[" * depth + b"]" * depth)).encode()
    assert [item.id for item in whole(data)[0].failed] == ["O4"]
    assert refused_or(model_bundle.parse, b"[" * depth) == "LG1301"
