"""Attacks on the trail, each by somebody who holds what the attack needs, and the numbered check that refuses it.

An attack's name is what the field calls it. The ledgers are real, the keys of the attacker are real, and where a signature is forged it is
made by the product's own keys: an attacker who cannot sign is refused by much less.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import fill, make_inputs
from reference.forging import ATTESTED, READER, RELEASE, Forger, good_ledger
from serving import policy_file, static, witness_of

from ledger import canon
from ledger._api.attesting import bundle_of
from ledger.api import Ledger, LedgerError, Recorded, follow, make_key, verify_bundle_file, verify_folder
from ledger.log.note import VerifierKey, parse_vkey
from ledger.spec.statement import Subject
from ledger.store import projection

Bundle = dict[str, Any]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return good_ledger(tmp_path_factory.mktemp("attacks"))


@pytest.fixture
def forger(good: Path, tmp_path: Path) -> Forger:
    return Forger.copy_of(good, tmp_path)


def refusals(checks: Any) -> list[str]:
    return [item.id for item in checks if item.result == "fail"]


def check_bundle(forger: Forger, bundle: Bundle | bytes, log_key: str | None = None, **more: Any) -> list[str]:
    """The checks that refuse a bundle."""
    file = forger.ledger.layout.root.parent / "attack.json"
    file.write_bytes(bundle if isinstance(bundle, bytes) else canon.canonical(bundle))
    artifacts = more.pop("artifacts", ())
    report = verify_bundle_file(file, log_key or forger.ledger.log_key, artifacts, **more)
    print([item for item in report.checks if item.result == "fail"])  # shown when a test fails
    return refusals(report.checks)


def opened(forger: Forger, index: int = ATTESTED) -> Bundle:
    found: Bundle = json.loads(bundle_of(forger.ledger._store, index))
    return found


def statement_of(envelope: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"]))
    return found


# --- the log's operator ----------------------------------------------------------------------------


@pytest.fixture
def forked(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Ledger, Ledger]:
    """Two histories of one log, from one prefix: what an operator with two copies of the log's key can make."""
    shutil.copytree(good, tmp_path / "one")
    shutil.copytree(good, tmp_path / "two")
    ledgers = []
    for name, count in (("one", 2), ("two", 3)):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"state of {name}"))
        ledger = Ledger.open(tmp_path / name)
        for number in range(count):
            (tmp_path / "f").write_text(f"{name} {number}")
            ledger.record("document", tmp_path / "f", name=f"{name}-{number}")
        ledger.attest("reader@1", ["mot-2026-05"], out=tmp_path / f"{name}.json")
        ledgers.append(ledger)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "a user"))
    return ledgers[0], ledgers[1]


def test_fork_is_refused_by_whoever_follows_f3(forked: tuple[Ledger, Ledger], tmp_path: Path) -> None:
    one, two = forked
    assert follow(one.layout.root, one.log_key).failed == []
    with static(two.layout.root) as url:
        found = follow(url, two.log_key)
    assert ([item.id for item in found.failed], found.misbehaviour) == (["F3"], "split-view")
    assert found.evidence is not None
    said = json.loads(found.evidence.read_bytes())
    assert (said["seen"], said["shown"]) == (one.layout.checkpoint.read_text(), two.layout.checkpoint.read_text())
    # The evidence proves itself: the second checkpoint's tree begins with another root than the first one's.
    from reference.naive_log import check_consistency, open_checkpoint

    _, old_size, old_root = open_checkpoint(said["seen"].encode(), said["logKey"])
    _, new_size, new_root = open_checkpoint(said["shown"].encode(), said["logKey"])
    prefix = base64.b64decode(said["prefix"])
    check_consistency(old_size, new_size, prefix, new_root, [base64.b64decode(item) for item in said["consistency"]])
    assert prefix != old_root
    assert follow(one.layout.root, one.log_key).failed == [], "the memory is still of the first history"


