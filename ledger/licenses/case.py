"""What a rule looks at, and what it answers.

A rule is a small function from a `Case` to a `Hit` or None. It knows no stance: the table of rules turns a hit into a severity. A
hit may lower that severity for all stances alike (`cap`), which is how "could not tell" becomes `review` and never silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ledger.licenses.actor import Actor
from ledger.licenses.effective import View
from ledger.licenses.facts import LicenseFacts
from ledger.licenses.findings import Node

# Classes of how an origin's material reaches an artifact; docs/concepts/licences.md says them in words.
DATA, TRAINING, WEIGHTS, OUTPUTS, STUDENT = "data", "training", "weights", "outputs", "student"
_SEPARATORS = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule applies.

    Attributes:
        reason: why, without the names of artifacts.
        inputs: the facts and claims that decided it.
        cap: the severity is at most this, whatever the stance.
        unknown: it rests on something that is not known.
    """

    reason: str
    inputs: tuple[str, ...] = ()
    cap: str = "conflict"
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    """What rules see of the artifact that the material is in; many artifacts share one.

    Attributes:
        kind: its kind.
        known: something is known of what it offers; `open`, `osi`, `commercial` and `modify` are those of its `View`.
        shipped: it is part of what goes out.
    """

    kind: str
    known: bool
    open: bool | None
    osi: bool | None
    commercial: bool | None
    modify: bool | None
    shipped: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """How one licence of an origin stands to one child.

    Attributes:
        keeps: what the child offers holds this licence, whichever choice is taken.
        alike: it holds this licence, or one that the licence itself lets it be replaced by; None when nothing is known.
        fits: the child's name begins as the licence asks; None without a name, or when it asks for nothing.
        family: the child was made from weights under this licence.
        foreign: other weights went in that were not.
        adding: keys of other licences that went in and restrict use further.
    """

    keeps: bool = False
    alike: bool | None = None
    fits: bool | None = None
    family: bool = False
    foreign: bool = False
    adding: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One licence, or one artifact as a whole, where it meets another artifact.

    Attributes:
        origin: where the material comes from; for rules of one artifact, that artifact.
        view: what restricts the origin.
        actor: who asks.
        id: the licence's id in the expression; empty when the rule looks at the artifact as a whole.
        facts: what is known of that licence; None when nothing is.
        child: what the material is in; None for rules of one artifact.
        pair: how the licence stands to it.
        relation: of a single step; empty for a longer way.
        merged: the way has a merge, or a distillation.
        adapted: the way has an adaptation of data.
        origin_shipped: the origin is part of what goes out.
        generator: something is recorded that made the origin's content.
        contradiction: ids that were detected at the origin and not declared.
        basis: which claims `view` rests on; ``dangling`` when the artifact is named and was not given.
        parts: keys of all licences in a release.
    """

    origin: Node
    view: View
    actor: Actor
    id: str = ""
    facts: LicenseFacts | None = None
    child: Child | None = None
    pair: Pair = Pair()
    relation: str = ""
    merged: bool = False
    adapted: bool = False
    origin_shipped: bool = False
    generator: bool = False
    contradiction: tuple[str, ...] = ()
    basis: str = "nothing"
    parts: tuple[str, ...] = ()

    @property
    def stranger(self) -> bool:
        """Nothing is known of what the child offers."""
        return self.child is None or not self.child.known

    @property
    def serves(self) -> bool:
        """The child is a service, which hands nothing on but answers."""
        return self.child is not None and self.child.kind == "service"

    @property
    def grants(self) -> bool | None:
        """The child offers commercial use."""
        return None if self.child is None else self.child.commercial

    @property
    def open(self) -> bool | None:
        """The child can be used under open terms alone."""
        return None if self.child is None else self.child.open

    @property
    def shared(self) -> bool:
        """The child goes out."""
        return self.child is not None and self.child.shipped


# Stands for what the child offers, which is written in when a finding is made: so that one answer serves many children.
OFFERED = "claim: offered"


def fact(case: Case, field: str, value: object) -> str:
    """A fact as an input: which entry, which field, which value."""
    key = case.facts.key if case.facts is not None else case.id
    return f"fact {key}: {field} = {value}"


def doubt(reason: str, *inputs: str) -> Hit:
    """It could not be told whether the rule applies."""
    return Hit(reason, inputs, cap="review", unknown=True)


def begins(name: str, prefix: str) -> bool:
    """Whether an artifact's name begins with a prefix; case, spaces, hyphens and underscores aside, and without an owner before it."""
    return _plain(name.rsplit("/", 1)[-1]).startswith(_plain(prefix))


def _plain(text: str) -> str:
    return _SEPARATORS.sub("", text).casefold()
