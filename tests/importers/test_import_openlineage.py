"""OpenLineage: the specification's examples and facets, the sample event, and runs that fail, go on, or name nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from importable import COMMIT, event, written
from refdata import refdata

from ledger.api import Ledger, LedgerError, import_from
from ledger.importers.imported import Imported, Options
from ledger.importers.openlineage import read
from ledger.importers.sources import MemoryFiles


def taken(data: Any) -> Imported:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return read(MemoryFiles({"events.json": raw}), Options("events.json"))


def edges(found: Imported) -> set[tuple[str, str, str]]:
    return {(edge.output, edge.relation, edge.input) for edge in found.edges}


MADE = ("s3://clean birds", "derived-from", "s3://raw birds 3")
BUILT = ("s3://clean birds", "built-by", f"code https://example.org/clean.git {COMMIT}")


def test_an_event(empty: Ledger, tmp_path: Path) -> None:
    path = written({"event.json": json.dumps(event()).encode()}, tmp_path) / "event.json"
    report = import_from(empty, "openlineage", path)
    [item] = report.recorded
    assert item.kind == "document" and report.format == "OpenLineage 2-0-2"
    described = {(edge["reference"]["name"], edge["reference"].get("version")) for edge in empty.show(item.id)["predicate"]["from"]}
    assert described == {("birds", "3"), ("birds", None), ("example.org/clean.git", COMMIT), ("clean", None)}
    [claim] = [row for row in report.claims if row["field"] == "license"]
    assert (claim["subject"], claim["value"]["normalized"]) == ("s3://clean birds", "CC-BY-4.0")
    size = empty.size
    again = import_from(empty, "openlineage", path)
    assert all(one.existing for one in again.recorded) and empty.size == size


@pytest.mark.parametrize("form", ["lines", "list", "one"])
def test_events_of_a_run_are_put_together(form: str) -> None:
    start, done = event(eventType="START", outputs=[]), event(inputs=[])
    texts = [json.dumps(item).encode() for item in (start, done)]
    data = {"lines": b"\n\n".join(texts) + b"\n", "list": b"[" + b",".join(texts) + b"]", "one": json.dumps(event()).encode()}[form]
    found = taken(data)
    assert edges(found) == {MADE, BUILT} and found.unresolved == ()
    at = next(str(thing.at) for thing in found.things if thing.key == "s3://raw birds 3")
    assert at == {"lines": "events.json:line 1/inputs/0", "list": "events.json:/0/inputs/0", "one": "events.json:/inputs/0"}[form]


@pytest.mark.parametrize(
    ("types", "made", "reported"),
    [
        (["COMPLETE"], True, None),
        (["START", "FAIL"], False, "failed or was stopped"),
        (["ABORT"], False, "failed or was stopped"),
        (["FAIL", "COMPLETE"], True, None),
        (["START"], True, "nothing says that the run completed"),
        (["SOMETHING"], True, "no type of event"),
        ([None], True, "nothing says that the run completed"),
    ],
)
def test_how_a_run_ended(types: list[Any], made: bool, reported: str | None) -> None:
    found = taken([event(eventType=kind) for kind in types])
    assert (MADE in edges(found)) is made
    assert any(reported in item.reason for item in found.unresolved) if reported else found.unresolved == ()


def test_the_sample_event() -> None:
    found = taken(refdata("samples", "openlineage.json").read_bytes())
    kinds = {(thing.kind, thing.name, thing.version) for thing in found.things if thing.kind != "code" and thing.kind}
    assert kinds == {("dataset", "acme/corpus-a", "sha256:aa"), ("weights", "acme/granite-mini", "sha256:bb")}
    assert all(thing.digests == () for thing in found.things), "two digits are no digest"
    assert len([edge for edge in found.edges if edge.relation == "derived-from"]) == 1


def test_the_specifications_full_event() -> None:
    found = taken(refdata("openlineage", "spec", "tests", "example_full_event.json").read_bytes())
    assert found.format == "OpenLineage 1-0-5" and found.edges == ()
    assert [(thing.kind, thing.name) for thing in found.things] == [("", "dbt")]
    assert {fact.field: fact.value for fact in found.things[0].facts}["job.sql.query"] == "SELECT 1"


def test_every_facet_of_the_specification_within_an_event() -> None:
    """The tests of the specification are facets alone: no events by themselves, and read where they belong."""
    paths = [path for path in refdata("openlineage", "spec", "tests").rglob("*.json") if path.name != "example_full_event.json"]
    assert len(paths) == 46
    for path in paths:
        facets = json.loads(path.read_bytes())
        with pytest.raises(LedgerError) as caught:
            taken(facets)
        assert caught.value.code == "LG1501"
        changed = event()
        place = changed["job"] if "Job" in path.parent.name else changed["run"] if "Run" in path.parent.name else changed["outputs"][0]
        place["facets"] = {**place["facets"], **facets}
        made = {(edge.relation, edge.input) for edge in taken(changed).edges}
        assert MADE[1:] in made and "built-by" in {relation for relation, _ in made}
    lineage = json.loads(refdata("openlineage", "spec", "tests", "LineageFacet", "dataset-to-dataset.json").read_bytes())
    found = taken(event(outputs=[{"namespace": "a", "name": "b", "facets": lineage}]))
    assert ("a b", "derived-from", "postgresql://warehouse:5432 public.customers") in edges(found)


def test_versions_that_are_digests_or_ids_and_a_dataset_that_is_rewritten() -> None:
    def version(text: str) -> dict[str, Any]:
        return {"namespace": "a", "name": "b", "facets": {"version": {"datasetVersion": text}}}

    found = taken(event(inputs=[version("sha256:" + "A" * 64), version("tree:" + "b" * 64)]))
    things = {thing.version: thing for thing in found.things}
    assert things["sha256:" + "A" * 64].digests == (("sha256", "a" * 64),)
    assert things["tree:" + "b" * 64].id == "tree:" + "b" * 64
    same = {"namespace": "a", "name": "b"}
    found = taken(event(inputs=[same], outputs=[same]))
    assert not [edge for edge in found.edges if edge.relation == "derived-from"]
    assert any("reads and writes it" in item.reason for item in found.unresolved)


def test_events_of_datasets_and_of_jobs() -> None:
    alone = {"eventTime": "2026-01-01T00:00:00Z", "dataset": {"namespace": "a", "name": "b"}, "schemaURL": "x", "producer": "y"}
    assert [thing.key for thing in taken(alone).things] == ["a b"]
    job = event()
    del job["run"], job["eventType"]
    assert edges(taken(job)) == {MADE, BUILT}


def test_one_run_of_two_jobs_and_tags_of_columns() -> None:
    other = event(job={"namespace": "birds", "name": "other"})
    assert [item.rule for item in taken([event(), other]).contradictions] == ["run-of-two-jobs"]
    tags = {"tags": {"tags": [{"key": "license", "value": "MIT", "field": "a"}]}}
    found = taken(event(outputs=[{"namespace": "a", "name": "b", "facets": tags}]))
    assert all(thing.licenses == () for thing in found.things), "a licence of a column is none of the dataset"


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"[1]", b'"a"', b"{}\n{}\n", b'{"a":1}\nnot json\n', b"\xff\xfe", b'{"run":{},"run":{}}']
)
def test_what_holds_no_event(data: bytes) -> None:
    with pytest.raises(LedgerError) as caught:
        taken(data)
    assert caught.value.code == "LG1501"
