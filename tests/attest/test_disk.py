"""Check B11: bytes on disk against the artifacts of an attestation, whole or by the patterns that chose their files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import MOMENT, ORIGIN
from reference.forging import ATTESTED, FIGURES, Forger, good_ledger

from ledger._api.attesting import bundle_of
from ledger.api import Ledger, LedgerError, verify_bundle_file
from ledger.attest.disk import Content
from ledger.attest.verify import verify_bundle
from ledger.clock import FixedClock
from ledger.hashing.tree import hash_path
from ledger.log.note import parse_vkey
from ledger.spec.statement import Subject


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One folder from which a dataset and code are chosen by patterns, and one that is recorded whole."""
    for name in ("mixed/data/a.csv", "mixed/data/b.csv", "mixed/src/train.py", "mixed/notes.txt", "model/weights.bin", "CARD.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}\n")
    return tmp_path


@pytest.fixture
def ledger(project: Path) -> Ledger:
    """A release of these, attested in `out.json`."""
    made = Ledger.init(project / "ledger", ORIGIN, insecure_no_passphrase=True, clock=FixedClock(MOMENT))
    made.record("dataset", project / "mixed", name="rows", version="1", include=["data/**"])
    made.record("code", project / "mixed", name="trainer", version="2", include=["src/**", "*.toml"])
    made.record("weights", project / "model", name="reader", version="1", inputs=[("trained-on", "rows@1")])
    made.record("document", project / "CARD.md", name="card")
    made.release("reader", "1", [("weights", "reader@1"), ("training-code", "trainer"), ("model-card", "card")])
    made.attest("reader@1", out=project / "out.json")
    return made


def b11(ledger: Ledger, *paths: Path, symlinks: str = "refuse") -> tuple[str, str]:
    """Result and detail; no other check fails."""
    report = verify_bundle_file(ledger.layout.root.parent / "out.json", ledger.log_key, paths, symlinks=symlinks)
    assert {check.id for check in report.checks if check.result == "fail"} <= {"B11"}
    return next((check.result, check.detail) for check in report.checks if check.id == "B11")


def test_each_path_is_named_as_what_it_is(ledger: Ledger, project: Path) -> None:
    result, detail = b11(ledger, project / "model", project / "CARD.md")
    assert (result, detail) == ("pass", f"`{project}/model` is weights reader@1; `{project}/CARD.md` is document card; byte for byte")


def test_a_folder_is_what_patterns_choose_in_it(ledger: Ledger, project: Path) -> None:
    (project / "mixed/more.txt").write_text("nobody recorded this\n")
    result, detail = b11(ledger, project / "mixed")
    assert result == "pass"
    assert "`data/**`" in detail
    assert "dataset rows@1" in detail
    assert "code trainer@2, by its patterns `src/**` `*.toml`" in detail


def test_the_chosen_files_alone_are_the_artifact_too(ledger: Ledger, project: Path, tmp_path: Path) -> None:
    (project / "mixed/src").rename(tmp_path / "away")
    (project / "mixed/notes.txt").unlink()
    assert b11(ledger, project / "mixed") == ("pass", f"`{project}/mixed` is dataset rows@1; byte for byte")


@pytest.mark.parametrize(("name", "other"), [("mixed/data/a.csv", "code trainer@2"), ("mixed/src/train.py", "dataset rows@1")])
def test_a_changed_file_is_not_what_its_patterns_chose(ledger: Ledger, project: Path, name: str, other: str) -> None:
    (project / name).write_text("changed\n")
    result, detail = b11(ledger, project / "mixed")
    assert (result, f"`{project}/mixed` is {other}, by" in detail) == ("pass", True)
    pattern = name.split("/")[1] + "/**"
    assert re.search(rf"what `{re.escape(pattern)}`.* choose in `.*/mixed` is no artifact of the evidence", detail)


def test_nothing_of_a_folder_is_attested_when_everything_changed(ledger: Ledger, project: Path) -> None:
    for path in (project / "mixed").rglob("*.*"):
        path.write_text("changed\n")
    result, detail = b11(ledger, project / "mixed", project / "model")
    assert result == "fail"
    assert f"`{project}/mixed` is `{hash_path(project / 'mixed').id}`" in detail


def test_an_input_of_a_component_counts_and_a_stranger_does_not(ledger: Ledger, project: Path) -> None:
    ledger.record("dataset", project / "mixed/notes.txt", name="notes")
    ledger.attest("reader@1", out=project / "out.json")
    assert b11(ledger, project / "mixed/notes.txt")[0] == "fail"
    assert b11(ledger, project / "mixed")[0] == "pass"


