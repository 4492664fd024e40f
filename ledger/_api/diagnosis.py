"""Known answers, and what a ledger's surroundings must be like."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ledger import canon
from ledger._api.keyring import LOG_KEY
from ledger.errors import LedgerError
from ledger.merkle import tree
from ledger.signing.keys import generate, public_from_der, public_from_pem
from ledger.store.layout import Layout, read_config
from ledger.store.lock import check_file_system, exclusive
from ledger.store.memory import state_home

# RFC 8032 section 7.1, test 2; RFC 6962 leaf of the empty string and the well-known node of "N123" and "N456".
_ED25519_PEM = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n-----END PUBLIC KEY-----\n"
_ED25519_SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
# RFC 6979, section A.2.5: the key, and the signature of "sample" with SHA-256, in DER.
_P256_SPKI = (
    "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
)
_P256_SIGNATURE = (
    "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
)
_EMPTY_LEAF = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
_NODE = "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


def self_test() -> list[str]:
    """What does not give the published result; empty when all is well."""
    problems = []
    if canon.canonical({"b": [1e30, 0.5], "a": 1.0}) != b'{"a":1,"b":[1e+30,0.5]}':
        problems.append("canonical JSON (RFC 8785) is wrong")
    if tree.leaf_hash(b"").hex() != _EMPTY_LEAF or tree.node_hash(b"N123", b"N456").hex() != _NODE:
        problems.append("Merkle hashing (RFC 6962) is wrong")
    key = public_from_pem(_ED25519_PEM)
    signature = bytes.fromhex(_ED25519_SIGNATURE)
    if not key.verifies(signature, b"\x72") or key.verifies(signature, b"\x73"):
        problems.append("Ed25519 (RFC 8032) is wrong")
    problems += _other_schemes()
    return problems


def _other_schemes() -> list[str]:
    """A ledger may have keys of any scheme, so what cannot verify one of them cannot verify every ledger."""
    problems = []
    p256 = public_from_der(bytes.fromhex(_P256_SPKI))
    if not p256.verifies(bytes.fromhex(_P256_SIGNATURE), b"sample") or p256.verifies(bytes.fromhex(_P256_SIGNATURE), b"simple"):
        problems.append("ECDSA over P-256 (RFC 6979) is wrong")
    for name in ("ecdsa-sha2-nistp384", "ml-dsa-44", "ml-dsa-65"):
        try:
            key = generate(name)
            good = key.public.verifies(key.sign(b"sample"), b"sample") and not key.public.verifies(key.sign(b"sample"), b"simple")
        except LedgerError as error:
            problems.append(f"{name}: {error.message}")
        else:
            problems += [] if good else [f"{name} does not verify what it signs"]
    return problems


def surroundings(root: Path) -> tuple[list[str], list[str], str]:
    """(problems of the place, problems of keys and state, and why the ledger cannot be written here if it cannot) of a ledger."""
    layout = Layout(root.resolve())
    place = []
    try:
        read_config(layout)
        check_file_system(layout.root)
    except LedgerError as error:
        place.append(error.message)
    if place:
        return place, [], ""
    local = []
    for path in sorted(layout.keys.glob("*.pem")) if layout.keys.is_dir() else []:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            local.append(f"`{path}` can be read by others: chmod 600 {path}")
    why = _not_written(layout)
    if why:
        return place, local, why
    try:
        with exclusive(layout.lock, 1.0):
            pass
    except LedgerError as error:
        local.append(error.message)
    home = state_home()
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(existing, os.W_OK):
        local.append(f"`{home}` cannot be written: this machine cannot remember checkpoints, so rollbacks may go unseen")
    return place, local, ""


def _not_written(layout: Layout) -> str:
    """Why a copy of a ledger can only be read: that is no fault of it. Empty for the ledger itself."""
    if not (layout.keys / LOG_KEY).exists():
        return f"there is no log key in `{layout.keys}`"
    return "" if os.access(layout.state, os.W_OK) else f"`{layout.state}` is read-only"
