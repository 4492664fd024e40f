"""SPDX 2.3, as JSON, through the model and the validator of spdx-tools; pure.

SPDX 2.3 knows packages, and neither models nor datasets. Each lineage relation is the nearest type that it has, with the exact word as
comment, and DEPENDS_ON beside it for readers that follow nothing else. Typed ids, licence claims and addresses stand word for word in
annotations `openness-ledger:NAME=VALUE`, so that `ledger import spdx` finds the same graph again. Files are left out: a package with files
needs a SHA-1 of each, which nobody recorded. Source: SPDX 2.3, and the facts page of formats, section 3: the writer of the library opens
its file before it validates and writes a category that the schema refuses, so the document is made here and validated first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from ledger import __version__, canon
from ledger.errors import LedgerError
from ledger.exporters.common import address, claim, day, written
from ledger.exporters.graph import PROPERTY, Graph, Item, Link
from ledger.licenses.expression import Compound, Term, parse_expression, terms
from ledger.spec.vocabulary import NOASSERTION

RELATIONS: dict[str, tuple[str, bool]] = {
    "trained-on": ("DATA_FILE_OF", True),
    "evaluated-on": ("TEST_OF", True),
    "tokenized-with": ("BUILD_TOOL_OF", True),
    "built-by": ("BUILD_TOOL_OF", True),
    "generated-by": ("GENERATED_FROM", False),
    "derived-from": ("GENERATED_FROM", False),
    "subset-of": ("GENERATED_FROM", False),
    "combined-from": ("GENERATED_FROM", False),
    "describes": ("DOCUMENTATION_OF", False),
}
"""Relation → (type in SPDX 2.3, whether it runs from the input to the output); all others are `DESCENDANT_OF`."""

_DOWNLOAD = re.compile(r"(?:https?|git|ssh|s?ftp|svn)://|(?:git|hg|svn|bzr)\+")


def write(graph: Graph, _version: str) -> bytes:
    """A graph as an SPDX 2.3 document.

    Raises:
        LedgerError: LG1603 when the validator of spdx-tools finds fault with it.
    """
    made = _Document(graph)
    made.build()
    problem = next(made.problems(), None)
    if problem is not None:
        said = ascii(problem.validation_message)[1:-1]
        raise LedgerError("LG1603", f"`{ascii(graph.name)[1:-1]}` is no valid SPDX 2.3 document: {said[:300]}")
    value = made.converted()
    for package in value["packages"]:
        for reference in package.get("externalRefs", ()):
            # The library writes the name of its own constant, and the schema has it with a hyphen.
            reference["referenceCategory"] = reference["referenceCategory"].replace("_", "-")
    return written(value)


class _Document:
    def __init__(self, graph: Graph) -> None:
        from spdx_tools.spdx import model
        from spdx_tools.spdx.validation.validation_message import SpdxElementType, ValidationContext

        self.graph, self.model = graph, model
        self.time = datetime.strptime(graph.time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        self.tool = model.Actor(model.ActorType.TOOL, f"openness-ledger-{__version__}")
        self.texts: dict[str, str] = {}
        self.parts: dict[str, Any] = {}
        self.relationships: list[Any] = []
        self.nowhere = ValidationContext(element_type=SpdxElementType.LICENSE_EXPRESSION)

    def build(self) -> None:
        """One small document for each package, with its annotations and the licence texts that it refers to; and all relationships.

        The library looks through a whole document for each relationship and annotation, so its time would grow with the square of
        their number; it checks and converts these parts instead, and nothing of what it checks is lost.
        """
        graph, model = self.graph, self.model
        name = f"{graph.name} {graph.version}" if graph.version else graph.name
        provider = self._actor(graph.about.get("provider", {}).get("name"))
        self.info = model.CreationInfo(
            "SPDX-2.3",
            "SPDXRef-DOCUMENT",
            f"BOM of {name}",
            f"https://openness-ledger.dev/spdx/{graph.uuid('spdx 2.3')}",
            [self.tool, *([provider] if provider else [])],
            self.time,
            document_comment=f"From the log {graph.origin} at size {graph.size}, root {graph.root}: {graph.main}",
        )
        for item in graph.items:
            self.used: set[str] = set()
            package = self._package(item, provider)
            texts = [model.ExtractedLicensingInfo(id, self.texts[id]) for id in sorted(self.used)]
            notes = list(self._annotations(item))
            self.parts[_id(item)] = model.Document(self.info, [package], annotations=notes, extracted_licensing_info=texts)
        self.relationships = list(self._relationships())

    def problems(self) -> Iterator[Any]:
        """What the library's validator finds."""
        from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
        from spdx_tools.spdx.validation.relationship_validator import validate_relationship

        for part in self.parts.values():
            yield from validate_full_spdx_document(part)
        for one in self.relationships:
            ends = [self.parts[id].packages[0] for id in (one.spdx_element_id, one.related_spdx_element_id) if id in self.parts]
            yield from validate_relationship(one, "SPDX-2.3", self.model.Document(self.info, ends))

    def converted(self) -> dict[str, Any]:
        """The whole as the library's converters have it."""
        from spdx_tools.spdx.jsonschema.document_converter import DocumentConverter

        convert = DocumentConverter()
        texts = [self.model.ExtractedLicensingInfo(id, text) for id, text in sorted(self.texts.items())]
        whole = self.model.Document(self.info, relationships=self.relationships, extracted_licensing_info=texts)
        found: dict[str, Any] = convert.convert(whole)
        found["packages"] = [convert.package_converter.convert(part.packages[0], part) for part in self.parts.values()]
        return found

    def _actor(self, name: str | None) -> Any:
        """An organisation. What stands in parentheses after a name is its e-mail address, so an empty one follows a name that has some."""
        plain = " ".join((name or "").split())
        if not plain:
            return None
        return self.model.Actor(self.model.ActorType.ORGANIZATION, f"{plain} ()" if "(" in plain or ")" in plain else plain)

    def _package(self, item: Item, provider: Any) -> Any:
        model = self.model
        declared, why = self._license(item.declared_license)
        concluded, why_concluded = self._license(item.concluded.normalized if item.concluded is not None else NOASSERTION)
        published = day(self.graph.about.get("released") if item.roles and item.kind != "dataset" else item.data.get("published"))
        location, references = self._places(item)
        return model.Package(
            _id(item),
            item.name,
            location,
            version=item.version,
            supplier=self._actor(item.data.get("issuer") or item.data.get("owner")) or (provider if item.roles else None),
            files_analyzed=False,
            checksums=[model.Checksum(model.ChecksumAlgorithm.SHA256, item.sha256)] if item.sha256 is not None else [],
            license_concluded=concluded,
            license_declared=declared,
            license_comment=why or why_concluded,
            description=item.data.get("description"),
            external_references=references,
            primary_package_purpose=self._purpose(item),
            release_date=datetime.strptime(published, "%Y-%m-%d").replace(tzinfo=UTC) if published else None,
        )

    def _purpose(self, item: Item) -> Any:
        purposes = self.model.PackagePurpose
        return {"code": purposes.SOURCE, "": None}.get(item.kind, purposes.OTHER)

    def _places(self, item: Item) -> tuple[Any, list[Any]]:
        """The download location, or that none can be said; what the validator would not take as one is a reference of its own."""
        from spdx_tools.spdx.validation.uri_validators import validate_download_location

        model = self.model
        found = [model.ExternalPackageRef(model.ExternalPackageRefCategory.PACKAGE_MANAGER, "purl", item.purl)]
        place = address(item.location)
        if place is not None and _DOWNLOAD.match(place) and validate_download_location(place) == []:
            return place, found
        if place is not None:
            found.append(model.ExternalPackageRef(model.ExternalPackageRefCategory.OTHER, "location", place))
        return model.SpdxNoAssertion(), found

    def _annotations(self, item: Item) -> Iterator[Any]:
        """What SPDX 2.3 has no word for."""
        said = [("id", item.id), ("kind", item.kind), *(("role", role) for role in item.roles)]
        said += [("license:declared", claim(one)) for one in item.declared]
        said += [("license:concluded", claim(item.concluded))] if item.concluded is not None else []
        said += [("source", canon.canonical(dict(one)).decode("utf-8")) for one in item.sources]
        said += [("uri", item.uri)] if item.uri else []
        said += [("entry", str(item.index))] if item.index is not None else [("bytes", "not recorded")]
        said += [("relation", _amount(link)) for link in self.graph.made_from(item.id) if link.amount is not None]
        for name, value in said:
            yield self.model.Annotation(_id(item), self.model.AnnotationType.OTHER, self.tool, self.time, f"{PROPERTY}:{name}={value}")

    # --- licences --------------------------------------------------------------------------------

    def _license(self, expression: str) -> tuple[Any, str | None]:
        """An expression as the library has it, and why it is NOASSERTION when it cannot be one there."""
        if expression == NOASSERTION:
            return self.model.SpdxNoAssertion(), None
        if expression == "NONE":
            return self.model.SpdxNone(), None
        made = self._parsed(expression)
        if made is None:
            return self.model.SpdxNoAssertion(), f"the library that writes SPDX 2.3 cannot hold the expression {expression}"
        return made, None

    def _parsed(self, expression: str) -> Any:
        from spdx_tools.common.spdx_licensing import spdx_licensing
        from spdx_tools.spdx.validation.license_expression_validator import (
            ExpressionError,
            ExpressionParseError,
            validate_license_expression,
        )

        tree = parse_expression(expression).tree
        if tree is None or any(term.id.startswith("DocumentRef-") for term in terms(tree)):
            return None
        try:
            unknown = set(spdx_licensing.validate(str(tree)).invalid_symbols)
            texts = {term.id: _own(term.id) for term in terms(tree) if term.id in unknown}
            parsed = spdx_licensing.parse(str(_renamed(tree, texts)))
            known: Any = SimpleNamespace(
                extracted_licensing_info=[SimpleNamespace(license_id=own) for own in texts.values()],
                creation_info=SimpleNamespace(external_document_refs=[]),
            )
            if validate_license_expression(parsed, known, "", self.nowhere):
                return None
        except (ExpressionError, ExpressionParseError, AttributeError, ValueError, TypeError):
            return None
        self.used.update(texts.values())
        for id, own in texts.items():
            listed = "" if id == own else f", which is {id} of a later SPDX list than that of the library which wrote this"
            self.texts[own] = f"The text is not in this document, which only names the licence {own}{listed}."
        return parsed

    # --- relationships ---------------------------------------------------------------------------

    def _relationships(self) -> Iterator[Any]:
        graph, types = self.graph, self.model.RelationshipType
        for item in graph.components:
            yield self._relation("SPDXRef-DOCUMENT", types.DESCRIBES, _id(item))
        lead = graph.lead
        for item in graph.components:
            if item.id != lead.id:
                yield self._relation(_id(lead), types.DEPENDS_ON, _id(item), "released together")
        for link in graph.links:
            type, reverse = RELATIONS.get(link.relation, ("DESCENDANT_OF", False))
            output, given = _id(graph.item(link.output)), _id(graph.item(link.input))
            ends: Sequence[str] = (given, output) if reverse else (output, given)
            yield self._relation(ends[0], types[type], ends[1], link.relation)
        for item in graph.items:
            for id in dict.fromkeys(link.input for link in graph.made_from(item.id)):
                yield self._relation(_id(item), types.DEPENDS_ON, _id(graph.item(id)))

    def _relation(self, source: str, type: Any, target: str, comment: str | None = None) -> Any:
        return self.model.Relationship(source, type, target, comment)


def _id(item: Item) -> str:
    return f"SPDXRef-{item.id.replace(':', '-')}"


def _own(id: str) -> str:
    return id if id.startswith("LicenseRef-") else f"LicenseRef-{id.rstrip('+')}"


def _renamed(tree: Term | Compound, names: dict[str, str]) -> Term | Compound:
    if isinstance(tree, Term):
        return Term(names.get(tree.id, tree.id), tree.or_later, tree.addition)
    return Compound(tree.operator, tuple(_renamed(part, names) for part in tree.parts))


def _amount(link: Link) -> str:
    return canon.canonical({"relation": link.relation, "input": link.input, "amount": dict(link.amount or {})}).decode("utf-8")
