"""The 48 rules: what the table says of each (`data/license-rules.json`), and the function that decides it.

The table has the severities under the three stances and the sources; they never rise from strict to permissive. A rule's function
stands in the file of its family and knows no stance.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ledger import resources
from ledger.errors import LedgerError
from ledger.licenses.case import Case, Hit
from ledger.licenses.findings import RANK, SEVERITIES, STANCES

TABLE = "license-rules.json"
Predicate = Callable[[Case], Hit | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the table.

    Attributes:
        edge: which step of a lineage it is about, or ``node``, or ``release``.
        severity: by stance.
        order: its place in the table, from 0.
    """

    id: str
    edge: str
    when: str
    effect: str
    note: str | None
    severity: Mapping[str, str]
    sources: tuple[str, ...]
    order: int


@cache
def rules() -> Mapping[str, Rule]:
    """All rules by id, in the order of the table. Raises LedgerError LG0107, LG0815."""
    return read_rules(resources.data_bytes("licenses", TABLE))


def read_rules(data: bytes) -> Mapping[str, Rule]:
    """The rules in a file of the table's format. Raises LedgerError LG0815."""
    try:
        found = {rule.id: rule for rule in (_rule(item, order) for order, item in enumerate(json.loads(data)["rules"]))}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LedgerError("LG0815", f"licence rules cannot be read: {TABLE}: {type(error).__name__}") from None
    for rule in found.values():
        ranks = [RANK.get(rule.severity.get(stance, ""), -1) for stance in STANCES]
        if -1 in ranks or ranks != sorted(ranks, reverse=True) or not rule.sources:
            raise LedgerError("LG0815", f"licence rules cannot be read: {rule.id} has no source, or its severities are not in order")
    return found


def severity(rule: str, hit: Hit, stance: str) -> str:
    """What a hit of a rule weighs under a stance."""
    return SEVERITIES[min(RANK[rules()[rule].severity[stance]], RANK[hit.cap])]


@cache
def predicates() -> Mapping[str, Predicate]:
    """The function of each rule."""
    from ledger.licenses import rules_data, rules_node, rules_outputs, rules_release, rules_training, rules_weights

    found: dict[str, Predicate] = {}
    for module in (rules_node, rules_data, rules_training, rules_weights, rules_outputs, rules_release):
        found.update(module.RULES)
    return found


def _rule(item: Mapping[str, Any], order: int) -> Rule:
    return Rule(item["id"], item["edge"], item["when"], item["effect"], item["note"], dict(item["severity"]), tuple(item["sources"]), order)
