"""What the rules find of many releases whose lineages overlap, as things are and with something else supposed of one artifact.

Every release is judged as `propagate` judges it alone, with the same findings, without what a list of severities does not need. What is
shared is the work. Artifacts that rules cannot tell apart are one class (`classes`), what is found at an artifact behind what was asked
about is found once for all releases, and lineages are walked as arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from ledger.licenses.actor import Actor
from ledger.licenses.assess import Found, about_whole
from ledger.licenses.case import Pair
from ledger.licenses.classes import PASSING, Classes, Once, Weights
from ledger.licenses.findings import RANK, Edge, Node
from ledger.licenses.ways import GENERATE, MANNERS, MODEL, STATES, after_all, build, is_part, step_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

# Up to so many codes a level of a walk is walked one by one: as arrays it would take longer.
_FEW = 40


class Lineages:
    """The lineage of many releases as one graph; places are artifacts in the order of their ids.

    Attributes:
        classes: what rules see of an artifact, without its id and name; many artifacts share one.
        of: place → class.
        first: place → where the steps into it begin in `source` and `how`; one more at the end.
        source, how: the place that a step comes from, and its manner (`ways.step_of`); sorted, and silent ones are left out.
        names: the name of a place.
    """

    def __init__(
        self, classes: Sequence[Node], of: Sequence[int], first: Ints, source: Ints, how: Ints, names: Callable[[int], str]
    ) -> None:
        self.classes, self.of, self.names = classes, of, names
        self.first, self.source, self.how = first, source, how
        self._lists = first.tolist(), source.tolist(), how.tolist()

    @cached_property
    def target(self) -> Ints:
        """The place that each step leads to."""
        import numpy as np

        return np.repeat(np.arange(len(self.of)), np.diff(self.first))

    def into(self, place: int) -> list[tuple[int, int]]:
        """The steps into a place: source and manner."""
        first, source, how = self._lists
        low, high = first[place], first[place + 1]
        return list(zip(source[low:high], how[low:high], strict=True))


def lineages(nodes: Iterable[Node], edges: Iterable[Edge]) -> tuple[Lineages, dict[str, int]]:
    """Lineages of artifacts that are all given, and the place of each id. Raises LedgerError LG0825, LG0826 as `ways.build`."""
    import numpy as np

    graph = build(nodes, edges)
    classes: dict[Node, int] = {}
    of = [classes.setdefault(replace(node, id="", name="", version=None), len(classes)) for node in graph.nodes]
    first = np.cumsum([0, *map(len, graph.into)])
    steps = [step for steps in graph.into for step in steps]
    source, how = (np.array([getattr(step, name) for step in steps], np.int64) for name in ("source", "manner"))
    named = [node.name for node in graph.nodes]
    return Lineages(tuple(classes), of, first, source, how, named.__getitem__), graph.place


@dataclass(frozen=True, slots=True)
class Listed:
    """The findings about one release, as far as severities go.

    Attributes:
        severities: (rule, place, licence) → the least severity of such findings, `none` aside.
        unresolved: how many findings are conflicts.
        carried: (rule, severity, place, licence) of those that come from the artifact of which something is supposed.
    """

    severities: Mapping[tuple[str, int, str], str]
    unresolved: int
    carried: frozenset[tuple[str, str, int, str]]


@dataclass(slots=True)
class _Walk:
    """One release: what it contains, for each such part all that it was made of as `ways.reach` meets it, and all that is behind the parts.

    Attributes:
        between: from near to far.
        plain, whole: which of them do not go out, and are made of nothing that does; and which go out with all that they are made of.
        mixed: the others; `signed` has their signatures when they were last asked for.
    """

    release: int
    parts: frozenset[int]
    reached: list[tuple[int, Ints]]
    between: Ints
    plain: Ints
    whole: Ints
    mixed: list[int]
    signed: list[int] = field(default_factory=list)


class Together:
    """The rules asked of many releases. Not for two threads at once.

    Args:
        start: the place that something is supposed of.
        supposed: what rules would see there instead; None when they would see the same.
    """

    def __init__(self, lineage: Lineages, stance: str, actor: Actor, start: int, supposed: Node | None = None) -> None:
        import numpy as np

        self._lineage, self._x = lineage, start
        classes = [*lineage.classes, *([supposed] if supposed is not None else ())]
        places = len(lineage.of)
        generating = np.array([step_of(number).symbol == GENERATE for number in range(MANNERS)], bool)
        generated = np.zeros(places, bool)
        generated[lineage.target[generating[lineage.how]]] = True
        numbers: dict[tuple[int, bool], int] = {}
        keys = zip(lineage.of, generated.tolist(), strict=True)
        base = [2 * numbers.setdefault(key, len(numbers)) for key in keys]
        self._was = self._other = base[start]
        if supposed is not None:
            self._other = 2 * numbers.setdefault((len(classes) - 1, bool(generated[start])), len(numbers))
        self._base, self._bases = base, np.array(base, np.int64)
        nodes = [(classes[number], made) for number, made in numbers]
        self._classes = Classes(nodes, stance, actor, base, lineage.names, partial(_followers, lineage))
        self._shipped = np.zeros(places, np.int64)
        self._seen = np.zeros(places * STATES, bool)
        self._seen_one_by_one = self._seen.view(np.uint8).data
        # What is found at a place behind what was asked about; by supposition, and by whether all of it goes out.
        self._signatures: dict[tuple[int, tuple[int, ...]], int] = {}
        self._signed: list[tuple[int, tuple[int, ...]]] = []
        self._tables: dict[tuple[bool, int], Ints] = {}
        self._depending: dict[bool, NDArray[np.bool_]] = {}
        self._by_itself(False)

    def findings(self, release: int, shipped: Iterable[int]) -> tuple[Listed, Listed]:
        """What is found of a release, and what would be found with the supposition; the same object when that has no part in it.

        Args:
            shipped: places of its components.
        """
        parts = self._contained(release)
        going = list(self._goes_out(set(shipped) or set(parts)))
        self._shipped[going] = 1
        try:
            walk = self._walk(release, parts)
            before = self._listed(walk, supposed=False)
            if self._other == self._was or not (self._x == release or self._x in parts or (walk.between == self._x).any()):
                return before, before
            self._suppose(self._other)
            try:
                return before, self._listed(walk, supposed=True)
            finally:
                self._suppose(self._was)
        finally:
            self._shipped[going] = 0

    def _suppose(self, base: int) -> None:
        self._base[self._x] = self._bases[self._x] = base
        self._classes.supposing()

    # --- walking --------------------------------------------------------------------------------------

    def _walk(self, release: int, parts: frozenset[int]) -> _Walk:
        import numpy as np

        reached = [(target, self._reach(target)) for target in sorted(parts)]
        codes = np.concatenate([codes for _, codes in reached]) if reached else np.empty(0, np.int64)
        between = _each_once(codes // STATES)
        between = between[~np.isin(between, list(parts))]
        first, goes = self._lineage.first, self._shipped
        low, high = first[between], first[between + 1]
        totals = np.concatenate([[0], np.cumsum(goes[self._lineage.source[ranges_between(low, high)]])])
        ends = np.cumsum(high - low)
        out = totals[ends] - totals[ends - (high - low)]
        mine = goes[between] == 1
        plain, whole = ~mine & (out == 0), mine & (out == high - low)
        return _Walk(release, parts, reached, between, plain, whole, between[~plain & ~whole].tolist())

    def _contained(self, release: int) -> frozenset[int]:
        found: set[int] = set()
        pending, seen = [release], {release}
        while pending:
            for source, _ in self._lineage.into(pending.pop()):
                if source not in seen:
                    seen.add(source)
                    if self._classes.kinds[self._base[source]] == "release":
                        pending.append(source)
                    else:
                        found.add(source)
        return frozenset(found)

    def _goes_out(self, found: set[int]) -> set[int]:
        pending = list(found)
        while pending:
            for source, how in self._lineage.into(pending.pop()):
                if is_part(how) and source not in found:
                    found.add(source)
                    pending.append(source)
        return found

    @cached_property
    def _after(self) -> Ints:
        import numpy as np

        return np.array(after_all(), np.int64).reshape(-1)

    def _reach(self, target: int) -> Ints:
        """The codes of `ways.reach`, in its order."""
        import numpy as np

        after, seen, into = after_all(), self._seen_one_by_one, self._lineage.into
        first, source, how = self._lineage.first, self._lineage.source, self._lineage.how
        levels: list[Ints] = []
        frontier = np.array([target * STATES], np.int64)
        while len(frontier):
            if len(frontier) <= _FEW:
                following: list[int] = []
                for code in frontier.tolist():
                    place, state = divmod(code, STATES)
                    for given, manner in into(place):
                        reached = given * STATES + after[manner][state]
                        if given != target and not seen[reached]:
                            seen[reached] = 1
                            following.append(reached)
                frontier = np.array(following, np.int64)
            else:
                places, states = np.divmod(frontier, STATES)
                low, high = first[places], first[places + 1]
                steps = ranges_between(low, high)
                codes = source[steps] * STATES + self._after[how[steps] * STATES + np.repeat(states, high - low)]
                frontier = _each_once(codes[~self._seen[codes] & (source[steps] != target)])
                self._seen[frontier] = True
            levels.append(frontier)
        found = np.concatenate(levels)
        self._seen[found] = False
        return found

    # --- asking ---------------------------------------------------------------------------------------

    def _listed(self, walk: _Walk, *, supposed: bool) -> Listed:
        found: list[tuple[Found, int, bool]] = []
        for target, codes in walk.reached:
            found += self._at_target(target, codes)
        found += self._in_between(walk, supposed=supposed)
        found += self._of_release(walk, conflict=any(item.severity == "conflict" for item, _, _ in found))
        severities: dict[tuple[str, int, str], str] = {}
        for item, place, _ in found:
            if item.severity != "none":
                key = (item.rule, place, item.license)
                if key not in severities or RANK[item.severity] < RANK[severities[key]]:
                    severities[key] = item.severity
        carried = frozenset(
            (item.rule, item.severity, place, item.license) for item, place, mine in found if mine and item.severity != "none"
        )
        return Listed(severities, sum(item.severity == "conflict" for item, _, _ in found), carried)

    def _at_target(self, target: int, codes: Ints) -> list[tuple[Found, int, bool]]:
        import numpy as np

        x, items, ask = self._x, self._classes.items, self._classes
        # By itself each finding stands alone, also beside an equal one.
        made = [(item, target, target == x) for item in ask.judge.node(self._base[target])]
        places, states = np.divmod(codes, STATES)
        classes = (self._bases[places] + self._shipped[places]) * STATES + states
        weights = Once(lambda: [place for place, state in zip(places.tolist(), states.tolist(), strict=True) if self._brings(place, state)])
        child = self._number(target)
        groups: set[int] = set()
        for code in np.unique(classes).tolist():
            groups.update(ask.way(code, child, target, weights))
        mine: set[int] = set()
        for code in classes[places == x].tolist():
            mine.update(ask.way(code, child, target, weights))
        for source, how in self._lineage.into(target):
            answer = ask.step_to_target(self._number(source), how, child, target, weights)
            groups.update(answer)
            if source == x:
                mine.update(answer)
        return made + [(items[number], target, number in mine) for number in groups]

    def _brings(self, place: int, state: int) -> bool:
        return self._classes.is_weights(self._base[place], state)

    def _number(self, place: int) -> int:
        return self._base[place] + int(self._shipped[place])

    def _in_between(self, walk: _Walk, *, supposed: bool) -> list[tuple[Found, int, bool]]:
        """What is found behind what was asked about; the nearest artifact stands for all of which the same is found."""
        import numpy as np

        between = walk.between
        signatures = np.full(len(between), -1, np.int64)
        for chosen, goes in ((walk.plain, 0), (walk.whole, 1)):
            if chosen.any():
                signatures[chosen] = self._table(supposed, goes)[between[chosen]]
        if walk.mixed:
            same = ~self._changed if supposed else None
            walk.signed = [
                before if same is not None and same[place] else self._signature(place)
                for place, before in zip(walk.mixed, walk.signed or [0] * len(walk.mixed), strict=True)
            ]
            signatures[~walk.plain & ~walk.whole] = walk.signed
        _, where = np.unique(signatures, return_index=True)
        about: dict[int, int] = {}
        steps: dict[int, int] = {}
        for at in np.sort(where).tolist():
            number, answers = self._signed[signatures[at]]
            place = int(between[at])
            for item in self._classes.about(number):
                if item not in about:
                    about[item] = place
            for item in answers:
                if item not in steps:
                    steps[item] = place
        mine = (set(), set()) if supposed else self._from_x(walk)
        items = self._classes.items
        return [(items[item], place, item in own) for groups, own in ((about, mine[0]), (steps, mine[1])) for item, place in groups.items()]

    def _from_x(self, walk: _Walk) -> tuple[set[int], set[int]]:
        """What is found of the artifact itself, and of the steps from it, behind what was asked about."""
        own = set(self._classes.about(self._base[self._x])) if (walk.between == self._x).any() else set()
        steps: set[int] = set()
        for place in walk.between[self._next_to_x[walk.between]].tolist():
            for source, how in self._lineage.into(place):
                if source == self._x:
                    steps.update(self._classes.step(self._number(source), how, self._number(place), place, self._met(place)))
        return own, steps

    @cached_property
    def _next_to_x(self) -> NDArray[np.bool_]:
        """Which places a step leads to from the artifact that something is supposed of."""
        import numpy as np

        found = np.zeros(len(self._lineage.of), bool)
        found[self._lineage.target[self._lineage.source == self._x]] = True
        return found

    def _met(self, place: int) -> Once:
        """The weights that went into an artifact directly."""
        return Once(lambda: [source for source, how in self._lineage.into(place) if step_of(how).symbol == MODEL])

    def _signature(self, place: int) -> int:
        """The number of what is found at a place, as it and what it was made of go out or do not."""
        child, met = self._number(place), self._met(place)
        answers = [self._classes.step(self._number(source), how, child, place, met) for source, how in self._lineage.into(place)]
        return self._sign(place, answers)

    def _sign(self, place: int, answers: Iterable[Sequence[int]]) -> int:
        key = (self._base[place], tuple(sorted({item for answer in answers for item in answer})))
        number = self._signatures.get(key)
        if number is None:
            number = self._signatures[key] = len(self._signed)
            self._signed.append(key)
        return number

    def _table(self, supposed: bool, goes: int) -> Ints:
        """Place → signature, where it and all that it was made of directly go out (1), or nothing of it does (0)."""
        found = self._tables.get((supposed, goes))
        if found is None:
            before = self._shipped.copy()
            self._shipped[:] = goes
            found = self._tables[supposed, goes] = self._made_table(self._tables.get((False, goes)))
            self._shipped[:] = before
        return found

    def _by_itself(self, supposed: bool) -> NDArray[np.bool_]:
        """At which places what is found depends on more than the classes of what they were made of."""
        import numpy as np

        found = self._depending.get(supposed)
        if found is None:
            lineage = self._lineage
            keys, codes = np.unique(self._bases[lineage.source] * MANNERS + lineage.how, return_inverse=True)
            apart = np.array([self._classes.apart(*divmod(key, MANNERS)) for key in keys.tolist()], bool)
            found = self._depending[supposed] = np.zeros(len(lineage.of), bool)
            found[lineage.target[apart[codes.reshape(-1)]]] = True
        return found

    @cached_property
    def _changed(self) -> NDArray[np.bool_]:
        """Where something else may be found under the supposition: at the artifact, a step on, and at places by themselves."""
        found = self._by_itself(False) | self._by_itself(True) | self._next_to_x
        found[self._x] = True
        return found

    def _made_table(self, known: Ints | None) -> Ints:
        import numpy as np

        lineage, many = self._lineage, len(self._classes.kinds)
        goes = int(self._shipped[0]) if len(self._shipped) else 0
        numbers = self._bases + goes
        keys = (numbers[lineage.source] * many + numbers[lineage.target]) * MANNERS + lineage.how
        kinds, codes = np.unique(keys, return_inverse=True)
        codes = codes.reshape(-1)
        ends, hows = np.divmod(kinds, MANNERS)
        origins, children = np.divmod(ends, many)
        rows = list(zip(origins.tolist(), hows.tolist(), children.tolist(), strict=True))
        by_itself = self._by_itself(known is not None)
        if known is None:
            places: Ints = np.arange(len(lineage.of))
            found = np.full(len(places), -1, np.int64)
        else:
            places, found = np.flatnonzero(self._changed), known.copy()
        answers: list[tuple[int, ...] | None] = [None] * len(rows)
        listed, first = codes.tolist(), lineage.first.tolist()
        signed: dict[tuple[int, ...], int] = {}
        base = self._base
        for place, alone in zip(places.tolist(), by_itself[places].tolist(), strict=True):
            if alone:
                found[place] = self._signature(place)
                continue
            some = listed[first[place] : first[place + 1]]
            key = (base[place], *some)
            number = signed.get(key)
            if number is None:
                for code in some:
                    if answers[code] is None:
                        origin, how, child = rows[code]
                        answers[code] = self._classes.step(origin, how, child, place, self._met(place))
                number = signed[key] = self._sign(place, [answers[code] or () for code in some])
            found[place] = number
        return found

    def _of_release(self, walk: _Walk, *, conflict: bool) -> list[tuple[Found, int, bool]]:
        judge, release, x = self._classes.judge, walk.release, self._x
        parts = sorted(walk.parts)
        keys = tuple(sorted(Weights(parts, self._base).licenses(judge)))
        case = replace(judge.case(self._number(release)), parts=keys)
        made = [(item, release, release == x) for item in about_whole(case, ("R1",), judge.stance)]
        allowed = {item.lower() for item in judge.actor.allow_list or ()}
        for part in parts:
            number = self._number(part)
            keeps = bool(allowed & judge.effective[number].offered.kept)
            weights = replace(case, child=judge.child[number], pair=Pair(keeps=keeps))
            made += [(item, release, part == x) for item in about_whole(weights, ("R2",), judge.stance)]
        if conflict or any(item.severity == "conflict" for item, _, _ in made):
            made += [(item, release, release == x) for item in about_whole(case, ("R3",), judge.stance)]
        return made


def _followers(lineage: Lineages) -> dict[int, list[int]]:
    """The weights that were made from each weights."""
    import numpy as np

    passing = np.zeros(MANNERS, bool)
    passing[list(PASSING)] = True
    mine = passing[lineage.how]
    found: dict[int, list[int]] = {}
    for source, target in zip(lineage.source[mine].tolist(), lineage.target[mine].tolist(), strict=True):
        found.setdefault(source, []).append(target)
    return found


def _each_once(numbers: Ints) -> Ints:
    """Each number once, in the order in which they first come."""
    import numpy as np

    _, where = np.unique(numbers, return_index=True)
    where.sort()
    return numbers[where]


def ranges_between(low: Ints, high: Ints) -> Ints:
    """The numbers low … high - 1 of each pair, one after another."""
    import numpy as np

    sizes = high - low
    ends = np.cumsum(sizes)
    found: Ints = np.arange(ends[-1] if len(ends) else 0) + np.repeat(low - (ends - sizes), sizes)
    return found
