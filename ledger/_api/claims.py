"""What is said of the licence of each artifact, by whom and when: declared, detected and concluded, never merged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.licenses.expression import together
from ledger.spec.vocabulary import NOASSERTION
from ledger.store.columns import table
from ledger.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Claim:
    """One licence claim as a statement makes it.

    Attributes:
        index: log index of the statement.
        expression: as given; None for a licence text that was found.
        normalized: its SPDX normal form, or `NOASSERTION`.
        source: where it was read.
        object: id of the licence text.
    """

    index: int
    basis: str
    expression: str | None
    normalized: str
    source: str
    object: str | None

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Claims:
    """All claims about one artifact, oldest first."""

    all: tuple[Claim, ...] = ()

    @property
    def declared(self) -> Claim | None:
        """What was declared last, all of one statement together; a statement that declares nothing takes nothing back."""
        said = [item for item in self.all if item.basis == "declared"]
        last = [item for item in said if item.index == said[-1].index]
        if len(last) < 2:
            return last[0] if last else None
        expression, normalized = together((item.expression or "", item.normalized) for item in last)
        return Claim(last[0].index, "declared", expression, normalized, ", ".join(item.source for item in last), None)

    @property
    def concluded(self) -> Claim | None:
        """What a review concluded last."""
        return next((item for item in reversed(self.all) if item.basis == "concluded"), None)

    @property
    def texts(self) -> tuple[Claim, ...]:
        """The licence texts that were found in its bytes, each object once."""
        return tuple({item.object: item for item in self.all if item.basis == "detected"}.values())

    @property
    def declarations(self) -> tuple[str, ...]:
        """The different things that were declared of the same bytes, in the order in which they were first said."""
        said = [
            item.normalized if item.normalized != NOASSERTION else item.expression or "" for item in self.all if item.basis == "declared"
        ]
        return tuple(dict.fromkeys(said))


def claims_of(reader: Reader, size: int, numbers: Collection[int]) -> dict[int, Claims]:
    """Artifact number → its claims below a log size, for the artifacts asked about."""
    columns = ("idx", "position", "artifact_no", "basis", "expression", "normalized", "source", "object")
    found: dict[int, list[Claim]] = {}
    rows = table(reader, "licenses", size, columns, ("artifact_no", numbers)).to_pylist()
    for row in sorted(rows, key=lambda row: (row["idx"], row["position"])):
        text = None if row["object"] is None else f"sha256:{row['object'].hex()}"
        claim = Claim(row["idx"], row["basis"], row["expression"], row["normalized"], row["source"], text)
        found.setdefault(row["artifact_no"], []).append(claim)
    return {number: Claims(tuple(items)) for number, items in found.items()}


def sources(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Where a manifest says that its artifact came from: addresses, with the revision if there is one."""
    found = said.get("sources", ())
    return tuple(item["uri"] if item.get("revision") is None else f"{item['uri']} at {item['revision']}" for item in found)


def moved(named: Iterable[tuple[int, str]], said: Mapping[int, Mapping[str, Any]]) -> dict[str, tuple[tuple[int, str], ...]]:
    """Addresses that gave different bytes at different times: address → (log index, artifact id), oldest first.

    Args:
        named: (log index of a manifest, artifact id).
        said: predicates by log index.
    """
    seen: dict[str, dict[str, int]] = {}
    for index, id in sorted(named):
        for where in sources(said.get(index, {})):
            seen.setdefault(where, {}).setdefault(id, index)
    return {where: tuple((index, id) for id, index in ids.items()) for where, ids in sorted(seen.items()) if len(ids) > 1}
