"""From statements to the facts that profiles are evaluated on; pure, so a bundle's verifier gets the same facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.attest.training import training_data
from ledger.licenses.expression import parse_expression
from ledger.licenses.osi import osi_approved
from ledger.spec import information
from ledger.spec.attested import reviewed
from ledger.spec.evidence import ComponentFact, Evidence, LicenseFact, ReleaseFacts, ReviewFact
from ledger.spec.manifest import Manifest, manifest_of
from ledger.spec.names import display
from ledger.spec.release import Component, Release, release_of
from ledger.spec.review import CONCLUDED, review_of
from ledger.spec.statement import Statement
from ledger.spec.vocabulary import NOASSERTION

Concluded = Mapping[str, LicenseFact]
"""Artifact id → the licence that a review concluded last."""


def release_facts(release_index: int, statements: Mapping[int, Statement]) -> ReleaseFacts:
    """The facts of one release.

    Args:
        release_index: log index of the release.
        statements: at least those of `spec.attested.closure`, and the reviews that count.
    """
    statement = statements[release_index]
    release = release_of(statement)
    reviews = review_facts(statements)
    said = concluded(statements)
    components = tuple(_component(number, item, release_index, statements, said) for number, item in enumerate(release.components))
    datasets, upstream = training_data(release_index, release, statements, reviews, lambda at: license_fact(at, statements, said))
    return ReleaseFacts(
        statement.payload_id,
        release.name,
        release.version,
        components,
        datasets=datasets,
        upstream=upstream,
        about=information.known(information.RELEASE, release.about),
        said_at=Evidence(None, release_index, None, "/predicate/about"),
        reviews=reviews,
        logged=True,
    )


def review_facts(statements: Mapping[int, Statement]) -> tuple[ReviewFact, ...]:
    """The reviews among the statements, oldest first."""
    return tuple(
        ReviewFact(item.predicate["statement"], reviewed(item), Evidence(None, index, None, "/predicate"))
        for index, item in sorted(statements.items())
        if item.kind == "review"
    )


def concluded(statements: Mapping[int, Statement]) -> dict[str, LicenseFact]:
    """What reviews concluded of licences, the last one of each artifact."""
    found: dict[str, LicenseFact] = {}
    for index, item in sorted(statements.items()):
        if item.kind != "review" or item.predicate["statement"] != CONCLUDED:
            continue
        said = review_of(item).concluded or {}
        for id in reviewed(item):
            proof = Evidence(id, index, None, "/predicate/concluded")
            found[id] = LicenseFact(said["expression"], said["normalized"], "concluded", (proof,))
    return found


def _component(number: int, item: Component, release_index: int, statements: Mapping[int, Statement], said: Concluded) -> ComponentFact:
    evidence = Evidence(str(item.artifact), release_index, None, f"/predicate/components/{number}")
    name, id = display(item.name, item.version), str(item.artifact)
    fact = said.get(id) if item.index is None else license_fact(item.index, statements, said)
    return ComponentFact(item.role, availability_of(item), name, id, fact, evidence=(evidence,))


def availability_of(item: Component) -> str:
    """The rung of a component: what the release says of it, else whether the ledger has its bytes or an address."""
    if item.availability is not None:
        return item.availability
    if item.index is not None:
        return "verified"
    return "referenced" if (item.reference or {}).get("uri") else "claimed"


def license_fact(index: int, statements: Mapping[int, Statement], said: Concluded) -> LicenseFact | None:
    """The licence of what a manifest is about: concluded by a person, else as declared; an unnamed licence file asserts nothing."""
    manifest = manifest_of(statements[index])
    return said.get(str(manifest.id)) or _license(index, manifest)


def _license(index: int, manifest: Manifest) -> LicenseFact | None:
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
    """Per component: its licence as declared or concluded, its normal form, and whether OSI has approved it (true, false or null)."""
    said = concluded(statements)
    lines = []
    for item in release.components:
        fact = said.get(str(item.artifact)) if item.index is None else license_fact(item.index, statements, said)
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
