"""Published model signatures: the specification's own, and those of two older releases of the reference implementation."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from oms import making
from refdata import refdata

from ledger.api import ModelReport, verify_model_file
from ledger.clock import FixedClock

CLOCK = FixedClock(datetime(2026, 11, 20, tzinfo=UTC))
# The files of scripts/tests in sigstore/model-transparency: signme-1 has a line feed, signme-2 has none, and ignore-me is not signed.
CONTENT = {"signme-1": b"signme-1\n", "signme-2": b"signme-2"}
# What differs in the older bundles there, v{0.3.1,1.0.0}-elliptic-key/model.sig: the order of the members, and the signature.
OLDER = {
    "v0.3.1": (
        ("resources", "serialization"),
        ("name", "algorithm", "digest"),
        ("allow_symlinks", "hash_type", "method"),
        "MGYCMQD2nr9T8bZmucwbmyxoJNdsUrAKWFs/A54RjEBLL0hOrR3LQyT8MzN9nUwdGvjcbZ4CMQDfc7wexavXbKzf5jlKBC4G4nNvSnegjGoYrcOTGYwIeobF+YGrVcFN7sD8JTVXiyI=",
    ),
    "v1.0.0": (
        ("serialization", "resources"),
        ("name", "digest", "algorithm"),
        ("method", "hash_type", "allow_symlinks"),
        "MGQCMEobKzpAzukyAIQcDH8llYFrWCTFw6HCr1hbYUL5GqQfp3qfI6FKz+sShKTBwhXSOAIwPqpZvbcAV9xyn7Arqfx9bytQ1nLb+wS/Wec0uGECiFJlStdpBjxYocvnTXUAnFRi",
    ),
}


def published(name: str) -> Path:
    return refdata("model-signing-spec", "test-vectors", "v1.0", "valid", f"{name}.bundle.json")


def results(report: ModelReport) -> dict[str, str]:
    return {item.id: item.result for item in report.checks}


ALL_HOLD = {**{f"O{number}": "pass" for number in range(1, 9)}, "O9": "not_checked"}


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """The key that signed them all: the certificate vector's leaf has it."""
    from cryptography import x509

    chain = json.loads(published("certificate").read_text())["verificationMaterial"]["x509CertificateChain"]["certificates"]
    leaf = x509.load_der_x509_certificate(base64.b64decode(chain[0]["rawBytes"]))
    pem = leaf.public_key().public_bytes(making.ser.Encoding.PEM, making.ser.PublicFormat.SubjectPublicKeyInfo)
    hint = json.loads(published("key").read_text())["verificationMaterial"]["publicKey"]["hint"]
    assert hashlib.sha256(pem).hexdigest() == hint
    path = tmp_path / "key.pub"
    path.write_bytes(pem)
    return path


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    """The vector brings its intermediate and no root, so the intermediate is what is trusted here."""
    from cryptography import x509

    chain = json.loads(published("certificate").read_text())["verificationMaterial"]["x509CertificateChain"]["certificates"]
    path = tmp_path / "roots.pem"
    path.write_bytes(making.pem_of(x509.load_der_x509_certificate(base64.b64decode(chain[1]["rawBytes"]))))
    return path


def test_the_key_vector_holds(public: Path, tmp_path: Path) -> None:
    folder = making.model(tmp_path / "model", CONTENT)
    report = verify_model_file(published("key"), folder, public_key=public, clock=CLOCK)
    assert results(report) == ALL_HOLD
    assert report.error() is None
    (folder / "ignore-me").write_text("not signed")
    hidden = verify_model_file(published("key"), folder, public_key=public, clock=CLOCK)
    assert (hidden.hidden, [item.id for item in hidden.failed]) == (["ignore-me"], ["O8"])
    assert results(verify_model_file(published("key"), folder, public_key=public, ignore=["ignore-me"], clock=CLOCK)) == ALL_HOLD


def test_the_certificate_vector_holds(roots: Path, tmp_path: Path) -> None:
    folder = making.model(tmp_path / "model", CONTENT)
    report = verify_model_file(published("certificate"), folder, certificate_roots=roots, clock=CLOCK)
    assert results(report) == ALL_HOLD
    assert report.signer["subject"] == "CN=intermediate-ca"
    late = FixedClock(datetime(2036, 1, 1, tzinfo=UTC))
    assert [item.id for item in verify_model_file(published("certificate"), folder, certificate_roots=roots, clock=late).failed] == ["O2"]


