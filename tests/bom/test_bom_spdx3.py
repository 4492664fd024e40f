"""R1 to R12: one defect each, and exactly that rule does not hold."""

from __future__ import annotations

from typing import Any

import pytest
from bom.bom_making import AT, Change, changed, checked, failing, of_type, relation, spdx3, unclaimed, unsure

BASE = "https://ledger.example/spdx/release-1.0/"
INFO = "_:CreationInfo0"


def model(document: dict[str, Any]) -> dict[str, Any]:
    return next(item for item in document["@graph"] if item.get("name") == "granite-mini-instruct")


def without(type_: str, name: str, profile: str) -> Change:
    """A package without a property, in a document that does not claim the profile."""

    def change(document: dict[str, Any]) -> None:
        unclaimed(document, profile)
        del of_type(document, type_)[name]

    return change


def drop(kind: str) -> Change:
    """A licence of the model less."""

    def change(document: dict[str, Any]) -> None:
        unclaimed(document, "ai")
        gone = next(
            item for item in document["@graph"] if item.get("relationshipType") == kind and item["from"] == model(document)["spdxId"]
        )
        document["@graph"].remove(gone)
        for item in document["@graph"]:
            if "element" in item:
                item["element"].remove(gone["spdxId"])

    return change


def relate(kind: str, from_: str, *to: str, **more: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        ends = [name if name in ("NoneElement", "NoAssertionElement") or name.startswith(("http", "exp")) else BASE + name for name in to]
        made = {"type": "Relationship", "spdxId": f"{BASE}rel/more", "creationInfo": INFO, "relationshipType": kind}
        source = model(document)["spdxId"] if from_ == "model" else BASE + from_
        document["@graph"].append({**made, "from": source, "to": ends, **more})

    return change


def another_license(document: dict[str, Any]) -> None:
    unclaimed(document, "ai")
    relate("hasConcludedLicense", "model", "license/2af71558e438")(document)


def two_licenses_in_one(document: dict[str, Any]) -> None:
    unclaimed(document, "ai", "dataset")
    relation(document, "hasConcludedLicense")["to"].append(f"{BASE}license/0ccccf9cc7da")


def expression(text: str) -> Change:
    return lambda d: of_type(d, "simplelicensing_LicenseExpression").__setitem__("simplelicensing_licenseExpression", text)


def custom(document: dict[str, Any]) -> dict[str, Any]:
    found = (item for item in document["@graph"] if "simplelicensing_customIdToUri" in item)
    return next(found)


def hash_of(**more: Any) -> Change:
    return lambda d: model(d)["verifiedUsing"][0].update(more)


def two_documents(document: dict[str, Any]) -> None:
    document["@graph"].append({"type": "SpdxDocument", "spdxId": f"{BASE}document-2", "creationInfo": INFO, "rootElement": [f"{BASE}sbom"]})


def no_structure(document: dict[str, Any]) -> None:
    edge = relation(document, "dependsOn")
    edge["to"] = [id for id in edge["to"] if "/dataset/" not in id]


def claim(profile: str) -> Change:
    return lambda d: of_type(d, "software_Sbom")["profileConformance"].append(profile)


def nobody_invoked_it(document: dict[str, Any]) -> None:
    relation(document, "invokedBy")["scope"] = "runtime"


MANDATORY = {
    "ai_AIPackage": ("releaseTime", "suppliedBy", "software_downloadLocation", "software_packageVersion", "software_primaryPurpose"),
    "dataset_DatasetPackage": ("builtTime", "originatedBy", "releaseTime", "software_downloadLocation", "software_primaryPurpose"),
}
FILE_ID = "file/9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"
DATA_ID = "dataset/ddd31a4d22fcfa475c743411d54f58d9828055bd34ec259e2ea72d1012b5c2bc"
DEFECTS: dict[str, tuple[str, Change]] = {
    **{
        f"{type_} without {name}": ("R1", without(type_, name, profile))
        for type_, profile in (("ai_AIPackage", "ai"), ("dataset_DatasetPackage", "dataset"))
        for name in MANDATORY[type_]
    },
    "no declared licence": ("R2", drop("hasDeclaredLicense")),
    "no concluded licence": ("R2", drop("hasConcludedLicense")),
    "a second concluded licence": ("R2", another_license),
    "one edge to two licences": ("R2", two_licenses_in_one),
    "an operator at the end": ("R3", expression("Foo AND")),
    "an unknown id": ("R3", expression("llama3.1")),
    "a reference that is not mapped": ("R3", lambda d: custom(d).pop("simplelicensing_customIdToUri")),
    "a reference that is mapped under another name": (
        "R3",
        lambda d: custom(d)["simplelicensing_customIdToUri"][0].__setitem__("key", "LicenseRef-llama3"),
    ),
    "an addition that is not mapped": ("R3", expression("Apache-2.0 WITH AdditionRef-x")),
    "a hash of three digits": ("R4", hash_of(hashValue="abc")),
    "a hash in upper case": ("R4", hash_of(hashValue="ABCDEF12" * 8)),
    "a hash that is no hex": ("R4", hash_of(hashValue="sha256:" + "5" * 57)),
    "a sha256 under sha512": ("R4", hash_of(algorithm="sha512")),
    "a digest of a build's configuration": (
        "R4",
        lambda d: of_type(d, "build_Build")["build_configSourceDigest"][0].update(hashValue="e6"),
    ),
    "an output that is not there": ("R5", lambda d: relation(d, "hasOutput")["to"].append(f"{BASE}dataset/nothing")),
    "a supplier who is not there": ("R5", lambda d: model(d).__setitem__("suppliedBy", f"{BASE}agent/nobody")),
    "an element that is not there": ("R5", lambda d: of_type(d, "SpdxDocument")["element"].append(f"{BASE}nothing")),
    "a creation info that is not there": ("R5", lambda d: model(d).__setitem__("creationInfo", "_:nothing")),
    "a licence text that is not there": (
        "R5",
        lambda d: custom(d)["simplelicensing_customIdToUri"][0].__setitem__("value", f"{BASE}license-text/nothing"),
    ),
    "the individual written in full": (
        "R5",
        lambda d: relation(d, "hasDeclaredLicense").__setitem__(
            "to", ["https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense"]
        ),
    ),
    "two elements with one id": (
        "R5",
        lambda d: d["@graph"].append({"type": "Tool", "spdxId": f"{BASE}tool/ledger", "creationInfo": INFO}),
    ),
    "two documents": ("R6", two_documents),
    "no root": ("R7", lambda d: of_type(d, "software_Sbom").pop("rootElement")),
    "trained on an organisation": ("R8", relate("trainedOn", "model", "agent/acme", completeness="complete")),
    "a licence that is a file": ("R8", lambda d: relation(d, "hasDeclaredLicense", 3).__setitem__("to", [BASE + FILE_ID])),
    "invoked by a tool": ("R8", lambda d: relation(d, "invokedBy").__setitem__("to", [f"{BASE}tool/ledger"])),
    "an input of a model": ("R8", relate("hasInput", "model", DATA_ID)),
    "affected by no vulnerability": ("R8", relate("fixedIn", "code/train", FILE_ID)),
    "a licence that is no element": ("R8", relate("hasDeclaredLicense", "code/train", "NoneElement")),
    "a model without a digest": ("R9", lambda d: model(d).pop("verifiedUsing")),
    "a dataset with no digest in it": ("R9", lambda d: of_type(d, "dataset_DatasetPackage").__setitem__("verifiedUsing", [])),
    "an unknown profile is the schema's too": ("R12+S1", claim("quantum")),
    "a profile that the packages do not meet": (
        "R12",
        lambda d: (claim("lite")(d), of_type(d, "software_Package").pop("software_copyrightText")),
    ),
    "a build that nobody invoked": ("R12", nobody_invoked_it),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_one_defect_breaks_one_rule(name: str) -> None:
    rules, change = DEFECTS[name]
    report = checked(changed(spdx3(), change))
    wanted = set(rules.split("+"))
    # Trained on an organisation: nothing structural leads there either.
    assert failing(report) - ({"R10"} if "organisation" in name else set()) == wanted
    assert unsure(report) == set()
    for rule in wanted:
        found = report.result(rule)
        assert found.count == len(found.places) > 0 and all(place.why for place in found.places)


def test_lineage_without_structure_floats() -> None:
    report = checked(changed(spdx3(), no_structure))
    assert failing(report) == {"R10"}
    assert report.result("R10").count == 3  # trained on two, tested on one of them


def test_ancestors_are_lineage_the_other_way_round() -> None:
    base = "model/cae662172fd450bb0cd710a769079c05bfc5d8e35efa6576edc7d0377afdd4a2"
    this = "model/9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"
    assert failing(checked(changed(spdx3(), relate("ancestorOf", base, this)))) == set()
    assert failing(checked(changed(spdx3(), relate("ancestorOf", this, base)))) == {"R10"}


def test_a_dataset_has_one_originator() -> None:
    def two(document: dict[str, Any]) -> None:
        unclaimed(document, "dataset")
        of_type(document, "dataset_DatasetPackage")["originatedBy"].append(f"{BASE}agent/acme")

    assert failing(checked(changed(spdx3(), two))) == {"R1"}


def test_a_claimed_profile_falls_with_its_rules() -> None:
    report = checked(changed(spdx3(), lambda d: model(d).pop("software_downloadLocation")))
    assert failing(report) == {"R1", "R12"}
    # Both the document and the bill of materials in it claim `ai`.
    assert report.result("R12").count == 2


def test_created_after_it_was_signed() -> None:
    document = spdx3()  # created at 2026-11-01T12:00:00Z
    assert failing(checked(document, at="2026-11-01T11:59:59Z")) == {"R11"}
    assert failing(checked(document, at="2026-11-01T12:00:00Z")) == set()
    report = checked(document, at=None)
    assert (failing(report), unsure(report)) == (set(), {"R11"})


def test_a_creation_time_that_is_none_cannot_be_told() -> None:
    for text in ("2026-11-01T12:00:00.5Z", "2026-11-01T12:00:00", "2026-02-30T12:00:00Z", "yesterday"):
        report = checked(changed(spdx3(), lambda d, text=text: of_type(d, "CreationInfo").__setitem__("created", text)))
        assert unsure(report) == {"R11"}
        # The schema knows the form, and not how many days February has.
        assert failing(report) == ({"S1"} if text != "2026-02-30T12:00:00Z" else set())


def test_every_rule_has_a_defect() -> None:
    assert {rule for rules, _ in DEFECTS.values() for rule in rules.split("+")} | {"R10", "R11"} == {
        *(f"R{number}" for number in range(1, 13)),
        "S1",
    }


# --- what must not be refused ------------------------------------------------------------------------


def undisclosed(document: dict[str, Any]) -> None:
    package = of_type(document, "dataset_DatasetPackage")
    del package["verifiedUsing"]
    entry = {
        "type": "extension_CdxPropertyEntry",
        "extension_cdxPropName": "openness-ledger:undisclosed",
        "extension_cdxPropValue": "personal data",
    }
    package["extension"] = [{"type": "extension_CdxPropertiesExtension", "extension_cdxProperty": [entry]}]


def no_location(document: dict[str, Any]) -> None:
    package = of_type(document, "dataset_DatasetPackage")
    del package["verifiedUsing"]
    package["software_downloadLocation"] = "NOASSERTION"


def imported(document: dict[str, Any]) -> None:
    of_type(document, "SpdxDocument")["import"] = [{"type": "ExternalMap", "externalSpdxId": "https://elsewhere.example/x"}]
    relate("hasDocumentation", "model", "https://elsewhere.example/x")(document)


GOOD: dict[str, Change] = {
    "not disclosed, by our property": undisclosed,
    "not disclosed, by its location": no_location,
    "an element of another document": imported,
    "trained on what nobody says": relate("trainedOn", "model", "NoAssertionElement", completeness="noAssertion"),
    "trained on nothing": relate("trainedOn", "model", "NoneElement", completeness="complete"),
    "a licence that nobody says": lambda d: relation(d, "hasDeclaredLicense").__setitem__("to", ["expandedlicensing_NoAssertionLicense"]),
    "an expression with an exception": expression("GPL-2.0-only WITH Classpath-exception-2.0"),
    "a mapped reference": lambda d: custom(d).__setitem__("simplelicensing_licenseExpression", "MIT OR LicenseRef-llama3.1"),
    "a hash of another algorithm": hash_of(algorithm="sha512", hashValue="5f" * 64),
    "all of it but one profile": lambda d: unclaimed(d, "build"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_allowed_holds(name: str) -> None:
    report = checked(changed(spdx3(), GOOD[name]))
    assert failing(report) == set()
    assert unsure(report) == set()


def test_the_class_of_an_element_of_another_document_cannot_be_told() -> None:
    def change(document: dict[str, Any]) -> None:
        imported(document)
        relation(document, "testedOn")["to"] = ["https://elsewhere.example/x"]
        relation(document, "dependsOn")["to"].append("https://elsewhere.example/x")

    report = checked(changed(spdx3(), change))
    assert (failing(report), unsure(report)) == (set(), {"R8"})


@pytest.mark.parametrize("algorithm", ["other", "md6", "falcon"])
def test_a_hash_without_a_known_length_cannot_be_told(algorithm: str) -> None:
    report = checked(changed(spdx3(), hash_of(algorithm=algorithm)))
    assert (failing(report), unsure(report)) == (set(), {"R4"})


def test_a_single_object_without_a_graph_is_looked_at() -> None:
    one = {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "type": "Person", "spdxId": "urn:x:1", "creationInfo": "_:x"}
    assert failing(checked(one, at=AT)) == {"R5", "R6"}
