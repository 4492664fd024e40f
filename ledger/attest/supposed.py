"""The facts of a release as they would be if something were otherwise; pure. Nothing of it is evidence of anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ledger.spec.evidence import LicenseFact, ReleaseFacts
from ledger.spec.statement import Statement

# Of these somebody can get the bytes, or an address was given at which they were.
_TO_BE_HAD = frozenset(("verified", "referenced", "gated", "partial", "obtainable"))
NAMED_ONLY = "claimed"


def withdrawn(facts: ReleaseFacts, id: str) -> ReleaseFacts:
    """As if nobody could get the bytes of an artifact any more.

    What was said of it stands, because a log forgets nothing. Its bytes count no more: wherever it is a component or training data it is a
    name without bytes or address, `claimed`. It is not `absent`, which is a producer's word that there is none: of an optional component
    a rule would then not ask any more, and a release could come to pass because something in it was taken down.
    """
    components = tuple(
        replace(item, availability=NAMED_ONLY) if item.artifact == id and item.availability in _TO_BE_HAD else item
        for item in facts.components
    )
    datasets = tuple(
        replace(item, availability=NAMED_ONLY if item.availability in _TO_BE_HAD else item.availability, where=())
        if item.artifact == id
        else item
        for item in facts.datasets
    )
    return replace(facts, components=components, datasets=datasets)


def concerns(facts: ReleaseFacts, id: str) -> bool:
    """Whether an artifact is a component or training data, so that facts say something of it."""
    return any(item.artifact == id for item in facts.components) or any(item.artifact == id for item in facts.datasets)


def licensed_as(facts: ReleaseFacts, id: str, license: LicenseFact | None) -> ReleaseFacts:
    """As if what an artifact has one manifest for had another licence, wherever it is a component or training data."""
    components = tuple(replace(item, license=license) if item.artifact == id else item for item in facts.components)
    datasets = tuple(replace(item, license=license) if item.artifact == id else item for item in facts.datasets)
    return replace(facts, components=components, datasets=datasets)


def declaring(statement: Statement, id: str, supposed: Mapping[str, str]) -> Statement:
    """A statement as it would be if an artifact's manifests declared another licence.

    Args:
        supposed: `expression` and `normalized`.
    """
    said = statement.predicate
    if statement.kind != "manifest" or said["artifact"]["id"] != id:
        return statement
    declared = [{"expression": supposed["expression"], "normalized": supposed["normalized"], "source": "supposed"}]
    return replace(statement, predicate={**said, "licenses": {**said["licenses"], "declared": declared}})
