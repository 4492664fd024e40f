"""Attestations signed by identities: the real client against services on the loopback interface, and a signature of the public instance."""

from __future__ import annotations

import base64
import copy
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import ask, environment, run
from conftest import MOMENT, ORIGIN, fill, make_inputs
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refdata import refdata
from sigstoring import ADA, ISSUER, Instance, b64, running, token
from timestamping import Authority

from ledger.api import Ledger, LedgerError, sign_with_identity, verify_identity_file
from ledger.attest.identity import IdentityReport, verify
from ledger.clock import FixedClock
from ledger.signing import identities

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client keeps the public instance's roots at home; and no build service's identity is used."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI", "SIGSTORE_ID_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with running(tmp_path_factory.mktemp("sigstore")) as found:
        yield found


class World:
    """A ledger's attestation bundle, and Ada's signature on it."""

    def __init__(self, folder: Path, instance: Instance) -> None:
        ledger = Ledger.init(folder / "ledger", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        fill(ledger, make_inputs(folder / "inputs"))
        self.bundle, self.other, self.config = folder / "b.json", folder / "other.json", folder / "trust.json"
        ledger.attest("reader@1", ["mot-2026-05"], out=self.bundle)
        ledger.attest("reader@1", ["redhat-minimum-2025"], out=self.other)
        self.config.write_text(json.dumps(instance.trust_config()))
        (folder / "token").write_text(token() + "\n")
        self.token, self.signed = folder / "token", folder / "b.sigstore.json"
        sign_with_identity(self.bundle, self.signed, trust_config=self.config, identity_token=self.token)
        self.value: dict[str, Any] = json.loads(self.signed.read_text())
        self.payload = base64.b64decode(self.value["dsseEnvelope"]["payload"])

    def check(self, data: bytes, identity: str = ADA, issuer: str = ISSUER, config: bytes | None = None) -> IdentityReport:
        return verify(data, identity, issuer, config or self.config.read_bytes(), self.bundle.read_bytes())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, instance: Instance) -> World:
    return World(tmp_path_factory.mktemp("world"), instance)


def failed(report: IdentityReport) -> list[str]:
    print([item for item in report.checks if item.result == "fail"])  # shown when a test fails
    error = report.error()
    assert (error is not None and error.code == "LG1405") is bool(report.failed)
    return [item.id for item in report.failed]


def test_what_is_signed_are_the_very_bytes_of_the_bundle(world: World) -> None:
    attested = json.loads(world.bundle.read_text())["attestation"]["payload"]
    assert world.value["dsseEnvelope"]["payload"] == attested
    assert len(world.value["dsseEnvelope"]["signatures"]) == 1
    report = verify_identity_file(world.signed, ADA, ISSUER, trust_config=world.config, bundle=world.bundle)
    assert [item.result for item in report.checks] == ["pass"] * 4 and report.error() is None
    assert report.to_json()["identity"] == [ADA]
    alone = verify_identity_file(world.signed, ADA, ISSUER, trust_config=world.config)
    assert [item.result for item in alone.checks] == ["pass", "pass", "pass", "not_checked"] and alone.error() is None


def test_who_it_must_be(world: World) -> None:
    data = world.signed.read_bytes()
    for identity, issuer in ((f"{ADA} ", ISSUER), ("eve@example.org", ISSUER), ("", ISSUER), (ADA, f"{ISSUER}/")):
        assert failed(world.check(data, identity, issuer)) == ["I2"]


def test_an_issuer_is_not_optional(world: World) -> None:
    """The library takes an empty issuer for any; here nobody has vouched then."""
    assert failed(world.check(world.signed.read_bytes(), ADA, "")) == ["I2"]


def test_the_statement_of_another_attestation_is_not_this_one(world: World, tmp_path: Path) -> None:
    out = tmp_path / "other.sigstore.json"
    sign_with_identity(world.other, out, trust_config=world.config, identity_token=world.token)
    assert failed(world.check(out.read_bytes())) == ["I4"]
    mixed = copy.deepcopy(world.value)
    mixed["dsseEnvelope"]["payload"] = json.loads(out.read_text())["dsseEnvelope"]["payload"]
    assert failed(world.check(json.dumps(mixed).encode())) == ["I2"]


def test_another_instance_vouches_for_nothing(world: World, tmp_path: Path) -> None:
    """Every service of the other has the same name; and the public instance knows nothing of either."""
    with running(tmp_path / "other") as other:
        assert failed(world.check(world.signed.read_bytes(), config=json.dumps(other.trust_config()).encode())) == ["I2"]
    assert failed(verify_identity_file(world.signed, ADA, ISSUER)) == ["I2"]


