"""What a verified model signature (OMS v1.0) says, as it stands in the manifest of the model and in the answer of an import. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.spec.model_signature import ModelStatement

FIELD = "model-signature"


def fields_of(bundle_id: str, method: str, signer: Mapping[str, str], said: ModelStatement) -> dict[str, Any]:
    """The manifest's field: where the bundle is kept, who signed it, and what it covers.

    Args:
        bundle_id: object id of the bundle's bytes.
        signer: who was found to have signed, as the verification names it.
    """
    found = {"bundle": bundle_id, "predicate_type": said.predicate_type, "method": method, "signer": dict(signer)}
    return {FIELD: {**found, "name": said.name, "root": said.root, "hash_type": said.hash_type, "files": len(said.paths())}}


def claims_of(fields: Mapping[str, Any]) -> list[dict[str, str]]:
    """The same as a list: what is claimed, and whether the signature proves it or only says it."""
    said = fields[FIELD]
    signer = said["signer"]
    who = signer.get("subject") or signer["keyid"]
    return [
        {"claim": "signer", "value": who, "basis": "verified"},
        {"claim": "files", "value": f"{said['files']} files with root {said['root']} ({said['hash_type']})", "basis": "verified"},
        {"claim": "name", "value": said["name"], "basis": "signed"},
    ]


def unresolved_of(signer: Mapping[str, str]) -> list[str]:
    """What the signature leaves open."""
    found = ["when it was signed: nothing that was checked proves a time"]
    if "certificate" in signer:
        found.append("whether the certificate was revoked: nobody was asked")
    return found
