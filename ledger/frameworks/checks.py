"""The closed set of checks that a profile's rules may name; a profile cannot bring code of its own.

A check looks at the facts about a release and answers twice: by evidence (what the profile accepts, by default only bytes
whose digest is in the ledger) and believed (if every claim were true). Both are three-valued; silence and claims never pass
by evidence. Reason codes are those of `answers.REASONS`; a rule that holds says MET.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ledger.frameworks import component_checks, dataset_checks, reading, said_checks
from ledger.frameworks.answers import Outcome
from ledger.frameworks.model import Profile, Rule
from ledger.spec.evidence import ReleaseFacts

Check = Callable[[Profile, Rule, ReleaseFacts], Outcome]

CHECKS: Mapping[str, Check] = {
    "component-open": component_checks.component_open,
    "component-there": component_checks.component_there,
    "component-graded": component_checks.component_graded,
    "datasets-classed": dataset_checks.datasets_classed,
    "datasets-described": dataset_checks.datasets_described,
    "datasets-open": dataset_checks.datasets_open,
    "datasets-shared-or-impossible": dataset_checks.datasets_shared_or_impossible,
    "stated": said_checks.stated,
    "below": said_checks.below,
    "answered": said_checks.answered,
    "filled": said_checks.filled,
    "exemption": said_checks.exemption,
    "reviewed": said_checks.reviewed,
}
PARAMETERS: Mapping[str, Mapping[str, reading.Parameter]] = {
    "component-open": {
        "role": reading.role,
        "content": reading.content_type,
        "required": reading.flag,
        "absent": reading.gap_result,
        "terms": reading.terms,
        "if_present": reading.optional_flag,
    },
    "component-there": {"roles": reading.roles, "required": reading.flag, "absent": reading.gap_result},
    "component-graded": {
        "parameter": reading.word,
        "roles": reading.roles_or_none,
        "content": reading.content_type,
        "licensed": reading.flag,
        "terms": reading.terms,
    },
    "datasets-classed": {},
    "datasets-described": {
        "fields": reading.data_fields,
        "classes": reading.data_classes,
        "missing": reading.gap_result,
        "reason": reading.gap_reason,
    },
    "datasets-open": {"classes": reading.data_classes, "content": reading.content_type, "terms": reading.terms},
    "datasets-shared-or-impossible": {"fields": reading.data_fields, "content": reading.content_type, "terms": reading.terms},
    "stated": {"field": reading.about_field, "is": reading.yes_or_no, "reason": reading.reason},
    "below": {"field": reading.about_field, "limit": reading.number, "reason": reading.reason},
    "answered": {"field": reading.about_field, "origin": reading.origin},
    "filled": {"fields": reading.tokens, "when": reading.condition, "missing": reading.gap_result},
    "exemption": {"field": reading.about_field},
    "reviewed": {"statement": reading.review_statement},
}
