"""The tables, defined once (docs/spec/format.md, section 7).

From these classes `tools/generate.py` writes the Arrow schemas and the DuckDB views that the product runs on, and the reference
page; nothing in the product imports this module, because importing SQLModel takes longer than recording.
Column types: int → BIGINT, str → VARCHAR, bytes → BLOB (32-byte digests unless said otherwise), bool → BOOLEAN, datetime → TIMESTAMP (UTC).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

Blob = bytes  # a column is called `bytes`


def column(comment: str, **more: Any) -> Any:
    """A column with its comment; `view` tells the generator how the view shows it."""
    info = {key: more.pop(key) for key in ("view",) if key in more}
    return Field(sa_column_kwargs={"comment": comment, "info": info}, **more)


class Entries(SQLModel, table=True):
    """One row per log entry; `leaf` is the leaf record, from which the signed root can be recomputed."""

    __tablename__ = "entries"
    idx: int = column("log index", primary_key=True)
    leaf: Blob = column("the leaf record's bytes (RFC 8785 JSON)")
    kind: str = column("kind of statement: manifest, release, review, key, attestation")
    time: datetime = column("the log operator's clock at sequencing, UTC; never goes backwards")
    envelope: Blob = column("object id of the stored DSSE envelope", view="sha256")
    payload: Blob = column("object id of the payload in the envelope", view="sha256")
    predicate_type: str = column("URI of the predicate type")


class Statements(SQLModel, table=True):
    """One row per log entry: the payload itself."""

    __tablename__ = "statements"
    idx: int = column("log index", primary_key=True)
    payload: str = column("the in-toto statement, canonical JSON", view="json")


class Signatures(SQLModel, table=True):
    """One row per signature on an envelope."""

    __tablename__ = "signatures"
    idx: int = column("log index", primary_key=True)
    position: int = column("place of the signature in the envelope, from 0", primary_key=True)
    keyid: Blob | None = column("SHA-256 of the public key (SubjectPublicKeyInfo DER) that verifies it; empty when none does", view="hex")
    scheme: str | None = column("signature scheme of that key")
    valid: bool = column("whether a known key verifies the signature")
    trusted: bool = column("whether that key was trusted for this statement at this index")


class Artifacts(SQLModel, table=True):
    """One row per artifact, reference or release seen, in order of first appearance."""

    __tablename__ = "artifacts"
    idx: int = column("log index at which it first appeared", primary_key=False)
    artifact_no: int = column("dense integer key for joins", primary_key=True)
    id: Blob = column("typed id: file:, tree:, ref: or, for a release, sha256:", view="typed")
    form: str = column("file, tree, ref (a reference without bytes) or sha256 (a release)")
    kind: str | None = column("dataset, weights, code, document or release; empty for a reference")
    name: str = column("name under which it first appeared")
    version: str | None = column("version under which it first appeared")
    files: int | None = column("number of files")
    bytes: int | None = column("sum of the files' sizes, in bytes")
    first_idx: int | None = column("log index of the first statement that records it; empty for a reference")
    verified: bool = column("whether somebody hashed its bytes; false for references")


class Names(SQLModel, table=True):
    """One row per naming: every statement that gives an artifact or release a name and version."""

    __tablename__ = "names"
    idx: int = column("log index", primary_key=True)
    artifact_no: int = column("the artifact or release named")
    kind: str = column("dataset, weights, code, document or release")
    name: str = column("name")
    version: str | None = column("version, if any")
    supersedes: str | None = column("reason, when this is a correction of what the name named before")


class Licenses(SQLModel, table=True):
    """One row per licence claim; declared, detected and concluded are never merged."""

    __tablename__ = "licenses"
    idx: int = column("log index of the statement that makes the claim", primary_key=True)
    position: int = column("place among the claims of that statement, from 0", primary_key=True)
    artifact_no: int = column("the artifact")
    basis: str = column("declared, detected or concluded")
    expression: str | None = column("the expression exactly as given; empty when only a licence file was found")
    normalized: str = column("SPDX normal form, or NOASSERTION")
    source: str = column("where it was read: argument, pipeline file, the path of the licence file, or review")
    object: Blob | None = column("object id of the licence text", view="sha256")


class Edges(SQLModel, table=True):
    """One row per lineage edge."""

    __tablename__ = "edges"
    idx: int = column("log index of the manifest that states it", primary_key=True)
    position: int = column("place among the edges of that manifest, from 0", primary_key=True)
    output_no: int = column("what was made")
    input_no: int = column("what it was made from")
    relation: str = column("trained-on, fine-tuned-from, … (docs/spec/format.md, section 3)")


class Components(SQLModel, table=True):
    """One row per component of a release."""

    __tablename__ = "components"
    idx: int = column("log index of the release", primary_key=True)
    position: int = column("place in the release, from 0", primary_key=True)
    release_no: int = column("the release")
    role: str = column("role of the component")
    artifact_no: int = column("the artifact")


class Files(SQLModel, table=True):
    """One row per file of a tree; checked against the tree id."""

    __tablename__ = "files"
    idx: int = column("log index of the first manifest of the tree", primary_key=True)
    artifact_no: int = column("the tree", primary_key=True)
    path: str = column("path in the tree", primary_key=True)
    sha256: Blob = column("SHA-256 of the file", view="file")
    bytes: int = column("size in bytes")


class Records(SQLModel, table=True):
    """One row per committed record set of a dataset."""

    __tablename__ = "records"
    idx: int = column("log index", primary_key=True)
    artifact_no: int = column("the dataset")
    root: Blob = column("root of the record set's search tree", view="hex")
    count: int = column("number of records")
    canonical: str = column("what the record bytes are")


class RecordLicenses(SQLModel, table=True):
    """One row per licence of a record set: how many records carry it."""

    __tablename__ = "record_licenses"
    idx: int = column("log index", primary_key=True)
    artifact_no: int = column("the dataset")
    normalized: str = column("SPDX normal form, or NOASSERTION", primary_key=True)
    count: int = column("number of records")


class Verdicts(SQLModel, table=True):
    """One row per rule of a profile in an attestation."""

    __tablename__ = "verdicts"
    idx: int = column("log index of the attestation", primary_key=True)
    position: int = column("place in the attestation, from 0", primary_key=True)
    release_no: int = column("the release")
    profile: str = column("profile id")
    rule: str = column("rule id within the profile; empty for the profile's own verdict")
    result: str = column("pass, fail, unknown or not_applicable")
    reason: str = column("reason code")


class Keys(SQLModel, table=True):
    """One row per key event."""

    __tablename__ = "keys"
    idx: int = column("log index", primary_key=True)
    keyid: Blob = column("SHA-256 of the public key (SubjectPublicKeyInfo DER)", view="hex")
    action: str = column("add, retire or revoke")
    scheme: str = column("signature scheme")
    kinds: str = column("what it may sign: kinds separated by spaces; * is everything")


TABLES: tuple[type[SQLModel], ...] = (
    Entries,
    Statements,
    Signatures,
    Artifacts,
    Names,
    Licenses,
    Edges,
    Components,
    Files,
    Records,
    RecordLicenses,
    Verdicts,
    Keys,
)
