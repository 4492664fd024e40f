"""The naive reader's half for witnesses: cosignatures, policies and quorums (C2SP tlog-cosignature, tlog-policy), checks B12 and B13."""

from __future__ import annotations

import base64
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa
from reference.naive_log import Broken, h, need

LENGTHS = {4: 32, 6: 1312}


def read_vkey(text: str) -> tuple[str, bytes, int, bytes]:
    """Name, key id, type and public key of a witness's verifier key."""
    name, short, coded = text.split("+", 2)
    data = base64.b64decode(coded, validate=True)
    need(data[0] in LENGTHS and len(data) == 1 + LENGTHS[data[0]], "not a witness's key")
    need(h(name.encode() + b"\n" + data)[:4].hex() == short, "mistyped")
    return name, bytes.fromhex(short), data[0], data[1:]


def message(kind: int, name: str, seconds: int, text: str) -> bytes:
    """What a cosignature signs."""
    if kind == 4:
        return f"cosignature/v1\ntime {seconds}\n{text}".encode()
    lines = text.split("\n")
    need(len(lines) == 4 and lines[3] == "", "a checkpoint with extension lines")
    parts = [b"subtree/v1\n\x00"]
    for word in (name, lines[0]):
        need(0 < len(word.encode()) < 256, "a name that is too long")
        parts.append(len(word.encode()).to_bytes(1, "big") + word.encode())
    parts.insert(2, seconds.to_bytes(8, "big"))
    return b"".join(parts) + bytes(8) + int(lines[1]).to_bytes(8, "big") + base64.b64decode(lines[2])


def cosigned(note: str, vkey: str) -> int | None:
    """The latest time at which the key has cosigned the note; None when it has not."""
    name, short, kind, public = read_vkey(vkey)
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    times = []
    for line in signatures.splitlines():
        found = re.fullmatch("— (\\S+) (\\S+)", line)
        need(found, "not a signature line")
        blob = base64.b64decode(found[2], validate=True) if found else b""
        if not found or found[1] != name or blob[:4] != short:
            continue
        seconds = int.from_bytes(blob[4:12], "big")
        need(len(blob) > 12 and seconds < 2**63, "a time that cannot be")
        key = mldsa.MLDSA44PublicKey if kind == 6 else ed25519.Ed25519PublicKey
        try:
            key.from_public_bytes(public).verify(blob[12:], message(kind, name, seconds, text))
        except InvalidSignature:
            raise Broken(f"a wrong cosignature by {name}") from None
        times.append(seconds)
    return max(times) if times else None


def quorum(note: str, policy: str) -> bool:
    """Whether the witnesses that the policy asks for have cosigned; each line is taken as it comes."""
    there: dict[str, bool] = {}
    answer = None
    for line in policy.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "witness":
            there[words[1]] = cosigned(note, words[2]) is not None
        elif words[0] == "group":
            members = [there[name] for name in words[3:]]
            wanted = {"all": len(members), "any": 1}[words[2]] if words[2] in ("all", "any") else int(words[2])
            there[words[1]] = sum(members) >= wanted
        elif words[0] == "quorum":
            answer = True if words[1] == "none" else there[words[1]]
    need(answer is not None, "no quorum line")
    return bool(answer)
