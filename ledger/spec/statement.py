"""in-toto Statement v1: building, strict reading, and the kinds of statement that the ledger knows.

Source: in-toto attestation framework, spec/v1/statement.md; docs/spec/format.md section 3. A payload is the RFC 8785 form of itself,
both when it is written and when it is read, so a statement has one digest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger import canon
from ledger.errors import LedgerError
from ledger.ids import ARTIFACT_FORMS, object_id_of
from ledger.spec.schema import validate
from ledger.spec.vocabulary import PREDICATE_TYPES

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
SUBJECT_FORMS = (*ARTIFACT_FORMS, "sha256")
_HEX64 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KIND_OF_TYPE = {uri: kind for kind, uri in PREDICATE_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a statement is about: a name for people and a typed id whose digest any in-toto tool can match."""

    name: str
    id: str

    def to_json(self) -> dict[str, Any]:
        """The resource descriptor; only `sha256` goes into `digest`."""
        return {"name": self.name, "digest": {"sha256": self.id.partition(":")[2]}, "annotations": {"id": self.id}}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and the exact payload bytes that are signed."""

    kind: str
    subjects: tuple[Subject, ...]
    predicate: Mapping[str, Any]
    payload: bytes
    payload_id: str = field(init=False, compare=False)
    """The object id of the payload; it names a release."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "payload_id", str(object_id_of(self.payload)))

    @property
    def predicate_type(self) -> str:
        """The predicate type's URI."""
        return PREDICATE_TYPES[self.kind]


def build(kind: str, subjects: Sequence[Subject], predicate: Mapping[str, Any]) -> Statement:
    """Make a statement of a kind, checked against its schema.

    Raises:
        LedgerError: LG0304 when the predicate does not fit, LG0104 when it has no canonical form.
    """
    payload = payload_of(kind, subjects, predicate)
    said = json.loads(payload)["predicate"]  # what is checked is what is signed
    validate(f"{kind}/v1", said, what=f"{kind} statement")
    return Statement(kind, tuple(subjects), said, payload)


def payload_of(kind: str, subjects: Sequence[Subject], predicate: Mapping[str, Any]) -> bytes:
    """The bytes that would be signed; nothing is checked against a schema. Raises LedgerError LG0104."""
    value = {
        "_type": STATEMENT_TYPE,
        "subject": [subject.to_json() for subject in subjects],
        "predicateType": PREDICATE_TYPES[kind],
        "predicate": dict(predicate),
    }
    return canon.canonical(value)


def parse(payload: bytes, *, what: str = "statement") -> Statement:
    """Read a payload strictly and check its predicate against the schema.

    Raises:
        LedgerError: LG0101, LG0102, LG0103 for bytes that are not canonical JSON, LG0307 for what is not a statement, LG0305 for
            an unknown predicate type, LG0304 for a predicate that does not fit its schema.
    """
    value = canon.loads_canonical(payload, what=what)
    if not isinstance(value, dict) or value.get("_type") != STATEMENT_TYPE:
        raise LedgerError("LG0307", f"{what} is not an in-toto Statement v1")
    predicate_type, predicate = value.get("predicateType"), value.get("predicate")
    kind = _KIND_OF_TYPE.get(predicate_type) if isinstance(predicate_type, str) else None
    if kind is None:
        raise LedgerError("LG0305", f"{what} has the unknown predicate type `{predicate_type}`")
    if not isinstance(predicate, dict):
        raise LedgerError("LG0307", f"{what} has no predicate")
    validate(f"{kind}/v1", predicate, what=what)
    return Statement(kind, _subjects(value.get("subject"), what), predicate, payload)


def reread(payload: bytes) -> Statement:
    """A statement whose payload passed `parse` before, as those of a ledger's tables did; nothing is checked again.

    Of a manifest the subjects are left out: its predicate says what it is about.
    """
    value = json.loads(payload)
    kind = _KIND_OF_TYPE[value["predicateType"]]
    subjects = () if kind == "manifest" else _subjects(value["subject"], "a statement")
    return Statement(kind, subjects, value["predicate"], payload)


def _subjects(value: object, what: str) -> tuple[Subject, ...]:
    if not isinstance(value, list) or not value:
        raise LedgerError("LG0307", f"{what} has no subject")
    found = []
    for item in value:
        digest = item.get("digest") if isinstance(item, dict) else None
        sha256 = digest.get("sha256") if isinstance(digest, dict) else None
        if not isinstance(sha256, str) or _HEX64.fullmatch(sha256) is None:
            raise LedgerError("LG0307", f"a subject of {what} has no sha256 digest")
        if isinstance(digest, dict) and len(digest) != 1:
            # A tool that matches any of several digests would take other bytes for the ones that were signed for.
            raise LedgerError("LG0307", f"a subject of {what} has another digest beside sha256")
        annotations = item.get("annotations")
        typed = annotations.get("id") if isinstance(annotations, dict) else None
        if not isinstance(typed, str) or typed not in [f"{form}:{sha256}" for form in SUBJECT_FORMS]:
            typed = f"sha256:{sha256}"
        name = item.get("name")
        found.append(Subject(name if isinstance(name, str) else "", typed))
    return tuple(found)
