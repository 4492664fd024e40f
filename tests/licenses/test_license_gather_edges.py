"""What lies behind the artifact that was asked about: each by itself and against its direct inputs, worked out one by one.

The second way of working it out is that of `naive_propagation`: it shares the rules' functions with the product, and neither the
groups in which answers are kept nor the numbers by which they are found again.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from typing import Any

import pytest
from licenses.naive_propagation import FAR, STEP, Naive

from ledger.licenses.case import Case, Hit
from ledger.licenses.effective import effective
from ledger.licenses.expression import Term, terms
from ledger.licenses.facts import facts_of
from ledger.licenses.findings import EDGE_RELATIONS, NODE_KINDS, RANK, STANCES, Finding, Findings
from ledger.licenses.propagate import Actor, Edge, Node, propagate
from ledger.licenses.rules import predicates, rules
from ledger.licenses.ways import MANNERS

SMALL = Actor(monthly_active_users=1, annual_revenue_usd=1, domicile="US", purpose="commercial", accepted_terms=())
MADE = [relation for relation in EDGE_RELATIONS if relation not in ("contains", "tokenized-with", "evaluated-on", "built-by", "describes")]
LICENSES = [
    None,
    "MIT",
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-ND-4.0",
    "GPL-3.0-only",
    "AGPL-3.0-only",
    "LicenseRef-Llama-3",
    "LicenseRef-Llama-3.1",
    "LicenseRef-Gemma",
    "LicenseRef-OpenAI-ToU-2024-12-11",
]
CHOICES = [
    "CC-BY-NC-4.0 OR CC0-1.0",
    "CC-BY-NC-4.0 OR CC-BY-SA-4.0",
    "CC-BY-NC-4.0 AND LicenseRef-Gemma",
    "LicenseRef-Llama-3 OR GPL-3.0-only",
    "LicenseRef-Gemma OR (CC-BY-SA-4.0 AND GPL-3.0-only)",
    "(CC-BY-NC-4.0 OR MIT) AND LicenseRef-Llama-3",
    "CC-BY-SA-4.0 OR LicenseRef-Gemma OR MIT",
]
WHOLE, TERM = ("H1", "H2", "H4", "H5"), ("H2", "H3", "H6", "H7", "H8", "H9", "H10")
LEAST = {rank: severity for severity, rank in RANK.items()}
Key = tuple[str, str, str, Hit]


class Behind(Naive):
    """Findings of everything but the target; expressions of several licences stand at beginnings only."""

    first: Term | None = None

    def licenses(self, identity: str) -> list[str]:
        tree = effective(self.nodes[identity]).restricts.tree
        found = [] if tree is None else [term.id for term in terms(tree)]
        return sorted(found, key=lambda id: self.first is None or id != self.first.id)

    def weighed(self, name: str, case: Case) -> tuple[str, str, str, Hit] | None:
        hit = predicates()[name](case)
        if hit is None:
            return None
        severity = LEAST[min(RANK[rules()[name].severity[self.stance]], RANK[hit.cap])]
        return name, severity, case.id, hit

    def own(self, identity: str, term: Term | None) -> list[Key]:
        """What the rules find of one artifact, as a whole or for one of its licences."""
        node, found = self.nodes[identity], effective(self.nodes[identity])
        case = Case(node, found.restricts, self.actor, contradiction=found.contradiction, basis=found.basis)
        if term is not None:
            case = replace(case, id=term.id, facts=facts_of(term.id))
        return [hit for name in (WHOLE if term is None else TERM) if (hit := self.weighed(name, case))]

    def step(self, edge: tuple[str, str, str], term: Term | None) -> list[Key]:
        """What they find of one step."""
        source, target, relation = edge
        self.first = term
        parents = {edge[0] for edge in self.edges if edge[1] == target and self.meaning([edge])[0] == "weights"}
        meaning = self.meaning([edge])
        case = self.case(source, target, meaning, relation, parents)
        self.first = None
        names = {name for name, *_ in self.ask(case, [*FAR[meaning[0]], *STEP[meaning[0]]], meaning, source, self.stance)}
        whole = {name for name in names if name in ("D1", "W6", "W9", "O1", "T-TDM", "T-MEM", "S5")}
        if term is None:
            return [hit for name in whole if (hit := self.weighed(name, replace(case, id="", facts=None)))]
        return [hit for name in names - whole if (hit := self.weighed(name, case))]

    def expression(self, tree: Any, ask: Any, beside: Any) -> tuple[list[Key], int]:
        """All parts of AND, and of OR the better branch as a whole."""
        if isinstance(tree, Term):
            found = ask(tree)
            return found, max([RANK[item[1]] for item in [*found, *beside(tree)]], default=0)
        parts = [self.expression(part, ask, beside) for part in tree.parts]
        every = [item for found, _ in parts for item in found]
        if tree.operator == "AND":
            return every, max(worst for _, worst in parts)
        best = min(worst for _, worst in parts)
        note = f" (a choice of licences: {tree})"
        return [
            (name, LEAST[min(RANK[severity], best)], id, replace(hit, reason=hit.reason + note)) for name, severity, id, hit in every
        ], best

    def behind(self, target: str, stance: str) -> dict[Key, set[tuple[str, str]]]:
        """Rule, severity, licence and answer; and the pairs of origin and artifact that have it."""
        self.stance = stance
        found: dict[Key, set[tuple[str, str]]] = {}
        places = set(distances(self.edges, target)) - {target}
        for place in places:
            tree = effective(self.nodes[place]).restricts.tree
            hits = self.own(place, None)
            if tree is not None:
                hits += self.expression(tree, lambda term, at=place: self.own(at, term), lambda _term: [])[0]
            for hit in hits:
                found.setdefault(hit, set()).add((place, place))
        for edge in self.edges:
            source, at, _ = edge
            if at not in places:
                continue
            tree = effective(self.nodes[source]).restricts.tree
            hits = self.step(edge, None)
            if tree is not None:
                hits += self.expression(tree, lambda term, e=edge: self.step(e, term), lambda term, s=source: self.own(s, term))[0]
            for hit in hits:
                found.setdefault(hit, set()).add((source, at))
        return found


def distances(edges: list[tuple[str, str, str]], target: str) -> dict[str, int]:
    found = {target: 0}
    for steps in itertools.count(1):
        more = {source for source, at, _ in edges if found.get(at) == steps - 1 and source not in found}
        if not more:
            return found
        found.update(dict.fromkeys(more, steps))
    raise AssertionError


def spelled(hit: Hit, offered: str) -> tuple[str, ...]:
    return tuple(one.replace("claim: offered", f"claim: offered as {offered}") for one in hit.inputs)


def agree(nodes: list[Node], edges: list[Edge], target: str, stance: str, shipped: tuple[str, ...] = ()) -> Findings:
    answer = propagate(nodes, edges, target=target, stance=stance, actor=SMALL, shipped=shipped)
    naive = Behind(nodes, edges, SMALL, shipped or [target])
    wanted, far = naive.behind(target, stance), distances(naive.edges, target)
    seen: dict[Key, Finding] = {}
    for item in answer.findings:
        if item.node == target:
            continue
        offered = effective(naive.nodes[item.node]).offered.label
        # A cap that weighs nothing under this stance may be all that two answers differ in.
        [key] = [
            key
            for key, pairs in wanted.items()
            if (*key[:3], key[3].reason, spelled(key[3], offered), key[3].unknown)
            == (item.rule, item.severity, item.license, item.reason, item.inputs, item.unknown)
            and item.origins == tuple(sorted({source for source, _ in pairs}))
            and item.nodes == tuple(sorted({at for _, at in pairs}))
        ]
        assert key not in seen
        seen[key] = item
        pairs = wanted[key]
        assert far[item.node] == min(far[at] for _, at in pairs)
        assert item.path[-1] == item.node and (item.path[0], item.node) in pairs and len(item.path) == len(set(item.path))
        assert item.closure == ("shipped" if naive.parts & set(item.origins) else "used")
        assert item.sources == rules()[item.rule].sources
    assert set(seen) == set(wanted)
    return answer


def node(id: str, kind: str, declared: str | None, **more: Any) -> Node:
    return Node(id, kind, more.pop("name", ""), declared=declared, **more)


@pytest.mark.parametrize("seed", range(60))
def test_what_lies_behind_is_worked_out_one_by_one(seed: int) -> None:
    rng = random.Random(seed)
    count = rng.randint(4, 9)
    nodes = []
    for place in range(count):
        # Choices stand at the beginnings, because the naive way knows of one licence of what is made.
        said = LICENSES + CHOICES * 2 if place < 2 else LICENSES
        truth = [rng.choice((None, True, False)) for _ in range(5)]
        nodes.append(
            node(
                f"n{place}",
                rng.choice(("dataset", "weights", "weights", "service", "code", "document")),
                rng.choice(said),
                name=rng.choice(("", "Llama-3-x", "other")),
                has_text=truth[0],
                terms_captured=truth[1],
                tdm_reserved=truth[2],
                synthetic=truth[3],
                retrieved=truth[4],
            )
        )
    edges = []
    for _ in range(count * 2):
        one, two = sorted(rng.sample(range(count), 2))
        if two > 1:
            edges.append(Edge(f"n{one}", f"n{two}", rng.choice(MADE)))
    for stance in STANCES[:2] if seed % 2 else STANCES[1:]:
        agree(nodes, edges, f"n{count - 1}", stance, shipped=("n2", "n3") if seed % 3 == 0 else ())


@pytest.mark.parametrize("declared", ["LicenseRef-Llama-3", "CC-BY-NC-4.0", "GPL-3.0-only", "CC-BY-NC-4.0 OR CC-BY-SA-4.0"])
@pytest.mark.parametrize("relation", MADE)
def test_every_kind_of_step_has_its_own_answer(declared: str, relation: str) -> None:
    """One origin of each kind, and from each of them one of each kind is made, in one lineage."""
    kinds = [kind for kind in NODE_KINDS if kind != "release"]
    nodes = [node(f"a{kind}", kind, declared, has_text=True) for kind in kinds]
    nodes += [node(f"b{kind}", kind, "CC-BY-SA-4.0", has_text=True) for kind in kinds]
    nodes.append(node("z", "dataset", "MIT"))
    edges = [Edge(one.id, two.id, relation) for one in nodes[:5] for two in nodes[5:10]]
    edges += [Edge(one.id, "z", "derived-from") for one in nodes[5:10]]
    agree(nodes, edges, "z", "strict")


def test_what_is_offered_is_written_into_the_inputs() -> None:
    """Gemma's terms say that a model trained on outputs to perform similarly is a derivative; the claim that decided is the child's."""
    nodes = [
        node("g", "weights", "LicenseRef-Gemma"),
        node("d", "dataset", "MIT"),
        node("m", "weights", "Apache-2.0"),
        node("r", "release", None),
    ]
    edges = [Edge("g", "d", "generated-by"), Edge("d", "m", "trained-on"), Edge("m", "r", "contains")]
    answer = propagate(nodes, edges, target="r", actor=replace(SMALL, claims_open_source=True))
    [student] = [item for item in answer.findings if item.rule == "S3"]
    facts = ("fact gemma: training = flows-down", "fact gemma: purpose_test = True")
    assert student.inputs == (*facts, "claim: offered as Apache-2.0")
    nodes[2] = node("m", "weights", "LicenseRef-Llama-3.1")
    answer = propagate(nodes, edges, target="r", actor=replace(SMALL, claims_open_source=True))
    [called] = [item for item in answer.findings if item.rule == "R2"]
    assert called.inputs == ("claim: offered as LicenseRef-Llama-3.1", "actor: claims_open_source = True")
    assert (called.path, called.origins, called.severity) == (("m", "r"), ("m",), "conflict")


def test_a_release_is_asked_about_conflicts_that_are_left_and_about_nothing_else() -> None:
    nodes = [node("s", "dataset", "CC-BY-NC-4.0"), node("t", "dataset", "MIT"), node("r", "release", None)]
    edges = [Edge("s", "t", "combined-from"), Edge("t", "r", "contains")]
    answer = propagate(nodes, edges, target="r", actor=SMALL)
    [left] = [item for item in answer.findings if item.severity == "conflict" and item.rule != "R3"]
    [last] = [item for item in answer.findings if item.rule == "R3"]
    assert last.inputs == (f"finding {left.id}: D4 at t",)
    assert last.nodes == last.origins == last.path == ("r",)
    assert {item.severity for item in answer.findings} > {"conflict"}
    waived = propagate(nodes, edges, target="r", actor=SMALL, waivers={left.id: "rev:1"})
    assert [item.rule for item in waived.findings if item.severity == "conflict"] == ["D4"]
    assert [item.rule for item in propagate(nodes[1:], edges[1:], target="r", actor=SMALL).findings if item.rule == "R3"] == []


def test_steps_of_many_origins_are_kept_apart() -> None:
    """D1 is about what was combined, and about no subset, whatever the number of different origins."""
    count = MANNERS + 30
    nodes = [node(f"d{place:04}", "dataset", f"LicenseRef-d{place:04}") for place in range(count)]
    nodes += [node("x", "dataset", "MIT"), node("z", "document", "MIT")]
    combined = [place < 20 for place in range(count)]
    edges = [Edge(f"d{place:04}", "x", "combined-from" if whole else "subset-of") for place, whole in enumerate(combined)]
    answer = propagate(nodes, [*edges, Edge("x", "z", "derived-from")], target="z", actor=SMALL)
    found = [item for item in answer.findings if item.rule == "D1"]
    assert {origin for item in found for origin in item.origins} == {f"d{place:04}" for place in range(20)}
    unknown = [item for item in answer.findings if item.rule == "H2" and item.path == (item.node,)]
    assert {place for item in unknown for place in item.nodes} == {item.id for item in nodes[:count]}


def test_a_release_that_something_was_made_of_has_no_licence_to_hand_on() -> None:
    nodes = [node("a", "dataset", "CC-BY-NC-4.0"), node("b", "release", None), node("c", "code", "MIT"), node("s", "service", "MIT")]
    for relation in MADE:
        edges = [Edge("a", "s", relation), Edge("b", "c", relation), Edge("s", "z", "generated-by"), Edge("c", "z", "derived-from")]
        answer = propagate([*nodes, node("z", "document", "MIT")], edges, target="z", actor=SMALL)
        [trained] = [item for item in answer.findings if item.rule == "T-NC" and item.node == "s"]
        assert (trained.nodes, trained.origins, trained.path) == (("s",), ("a",), ("a", "s"))
        # That a collection is under the licences of all that went in holds of a release in it as well.
        held = [(item.rule, item.path) for item in answer.findings if "b" in item.origins or "b" in item.nodes]
        assert held == ([("D1", ("b", "c"))] if relation == "combined-from" else [])


@pytest.mark.parametrize("seed", range(60))
def test_what_was_asked_about_is_judged_as_what_lies_behind(seed: int) -> None:
    """With direct inputs alone there is nothing that only one of the two could see; choices among them or not."""
    rng = random.Random(seed)
    kinds, said = ("dataset", "weights", "weights", "service"), LICENSES + CHOICES
    nodes = [node(f"n{place}", rng.choice(kinds), rng.choice(said), synthetic=place == 0) for place in range(3)]
    nodes.append(node("m", rng.choice(kinds), rng.choice(said), name="Llama-3-x"))
    edges = [Edge(f"n{rng.randrange(3)}", "m", rng.choice(MADE)) for _ in range(5)]
    more = ([*nodes, node("z", "document", "MIT")], [*edges, Edge("m", "z", "derived-from")])

    def at_m(answer: Findings) -> set[tuple[object, ...]]:
        found = [item for item in answer.findings if "m" in item.nodes and item.path != ("m",) and item.node != "z"]
        return {(item.rule, item.severity, item.license, item.reason, item.inputs, origin) for item in found for origin in item.origins}

    asked = propagate(nodes, edges, target="m", actor=SMALL)
    lying = propagate(*more, target="z", actor=SMALL, shipped=["m"])
    assert at_m(asked) == {item for item in at_m(lying) if item[5] != "m"}


def test_an_adapter_of_a_choice_escapes_no_rule_by_another_branch() -> None:
    """Gemma's terms count an adapter as made from the model. Whoever takes the GPL instead has its duties, and neither is nothing."""
    nodes = [node("g", "weights", "GPL-3.0-only OR LicenseRef-Gemma"), node("m", "weights", "MIT")]
    for target, more in (("m", []), ("z", [Edge("m", "z", "derived-from")])):
        edges = [Edge("g", "m", "adapter-of"), *more]
        answer = propagate([*nodes, node("z", "document", "MIT")], edges, target=target, actor=SMALL)
        assert [item.severity for item in answer.findings if item.rule == "W10"] == ["obligation"]
        assert [item.path for item in answer.findings if item.rule == "W10"] == [("g", "m")]


