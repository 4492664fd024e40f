"""Asks the rules once for each group of artifacts that they cannot tell apart, and makes findings of the answers.

An answer is kept for each licence with what its rules can see of both ends, and for each expression of such. What lies behind the
artifacts that were asked about is gathered over the whole lineage, so that its size does not decide how many findings there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ledger.licenses.actor import Actor
from ledger.licenses.assess import NODE_TERM, NODE_WHOLE, Found, Question, about_term, about_whole, behind_outputs, over
from ledger.licenses.case import WEIGHTS, Case, Child, Pair, begins
from ledger.licenses.effective import Effective, View, effective, names_of
from ledger.licenses.expression import Compound, Term, terms
from ledger.licenses.facts import LicenseFacts, facts_of
from ledger.licenses.rules_data import SHARING, alike
from ledger.licenses.rules_weights import adds
from ledger.licenses.ways import DISTIL, GENERATE, MODEL, Graph, Manner


class Leaf:
    """A licence of an expression, with what decides how it stands to a child.

    `plain`: only what the child offers matters, and not its name or its other parents.
    """

    __slots__ = ("banning", "facts", "free", "names", "number", "plain", "sharing", "term")

    def __init__(self, number: int, term: Term) -> None:
        facts = facts_of(term.id)
        self.number, self.term, self.facts, self.names = number, term, facts, names_of(term)
        self.sharing = facts is not None and facts.share_alike in SHARING
        self.banning = facts is not None and facts.outputs.training == "forbidden"
        self.free = facts is not None and facts.conditions.no_further_restrictions == "yes"
        self.plain = not (self.banning or self.free or (facts is not None and facts.name_prefix))


class Ask:
    """The rules that are asked of ways of one manner; numbered, because it is part of every key."""

    __slots__ = ("manner", "number", "question", "relation", "term", "whole")

    def __init__(self, number: int, question: Question, manner: Manner, relation: str) -> None:
        self.number, self.question, self.manner, self.relation = number, question, manner, relation
        self.term, self.whole = question.term, question.whole


class Profile:
    """What the rules of a way see of an origin; many artifacts share one."""

    __slots__ = ("case", "kind", "leaves", "number", "own", "seen", "tree")

    def __init__(self, number: int, case: Case, own: Any, seen: int, leaves: tuple[Leaf, ...]) -> None:
        self.number, self.case, self.own, self.seen, self.leaves = number, case, own, seen, leaves
        self.tree, self.kind = case.view.tree, case.origin.kind


class Judge:
    """One propagation: the graph, who asks, and what was answered before.

    Args:
        shipped: places of what goes out, with its parts.
    """

    def __init__(self, graph: Graph, stance: str, actor: Actor, shipped: frozenset[int]) -> None:
        self.graph, self.stance, self.actor, self.shipped = graph, stance, actor, shipped
        self.effective: list[Effective] = [effective(node) for node in graph.nodes]
        self._answers: dict[Any, tuple[Found, ...]] = {}
        self._families: dict[str, bytearray] = {}
        self._asks: dict[Any, Ask] = {}
        self._terms: dict[Any, tuple[Found, ...]] = {}
        self._wholes: dict[Any, tuple[Found, ...]] = {}
        self._seen: dict[Any, int] = {}
        self._pairs: list[Pair] = []
        self._pair_numbers: dict[Any, int] = {}
        self._leaf: dict[Term, Leaf] = {}
        self._chosen: dict[Any, Found] = {}
        self._out: dict[int, list[int]] | None = None
        children: dict[Child, Child] = {}
        self.child = [self._child(place, children) for place in range(len(graph.nodes))]
        numbers = {child: number for number, child in enumerate(children)}
        self.child_number = [numbers[child] for child in self.child]
        offers: dict[str, int] = {}
        self.offer = [offers.setdefault(found.offered.label, len(offers)) for found in self.effective]
        views = {found.offered.label: found.offered for found in self.effective}
        self._offers = [views[label] for label in offers]
        self._rows: dict[int, list[int]] = {}
        known: dict[Any, Profile] = {}
        self.profile = [self._profiled(place, known) for place in range(len(graph.nodes))]
        self._profiles = tuple(known.values())

    # --- what rules see ------------------------------------------------------------------------

    def _child(self, place: int, known: dict[Child, Child]) -> Child:
        offered = self.effective[place].offered
        made = Child(
            self.graph.nodes[place].kind,
            offered.known,
            offered.open,
            offered.osi,
            offered.commercial,
            offered.modify,
            place in self.shipped,
        )
        return known.setdefault(made, made)

    def _profiled(self, place: int, known: dict[Any, Profile]) -> Profile:
        node, found = self.graph.nodes[place], self.effective[place]
        view = found.restricts
        generated = any(step.symbol == GENERATE for step in self.graph.into[place])
        seen = (node.kind, node.synthetic, node.retrieved, node.tdm_reserved, place in self.shipped, generated, view.label)
        # A choice of licences is judged with the rules of the artifact itself.
        own = self.own(place) if view.tree is not None and _chooses(view.tree) else None
        key = (seen, self.graph.given[place], own)
        profile = known.get(key)
        if profile is None:
            profile = known[key] = Profile(
                len(known), self.case(place, generated), own, self._seen.setdefault(seen, len(self._seen)), self._leaves(view)
            )
        return profile

    def _leaves(self, view: View) -> tuple[Leaf, ...]:
        found: dict[Term, Leaf] = {}
        for term in terms(view.tree) if view.tree is not None else ():
            leaf = self._leaf.get(term)
            if leaf is None:
                leaf = self._leaf[term] = Leaf(len(self._leaf), term)
            found[term] = leaf
        return tuple(found.values())

    def own(self, place: int) -> tuple[Any, ...]:
        """What the rules of one artifact see of it for each of its licences."""
        node = self.graph.nodes[place]
        return node.kind, node.has_text, node.has_notice, node.terms_captured, node.multimodal

    def case(self, place: int, generated: bool = False) -> Case:
        """The artifact by itself."""
        found = self.effective[place]
        return Case(
            origin=self.graph.nodes[place],
            view=found.restricts,
            actor=self.actor,
            origin_shipped=place in self.shipped,
            generator=generated,
            contradiction=found.contradiction,
            basis=found.basis if self.graph.given[place] else "dangling",
        )

    # --- one artifact --------------------------------------------------------------------------

    def node(self, place: int) -> tuple[Found, ...]:
        """What rules find about one artifact by itself."""
        node, found = self.graph.nodes[place], self.effective[place]
        own = self.own(place)
        claims = (node.declared, node.detected, node.near, node.family, found.restricts.label, found.basis, self.graph.given[place])
        key = ("node", claims, own)
        answer = self._answers.get(key)
        if answer is None:
            case = self.case(place)
            answer = about_whole(case, NODE_WHOLE, self.stance)
            if case.view.tree is not None:
                answer += over(case.view.tree, lambda term: self._own_term(term, case, own), lambda _term: (), self._chosen)
            self._answers[key] = answer
        return answer

    def _own_term(self, term: Term, case: Case, own: Any) -> tuple[Found, ...]:
        key = ("own", str(term), own)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = about_term(term, case, NODE_TERM, self.stance)
        return answer

    # --- ways ----------------------------------------------------------------------------------

    def ask(self, manner: Manner, *, step: bool, far: bool, relation: str = "") -> Ask:
        """The questions for ways of a manner, as `Question` says."""
        question = Question(manner.name, step, far, manner.removed)
        key = (question, manner, relation)
        found = self._asks.get(key)
        if found is None:
            found = self._asks[key] = Ask(len(self._asks), question, manner, relation)
        return found

    def way(self, place: int, child: int, ask: Ask, met: Met) -> list[tuple[Found, ...]]:
        """What rules find of a way from one artifact to another; equal answers are the same tuple, and none is empty."""
        profile = self.profile[place]
        found: list[tuple[Found, ...]] = []
        if answer := self.whole(profile, child, ask):
            found.append(answer)
        if not ask.term:
            return found
        if profile.own is not None:
            pairs = tuple([self._pair(leaf, child, ask.manner, met) for leaf in profile.leaves])
            if answer := self.choice(profile, child, ask, pairs):
                found.append(answer)
            return found
        for leaf in profile.leaves:
            if answer := self.term(leaf, self._pair(leaf, child, ask.manner, met), profile, child, ask):
                found.append(answer)
        return found

    def row(self, leaf: Leaf) -> list[int]:
        """How a licence stands to each thing that is offered, by `offer`, as long as nothing else of a child matters."""
        found = self._rows.get(leaf.number)
        if found is None:
            found = self._rows[leaf.number] = [self._number(*self._stands(leaf, offered)) for offered in self._offers]
        return found

    def _stands(self, leaf: Leaf, offered: View) -> tuple[bool, bool | None]:
        keeps = not leaf.names.isdisjoint(offered.kept)
        if not leaf.sharing or leaf.facts is None:
            return keeps, keeps
        return keeps, alike(leaf.facts, offered.kept) if offered.known else None

    def simple(self, leaf: Leaf, manner: Manner) -> bool:
        """Only what a child offers matters on ways of a manner."""
        return leaf.plain or not (leaf.banning or manner.name == WEIGHTS)

    def choice(self, profile: Profile, child: int, ask: Ask, pairs: tuple[int, ...]) -> tuple[Found, ...]:
        """What rules find of an expression with a choice, whose licences stand to the child as the pairs' numbers say."""
        key = (profile.number, self.child_number[child], ask.number, pairs)
        answer = self._answers.get(key)
        if answer is None:
            assert profile.tree is not None
            of = {leaf.term: (leaf, pair) for leaf, pair in zip(profile.leaves, pairs, strict=True)}
            answer = self._answers[key] = over(
                profile.tree,
                lambda term: self.term(*of[term], profile, child, ask),
                lambda term: self._own_term(term, profile.case, profile.own),
                self._chosen,
            )
        return answer

    def _met(self, profile: Profile, child: int, ask: Ask) -> Case:
        manner = ask.manner
        return replace(profile.case, child=self.child[child], relation=ask.relation, merged=manner.merged, adapted=manner.adapted)

    def whole(self, profile: Profile, child: int, ask: Ask) -> tuple[Found, ...]:
        """What the rules find that look at no single licence."""
        if not ask.whole:
            return ()
        key = profile.seen, ask.number
        answer = self._wholes.get(key)
        if answer is None:
            found = about_whole(self._met(profile, child, ask), ask.question.whole, self.stance)
            answer = self._wholes[key] = behind_outputs(found, ask.question)
        return answer

    def term(self, leaf: Leaf, pair: int, profile: Profile, child: int, ask: Ask) -> tuple[Found, ...]:
        """What rules find of one licence that stands to the child as a pair's number says."""
        key = (leaf.number, profile.kind, self.child_number[child], pair, ask.number)
        answer = self._terms.get(key)
        if answer is None:
            case = replace(self._met(profile, child, ask), pair=self._pairs[pair])
            answer = self._terms[key] = behind_outputs(about_term(leaf.term, case, ask.term, self.stance), ask.question)
        return answer

    def _pair(self, leaf: Leaf, child: int, manner: Manner, met: Met) -> int:
        if leaf.facts is None or self.simple(leaf, manner):
            return self.row(leaf)[self.offer[child]]
        facts, name = leaf.facts, self._name(child)
        keeps, shared = self._stands(leaf, self.effective[child].offered)
        fits = begins(name, facts.name_prefix) if facts.name_prefix and name else None
        family = foreign = False
        adding: tuple[str, ...] = ()
        if leaf.banning:
            marked = self._family(facts.key)
            family, foreign = bool(marked[self._real(child)]), manner.merged and any(not marked[other] for other in met.weights)
        if leaf.free and manner.merged:
            adding = met.adding(self, facts)
        return self._number(keeps, shared, fits, family, foreign, adding)

    # What a judge of many releases has otherwise (`together`), where one place stands for many artifacts.

    def _name(self, child: int) -> str:
        return self.graph.nodes[child].name

    def _real(self, child: int) -> int:
        return child

    def _number(self, *values: Any) -> int:
        found = self._pair_numbers.get(values)
        if found is None:
            found = self._pair_numbers[values] = len(self._pairs)
            self._pairs.append(Pair(*values))
        return found

    def _family(self, key: str) -> bytearray:
        """Which artifacts are, or were made from, weights under a licence."""
        found = self._families.get(key)
        if found is None:
            found = self._families[key] = bytearray(len(self.graph.nodes))
            holders = {profile for profile in self._profiles if any(leaf.facts and leaf.facts.key == key for leaf in profile.leaves)}
            pending = [place for place, profile in enumerate(self.profile) if profile in holders]
            for place in pending:
                found[place] = 1
            made = self._made()
            while pending:
                for following in made.get(pending.pop(), ()):
                    if not found[following]:
                        found[following] = 1
                        pending.append(following)
        return found

    def _made(self) -> dict[int, list[int]]:
        if self._out is None:
            self._out = {}
            for place, steps in enumerate(self.graph.into):
                for step in steps:
                    if step.symbol in (MODEL, DISTIL):
                        self._out.setdefault(step.source, []).append(place)
        return self._out


