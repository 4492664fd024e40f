"""Records of the Model Openness Tool and of the Open Source AI Index: every one of the reference data, and the wrong registry's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from importable import MOT, OSAI, written
from refdata import refdata

from ledger.api import Ledger, LedgerError, import_from
from ledger.importers import mot_record, osai_record
from ledger.importers.imported import Imported, Options
from ledger.importers.mot import ROLE_OF
from ledger.importers.sources import MemoryFiles


def mot(data: bytes, name: str = "record.yml") -> Imported:
    return mot_record.read(MemoryFiles({name: data}), Options(name))


def osai(data: bytes, name: str = "record.yml") -> Imported:
    return osai_record.read(MemoryFiles({name: data}), Options(name))


def test_every_model_of_the_tool() -> None:
    paths = [*refdata("mof", "models").glob("*.yml"), *refdata("mof", "test_data").glob("*.yml")]
    assert len(paths) == 39 + 27
    for path in paths:
        said = yaml.safe_load(path.read_bytes())
        release = said.get("release", said)
        found = mot(path.read_bytes(), path.name)
        known = [item["name"] for item in release["components"] if item["name"] in ROLE_OF]
        roles = [fact.value for thing in found.things for fact in thing.facts if fact.field == "role"]
        assert roles == [ROLE_OF[name] for name in known]
        assert found.things[0].kind == "release" and found.documents == (path.name,)


def test_the_names_of_test_models_say_how_many_licences_they_have() -> None:
    """`…_11C_…_11L_…`: eleven components, eleven with a licence of their own."""
    for path in refdata("mof", "test_data").glob("*.yml"):
        counted = re.search(r"_([0-9]+)C_[0-9]+G_([0-9]+)L_", path.name)
        assert counted is not None
        things = mot(path.read_bytes(), path.name).things[1:]
        assert len(things) == int(counted[1])
        said = [thing for thing in things if thing.licenses or any(fact.field == "unlicensed" for fact in thing.facts)]
        assert len([thing for thing in said if thing.licenses]) == int(counted[2])


def test_every_project_of_the_index() -> None:
    paths = sorted(refdata("opening-up-chatgpt", "projects").glob("*.yaml"))
    assert len(paths) == 8
    for path in paths:
        said = yaml.safe_load(path.read_bytes())
        found = osai(path.read_bytes(), path.name)
        judged = {fact.field.partition(".")[2]: fact.value for fact in found.things[0].facts if fact.field.startswith("judgement.")}
        expected = {name: item["class"].strip().lower() for name, item in said.items() if isinstance(item, dict) and item.get("class")}
        assert judged == {name: value for name, value in expected.items() if value in ("open", "partial", "closed")}
        assert found.format == "Open Source AI Index record"


@pytest.mark.parametrize(("origin", "data"), [("mot", MOT), ("osai-index", OSAI)])
def test_a_record_is_a_document(empty: Ledger, tmp_path: Path, origin: str, data: bytes) -> None:
    path = written({"record.yml": data}, tmp_path) / "record.yml"
    report = import_from(empty, origin, path)
    [item] = report.recorded
    assert item.kind == "document"
    assert {row["value"]["normalized"] for row in report.claims if row["field"] == "license"} == {"Apache-2.0"}
    size = empty.size
    again = import_from(empty, origin, path)
    assert all(one.existing for one in again.recorded) and empty.size == size


def test_roles_availability_and_what_has_no_licence() -> None:
    found = mot(MOT)
    facts = [{fact.field: fact.value for fact in thing.facts} for thing in found.things[1:]]
    assert facts == [
        {"role": "weights", "availability": "referenced", "component-of": "Tiny"},
        {"role": "datasets", "availability": "claimed", "component-of": "Tiny", "unlicensed": "yes"},
    ]
    assert [item.what for item in found.unresolved] == ["/release/components/2/name"]
    assert [thing.kind for thing in found.things] == ["release", "weights", "dataset"]


def test_the_other_registrys_record() -> None:
    for reader, data, other in ((mot, OSAI, "import osai-index"), (osai, MOT, "import mot")):
        with pytest.raises(LedgerError) as caught:
            reader(data)
        assert caught.value.code == "LG1502" and other in str(caught.value.hint)
    with pytest.raises(LedgerError) as caught:
        mot(b"a: b")
    assert caught.value.code == "LG1003"
