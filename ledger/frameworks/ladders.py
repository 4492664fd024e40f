"""Tiers: a ladder of which each rung asks for what the rungs below ask, and more.

The tier is the highest one all of whose rules hold by evidence; what it would be if every claim were believed stands beside it.
A rung that is not reached ends the ladder, so what is released besides never counts for a higher one; and releasing more never
lowers it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ledger.errors import LedgerError
from ledger.frameworks.answers import PASS, Answer, Outcome, both
from ledger.frameworks.conclusion import Conclusion
from ledger.frameworks.model import Profile
from ledger.spec.evidence import RuleResult

NONE = "none"


def tiers(profile: Profile, outcomes: tuple[Outcome, ...]) -> Conclusion:
    """The highest tier; pass when there is one, fail when the lowest is definitely not reached."""
    rungs: tuple[Mapping[str, Any], ...] = profile.conclusion.params["tiers"]
    evidence = {outcome.rule.id: outcome.evidence for outcome in outcomes}
    believed = {outcome.rule.id: outcome.believed for outcome in outcomes}
    rules = [outcome.to_result() for outcome in outcomes]
    needed: list[str] = []
    results: list[tuple[str, str]] = []
    for rung in rungs:
        needed.extend(rung["requires"])
        results.append((both(evidence[rule].result for rule in needed), both(believed[rule].result for rule in needed)))
        rules.append(_rung(rung, needed, evidence, results[-1]))
    reached = [rung for rung, answers in zip(rungs, results, strict=True) if answers[0] == PASS]
    claimed = [rung for rung, answers in zip(rungs, results, strict=True) if answers[1] == PASS]
    return Conclusion(
        result=results[0][0],
        believed=results[0][1],
        rules=tuple(rules),
        class_id=reached[-1]["id"] if reached else NONE,
        class_label=reached[-1]["label"] if reached else "no tier",
        class_believed=claimed[-1]["id"] if claimed else NONE,
    )


def _rung(rung: Mapping[str, Any], needed: list[str], evidence: Mapping[str, Answer], results: tuple[str, str]) -> RuleResult:
    missing = [rule for rule in needed if evidence[rule].result != PASS]
    reason = next((evidence[rule].reason for rule in missing if evidence[rule].result == results[0]), "MET")
    detail = f"{rung['label']}: {len(needed) - len(missing)} of {len(needed)} rules hold by evidence"
    if results[1] != results[0]:
        detail += f"; if every claim is believed: {results[1]}"
    change = "what would change " + ", ".join(f"`{rule}`" for rule in missing) if missing else ""
    return RuleResult(rule=f"tier-{rung['id']}", result=results[0], reason=reason, detail=detail, would_change=change)


def tiers_fit(profile: Profile, bad: Callable[[str], LedgerError]) -> None:
    """Each tier has rules that are there and required, no rule stands on two rungs, and no id is taken."""
    rules = {rule.id for rule in profile.rules}
    rungs = profile.conclusion.params["tiers"]
    asked = [rule for rung in rungs for rule in rung["requires"]]
    names = [rung["id"] for rung in rungs]
    if len(set(asked)) != len(asked) or not set(asked) <= rules or not all(rung["requires"] for rung in rungs):
        raise bad("asks for a rule that is not there, or twice, or has a tier without rules")
    if len(set(names)) != len(names) or NONE in names or rules & {f"tier-{name}" for name in names}:
        raise bad("repeats the id of a tier, or uses one that is taken")
    if set(asked) & {rule.id for rule in profile.rules if not rule.params.get("required", True)}:
        raise bad("requires a rule that is optional")
