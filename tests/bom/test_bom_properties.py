"""Any JSON value anywhere in a sample: nothing but `LedgerError` comes out, and a defect elsewhere is still one."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from bom.bom_making import AT, cdx, component, of_type, spdx2, spdx3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.bom import Report, check_document
from ledger.errors import LedgerError

CODES = {"LG1701", "LG1702", "LG1703", "LG1704"}
WORDS = st.sampled_from(
    [
        *("", "model", "ds-a", "MIT AND", "pkg:x", "SPDXRef-Model", "DocumentRef-x:SPDXRef-y", "NoneElement", "_:x", "urn:cdx:x"),
        *("ref", "type", "bom-ref", "Hash", "Relationship", "ai_AIPackage", "SpdxDocument", "LifecycleScopedRelationship", "\x00", "🙂"),
    ]
)
KEYS = st.sampled_from(["ref", "type", "bom-ref", "spdxId", "@id", "from", "to", "alg", "content", "license", "id", "x", "value", "key"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9)
    | WORDS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), below, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def put(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    made = copy.deepcopy(document)
    inside = made
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return made


def check(document: Any) -> Report | None:
    try:
        return check_document(json.dumps(document).encode(), what="it", at=AT)
    except LedgerError as error:
        assert error.code in CODES, error.code
        return None


def broken_cdx() -> tuple[Any, dict[str, tuple[str | int, ...]]]:
    document = cdx("1.7")
    component(document, "code")["hashes"][0]["content"] = "ABC"
    component(document, "code")["purl"] = "nonsense"
    component(document, "ds-b")["licenses"] = [{"expression": "MIT AND"}]
    number = [item["bom-ref"] for item in document["components"]].index
    at = ("components", number("code"))
    return document, {
        "C4": (*at, "hashes", 0, "content"),
        "C5": (*at, "purl"),
        "C3": ("components", number("ds-b"), "licenses", 0, "expression"),
    }


def broken_spdx3() -> tuple[Any, dict[str, tuple[str | int, ...]]]:
    document = spdx3()
    expression = of_type(document, "simplelicensing_LicenseExpression")
    expression["simplelicensing_licenseExpression"] = "MIT AND"
    file = of_type(document, "software_File")
    file["verifiedUsing"][0]["hashValue"] = "ABC"
    at = document["@graph"].index
    return document, {
        "R3": ("@graph", at(expression), "simplelicensing_licenseExpression"),
        "R4": ("@graph", at(file), "verifiedUsing", 0, "hashValue"),
    }


def broken_spdx2() -> tuple[Any, dict[str, tuple[str | int, ...]]]:
    document = spdx2()
    document["packages"][2]["licenseDeclared"] = "MIT AND"
    document["packages"][3]["checksums"][0]["checksumValue"] = "ABC"
    return document, {"P4": ("packages", 2, "licenseDeclared"), "P5": ("packages", 3, "checksums", 0, "checksumValue")}


BROKEN = {"CycloneDX": broken_cdx, "SPDX 3": broken_spdx3, "SPDX 2": broken_spdx2}


@pytest.mark.parametrize("name", BROKEN)
def test_the_defects_are_seen(name: str) -> None:
    document, defects = BROKEN[name]()
    report = check(document)
    assert report is not None
    assert {item.id for item in report.of("does-not-hold")} >= set(defects)


@pytest.mark.parametrize("name", BROKEN)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_value_put_anywhere_hides_no_defect_elsewhere(name: str, data: st.DataObject) -> None:
    document, defects = BROKEN[name]()
    path = data.draw(st.sampled_from(list(places(document))))
    report = check(put(document, path, data.draw(VALUES)))
    if report is None:
        return
    for rule, at in defects.items():
        # What stands at the defect, around it or beside it says whether it is one: a type, an algorithm.
        if at[: len(path)] == path or at[: len(at) - 1] == path[: len(at) - 1]:
            continue
        if rule == "C3" and path[:4] == at[:4]:
            continue
        assert report.result(rule).result == "does-not-hold", (rule, path)


@pytest.mark.parametrize("name", BROKEN)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_several_values_at_once_raise_nothing_else(name: str, data: st.DataObject) -> None:
    document, _ = BROKEN[name]()
    for _ in range(data.draw(st.integers(2, 6))):
        document = put(document, data.draw(st.sampled_from(list(places(document)))), data.draw(VALUES))
    report = check(document)
    if report is not None:
        for item in report.results:
            assert item.reason and item.count >= len(item.places)
            assert (item.result == "holds") == (item.count == 0) or item.result == "could-not-tell"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.builds(lambda value: json.dumps(value).encode(), VALUES))
def test_any_bytes_are_checked_or_refused(data: bytes) -> None:
    try:
        check_document(data, what="it")
    except LedgerError as error:
        assert error.code in CODES


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(BROKEN)), st.integers(0, 30_000), st.binary(min_size=1, max_size=4))
def test_changed_and_cut_bytes_are_checked_or_refused(name: str, at: int, more: bytes) -> None:
    data = json.dumps(BROKEN[name]()[0]).encode()
    at %= len(data)
    for changed in (data[:at], data[:at] + more + data[at:], data[:at] + more + data[at + len(more) :]):
        try:
            check_document(changed, what="it")
        except LedgerError as error:
            assert error.code in CODES