def test_fork_of_one_size_is_refused_f3(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        shutil.copytree(good, tmp_path / name)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"state of {name}"))
        (tmp_path / "f").write_text(name)
        Ledger.open(tmp_path / name).record("document", tmp_path / "f", name="new")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "a user"))
    key = Ledger.open(good).log_key
    assert follow(tmp_path / "one", key).failed == []
    found = follow(tmp_path / "two", key)
    assert ([item.id for item in found.failed], found.misbehaviour) == (["F3"], "split-view")


def test_fork_is_refused_by_whoever_verifies_a_bundle_b14(forked: tuple[Ledger, Ledger], tmp_path: Path) -> None:
    one, two = forked
    report = verify_bundle_file(tmp_path / "one.json", one.log_key, log=two.layout.root)
    assert refusals(report.checks) == ["B14"]
    assert refusals(verify_bundle_file(tmp_path / "one.json", one.log_key, log=one.layout.root).checks) == []
    follow(one.layout.root, one.log_key)
    shutil.rmtree(tmp_path / "same", ignore_errors=True)
    report = verify_bundle_file(tmp_path / "two.json", two.log_key, log=two.layout.root)
    assert refusals(report.checks) == ["B14"], "this machine has seen the other history"


def test_fork_is_refused_by_a_witness(forked: tuple[Ledger, Ledger], tmp_path: Path) -> None:
    one, two = forked
    witness, (vkey,) = witness_of(tmp_path / "w", "example.org/w", one.log_key)
    one.witnesses.set_policy(policy_file(tmp_path / "policy", {"w": (vkey, None)}, "quorum none\n"))
    one.witnesses.request(tmp_path / "request", 0)
    witness.cosign_file(tmp_path / "request", tmp_path / "answer")
    two.witnesses.request(tmp_path / "request", one.size)
    with pytest.raises(LedgerError, match="422") as caught:
        witness.cosign_file(tmp_path / "request", tmp_path / "answer")
    assert caught.value.code == "LG0513"


def test_rollback_is_refused_f3_and_l3(good: Path, tmp_path: Path) -> None:
    shutil.copytree(good, tmp_path / "l")
    ledger = Ledger.open(tmp_path / "l")
    shutil.copytree(tmp_path / "l", tmp_path / "old")
    (tmp_path / "f").write_text("new")
    ledger.record("document", tmp_path / "f", name="new")
    assert follow(tmp_path / "l", ledger.log_key).failed == []
    found = follow(tmp_path / "old", ledger.log_key)
    assert ([item.id for item in found.failed], found.misbehaviour) == (["F3"], "rollback")
    assert refusals(verify_folder(tmp_path / "old").checks) == ["L3"]
    with pytest.raises(LedgerError) as caught:
        Ledger.open(tmp_path / "old").record("document", tmp_path / "f", name="other")
    assert caught.value.code == "LG0505"


def newest(root: Path, what: str) -> Path:
    """The widest of the partial tiles."""
    return max((root / "log").glob(what), key=lambda path: int(path.name))


@pytest.mark.parametrize("what", ["tile/entries/000.p/*", "tile/0/000.p/*"])
def test_truncation_is_refused_f3_or_f4(good: Path, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(good, tmp_path / "l")
    key = Ledger.open(good).log_key
    path = newest(tmp_path / "l", what)
    path.write_bytes(path.read_bytes()[: -40 if "entries" in what else -32])
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "new"))
    first = follow(tmp_path / "l", key)
    assert [item.id for item in first.failed] == (["F4"] if "entries" in what else [])
    path.unlink()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "known"))
    follow(good, key)
    (tmp_path / "f").write_text("new")
    ledger = Ledger.open(good)
    shutil.copytree(good, tmp_path / "grown")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "the operator's"))
    Ledger.open(tmp_path / "grown").record("document", tmp_path / "f", name="new")
    path = newest(tmp_path / "grown", what)
    path.unlink()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "known"))
    found = follow(tmp_path / "grown", ledger.log_key)
    assert ([item.id for item in found.failed], found.misbehaviour) == (["F4" if "entries" in what else "F3"], "truncation")


# --- the maker or carrier of a bundle --------------------------------------------------------------


