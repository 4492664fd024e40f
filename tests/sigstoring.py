"""A Sigstore instance on the loopback interface, for tests: certificate authority with a certificate transparency log, transparency log
(Rekor v2), time-stamping authority, and a place to sign in (OIDC). The client is the real library; only the services are made here.

Sources: Fulcio's `POST /api/v2/signingCert`; RFC 6962, section 3.2 to 3.3 (signed certificate timestamps); rekor-tiles'
`POST /api/v2/log/entries`; C2SP signed-note; RFC 3161 (tests/timestamping.py); OpenID Connect Discovery 1.0 and RFC 6749, section 4.1.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc8785 import dumps
from timestamping import Authority, der, holder

ADA, ISSUER = "ada@example.org", "https://accounts.example.org"
ORIGIN = "log.example.org"
_SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_FULCIO = "1.3.6.1.4.1.57264.1."


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def spki(key: Any) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def token(subject: str = ADA, issuer: str = ISSUER, *, expires: int = 600) -> str:
    """An identity token (HS256: whoever issues certificates checks tokens, the client does not)."""
    now = int(time.time())
    claims = {"iss": issuer, "sub": subject, "aud": "sigstore", "iat": now - 5, "exp": now + expires}
    said = f"{_segment({'alg': 'HS256', 'typ': 'JWT'})}.{_segment(claims)}"
    return f"{said}.{base64.urlsafe_b64encode(hmac.digest(b'tests' * 8, said.encode(), 'sha256')).rstrip(b'=').decode()}"


class Instance:
    """The services' keys and state."""

    def __init__(self, folder: Path) -> None:
        self.root = holder("tests fulcio", ca=True)
        self.ct_key, self.log_key = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
        self.tsa = Authority(folder / "tsa")
        self.leaves: list[bytes] = []
        self.url = ""
        self.broken = ""  # the path of a service that is out of order
        self.codes: dict[str, str] = {}

    def log_id(self) -> bytes:
        """The key id of a C2SP note key of type Ed25519: here the client takes its first four bytes from the log's id."""
        raw = self.log_key.public_key().public_bytes_raw()
        return hashlib.sha256(ORIGIN.encode() + b"\n\x01" + raw).digest()

    def trust_config(self) -> dict[str, Any]:
        """What `ledger --trust-config` reads."""
        since = {"start": "2020-01-01T00:00:00Z"}

        def log(key: Any, details: str, id: bytes) -> dict[str, Any]:
            public = {"rawBytes": b64(spki(key)), "keyDetails": details, "validFor": since}
            return {"baseUrl": f"https://{ORIGIN}", "hashAlgorithm": "SHA2_256", "publicKey": public, "logId": {"keyId": b64(id)}}

        def chain(*items: Any) -> dict[str, Any]:
            certificates = [{"rawBytes": b64(item.certificate.public_bytes(Encoding.DER))} for item in items]
            subject = {"organization": "tests", "commonName": "tests"}
            return {"subject": subject, "uri": self.url, "certChain": {"certificates": certificates}, "validFor": since}

        def service(path: str, version: int = 1) -> list[dict[str, Any]]:
            return [{"url": self.url + path, "majorApiVersion": version, "validFor": since, "operator": "tests"}]

        return {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [log(self.log_key, "PKIX_ED25519", self.log_id())],
                "ctlogs": [log(self.ct_key, "PKIX_ECDSA_P256_SHA_256", hashlib.sha256(spki(self.ct_key)).digest())],
                "certificateAuthorities": [chain(self.root)],
                "timestampAuthorities": [chain(self.tsa.signer, self.tsa.root)],
            },
            "signingConfig": {
                "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                "caUrls": service(""),
                "oidcUrls": service("/oidc"),
                "rekorTlogUrls": service("", 2),
                "rekorTlogConfig": {"selector": "ANY"},
                "tsaUrls": service("/ts"),
                "tsaConfig": {"selector": "ANY"},
            },
        }

    def certificate(self, said: dict[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
        """Fulcio: a certificate of ten minutes, with the timestamp of the certificate log in it."""
        request = x509.load_pem_x509_csr(base64.b64decode(said["certificateSigningRequest"]))
        now = datetime.now(UTC).replace(microsecond=0)
        names = x509.SubjectAlternativeName([x509.RFC822Name(claims["sub"])])
        usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
        flags = x509.KeyUsage(
            **usage, digital_signature=True, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False
        )
        issuer = claims["iss"].encode()
        builder = (
            x509.CertificateBuilder(subject_name=x509.Name([]), issuer_name=self.root.certificate.subject)
            .public_key(request.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=1))
            .not_valid_after(now + timedelta(minutes=10))
            .add_extension(flags, critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(names, critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root.key.public_key()), critical=False)
            .add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier(_FULCIO + "1"), issuer), critical=False)
            .add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier(_FULCIO + "8"), der(0x0C, issuer)), critical=False)
        )
        pre = builder.sign(self.root.key, hashes.SHA256())
        sct = self._certificate_timestamp(pre.tbs_certificate_bytes)
        listed = der(0x04, len(sct + b"xx").to_bytes(2, "big") + len(sct).to_bytes(2, "big") + sct)
        final = builder.add_extension(x509.UnrecognizedExtension(_SCT_LIST, listed), critical=False).sign(self.root.key, hashes.SHA256())
        assert final.tbs_precertificate_bytes == pre.tbs_certificate_bytes
        pems = [item.public_bytes(Encoding.PEM).decode() for item in (final, self.root.certificate)]
        return {"signedCertificateEmbeddedSct": {"chain": {"certificates": pems}}}

    def _certificate_timestamp(self, body: bytes) -> bytes:
        moment = int(time.time() * 1000).to_bytes(8, "big")
        issuer = hashlib.sha256(spki(self.root.key)).digest()
        entry = b"\x00\x00" + moment + b"\x00\x01" + issuer + len(body).to_bytes(3, "big") + body + b"\x00\x00"
        signature = self.ct_key.sign(entry, ec.ECDSA(hashes.SHA256()))
        id = hashlib.sha256(spki(self.ct_key)).digest()
        return b"\x00" + id + moment + b"\x00\x00" + b"\x04\x03" + len(signature).to_bytes(2, "big") + signature

    def entry(self, said: dict[str, Any]) -> dict[str, Any]:
        """Rekor v2: log a hashedrekord; the answer has its proof and the signed checkpoint."""
        request = said["hashedRekordRequestV002"]
        data = {"algorithm": "SHA2_256", "digest": request["digest"]}
        spec = {"hashedRekordV002": {"data": data, "signature": request["signature"]}}
        body = dumps({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": spec})
        self.leaves.append(hashlib.sha256(b"\x00" + body).digest())
        index, size = len(self.leaves) - 1, len(self.leaves)
        proof, root = _path(index, self.leaves), _root(self.leaves)
        note = f"{ORIGIN}\n{size}\n{b64(root)}\n"
        line = f"— {ORIGIN} {b64(self.log_id()[:4] + self.log_key.sign(note.encode()))}\n"
        return {
            "logIndex": str(index),
            "logId": {"keyId": b64(self.log_id())},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "inclusionProof": {
                "logIndex": str(index),
                "rootHash": b64(root),
                "treeSize": str(size),
                "hashes": [b64(item) for item in proof],
                "checkpoint": {"envelope": f"{note}\n{line}"},
            },
            "canonicalizedBody": b64(body),
        }


def _root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    cut = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(leaves[:cut]) + _root(leaves[cut:])).digest()


def _path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    cut = 1 << (len(leaves) - 1).bit_length() - 1
    if index < cut:
        return [*_path(index, leaves[:cut]), _root(leaves[cut:])]
    return [*_path(index - cut, leaves[cut:]), _root(leaves[:cut])]


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, instance: Instance, *args: Any) -> None:
        self._instance = instance
        super().__init__(*args)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        at = self._instance
        if at.broken and self.path.startswith(at.broken):
            self._give(500, b"{}")
        elif self.path == "/api/v2/signingCert":
            self._json(at.certificate(json.loads(body), _claims(self.headers["Authorization"].removeprefix("Bearer "))))
        elif self.path == "/api/v2/log/entries":
            self._json(at.entry(json.loads(body)))
        elif self.path.startswith("/ts"):
            self._give(200, at.tsa.answer(body))
        elif self.path == "/oidc/token":
            asked = urllib.parse.parse_qs(body.decode())
            challenge = at.codes.pop(asked["code"][0])
            proof = base64.urlsafe_b64encode(hashlib.sha256(asked["code_verifier"][0].encode()).digest()).rstrip(b"=").decode()
            self._json({"access_token": token(issuer=ISSUER)} if proof == challenge else {"error": "invalid_grant"})
        else:
            self._give(404, b"{}")

    def do_GET(self) -> None:
        at, parts = self._instance, urllib.parse.urlsplit(self.path)
        if parts.path == "/oidc/.well-known/openid-configuration":
            self._json({"authorization_endpoint": f"{at.url}/oidc/auth", "token_endpoint": f"{at.url}/oidc/token"})
        elif parts.path == "/oidc/auth":
            asked = urllib.parse.parse_qs(parts.query)
            at.codes["c0de"] = asked["code_challenge"][0]
            self.send_response(302)
            answer = urllib.parse.urlencode({"code": "c0de", "state": asked["state"][0]})
            self.send_header("Location", f"{asked['redirect_uri'][0]}?{answer}")
            self.end_headers()
        else:
            self._give(404, b"{}")

    def _json(self, value: object) -> None:
        self._give(200, json.dumps(value).encode())

    def _give(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _claims(text: str) -> dict[str, Any]:
    part = text.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


@contextmanager
def running(folder: Path) -> Iterator[Instance]:
    """An instance that answers."""
    instance = Instance(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, instance))
    instance.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    try:
        yield instance
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
