"""The real disclosure of Granite 3.0's training data as a release, by every definition."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents.granite import disclosed, pipeline
from refdata import refdata

from ledger.api import Ledger


@pytest.fixture
def granite(empty: Ledger, tmp_path: Path) -> Ledger:
    (tmp_path / "weights.bin").write_text("weights")
    (tmp_path / "p.yaml").write_text(pipeline(disclosed(refdata("lineage", "granite3_training_data.csv")), "weights.bin"))
    empty.record_file(tmp_path / "p.yaml")
    return empty


def verdicts(ledger: Ledger):
    return {item["profile"]: item for item in ledger.evaluate("release/granite-3.0@3.0")["verdicts"]}


def rules(verdict):
    return {item["rule"]: item for item in verdict["rules"]}


def test_the_disclosure_by_every_definition(granite: Ledger) -> None:
    found = verdicts(granite)
    # The weights are there under Apache-2.0, and no software: Red Hat's minimum cannot be told.
    redhat = rules(found["redhat-minimum-2025"])
    assert (found["redhat-minimum-2025"]["result"], redhat["weights"]["result"]) == ("unknown", "pass")
    assert {redhat[role]["reason"] for role in ("inference-code", "architecture", "tokenizer")} == {"COMPONENT_MISSING"}
    # 102 rows, none of which says all that OSAID asks of a dataset: it is listed, and nobody claims that it suffices.
    osaid = rules(found["osaid-1.0"])
    assert osaid["data-description"]["detail"].startswith("102 of 102: ")
    assert (osaid["data-classes"]["result"], osaid["data-classes"]["reason"]) == ("unknown", "DATA_CLASS_UNDECLARED")
    assert osaid["skilled-person"]["reason"] == "HUMAN_JUDGEMENT_REQUIRED"
    assert (found["osaid-1.0"]["result"], found["osaid-1.0"]["believed"]) == ("fail", "fail")
    # No code and no word on its price: no tier, and the reasons say so.
    g7 = found["g7-ai-openness-2026"]
    assert (g7["class"]["id"], g7["result"]) == ("none", "unknown")
    assert rules(g7)["deployment-code-there"]["reason"] == "COMPONENT_MISSING"
    assert rules(g7)["free-of-charge"]["reason"] == "DATA_INFO_INCOMPLETE"
    # Sections 2.1 and 2.5 of the EU summary are answered by the datasets themselves.
    summary = rules(found["eu-training-summary-2025"])
    assert {summary[name]["result"] for name in ("2.1-used", "2.5-synthetic")} == {"pass"}
    assert summary["2.2.1-agreements"]["result"] == "unknown"


def test_with_code_and_a_word_on_its_price_it_is_open_weights(granite: Ledger, tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text("print()\n")
    granite.record("code", tmp_path / "run.py", name="run", version="1", license="Apache-2.0")
    parts = [("weights", "weights/granite@3.0"), *((role, "run@1") for role in ("inference-code", "architecture", "tokenizer"))]
    granite.release("granite-3.0", "3.1", parts, about={"free_of_charge": "yes"})
    found = {item["profile"]: item for item in granite.evaluate("release/granite-3.0@3.1")["verdicts"]}
    assert found["redhat-minimum-2025"]["result"] == "pass"
    assert found["g7-ai-openness-2026"]["class"]["id"] == "open-weights"
    assert found["osaid-1.0"]["result"] == "unknown"