@pytest.mark.parametrize(
    ("cut", "check"),
    [
        (lambda b: b["statements"].pop(), "B1"),
        (lambda b: (b["statements"].pop(1), b["proofs"].pop(2)), "B8"),
        (lambda b: (b["statements"].pop(), b["proofs"].pop()), "B7"),
        (lambda b: (b["statements"].pop(0), b["proofs"].pop(1)), "B6"),
        (lambda b: b["proofs"].pop(), "B1"),
        (lambda b: b["keys"].clear(), "B6"),
        (lambda b: b["consistency"].clear(), "B9"),
        (lambda b: b.update(checkpoint=b["checkpoint"].rsplit("\n", 2)[0] + "\n"), "B2"),
    ],
)
def test_truncated_bundle(forger: Forger, cut: Callable[[Bundle], Any], check: str) -> None:
    bundle = opened(forger)
    cut(bundle)
    assert check_bundle(forger, bundle)[:1] == [check]


def test_truncated_bytes_b1(forger: Forger) -> None:
    data = bundle_of(forger.ledger._store, ATTESTED)
    for length in range(0, len(data), max(1, len(data) // 50)):
        assert check_bundle(forger, data[:length]) == ["B1"]


def test_revocation_that_was_left_out_of_the_bundle_b15(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thief of a key makes a bundle as if the revocation had never been logged; the log shows it."""
    shutil.copytree(good, tmp_path / "l")
    make_key(tmp_path / "thief.pem", "ed25519", None)
    ledger = Ledger.open(tmp_path / "l")
    changes = ledger.key_changes()
    changes.trust(tmp_path / "thief.pem.pub")
    keyid = ledger.keys()[-1]["keyid"]
    changes.revoke(keyid, "stolen")
    honest = Forger(Ledger.open(tmp_path / "l"))
    from ledger.signing.files import read_private

    thief = Forger(Ledger.open(tmp_path / "l"))
    thief.key = read_private(tmp_path / "thief.pem")
    # The thief holds the operator's machine too, and logs in spite of the rules.
    monkeypatch.setattr("ledger.store.commit.judge", _lenient)
    index = thief.attest(RELEASE, "reader")
    monkeypatch.undo()
    bundle = opened(Forger(Ledger.open(tmp_path / "l")), index)
    assert check_bundle(honest, bundle) == ["B6"]
    revoked = next(number for number, item in enumerate(bundle["statements"]) if statement_of(item)["predicate"].get("action") == "revoke")
    bundle["statements"].pop(revoked)
    bundle["proofs"].pop(revoked + 1)
    assert check_bundle(honest, bundle) == []
    assert check_bundle(honest, bundle, log=tmp_path / "l") == ["B15"]


def _lenient(trust: Any, index: int, envelope: Any, statement: Any, signers: Any = None) -> Any:
    """Counts every signature that verifies, as the tool of whoever breaks the rules would."""
    facts = projection.judge(trust, index, envelope, statement, signers)
    return [projection.SignatureFact(fact.public, fact.public is not None) for fact in facts]


def test_replayed_key_statement_l7_and_b6(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever can write to the log logs a statement of the roots a second time, to bring back a key that was revoked."""
    shutil.copytree(good, tmp_path / "l")
    make_key(tmp_path / "thief.pem", "ed25519", None)
    ledger = Ledger.open(tmp_path / "l")
    changes = ledger.key_changes()
    trusted = changes.trust(tmp_path / "thief.pem.pub")
    assert isinstance(trusted, Recorded)
    changes.revoke(trusted.name, "stolen")
    changes.export(trusted.index, tmp_path / "replay.json")
    with pytest.raises(LedgerError) as caught:
        changes.submit(tmp_path / "replay.json")
    assert caught.value.code == "LG0416"
    assert refusals(verify_folder(tmp_path / "l", deep=True).checks) == []
    forger = Forger(Ledger.open(tmp_path / "l"))
    old = forger.ledger._store.one(trusted.index, forger.ledger.size)
    monkeypatch.setattr("ledger.store.commit.judge", _lenient)
    forger.ledger._store.append(lambda draft: draft.add_envelope(old.envelope, old.statement), forger.log_key)
    index = forger.attest(RELEASE, "reader")
    monkeypatch.undo()
    known = Ledger.open(tmp_path / "l").keys()
    assert {item["keyid"]: item["status"] for item in known}[trusted.name] == "revoked"
    assert refusals(verify_folder(tmp_path / "l").checks) == ["L7"]
    assert check_bundle(forger, bundle_of(forger.ledger._store, index)) == ["B6"]


def test_back_dated_revocation_changes_nothing_that_was_said_before(good: Path, tmp_path: Path) -> None:
    """Whoever controls the roots cannot make old statements fall: a revocation counts from its own index, whatever it claims."""
    shutil.copytree(good, tmp_path / "l")
    ledger = Ledger.open(tmp_path / "l")
    forger = Forger(ledger)
    subjects, said = forger.said(0)
    said.update(action="revoke", reason="as of 2020-01-01", validUntil="2020-01-01T00:00:00Z", index=0)
    said.pop("roots")
    forger.append("key", subjects, said)
    assert refusals(verify_folder(tmp_path / "l", deep=True).checks) == []
    data = bundle_of(forger.ledger._store, ATTESTED)
    assert check_bundle(forger, data, log=tmp_path / "l") == []
    with pytest.raises(LedgerError) as caught:
        forger.again(1, lambda subjects, said: None, name="late")
    assert caught.value.code == "LG0408"


def test_replayed_attestation_for_another_artifact_b11(forger: Forger, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "weights.bin").write_text("other weights")
    data = bundle_of(forger.ledger._store, ATTESTED)
    assert check_bundle(forger, data, artifacts=[tmp_path / "other"]) == ["B11"]


def test_replayed_attestation_in_another_release_b7(forger: Forger) -> None:
    """The attestation of one release beside the evidence of another: its statements do not say what it says."""
    release = forger.again(RELEASE, lambda subjects, said: None, name="other")
    other = opened(forger, forger.attest(release, "other"))
    bundle = opened(forger)
    other["attestation"], other["proofs"][0] = bundle["attestation"], bundle["proofs"][0]
    assert check_bundle(forger, other) == ["B7"]


def test_swapped_predicate_b4_and_b5(forger: Forger) -> None:
    """Another predicate under the same signature, and another predicate type over the same predicate."""
    bundle = opened(forger)
    said = statement_of(bundle["attestation"])
    said["predicate"]["verdicts"] = []
    bundle["attestation"]["payload"] = base64.b64encode(canon.canonical(said)).decode()
    assert check_bundle(forger, bundle) == ["B4"]
    typed = opened(forger)
    said = statement_of(typed["statements"][1])
    said["predicateType"] = said["predicateType"].replace("manifest", "review")
    typed["statements"][1]["payload"] = base64.b64encode(canon.canonical(said)).decode()
    assert check_bundle(forger, typed) == ["B4"]
    with pytest.raises(LedgerError) as caught:
        forger.append("release", [Subject("x@1", "tree:" + "5f" * 32)], forger.said(1)[1])
    assert caught.value.code == "LG0304"


def test_key_confusion(forger: Forger, tmp_path: Path) -> None:
    """A key of the same name, a key of another type, a keyid that points elsewhere, a cosignature in the log's place."""
    data = bundle_of(forger.ledger._store, ATTESTED)
    key = parse_vkey(forger.ledger.log_key)
    twin = VerifierKey(key.name, bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    assert check_bundle(forger, data, twin.to_text()) == ["B2"]
    for kind in (0x04, 0x06):
        with pytest.raises(LedgerError) as caught:
            check_bundle(forger, data, VerifierKey(key.name, key.public, kind).to_text())
        assert caught.value.code == "LG0501"
    renamed = VerifierKey("example.org/other", key.public)
    assert check_bundle(forger, data, renamed.to_text()) == ["B2"]
    bundle = opened(forger)
    bundle["attestation"]["signatures"][0]["keyid"] = "0" * 64
    assert check_bundle(forger, bundle) == ["B4"]
    witness, (vkey,) = witness_of(tmp_path / "w", forger.ledger.origin, forger.ledger.log_key)
    forger.ledger.witnesses.request(tmp_path / "request", 0)
    witness.cosign_file(tmp_path / "request", tmp_path / "answer")
    bundle = opened(forger)
    text, _, _ = bundle["checkpoint"].rpartition("\n\n")
    note = text + "\n\n" + (tmp_path / "answer").read_text()
    bundle["checkpoint"] = note
    bundle["proofs"] = [proof.replace(opened(forger)["checkpoint"], note) for proof in bundle["proofs"]]
    assert check_bundle(forger, bundle) == ["B2"]
    as_log = parse_vkey(vkey, (0x04,))
    assert check_bundle(forger, bundle, VerifierKey(as_log.name, as_log.public, 0x01).to_text()) == ["B2"]


def test_one_key_as_two_witnesses_is_no_quorum(forger: Forger, tmp_path: Path) -> None:
    _, (vkey,) = witness_of(tmp_path / "w", "example.org/w", forger.ledger.log_key)
    key = parse_vkey(vkey, (0x04,))
    twice = {"a": (vkey, None), "b": (VerifierKey("example.org/v", key.public, 0x04).to_text(), None)}
    policy = policy_file(tmp_path / "policy", twice, "group G 2 a b\nquorum G\n")
    with pytest.raises(LedgerError) as caught:
        check_bundle(forger, bundle_of(forger.ledger._store, ATTESTED), policy=policy)
    assert caught.value.code == "LG0509"


def test_equal_files_under_other_names_b11(forger: Forger, tmp_path: Path) -> None:
    """Digests of files without their names would be the same: the tree's id and root bind the names."""
    data = bundle_of(forger.ledger._store, ATTESTED)
    inputs = make_inputs(tmp_path / "inputs")
    assert check_bundle(forger, data, artifacts=[inputs / "model"]) == []
    (inputs / "model" / "weights.bin").rename(inputs / "model" / "x.tmp")
    (inputs / "model" / "config.json").rename(inputs / "model" / "weights.bin")
    (inputs / "model" / "x.tmp").rename(inputs / "model" / "config.json")
    assert check_bundle(forger, data, artifacts=[inputs / "model"]) == ["B11"]
    before = forger.ledger.verify_artifact("weights/reader@1", make_inputs(tmp_path / "again") / "model")
    after = forger.ledger.verify_artifact("weights/reader@1", inputs / "model")
    assert (before.same, after.same) == (True, False)


def test_file_of_the_digests_of_a_tree_is_not_the_tree_b11(forger: Forger, tmp_path: Path) -> None:
    """A plain file that holds what a tree's id is computed from has the same SHA-256, and another type."""
    inventory = "".join(f"{line}\n" for line in _sha256sums(make_inputs(tmp_path / "inputs") / "model"))
    (tmp_path / "inventory").write_text(inventory)
    data = bundle_of(forger.ledger._store, ATTESTED)
    assert check_bundle(forger, data, artifacts=[tmp_path / "inventory"]) == ["B11"]
    assert forger.ledger._store.one(READER, forger.ledger.size).statement.subjects[0].id.startswith("tree:")


def _sha256sums(folder: Path) -> list[str]:
    import hashlib

    return [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(folder.iterdir())]


def test_two_ledgers_of_one_name_are_not_one(tmp_path: Path) -> None:
    """Origins are names that anybody can take: it is the key that says which log it is."""
    ledgers = []
    for name in ("a", "b"):
        ledger = Ledger.init(tmp_path / name, "example.org/same", insecure_no_passphrase=True)
        ledgers.append(fill(ledger, make_inputs(tmp_path / f"{name}-inputs")))
    ledgers[0].attest("reader@1", ["mot-2026-05"], out=tmp_path / "a.json")
    assert refusals(verify_bundle_file(tmp_path / "a.json", ledgers[1].log_key).checks) == ["B2"]
    found = follow(ledgers[0].layout.root, ledgers[1].log_key)
    assert [item.id for item in found.failed] == ["F1"]
