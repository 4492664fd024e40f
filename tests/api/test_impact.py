"""`impact`: together the same as release by release, withdrawn and relicensed, with the way, and what something brings along."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from api.test_licenses import MIT, refused, tree, tuned  # noqa: F401  # the fixture is used by its name
from conftest import MOMENT, ORIGIN

from ledger._api import licensing
from ledger._api.attesting import gather, identified
from ledger._api.license_answers import judged, relicensed
from ledger._api.reviewing import concluded_license, waivers
from ledger.api import Ledger
from ledger.attest.attestation import verdicts
from ledger.attest.evidence import release_facts
from ledger.clock import FixedClock
from ledger.frameworks import evaluate, load_profile, profile_ids
from ledger.ids import ArtifactId, object_id_of, reference_id
from ledger.licenses.actor import Actor
from ledger.spec.evidence import DatasetFact
from ledger.spec.manifest import DeclaredLicense, DetectedLicense, InputEdge, Manifest
from ledger.spec.names import display
from ledger.spec.release import Component, Release
from ledger.spec.review import Review
from ledger.spec.statement import Subject
from ledger.spec.vocabulary import NOASSERTION

LICENSES = ("MIT", "Apache-2.0", "GPL-3.0-only", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "LicenseRef-Llama-3.1", "LicenseRef-Gemma")
SUPPOSED = (*LICENSES, "MIT OR LicenseRef-Llama-3.1", "CC0-1.0", "NOASSERTION")
KINDS = ("dataset", "dataset", "weights", "weights", "code", "document")
TO_WEIGHTS = ("trained-on", "fine-tuned-from", "merged-from", "distilled-from", "adapter-of", "derived-from", "tokenized-with")
TO_OTHERS = ("derived-from", "subset-of", "combined-from", "generated-by", "built-by")
ROLES = ("weights", "datasets", "inference-code", "training-code", "intermediate-weights", "tokenizer", "model-card")
TEXTS = (MIT.encode(), MIT.replace("without restriction", "for research only").encode(), b"see https://example.org\n")


class Random:
    """A ledger of things made from each other at random: several manifests of the same bytes, references, texts, reviews, releases."""

    def __init__(self, folder: Path, seed: int, *, waive: bool = False) -> None:
        self.rng = random.Random(seed)
        self.ledger = Ledger.init(folder, ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        self.key = self.ledger._signing_key()
        self.made: list[tuple[str, str, str, int | None, dict[str, str] | None]] = []
        self.ledger._store.append(self._fill, self.ledger._log_key())
        if waive:
            self._waive()

    def _fill(self, draft) -> None:
        for number in range(self.rng.randint(8, 18)):
            self._reference(number) if self.rng.random() < 0.15 else self._artifact(draft, number)
        for number in range(self.rng.randint(1, 5)):
            self._release(draft, number)
        for _ in range(self.rng.choice((0, 0, 1, 3))):
            self._review(draft)

    def _reference(self, number: int) -> None:
        descriptor = {"name": f"thing{number}", "version": "1"}
        if self.rng.random() < 0.5:
            descriptor["uri"] = f"https://example.org/{number}"
        self.made.append((self.rng.choice(KINDS), descriptor["name"], str(reference_id(descriptor)), None, descriptor))

    def _artifact(self, draft, number: int) -> None:
        rng = self.rng
        kind, form = rng.choice(KINDS), rng.choice(("file", "tree"))
        digest = hashlib.sha256(b"%d" % number).hexdigest()
        name = rng.choice(("thing", "Llama-thing")) + str(number)
        relations = TO_WEIGHTS if kind == "weights" else TO_OTHERS
        inputs = []
        for _, _, id, index, descriptor in rng.sample(self.made, min(len(self.made), rng.choice((0, 1, 2, 3)))):
            inputs += [InputEdge(one, ArtifactId(id), index, descriptor) for one in rng.sample(relations, rng.choice((1, 1, 1, 2)))]
        texts = [DetectedLicense("LICENSE", str(object_id_of(text)), "file") for text in TEXTS if rng.random() < 0.12]
        data = {name: True for name in ("synthetic",) if rng.random() < 0.1}
        first = True
        for _ in range(rng.choice((1, 1, 2))):
            said = [DeclaredLicense(text, text, "argument") for text in rng.sample(LICENSES, rng.choice((0, 1, 1, 2)))]
            if rng.random() < 0.1:
                said = [DeclaredLicense("openrail", NOASSERTION, "argument")]
            manifest = Manifest(
                kind,
                name,
                "1",
                ArtifactId(f"{form}:{digest}"),
                1,
                10,
                digest,
                tuple(said),
                tuple(texts[:1]),
                inputs=tuple(inputs),
                data=data,
            )
            index = draft.add(manifest.to_statement(), [self.key], TEXTS).index
            if first or rng.random() < 0.5:
                self.made = [item for item in self.made if item[1] != name] + [(kind, name, f"{form}:{digest}", index, None)]
            first = False

    def _release(self, draft, number: int) -> None:
        rng = self.rng
        rows = {}
        for kind, name, id, index, descriptor in rng.sample(self.made, min(len(self.made), rng.choice((1, 2, 3, 5)))):
            role = "weights" if kind == "weights" else "license-text" if rng.random() < 0.1 else rng.choice(ROLES)
            stated = rng.choice((None, None, None, "gated", "claimed", "absent", "obtainable", "partial"))
            rows[role, name] = Component(role, ArtifactId(id), name, "1", index, descriptor, stated)
        from ledger.spec.vocabulary import ROLES as ORDER

        parts = tuple(rows[key] for key in sorted(rows, key=lambda key: (ORDER.index(key[0]), key[1])))
        about = {"licenses": {"distribution": "Apache-2.0"}} if rng.random() < 0.3 else {}
        draft.add(Release(f"release{number}", "1", parts, about=about).to_statement(), [self.key])

    def _review(self, draft) -> None:
        _, name, id, _, _ = self.rng.choice(self.made)
        subject = (Subject(display(name, "1"), id),)
        if self.rng.random() < 0.3:
            said = Review(subject, "sharing-impossible", "personal data")
        else:
            license = self.rng.choice(LICENSES)
            said = Review(subject, "license-concluded", "read", {"expression": license, "normalized": license})
        if draft.index.artifact(id) is not None:
            draft.add(said.to_statement(), [self.key])

    def _waive(self) -> None:
        for row in [row for row in self.ledger._index().all_artifacts() if row.kind == "release"]:
            conflicts = self.ledger.licenses(row.id).unresolved
            for item in self.rng.sample(conflicts, min(2, len(conflicts))):
                self.ledger.review(row.id, waive=f"{item.rule}:{item.id}", reason="settled")

    def ids(self) -> list[str]:
        """Everything in it, and what is only named."""
        return [row.id for row in self.ledger._index().all_artifacts()]


def release_by_release(ledger: Ledger, id: str, license: str, stance: str):
    """The same answer from two whole propagations and two evaluations of each release: how `impact` once worked."""
    store, index, size = ledger._store, ledger._index(), ledger.size
    supposed = concluded_license(license)
    found = {}
    for release in [row for row in index.all_artifacts() if row.kind == "release"]:
        seen = licensing.seen(store, index, size, release.id)
        if id not in {row.id for row in seen.rows.values()}:
            continue
        reports = [judged(one, stance, Actor(), waivers(store, size)) for one in (seen, relicensed(seen, id, supposed))]
        shown = [[item for item in report.found.findings if item.severity != "none"] for report in reports]
        # From the worst to the least, so that the least stays.
        said = [{(item.rule, item.node, item.license): item.severity for item in items} for items in shown]
        evidence = gather(store, release.idx, size)
        other = {}
        for at, statement in evidence.items():
            told = statement.predicate
            if statement.kind == "manifest" and told["artifact"]["id"] == id:
                licenses = {**told["licenses"], "declared": [{**supposed, "source": "supposed"}]}
                statement = replace(statement, predicate={**told, "licenses": licenses})
            other[at] = statement
        profiles = [load_profile(name) for name in profile_ids()]
        texts = {**identified(store, evidence), **identified(store, other)}
        results = [{item["profile"]: item["result"] for item in verdicts(release.idx, side, profiles, texts)} for side in (evidence, other)]
        added, removed = ({key for key in one if one[key] != two.get(key)} for one, two in (said[::-1], said))
        carried = {(item.rule, item.severity, item.node, item.license) for item in shown[0] if id in item.origins}
        unresolved = [len(report.unresolved) for report in reports]
        found[release.id] = (unresolved, {key: said[1][key] for key in added}, {key: said[0][key] for key in removed}, carried, results)
    return found


def together(ledger: Ledger, id: str, license: str, stance: str):
    def keyed(items):
        return {(item["rule"], item["node"], item["license"]): item["severity"] for item in items}

    return {
        item["id"]: (
            [item["unresolved_before"], item["unresolved_after"]],
            keyed(item["added"]),
            keyed(item["removed"]),
            {(one["rule"], one["severity"], one["node"], one["license"]) for one in item["carried"]},
            [item["verdicts_before"], item["verdicts_after"]],
        )
        for item in ledger.impact(id, license, stance=stance).to_json()["releases"]
    }


@pytest.mark.parametrize("seed", range(40))
def test_all_together_is_release_by_release(tmp_path: Path, seed: int) -> None:
    made = Random(tmp_path / "l", seed, waive=seed % 4 == 0)
    for id in made.rng.sample(made.ids(), 5):
        license, stance = made.rng.choice(SUPPOSED), made.rng.choice(("strict", "moderate", "permissive"))
        expected = release_by_release(made.ledger, id, license, stance)
        assert together(made.ledger, id, license, stance) == expected, (id, license, stance)


@pytest.mark.parametrize("seed", range(40, 60))
def test_paths_are_those_of_why(tmp_path: Path, seed: int) -> None:
    made = Random(tmp_path / "l", seed)
    for id in made.rng.sample(made.ids(), 6):
        answer = made.ledger.impact(id, withdrawn=True).to_json()
        for item in answer["releases"]:
            if item["id"] == id:
                assert (item["path"], item["other_paths"]) == ([], False)
                continue
            whole = made.ledger.why(item["id"], id, all=True)
            assert item["path"] == whole["paths"][0]
            assert item["other_paths"] is (len(whole["paths"]) > 1)
            assert all(answer["names"][end] == whole["names"][end] for edge in item["path"] for end in (edge["input"], edge["output"]))


@pytest.mark.parametrize("seed", range(60, 90))
def test_nothing_improves_when_something_is_withdrawn(tmp_path: Path, seed: int) -> None:
    made = Random(tmp_path / "l", seed)
    store, size = made.ledger._store, made.ledger.size
    profiles = [load_profile(name) for name in profile_ids()]
    for id in made.ids():
        for item in made.ledger.impact(id, withdrawn=True).to_json()["releases"]:
            assert (item["added"], item["removed"], item["unresolved_before"]) == ([], [], item["unresolved_after"])
            before, after = item["verdicts_before"], item["verdicts_after"]
            assert not [name for name in before if after[name] == "pass" != before[name]]
            release = made.ledger._index().artifact(item["id"])
            assert release is not None
            evidence = gather(store, release.idx, size)
            facts = release_facts(release.idx, evidence, identified(store, evidence))
            rungs = {"verified": "claimed", "referenced": "claimed", "gated": "claimed", "partial": "claimed", "obtainable": "claimed"}
            for part in (part for some in (facts.components, facts.datasets) for part in some if part.artifact == id):
                object.__setattr__(part, "availability", rungs.get(part.availability, part.availability))
                if isinstance(part, DatasetFact):
                    object.__setattr__(part, "where", ())
            assert after == {profile.id: evaluate(profile, facts).result for profile in profiles}


def test_withdrawn_weights_are_no_evidence(empty: Ledger, tmp_path: Path) -> None:
    empty.record("weights", tree(tmp_path / "m", w="w"), name="m", version="1", license="Apache-2.0")
    empty.record("code", tree(tmp_path / "c", w="w2"), name="c", version="1", license="MIT")
    parts = [("weights", "weights/m@1"), *[(role, "c@1") for role in ("inference-code", "architecture", "tokenizer")]]
    empty.release("m", "1", parts)
    [release] = empty.impact("c@1", withdrawn=True).to_json()["releases"]
    assert (release["verdicts_before"]["redhat-minimum-2025"], release["verdicts_after"]["redhat-minimum-2025"]) == ("pass", "unknown")
    assert empty.impact("c@1", "CC-BY-NC-4.0").to_json()["releases"][0]["verdicts_after"]["redhat-minimum-2025"] == "fail"


def test_what_the_base_brings_along(tuned: Ledger) -> None:  # noqa: F811
    [release] = tuned.impact("Llama-3.1-8B@1", withdrawn=True).to_json()["releases"]
    base = tuned.resolve("Llama-3.1-8B@1").id
    expected = [item for item in tuned.licenses("release/reader@1").found.findings if base in item.origins and item.severity != "none"]
    assert {(item["rule"], item["severity"], item["license"]) for item in release["carried"]} == {
        (item.rule, item.severity, item.license) for item in expected
    }
    assert {"W2", "W5"} <= {item["rule"] for item in release["carried"]}
    assert [edge["relation"] for edge in release["path"]] == ["weights", "fine-tuned-from"]


def test_one_thing_is_supposed(tuned: Ledger) -> None:  # noqa: F811
    refused("LG1201", tuned.impact, "figures@1")
    refused("LG1201", tuned.impact, "figures@1", "MIT", withdrawn=True)
    refused("LG0825", tuned.impact, "figures@1", withdrawn=True, stance="relaxed")
    refused("LG0901", tuned.impact, "nobody@1", withdrawn=True)
    nowhere = tuned.record("dataset", __file__, name="apart", version="1")
    assert tuned.impact(nowhere.id, withdrawn=True).to_json()["releases"] == []


def test_as_it_stood(tuned: Ledger) -> None:  # noqa: F811
    before = tuned.size
    tuned.release("again", "1", [("weights", "weights/reader@1")])
    assert len(tuned.impact("figures@1", "MIT").releases) == 2
    assert len(Ledger.open(tuned.layout.root, at=before).impact("figures@1", "MIT").releases) == 1


def test_two_runs_give_the_same_bytes(tuned: Ledger) -> None:  # noqa: F811
    said = [json.dumps(tuned.impact("figures@1", "CC0-1.0").to_json()) for _ in range(2)]
    assert said[0] == said[1]


def test_alone_in_a_ledger(empty: Ledger, tmp_path: Path) -> None:
    done = empty.record("dataset", tree(tmp_path / "d", rows="1"), name="d", version="1", license="MIT")
    for answer in (empty.impact(done.id, withdrawn=True), empty.impact("d@1", "CC0-1.0")):
        assert answer.to_json()["releases"] == []
    empty.release("d", "1", [("datasets", "dataset/d@1")])
    [release] = empty.impact("release/d@1", "CC-BY-NC-4.0").to_json()["releases"]
    assert (release["path"], release["other_paths"], release["verdicts_before"]) == ([], False, release["verdicts_after"])
    [release] = empty.impact("dataset/d@1", "CC-BY-NC-4.0").to_json()["releases"]
    assert [edge["relation"] for edge in release["path"]] == ["datasets"]


def test_two_ways_are_no_one_way(empty: Ledger, tmp_path: Path) -> None:
    empty.record("dataset", tree(tmp_path / "a", rows="1"), name="a", version="1")
    empty.record("dataset", tree(tmp_path / "b", rows="2"), name="b", version="1", inputs=[("derived-from", "a@1")])
    both = [("trained-on", "a@1"), ("trained-on", "b@1")]
    empty.record("weights", tree(tmp_path / "m", w="w"), name="m", version="1", inputs=both)
    empty.record("weights", tree(tmp_path / "n", w="v"), name="n", version="1", inputs=both[1:])
    empty.release("m", "1", [("weights", "weights/m@1")])
    empty.release("n", "1", [("weights", "weights/n@1")])
    found = {item["name"]: item for item in empty.impact("a@1", withdrawn=True).to_json()["releases"]}
    assert {name: ([edge["relation"] for edge in item["path"]], item["other_paths"]) for name, item in found.items()} == {
        "m": (["weights", "trained-on"], True),
        "n": (["weights", "trained-on", "derived-from"], False),
    }


@pytest.mark.parametrize("order", [("both", "apart"), ("apart", "both")])
def test_declared_together_is_not_one_after_the_other(empty: Ledger, order: tuple[str, str]) -> None:
    """Of one statement both licences hold; of two the later one."""
    key = empty._signing_key()

    def fill(draft) -> None:
        for name in order:
            digest = hashlib.sha256(name.encode()).hexdigest()
            said = [DeclaredLicense(text, text, "argument") for text in ("CC-BY-NC-4.0", "MIT")]
            for some in [said] if name == "both" else [said[:1], said[1:]]:
                data = Manifest("dataset", name, "1", ArtifactId(f"file:{digest}"), 1, 10, digest, tuple(some))
                index = draft.add(data.to_statement(), [key]).index
            edge = InputEdge("trained-on", data.id, index)
            digest = hashlib.sha256(b"m" + name.encode()).hexdigest()
            mit = (DeclaredLicense("MIT", "MIT", "argument"),)
            model = Manifest("weights", f"m-{name}", "1", ArtifactId(f"file:{digest}"), 1, 10, digest, mit, inputs=(edge,))
            parts = (Component("weights", model.id, f"m-{name}", "1", draft.add(model.to_statement(), [key]).index),)
            draft.add(Release(f"r-{name}", "1", parts).to_statement(), [key])
        both = [item for item in draft.index.all_artifacts() if item.kind == "weights"]
        edges = tuple(InputEdge("fine-tuned-from", ArtifactId(item.id), item.first_idx) for item in both)
        digest = hashlib.sha256(b"last").hexdigest()
        last = Manifest("weights", "last", "1", ArtifactId(f"file:{digest}"), 1, 10, digest, inputs=edges)
        part = Component("weights", last.id, "last", "1", draft.add(last.to_statement(), [key]).index)
        draft.add(Release("last", "1", (part,)).to_statement(), [key])

    empty._store.append(fill, empty._log_key())
    for name in order:
        id = empty.resolve(f"weights/m-{name}@1").id
        expected = release_by_release(empty, id, "CC0-1.0", "moderate")
        assert len(expected) == 2
        assert together(empty, id, "CC0-1.0", "moderate") == expected
    for name in order:
        [found] = [item for item in empty.impact(f"dataset/{name}@1", "CC0-1.0").to_json()["releases"] if item["name"] == f"r-{name}"]
        assert ("T-NC" in {item["rule"] for item in found["removed"]}) is (name == "both")
