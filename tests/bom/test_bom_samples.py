"""Every document of the reference data, with the verdict that a person wrote down after reading it."""

from __future__ import annotations

import json

import pytest
from bom.bom_making import AT, checked, failing, unsure
from refdata import refdata

from ledger.bom import Report, check_document
from ledger.errors import LedgerError

# What does not hold, and how often; documents that are not listed hold.
SAMPLES: dict[str, dict[str, int]] = {
    "samples/ai-bom-1.6.cdx.json": {},
    "samples/ai-bom-1.7.cdx.json": {},
    # spdx-tools writes PACKAGE_MANAGER, and the schema has PACKAGE-MANAGER.
    "samples/ai-bom.spdx.json": {"S1": 1},
    "samples/ai-bom.spdx3.json": {},
    # Its model has no releaseTime, suppliedBy or version, its dataset no times, originator or purpose; neither has a digest, and both
    # profiles are claimed. Its model file is trained and tested on three files, and uses another, without a structural edge.
    "spdx-examples/ai/example02/spdx3.0/sbom.spdx3.json": {"R1": 7, "R9": 2, "R10": 4, "R12": 2},
    "spdx-examples/dataset/example01/spdx3.0/example01.spdx3.json": {},
}
CONFORMANCE: dict[str, dict[str, int]] = {
    # `requirement-1` and `counterClaim-1` are nowhere defined.
    "valid-attestation-1.7.json": {"C2": 2},
    # A formula and its workflow are both `workflow-1`.
    "valid-citations-1.7.json": {"C1": 1},
    # Component 8 has the type data, and that is all.
    "valid-component-types-1.7.json": {"C7": 1},
    # Of the five, one is the id of a component with `RR` behind it, the others are made up.
    "valid-cryptography-certificate-1.7.json": {"C2": 5},
    # `aes-256-gcm-ref` stands twice, and for no component.
    "valid-cryptography-certificate-advanced-1.7.json": {"C2": 2},
    # `bom-ref-to-…` throughout, and a SHA-256 of 32 digits.
    "valid-cryptography-full-1.7.json": {"C2": 21, "C4": 1},
    "valid-cryptography-full-deprecated-1.7.json": {"C2": 10},
    # The tool that performed the analysis is not in the document.
    "valid-evidence-1.7.json": {"C2": 1},
    # Its components are `component-1`, and the workflows use `component-a` to `component-t`.
    "valid-formulation-1.7.json": {"C2": 18},
}
# Beside the schema, which refuses all of them. Where none is named, the defect is only the schema's.
INVALID: dict[str, set[str]] = {
    "invalid-citations-1.7.json": {"C1"},
    "invalid-dependency-1.7.json": {"C2"},
    **{key: {"C4"} for key in (f"invalid-hash-{name}-1.7.json" for name in ("alg", "md5", "sha1", "sha256", "sha512"))},
    **{key: {"C3"} for key in ("invalid-license-id-1.7.json", "invalid-metadata-license-1.7.json")},
}
OTHERS = {
    "samples/croissant.metadata.json": "seems to be Croissant",
    "samples/datacite.json": "does not say what it is",
    "samples/lineage.prov.json": "does not say what it is",
    "samples/openlineage.json": "does not say what it is",
    "cyclonedx/conformance/1.7/invalid-bomformat-1.7.json": "has `AnotherFormat` as its `bomFormat`",
}


def check(path: str) -> Report:
    return check_document(refdata(*path.split("/")).read_bytes(), what="it", at=AT)


def counts(report: Report) -> dict[str, int]:
    return {item.id: item.count for item in report.of("does-not-hold")}


@pytest.mark.parametrize("path", SAMPLES)
def test_samples_come_to_what_a_reader_finds(path: str) -> None:
    report = check(path)
    assert counts(report) == SAMPLES[path]
    assert unsure(report) == set()


