"""Model signatures made by hand from the specification (ossf/model-signing-spec, spec/v1.0.md), without the product."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
DIGESTS = {"secp256r1": hashes.SHA256, "secp384r1": hashes.SHA384, "secp521r1": hashes.SHA512}
CONTENT = {"config.json": b"{}", "sub/adapter.bin": b"adapter", "weights.bin": b"weights" * 10}
IGNORED = [".git", ".gitattributes", ".github", ".gitignore"]
Json = dict[str, Any]


def model(root: Path, content: Mapping[str, bytes] = CONTENT) -> Path:
    """A model on disk."""
    for name, data in content.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def digest(data: bytes, algorithm: str = "sha256") -> str:
    if algorithm == "blake3":
        from blake3 import blake3

        return blake3(data).hexdigest()
    return hashlib.new(algorithm, data).hexdigest()


def resources(content: Mapping[str, bytes] = CONTENT, algorithm: str = "sha256", shard: int | None = None) -> list[Json]:
    """One for each file, or for each piece of `shard` bytes, by name."""
    found = []
    for name, data in content.items():
        pieces = [(name, data)]
        if shard is not None:
            starts = range(0, len(data), shard)
            pieces = [(f"{name}:{at}:{min(at + shard, len(data))}", data[at : at + shard]) for at in starts]
        found += [{"name": called, "digest": digest(part, algorithm), "algorithm": algorithm} for called, part in pieces]
    return sorted(found, key=lambda item: item["name"])


def statement(listed: list[Json] | None = None, **serialization: Any) -> Json:
    """A good statement."""
    listed = resources() if listed is None else listed
    root = hashlib.sha256(b"".join(bytes.fromhex(item["digest"]) for item in listed)).hexdigest()
    how = {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": IGNORED, **serialization}
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model", "digest": {"sha256": root}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {"resources": listed, "serialization": how},
    }


def pem(key: Any = KEY) -> bytes:
    return key.public_key().public_bytes(ser.Encoding.PEM, ser.PublicFormat.SubjectPublicKeyInfo)


def private_pem(key: Any = KEY) -> bytes:
    return key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption())


def private(path: Path, key: Any = KEY) -> Path:
    """A private key file that nobody else can read."""
    path.write_bytes(private_pem(key))
    path.chmod(0o600)
    return path


def sign(payload: bytes, key: Any = KEY) -> bytes:
    kind = b"application/vnd.in-toto+json"
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    return key.sign(message, ec.ECDSA(DIGESTS[key.curve.name]()))


def bundle(said: Json | bytes, key: Any = KEY, material: Json | None = None) -> Json:
    """The bundle of a statement, or of any payload."""
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": material or {"publicKey": {"hint": hashlib.sha256(pem(key)).hexdigest()}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": base64.b64encode(sign(payload, key)).decode(), "keyid": ""}],
        },
    }


def write(path: Path, value: Json | bytes) -> Path:
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


# ---- certificates ----


def certificate(
    name: str,
    key: Any,
    issuer: tuple[str, Any] | None = None,
    *,
    ca: bool = False,
    purposes: tuple[Any, ...] | None = (ExtendedKeyUsageOID.CODE_SIGNING,),
    signs: bool = True,
    begins: datetime = NOW - timedelta(days=30),
    ends: datetime = NOW + timedelta(days=30),
) -> x509.Certificate:
    """A certificate, by itself or by an issuer (name and key)."""
    by, by_key = issuer or (name, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by_key.public_key()), critical=False)
        .add_extension(x509.KeyUsage(signs and not ca, False, not signs, False, False, ca, ca, False, False), critical=True)
    )
    if purposes is not None and not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return builder.sign(by_key, hashes.SHA256())


def chain_material(*chain: x509.Certificate) -> Json:
    """The verification material of a chain, leaf first."""
    listed = [{"rawBytes": base64.b64encode(item.public_bytes(ser.Encoding.DER)).decode()} for item in chain]
    return {"x509CertificateChain": {"certificates": listed}, "tlogEntries": []}


def pem_of(*certificates: x509.Certificate) -> bytes:
    return b"".join(item.public_bytes(ser.Encoding.PEM) for item in certificates)
