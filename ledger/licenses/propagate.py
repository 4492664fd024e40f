"""Follows licences along a lineage: what each ancestor asks of the artifact that was asked about.

Each artifact that was asked about (a release stands for the components that it contains) is judged against everything that it was
made of, however long the way. What lies between is judged by itself, and against what it was made of directly. Work is done once for
each distinct licence, manner and artifact in common, so that large lineages stay cheap; a finding lists all origins alike.

What holds of the findings, whatever the graph: severities under `strict` are never below `moderate`, nor these below `permissive`;
the order of artifacts and edges does not matter; another edge, or another detected licence, takes no finding away and lowers none,
except where explicit text frees what follows (T0, S4, or the family that a ban itself excepts) or a finding only says that something
was not known. Waived findings keep their severity.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from ledger.errors import LedgerError
from ledger.licenses.actor import Actor
from ledger.licenses.findings import (
    CONTAINS,
    DEPLOYED_AS,
    EDGE_RELATIONS,
    NODE_KINDS,
    RANK,
    SEVERITIES,
    STANCES,
    Edge,
    Finding,
    Findings,
    Node,
)
from ledger.licenses.gather import at_target, in_between, of_release
from ledger.licenses.judge import Judge
from ledger.licenses.rules import rules
from ledger.licenses.ways import Graph, build, reach, shipped_places
from ledger.pause import uncollected

__all__ = [
    "CONTAINS",
    "DEPLOYED_AS",
    "EDGE_RELATIONS",
    "NODE_KINDS",
    "RANK",
    "SEVERITIES",
    "STANCES",
    "Actor",
    "Edge",
    "Finding",
    "Findings",
    "Node",
    "propagate",
]


def propagate(
    nodes: Iterable[Node],
    edges: Iterable[Edge],
    *,
    stance: str = "moderate",
    actor: Actor | None = None,
    shipped: Collection[str] = (),
    target: str | Iterable[str] | None = None,
    waivers: Mapping[str, str] | None = None,
) -> Findings:
    """Apply the rules.

    Args:
        nodes: artifacts. What an edge names beyond them counts as an artifact of which nothing is known.
        stance: one of `STANCES`.
        actor: who asks; nothing is known of them by default.
        shipped: ids of what goes out; by default what was asked about.
        target: one id or several; every artifact by default, which is meant for small graphs.
        waivers: for the id of a finding, the review that waives it.

    Raises:
        LedgerError: LG0825 for a stance, kind or relation outside the vocabulary, LG0826 for an artifact given twice or a target
            that is not given, LG0107, LG0802, LG0810 to LG0815 when the data of the installation are damaged.
    """
    if stance not in STANCES:
        raise LedgerError("LG0825", f"the stance {stance[:40]!r} is none of {', '.join(STANCES)}")
    with uncollected():
        return _propagate(build(nodes, edges), stance, actor or Actor(), shipped, target, waivers or {})


def _propagate(
    graph: Graph,
    stance: str,
    actor: Actor,
    shipped: Collection[str],
    target: str | Iterable[str] | None,
    waivers: Mapping[str, str],
) -> Findings:
    asked = sorted(_asked(graph, target))
    releases = [place for place in asked if graph.nodes[place].kind == "release"]
    contained = {place: _contained(graph, place) for place in releases}
    targets = sorted({*asked, *(part for parts in contained.values() for part in parts)} - set(releases))
    going = set(shipped) or {graph.nodes[place].id for place in targets}
    judge = Judge(graph, stance, actor, shipped_places(graph, going))
    found: list[Finding] = []
    behind: dict[int, None] = {}
    for place in targets:
        reached = reach(graph, place)
        behind.update(dict.fromkeys(reached.places()))
        found.extend(at_target(judge, reached))
    between = [place for place in behind if place not in set(targets)]
    found.extend(in_between(judge, between))
    found = _waived(found, waivers)
    for place in releases:
        found.extend(_waived(of_release(judge, place, contained[place], found), waivers))
    return Findings(stance, tuple(graph.nodes[place].id for place in asked), tuple(sorted(found, key=_order)))


def _asked(graph: Graph, target: str | Iterable[str] | None) -> set[int]:
    if target is None:
        return {place for place, given in enumerate(graph.given) if given}
    wanted = {target} if isinstance(target, str) else set(target)
    missing = sorted(identity for identity in wanted if identity not in graph.place or not graph.given[graph.place[identity]])
    if missing:
        raise LedgerError("LG0826", f"not among the artifacts given: {', '.join(item[:80] for item in missing[:5])}")
    return {graph.place[identity] for identity in wanted}


def _contained(graph: Graph, release: int) -> frozenset[int]:
    """Components of a release, also of releases within it."""
    found: set[int] = set()
    pending, seen = [release], {release}
    while pending:
        for step in graph.into[pending.pop()]:
            if step.source in seen:
                continue
            seen.add(step.source)
            if graph.nodes[step.source].kind == "release":
                pending.append(step.source)
            else:
                found.add(step.source)
    return frozenset(found)


def _waived(found: list[Finding], waivers: Mapping[str, str]) -> list[Finding]:
    if not waivers:
        return found
    return [replace(item, waived_by=waivers[item.id]) if item.id in waivers else item for item in found]


def _order(finding: Finding) -> tuple[int, int, str, str, tuple[str, ...], str]:
    return -RANK[finding.severity], rules()[finding.rule].order, finding.node, finding.license, finding.origins, finding.reason
