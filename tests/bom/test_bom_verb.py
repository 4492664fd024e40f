"""`ledger check` and `check_file`: exit codes, what is shown, and what happens without the schemas."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bom.bom_making import cdx, changed, spdx2, spdx3, unsure
from commands import ask

from ledger.api import check_file
from ledger.bom import schemas
from ledger.clock import FixedClock
from ledger.errors import LedgerError


def written(folder: Path, document: Any, name: str = "bom.json") -> str:
    path = folder / name
    path.write_text(json.dumps(document))
    return str(path)


def bad() -> Any:
    return changed(cdx(), lambda d: d["dependencies"].append({"ref": "nobody"}))


def test_what_holds_is_exit_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = ask(capsys, "check", written(tmp_path, cdx()))
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0].endswith("bom.json: CycloneDX 1.6")
    assert [line.split()[0] for line in lines[3:-1]] == ["S1", *(f"C{number}" for number in range(1, 8))]
    assert lines[-1] == "8 rules held, 0 did not hold, 0 could not be told"


def test_what_does_not_hold_is_exit_1_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = ask(capsys, "check", written(tmp_path, bad()))
    assert said.code == 1
    assert "error[LG1705]: 1 rule does not hold: C2 of" in said.err
    (line,) = [line for line in said.out.splitlines() if line.startswith("C2")]
    assert "does NOT hold" in line and "no bom-ref is `nobody`" in line and line.endswith("/dependencies/5/ref")


def test_what_cannot_be_told_is_exit_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, spdx3())
    said = ask(capsys, "check", path)
    assert said.code == 3
    assert "error[LG1706]" in said.err and "R11" in said.err
    assert ask(capsys, "check", path, "--at", "2026-11-01T12:00:00Z").code == 0
    assert ask(capsys, "check", path, "--at", "2026-10-31T12:00:00Z").code == 1


def test_of_several_files_the_worst_decides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, open_, broken = (written(tmp_path, document, name) for document, name in ((cdx(), "a"), (spdx3(), "b"), (bad(), "c")))
    assert ask(capsys, "check", good, open_).code == 3
    assert ask(capsys, "check", open_, broken, good).code == 1
    said = ask(capsys, "check", open_, broken, "--json")
    answer = said.json()
    assert [(item["format"], item["version"], item["outcome"]) for item in answer["result"]["files"]] == [
        ("SPDX", "3.0.1", "could-not-tell"),
        ("CycloneDX", "1.6", "does-not-hold"),
    ]
    assert answer["error"]["code"] == "LG1705"


@pytest.mark.parametrize(
    ("data", "code", "exit_code"),
    [("{", "LG1702", 1), ("{}", "LG1703", 2), ('{"bomFormat": "CycloneDX", "specVersion": "1.0"}', "LG1704", 2), ("[" * 70, "LG1701", 2)],
)
def test_what_is_no_document_has_its_code(data: str, code: str, exit_code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_text(data)
    said = ask(capsys, "check", str(tmp_path / "x"))
    assert (said.code, said.out) == (exit_code, "")
    assert f"error[{code}]" in said.err and "hint:" in said.err


def test_a_missing_file_and_a_bad_time_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "error[LG1709]" in ask(capsys, "check", str(tmp_path / "nothing")).err
    assert "error[LG1709]" in ask(capsys, "check", str(tmp_path)).err
    said = ask(capsys, "check", written(tmp_path, cdx()), "--at", "noon")
    assert (said.code, said.out) == (2, "") and "error[LG1707]" in said.err


def test_now_is_what_the_clock_says(tmp_path: Path) -> None:
    path = written(tmp_path, spdx3())  # created at 2026-11-01T12:00:00Z
    before, after = (FixedClock(datetime(2026, 11, 1, hour, 0, tzinfo=UTC)) for hour in (11, 13))
    assert check_file(path, "now", clock=after).outcome == "holds"
    assert check_file(path, "now", clock=before).result("R11").result == "does-not-hold"
    assert check_file(path, clock=after).result("R11").result == "could-not-tell"


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch) -> Any:
    caches = (schemas._cyclonedx, schemas._spdx, schemas._spdx_schema, schemas._spdx3_class)
    monkeypatch.setattr(schemas, "find_spec", lambda _name: None)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.usefixtures("no_packages")
@pytest.mark.parametrize("document", [cdx, spdx2, spdx3])
def test_without_the_schemas_nobody_can_tell(document: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, document())
    report = check_file(path, "2026-11-20T12:00:00Z")
    assert unsure(report) == {"S1"}
    assert report.outcome == "could-not-tell"
    assert "pip install 'openness-ledger[check]'" in report.result("S1").reason
    assert ask(capsys, "check", path, "--at", "2026-11-20T12:00:00Z").code == 3


@pytest.mark.usefixtures("no_packages")
def test_without_the_schemas_a_broken_rule_is_still_one(tmp_path: Path) -> None:
    report = check_file(written(tmp_path, bad()))
    assert report.outcome == "does-not-hold"


def test_a_schema_that_cannot_be_read_is_no_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bom-1.6.SNAPSHOT.schema.json").write_text("{")
    monkeypatch.setattr(schemas, "_folder", lambda *_parts: tmp_path)
    schemas._cyclonedx.cache_clear()
    try:
        with pytest.raises(LedgerError) as error:
            schemas._cyclonedx("1.6")
    finally:
        schemas._cyclonedx.cache_clear()
    assert error.value.code == "LG1708"
