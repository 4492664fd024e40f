"""What the documents about a release have in common: words for what is not there, evidence, periods, and safe Markdown; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger.spec import information
from ledger.spec.evidence import DatasetFact, Evidence, ReleaseFacts

NOT_RECORDED, NOT_ANSWERED = "not recorded", "not answered"
YES, NO = "yes", "no"

Proofs = tuple[Evidence, ...]


def as_json(value: Mapping[str, Any]) -> bytes:
    """A document as JSON: readable, in ASCII, with the members in the order in which they were put."""
    return (json.dumps(value, ensure_ascii=True, indent=2, allow_nan=False) + "\n").encode("ascii")


def datasets_of(facts: ReleaseFacts) -> tuple[DatasetFact, ...]:
    """The datasets by name and id, whatever their order was."""
    return tuple(sorted(facts.datasets, key=lambda item: (item.name, item.artifact)))


def proofs(items: Iterable[Evidence]) -> Proofs:
    """Evidence without repetition, in one order."""
    return tuple(
        sorted(set(items), key=lambda item: (item.index if item.index is not None else -1, item.pointer or "", item.artifact or ""))
    )


def evidence_json(items: Iterable[Evidence]) -> list[dict[str, Any]]:
    """Evidence as it stands in a document."""
    return [item.to_json() for item in proofs(items)]


def at_about(facts: ReleaseFacts, path: str) -> Proofs:
    """Where a field of `about` stands, by its path."""
    if facts.said_at is None or facts.said_at.index is None:
        return ()
    return (Evidence(None, facts.said_at.index, None, f"{facts.said_at.pointer or '/predicate/about'}/{path}"),)


def about(facts: ReleaseFacts, path: str) -> Any:
    """What the provider says under a path; None when nothing that counts is said."""
    return information.at(facts.about, path) if information.said(facts.about, path) else None


def data(item: DatasetFact, path: str) -> Any:
    """What is said about a dataset under a path; None when nothing that counts is said."""
    return information.at(item.data, path) if information.said(item.data, path) else None


def period(item: DatasetFact) -> str | None:
    """When a dataset was acquired, in words; None when nobody says so."""
    return span(data(item, "acquired/from"), data(item, "acquired/to"), data(item, "acquired/ongoing"))


def span(first: str | None, last: str | None, ongoing: str | None = None) -> str | None:
    """A period in words; what is not known of it is said to be."""
    if first is None and last is None and ongoing != YES:
        return None
    text = f"{first or NOT_RECORDED} to {last or (NOT_RECORDED if ongoing != YES else 'today')}"
    return f"{text}, ongoing" if ongoing == YES else text


def number(value: float) -> str:
    """A number for people; a whole one without a point, as far as that is exact."""
    return str(int(value)) if abs(value) < 2**53 and value == int(value) else f"{value:g}"


def latest(dates: Sequence[str]) -> str | None:
    """The last of dates of different exactness; of two that are alike as far as they go, the more exact one."""
    return max(dates, default=None)


def joined(texts: Iterable[str]) -> str | None:
    """Different texts after one another; None when there is none."""
    return "; ".join(dict.fromkeys(texts)) or None


def line(text: object) -> str:
    """A text in one line of Markdown, with nothing in it that Markdown, HTML or a terminal would act on."""
    shown = " ".join(str(text).split())
    plain = "".join(char if char.isprintable() else "�" for char in shown)
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>|#!~&" else char for char in plain)


def proof_plain(items: Iterable[Evidence]) -> str:
    """Evidence in words: the log's entry and the place in it."""
    return "; ".join(" ".join(part for part in (_entry(item), item.pointer or item.artifact or "") if part) for item in proofs(items))


def proof_text(items: Iterable[Evidence]) -> str:
    """The same, for Markdown."""
    return line(proof_plain(items))


def _entry(item: Evidence) -> str:
    return f"entry {item.index}" if item.index is not None else ""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a Markdown table; the cells are escaped."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return [*lines, *(f"| {' | '.join(line(cell) for cell in row)} |" for row in rows)]
