"""P1 to P7: what the JSON schema of SPDX 2.2 and 2.3 does not look at, and what `spdx-tools` says of a document."""

from __future__ import annotations

import re
from typing import Any

from ledger.bom import digests
from ledger.bom.cyclonedx_rules import look_at_purl
from ledger.bom.reading import Node, nodes, texts
from ledger.bom.report import COULD_NOT_TELL, RuleResult, Tally, message, shown, step
from ledger.bom.spdx3_rules import custom_ids
from ledger.errors import LedgerError
from ledger.licenses import catalogue
from ledger.licenses.expression import parse_expression

DOCUMENT_ID = "SPDXRef-DOCUMENT"
_ID = re.compile(r"SPDXRef-[A-Za-z0-9.-]+", re.ASCII)
_NAMESPACE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s#]+", re.ASCII)
_UNSAID = ("NONE", "NOASSERTION")
_LICENSES = ("licenseConcluded", "licenseDeclared", "licenseInfoFromFiles", "licenseInfoInFiles", "licenseInfoInSnippets")
_UNKNOWN_TO_TOOLS = re.compile(r"Unrecognized license reference: (\S+)\. ")
# What spdx-tools is asked: it compares each reference with every element, and its patterns go back and forth over long lines.
_MOST_COMPARISONS = 20_000_000
_LONGEST_LINE = 4096
_PROSE = frozenset(
    {
        *("attributionTexts", "comment", "copyrightText", "description", "extractedText", "licenseComments", "licenseText", "noticeText"),
        *("sourceInfo", "summary"),
    }
)
# Elements with an id of their own: the document and what stands in these lists.
_ELEMENTS = ("packages", "files", "snippets")


def check_spdx2(document: dict[str, Any]) -> list[RuleResult]:
    """What P1 to P7 come to, in this order."""
    found = nodes(document)
    elements = [node for node in found if node.pointer == "" or (node.key in _ELEMENTS and node.above == "")]
    first = [_one_document(document, found), _unique_ids(elements), _references(document, found, elements)]
    return [*first, _licenses(document, found), _checksums(found), _purls(found), _tools(document, found, len(elements))]


# --- P1, P2 ------------------------------------------------------------------------------------------


def _one_document(document: dict[str, Any], found: list[Node]) -> RuleResult:
    tally = Tally("P1", ("document", "documents"))
    tally.look()
    if document.get("SPDXID") != DOCUMENT_ID:
        tally.bad("/SPDXID", f"a document's id is `{DOCUMENT_ID}`, not {shown(document.get('SPDXID'))}")
    if document.get("dataLicense") != "CC0-1.0":
        tally.bad("/dataLicense", f"a document is under `CC0-1.0`, not {shown(document.get('dataLicense'))}")
    namespace = document.get("documentNamespace")
    if not isinstance(namespace, str) or not _NAMESPACE.fullmatch(namespace):
        tally.bad("/documentNamespace", f"a namespace is an absolute URI without `#`, not {shown(namespace)}")
    if not _describes(document, found):
        tally.bad("", "nothing says what the document describes: no `documentDescribes`, no DESCRIBES, and not a single package")
    return tally.result()


def _describes(document: dict[str, Any], found: list[Node]) -> bool:
    packages = document.get("packages")
    alone = isinstance(packages, list) and len(packages) == 1 and not document.get("files") and not document.get("snippets")
    if alone or texts(document.get("documentDescribes"), ""):
        return True
    wanted = {("DESCRIBES", "spdxElementId"), ("DESCRIBED_BY", "relatedSpdxElement")}
    relations = [node.value for node in found if node.key == "relationships"]
    return any(item.get("relationshipType") == kind and item.get(side) == DOCUMENT_ID for item in relations for kind, side in wanted)


def _unique_ids(elements: list[Node]) -> RuleResult:
    tally = Tally("P2", ("element", "elements"))
    first: dict[str, str] = {}
    for node in elements:
        tally.look()
        id, place = node.value.get("SPDXID"), step(node.pointer, "SPDXID")
        if not isinstance(id, str) or not _ID.fullmatch(id):
            tally.bad(place, f"an id is `SPDXRef-` and letters, digits, dots or dashes, not {shown(id)}")
        elif id in first:
            tally.bad(place, f"{shown(id)} is the id of {first[id] or '/'} too")
        else:
            first[id] = node.pointer
    return tally.result()


# --- P3 ----------------------------------------------------------------------------------------------


def _external(document: dict[str, Any]) -> frozenset[str]:
    """The ids of other documents that this one may refer to."""
    refs = document.get("externalDocumentRefs")
    items = refs if isinstance(refs, list) else []
    found = (item.get("externalDocumentId") for item in items if isinstance(item, dict))
    return frozenset(id for id in found if isinstance(id, str))


def _references(document: dict[str, Any], found: list[Node], elements: list[Node]) -> RuleResult:
    tally = Tally("P3", ("reference", "references"))
    ids = {id for node in elements if isinstance(id := node.value.get("SPDXID"), str)}
    others = _external(document)
    for node in found:
        names: tuple[str, ...] = ()
        if node.key == "relationships" and node.above == "":
            names = ("spdxElementId", "relatedSpdxElement")
        elif node.key == "snippets":
            names = ("snippetFromFile",)
        elif node.key in ("startPointer", "endPointer"):
            names = ("reference",)
        elif node.pointer == "":
            names = ("documentDescribes",)
        elif node.key == "packages":
            names = ("hasFiles",)
        for name in names:
            for pointer, id in texts(node.value.get(name), step(node.pointer, name)):
                tally.look()
                _resolves(tally, pointer, id, ids, others, name == "relatedSpdxElement")
    return tally.result()


