"""What SPDX 3.0.1's model says of classes, references and relationships, and a document's elements by their ids.

The tables are facts of the model (spdx-3-model 3.0.1: classes, ranges of properties, and the texts of RelationshipType).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.bom.reading import Node, nodes
from ledger.bom.report import step

# class: the class above it. Only those from which a rule needs a way up.
PARENTS: Mapping[str, str] = {
    **dict.fromkeys(("Organization", "Person", "SoftwareAgent"), "Agent"),
    "software_SoftwareArtifact": "Artifact",
    "security_Vulnerability": "Artifact",
    **dict.fromkeys(("software_Package", "software_File", "software_Snippet"), "software_SoftwareArtifact"),
    **dict.fromkeys(("ai_AIPackage", "dataset_DatasetPackage"), "software_Package"),
    **dict.fromkeys(("SpdxDocument", "Bundle"), "ElementCollection"),
    "Bom": "Bundle",
    "software_Sbom": "Bom",
    "LifecycleScopedRelationship": "Relationship",
    "security_VulnAssessmentRelationship": "Relationship",
    **dict.fromkeys(
        (
            *(f"security_Cvss{version}VulnAssessmentRelationship" for version in ("V2", "V3", "V4")),
            *(f"security_{name}VulnAssessmentRelationship" for name in ("Epss", "ExploitCatalog", "Ssvc", "Vex")),
        ),
        "security_VulnAssessmentRelationship",
    ),
    **dict.fromkeys(
        (f"security_Vex{name}VulnAssessmentRelationship" for name in ("Affected", "Fixed", "NotAffected", "UnderInvestigation")),
        "security_VexVulnAssessmentRelationship",
    ),
    **dict.fromkeys(
        (
            "simplelicensing_LicenseExpression",
            "expandedlicensing_ConjunctiveLicenseSet",
            "expandedlicensing_DisjunctiveLicenseSet",
            "expandedlicensing_ExtendableLicense",
            "expandedlicensing_IndividualLicensingInfo",
            "expandedlicensing_WithAdditionOperator",
        ),
        "simplelicensing_AnyLicenseInfo",
    ),
    **dict.fromkeys(("expandedlicensing_License", "expandedlicensing_OrLaterOperator"), "expandedlicensing_ExtendableLicense"),
    **dict.fromkeys(("expandedlicensing_CustomLicense", "expandedlicensing_ListedLicense"), "expandedlicensing_License"),
}
# Properties whose values are ids of elements.
REFERENCES = frozenset(
    {
        *("createdBy", "createdUsing", "creationInfo", "element", "rootElement", "from", "to", "dataLicense", "suppliedBy", "originatedBy"),
        *("subject", "definingArtifact", "security_assessedElement", "software_snippetFromFile"),
        *("expandedlicensing_member", "expandedlicensing_subjectLicense", "expandedlicensing_subjectAddition"),
        "expandedlicensing_subjectExtendableLicense",
    }
)
# Elements that every document has, under the names that the context gives them, and their classes.
INDIVIDUALS: Mapping[str, str] = {
    "NoneElement": "IndividualElement",
    "NoAssertionElement": "IndividualElement",
    "SpdxOrganization": "Organization",
    "expandedlicensing_NoneLicense": "expandedlicensing_IndividualLicensingInfo",
    "expandedlicensing_NoAssertionLicense": "expandedlicensing_IndividualLicensingInfo",
}
NOBODY = ("NoneElement", "NoAssertionElement")

LICENSE_INFO = ("simplelicensing_AnyLicenseInfo",)
_VULNERABILITY, _AGENT, _BUILD = ("security_Vulnerability",), ("Agent",), ("build_Build",)
_Classes = tuple[str, ...] | None
# relationship: the classes of `from` and those of each `to`, as the model's text has them; None where it says "Element".
ENDS: Mapping[str, tuple[_Classes, _Classes]] = {
    **dict.fromkeys(("affects", "doesNotAffect", "fixedIn", "hasAssessmentFor", "underInvestigationFor"), (_VULNERABILITY, None)),
    **dict.fromkeys(
        ("coordinatedBy", "exploitCreatedBy", "fixedBy", "foundBy", "publishedBy", "reportedBy", "republishedBy"), (_VULNERABILITY, _AGENT)
    ),
    "hasAssociatedVulnerability": (("Artifact",), _VULNERABILITY),
    **dict.fromkeys(("hasDeclaredLicense", "hasConcludedLicense"), (("software_SoftwareArtifact",), LICENSE_INFO)),
    **dict.fromkeys(("hasHost", "hasInput", "hasOutput"), (_BUILD, None)),
    "invokedBy": (None, _AGENT),
    "delegatedTo": (_AGENT, ("Relationship",)),
    "serializedInArtifact": (("SpdxDocument",), ("Artifact",)),
    **dict.fromkeys(("hasAddedFile", "hasDeletedFile"), (None, ("software_File",))),
    "hasDataFile": (None, ("Artifact",)),
    # The model's text says "Element"; they are from a model to its data, either of which may be there as a file.
    **dict.fromkeys(("trainedOn", "testedOn"), (("ai_AIPackage", "software_File"), ("dataset_DatasetPackage", "software_File"))),
}
# What says where something came from, and what consumers of bills of materials follow from part to part.
LINEAGE = frozenset({"trainedOn", "testedOn", "descendantOf", "ancestorOf", "hasDataFile"})
STRUCTURE = frozenset(
    {
        *("contains", "hasOptionalComponent", "dependsOn", "hasDynamicLink", "hasStaticLink"),
        *("hasPrerequisite", "hasOptionalDependency", "hasProvidedDependency"),
    }
)
PROFILES = frozenset(
    {"ai", "build", "core", "dataset", "expandedLicensing", "extension", "lite", "security", "simpleLicensing", "software"}
)


def is_a(type: Any, wanted: str) -> bool:
    """Whether a class is another one, or below it."""
    while isinstance(type, str):
        if type == wanted:
            return True
        type = PARENTS.get(type)
    return False


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference leads to: an id, or an element that stands there itself."""

    pointer: str
    id: str | None
    inline: dict[str, Any] | None


