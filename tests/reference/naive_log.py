"""The ground of a second, naive reader of ledgers and bundles, written from docs/spec and the public specifications alone.

It imports nothing of the product: the standard library, `cryptography` for signatures and `pyarrow` for Parquet. Everything that can be
slow and plain is slow and plain: Merkle trees are the recursive definition of RFC 6962, and every file is read again for every question.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa

BASE = "https://openness-ledger.dev/"
KINDS = {"manifest": "manifest/v1", "release": "release/v1", "review": "review/v1", "key": "key/v1", "attestation": "openness/v1"}
SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
LEAF_MEMBERS = {"v", "kind", "envelope", "payload", "predicateType", "subjects", "keyids", "time"}


class Broken(Exception):
    """Something does not hold."""


FAILURES = (
    Broken,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    OSError,
    RecursionError,
    InvalidSignature,
    UnsupportedAlgorithm,
)


def need(holds: object, why: str) -> None:
    if not holds:
        raise Broken(why)


def collect(problems: list[str], label: str, work: Callable[[], Any]) -> Any:
    """The result of a piece of work, or None and a problem with the label."""
    try:
        return work()
    except FAILURES as error:
        problems.append(f"{label}: {type(error).__name__} {error}")
        return None


# ---- bytes, JSON and its canonical form (RFC 8785) ----


def h(data: bytes) -> bytes:
    return sha256(data).digest()


def hexid(data: bytes) -> str:
    return "sha256:" + h(data).hex()


def unbase64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64 with another form")
    return data


def _number(value: float) -> str:
    """ECMAScript's Number::toString."""
    sign, numbers, exponent = Decimal(repr(value)).as_tuple()
    digits = "".join(map(str, numbers)).rstrip("0")
    point = len(numbers) + int(exponent)
    if not digits:
        return "0"
    size = len(digits)
    if size <= point <= 21:
        text = digits + "0" * (point - size)
    elif 0 < point <= 21:
        text = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        text = digits[0] + ("." + digits[1:] if size > 1 else "") + f"e{point - 1:+d}"
    return "-" * sign + text


def jcs(value: Any) -> str:
    if isinstance(value, dict):
        ordered = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(jcs(name) + ":" + jcs(value[name]) for name in ordered) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(jcs, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def canonical(value: Any) -> bytes:
    return jcs(value).encode()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    need(len({name for name, _ in pairs}) == len(pairs), "a member twice")
    return dict(pairs)


def _integer(text: str) -> int:
    need(abs(int(text)) <= 2**53 - 1, "an integer beyond 2^53-1")
    return int(text)


def _constant(text: str) -> None:
    raise Broken(f"{text} is no JSON")


def _deep(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, dict | list) + max(map(_deep, inside), default=0)


def strict(data: bytes, limit: int = 16 << 20) -> Any:
    """JSON that is the canonical form of itself."""
    need(len(data) <= limit, "too big")
    value = json.loads(data.decode("utf-8"), object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant)
    need(_deep(value) <= 64, "too deep")
    need(canonical(value) == data, "not canonical")
    return value


# ---- the part of JSON Schema that schemas/ uses ----

_TYPES: dict[str, Any] = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}


def fits(value: Any, schema: dict[str, Any], where: str = "$") -> None:
    if "type" in schema:
        need(isinstance(value, _TYPES[schema["type"]]) and not isinstance(value, bool), f"{where} is no {schema['type']}")
    need("enum" not in schema or value in schema["enum"], f"{where} is none of the values")
    need("const" not in schema or value == schema["const"], f"{where} is not the value")
    if isinstance(value, str):
        need(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)), f"{where}: length")
        need(re.search(schema.get("pattern", "").replace("$", r"\Z"), value), f"{where}: pattern")
    if isinstance(value, int | float):
        need(value >= schema.get("minimum", value), f"{where}: too small")
    if isinstance(value, list):
        need(len(value) >= schema.get("minItems", 0), f"{where}: too few")
        for number, item in enumerate(value):
            fits(item, schema.get("items", {}), f"{where}[{number}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        need(set(schema.get("required", ())) <= set(value), f"{where}: a member is missing")
        extra = schema.get("additionalProperties", True)
        for name, item in value.items():
            need(name in known or extra is not False, f"{where}.{name} is not known")
            fits(item, known.get(name, extra if isinstance(extra, dict) else {}), f"{where}.{name}")
    if "if" in schema:
        try:
            fits(value, schema["if"])
        except Broken:
            return
        fits(value, schema.get("then", {}), where)


def schema_of(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / name / "v1.schema.json").read_text())
    return loaded


# ---- Merkle trees (RFC 6962) ----


def leaf_hash(data: bytes) -> bytes:
    return h(b"\0" + data)


def split(size: int) -> int:
    return int(1 << ((size - 1).bit_length() - 1))


