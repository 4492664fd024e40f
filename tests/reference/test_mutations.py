"""Ten thousand mutated proofs and bundles: the product and the second implementation give the same answer on every one.

What a mutation leaves valid is decided by neither: both must say the same, and both must refuse whatever differs in what was proved.
"""

from __future__ import annotations

import base64
import json
import os
import random
from pathlib import Path

import pytest
from reference.forging import ATTESTED, Forger, good_ledger
from reference.naive_bundle import open_proof
from reference.naive_bundle import verify_bundle as naive_bundle
from reference.naive_log import FAILURES, leaf_hash, open_checkpoint, root_of_proof
from reference.naive_witness import cosigned, quorum
from serving import policy_file, witness_of

from ledger import canon
from ledger._api.attesting import bundle_of
from ledger.api import read_policy
from ledger.attest.verify import verify_bundle
from ledger.errors import LedgerError
from ledger.log.checkpoint import open_checkpoint as open_signed
from ledger.log.cosignature import cosigners
from ledger.log.note import parse_note, parse_vkey
from ledger.log.proof import parse_proof
from ledger.merkle.proof import check_inclusion
from ledger.merkle.tree import leaf_hash as product_leaf_hash

PROOFS, BUNDLES, NOTES = 8_000, 2_000, 2_000
SEED = int(os.environ.get("OPENNESS_LEDGER_TEST_SEED", "20261124"))


@pytest.fixture(scope="module")
def forger(tmp_path_factory: pytest.TempPathFactory) -> Forger:
    return Forger.copy_of(good_ledger(tmp_path_factory.mktemp("good")), tmp_path_factory.mktemp("copy"))


