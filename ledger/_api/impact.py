"""What another licence of one thing would change: in which releases, by which findings, and which verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ledger._api import licensing
from ledger._api.attesting import gather, identified
from ledger._api.license_answers import judged, releases_of, relicensed
from ledger._api.reviewing import concluded_license, waivers
from ledger.attest.attestation import verdicts
from ledger.frameworks import load_profile, profile_ids
from ledger.licenses.actor import Actor
from ledger.spec.statement import Statement
from ledger.store.commit import Store
from ledger.store.index import Index


@dataclass(frozen=True, slots=True)
class Impact:
    """What would change.

    Attributes:
        id: the thing that another licence is supposed of; `license` that licence, in normal form.
        releases: every release that it is in, or that something in them was made from; with verdicts and findings before and after.
    """

    id: str
    license: str
    stance: str
    releases: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {"id": self.id, "license": self.license, "stance": self.stance, "releases": [dict(item) for item in self.releases]}


def impact(store: Store, index: Index, size: int, text: str, expression: str, stance: str, actor: Actor) -> Impact:
    """Suppose another licence of what a REF names. Nothing is recorded.

    Raises:
        LedgerError: LG0901, LG0902 for the reference, LG0830 for what is no licence, LG0825 for the stance.
    """
    supposed = concluded_license(expression)
    id, releases = releases_of(store, index, size, text)
    waived = waivers(store, size)
    found = []
    for release in releases:
        before = licensing.seen(store, index, size, release)
        reports = [judged(seen, stance, actor, waived) for seen in (before, relicensed(before, id, supposed))]
        said = [
            {(item.rule, item.node, item.license): item.severity for item in report.found.findings if item.severity != "none"}
            for report in reports
        ]
        found.append(
            {
                "id": release,
                "name": before.target.name,
                "version": before.target.version,
                "unresolved_before": len(reports[0].unresolved),
                "unresolved_after": len(reports[1].unresolved),
                "added": _listed(said[1], said[0]),
                "removed": _listed(said[0], said[1]),
                **_verdicts(store, size, before.target.index, id, supposed),
            }
        )
    return Impact(id, supposed["normalized"], stance, tuple(found))


def _listed(some: Mapping[tuple[str, str, str], str], others: Mapping[tuple[str, str, str], str]) -> list[dict[str, str]]:
    """The findings of some that the others have not, or with another severity."""
    new = sorted(key for key, severity in some.items() if others.get(key) != severity)
    return [{"rule": rule, "severity": some[rule, node, license], "node": node, "license": license} for rule, node, license in new]


def _verdicts(store: Store, size: int, release: int | None, id: str, supposed: Mapping[str, str]) -> dict[str, Any]:
    """Profile → result, as things are and as they would be with the other licence declared."""
    assert release is not None
    evidence = gather(store, release, size)
    other = {at: _declaring(statement, id, supposed) for at, statement in evidence.items()}
    profiles = [load_profile(name) for name in profile_ids()]
    both = [
        {item["profile"]: item["result"] for item in verdicts(release, said, profiles, identified(store, evidence))}
        for said in (evidence, other)
    ]
    return {"verdicts_before": both[0], "verdicts_after": both[1]}


def _declaring(statement: Statement, id: str, supposed: Mapping[str, str]) -> Statement:
    said = statement.predicate
    if statement.kind != "manifest" or said["artifact"]["id"] != id:
        return statement
    declared = [{"expression": supposed["expression"], "normalized": supposed["normalized"], "source": "supposed"}]
    return replace(statement, predicate={**said, "licenses": {**said["licenses"], "declared": declared}})
