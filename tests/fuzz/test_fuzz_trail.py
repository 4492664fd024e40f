"""What witnesses, servers and strangers send: nothing but the product's own errors comes out, whatever the bytes."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import fill, make_inputs
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from log import vectors as v

from ledger._api import proofs
from ledger._api.keychanges import KeyChanges
from ledger.api import Ledger, LedgerError, Witness, follow, verify_proof_file
from ledger.log import cosignature, note, policy, submit, witness
from ledger.log.checkpoint import Checkpoint
from ledger.store.layout import Layout, read_config

OWN = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = note.VerifierKey("log.example", OWN.public_key().public_bytes_raw())
COSIGNER = cosignature.parse_cosigner(v.COSIGNER)
POLICY = (
    f"# policy\nlog {LOG.to_text()} https://log.example\nwitness a {v.COSIGNER} http://a\nwitness b {v.FORMATS_COSIGNER}\n"
    "group g any a b\nquorum g\n"
)
ROOT = bytes(32)


def request() -> bytes:
    text = f"log.example\n5\n{base64.b64encode(ROOT).decode()}\n"
    line = base64.b64encode(LOG.key_id + OWN.sign(text.encode())).decode()
    return f"old 3\n{base64.b64encode(bytes(32)).decode()}\n\n{text}\n— log.example {line}\n".encode()


def consider(data: bytes) -> object:
    found = witness.consider(data, {"log.example": [LOG]}, lambda _origin: Checkpoint("log.example", 3, bytes(32)))
    assert isinstance(found, (witness.Accepted, witness.Refused))
    return found


def cosigners(data: bytes) -> object:
    return cosignature.cosigners(note.parse_note(data), {"a": COSIGNER})


def answer(data: bytes) -> object:
    opened = note.parse_note(v.COSIGNED.encode())
    return submit.lines_of(data, policy.Witness("a", COSIGNER), opened)


PARSERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "policy.parse_policy": (policy.parse_policy, POLICY.encode()),
    "witness.parse_request": (witness.parse_request, v.SPEC_REQUEST.encode()),
    "witness.consider": (consider, request()),
    "cosignature.cosigners": (cosigners, v.COSIGNED.encode()),
    "cosignature.parse_cosigner": (lambda data: cosignature.parse_cosigner(data.decode("utf-8", "replace")), v.COSIGNER.encode()),
    "submit.lines_of": (answer, v.COSIGNED.partition("\n\n")[2].encode()),
}
PIECES = [
    *(b"\n", b"\n\n", b" ", b"\t", b"\x00", b"\xff", b"\xe2\x80\x94 ", b"0", b"00", b"-1", b"9" * 25),
    *(b"none", b"quorum ", b"group x ", b"old ", b"=", b"+"),
]
MANY = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def mutated(draw: st.DrawFn, good: bytes) -> bytes:
    """Good bytes with some pieces put in, cut out, or exchanged."""
    data = good
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=6))
        cut = draw(st.integers(0, 12))
        data = data[:at] + piece + data[at + cut :]
    return data


def refused_or_read(parse: Callable[[bytes], object], data: bytes) -> None:
    try:
        parse(data)
    except LedgerError as error:
        assert error.code in {"LG0501", "LG0508", "LG0509", "LG0410", "LG0103"}, error.code


@pytest.mark.parametrize("name", PARSERS)
@MANY
@given(data=st.data())
def test_mutations(name: str, data: st.DataObject) -> None:
    parse, good = PARSERS[name]
    refused_or_read(parse, data.draw(mutated(good)))


@pytest.mark.parametrize("name", PARSERS)
@MANY
@given(data=st.binary(max_size=300))
def test_noise(name: str, data: bytes) -> None:
    refused_or_read(PARSERS[name][0], data)


@pytest.mark.parametrize("name", PARSERS)
def test_the_good_bytes_are_read_and_huge_ones_are_refused_at_once(name: str) -> None:
    parse, good = PARSERS[name]
    parse(good)
    for huge in (good * 40_000, b"x" * (2 << 20), b"\n" * (2 << 20)):
        refused_or_read(parse, huge)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzzed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        ledger = fill(Ledger.init(folder / "l", "example.org/tests", insecure_no_passphrase=True), make_inputs(folder / "in"))
        ledger.key_changes().export(1, folder / "entry.json")
        ledger.write_proof(3, folder / "proof")
        Witness.create(folder / "w", "example.org/w")
        Witness(folder / "w").trust(ledger.log_key)
        ledger.witnesses.request(folder / "request", 0)
    (folder / "key").write_text(ledger.log_key)
    return folder


CODES = {
    *("LG0101", "LG0102", "LG0103", "LG0105", "LG0106", "LG0304", "LG0305", "LG0307", "LG0308", "LG0403", "LG0406", "LG0408"),
    *("LG0415", "LG0416", "LG0417"),
}


@MANY
@given(data=st.data())
def test_envelopes_in_files(place: Path, data: st.DataObject) -> None:
    ledger = Ledger.open(place / "l")
    file = place / "mutated.json"
    file.write_bytes(data.draw(mutated((place / "entry.json").read_bytes())))
    changes: KeyChanges = ledger.key_changes()
    for call in (changes.proposal, changes.submit):
        try:
            call(file)
        except LedgerError as error:
            assert error.code in CODES, (error.code, error.message)
    assert ledger.size == 6


@MANY
@given(data=st.data())
def test_proofs_in_files(place: Path, data: st.DataObject) -> None:
    file = place / "mutated.proof"
    good = (place / "proof").read_bytes()
    file.write_bytes(data.draw(mutated(good)))
    report = verify_proof_file(file, (place / "key").read_text())
    assert [check.id for check in report.checks] == list(proofs.TITLES)
    if report.index is not None and not report.failed:
        assert report.index == 3


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_logs_that_serve_anything(place: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """A server may answer with any bytes: it is found or harmless, and nothing is remembered that is not signed."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(place / "l/log", folder / "log")
    files = sorted(path for path in (folder / "log").rglob("*") if path.is_file())
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(files))
        path.write_bytes(data.draw(mutated(path.read_bytes())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        found = follow(folder, (place / "key").read_text())
        assert found.failed or found.root == (Ledger.open(place / "l").checkpoint.root.hex())


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_requests_in_files(place: Path, data: st.DataObject) -> None:
    opened = Witness(place / "w")
    (place / "mutated.request").write_bytes(data.draw(mutated((place / "request").read_bytes())))
    try:
        opened.cosign_file(place / "mutated.request", place / "answer")
    except LedgerError as error:
        assert error.code == "LG0513", error.code
    assert {item["size"] for item in opened.logs()} <= {0, 6}


@MANY
@given(data=st.data())
def test_configurations(place: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("config")
    (folder / "ledger.toml").write_bytes(data.draw(mutated((place / "l/ledger.toml").read_bytes())))
    try:
        read_config(Layout(folder))
    except LedgerError as error:
        assert error.code in {"LG0611", "LG0603"}, error.code
