"""The library's front door: record, release, attest, verify, and every refusal on the way."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
from pathlib import Path

import pytest
from conftest import MOMENT, ORIGIN, make_inputs

from ledger.api import InputSpec, KeySources, Ledger, LedgerError, make_key, verify_bundle_file
from ledger.clock import FixedClock


def refused(code: str, exit_code: int | None = None):
    """The LedgerError with this code."""

    class Context:
        def __enter__(self):
            self.info = pytest.raises(LedgerError)
            self.value = self.info.__enter__()
            return self

        def __exit__(self, *details):
            done = self.info.__exit__(*details)
            assert self.value.value.code == code, self.value.value.message
            if exit_code is not None:
                assert self.value.value.exit_code == exit_code
            return done

    return Context()


def test_tree_id_is_the_hash_of_the_inventory(empty: Ledger, inputs: Path) -> None:
    lines = []
    for name in ("LICENSE", "test.csv", "train.csv"):
        lines.append(f"{hashlib.sha256((inputs / 'data' / name).read_bytes()).hexdigest()}  {name}\n")
    wanted = "tree:" + hashlib.sha256("".join(lines).encode()).hexdigest()
    done = empty.record("dataset", inputs / "data", name="figures")
    assert done.id == wanted
    assert (done.index, done.files, done.existing) == (1, 3, False)
    assert [item["basis"] for item in done.licenses] == ["detected"]


def test_same_content_and_description_is_recorded_once(empty: Ledger, inputs: Path) -> None:
    first = empty.record("dataset", inputs / "data", name="figures", version="1", license="CC-BY-4.0")
    again = empty.record("dataset", inputs / "data", name="figures", version="1", license="CC-BY-4.0")
    assert (first.index, again.index, again.existing, empty.size) == (1, 1, True, 2)
    other = empty.record("dataset", inputs / "data", name="figures", version="1", license="CC0-1.0")
    assert (other.index, other.existing) == (2, False)


def test_a_name_and_version_name_one_id(empty: Ledger, inputs: Path) -> None:
    empty.record("dataset", inputs / "data", name="figures", version="1")
    (inputs / "data/train.csv").write_text("other\n")
    with refused("LG0612", 2):
        empty.record("dataset", inputs / "data", name="figures", version="1")
    assert empty.size == 2
    fixed = empty.record("dataset", inputs / "data", name="figures", version="1", supersedes="wrong file")
    assert fixed.index == 2
    assert empty.show("figures@1")["id"] == fixed.id
    first = empty.entries()[1]["subjects"][0]
    assert empty.show(first)["superseded_by"] == [{"index": 2, "id": fixed.id, "reason": "wrong file"}]
    assert all(check.result != "fail" for check in empty.verify(deep=True).checks)


def test_dry_run_changes_nothing_and_tells_the_id(empty: Ledger, inputs: Path) -> None:
    before = sorted(str(path) for path in empty.layout.root.rglob("*") if "hash-cache" not in str(path))
    would = empty.record("dataset", inputs / "data", name="figures", dry_run=True)
    after = sorted(str(path) for path in empty.layout.root.rglob("*") if "hash-cache" not in str(path))
    assert before == after
    done = empty.record("dataset", inputs / "data", name="figures")
    assert (would.id, would.index, would.dry_run) == (done.id, done.index, True)


def test_release_attest_and_verify(filled: Ledger, inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "reader.attestation.json"
    done = filled.attest("reader@1", out=out)
    results = {item["profile"]: item["result"] for item in done.verdicts}
    assert (results["redhat-minimum-2025"], results["mot-2026-05"], len(results)) == ("pass", "unknown", 13)
    assert done.lineage["complete"] is False
    again = filled.attest("reader@1", out=out)
    assert (again.index, again.existing) == (done.index, True)
    report = verify_bundle_file(out, filled.log_key, [inputs / "model"])
    assert {check.id: check.result for check in report.checks} == {
        **{f"B{n}": "pass" for n in range(1, 12)},
        "B12": "not_checked",
        "B13": "not_checked",
        "B14": "pass",
        "B15": "not_checked",
    }


def test_bundle_with_another_log_key_fails_b2(filled: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    filled.attest("reader@1", out=out)
    other = Ledger.init(tmp_path / "other", ORIGIN, insecure_no_passphrase=True)
    report = verify_bundle_file(out, other.log_key)
    assert [check.id for check in report.checks if check.result == "fail"] == ["B2"]


def test_artifact_not_in_bundle_fails_b11(filled: Ledger, inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    filled.attest("reader@1", out=out)
    (inputs / "model/weights.bin").write_text("weightz")
    report = verify_bundle_file(out, filled.log_key, [inputs / "model"])
    assert [check.id for check in report.checks if check.result == "fail"] == ["B11"]


def test_verify_artifact_lists_what_differs(filled: Ledger, inputs: Path) -> None:
    assert filled.verify_artifact("figures@1", inputs / "data").same
    (inputs / "data/train.csv").write_text("changed\n")
    (inputs / "data/new.csv").write_text("new\n")
    (inputs / "data/test.csv").unlink()
    found = filled.verify_artifact("figures@1", inputs / "data")
    assert (found.same, found.added, found.removed, found.changed) == (False, ("new.csv",), ("test.csv",), ("train.csv",))


def test_lineage_both_ways_and_unverified_references(filled: Ledger) -> None:
    up = filled.lineage("weights/reader@1", "up")
    names = {item["name"]: item["verified"] for item in up.nodes}
    assert names == {"reader": True, "figures": True, "trainer": True, "base": False}
    assert "unverified" in up.tree
    down = filled.lineage("figures@1", "down")
    assert {item["kind"] for item in down.nodes} == {"dataset", "weights", "release", "document"}


def test_cycles_in_the_lineage_end(empty: Ledger, inputs: Path) -> None:
    empty.record("dataset", inputs / "data", name="a", version="1")
    empty.record("weights", inputs / "model", name="b", version="1", inputs=[("trained-on", "a@1")])
    empty.record("dataset", inputs / "data", name="a", version="2", inputs=[("generated-by", "b@1")])
    found = empty.lineage("b@1", "up")
    assert len(found.nodes) == 2
    assert len(found.cycles) == 1
    assert "(see above)" in found.tree


def test_why_names_the_path(filled: Ledger) -> None:
    found = filled.why("figures@1", "release/reader@1")
    assert [edge["relation"] for edge in found["paths"][0]] == ["datasets"]
    every = filled.why("figures@1", "release/reader@1", all=True)
    assert len(every["paths"]) >= 2
    assert filled.why("figures@1", "trainer")["paths"] == []


def test_at_answers_as_it_stood(filled: Ledger) -> None:
    then = Ledger.open(filled.layout.root, at=3)
    assert then.size == 3
    assert then.query("select count(*) from entries").rows == ((3,),)
    with refused("LG0901"):
        then.show("weights/reader@1")
    with refused("LG0704"):
        Ledger.open(filled.layout.root, at=99)
    with refused("LG0704"):
        then.release("x", "1", [("weights", "figures")])
    assert Ledger.open(filled.layout.root, at="2026-11-20T12:00:00Z").size == filled.size
    assert Ledger.open(filled.layout.root, at="2026-11-19T12:00:00Z").size == 0


def test_keys_trusted_for_a_kind(filled: Ledger, inputs: Path, tmp_path: Path) -> None:
    make_key(tmp_path / "k.pem", "ed25519", b"secret")
    filled.trust_key(tmp_path / "k.pem.pub", ["dataset"])
    theirs = Ledger.open(filled.layout.root, keys=KeySources(tmp_path / "k.pem", lambda name: b"secret" if "k.pem" in name else None))
    done = theirs.record("dataset", inputs / "data", name="theirs")
    assert done.index == filled.size - 1
    size = filled.size
    with refused("LG0408", 2):
        theirs.record("weights", inputs / "model", name="theirs")
    with refused("LG0415", 2):
        theirs.trust_key(tmp_path / "k.pem.pub", ["weights"])
    assert filled.size == size
    known = filled.keys()
    assert [item["kinds"] for item in known] == [["*"], ["dataset"]]


def test_wrong_and_missing_passphrase(tmp_path: Path, inputs: Path) -> None:
    Ledger.init(tmp_path / "l", ORIGIN, passphrase=b"right")
    with refused("LG0403", 2):
        Ledger.open(tmp_path / "l", keys=KeySources(passphrase=lambda _name: b"wrong")).record("dataset", inputs / "data", name="x")
    with refused("LG0404", 2):
        Ledger.open(tmp_path / "l").record("dataset", inputs / "data", name="x")
    with refused("LG0404", 2):
        Ledger.init(tmp_path / "m", ORIGIN)
    assert Ledger.open(tmp_path / "l").size == 1


def test_world_readable_key_is_refused(empty: Ledger, inputs: Path) -> None:
    (empty.layout.keys / "signing.pem").chmod(0o644)
    with refused("LG0402", 5):
        empty.record("dataset", inputs / "data", name="x")
    assert empty.size == 1


def test_bad_words_are_refused_before_anything_is_read(empty: Ledger, inputs: Path) -> None:
    with refused("LG0301", 2):
        empty.record("model", inputs / "nowhere", name="x")
    with refused("LG0302", 2):
        empty.record("weights", inputs / "nowhere", name="x", inputs=[("made-of", "y")])
    with refused("LG0306", 2):
        empty.record("weights", inputs / "nowhere", name="x@y")
    with refused("LG0306", 2):
        empty.record("weights", inputs / "nowhere", name="a\nb")
    with refused("LG0303", 2):
        empty.release("r", "1", [("brain", "x")])
    with refused("LG1001", 2):
        empty.attest("r@1", ["nobody-2020"])


def test_bad_paths_leave_the_ledger_as_it_was(empty: Ledger, tmp_path: Path) -> None:
    before = empty.checkpoint
    (tmp_path / "void").mkdir()
    (tmp_path / "lf").mkdir()
    (tmp_path / "lf/a\nb").write_text("x")
    (tmp_path / "links").mkdir()
    (tmp_path / "links/out").symlink_to("/etc/hostname")
    (tmp_path / "socks").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(tmp_path / "socks")
        listening.bind("s")
        os.chdir(here)
        for name, code in {"nowhere": "LG0201", "void": "LG0203", "lf": "LG0204", "links": "LG0205", "socks": "LG0207"}.items():
            with refused(code):
                empty.record("dataset", tmp_path / name, name="x")
    assert empty.checkpoint == before


def test_unknown_and_ambiguous_references(filled: Ledger) -> None:
    with refused("LG0901", 2):
        filled.show("nobody")
    with refused("LG0901", 2):
        filled.show("figures@9")
    with refused("LG0901", 2):
        filled.show("tree:00000000")
    with refused("LG0902", 2) as found:
        filled.show("reader@1")
    assert len(found.value.value.details["candidates"]) == 2
    with refused("LG1102", 2):
        filled.attest("figures@1")
    start = filled.show("figures@1")["id"][:13]
    assert filled.show(start)["name"] == "figures"


def test_invalid_licence_is_kept_and_asserts_nothing(empty: Ledger, inputs: Path) -> None:
    done = empty.record("dataset", inputs / "data", name="x", license="MIT/Apache-2.0 or so")
    assert done.warnings and done.warnings[0].startswith("LG0801")
    declared = done.licenses[0]
    assert (declared["expression"], declared["normalized"]) == ("MIT/Apache-2.0 or so", "NOASSERTION")


def test_reference_with_a_uri_has_its_own_id(empty: Ledger, inputs: Path) -> None:
    descriptor = {"name": "base", "uri": "https://example.org/base", "version": "3.0"}
    empty.record("weights", inputs / "model", name="x", inputs=[InputSpec("fine-tuned-from", descriptor=descriptor)])
    canonical = b'{"name":"base","uri":"https://example.org/base","version":"3.0"}'
    wanted = "ref:" + hashlib.sha256(canonical).hexdigest()
    assert empty.show(wanted)["verified"] is False
    assert empty.lineage("x").edges[0]["input"] == wanted


def test_pipeline_is_all_or_nothing(empty: Ledger, inputs: Path) -> None:
    (inputs / "p.yaml").write_text(
        "ledger: 1\nartifacts:\n"
        "  - {kind: weights, name: m, version: '1', path: model, license: MIT,"
        " from: {trained-on: [d@1], fine-tuned-from: [{name: base}]}}\n"
        "  - {kind: dataset, name: d, version: '1', path: data, license: CC0-1.0}\n"
        "releases:\n  - {name: m, version: '1', components: {weights: m@1, datasets: [d], model-card: nobody}}\n"
    )
    with refused("LG0901", 2):
        empty.record_file(inputs / "p.yaml")
    assert empty.size == 1
    text = (inputs / "p.yaml").read_text().replace(", model-card: nobody", "")
    (inputs / "p.yaml").write_text(text)
    done = empty.record_file(inputs / "p.yaml")
    assert [(item.kind, item.name, item.index) for item in done] == [("dataset", "d", 1), ("weights", "m", 2), ("release", "m", 3)]
    assert all(item.existing for item in empty.record_file(inputs / "p.yaml"))
    assert json.loads(json.dumps(done[1].to_json()))["index"] == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ledger: 2\n", "LG1202"),
        ("ledger: 1\n", "LG1202"),
        ("- 1\n", "LG1202"),
        ("ledger: 1\nartefacts: []\n", "LG1202"),
        ("ledger: 1\nartifacts: [{kind: dataset, name: d, path: data, licence: MIT}]\n", "LG1202"),
        ("ledger: 1\nartifacts: [{kind: dataset, name: d, path: data, version: 1.0}]\n", "LG1202"),
        ("ledger: 1\nartifacts: [{kind: dataset, name: d}]\n", "LG1202"),
        ("ledger: 1\nartifacts: [{kind: model, name: d, path: data}]\n", "LG0301"),
        ("ledger: 1\nartifacts: [{kind: dataset, name: d, path: data, from: {made-of: x}}]\n", "LG0302"),
        ("ledger: 1\nreleases: [{name: r, version: '1', components: {brain: x}}]\n", "LG0303"),
        ("ledger: 1\nartifacts: &a [*a]\n", "LG1202"),
        ("ledger: 1\nartifacts: [{kind: dataset, kind: code, name: d, path: data}]\n", "LG1202"),
        ("ledger: 1\nartifacts: [{kind: dataset, name: d, path: data, data: {when: 2026-01-01}}]\n", "LG1202"),
        ("ledger: 1\nartifacts: [!!python/object:os.system {}]\n", "LG1202"),
        ("ledger: [1\n", "LG1202"),
        (
            "ledger: 1\nartifacts:\n  - {kind: dataset, name: a, path: data, from: {derived-from: b}}\n"
            "  - {kind: dataset, name: b, path: data, from: {derived-from: a}}\n",
            "LG1203",
        ),
        ("ledger: 1\nartifacts:\n  - {kind: dataset, name: a, path: data}\n  - {kind: dataset, name: a, path: data}\n", "LG1202"),
    ],
)
def test_malformed_pipeline_files(empty: Ledger, inputs: Path, text: str, code: str) -> None:
    (inputs / "p.yaml").write_text(text)
    with refused(code, 2):
        empty.record_file(inputs / "p.yaml")
    assert empty.size == 1


def test_newer_format_is_refused_untouched(empty: Ledger, inputs: Path) -> None:
    path = empty.layout.config
    path.write_text(path.read_text().replace("format = 1", "format = 2"))
    with refused("LG0603", 5):
        Ledger.open(empty.layout.root)


def test_no_ledger_and_twice(tmp_path: Path, empty: Ledger) -> None:
    with refused("LG0601", 2):
        Ledger.open(tmp_path)
    with refused("LG0602", 2):
        Ledger.init(empty.layout.root, ORIGIN, insecure_no_passphrase=True)
    with refused("LG0306", 2):
        Ledger.init(tmp_path / "z", "two words", insecure_no_passphrase=True)


def test_the_same_inputs_give_the_same_statements(tmp_path: Path) -> None:
    payloads = []
    for name in ("one", "two"):
        inputs = make_inputs(tmp_path / name / "inputs")
        made = Ledger.init(tmp_path / name / "l", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
        made.record("dataset", inputs / "data", name="figures", version="1", license="MIT OR CC0-1.0")
        payloads.append(made.entries()[1]["payload"])
    assert payloads[0] == payloads[1]


def test_artifacts_chosen_by_patterns_are_compared_by_them(empty: Ledger, inputs: Path) -> None:
    done = empty.record("dataset", inputs / "data", name="train", include=["train.csv"])
    assert done.files == 1
    assert empty.verify_artifact("train", inputs / "data").same
    (inputs / "data/train.csv").unlink()
    assert empty.verify_artifact("train", inputs / "data").removed == ("train.csv",)


def test_imports_ahead_of_need_are_waited_for(empty: Ledger, inputs: Path) -> None:
    """A process that ended while a thread imports could hang: seen when a recording was interrupted."""
    started: list[threading.Thread] = []
    with pytest.MonkeyPatch.context() as patch:
        start = threading.Thread.start
        patch.setattr(threading.Thread, "start", lambda self: (started.append(self), start(self))[1])
        empty.record("dataset", inputs / "data", name="figures")
    assert [thread.name for thread in started if thread.name == "warm-up"] == ["warm-up"]
    assert not [thread.name for thread in started if thread.name == "warm-up" and thread.daemon]
