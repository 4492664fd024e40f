"""What somebody who holds the log's key and a trusted signing key could sign past `ledger record`: ledgers with one fault in them."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import MOMENT, ORIGIN, fill, make_inputs

from ledger._api import attesting
from ledger.api import Ledger, make_key
from ledger.attest import attestation
from ledger.clock import FixedClock
from ledger.frameworks import load_profile
from ledger.log.leaf import Leaf, make_leaf
from ledger.spec.statement import Subject, build
from ledger.store import commit
from ledger.store.segments import file_table

Said = dict[str, Any]
# Entries of the good ledger: a key, figures, their trainer, weights, a card, the release, its attestation, a second key.
KEY, FIGURES, TRAINER, READER, CARD, RELEASE, ATTESTED, SECOND = range(8)


def good_ledger(folder: Path) -> Path:
    """A ledger in which nothing is wrong."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        ledger = Ledger.init(folder / "l", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        fill(ledger, make_inputs(folder / "in"))
        ledger.attest("reader@1")
        make_key(folder / "second.pem", "ed25519", None)
        ledger.trust_key(folder / "second.pem.pub", ["review"])
    return folder / "l"


class Forger:
    """A ledger with the right to sign anything into it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.key, self.log_key = ledger._signing_key(), ledger._log_key()

    @classmethod
    def copy_of(cls, good: Path, folder: Path) -> Forger:
        """A forger of a copy; what this machine remembers of the log is each test's own."""
        shutil.copytree(good, folder / "l")
        return cls(Ledger.open(folder / "l", clock=FixedClock(MOMENT)))

    def said(self, index: int) -> tuple[list[Subject], Said]:
        """Subjects and predicate of an entry, to be changed."""
        statement = self.ledger._store.one(index, self.ledger.size).statement
        return list(statement.subjects), json.loads(statement.payload)["predicate"]

    def append(self, kind: str, subjects: Sequence[Subject], said: Said, files: Any = None) -> int:
        """Sign and log a statement; nothing is asked but whether it fits its schema."""
        if kind == "key" and "after" not in said:
            known = self.ledger._index().trust.keys.get(said["key"]["keyid"])
            said = said | ({"after": known.last} if known else {})
        statement = build(kind, subjects, said)
        index: int = self.ledger._store.append(lambda draft: draft.add(statement, [self.key], (), files).index, self.log_key)
        return index

    def again(self, index: int, change: Callable[[list[Subject], Said], Any], **names: str) -> int:
        """Log the statement of an entry once more, with other names and one change."""
        kind = self.ledger._store.one(index, self.ledger.size).statement.kind
        subjects, said = self.said(index)
        said.update(names)
        if kind == "manifest":
            subjects[0] = Subject("@".join([said["name"], *([said["version"]] if "version" in said else [])]), subjects[0].id)
        subjects = change(subjects, said) or subjects
        return self.append(kind, subjects, said)

    def attest(self, index: int, name: str = "forged") -> int:
        """What `ledger attest` would say of a release, without its refusals."""
        store, size = self.ledger._store, self.ledger.size
        evidence, profiles = attesting.gather(store, index, size), [load_profile("redhat-minimum-2025")]
        texts = attesting.identified(store, evidence)
        said = attestation.predicate(index, evidence, self.ledger.checkpoint, profiles, texts)
        release = store.one(index, size).statement
        return self.append("attestation", [Subject(f"{name}@1", release.payload_id), *release.subjects], said)

    def with_leaf(self, change: Callable[[dict[str, Any]], None]) -> int:
        """Log a manifest under a leaf record that says something else."""

        class Forged(Leaf):
            def to_bytes(self) -> bytes:
                value = json.loads(super().to_bytes())
                change(value)
                return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

        def forged(**members: Any) -> Leaf:
            leaf = make_leaf(**members)
            own = Forged(**{name: getattr(leaf, name) for name in Leaf.__slots__})
            # Rows are made of the record's own words.
            return replace(own, predicate_type=json.loads(own.to_bytes())["predicateType"])

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(commit, "make_leaf", forged)
            return self.again(1, lambda subjects, said: None, name="leaf")

    def tree(self, content: dict[bytes, bytes], sizes: Sequence[int] = (), **changes: Any) -> int:
        """Log a dataset of the files, in the order given, with other figures than it has."""
        digests = [hashlib.sha256(data).digest() for data in content.values()]
        lines = [digest.hex().encode() + b"  " + path for path, digest in zip(content, digests, strict=True)]
        id = "tree:" + hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
        counted = list(sizes) or [len(data) for data in content.values()]
        artifact = {"id": id, "files": len(content), "bytes": sum(counted), "root": merkle_root(lines)} | changes
        said = {**self.said(1)[1], "name": "heap", "artifact": artifact}

        def rows(number: int, idx: int) -> Any:
            import pyarrow as pa

            return file_table(number, idx, list(content), b"".join(digests), pa.array(counted, pa.int64()).buffers()[1])

        return self.append("manifest", [Subject("heap@1", id)], said, rows)


def merkle_root(lines: Sequence[bytes]) -> str:
    """RFC 6962, section 2.1, over at most two leaves."""
    leaves = [hashlib.sha256(b"\0" + line).digest() for line in lines]
    return (leaves[0] if len(leaves) == 1 else hashlib.sha256(b"\1" + leaves[0] + leaves[1]).digest()).hex()


def descriptor_id(descriptor: dict[str, str]) -> str:
    """The id of a reference; these descriptors hold nothing but ASCII."""
    text = json.dumps(descriptor, sort_keys=True, separators=(",", ":"))
    return "ref:" + hashlib.sha256(text.encode()).hexdigest()
