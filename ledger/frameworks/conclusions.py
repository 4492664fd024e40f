"""The closed set of conclusions: how a profile's rules become one answer, a class and figures.

`every-required-rule`: three-valued AND; a definite no outweighs what is unknown, because nothing that could still be found
out would turn it into a yes. It may name its results in the framework's words, and a rule by which it does not apply at all.

The others: `classes.cumulative_classes`, `ladders.tiers`, `scores.score`, `scores.readiness`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ledger.errors import LedgerError
from ledger.frameworks import classes, ladders, reading, scores
from ledger.frameworks.answers import NOT_APPLICABLE, Outcome, both
from ledger.frameworks.conclusion import Conclusion, ConclusionCheck
from ledger.frameworks.model import Profile


def _every_required_rule(profile: Profile, outcomes: tuple[Outcome, ...]) -> Conclusion:
    labels: Mapping[str, str] = profile.conclusion.params["labels"]
    required = [outcome for outcome in outcomes if outcome.required]
    results = [both(outcome.evidence.result for outcome in required), both(outcome.believed.result for outcome in required)]
    if any(outcome.rule.check == "exemption" and outcome.evidence.result == NOT_APPLICABLE for outcome in outcomes):
        results = [NOT_APPLICABLE, NOT_APPLICABLE]
    return Conclusion(
        result=results[0],
        believed=results[1],
        rules=tuple(outcome.to_result() for outcome in outcomes),
        class_id=results[0] if labels else None,
        class_label=labels.get(results[0]) if labels else None,
        class_believed=results[1] if labels else None,
    )


def _labels_fit(profile: Profile, bad: Callable[[str], LedgerError]) -> None:
    labels = profile.conclusion.params["labels"]
    exempt = any(rule.check == "exemption" for rule in profile.rules)
    if labels and exempt is not (NOT_APPLICABLE in labels):
        raise bad("names the result of an exemption that no rule asks for, or does not name that of one")


CONCLUSIONS: Mapping[str, ConclusionCheck] = {
    "every-required-rule": ConclusionCheck(_every_required_rule, _labels_fit),
    "cumulative-classes": ConclusionCheck(classes.cumulative_classes, classes.classes_fit),
    "tiers": ConclusionCheck(ladders.tiers, ladders.tiers_fit),
    "score": ConclusionCheck(scores.score, scores.groups_fit("groups")),
    "readiness": ConclusionCheck(scores.readiness, scores.groups_fit("clusters")),
}
PARAMETERS: Mapping[str, Mapping[str, reading.Parameter]] = {
    "every-required-rule": {"labels": reading.labels},
    "cumulative-classes": {"classes": reading.classes, "substitutes": reading.substitutes},
    "tiers": {"tiers": reading.classes},
    "score": {"method": reading.method, "groups": reading.clusters},
    "readiness": {"clusters": reading.clusters},
}