def test_data_are_no_weights_that_were_merged() -> None:
    """W8 is about weights under the GPL that are merged with weights whose terms add restrictions; outputs and data are others' rules."""
    nodes = [node("a", "weights", "GPL-3.0-only"), node("b", "weights", "MIT"), node("m", "weights", "GPL-3.0-only")]
    merged = [Edge("a", "m", "merged-from"), Edge("b", "m", "merged-from")]

    def adding(*more: Edge, kind: str) -> set[str]:
        given = [*nodes, node("x", kind, "CC-BY-NC-4.0"), node("y", "dataset", "MIT")]
        answer = propagate(given, [*merged, *more], target="m", actor=SMALL)
        return {item.reason.rsplit(": ", 1)[1] for item in answer.findings if item.rule == "W8"}

    assert adding(Edge("x", "m", "trained-on"), kind="dataset") == set()
    assert adding(Edge("x", "y", "generated-by"), Edge("y", "m", "trained-on"), kind="weights") == set()
    assert adding(Edge("x", "m", "distilled-from"), kind="weights") == set()
    assert adding(Edge("x", "m", "merged-from"), kind="weights") == {"cc-by-nc-4.0"}
    assert adding(Edge("x", "b", "fine-tuned-from"), kind="weights") == {"cc-by-nc-4.0"}
