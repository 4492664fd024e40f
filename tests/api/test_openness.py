"""Openness from a ledger: data information, reviews, licence texts, policies, what other engines read, differences."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import yaml
from peers import ask
from refdata import refdata

from ledger.api import KeySources, Ledger, LedgerError, diff_files, make_key, verify_bundle_file

REDHAT, OSAID, G7, MOT = "redhat-minimum-2025", "osaid-1.0", "g7-ai-openness-2026", "mot-2026-05"


def rules(verdict):
    return {item["rule"]: item for item in verdict["rules"]}


def verdict(ledger: Ledger, ref: str, profile: str):
    [found] = ledger.evaluate(ref, [profile])["verdicts"]
    return found


def pipeline(folder: Path, components, about=None, artifacts=()) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "p.yaml"
    release = {"name": "m", "version": "1", "components": components, **({"about": about} if about else {})}
    file.write_text(yaml.safe_dump({"ledger": 1, "artifacts": list(artifacts), "releases": [release]}))
    return file


def weights(folder: Path, **files: str) -> dict[str, object]:
    (folder / "w").mkdir(parents=True)
    (folder / "w" / "model.bin").write_text("weights")
    for name, text in files.items():
        (folder / "w" / name).write_text(text)
    return {"kind": "weights", "name": "m", "version": "1", "path": "w", "license": "MIT"}


def bundle_holds(ledger: Ledger, path: Path) -> None:
    report = verify_bundle_file(path, ledger.log_key)
    assert {item.id: item.detail for item in report.checks if item.result == "fail"} == {}
    assert next(item for item in report.checks if item.id == "B10").result == "pass"


# ---- what is said ----


def test_data_information_of_references_is_kept_and_asked(empty: Ledger, tmp_path: Path) -> None:
    components = {
        "weights": "m@1",
        "datasets": [
            {"name": "web", "uri": "https://example.org/web", "data": {"class": "public", "scope": "the web", "mine": "kept"}},
            {"name": "secret", "availability": "unshareable", "data": {"class": "unshareable"}},
        ],
    }
    empty.record_file(pipeline(tmp_path, components, artifacts=[weights(tmp_path)]))
    found = rules(verdict(empty, "m@1", OSAID))
    assert (found["data-classes"]["result"], found["public-data-listed"]["result"]) == ("pass", "pass")
    assert found["data-description"]["reason"] == "DATA_INFO_INCOMPLETE"
    assert {"/predicate/components/1", "/predicate/components/2"} == {item["pointer"] for item in found["data-classes"]["evidence"]}
    shown = empty.show("release/m@1")
    assert "mine" in json.dumps(shown)


@pytest.mark.parametrize(
    "components",
    [
        {"weights": "m@1", "datasets": [{"name": "web", "data": {"class": "free"}}]},
        {"weights": "m@1", "datasets": [{"name": "web", "data": {"personal_data": True}}]},
        {"weights": "m@1", "datasets": [{"name": "web", "data": {"size": {"value": 1}}}]},
        {"weights": "m@1", "datasets": [{"name": "web", "data": {"scope": "a"}}, {"name": "web", "data": {"scope": "b"}}]},
    ],
)
def test_information_that_does_not_fit_is_refused_before_anything_is_recorded(empty: Ledger, tmp_path: Path, components) -> None:
    with pytest.raises(LedgerError) as caught:
        empty.record_file(pipeline(tmp_path, components, artifacts=[weights(tmp_path)]))
    assert (caught.value.code, empty.size) == ("LG0309", 1)


@pytest.mark.parametrize(
    ("components", "code"),
    [
        ({}, "LG1202"),
        ({"weights": {"availability": "gated"}}, "LG1202"),
        ({"weights": {"ref": "m@1", "name": "m"}}, "LG1202"),
        ({"weights": {"ref": "m@1", "availability": "verified"}}, "LG1202"),
        ({"weights": "m@1", "data-card": {"satisfied_by": "model-card"}}, "LG1202"),
        ({"weights": "m@1", "datas": "m@1"}, "LG0303"),
    ],
)
def test_components_that_cannot_be(empty: Ledger, tmp_path: Path, components, code) -> None:
    with pytest.raises(LedgerError) as caught:
        empty.record_file(pipeline(tmp_path, components, artifacts=[weights(tmp_path)]))
    assert (caught.value.code, empty.size) == (code, 1)


def test_about_a_release_that_does_not_fit_is_refused(empty: Ledger, tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        empty.record_file(pipeline(tmp_path, {"weights": "m@1"}, {"free_of_charge": "maybe"}, [weights(tmp_path)]))
    assert (caught.value.code, empty.size) == ("LG0309", 1)


def test_one_artifact_under_several_roles_and_the_same_component_twice(empty: Ledger, tmp_path: Path) -> None:
    components = {"weights": ["m@1", "m@1"], "model-card": "m@1", "data-card": {"satisfied_by": "model-card"}}
    empty.record_file(pipeline(tmp_path, components, artifacts=[weights(tmp_path)]))
    assert [item["role"] for item in empty.evaluate("m@1", [REDHAT])["licenses"]] == ["weights", "model-card", "data-card"]


# ---- licences: inheritance, texts, conclusions ----


def test_a_licence_of_the_whole_release_is_believed_and_shown_as_inherited(empty: Ledger, tmp_path: Path) -> None:
    artifact = weights(tmp_path)
    del artifact["license"]
    about = {"licenses": {"distribution": "Apache-2.0"}}
    empty.record_file(
        pipeline(tmp_path, dict.fromkeys(("weights", "inference-code", "architecture", "tokenizer"), "m@1"), about, [artifact])
    )
    found = verdict(empty, "m@1", REDHAT)
    assert (found["result"], found["believed"]) == ("unknown", "pass")
    assert "inherited from the whole release" in rules(found)["weights"]["detail"]


def test_one_changed_byte_in_a_licence_file_turns_the_rule(empty: Ledger, tmp_path: Path) -> None:
    text = refdata("choosealicense", "_licenses", "mit.txt").read_text().split("---")[2].replace("[year] [fullname]", "2026 A. Author")
    isc = refdata("choosealicense", "_licenses", "isc.txt").read_text().split("---")[2].replace("[year] [fullname]", "2026 A. Author")
    told = {}
    for name, licence in (
        ("same", text),
        ("one", text.replace("without restriction", "without restrictions")),
        ("other", isc),
        ("line", "MIT, see the web\n"),
    ):
        ledger = Ledger.init(tmp_path / f"{name}-ledger", "example.org/x", insecure_no_passphrase=True)
        ledger.record_file(pipeline(tmp_path / name, {"weights": "m@1"}, artifacts=[weights(tmp_path / name, LICENSE=licence)]))
        found = rules(verdict(ledger, "m@1", REDHAT))["weights"]
        told[name] = (found["result"], found["reason"])
        ledger.attest("m@1", [REDHAT], out=tmp_path / f"{name}.json")
        bundle_holds(ledger, tmp_path / f"{name}.json")
    assert told == {
        "same": ("pass", "MET"),
        "one": ("unknown", "LICENCE_TEXT_MISMATCH"),
        "other": ("fail", "LICENCE_TEXT_MISMATCH"),
        "line": ("pass", "MET"),
    }


def test_a_concluded_licence_counts_and_is_in_the_evidence(filled: Ledger, tmp_path: Path) -> None:
    before = verdict(filled, "reader@1", REDHAT)
    assert before["result"] == "pass"
    done = filled.review("weights/reader@1", reason="the README says so", concluded_license="CC-BY-NC-4.0")
    after = verdict(filled, "reader@1", REDHAT)
    assert after["result"] == "fail"
    assert done.index in [item.get("index") for item in rules(after)["weights"]["evidence"]]
    attested = filled.attest("reader@1", [REDHAT], out=tmp_path / "a.json")
    statements = filled.evaluate("reader@1", [REDHAT])["statements"]
    assert done.index in [item["index"] for item in statements]
    assert {item["basis"] for item in attested.licenses if item["role"] == "weights"} == {"concluded"}
    bundle_holds(filled, tmp_path / "a.json")
    assert {item.id for item in filled.verify(deep=True).checks if item.result == "fail"} == set()


def test_a_concluded_licence_of_a_dataset_that_is_only_referenced_counts(empty: Ledger, tmp_path: Path) -> None:
    data = {"name": "web", "uri": "https://example.org/web", "data": {"class": "open"}}
    empty.record_file(pipeline(tmp_path, {"weights": "m@1", "datasets": [data]}, artifacts=[weights(tmp_path)]))
    before = verdict(empty, "m@1", G7)
    assert rules(before)["all-data"]["result"] == "unknown"
    empty.review("web", reason="their page says so", concluded_license="CC-BY-NC-4.0")
    after = rules(verdict(empty, "m@1", G7))["all-data"]
    # By evidence nobody has its bytes; if the claim is believed, its terms are not open.
    assert after["result"] == "unknown"
    assert "CC-BY-NC-4.0" in after["detail"]


def test_a_review_of_data_information_turns_the_rule_and_a_strangers_does_not(filled: Ledger, tmp_path: Path) -> None:
    assert rules(verdict(filled, "reader@1", OSAID))["skilled-person"]["result"] == "unknown"
    stranger = tmp_path / "stranger"
    make_key(stranger, "ed25519", None)
    with pytest.raises(LedgerError) as caught:
        Ledger.open(filled.layout.root, keys=KeySources(signing=stranger)).review(
            "release/reader@1", reason="x", statement="data-information-sufficient"
        )
    assert caught.value.code == "LG0408"
    assert rules(verdict(filled, "reader@1", OSAID))["skilled-person"]["result"] == "unknown"
    filled.review("release/reader@1", reason="I built it again", statement="data-information-sufficient")
    assert rules(verdict(filled, "reader@1", OSAID))["skilled-person"]["result"] == "pass"


def test_training_data_comes_from_the_lineage_too_and_unknown_models_leave_it_unknown(filled: Ledger) -> None:
    found = rules(verdict(filled, "reader@1", OSAID))
    # The reader was fine-tuned from a model of which nobody recorded anything.
    assert (found["data-classes"]["result"], found["data-classes"]["reason"]) == ("unknown", "DATA_CLASS_UNDECLARED")
    assert found["open-data-shared"]["result"] == "unknown"
    assert "base@3.0" in found["data-classes"]["detail"]


# ---- gates, and what others read ----


def test_a_policy_is_attested_with_its_outcome_and_judged_again(filled: Ledger, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(
        f"policy: 1\nname: ours\nprofiles: {{{REDHAT}: {{}}, {G7}: {{at_least: open-weights}}}}\n"
        "licenses: {allowed: [MIT, Apache-2.0, CC-BY-4.0]}\nstance: permissive\n"
    )
    done = filled.attest("reader@1", policy=tmp_path / "policy.yaml", out=tmp_path / "a.json", svr=tmp_path / "svr", vsa=tmp_path / "vsa")
    assert [item["profile"] for item in done.verdicts] == [G7, REDHAT]
    results = {item["requirement"]: item["result"] for item in done.policy["outcome"]["requirements"]}
    assert (results[f"{REDHAT} pass"], results[f"{G7} open-weights"], done.policy["outcome"]["result"]) == ("pass", "unknown", "unknown")
    assert "licence conflicts" in results
    bundle_holds(filled, tmp_path / "a.json")
    bundle = json.loads((tmp_path / "a.json").read_bytes())
    said = json.loads(base64.b64decode(bundle["attestation"]["payload"]))["predicate"]
    said["policy"]["outcome"]["result"] = "pass"
    from ledger.attest.verify import _policy_again
    from ledger.frameworks import load_profile

    again = _policy_again(said, {name: load_profile(name) for name in (REDHAT, G7)})
    assert again == ["judging the policy again gives another outcome"]


def statement(path: Path):
    envelope = json.loads(path.read_bytes())
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    return json.loads(base64.b64decode(envelope["payload"]))


def test_summaries_say_what_holds_and_nothing_else(filled: Ledger, tmp_path: Path) -> None:
    filled.attest("reader@1", [REDHAT, MOT, G7], out=tmp_path / "a.json", svr=tmp_path / "svr", vsa=tmp_path / "vsa")
    svr, vsa = statement(tmp_path / "svr"), statement(tmp_path / "vsa")
    assert svr["predicateType"] == "https://in-toto.io/attestation/svr/v0.1"
    assert set(svr["predicate"]) == {"verifier", "timeCreated", "properties"}
    assert svr["predicate"]["properties"] == ["OPENNESS_LEDGER_REDHAT_MINIMUM_2025"]
    assert vsa["predicateType"] == "https://slsa.dev/verification_summary/v1"
    assert (vsa["predicate"]["verificationResult"], vsa["predicate"]["verifiedLevels"]) == ("FAILED", svr["predicate"]["properties"])
    assert svr["subject"] == vsa["subject"]
    assert len(svr["subject"]) == 5
    filled.attest("reader@1", [REDHAT], vsa=tmp_path / "passed")
    assert statement(tmp_path / "passed")["predicate"]["verificationResult"] == "PASSED"


def test_two_files_of_one_name_are_refused_before_anything_is_logged(filled: Ledger, tmp_path: Path) -> None:
    size = filled.size
    for files in ({"out": "a", "svr": "a"}, {"svr": "b", "vsa": "./b"}):
        with pytest.raises(LedgerError) as caught:
            filled.attest("reader@1", [REDHAT], **{name: tmp_path / file for name, file in files.items()})
        assert caught.value.code == "LG1201"
    assert (filled.size, [item for item in tmp_path.iterdir() if item.name in "ab"]) == (size, [])


PEER = """
import sys, json, base64
from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
said = json.loads(base64.b64decode(json.load(open(sys.argv[1]))["payload"]))
levels = said["predicate"].pop("verifiedLevels")
assert isinstance(levels, list)  # as slsa.dev has it; version 0.9.3 of the library knows a single text there
print(ParseDict(said["predicate"], vsa_pb2.VerificationSummary(), ignore_unknown_fields=True).verification_result)
"""


def test_in_totos_own_library_reads_the_verification_summary(filled: Ledger, tmp_path: Path) -> None:
    filled.attest("reader@1", [REDHAT], vsa=tmp_path / "vsa")
    done = ask("python", "-c", PEER, tmp_path / "vsa")
    assert (done.returncode, done.stdout.strip()) == (0, "PASSED"), done.stderr


def test_explaining_a_rule(filled: Ledger) -> None:
    found = filled.explain("reader@1", f"{REDHAT}/weights")
    assert (found["result"], found["reason"], found["profile"]) == ("pass", "MET", REDHAT)
    assert [item["what"].split()[0] for item in found["evidence"]] == ["manifest", "release"]
    for bad in ("weights", f"{REDHAT}/nothing"):
        with pytest.raises(LedgerError) as caught:
            filled.explain("reader@1", bad)
        assert caught.value.code == "LG1120"
    assert filled.explain("reader@1", f"{MOT}/class-3")["result"] == "unknown"


def test_what_changed_between_releases_and_between_bundles(filled: Ledger, tmp_path: Path) -> None:
    assert filled.diff("reader@1", "reader@1")["verdicts"] == []
    filled.release("reader", "2", [("weights", "reader@1"), ("datasets", "figures"), ("training-code", "trainer")])
    found = filled.diff("reader@1", "reader@2", [REDHAT])
    assert {item["role"] for item in found["removed"]} == {"inference-code", "architecture", "tokenizer", "model-card"}
    [turned] = found["verdicts"]
    assert (turned["before"]["result"], turned["after"]["result"]) == ("pass", "unknown")
    assert {item["rule"] for item in turned["rules"]} == {"inference-code", "architecture", "tokenizer"}
    for number in "12":
        filled.attest(f"reader@{number}", [REDHAT], out=tmp_path / f"{number}.json")
    assert diff_files(tmp_path / "1.json", tmp_path / "2.json")["verdicts"] == found["verdicts"]
    assert diff_files(tmp_path / "1.json", tmp_path / "2.json")["data"] is None
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(LedgerError) as caught:
        filled.diff(str(tmp_path / "x.json"), "reader@1")
    assert caught.value.code == "LG1101"


def test_the_data_behind_two_releases(empty: Ledger, tmp_path: Path) -> None:
    for name in ("raw", "clean", "other"):
        (tmp_path / name).write_text(name)
    empty.record("dataset", tmp_path / "raw", name="raw", version="1", license="CC-BY-4.0")
    empty.record(
        "dataset", tmp_path / "clean", name="clean", version="1", inputs=[("derived-from", "raw@1"), ("derived-from", "ref:web@1")]
    )
    empty.record("dataset", tmp_path / "other", name="other", version="1", license="MIT")
    for number, data in (("1", "clean"), ("2", "other")):
        (tmp_path / number).write_text(number)
        empty.record("weights", tmp_path / number, name="m", version=number, inputs=[("trained-on", f"{data}@1")])
        empty.release("m", number, [("weights", f"weights/m@{number}")])
    found = empty.diff("release/m@1", "release/m@2", [REDHAT])["data"]
    assert [(item["kind"], item["name"], item["normalized"]) for item in found["removed"]] == [
        ("dataset", "clean", "NOASSERTION"),
        ("dataset", "raw", "CC-BY-4.0"),
        (None, "web", "NOASSERTION"),
    ]
    assert [(item["name"], item["normalized"]) for item in found["added"]] == [("other", "MIT")]
    assert empty.diff("release/m@1", "release/m@1", [REDHAT])["data"] == {"added": [], "removed": []}


def test_a_profile_of_ones_own_is_marked(filled: Ledger, tmp_path: Path) -> None:
    text = Path("ledger/frameworks/data/redhat-minimum-2025.yaml").read_text().replace("profile: redhat-minimum-2025", "profile: ours")
    (tmp_path / "ours.yaml").write_text(text)
    done = filled.attest("reader@1", [str(tmp_path / "ours.yaml")], out=tmp_path / "a.json", svr=tmp_path / "svr")
    assert (done.verdicts[0]["profile"], done.verdicts[0]["own"]) == ("ours", True)
    # Nobody else has it: its verdict stands as signed, and other engines are not told of it.
    report = verify_bundle_file(tmp_path / "a.json", filled.log_key)
    assert {item.id: item.result for item in report.checks}["B10"] == "not_checked"
    assert statement(tmp_path / "svr")["predicate"]["properties"] == []
