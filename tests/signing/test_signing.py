"""Envelopes and keys: the specification's own values, distinct keys, refusals."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.signing import dsse, files, keys
from ledger.signing.schemes import ed25519
from ledger.signing.trust import TrustedKey


def test_pae_is_the_one_of_the_specification() -> None:
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert dsse.pae("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "


def test_sign_and_verify_by_distinct_keys() -> None:
    one, two, other = (keys.generate() for _ in range(3))
    envelope = dsse.parse(dsse.sign(b"{}", [one, two]).to_bytes())
    assert dsse.valid_signers(envelope, [one.public, one.public, two.public, other.public]) == (one.public, two.public)
    assert dsse.valid_signers(envelope, [other.public]) == ()


def test_keyid_is_a_hint_only() -> None:
    key = keys.generate()
    value = json.loads(dsse.sign(b"{}", [key]).to_bytes())
    for keyid in ("", "0" * 64, None):
        value["signatures"][0]["keyid"] = keyid
        assert dsse.valid_signers(dsse.parse(json.dumps(value).encode()), [key.public]) == (key.public,)
    del value["signatures"][0]["keyid"]
    assert dsse.valid_signers(dsse.parse(json.dumps(value).encode()), [key.public]) == (key.public,)


@pytest.mark.parametrize(
    "change",
    [
        {"payloadType": "text/plain"},
        {"payload": 1},
        {"payload": "e30"},
        {"payload": "e31="},
        {"signatures": []},
        {"signatures": {}},
        {"signatures": [{}]},
        {"signatures": [{"sig": "%%"}]},
        {"signatures": [{"sig": "AA==", "keyid": 7}]},
        {"signatures": [{"sig": "AA=="}] * 33},
    ],
)
def test_malformed_envelopes(change: dict) -> None:
    value = {**json.loads(dsse.sign(b"{}", [keys.generate()]).to_bytes()), **change}
    with pytest.raises(LedgerError) as caught:
        dsse.parse(json.dumps(value).encode())
    assert caught.value.code == "LG0406"


@given(st.binary(max_size=80))
def test_garbage_is_refused_by_code(data: bytes) -> None:
    with pytest.raises(LedgerError) as caught:
        dsse.parse(data)
    assert caught.value.code == "LG0406"


def test_url_safe_base64_is_read() -> None:
    key = keys.generate()
    text = dsse.sign(b"\xfb\xff\xfe", [key]).to_bytes().decode()
    value = json.loads(text)
    value["payload"] = base64.urlsafe_b64encode(b"\xfb\xff\xfe").decode()
    assert dsse.parse(json.dumps(value).encode()).payload == b"\xfb\xff\xfe"


def test_keyid_is_the_hash_of_the_spki() -> None:
    # RFC 8410 section 10.1: this public key; the digest was taken with openssl pkey -pubin -outform DER | sha256sum.
    pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"
    assert keys.public_from_pem(pem).keyid == "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f"
    assert keys.public_from_pem(pem).pem == pem


# The eight points of small order in their canonical encodings, and encodings that are not canonical (C2SP CCTV, "ed25519vectors").
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
NOT_CANONICAL = [
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0100000000000000000000000000000000000000000000000000000000000080",
]


# Flagged `low_order_component_A` and not `low_order_A` there (number 4), at 0fb2c3b5.
MIXED_ORDER = ["10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f"]


@pytest.mark.parametrize("text", SMALL_ORDER + NOT_CANONICAL + MIXED_ORDER)
def test_weak_public_keys_are_refused(text: str) -> None:
    with pytest.raises(LedgerError) as caught:
        ed25519.check_point(bytes.fromhex(text))
    assert caught.value.code == "LG0410"


def test_generated_keys_are_accepted() -> None:
    for _ in range(20):
        ed25519.check_point(keys.generate().public.raw)


def test_other_schemes_are_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as ser
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    pem = key.public_key().public_bytes(ser.Encoding.PEM, ser.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(LedgerError) as caught:
        keys.public_from_pem(pem)
    assert caught.value.code == "LG0405"
    with pytest.raises(LedgerError) as caught:
        keys.generate("rsa-1024")
    assert caught.value.code == "LG0405"


def test_key_files(tmp_path: Path) -> None:
    key = keys.generate()
    path = tmp_path / "k.pem"
    files.write_private(path, key, b"secret")
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert b"ENCRYPTED" in path.read_bytes()
    assert files.read_private(path, lambda _name: b"secret").public == key.public

    def code(call, *args) -> str:
        with pytest.raises(LedgerError) as caught:
            call(*args)
        return caught.value.code

    assert code(files.write_private, path, key, None) == "LG0409"
    assert code(files.read_private, path, lambda _name: b"wrong") == "LG0403"
    assert code(files.read_private, path) == "LG0404"
    assert code(files.read_private, tmp_path / "none") == "LG0401"
    path.chmod(0o640)
    assert code(files.read_private, path, lambda _name: b"secret") == "LG0402"
    (tmp_path / "junk").write_text("junk")
    (tmp_path / "junk").chmod(0o600)
    assert code(files.read_private, tmp_path / "junk") == "LG0401"
    assert code(files.read_public, tmp_path / "junk") == "LG0401"
    os.mkfifo(tmp_path / "fifo", 0o600)
    assert code(files.read_private, tmp_path / "fifo") == "LG0401"


def test_private_material_is_never_shown() -> None:
    key = keys.generate()
    shown = repr(key) + str(key) + repr(key.public)
    raw = key._key.private_bytes_raw()  # type: ignore[attr-defined]
    assert raw.hex() not in shown and str(raw) not in shown


@pytest.mark.parametrize(
    ("kind", "index", "wanted"),
    [("dataset", 4, False), ("dataset", 5, True), ("dataset", 8, True), ("dataset", 9, False), ("weights", 6, False)],
)
def test_trust_is_judged_by_index(kind: str, index: int, wanted: bool) -> None:
    trusted = TrustedKey(keys.generate().public, 5, 9, ("dataset",))
    assert trusted.may_sign(kind, index) is wanted
