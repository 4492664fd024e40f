"""From statements to the facts that profiles are evaluated on; pure, so a bundle's verifier gets the same facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.licenses.expression import parse_expression
from ledger.licenses.osi import osi_approved
from ledger.spec.evidence import ComponentFact, Evidence, LicenseFact, ReleaseFacts
from ledger.spec.manifest import Manifest, manifest_of
from ledger.spec.names import display
from ledger.spec.release import Component, Release, release_of
from ledger.spec.statement import Statement
from ledger.spec.vocabulary import NOASSERTION


def release_facts(release_index: int, statements: Mapping[int, Statement]) -> ReleaseFacts:
    """The facts of one release.

    Args:
        release_index: log index of the release.
        statements: at least those of `spec.attested.closure`.
    """
    statement = statements[release_index]
    release = release_of(statement)
    components = tuple(_component(number, item, release_index, statements) for number, item in enumerate(release.components))
    return ReleaseFacts(statement.payload_id, release.name, release.version, components)


def _component(number: int, item: Component, release_index: int, statements: Mapping[int, Statement]) -> ComponentFact:
    evidence = Evidence(str(item.artifact), release_index, None, f"/predicate/components/{number}")
    name = display(item.name, item.version)
    if item.index is None:
        availability = "referenced" if (item.reference or {}).get("uri") else "claimed"
        return ComponentFact(item.role, availability, name, str(item.artifact), evidence=(evidence,))
    manifest = manifest_of(statements[item.index])
    return ComponentFact(item.role, "verified", name, str(item.artifact), _license(item.index, manifest), evidence=(evidence,))


def _license(index: int, manifest: Manifest) -> LicenseFact | None:
    """What the manifest says of its licence; a licence file that nobody has identified asserts nothing."""
    if manifest.declared:
        # Several declarations hold together: whoever takes the artifact is bound by each.
        several = len(manifest.declared) > 1
        said = " AND ".join(f"({item.expression})" if several else item.expression for item in manifest.declared)
        normal = [item.normalized for item in manifest.declared]
        together = parse_expression(" AND ".join(f"({item})" for item in normal)).normalized if several else normal[0]
        together = NOASSERTION if NOASSERTION in normal else together
        proof = tuple(Evidence(str(manifest.id), index, item.object, item.path) for item in manifest.detected)
        own = Evidence(str(manifest.id), index, None, "/predicate/licenses/declared/0")
        return LicenseFact(said, together, "declared", (own, *proof))
    if manifest.detected:
        found = manifest.detected[0]
        own = Evidence(str(manifest.id), index, found.object, "/predicate/licenses/detected/0")
        return LicenseFact(f"licence file {found.path}", NOASSERTION, "detected", (own,))
    return None


def license_lines(release: Release, statements: Mapping[int, Statement]) -> list[dict[str, Any]]:
    """Per component: its licence as declared, its normal form, and whether OSI has approved it (true, false or null)."""
    lines = []
    for item in release.components:
        fact = _license(item.index, manifest_of(statements[item.index])) if item.index is not None else None
        line: dict[str, Any] = {"role": item.role, "name": display(item.name, item.version), "artifact": str(item.artifact)}
        line["expression"] = fact.expression if fact else None
        line["normalized"] = fact.normalized if fact else NOASSERTION
        line["basis"] = fact.basis if fact else None
        line["osi_approved"] = osi_approved(parse_expression(fact.normalized)) if fact else None
        lines.append(line)
    return lines


def lineage_summary(statements: Iterable[Statement]) -> dict[str, Any]:
    """How much of the lineage rests on bytes: counts, the references whose bytes nobody has, and what was not read when it was recorded."""
    manifests = [manifest_of(item) for item in statements if item.kind == "manifest"]
    edges = [edge for item in manifests for edge in item.inputs]
    unverified = {str(edge.input): dict(edge.reference or {}) for edge in edges if edge.index is None}
    return {
        "edges": len(edges),
        "unverified": [{"id": id, **unverified[id]} for id in sorted(unverified)],
        "cached": sorted({str(item.id) for item in manifests if item.cached}),
        "complete": not unverified,
    }
