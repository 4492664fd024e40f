"""What a check says: per rule one of three outcomes, a reason in words, and the places that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

HOLDS: Final = "holds"
DOES_NOT_HOLD: Final = "does-not-hold"
COULD_NOT_TELL: Final = "could-not-tell"
Outcome = Literal["holds", "does-not-hold", "could-not-tell"]

# Places that are named one by one; the others are counted.
MAX_PLACES = 20
# Characters of a stranger's text that a reason repeats.
MAX_SHOWN = 80
MAX_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the document, as an RFC 6901 JSON pointer, and what is the matter there."""

    pointer: str
    why: str


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule came to.

    Attributes:
        id: the rule's number, such as `C2`; what it asks is in `ledger.bom.rules.RULES`.
        result: holds, does-not-hold or could-not-tell.
        reason: why, in words.
        places: the first places that do not hold (or, where all others hold, that could not be told), at most `MAX_PLACES`.
        count: how many such places there are.
    """

    id: str
    result: Outcome
    reason: str
    places: tuple[Place, ...] = ()
    count: int = 0

    def to_json(self) -> dict[str, Any]:
        """As in `ledger check --json`."""
        from ledger.bom.rules import RULES

        places = [{"pointer": item.pointer, "why": item.why} for item in self.places]
        shown = {"id": self.id, "result": self.result, "asks": RULES[self.id].asks, "reason": self.reason}
        return {**shown, "places": places, "count": self.count}


@dataclass(frozen=True, slots=True)
class Report:
    """What a document is, and what each rule for such documents came to, in the order of their numbers.

    Attributes:
        format: `CycloneDX` or `SPDX`.
        version: the format's version, such as `1.6` or `3.0.1`.
    """

    format: str
    version: str
    results: tuple[RuleResult, ...]

    def of(self, outcome: Outcome) -> tuple[RuleResult, ...]:
        """The results with this outcome."""
        return tuple(item for item in self.results if item.result == outcome)

    @property
    def outcome(self) -> Outcome:
        """Of the document: one definite no decides, and otherwise one open question does."""
        found = {item.result for item in self.results}
        return DOES_NOT_HOLD if DOES_NOT_HOLD in found else COULD_NOT_TELL if COULD_NOT_TELL in found else HOLDS

    def result(self, id: str) -> RuleResult:
        """The result of one rule. Raises KeyError when it is no rule for this format."""
        return {item.id: item for item in self.results}[id]

    def to_json(self) -> dict[str, Any]:
        """As in `ledger check --json`."""
        rules = [item.to_json() for item in self.results]
        return {"format": self.format, "version": self.version, "outcome": self.outcome, "rules": rules}


@dataclass(slots=True)
class Tally:
    """Collects what one rule finds; memory does not grow with the number of places.

    Attributes:
        noun: what is looked at, such as `hash`, and its plural.
        looked: how many of them there were.
        cut: looking was given up before the end, because there were so many places.
    """

    id: str
    noun: tuple[str, str]
    looked: int = 0
    cut: bool = False
    _bad: list[Place] = field(default_factory=list)
    _bad_count: int = 0
    _open: list[Place] = field(default_factory=list)
    _open_count: int = 0

    def look(self, number: int = 1) -> None:
        """Count what is looked at."""
        self.looked += number

    def bad(self, pointer: str, why: str) -> None:
        """A place where the rule does not hold."""
        self._bad_count += 1
        if len(self._bad) < MAX_PLACES:
            self._bad.append(Place(pointer, why))

    def open(self, pointer: str, why: str) -> None:
        """A place where nobody can tell."""
        self._open_count += 1
        if len(self._open) < MAX_PLACES:
            self._open.append(Place(pointer, why))

    def stop(self, most: int) -> bool:
        """Whether there are so many places that looking further is given up."""
        self.cut = self.cut or self._bad_count >= most
        return self._bad_count >= most

    @property
    def failed(self) -> bool:
        """Whether some place does not hold."""
        return self._bad_count > 0

    def result(self) -> RuleResult:
        """What the rule came to."""
        if self._bad_count:
            return self._told(DOES_NOT_HOLD, self._bad, self._bad_count)
        if self._open_count:
            return self._told(COULD_NOT_TELL, self._open, self._open_count)
        one, many = self.noun
        reason = f"{self.looked} {one if self.looked == 1 else many} looked at" if self.looked else f"there is no {one} in it"
        return RuleResult(self.id, HOLDS, reason)

    def _told(self, outcome: Outcome, places: list[Place], count: int) -> RuleResult:
        more = "" if count == 1 else f", and {'at least ' if self.cut else ''}{count - 1} more"
        more = ", and perhaps more" if count == 1 and self.cut else more
        return RuleResult(self.id, outcome, places[0].why + more, tuple(places), count)


def shown(value: object) -> str:
    """A value of the document in a message: short, on one line, nothing in it that moves a terminal's cursor."""
    clean = _clean(value if isinstance(value, str) else _kind(value), MAX_SHOWN)
    return f"`{clean}`" if isinstance(value, str) else clean


def message(text: str) -> str:
    """What another program says of a document, likewise."""
    return _clean(" ".join(text[: 10 * MAX_MESSAGE].split()), MAX_MESSAGE)


def _clean(text: str, most: int) -> str:
    text = text if len(text) <= most else text[: most - 1] + "…"
    return text if text.isprintable() else "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _kind(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return str(value)
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, Mapping) else "a value"


def step(pointer: str, key: str | int) -> str:
    """The pointer of what is below another."""
    text = str(key)
    return f"{pointer}/{text.replace('~', '~0').replace('/', '~1')}" if "~" in text or "/" in text else f"{pointer}/{text}"
