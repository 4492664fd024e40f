"""The rules by their numbers: what each asks, why, and where it is from. docs/concepts/checking-boms.md has the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_CDX = "CycloneDX 1.4 to 1.7"
_SPDX2 = "SPDX 2.2, 2.3"
_SPDX3 = "SPDX 3.0.1"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        formats: the documents that it is for.
        asks: what has to hold, in one line.
        why: what goes wrong where it does not.
        source: where it is from.
    """

    id: str
    formats: str
    asks: str
    why: str
    source: str


_ALL = (
    Rule(
        "S1",
        "all",
        "the document has the shape of its format's official JSON schema, formats of values included",
        "Programs that read such documents refuse, or skip without a word, what has another shape.",
        "bom-1.4 to bom-1.7.schema.json; spdx-schema 2.2, 2.3 and 3.0.1",
    ),
    Rule(
        "C1",
        _CDX,
        "every bom-ref stands once",
        "A reference to a name that two things have can be read either way.",
        "CycloneDX, `bom-ref`: must be unique within the BOM",
    ),
    Rule(
        "C2",
        _CDX,
        "every reference leads to a bom-ref, and every pointer of a citation to a place",
        "A dataset that is named but not in the document looks as if it were described.",
        "CycloneDX, `refLinkType` and `citations`",
    ),
    Rule(
        "C3",
        _CDX,
        "licence ids are on the SPDX list, spelled as there, and licence expressions parse",
        "What is no expression is read as no licence, or as any.",
        "CycloneDX, `licenseChoice`; SPDX 3.0.1, annex on licence expressions; the SPDX list that this program carries",
    ),
    Rule(
        "C4",
        _CDX,
        "every hash is lower-case hex, as long as its algorithm's are",
        "A cut or mislabelled digest can be compared with nothing.",
        "CycloneDX, `hash-alg`; FIPS 180-4 and 202, RFC 7693, RFC 6986",
    ),
    Rule(
        "C5",
        _CDX,
        "every purl parses, and every SWHID",
        "Vulnerability and licence services look components up by them.",
        "ECMA-427 (package URL); ISO/IEC 18670 (SWHID)",
    ),
    Rule(
        "C6",
        _CDX,
        "a model card stands only on a component of type machine-learning-model",
        "The format has it there only: who follows the format looks nowhere else.",
        "CycloneDX, `modelCard`: must not be specified for other component types",
    ),
    Rule(
        "C7",
        _CDX,
        "a component of type data has a `data` block that says what is in it, and no other has one",
        "A dataset without one is a name; some readers count it as no dataset at all.",
        "CycloneDX, `data`: must not be specified for other component types",
    ),
    Rule(
        "P1",
        _SPDX2,
        "the document has its id, namespace and licence, and says what it describes",
        "Its elements are named by namespace and id; without a described element nobody knows what the document is about.",
        "SPDX 2.3, clause 6 and 11",
    ),
    Rule(
        "P2",
        _SPDX2,
        "every element has a well-formed SPDXID that no other one has",
        "A reference to an id that two elements have can be read either way.",
        "SPDX 2.3, clauses 6.3, 7.2, 8.2 and 9.1",
    ),
    Rule(
        "P3",
        _SPDX2,
        "every relationship and reference leads to an element",
        "Lineage that leads nowhere cannot be followed.",
        "SPDX 2.3, clause 11",
    ),
    Rule(
        "P4",
        _SPDX2,
        "licence expressions parse, and every LicenseRef has its text",
        "What is no expression is read as no licence, or as any; a reference without text says nothing.",
        "SPDX 2.3, clause 10 and annex D; the SPDX list that this program carries",
    ),
    Rule(
        "P5",
        _SPDX2,
        "every checksum is lower-case hex, as long as its algorithm's are",
        "A cut or mislabelled digest can be compared with nothing.",
        "SPDX 2.3, clauses 7.10 and 8.4",
    ),
    Rule(
        "P6",
        _SPDX2,
        "every purl in an external reference parses",
        "Vulnerability and licence services look packages up by them.",
        "SPDX 2.3, annex F; ECMA-427 (package URL)",
    ),
    Rule(
        "P7",
        _SPDX2,
        "the validator of spdx-tools says nothing",
        "It is the SPDX project's own validator in Python.",
        "spdx-tools 0.8",
    ),
    Rule(
        "R1",
        _SPDX3,
        "every AI package and every dataset package has the five properties that its profile makes mandatory",
        "Neither the schema, the shapes nor the bindings ask for them.",
        "SPDX 3.0.1, classes AIPackage and DatasetPackage",
    ),
    Rule(
        "R2",
        _SPDX3,
        "every AI package and every dataset package has exactly one declared and one concluded licence",
        "Both profiles ask for it, and two answers to one question are none.",
        "SPDX 3.0.1, profile conformance of AI and Dataset",
    ),
    Rule(
        "R3",
        _SPDX3,
        "licence expressions parse, and every LicenseRef is mapped to what it stands for",
        "What is no expression is read as no licence, or as any; a reference without text says nothing.",
        "SPDX 3.0.1, LicenseExpression and annex on licence expressions; the SPDX list that this program carries",
    ),
    Rule(
        "R4",
        _SPDX3,
        "every hash is lower-case hex, as long as its algorithm's are",
        "A cut or mislabelled digest can be compared with nothing.",
        "SPDX 3.0.1, HashAlgorithm",
    ),
    Rule(
        "R5",
        _SPDX3,
        "every id that is referred to is that of one element here, or is imported",
        "Lineage that leads nowhere cannot be followed.",
        "SPDX 3.0.1, ExternalMap and serializations",
    ),
    Rule(
        "R6",
        _SPDX3,
        "there is one SpdxDocument",
        "Two say different things about the same elements, such as which profiles they conform to.",
        "SPDX 3.0.1, class SpdxDocument",
    ),
    Rule(
        "R7",
        _SPDX3,
        "a collection with elements says which is its root",
        "Without it nobody knows what the document is about.",
        "SPDX 3.0.1, class ElementCollection",
    ),
    Rule(
        "R8",
        _SPDX3,
        "relationships are from and to elements of the classes that they are for",
        "A model that was trained on an organisation says nothing about data.",
        "SPDX 3.0.1, RelationshipType",
    ),
    Rule(
        "R9",
        _SPDX3,
        "every AI package and every dataset package has a digest, or says that its bytes are not disclosed",
        "Without one, what is described cannot be told from anything else of that name.",
        "ours: a name is no evidence. Not disclosed: a download location NOASSERTION or NONE, or property `openness-ledger:undisclosed`",
    ),
    Rule(
        "R10",
        _SPDX3,
        "beside every lineage edge there is a structural one",
        "Who follows the structure does not reach what only `trainedOn` leads to: ntia-conformance-checker calls it floating.",
        "ours, from what ntia-conformance-checker 6.0 follows",
    ),
    Rule(
        "R11",
        _SPDX3,
        "nothing was created after the document was signed",
        "A time after the signature was not there when it was made.",
        "ours; SPDX 3.0.1, CreationInfo",
    ),
    Rule(
        "R12",
        _SPDX3,
        "only profiles are claimed whose rules hold",
        "A claim of conformance is what a reader goes by who does not check.",
        "SPDX 3.0.1, profileConformance and the conformance sections of AI, Dataset, Build and Lite; others ask for what the schema does",
    ),
)

RULES: Mapping[str, Rule] = {rule.id: rule for rule in _ALL}
