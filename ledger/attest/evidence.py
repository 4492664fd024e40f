"""From statements to the facts that profiles are evaluated on; pure, so a bundle's verifier gets the same facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.attest.training import rung_of, training_data
from ledger.licenses.expression import parse_expression, together
from ledger.licenses.osi import osi_approved
from ledger.spec import information
from ledger.spec.attested import reviewed
from ledger.spec.evidence import ComponentFact, Evidence, LicenseFact, ReleaseFacts, ReviewFact
from ledger.spec.manifest import DetectedLicense, Manifest, manifest_of
from ledger.spec.names import display
from ledger.spec.release import Component, Release, release_of
from ledger.spec.review import CONCLUDED, review_of
from ledger.spec.statement import Statement
from ledger.spec.vocabulary import NOASSERTION

Texts = Mapping[str, Mapping[str, Any]]
"""Object id of a licence text → `{method, ids}`: what it was identified as. A text that is not here was not looked at."""

_LICENSE_NAMES = ("license", "licence", "copying", "unlicense", "unlicence")


def release_facts(release_index: int, statements: Mapping[int, Statement], texts: Texts | None = None) -> ReleaseFacts:
    """The facts of one release.

    Args:
        release_index: log index of the release.
        statements: at least those of `spec.attested.closure`, and the reviews that count.
        texts: what the licence texts of `license_texts` were identified as.
    """
    statement = statements[release_index]
    release = release_of(statement)
    reviews = review_facts(statements)
    said = Licences(statements, texts)
    about = information.known(information.RELEASE, release.about)
    components = tuple(_component(number, item, release_index, said) for number, item in enumerate(release.components))
    datasets, upstream = training_data(release_index, release, statements, reviews, said.of)
    return ReleaseFacts(
        statement.payload_id,
        release.name,
        release.version,
        components,
        datasets=datasets,
        upstream=upstream,
        release_licenses=_release_licenses(release_index, about),
        about=about,
        said_at=_said_at(release_index),
        reviews=reviews,
        logged=True,
    )


def _release_licenses(release_index: int, about: Mapping[str, Any]) -> dict[str, LicenseFact]:
    """Licences that are stated for the whole release; what is no expression is kept, and asserts nothing."""
    return {
        scope: LicenseFact(text, parse_expression(text).normalized, "declared", (_said_at(release_index, f"/licenses/{scope}"),))
        for scope, text in sorted(about.get("licenses", {}).items())
    }


def _said_at(release_index: int, place: str = "") -> Evidence:
    return Evidence(None, release_index, None, f"/predicate/about{place}")


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


def _component(number: int, item: Component, release_index: int, said: Licences) -> ComponentFact:
    evidence = Evidence(str(item.artifact), release_index, None, f"/predicate/components/{number}")
    name, id = display(item.name, item.version), str(item.artifact)
    return ComponentFact(
        item.role, item.availability or rung_of(item.index, item.reference), name, id, said.of_component(item), evidence=(evidence,)
    )


@dataclass(frozen=True, slots=True)
class Licences:
    """What statements say of licences: concluded by a person, else as declared; an unnamed licence file asserts nothing."""

    statements: Mapping[int, Statement]
    texts: Texts | None = None
    reviewed: dict[str, LicenseFact] = field(init=False)
    _known: dict[int, LicenseFact | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reviewed", concluded(self.statements))

    def of_component(self, item: Component) -> LicenseFact | None:
        """The licence of a component."""
        return self.of(str(item.artifact), item.index)

    def of(self, id: str, index: int | None) -> LicenseFact | None:
        """The licence of an artifact by its manifest, or of a reference, of which only a review can say it."""
        return self.reviewed.get(id) if index is None else self.of_manifest(index)

    def of_manifest(self, index: int) -> LicenseFact | None:
        """The licence of what the manifest at an index is about."""
        if index not in self._known:
            manifest = manifest_of(self.statements[index], inputs=False)
            self._known[index] = self.reviewed.get(str(manifest.id)) or _license(index, manifest, self.texts or {})
        return self._known[index]


def _license(index: int, manifest: Manifest, texts: Texts) -> LicenseFact | None:
    if manifest.declared:
        said, normal = together((item.expression, item.normalized) for item in manifest.declared)
        proof = tuple(Evidence(str(manifest.id), index, item.object, item.path) for item in manifest.detected)
        own = Evidence(str(manifest.id), index, None, "/predicate/licenses/declared/0")
        other, unknown = _other_text(manifest, normal, texts)
        return LicenseFact(said, normal, "declared", (own, *proof), other, unknown)
    if manifest.detected:
        found = manifest.detected[0]
        own = Evidence(str(manifest.id), index, found.object, "/predicate/licenses/detected/0")
        return LicenseFact(f"licence file {found.path}", NOASSERTION, "detected", (own,))
    return None


def license_texts(statements: Iterable[Statement]) -> list[str]:
    """Object ids of the licence texts at the top of artifacts that declare a licence: those that should be the declared ones."""
    manifests = [manifest_of(item, inputs=False) for item in statements if item.kind == "manifest"]
    return sorted({text.object for item in manifests if item.declared for text in _own_texts(item)})


def _own_texts(manifest: Manifest) -> list[DetectedLicense]:
    # Texts in folders are as often those of others; notices and policies are no licences.
    return [item for item in manifest.detected if "/" not in item.path and item.path.lower().startswith(_LICENSE_NAMES)]


def _other_text(manifest: Manifest, declared: str, texts: Texts) -> tuple[str | None, str | None]:
    """Which licence an own text is that the declaration does not name; and the path of one that is a changed text."""
    named = {id.lower() for id in parse_expression(declared).ids}
    unknown = None
    for item in _own_texts(manifest) if named else ():
        found = texts.get(item.object)
        if found is None:
            continue
        ids = {id.lower() for id in found["ids"]}
        if ids and not ids & named:
            return "|".join(found["ids"]), None
        # Near a known text is a changed text. One that is near none, such as a line with an address, asserts nothing.
        if found["method"] == "near":
            unknown = unknown or item.path
    return None, unknown


def license_lines(release: Release, statements: Mapping[int, Statement]) -> list[dict[str, Any]]:
    """Per component: its licence as declared or concluded, its normal form, and whether OSI has approved it (true, false or null)."""
    said = Licences(statements)
    lines = []
    for item in release.components:
        fact = said.of_component(item)
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
