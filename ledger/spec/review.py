"""The review: a person's signed judgement about artifacts or releases (docs/spec/format.md, section 3).

A review never changes what was said before it. A concluded licence stands beside what was declared and detected; a waiver names one finding
and leaves it where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.spec.coherence import checked
from ledger.spec.statement import Statement, Subject, build

CONCLUDED, WAIVED = "license-concluded", "finding-waived"


@dataclass(frozen=True, slots=True)
class Review:
    """One judgement.

    Attributes:
        statement: what is said, one of `vocabulary.REVIEW_STATEMENTS`.
        reason: why, in the person's own words.
        concluded: `{expression, normalized}` of a concluded licence.
        finding: `{id, rule}` of the finding that is waived.
    """

    subjects: tuple[Subject, ...]
    statement: str
    reason: str
    concluded: Mapping[str, str] | None = None
    finding: Mapping[str, str] | None = None

    def to_statement(self) -> Statement:
        """The statement. Raises LedgerError LG0304, LG0308."""
        predicate: dict[str, Any] = {"statement": self.statement, "reason": self.reason}
        if self.concluded is not None:
            predicate["concluded"] = dict(self.concluded)
        if self.finding is not None:
            predicate["finding"] = dict(self.finding)
        return checked(build("review", self.subjects, predicate))


def review_of(statement: Statement) -> Review:
    """Read a review statement that has passed its schema."""
    said = statement.predicate
    return Review(statement.subjects, said["statement"], said["reason"], said.get("concluded"), said.get("finding"))
