"""The reference implementation's verdict on what is made here, and ours on what it makes (model-signing, `make peers`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import peers
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from oms import making

from ledger.api import Ledger, export_oms, import_oms, verify_model_file
from ledger.clock import FixedClock

CONTENT = {**making.CONTENT, "a-b": b"1", "a/b": b"2", "größe x.txt": "ö".encode(), "empty": b"", ".hidden": b"h"}
# Signs a model in every way that it knows; what each call takes is from its own documentation.
SIGN = """
import sys, pathlib
from model_signing import hashing, signing
model, key, out, leaf, middle = map(pathlib.Path, sys.argv[1:6])
ways = {
    "files": hashing.Config(),
    "shards": hashing.Config().use_shard_serialization(shard_size=10),
    "blake2b": hashing.Config().use_file_serialization(hashing_algorithm="blake2"),
    "blake2b-shards": hashing.Config().use_shard_serialization(hashing_algorithm="blake2", shard_size=7),
    "blake3": hashing.Config().use_file_serialization(hashing_algorithm="blake3"),
    "links": hashing.Config().use_file_serialization(allow_symlinks=True).set_allow_symlinks(True),
}
for name, how in ways.items():
    signing.Config().use_elliptic_key_signer(private_key=key).set_hashing_config(how).sign(model, out / (name + ".sig"))
config = signing.Config().use_certificate_signer(private_key=key, signing_certificate=leaf, certificate_chain=[middle])
config.sign(model, out / "certificate.sig")
"""


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
def test_it_accepts_what_is_exported_here(curve: Any, empty: Ledger, tmp_path: Path) -> None:
    key = ec.generate_private_key(curve)
    pem = making.write(tmp_path / "key.pub", making.pem(key))
    model = making.model(tmp_path / "model", {**CONTENT, ".gitattributes": b"x", "sub/.git/config": b"y"})
    empty.record("weights", model, name="team/reader", version="1")
    made = export_oms(empty, "team/reader@1", tmp_path / "model.sig", key=making.private(tmp_path / "key.pem", key))
    assert (made.name, made.left_out) == ("reader", (".gitattributes",))
    asked = ("verify", "key", model, "--signature", tmp_path / "model.sig", "--public_key", pem)
    done = peers.ask("model_signing", *asked)
    assert (done.returncode, done.stdout) == (0, "Verification succeeded\n"), done.stderr
    assert verify_model_file(tmp_path / "model.sig", model, public_key=pem, ignore=[".gitattributes"]).error() is None
    (model / "a/b").write_bytes(b"3")
    assert peers.ask("model_signing", *asked).returncode != 0
    assert [item.id for item in verify_model_file(tmp_path / "model.sig", model, public_key=pem).failed] == ["O6", "O8"]


def test_it_accepts_a_model_that_is_one_file(empty: Ledger, tmp_path: Path) -> None:
    model = making.model(tmp_path / "m") / "weights.bin"
    empty.record("weights", model, name="one")
    key, pem = making.private(tmp_path / "key.pem", making.KEY), making.write(tmp_path / "key.pub", making.pem())
    export_oms(empty, "one", tmp_path / "model.sig", key=key)
    done = peers.ask("model_signing", "verify", "key", model, "--signature", tmp_path / "model.sig", "--public_key", pem)
    assert done.returncode == 0, done.stderr
    assert verify_model_file(tmp_path / "model.sig", model, public_key=pem).error() is None


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, and its signatures by the reference implementation in every way that it knows."""
    folder = tmp_path_factory.mktemp("peer")
    making.model(folder / "model", CONTENT)
    root_key, middle_key = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
    root = making.certificate("root", root_key, ca=True)
    middle = making.certificate("middle", middle_key, ("root", root_key), ca=True)
    leaf = making.certificate("leaf", making.KEY, ("middle", middle_key))
    for name, certificate in (("root", root), ("middle", middle), ("leaf", leaf)):
        making.write(folder / f"{name}.pem", making.pem_of(certificate))
    making.private(folder / "key.pem", making.KEY)
    making.write(folder / "key.pub", making.pem())
    arguments = [folder / name for name in ("model", "key.pem", ".", "leaf.pem", "middle.pem")]
    done = peers.ask("python", "-c", SIGN, *arguments)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("way", ["files", "shards", "blake2b", "blake2b-shards", "blake3", "links", "certificate"])
def test_we_accept_what_it_makes(way: str, signed: Path) -> None:
    trusts = {"certificate_roots": signed / "root.pem"} if way == "certificate" else {"public_key": signed / "key.pub"}
    file, model, clock = signed / f"{way}.sig", signed / "model", FixedClock(making.NOW)
    # The empty file is in no shard, and so in nobody's signature.
    ignore = ["empty"] if "shards" in way else []
    report = verify_model_file(file, model, ignore=ignore, clock=clock, **trusts)
    assert report.error() is None, report.checks
    assert report.statement is not None and len(report.statement.paths()) == len(CONTENT) - len(ignore)
    value = json.loads(file.read_text())
    value["dsseEnvelope"]["signatures"] *= 2
    making.write(signed / f"{way}-2.sig", value)
    assert [item.id for item in verify_model_file(signed / f"{way}-2.sig", model, clock=clock, **trusts).failed] == ["O1"]


def test_we_record_what_it_made(signed: Path, empty: Ledger) -> None:
    done = import_oms(empty, signed / "files.sig", signed / "model", name="theirs", version="1", public_key=signed / "key.pub")
    assert (done.recorded.kind, done.recorded.files) == ("weights", len(CONTENT))
    bundle = done.fields["model-signature"]["bundle"].removeprefix("sha256:")
    stored = empty.layout.root / "objects/sha256" / bundle[:2] / bundle[2:4] / bundle
    assert stored.read_bytes() == (signed / "files.sig").read_bytes()


def test_it_passes_a_planted_file_and_we_do_not(signed: Path, tmp_path: Path) -> None:
    """If this fails because it has become stricter, docs/adr/0012 says something that is no longer so."""
    model = making.model(tmp_path / "model", {**CONTENT, ".github/evil.py": b"planted"})
    done = peers.ask("model_signing", "verify", "key", model, "--signature", signed / "files.sig", "--public_key", signed / "key.pub")
    assert done.returncode == 0, done.stderr
    report = verify_model_file(signed / "files.sig", model, public_key=signed / "key.pub")
    assert ([item.id for item in report.failed], report.hidden) == (["O8"], [".github/evil.py"])
