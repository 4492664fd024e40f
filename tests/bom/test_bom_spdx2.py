"""P1 to P7: one defect each. spdx-tools looks at some of it too: where P7 is listed, that is what it says."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from bom.bom_making import Change, changed, checked, failing, spdx2, unsure


def package(document: dict[str, Any], id: str = "SPDXRef-DatasetA") -> dict[str, Any]:
    return next(item for item in document["packages"] if item["SPDXID"] == id)


def put(name: str, value: Any, id: str = "SPDXRef-DatasetA") -> Change:
    return lambda document: package(document, id).__setitem__(name, value)


def relate(kind: str, from_: str, to: str) -> Change:
    made = {"relationshipType": kind, "spdxElementId": from_, "relatedSpdxElement": to}
    return lambda document: document["relationships"].append(made)


def describes_nothing(document: dict[str, Any]) -> None:
    document["relationships"] = [item for item in document["relationships"] if item["relationshipType"] != "DESCRIBES"]


def twice(document: dict[str, Any]) -> None:
    document["packages"].append(copy.deepcopy(package(document)))


def purl(text: str) -> Change:
    item = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": text}
    return put("externalRefs", [item])


SHA = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
DEFECTS: dict[str, tuple[set[str], Change]] = {
    "another licence of the document": ({"P1", "P7"}, lambda d: d.__setitem__("dataLicense", "MIT")),
    "a namespace with a fragment": ({"P1", "P7"}, lambda d: d.__setitem__("documentNamespace", "https://ledger.example/x#y")),
    "a relative namespace": ({"P1", "P7"}, lambda d: d.__setitem__("documentNamespace", "x")),
    "nothing is described": ({"P1", "P7"}, describes_nothing),
    # Its reader looks elements up by id and takes the last.
    "an id twice": ({"P2", "P7"}, twice),
    "an id with a blank": ({"P2", "P7"}, lambda d: d["packages"].append({**package(d), "SPDXID": "SPDXRef-a b", "name": "x"})),
    "a relationship to nothing": ({"P3", "P7"}, relate("DEPENDS_ON", "SPDXRef-Model", "SPDXRef-Nothing")),
    "a relationship from nothing": ({"P3", "P7"}, relate("DEPENDS_ON", "SPDXRef-Nothing", "SPDXRef-Model")),
    "a document that is not named": ({"P3", "P7"}, relate("DEPENDS_ON", "SPDXRef-Model", "DocumentRef-x:SPDXRef-y")),
    "an operator at the end": ({"P4", "P7"}, put("licenseDeclared", "MIT AND")),
    "an unknown id": ({"P4", "P7"}, put("licenseDeclared", "llama3.1")),
    "a reference without a text": ({"P4", "P7"}, put("licenseConcluded", "LicenseRef-nothing")),
    "a reference with an empty text": ({"P4", "P7"}, lambda d: d["hasExtractedLicensingInfos"][0].__setitem__("extractedText", "")),
    "a checksum in upper case": ({"P5", "P7"}, put("checksums", [{"algorithm": "SHA256", "checksumValue": SHA.upper()}])),
    "a checksum of another length": ({"P5", "P7"}, put("checksums", [{"algorithm": "SHA512", "checksumValue": SHA}])),
    "no purl": ({"P6", "P7"}, purl("npm/x")),
    # What follows `pkg:` is nothing that it reads.
    "a purl without a name": ({"P6"}, purl("pkg:generic/?x=y")),
    "a location that only spdx-tools refuses": ({"P7"}, put("downloadLocation", "s3://bucket/data")),
    "a name of a supplier without its kind": ({"P7"}, put("supplier", "Acme")),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_one_defect_breaks_its_rule(name: str) -> None:
    rules, change = DEFECTS[name]
    report = checked(changed(spdx2(), change))
    assert failing(report) == rules
    assert unsure(report) == set()
    assert all(report.result(rule).reason for rule in rules)


def test_every_rule_has_a_defect() -> None:
    assert set().union(*(rules for rules, _ in DEFECTS.values())) == {f"P{number}" for number in range(1, 8)}


def test_the_sample_holds_when_one_word_is_spelled_as_the_schema_has_it() -> None:
    report = checked(spdx2())
    assert report.outcome == "holds"
    assert [item.id for item in report.results] == ["S1", *(f"P{number}" for number in range(1, 8))]


def test_it_holds_as_2_2_too_but_for_what_2_2_does_not_have() -> None:
    def older(document: dict[str, Any]) -> None:
        document["spdxVersion"] = "SPDX-2.2"
        for item in document["packages"]:
            for name in ("builtDate", "releaseDate", "primaryPackagePurpose"):
                del item[name]

    report = checked(changed(spdx2(), older))
    assert (report.version, report.outcome) == ("2.2", "holds")


def test_an_element_of_a_named_document_cannot_be_told() -> None:
    def change(document: dict[str, Any]) -> None:
        checksum = {"algorithm": "SHA1", "checksumValue": "5f" * 20}
        document["externalDocumentRefs"] = [
            {"externalDocumentId": "DocumentRef-x", "spdxDocument": "https://elsewhere.example/x", "checksum": checksum}
        ]
        relate("DEPENDS_ON", "SPDXRef-Model", "DocumentRef-x:SPDXRef-y")(document)
        package(document)["licenseDeclared"] = "DocumentRef-x:LicenseRef-z"

    report = checked(changed(spdx2(), change))
    assert (failing(report), unsure(report)) == (set(), {"P3"})


def test_a_licence_that_only_the_older_list_of_spdx_tools_lacks_cannot_be_told() -> None:
    # On the SPDX list since 3.28.
    report = checked(changed(spdx2(), put("licenseDeclared", "OpenMDW-1.0")))
    assert (failing(report), unsure(report)) == (set(), {"P7"})


@pytest.mark.parametrize("kind", ["NONE", "NOASSERTION"])
def test_what_nobody_asserts_is_allowed_where_the_format_has_it(kind: str) -> None:
    def change(document: dict[str, Any]) -> None:
        relate("DEPENDS_ON", "SPDXRef-DatasetA", kind)(document)
        package(document)["licenseDeclared"] = kind

    assert failing(checked(changed(spdx2(), change))) == set()


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.__setitem__("packages", 7),
        lambda d: d.__setitem__("creationInfo", []),
        lambda d: d.__setitem__("relationships", [None]),
        lambda d: d["packages"].append([]),
        lambda d: d["packages"][0].__setitem__("checksums", "x"),
        lambda d: d.__setitem__("files", {"a": 1}),
    ],
)
def test_a_shape_that_spdx_tools_ends_on_never_holds(change: Change) -> None:
    report = checked(changed(spdx2(), change))
    assert "S1" in failing(report)
    assert report.result("P7").result != "holds"


def test_spdx_tools_is_not_asked_what_would_take_it_hours() -> None:
    def many(document: dict[str, Any]) -> None:
        for number in range(5000):
            relate("CONTAINS", "SPDXRef-Model", "SPDXRef-Weights")(document)
            document["relationships"][-1]["comment"] = str(number)

    def long(document: dict[str, Any]) -> None:
        package(document)["supplier"] = "Person: " + "(" * 1_000_000

    for change in (many, long):
        report = checked(changed(spdx2(), change))
        assert (failing(report), unsure(report)) == (set(), {"P7"})
    text = changed(spdx2(), lambda d: d["hasExtractedLicensingInfos"][0].__setitem__("extractedText", "x" * 1_000_000))
    assert checked(text).outcome == "holds"
