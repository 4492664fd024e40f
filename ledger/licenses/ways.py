"""The lineage as propagation walks it: which steps carry a licence and how, and every way that ends at one artifact.

The walk goes backwards from the artifact that was asked about, once for each artifact and each state of the way behind it, and never
recurses: cycles end, and what an edge names without being given is an artifact of which nothing is known. Order does not matter:
artifacts and edges are sorted first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.licenses.case import DATA, OUTPUTS, STUDENT, TRAINING, WEIGHTS
from ledger.licenses.findings import CONTAINS, DEPLOYED_AS, EDGE_RELATIONS, NODE_KINDS, Edge, Node

# What a step does with the material: composes data, trains, makes weights, generates, distils, holds.
COMPOSE, TRAIN, MODEL, GENERATE, DISTIL, HOLD = "compose", "train", "model", "generate", "distil", "hold"
_SILENT = frozenset(("tokenized-with", "evaluated-on", "built-by", "describes"))
_MODELS = frozenset(("weights", "service"))
_COMPOSING = frozenset(("derived-from", "subset-of", "combined-from"))
_WEIGHTS_ONLY = frozenset(("fine-tuned-from", "adapter-of", "quantized-from", "merged-from", "distilled-from", "generated-by", DEPLOYED_AS))

# A state: how many times something was generated on the way, whether it was trained on after that, and one bit that says that data
# was adapted, or weights were merged or distilled.
STATES = 12
_SPECIAL, _TRAINED, _GENERATED = 1, 2, 4


class Step(NamedTuple):
    """An edge into an artifact, by places in the sorted list."""

    source: int
    relation: str
    symbol: str
    #: The same for all steps with this relation and these kinds at both ends.
    manner: int


@dataclass(frozen=True, slots=True)
class Graph:
    """Sorted artifacts and the steps into each.

    Attributes:
        nodes: by id.
        ids: theirs.
        given: False where an edge names what was not given.
        into: for each artifact the steps from what it was made of; those that carry no licence are left out.
        place: of an id.
    """

    nodes: tuple[Node, ...]
    ids: tuple[str, ...]
    given: tuple[bool, ...]
    into: tuple[tuple[Step, ...], ...]
    place: dict[str, int]


def build(nodes: Iterable[Node], edges: Iterable[Edge]) -> Graph:
    """Sort and check what is given.

    Raises:
        LedgerError: LG0825 for a kind or relation outside the vocabulary, LG0826 when two artifacts have one id.
    """
    known: dict[str, Node] = {}
    for node in nodes:
        if node.kind not in NODE_KINDS:
            raise LedgerError(
                "LG0825", f"artifact {_shown(node.id)} has the kind {_shown(node.kind)}, which is none of {', '.join(NODE_KINDS)}"
            )
        if known.setdefault(node.id, node) is not node and known[node.id] != node:
            raise LedgerError("LG0826", f"two artifacts have the id {_shown(node.id)}")
    given = list(edges)
    missing = _missing(given, known)
    listed = sorted([*known.values(), *missing], key=lambda node: node.id)
    place = {node.id: number for number, node in enumerate(listed)}
    many, relations = len(listed), len(EDGE_RELATIONS)
    # As numbers, edges sort ten times faster.
    codes = {(place[edge.target] * many + place[edge.source]) * relations + _RELATION[edge.relation] for edge in given}
    into: list[list[Step]] = [[] for _ in listed]
    kinds = [node.kind for node in listed]
    for code in sorted(codes):
        ends, number = divmod(code, relations)
        target, source = divmod(ends, many)
        relation = EDGE_RELATIONS[number]
        symbol, manner = _SYMBOLS[kinds[source], kinds[target], relation]
        if symbol and source != target:
            into[target].append(Step(source, relation, symbol, manner))
    return Graph(tuple(listed), tuple(place), tuple(node.id in known for node in listed), tuple(map(tuple, into)), place)


def _missing(edges: Sequence[Edge], known: dict[str, Node]) -> list[Node]:
    strange = sorted({edge.relation for edge in edges} - set(EDGE_RELATIONS))
    if strange:
        raise LedgerError("LG0825", f"the relation {_shown(strange[0])} is none of {', '.join(EDGE_RELATIONS)}")
    loose = [edge for edge in edges if edge.source not in known or edge.target not in known]
    kinds = {identity: node.kind for identity, node in known.items()} if loose else {}
    guessed = _guess(sorted({(edge.target, edge.source, edge.relation) for edge in loose}), kinds)
    return [Node(identity, kind) for identity, kind in guessed.items()]


def _shown(text: str) -> str:
    return "`" + "".join(char if char.isprintable() else "?" for char in text[:80]) + "`"


def _guess(edges: Sequence[tuple[str, str, str]], kinds: dict[str, str]) -> dict[str, str]:
    # The kind of what only an edge names: by its use as a source first, since that decides what it brings along.
    guessed: dict[str, str] = {}
    for target, source, relation in edges:
        if source not in kinds:
            if relation in _WEIGHTS_ONLY:
                guessed[source] = "weights"
            elif relation in _COMPOSING and kinds.get(target) in _MODELS:
                guessed.setdefault(source, "weights")
            else:
                guessed.setdefault(source, "dataset")
    for target, _, relation in edges:
        if target not in kinds:
            made = "release" if relation == CONTAINS else "service" if relation == DEPLOYED_AS else "weights"
            guessed.setdefault(target, "dataset" if relation in _COMPOSING or relation == "generated-by" else made)
    return guessed


def _symbol(source: str, target: str, relation: str) -> str:
    if relation in _SILENT:
        return ""
    if relation == CONTAINS or "release" in (source, target):
        return HOLD
    if source in _MODELS:
        if target not in _MODELS:
            return GENERATE
        return DISTIL if relation in ("distilled-from", "generated-by") else MODEL
    return TRAIN if target in _MODELS else COMPOSE


_RELATION = {relation: number for number, relation in enumerate(EDGE_RELATIONS)}
_SYMBOLS = {ends: (_symbol(*ends), number) for number, ends in enumerate(product(NODE_KINDS, NODE_KINDS, EDGE_RELATIONS))}
MANNERS = len(_SYMBOLS)


@dataclass(slots=True)
class Reach:
    """All that one artifact was made of, in the order of its distance.

    Attributes:
        codes: place times `STATES` plus state, of every artifact and state that was met; the artifact itself is not among them.
    """

    graph: Graph
    target: int
    codes: list[int]
    _next: dict[int, int]

    def path(self, start: int) -> tuple[str, ...]:
        """The ids from the artifact of a code to the one that was asked about."""
        found = [self.graph.nodes[start // STATES].id]
        while start in self._next:
            start = self._next[start]
            found.append(self.graph.nodes[start // STATES].id)
        return tuple(found)

    def places(self) -> list[int]:
        """Every artifact that was met, from near to far."""
        return list(dict.fromkeys(code // STATES for code in self.codes))


def reach(graph: Graph, target: int) -> Reach:
    """Walk back from an artifact. Takes time in proportion to the edges behind it."""
    begin = target * STATES
    towards: dict[int, int] = {}
    codes: list[int] = []
    frontier = [begin]
    into, after = graph.into, _AFTER
    while frontier:
        following: list[int] = []
        for code in frontier:
            place, state = divmod(code, STATES)
            for step in into[place]:
                reached = step.source * STATES + after[state, step.symbol, step.relation]
                # A way round to the artifact itself brings nothing that it has not.
                if reached not in towards and step.source != target:
                    towards[reached] = code
                    following.append(reached)
        codes.extend(following)
        frontier = following
    return Reach(graph, target, codes, towards)


def _next_state(state: int, symbol: str, relation: str) -> int:
    generated, trained, special = state // _GENERATED, state & _TRAINED, state & _SPECIAL
    if symbol == HOLD:
        return state
    if symbol == COMPOSE:
        if not generated and not trained and relation == "derived-from":
            special = _SPECIAL
    elif symbol == MODEL:
        if not generated and not trained and relation == "merged-from":
            special = _SPECIAL
    elif symbol == TRAIN:
        trained, special = _TRAINED, 0
    else:
        generated, special = min(generated + 1, 2), 0
        if symbol == DISTIL:
            trained, special = _TRAINED, _SPECIAL
    return generated * _GENERATED + trained + special


_AFTER = {
    (state, symbol, relation): _next_state(state, symbol, relation)
    for state in range(STATES)
    for symbol in (COMPOSE, TRAIN, MODEL, GENERATE, DISTIL, HOLD)
    for relation in EDGE_RELATIONS
}


@cache
def after_all() -> tuple[tuple[int, ...], ...]:
    """For each manner of a step the state after it, by the state before it."""
    steps = map(step_of, range(MANNERS))
    return tuple(tuple(_AFTER.get((state, step.symbol, step.relation), state) for state in range(STATES)) for step in steps)


@cache
def step_of(number: int) -> Step:
    """A step with this manner; its source is 0. Its symbol is empty when it carries no licence."""
    kinds, relations = len(NODE_KINDS), len(EDGE_RELATIONS)
    source, target, relation = number // (kinds * relations), number // relations % kinds, number % relations
    symbol, _ = _SYMBOLS[NODE_KINDS[source], NODE_KINDS[target], EDGE_RELATIONS[relation]]
    return Step(0, EDGE_RELATIONS[relation], symbol, number)


@cache
def is_part(number: int) -> bool:
    """Whether by a step of this manner the source goes out with the target, as `shipped_places` says."""
    return _parts(step_of(number))


def _parts(step: Step) -> bool:
    return step.symbol in (COMPOSE, HOLD) or (step.symbol == MODEL and step.relation not in ("adapter-of", DEPLOYED_AS))


@dataclass(frozen=True, slots=True)
class Manner:
    """How an origin's material is in an artifact: a class of `case`, and what the way had."""

    name: str
    merged: bool
    adapted: bool
    removed: bool


def manner(kind: str, state: int) -> Manner:
    """What a state means for an origin of a kind."""
    generated, trained, special = state // _GENERATED, bool(state & _TRAINED), bool(state & _SPECIAL)
    if kind in _MODELS:
        if not generated:
            return Manner(WEIGHTS, special, False, False)
        return Manner(STUDENT if trained else OUTPUTS, special, False, generated > 1)
    if not generated and not trained:
        return Manner(DATA, False, special, False)
    return Manner(TRAINING, False, False, generated > 0)


def one_step(kind: str, step: Step) -> Manner:
    """What a single step means for an origin of a kind."""
    return manner(kind, _AFTER[0, step.symbol, step.relation])


def shipped_places(graph: Graph, ids: Iterable[str]) -> frozenset[int]:
    """What is shipped and everything that is part of it: data put together, weights made into others. An adapter does not hold its base."""
    pending = [graph.place[identity] for identity in ids if identity in graph.place]
    found = set(pending)
    while pending:
        for step in graph.into[pending.pop()]:
            if _parts(step) and step.source not in found:
                found.add(step.source)
                pending.append(step.source)
    return frozenset(found)
