"""What a rule looks at, and what it answers.

A rule is a small function from a `Case` to a `Hit` or None. It knows no stance: the table of rules turns a hit into a severity. A
hit may lower that severity for all stances alike (`cap`), which is how "could not tell" becomes `review` and never silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
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
class Case:
    """One licence, or one artifact as a whole, where it meets another artifact.

    Attributes:
        origin: where the material comes from; for rules of one artifact, that artifact.
        view: what restricts the origin.
        id: the licence's id in the expression; empty when the rule looks at the artifact as a whole.
        facts: what is known of that licence; None when nothing is.
        child: the artifact that the material is in; None for rules of one artifact.
        offered: what the child tells others.
        relation: of a single step; empty for a longer way.
        merged: the way has a merge, or a distillation.
        adapted: the way has an adaptation of data.
        removed: a model's outputs lie between.
        origin_shipped, child_shipped: part of what goes out.
        generator: something is recorded that made the origin's content.
        in_family: the child was made from weights under the licence of this key.
        outsiders: other weights went in that were not made from weights under the licence of this key.
        others: licences of all weights that went in.
        contradiction: ids that were detected at the origin and not declared.
        basis: which claims `view` rests on.
    """

    origin: Node
    view: View
    actor: Actor
    id: str = ""
    facts: LicenseFacts | None = None
    child: Node | None = None
    offered: View | None = None
    relation: str = ""
    merged: bool = False
    adapted: bool = False
    removed: bool = False
    origin_shipped: bool = False
    child_shipped: bool = False
    generator: bool = False
    in_family: Callable[[str], bool] = lambda _key: False
    outsiders: Callable[[str], bool] = lambda _key: False
    others: tuple[LicenseFacts, ...] = ()
    contradiction: tuple[str, ...] = ()
    basis: str = "nothing"

    @property
    def keeps(self) -> bool:
        """What the child offers holds this licence, whichever choice is taken."""
        return self.offered is not None and self.facts is not None and bool({self.facts.key, self.id.lower()} & self.offered.kept)

    @property
    def stranger(self) -> bool:
        """Nothing is known of what the child offers."""
        return self.offered is None or not self.offered.known

    @property
    def serves(self) -> bool:
        """The child is a service, which hands nothing on but answers."""
        return self.child is not None and self.child.kind == "service"


def fact(case: Case, field: str, value: object) -> str:
    """A fact as an input: which entry, which field, which value."""
    key = case.facts.key if case.facts is not None else case.id
    return f"fact {key}: {field} = {value}"


def offers(case: Case) -> str:
    """What the child offers, as an input."""
    return f"claim: offered as {case.offered.label if case.offered is not None else 'NOASSERTION'}"


def doubt(reason: str, *inputs: str) -> Hit:
    """It could not be told whether the rule applies."""
    return Hit(reason, inputs, cap="review", unknown=True)


def begins(name: str, prefix: str) -> bool:
    """Whether an artifact's name begins with a prefix; case, spaces, hyphens and underscores aside, and without an owner before it."""
    return _plain(name.rsplit("/", 1)[-1]).startswith(_plain(prefix))


def _plain(text: str) -> str:
    return _SEPARATORS.sub("", text).casefold()
