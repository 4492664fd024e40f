"""Figures without a verdict: the score of an index, and how many elements of a list are there.

An index counts what is missing as 0, and so does the figure here; but while a parameter is not known, the result says so. When
all are known there is a score and no verdict, because the index gives none: the result is that none applies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ledger.errors import LedgerError
from ledger.frameworks.answers import NOT_APPLICABLE, PASS, UNKNOWN, Outcome, both
from ledger.frameworks.conclusion import Conclusion
from ledger.frameworks.model import Profile


def score(profile: Profile, outcomes: tuple[Outcome, ...]) -> Conclusion:
    """The score if every claim is believed, as the index counts, by group and in all; and by evidence, as `by_evidence`."""
    groups: tuple[Mapping[str, Any], ...] = profile.conclusion.params["groups"]
    mean = profile.conclusion.params["method"] == "mean"
    by_rule = {outcome.rule.id: outcome for outcome in outcomes}
    figures = {group["id"]: _figure([by_rule[rule].values[1] for rule in group["rules"]], mean=mean) for group in groups}
    counted = [by_rule[rule] for group in groups for rule in group["rules"]]
    known = [[outcome.values[side] is not None for outcome in counted] for side in (0, 1)]
    return Conclusion(
        result=NOT_APPLICABLE if all(known[0]) else UNKNOWN,
        believed=NOT_APPLICABLE if all(known[1]) else UNKNOWN,
        rules=tuple(outcome.to_result() for outcome in outcomes),
        figures={
            **figures,
            "total": _figure([outcome.values[1] for outcome in counted], mean=mean),
            "by_evidence": _figure([outcome.values[0] for outcome in counted], mean=mean),
            "judged": float(sum(known[1])),
        },
    )


def _figure(values: Sequence[float | None], *, mean: bool) -> float:
    total = sum(value or 0.0 for value in values)
    return total / len(values) if mean else total


def readiness(profile: Profile, outcomes: tuple[Outcome, ...]) -> Conclusion:
    """How many elements of each cluster are there: `CLUSTER` counts by evidence, `CLUSTER_of` how many there are in all."""
    clusters: tuple[Mapping[str, Any], ...] = profile.conclusion.params["clusters"]
    by_rule = {outcome.rule.id: outcome for outcome in outcomes}
    figures: dict[str, float] = {}
    for cluster in clusters:
        figures[cluster["id"]] = float(sum(by_rule[rule].evidence.result == PASS for rule in cluster["rules"]))
        figures[f"{cluster['id']}_of"] = float(len(cluster["rules"]))
    required = [outcome for outcome in outcomes if outcome.required]
    there = sum(outcome.evidence.result == PASS for outcome in required)
    return Conclusion(
        result=both(outcome.evidence.result for outcome in required),
        believed=both(outcome.believed.result for outcome in required),
        rules=tuple(outcome.to_result() for outcome in outcomes),
        class_id="ready" if there == len(required) else "not-ready",
        class_label=f"{there} of {len(required)} elements",
        figures=figures,
    )


def groups_fit(member: str) -> Callable[[Profile, Callable[[str], LedgerError]], None]:
    """Every rule stands in exactly one of the groups, and groups have ids of their own."""

    def fits(profile: Profile, bad: Callable[[str], LedgerError]) -> None:
        groups = profile.conclusion.params[member]
        asked = [rule for group in groups for rule in group["rules"]]
        if sorted(asked) != sorted(rule.id for rule in profile.rules):
            raise bad("does not have every rule in exactly one group")
        names = [group["id"] for group in groups]
        if len(set(names)) != len(names) or {"total", "by_evidence", "judged"} & set(names) or any(name.endswith("_of") for name in names):
            raise bad("repeats the id of a group, or uses one that is taken")

    return fits