def targets(value: Any, pointer: str) -> Iterator[Target]:
    """What the value of a reference leads to; whatever is no reference is nothing."""
    items = [(f"{pointer}/{number}", item) for number, item in enumerate(value)] if isinstance(value, list) else [(pointer, value)]
    for place, item in items:
        if isinstance(item, str):
            yield Target(place, item, None)
        elif isinstance(item, dict):
            yield Target(place, _id(item), item)


def _id(value: Mapping[str, Any]) -> str | None:
    found = value.get("spdxId", value.get("@id"))
    return found if isinstance(found, str) else None


class Graph:
    """A document's objects, by id and by class.

    Attributes:
        nodes: every object of the document.
        imported: ids that an ExternalMap says are in other documents.
        repeated: the objects whose id another one before has too.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.nodes = nodes(document)
        self.by_id: dict[str, Node] = {}
        self.repeated: list[Node] = []
        for node in self.nodes:
            id = _id(node.value)
            # An object with nothing but its id is a reference in JSON-LD's longer form.
            if id is None or len(node.value) == 1:
                continue
            if id in self.by_id:
                self.repeated.append(node)
            else:
                self.by_id[id] = node
        external = (node.value.get("externalSpdxId") for node in self.nodes if node.key == "import")
        self.imported = frozenset(item for item in external if isinstance(item, str))
        self._relations = [node for node in self.nodes if is_a(node.value.get("type"), "Relationship")]

    def of(self, wanted: str) -> list[Node]:
        """The objects of a class, or of one below it."""
        return [node for node in self.nodes if is_a(node.value.get("type"), wanted)]

    def relations(self) -> list[Node]:
        """The relationships."""
        return self._relations

    def class_of(self, target: Target) -> str | None:
        """The class of what a reference leads to; None when this document does not have it."""
        if target.inline is not None and len(target.inline) > 1:
            found = target.inline.get("type")
        elif target.id is None:
            found = None
        else:
            node = self.by_id.get(target.id)
            found = node.value.get("type") if node else INDIVIDUALS.get(target.id)
        return found if isinstance(found, str) else None

    def has(self, id: str) -> bool:
        """Whether an id means something in this document."""
        return id in self.by_id or id in self.imported or id in INDIVIDUALS


def ends(node: Node) -> tuple[list[Target], list[Target]]:
    """What a relationship is from, and what it leads to."""
    from_ = targets(node.value.get("from"), step(node.pointer, "from"))
    return list(from_), list(targets(node.value.get("to"), step(node.pointer, "to")))
