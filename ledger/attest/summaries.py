"""What generic policy engines read: a Simple Verification Result and a SLSA Verification Summary beside an openness attestation; pure.

Sources: in-toto/attestation, spec/predicates/svr.md version 0.1, and slsa.dev, Verification Summary Attestation v1. Both say of
the release's subjects what the attestation says, with the attestation's digest; neither can say "could not tell", so whatever
is not a pass is left out of the one and FAILED in the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger import __version__, canon
from ledger.spec.statement import Statement
from ledger.spec.vocabulary import BASE

SVR = "https://in-toto.io/attestation/svr/v0.1"
VSA = "https://slsa.dev/verification_summary/v1"
VERIFIER = BASE + "verifier/v1"
STATEMENT = "https://in-toto.io/Statement/v1"
PREFIX = "OPENNESS_LEDGER_"


def properties(said: Mapping[str, Any]) -> list[str]:
    """The properties that hold by evidence, such as `OPENNESS_LEDGER_REDHAT_MINIMUM_2025` and `…_G7_AI_OPENNESS_2026_OPEN_WEIGHTS`."""
    found = []
    for verdict in said["verdicts"]:
        if verdict.get("own") or verdict["result"] != "pass":
            continue
        name = PREFIX + _word(verdict["profile"])
        held = verdict.get("class", {})
        rung = held.get("by_evidence", held.get("id"))
        found.append(f"{name}_{_word(rung)}" if rung not in (None, "pass", "ready") else name)
    if said.get("policy", {}).get("outcome", {}).get("result") == "pass":
        found.append(PREFIX + "POLICY_" + said["policy"]["digest"].partition(":")[2][:16].upper())
    return found


def _word(text: str) -> str:
    return "".join(char if char.isalnum() else "_" for char in text).upper()


def svr(attestation: Statement, time: str) -> bytes:
    """The payload of a Simple Verification Result; `time` is the RFC 3339 time at which the log has the attestation."""
    said = attestation.predicate
    verifier: dict[str, Any] = {"id": VERIFIER}
    if "policy" in said:
        verifier["policy"] = {"digest": {"sha256": said["policy"]["digest"].partition(":")[2]}}
    return _statement(attestation, SVR, {"verifier": verifier, "timeCreated": time, "properties": properties(said)})


def vsa(attestation: Statement, time: str) -> bytes:
    """The payload of a SLSA Verification Summary: PASSED when the policy passes, or without one every profile that was asked."""
    said = attestation.predicate
    results = [said["policy"]["outcome"]["result"]] if "policy" in said else [item["result"] for item in said["verdicts"]]
    release = said["release"]
    digest = said["policy"]["digest"] if "policy" in said else attestation.payload_id
    predicate = {
        "verifier": {"id": VERIFIER, "version": {"openness-ledger": __version__}},
        "timeVerified": time,
        "resourceUri": f"{BASE}release/{release['id']}",
        "policy": {"uri": BASE + ("policy/v1" if "policy" in said else "openness/v1"), "digest": {"sha256": digest.partition(":")[2]}},
        "inputAttestations": [{"uri": BASE + "openness/v1", "digest": {"sha256": attestation.payload_id.partition(":")[2]}}],
        "verificationResult": "PASSED" if results and all(item == "pass" for item in results) else "FAILED",
        "verifiedLevels": properties(said),
    }
    return _statement(attestation, VSA, predicate)


def _statement(attestation: Statement, kind: str, predicate: Mapping[str, Any]) -> bytes:
    subjects = [item.to_json() for item in attestation.subjects]
    return canon.canonical({"_type": STATEMENT, "subject": subjects, "predicateType": kind, "predicate": dict(predicate)})
