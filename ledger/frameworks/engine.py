"""Asks a profile of the facts about a release.

Guarantees: a pure function of profile and facts, so the same two give the same verdict, byte for byte, in whatever order
the components stand. By evidence only what the profile accepts counts (by default bytes whose digest is in the ledger);
`believed` is the answer if every claim were true. No profile is known by name here: all that differs is data.
"""

from __future__ import annotations

from dataclasses import replace

from ledger.frameworks.checks import CHECKS
from ledger.frameworks.conclusions import CONCLUSIONS
from ledger.frameworks.model import Profile
from ledger.spec.evidence import ReleaseFacts, Verdict


def evaluate(profile: Profile, facts: ReleaseFacts) -> Verdict:
    """The profile's answer about a release, with a reason and its evidence for every rule."""
    facts = replace(facts, datasets=tuple(sorted(facts.datasets, key=lambda item: (item.name, item.artifact))))
    outcomes = tuple(CHECKS[rule.check](profile, rule, facts) for rule in profile.rules)
    found = CONCLUSIONS[profile.conclusion.check].conclude(profile, outcomes)
    return Verdict(
        profile=profile.id,
        digest=profile.digest,
        result=found.result,
        believed=found.believed,
        rules=found.rules,
        class_id=found.class_id,
        class_label=found.class_label,
        figures=found.figures or {},
        policy=profile.policy,
        class_by_evidence=found.class_by_evidence,
        class_believed=found.class_believed,
        own=profile.own,
    )
