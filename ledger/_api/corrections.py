"""Corrections: what a name and version named before, what it names now, and why; every answer that shows either shows them.

A correction is a naming with a reason (docs/spec/format.md, section 5). It gives a name another id, or the same bytes another
description.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ledger.spec.names import display
from ledger.store.index import ArtifactRow, Index, NameRow

_Name = tuple[str, str, str | None]


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction of a name.

    Attributes:
        index: the entry that corrects.
        id: what the name names from then on; `corrects` what it named before, which may be the same.
    """

    index: int
    id: str
    corrects: str
    reason: str
    kind: str
    name: str
    version: str | None

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {name: getattr(self, name) for name in self.__slots__}


class Corrections:
    """The corrections that an index knows, found once for many questions."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[_Name, list[Correction]] = {}
        for name in dict.fromkeys(row.name for row in index.corrections()):
            self._add(index.named(name))

    def _add(self, rows: Iterable[NameRow]) -> None:
        last: dict[_Name, NameRow] = {}
        for row in rows:
            name = (row.kind, row.name, row.version)
            before = last.get(name)
            if before is not None and row.supersedes is not None:
                self._known.setdefault(name, []).append(Correction(row.idx, row.id, before.id, row.supersedes, *name))
            last[name] = row

    def of_artifact(self, id: str) -> list[Correction]:
        """The corrections that took something away from an id or gave it to it, under any of its names."""
        if not self._known:
            return []
        names = dict.fromkeys((row.kind, row.name, row.version) for row in self._index.named_by(id))
        found = (item for name in names for item in self._known.get(name, ()) if id in (item.id, item.corrects))
        return sorted(found, key=lambda item: item.index)

    def of_statement(self, row: NameRow) -> list[Correction]:
        """The correction that a naming is, if it is one, and those that came after it."""
        return [item for item in self._known.get((row.kind, row.name, row.version), ()) if item.index >= row.idx]

    def notes(self, id: str) -> str:
        """All that has to be said of an id, to stand behind its name; empty for most."""
        return "".join(f"  [{note(item, id)}]" for item in self.of_artifact(id)) if self._known else ""


def namings(index: Index, numbers: Iterable[int]) -> dict[int, NameRow]:
    """The naming that each of these entries makes; attestations and keys make none."""
    return {row.idx: row for number in set(numbers) for row in index.named_at(number)}


def naming(index: Index, id: str, number: int) -> NameRow | None:
    """The naming of an id at an entry."""
    return next((row for row in index.named_by(id) if row.idx == number), None)


def note(item: Correction, id: str) -> str:
    """A correction in words, as seen from one of the two ids that it is about."""
    if item.id == item.corrects:
        return f"description corrected by entry {item.index}: {item.reason}"
    if id == item.corrects:
        return f"CORRECTED by entry {item.index}: {item.reason}"
    return f"corrects {short(item.corrects)}, entry {item.index}: {item.reason}"


def short(id: str) -> str:
    """Type and first digits."""
    return id[: id.index(":") + 9]


def called(index: Index, id: str) -> str:
    """What to call an id: its first name, and the others that it has."""
    row = index.artifact(id)
    assert row is not None
    return called_as(row, index.named_by(id))


def called_as(row: ArtifactRow, names: Iterable[NameRow]) -> str:
    """What to call a thing that has these names."""
    first = display(row.name, row.version)
    others = [text for text in dict.fromkeys(display(item.name, item.version) for item in names) if text != first]
    return f"{first} (also {', '.join(others[:3])}{' …' if len(others) > 3 else ''})" if others else first
