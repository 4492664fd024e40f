"""Asks the rules once for each group of artifacts that they cannot tell apart, and makes findings of the answers.

An answer is kept for each licence with what its rules can see of both ends, and for each expression of such. What lies behind the
artifacts that were asked about is gathered over the whole lineage, so that its size does not decide how many findings there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

from ledger.licenses.actor import Actor
from ledger.licenses.assess import NODE_TERM, NODE_WHOLE, Found, Question, about_term, about_whole, behind_outputs, over
from ledger.licenses.case import Case, Child, Pair, begins
from ledger.licenses.effective import Effective, View, effective, names_of
from ledger.licenses.expression import Compound, Term, terms
from ledger.licenses.facts import LicenseFacts, facts_of
from ledger.licenses.rules_data import SHARING, alike
from ledger.licenses.rules_weights import adds
from ledger.licenses.ways import DISTIL, GENERATE, MODEL, Graph, Manner

_NOTHING = Pair()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A licence of an expression, with what decides how it stands to a child."""

    term: Term
    facts: LicenseFacts | None
    names: frozenset[str]
    sharing: bool
    banning: bool

    @property
    def plain(self) -> bool:
        """Only what the child offers matters, and not its name or its other parents."""
        facts = self.facts
        return facts is None or not (self.banning or facts.name_prefix or facts.conditions.no_further_restrictions == "yes")


class Ask:
    """The rules that are asked of ways of one manner; numbered, because it is part of every key."""

    __slots__ = ("manner", "number", "question", "relation")

    def __init__(self, number: int, question: Question, manner: Manner, relation: str) -> None:
        self.number, self.question, self.manner, self.relation = number, question, manner, relation


class Profile:
    """What the rules of a way see of an origin; many artifacts share one."""

    __slots__ = ("case", "leaves", "number", "own", "seen", "tree")

    def __init__(self, number: int, case: Case, own: Any, seen: Any) -> None:
        self.number, self.case, self.own, self.seen = number, case, own, seen
        self.tree = case.view.tree
        self.leaves = _leaves(case.view)


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
        self._alike: dict[tuple[str, str], bool | None] = {}
        self._asks: dict[Any, Ask] = {}
        self._out: dict[int, list[int]] | None = None
        children: dict[Child, Child] = {}
        self.child = [self._child(place, children) for place in range(len(graph.nodes))]
        numbers = {child: number for number, child in enumerate(children)}
        self.child_number = [numbers[child] for child in self.child]
        known: dict[Any, Profile] = {}
        self.profile = [self._profiled(place, known) for place in range(len(graph.nodes))]

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
            profile = known[key] = Profile(len(known), self.case(place, generated), own, seen)
        return profile

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
                answer += over(case.view.tree, lambda term: self._own_term(term, case, own), lambda _term: ())
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

    def way(self, place: int, child: int, ask: Ask, met: Met) -> tuple[Found, ...]:
        """What rules find of a way from one artifact to another; equal questions give the same tuple."""
        profile = self.profile[place]
        pairs = self._pairs(profile, child, met)
        key = (profile.number, self.child_number[child], ask.number, pairs)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._way(profile, self.child[child], ask, pairs)
        return answer

    def _way(self, profile: Profile, child: Child, ask: Ask, pairs: tuple[Pair, ...]) -> tuple[Found, ...]:
        manner, question = ask.manner, ask.question
        case = replace(profile.case, child=child, relation=ask.relation, merged=manner.merged, adapted=manner.adapted)
        answer = self._whole(case, profile, question)
        if profile.tree is not None and question.term:
            of = dict(zip((leaf.term for leaf in profile.leaves), pairs or repeat(_NOTHING), strict=False))
            answer += over(
                profile.tree,
                lambda term: self._way_term(term, replace(case, pair=of[term]), question),
                lambda term: self._own_term(term, case, profile.own) if profile.own else (),
            )
        return behind_outputs(answer, question)

    def _whole(self, case: Case, profile: Profile, question: Question) -> tuple[Found, ...]:
        if not question.whole:
            return ()
        key = ("whole", profile.seen, question, case.relation)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = about_whole(case, question.whole, self.stance)
        return answer

    def _way_term(self, term: Term, case: Case, question: Question) -> tuple[Found, ...]:
        key = (str(term), case.origin.kind, case.child, case.pair, case.merged, case.adapted, case.relation, question)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = about_term(term, case, question.term, self.stance)
        return answer

    def _pairs(self, profile: Profile, child: int, met: Met) -> tuple[Pair, ...]:
        offered = self.effective[child].offered
        found = tuple(self._pair(leaf, child, offered, met) for leaf in profile.leaves)
        return () if all(pair is _NOTHING for pair in found) else found

    def _pair(self, leaf: Leaf, child: int, offered: View, met: Met) -> Pair:
        keeps = not leaf.names.isdisjoint(offered.kept)
        if not keeps and leaf.plain and not leaf.sharing:
            return _NOTHING
        facts = leaf.facts
        if facts is None:
            return Pair(keeps)
        name = self.graph.nodes[child].name
        fits = begins(name, facts.name_prefix) if facts.name_prefix and name else None
        family = foreign = False
        adding: tuple[str, ...] = ()
        if leaf.banning:
            marked = self._family(facts.key)
            family, foreign = bool(marked[child]), any(not marked[other] for other in met.weights)
        if facts.conditions.no_further_restrictions == "yes" and met.weights:
            adding = tuple(sorted(key for key, other in met.licenses(self).items() if key != facts.key and adds(other, facts)))
        return Pair(keeps, self._shared(leaf, offered) if leaf.sharing else keeps, fits, family, foreign, adding)

    def _shared(self, leaf: Leaf, offered: View) -> bool | None:
        if not offered.known or leaf.facts is None:
            return None
        key = (leaf.term.id, offered.label)
        if key not in self._alike:
            self._alike[key] = alike(leaf.facts, offered.kept)
        return self._alike[key]

    def _family(self, key: str) -> bytearray:
        """Which artifacts are, or were made from, weights under a licence."""
        found = self._families.get(key)
        if found is None:
            found = self._families[key] = bytearray(len(self.graph.nodes))
            holders = {profile.number for profile in self.profile if any(leaf.facts and leaf.facts.key == key for leaf in profile.leaves)}
            pending = [place for place, profile in enumerate(self.profile) if profile.number in holders]
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

    __slots__ = ("_licenses", "weights")

    def __init__(self, weights: Iterable[int] = ()) -> None:
        self.weights = list(weights)
        self._licenses: dict[str, LicenseFacts] | None = None

    def licenses(self, judge: Judge) -> dict[str, LicenseFacts]:
        """Their licences by key."""
        if self._licenses is None:
            profiles = {judge.profile[place].number: judge.profile[place] for place in self.weights}
            self._licenses = {leaf.facts.key: leaf.facts for profile in profiles.values() for leaf in profile.leaves if leaf.facts}
        return self._licenses


ALONE = Met()


def _leaves(view: View) -> tuple[Leaf, ...]:
    if view.tree is None:
        return ()
    found: dict[Term, Leaf] = {}
    for term in terms(view.tree):
        facts = facts_of(term.id)
        sharing = facts is not None and facts.share_alike in SHARING
        found[term] = Leaf(term, facts, names_of(term), sharing, facts is not None and facts.outputs.training == "forbidden")
    return tuple(found.values())


def _chooses(tree: Any) -> bool:
    if not isinstance(tree, Compound):
        return False
    return tree.operator == "OR" or any(_chooses(part) for part in tree.parts)
