"""Views over the tables for questions that auditors ask again and again; nothing is stored for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Derived:
    """One view.

    Attributes:
        bases: the tables that it reads; a query that names the view is given them.
        columns: (name, type, meaning) in order.
    """

    name: str
    bases: tuple[str, ...]
    comment: str
    columns: tuple[tuple[str, str, str], ...]
    select: str


def _said(member: str) -> str:
    return f"json_extract_string(s.payload, '$.predicate.{member}')"


DERIVED = (
    Derived(
        "license_claims",
        ("licenses", "artifacts", "entries"),
        "One row per licence claim, with what it is about and when it was logged; declared, detected and concluded are never merged.",
        (
            ("idx", "BIGINT", "log index of the statement that makes the claim"),
            ("time", "TIMESTAMP", "the log operator's clock at sequencing, UTC"),
            ("artifact", "VARCHAR", "typed id of the artifact, reference or release"),
            ("kind", "VARCHAR", "its kind; empty for a reference"),
            ("name", "VARCHAR", "its first name"),
            ("version", "VARCHAR", "the version under that name"),
            ("basis", "VARCHAR", "declared, detected or concluded"),
            ("expression", "VARCHAR", "the expression exactly as given; empty when only a licence file was found"),
            ("normalized", "VARCHAR", "SPDX normal form, or NOASSERTION"),
            ("source", "VARCHAR", "where it was read"),
            ("object", "VARCHAR", "object id of the licence text"),
        ),
        "SELECT l.idx, e.time, a.id AS artifact, a.kind, a.name, a.version, l.basis, l.expression, l.normalized, l.source, l.object "
        "FROM licenses l JOIN artifacts a USING (artifact_no) JOIN entries e ON e.idx = l.idx",
    ),
    Derived(
        "reviews",
        ("statements", "entries"),
        "One row per review: what a person judged, of what, and why.",
        (
            ("idx", "BIGINT", "log index of the review"),
            ("time", "TIMESTAMP", "the log operator's clock at sequencing, UTC"),
            ("subject", "VARCHAR", "typed id of what is judged"),
            ("name", "VARCHAR", "its name and version"),
            ("statement", "VARCHAR", "license-concluded, finding-waived, or another word of the format"),
            ("concluded", "VARCHAR", "SPDX normal form of a concluded licence"),
            ("rule", "VARCHAR", "the rule of a waived finding"),
            ("finding", "VARCHAR", "its id"),
            ("reason", "VARCHAR", "why, in the person's words"),
        ),
        "SELECT e.idx, e.time, json_extract_string(s.payload, '$.subject[0].annotations.id') AS subject, "
        f"json_extract_string(s.payload, '$.subject[0].name') AS name, {_said('statement')} AS statement, "
        f"{_said('concluded.normalized')} AS concluded, {_said('finding.rule')} AS rule, {_said('finding.id')} AS finding, "
        f"{_said('reason')} AS reason FROM entries e JOIN statements s ON s.idx = e.idx WHERE e.kind = 'review'",
    ),
    Derived(
        "claims",
        ("statements", "entries"),
        "One row per claim that an import found in other people's files: what a file says, and where; evidence that it says so, no more.",
        (
            ("idx", "BIGINT", "log index of the statement that keeps the claim"),
            ("time", "TIMESTAMP", "the log operator's clock at sequencing, UTC"),
            ("artifact", "VARCHAR", "typed id of the artifact or document that was recorded"),
            ("origin", "VARCHAR", "the importer, such as huggingface or spdx"),
            ("subject", "VARCHAR", "what the claim is about: a key within the import"),
            ("field", "VARCHAR", "license, exists, relation:RELATION, digest:ALGORITHM, or a field of the file"),
            ("value", "JSON", "what is claimed"),
            ("place", "VARCHAR", "file, and in it a JSON pointer or a line"),
        ),
        "SELECT i.idx, e.time, i.artifact, i.origin, json_extract_string(i.claim, '$.subject') AS subject, "
        "json_extract_string(i.claim, '$.field') AS field, json_extract(i.claim, '$.value') AS value, "
        "json_extract_string(i.claim, '$.at') AS place FROM (SELECT s.idx, "
        "json_extract_string(s.payload, '$.subject[0].annotations.id') AS artifact, "
        f"{_said('fields.import.origin')} AS origin, "
        "unnest(json_extract(s.payload, '$.predicate.fields.import.claims[*]')) AS claim "
        "FROM statements s WHERE contains(s.payload::VARCHAR, '\"import\":{')) i JOIN entries e ON e.idx = i.idx",
    ),
)
