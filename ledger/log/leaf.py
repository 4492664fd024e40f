"""The leaf record: the small canonical JSON that an entry of the log is (docs/spec/format.md, section 5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger import canon
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.spec.statement import Statement

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_OBJECT = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
# The canonical form of a leaf record without any text that needs an escape: whatever matches is a leaf record and its own RFC 8785 form.
_TEXT = r'"([ !#-\[\]-~]*)"'
_TEXTS = r'\[((?:"[ !#-\[\]-~]*"(?:,"[ !#-\[\]-~]*")*)?)\]'
_PLAIN = re.compile(
    rf'\{{"envelope":"({_OBJECT.pattern})","keyids":{_TEXTS},"kind":{_TEXT},"payload":"({_OBJECT.pattern})","predicateType":{_TEXT},'
    rf'"subjects":{_TEXTS},"time":"({_TIME.pattern})","v":1\}}',
    re.ASCII,
)
_MEMBERS = {"v", "kind", "envelope", "payload", "predicateType", "subjects", "keyids", "time"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry of the log.

    Attributes:
        kind: the kind of statement.
        envelope: object id of the stored DSSE envelope; `payload` that of the payload inside it.
        subjects: typed ids, the first 16; `subject_count` says how many there are.
        time: the log operator's clock when the entry was sequenced, RFC 3339 UTC.
    """

    kind: str
    envelope: str
    payload: str
    predicate_type: str
    subjects: tuple[str, ...]
    subject_count: int
    keyids: tuple[str, ...]
    time: str

    def to_bytes(self) -> bytes:
        """The RFC 8785 form, at most 4 KiB. Raises LedgerError LG0103."""
        subjects, keyids = '","'.join(self.subjects), '","'.join(self.keyids)
        text = (
            f'{{"envelope":"{self.envelope}","keyids":["{keyids}"],"kind":"{self.kind}","payload":"{self.payload}",'
            f'"predicateType":"{self.predicate_type}","subjects":["{subjects}"],"time":"{self.time}","v":1}}'
        )
        if self.subject_count == len(self.subjects) and len(text) <= LIMITS.leaf_bytes and self._is_in(text):
            return text.encode("ascii")
        value: dict[str, Any] = {
            "v": 1,
            "kind": self.kind,
            "envelope": self.envelope,
            "payload": self.payload,
            "predicateType": self.predicate_type,
            "subjects": list(self.subjects),
            "keyids": list(self.keyids),
            "time": self.time,
        }
        if self.subject_count > len(self.subjects):
            value["subjectCount"] = self.subject_count
        data = canon.canonical(value)
        if len(data) > LIMITS.leaf_bytes:
            raise LedgerError("LG0103", f"a leaf record has {len(data)} bytes, more than {LIMITS.leaf_bytes}")
        return data

    def _is_in(self, text: str) -> bool:
        """Whether the text is canonical and holds these lists: a quote in one of the texts would give it other ones."""
        match = _PLAIN.fullmatch(text)
        return (
            match is not None
            and bool(self.subjects and self.keyids)
            and match[2].count('"') == 2 * len(self.keyids)
            and match[6].count('"') == 2 * len(self.subjects)
        )


def make_leaf(
    *, kind: str, envelope: str, payload: str, predicate_type: str, subjects: Sequence[str], keyids: Sequence[str], time: str
) -> Leaf:
    """A leaf with at most 16 of the subjects."""
    return Leaf(kind, envelope, payload, predicate_type, tuple(subjects[: LIMITS.leaf_subjects]), len(subjects), tuple(keyids), time)


def leaf_problems(leaf: Leaf, statement: Statement, keyids: Sequence[str]) -> list[str]:
    """In what a leaf record does not agree with its statement, and with the keyids of its envelope."""
    subjects = tuple(subject.id for subject in statement.subjects)
    found = []
    if leaf.kind != statement.kind:
        found.append(f"its leaf record calls a {statement.kind} statement `{ascii(leaf.kind)[1:-1][:100]}`")
    if leaf.predicate_type != statement.predicate_type:
        found.append("its leaf record names another predicate type than its statement")
    if leaf.subjects != subjects[: LIMITS.leaf_subjects] or leaf.subject_count != len(subjects):
        found.append("its leaf record names other subjects than its statement")
    if leaf.keyids != tuple(keyids):
        found.append("its leaf record names other keyids than its envelope")
    return found


def parse_leaf(data: bytes, *, what: str = "entry") -> Leaf:
    """Read a leaf record. Raises LedgerError LG0507."""
    match = _PLAIN.fullmatch(data.decode("latin-1")) if len(data) <= LIMITS.leaf_bytes else None
    if match is not None:
        envelope, listed, kind, payload, predicate_type, about, time = match.groups()
        subjects = tuple(about[1:-1].split('","')) if about else ()
        if len(subjects) <= LIMITS.leaf_subjects:
            keyids = tuple(listed[1:-1].split('","')) if listed else ()
            return Leaf(kind, envelope, payload, predicate_type, subjects, len(subjects), keyids, time)
    return _any_leaf(data, what)


def _any_leaf(data: bytes, what: str) -> Leaf:
    try:
        value = canon.loads_canonical(data, what=what)
    except LedgerError as error:
        raise LedgerError("LG0507", error.message) from None
    if not isinstance(value, dict) or value.get("v") != 1 or isinstance(value.get("v"), bool):
        raise LedgerError("LG0507", f"{what} is not a leaf record of version 1")
    texts = [value.get(name) for name in ("kind", "envelope", "payload", "predicateType", "time")]
    subjects, keyids = value.get("subjects"), value.get("keyids")
    lists_fit = all(isinstance(part, list) and all(isinstance(item, str) for item in part) for part in (subjects, keyids))
    if not all(isinstance(text, str) for text in texts) or not lists_fit or len(data) > LIMITS.leaf_bytes:
        raise LedgerError("LG0507", f"{what} lacks a member of a leaf record")
    kind, envelope, payload, predicate_type, time = (str(text) for text in texts)
    if _OBJECT.fullmatch(envelope) is None or _OBJECT.fullmatch(payload) is None or _TIME.fullmatch(time) is None:
        raise LedgerError("LG0507", f"{what} holds a malformed id or time")
    assert isinstance(subjects, list) and isinstance(keyids, list)
    count = value.get("subjectCount", len(subjects))
    most = LIMITS.leaf_subjects
    counted = isinstance(count, int) and len(subjects) == most < count if "subjectCount" in value else len(subjects) <= most
    if set(value) - {"subjectCount"} != _MEMBERS or not counted:
        raise LedgerError("LG0507", f"{what} has a member that a leaf record does not have, or counts its subjects wrongly")
    return Leaf(kind, envelope, payload, predicate_type, tuple(subjects), count, tuple(keyids), time)
