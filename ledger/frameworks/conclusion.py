"""What a conclusion is: a profile's answer without its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.frameworks.answers import Outcome
from ledger.frameworks.model import Profile
from ledger.spec.evidence import RuleResult


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A profile's answer without its name: results, rules to show, and what the framework publishes."""

    result: str
    believed: str
    rules: tuple[RuleResult, ...]
    class_id: str | None = None
    class_label: str | None = None
    figures: Mapping[str, float] | None = None
    class_by_evidence: str | None = None
    class_believed: str | None = None


@dataclass(frozen=True, slots=True)
class ConclusionCheck:
    """One entry of the closed set: what it does with the outcomes, and whether a profile's parameters fit its rules."""

    conclude: Callable[[Profile, tuple[Outcome, ...]], Conclusion]
    fits: Callable[[Profile, Callable[[str], LedgerError]], None]
