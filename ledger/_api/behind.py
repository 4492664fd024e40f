"""What lies behind two releases, however far: the data that only one of them was made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ledger._api.claims import Claims, claims_of
from ledger._api.lineages import graph
from ledger.spec.vocabulary import NOASSERTION
from ledger.store.index import Index
from ledger.store.reader import Reader


def data_difference(reader: Reader, index: Index, size: int, before: str, after: str) -> dict[str, list[dict[str, Any]]]:
    """The datasets, and what is only named, that one of two releases was made from and the other was not.

    Args:
        before, after: ids of releases.

    Returns:
        `added` and `removed`: id, kind (None of what is only named), name, version, and the licence that was concluded or else declared,
        by name, version and id.
    """
    whole, _ = graph(reader, index, size)
    ends = [index.artifact(id) for id in (before, after)]
    sides = [set(whole.reach(row.no, "up")) for row in ends if row is not None]

    def listed(numbers: Iterable[int]) -> list[dict[str, Any]]:
        rows = [row for row in index.by_numbers(sorted(numbers)).values() if row.kind in ("dataset", None)]
        claims = claims_of(reader, size, {row.no for row in rows}) if rows else {}
        found = [
            {"id": row.id, "kind": row.kind, "name": row.name, "version": row.version, "normalized": _license(claims.get(row.no, Claims()))}
            for row in rows
        ]
        return sorted(found, key=lambda item: (item["name"], item["version"] or "", item["id"]))

    return {"added": listed(sides[1] - sides[0]), "removed": listed(sides[0] - sides[1])}


def _license(claims: Claims) -> str:
    said = claims.concluded or claims.declared
    return NOASSERTION if said is None else said.normalized
