"""Pictures of a lineage: what the ledger knows of each thing, as `ledger.lineage` draws it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ledger._api.claims import Claims, claims_of
from ledger._api.corrections import Corrections
from ledger._api.lineages import graph
from ledger._api.outputs import Output
from ledger._api.resolve import resolve
from ledger.errors import LedgerError
from ledger.lineage.diagrams import dot, mermaid
from ledger.lineage.folding import MOST_NODES, folded
from ledger.lineage.graph import Closure, Edge
from ledger.lineage.html import html
from ledger.lineage.picture import Node, Picture, picture
from ledger.lineage.svg import svg
from ledger.spec.names import display
from ledger.spec.vocabulary import NOASSERTION
from ledger.store.index import ArtifactRow, Index
from ledger.store.reader import Reader


def drawn(
    reader: Reader,
    index: Index,
    size: int,
    text: str,
    direction: str,
    depth: int | None,
    *,
    format: str = "svg",
    mark: str | None = None,
    verdict: Mapping[str, Any] | None = None,
    all: bool = False,
) -> str:
    """A lineage as an SVG file, an HTML page, Mermaid or DOT.

    Args:
        mark: a REF; the shortest paths between it and the start are drawn bold.
        verdict: one of `Ledger.evaluate`; the shortest paths to what decides it are drawn bold.
        all: fold nothing, however large it gets.

    Raises:
        LedgerError: LG0901, LG0902 for the references, LG0904 when what is to be marked is not in the picture.
    """
    seen = lineage_picture(reader, index, size, text, direction, depth, mark=mark, verdict=verdict)
    folds = folded(seen, len(seen.nodes) if all else MOST_NODES)
    if format == "html":
        return html(seen, folds)
    return {"svg": svg, "mermaid": mermaid, "dot": dot}[format](folds.picture)


def lineage_picture(
    reader: Reader,
    index: Index,
    size: int,
    text: str,
    direction: str,
    depth: int | None,
    *,
    mark: str | None = None,
    verdict: Mapping[str, Any] | None = None,
) -> Picture:
    """What is to be drawn, nothing folded. Raises as `drawn`."""
    start = resolve(index, text)
    whole, by_no = graph(reader, index, size)
    row = index.artifact(start.id)
    assert row is not None
    way: Any = direction
    closure = whole.closure(row.no, way, depth)
    notes = [] if closure.complete else [f"Not all is shown: cut after {depth} {'step' if depth == 1 else 'steps'}."]
    marked: set[tuple[int, int]] = set()
    if mark is not None:
        number, note = _to_mark(index, closure, mark, text)
        marked |= _shortest(closure, [number])
        notes.append(note)
    if verdict is not None:
        ids, note = _deciding(verdict, {by_no[number].id for number, _ in closure.nodes})
        marked |= _shortest(closure, [number for number, _ in closure.nodes if by_no[number].id in ids])
        notes.append(note)
    claims = claims_of(reader, size, {number for number, _ in closure.nodes})
    known = Corrections(index)
    return picture(
        start.id,
        way,
        [_node(by_no[number], far, claims.get(number, Claims()), known) for number, far in closure.nodes],
        [(by_no[edge.output].id, by_no[edge.input].id, edge.relation, edge.index) for edge in closure.edges],
        [[by_no[number].id for number in cycle] for cycle in closure.cycles],
        marked=[(by_no[output].id, by_no[input].id) for output, input in sorted(marked)],
        size=size,
        notes=notes,
    )


def _to_mark(index: Index, closure: Closure, mark: str, text: str) -> tuple[int, str]:
    """The number of what is to be marked, and what to say of it."""
    found = resolve(index, mark)
    row = index.artifact(found.id)
    assert row is not None
    if row.no not in {number for number, _ in closure.nodes}:
        raise LedgerError("LG0904", f"`{mark}` is not in the picture of `{text}`")
    return row.no, f"In bold: the shortest ways to {display(found.name, found.version)}."


def _deciding(verdict: Mapping[str, Any], shown: set[str]) -> tuple[set[str], str]:
    """The ids that the rules with the verdict's own result rest on, as far as they are shown, and what to say of them.

    One rule that does not hold decides; otherwise one that is not known does; only if there is neither, do all.
    """
    rules = [rule for rule in verdict["rules"] if rule["result"] == verdict["result"]]
    ids = {item["artifact"] for rule in rules for item in rule["evidence"] if "artifact" in item}
    names = ", ".join(rule["rule"] for rule in rules)
    said = f"{verdict['profile']} gives {verdict['result']}, decided by: {names or 'no rule alone'}."
    if not ids & shown:
        return set(), f"{said} Nothing in this picture is evidence of that."
    hidden = len(ids - shown)
    return ids & shown, f"{said} In bold: the shortest ways to the evidence{f', of which {hidden} not shown' if hidden else ''}."


def _shortest(closure: Closure, targets: list[int]) -> set[tuple[int, int]]:
    """Back from the targets along links that come one step nearer; there may be far more paths than links."""
    distance = dict(closure.nodes)
    nearer: dict[int, list[Edge]] = {}
    for edge in closure.edges:
        near, far = (edge.output, edge.input) if closure.direction == "up" else (edge.input, edge.output)
        if distance[far] == distance[near] + 1:
            nearer.setdefault(far, []).append(edge)
    found: set[tuple[int, int]] = set()
    waiting, seen = list(targets), set(targets)
    while waiting:
        for edge in nearer.get(waiting.pop(), ()):
            found.add((edge.output, edge.input))
            near = edge.output if closure.direction == "up" else edge.input
            if near not in seen:
                seen.add(near)
                waiting.append(near)
    return found


def _node(row: ArtifactRow, far: int, claims: Claims, known: Corrections) -> Node:
    license, by = _license(claims)
    return Node(row.id, row.kind or "", row.name, row.version, bool(row.verified), far, license, by, known.notes(row.id).strip())


def _license(claims: Claims) -> tuple[str | None, str]:
    """What counts: a review's conclusion, else what was declared; a text that is no SPDX expression is no known licence."""
    for claim, by in ((claims.concluded, "concluded"), (claims.declared, "declared")):
        if claim is not None:
            return (None if claim.normalized == NOASSERTION else claim.normalized), by
    return None, ""


def write(out: Path, text: str) -> None:
    """Write a picture, whole or not at all. Raises LedgerError LG1103."""
    with Output(out) as file:
        file.write(text.encode("utf-8"))
