"""C1 to C7: what the official validator of CycloneDX does not look at.

The rules hold for 1.4 to 1.7 alike: a property that a version does not have is the schema's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ledger.bom import digests
from ledger.bom.purl import PurlError, parse_purl
from ledger.bom.reading import Node, nodes, texts
from ledger.bom.report import RuleResult, Tally, shown, step
from ledger.licenses import catalogue
from ledger.licenses.expression import parse_expression

# (the name under which an object or its list stands, its property that refers to a bom-ref). From the places of bom-1.7.schema.json
# that have the type `refLinkType`, or in crypto and patents `refType`; a `ref` refers wherever it stands.
REFERENCES = frozenset(
    {
        *(("dependencies", name) for name in ("dependsOn", "provides")),
        *(("taskDependencies", name) for name in ("dependsOn", "provides")),
        *(("runtimeTopology", name) for name in ("dependsOn", "provides")),
        *(("compositions", name) for name in ("assemblies", "dependencies", "vulnerabilities")),
        ("annotations", "subjects"),
        ("identity", "tools"),
        ("attestations", "assessor"),
        *(("map", name) for name in ("requirement", "claims", "counterClaims")),
        ("conformance", "mitigationStrategies"),
        *(("claims", name) for name in ("target", "mitigationStrategies", "evidence", "counterEvidence")),
        ("requirements", "parent"),
        ("levels", "requirements"),
        *(("certificateProperties", name) for name in ("signatureAlgorithmRef", "subjectPublicKeyRef")),
        ("relatedCryptoMaterialProperties", "algorithmRef"),
        ("securedBy", "algorithmRef"),
        ("cipherSuites", "algorithms"),
        *(("ikev2TransformTypes", name) for name in ("encr", "prf", "integ", "ke", "auth")),
        *((name, "algorithm") for name in ("encr", "prf", "integ", "ke", "auth")),
        ("protocolProperties", "cryptoRefArray"),
        ("patentFamilies", "members"),
        *(("patentAssertions", name) for name in ("patentRefs", "asserter")),
        *(("citations", name) for name in ("attributedTo", "process")),
    }
)
# Here an IRI may stand as well as a BOM-Link; only the latter is a reference.
_LINKS = frozenset({("data", "source"), ("data", "destination"), ("externalReferences", "url")})
_BOM_LINK = re.compile(r"urn:cdx:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/([1-9][0-9]{0,17})(?:#(.+))?", re.ASCII | re.DOTALL)
_SWHID = re.compile(r"swh:1:(?:cnt|dir|rel|rev|snp):[0-9a-f]{40}(?:;(?:origin|visit|anchor|path|lines|bytes)=[^\s;]+)*", re.ASCII)
# Objects that only carry names and values of somebody's own.
_OPAQUE = frozenset({"properties", "signature"})


def check_cyclonedx(document: dict[str, Any]) -> list[RuleResult]:
    """What C1 to C7 come to, in this order."""
    # What stands in a property of one's own is no part of the format, so neither is a `ref` in it.
    found = [node for node in nodes(document) if node.key not in _OPAQUE]
    refs, unique = _unique_refs(found)
    components = [node for node in found if _is_component(node)]
    results = [unique, _references(document, found, refs), _licenses(found), _hashes(found), _identifiers(found)]
    return [*results, _model_cards(components), _data(components)]


def _is_component(node: Node) -> bool:
    if node.key in ("components", "ancestors", "descendants", "variants"):
        return True
    return node.key == "component" and node.above in ("metadata", "annotator")


def _unique_refs(found: list[Node]) -> tuple[frozenset[str], RuleResult]:
    tally = Tally("C1", ("bom-ref", "bom-refs"))
    first: dict[str, str] = {}
    for node in found:
        ref = node.value.get("bom-ref")
        if not isinstance(ref, str):
            continue
        tally.look()
        if ref in first:
            tally.bad(step(node.pointer, "bom-ref"), f"{shown(ref)} is the bom-ref of {first[ref] or '/'} too")
        first.setdefault(ref, node.pointer)
    return frozenset(first), tally.result()


# --- C2 ----------------------------------------------------------------------------------------------


def _references(document: dict[str, Any], found: list[Node], refs: frozenset[str]) -> RuleResult:
    tally = Tally("C2", ("reference", "references"))
    own = document.get("serialNumber")
    version = document.get("version", 1)
    itself = (own.removeprefix("urn:uuid:") if isinstance(own, str) else None, str(version) if isinstance(version, int) else None)
    for pointer, ref in _referring(found):
        tally.look()
        link = _BOM_LINK.fullmatch(ref)
        if ref in refs:
            continue
        if link is None:
            tally.bad(pointer, f"no bom-ref is {shown(ref)}")
        elif link.group(1, 2) != itself:
            tally.open(pointer, f"{shown(ref)} leads to another document, which was not looked at")
        elif link[3] is not None and link[3] not in refs:
            tally.bad(pointer, f"{shown(ref)} leads to this document, where no bom-ref is {shown(link[3])}")
    for node in found:
        if node.key == "citations":
            _cited(document, node, tally)
    return tally.result()


def _referring(found: list[Node]) -> Iterator[tuple[str, str]]:
    """Each reference with its pointer."""
    for node in found:
        for name, value in node.value.items():
            if name == "ref" or (node.key, name) in REFERENCES:
                yield from texts(value, step(node.pointer, name))
            elif (node.key, name) in _LINKS:
                yield from ((pointer, text) for pointer, text in texts(value, step(node.pointer, name)) if text.startswith("urn:cdx:"))


def _cited(document: dict[str, Any], node: Node, tally: Tally) -> None:
    """A citation names what it is about by JSON pointers."""
    for pointer, text in texts(node.value.get("pointers"), step(node.pointer, "pointers")):
        tally.look()
        if not _leads_somewhere(document, text):
            tally.bad(pointer, f"nothing is at {shown(text)}")


def _leads_somewhere(value: Any, pointer: str) -> bool:
    if pointer and not pointer.startswith("/"):
        return False
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isascii() and key.isdigit() and len(key) < 10 and int(key) < len(value):
            value = value[int(key)]
        else:
            return False
    return True


# --- C3 to C5 ----------------------------------------------------------------------------------------


def _licenses(found: list[Node]) -> RuleResult:
    tally = Tally("C3", ("licence", "licences"))
    for node in found:
        if node.key == "license" and "id" in node.value:
            tally.look()
            _license_id(tally, step(node.pointer, "id"), node.value["id"])
        if node.key == "licenses" and "expression" in node.value:
            tally.look()
            _expression(tally, step(node.pointer, "expression"), node.value["expression"])
        if node.key == "expressionDetails" and "licenseIdentifier" in node.value:
            tally.look()
            _expression(tally, step(node.pointer, "licenseIdentifier"), node.value["licenseIdentifier"])
    return tally.result()


def _license_id(tally: Tally, pointer: str, id: Any) -> None:
    known = catalogue.entry(id) if isinstance(id, str) else None
    if known is None:
        tally.bad(pointer, f"no licence of the SPDX list {catalogue.list_version()}: {shown(id)}")
    elif known.id != id:
        tally.bad(pointer, f"the SPDX list spells it `{known.id}`, not {shown(id)}")


def _expression(tally: Tally, pointer: str, text: Any) -> None:
    if not isinstance(text, str):
        tally.bad(pointer, f"a licence expression is text, not {shown(text)}")
        return
    read = parse_expression(text)
    if not read.valid:
        tally.bad(pointer, f"{shown(text)} is no licence expression: {read.problem}")


def _hashes(found: list[Node]) -> RuleResult:
    tally = Tally("C4", ("hash", "hashes"))
    for node in found:
        if node.key in ("hashes", "fingerprint") or ("alg" in node.value and "content" in node.value):
            digests.look_at(tally, node.pointer, node.value.get("alg"), node.value.get("content"), digests.CYCLONEDX)
    return tally.result()


def _identifiers(found: list[Node]) -> RuleResult:
    tally = Tally("C5", ("purl or SWHID", "purls and SWHIDs"))
    for node in found:
        if "purl" in node.value:
            tally.look()
            look_at_purl(tally, step(node.pointer, "purl"), node.value["purl"])
        for pointer, text in texts(node.value.get("swhid"), step(node.pointer, "swhid")):
            tally.look()
            if not _SWHID.fullmatch(text):
                tally.bad(pointer, f"no SWHID: {shown(text)}")
    return tally.result()


def look_at_purl(tally: Tally, pointer: str, text: Any) -> None:
    """Judge one package URL."""
    if not isinstance(text, str):
        tally.bad(pointer, f"a purl is text, not {shown(text)}")
        return
    try:
        parse_purl(text)
    except PurlError as error:
        tally.bad(pointer, f"{shown(text)} is no purl: it {error}")


# --- C6 and C7 ---------------------------------------------------------------------------------------


def _model_cards(components: list[Node]) -> RuleResult:
    tally = Tally("C6", ("model card", "model cards"))
    for node in components:
        if "modelCard" in node.value:
            tally.look()
            if node.value.get("type") != "machine-learning-model":
                tally.bad(step(node.pointer, "modelCard"), f"a model card on a component of type {shown(node.value.get('type'))}")
    return tally.result()


def _data(components: list[Node]) -> RuleResult:
    tally = Tally("C7", ("dataset component", "dataset components"))
    for node in components:
        data = node.value.get("data")
        if node.value.get("type") == "data":
            tally.look()
            if not isinstance(data, list) or not any(isinstance(item, dict) and item.get("type") for item in data):
                tally.bad(node.pointer, f"the dataset {shown(node.value.get('name'))} has no `data` that says what is in it")
        elif "data" in node.value:
            tally.look()
            tally.bad(step(node.pointer, "data"), f"`data` on a component of type {shown(node.value.get('type'))}")
    return tally.result()
