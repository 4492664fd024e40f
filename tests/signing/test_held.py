"""Keys on a PKCS#11 token: SoftHSM2 holds them, the product signs with them, and everybody else verifies as always."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from commands import ask
from conftest import ORIGIN, fill, make_inputs
from peers import openssl
from reference.naive_bundle import verify_bundle as naive_bundle
from softhsm import PIN, token

from ledger.api import KeySources, Ledger, LedgerError, held_key, verify_bundle_file
from ledger.signing import held
from ledger.signing.keys import public_from_pem

CURVES = {2: "secp256r1", 3: "secp384r1", 5: "secp521r1"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The query of a URI that names the token; keys 2, 3 and 5 are on it, and 6 is a signing key beside another's public key."""
    made = token(tmp_path_factory.mktemp("softhsm") / "t")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(made.settings))
        patch.setenv("PYKCS11LIB", str(made.module))
        import pkcs11
        from pkcs11.util.ec import encode_named_curve_parameters

        there = pkcs11.lib(str(made.module)).get_token(token_label=made.label)
        with there.open(rw=True, user_pin=PIN) as session:

            def new(curve: str, public_id: int, private_id: int) -> None:
                encoded = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}
                parameters = session.create_domain_parameters(pkcs11.KeyType.EC, encoded, local=True)
                _, private = parameters.generate_keypair(store=True, id=bytes([public_id]))
                private[pkcs11.Attribute.ID] = bytes([private_id])

            for number, curve in CURVES.items():
                new(curve, number, number)
            new("secp256r1", 6, 7)
            new("secp256r1", 7, 6)
        yield f"label={quote_plus(made.label)}"


def pin(_name: str) -> bytes:
    return PIN.encode()


@pytest.mark.parametrize(("number", "scheme"), [(2, "ecdsa-sha2-nistp256"), (3, "ecdsa-sha2-nistp384")])
def test_openssl_verifies_what_the_token_signs(number: int, scheme: str, place: str, tmp_path: Path) -> None:
    keyid, found = held_key(f"hsm:{number}?{place}", tmp_path / "key.pub", pin)
    public = public_from_pem((tmp_path / "key.pub").read_text())
    assert (found, public.scheme, public.keyid) == (scheme, scheme, keyid)
    (tmp_path / "message").write_bytes(b"message")
    (tmp_path / "signature").write_bytes(held.read(f"hsm:{number}?{place}", pin).sign(b"message"))
    digest = "-sha256" if number == 2 else "-sha384"
    said = openssl(tmp_path, "dgst", digest, "-verify", "key.pub", "-signature", "signature", "message")
    assert said.strip() == "Verified OK"


def test_a_ledger_whose_first_key_is_on_a_token(place: str, tmp_path: Path) -> None:
    keys = KeySources(held=f"hsm:2?{place}", passphrase=lambda name: pin(name) if name.startswith("hsm:") else None)
    ledger = Ledger.init(tmp_path / "l", ORIGIN, keys=keys, insecure_no_passphrase=True)
    assert not (ledger.layout.keys / "signing.pem").exists()
    fill(ledger, make_inputs(tmp_path / "inputs"))
    ledger.attest("reader@1", ["mot-2026-05"], out=tmp_path / "b.json")
    assert [item.id for item in ledger.verify(deep=True).checks if item.result == "fail"] == []
    report = verify_bundle_file(tmp_path / "b.json", ledger.log_key)
    assert [item.id for item in report.checks if item.result == "fail"] == []
    assert naive_bundle((tmp_path / "b.json").read_bytes(), ledger.log_key) == []
    size = ledger.size
    fill(ledger, tmp_path / "inputs")
    assert ledger.size == size  # ECDSA signatures differ each time; recording the same again changes nothing all the same


def test_the_command_line(
    filled: Ledger, place: str, inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    uri, pub = f"hsm:2?{place}", str(tmp_path / "team.pub")
    (tmp_path / "pin").write_text(PIN + "\n")
    secret = ("--passphrase-file", str(tmp_path / "pin"))
    said = ask(capsys, "key", "public", uri, "--out", pub, *secret, "--json")
    assert said.code == 0 and said.json()["result"]["uri"] == uri
    record = ("record", "dataset", str(inputs / "data"), "--name", "held", "--key", uri, *secret)
    said = ask(capsys, *record)
    assert "LG0408" in said.err  # nobody trusts it yet
    assert ask(capsys, "key", "trust", pub, "--for", "dataset").code == 0
    assert ask(capsys, *record).code == 0
    monkeypatch.setenv("OPENNESS_LEDGER_KEY", uri)
    assert ask(capsys, "record", "dataset", str(inputs / "code"), "--name", "held-too", *secret).code == 0
    assert ask(capsys, "verify").code == 0
    said = ask(capsys, *record[:-2])
    assert said.code != 0 and "needs its PIN" in said.err
    (tmp_path / "pin").write_text("0000\n")
    said = ask(capsys, "record", "dataset", str(inputs / "model"), "--name", "x", *secret)
    assert said.code == 5 and "LG0419" in said.err


def test_what_is_refused(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusal(uri: str) -> str:
        with pytest.raises(LedgerError) as caught:
            held_key(uri, tmp_path / "x.pub", pin)
        assert not (tmp_path / "x.pub").exists()
        return caught.value.code

    assert refusal(f"hsm:5?{place}") == "LG0419"  # P-521 signs no statements
    assert refusal(f"hsm:4?{place}") == "LG0419"
    assert refusal("hsm:2?label=nobody") == "LG0419"
    assert refusal(f"hsm:x?{place}") == "LG0419"
    assert refusal(f"hsm:6?{place}") == "LG0419"  # signs, but not by the key that it shows
    assert refusal("file.pem") == refusal("vault:x") == "LG0401"
    assert refusal("azurekms://x/y") == "LG0419"
    for uri in ("awskms:alias/x", "gcpkms:projects/x", "azurekms://x.vault.azure.net/keys/y"):
        assert refusal(uri) == "LG0418"  # their libraries are not among those that tests install
    monkeypatch.delenv("PYKCS11LIB")
    assert refusal(f"hsm:2?{place}") == "LG0419"


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("securesystemslib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "securesystemslib", None)
    with pytest.raises(LedgerError) as caught:
        held.read("hsm:2", pin)
    assert caught.value.code == "LG0418"