class Met:
    """The weights that went into an artifact, for rules that compare them."""

    __slots__ = ("_adding", "_licenses", "weights")

    def __init__(self, weights: Iterable[int] = ()) -> None:
        self.weights = list(weights)
        self._licenses: dict[str, LicenseFacts] | None = None
        self._adding: dict[str, tuple[str, ...]] = {}

    def adding(self, judge: Judge, facts: LicenseFacts) -> tuple[str, ...]:
        """Keys of their licences that restrict use beyond what one does."""
        found = self._adding.get(facts.key)
        if found is None:
            more = (key for key, other in self.licenses(judge).items() if key != facts.key and adds(other, facts))
            found = self._adding[facts.key] = tuple(sorted(more))
        return found

    def licenses(self, judge: Judge) -> dict[str, LicenseFacts]:
        """Their licences by key."""
        if self._licenses is None:
            profiles = {judge.profile[place].number: judge.profile[place] for place in self.weights}
            self._licenses = {leaf.facts.key: leaf.facts for profile in profiles.values() for leaf in profile.leaves if leaf.facts}
        return self._licenses


ALONE = Met()


def _chooses(tree: Any) -> bool:
    if not isinstance(tree, Compound):
        return False
    return tree.operator == "OR" or any(_chooses(part) for part in tree.parts)
