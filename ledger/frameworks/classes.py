"""Cumulative classes, as the Model Openness Framework has them.

Classes go from the entry class to the best, each asking for its own rules and those of the classes before. Figures are
percentages of required components that are included if every claim is believed, as a registry without bytes can only count;
what holds by evidence stands beside it, in `class_by_evidence` and in a rule for each class. The figure of a class is 0 until
every class before it is complete. A rule may have a substitute that counts in its place while it is not included itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ledger.errors import LedgerError
from ledger.frameworks.answers import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Answer, Outcome, both
from ledger.frameworks.conclusion import Conclusion
from ledger.frameworks.model import Profile
from ledger.spec.evidence import RuleResult

FULL = 100.0
UNCLASSIFIED = "0"


def cumulative_classes(profile: Profile, outcomes: tuple[Outcome, ...]) -> Conclusion:
    """The best class that is complete if every claim is believed, with its figures, and the best one by evidence."""
    classes: tuple[Mapping[str, Any], ...] = profile.conclusion.params["classes"]
    substitutes: Mapping[str, str] = profile.conclusion.params["substitutes"]
    evidence = {outcome.rule.id: outcome.evidence for outcome in outcomes}
    believed = {outcome.rule.id: outcome.believed for outcome in outcomes}
    included = {rule for rule, answer in believed.items() if answer.result == PASS}
    progress = _progress(classes, substitutes, included)
    reached = [item for item, value in zip(classes, progress, strict=True) if value == FULL]
    rules = [_shown(outcome, substitutes, evidence) for outcome in outcomes]
    required: list[str] = []
    results: list[tuple[str, str]] = []
    for item in classes:
        required.extend(item["requires"])
        rules.append(_class_rule(item, required, substitutes, evidence, believed))
        results.append((rules[-1].result, both([_answer(rule, substitutes, believed).result for rule in required])))
    # The tool adds from the entry class up, and floating-point sums depend on that order.
    total = 0.0
    for value in progress:
        total += value
    proven = [item["id"] for item, answers in zip(classes, results, strict=True) if answers[0] == PASS]
    figures = {f"class_{item['id']}": value for item, value in zip(classes, progress, strict=True)}
    return Conclusion(
        result=results[0][0],
        believed=results[0][1],
        rules=tuple(rules),
        class_id=reached[-1]["id"] if reached else UNCLASSIFIED,
        class_label=reached[-1]["label"] if reached else "Unclassified",
        figures={**figures, "total": total / len(classes)},
        class_by_evidence=proven[-1] if proven else UNCLASSIFIED,
    )


def _progress(classes: tuple[Mapping[str, Any], ...], substitutes: Mapping[str, str], included: set[str]) -> list[float]:
    found: list[float] = []
    required: list[str] = []
    for item in classes:
        if found and found[-1] != FULL:
            found.append(0.0)
            continue
        required.extend(item["requires"])
        count = sum(rule in included for rule in required)
        size = len(required)
        for rule, other in substitutes.items():
            if rule in required and rule not in included and other in included:
                # Where the substitute is required anyway it is counted already, and one thing less is asked for.
                if other in required:
                    size -= 1
                else:
                    count += 1
        found.append(min(count / size * 100, FULL))
    return found


def _answer(rule: str, substitutes: Mapping[str, str], answers: Mapping[str, Answer]) -> Answer:
    """The answer of a rule or of what may stand in for it, whichever is better: a three-valued OR."""
    own = answers[rule]
    other = answers[substitutes[rule]] if rule in substitutes else own
    return min((own, other), key=lambda answer: (PASS, UNKNOWN, FAIL).index(answer.result))


def _shown(outcome: Outcome, substitutes: Mapping[str, str], evidence: Mapping[str, Answer]) -> RuleResult:
    result = outcome.to_result()
    other = substitutes.get(outcome.rule.id)
    if other is None or result.result == PASS or evidence[other].result != PASS:
        return result
    return replace(result, result=NOT_APPLICABLE, reason="MET", detail=f"`{other}` stands in for it; {result.detail}", would_change="")


def _class_rule(
    item: Mapping[str, Any],
    required: list[str],
    substitutes: Mapping[str, str],
    evidence: Mapping[str, Answer],
    believed: Mapping[str, Answer],
) -> RuleResult:
    answers = {rule: _answer(rule, substitutes, evidence) for rule in required}
    results = {rule: answer.result for rule, answer in answers.items()}
    claims = {rule: _answer(rule, substitutes, believed).result for rule in required}
    result = both(results.values())
    open_rules = [rule for rule in required if results[rule] != PASS]
    reason = next((answers[rule].reason for rule in open_rules if results[rule] == result), "MET")
    detail = f"{item['label']} by evidence: {len(required) - len(open_rules)} of {len(required)} required components hold"
    if list(claims.values()) != list(results.values()):
        count = sum(value == PASS for value in claims.values())
        detail += f"; if every claim is believed: {count} of {len(required)}, {both(claims.values())}"
    change = "what would change " + ", ".join(f"`{rule}`" for rule in open_rules) if open_rules else ""
    return RuleResult(rule=f"class-{item['id']}", result=result, reason=reason, detail=detail, would_change=change)


def classes_fit(profile: Profile, bad: Callable[[str], LedgerError]) -> None:
    """Each class has rules that are there and required, no rule is in two, and no id is taken."""
    rules = {rule.id for rule in profile.rules}
    params = profile.conclusion.params
    asked = [rule for item in params["classes"] for rule in item["requires"]]
    if len(set(asked)) != len(asked) or not set(asked) <= rules or not all(item["requires"] for item in params["classes"]):
        raise bad("asks for a rule that is not there, or twice, or has a class without rules")
    names = [item["id"] for item in params["classes"]]
    if len(set(names)) != len(names) or UNCLASSIFIED in names or rules & {f"class-{name}" for name in names}:
        raise bad("repeats the id of a class, or uses one that is taken")
    optional = {rule.id for rule in profile.rules if not rule.params.get("required", True)}
    if set(asked) & optional:
        raise bad("requires a rule that is optional")
    if not set(params["substitutes"]) | set(params["substitutes"].values()) <= set(asked):
        raise bad("has a substitute for or by a rule that no class requires")
