"""Keys over time: thresholds of roots, kinds and names, retiring, revoking, proposals in files, and countersignatures."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from conftest import MOMENT, ORIGIN
from reference.naive_ledger import verify_ledger as naive_verify

from ledger.api import KeySources, Ledger, LedgerError, RootSources, make_key
from ledger.clock import FixedClock


def refused(code: str, call: object, *args: object, **more: object) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        call(*args, **more)  # type: ignore[operator]
    assert caught.value.code == code, caught.value
    return caught.value


def key(folder: Path, name: str, scheme: str = "ed25519") -> Path:
    make_key(folder / f"{name}.pem", scheme, None)
    return folder / f"{name}.pem"


def pub(path: Path) -> Path:
    return path.with_name(path.name + ".pub")


def opened(ledger: Ledger, signing: Path | None = None) -> Ledger:
    return Ledger.open(ledger.layout.root, keys=KeySources(signing), clock=FixedClock(MOMENT))


def sound(ledger: Ledger) -> None:
    """The product and the second implementation find nothing wrong."""
    report = opened(ledger).verify(deep=True)
    assert [(item.id, item.detail) for item in report.checks if item.result == "fail"] == []
    assert naive_verify(ledger.layout.root).problems == []


def status_of(ledger: Ledger, path: Path) -> dict:
    known = opened(ledger).keys()
    return next(item for item in known if item["keyid"] == _keyid(path))


def _keyid(path: Path) -> str:
    body = "".join(pub(path).read_text().splitlines()[1:-1])
    return hashlib.sha256(base64.b64decode(body)).hexdigest()


@pytest.fixture
def two_of_three(tmp_path: Path) -> tuple[Ledger, list[Path]]:
    roots = [key(tmp_path, f"root{number}", scheme) for number, scheme in enumerate(["ed25519", "ecdsa-sha2-nistp256", "ml-dsa-65"])]
    made = Ledger.create(
        tmp_path / "ledger",
        ORIGIN,
        insecure_no_passphrase=True,
        roots=RootSources((roots[0], roots[1]), (pub(roots[2]),), 2),
        clock=FixedClock(MOMENT),
    )
    return Ledger.open(made.dir, clock=FixedClock(MOMENT)), roots


def test_a_threshold_of_roots(two_of_three: tuple[Ledger, list[Path]], tmp_path: Path, inputs: Path) -> None:
    ledger, roots = two_of_three
    sound(ledger)
    alice = key(tmp_path, "alice")
    refused("LG0415", opened(ledger).key_changes().trust, pub(alice))
    refused("LG0415", opened(ledger, roots[0]).key_changes().trust, pub(alice))
    refused("LG0415", opened(ledger, roots[0]).key_changes([roots[0]]).trust, pub(alice))
    done = opened(ledger, roots[2]).key_changes([roots[0]]).trust(pub(alice), ["dataset"], ["granite-*", "figures"])
    assert done.index == 1
    data, code = inputs / "data", inputs / "code"
    opened(ledger, alice).record("dataset", data, name="granite-skills")
    opened(ledger, alice).record("dataset", data, name="figures")
    refused("LG0408", opened(ledger, alice).record, "dataset", data, name="granit")
    refused("LG0408", opened(ledger, alice).record, "dataset", data, name="figures2")
    refused("LG0408", opened(ledger, alice).record, "code", code, name="granite-code")
    sound(ledger)


def test_a_proposal_goes_from_hand_to_hand(two_of_three: tuple[Ledger, list[Path]], tmp_path: Path) -> None:
    ledger, roots = two_of_three
    alice, paper = key(tmp_path, "alice"), tmp_path / "proposal.json"
    first = opened(ledger, roots[0]).key_changes().trust(pub(alice), out=paper)
    assert (len(first.signers), first.missing, opened(ledger).size) == (1, 1, 1)
    refused("LG0415", opened(ledger).key_changes().submit, paper)
    refused("LG0416", opened(ledger, roots[0]).key_changes().sign, paper)
    second = opened(ledger, roots[2]).key_changes().sign(paper)
    assert (len(second.signers), second.missing) == (2, 0)
    assert "trust the ed25519 key" in second.says
    opened(ledger).key_changes().submit(paper)
    assert status_of(ledger, alice)["status"] == "trusted"
    sound(ledger)


def test_a_proposal_that_was_changed_or_is_by_strangers(two_of_three: tuple[Ledger, list[Path]], tmp_path: Path) -> None:
    ledger, roots = two_of_three
    alice, paper = key(tmp_path, "alice"), tmp_path / "proposal.json"
    opened(ledger, roots[0]).key_changes([roots[1]]).trust(pub(alice), ["dataset"], out=paper)
    said = json.loads(paper.read_text())
    for name, change in {
        "payload": lambda value: value.update(payload=value["payload"][:-8] + "AAAA" + value["payload"][-4:]),
        "twice": lambda value: value["signatures"].__setitem__(1, value["signatures"][0]),
        "one": lambda value: value["signatures"].pop(),
        "swapped": lambda value: value["signatures"][0].update(sig=value["signatures"][1]["sig"]),
    }.items():
        value = json.loads(json.dumps(said))
        change(value)
        (tmp_path / name).write_text(json.dumps(value))
        with pytest.raises(LedgerError) as caught:
            opened(ledger).key_changes().submit(tmp_path / name)
        assert caught.value.code in {"LG0415", "LG0406", "LG0307", "LG0101", "LG0102", "LG0304", "LG0308"}, name
    said["signatures"].append({"keyid": "", "sig": "AAAA"})
    paper.write_text(json.dumps(said))
    refused("LG0417", opened(ledger).key_changes().submit, paper)
    assert opened(ledger).size == 1


def test_retired_revoked_and_trusted_again(filled: Ledger, inputs: Path, tmp_path: Path) -> None:
    alice = key(tmp_path, "alice")
    changes = opened(filled).key_changes()
    trusted = changes.trust(pub(alice), ["dataset"])
    assert changes.trust(pub(alice), ["dataset"]).existing
    early = opened(filled, alice).record("dataset", inputs / "model", name="early")
    keyid = _keyid(alice)
    retired = changes.retire(keyid[:8])
    refused("LG0416", changes.retire, keyid)
    refused("LG0416", changes.revoke, keyid, "again")
    refused("LG0408", opened(filled, alice).record, "dataset", inputs / "code", name="late")
    assert status_of(filled, alice) | {"status": "retired", "first": trusted.index, "end": retired.index} == status_of(filled, alice)
    again = changes.trust(pub(alice), ["dataset"])
    assert (again.existing, again.index) == (False, retired.index + 1)
    opened(filled, alice).record("dataset", inputs / "code", name="late")
    refused("LG1201", changes.revoke, keyid, " ")
    changes.revoke("sha256:" + keyid, "the laptop was stolen")
    refused("LG0408", opened(filled, alice).record, "dataset", inputs / "CARD.md", name="later")
    assert opened(filled, alice).record("dataset", inputs / "model", name="early").index == early.index
    sound(filled)


def test_keys_that_are_not_there(filled: Ledger) -> None:
    changes = opened(filled).key_changes()
    for text in ("", "1234", "00000000", "nonsense!", "sha256:"):
        refused("LG0901", changes.retire, text)


def test_names_that_are_none(filled: Ledger, tmp_path: Path) -> None:
    alice = key(tmp_path, "alice")
    for names in (["a*b"], ["**"], ["a b "], [""], ["x" * 202]):
        with pytest.raises(LedgerError) as caught:
            opened(filled).key_changes().trust(pub(alice), names=names)
        assert caught.value.code in {"LG0306", "LG0304"}, names
    opened(filled).key_changes().trust(pub(alice), names=["*"])


def test_a_countersignature(filled: Ledger, inputs: Path, tmp_path: Path) -> None:
    alice = key(tmp_path, "alice", "ecdsa-sha2-nistp384")
    opened(filled).key_changes().trust(pub(alice))
    done = opened(filled, alice).key_changes().countersign(1)
    assert (done.index, done.existing) == (7, False)
    entry = opened(filled)._store.one(7, 8)
    assert len(entry.envelope.signatures) == 2
    assert entry.statement.payload_id == opened(filled)._store.one(1, 8).statement.payload_id
    assert opened(filled, alice).key_changes().countersign(7).existing
    paper = tmp_path / "entry.json"
    opened(filled).key_changes().export(2, paper)
    opened(filled, alice).key_changes().sign(paper)
    assert opened(filled).key_changes().submit(paper).index == 8
    assert opened(filled).key_changes().submit(paper).existing
    refused("LG0704", opened(filled).key_changes().countersign, 99)
    sound(filled)


def test_a_new_statement_is_not_submitted(filled: Ledger, tmp_path: Path) -> None:
    other = Ledger.init(tmp_path / "other", "example.org/other", insecure_no_passphrase=True)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x").write_text("x")
    other.record("dataset", tmp_path / "d", name="theirs")
    other.key_changes().export(1, tmp_path / "theirs.json")
    refused("LG0416", opened(filled).key_changes().submit, tmp_path / "theirs.json")


@pytest.mark.parametrize(("private", "public", "threshold"), [(1, 0, 2), (1, 1, 2), (0, 2, 1), (2, 0, 0), (1, 1, 3)])
def test_roots_that_cannot_be(tmp_path: Path, private: int, public: int, threshold: int) -> None:
    roots = [key(tmp_path, f"root{number}") for number in range(private + public)]
    sources = RootSources(tuple(roots[:private]), tuple(map(pub, roots[private:])), threshold)
    refused("LG0415", Ledger.create, tmp_path / "ledger", ORIGIN, insecure_no_passphrase=True, roots=sources)
    assert not (tmp_path / "ledger").exists()


def test_the_same_root_twice_counts_once(tmp_path: Path) -> None:
    root = key(tmp_path, "root")
    sources = RootSources((root, root), (pub(root),), 2)
    refused("LG0415", Ledger.create, tmp_path / "ledger", ORIGIN, insecure_no_passphrase=True, roots=sources)
