"""OASIS Data Provenance Metadata: documents against the restated schema, and against the original where it is at hand."""

from __future__ import annotations

import hashlib
import json
import os
import random
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from documents import making, oasis_oracle
from documents.making import FULL, PROVIDER, dataset, release
from hypothesis import given
from hypothesis import strategies as st

from ledger.exporters.oasis_prov import documents
from ledger.spec.evidence import DatasetFact

TIME, LOG = "2026-11-20T12:00:00Z", "example.org/tests"
HERE = ("https://example.org/figures",)


def original(*parts: str) -> bytes:
    """A file of the original, as its bytes were when it was read."""
    folder = os.environ.get("OPENNESS_LEDGER_OASIS")
    if not folder:
        pytest.skip("OPENNESS_LEDGER_OASIS names no folder with json/ and examples/ of prov-meta-1.0 (github.com/oasis-tcs/dps)")
    data = Path(folder).joinpath(*parts).read_bytes()
    assert hashlib.sha256(data).hexdigest() == oasis_oracle.ORIGINALS["/".join(parts)]
    return data


def validator() -> Any:
    """The original schema; its own dialect is 2020-12 with formats asserted."""
    schema = json.loads(original("json", "data-provenance.json"))
    configuration = json.loads(original("json", "data-provenance-configuration.json"))
    assert "https://json-schema.org/draft/2020-12/vocab/format-assertion" in configuration["$vocabulary"]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def made(item: DatasetFact, **about: Any) -> dict[str, Any]:
    found = documents(release(item, **{**PROVIDER, **about}), TIME, LOG)
    assert found.lacking == ()
    ((_, _, data),) = found.files
    document: dict[str, Any] = json.loads(data)
    return document


RICH: dict[str, Any] = {
    **FULL,
    "scope": "Numbers below ten.",
    "owner": "Somebody",
    "acquired": {"from": "2024", "to": "2024-02"},
    "formats": ["text/csv", "application/x-parquet", "other"],
    "classification": ["PI", "trade secrets", "pi"],
    "consent": "https://example.org/consent",
}
CASES = {
    "full": dataset(1, "figures@1", where=HERE, **FULL),
    "rich": dataset(2, "figures@1.2.3-rc.1+b", where=("on request", *HERE, "hf://datasets/x"), license="CC-BY-4.0", **RICH),
    "a file": dataset(3, "figures@0", where=HERE, form="file", **FULL),
    "a reference": dataset(4, "figures@7", where=HERE, form="ref", **FULL),
    **{
        f"hostile {n}": dataset(5, f"{text.replace('@', '')}@1", where=HERE, **{**RICH, "description": text})
        for n, text in enumerate(making.HOSTILE)
    },
}


@pytest.mark.parametrize("case", CASES)
def test_documents_have_what_the_schema_asks_for(case: str) -> None:
    document = made(CASES[case], provider={"name": "Example", "namespace": "https://example.org/", "contact": "a@example.org"})
    assert oasis_oracle.faults(document) == []


@pytest.mark.parametrize("case", CASES)
def test_documents_fit_the_original_schema(case: str) -> None:
    schema = validator()
    assert [error.message for error in schema.iter_errors(made(CASES[case]))] == []


@pytest.mark.parametrize("name", [name for name in oasis_oracle.ORIGINALS if name.startswith("examples/")])
def test_the_original_s_own_examples_fit_it_and_the_restatement(name: str) -> None:
    example = json.loads(original(*name.split("/")))
    assert [error.message for error in validator().iter_errors(example)] == []
    assert oasis_oracle.faults(example) == []


@given(st.sampled_from(sorted(oasis_oracle.REQUIRED)), st.data())
def test_the_restatement_refuses_what_lacks_a_required_member(place: str, data: st.DataObject) -> None:
    document = made(CASES["rich"], provider={"name": "E", "namespace": "https://example.org/"})
    places = [value for at, value in oasis_oracle.walk("", document) if at == place]
    member = data.draw(st.sampled_from(oasis_oracle.REQUIRED[place]))
    del data.draw(st.sampled_from(places))[member]
    assert oasis_oracle.faults(document)


def test_the_content_address_is_in_the_document() -> None:
    hashes = {name: made(CASES[name])["source"]["id"].get("hashes") for name in ("full", "a file", "a reference")}
    # What a tree's id is, in-toto calls dirHash1 (docs/spec/format.md, section 1).
    assert hashes["full"] == [{"tree-hashes": [{"algorithm": "dirHash1", "value": f"{1:064x}"}], "path": "figures"}]
    assert hashes["a file"] == [{"tree-hashes": [{"algorithm": "sha256", "value": f"{3:064x}"}], "path": "figures"}]
    assert hashes["a reference"] is None
    assert made(CASES["a reference"])["source"]["id"]["custom-ids"][0]["value"] == f"ref:{4:064x}"


