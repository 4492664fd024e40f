"""Cosignatures, policies and the witness's decision: published values, refusals, and laws."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from log import vectors as v

from ledger.errors import LedgerError
from ledger.log import cosignature, policy, witness
from ledger.log.checkpoint import Checkpoint, parse_checkpoint_text
from ledger.log.note import Note, NoteSignature, VerifierKey, parse_note, parse_vkey


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(LedgerError) as caught:
        yield
    assert caught.value.code == code


def raw_note(text: str) -> Note:
    return parse_note(text.encode())


def ed25519(name: str, seed: int, kind: int) -> tuple[VerifierKey, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "big"))
    return VerifierKey(name, private.public_key().public_bytes_raw(), kind), private


def test_foreign_ed25519_cosignature_verifies() -> None:
    key = cosignature.parse_cosigner(v.COSIGNER)
    note = raw_note(v.COSIGNED)
    assert cosignature.cosigned_at(note, key) == v.COSIGNED_SECONDS
    moved = Note(note.text.replace("300", "301"), note.signatures)
    with refused("LG0508"):
        cosignature.cosigned_at(moved, key)


def test_foreign_ml_dsa_44_key_and_checkpoint_verify() -> None:
    public = MLDSA44PrivateKey.from_seed_bytes(bytes.fromhex(v.MLDSA_SEED)).public_key().public_bytes_raw()
    key = VerifierKey("example.com/mldsa-log", public, 0x06)
    assert key.to_text().startswith(v.MLDSA_VKEY_START)
    assert parse_vkey(key.to_text(), cosignature.LOG_TYPES) == key
    note = raw_note(v.MLDSA_CHECKPOINT)
    assert note.to_bytes() == v.MLDSA_CHECKPOINT.encode()
    assert cosignature.signed_by_any(note, [key]) == key
    assert cosignature.cosigned_at(note, key) == 0
    for changed in (note.text.replace("\n1\n", "\n2\n"), note.text.replace("mldsa-log", "other-log"), note.text + "extension\n"):
        with refused("LG0502"):
            cosignature.signed_by_any(Note(changed, note.signatures), [key])


def test_the_example_of_the_specification() -> None:
    note = raw_note(v.SPEC_COSIGNED)
    line = note.signatures[1]
    seconds = int.from_bytes(line.sig[:8], "big")
    assert (line.name, line.key_id.hex(), seconds, len(line.sig)) == ("witness.example.com/w1", "8d66cf3f", 1679315147, 72)
    key = VerifierKey(line.name, bytes(32), 0x04)
    assert cosignature.signed_message(key, seconds, note.text) == v.SPEC_MESSAGE.encode()


def test_the_binary_message_is_the_structure_of_the_specification() -> None:
    key = VerifierKey("w/é", bytes(1312), 0x06)
    root = hashlib.sha256(b"x").digest()
    text = f"o.example\n258\n{base64.b64encode(root).decode()}\n"
    by_hand = b"subtree/v1\n\0" + b"\x04w/\xc3\xa9" + (7).to_bytes(8, "big") + b"\x09o.example" + bytes(8) + b"\0\0\0\0\0\0\x01\x02" + root
    assert cosignature.signed_message(key, 7, text) == by_hand
    for name, origin in (("w" * 256, "o"), ("w", "o" * 256)):
        with refused("LG0501"):
            cosignature.signed_message(VerifierKey(name, bytes(1312), 0x06), 7, text.replace("o.example", origin))


@pytest.mark.parametrize("kind", [0x04, 0x06])
def test_a_round_trip_and_every_changed_bit_of_the_time(kind: int) -> None:
    if kind == 0x04:
        key, private = ed25519("w.example", 7, kind)
        sign = private.sign
    else:
        ml = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
        key, sign = VerifierKey("w.example", ml.public_key().public_bytes_raw(), kind), ml.sign
    text = raw_note(v.SPEC_COSIGNED).text
    line = cosignature.cosign(text, key, 1_700_000_000, sign)
    note = Note(text, (line,))
    assert cosignature.cosigners(parse_note(note.to_bytes()), {"w": key}) == {"w": 1_700_000_000}
    for bit in range(64):
        changed = (int.from_bytes(line.sig[:8], "big") ^ 1 << bit).to_bytes(8, "big") + line.sig[8:]
        with refused("LG0508"):
            cosignature.cosigned_at(Note(text, (NoteSignature(line.name, line.key_id, changed),)), key)
    for short in (b"", line.sig[:8], line.sig[:-1]):
        with refused("LG0508"):
            cosignature.cosigned_at(Note(text, (NoteSignature(line.name, line.key_id, short),)), key)


def test_lines_of_unknown_keys_are_ignored() -> None:
    key = cosignature.parse_cosigner(v.COSIGNER)
    note = raw_note(v.COSIGNED)
    mine = note.signatures[1]
    same_name = NoteSignature(mine.name, b"\0\0\0\0", mine.sig)
    same_id = NoteSignature("someone.else", mine.key_id, mine.sig)
    assert cosignature.cosigned_at(Note(note.text, (same_name, same_id)), key) is None


def test_verifier_keys() -> None:
    key = cosignature.parse_cosigner(v.FORMATS_COSIGNER)
    assert (key.kind, key.to_text()) == (4, v.FORMATS_COSIGNER)
    with refused("LG0501"):
        parse_vkey(v.FORMATS_COSIGNER)
    for text in v.FORMATS_REFUSED:
        with refused("LG0501"):
            cosignature.parse_cosigner(text)


@pytest.mark.parametrize(
    "point", ["00" * 32, "01" + "00" * 31, "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "ff" * 32]
)
def test_keys_of_small_order_or_not_canonical_are_refused(point: str) -> None:
    for kind in (0x01, 0x04):
        with refused("LG0410"):
            parse_vkey(VerifierKey("w", bytes.fromhex(point), kind).to_text(), (kind,))


def keys_text(count: int) -> str:
    lines = [f"witness W{n} {ed25519(f'w{n}.example', n, 4)[0].to_text()} http://w{n}\n" for n in range(1, count + 1)]
    return "".join(lines)


@pytest.mark.parametrize(("groups", "sets"), [(v.SIGSUM_GROUPS, v.SIGSUM_SETS), (v.SIGSUM_OR_GROUPS, v.SIGSUM_OR_SETS)])
def test_quorums_of_another_implementation(groups: str, sets: list[tuple[str, int]]) -> None:
    found = policy.parse_policy((keys_text(6) + groups).encode())
    for numbers, enough in sets:
        assert found.satisfied({f"W{n}" for n in numbers}) is bool(enough), numbers


GOOD = keys_text(3) + "group G all W1 W2\nquorum G\n"
ONE = ed25519("w1.example", 1, 4)[0].to_text()
LOG = ed25519("log.example", 9, 1)[0].to_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum none",
        "# \f\nquorum none\n",
        "# \x7f\nquorum none\n",
        "quorum none\nquorum none\n",
        f"log {LOG}\nlog {LOG}\nquorum none\n",
        f"log {LOG} http://a #comment\nquorum none\n",
        f"log {ONE}\nquorum none\n",
        "log\nquorum none\n",
        f"witness none {ONE}\nquorum none\n",
        f"witness W1 {LOG}\nquorum none\n",
        f"witness W1 {ONE}\nwitness W2 {ONE}\nquorum none\n",
        "witness W1\nquorum none\n",
        keys_text(1) + keys_text(1) + "quorum none\n",
        keys_text(2) + "group W1 all W2\nquorum none\n",
        keys_text(2) + "group G all W1 W3\nquorum G\n",
        keys_text(2) + "group G all W1 W2 W1\nquorum G\n",
        keys_text(3) + "group G all W1 W2\ngroup H all W3 W2\nquorum G\n",
        keys_text(2) + "group G 3 W1 W2\nquorum G\n",
        keys_text(2) + "group G 0 W1 W2\nquorum G\n",
        keys_text(2) + "group G 01 W1 W2\nquorum G\n",
        keys_text(2) + "group G ² W1 W2\nquorum G\n",
        keys_text(2) + "group G all\nquorum G\n",
        keys_text(2) + "group G all G\nquorum G\n",
        keys_text(2) + "group G all none\nquorum G\n",
        keys_text(2) + "quorum G\n",
        "quorum G\ngroup G all W1\n" + keys_text(1),
        keys_text(2) + "quorum W1 W2\n",
        "colour red\nquorum none\n",
        "Quorum none\n",
    ],
)
def test_policies_that_are_refused(text: str) -> None:
    with refused("LG0509"):
        policy.parse_policy(text.encode())


def test_policies_that_are_read() -> None:
    text = f"\n # a comment \n\t log\t{LOG}  https://log.example \n" + keys_text(1) + "\tquorum   W1\t\n"
    found = policy.parse_policy(text.encode())
    assert [(key.name, url) for key, url in found.logs] == [("log.example", "https://log.example")]
    assert (found.quorum, found.witnesses["W1"].url) == ("W1", "http://w1")
    kelvin = policy.parse_policy(
        f"witness K {ONE}\n".encode() + keys_text(2)[len(keys_text(1)) :].replace("W2", "\u212a").encode() + b"quorum K\n"
    )
    assert not kelvin.satisfied({"\u212a"}) and kelvin.satisfied({"K"})
    opaque = policy.parse_policy(b"# \xff\xfe\nwitness \xff " + ONE.encode() + b"\nquorum \xff\n")
    assert opaque.satisfied(set(opaque.witnesses))


def test_when_a_quorum_had_cosigned() -> None:
    found = policy.parse_policy((keys_text(5) + v.SIGSUM_GROUPS).encode())
    assert found.quorum_time({"W1": 50, "W3": 10, "W4": 30, "W5": 20}) == 50
    assert found.quorum_time({"W2": 5, "W3": 10, "W4": 30, "W5": 20}) == 20
    assert found.quorum_time({"W2": 0, "W3": 10, "W4": 30}) is None
    assert policy.Policy().quorum_time({"W1": 5}) is None


@given(st.integers(1, 5), st.integers(1, 5), st.sets(st.integers(1, 5)))
def test_a_threshold_is_a_count(threshold: int, members: int, there: set[int]) -> None:
    names = " ".join(f"W{n}" for n in range(1, members + 1))
    text = (keys_text(5) + f"group G {threshold} {names}\nquorum G\n").encode()
    if threshold > members:
        with refused("LG0509"):
            policy.parse_policy(text)
        return
    enough = len([n for n in there if n <= members]) >= threshold
    assert policy.parse_policy(text).satisfied({f"W{n}" for n in there}) is enough


# --- the witness's decision ------------------------------------------------------------------------


class NaiveLog:
    """A log kept as a list; its roots and proofs are computed from the definitions of RFC 6962 (2.1, 2.1.2), and nothing of the product."""

    def __init__(self, origin: str = "log.example", seed: int = 9) -> None:
        self.key, self.private = ed25519(origin, seed, 1)

    @staticmethod
    def leaves(size: int, salt: bytes = b"") -> list[bytes]:
        return [salt + n.to_bytes(4, "big") for n in range(size)]

    @classmethod
    def mth(cls, leaves: list[bytes]) -> bytes:
        if not leaves:
            return hashlib.sha256(b"").digest()
        if len(leaves) == 1:
            return hashlib.sha256(b"\0" + leaves[0]).digest()
        k = 1
        while 2 * k < len(leaves):
            k *= 2
        return hashlib.sha256(b"\1" + cls.mth(leaves[:k]) + cls.mth(leaves[k:])).digest()

    @classmethod
    def proof(cls, m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
        if m == len(leaves):
            return [] if whole else [cls.mth(leaves)]
        k = 1
        while 2 * k < len(leaves):
            k *= 2
        if m <= k:
            return [*cls.proof(m, leaves[:k], whole), cls.mth(leaves[k:])]
        return [*cls.proof(m - k, leaves[k:], False), cls.mth(leaves[:k])]

    def checkpoint(self, size: int, salt: bytes = b"") -> bytes:
        text = f"{self.key.name}\n{size}\n{base64.b64encode(self.mth(self.leaves(size, salt))).decode()}\n"
        sig = base64.b64encode(self.key.key_id + self.private.sign(text.encode())).decode()
        return f"{text}\n— {self.key.name} {sig}\n".encode()

    def request(self, old: int, size: int, salt: bytes = b"", proof: list[bytes] | None = None) -> bytes:
        hashes = proof if proof is not None else self.proof(old, self.leaves(size, salt)) if 0 < old <= size else []
        lines = "".join(base64.b64encode(item).decode() + "\n" for item in hashes)
        return f"old {old}\n{lines}\n".encode() + self.checkpoint(size, salt)


NAIVE = NaiveLog()
LOGS = {"log.example": [NAIVE.key]}


def state(size: int, salt: bytes = b"") -> Checkpoint | None:
    return Checkpoint("log.example", size, NaiveLog.mth(NaiveLog.leaves(size, salt))) if size else None


def status(request: bytes, seen: Checkpoint | None, logs: dict | None = None) -> int:
    found = witness.consider(request, LOGS if logs is None else logs, lambda _origin: seen)
    return 200 if isinstance(found, witness.Accepted) else found.status


def test_every_growth_is_cosigned() -> None:
    for old, size in itertools.product(range(12), range(12)):
        if old <= size:
            assert status(NAIVE.request(old, size), state(old)) == 200, (old, size)


def test_the_statuses_of_the_specification() -> None:
    assert status(b"", None) == 400
    assert status(b"old 1\n\n", None) == 400
    assert status(NAIVE.request(0, 3).replace(b"old 0", b"old 00"), None) == 400
    assert status(NAIVE.request(0, 3).replace(b"old 0", "old ٠".encode()), None) == 400
    assert status(NAIVE.request(7, 5, proof=[]), state(7)) == 400
    assert status(NAIVE.request(0, 5, proof=[bytes(32)] * 64), None) == 400
    assert status(NAIVE.request(0, 5, proof=[bytes(31)]), None) == 400
    assert status(NAIVE.request(0, 5), None, {}) == 404
    assert status(NaiveLog(seed=10).request(0, 5), None) == 403
    forged = NAIVE.request(0, 5).replace(base64.b64encode(NaiveLog.mth(NaiveLog.leaves(5))), base64.b64encode(bytes(32)))
    assert status(forged, None) == 403
    assert status(NAIVE.request(0, 5), state(3)) == 409
    assert status(NAIVE.request(4, 5), state(3)) == 409
    assert status(NAIVE.request(3, 5), None) == 409
    assert status(NAIVE.request(5, 5, b"fork"), state(5)) == 409
    assert status(NAIVE.request(3, 5, b"fork"), state(3)) == 422
    assert status(NAIVE.request(3, 5, proof=[]), state(3)) == 422
    assert status(NAIVE.request(0, 5, proof=[bytes(32)]), None) == 422
    assert status(NAIVE.request(5, 5, proof=[bytes(32)]), state(5)) == 422


def test_a_conflict_names_the_size_and_is_evidence_only_for_the_same_size() -> None:
    found = witness.consider(NAIVE.request(0, 5), LOGS, lambda _origin: state(3))
    assert isinstance(found, witness.Refused) and (found.size, found.conflict) == (3, False)
    found = witness.consider(NAIVE.request(5, 5, b"fork"), LOGS, lambda _origin: state(5))
    assert isinstance(found, witness.Refused) and (found.size, found.conflict) == (5, True)


def test_an_empty_log_has_the_root_of_no_leaves() -> None:
    assert status(NAIVE.request(0, 0), None) == 200
    text = f"log.example\n0\n{base64.b64encode(bytes(32)).decode()}\n"
    sig = base64.b64encode(NAIVE.key.key_id + NAIVE.private.sign(text.encode())).decode()
    assert status(f"old 0\n\n{text}\n— log.example {sig}\n".encode(), None) == 422


def test_requests_of_others_are_read() -> None:
    spec = witness.parse_request(v.SPEC_REQUEST.encode())
    assert (spec.old, len(spec.proof)) == (20852014, 4)
    assert spec.to_bytes() == v.SPEC_REQUEST.encode()
    assert parse_checkpoint_text(parse_note(spec.checkpoint).text).size == 20852163
    key = VerifierKey(v.TORCHWOOD_ORIGIN, bytes.fromhex(v.TORCHWOOD_LOG_PUBLIC))
    assert status(v.TORCHWOOD_REQUEST.encode(), None, {v.TORCHWOOD_ORIGIN: [key]}) == 200
    assert status(v.MLDSA_CHECKPOINT and f"old 0\n\n{v.MLDSA_CHECKPOINT}".encode(), None, {"example.com/mldsa-log": [_mldsa_key()]}) == 200


def _mldsa_key() -> VerifierKey:
    public = MLDSA44PrivateKey.from_seed_bytes(bytes.fromhex(v.MLDSA_SEED)).public_key().public_bytes_raw()
    return VerifierKey("example.com/mldsa-log", public, 0x06)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.binary(max_size=1))
def test_nothing_inconsistent_is_ever_cosigned(seen: int, old: int, size: int, salt: bytes) -> None:
    accepted = status(NAIVE.request(old, size, salt), state(seen)) == 200
    consistent = NaiveLog.leaves(size, salt)[:seen] == NaiveLog.leaves(seen)
    if accepted:
        assert old == seen <= size and (consistent or seen == 0)
    elif old == seen <= size and consistent:
        raise AssertionError("a consistent growth was refused")
