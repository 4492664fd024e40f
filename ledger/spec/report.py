"""What a verification answers: numbered checks, each pass, fail or not checked, with the reason.

The numbers are shared by the specification (docs/spec/verification.md), the code, the report and the JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PASS, FAIL, NOT_CHECKED = "pass", "fail", "not_checked"
SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One numbered check and its outcome."""

    id: str
    title: str
    result: str
    detail: str

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {"id": self.id, "title": self.title, "result": self.result, "detail": self.detail}


def outcome(id: str, title: str, problems: Sequence[str], good: str) -> Check:
    """Pass with the good word, or fail with the first problems."""
    if not problems:
        return Check(id, title, PASS, good)
    shown = list(problems[:SHOWN_PROBLEMS])
    if len(problems) > len(shown):
        shown.append(f"and {len(problems) - len(shown)} more")
    return Check(id, title, FAIL, "; ".join(shown))


def not_checked(id: str, title: str, why: str) -> Check:
    """A check that was not made, and why."""
    return Check(id, title, NOT_CHECKED, why)


def holds(checks: Sequence[Check]) -> bool:
    """Whether no check failed. What was not checked is for the reader to see."""
    return all(check.result != FAIL for check in checks)