def test_a_path_that_is_not_there_and_one_that_cannot_be_hashed(ledger: Ledger, project: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        b11(ledger, project / "nowhere")
    assert caught.value.code == "LG0201"
    (project / "model/link").symlink_to("weights.bin")
    with pytest.raises(LedgerError) as caught:
        b11(ledger, project / "model")
    assert caught.value.code == "LG0205"
    # What patterns choose is known all the same.
    (project / "mixed/link").symlink_to("notes.txt")
    assert b11(ledger, project / "mixed")[0] == "pass"
    # A link among the chosen files leaves unknown what they are.
    (project / "mixed/data/link").symlink_to("a.csv")
    (project / "mixed/src/link.py").symlink_to("train.py")
    with pytest.raises(LedgerError) as caught:
        b11(ledger, project / "mixed")
    assert caught.value.code == "LG0205"


def test_links_inside_are_followed_when_asked(ledger: Ledger, project: Path) -> None:
    (project / "model/link.bin").symlink_to("weights.bin")
    ledger.record("weights", project / "model", name="linked", version="1", symlinks="inside")
    ledger.release("linked", "1", [("weights", "linked@1")])
    ledger.attest("linked@1", out=project / "out.json")
    assert b11(ledger, project / "model", symlinks="inside") == ("pass", f"`{project}/model` is weights linked@1; byte for byte")


def asked(ledger: Ledger, *paths: Path) -> list[tuple[str, tuple[str, ...]]]:
    """What the verifier has hashed."""
    calls: list[tuple[str, tuple[str, ...]]] = []

    def hasher(path: str, include: Sequence[str]) -> Content:
        calls.append((Path(path).name, tuple(include)))
        hashed = hash_path(path, include=include)
        return Content(str(hashed.id), hashed.files, hashed.bytes, hashed.root.hex())

    data = (ledger.layout.root.parent / "out.json").read_bytes()
    report = verify_bundle(data, [parse_vkey(ledger.log_key)], [str(path) for path in paths], hasher)
    assert report.checks
    return calls


def test_a_folder_is_hashed_once_per_distinct_list_of_patterns(ledger: Ledger, project: Path) -> None:
    ledger.record("dataset", project / "mixed", name="again", version="1", include=["data/**"])
    ledger.release("again", "1", [("weights", "reader@1"), ("training-code", "trainer"), ("datasets", "again@1")])
    ledger.attest("again@1", out=project / "out.json")
    assert asked(ledger, project / "mixed") == [("mixed", ()), ("mixed", ("data/**",)), ("mixed", ("src/**", "*.toml"))]
    assert asked(ledger, project / "model", project / "model") == [("model", ())]


def test_nothing_is_hashed_for_a_bundle_that_cannot_be_read(ledger: Ledger, project: Path) -> None:
    path = project / "out.json"
    path.write_bytes(path.read_bytes()[:-2])
    assert asked(ledger, project / "model") == []


# ---- manifests that state other figures than the bytes have ----


@pytest.mark.parametrize("wrong", [{"files": 2}, {"bytes": 1}, {"root": "5f" * 32}])
def test_a_manifest_with_other_figures_is_named(tmp_path: Path, wrong: dict[str, object]) -> None:
    good = good_ledger(tmp_path)
    forger = Forger.copy_of(good, tmp_path / "copy")
    at = forger.again(FIGURES, lambda subjects, said: said["artifact"].update(wrong), name="forged")
    id = forger.said(at)[1]["artifact"]["id"]
    part = {"role": "datasets", "artifact": id, "name": "forged", "version": "1", "index": at}
    forger.append("release", [Subject("forged@1", id)], {"name": "forged", "version": "1", "components": [part]})
    (tmp_path / "copy/out.json").write_bytes(forger.ledger.attest("forged@1").bundle)
    result, detail = b11(forger.ledger, tmp_path / "in/data")
    assert (result, f"dataset forged@1, of which entry {at} states other files, bytes or root" in detail) == ("fail", True)
    (tmp_path / "copy/out.json").write_bytes(bundle_of(forger.ledger._store, ATTESTED))
    assert b11(forger.ledger, tmp_path / "in/data")[0] == "pass"


def test_the_root_of_a_file_depends_on_its_name_and_is_not_compared(ledger: Ledger, project: Path) -> None:
    (project / "CARD.md").rename(project / "README.md")
    assert b11(ledger, project / "README.md") == ("pass", f"`{project}/README.md` is document card; byte for byte")