def test_the_sigstore_vector_cannot_be_told(public: Path, roots: Path, tmp_path: Path) -> None:
    folder = making.model(tmp_path / "model", {"signme-1": b"signme-1", "signme-2": b"signme-2"})
    report = verify_model_file(published("sigstore"), folder, clock=CLOCK)
    assert results(report) == {**ALL_HOLD, "O2": "not_checked", "O3": "not_checked"}
    error = report.error()
    assert error is not None and (error.code, error.exit_code, error.check) == ("LG1303", 3, "O2")
    assert report.signer == {}
    # As in the conformance suite: sigstore-verify-as-key_fail; and a file that is another is that, whoever signed.
    assert [item.id for item in verify_model_file(published("sigstore"), folder, public_key=public, clock=CLOCK).failed] == ["O2"]
    (folder / "signme-1").write_bytes(b"signme-1\n")
    changed = verify_model_file(published("sigstore"), folder, clock=CLOCK)
    assert (changed.changed, [item.id for item in changed.failed]) == (["signme-1"], ["O6"])


@pytest.mark.parametrize("release", OLDER)
def test_bundles_of_older_releases_hold(release: str, public: Path, tmp_path: Path) -> None:
    """They have the key itself where later ones have a hint, a null keyid, and `.` for a model that is one file."""
    members, resource_members, how, signature = OLDER[release]
    resource = {"name": ".", "digest": hashlib.sha256(CONTENT["signme-1"]).hexdigest(), "algorithm": "sha256"}
    serialization = {"method": "files", "hash_type": "sha256", "allow_symlinks": False}
    parts: dict[str, Any] = {
        "serialization": {name: serialization[name] for name in how},
        "resources": [{name: resource[name] for name in resource_members}],
    }
    said = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "signme-1", "digest": {"sha256": "afa48c8674afe334b8a7dea34f7b46ab256e9255edf8da2132792341b667a45b"}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {name: parts[name] for name in members},
    }
    raw = base64.b64encode(public.read_bytes()).decode()
    value = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"rawBytes": raw, "keyDetails": "PKIX_ECDSA_P384_SHA_384"}},
        "dsseEnvelope": {
            "payload": base64.b64encode(json.dumps(said, indent=2).encode()).decode(),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": signature, "keyid": None}],
        },
    }
    file = making.model(tmp_path / "m", CONTENT) / "signme-1"
    report = verify_model_file(making.write(tmp_path / "model.sig", value), file, public_key=public, clock=CLOCK)
    assert results(report) == ALL_HOLD, report.checks
    other = making.write(tmp_path / "other.pub", making.pem())
    assert [item.id for item in verify_model_file(tmp_path / "model.sig", file, public_key=other, clock=CLOCK).failed] == ["O2"]


def test_what_is_made_here_fits_the_specification_s_schemas(tmp_path: Path) -> None:
    from ledger.signing import model_bundle, model_keys
    from ledger.spec import model_signature

    schemas = {}
    for name in ("bundle", "envelope", "statement", "predicate"):
        schema = json.loads(refdata("model-signing-spec", "schemas", "v1.0", f"{name}.schema.json").read_text())
        schemas[schema["$id"]] = schema
    registry = jsonschema_rs.Registry(list(schemas.items()))
    payload = model_signature.build("model", [(name, hashlib.sha256(data).digest()) for name, data in CONTENT.items()])
    signer = model_keys.ModelSigner(model_keys.key_of(making.KEY.public_key(), "key"), making.KEY)
    made = json.loads(model_bundle.build(payload, signer))
    for kind, value in (("bundle", made), ("statement", json.loads(payload))):
        schema = schemas[f"https://model_signing/{kind}/v1.0/schema"]
        jsonschema_rs.Draft202012Validator(schema, registry=registry).validate(value)
    # The digest of the model is the one that the specification prints for these two files (Appendix A).
    assert json.loads(payload)["subject"][0]["digest"]["sha256"] == "92745110b1ab4368471cbe31664e10174e954b113a3df333db860317b2c6dec4"
