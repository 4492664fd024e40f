"""A time-stamping authority for tests, made with OpenSSL: an honest one that answers requests, and tokens as no honest one makes them.

`openssl ts` answers requests. What it refuses to make (a token by a certificate for something else, over a time of one's choice) is
signed with `openssl cms`, over a TSTInfo written here byte by byte from RFC 3161, section 2.4.2.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from peers import openssl

STAMPING = ExtendedKeyUsageOID.TIME_STAMPING
LONG_AGO, FAR_OFF = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
CONFIG = """[tsa]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
"""


@dataclass(frozen=True)
class Holder:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def holder(
    name: str,
    issuer: Holder | None = None,
    *,
    ca: bool = False,
    purposes: Sequence[x509.ObjectIdentifier] = (),
    critical: bool = True,
    start: datetime = LONG_AGO,
    end: datetime = FAR_OFF,
    serial: int | None = None,
) -> Holder:
    """A new certificate; without an issuer it is a root."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder(subject_name=subject, public_key=key.public_key(), serial_number=serial or x509.random_serial_number())
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
    flags = x509.KeyUsage(**usage, digital_signature=True, key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False)
    builder = builder.add_extension(flags, critical=True)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical)
    return Holder(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def der(tag: int, *parts: bytes) -> bytes:
    """One DER element."""
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def info(text: bytes, moment: datetime, *, digest: str = "sha256", accuracy: bytes = b"") -> bytes:
    """A TSTInfo over a text."""
    oid = {"sha256": "0609608648016503040201", "sha512": "0609608648016503040203"}[digest]
    imprint = der(0x30, der(0x30, bytes.fromhex(oid), b"\x05\x00"), der(0x04, hashlib.new(digest, text).digest()))
    time = der(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())
    return der(0x30, b"\x02\x01\x01", bytes.fromhex("06032a0304"), imprint, b"\x02\x01\x05", time, accuracy)


def granted(token: bytes, status: int = 0) -> bytes:
    """A TimeStampResp."""
    return der(0x30, der(0x30, bytes([0x02, 0x01, status])), token)


class Authority:
    """A root, an authority below it, and what it signs, in a folder."""

    def __init__(self, folder: Path, name: str = "tests TSA", signer: Holder | None = None, root: Holder | None = None) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.root = root or holder(f"{name} root", ca=True)
        self.signer = signer or holder(name, self.root, purposes=[STAMPING])
        self.pem = folder / "root.pem"
        self.pem.write_bytes(self.root.pem)
        (folder / "signer.pem").write_bytes(self.signer.pem)
        key = self.signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "signer.key").write_bytes(key)
        (folder / "tsa.cnf").write_text(CONFIG)
        self._lock = threading.Lock()

    def answer(self, request: bytes) -> bytes:
        """An honest answer, by `openssl ts`."""
        with self._lock:
            (self.folder / "query").write_bytes(request)
            who = ("-signer", "signer.pem", "-inkey", "signer.key")
            openssl(self.folder, "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query", *who, "-out", "answer")
            return (self.folder / "answer").read_bytes()

    def token(self, said: bytes, *, more: Sequence[Holder] = (), digest: str = "sha256") -> bytes:
        """A token over any TSTInfo, by `openssl cms`, whatever the certificate is for."""
        with self._lock:
            (self.folder / "info").write_bytes(said)
            (self.folder / "more.pem").write_bytes(b"".join(item.pem for item in more))
            kind = ("-econtent_type", "1.2.840.113549.1.9.16.1.4", "-binary", "-nodetach", "-outform", "DER", "-cades", "-md", digest)
            who = ("-signer", "signer.pem", "-inkey", "signer.key", *(("-certfile", "more.pem") if more else ()))
            openssl(self.folder, "cms", "-sign", *kind, "-in", "info", *who, "-out", "token")
            return (self.folder / "token").read_bytes()

    def stamp(self, text: bytes, moment: datetime | None = None, **more: Any) -> bytes:
        """A response with a token over a text at a time of one's choice."""
        return granted(self.token(info(text, moment or datetime.now(UTC) - timedelta(minutes=1)), **more))


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, answer: Any, *args: Any) -> None:
        self._answer = answer
        super().__init__(*args)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, data = (200, self._answer(body)) if self.headers["Content-Type"] == "application/timestamp-query" else (415, b"what?")
        self.send_response(status)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(answer: Any) -> Iterator[str]:
    """An authority on the loopback interface that gives this answer to a request; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, answer))
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tsr"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
