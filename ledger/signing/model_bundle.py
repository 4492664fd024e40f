"""The bundle of a model signature: a Sigstore bundle v0.3 around one DSSE envelope.

Source: OMS v1.0 (ossf/model-signing-spec, spec/v1.0.md, sections 4 and 8.1, and schemas/bundle.schema.json and envelope.schema.json), and
sigstore_bundle.proto, which allows exactly one signature. Reading is strict: whatever two readers could take differently is refused, and
the payload is handed on as the bytes that were signed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger import canon
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.signing.dsse import PAYLOAD_TYPE, base64_bytes, pae
from ledger.signing.model_keys import ModelKey, ModelSigner

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
MOST_CERTIFICATES = 10
_METHODS = {"publicKey": "key", "x509CertificateChain": "certificate", "certificate": "sigstore"}
_BESIDE = {"tlogEntries", "timestampVerificationData"}


@dataclass(frozen=True, slots=True)
class ModelBundle:
    """What a bundle holds; nothing of it is verified.

    Attributes:
        method: `key`, `certificate` or `sigstore`.
        hint: the fingerprint of the key that it names; empty when it has none.
        raw_key: the key that bundles before v1.1.0 carried instead, PEM or DER.
        certificates: DER, the leaf first.
        log_entries: how many transparency log entries it carries.
    """

    method: str
    hint: str
    raw_key: bytes
    certificates: tuple[bytes, ...]
    log_entries: int
    payload: bytes
    signature: bytes

    @property
    def message(self) -> bytes:
        """What was signed."""
        return pae(PAYLOAD_TYPE, self.payload)

    def names(self, key: ModelKey) -> bool:
        """Whether the key that the bundle names, if it names one, is this one."""
        if self.hint:
            return self.hint in (key.fingerprint, key.keyid)
        return not self.raw_key or self.raw_key in (key.der, key.pem.encode("ascii"))


def build(payload: bytes, signer: ModelSigner) -> bytes:
    """The bundle of a payload, signed. The same payload and key give the same bytes."""
    value = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": signer.public.fingerprint}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode("ascii"),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": base64.b64encode(signer.sign(pae(PAYLOAD_TYPE, payload))).decode("ascii"), "keyid": ""}],
        },
    }
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def parse(data: bytes) -> ModelBundle:
    """Read a bundle. Raises LedgerError LG1301 when it is none."""
    try:
        value = canon.loads(data, what="the bundle", max_bytes=LIMITS.model_bundle_bytes)
        _members(value, "the bundle", {"mediaType", "verificationMaterial", "dsseEnvelope"})
        if value["mediaType"] != MEDIA_TYPE:
            raise _bad(f"its mediaType is {_shown(value['mediaType'])}, not `{MEDIA_TYPE}`")
        method, hint, raw, certificates, entries = _material(value["verificationMaterial"])
        payload, signature = _envelope(value["dsseEnvelope"])
    except LedgerError as error:
        raise LedgerError("LG1301", error.message) from None
    return ModelBundle(method, hint, raw, certificates, entries, payload, signature)


def _bad(why: str) -> LedgerError:
    return LedgerError("LG1301", why)


def _shown(value: object) -> str:
    return f"`{ascii(value)[1:-1][:100]}`" if isinstance(value, str) else "no text"


def _members(value: object, what: str, needed: set[str], allowed: set[str] | None = None) -> Mapping[str, Any]:
    """The value as an object that has all the members needed, and no others than are needed or allowed."""
    if not isinstance(value, dict):
        raise _bad(f"{what} is not an object")
    missing, more = needed - set(value), set(value) - needed - (allowed or set())
    if missing:
        raise _bad(f"{what} has no `{min(missing)}`")
    if more:
        raise _bad(f"{what} has a member that it may not have: {_shown(min(more))}")
    return value


def _material(value: object) -> tuple[str, str, bytes, tuple[bytes, ...], int]:
    said = _members(value, "verificationMaterial", set(), {*_METHODS, *_BESIDE})
    kinds = [name for name in _METHODS if name in said]
    if len(kinds) != 1:
        raise _bad(f"verificationMaterial has {len(kinds)} of {', '.join(_METHODS)}, and needs one")
    entries = said.get("tlogEntries", [])
    if not isinstance(entries, list):
        raise _bad("tlogEntries is not a list")
    content = said[kinds[0]]
    if not isinstance(content, dict):
        raise _bad(f"{kinds[0]} is not an object")
    method, hint, raw = _METHODS[kinds[0]], "", b""
    certificates: tuple[bytes, ...] = ()
    if method == "key":
        hint, raw = _public_key(content)
    elif method == "certificate":
        listed = content.get("certificates")
        if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_CERTIFICATES:
            raise _bad(f"x509CertificateChain has no list of 1 to {MOST_CERTIFICATES} certificates")
        certificates = tuple(_certificate(item) for item in listed)
    else:
        certificates = (_certificate(content),)
        if not entries:
            raise _bad("a Sigstore certificate without an entry of a transparency log")
    return method, hint, raw, certificates, len(entries)


def _public_key(content: Mapping[str, Any]) -> tuple[str, bytes]:
    hint = content.get("hint")
    if hint is None and content.get("rawBytes") is not None:
        return "", base64_bytes(content["rawBytes"], "publicKey.rawBytes")
    if not isinstance(hint, str) or not hint:
        raise _bad("publicKey has neither a hint nor rawBytes")
    return hint, b""


def _certificate(item: object) -> bytes:
    if not isinstance(item, dict):
        raise _bad("a certificate is not an object")
    return base64_bytes(item.get("rawBytes"), "a certificate")


def _envelope(value: object) -> tuple[bytes, bytes]:
    said = _members(value, "dsseEnvelope", {"payload", "payloadType", "signatures"})
    if said["payloadType"] != PAYLOAD_TYPE:
        raise _bad(f"its payloadType is {_shown(said['payloadType'])}, not `{PAYLOAD_TYPE}`")
    signatures = said["signatures"]
    if not isinstance(signatures, list) or len(signatures) != 1:
        count = len(signatures) if isinstance(signatures, list) else "no list of"
        raise _bad(f"it has {count} signatures, and a bundle has exactly one")
    one = _members(signatures[0], "the signature", {"sig"}, {"keyid"})
    if one.get("keyid") is not None and not isinstance(one["keyid"], str):
        raise _bad("the keyid is not text")
    return base64_bytes(said["payload"], "the payload"), base64_bytes(one["sig"], "the signature")
