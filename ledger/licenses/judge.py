"""Asks the rules once for each group of artifacts that they cannot tell apart, and makes findings of the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from ledger.licenses.actor import Actor
from ledger.licenses.assess import Found, about_node, about_way
from ledger.licenses.case import WEIGHTS, Case, begins
from ledger.licenses.effective import Effective, effective
from ledger.licenses.expression import Compound, terms
from ledger.licenses.facts import LicenseFacts, facts_of
from ledger.licenses.findings import Finding, Fixed, Trail
from ledger.licenses.rules import predicates, rules, severity
from ledger.licenses.ways import DISTIL, GENERATE, MODEL, STATES, Graph, Reach, Step, manner, one_step

Group = tuple[str, str, str, Any]


class _Origins:
    """Origins that a rule treats alike: the nearest one's way stands for all."""

    __slots__ = ("found", "places", "start")

    def __init__(self, found: Found, start: int) -> None:
        self.found = found
        self.start = start
        self.places: set[int] = set()


class Judge:
    """One propagation: the graph, who asks, and what was answered before.

    Args:
        shipped: places of what goes out, with its parts.
    """

    def __init__(self, graph: Graph, stance: str, actor: Actor, shipped: frozenset[int]) -> None:
        self.graph, self.stance, self.actor, self.shipped = graph, stance, actor, shipped
        self._effective: list[Effective] = [effective(node) for node in graph.nodes]
        self._facts: dict[int, tuple[LicenseFacts, ...]] = {}
        self._profiles: dict[Any, int] = {}
        self._profile: list[int] = [self._profiles.setdefault(self._key(place), len(self._profiles)) for place in range(len(graph.nodes))]
        self._answers: dict[Any, tuple[Found, ...]] = {}
        self._families: dict[str, bytearray] = {}

    # --- one artifact --------------------------------------------------------------------------

    def node(self, place: int) -> Iterator[Finding]:
        """Findings about one artifact by itself."""
        node = self.graph.nodes[place]
        key = ("node", self._profile[place], *self._own(place))
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = about_node(self._case(place), self.stance)
        for item in found:
            yield self._finding(item, node.id, (place,), Fixed((node.id,)), 0)

    def _own(self, place: int) -> tuple[Any, ...]:
        node = self.graph.nodes[place]
        claims = (node.declared, node.detected, node.near, node.family)
        return (*claims, node.has_text, node.has_notice, node.terms_captured, node.multimodal)

    def _key(self, place: int) -> Any:
        # What rules of a way can see of an origin. A choice of licences is judged with the rules of the artifact itself.
        node, found = self.graph.nodes[place], self._effective[place]
        choice = found.restricts.tree is not None and _chooses(found.restricts.tree)
        own = self._own(place) if choice else ()
        claims = (found.restricts.label, found.offered.label, found.basis, found.contradiction)
        seen = (node.kind, node.synthetic, node.retrieved, node.tdm_reserved, place in self.shipped, self._generated(place))
        return (*claims, *seen, self.graph.given[place], own)

    def _generated(self, place: int) -> bool:
        return any(step.symbol == GENERATE for step in self.graph.into[place])

    def _case(self, place: int) -> Case:
        found = self._effective[place]
        return Case(
            origin=self.graph.nodes[place],
            view=found.restricts,
            actor=self.actor,
            origin_shipped=place in self.shipped,
            generator=self._generated(place),
            contradiction=found.contradiction,
            basis=found.basis if self.graph.given[place] else "dangling",
        )

    def _licenses(self, place: int) -> tuple[LicenseFacts, ...]:
        profile = self._profile[place]
        found = self._facts.get(profile)
        if found is None:
            tree = self._effective[place].restricts.tree
            all_facts = {facts.key: facts for term in terms(tree) if (facts := facts_of(term.id))} if tree is not None else {}
            found = self._facts[profile] = tuple(all_facts[key] for key in sorted(all_facts))
        return found

    # --- ways ----------------------------------------------------------------------------------

    def ways_to(self, reached: Reach) -> list[Finding]:
        """Findings at an artifact from everything behind it."""
        groups: dict[tuple[int, int], tuple[int, list[int]]] = {}
        profile = self._profile
        for code in reached.codes:
            place, state = divmod(code, STATES)
            group = groups.get((state, profile[place]))
            if group is None:
                groups[state, profile[place]] = (code, [place])
            else:
                group[1].append(place)
        weights = sorted({p for _, (code, places) in groups.items() if self._manner(code).name == WEIGHTS for p in places})
        found: dict[Group, _Origins] = {}
        for code, places in groups.values():
            way = self._manner(code)
            if self.graph.nodes[code // STATES].kind == "release":
                continue
            case = replace(self._met(code // STATES, reached.target, weights), merged=way.merged, adapted=way.adapted, removed=way.removed)
            _gather(found, about_way(case, way.name, self.stance, step=False, far=True), code, places)
        return list(self._findings(found, reached.target, reached))

    def _manner(self, code: int) -> Any:
        return manner(self.graph.nodes[code // STATES].kind, code % STATES)

    def steps_into(self, place: int, *, asked: bool) -> list[Finding]:
        """Findings at an artifact from what it was made of directly; of one that was asked about, those that look at the step alone."""
        steps = self.graph.into[place]
        node = self.graph.nodes[place]
        if not steps or node.kind == "release":
            return []
        weights = [step.source for step in steps if step.symbol in (MODEL, DISTIL)]
        found: dict[Group, _Origins] = {}
        ours = self._profile[place]
        for step in steps:
            if self.graph.nodes[step.source].kind == "release":
                continue
            key = (self._profile[step.source], ours, step.relation, asked, *self._special(step, place, weights))
            answer = self._answers.get(key)
            if answer is None:
                way = one_step(self.graph.nodes[step.source].kind, step)
                case = replace(
                    self._met(step.source, place, weights),
                    relation=step.relation,
                    merged=way.merged,
                    adapted=way.adapted,
                    removed=way.removed,
                )
                answer = self._answers[key] = about_way(case, way.name, self.stance, step=True, far=not asked)
            if answer:
                _gather(found, answer, step.source, (step.source,))
        return list(self._findings(found, place, None))

    def _special(self, step: Step, place: int, weights: list[int]) -> tuple[Any, ...]:
        # What an answer depends on beyond the profiles of the two: names, families, and who else went in.
        facts = self._licenses(step.source)
        name = self.graph.nodes[place].name
        prefixes = tuple(bool(name) and begins(name, item.name_prefix) for item in facts if item.name_prefix)
        named = bool(name) if prefixes else None
        bans = [item.key for item in facts if item.outputs.training == "forbidden"]
        families = tuple((self._family(key)[place], any(not self._family(key)[other] for other in weights)) for key in bans)
        merged = tuple(sorted({self._profile[other] for other in weights})) if step.relation in ("merged-from", "distilled-from") else ()
        return named, prefixes, families, merged

    def _met(self, origin: int, child: int, weights: Iterable[int]) -> Case:
        others = {facts.key: facts for other in weights for facts in self._licenses(other)} if weights else {}
        return replace(
            self._case(origin),
            child=self.graph.nodes[child],
            offered=self._effective[child].offered,
            child_shipped=child in self.shipped,
            in_family=lambda key: bool(self._family(key)[child]),
            outsiders=lambda key: any(not self._family(key)[other] for other in weights),
            others=tuple(others[key] for key in sorted(others)),
        )

    def _family(self, key: str) -> bytearray:
        """Which artifacts are, or were made from, weights under a licence."""
        found = self._families.get(key)
        if found is None:
            found = self._families[key] = bytearray(len(self.graph.nodes))
            pending = [place for place in range(len(self.graph.nodes)) if any(item.key == key for item in self._licenses(place))]
            for place in pending:
                found[place] = 1
            while pending:
                for following in self._made_into.get(pending.pop(), ()):
                    if not found[following]:
                        found[following] = 1
                        pending.append(following)
        return found

    @cached_property
    def _made_into(self) -> dict[int, list[int]]:
        out: dict[int, list[int]] = {}
        for place, steps in enumerate(self.graph.into):
            for step in steps:
                if step.symbol in (MODEL, DISTIL):
                    out.setdefault(step.source, []).append(place)
        return out

    # --- releases ------------------------------------------------------------------------------

    def release(self, place: int, parts: frozenset[int], found: list[Finding]) -> list[Finding]:
        """Findings about a release, after those about what it holds."""
        node = self.graph.nodes[place]
        listed = sorted(parts)
        others = {facts.key: facts for part in listed for facts in self._licenses(part)}
        case = replace(self._case(place), others=tuple(others[key] for key in sorted(others)))
        made = [self._asked("R1", case, place, Fixed((node.id,)), (place,))]
        for part in listed:
            weights = replace(case, child=self.graph.nodes[part], offered=self._effective[part].offered)
            made.append(self._asked("R2", weights, place, Fixed((self.graph.nodes[part].id, node.id)), (part,)))
        left = [item for item in found if item.severity == "conflict" and item.waived_by is None]
        left += [item for item in made if item is not None and item.severity == "conflict"]
        if left:
            named = tuple(sorted(f"finding {item.id}: {item.rule} at {item.node}" for item in left))
            last = self._asked("R3", case, place, Fixed((node.id,)), (place,))
            made.append(None if last is None else replace(last, inputs=named))
        return [item for item in made if item is not None]

    def _asked(self, rule: str, case: Case, place: int, trail: Trail, origins: tuple[int, ...]) -> Finding | None:
        hit = predicates()[rule](case)
        if hit is None:
            return None
        return self._finding(Found(rule, severity(rule, hit, self.stance), "", hit), self.graph.nodes[place].id, origins, trail, 0)

    # --- findings ------------------------------------------------------------------------------

    def _findings(self, found: dict[Group, _Origins], target: int, trail: Trail | None) -> Iterator[Finding]:
        identity = self.graph.nodes[target].id
        for group in found.values():
            way = trail or Fixed((self.graph.nodes[group.start].id, identity))
            yield self._finding(group.found, identity, sorted(group.places), way, group.start)

    def _finding(self, item: Found, node: str, places: Iterable[int], trail: Trail, start: int) -> Finding:
        ids = tuple(self.graph.nodes[place].id for place in places)
        closure = "shipped" if any(place in self.shipped for place in places) else "used"
        hit = item.hit
        return Finding(
            item.rule,
            item.severity,
            node,
            item.license,
            ids,
            closure,
            hit.reason,
            hit.inputs,
            rules()[item.rule].sources,
            hit.unknown,
            None,
            trail,
            start,
        )


def _gather(found: dict[Group, _Origins], answer: tuple[Found, ...], start: int, places: Iterable[int]) -> None:
    for item in answer:
        key = (item.rule, item.license, item.severity, item.hit)
        group = found.get(key)
        if group is None:
            group = found[key] = _Origins(item, start)
        group.places.update(places)


def _chooses(tree: Any) -> bool:
    if not isinstance(tree, Compound):
        return False
    return tree.operator == "OR" or any(_chooses(part) for part in tree.parts)
