"""Whatever fits the schemas of what can be said goes into the documents, and they fit theirs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from documents import oasis_oracle
from documents.making import dataset, release
from documents.test_report import KNOWN, Page, report, verdict
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.exporters.ab2013 import documentation_json, documentation_markdown
from ledger.exporters.eu_summary import summary_json, summary_markdown
from ledger.exporters.oasis_prov import documents
from ledger.exporters.report_html import report_html
from ledger.exporters.report_markdown import report_markdown
from ledger.exporters.template import template
from ledger.spec import information
from ledger.spec.description import part

ROOT = Path(__file__).resolve().parent.parent.parent
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(
    ["https://example.org/x", "\n- # x", "<b>|"]
)
DATES = st.from_regex(r"\A[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?\Z")


def schema_of(*parts: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "schemas").joinpath(*parts).joinpath("v1.schema.json").read_text("utf-8"))
    return found


def values(said: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What a schema of the small dialect of `data` and `about` allows."""
    if "enum" in said:
        return st.sampled_from(said["enum"])
    kind = said["type"]
    if kind == "object":
        needed = {name: values(item) for name, item in said["properties"].items() if name in said.get("required", ())}
        others = {name: values(item) for name, item in said["properties"].items() if name not in needed}
        if not said["properties"]:
            return st.dictionaries(st.sampled_from(["1.3", "2.1", "3.1", "x"]), TEXTS | st.integers(), max_size=3)
        return st.fixed_dictionaries(needed, optional=others)
    if kind == "array":
        return st.lists(values(said["items"]), max_size=3, unique_by=json.dumps)
    if kind == "number":
        return st.floats(min_value=0, allow_infinity=False, allow_nan=False) | st.integers(0, 2**53)
    return DATES if "pattern" in said else TEXTS


DATA, ABOUT = values(schema_of("data-information")), values(schema_of("release-information"))
EU = jsonschema_rs.Draft202012Validator(schema_of("eu-summary"))
CALIFORNIA = jsonschema_rs.Draft202012Validator(schema_of("ab2013"))
FITS = {name: jsonschema_rs.Draft202012Validator(schema_of(name)) for name in ("data-information", "release-information")}


@settings(max_examples=50)
@given(st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=2), DATA), max_size=3), ABOUT)
def test_documents_of_anything_fit_their_schemas(said: list[tuple[str, list[str], dict[str, Any]]], about: dict[str, Any]) -> None:
    assert FITS["release-information"].is_valid(about) and all(FITS["data-information"].is_valid(data) for _, _, data in said)
    facts = release(*(replace(dataset(n, name, where=tuple(where)), data=data) for n, (name, where, data) in enumerate(said, 1)), **about)
    EU.validate(json.loads(summary_json(facts)))
    CALIFORNIA.validate(json.loads(documentation_json(facts)))
    for text in (summary_markdown(facts).decode("utf-8"), documentation_markdown(facts).decode("utf-8")):
        assert "<b>" not in text and "\n- \\# x" not in text
    found = documents(facts, "2026-11-20T12:00:00Z", "example.org/tests")
    assert len(found.files) + len(found.lacking) == len(facts.datasets)
    assert [fault for _, _, data in found.files for fault in oasis_oracle.faults(json.loads(data))] == []
    whole = report(verdict("p", "pass", "pass"), datasets=facts.datasets, **about)
    page = Page(report_html(whole))
    assert page.open == [] and {name for name, _ in page.elements} <= KNOWN and report_markdown(whole)


@settings(max_examples=30)
@given(DATA, ABOUT)
def test_templates_of_anything_are_read_as_what_was_said(data: dict[str, Any], about: dict[str, Any]) -> None:
    parts = [part(information.RELEASE, "r@1", "sha256:0", about), part(information.DATA, "d@1", "tree:0", data)]
    read = yaml.safe_load(template(parts))
    for part_, wanted, found in ((parts[0], about, read["about"]), (parts[1], data, read["components"]["datasets"][0]["data"])):
        for line in part_.lines:
            if line.state in ("recorded", "unknown"):
                assert information.at(found, line.field.path) == information.at(wanted, line.field.path)
    assert FITS["data-information"].is_valid(read["components"]["datasets"][0]["data"])
