"""Recognising which registry a record is of."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata

from ledger.errors import LedgerError
from ledger.importers.mot import read_model
from ledger.importers.osai import read_index
from ledger.importers.records import read, read_record

TOOL = json.dumps({"release": {"name": "x", "components": [{"name": "Datasets", "license": "MIT"}]}}).encode()
ENTRY = json.dumps({"name": "x", "components": []}).encode()
SYSTEM = json.dumps({"system": {"name": "x"}, "code": {"class": "open"}}).encode()
PROJECT = json.dumps({"project": {"name": "x"}, "code": {"class": "open"}}).encode()


@pytest.mark.parametrize(("data", "read"), [(TOOL, read_model), (ENTRY, read_model), (SYSTEM, read_index), (PROJECT, read_index)])
def test_each_form_is_read_by_its_own_reader(data, read):
    assert read_record(data) == read(data)


def test_what_a_registry_has_a_place_for():
    tool, entry, system, project = (read(data) for data in (TOOL, ENTRY, SYSTEM, PROJECT))
    assert (tool.kind, tool.place, tool.profile, len(tool.roles)) == ("mot", "/release/components", None, 17)
    assert entry.place == "/components"
    assert (system.kind, system.place, system.profile) == ("osai", "", "osai-index-2026-03")
    assert project.profile == "osai-index-2023"
    assert (
        set(system.roles)
        == set(project.roles)
        == {
            "datasets",
            "weights",
            "training-code",
            "technical-report",
            "research-paper",
            "model-card",
            "data-card",
        }
    )


def test_real_records():
    for file in refdata("mof", "models").glob("*.yml"):
        assert read_record(file.read_bytes()) == read_model(file.read_bytes()), file.name
    for file in refdata("opening-up-chatgpt", "projects").glob("*.yaml"):
        assert read_record(file.read_bytes()) == read_index(file.read_bytes()), file.name


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"[]",
        b"{}",
        b"name: x",
        b"model: {name: x}",
        # Of both.
        b"release: {name: x, components: []}\nsystem: {name: x}\ncode: {class: open}",
        b"{broken",
        b"a: b: c",
    ],
)
def test_of_no_registry(data):
    with pytest.raises(LedgerError) as caught:
        read_record(data, name="file")
    assert caught.value.code == "LG1003"
    assert "`file`" in caught.value.message
    if b"b: c" not in data and data != b"{broken":
        assert "Model Openness Tool" in caught.value.message and "Open Source AI Index" in caught.value.message


@given(st.binary(max_size=200))
def test_garbage_is_a_ledger_error(data):
    with pytest.raises(LedgerError):
        read_record(data)
