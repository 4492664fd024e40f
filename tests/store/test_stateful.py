"""Random histories of all that writes, through two handles and at earlier sizes, against a model that is a dict and a list."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

import pytest
from conftest import MOMENT, ORIGIN
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.api import Ledger, LedgerError, make_key
from ledger.clock import FixedClock

KINDS = st.sampled_from(["dataset", "weights", "code", "document"])
NAMES = st.sampled_from(["a", "b", "größe"])
VERSIONS = st.sampled_from(["1", "2"])
CONTENTS = st.sampled_from(["x", "y", "z"])
ROLES = {"dataset": "datasets", "weights": "weights", "code": "training-code", "document": "model-card"}
Place = tuple[str, str, str]


def file_id(content: str) -> str:
    return "file:" + hashlib.sha256(content.encode()).hexdigest()


class Histories(RuleBasedStateMachine):
    """`owners` says what a kind, name and version name now; `said` at which index each description was first logged."""

    @initialize()
    def begin(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.folder = Path(tempfile.mkdtemp())
        self.patch.setenv("XDG_STATE_HOME", str(self.folder / "state-home"))
        self.ledger = Ledger.init(self.folder / "l", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        self.other = Ledger.open(self.folder / "l", clock=FixedClock(MOMENT))
        make_key(self.folder / "second.pem", "ed25519", None)
        self.log = ["key"]
        self.others: dict[str, str] = {}
        self.then: list[tuple[int, dict[Place, str]]] = []
        self.owners: dict[Place, str] = {}
        self.said: dict[tuple[object, ...], int] = {}
        self.releases: dict[str, tuple[str, ...]] = {}
        self.trusted: tuple[tuple[str, ...], int] = ((), 0)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.patch.undo()
            shutil.rmtree(self.folder)

    @property
    def size(self) -> int:
        return len(self.log)

    def path(self, content: str) -> Path:
        path = self.folder / f"{content}.txt"
        path.write_text(content)
        return path

    def logged(self, what: tuple[object, ...], index: int, existing: bool, kind: str = "manifest") -> None:
        """A description is logged once: again it has its first index, else the next one."""
        known = what in self.said
        assert (index, existing) == ((self.said[what], True) if known else (self.size, False))
        self.said.setdefault(what, index)
        self.log += [] if known else [kind]

    @rule(kind=KINDS, name=NAMES, version=VERSIONS, content=CONTENTS)
    def record(self, kind: str, name: str, version: str, content: str) -> None:
        place, own = (kind, name, version), file_id(content)
        if self.owners.get(place, own) != own and (place, own) not in self.said:
            with pytest.raises(LedgerError) as refused:
                self.ledger.record(kind, self.path(content), name=name, version=version)
            assert refused.value.code == "LG0612"
            return
        done = self.ledger.record(kind, self.path(content), name=name, version=version)
        assert done.id == own
        self.logged((place, own), done.index, done.existing)
        self.owners.setdefault(place, own)  # the same description again is answered with its first index, corrected or not

    @precondition(lambda self: self.owners)
    @rule(data=st.data())
    def record_again(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(sorted(self.owners)))
        content = next(text for text in "xyz" if file_id(text) == self.owners[place])
        self.record(*place, content)

    @precondition(lambda self: self.owners)
    @rule(data=st.data(), content=CONTENTS)
    def supersede(self, data: st.DataObject, content: str) -> None:
        place = data.draw(st.sampled_from(sorted(self.owners)))
        before, own = self.owners[place], file_id(content)
        if before == own:
            return
        if any(one[0] == place and own in one for one in self.said):
            return  # going back to what was corrected is not modelled
        done = self.ledger.record(place[0], self.path(content), name=place[1], version=place[2], supersedes="wrong")
        assert done.id == own
        self.logged((place, own, before), done.index, done.existing)
        self.owners[place] = own

    @precondition(lambda self: self.owners)
    @rule(data=st.data(), version=VERSIONS)
    def release(self, data: st.DataObject, version: str) -> None:
        places = data.draw(st.lists(st.sampled_from(sorted(self.owners)), min_size=1, max_size=3, unique_by=lambda place: place[0]))
        wanted = tuple(sorted(f"{place}{self.owners[place]}" for place in places))
        parts = [(ROLES[kind], f"{kind}/{name}@{number}") for kind, name, number in places]
        if self.releases.get(version, wanted) != wanted:
            with pytest.raises(LedgerError) as refused:
                self.ledger.release("r", version, parts)
            assert refused.value.code == "LG0612"
            return
        done = self.ledger.release("r", version, parts)
        self.logged(("release", version, wanted), done.index, done.existing, "release")
        self.releases[version] = wanted

    @rule(content=CONTENTS)
    def record_without_a_version(self, content: str) -> None:
        """Such a name may name anything; the newest entry is meant."""
        done = self.ledger.record("dataset", self.path(content), name="loose")
        self.logged(("loose", content), done.index, done.existing)
        newest = max(((self.said["loose", text], text) for text in "xyz" if ("loose", text) in self.said), key=lambda one: one[0])
        self.others["dataset/loose"] = file_id(newest[1])

    @precondition(lambda self: self.releases)
    @rule(data=st.data())
    def attest(self, data: st.DataObject) -> None:
        version = data.draw(st.sampled_from(sorted(self.releases)))
        done = self.ledger.attest(f"r@{version}", ["redhat-minimum-2025"])
        self.logged(("attestation", version), done.index, done.existing, "attestation")

    @rule(kinds=st.sampled_from([("dataset",), ("release", "review")]))
    def trust(self, kinds: tuple[str, ...]) -> None:
        """What is so already is said once; what was so, and is no more, is said again."""
        done = self.ledger.trust_key(self.folder / "second.pem.pub", kinds)
        if kinds == self.trusted[0]:
            assert (done.index, done.existing) == (self.trusted[1], True)
            return
        self.logged(("key", self.size), done.index, done.existing, "key")
        self.trusted = kinds, done.index

    @rule(version=VERSIONS)
    def pipeline(self, version: str) -> None:
        self.path("x"), self.path("y")
        file = self.folder / "pipeline.yaml"
        parts = (
            f"  - {{kind: weights, name: pw, version: '{version}', path: y.txt, from: {{trained-on: [pd@{version}]}}}}",
            f"  - {{kind: dataset, name: pd, version: '{version}', path: x.txt}}",
        )
        file.write_text("\n".join(["ledger: 1", "artifacts:", *parts, ""]))
        for done in self.ledger.record_file(file):
            self.logged((done.kind, done.name, version), done.index, done.existing)
            self.others[f"{done.kind}/{done.name}@{version}"] = file_id("x" if done.kind == "dataset" else "y")

    @rule()
    def reopen(self) -> None:
        self.ledger = Ledger.open(self.folder / "l", clock=FixedClock(MOMENT))

    @rule()
    def change_hands(self) -> None:
        self.ledger, self.other = self.other, self.ledger

    @precondition(lambda self: self.then)
    @rule(data=st.data())
    def look_back(self, data: st.DataObject) -> None:
        size, owners = data.draw(st.sampled_from(self.then))
        before = Ledger.open(self.folder / "l", at=size)
        assert before.size == size
        assert [entry["kind"] for entry in before.entries(0, 1000)] == self.log[:size]
        assert {
            (row[0], row[1], row[2]) for row in before.query("select kind, name, version from names where version is not null").rows
        } >= set(owners)
        for (kind, name, version), own in owners.items():
            assert before.show(f"{kind}/{name}@{version}")["id"] == own
        with pytest.raises(LedgerError) as refused:
            before.record("dataset", self.path("x"), name="never")
        assert refused.value.code == "LG0704"

    @invariant()
    def it_verifies_and_says_what_the_model_says(self) -> None:
        if not hasattr(self, "ledger"):
            return
        report = self.ledger.verify(deep=True)
        assert [check for check in report.checks if check.result == "fail"] == []
        assert (report.size, self.ledger.size) == (self.size, self.size)
        assert [entry["kind"] for entry in self.ledger.entries(0, 1000)] == self.log
        for (kind, name, version), own in self.owners.items():
            assert self.ledger.show(f"{kind}/{name}@{version}")["id"] == own
        for ref, own in self.others.items():
            assert self.ledger.show(ref)["id"] == own
        self.then.append((self.size, dict(self.owners)))


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=15,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
