"""Turns what rules found into findings: one by one at what was asked about, gathered over all that lies behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from ledger.licenses.assess import Found, about_whole
from ledger.licenses.case import OFFERED, WEIGHTS, Hit, Pair
from ledger.licenses.findings import Finding, Fixed, Trail
from ledger.licenses.judge import ALONE, Ask, Judge, Leaf, Met, Profile
from ledger.licenses.rules import rules
from ledger.licenses.ways import MANNERS, MODEL, STATES, Reach, Step, manner, one_step

_Group = tuple[str, str, str, Hit]


def at_target(judge: Judge, reached: Reach) -> list[Finding]:
    """All findings at one artifact that was asked about: of itself, of its direct steps, and of every way that leads to it."""
    target, nodes = reached.target, judge.graph.nodes
    made = [_finding(judge, item, target, (target,), (target,), Fixed((nodes[target].id,)), 0) for item in judge.node(target)]
    # What rules find, with the nearest start and all origins.
    groups: dict[_Group, tuple[Found, int, set[int]]] = {}
    met, ways = _ways(judge, reached)
    for start, places, answers in ways:
        for item in chain.from_iterable(answers):
            group = groups.setdefault((item.rule, item.license, item.severity, item.hit), (item, start, set()))
            group[2].update(places)
    steps: dict[_Group, tuple[Found, int, set[int]]] = {}
    asks: dict[bool, list[Ask | None]] = {far: [None] * MANNERS for far in (False, True)}
    for step in judge.graph.into[target]:
        # A choice is judged with all rules at once, so that none is escaped by another branch than the rest.
        far = judge.profile[step.source].own is not None
        ask = _asked(judge, step, asks[far], far=far)
        for item in chain.from_iterable(judge.way(step.source, target, ask, met if ask.manner.merged else ALONE)):
            key = (item.rule, item.license, item.severity, item.hit)
            found = groups.get(key) or steps.setdefault(key, (item, step.source, set()))
            found[2].add(step.source)
    made += [_finding(judge, item, target, (target,), origins, reached, start) for item, start, origins in groups.values()]
    for item, start, origins in steps.values():
        made.append(_finding(judge, item, target, (target,), origins, Fixed((nodes[start].id, nodes[target].id)), 0))
    return made


def _ways(judge: Judge, reached: Reach) -> tuple[Met, Iterable[tuple[int, list[int], list[tuple[Found, ...]]]]]:
    """The weights that went in, and what is found of every way: the nearest start, all origins alike, and the answers."""
    # Origins that rules cannot tell apart, in the order of their distance.
    alike: dict[tuple[int, int], tuple[int, list[int]]] = {}
    nodes, profiles = judge.graph.nodes, judge.profile
    for code in reached.codes:
        place, state = divmod(code, STATES)
        key = (state, profiles[place].number)
        group = alike.get(key)
        if group is None:
            alike[key] = (code, [place])
        else:
            group[1].append(place)
    how = {key: manner(nodes[code // STATES].kind, code % STATES) for key, (code, _) in alike.items()}
    met = Met(sorted({place for key, (_, places) in alike.items() if how[key].name == WEIGHTS for place in places}))
    return met, [
        (
            code,
            places,
            judge.way(code // STATES, reached.target, judge.ask(how[key], step=False, far=True), met if how[key].merged else ALONE),
        )
        for key, (code, places) in alike.items()
        if nodes[code // STATES].kind != "release"
    ]


def in_between(judge: Judge, places: Sequence[int]) -> list[Finding]:
    """Findings about what lies behind, each artifact by itself and against what it was made of directly.

    Args:
        places: from near to far; the nearest stands for all that are found alike.
    """
    ids = judge.graph.ids
    own: dict[int, tuple[tuple[Found, ...], list[int]]] = {}
    for number, place in enumerate(places):
        answer = judge.node(place)
        if answer:
            own.setdefault(id(answer), (answer, []))[1].append(number)
    made = []
    for item, numbers in _merged(own.values()):
        first = places[min(numbers)]
        found = set(map(places.__getitem__, numbers))
        made.append(_finding(judge, item, first, found, found, Fixed((ids[first],)), 0))
    edges = [(place, step) for place in places for step in judge.graph.into[place]]
    sources = [step.source for _, step in edges]
    targets = [place for place, _ in edges]
    for item, numbers in _merged(_direct(judge, edges)):
        first = min(numbers)
        way = Fixed((ids[sources[first]], ids[targets[first]]))
        at, origins = set(map(targets.__getitem__, numbers)), set(map(sources.__getitem__, numbers))
        made.append(_finding(judge, item, targets[first], at, origins, way, 0))
    return made


def _direct(judge: Judge, edges: Sequence[tuple[int, Step]]) -> Iterable[tuple[tuple[Found, ...], list[int]]]:
    """Answers for single steps, with the numbers of the edges that each is for; the same answer may come more than once."""
    asks: list[Ask | None] = [None] * MANNERS
    offer, child = judge.offer, judge.child_number
    alike: dict[int, list[int]] = {}
    for number, (_, step) in enumerate(edges):
        alike.setdefault(judge.profile[step.source].number * MANNERS + step.manner, []).append(number)
    # Licences have nothing to do with each other unless they are a choice: so they are asked about one by one, for all edges.
    leaves: dict[tuple[int, str, int], tuple[Leaf, Profile, Ask, list[int]]] = {}
    for numbers in alike.values():
        place, step = edges[numbers[0]]
        profile = judge.profile[step.source]
        ask = asks[step.manner] or _asked(judge, step, asks, far=True)
        if not all(judge.simple(leaf, ask.manner) for leaf in profile.leaves):
            for number in numbers:
                place, step = edges[number]
                weights = _weights(judge.graph.into[place]) if ask.manner.merged else ALONE
                for answer in judge.way(step.source, place, ask, weights):
                    yield answer, [number]
            continue
        if answer := judge.whole(profile, place, ask):
            yield answer, numbers
        if not ask.term:
            continue
        if profile.own is not None:
            rows = [judge.row(leaf) for leaf in profile.leaves]
            choices: dict[tuple[int, ...], list[int]] = {}
            for number in numbers:
                place = edges[number][0]
                choices.setdefault((child[place], *[row[offer[place]] for row in rows]), []).append(number)
            for (_, *pairs), same in choices.items():
                if answer := judge.choice(profile, edges[same[0]][0], ask, tuple(pairs)):
                    yield answer, same
            continue
        for leaf in profile.leaves:
            leaves.setdefault((leaf.number, profile.kind, ask.number), (leaf, profile, ask, []))[3].extend(numbers)
    for leaf, profile, ask, numbers in leaves.values():
        row = judge.row(leaf)
        met: dict[tuple[int, int], list[int]] = {}
        for number in numbers:
            place = edges[number][0]
            met.setdefault((row[offer[place]], child[place]), []).append(number)
        for (pair, _), same in met.items():
            if answer := judge.term(leaf, pair, profile, edges[same[0]][0], ask):
                yield answer, same


def _merged(answers: Iterable[tuple[tuple[Found, ...], list[int]]]) -> Iterable[tuple[Found, list[int]]]:
    groups: dict[_Group, tuple[Found, list[int]]] = {}
    for answer, numbers in answers:
        for item in answer:
            groups.setdefault((item.rule, item.license, item.severity, item.hit), (item, []))[1].extend(numbers)
    return groups.values()


def _asked(judge: Judge, step: Step, asks: list[Ask | None], *, far: bool) -> Ask:
    found = asks[step.manner]
    if found is None:
        manner = one_step(judge.graph.nodes[step.source].kind, step)
        found = asks[step.manner] = judge.ask(manner, step=True, far=far, relation=step.relation)
    return found


def _weights(steps: Iterable[Step]) -> Met:
    # Of a distillation only outputs went in.
    return Met(sorted({step.source for step in steps if step.symbol == MODEL}))


def of_release(judge: Judge, place: int, parts: frozenset[int], found: Sequence[Finding]) -> list[Finding]:
    """Findings about a release, after those about what it holds."""
    nodes, stance = judge.graph.nodes, judge.stance
    listed = sorted(parts)
    keys = tuple(sorted(Met(listed).licenses(judge)))
    case = replace(judge.case(place), parts=keys)
    here = Fixed((nodes[place].id,))
    made = [_finding(judge, item, place, (place,), (place,), here, 0) for item in about_whole(case, ("R1",), stance)]
    allowed = {item.lower() for item in judge.actor.allow_list or ()}
    for part in listed:
        offered = judge.effective[part].offered
        weights = replace(case, child=judge.child[part], pair=Pair(keeps=bool(allowed & offered.kept)))
        for item in about_whole(weights, ("R2",), stance):
            item = replace(item, hit=replace(item.hit, inputs=_spelled(item.hit.inputs, offered.label)))
            made.append(_finding(judge, item, place, (place,), (part,), Fixed((nodes[part].id, nodes[place].id)), 0))
    left = [item for item in (*found, *made) if item.severity == "conflict" and item.waived_by is None]
    for item in about_whole(case, ("R3",), stance) if left else ():
        named = tuple(sorted(f"finding {other.id}: {other.rule} at {other.node}" for other in left))
        made.append(_finding(judge, replace(item, hit=replace(item.hit, inputs=named)), place, (place,), (place,), here, 0))
    return made


def _finding(judge: Judge, item: Found, place: int, at: Iterable[int], origins: Iterable[int], trail: Trail, start: int) -> Finding:
    ids, hit = judge.graph.ids, item.hit
    origins = sorted(origins)
    return Finding(
        item.rule,
        item.severity,
        ids[place],
        tuple(map(ids.__getitem__, sorted(at))),
        item.license,
        tuple(map(ids.__getitem__, origins)),
        "used" if judge.shipped.isdisjoint(origins) else "shipped",
        hit.reason,
        _spelled(hit.inputs, judge.effective[place].offered.label) if OFFERED in hit.inputs else hit.inputs,
        rules()[item.rule].sources,
        hit.unknown,
        None,
        trail,
        start,
    )


def _spelled(inputs: tuple[str, ...], label: str) -> tuple[str, ...]:
    return tuple(f"{OFFERED} as {label}" if item == OFFERED else item for item in inputs)
