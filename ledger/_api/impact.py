"""What it would change if something had another licence, or were withdrawn: in which releases, by which path, and which verdicts turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ledger._api import corrections, licensing
from ledger._api.license_answers import judged, relicensed
from ledger._api.lineages import graph
from ledger._api.overlaps import Overlap
from ledger._api.resolve import resolve
from ledger._api.reviewing import concluded_license, waivers
from ledger._api.supposing import Supposition
from ledger.errors import LedgerError
from ledger.licenses.actor import Actor
from ledger.licenses.findings import RANK, STANCES, Findings, Node
from ledger.licenses.propagate import propagate
from ledger.licenses.together import Lineages, Listed, Together
from ledger.pause import uncollected
from ledger.store.commit import Store
from ledger.store.index import ArtifactRow, Index

Found = tuple[list[dict[str, str]], list[dict[str, str]], list[dict[str, str]], tuple[int, int]]
"""Findings of a release that come and that go, those that the artifact brings, and unresolved conflicts before and after."""


@dataclass(frozen=True, slots=True)
class Impact:
    """What would change.

    Attributes:
        id: the thing that something is supposed of.
        license: the licence that is supposed, in normal form; None when it is supposed to be withdrawn.
        releases: every release that it is in, or that something in them was made from, oldest first; with the path that leads to it,
            what it brings along, and findings and verdicts before and after.
        names: what the ends of paths are called, by id.
    """

    id: str
    license: str | None
    stance: str
    releases: tuple[Mapping[str, Any], ...]
    names: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "id": self.id,
            "license": self.license,
            "withdrawn": self.license is None,
            "stance": self.stance,
            "releases": [dict(item) for item in self.releases],
            "names": dict(self.names),
        }


def impact(store: Store, index: Index, size: int, text: str, license: str | None, stance: str, actor: Actor) -> Impact:
    """Suppose another licence of what a REF names, or with None that it is withdrawn. Nothing is recorded.

    Raises:
        LedgerError: LG0901, LG0902 for the reference, LG0830 for what is no licence, LG0825 for the stance.
    """
    supposed = None if license is None else concluded_license(license)
    if stance not in STANCES:
        raise LedgerError("LG0825", f"the stance {stance[:40]!r} is none of {', '.join(STANCES)}")
    start = index.artifact(resolve(index, text).id)
    assert start is not None
    with uncollected():
        return _Asked(store, index, size, start, supposed, stance, actor).answer()


@dataclass
class _Asked:
    """One question."""

    store: Store
    index: Index
    size: int
    start: ArtifactRow
    supposed: Mapping[str, str] | None
    stance: str
    actor: Actor

    def answer(self) -> Impact:
        overlap = Overlap(self.store, self.size, self.start.no, self.index.artifact_count)
        rows = self.index.by_numbers(overlap.releases)
        verdicts = Supposition(self.store, self.index, self.size, overlap.payloads, self.start.id, self.supposed) if rows else None
        ways = {number: self._path(overlap, number) for number in overlap.releases}
        ends = dict.fromkeys(end for path, _ in ways.values() for edge in path for end in edge[:2])
        releases = []
        for number in overlap.releases:
            row = rows[number]
            assert verdicts is not None
            added, removed, carried, unresolved = self._findings(overlap, row)
            before, after = verdicts.results(row.idx)
            path, other = ways[number]
            releases.append(
                {
                    "id": row.id,
                    "name": row.name,
                    "version": row.version,
                    "path": [
                        {"output": self._id(overlap, out), "input": self._id(overlap, given), "relation": relation, "index": idx}
                        for out, given, relation, idx in path
                    ],
                    "other_paths": other,
                    "carried": carried,
                    "unresolved_before": unresolved[0],
                    "unresolved_after": unresolved[1],
                    "added": added,
                    "removed": removed,
                    "verdicts_before": before,
                    "verdicts_after": after,
                }
            )
        named = self._named(list(ends))
        return Impact(self.start.id, None if self.supposed is None else self.supposed["normalized"], self.stance, tuple(releases), named)

    def _id(self, overlap: Overlap, number: int) -> str:
        return overlap.id(int(overlap.place[number]))

    def _path(self, overlap: Overlap, release: int) -> tuple[list[tuple[int, int, str, int]], bool]:
        path, other = overlap.path(release)
        if other and not overlap.forward and release != self.start.no:
            # With circles, what branches off may lead nowhere else.
            whole, _ = graph(self.store, self.index, self.size)
            other = len(whole.paths(release, self.start.no, all=True, limit=2).paths) > 1
        return path, other

    def _named(self, ends: Sequence[int]) -> dict[str, str]:
        rows, names = self.index.by_numbers(ends), self.index.names_by_numbers(ends)
        return {rows[number].id: corrections.called_as(rows[number], names.get(number, ())) for number in ends}

    # --- licences ---------------------------------------------------------------------------------

    @cached_property
    def _waived(self) -> Mapping[str, Mapping[str, Any]]:
        return waivers(self.store, self.size)

    @cached_property
    def _shared(self) -> dict[bool, tuple[Lineages, Node | None, Together]]:
        """For releases that bring a licence text apart, and for those that do not."""
        return {}

    def _findings(self, overlap: Overlap, release: ArtifactRow) -> Found:
        if release.no in overlap.alone:
            # What a reference is that is used in several ways is a matter of one release.
            return self._by_itself(release)
        with_text = release.no in overlap.with_text
        if with_text not in self._shared:
            other = None if self.supposed is None else overlap.concluded(self.supposed, with_text=with_text)
            lineages = overlap.lineages(with_text=with_text)
            start = int(overlap.place[self.start.no])
            self._shared[with_text] = lineages, other, Together(lineages, self.stance, self.actor, start, other)
        lineages, other, together = self._shared[with_text]
        both = together.findings(int(overlap.place[release.no]), overlap.parts(release.no))
        if self._waived and any(item.unresolved for item in both):
            # A waiver is of one finding with its way and all that it lists.
            sides = [self._propagated(overlap, release, lineages, None)]
            sides += [self._propagated(overlap, release, lineages, other)] if other is not None else []
            both = sides[0], sides[-1]
        return _compared(*both, overlap.id)

    def _propagated(self, overlap: Overlap, release: ArtifactRow, lineages: Lineages, other: Node | None) -> Listed:
        nodes, edges = overlap.whole(release.no, lineages, other)
        shipped = frozenset(overlap.id(place) for place in overlap.parts(release.no))
        waived = {id: str(waiver["index"]) for id, waiver in self._waived.items()}
        found = propagate(nodes, edges, stance=self.stance, actor=self.actor, target=release.id, shipped=shipped, waivers=waived)
        return _listed(found, overlap.place_of, self.start.id)

    def _by_itself(self, release: ArtifactRow) -> Found:
        seen = licensing.seen(self.store, self.index, self.size, release.id)
        reports = [judged(seen, self.stance, self.actor, self._waived)]
        if self.supposed is not None:
            reports.append(judged(relicensed(seen, self.start.id, self.supposed), self.stance, self.actor, self._waived))
        places = {row.id: number for number, row in seen.rows.items()}
        sides = [_listed(report.found, places.__getitem__, self.start.id) for report in reports]
        return _compared(sides[0], sides[-1], lambda number: seen.rows[number].id)


def _compared(before: Listed, after: Listed, id: Callable[[int], str]) -> Found:
    """What two sides differ in.

    Args:
        id: of a place.
    """

    def new(some: Listed, others: Listed) -> list[dict[str, str]]:
        mine, theirs = some.severities, others.severities
        if some is others:
            return []
        return _shown((rule, one, id(place), text) for (rule, place, text), one in mine.items() if theirs.get((rule, place, text)) != one)

    carried = _shown((rule, severity, id(place), license) for rule, severity, place, license in before.carried)
    return new(after, before), new(before, after), carried, (before.unresolved, after.unresolved)


def _shown(found: Iterable[tuple[str, str, str, str]]) -> list[dict[str, str]]:
    listed = sorted(found, key=lambda item: (item[0], item[2], item[3], item[1]))
    return [{"rule": rule, "severity": severity, "node": node, "license": license} for rule, severity, node, license in listed]


def _listed(found: Findings, place: Callable[[str], int], id: str) -> Listed:
    said: dict[tuple[str, int, str], str] = {}
    shown = [item for item in found.findings if item.severity != "none"]
    for item in shown:
        key = (item.rule, place(item.node), item.license)
        if key not in said or RANK[item.severity] < RANK[said[key]]:
            said[key] = item.severity
    carried = frozenset((item.rule, item.severity, place(item.node), item.license) for item in shown if id in item.origins)
    return Listed(said, len(found.unresolved()), carried)
