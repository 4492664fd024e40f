"""Bundles over what the right keys have signed and should not have: each fault fails the check that docs/spec/verification.md names."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reference.forging import ATTESTED, CARD, FIGURES, READER, RELEASE, SECOND, TRAINER, Forger, good_ledger
from reference.naive_bundle import verify_bundle
from reference.naive_log import canonical

from ledger._api.attesting import bundle_of
from ledger.api import LedgerError, verify_bundle_file
from ledger.log.proof import TlogProof
from ledger.spec.statement import Subject

OTHER = "tree:" + "5f" * 32
Bundle = dict[str, Any]
Change = Callable[[list[Subject], Any], Any]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return good_ledger(tmp_path_factory.mktemp("forged"))


@pytest.fixture
def forger(good: Path, tmp_path: Path) -> Forger:
    return Forger.copy_of(good, tmp_path)


def bundle(forger: Forger, index: int) -> bytes:
    """The bundle of a logged attestation, whatever it says."""
    return bundle_of(forger.ledger._store, index)


def product(forger: Forger, data: bytes) -> dict[str, str]:
    file = forger.ledger.layout.root.parent / "bundle.json"
    file.write_bytes(data)
    return {check.id: check.detail for check in verify_bundle_file(file, forger.ledger.log_key).checks if check.result == "fail"}


def naive(forger: Forger, data: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in verify_bundle(data, forger.ledger.log_key):
        id = re.match(r"B\d+", problem)
        assert id is not None, problem
        found.setdefault(id[0], problem)
    return found


def test_the_bundle_is_good_before(forger: Forger) -> None:
    data = bundle(forger, ATTESTED)
    assert (product(forger, data), naive(forger, data)) == ({}, {})
    forger.again(FIGURES, lambda subjects, said: None, name="more")
    data = bundle(forger, ATTESTED)
    assert len(json.loads(data)["consistency"]) > 1
    assert (product(forger, data), naive(forger, data)) == ({}, {})


def refused(forger: Forger) -> None:
    """The product does not sign verdicts over such evidence."""
    with pytest.raises(LedgerError) as caught:
        forger.ledger.attest("forged@1")
    assert caught.value.code == "LG0616"


# ---- evidence that does not agree with itself or each other: a release is made of it, and attested ----


def over(change: Change, index: int = FIGURES) -> Callable[[Forger], tuple[int, int]]:
    """A release of a forged manifest: the entry at fault, and its attestation."""

    def forge(forger: Forger) -> tuple[int, int]:
        at = forger.again(index, change, name="forged")
        said = forger.said(at)[1]
        part = {"role": "model-card", "artifact": said["artifact"]["id"], "name": "forged", "version": "1", "index": at}
        made = forger.append("release", [Subject("forged@1", part["artifact"])], {"name": "forged", "version": "1", "components": [part]})
        refused(forger)
        return at, forger.attest(made)

    return forge


def of_release(change: Change) -> Callable[[Forger], tuple[int, int]]:
    def forge(forger: Forger) -> tuple[int, int]:
        at = forger.again(RELEASE, change, name="forged")
        refused(forger)
        return at, forger.attest(at)

    return forge


def of_key(change: Callable[[Any], Any]) -> Callable[[Forger], tuple[int, int]]:
    def forge(forger: Forger) -> tuple[int, int]:
        _, said = forger.said(SECOND)
        said["for"] = ["release"]
        change(said)
        at = forger.append("key", [Subject("ed25519 key", f"sha256:{said['key']['keyid']}")], said)
        forger.again(RELEASE, lambda subjects, said: None, name="forged")
        return at, forger.ledger.attest("forged@1").index

    return forge


def of_attestation(change: Change) -> Callable[[Forger], tuple[int, int]]:
    def forge(forger: Forger) -> tuple[int, int]:
        subjects, said = forger.said(ATTESTED)
        subjects = change(subjects, said) or subjects
        at = forger.append("attestation", subjects, said)
        return at, at

    return forge


def other_component(forger: Forger) -> tuple[int, int]:
    """The trainer is said to be what the manifest of the figures is about."""
    return of_release(lambda subjects, said: said["components"][2].update(index=FIGURES))(forger)


def other_input(forger: Forger) -> tuple[int, int]:
    """Weights whose dataset is said to be at the index of the trainer; everything that they lead to is evidence."""
    at = forger.again(READER, lambda subjects, said: said["from"][0].update(index=TRAINER), name="forged")
    said = forger.said(at)[1]
    part = {"role": "weights", "artifact": said["artifact"]["id"], "name": "forged", "version": "1", "index": at}
    made = forger.append("release", [Subject("forged@1", part["artifact"])], {"name": "forged", "version": "1", "components": [part]})
    refused(forger)
    return at, forger.attest(made)


FAULTS: dict[str, tuple[Callable[[Forger], tuple[int, int]], str]] = {
    "a manifest about another artifact": (over(lambda subjects, said: [Subject("forged@1", OTHER)]), "B5"),
    "a manifest's subject has another name": (over(lambda subjects, said: [Subject("figures@1", subjects[0].id)]), "B5"),
    "a file of two files": (over(lambda subjects, said: said["artifact"].update(files=2), CARD), "B5"),
    "a reference is not that of its descriptor": (over(lambda subjects, said: said["from"][2]["reference"].update(name="b"), READER), "B5"),
    "an input without an index": (over(lambda subjects, said: said["from"][1].pop("index") and None, READER), "B5"),
    "a release's subject has another name": (of_release(lambda s, said: [Subject("reader@2", s[0].id), *s[1:]]), "B5"),
    "a component twice": (of_release(lambda subjects, said: said["components"].insert(0, said["components"][0])), "B5"),
    "a keyid of another key": (of_key(lambda said: said["key"].update(keyid="5f" * 32)), "B5"),
    "a key of another scheme": (of_key(lambda said: said["key"].update(scheme="ed448")), "B5"),
    "an attestation whose first subject has another name": (of_attestation(lambda s, said: [Subject("reader@2", s[0].id), *s[1:]]), "B5"),
    "evidence that was not there yet": (of_attestation(lambda subjects, said: said["checkpoint"].update(size=RELEASE)), "B5"),
    "an attestation with a subject less": (of_attestation(lambda subjects, said: subjects[:-1]), "B7"),
    "an attestation whose other subject has another name": (of_attestation(lambda s, said: [*s[:-1], Subject("card@2", s[-1].id)]), "B7"),
    "about a release of another name": (
        of_attestation(lambda s, said: said["release"].update(name="writer") or [Subject("writer@1", s[0].id), *s[1:]]),
        "B7",
    ),
    "about another release than the one at the index": (
        of_attestation(
            lambda s, said: (
                said["release"].update(id="sha256:" + "5f" * 32),
                said["statements"][-1].update(payload="sha256:" + "5f" * 32),
                [Subject("reader@1", "sha256:" + "5f" * 32), *s[1:]],
            )[-1]
        ),
        "B7",
    ),
    "a component at the index of another": (other_component, "B8"),
    "a component under another version": (
        of_release(lambda s, said: said["components"][0].update(version="2") or [Subject("reader@2", s[0].id), *s[1:]]),
        "B8",
    ),
    "an input at the index of another": (other_input, "B8"),
    "evaluated at a root that never was": (of_attestation(lambda subjects, said: said["checkpoint"].update(root="5f" * 32)), "B9"),
    "evaluated at the root of another size": (of_attestation(lambda subjects, said: said["checkpoint"].update(size=ATTESTED + 1)), "B9"),
    "evaluated at a size to come": (of_attestation(lambda subjects, said: said["checkpoint"].update(size=SECOND + 2)), "B9"),
    "evaluated at a size far to come": (of_attestation(lambda subjects, said: said["checkpoint"].update(size=1 << 40)), "B9"),
    "evaluated in another log": (of_attestation(lambda subjects, said: said["checkpoint"].update(origin="example.org/else")), "B9"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_is_signed_fails_its_check_and_names_the_entry(forger: Forger, name: str) -> None:
    forge, check = FAULTS[name]
    at, attested = forge(forger)
    data = bundle(forger, attested)
    found, second = product(forger, data), naive(forger, data)
    assert (next(iter(found), None), next(iter(second), None)) == (check, check), (found, second)
    assert re.search(rf"\bentry {at}\b", found[check]), found


# ---- what a bundle holds beside, and that its log begins as the one that was evaluated ----


def with_more(forger: Forger, data: bytes, at: int) -> bytes:
    """The bundle with one more entry of the log in it."""
    value, store = json.loads(data), forger.ledger._store
    size = forger.ledger.size
    entry = store.one(at, size)
    proof = TlogProof(at, tuple(store.tree(size).inclusion(at)), value["checkpoint"].encode(), entry.leaf_bytes).to_text()
    indexes = [int(re.findall(r"^index (\d+)$", text, re.MULTILINE)[0]) for text in value["proofs"]]
    place = sum(index < at for index in indexes[1:])
    value["statements"].insert(place, json.loads(store.objects.get(entry.leaf.envelope)))
    value["proofs"].insert(place + 1, proof)
    return canonical(value)


def test_a_statement_that_is_no_evidence_fails_b8_and_does_not_count_on_disk(forger: Forger, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/file").write_text("other")
    done = forger.ledger.record("dataset", tmp_path / "other", name="other")
    data = with_more(forger, bundle(forger, ATTESTED), done.index)
    assert (list(product(forger, data)), list(naive(forger, data))) == (["B8"], ["B8"])
    assert f"entry {done.index}" in product(forger, data)["B8"]
    report = verify_bundle_file(tmp_path / "bundle.json", forger.ledger.log_key, [tmp_path / "other"])
    assert [check.id for check in report.checks if check.result == "fail"] == ["B8", "B11"]


def test_a_key_statement_after_the_attestation_fails_b8(forger: Forger) -> None:
    data = with_more(forger, bundle(forger, ATTESTED), SECOND)
    value = json.loads(data)
    said = forger.said(SECOND)[1]["key"]
    value["keys"] = sorted([*value["keys"], said], key=lambda item: item["keyid"])
    data = canonical(value)
    assert (list(product(forger, data)), list(naive(forger, data))) == (["B8"], ["B8"])


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda value: value.pop("consistency"), "B1"),
        (lambda value: value["consistency"].insert(0, "AAAA"), "B1"),
        (lambda value: value["consistency"].insert(0, "A" * 42 + "B="), "B1"),
        (lambda value: value.update(consistency=""), "B1"),
        (lambda value: value["consistency"].clear(), "B9"),
        (lambda value: value["consistency"].pop(), "B9"),
        (lambda value: value["consistency"].reverse(), "B9"),
        (lambda value: value["consistency"].append(value["consistency"][0]), "B9"),
        (lambda value: value["consistency"].insert(0, base64.b64encode(bytes(32)).decode()), "B9"),
        (lambda value: value["consistency"].__setitem__(0, base64.b64encode(bytes(32)).decode()), "B9"),
    ],
)
def test_a_changed_consistency_proof_is_refused(forger: Forger, change: Callable[[Bundle], Any], check: str) -> None:
    value = json.loads(bundle(forger, ATTESTED))
    change(value)
    data = canonical(value)
    found, second = product(forger, data), naive(forger, data)
    assert (next(iter(found)), next(iter(second))) == (check, check)


@pytest.mark.parametrize("more", [0, 1, 2, 7, 8, 9])
def test_the_proof_holds_at_every_later_size(forger: Forger, more: int) -> None:
    for number in range(more):
        forger.again(FIGURES, lambda subjects, said: None, name=f"more-{number}")
    data = bundle(forger, ATTESTED)
    assert (product(forger, data), naive(forger, data)) == ({}, {})