def test_the_conformance_documents_that_the_schema_takes() -> None:
    folder = refdata("cyclonedx", "conformance", "1.7")
    found = {path.name: check(f"cyclonedx/conformance/1.7/{path.name}") for path in sorted(folder.glob("valid-*.json"))}
    assert len(found) == 61
    assert {name: counts(report) for name, report in found.items() if failing(report)} == CONFORMANCE
    assert {name for name, report in found.items() if unsure(report)} == set()


def test_the_conformance_documents_that_the_schema_refuses() -> None:
    names = [path.name for path in sorted(refdata("cyclonedx", "conformance", "1.7").glob("invalid-*.json"))]
    assert len(names) == 29
    names.remove("invalid-bomformat-1.7.json")
    assert {name: failing(check(f"cyclonedx/conformance/1.7/{name}")) for name in names} == {
        name: {"S1"} | INVALID.get(name, set()) for name in names
    }


@pytest.mark.parametrize("path", OTHERS)
def test_what_is_no_bill_of_materials_is_told_apart(path: str) -> None:
    with pytest.raises(LedgerError, match=OTHERS[path]) as error:
        check(path)
    assert error.value.code == "LG1703"


@pytest.mark.parametrize("version", ["1.4", "1.5", "1.6", "1.7"])
def test_each_version_of_cyclonedx_has_its_own_schema(version: str) -> None:
    minimal = {"bomFormat": "CycloneDX", "specVersion": version, "version": 1, "components": [{"type": "data", "name": "x"}]}
    # `data` came with 1.5.
    assert failing(checked(minimal)) == ({"S1", "C7"} if version == "1.4" else {"C7"})


@pytest.mark.parametrize(
    ("document", "code", "words"),
    [
        ({"bomFormat": "CycloneDX", "specVersion": "1.3"}, "LG1704", "CycloneDX `1.3`"),
        ({"bomFormat": "CycloneDX", "specVersion": "2.0"}, "LG1704", "CycloneDX `2.0`"),
        ({"bomFormat": "CycloneDX", "specVersion": 1.6}, "LG1704", "CycloneDX 1.6"),
        ({"bomFormat": "CycloneDX"}, "LG1704", "CycloneDX null"),
        ({"spdxVersion": "SPDX-2.1"}, "LG1704", "SPDX `2.1`"),
        ({"spdxVersion": "2.3"}, "LG1703", "`2.3` as its `spdxVersion`"),
        ({"@context": "https://spdx.org/rdf/3.0.0/spdx-context.jsonld"}, "LG1704", "SPDX of another version"),
        ({"@context": "https://spdx.org/rdf/3.1/spdx-context.jsonld"}, "LG1704", "SPDX of another version"),
        ({"@context": "https://schema.org"}, "LG1703", "JSON-LD"),
        ({"@graph": []}, "LG1703", "without its `@context`"),
        ({"sbom": {}}, "LG1703", "its `sbom`"),
        ({"payloadType": "x"}, "LG1703", "DSSE envelope"),
        ({"bomFormat": "CycloneDX", "spdxVersion": "SPDX-2.3"}, "LG1703", "CycloneDX and SPDX at once"),
        ({}, "LG1703", "does not say what it is"),
        ([], "LG1703", "is a list"),
        ("CycloneDX", "LG1703", "is an? |an object"),
        (None, "LG1703", "is null"),
        (7, "LG1703", "is 7"),
    ],
)
def test_another_kind_or_version_has_its_code(document: object, code: str, words: str) -> None:
    with pytest.raises(LedgerError, match=words) as error:
        checked(document)
    assert error.value.code == code


def test_a_list_of_contexts_is_spdx_3_that_the_schema_refuses() -> None:
    document = json.loads(refdata("samples", "ai-bom.spdx3.json").read_bytes())
    document["@context"] = [document["@context"], {"x": "https://example.org/"}]
    assert failing(checked(document)) == {"S1"}
