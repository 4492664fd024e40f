"""The 14 lineages of the reference data, under each stance.

How exact the comparison is: the rules found above `none`, with the highest severity of each, plus those that the case lists as
`none`, equal what the case lists plus `ALSO`. `ALSO` names what a case leaves out and the table of rules demands, with the
reason. A case is about lineage, so what it does not mention is in order: texts, notices and terms were kept, and whoever asks is
small, commercial, in the United States and accepted nothing. Severities under the other stances are those of the case's `flip`, else
the table's.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import yaml
from refdata import refdata

from ledger.licenses.facts import facts_of, facts_of_text
from ledger.licenses.propagate import RANK, STANCES, Actor, Edge, Node, propagate

RELATIONS = {
    "finetune": "fine-tuned-from",
    "train": "trained-on",
    "generate": "generated-by",
    "merge": "merged-from",
    "collect": "combined-from",
    "deploy": "deployed-as",
}
# What a case's own list leaves out; moderate stance.
ALSO: dict[str, dict[str, str]] = {
    # The generated data has no licence of its own; and O1 holds always, as the table says.
    "G01-r1-distill-llama": {"H1": "conflict", "O1": "obligation"},
    "G02-r1-distill-qwen": {"H1": "conflict", "O1": "obligation"},
    # The student's base is under Apache-2.0, whose text and change notes go along (as case G02 lists).
    "G03-magpie-nonllama": {"W1": "obligation"},
    "G04-same-but-llama31": {"W1": "obligation"},
    # The terms of the service can be revoked at will.
    "G06-openai-label-laundering": {"H8": "notice"},
    # A software licence on a dataset.
    "G07-instructlab-nc": {"H6": "notice"},
}


def cases() -> list[Any]:
    found: list[Any] = yaml.safe_load(refdata("license_golden_cases.yaml").read_text("utf-8"))["cases"]
    assert len(found) == 14
    return found


def rule_table() -> dict[str, dict[str, str]]:
    table = yaml.safe_load((refdata("license_golden_cases.yaml").parent.parent / "facts" / "license_rules.yaml").read_text("utf-8"))
    return {rule["id"]: rule["severity"] for rule in table["rules"]}


def lineage(case: Any) -> tuple[list[Node], list[Edge], Actor]:
    nodes = []
    for name, given in case["nodes"].items():
        key, detected = given.get("key"), ()
        if "text" in given:
            digest = hashlib.sha256(refdata("license-texts-ai", "kimi.txt").read_bytes()).hexdigest()
            known = facts_of_text(digest)
            assert known is not None
            detected = (known.id,)
        facts = facts_of(key) if key else None
        assert facts is not None or not key
        nodes.append(
            Node(
                name,
                given["kind"],
                given["name"],
                declared=given.get("declared") or (facts.id if facts else None),
                detected=detected,
                has_text=True,
                has_notice=True,
                terms_captured=True,
                multimodal=given.get("multimodal", False),
            )
        )
    edges = [Edge(source, target, RELATIONS[relation]) for source, target, relation in case["edges"]]
    said = {key: None if value == "unknown" else value for key, value in case.get("facts", {}).items()}
    small: dict[str, Any] = dict.fromkeys(("monthly_active_users", "daily_active_users", "annual_revenue_usd", "monthly_revenue_usd"), 1)
    small |= {"domicile": "US", "purpose": "commercial", "accepted_terms": ()}
    allowed = case.get("policy", {}).get("allow_list")
    actor = Actor(
        **{**small, **{k: tuple(v) if isinstance(v, list) else v for k, v in said.items()}}, allow_list=tuple(allowed) if allowed else None
    )
    return nodes, edges, actor


def worst(case: Any, stance: str) -> dict[str, str]:
    nodes, edges, actor = lineage(case)
    found: dict[str, str] = {}
    shipped = {node.id for node in nodes} - {edge.source for edge in edges}
    for finding in propagate(nodes, edges, stance=stance, actor=actor, shipped=shipped).findings:
        if finding.rule not in found or RANK[finding.severity] > RANK[found[finding.rule]]:
            found[finding.rule] = finding.severity
    return found


@pytest.mark.parametrize("stance", STANCES)
@pytest.mark.parametrize("number", range(14))
def test_golden_case(number: int, stance: str) -> None:
    case, table = cases()[number], rule_table()
    moderate = {**case["expect"], **ALSO.get(case["id"], {})}
    wanted = {}
    for rule, severity in moderate.items():
        # Where a case gives the table's severity, other stances have the table's too; else it is an unknown, which stays.
        wanted[rule] = table[rule][stance] if severity == table[rule]["moderate"] else severity
    flips = case.get("flip", {}).get(stance, {})
    assert all(wanted[rule] == severity for rule, severity in flips.items()), "the case and the table of rules say the same"
    found = worst(case, stance)
    shown = {rule: severity for rule, severity in found.items() if severity != "none" or rule in case["expect"]}
    # A rule that weighs nothing under a stance may be listed or not.
    assert {r: s for r, s in shown.items() if s != "none"} == {r: s for r, s in wanted.items() if s != "none"}
    assert {rule for rule, severity in case["expect"].items() if severity == "none"} <= {r for r, s in found.items() if s == "none"}
