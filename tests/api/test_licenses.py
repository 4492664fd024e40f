"""Licences along recorded lineages: claims kept apart, findings with their way, waivers, moments, and what goes with a release."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import MOMENT
from refdata import refdata

from ledger.api import Ledger, LedgerError, license_facts
from ledger.clock import FixedClock

MIT = """MIT License

Copyright (c) 2026 The reader authors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def refused(code: str, call: object, *args: object, **more: object) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        call(*args, **more)  # type: ignore[operator]
    assert caught.value.code == code, caught.value
    return caught.value


def tree(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def tuned(empty: Ledger, tmp_path: Path) -> Ledger:
    """A model that is called MIT, tuned from a base under Llama 3.1's terms on data for non-commercial use."""
    empty.record("weights", tree(tmp_path / "base", weights="base"), name="Llama-3.1-8B", version="1", license="LicenseRef-Llama-3.1")
    empty.record("dataset", tree(tmp_path / "data", rows="1,2"), name="figures", version="1", license="CC-BY-NC-4.0")
    inputs = [("fine-tuned-from", "Llama-3.1-8B@1"), ("trained-on", "figures@1")]
    empty.record("weights", tree(tmp_path / "model", weights="new", LICENSE=MIT), name="reader", version="1", license="MIT", inputs=inputs)
    empty.release("reader", "1", [("weights", "weights/reader@1")])
    return empty


def found(ledger: Ledger, ref: str = "release/reader@1", **more: object) -> dict[str, str]:
    """Rule → severity; a rule that finds several things has its highest."""
    rank = ["notice", "review", "obligation", "conflict"]
    answer: dict[str, str] = {}
    for item in ledger.licenses(ref, **more).to_json()["findings"]:  # type: ignore[arg-type]
        before = answer.get(item["rule"], "notice")
        answer[item["rule"]] = max(before, item["severity"], key=rank.index)
    return answer


def test_the_base_s_terms_meet_the_model(tuned: Ledger) -> None:
    rules = found(tuned)
    assert {rule: rules.get(rule) for rule in ("W1", "W2", "W3", "W5", "T-NC", "T-BY", "R3")} == {
        "W1": "obligation",
        "W2": "conflict",
        "W3": "obligation",
        "W5": "conflict",
        "T-NC": "review",
        "T-BY": "obligation",
        "R3": "conflict",
    }
    report = tuned.licenses("release/reader@1").to_json()
    [name] = [item for item in report["findings"] if item["rule"] == "W2"]
    ids = {item["name"]: item["id"] for item in report["claims"]}
    assert name["path"] == [ids["Llama-3.1-8B"], ids["reader"]]
    assert name["license"] == "LicenseRef-Llama-3.1"
    assert name["sources"]
    assert report["expression"] == "MIT"
    assert report["unknown"] == []


def test_the_stance_decides_only_where_the_law_is_unsettled(tuned: Ledger) -> None:
    assert [found(tuned, stance=stance)["T-NC"] for stance in ("strict", "moderate", "permissive")] == ["conflict", "review", "notice"]
    assert [found(tuned, stance=stance)["W5"] for stance in ("strict", "moderate", "permissive")] == ["conflict"] * 3
    refused("LG0825", tuned.licenses, "release/reader@1", stance="relaxed")


def test_who_asks_matters(tuned: Ledger, tmp_path: Path) -> None:
    assert found(tuned)["H9"] == "review"
    small, large = tree(tmp_path / "actors", small="monthly_active_users: 5\n", large="monthly_active_users: 800000000\n").iterdir(), None
    small, large = sorted(small, key=lambda path: path.name == "large")
    assert found(tuned, actor=large)["H9"] == "conflict"
    assert found(tuned, actor=small).get("H9") is None
    (tmp_path / "odd").write_text("users: 5\n")
    refused("LG0821", tuned.licenses, "release/reader@1", actor=tmp_path / "odd")
    refused("LG0201", tuned.licenses, "release/reader@1", actor=tmp_path / "nowhere")


def test_claims_stay_apart(tuned: Ledger, tmp_path: Path) -> None:
    [claim] = [item for item in tuned.licenses("weights/reader@1").to_json()["claims"] if item["name"] == "reader"]
    assert (claim["declared"]["expression"], claim["concluded"], claim["shipped"]) == ("MIT", None, True)
    assert [(text["path"], text["method"] in ("exact", "template"), text["ids"]) for text in claim["detected"]] == [
        ("LICENSE", True, ["MIT"])
    ]
    tuned.review("weights/reader@1", concluded_license="LicenseRef-Llama-3.1", reason="what it was tuned from decides")
    [claim] = [item for item in tuned.licenses("weights/reader@1").to_json()["claims"] if item["name"] == "reader"]
    assert (claim["declared"]["expression"], claim["concluded"]["normalized"]) == ("MIT", "LicenseRef-Llama-3.1")
    assert "W5" not in found(tuned)
    assert found(tuned, "weights/reader@1")["W2"] == "conflict"


def test_a_text_that_is_another_one_is_a_conflict(empty: Ledger, tmp_path: Path) -> None:
    """Kimi K2's text is MIT's with a condition more."""
    text = (refdata("license-texts-ai") / "kimi.txt").read_text("utf-8")
    empty.record("weights", tree(tmp_path / "kimi", weights="w", LICENSE=text), name="Kimi-K2", version="1", license="MIT")
    assert found(empty, "Kimi-K2@1")["H4"] == "conflict"
    [claim] = empty.licenses("Kimi-K2@1").to_json()["claims"]
    assert claim["detected"][0]["ids"] == ["LicenseRef-Moonshot-Modified-MIT-2025"]


def test_a_changed_word_is_near_and_no_licence(empty: Ledger, tmp_path: Path) -> None:
    text = MIT.replace("without restriction", "for research only")
    empty.record("code", tree(tmp_path / "code", main="x", LICENSE=text), name="tool", version="1")
    [claim] = empty.licenses("tool@1").to_json()["claims"]
    assert claim["detected"][0]["method"] == "near"
    assert claim["detected"][0]["ids"] == []
    assert claim["detected"][0]["candidates"][0] == ["MIT"]
    rules = found(empty, "tool@1")
    assert rules["H5"] == "review"
    assert empty.licenses("tool@1").to_json()["unknown"] == [claim["id"]]


def test_nothing_is_known_of_a_reference(empty: Ledger, tmp_path: Path) -> None:
    empty.record("weights", tree(tmp_path / "m", w="w"), name="m", version="1", license="MIT", inputs=[("trained-on", "ref:web@1")])
    assert found(empty, "m@1")["H1"] == "conflict"
    empty.review("ref:web@1", concluded_license="CC0-1.0", reason="the publisher says so")
    assert "H1" not in found(empty, "m@1")


def test_then_and_now(tuned: Ledger) -> None:
    """Alpaca's way: the same bytes were given under one licence, then under another; each moment has its answer."""
    before = tuned.size
    tuned.review("figures@1", concluded_license="CC0-1.0", reason="the publisher changed it")
    then = Ledger.open(tuned.layout.root, at=before)
    assert "T-NC" in found(then)
    assert "T-NC" not in found(tuned)
    assert then.licenses("release/reader@1").to_json()["size"] == before


def test_the_same_bytes_under_two_licences_are_shown(empty: Ledger, tmp_path: Path) -> None:
    data = tree(tmp_path / "d", rows="1")
    empty.record("dataset", data, name="figures", version="1", license="CC-BY-4.0", sources=["https://example.org/d"])
    empty.record("dataset", data, name="figures", version="2", license="CC-BY-NC-4.0", sources=["https://example.org/d"])
    report = empty.licenses("figures@1").to_json()
    assert report["same_bytes"] == [{"id": report["id"], "licenses": ["CC-BY-4.0", "CC-BY-NC-4.0"]}]
    assert report["moved"] == []
    other = empty.record("dataset", tree(tmp_path / "d", rows="2"), name="figures", version="3", sources=["https://example.org/d"])
    [moved] = empty.licenses("figures@3").to_json()["moved"]
    assert moved == {"source": "https://example.org/d", "seen": [{"index": 1, "id": report["id"]}, {"index": 3, "id": other.id}]}
    # A source at another revision is another one.
    again = {"uri": "https://example.org/d", "revision": "r2"}
    empty.record("dataset", tree(tmp_path / "d", rows="3"), name="figures", version="4", sources=[again])
    assert empty.licenses("figures@4").to_json()["moved"] == []


def waive_all(ledger: Ledger, ref: str = "release/reader@1") -> int:
    """Waive conflicts until none is left; returns how many."""
    for count in range(20):
        report = ledger.licenses(ref)
        if not report.unresolved:
            return count
        ledger.review(ref, waive=f"{report.unresolved[0].rule}:{report.unresolved[0].id}", reason=f"accepted {count}")
    raise AssertionError("conflicts without end")


def test_waived_findings_stay_and_do_not_stand_in_the_way(tuned: Ledger, tmp_path: Path) -> None:
    error = refused("LG0834", tuned.check_licenses, "reader@1")
    assert len(error.details["findings"]) == len(tuned.licenses("release/reader@1").unresolved)
    before = tuned.licenses("release/reader@1").to_json()["findings"]
    assert waive_all(tuned) >= 2
    tuned.check_licenses("reader@1")
    after = tuned.licenses("release/reader@1").to_json()["findings"]
    known = {item["id"]: item["severity"] for item in after}
    assert all(known.get(item["id"]) == item["severity"] for item in before if item["rule"] != "R3")
    waived = [item for item in after if item["waived"]]
    assert {item["severity"] for item in waived} == {"conflict"}
    assert all(item["waived"]["reason"].startswith("accepted") and item["waived"]["keyids"] for item in waived)


def test_a_waiver_is_of_what_was_looked_at(tuned: Ledger, tmp_path: Path) -> None:
    """Another model from the same base has the same conflict, and its own finding."""
    waive_all(tuned)
    inputs = [("fine-tuned-from", "Llama-3.1-8B@1")]
    tuned.record("weights", tree(tmp_path / "other", w="other", LICENSE=MIT), name="writer", version="1", license="MIT", inputs=inputs)
    tuned.release("writer", "1", [("weights", "weights/writer@1")])
    refused("LG0834", tuned.check_licenses, "writer@1")


def test_the_folder_of_a_release(tuned: Ledger, tmp_path: Path) -> None:
    folder = tuned.notices("release/reader@1", tmp_path / "out")
    assert folder.missing == ()
    files = {str(path.relative_to(tmp_path / "out")): path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert files == dict(folder.files)
    assert MIT.encode() in files.values()
    assert b"figures@1" in files["ATTRIBUTION.md"]
    assert b"Built with Llama" in files["OBLIGATIONS.md"]
    refused("LG0837", tuned.notices, "release/reader@1", tmp_path / "out")
    (tmp_path / "file").write_text("")
    refused("LG1103", tuned.notices, "release/reader@1", tmp_path / "file" / "below")
    assert tuned.notices("release/reader@1", tmp_path / "again").files == folder.files


def test_another_licence_would_change(tuned: Ledger) -> None:
    before = tuned.checkpoint
    [release] = tuned.impact("figures@1", "CC0-1.0").to_json()["releases"]
    assert (release["name"], release["version"]) == ("reader", "1")
    assert {item["rule"] for item in release["removed"]} >= {"T-NC", "T-BY"}
    assert release["verdicts_before"] == release["verdicts_after"]
    [release] = tuned.impact("weights/reader@1", "LicenseRef-Llama-3.1").to_json()["releases"]
    assert release["verdicts_before"]["redhat-minimum-2025"] != "pass"
    assert {item["rule"] for item in release["removed"]} >= {"W5"}
    refused("LG0830", tuned.impact, "figures@1", "nonsense")
    refused("LG0901", tuned.impact, "nobody@1", "MIT")
    assert tuned.checkpoint == before


def test_a_verdict_that_would_turn(empty: Ledger, tmp_path: Path) -> None:
    empty.record("weights", tree(tmp_path / "m", w="w"), name="m", version="1", license="Apache-2.0")
    empty.record("code", tree(tmp_path / "c", w="w2"), name="c", version="1", license="MIT")
    empty.release("m", "1", [("weights", "weights/m@1"), ("inference-code", "c@1"), ("training-code", "c@1")])
    [release] = empty.impact("weights/m@1", "CC-BY-NC-4.0").to_json()["releases"]
    turned = {name for name, result in release["verdicts_before"].items() if release["verdicts_after"][name] != result}
    assert "redhat-minimum-2025" in turned
    assert release["verdicts_after"]["redhat-minimum-2025"] == "fail"


def test_facts_of_one_licence() -> None:
    facts = license_facts("LicenseRef-llama-3.1")
    assert facts is not None
    assert facts["id"] == "LicenseRef-Llama-3.1"
    assert facts["name_prefix"] == "Llama"
    assert all(item["where"] and item["check"] for item in facts["sources"])
    assert license_facts("LicenseRef-nobody-knows") is None
    plain = license_facts("BSD-3-Clause")
    assert plain is not None
    assert plain["osi"] is True


def test_the_clock_is_the_ledger_s(tuned: Ledger) -> None:
    """The same question has the same answer, byte for byte."""
    again = Ledger.open(tuned.layout.root, clock=FixedClock(MOMENT))
    assert again.licenses("release/reader@1").to_json() == tuned.licenses("release/reader@1").to_json()


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("Apache 2.0", "Apache-2.0"),
        ("CC BY 4.0", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
        ("BSD", "NOASSERTION"),
        ("GPLv3", "NOASSERTION"),
        ("openrail", "NOASSERTION"),
        ("see the website", "NOASSERTION"),
    ],
)
def test_words_are_read_where_they_are_certain(empty: Ledger, tmp_path: Path, text: str, normalized: str) -> None:
    done = empty.record("dataset", tree(tmp_path / "d", rows="1"), name="d", version="1", license=text)
    assert done.licenses[0]["expression"] == text
    assert done.licenses[0]["normalized"] == normalized
    assert bool(done.warnings) is (normalized == "NOASSERTION")
    if normalized == "NOASSERTION":
        assert done.warnings[0].startswith("LG0801: ")
        assert found(empty, "d@1").get("H2") == "review" or found(empty, "d@1").get("H1") == "conflict"