def changed(data: bytes, chosen: random.Random) -> bytes:
    """One of the things that happen to bytes: a bit, a byte, a piece cut out, doubled, moved, or lines exchanged."""
    at, other = sorted(chosen.randrange(len(data)) for _ in range(2))
    kind = chosen.randrange(7)
    if kind == 0:
        return data[:at] + bytes([data[at] ^ 1 << chosen.randrange(8)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + chosen.randbytes(1) + data[at + 1 :]
    if kind == 2:
        return data[:at] + data[other:] if other - at < 200 else data[:at] + data[at + 1 :]
    if kind == 3:
        return data[:at] + data[at : at + chosen.randrange(1, 40)] + data[at:]
    digits = [place for place, byte in enumerate(data) if 0x30 <= byte <= 0x39]
    if kind == 4 and digits:
        place = chosen.choice(digits)
        return data[:place] + str(chosen.randrange(10)).encode() + data[place + 1 :]
    lines = data.split(b"\n")
    one, two = (chosen.randrange(len(lines)) for _ in range(2))
    if kind == 5:
        lines[one], lines[two] = lines[two], lines[one]
    else:
        lines.insert(one, lines[two])
    return b"\n".join(lines)


def product_proof(text: str, key: str) -> tuple[int, bytes] | None:
    """The entry that a proof proves, or None."""
    try:
        proof = parse_proof(text)
        checkpoint = open_signed(proof.checkpoint, parse_vkey(key)).checkpoint
        if proof.extra is None:
            return None
        check_inclusion(proof.index, checkpoint.size, product_leaf_hash(proof.extra), proof.hashes, checkpoint.root)
    except LedgerError:
        return None
    return proof.index, proof.extra


def naive_proof(text: str, key: str) -> tuple[int, bytes] | None:
    try:
        index, record, path, note = open_proof(text)
        _, size, root = open_checkpoint(note.encode(), key)
        assert root_of_proof(index, size, leaf_hash(record), path) == root
    except (*FAILURES, AssertionError):
        return None
    return index, record


def test_mutated_proofs(forger: Forger) -> None:
    proofs = json.loads(bundle_of(forger.ledger._store, ATTESTED))["proofs"]
    key, chosen = forger.ledger.log_key, random.Random(SEED)
    proved = {product_proof(text, key) for text in proofs}
    assert None not in proved and proved == {naive_proof(text, key) for text in proofs}
    for _ in range(PROOFS):
        text = changed(chosen.choice(proofs).encode(), chosen).decode("utf-8", "replace")
        product, naive = product_proof(text, key), naive_proof(text, key)
        assert product == naive, text
        assert product is None or product in proved, text


def test_mutated_bundles(forger: Forger) -> None:
    data = bundle_of(forger.ledger._store, ATTESTED)
    key, chosen = forger.ledger.log_key, random.Random(SEED + 1)
    for number in range(BUNDLES):
        mutated = changed(data, chosen) if number % 2 else _changed_inside(data, chosen)
        failed = [check.id for check in verify_bundle(mutated, [parse_vkey(key)]).checks if check.result == "fail"]
        naive = naive_bundle(mutated, key)
        # B10, the verdicts, is the one check that the second implementation has not.
        assert bool([id for id in failed if id != "B10"]) == bool(naive), (failed, naive)
        assert mutated == data or failed, "something was changed, and nobody noticed"


def _changed_inside(data: bytes, chosen: random.Random) -> bytes:
    """A mutation of what a member holds, in canonical JSON again, so that it gets past the first check."""
    bundle = json.loads(data)
    member = chosen.choice(["attestation", "statements", "proofs", "checkpoint", "consistency", "keys"])
    if member == "attestation" or member == "statements":
        envelope = bundle["attestation"] if member == "attestation" else chosen.choice(bundle["statements"])
        if chosen.random() < 0.5:
            payload = changed(base64.b64decode(envelope["payload"]), chosen)
            envelope["payload"] = base64.b64encode(payload).decode()
        else:
            signature = chosen.choice(envelope["signatures"])
            signature["sig"] = base64.b64encode(changed(base64.b64decode(signature["sig"]), chosen)).decode()
    elif member == "checkpoint":
        bundle[member] = changed(bundle[member].encode(), chosen).decode("utf-8", "replace")
    elif member == "keys":
        item = chosen.choice(bundle[member])
        name = chosen.choice(sorted(item))
        item[name] = changed(item[name].encode(), chosen).decode("utf-8", "replace")
    else:
        items = bundle[member]
        at = chosen.randrange(len(items))
        items[at] = changed(items[at].encode(), chosen).decode("utf-8", "replace")
    return canon.canonical(bundle)


def test_mutated_cosignatures_and_quorums(forger: Forger, tmp_path: Path) -> None:
    ledger = forger.ledger
    known: dict[str, tuple[str, str | None]] = {}
    for name, scheme in (("a", "ed25519"), ("b", "ml-dsa-44"), ("c", "ed25519")):
        witness, (vkey,) = witness_of(tmp_path / name, f"example.org/{name}", ledger.log_key, scheme)
        known[name] = vkey, None
        ledger.witnesses.set_policy(policy_file(tmp_path / "policy", known, "quorum none\n"))
        ledger = type(ledger).open(ledger.layout.root)
        ledger.witnesses.request(tmp_path / "request", 0)
        witness.cosign_file(tmp_path / "request", tmp_path / "answer")
        if name != "c":
            ledger.witnesses.add(tmp_path / "answer")
    path = policy_file(tmp_path / "policy", known, "group G 2 a b c\nquorum G\n")
    policy, text = read_policy(path), path.read_text()
    note = ledger.layout.checkpoint.read_text()
    assert policy.satisfied(cosigners(parse_note(note.encode()), policy.keys)) is quorum(note, text) is True
    chosen = random.Random(SEED + 2)
    for _ in range(NOTES):
        mutated = changed(note.encode(), chosen).decode("utf-8", "replace")
        try:
            times = cosigners(parse_note(mutated.encode()), policy.keys)
        except LedgerError:
            times = None
        try:
            naive = {name: found for name, (vkey, _) in known.items() if (found := cosigned(mutated, vkey)) is not None}
        except FAILURES:
            naive = None
        if times is not None:
            assert times == naive, mutated
        else:
            assert naive is None or _only_form(mutated), mutated


def _only_form(text: str) -> bool:
    """Whether the product refuses the note's form: the naive reader looks at the lines of the keys that it knows, and at nothing else."""
    try:
        parse_note(text.encode())
    except LedgerError:
        return True
    return False
