"""Answers of the rules about classes of artifacts that they cannot tell apart; each question is asked once, however many releases ask it.

A class is what rules see of an artifact, with whether something made its content; it has two numbers, an even one, and the next for where
it is part of what goes out. An answer is numbers of items: what a rule found of a licence, with its severity and reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from ledger.licenses.actor import Actor
from ledger.licenses.assess import Found
from ledger.licenses.case import WEIGHTS
from ledger.licenses.facts import LicenseFacts
from ledger.licenses.findings import EDGE_RELATIONS, NODE_KINDS, Node
from ledger.licenses.judge import ALONE, Ask, Judge, Leaf, Met
from ledger.licenses.ways import DISTIL, GENERATE, MANNERS, MODEL, STATES, Graph, Manner, Step, manner, one_step, step_of

Answer = tuple[int, ...]


class Classes:
    """The rules, asked about classes.

    Args:
        nodes: for each class what rules see, and whether something recorded made it.
        names: the name of a place; places are artifacts of the lineages.
        base: place → the even number of its class; changes when something is supposed.
        followers: place → places of the weights that were made from it.
    """

    def __init__(
        self,
        nodes: Sequence[tuple[Node, bool]],
        stance: str,
        actor: Actor,
        base: list[int],
        names: Callable[[int], str],
        followers: Callable[[], dict[int, list[int]]],
    ) -> None:
        twice = [item for item in nodes for _ in range(2)]
        made = tuple((Step(0, "generated-by", GENERATE, 0),) if generated else () for _, generated in twice)
        graph = Graph(tuple(node for node, _ in twice), ("",) * len(twice), (True,) * len(twice), made, {})
        self.kinds = [node.kind for node, _ in twice]
        self.items: list[Found] = []
        self.judge = _Judge(graph, stance, actor, base, names, followers)
        self._base = base
        self._numbers: dict[tuple[str, str, str, object], int] = {}
        self._kept: dict[tuple[int, ...], Answer | None] = {}
        self._asks: dict[tuple[int, bool], Ask] = {}

    def supposing(self) -> None:
        """Forget what depends on the class that a place has."""
        self.judge.families.clear()

    def about(self, number: int) -> Answer:
        """What rules find about an artifact by itself."""
        key = (number,)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._numbered(self.judge.node(number))
        return found

    def way(self, code: int, child: int, place: int, weights: Once) -> Answer:
        """What rules find of ways to something that was asked about.

        Args:
            code: number of the origin's class times `STATES`, plus the state of the way.
            child: the number of what was asked about, whose place is given.
            weights: places of the weights that went in.
        """
        key = (code, child)
        found = self._kept.get(key)
        if found is None:
            number, state = divmod(code, STATES)
            if self.kinds[number] == "release":
                found = self._kept[key] = ()
            else:
                how = manner(self.kinds[number], state)
                found = self._asked(number, child, place, self.judge.ask(how, step=False, far=True), weights)
                if not self._depends(number, how):
                    self._kept[key] = found
        return found

    def step_to_target(self, origin: int, how: int, child: int, place: int, weights: Once) -> Answer:
        """What rules find of a step into what was asked about: a choice is judged with all rules at once."""
        return self._step(origin, how, child, place, weights, far=self.judge.profile[origin].own is not None)

    def step(self, origin: int, how: int, child: int, place: int, weights: Once) -> Answer:
        """What rules find of a step behind what was asked about; `weights` are those that went into this child."""
        return self._step(origin, how, child, place, weights, far=True)

    def apart(self, origin: int, how: int) -> bool:
        """What rules find of a step depends on more than the classes of its ends."""
        return self._depends(origin, self._ask(how, far=True).manner)

    def _step(self, origin: int, how: int, child: int, place: int, weights: Once, *, far: bool) -> Answer:
        key = (origin, how, child, far)
        found = self._kept.get(key)
        if found is None:
            ask = self._ask(how, far=far)
            found = self._asked(origin, child, place, ask, weights)
            if not self._depends(origin, ask.manner):
                self._kept[key] = found
        return found

    def _ask(self, how: int, *, far: bool) -> Ask:
        found = self._asks.get((how, far))
        if found is None:
            step = step_of(how)
            kind = NODE_KINDS[how // (len(NODE_KINDS) * len(EDGE_RELATIONS))]
            found = self._asks[how, far] = self.judge.ask(one_step(kind, step), step=True, far=far, relation=step.relation)
        return found

    def _asked(self, origin: int, child: int, place: int, ask: Ask, weights: Once) -> Answer:
        self.judge.real = place
        met = Weights(weights.value, self._base) if ask.manner.merged else ALONE
        return self._numbered(chain.from_iterable(self.judge.way(origin, child, ask, met)))

    def _numbered(self, found: Iterable[Found]) -> Answer:
        numbers = []
        for item in found:
            key = (item.rule, item.license, item.severity, item.hit)
            number = self._numbers.get(key)
            if number is None:
                number = self._numbers[key] = len(self.items)
                self.items.append(item)
            numbers.append(number)
        return tuple(dict.fromkeys(numbers))

    def _depends(self, origin: int, how: Manner) -> bool:
        return any(_depends(leaf, how) for leaf in self.judge.profile[origin].leaves)

    def is_weights(self, number: int, state: int) -> bool:
        """Whether ways in a state from a class bring weights."""
        return manner(self.kinds[number], state).name == WEIGHTS


def _depends(leaf: Leaf, how: Manner) -> bool:
    """How a licence stands to a child depends on its name, its family or what else went in, beside what it offers."""
    if leaf.facts is None:
        return False
    return leaf.banning or (how.name == WEIGHTS and (bool(leaf.facts.name_prefix) or (leaf.free and how.merged)))


class Once:
    """Places that are found when they are first asked for."""

    __slots__ = ("_find", "_value")

    def __init__(self, find: Callable[[], Iterable[int]]) -> None:
        self._find = find
        self._value: list[int] | None = None

    @property
    def value(self) -> list[int]:
        """Sorted, each once."""
        if self._value is None:
            self._value = sorted(set(self._find()))
        return self._value


NOTHING = Once(tuple)


class Weights(Met):
    """As `Met`, of places of the lineages.

    Args:
        base: as in `Classes`.
    """

    __slots__ = ("_base",)

    def __init__(self, weights: Iterable[int], base: Sequence[int]) -> None:
        super().__init__(weights)
        self._base = base

    def licenses(self, judge: Judge) -> dict[str, LicenseFacts]:
        """Their licences by key."""
        if self._licenses is None:
            profiles = {number: judge.profile[number] for number in {self._base[place] for place in self.weights}}
            self._licenses = {leaf.facts.key: leaf.facts for profile in profiles.values() for leaf in profile.leaves if leaf.facts}
        return self._licenses


class _Judge(Judge):
    """A judge whose places are numbers of classes; `real` is the place of the artifact that is asked about."""

    def __init__(
        self,
        graph: Graph,
        stance: str,
        actor: Actor,
        base: Sequence[int],
        names: Callable[[int], str],
        followers: Callable[[], dict[int, list[int]]],
    ) -> None:
        super().__init__(graph, stance, actor, frozenset(range(1, len(graph.nodes), 2)))
        self._places, self._names, self._followers = base, names, followers
        self.real = -1
        self.families: dict[str, bytearray] = {}
        self._following: dict[int, list[int]] | None = None

    def _name(self, child: int) -> str:
        return self._names(self.real)

    def _real(self, child: int) -> int:
        return self.real

    def _family(self, key: str) -> bytearray:
        found = self.families.get(key)
        if found is None:
            if self._following is None:
                self._following = self._followers()
            following = self._following
            found = self.families[key] = bytearray(len(self._places))
            profiles = enumerate(self.profile)
            holders = {number for number, profile in profiles if any(leaf.facts and leaf.facts.key == key for leaf in profile.leaves)}
            pending = [place for place, number in enumerate(self._places) if number in holders]
            for place in pending:
                found[place] = 1
            while pending:
                for next_ in following.get(pending.pop(), ()):
                    if not found[next_]:
                        found[next_] = 1
                        pending.append(next_)
        return found


PASSING = frozenset(number for number in range(MANNERS) if step_of(number).symbol in (MODEL, DISTIL))
"""Manners by which weights come from weights, so that a family goes on."""