def test_what_is_recorded_is_carried_over() -> None:
    said = made(CASES["rich"])
    assert said["provenance"]["origin-geography"] == [{"country": "US"}, {"country": "DE", "state": "DE-BY"}]
    assert said["provenance"]["generation-period"] == {"start": "2024-01-01T00:00:00Z", "end": "2024-02-29T23:59:59Z"}
    assert said["provenance"]["format"] == ["text/csv", "other"]
    assert said["use"]["intended-purpose"] == [
        {"code": "pre-training", "long-description": "Teaches the model to add."},
        {"code": "other", "long-description": "Teaches the model to add."},
    ]
    assert said["use"]["classification"] == [
        {"regulation": {"code": "pi"}, "evaluated": True},
        {"regulation": {"code": "other", "long-description": "trade secrets"}, "evaluated": True},
    ]
    assert (said["use"]["license"], said["use"]["consents"]) == (["CC-BY-4.0"], ["https://example.org/consent"])
    assert said["source"]["location"] == HERE[0] and said["source"]["data-version"] == "1.2.3-rc.1+b"
    assert "entry 2 /predicate/data" in said["set"]["notes"][0]["text"] and LOG in said["set"]["notes"][0]["text"]


LACKING = {
    "description": {"source/about/content"},
    "purpose": {"source/about/purpose"},
    "issuer": {"source/issuer"},
    "geography": {"provenance/origin-geography"},
    "published": {"provenance/date"},
    "generation_methods": {"provenance/generation-method"},
    "stages": {"use/intended-purpose/code"},
}


@pytest.mark.parametrize("name", LACKING)
def test_what_nobody_recorded_is_not_made_up(name: str) -> None:
    said = {other: value for other, value in FULL.items() if other != name}
    found = documents(release(dataset(1, where=HERE, **said), dataset(2, where=HERE, **FULL), **PROVIDER), TIME, LOG)
    assert [item.artifact for _, item, _ in found.files] == [f"tree:{2:064x}"]
    (lacking,) = found.lacking
    assert {member for member, _ in lacking.fields} == LACKING[name]


@pytest.mark.parametrize(
    ("item", "about", "member"),
    [
        (dataset(1, "figures", where=HERE, **FULL), {}, "source/data-version"),
        (dataset(1, "figures@2026.1", where=HERE, **FULL), {}, "source/data-version"),
        (dataset(1, "figures@01", where=HERE, **FULL), {}, "source/data-version"),
        (dataset(1, **FULL), {}, "source/location"),
        (
            dataset(1, where=("ask us", "https://example.org/a b", "https://ex ample.org", "//x", "javascript:alert(1)"), **FULL),
            {},
            "source/location",
        ),
        (dataset(1, where=HERE, **{**FULL, "published": "2025-07"}), {}, "provenance/date"),
        (dataset(1, where=HERE, **{**FULL, "published": "2025-02-30"}), {}, "provenance/date"),
        (dataset(1, where=HERE, **FULL), {"provider": {"name": "x", "namespace": "example.org"}}, "set/publisher/namespace"),
        (dataset(1, where=HERE, **FULL), {"provider": {}}, "set/publisher/name"),
    ],
)
def test_what_does_not_fit_the_schema_counts_as_missing(item: DatasetFact, about: dict[str, Any], member: str) -> None:
    found = documents(release(item, **{**PROVIDER, **about}), TIME, LOG)
    assert found.files == () and member in {name for name, _ in found.lacking[0].fields}


def test_the_order_of_facts_does_not_matter_and_names_do_not_collide() -> None:
    items = [dataset(n * 16**40, "../same/name@1", where=HERE, **FULL) for n in range(1, 40)]
    found = documents(release(*items, **PROVIDER), TIME, LOG)
    names = [name for name, _, _ in found.files]
    assert len(set(names)) == 39 and all("/" not in name and not name.startswith(".") for name in names)
    assert documents(release(*random.Random(2).sample(items, 39), **PROVIDER), TIME, LOG).files == found.files


URI = jsonschema_rs.Draft202012Validator({"type": "string", "format": "uri"}, validate_formats=True)
PIECES = st.sampled_from(
    [
        "http",
        "https",
        "hf",
        "://",
        ":",
        "/",
        "//",
        "?",
        "#",
        "%",
        "%20",
        "%zz",
        "a",
        "é",
        " ",
        "[",
        "]",
        "@",
        "\\",
        "example.org",
        ".",
        "8",
        "_",
        "|",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_address_gets_into_a_document_that_is_no_uri(text: str) -> None:
    found = documents(release(dataset(1, "d@1", where=(text,), **FULL), **PROVIDER), TIME, LOG)
    for _, _, data in found.files:
        source = json.loads(data)["source"]
        assert source["location"] == text and source["id"]["uris"] == [text]
        assert URI.is_valid(text)
