"""What a release was trained on, as far as the release and the lineage of its weights say; pure.

Datasets are those that the release names as `datasets`, and those that its weights, or the models that these were made from, are
recorded as `trained-on`. A model on the way that nobody recorded, or whose training nobody recorded, leaves the training data of the
release unknown; it is listed as `upstream`, so that no answer about "all training data" can be a yes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ledger.spec import information
from ledger.spec.evidence import DatasetFact, Evidence, LicenseFact, ReviewFact
from ledger.spec.manifest import InputEdge, Manifest, manifest_of
from ledger.spec.names import display
from ledger.spec.release import Component, Release
from ledger.spec.statement import Statement

WEIGHTS = ("weights", "intermediate-weights")
# A model that comes by one of these from another carries what that one was trained on.
MODEL_RELATIONS = ("fine-tuned-from", "adapter-of", "quantized-from", "merged-from", "distilled-from", "derived-from")
IMPOSSIBLE = "sharing-impossible"

LicenseOf = Callable[[str, int | None], LicenseFact | None]
"""The licence of an artifact by its id, and the index of its manifest when it has one."""


def training_data(
    release_index: int, release: Release, statements: Mapping[int, Statement], reviews: tuple[ReviewFact, ...], license_of: LicenseOf
) -> tuple[tuple[DatasetFact, ...], tuple[tuple[str, Evidence], ...]]:
    """The datasets, by name and id, and the models whose training data is not recorded.

    Args:
        license_of: the licence of an artifact or reference.
    """
    impossible = {id: item.evidence for item in reviews if item.statement == IMPOSSIBLE for id in item.subjects}
    found: dict[str, DatasetFact] = {}
    for number, item in enumerate(release.components):
        if item.role == "datasets":
            fact = _listed(number, item, release_index, statements, license_of, impossible)
            found[fact.artifact] = _joined(found.get(fact.artifact), fact)
    edges, upstream = _trained_on(release, statements)
    for index, number, edge in edges:
        if str(edge.input) not in found:
            found[str(edge.input)] = _unlisted(index, number, edge, statements, license_of, impossible)
    return tuple(sorted(found.values(), key=lambda item: (item.name, item.artifact))), upstream


def _joined(one: DatasetFact | None, other: DatasetFact) -> DatasetFact:
    # The same artifact under two names: what is said under either is said of it, and of two answers neither counts.
    if one is None:
        return other
    both = {name: value for name, value in {**one.data, **other.data}.items() if one.data.get(name, value) == other.data.get(name, value)}
    low = min(one.availability, other.availability, key=lambda word: word == "verified")
    return DatasetFact(
        one.artifact,
        one.name,
        low,
        both,
        one.license if one.license == other.license else None,
        tuple(dict.fromkeys((*one.where, *other.where))),
        one.impossible,
        True,
        (*one.evidence, *other.evidence),
    )


def _listed(
    number: int,
    item: Component,
    release_index: int,
    statements: Mapping[int, Statement],
    license_of: LicenseOf,
    impossible: Mapping[str, Evidence],
) -> DatasetFact:
    place = Evidence(str(item.artifact), release_index, None, f"/predicate/components/{number}")
    found = _dataset(place, item.index, item.reference, statements, license_of, impossible)
    # What the dataset's own manifest says stands; the release adds what is not said there.
    data = {**information.known(information.DATA, item.data), **found.data}
    return replace(
        found,
        name=display(item.name, item.version),
        availability=item.availability or found.availability,
        data=data,
        where=_places(data, list(found.where)),
        listed=True,
    )


def _unlisted(
    index: int,
    number: int,
    edge: InputEdge,
    statements: Mapping[int, Statement],
    license_of: LicenseOf,
    impossible: Mapping[str, Evidence],
) -> DatasetFact:
    place = Evidence(str(edge.input), index, None, f"/predicate/from/{number}")
    return _dataset(place, edge.index, edge.reference, statements, license_of, impossible)


def _dataset(
    place: Evidence,
    index: int | None,
    reference: Mapping[str, str] | None,
    statements: Mapping[int, Statement],
    license_of: LicenseOf,
    impossible: Mapping[str, Evidence],
) -> DatasetFact:
    """A dataset as its manifest or its reference has it; `place` is where it is named."""
    id = place.artifact or ""
    license = license_of(id, index)
    if index is None:
        said = reference or {}
        where = tuple(uri for uri in (said.get("uri"),) if uri)
        name = display(said.get("name", ""), said.get("version"))
        return DatasetFact(id, name, rung_of(None, reference), {}, license, where, impossible.get(id), False, (place,))
    manifest = manifest_of(statements[index], inputs=False)
    data = information.known(information.DATA, manifest.data)
    name, evidence = display(manifest.name, manifest.version), (place, Evidence(id, index, None, "/predicate/data"))
    where = _places(data, _where(manifest))
    return DatasetFact(id, name, rung_of(index, None), data, license, where, impossible.get(id), False, evidence)


def rung_of(index: int | None, reference: Mapping[str, str] | None) -> str:
    """The rung that the ledger itself shows: it has the bytes, an address, or a name alone."""
    if index is not None:
        return "verified"
    return "referenced" if (reference or {}).get("uri") else "claimed"


def _where(manifest: Manifest) -> list[str]:
    return [item["uri"] for item in manifest.sources]


def _places(data: Mapping[str, Any], where: list[str]) -> tuple[str, ...]:
    own = [data["where"]] if information.said(data, "where") else []
    return tuple(dict.fromkeys([*own, *where]))


def _trained_on(
    release: Release, statements: Mapping[int, Statement]
) -> tuple[list[tuple[int, int, InputEdge]], tuple[tuple[str, Evidence], ...]]:
    """The `trained-on` inputs of the weights and of the models behind them; and those models whose training is not recorded."""
    own = {item.index for item in release.components if item.role in WEIGHTS and item.index is not None}
    pending = sorted(own)
    seen: set[int] = set()
    trained: list[tuple[int, int, InputEdge]] = []
    upstream: dict[str, tuple[str, Evidence]] = {}
    while pending:
        index = pending.pop()
        if index in seen:
            continue
        seen.add(index)
        manifest = manifest_of(statements[index])
        before = list(enumerate(manifest.inputs))
        trained += [(index, number, edge) for number, edge in before if edge.relation == "trained-on"]
        models = [(number, edge) for number, edge in before if edge.relation in MODEL_RELATIONS]
        if index not in own and not models and not any(edge.relation == "trained-on" for edge in manifest.inputs):
            proof = Evidence(str(manifest.id), index, None, "/predicate/from")
            upstream[str(manifest.id)] = (display(manifest.name, manifest.version), proof)
        for number, edge in models:
            if edge.index is not None:
                pending.append(edge.index)
            else:
                said = edge.reference or {}
                proof = Evidence(str(edge.input), index, None, f"/predicate/from/{number}")
                upstream[str(edge.input)] = (display(said.get("name", ""), said.get("version")), proof)
    order = sorted(trained, key=lambda item: item[:2])
    return order, tuple(sorted(upstream.values(), key=lambda item: (item[0], item[1].artifact or "")))
