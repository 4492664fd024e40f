"""Reviews: a person's signed judgement about something that is recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ledger._api.resolve import resolve
from ledger._api.results import Reviewed
from ledger.errors import LedgerError
from ledger.licenses.expression import parse_expression
from ledger.signing.keys import PrivateKey
from ledger.spec.names import display
from ledger.spec.review import CONCLUDED, WAIVED, Review
from ledger.spec.statement import Subject
from ledger.spec.vocabulary import REVIEW_STATEMENTS
from ledger.store.commit import Draft
from ledger.store.reader import Entry, Reader

_FINDING = re.compile(r"([A-Z][A-Z0-9-]{0,15}):([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is judged, before it is said of anything."""

    statement: str
    reason: str
    concluded: Mapping[str, str] | None = None
    finding: Mapping[str, str] | None = None


def judgement(reason: str, concluded: str | None, waive: str | None, statement: str | None) -> Judgement:
    """Check what a person wants to say, before a key is asked for.

    Args:
        waive: a finding as `ledger licenses` shows it: the rule, a colon, and 64 hex digits.
        statement: one of `REVIEW_STATEMENTS` that needs nothing beside it.

    Raises:
        LedgerError: LG0830 for a licence that is no expression, LG0831 for an unknown judgement, LG0832 for an empty reason, LG0833 for
            what is no finding, LG1201 when it is not exactly one judgement.
    """
    if sum(item is not None for item in (concluded, waive, statement)) != 1:
        raise LedgerError("LG1201", "a review says one thing: a concluded licence, a waived finding, or another statement")
    if not reason.strip():
        raise LedgerError("LG0832", "a review has a reason, and this one is empty")
    if concluded is not None:
        return Judgement(CONCLUDED, reason, concluded=concluded_license(concluded))
    if waive is not None:
        match = _FINDING.fullmatch(waive)
        if match is None:
            raise LedgerError("LG0833", f"`{ascii(waive)[1:-1][:100]}` is no finding: a rule, a colon and 64 hex digits")
        return Judgement(WAIVED, reason, finding={"id": match[2], "rule": match[1]})
    alone = [word for word in REVIEW_STATEMENTS if word not in (CONCLUDED, WAIVED)]
    if statement not in alone:
        raise LedgerError("LG0831", f"unknown judgement `{ascii(statement)[1:-1][:100]}`; known: {', '.join(alone)}")
    return Judgement(statement, reason)


def concluded_license(text: str) -> dict[str, str]:
    """A licence as a person concludes or supposes it. Raises LedgerError LG0830 for what is no SPDX expression."""
    expression = parse_expression(text)
    if not expression.valid:
        raise LedgerError("LG0830", f"`{ascii(text)[1:-1][:200]}` is not an SPDX expression: {expression.problem}")
    return {"expression": text, "normalized": expression.normalized}


def add_review(draft: Draft, text: str, said: Judgement, key: PrivateKey) -> Reviewed:
    """Sign and append a review of what a REF names.

    Raises:
        LedgerError: LG0901, LG0902 for the reference, LG0408 when the key is not trusted for reviews.
    """
    found = resolve(draft.index, text)
    subject = Subject(display(found.name, found.version), found.id)
    statement = Review((subject,), said.statement, said.reason, said.concluded, said.finding).to_statement()
    done = draft.add(statement, [key])
    return Reviewed(done.index, done.existing, found.id, found.name, found.version, dict(statement.predicate))


def reviews(reader: Reader, size: int) -> Iterator[Entry]:
    """The reviews below a log size, oldest first."""
    for number in reader.numbers_of("review", size):
        yield reader.one(number, size)


def waivers(reader: Reader, size: int) -> dict[str, dict[str, Any]]:
    """The findings that reviews below a size waive: id of the finding → index, reason and keyids of the first review that does."""
    found: dict[str, dict[str, Any]] = {}
    for entry in reviews(reader, size):
        said = entry.statement.predicate
        if said["statement"] == WAIVED:
            found.setdefault(said["finding"]["id"], {"index": entry.index, "reason": said["reason"], "keyids": list(entry.leaf.keyids)})
    return found


def reviews_about(reader: Reader, size: int, id: str) -> list[dict[str, Any]]:
    """What reviews below a size say of one artifact, reference or release, oldest first."""
    return [
        {
            "index": entry.index,
            "statement": said["statement"],
            "reason": said["reason"],
            "concluded": said.get("concluded"),
            "finding": said.get("finding"),
        }
        for entry in reviews(reader, size)
        if id in [subject.id for subject in entry.statement.subjects]
        for said in [entry.statement.predicate]
    ]