def entry(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = value["verificationMaterial"]["tlogEntries"][0]
    return found


def changed_payload(value: dict[str, Any]) -> None:
    payload = base64.b64decode(value["dsseEnvelope"]["payload"])
    value["dsseEnvelope"]["payload"] = b64(payload.replace(b"reader", b"leader", 1))


def changed_hash(value: dict[str, Any]) -> None:
    entry(value)["inclusionProof"]["rootHash"] = b64(bytes(32))


def signed_twice(value: dict[str, Any]) -> None:
    value["dsseEnvelope"]["signatures"] *= 2


def another_log(value: dict[str, Any]) -> None:
    envelope = entry(value)["inclusionProof"]["checkpoint"]["envelope"]
    text, _, line = envelope.rpartition(" ")
    raw = base64.b64decode(line)
    entry(value)["inclusionProof"]["checkpoint"]["envelope"] = f"{text} {b64(raw[:-1] + bytes([raw[-1] ^ 1]))}\n"


ATTACKS: dict[str, tuple[str, Edit]] = {
    "tampered payload": ("I2", changed_payload),
    "two signatures": ("I1", signed_twice),
    "no signature": ("I1", lambda value: value["dsseEnvelope"].update(signatures=[])),
    "another payload type": ("I1", lambda value: value["dsseEnvelope"].update(payloadType="application/json")),
    "a member more": ("I1", lambda value: value.update(trustedRoot={})),
    "an older form": ("I1", lambda value: value.update(mediaType="application/vnd.dev.sigstore.bundle+json;version=0.2")),
    "no entry of a log": ("I1", lambda value: value["verificationMaterial"].update(tlogEntries=[])),
    "two entries": ("I1", lambda value: value["verificationMaterial"].update(tlogEntries=[entry(value)] * 2)),
    "an entry without a proof": ("I2", lambda value: entry(value).pop("inclusionProof")),
    "a proof cut short": ("I2", lambda value: entry(value)["inclusionProof"].update(hashes=entry(value)["inclusionProof"]["hashes"][:-1])),
    "a proof without a checkpoint": ("I2", lambda value: entry(value)["inclusionProof"].pop("checkpoint")),
    "another root": ("I2", changed_hash),
    "a checkpoint that the log has not signed": ("I2", another_log),
    "another body": ("I2", lambda value: entry(value).update(canonicalizedBody=b64(b"{}"))),
    "no timestamp": ("I2", lambda value: value["verificationMaterial"].pop("timestampVerificationData")),
    "a key in the certificate's place": (
        "I1",
        lambda value: value["verificationMaterial"].update(publicKey={"hint": "x"}) or value["verificationMaterial"].pop("certificate"),
    ),
}


@pytest.fixture(scope="module")
def second(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A signature whose proof has hashes: it is not the log's first entry."""
    out = tmp_path_factory.mktemp("second") / "x"
    sign_with_identity(world.bundle, out, trust_config=world.config, identity_token=world.token)
    value: dict[str, Any] = json.loads(out.read_text())
    assert entry(value)["inclusionProof"]["hashes"]
    return value


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_on_the_bundle(name: str, world: World, second: dict[str, Any]) -> None:
    check, edit = ATTACKS[name]
    value = copy.deepcopy(second)
    assert failed(world.check(json.dumps(value).encode())) == []
    edit(value)
    assert failed(world.check(json.dumps(value).encode())) == [check]


def test_a_timestamp_by_somebody_else(world: World, tmp_path: Path) -> None:
    value = copy.deepcopy(world.value)
    signature = base64.b64decode(value["dsseEnvelope"]["signatures"][0]["sig"])
    stamps = value["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
    stamps[0]["signedTimestamp"] = b64(Authority(tmp_path / "other").stamp(signature))
    assert failed(world.check(json.dumps(value).encode())) == ["I2"]


def test_json_that_two_readers_take_differently(world: World) -> None:
    """A member twice in the bundle is refused; in a statement, which the identity has honestly signed and the library accepts, too."""
    text = world.signed.read_text()
    assert failed(world.check(text.replace('"payloadType":', '"payloadType":"x","payloadType":', 1).encode())) == ["I1"]
    config = world.config.read_bytes()
    for payload in (
        world.payload.replace(b'"predicateType":', b'"predicateType":"https://x/y","predicateType":', 1),
        world.payload.replace(b":", b": ", 1),
        b'{"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"https://x/y","subject":[{"digest":{"sha256":"zz"},"name":"x"}]}',
        world.payload.replace(b'"name":"reader@1"', b'"name":"leader@1"'),
    ):
        assert payload != world.payload
        data, found = identities.sign(payload, config, token())
        assert found.payload == payload
        assert failed(world.check(data)) == ["I3"]


@pytest.mark.parametrize("broken", ["/api/v2/signingCert", "/api/v2/log/entries", "/ts"])
def test_a_service_out_of_order_leaves_no_file(broken: str, world: World, instance: Instance, tmp_path: Path) -> None:
    instance.broken = broken
    try:
        with pytest.raises(LedgerError) as caught:
            sign_with_identity(world.bundle, tmp_path / "out", trust_config=world.config, identity_token=world.token)
    finally:
        instance.broken = ""
    assert caught.value.code == "LG1408" and not (tmp_path / "out").exists()


def test_tokens_and_configurations_that_are_none(world: World, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("nonsense")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "old").write_text(token(expires=-60))
    for given_token in ("x", "empty", "old", None):
        with pytest.raises(LedgerError) as caught:
            chosen = None if given_token is None else tmp_path / given_token
            sign_with_identity(world.bundle, tmp_path / "out", trust_config=world.config, identity_token=chosen)
        assert caught.value.code == "LG1408"
    with pytest.raises(LedgerError) as caught:
        verify_identity_file(world.signed, ADA, ISSUER, trust_config=tmp_path / "x")
    assert caught.value.code == "LG1407"


def test_without_the_library_nothing_is_a_pass(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "sigstore"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sigstore", None)
    said = ask(capsys, "verify", "identity", str(world.signed), "--identity", ADA, "--issuer", ISSUER, "--json")
    assert (said.code, said.json()["error"]["code"]) == (3, "LG1406")
    assert [item["result"] for item in said.json()["result"]["checks"]] == ["pass", "not_checked", "not_checked", "not_checked"]
    assert said.json()["result"]["identity"] is None
    said = ask(capsys, "identity", "sign", str(world.bundle), "--out", str(tmp_path / "out"), "--identity-token", str(world.token))
    assert said.code == 5 and "LG1404" in said.err and not (tmp_path / "out").exists()


def test_a_signature_of_the_public_instance() -> None:
    """Made in October 2025 by somebody else, with Sigstore's own services, over a model: it holds, and is no statement of a ledger."""
    data = refdata("model-signing-spec", "test-vectors", "v1.0", "valid", "sigstore.bundle.json").read_bytes()
    leaf = x509.load_der_x509_certificate(base64.b64decode(json.loads(data)["verificationMaterial"]["certificate"]["rawBytes"]))
    (name,) = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.RFC822Name)
    issuer = "https://sigstore.verify.ibm.com/oauth2"
    found = identities.verify(data, name, issuer, None)
    assert (found.names, found.issuer, found.log_index) == ((name,), issuer, 598151086)
    assert found.payload == base64.b64decode(json.loads(data)["dsseEnvelope"]["payload"])
    assert failed(verify(data, name, issuer, None, None)) == ["I3"]
    assert failed(verify(data, name, ISSUER, None, None)) == ["I2"]


def test_signing_in_with_a_browser(world: World, tmp_path: Path) -> None:
    """The whole way: the browser opens the client's page, is sent to the issuer and back; the code is exchanged for a token."""
    script = tmp_path / "browser.py"
    script.write_text("import sys, urllib.request\nwith urllib.request.urlopen(sys.argv[1]) as page:\n    page.read()\n")
    env = {
        **environment(BROWSER=f"{sys.executable} {script} %s"),
        "PYTHONWARNINGS": "ignore",
    }  # the client leaves a socket to the collector
    out = tmp_path / "out.json"
    said = run("identity", "sign", str(world.bundle), "--out", str(out), "--trust-config", str(world.config), "--browser", env=env)
    assert said.code == 0, said.err
    assert said.out.startswith(f"signed as {ADA}, says {ISSUER}; entry ")
    report = verify_identity_file(out, ADA, ISSUER, trust_config=world.config, bundle=world.bundle)
    assert report.error() is None


def test_the_command_line(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, config = str(tmp_path / "out.json"), ("--trust-config", str(world.config))
    said = ask(capsys, "identity", "sign", str(world.bundle), "--out", out, *config, "--identity-token", str(world.token), "--json")
    assert said.code == 0 and said.json()["result"]["identity"] == [ADA]
    who = ("--identity", ADA, "--issuer", ISSUER, *config)
    said = ask(capsys, "verify", "identity", out, *who, "--bundle", str(world.bundle), "--json")
    assert said.code == 0 and said.json()["result"]["statement"]["kind"] == "attestation"
    said = ask(capsys, "verify", "identity", out, *who, "--bundle", str(world.other))
    assert said.code == 1 and "does NOT hold" in said.out
    assert ask(capsys, "identity", "sign", out, "--out", str(tmp_path / "x")).code == 1
    assert ask(capsys, "identity", "sign", out, "--out", "x", "--browser", "--identity-token", "y").code == 2


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_the_bytes_only_a_report_comes_out(world: World, data: st.DataObject) -> None:
    """And what still holds is over the same statement, by the same identity."""
    raw = bytearray(world.signed.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(raw)), st.integers(0, len(raw))))
    report = world.check(bytes(raw[:cut]))
    assert len(report.checks) == 4 and all(len(item.detail) < 1000 for item in report.checks)
    if report.error() is None:
        assert report.signer is not None and (report.signer.payload, report.signer.names) == (world.payload, (ADA,))
