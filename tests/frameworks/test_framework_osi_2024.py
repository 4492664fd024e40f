"""The code and parameters of the Open Source AI Definition against OSI's published answers on twelve models, from claims alone.

`fixtures/osi-2024.yaml` has the facts and where they are from. A necessary condition and no more: what the definition asks about data is
not among them, and no registry's record holds bytes, so nothing of it passes by evidence.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from frameworks.stand_ins import osaid_profile

from ledger.frameworks.checks import CHECKS
from ledger.importers.mot import ROLE_OF, read_model

FACTS = yaml.safe_load((Path(__file__).resolve().parent.parent.parent / "fixtures" / "osi-2024.yaml").read_text("utf-8"))["models"]
RULES = ("weights", "architecture", "training-code", "preprocessing-code", "inference-code", "evaluation-code", "supporting-libraries")
NAME_OF = {role: name for name, role in ROLE_OF.items()}
# What OSI published: the pass list, the models that would pass with other terms, and the fail list.
PUBLISHED = {
    "pass": ["Pythia", "OLMo", "Amber", "CrystalCoder", "T5"],
    "licence-change": ["BLOOM", "StarCoder2", "Falcon"],
    "fail": ["Llama 2", "Grok", "Phi-2", "Mixtral"],
}


def believed(model: dict) -> dict[str, str]:
    """Rule → its answer if every claim of the record is believed."""
    license = {"distribution": {"name": model["distribution"]}} if "distribution" in model else {}
    components = [{"name": NAME_OF[role], **({"license": text} if text else {})} for role, text in model["components"].items()]
    facts = read_model(json.dumps({"name": model["name"], "license": license, "components": components}).encode())
    profile = osaid_profile()
    rules = {rule.id: rule for rule in profile.rules}
    outcomes = {name: CHECKS[rules[name].check](profile, rules[name], facts) for name in RULES}
    assert not any(item.evidence.result == "pass" for item in outcomes.values())
    return {name: item.believed.result for name, item in outcomes.items()}


def test_the_lists_are_those_published():
    assert {answer: [item["name"] for item in FACTS if item["answer"] == answer] for answer in PUBLISHED} == PUBLISHED
    assert len(FACTS) == 12
    assert all(len(item["commit"]) == 40 and item["record"].startswith("models/") for item in FACTS)


@pytest.mark.parametrize("model", [item for item in FACTS if "exception" not in item], ids=lambda item: item["name"])
def test_the_records_give_the_published_answer(model):
    found = believed(model)
    held = set(found.values()) <= {"pass", "not_applicable"}
    assert held is (model["answer"] == "pass"), found


def test_the_one_exception_is_a_thin_record():
    (model,) = [item for item in FACTS if "exception" in item]
    assert (model["name"], model["answer"]) == ("T5", "pass")
    found = believed(model)
    assert {name for name, result in found.items() if result != "pass"} == {"weights", "supporting-libraries"}
