"""The attestation bundle: one file that proves an attestation to whoever has the log's public key (docs/spec/format.md, section 8)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ledger import canon
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.log.proof import TlogProof, parse_proof
from ledger.signing.dsse import Envelope, parse
from ledger.spec.schema import validate

MEDIA_TYPE = "application/vnd.openness-ledger.bundle.v1+json"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle taken apart. `proofs[0]` is the attestation's, `proofs[i + 1]` that of `statements[i]`.

    Attributes:
        consistency: proves that the log of the checkpoint begins with the entries that the attestation was evaluated on.
        timestamps: RFC 3161 responses over the checkpoint's text (DER); nothing of them is checked yet.
        stored: the canonical bytes of each envelope with whatever it holds, in the order of the proofs: what the log names.
    """

    attestation: Envelope
    statements: tuple[Envelope, ...]
    proofs: tuple[TlogProof, ...]
    checkpoint: bytes
    consistency: tuple[bytes, ...]
    keys: tuple[dict[str, str], ...]
    stored: tuple[bytes, ...]
    timestamps: tuple[bytes, ...] = ()

    @property
    def envelopes(self) -> tuple[Envelope, ...]:
        """The attestation and then the statements, in the order of the proofs."""
        return (self.attestation, *self.statements)


def write_bundle(
    attestation: bytes,
    statements: Sequence[bytes],
    proofs: Sequence[TlogProof],
    checkpoint: bytes,
    consistency: Sequence[bytes],
    keys: Sequence[dict[str, str]],
    timestamps: Sequence[bytes] = (),
) -> bytes:
    """The bundle's bytes: canonical JSON, so the same bundle has one digest.

    Args:
        attestation: the envelope's stored bytes; `statements` likewise.
        proofs: for the attestation and then each statement.
        consistency: the proof from the size at which the attestation was evaluated to the checkpoint's.
        timestamps: over the checkpoint's text, ascending by their SHA-256; without any the bundle has no such member.
    """
    value: dict[str, Any] = {
        "mediaType": MEDIA_TYPE,
        "attestation": json.loads(attestation),
        "statements": [json.loads(item) for item in statements],
        "proofs": [item.to_text() for item in proofs],
        "checkpoint": checkpoint.decode("utf-8"),
        "consistency": [base64.b64encode(item).decode("ascii") for item in consistency],
        "keys": list(keys),
    }
    if timestamps:
        value["timestamps"] = [base64.b64encode(item).decode("ascii") for item in timestamps]
    return canon.canonical(value)


def read_bundle(data: bytes) -> Bundle:
    """Take a bundle apart; nothing is verified yet but its form, which is the canonical one. Raises LedgerError LG1101."""
    try:
        value = canon.loads(data, what="the bundle", max_bytes=LIMITS.bundle_bytes)
        validate("bundle/v1", value, what="the bundle")
        if canon.canonical(value) != data:
            raise LedgerError("LG1101", "the bundle is not the canonical form of itself")
        bundle = Bundle(
            attestation=parse(canon.canonical(value["attestation"]), what="the attestation"),
            statements=tuple(parse(canon.canonical(item), what=f"statement {n}") for n, item in enumerate(value["statements"])),
            proofs=tuple(parse_proof(item, what=f"proof {n}") for n, item in enumerate(value["proofs"])),
            checkpoint=value["checkpoint"].encode("utf-8"),
            # The schema's pattern lets nothing through but canonical base64 of 32 bytes.
            consistency=tuple(base64.b64decode(item) for item in value["consistency"]),
            keys=tuple(value["keys"]),
            stored=tuple(canon.canonical(item) for item in (value["attestation"], *value["statements"])),
            timestamps=_timestamps(value.get("timestamps", [])),
        )
    except LedgerError as error:
        raise LedgerError("LG1101", error.message, check="B1", exit_code=1) from None
    if len(bundle.proofs) != len(bundle.envelopes):
        raise LedgerError("LG1101", f"{len(bundle.envelopes)} envelopes have {len(bundle.proofs)} proofs", check="B1")
    return bundle


def _timestamps(texts: Sequence[str]) -> tuple[bytes, ...]:
    """The bytes of timestamps. Raises LedgerError LG1101 unless each is canonical base64 and they ascend by SHA-256."""
    found = tuple(base64.b64decode(text) for text in texts)  # the schema lets nothing through but base64's characters in fours
    if [base64.b64encode(item).decode("ascii") for item in found] != list(texts):
        raise LedgerError("LG1101", "a timestamp is not canonical base64")
    order = [hashlib.sha256(item).digest() for item in found]
    if any(one >= other for one, other in pairwise(order)):
        raise LedgerError("LG1101", "the timestamps do not ascend by their SHA-256")
    return found
