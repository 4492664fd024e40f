"""Views over the tables for questions that auditors ask again and again; nothing is stored for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Derived:
    """One view.

    Attributes:
        bases: the tables that it reads; a query that names the view is given them.
        columns: (name, type, meaning) in order.
        select: what it is in DuckDB.
        spark: what it is in Spark SQL; None when that is the same text, and empty when it is not there.
    """

    name: str
    bases: tuple[str, ...]
    comment: str
    columns: tuple[tuple[str, str, str], ...]
    select: str
    spark: str | None = None


def _said(member: str) -> str:
    return f"json_extract_string(s.payload, '$.predicate.{member}')"


_REVIEWS = (
    "SELECT e.idx, e.time, json_extract_string(s.payload, '$.subject[0].annotations.id') AS subject, "
    f"json_extract_string(s.payload, '$.subject[0].name') AS name, {_said('statement')} AS statement, "
    f"{_said('concluded.normalized')} AS concluded, {_said('finding.rule')} AS rule, {_said('finding.id')} AS finding, "
    f"{_said('reason')} AS reason FROM entries e JOIN statements s ON s.idx = e.idx WHERE e.kind = 'review'"
)
_SOURCES = "SELECT n.idx, a.id AS artifact, n.kind, n.name, n.version, {uri} AS uri, {revision} AS revision FROM ({items}) i "
_SOURCES += "JOIN names n ON n.idx = i.idx JOIN artifacts a ON a.artifact_no = n.artifact_no"

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
        _REVIEWS,
        _REVIEWS.replace("json_extract_string(", "get_json_object("),
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
        "",
    ),
    Derived(
        "known_as",
        ("artifacts", "names"),
        "One row per artifact, reference or release under the name that it was given last.",
        (
            ("artifact_no", "BIGINT", "dense integer key for joins"),
            ("id", "VARCHAR", "typed id: file:, tree:, ref: or, for a release, sha256:"),
            ("form", "VARCHAR", "file, tree, ref (a reference without bytes) or sha256 (a release)"),
            ("kind", "VARCHAR", "dataset, weights, code, document or release; empty for a reference"),
            ("name", "VARCHAR", "the newest name; of a reference the one it is called by"),
            ("version", "VARCHAR", "the version under that name"),
            ("verified", "BOOLEAN", "whether somebody hashed its bytes; false for references"),
            ("first_idx", "BIGINT", "log index of the first statement that records it; empty for a reference"),
        ),
        "SELECT a.artifact_no, a.id, a.form, coalesce(n.kind, a.kind) AS kind, coalesce(n.name, a.name) AS name, "
        "CASE WHEN n.name IS NULL THEN a.version ELSE n.version END AS version, a.verified, a.first_idx FROM artifacts a "
        "LEFT JOIN (SELECT artifact_no, kind, name, version, row_number() OVER (PARTITION BY artifact_no ORDER BY idx DESC) AS place "
        "FROM names) n ON n.artifact_no = a.artifact_no AND n.place = 1",
    ),
    Derived(
        "lineage_edges",
        ("edges", "components"),
        "One row per step of the lineage: an edge of a manifest, or a component of a release, which is made from its components.",
        (
            ("idx", "BIGINT", "log index of the statement that says so"),
            ("output_no", "BIGINT", "what was made"),
            ("input_no", "BIGINT", "what it was made from"),
            ("relation", "VARCHAR", "the relation; of a component its role"),
        ),
        "SELECT idx, output_no, input_no, relation FROM edges UNION ALL "
        "SELECT idx, release_no AS output_no, artifact_no AS input_no, role AS relation FROM components",
    ),
    Derived(
        "sources",
        ("statements", "names", "artifacts"),
        "One row per address that a manifest names as the source of what it records; nobody has held the bytes against the address.",
        (
            ("idx", "BIGINT", "log index of the manifest"),
            ("artifact", "VARCHAR", "typed id of what it records"),
            ("kind", "VARCHAR", "its kind"),
            ("name", "VARCHAR", "the name that the manifest gives it"),
            ("version", "VARCHAR", "the version under that name"),
            ("uri", "VARCHAR", "the address"),
            ("revision", "VARCHAR", "the revision at that address, as somebody says"),
        ),
        _SOURCES.format(
            uri="json_extract_string(i.item, '$.uri')",
            revision="json_extract_string(i.item, '$.revision')",
            items="SELECT idx, unnest(json_extract(payload, '$.predicate.sources[*]')) AS item FROM statements "
            "WHERE contains(payload::VARCHAR, '\"sources\":[')",
        ),
        _SOURCES.format(
            uri="i.item.uri",
            revision="i.item.revision",
            items="SELECT idx, explode(from_json(get_json_object(payload, '$.predicate.sources'), "
            "'array<struct<uri:string,revision:string>>')) AS item FROM statements",
        ),
    ),
)
