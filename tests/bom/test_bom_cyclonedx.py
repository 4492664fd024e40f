"""C1 to C7: one defect each, and exactly that rule does not hold."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from bom.bom_making import Change, cdx, changed, checked, component, failing, unsure

H = "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"


def twice(document: dict[str, Any]) -> None:
    component(document, "ds-b")["bom-ref"] = "ds-a"
    # What refers to the one that was renamed refers to the other now.
    document["metadata"]["component"]["modelCard"]["modelParameters"]["datasets"] = [{"ref": "ds-a"}]
    document["dependencies"] = [{"ref": "model", "dependsOn": ["ds-a", "base", "code"]}]
    document["formulation"][0]["workflows"][0]["inputs"] = [{"resource": {"ref": "ds-a"}}]


def licenses(value: Any) -> Change:
    return lambda document: component(document, "ds-a").__setitem__("licenses", [value])


def hashes(alg: str, content: str) -> Change:
    return lambda document: component(document, "ds-a").__setitem__("hashes", [{"alg": alg, "content": content}])


def purl(text: str) -> Change:
    return lambda document: component(document, "ds-a").__setitem__("purl", text)


def dataset_refs(document: dict[str, Any]) -> list[dict[str, Any]]:
    return document["metadata"]["component"]["modelCard"]["modelParameters"]["datasets"]


DEFECTS: dict[str, tuple[str, Change]] = {
    "a bom-ref twice": ("C1", twice),
    "a bom-ref of a licence twice": ("C1", lambda d: component(d, "code")["licenses"][0]["license"].__setitem__("bom-ref", "code")),
    "a dataset that is not there": ("C2", lambda d: dataset_refs(d).append({"ref": "ds-z"})),
    "a dependency of nothing": ("C2", lambda d: d["dependencies"].append({"ref": "nobody"})),
    "a dependency on nothing": ("C2", lambda d: d["dependencies"][0]["dependsOn"].append("nobody")),
    "a composition of nothing": ("C2", lambda d: d["compositions"][0]["assemblies"].append("nobody")),
    "a composition that depends on nothing": ("C2", lambda d: d["compositions"][0]["dependencies"].append("nobody")),
    "an input of nothing": ("C2", lambda d: d["formulation"][0]["workflows"][0]["inputs"].append({"resource": {"ref": "nobody"}})),
    "an output of nothing": (
        "C2",
        lambda d: d["formulation"][0]["workflows"][0]["outputs"].append({"resource": {"ref": "nobody"}, "type": "artifact"}),
    ),
    "a claim about nothing": ("C2", lambda d: d["declarations"]["claims"][0].__setitem__("target", "nobody")),
    "a claim without its evidence": ("C2", lambda d: d["declarations"]["claims"][0].__setitem__("evidence", ["nothing"])),
    "nobody assessed it": ("C2", lambda d: d["declarations"]["attestations"][0].__setitem__("assessor", "nobody")),
    "no such requirement": ("C2", lambda d: d["declarations"]["attestations"][0]["map"][0].__setitem__("requirement", "req-2")),
    "a link into this document": (
        "C2",
        lambda d: dataset_refs(d).append({"ref": f"urn:cdx:{d['serialNumber'].removeprefix('urn:uuid:')}/1#nobody"}),
    ),
    "an operator at the end": ("C3", licenses({"expression": "MIT AND"})),
    "an unknown id in an expression": ("C3", licenses({"expression": "MIT OR llama3.1"})),
    "half a parenthesis": ("C3", licenses({"expression": "MIT AND (Apache-2.0 OR"})),
    # The schema's list has exceptions among the licences.
    "an exception as a licence": ("C3", licenses({"license": {"id": "Classpath-exception-2.0"}})),
    "upper case": ("C4", hashes("SHA-256", H.upper())),
    "a length of another algorithm": ("C4", hashes("SHA-256", H[:40])),
    "a SHA-1 of 64 digits": ("C4", hashes("SHA-1", H)),
    "no purl": ("C5", purl("huggingface/acme/x")),
    "a purl without a name": ("C5", purl("pkg:generic/")),
    "a purl with a blank": ("C5", purl("pkg:generic/a b")),
    "a purl with half an escape": ("C5", purl("pkg:generic/a%2")),
    "a malformed SWHID": (
        "C5",
        lambda d: component(d, "code").__setitem__("swhid", ["swh:1:rev:309CF2674EE7A0749978CF8265AB91A60AEA0F7D"]),
    ),
    "a model card on a library": (
        "C6",
        lambda d: component(d, "code").__setitem__("modelCard", {"modelParameters": {"task": "text-generation"}}),
    ),
    "a model card on a library in a pedigree": (
        "C6",
        lambda d: d["metadata"]["component"]["pedigree"]["ancestors"].append({"type": "library", "name": "x", "modelCard": {}}),
    ),
    "a dataset without data": ("C7", lambda d: component(d, "ds-a").pop("data")),
    "a dataset with no data in it": ("C7", lambda d: component(d, "ds-a").__setitem__("data", [])),
    "data on a model": ("C7", lambda d: component(d, "base").__setitem__("data", [{"type": "dataset"}])),
}


@pytest.mark.parametrize("version", ["1.6", "1.7"])
@pytest.mark.parametrize("name", DEFECTS)
def test_one_defect_breaks_one_rule(name: str, version: str) -> None:
    rule, change = DEFECTS[name]
    report = checked(changed(cdx(version), change))
    assert failing(report) == {rule}
    assert unsure(report) == set()
    found = report.result(rule)
    assert found.count == len(found.places) > 0
    assert all(place.pointer.startswith("/") and place.why for place in found.places)


def test_every_rule_has_a_defect() -> None:
    assert {rule for rule, _ in DEFECTS.values()} == {f"C{number}" for number in range(1, 8)}


def test_places_are_where_the_defect_is() -> None:
    document = changed(cdx(), lambda d: dataset_refs(d).append({"ref": "ds-z"}))
    assert [place.pointer for place in checked(document).result("C2").places] == [
        "/metadata/component/modelCard/modelParameters/datasets/2/ref"
    ]
    document = changed(cdx(), lambda d: d["components"][1]["hashes"][0].__setitem__("content", "ABC"))
    found = checked(document).result("C4")
    assert [(place.pointer, place.why) for place in found.places] == [
        ("/components/1/hashes/0", "SHA-256 has 64 hex digits, and this 3: `ABC`"),
    ]


def test_places_are_bounded_and_counted() -> None:
    document = cdx()
    document["dependencies"] += [{"ref": f"nobody-{number}"} for number in range(500)]
    found = checked(document).result("C2")
    assert (len(found.places), found.count) == (20, 500)
    assert found.reason.endswith("and 499 more")


def test_a_link_to_another_document_cannot_be_told() -> None:
    link = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#x"
    report = checked(changed(cdx(), lambda d: dataset_refs(d).append({"ref": link})))
    assert (failing(report), unsure(report)) == (set(), {"C2"})
    assert report.outcome == "could-not-tell"


def test_a_link_to_this_document_resolves_and_to_an_earlier_version_of_it_cannot_be_told() -> None:
    def to(version: int) -> Change:
        return lambda d: dataset_refs(d).append({"ref": f"urn:cdx:{d['serialNumber'].removeprefix('urn:uuid:')}/{version}#ds-a"})

    assert checked(changed(cdx(), to(1))).result("C2").result == "holds"
    assert checked(changed(cdx(), to(2))).result("C2").result == "could-not-tell"


def test_a_definite_no_is_not_hidden_by_an_open_question() -> None:
    def both(document: dict[str, Any]) -> None:
        dataset_refs(document).extend(({"ref": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#x"}, {"ref": "nobody"}))

    report = checked(changed(cdx(), both))
    assert failing(report) == {"C2"}
    assert [place.pointer[-5:] for place in report.result("C2").places] == ["3/ref"]


def test_a_citation_points_at_something() -> None:
    for pointer in ("/components/99/name", "/components/0/nothing", "components/0"):
        report = checked(changed(cdx("1.7"), lambda d, p=pointer: d["citations"][0].__setitem__("pointers", [p])))
        assert failing(report) == {"C2"}, pointer
    whole = changed(cdx("1.7"), lambda d: d["citations"][0].__setitem__("pointers", ["/components/0", ""]))
    assert failing(checked(whole)) == set()


def test_what_is_in_properties_of_ones_own_is_not_looked_at() -> None:
    document = changed(cdx(), lambda d: d.setdefault("properties", []).append({"name": "ref", "value": "nobody"}))
    assert failing(checked(document)) == set()


def test_the_declared_and_the_concluded_licence_of_one_component_may_differ() -> None:
    def both(document: dict[str, Any]) -> None:
        told = copy.deepcopy(component(document, "ds-a")["licenses"][0])
        told["license"] |= {"id": "CC-BY-4.0", "acknowledgement": "concluded", "bom-ref": "lic-concluded"}
        component(document, "ds-a")["licenses"].append(told)

    assert failing(checked(changed(cdx(), both))) == set()