def mth(leaves: list[bytes]) -> bytes:
    """The tree's hash over leaf hashes."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else h(b"")
    k = split(len(leaves))
    return h(b"\1" + mth(leaves[:k]) + mth(leaves[k:]))


def root_of_proof(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    need(0 <= index < size, "the index is beyond the size")
    if size == 1:
        need(not path, "the proof is too long")
        return leaf
    need(path, "the proof is too short")
    k = split(size)
    if index < k:
        return h(b"\1" + root_of_proof(index, k, leaf, path[:-1]) + path[-1])
    return h(b"\1" + path[-1] + root_of_proof(index - k, size - k, leaf, path[:-1]))


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> None:
    """RFC 6962, section 2.1.2, read backwards: the proof's last hash is that of the outermost split."""
    rest = list(path)

    def both(m: int, n: int, whole: bool) -> tuple[bytes, bytes]:
        """The hashes of the first m and of all n leaves of a subtree."""
        if m == n:
            known = old_root if whole else rest.pop()
            return known, known
        k = split(n)
        beside = rest.pop()
        if m <= k:
            one, all_ = both(m, k, whole)
            return one, h(b"\1" + all_ + beside)
        one, all_ = both(m - k, n - k, False)
        return h(b"\1" + beside + one), h(b"\1" + beside + all_)

    need(0 < old < new and all(len(one) == 32 for one in path), "no two sizes, or no hashes")
    need(both(old, new, True) == (old_root, new_root) and not rest, "the one log is not the beginning of the other")


# ---- signatures: notes (C2SP) and envelopes (DSSE) ----


P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def _sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """RFC 8032, section 5.1: the addition law, as it stands."""
    t = D * one[0] * other[0] * one[1] * other[1] % P
    x = (one[0] * other[1] + other[0] * one[1]) * pow(1 + t, -1, P)
    y = (one[1] * other[1] + one[0] * other[0]) * pow(1 - t, -1, P)
    return x % P, y % P


@cache
def _ed25519_is_weak(raw: bytes) -> bool:
    """Not the canonical encoding of a point, or of a point that is not of prime order (RFC 8032, section 5.1)."""
    y, odd = int.from_bytes(raw, "little") % 2**255, raw[31] >> 7
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    x = x if (x * x - xx) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - xx) % P or (x == 0 and odd):
        return True
    point = found = (x if x % 2 == odd else P - x, y)
    for bit in f"{2**252 + 27742317777372353535851937790883648493:b}"[1:]:
        found = _sum(found, found)
        found = _sum(found, point) if bit == "1" else found
    return point == (0, 1) or found != (0, 1)


@dataclass(frozen=True)
class Key:
    """A public key of an accepted scheme."""

    public: Any
    keyid: str

    @classmethod
    def of_pem(cls, pem: str) -> Key:
        public = ser.load_pem_public_key(pem.encode())
        if isinstance(public, ed25519.Ed25519PublicKey):
            need(not _ed25519_is_weak(public.public_bytes_raw()), "a weak key")
        elif isinstance(public, ec.EllipticCurvePublicKey):
            need(public.curve.name in ("secp256r1", "secp384r1"), "a curve that is not accepted")
        else:
            need(isinstance(public, mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey), "a scheme that is not accepted")
        der = public.public_bytes(ser.Encoding.DER, ser.PublicFormat.SubjectPublicKeyInfo)
        held = base64.b64decode("".join(pem.split("-----")[2].split()), validate=True)
        need(held == der, "a key in another encoding")
        return cls(public, h(der).hex())

    def signed(self, data: bytes, signature: bytes) -> bool:
        try:
            if isinstance(self.public, ec.EllipticCurvePublicKey):
                digest = hashes.SHA256() if self.public.curve.name == "secp256r1" else hashes.SHA384()
                self.public.verify(signature, data, ec.ECDSA(digest))
            else:
                self.public.verify(signature, data)
        except InvalidSignature:
            return False
        return True


def open_note(data: bytes, vkey: str) -> tuple[str, str]:
    """The text of a note that the key has signed, and the key's name."""
    name, keyhash, encoded = vkey.split("+", 2)
    raw = unbase64(encoded)
    need(len(raw) == 33 and raw[0] == 1 and not _ed25519_is_weak(raw[1:]), "no Ed25519 verifier key")
    keyid = h(name.encode() + b"\n" + raw)[:4]
    need(keyid.hex() == keyhash, "the verifier key has another hash")
    need(len(data) <= 1 << 20, "a note that is too big")
    whole = data.decode("utf-8")
    need(not any(ord(char) < 32 and char != "\n" for char in whole), "a control character")
    at = whole.rindex("\n\n")
    text, lines = whole[: at + 1], whole[at + 2 :]
    need(lines.endswith("\n") and 0 < lines.count("\n") <= 64, "no signatures, or too many")
    good = 0
    for line in lines[:-1].split("\n"):
        match = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        need(match, "not a signature line")
        signature = unbase64(match[2]) if match else b""
        need(len(signature) > 4, "a signature that is too short")
        if match and match[1] == name and signature[:4] == keyid:
            ed25519.Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signature[4:], text.encode())
            good += 1
    need(good, "the log's key has not signed")
    return text, name


def open_checkpoint(data: bytes, vkey: str) -> tuple[str, int, bytes]:
    """Origin, size and root."""
    text, name = open_note(data, vkey)
    lines = text[:-1].split("\n")
    need(len(lines) >= 3 and all(lines), "a checkpoint has three lines")
    need(re.fullmatch("0|[1-9][0-9]*", lines[1]), "no size")
    root = unbase64(lines[2])
    need(len(root) == 32 and len(lines) == 3, "no root, or extension lines")
    need(lines[0] == name, "a checkpoint of another origin")
    return lines[0], int(lines[1]), root
