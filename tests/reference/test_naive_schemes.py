"""A ledger and a bundle whose signers use each scheme: the product and the naive second reader accept both, and refuse the same changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import MOMENT, ORIGIN, fill, make_inputs
from reference.naive_bundle import verify_bundle
from reference.naive_ledger import verify_ledger

from ledger.api import KeySources, Ledger, make_key, verify_bundle_file, verify_folder
from ledger.clock import FixedClock

SCHEMES = ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ml-dsa-44", "ml-dsa-65"]


def made(folder: Path, scheme: str) -> Ledger:
    """A ledger whose root key, and whose second key, are of the scheme."""
    make_key(folder / "root.pem", scheme, None)
    ledger = Ledger.init(
        folder / "l", ORIGIN, keys=KeySources(signing=folder / "root.pem"), insecure_no_passphrase=True, clock=FixedClock(MOMENT)
    )
    fill(ledger, make_inputs(folder / "in"))
    make_key(folder / "second.pem", scheme, None)
    ledger.trust_key(folder / "second.pem.pub", ["document"])
    other = Ledger.open(folder / "l", keys=KeySources(signing=folder / "second.pem"), clock=FixedClock(MOMENT))
    other.record("document", folder / "in/CARD.md", name="second-card", version="1")
    return ledger


@pytest.mark.parametrize("scheme", SCHEMES)
def test_both_readers_accept_it(scheme: str, tmp_path: Path) -> None:
    ledger = made(tmp_path, scheme)
    attested = ledger.attest("reader@1")
    root = ledger.layout.root
    assert [item for item in verify_folder(root, deep=True).checks if item.result == "fail"] == []
    naive, listed = verify_ledger(root), ledger.keys()
    assert (naive.problems, naive.size, naive.root) == ([], ledger.size, ledger.checkpoint.root)
    assert {item["scheme"] for item in listed} == {scheme}
    file = tmp_path / "bundle.json"
    file.write_bytes(attested.bundle)
    report = verify_bundle_file(file, ledger.log_key)
    assert [item for item in report.checks if item.result == "fail"] == []
    assert verify_bundle(attested.bundle, ledger.log_key) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_recording_the_same_again_gives_the_first_index(scheme: str, tmp_path: Path) -> None:
    """Also where a second signature over the same bytes differs from the first."""
    ledger = made(tmp_path, scheme)
    size = ledger.size
    again = ledger.record(
        "document", tmp_path / "in/CARD.md", name="reader-card", version="1", license="CC-BY-4.0", inputs=[("describes", "weights/reader")]
    )
    assert again.existing
    assert Ledger.open(ledger.layout.root).size == size


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_changed_signature_is_refused_by_both(scheme: str, tmp_path: Path) -> None:
    ledger = made(tmp_path, scheme)
    bundle = json.loads(ledger.attest("reader@1").bundle)
    sig = bundle["attestation"]["signatures"][0]["sig"]
    bundle["attestation"]["signatures"][0]["sig"] = sig[:20] + ("A" if sig[20] != "A" else "B") + sig[21:]
    data = json.dumps(bundle, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    file = tmp_path / "bundle.json"
    file.write_bytes(data)
    assert "B4" in [item.id for item in verify_bundle_file(file, ledger.log_key).checks if item.result == "fail"]
    assert verify_bundle(data, ledger.log_key) != []
