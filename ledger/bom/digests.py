"""Digests in documents: how many hex digits each algorithm has, under the names that the formats give it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ledger.bom.report import Tally, shown

_HEX = re.compile(r"[0-9A-Fa-f]+", re.ASCII)
_LOWER = re.compile(r"[0-9a-f]+", re.ASCII)

# CycloneDX 1.7, `hash-alg`.
CYCLONEDX: Mapping[str, int] = {
    "MD5": 32,
    "SHA-1": 40,
    "SHA-256": 64,
    "SHA-384": 96,
    "SHA-512": 128,
    "SHA3-256": 64,
    "SHA3-384": 96,
    "SHA3-512": 128,
    "BLAKE2b-256": 64,
    "BLAKE2b-384": 96,
    "BLAKE2b-512": 128,
    "BLAKE3": 64,
    "Streebog-256": 64,
    "Streebog-512": 128,
}
# SPDX 3.0.1, Core/HashAlgorithm. `md6` has as many digits as one wants, `other` may be anything, and the last three are signatures.
SPDX3: Mapping[str, int] = {
    "adler32": 8,
    "md2": 32,
    "md4": 32,
    "md5": 32,
    "sha1": 40,
    "sha224": 56,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
    "sha3_224": 56,
    "sha3_256": 64,
    "sha3_384": 96,
    "sha3_512": 128,
    "blake2b256": 64,
    "blake2b384": 96,
    "blake2b512": 128,
    "blake3": 64,
}
SPDX3_OPEN = frozenset({"md6", "other", "crystalsDilithium", "crystalsKyber", "falcon"})
# SPDX 2.3, clause 7.10 and 8.4.
SPDX2: Mapping[str, int] = {
    "ADLER32": 8,
    "MD2": 32,
    "MD4": 32,
    "MD5": 32,
    "SHA1": 40,
    "SHA224": 56,
    "SHA256": 64,
    "SHA384": 96,
    "SHA512": 128,
    "SHA3-256": 64,
    "SHA3-384": 96,
    "SHA3-512": 128,
    "BLAKE2b-256": 64,
    "BLAKE2b-384": 96,
    "BLAKE2b-512": 128,
    "BLAKE3": 64,
}
SPDX2_OPEN = frozenset({"MD6"})


def look_at(
    tally: Tally, pointer: str, algorithm: Any, value: Any, lengths: Mapping[str, int], open_: frozenset[str] = frozenset()
) -> None:
    """Judge one digest: hex, lower case, and as long as its algorithm's digests are."""
    tally.look()
    if not isinstance(value, str) or not isinstance(algorithm, str):
        tally.bad(pointer, "a hash has an algorithm and a value, both text")
    elif algorithm not in lengths and algorithm not in open_:
        tally.bad(pointer, f"no hash algorithm of this format: {shown(algorithm)}")
    elif not _HEX.fullmatch(value):
        tally.bad(pointer, f"not hex digits: {shown(value)}")
    elif algorithm in lengths and len(value) != lengths[algorithm]:
        tally.bad(pointer, f"{algorithm} has {lengths[algorithm]} hex digits, and this {len(value)}: {shown(value)}")
    elif not _LOWER.fullmatch(value):
        tally.bad(pointer, f"not in lower case: {shown(value)}")
    elif algorithm in open_:
        tally.open(pointer, f"how long a value of {shown(algorithm)} is cannot be told")
