"""One OASIS Data Provenance Metadata document per dataset of a release; pure.

Version 1.0, Committee Specification Draft 02 of 2026-07-19: a draft, of which the schema's bytes are pinned in the tests. A member that its
schema requires and that nobody recorded is not made up: then the dataset gets no document, and what is missing is listed. What is derived
is the set's own description (`set`), which is about the document and not about the data.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from ledger.exporters.documents import about, as_json, data, datasets_of, proof_plain
from ledger.spec.evidence import DatasetFact, ReleaseFacts

SCHEMA = "https://docs.oasis-open.org/dps/prov-meta/v1.0/schema/data-provenance.json"
VERSION = "1.0"
CATEGORY = "training-data"
PURPOSES = frozenset({"pre-training", "alignment", "evaluation"})
CLASSES = frozenset({"pci", "pfi", "phi", "pi", "sci", "spi"})
FORMATS = frozenset(
    {
        "application/json",
        "application/jsonld",
        "application/msword",
        "application/vnd.ms-excel",
        "application/zip",
        "image/bmp",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/x-png",
        "text/csv",
        "text/plain",
    }
)
# The id of a tree is what in-toto calls dirHash1; that of a file is the SHA-256 of its bytes.
ALGORITHMS = {"tree": "dirHash1", "file": "sha256"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_VERSION = re.compile(
    r"(0|[1-9]\d*)(\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?)?", re.ASCII
)
_REGION = re.compile(r"([A-Z]{2})-([A-Z0-9]{1,3})", re.ASCII)
_PATH = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*"
_URI = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*://[A-Za-z0-9\-._~]+(:\d{{1,5}})?(/{_PATH})?(\?(?:{_PATH}|\?)*)?(#(?:{_PATH}|\?)*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A dataset without a document: which members nobody recorded, each with what would give it."""

    name: str
    artifact: str
    fields: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {"name": self.name, "artifact": self.artifact, "missing": [{"member": member, "record": how} for member, how in self.fields]}


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents by file name, and the datasets that have none."""

    files: tuple[tuple[str, DatasetFact, bytes], ...]
    lacking: tuple[Lacking, ...]


class _Open:
    """Collects what is missing while a document is put together."""

    def __init__(self) -> None:
        self.fields: list[tuple[str, str]] = []

    def need(self, member: str, value: Any, how: str) -> Any:
        """The value; when there is none, the member is noted as missing."""
        if value in (None, "", []):
            self.fields.append((member, how))
        return value


def documents(facts: ReleaseFacts, recorded: str, log: str) -> Documents:
    """The documents of a release's datasets.

    Args:
        recorded: when the release was logged, in RFC 3339: the date of the documents.
        log: name of the log that its entries are of.
    """
    files: dict[str, tuple[DatasetFact, bytes]] = {}
    lacking = []
    for item in datasets_of(facts):
        missing = _Open()
        made = _document(item, facts, recorded, log, missing)
        if missing.fields:
            lacking.append(Lacking(item.name, item.artifact, tuple(missing.fields)))
        else:
            files[_file_name(item, files)] = (item, as_json(made))
    return Documents(tuple((name, item, data) for name, (item, data) in files.items()), tuple(lacking))


def _file_name(item: DatasetFact, taken: Container[str]) -> str:
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in item.name).strip("._-")[:60]
    form, _, digits = item.artifact.partition(":")
    name = f"{kept or 'unnamed'}-{digits[:16]}.json"
    return name if name not in taken else f"{kept or 'unnamed'}-{form}-{digits}.json"


def _document(item: DatasetFact, facts: ReleaseFacts, recorded: str, log: str, missing: _Open) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        "set": _set(item, facts, recorded, log, missing),
        "source": _source(item, missing),
        "provenance": _provenance(item, missing),
        "use": _use(item, missing),
    }


def _set(item: DatasetFact, facts: ReleaseFacts, recorded: str, log: str, missing: _Open) -> dict[str, Any]:
    namespace = about(facts, "provider/namespace")
    publisher = {
        "name": missing.need("set/publisher/name", about(facts, "provider/name"), "about: provider/name"),
        "namespace": missing.need("set/publisher/namespace", _uri([namespace]), "about: provider/namespace, an absolute address"),
    }
    if contact := about(facts, "provider/contact"):
        publisher["contact-details"] = contact
    summary = f"As recorded in the release {facts.name}@{facts.version}."
    return {
        "category": CATEGORY,
        "schema-version": VERSION,
        "publisher": publisher,
        "label": f"{item.name} in {facts.name}@{facts.version}",
        "notes": [{"category": "details", "title": "Evidence", "text": f"log {log}: {proof_plain(item.evidence)}"}],
        "tracking": {
            "current-release-date": recorded,
            "generator": {"engine": {"name": "openness-ledger"}},
            "id": f"{facts.id}/{item.artifact}",
            "initial-release-date": recorded,
            "revision-history": [{"date": recorded, "number": "1", "summary": summary}],
            "status": "final",
            "version": "1",
        },
    }


def _source(item: DatasetFact, missing: _Open) -> dict[str, Any]:
    name, _, version = item.name.partition("@")
    content = {
        "content": missing.need("source/about/content", data(item, "description"), "data: description"),
        "purpose": missing.need("source/about/purpose", data(item, "purpose"), "data: purpose"),
    }
    if scope := data(item, "scope"):
        content["scope"] = scope
    issuer = missing.need("source/issuer", data(item, "issuer"), "data: issuer")
    return {
        "about": content,
        "id": _identity(item, name),
        "issuer": [{"legal-name": issuer}],
        "location": missing.need("source/location", _uri(item.where), "data: where, or a source of the artifact: an absolute address"),
        "name": missing.need("source/name", name, "the dataset's name"),
        "data-version": missing.need(
            "source/data-version",
            version if _VERSION.fullmatch(version) else None,
            f"the dataset's version, as a whole number or MAJOR.MINOR.PATCH; it is {f'`{version}`' if version else 'not recorded'}",
        ),
    }


def _identity(item: DatasetFact, name: str) -> dict[str, Any]:
    """The content address where there are bytes, the id of the reference where there are none; and addresses."""
    form, _, digits = item.artifact.partition(":")
    found: dict[str, Any] = {}
    if form in ALGORITHMS:
        found["hashes"] = [{"tree-hashes": [{"algorithm": ALGORITHMS[form], "value": digits}], "path": name or form}]
    if addresses := [uri for uri in item.where if _URI.fullmatch(uri)]:
        found["uris"] = addresses
    found["custom-ids"] = [{"method": "openness-ledger-artifact-id", "value": item.artifact}]
    return found


def _uri(texts: Iterable[str | None]) -> str | None:
    return next((text for text in texts if text and _URI.fullmatch(text)), None)


def _provenance(item: DatasetFact, missing: _Open) -> dict[str, Any]:
    day = data(item, "published")
    found: dict[str, Any] = {
        "origin-geography": _regions(missing.need("provenance/origin-geography", data(item, "geography"), "data: geography")),
        "date": missing.need("provenance/date", day if _real_day(day) else None, "data: published, to the day"),
        "generation-method": [
            {"code": code}
            for code in _distinct(
                missing.need("provenance/generation-method", data(item, "generation_methods"), "data: generation_methods")
            )
        ],
    }
    if owner := data(item, "owner"):
        found["origin"] = [{"legal-name": owner}]
    first, last = _moment(data(item, "acquired/from"), end=False), _moment(data(item, "acquired/to"), end=True)
    if first or last:
        found["generation-period"] = {name: value for name, value in (("start", first), ("end", last)) if value}
    if formats := data(item, "formats"):
        found["format"] = _distinct(value if value in FORMATS else "other" for value in formats)
    return found


def _distinct(values: Iterable[Any] | None) -> list[Any]:
    found: list[Any] = []
    for value in values or ():
        if value not in found:
            found.append(value)
    return found


def _regions(codes: Iterable[str] | None) -> list[dict[str, str]]:
    """ISO 3166 codes as country and, for a subdivision, state."""
    parts = [_REGION.fullmatch(code) for code in codes or ()]
    return _distinct(
        {"country": part[1], "state": part[0]} if part else {"country": code} for part, code in zip(parts, codes or (), strict=True)
    )


def _real_day(text: str | None) -> bool:
    if text is None or _DAY.fullmatch(text) is None:
        return False
    year, month, day = map(int, text.split("-"))
    return year >= 1 and day <= calendar.monthrange(year, month)[1]


def _moment(text: str | None, *, end: bool) -> str | None:
    """The first or last second of a year, month or day in UTC."""
    if text is None:
        return None
    year, month, day = ([int(part) for part in text.split("-")] + [0, 0])[:3]
    if year < 1:
        return None
    month = month or (12 if end else 1)
    last = calendar.monthrange(year, month)[1]
    day = min(day or (last if end else 1), last)
    return f"{year:04}-{month:02}-{day:02}T{'23:59:59' if end else '00:00:00'}Z"


def _use(item: DatasetFact, missing: _Open) -> dict[str, Any]:
    stages = missing.need("use/intended-purpose/code", data(item, "stages"), "data: stages")
    # The description is needed twice, and one note is enough.
    purpose = data(item, "purpose")
    codes = _distinct(stage if stage in PURPOSES else "other" for stage in stages or ())
    found: dict[str, Any] = {"intended-purpose": [{"code": code, "long-description": purpose} for code in codes]}
    if classes := data(item, "classification"):
        found["classification"] = _distinct(_class(name) for name in classes)
    if consent := _uri([data(item, "consent")]):
        found["consents"] = [consent]
    # Of a licence file that nobody named, only its path is known.
    if item.license is not None and item.license.basis != "detected":
        found["license"] = [item.license.expression]
    return found


def _class(name: str) -> dict[str, Any]:
    code = name.casefold()
    return {"regulation": {"code": code} if code in CLASSES else {"code": "other", "long-description": name}, "evaluated": True}
