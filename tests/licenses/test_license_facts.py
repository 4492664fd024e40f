"""The table of licence facts: what published texts say, what does not load, and that unknown stays unknown."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from refdata import refdata

from ledger import resources
from ledger.errors import LedgerError
from ledger.licenses.facts import all_facts, facts_of, facts_of_text
from ledger.licenses.facts_load import load_table, read_table

ROOT = Path(__file__).resolve().parent.parent.parent


def raw() -> dict:
    return json.loads(resources.data_bytes("licenses", "license-facts.json"))


def one(**changes) -> dict:
    table = raw()
    item = copy.deepcopy(next(item for item in table["licenses"] if item["key"] == "llama-3.2"))
    item.update(changes)
    return {**table, "licenses": [item]}


def test_table_fits_its_schema():
    schema = json.loads((ROOT / "schemas/license-facts/v1.schema.json").read_text("utf-8"))
    jsonschema_rs.Draft202012Validator(schema).validate(raw())
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.Draft202012Validator(schema).validate(one(sources=[]))


def test_all_entries_of_the_reference_table_are_there():
    path = refdata("license_golden_cases.yaml").parent.parent / "facts" / "ai_licenses.yaml"
    records = yaml.safe_load(path.read_text("utf-8"))["licences"]
    assert len(records) == 58
    for record in records:
        facts = facts_of(record["key"])
        assert facts is not None and facts.name == record["name"]
        wanted = record["outputs"]["training_other_models"]
        assert facts.outputs.training == {"?": "unknown"}.get(wanted, wanted)
        assert len(facts.thresholds) == len(record.get("thresholds", ()))
        assert {source.where for source in facts.sources} >= {str(source["where"]) for source in record["sources"]}


# What the published texts say; each can be read at the address that the entry's source gives.
@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("LicenseRef-Llama-3", "name_prefix", "Llama 3"),
        ("licenseref-LLAMA-3.1", "name_prefix", "Llama"),
        ("llama-2", "name_prefix", None),
        ("llama-2", "badge", None),
        ("gemma", "name_prefix", None),
        ("Apache-2.0", "osi", True),
        ("apache-2.0", "open_definition", None),
        ("CC-BY-NC-4.0", "open_definition", False),
        ("CC-BY-NC-4.0", "fsf", False),
        ("CC-BY-NC-SA-4.0", "fsf", None),
        ("CC-BY-NC-SA-3.0", "commercial", "no"),
        ("CC-BY-3.0", "commercial", "yes"),
        ("CC-BY-ND-2.0", "modify", "no"),
        ("ODC-By-1.0", "open_definition", True),
        ("OpenMDW-1.0", "osi", False),
        ("GPL-2.0-or-later", "share_alike", "same-licence"),
        ("MPL-2.0", "share_alike", "file"),
        ("AGPL-3.0-only", "hosting", "yes"),
        ("LicenseRef-xAI-Community-2025-11-04", "revocable", "at-will"),
        ("nvidia-open-model", "guardrail", True),
        ("jamba-open-model", "basis", "remembered"),
    ],
)
def test_facts(name: str, field: str, value: object):
    facts = facts_of(name)
    assert facts is not None
    assert getattr(facts, field) == value


def test_llama_3_and_3_1_differ_where_their_texts_do():
    three, later = facts_of("llama-3"), facts_of("llama-3.1")
    assert (three.outputs.training, later.outputs.training) == ("forbidden", "allowed-with-name")
    assert (three.badge.text, later.badge.text) == ("Built with Meta Llama 3", "Built with Llama")
    assert [t.value for t in later.thresholds] == [700_000_000] and later.thresholds[0].clock == "version-release-date"
    assert facts_of("tongyi-qianwen").thresholds[0].clock == "continuous"


def test_european_exclusion_is_in_the_policy_and_for_multimodal_models():
    geography = facts_of("llama-4").geography
    assert (geography.exclude, geography.multimodal_only, geography.where) == (("EU",), True, "aup")
    assert facts_of("llama-3.1").geography is None
    assert facts_of("tencent-hunyuan-3d-2.0").geography.exclude == ("EU", "GB", "KR")


def test_unknown_stays_unknown():
    listed = facts_of("ZPL-2.1")
    assert listed is not None and (listed.basis, listed.osi) == ("list", True)
    assert (listed.commercial, listed.share_alike, listed.revocable, listed.open_definition) == ("unknown",) * 3 + (None,)
    assert set(listed.conditions.__class__.__dataclass_fields__) and all(
        getattr(listed.conditions, name) == "unknown" for name in listed.conditions.__class__.__dataclass_fields__
    )
    assert facts_of("LicenseRef-nobody") is None
    assert facts_of("") is None
    assert facts_of("apache-2.0\u212a") is None


def test_what_is_only_remembered_is_shown_as_such():
    jamba = facts_of("jamba-open-model")
    assert not jamba.verified and jamba.thresholds[0].check == "remembered"
    assert facts_of("llama-3.1").verified
    assert all(facts.sources for facts in all_facts())


def test_texts_are_known_by_their_digest():
    import hashlib

    for name, key in (("kimi.txt", "moonshot-modified-mit-2025"), ("llama3.txt", "llama-3"), ("gptoss.txt", None)):
        found = facts_of_text(hashlib.sha256(refdata("license-texts-ai", name).read_bytes()).hexdigest())
        assert (found.key if found else None) == key


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"sources": []}, "LG0811", "no source"),
        ({"sources": [{"what": "text", "where": "here"}]}, "LG0811", "what, where and check"),
        ({"sources": [{"what": "text", "where": "here", "check": "guessed"}]}, "LG0814", "guessed"),
        ({"colour": "red"}, "LG0812", "colour"),
        ({"commercial": False}, "LG0813", "YAML boolean"),
        ({"commercial": "maybe"}, "LG0814", "maybe"),
        ({"klass": ["open-source"]}, "LG0814", "open-source"),
        ({"name": ""}, "LG0810", "not a text"),
        ({"osi": "yes"}, "LG0810", "neither true"),
        ({"ids": {}}, "LG0812", "lacks"),
        ({"targets": "weights"}, "LG0810", "not a list"),
        ({"text_sha256": ["abc"]}, "LG0810", "SHA-256"),
        (
            {"thresholds": [{"metric": "stars", "op": ">", "value": 1, "clock": "continuous", "effect": "no-grant", "check": "read"}]},
            "LG0814",
            "stars",
        ),
        (
            {
                "thresholds": [
                    {
                        "metric": "monthly_active_users",
                        "op": ">",
                        "value": "7",
                        "clock": "continuous",
                        "effect": "no-grant",
                        "check": "read",
                    }
                ]
            },
            "LG0810",
            "whole number",
        ),
        ({"geography": {"exclude": [False], "multimodal_only": True, "outputs": False, "where": "aup"}}, "LG0813", "YAML boolean"),
        ({"geography": {"exclude": ["Norway"], "multimodal_only": True, "outputs": False, "where": "aup"}}, "LG0814", "two capitals"),
    ],
)
def test_what_a_fact_may_not_be(change: dict, code: str, words: str):
    with pytest.raises(LedgerError, match=words) as caught:
        read_table(one(**change), what="table")
    assert caught.value.code == code


def test_missing_field_is_refused_and_not_unknown():
    table = one()
    del table["licenses"][0]["commercial"]
    with pytest.raises(LedgerError, match="lacks the fields: commercial"):
        read_table(table, what="table")
    table = one()
    del table["licenses"][0]["sources"]
    with pytest.raises(LedgerError, match="no source") as caught:
        read_table(table, what="table")
    assert caught.value.code == "LG0811"


def test_yaml_booleans_are_refused_in_a_file():
    text = yaml.safe_dump(one(), allow_unicode=True)
    assert load_table(text.encode()).entries[0].key == "llama-3.2"
    with pytest.raises(LedgerError, match="YAML boolean") as caught:
        load_table(text.replace("- EU\n", "- NO\n").encode())
    assert caught.value.code == "LG0813"
    with pytest.raises(LedgerError) as caught:
        load_table(b"date: 2026-11-20\nformat: &a [*a]\n")
    assert caught.value.code == "LG0810"


def test_two_entries_with_one_name_are_refused():
    table = one()
    table["licenses"].append(table["licenses"][0])
    with pytest.raises(LedgerError, match="two entries"):
        read_table(table, what="table")


def test_facts_load_fast_and_import_nothing_heavy():
    program = (
        "import time, sys; begin = time.process_time()\nfrom ledger.licenses.facts import facts_of\nassert facts_of('llama-3')\n"
        "print(time.process_time() - begin, [m for m in ('yaml', 'license_expression', 'duckdb') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split(maxsplit=1)
    assert float(out[0]) < 1.0  # some 0.05 s alone on a machine; more would be another kind of loading
    assert out[1].strip() == "[]"
