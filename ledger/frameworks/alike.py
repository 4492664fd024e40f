"""What the results of checks can depend on, so that releases that differ in nothing else are evaluated once.

Results (pass, fail, unknown, not applicable) only: details, pointers and figures name things, and are not the same.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from ledger.frameworks.engine import evaluate
from ledger.frameworks.model import OpenTest, Profile
from ledger.frameworks.terms import licensed
from ledger.spec.evidence import LicenseFact, ReleaseFacts


class Results:
    """Results of some profiles; of facts that no check tells apart once.

    No check's result depends on what something is called beyond whether it is called anything, on where that is said, on the order of
    components and datasets, on how many of them are the same in all else, or on a licence beyond what `licensed` answers of it.
    """

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._profiles = tuple(profiles)
        self._known: dict[Hashable, dict[str, str]] = {}
        self._claims: dict[Hashable, Hashable] = {}
        asked: dict[tuple[str, str, str], tuple[OpenTest, str]] = {}
        for profile in self._profiles:
            for rule in profile.rules:
                if "terms" in rule.params and "content" in rule.params:
                    terms, content = str(rule.params["terms"]), str(rule.params["content"])
                    asked[profile.id, terms, content] = profile.test(terms), content
        self._asked = tuple(asked.values())

    def of(self, facts: ReleaseFacts) -> dict[str, str]:
        """Profile → result."""
        key = self.alike(facts)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = {profile.id: evaluate(profile, facts).result for profile in self._profiles}
        return dict(found)

    def alike(self, facts: ReleaseFacts) -> Hashable:
        """Equal for facts of which every one of the profiles gives the same result."""
        claim = self._claim
        return (
            frozenset((item.role, item.availability, bool(item.name), item.unlicensed, claim(item.license)) for item in facts.components),
            frozenset(
                (item.availability, bool(item.name), bool(item.where), item.impossible is None, _text(item.data), claim(item.license))
                for item in facts.datasets
            ),
            bool(facts.upstream),
            frozenset((scope, claim(said)) for scope, said in facts.release_licenses.items()),
            _text(facts.about),
            frozenset(item.statement for item in facts.reviews if facts.id in item.subjects),
            frozenset((name, item.value) for name, item in facts.judgements.items()),
            facts.logged,
        )

    def _claim(self, claim: LicenseFact | None) -> Hashable:
        """What the profiles make of a licence, wherever their rules ask."""
        if claim is None:
            return None
        key = (claim.expression, claim.normalized, claim.basis, claim.mismatch, claim.unrecognised)
        found = self._claims.get(key)
        if found is None:
            found = self._claims[key] = tuple(licensed(test, "", claim, content).result for test, content in self._asked)
        return found


def _text(said: Mapping[str, Any]) -> str:
    return json.dumps(said, sort_keys=True) if said else ""
