"""R1 to R12: what neither the JSON schema nor the bindings nor the SHACL shapes of SPDX 3.0.1 look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ledger.bom import digests
from ledger.bom.reading import Node
from ledger.bom.report import RuleResult, Tally, shown, step
from ledger.bom.spdx3_model import (
    ENDS,
    INDIVIDUALS,
    LICENSE_INFO,
    LINEAGE,
    NOBODY,
    PROFILES,
    REFERENCES,
    STRUCTURE,
    Graph,
    Target,
    ends,
    is_a,
    targets,
)
from ledger.clock import parse_rfc3339
from ledger.errors import LedgerError
from ledger.licenses.expression import parse_expression, terms

_AI, _DATASET = "ai_AIPackage", "dataset_DatasetPackage"
_ASKED: Mapping[str, tuple[str, ...]] = {
    _AI: ("releaseTime", "suppliedBy", "software_downloadLocation", "software_packageVersion", "software_primaryPurpose"),
    _DATASET: ("builtTime", "originatedBy", "releaseTime", "software_downloadLocation", "software_primaryPurpose"),
}
_LICENSES = ("hasDeclaredLicense", "hasConcludedLicense")
_BUILD_EDGES = ("hasInput", "hasOutput", "invokedBy")
_PROFILE_OF = {_AI: "ai", _DATASET: "dataset"}
# The property that says that nobody may have the bytes: SPDX 3 has no field for it, and this extension is its only free key and value.
UNDISCLOSED = "openness-ledger:undisclosed"
_UNSAID = ("NOASSERTION", "NONE")
_TERMS = "https://spdx.org/rdf/3.0.1/terms/"


def check_spdx3(document: dict[str, Any], at: str | None) -> list[RuleResult]:
    """What R1 to R12 come to, in this order.

    Args:
        at: when the document was or will be signed, RFC 3339 in UTC; None when nobody says.
    """
    graph = Graph(document)
    packages = [node for node in graph.nodes if node.value.get("type") in (_AI, _DATASET)]
    unmet: dict[str, list[str]] = defaultdict(list)
    licensed = _by_source(graph)
    first = [_mandatory(packages, unmet), _one_license(packages, licensed, unmet), _expressions(graph), _hashes(graph)]
    middle = [_ids(graph), _one_document(graph), _roots(graph), _classes(graph), _verified(packages), _structure(graph)]
    _build_profile(graph, unmet)
    _lite_profile(graph, licensed, unmet)
    return [*first, *middle, _created(graph, at), _profiles(graph, unmet)]


def _name(node: Node) -> str:
    return shown(node.value.get("name", node.value.get("spdxId")))


def _is_there(value: Any) -> bool:
    return value not in (None, "", [], {})


# --- R1, R2 ------------------------------------------------------------------------------------------


def _mandatory(packages: list[Node], unmet: dict[str, list[str]]) -> RuleResult:
    tally = Tally("R1", ("AI or dataset package", "AI and dataset packages"))
    for node in packages:
        type_ = node.value["type"]
        tally.look()
        for name in _ASKED[type_]:
            if not _is_there(node.value.get(name)):
                tally.bad(node.pointer, f"{_name(node)} has no `{name}`")
                unmet[_PROFILE_OF[type_]].append(f"{_name(node)} has no `{name}`")
        makers = node.value.get("originatedBy")
        if type_ == _DATASET and isinstance(makers, list) and len(makers) > 1:
            tally.bad(step(node.pointer, "originatedBy"), f"{_name(node)} has {len(makers)} originators, and one is asked for")
            unmet["dataset"].append(f"{_name(node)} has {len(makers)} originators")
    return tally.result()


def _by_source(graph: Graph) -> dict[tuple[str, str], list[Node]]:
    """Relationships of licences by what they are from and their type."""
    found: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in graph.relations():
        kind = node.value.get("relationshipType")
        if kind in _LICENSES:
            for source in ends(node)[0]:
                found[source.id or "", kind].append(node)
    return found


def _one_license(packages: list[Node], licensed: Mapping[tuple[str, str], list[Node]], unmet: dict[str, list[str]]) -> RuleResult:
    tally = Tally("R2", ("AI or dataset package", "AI and dataset packages"))
    for node in packages:
        tally.look()
        for kind in _LICENSES:
            why = _license_count(node, kind, licensed)
            if why:
                tally.bad(node.pointer, why)
                unmet[_PROFILE_OF[node.value["type"]]].append(why)
    return tally.result()


def _license_count(node: Node, kind: str, licensed: Mapping[tuple[str, str], list[Node]]) -> str | None:
    id = node.value.get("spdxId")
    found = licensed.get((id, kind), []) if isinstance(id, str) else []
    count = sum(len(ends(item)[1]) for item in found)
    if len(found) == 1 and count == 1:
        return None
    word = "is from it" if len(found) == 1 else "are from it"
    return f"{_name(node)}: {len(found)} `{kind}` {word}, with {count} licences in all; one with one is asked for"


# --- R3, R4 ------------------------------------------------------------------------------------------


def _expressions(graph: Graph) -> RuleResult:
    tally = Tally("R3", ("licence expression", "licence expressions"))
    for node in graph.of("simplelicensing_LicenseExpression"):
        tally.look()
        place = step(node.pointer, "simplelicensing_licenseExpression")
        text = node.value.get("simplelicensing_licenseExpression")
        if not isinstance(text, str):
            tally.bad(place, f"a licence expression is text, not {shown(text)}")
            continue
        read = parse_expression(text)
        if not read.valid:
            tally.bad(place, f"{shown(text)} is no licence expression: {read.problem}")
            continue
        mapped = _mapped(node.value.get("simplelicensing_customIdToUri"))
        for id in custom_ids(read):
            if id not in mapped:
                tally.bad(place, f"`simplelicensing_customIdToUri` does not say what {shown(id)} is")
    return tally.result()


def custom_ids(read: Any) -> list[str]:
    """The `LicenseRef-` and `AdditionRef-` of an expression."""
    if read.tree is None:
        return []
    found = {name for term in terms(read.tree) for name in (term.id, term.addition or "")}
    return sorted(name for name in found if "LicenseRef-" in name or "AdditionRef-" in name)


def _mapped(entries: Any) -> set[str]:
    items = entries if isinstance(entries, list) else []
    found = (item for item in items if isinstance(item, dict) and _is_there(item.get("value")))
    return {item["key"] for item in found if isinstance(item.get("key"), str)}


def _hashes(graph: Graph) -> RuleResult:
    tally = Tally("R4", ("hash", "hashes"))
    for node in graph.nodes:
        if node.value.get("type") == "Hash" or ("hashValue" in node.value and "algorithm" in node.value):
            value = node.value.get("hashValue")
            digests.look_at(tally, node.pointer, node.value.get("algorithm"), value, digests.SPDX3, digests.SPDX3_OPEN)
    return tally.result()


# --- R5 to R7 ----------------------------------------------------------------------------------------


def _ids(graph: Graph) -> RuleResult:
    tally = Tally("R5", ("reference", "references"))
    for node in graph.nodes:
        for name, value in node.value.items():
            if name in REFERENCES:
                for target in targets(value, step(node.pointer, name)):
                    _resolves(graph, target, tally)
        if node.key == "simplelicensing_customIdToUri":
            for target in targets(node.value.get("value"), step(node.pointer, "value")):
                _resolves(graph, target, tally)
    for node in graph.repeated:
        tally.bad(node.pointer, f"another element has its id: {shown(node.value.get('spdxId', node.value.get('@id')))}")
    return tally.result()


def _resolves(graph: Graph, target: Target, tally: Tally) -> None:
    if target.id is None:
        return
    tally.look()
    if graph.has(target.id):
        return
    if target.id.startswith(_TERMS) and (short := _compact(target.id)) in INDIVIDUALS:
        tally.bad(target.pointer, f"{shown(target.id)} is written in full; readers know it as `{short}`")
    else:
        tally.bad(target.pointer, f"no element here has the id {shown(target.id)}, and no import names it")


def _compact(iri: str) -> str:
    room, _, name = iri.removeprefix(_TERMS).partition("/")
    return name if room == "Core" else f"{room.lower()}_{name}"


def _one_document(graph: Graph) -> RuleResult:
    tally = Tally("R6", ("SpdxDocument", "SpdxDocuments"))
    found = graph.of("SpdxDocument")
    tally.look(len(found))
    for node in found[1:]:
        tally.bad(node.pointer, f"there are {len(found)} elements of class SpdxDocument, and a file has one")
    if not found:
        tally.bad("", "no element is of class SpdxDocument, and a file has one")
    return tally.result()


def _roots(graph: Graph) -> RuleResult:
    tally = Tally("R7", ("collection", "collections"))
    for node in graph.of("ElementCollection"):
        tally.look()
        if _is_there(node.value.get("element")) and not _is_there(node.value.get("rootElement")):
            tally.bad(node.pointer, f"the {node.value['type']} {_name(node)} has elements, and no `rootElement`")
    return tally.result()


# --- R8 to R10 ---------------------------------------------------------------------------------------


def _classes(graph: Graph) -> RuleResult:
    tally = Tally("R8", ("relationship with classes of its own", "relationships with classes of their own"))
    for node in graph.relations():
        kind = node.value.get("relationshipType")
        wanted = ENDS.get(kind) if isinstance(kind, str) else None
        if wanted is None:
            continue
        tally.look()
        for side, items, class_ in zip(("from", "to"), ends(node), wanted, strict=True):
            for target in items if class_ else ():
                _is_of(graph, target, class_ or (), f"`{kind}` is {side}", tally)
    return tally.result()


def _is_of(graph: Graph, target: Target, wanted: tuple[str, ...], words: str, tally: Tally) -> None:
    found = graph.class_of(target)
    if target.id in NOBODY and wanted != LICENSE_INFO:
        return
    if found is None:
        # What is not there at all is R5's.
        if target.id in graph.imported:
            tally.open(target.pointer, f"the class of {shown(target.id)} is in another document, which was not looked at")
    elif not any(is_a(found, item) for item in wanted):
        tally.bad(target.pointer, f"{words} {shown(found)} here, and {' or '.join(f'`{item}`' for item in wanted)} is meant")


def _verified(packages: list[Node]) -> RuleResult:
    tally = Tally("R9", ("AI or dataset package", "AI and dataset packages"))
    for node in packages:
        tally.look()
        if not _is_there(node.value.get("verifiedUsing")) and not _undisclosed(node.value):
            tally.bad(node.pointer, f"{_name(node)} has no `verifiedUsing`, and nothing says that its bytes are not disclosed")
    return tally.result()


def _undisclosed(package: Mapping[str, Any]) -> bool:
    """Whether a package says that its bytes cannot be had: no download location, or our own property."""
    if package.get("software_downloadLocation") in _UNSAID:
        return True
    extensions = package.get("extension")
    for extension in extensions if isinstance(extensions, list) else ():
        entries = extension.get("extension_cdxProperty") if isinstance(extension, dict) else None
        for entry in entries if isinstance(entries, list) else ():
            if (
                isinstance(entry, dict)
                and entry.get("extension_cdxPropName") == UNDISCLOSED
                and _is_there(entry.get("extension_cdxPropValue"))
            ):
                return True
    return False


def _structure(graph: Graph) -> RuleResult:
    tally = Tally("R10", ("lineage edge", "lineage edges"))
    whole: set[tuple[str, str]] = set()
    lineage: list[tuple[str, str, str, str]] = []
    for node in graph.relations():
        kind = node.value.get("relationshipType")
        if not isinstance(kind, str) or kind not in LINEAGE | STRUCTURE | {"packagedBy"}:
            continue
        sources, found = ends(node)
        for source in sources:
            for target in found:
                if source.id is None or target.id is None or target.id in NOBODY:
                    continue
                one, other = (target.id, source.id) if kind == "ancestorOf" else (source.id, target.id)
                if kind in LINEAGE:
                    lineage.append((target.pointer, kind, one, other))
                else:
                    whole |= {(one, other), (other, one)} if kind == "packagedBy" else {(one, other)}
    for pointer, kind, one, other in lineage:
        tally.look()
        if (one, other) not in whole:
            tally.bad(pointer, f"`{kind}` and no `dependsOn` or `contains` from {shown(one)} to {shown(other)}: it floats")
    return tally.result()


# --- R11, R12 ----------------------------------------------------------------------------------------


def _created(graph: Graph, at: str | None) -> RuleResult:
    tally = Tally("R11", ("creation time", "creation times"))
    for node in graph.nodes:
        created = node.value.get("created")
        if node.value.get("type") != "CreationInfo" and created is None:
            continue
        tally.look()
        pointer = step(node.pointer, "created")
        try:
            moment = parse_rfc3339(created) if isinstance(created, str) else None
        except LedgerError:
            moment = None
        if moment is None:
            tally.open(pointer, f"{shown(created)} is no time in UTC with whole seconds")
        elif at is None:
            tally.open(pointer, "nobody said when the document was signed")
        elif moment > parse_rfc3339(at):
            tally.bad(pointer, f"created at {created}, which is after {at}")
    return tally.result()


def _build_profile(graph: Graph, unmet: dict[str, list[str]]) -> None:
    scoped: dict[str, set[str]] = defaultdict(set)
    for node in graph.of("LifecycleScopedRelationship"):
        if node.value.get("scope") == "build" and isinstance(node.value.get("relationshipType"), str):
            for source in ends(node)[0]:
                scoped[source.id or ""].add(node.value["relationshipType"])
    for node in graph.of("build_Build"):
        for kind in _BUILD_EDGES:
            if kind not in scoped[str(node.value.get("spdxId"))]:
                unmet["build"].append(f"no `{kind}` with scope build is from {shown(node.value.get('spdxId'))}")


def _lite_profile(graph: Graph, licensed: Mapping[tuple[str, str], list[Node]], unmet: dict[str, list[str]]) -> None:
    found = unmet["lite"]
    for node in graph.of("software_Package"):
        names = ("software_copyrightText", "software_packageVersion", "suppliedBy")
        found.extend(f"{_name(node)} has no `{name}`" for name in names if not _is_there(node.value.get(name)))
        if not any(_is_there(node.value.get(name)) for name in ("software_downloadLocation", "software_packageUrl")):
            found.append(f"{_name(node)} has no `software_downloadLocation` or `software_packageUrl`")
        found.extend(why for kind in _LICENSES if (why := _license_count(node, kind, licensed)))
    for node in graph.of("Agent"):
        if not _is_there(node.value.get("name")):
            found.append(f"{shown(node.value.get('spdxId'))} has no `name`")
    for node in (*graph.of("SpdxDocument"), *graph.of("software_Sbom")):
        found.extend(f"{_name(node)} has no `{name}`" for name in ("element", "rootElement") if not _is_there(node.value.get(name)))


def _profiles(graph: Graph, unmet: Mapping[str, list[str]]) -> RuleResult:
    tally = Tally("R12", ("profile that is claimed", "profiles that are claimed"))
    for node in graph.of("ElementCollection"):
        for target in targets(node.value.get("profileConformance"), step(node.pointer, "profileConformance")):
            tally.look()
            if target.id not in PROFILES:
                tally.bad(target.pointer, f"SPDX 3.0.1 has no profile {shown(target.id)}")
            elif reasons := unmet.get(str(target.id)):
                more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
                tally.bad(target.pointer, f"`{target.id}` is claimed, and {reasons[0]}{more}")
    return tally.result()
