"""What the right keys have signed and should not have: each fault fails the check that docs/spec/verification.md names, in both readers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reference.forging import ATTESTED, CARD, FIGURES, KEY, READER, RELEASE, SECOND, TRAINER, Forger, descriptor_id, good_ledger
from reference.naive_ledger import verify_ledger

from ledger.api import verify_folder
from ledger.spec.statement import Subject
from ledger.store import foldcheck

OTHER = "tree:" + "5f" * 32
Fault = Callable[[Forger], int]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return good_ledger(tmp_path_factory.mktemp("forged"))


@pytest.fixture
def forger(good: Path, tmp_path: Path) -> Forger:
    return Forger.copy_of(good, tmp_path)


def failing(root: Path) -> dict[str, str]:
    return {check.id: check.detail for check in verify_folder(root, deep=True).checks if check.result == "fail"}


def naive(root: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in verify_ledger(root).problems:
        id = re.match(r"[A-Z]\d+", problem)
        assert id is not None, problem
        found[id[0]] = f"{found.get(id[0], '')} {problem}"
    return found


# ---- statements that do not agree with themselves ----


def renamed(id: str, name: str) -> Callable[[list[Subject], Any], list[Subject]]:
    return lambda subjects, said: [Subject(name, id or subjects[0].id), *subjects[1:]]


def manifest(change: Callable[[list[Subject], Any], Any], index: int = FIGURES) -> Fault:
    """A manifest of its own name with one change."""
    return lambda forger: forger.again(index, change, name="forged")


def artifact(**members: Any) -> Fault:
    return manifest(lambda subjects, said: said["artifact"].update(members), CARD)


def edge(number: int, *gone: str, **members: Any) -> Fault:
    """The weights with one input changed; 0 and 1 are in the log, 2 is a reference."""

    def change(subjects: list[Subject], said: Any) -> None:
        said["from"][number].update(members)
        for name in gone:
            del said["from"][number][name]

    return manifest(change, READER)


def release(change: Callable[[list[Subject], Any], Any]) -> Fault:
    return lambda forger: forger.again(RELEASE, change, name="forged")


def component(number: int, **members: Any) -> Fault:
    return release(lambda subjects, said: said["components"][number].update(members))


def reference_called_otherwise(forger: Forger) -> int:
    def change(subjects: list[Subject], said: Any) -> list[Subject]:
        descriptor = {"name": "base", "version": "3"}
        one = {"role": "weights", "artifact": descriptor_id(descriptor), "name": "best", "version": "3", "reference": descriptor}
        said["components"] = [one, *said["components"]]
        return [Subject("best@3", one["artifact"]), *subjects]

    return forger.again(RELEASE, change, name="forged")


def swapped(subjects: list[Subject], said: Any) -> list[Subject]:
    """Components in another order, with the subjects that this order asks for."""
    said["components"][0], said["components"][1] = said["components"][1], said["components"][0]
    return [subjects[1], subjects[0], *subjects[2:]]


def key(change: Callable[[dict[str, Any]], Any], name: str = "", id: str = "") -> Fault:
    """The second key is trusted for one kind more, with one change; the roots sign it."""

    def forge(forger: Forger) -> int:
        _, said = forger.said(SECOND)
        said["for"] = ["review", "release"]
        change(said)
        own = f"sha256:{said['key']['keyid']}"
        return forger.append("key", [Subject(name or f"{said['key']['scheme']} key", id or own)], said)

    return forge


def rewrapped(pem: str, size: int) -> str:
    """The same key with lines of another length."""
    head, *body, foot = pem.splitlines()
    text = "".join(body)
    return "\n".join([head, *(text[at : at + size] for at in range(0, len(text), size)), foot, ""])


def attestation(change: Callable[[Any], Any], subjects: Callable[[list[Subject]], list[Subject]] = list) -> Fault:
    def forge(forger: Forger) -> int:
        given, said = forger.said(ATTESTED)
        change(said)
        return forger.append("attestation", subjects(given), said)

    return forge


DISAGREEING: dict[str, Fault] = {
    "a manifest's subject is another artifact": manifest(renamed(OTHER, "forged@1")),
    "a manifest's subject is its artifact in another form": manifest(
        lambda s, said: [Subject("forged@1", s[0].id.replace("tree", "file"))]
    ),
    "a manifest's subject has another name": manifest(renamed("", "figures@1")),
    "a manifest's subject has no version": manifest(renamed("", "forged")),
    "a manifest has a second subject": manifest(lambda subjects, said: [*subjects, Subject("more", OTHER)]),
    "a file of two files": artifact(files=2),
    "a file that patterns chose": artifact(include=["*.md"]),
    "a reference is not that of its descriptor": edge(2, reference={"name": "best", "version": "3.0"}),
    "a reference is in another form of its descriptor": edge(2, reference={"name": "base", "version": "3.0", "uri": ""}),
    "a reference with an index": edge(2, index=FIGURES),
    "an input without an index": edge(0, "index"),
    "an input with an index and a descriptor": edge(0, reference={"name": "figures"}),
    "a release's subject is another artifact": release(renamed(OTHER, "reader@1")),
    "a release's subject has another name": release(renamed("", "reader@2")),
    "a release with a subject less": release(lambda subjects, said: subjects[:-1]),
    "a release with a subject more": release(lambda subjects, said: [*subjects, Subject("more", OTHER)]),
    "a release's subjects in another order": release(lambda subjects, said: subjects[::-1]),
    "components in another order": release(swapped),
    "a component twice": release(lambda subjects, said: said["components"].insert(0, said["components"][0])),
    "a component without an index": release(lambda subjects, said: said["components"][0].pop("index") and None),
    "a component is called otherwise than its descriptor": reference_called_otherwise,
    "a keyid of another key": key(lambda said: said["key"].update(keyid="5f" * 32)),
    "a key statement about another key": key(lambda said: None, id="sha256:" + "5f" * 32),
    "a key statement's subject has another name": key(lambda said: None, name="ed448 key"),
    "a key of another scheme": key(lambda said: said["key"].update(scheme="ed448")),
    "a key with lines of another length": key(lambda said: said["key"].update(public=rewrapped(said["key"]["public"], 32))),
    "a key with something before it": key(lambda said: said["key"].update(public="\n" + said["key"]["public"])),
    "a key with carriage returns": key(lambda said: said["key"].update(public=said["key"]["public"].replace("\n", "\r\n"))),
    "a root key with lines of another length": key(
        lambda said: said.update(roots={"threshold": 1, "keys": [rewrapped(said["key"]["public"], 16)]})
    ),
    "an attestation's first subject has another name": attestation(lambda said: None, lambda s: [Subject("reader@2", s[0].id), *s[1:]]),
    "an attestation's first subject is no release": attestation(lambda said: None, lambda s: [s[1], *s[1:]]),
    "an attestation about the release alone": attestation(lambda said: None, lambda s: s[:1]),
    "evidence that does not ascend": attestation(lambda said: said["statements"].reverse()),
    "evidence twice": attestation(lambda said: said["statements"].insert(0, said["statements"][0])),
    "the release is no evidence": attestation(lambda said: said["statements"].pop()),
    "the release is evidence under another payload": attestation(lambda said: said["statements"][-1].update(payload="sha256:" + "5f" * 32)),
    "evidence that was not there yet": attestation(lambda said: said["checkpoint"].update(size=RELEASE)),
    "a leaf record with other keyids": lambda forger: forger.with_leaf(lambda leaf: leaf.update(keyids=["5f" * 32])),
    "a leaf record with other subjects": lambda forger: forger.with_leaf(lambda leaf: leaf.update(subjects=[OTHER])),
    "a leaf record with another predicate type": lambda forger: forger.with_leaf(
        lambda leaf: leaf.update(predicateType="https://openness-ledger.dev/release/v1")
    ),
    "a leaf record with another member": lambda forger: forger.with_leaf(lambda leaf: leaf.update(more=1)),
    "a leaf record that counts its subjects": lambda forger: forger.with_leaf(lambda leaf: leaf.update(subjectCount=1)),
}
# Where the same fault is one between statements too.
ALSO = {
    "an attestation's first subject is no release": {"L6"},
    "an attestation about the release alone": {"L6", "L13"},
    "evidence that does not ascend": {"L6", "L13"},
    "evidence twice": {"L6"},
    "the release is no evidence": {"L6", "L13"},
    "the release is evidence under another payload": {"L6", "L13"},
    "evidence that was not there yet": {"L6", "L13"},
    "an input without an index": {"L6"},
    "a reference with an index": {"L6", "L8"},
    "a file of two files": {"L6", "L8"},
}


def found_by_both(forger: Forger, index: int, checks: set[str]) -> None:
    """The deep verification and the naive reader fail these checks, and each names the entry."""
    root = forger.ledger.layout.root
    product, second = failing(root), naive(root)
    assert set(product) == checks, product
    assert all(re.search(rf"\bentry {index}\b", text) for text in product.values()), product
    # A statement that disagrees with itself ends the naive reader's reading.
    assert set(second) == (checks if "L6" not in checks else {"L6"}), second
    assert all(re.search(rf"\bentry {index}\b", text) for text in second.values()), second


def test_the_ledger_is_good_before(forger: Forger) -> None:
    assert (failing(forger.ledger.layout.root), naive(forger.ledger.layout.root)) == ({}, {})
    index = forger.again(FIGURES, lambda subjects, said: None, name="forged")
    assert index == SECOND + 1
    assert forger.again(RELEASE, lambda subjects, said: None, name="forged") == index + 1
    assert attestation(lambda said: said["tool"].update(version="0"))(forger) == index + 2
    assert forger.tree({b"a": b"1", b"b/c": b"2"}) == index + 3
    assert (failing(forger.ledger.layout.root), naive(forger.ledger.layout.root)) == ({}, {})


@pytest.mark.parametrize("name", DISAGREEING)
def test_a_statement_that_disagrees_with_itself_fails_l6(forger: Forger, name: str) -> None:
    index = DISAGREEING[name](forger)
    assert index == SECOND + 1
    found_by_both(forger, index, ALSO.get(name, {"L6"}))


# ---- statements that do not agree with each other ----


def correction(id: str, **names: str) -> Fault:
    """Something else under a name, as a correction of an id."""

    def forge(forger: Forger) -> int:
        forger.tree({b"a": b"1"})
        subjects, said = forger.said(SECOND + 1)
        del said["version"]
        said.update(names, supersedes={"id": id, "reason": "forged"})
        return forger.append("manifest", [Subject("@".join(names.values()), subjects[0].id)], said)

    return forge


def correction_of_an_older_one(forger: Forger) -> int:
    """Figures are corrected twice, and the second correction names what the first one has replaced already."""
    first = forger.said(FIGURES)[0][0].id
    forger.tree({b"a": b"1"})
    subjects, said = forger.said(SECOND + 1)
    for reason in ("once", "twice"):
        said.update(name="figures", supersedes={"id": first, "reason": reason})
        index = forger.append("manifest", [Subject("figures@1", subjects[0].id)], said)
    return index


def correction_of_a_release(forger: Forger) -> int:
    forger.again(RELEASE, lambda subjects, said: None, name="other")
    other = "sha256:" + forger.ledger._store.one(SECOND + 1, forger.ledger.size).leaf.payload[7:]
    return forger.again(RELEASE, lambda subjects, said: said.update(supersedes={"id": other, "reason": "forged"}))


def another_id_under_a_name(forger: Forger) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledger.store.commit.check_name_free", lambda index, statement: None)
        return forger.again(TRAINER, lambda subjects, said: said.update(kind="dataset"), name="figures", version="1")


def second_naming(forger: Forger) -> int:
    """The dataset is described again; weights then name the second description as their input."""
    again = forger.again(FIGURES, lambda subjects, said: said.update(fields={"more": 1}))
    return forger.again(READER, lambda subjects, said: said["from"][0].update(index=again), name="forged")


def another_manifest(index: int, **members: Any) -> Fault:
    """The artifact of an entry again, under another name and with other figures."""
    return manifest(lambda subjects, said: said["artifact"].update(members), index)


BETWEEN: dict[str, tuple[Fault, set[str]]] = {
    "a correction of an id that was never there": (correction(OTHER, name="figures", version="1"), {"L8"}),
    "a correction of what never had the name": (correction(OTHER, name="nothing", version="1"), {"L8"}),
    "a correction of what never had the version": (correction(OTHER, name="figures", version="2"), {"L8"}),
    "a correction of what never was without a version": (correction(OTHER, name="figures"), {"L8"}),
    "a correction of what was corrected already": (correction_of_an_older_one, {"L8"}),
    "a correction of another release": (correction_of_a_release, {"L8"}),
    "another id under a name": (another_id_under_a_name, {"L8"}),
    "an input at the index of another": (edge(0, index=TRAINER), {"L8"}),
    "an input at the index of a release": (edge(0, index=RELEASE), {"L8"}),
    "an input at an index to come": (edge(0, index=SECOND + 1), {"L8"}),
    "an input that nobody recorded": (edge(0, input=OTHER), {"L8"}),
    "an input at its second description": (second_naming, {"L8"}),
    "a component at the index of another": (component(0, index=TRAINER), {"L8"}),
    "a component under another version": (
        release(lambda subjects, said: said["components"][0].update(version="2") or [Subject("reader@2", subjects[0].id), *subjects[1:]]),
        {"L8"},
    ),
    "a second manifest of a file states other bytes": (another_manifest(CARD, bytes=1), {"L8"}),
    "a second manifest of a tree states other bytes": (another_manifest(FIGURES, bytes=1), {"L8", "L10"}),
    "a second manifest of a tree states other files": (another_manifest(FIGURES, files=2), {"L8", "L10"}),
    "a second manifest of a tree states another root": (another_manifest(FIGURES, root="5f" * 32), {"L8", "L10"}),
    "a new tree with other bytes": (lambda forger: forger.tree({b"a": b"1", b"b": b"2"}, bytes=3), {"L10"}),
    "a new tree with other files": (lambda forger: forger.tree({b"a": b"1", b"b": b"2"}, files=3), {"L10"}),
    "a new tree with another root": (lambda forger: forger.tree({b"a": b"1", b"b": b"2"}, root="5f" * 32), {"L10"}),
    "evaluated at a root that never was": (attestation(lambda said: said["checkpoint"].update(root="5f" * 32)), {"L13"}),
    "evaluated at the root of another size": (attestation(lambda said: said["checkpoint"].update(size=ATTESTED + 1)), {"L13"}),
    "evaluated at a size to come": (attestation(lambda said: said["checkpoint"].update(size=SECOND + 2)), {"L13"}),
    "evaluated at a size far to come": (attestation(lambda said: said["checkpoint"].update(size=1 << 40)), {"L13"}),
    "evaluated in another log": (attestation(lambda said: said["checkpoint"].update(origin="example.org/else")), {"L13"}),
    "about a release of another name": (
        attestation(lambda said: said["release"].update(name="writer"), lambda s: [Subject("writer@1", s[0].id), *s[1:]]),
        {"L13"},
    ),
    "about what is no release": (
        attestation(lambda said: (said["release"].update(index=CARD), said["statements"][-2].update(payload=said["release"]["id"]))),
        {"L13"},
    ),
    "an attestation with a subject less": (attestation(lambda said: None, lambda s: s[:-1]), {"L13"}),
    "an attestation whose subject has another name": (
        attestation(lambda said: None, lambda s: [s[0], Subject("reader@2", s[1].id), *s[2:]]),
        {"L13"},
    ),
    "evidence less": (attestation(lambda said: said["statements"].pop(0)), {"L13"}),
    "evidence more": (attestation(lambda said: said["statements"].insert(0, {"index": KEY, "payload": "sha256:" + "5f" * 32})), {"L13"}),
    "evidence of another payload": (attestation(lambda said: said["statements"][0].update(payload="sha256:" + "5f" * 32)), {"L13"}),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_statements_that_disagree_with_each_other_or_the_rows(forger: Forger, name: str) -> None:
    forge, checks = BETWEEN[name]
    found_by_both(forger, forge(forger), checks)


@pytest.mark.parametrize(
    ("files", "sizes"),
    [
        ({b"b": b"1", b"a": b"2"}, (1, 1)),
        ({b"a\n" + b"5f" * 32 + b"  b": b"1"}, (1,)),
        ({b"a/../b": b"1"}, (1,)),
        ({b"a": b"1", b"b": b"2"}, (3, -1)),
    ],
    ids=["out of order", "a line feed in a path", "a path that climbs", "a size below nothing"],
)
def test_rows_that_are_no_inventory_fail_l10_and_the_segment_is_named(forger: Forger, files: dict[bytes, bytes], sizes: Any) -> None:
    index = forger.tree(files, sizes)
    root = forger.ledger.layout.root
    product, second = failing(root), naive(root)
    assert (set(product), set(second)) == ({"L10"}, {"L10"}), (product, second)
    assert f"tables/files/{index}-{index + 1}." in product["L10"]


def test_a_statement_that_only_disagrees_with_itself_ends_nothing(forger: Forger) -> None:
    first = DISAGREEING["a manifest's subject has another name"](forger)
    last = BETWEEN["an input at the index of another"][0](changed_names(forger))
    product = failing(forger.ledger.layout.root)
    assert set(product) == {"L6", "L8"}
    assert (f"entry {first}" in product["L6"], f"entry {last}" in product["L8"]) == (True, True)


def changed_names(forger: Forger) -> Forger:
    """The same forger, whose next statements have names of their own."""
    again = forger.again
    forger.again = lambda index, change, **names: again(index, change, **{**names, "name": "other"})  # type: ignore[method-assign]
    return forger


def test_an_entry_that_cannot_be_read_ends_the_checks_behind_it(forger: Forger) -> None:
    root = forger.ledger.layout.root
    envelope = forger.ledger._store.one(TRAINER, forger.ledger.size).leaf.envelope[7:]
    path = next(root.rglob(envelope))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    results = {check.id: check.result for check in verify_folder(root, deep=True).checks}
    assert [id for id, result in results.items() if result == "fail"] == ["L5", "L6"]
    assert [id for id, result in results.items() if result == "not_checked"] == ["L7", "L8", "L10", "L12", "L13", "L14"]


def test_without_a_first_entry_the_roots_are_not_checked(forger: Forger) -> None:
    root = forger.ledger.layout.root
    envelope = forger.ledger._store.one(KEY, forger.ledger.size).leaf.envelope[7:]
    next(root.rglob(envelope)).unlink()
    results = {check.id: check.result for check in verify_folder(root).checks}
    assert (results["L1"], results["L6"]) == ("not_checked", "fail")


def test_statements_are_read_again_when_too_many_to_keep(forger: Forger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foldcheck, "KEPT_STATEMENTS", 1)
    assert failing(forger.ledger.layout.root) == {}
