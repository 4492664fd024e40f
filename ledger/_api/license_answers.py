"""What the rules find about something that is recorded, what it has to carry, and what another licence would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ledger._api import licensing
from ledger._api.claims import Claim, Claims
from ledger._api.licensing import Seen
from ledger._api.resolve import resolve
from ledger._api.reviewing import waivers
from ledger.exporters.notices import Folder, Part, folder
from ledger.licenses.actor import Actor, read_actor
from ledger.licenses.expression import parse_expression
from ledger.licenses.findings import Finding, Findings
from ledger.licenses.propagate import propagate
from ledger.limits import LIMITS
from ledger.spec.names import display
from ledger.spec.vocabulary import NOASSERTION
from ledger.store.index import Index
from ledger.store.reader import Reader


@dataclass(frozen=True, slots=True)
class LicenseReport:
    """The claims about one thing and its lineage, and what the rules find.

    Attributes:
        waived: reviews that waive findings: id of the finding → index, reason and keyids.
    """

    seen: Seen
    stance: str
    actor: Actor
    found: Findings
    waived: Mapping[str, Mapping[str, Any]]

    @property
    def unresolved(self) -> tuple[Finding, ...]:
        """Conflicts that nobody has waived."""
        return self.found.unresolved()

    @property
    def open_questions(self) -> tuple[Finding, ...]:
        """What somebody has to look at, and nobody has waived."""
        return tuple(item for item in self.found.findings if item.severity == "review" and item.waived_by is None)

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        seen = self.seen
        expression, unknown = release_expression(seen)
        return {
            "id": seen.target.id,
            "kind": seen.target.kind,
            "name": seen.target.name,
            "version": seen.target.version,
            "size": seen.size,
            "stance": self.stance,
            "actor": {name: value for name in self.actor.__slots__ if (value := getattr(self.actor, name)) is not None},
            "expression": expression,
            "unknown": list(unknown),
            "findings": [self._finding(item) for item in self.found.findings if item.severity != "none"],
            "obligations": [
                {"rule": item.rule, "node": item.node, "license": item.license, "reason": item.reason}
                for item in self.found.findings
                if item.severity == "obligation"
            ],
            "claims": [_claims(seen, number) for number in seen.order() if number != _own(seen)],
            "same_bytes": [
                {"id": seen.rows[number].id, "licenses": list(said)}
                for number in seen.order()
                if len(said := seen.about(number).declarations) > 1
            ],
            "moved": [{"source": where, "seen": [{"index": index, "id": id} for index, id in ids]} for where, ids in seen.moved.items()],
            "unresolved": len(self.unresolved),
        }

    def _finding(self, item: Finding) -> dict[str, Any]:
        waiver = self.waived.get(item.id)
        return {
            "id": f"{item.rule}:{item.id}",
            "rule": item.rule,
            "severity": item.severity,
            "node": item.node,
            "nodes": list(item.nodes),
            "license": item.license,
            "path": list(item.path),
            "closure": item.closure,
            "reason": item.reason,
            "inputs": list(item.inputs),
            "sources": list(item.sources),
            "unknown": item.unknown,
            "waived": None if waiver is None else dict(waiver),
        }


def _own(seen: Seen) -> int | None:
    """The number of the release itself, which has no licence of its own; None when something else was asked about."""
    if seen.target.kind != "release":
        return None
    return next(number for number, row in seen.rows.items() if row.id == seen.target.id)


def _claims(seen: Seen, number: int) -> dict[str, Any]:
    row, about = seen.rows[number], seen.about(number)
    texts = []
    for item in about.texts:
        text = seen.texts.get(item.object or "")
        texts.append(
            {
                "path": item.source,
                "object": item.object,
                "method": "unreadable" if text is None else text.method,
                "ids": [] if text is None else list(text.ids),
                "candidates": [] if text is None else [list(one.ids) for one in text.candidates],
            }
        )
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "version": row.version,
        "shipped": number in seen.shipped,
        "declared": None if about.declared is None else about.declared.to_json(),
        "detected": texts,
        "concluded": None if about.concluded is None else about.concluded.to_json(),
        "sources": list(seen.sources.get(number, ())),
    }


def effective(seen: Seen, number: int) -> str:
    """The licence that counts: concluded, else declared, else the one that its texts are, else `NOASSERTION`."""
    about = seen.about(number)
    for claim in (about.concluded, about.declared):
        if claim is not None and claim.normalized != NOASSERTION:
            return claim.normalized
    texts = [seen.texts.get(item.object or "") for item in about.texts]
    found = {id for text in texts if text is not None and text.identified and text.kind == "license" for id in text.ids}
    return found.pop() if len(found) == 1 else NOASSERTION


def release_expression(seen: Seen) -> tuple[str, tuple[str, ...]]:
    """The licences of all that is shipped, joined by AND, and the ids of what nobody knows the licence of."""
    known, unknown = set(), []
    for number in sorted(seen.shipped):
        expression = effective(seen, number)
        if expression in (NOASSERTION, "NONE"):
            unknown.append(seen.rows[number].id)
        else:
            known.add(expression)
    joined = " AND ".join(f"({item})" for item in sorted(known))
    return (parse_expression(joined).normalized if known else NOASSERTION), tuple(sorted(unknown))


def read_actor_file(path: Path | None) -> Actor:
    """The actor facts of a file; none at all without one. Raises LedgerError LG0201, LG0202, LG0103, LG0820 to LG0822."""
    if path is None:
        return Actor()
    from ledger._api.inputs import read_input

    return read_actor(read_input(path, LIMITS.pipeline_bytes, "the actor file"), what=f"`{path.name}`")


def report(reader: Reader, index: Index, size: int, text: str, stance: str, actor: Actor) -> LicenseReport:
    """Ask the rules about a REF. Raises LedgerError LG0901, LG0902, LG0825 for an unknown stance."""
    return judged(licensing.seen(reader, index, size, text), stance, actor, waivers(reader, size))


def judged(seen: Seen, stance: str, actor: Actor, waived: Mapping[str, Mapping[str, Any]]) -> LicenseReport:
    """What the rules find about what was gathered."""
    shipped = frozenset(seen.rows[number].id for number in seen.shipped)
    found = propagate(
        licensing.nodes(seen),
        licensing.edges(seen),
        stance=stance,
        actor=actor,
        target=seen.target.id,
        shipped=shipped,
        waivers={id: f"entry {waiver['index']}" for id, waiver in waived.items()},
    )
    return LicenseReport(seen, stance, actor, found, waived)


def notices(reader: Reader, asked: LicenseReport) -> Folder:
    """The attribution and licence folder of what was asked about. Raises LedgerError LG0608 for a text that is damaged."""
    seen = asked.seen
    owed: dict[str, list[tuple[str, str]]] = {}
    for item in asked.found.findings:
        if item.severity in ("obligation", "conflict"):
            for origin in item.origins or (item.node,):
                owed.setdefault(origin, []).append((item.rule, item.reason))
    parts = []
    for number in seen.order():
        if number == _own(seen):
            continue
        row = seen.rows[number]
        texts = tuple((item.source, item.object) for item in seen.about(number).texts if item.object)
        parts.append(
            Part(
                row.id,
                row.kind or "reference",
                row.name,
                row.version,
                number in seen.shipped,
                effective(seen, number),
                seen.sources.get(number, ()),
                texts,
                tuple(sorted(set(owed.get(row.id, ())))),
            )
        )
    objects = {id for part in parts for _, id in part.texts if seen.texts.get(id) is not None}
    return folder(display(seen.target.name, seen.target.version), parts, {id: reader.objects.get(id) for id in sorted(objects)})


def relicensed(seen: Seen, id: str, expression: Mapping[str, str]) -> Seen:
    """The same, as if a review had concluded another licence for one artifact."""
    number = next(number for number, row in seen.rows.items() if row.id == id)
    claim = Claim(seen.size, "concluded", expression["expression"], expression["normalized"], "supposed", None)
    about = seen.about(number)
    return replace(seen, claims={**seen.claims, number: Claims((*about.all, claim))})


def releases_of(reader: Reader, index: Index, size: int, text: str) -> tuple[str, Sequence[str]]:
    """The id that a REF names, and the ids of the releases that it is in or that something in them was made from, oldest first."""
    from ledger._api.lineages import graph

    target = resolve(index, text)
    whole, by_no = graph(reader, index, size)
    start = index.artifact(target.id)
    assert start is not None
    reached = [by_no[number] for number, _ in whole.closure(start.no, "down").nodes]
    found = sorted((row for row in reached if row.kind == "release"), key=lambda row: row.idx)
    return target.id, [row.id for row in found]