def _resolves(tally: Tally, pointer: str, id: str, ids: set[str], others: frozenset[str], may_be_unsaid: bool) -> None:
    document, colon, _ = id.partition(":")
    if id in ids or (may_be_unsaid and id in _UNSAID):
        return
    if colon and document in others:
        tally.open(pointer, f"{shown(id)} is in another document, which was not looked at")
    elif colon:
        tally.bad(pointer, f"`externalDocumentRefs` does not say what {shown(document)} is")
    else:
        tally.bad(pointer, f"no element here has the id {shown(id)}")


# --- P4 to P6 ----------------------------------------------------------------------------------------


def _licenses(document: dict[str, Any], found: list[Node]) -> RuleResult:
    tally = Tally("P4", ("licence", "licences"))
    infos = [node.value for node in found if node.key == "hasExtractedLicensingInfos" and node.above == ""]
    known = {item["licenseId"] for item in infos if isinstance(item.get("licenseId"), str) and item.get("extractedText")}
    others = _external(document)
    for node in found:
        for name in _LICENSES:
            for pointer, text in texts(node.value.get(name), step(node.pointer, name)):
                tally.look()
                read = parse_expression(text)
                if not read.valid:
                    tally.bad(pointer, f"{shown(text)} is no licence expression: {read.problem}")
                for id in custom_ids(read):
                    document_id, colon, _ = id.partition(":")
                    if (document_id not in others) if colon else (id not in known):
                        tally.bad(pointer, f"the text of {shown(id)} is not in `hasExtractedLicensingInfos`, nor in a document named")
    return tally.result()


def _checksums(found: list[Node]) -> RuleResult:
    tally = Tally("P5", ("checksum", "checksums"))
    for node in found:
        if "checksumValue" in node.value or node.key == "checksums":
            value = node.value.get("checksumValue")
            digests.look_at(tally, node.pointer, node.value.get("algorithm"), value, digests.SPDX2, digests.SPDX2_OPEN)
        code = node.value.get("packageVerificationCodeValue")
        if code is not None:
            digests.look_at(tally, step(node.pointer, "packageVerificationCodeValue"), "SHA1", code, digests.SPDX2)
    return tally.result()


def _purls(found: list[Node]) -> RuleResult:
    tally = Tally("P6", ("purl", "purls"))
    for node in found:
        if node.key == "externalRefs" and node.value.get("referenceType") == "purl":
            tally.look()
            look_at_purl(tally, step(node.pointer, "referenceLocator"), node.value.get("referenceLocator"))
    return tally.result()


# --- P7 ----------------------------------------------------------------------------------------------


def _tools(document: dict[str, Any], found: list[Node], elements: int) -> RuleResult:
    """What the validator of `spdx-tools` says; it has no pointers, so its messages stand at the document."""
    tally = Tally("P7", ("document", "documents"))
    tally.look()
    references = sum(node.key in ("relationships", "annotations", "snippets") for node in found)
    references += sum(len(texts(node.value.get(name), "")) for node in found for name in ("hasFiles", "documentDescribes"))
    if references * (references + elements) > _MOST_COMPARISONS:
        return RuleResult("P7", COULD_NOT_TELL, f"too large for spdx-tools: {references} references among {elements} elements")
    for node in found:
        for name, value in node.value.items():
            if name not in _PROSE and any(len(text) > _LONGEST_LINE for _, text in texts(value, "")):
                return RuleResult("P7", COULD_NOT_TELL, f"too long for spdx-tools: a text of more than {_LONGEST_LINE} characters")
    try:
        messages = _messages(document)
    except LedgerError as error:
        return RuleResult("P7", COULD_NOT_TELL, error.message)
    for text in messages:
        unknown = _UNKNOWN_TO_TOOLS.match(text)
        if unknown and catalogue.entry(unknown[1]) is not None:
            tally.open("", f"spdx-tools does not know {shown(unknown[1])}, which is on the SPDX list {catalogue.list_version()}")
        else:
            tally.bad("", f"spdx-tools: {message(text)}")
    return tally.result()


def _messages(document: dict[str, Any]) -> list[str]:
    # Imported when it is asked: it takes half a second.
    from spdx_tools.spdx.parser.error import SPDXParsingError
    from spdx_tools.spdx.parser.jsonlikedict import json_like_dict_parser
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    parser: Any = json_like_dict_parser
    try:
        read = parser.JsonLikeDictParser().parse(document)
        return [str(item.validation_message) for item in validate_full_spdx_document(read)]
    except SPDXParsingError as error:
        told: Any = error
        return [str(item) for item in told.get_messages()]
    except Exception as error:  # noqa: BLE001 - its readers fail in their own ways where the document's shape is another
        raise LedgerError("LG1708", f"spdx-tools ends on it with {type(error).__name__}") from None
