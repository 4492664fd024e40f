"""The product and the naive second reader agree on attestation bundles, good and bad; which check fails is docs/spec/verification.md's."""

from __future__ import annotations

import base64
import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import MOMENT, ORIGIN, fill, make_inputs
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from reference.naive_bundle import open_proof, verify_bundle
from reference.naive_ledger import verify_ledger
from reference.naive_log import canonical, h, hexid, leaf_hash, mth, split

from ledger.api import Ledger, make_key, verify_bundle_file
from ledger.clock import FixedClock

Bundle = dict[str, Any]
CHANGES = 100


@dataclass
class Made:
    """A good bundle and all that it takes to forge others: the log's leaves and both private keys."""

    bundle: Bundle
    data: bytes
    key: str
    leaves: list[bytes]
    log: Any
    signer: Any
    other: Bundle
    folder: Path

    def copy(self) -> Bundle:
        return copy.deepcopy(self.bundle)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("bundles")
    bundles = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        make_key(folder / "second.pem", "ed25519", None)
        inputs = make_inputs(folder / "in")
        for name in ("other", "own"):
            ledger = Ledger.init(folder / name, ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
            ledger.trust_key(folder / "second.pem.pub", ["review"])
            fill(ledger, inputs)
            ledger.attest("reader@1", out=folder / f"{name}.json")
            bundles.append((folder / f"{name}.json").read_bytes())
    keys = [load_pem_private_key((folder / "own/state/keys" / name).read_bytes(), None) for name in ("log.pem", "signing.pem")]
    leaves = verify_ledger(folder / "own").leaves
    return Made(json.loads(bundles[1]), bundles[1], ledger.log_key, leaves, *keys, json.loads(bundles[0]), folder)


def both(made: Made, data: bytes) -> tuple[str | None, str | None]:
    """The first failing check of the product, and the first of the naive reader."""
    file = made.folder / "bundle.json"
    file.write_bytes(data)
    failed = [check.id for check in verify_bundle_file(file, made.key).checks if check.result == "fail"]
    naive = [problem[:3].strip(": ") for problem in verify_bundle(data, made.key)]
    return failed[0] if failed else None, naive[0] if naive else None


def inclusion(index: int, hashes: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1."""
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if index < k:
        return [*inclusion(index, hashes[:k]), mth(hashes[k:])]
    return [*inclusion(index - k, hashes[k:]), mth(hashes[:k])]


def consistency(m: int, hashes: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962, section 2.1.2."""
    n = len(hashes)
    if m == n:
        return [] if whole else [mth(hashes)]
    k = split(n)
    if m <= k:
        return [*consistency(m, hashes[:k], whole), mth(hashes[k:])]
    return [*consistency(m - k, hashes[k:], False), mth(hashes[:k])]


def sign(key: Ed25519PrivateKey, payload: bytes) -> dict[str, Any]:
    """A DSSE envelope."""
    kind = b"application/vnd.in-toto+json"
    signature = key.sign(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    keyid = h(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hex()
    signatures = [{"keyid": keyid, "sig": base64.b64encode(signature).decode()}]
    return {"payload": base64.b64encode(payload).decode(), "payloadType": kind.decode(), "signatures": signatures}


def payload_of(envelope: dict[str, Any]) -> bytes:
    return base64.b64decode(envelope["payload"])


def log_again(made: Made, bundle: Bundle, at: int, envelope: dict[str, Any], **changes: Any) -> None:
    """As a dishonest log operator: log another envelope in the place of the envelope `at`, and sign the log that this gives."""
    index = open_proof(bundle["proofs"][at])[0]
    leaf = json.loads(made.leaves[index])
    leaf.update(envelope=hexid(canonical(envelope)), payload=hexid(payload_of(envelope)))
    leaf.update(keyids=[one["keyid"] for one in envelope["signatures"]], **changes)
    leaves = [*made.leaves[:index], canonical(leaf), *made.leaves[index + 1 :]]
    hashes = [leaf_hash(one) for one in leaves]
    text = f"{ORIGIN}\n{len(leaves)}\n{base64.b64encode(mth(hashes)).decode()}\n"
    name, keyhash, _ = made.key.split("+", 2)
    signature = base64.b64encode(bytes.fromhex(keyhash) + made.log.sign(text.encode())).decode()
    bundle["checkpoint"] = f"{text}\n— {name} {signature}\n"
    indexes = [open_proof(proof)[0] for proof in bundle["proofs"]]
    if at:
        bundle["statements"][at - 1] = envelope
    else:
        bundle["attestation"] = envelope
    bundle["proofs"] = [proof_text(number, leaves, hashes, bundle["checkpoint"]) for number in indexes]
    size = json.loads(payload_of(made.bundle["attestation"]))["predicate"]["checkpoint"]["size"]
    bundle["consistency"] = [base64.b64encode(one).decode() for one in consistency(size, hashes)]


def proof_text(index: int, leaves: list[bytes], hashes: list[bytes], checkpoint: str) -> str:
    """A C2SP tlog-proof."""
    lines = ["c2sp.org/tlog-proof@v1", "extra " + base64.b64encode(leaves[index]).decode(), f"index {index}"]
    return "\n".join([*lines, *(base64.b64encode(one).decode() for one in inclusion(index, hashes)), "", checkpoint])


def place(made: Made, kind: str, name: str = "") -> int:
    """Where a statement of the kind is among the proofs."""
    for at, envelope in enumerate([made.bundle["attestation"], *made.bundle["statements"]]):
        said = json.loads(payload_of(envelope))
        if f"/{kind}/" in said["predicateType"] and said["predicate"].get("name", "") in (name, name or said["predicate"].get("name", "")):
            return at
    raise AssertionError(kind)


# ---- changes of a bundle that anybody can make, and the check that they break ----


def swap_proofs(made: Made, bundle: Bundle) -> None:
    bundle["proofs"][2], bundle["proofs"][3] = bundle["proofs"][3], bundle["proofs"][2]


def swap_paths(made: Made, bundle: Bundle) -> None:
    one, two = ([*head.split("\n"), rest] for head, rest in (proof.split("\n\n", 1) for proof in bundle["proofs"][2:4]))
    for number, (own, other) in enumerate(((one, two), (two, one)), 2):
        bundle["proofs"][number] = "\n".join([*own[:3], *other[3:-1]]) + "\n\n" + own[-1]


def drop_statement_and_proof(made: Made, bundle: Bundle) -> None:
    at = place(made, "manifest", "figures")
    del bundle["statements"][at - 1], bundle["proofs"][at]


def drop_statement(made: Made, bundle: Bundle) -> None:
    del bundle["statements"][-1]


def drop_key_statement(made: Made, bundle: Bundle) -> None:
    del bundle["statements"][0], bundle["proofs"][1]


def drop_second_key_statement(made: Made, bundle: Bundle) -> None:
    del bundle["statements"][1], bundle["proofs"][2]


def duplicate_statement(made: Made, bundle: Bundle) -> None:
    bundle["statements"].append(bundle["statements"][-1])
    bundle["proofs"].append(bundle["proofs"][-1])


def other_checkpoint(made: Made, bundle: Bundle) -> None:
    bundle["checkpoint"] = made.other["checkpoint"]


def other_proof(made: Made, bundle: Bundle) -> None:
    bundle["proofs"][2] = made.other["proofs"][2]


def resigned_by_a_stranger(made: Made, bundle: Bundle) -> None:
    at = place(made, "manifest", "reader")
    bundle["statements"][at - 1] = sign(Ed25519PrivateKey.generate(), payload_of(bundle["statements"][at - 1]))


def another_index(made: Made, bundle: Bundle) -> None:
    bundle["proofs"][0] = bundle["proofs"][0].replace("index 7", "index 6", 1)


def another_media_type(made: Made, bundle: Bundle) -> None:
    bundle["mediaType"] = "application/json"


def an_unknown_member(made: Made, bundle: Bundle) -> None:
    bundle["more"] = 1


def a_key_less(made: Made, bundle: Bundle) -> None:
    bundle["keys"].pop()


def keys_in_another_order(made: Made, bundle: Bundle) -> None:
    bundle["keys"].reverse()


def a_key_twice(made: Made, bundle: Bundle) -> None:
    bundle["keys"].append(bundle["keys"][-1])


def more_about_a_key(made: Made, bundle: Bundle) -> None:
    bundle["keys"][0]["owner"] = "somebody"


def more_in_an_envelope(made: Made, bundle: Bundle) -> None:
    bundle["attestation"]["more"] = 1


def statements_in_another_order(made: Made, bundle: Bundle) -> None:
    bundle["statements"].reverse()
    bundle["proofs"][1:] = bundle["proofs"][:0:-1]


# ---- changes that only the log's operator can make ----


def logged_from_a_stranger(made: Made, bundle: Bundle) -> None:
    at = place(made, "manifest", "reader")
    log_again(made, bundle, at, sign(Ed25519PrivateKey.generate(), payload_of(bundle["statements"][at - 1])))


def logged_from_a_key_for_reviews(made: Made, bundle: Bundle) -> None:
    at = place(made, "manifest", "reader")
    second = load_pem_private_key((made.folder / "second.pem").read_bytes(), None)
    log_again(made, bundle, at, sign(second, payload_of(bundle["statements"][at - 1])))


def root_of_a_stranger(made: Made, bundle: Bundle) -> None:
    log_again(made, bundle, 1, sign(Ed25519PrivateKey.generate(), payload_of(bundle["statements"][0])))


def not_canonical(made: Made, bundle: Bundle) -> None:
    at = place(made, "release")
    log_again(made, bundle, at, sign(made.signer, payload_of(bundle["statements"][at - 1]) + b"\n"))


def kind_of_another(made: Made, bundle: Bundle) -> None:
    at = place(made, "release")
    kinds = {"kind": "manifest", "predicateType": "https://openness-ledger.dev/manifest/v1"}
    log_again(made, bundle, at, sign(made.signer, payload_of(bundle["statements"][at - 1])), **kinds)


def restated(change: Callable[[dict[str, Any]], None]) -> Callable[[Made, Bundle], None]:
    """The attestation says something else, and the right key signs it."""

    def again(made: Made, bundle: Bundle) -> None:
        said = json.loads(payload_of(bundle["attestation"]))
        change(said)
        log_again(made, bundle, 0, sign(made.signer, canonical(said)), subjects=[one["annotations"]["id"] for one in said["subject"]])

    return again


def rename_release(said: dict[str, Any]) -> None:
    said["predicate"]["release"].update(name="writer")
    said["subject"][0]["name"] = "writer@1"


def other_verdicts(said: dict[str, Any]) -> None:
    for verdict in said["predicate"]["verdicts"]:
        verdict["result"] = "pass" if verdict["result"] != "pass" else "fail"


FORGERIES: dict[str, tuple[Callable[[Made, Bundle], None], str]] = {
    "two proofs change places": (swap_proofs, "B4"),
    "two proofs exchange their hashes": (swap_paths, "B3"),
    "a statement and its proof are dropped": (drop_statement_and_proof, "B8"),
    "a statement is dropped, its proof stays": (drop_statement, "B1"),
    "the first key statement is dropped": (drop_key_statement, "B6"),
    "the second key statement is dropped": (drop_second_key_statement, "B6"),
    "a statement twice": (duplicate_statement, "B4"),
    "the checkpoint of another log": (other_checkpoint, "B2"),
    "a proof of another log": (other_proof, "B3"),
    "a statement signed again by a stranger": (resigned_by_a_stranger, "B4"),
    "another index": (another_index, "B3"),
    "another media type": (another_media_type, "B1"),
    "an unknown member": (an_unknown_member, "B1"),
    "a key less in the list": (a_key_less, "B6"),
    "the list of keys in another order": (keys_in_another_order, "B6"),
    "a key twice": (a_key_twice, "B6"),
    "more about a key": (more_about_a_key, "B6"),
    "more in an envelope": (more_in_an_envelope, "B4"),
    "a stranger's statement in the log": (logged_from_a_stranger, "B6"),
    "a manifest by a key for reviews": (logged_from_a_key_for_reviews, "B6"),
    "roots that did not sign": (root_of_a_stranger, "B6"),
    "a payload that is not canonical": (not_canonical, "B5"),
    "a leaf record of another kind": (kind_of_another, "B5"),
    "a subject less": (restated(lambda said: said["subject"].pop()), "B7"),
    "another release name": (restated(lambda said: said["predicate"]["release"].update(version="2")), "B5"),
    "another release name, also as the subject's": (restated(rename_release), "B7"),
    "evidence less": (restated(lambda said: said["predicate"]["statements"].pop(0)), "B8"),
    "evidence of another payload": (
        restated(lambda said: said["predicate"]["statements"][0].update(payload="sha256:" + "0" * 64)),
        "B8",
    ),
    "evaluated later than logged": (restated(lambda said: said["predicate"]["checkpoint"].update(size=8)), "B9"),
    "evaluated in another log": (restated(lambda said: said["predicate"]["checkpoint"].update(origin="example.org/else")), "B9"),
}


def test_both_accept_the_good_bundle(made: Made) -> None:
    assert canonical(made.bundle) == made.data
    assert both(made, made.data) == (None, None)


def test_both_accept_what_the_right_keys_have_logged_and_signed_again(made: Made) -> None:
    bundle = made.copy()
    log_again(made, bundle, 0, sign(made.signer, payload_of(bundle["attestation"])))
    assert both(made, canonical(bundle)) == (None, None)


def test_a_changed_byte_is_refused_by_both(made: Made) -> None:
    chosen = random.Random(11)
    accepted = []
    for _ in range(CHANGES):
        changed = bytearray(made.data)
        at = chosen.randrange(len(changed))
        changed[at] ^= chosen.randrange(1, 256)
        found = both(made, bytes(changed))
        if None in found:
            accepted.append((at, bytes(made.data[at - 10 : at + 10]), found))
    assert accepted == []


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_bundle_fails_the_check_that_the_page_names(made: Made, name: str) -> None:
    forge, check = FORGERIES[name]
    bundle = made.copy()
    forge(made, bundle)
    assert bundle != made.bundle
    product, naive = both(made, canonical(bundle))
    assert (product, naive is not None) == (check, True)


def test_another_verifier_key_is_refused_by_both(made: Made) -> None:
    file = made.folder / "good.json"
    file.write_bytes(made.data)
    other = (made.folder / "other/ledger.toml").read_text().split('log_key = "')[1].split('"')[0]
    assert [check.id for check in verify_bundle_file(file, other).checks if check.result == "fail"] == ["B2"]
    assert [problem[:2] for problem in verify_bundle(made.data, other)] == ["B2"]


def test_statements_in_another_order_are_refused_by_both(made: Made) -> None:
    """Section 8 of the format says `ascending by index`; no check has it by number."""
    bundle = made.copy()
    statements_in_another_order(made, bundle)
    assert None not in both(made, canonical(bundle))


def test_other_verdicts_than_the_evidence_gives_fail_b10(made: Made) -> None:
    """The naive reader does not evaluate profiles."""
    bundle = made.copy()
    restated(other_verdicts)(made, bundle)
    assert both(made, canonical(bundle)) == ("B10", None)
