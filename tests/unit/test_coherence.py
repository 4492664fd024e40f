"""Statements that do not agree with themselves are not made; the rules themselves are in tests/reference/test_forged_ledgers.py."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.ids import artifact_id
from ledger.log.leaf import parse_leaf
from ledger.signing.keys import generate
from ledger.spec import statement as statements
from ledger.spec.attested import closure
from ledger.spec.key import KeyEvent, Roots
from ledger.spec.manifest import InputEdge, Manifest
from ledger.spec.release import Component, Release
from ledger.spec.vocabulary import ROLES

ROOT = Path(__file__).resolve().parent.parent.parent
HEX = "5f" * 32
TREE, FILE = artifact_id(f"tree:{HEX}"), artifact_id(f"file:{HEX}")
BASE = {"name": "base", "version": "3"}
BASE_ID = artifact_id("ref:" + hashlib.sha256(b'{"name":"base","version":"3"}').hexdigest())


def manifest(*inputs: InputEdge, **changes: object) -> Manifest:
    said = {"kind": "dataset", "name": "figures", "version": "1", "id": TREE, "files": 1, "bytes": 3, "root": HEX, "inputs": inputs}
    return Manifest(**{**said, **changes})  # type: ignore[arg-type]


def part(role: str, name: str, version: str | None = "1", artifact: str = TREE) -> Component:
    return Component(role, artifact_id(artifact), name, version, 1)


def test_what_agrees_is_made() -> None:
    made = manifest(InputEdge("derived-from", TREE, 1), InputEdge("derived-from", BASE_ID, None, BASE)).to_statement()
    assert [(item.name, item.id) for item in made.subjects] == [("figures@1", TREE)]
    assert manifest(version=None).to_statement().subjects[0].name == "figures"
    reference = Component("weights", BASE_ID, "base", "3", None, BASE)
    made = Release("r", "1", (reference, part("datasets", "a"), part("datasets", "b", None), part("tokenizer", "a"))).to_statement()
    assert [(item.name, item.id) for item in made.subjects] == [("base@3", BASE_ID), ("a@1", TREE)]


@pytest.mark.parametrize(
    "made",
    [
        manifest(id=FILE, files=2),
        manifest(id=FILE, include=("*.csv",)),
        manifest(InputEdge("derived-from", TREE)),
        manifest(InputEdge("derived-from", TREE, 1, BASE)),
        manifest(InputEdge("derived-from", BASE_ID, None, {**BASE, "name": "best"})),
        manifest(InputEdge("derived-from", BASE_ID, 1, BASE)),
        Release("r", "1", (part("datasets", "a"), part("weights", "a"))),
        Release("r", "1", (part("datasets", "b"), part("datasets", "a"))),
        Release("r", "1", (part("datasets", "a", "1"), part("datasets", "a", None))),
        Release("r", "1", (part("datasets", "a"), part("datasets", "a"))),
        Release("r", "1", (part("datasets", "a", artifact=f"tree:{HEX}"), part("datasets", "a", artifact=f"file:{HEX}"))),
        Release("r", "1", (Component("weights", BASE_ID, "base", None, None, BASE),)),
        Release("r", "1", (Component("weights", BASE_ID, "base", "3", None),)),
    ],
)
def test_what_does_not_agree_is_not_made(made: Manifest | Release) -> None:
    with pytest.raises(LedgerError) as caught:
        made.to_statement()
    assert caught.value.code == "LG0308"


def test_a_key_is_added_under_its_own_keyid() -> None:
    public = generate().public
    good = KeyEvent("add", public.keyid, "ed25519", public.pem, ("*",), None, Roots(1, (public.pem,)))
    assert good.to_statement().subjects[0].id == f"sha256:{hashlib.sha256(public.der).hexdigest()}"
    for keyid, scheme, pem in (
        (HEX, "ed25519", public.pem),
        (public.keyid, "ed448", public.pem),
        (public.keyid, "ed25519", public.pem.rstrip("\n")),
        (public.keyid, "ed25519", public.pem + "\n"),
        (public.keyid, "ed25519", public.pem.replace("=", "")),
        (public.keyid, "ed25519", "\u00e9"),
        (hashlib.sha256(b"").hexdigest(), "ed25519", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"),
    ):
        with pytest.raises(LedgerError) as caught:
            KeyEvent("add", keyid, scheme, pem).to_statement()
        assert caught.value.code == "LG0308"


def test_the_order_of_roles_is_the_schema_s() -> None:
    schema = json.loads((ROOT / "schemas/release/v1.schema.json").read_text("utf-8"))
    assert schema["properties"]["components"]["items"]["properties"]["role"]["enum"] == list(ROLES)


def subject(**changes: object) -> bytes:
    said = json.loads(manifest().to_statement().payload)
    said["subject"][0].update(changes)
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def test_a_subject_has_one_digest_and_a_typed_id() -> None:
    with pytest.raises(LedgerError) as caught:
        statements.parse(subject(digest={"sha256": HEX, "sha512": "00"}))
    assert caught.value.code == "LG0307"
    for id, found in ((TREE, TREE), (FILE, FILE), (f"heap:{HEX}", f"sha256:{HEX}"), (f"tree:{'00' * 32}", f"sha256:{HEX}")):
        assert statements.parse(subject(annotations={"id": id})).subjects[0].id == found


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"more": 1}, False),
        ({"subjectCount": 1}, False),
        ({"subjectCount": "17"}, False),
        ({"subjects": [TREE] * 16, "subjectCount": 17}, True),
        ({"subjects": [TREE] * 16, "subjectCount": 16}, False),
        ({"subjects": [TREE] * 15, "subjectCount": 17}, False),
        ({"subjects": [TREE] * 17}, False),
    ],
)
def test_a_leaf_record_has_its_members_and_counts_its_subjects(change: dict[str, object], fits: bool) -> None:
    leaf = {"v": 1, "kind": "manifest", "envelope": f"sha256:{HEX}", "payload": f"sha256:{HEX}", "predicateType": "t", "subjects": [TREE]}
    leaf |= {"keyids": [HEX], "time": "2026-11-20T12:00:00Z"} | change
    data = json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()
    if fits:
        assert parse_leaf(data).subject_count == change.get("subjectCount", 1)
    else:
        with pytest.raises(LedgerError) as caught:
            parse_leaf(data)
        assert caught.value.code == "LG0507"


def test_a_lineage_that_turns_back_ends() -> None:
    turned = manifest(InputEdge("derived-from", TREE, 2)).to_statement()
    released = Release("r", "1", (part("datasets", "figures"),)).to_statement()
    assert closure(3, {1: turned, 2: turned, 3: released}.__getitem__) == [1, 2, 3]
