"""Every scheme: what a key is, what is refused, and that a bad signature is no more than that."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from commands import ask
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, mldsa, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refdata import refdata
from reference.naive_log import Broken, Key
from reference.naive_statements import SPKI

from ledger.api import Ledger
from ledger.errors import LedgerError
from ledger.signing import dsse, files, keys, model_keys
from ledger.signing.keys import PrivateKey, generate, public_from_der, public_from_pem, schemes
from ledger.spec.key import KeyEvent

SCHEMES = ["ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ml-dsa-44", "ml-dsa-65"]
OWN: dict[str, PrivateKey] = {name: generate(name) for name in SCHEMES}
SPKI_FORM = (ser.Encoding.DER, ser.PublicFormat.SubjectPublicKeyInfo)


def code_of(call: Any, *args: Any) -> str:
    with pytest.raises(LedgerError) as caught:
        call(*args)
    return caught.value.code


def pem_of(der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def test_the_schemes_are_those_of_the_format() -> None:
    assert list(schemes()) == SCHEMES == list(SPKI)
    page = (Path(__file__).resolve().parents[2] / "docs/spec/format.md").read_text("utf-8")
    for name, (begins, more) in SPKI.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}`"))
        assert f"{begins} and {more:,} bytes" in row


@pytest.mark.parametrize("name", SCHEMES)
def test_a_key_is_what_the_format_says_and_signs(name: str) -> None:
    begins, more = SPKI[name]
    key = OWN[name]
    assert key.public.der.hex().startswith(begins)
    assert len(key.public.der) == len(begins) // 2 + more
    assert key.public.pem == pem_of(key.public.der)
    assert public_from_pem(key.public.pem) == public_from_der(key.public.der) == key.public
    signature = key.sign(b"message")
    assert key.public.verifies(signature, b"message")
    assert not key.public.verifies(signature, b"massage")
    assert Key.of_pem(key.public.pem).signed(b"message", signature)
    for other in OWN.values():
        assert other is key or not other.public.verifies(signature, b"message")
    event = KeyEvent("add", key.public.keyid, name, key.public.pem, ("*",), None, None).to_statement()
    assert event.subjects[0].name == f"{name} key"
    for wrong in SCHEMES:
        if wrong != name:
            assert code_of(KeyEvent("add", key.public.keyid, wrong, key.public.pem, ("*",), None, None).to_statement) == "LG0308"


@pytest.mark.parametrize("name", ["ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384"])
def test_the_same_key_signs_the_same_bytes_alike(name: str) -> None:
    assert OWN[name].sign(b"message") == OWN[name].sign(b"message")


@pytest.mark.parametrize("name", SCHEMES)
def test_key_files_of_every_scheme(name: str, tmp_path: Path) -> None:
    key = OWN[name]
    for number, passphrase in enumerate((None, b"secret")):
        path = tmp_path / f"{number}.pem"
        files.write_private(path, key, passphrase)
        assert files.read_private(path, lambda _name: b"secret").public == key.public
        assert (b"ENCRYPTED" in path.read_bytes()) is (passphrase is not None)
        if passphrase:
            assert code_of(files.read_private, path, lambda _name: b"wrong") == "LG0403"
    files.write_public(tmp_path / "k.pub", key.public)
    assert files.read_public(tmp_path / "k.pub") == key.public


def test_the_published_dsse_vector() -> None:
    vector = json.loads(refdata("dsse", "vector.json").read_text())
    numbers = ec.EllipticCurvePublicNumbers(int(vector["X"]), int(vector["Y"]), ec.SECP256R1())
    public = public_from_der(numbers.public_key().public_bytes(*SPKI_FORM))
    message = dsse.pae(vector["payloadType"], vector["payload"].encode())
    assert message == vector["pae"].encode()
    raw = base64.b64decode(vector["envelope"]["signatures"][0]["sig"])
    signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    assert public.verifies(signature, message)
    assert not public.verifies(raw, message)
    own = keys.private_from_object(ec.EllipticCurvePrivateNumbers(int(vector["d"]), numbers).private_key())
    assert own.sign(message) == signature  # RFC 6979 in both


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 3072),
        ec.generate_private_key(ec.SECP521R1()),
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.SECP224R1()),
        ed448.Ed448PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
        dsa.generate_private_key(2048),
        mldsa.MLDSA87PrivateKey.generate(),
    ],
    ids=lambda key: type(key).__name__,
)
def test_every_other_kind_of_key_is_refused(key: Any, tmp_path: Path) -> None:
    der = key.public_key().public_bytes(*SPKI_FORM)
    assert code_of(public_from_der, der) == "LG0405"
    assert code_of(public_from_pem, pem_of(der)) == "LG0405"
    path = tmp_path / "k.pem"
    path.write_bytes(key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption()))
    path.chmod(0o600)
    assert code_of(files.read_private, path) == "LG0405"


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = (
        bytes([len(body)])
        if len(body) < 128
        else (b"\x81" + bytes([len(body)]) if len(body) < 256 else b"\x82" + len(body).to_bytes(2, "big"))
    )
    return bytes([tag]) + size + body


def other_encodings() -> dict[str, bytes]:
    """The same P-256 key, and the same Ed25519 key, written otherwise."""
    good = OWN["ecdsa-sha2-nistp256"].public.der
    point = good[-65:]
    x, y = point[1:33], point[33:]
    ec_oid, p256 = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06082a8648ce3d030107")
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    n = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    g = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    field = der(0x30, bytes.fromhex("06072a8648ce3d0101"), der(2, b"\0" + p.to_bytes(32, "big")))
    curve = der(0x30, der(4, (p - 3).to_bytes(32, "big")), der(4, b.to_bytes(32, "big")))
    params = der(0x30, der(2, b"\1"), field, curve, der(4, bytes.fromhex(g)), der(2, b"\0" + n.to_bytes(32, "big")), der(2, b"\1"))
    ed = OWN["ed25519"].public.der
    return {
        "compressed": der(0x30, der(0x30, ec_oid, p256), der(3, b"\0", bytes([2 + y[-1] % 2]), x)),
        "hybrid": der(0x30, der(0x30, ec_oid, p256), der(3, b"\0", bytes([6 + y[-1] % 2]), x, y)),
        "explicit curve": der(0x30, der(0x30, ec_oid, params), der(3, b"\0", point)),
        "not on the curve": der(0x30, der(0x30, ec_oid, p256), der(3, b"\0\4", x, bytes([y[0] ^ 1]), y[1:])),
        "at infinity": der(0x30, der(0x30, ec_oid, p256), der(3, b"\0\0")),
        "bytes behind": good + b"\0",
        "long form of a length": b"\x30\x81" + good[1:],
        "Ed25519 with parameters": der(0x30, der(0x30, bytes.fromhex("06032b6570"), b"\5\0"), ed[-35:]),
        "Ed25519 with unused bits": der(0x30, der(0x30, bytes.fromhex("06032b6570")), der(3, b"\1", ed[-32:])),
        "ML-DSA of another length": OWN["ml-dsa-44"].public.der[:-1],
        "nothing": b"",
    }


@pytest.mark.parametrize("name", other_encodings())
def test_another_encoding_of_a_key_is_refused(name: str) -> None:
    encoded = other_encodings()[name]
    assert code_of(public_from_der, encoded) in {"LG0401", "LG0411"}
    assert code_of(public_from_pem, pem_of(encoded)) in {"LG0401", "LG0411"}
    with pytest.raises((Broken, ValueError)):
        Key.of_pem(pem_of(encoded))


def test_a_compressed_point_is_called_another_encoding() -> None:
    assert code_of(public_from_der, other_encodings()["compressed"]) == "LG0411"


@pytest.mark.parametrize("text", ["", "-----BEGIN PUBLIC KEY-----\n%%\n-----END PUBLIC KEY-----\n", OWN["ed25519"].public.pem * 2])
def test_a_pem_is_one_block(text: str) -> None:
    assert code_of(public_from_pem, text) == "LG0401"


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(SCHEMES), data=st.data())
def test_any_bytes_as_a_signature_are_just_not_valid(name: str, data: st.DataObject) -> None:
    key, good = OWN[name].public, OWN[name].sign(b"message")
    at = data.draw(st.integers(0, len(good) - 1))
    flipped = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    for signature in (data.draw(st.binary(max_size=200)), good[:at], good + data.draw(st.binary(min_size=1, max_size=9)), flipped):
        assert key.verifies(signature, b"message") is False


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(encoded=st.binary(max_size=120), name=st.sampled_from(SCHEMES), at=st.integers(0, 2000), byte=st.integers(0, 255))
def test_any_bytes_as_a_key_are_a_key_or_refused(encoded: bytes, name: str, at: int, byte: int) -> None:
    changed = bytearray(OWN[name].public.der)
    changed[at % len(changed)] = byte
    for tried in (encoded, bytes(changed)):
        for read, given_ in ((public_from_der, tried), (public_from_pem, pem_of(tried))):
            try:
                assert read(given_).der == tried
            except LedgerError as error:
                assert error.code in {"LG0401", "LG0405", "LG0410", "LG0411"}


def test_one_envelope_with_a_signature_of_every_scheme_and_bad_ones_between() -> None:
    every = [OWN[name] for name in SCHEMES]
    value = json.loads(dsse.sign(b"{}", every).to_bytes())
    bad = [{"keyid": "", "sig": base64.b64encode(junk).decode()} for junk in (b"", b"\0", b"\x30\x06\2\1\1\2\1\1", b"x" * 64, b"x" * 2420)]
    value["signatures"] = [*bad, *reversed(value["signatures"])]
    envelope = dsse.parse(json.dumps(value).encode())
    assert dsse.valid_signers(envelope, [key.public for key in every]) == tuple(key.public for key in every)


@pytest.mark.parametrize("name", SCHEMES)
def test_the_command_makes_and_trusts_keys_of_every_scheme(name: str, empty: Ledger, tmp_path: Path, capsys: Any) -> None:
    path, where = str(tmp_path / "k.pem"), ("--ledger", str(empty.layout.root))
    made = ask(capsys, "key", "new", path, "--scheme", name, "--insecure-no-passphrase", "--json").json()["result"]
    assert made["scheme"] == name
    assert ask(capsys, "key", "trust", path + ".pub", *where, "--json").json()["result"]["keyid"] == made["keyid"]
    listed = ask(capsys, "key", "list", *where, "--json").json()["result"]["keys"]
    assert {(item["keyid"], item["scheme"]) for item in listed} >= {(made["keyid"], name)}
    assert ask(capsys, "record", "dataset", path + ".pub", "--name", "x", "--key", path, *where).code == 0
    assert ask(capsys, "verify", *where).code == 0


def test_the_command_names_the_schemes_when_it_knows_none(tmp_path: Path, capsys: Any) -> None:
    shown = ask(capsys, "key", "new", str(tmp_path / "k.pem"), "--scheme", "rsa", "--insecure-no-passphrase")
    assert shown.code == 2
    assert all(name in shown.err for name in SCHEMES)
    assert not (tmp_path / "k.pem").exists()


def test_a_private_key_that_is_not_pkcs8_does_not_sign_statements(tmp_path: Path) -> None:
    """The older form of elliptic curve keys is read for model signatures, and when it is encrypted for nothing."""
    key = OWN["ecdsa-sha2-nistp256"]._key
    for name, encryption in (("open", ser.NoEncryption()), ("weak", ser.BestAvailableEncryption(b"x"))):
        path = tmp_path / name
        path.write_bytes(key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.TraditionalOpenSSL, encryption))  # type: ignore[attr-defined]
        path.chmod(0o600)
        assert code_of(files.read_private, path, lambda _name: b"x") == "LG0401"
    assert model_keys.read_signer(tmp_path / "open").public.der == OWN["ecdsa-sha2-nistp256"].public.der
    assert code_of(model_keys.read_signer, tmp_path / "weak", lambda _name: b"x") == "LG0401"


PRIVATE = {name: key._key.private_bytes(ser.Encoding.DER, ser.PrivateFormat.PKCS8, ser.NoEncryption()) for name, key in OWN.items()}  # type: ignore[attr-defined]


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(SCHEMES), at=st.integers(0, 4100), by=st.binary(max_size=3), cut=st.integers(0, 4))
def test_a_changed_private_key_is_a_key_or_refused(name: str, at: int, by: bytes, cut: int, tmp_path: Path) -> None:
    whole = PRIVATE[name]
    at %= len(whole)
    path = tmp_path / "k.pem"
    text = base64.encodebytes(whole[:at] + by + whole[at + cut :]).decode()
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{text}-----END PRIVATE KEY-----\n")
    path.chmod(0o600)
    for read in (files.read_private, model_keys.read_signer):
        try:
            key = read(path)
            assert key.public.verifies(key.sign(b"m"), b"m")
        except LedgerError as error:
            assert error.code in {"LG0401", "LG0405", "LG0410", "LG1305"}
