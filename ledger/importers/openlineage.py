"""OpenLineage: a file of events: one, a list of them, or one on each line; a document whose datasets and edges are claims; pure.

The events of one run are put together. A run that failed made nothing; one that nothing says completed is reported. What a run put out
was made from what it took in, which is all that the format says: not whether a model was trained or evaluated on it.
A dataset's version is its facet's, its licence a tag called `license`. Source: OpenLineage 1.54.0, spec 2-0-2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.errors import LedgerError
from ledger.importers import reading, repository
from ledger.importers.documents import DOCUMENT_BYTES, digest_of, malformed, mappings, only_file, own_id, text_of
from ledger.importers.imported import Contradiction, Edge, Fact, Imported, License, Options, Thing, Unresolved, license_conflict
from ledger.importers.sources import At, Files, parse_json, shown, whole

_DONE, _FAILED = ("COMPLETE",), ("FAIL", "ABORT")
_TYPES = ("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER")
_MOST_EVENTS = 200_000
_DIGEST = re.compile(r"(sha256|sha512|sha1|md5):([0-9a-fA-F]+)")
_MODEL_TYPES = ("MODEL", "ML_MODEL")
_MODEL_SPACES = ("hf://models", "huggingface://models", "mlflow-models")


@dataclass(slots=True)
class _Dataset:
    key: str
    name: str
    space: str
    at: At
    kind: str = "dataset"
    version: str | None = None
    id: str | None = None
    uri: str | None = None
    digests: dict[tuple[str, str], None] = field(default_factory=dict)
    licenses: list[License] = field(default_factory=list)
    facts: dict[tuple[str, str], Fact] = field(default_factory=dict)


@dataclass(slots=True)
class _Run:
    job: str
    at: At
    types: set[str] = field(default_factory=set)
    inputs: dict[str, At] = field(default_factory=dict)
    outputs: dict[str, At] = field(default_factory=dict)


def read(files: Files, how: Options) -> Imported:
    """What a file of events says.

    Raises:
        LedgerError: LG1501 when it holds no event or cannot be read, LG1502 for a folder, LG0103 for too many events.
    """
    path = only_file(files, how)
    return _Events(path).imported(_events(whole(files, path, DOCUMENT_BYTES), path))


def _events(data: bytes, path: str) -> Iterator[tuple[Any, At]]:
    """Every event with its place: lines are counted from 1, members of a list from 0."""
    try:
        said = parse_json(data, path, DOCUMENT_BYTES)
    except LedgerError as error:
        lines = data.splitlines()
        if error.code == "LG0103" or len([line for line in lines if line.strip()]) < 2:
            raise
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield parse_json(line, path), At(path, f"line {number}")
                except LedgerError as inner:
                    raise malformed(path, f"has on line {number} no event: {inner.message}") from None
        return
    if isinstance(said, list):
        yield from ((item, At(path).under(number)) for number, item in enumerate(said))
    else:
        yield said, At(path)


class _Events:
    def __init__(self, path: str) -> None:
        self.path = path
        self.lost: list[Unresolved] = []
        self.contradictions: list[Contradiction] = []
        self.datasets: dict[str, _Dataset] = {}
        self.jobs: dict[str, Thing] = {}
        self.code: dict[str, Thing] = {}
        self.built: dict[str, dict[str, At]] = {}
        self.runs: dict[str, _Run] = {}
        self.edges: dict[tuple[str, str, str], Edge] = {}
        self.versions: set[str] = set()
        self.work = 0

    def imported(self, events: Iterator[tuple[Any, At]]) -> Imported:
        for count, (item, at) in enumerate(events, 1):
            if count > _MOST_EVENTS:
                raise LedgerError("LG0103", f"`{shown(self.path)}` has more than {_MOST_EVENTS} events")
            self._event(item, at)
        if not self.runs and not self.datasets and not self.jobs:
            raise malformed(self.path, "holds no event of OpenLineage")
        for id, run in self.runs.items():
            self._made(id, run)
        for dataset in self.datasets.values():
            self.contradictions += license_conflict(dataset.licenses, f"`{shown(dataset.name)}`")
        things = [self._thing(item) for item in self.datasets.values()]
        version = next(iter(self.versions)) if len(self.versions) == 1 else ""
        return Imported(
            "openlineage",
            f"OpenLineage {version}".strip(),
            (),
            (*things, *self.code.values(), *self.jobs.values()),
            tuple(self.edges.values()),
            contradictions=tuple(self.contradictions),
            unresolved=tuple(self.lost),
            documents=(self.path,),
        )

    def _event(self, item: Any, at: At) -> None:
        if not isinstance(item, Mapping):
            self._lose(item, "no event", at)
            return
        schema = item.get("schemaURL")
        found = re.search(r"/spec/([0-9]+-[0-9]+-[0-9]+)/", schema) if isinstance(schema, str) else None
        self.versions.add(found[1] if found else "")
        job, run = item.get("job"), item.get("run")
        if isinstance(item.get("dataset"), Mapping) and run is None:
            self._dataset(item["dataset"], at.under("dataset"))
            return
        name = self._job(job, at.under("job"))
        if name is None:
            self._lose(item.get("eventType") or "event", "an event has a run with a job, a job, or a dataset", at)
            return
        if isinstance(run, Mapping):
            self._run(item, run, name, at)
        elif run is None:
            # A job's event says what it reads and writes whenever it runs.
            self._sides(_Run(name, at, {"COMPLETE"}), item, at, f"job {name} {at}")
        else:
            self._lose(run, "it is no run", at.under("run"))

    def _run(self, item: Mapping[str, Any], said: Mapping[str, Any], job: str, at: At) -> None:
        id = text_of(said.get("runId"))
        if id is None:
            self._lose(said.get("runId"), "a run without an id", at.under("run", "runId"))
            return
        run = self.runs.get(id)
        kind = item.get("eventType")
        if run is not None and run.job != job:
            text = f"the run `{shown(id)}` is of the jobs `{shown(run.job)}` and `{shown(job)}`"
            self.contradictions.append(Contradiction("run-of-two-jobs", text, (run.at, at)))
            id = f"{id} {job}"
            run = self.runs.get(id)
        run = run or _Run(job, at)
        if kind in _TYPES:
            run.types.add(str(kind))
        elif kind is not None:
            self._lose(kind, "no type of event that is known", at.under("eventType"))
        self._sides(run, item, at, id)

    def _sides(self, run: _Run, item: Mapping[str, Any], at: At, id: str) -> None:
        for name, side in (("inputs", run.inputs), ("outputs", run.outputs)):
            for one, place in mappings(item.get(name), at.under(name), self.lost):
                key = self._dataset(one, place)
                if key is not None:
                    side.setdefault(key, place)
        self.runs[id] = run
        thing = self.jobs[run.job]
        if len(thing.facts) < 200:
            facts = [
                fact for name in ("eventTime", "eventType", "producer") for fact in reading.facts_from(name, item.get(name), at.under(name))
            ]
            facts.append(Fact("run", id, at.under("run", "runId")))
            self.jobs[run.job] = Thing(thing.key, thing.kind, thing.name, thing.at, facts=(*thing.facts, *facts))

    def _made(self, id: str, run: _Run) -> None:
        if run.types & set(_FAILED) and not run.types & set(_DONE):
            self._lose(id, "the run failed or was stopped: nothing was made by it", run.at)
            return
        if not run.types & set(_DONE):
            self._lose(id, "nothing says that the run completed", run.at)
        self.work += len(run.outputs) * (len(run.inputs) + 1)
        if self.work > 10 * _MOST_EVENTS:
            raise LedgerError("LG0103", f"the runs of `{shown(self.path)}` have more inputs and outputs than are read")
        for output, at in run.outputs.items():
            for source in run.inputs:
                if source == output:
                    self._lose(source, "a run reads and writes it, and no versions tell which is which", at)
                else:
                    self._edge(output, "derived-from", source, at)
            for code, place in self.built.get(run.job, {}).items():
                self._edge(output, "built-by", code, place)

    def _edge(self, output: str, relation: str, source: str, at: At) -> None:
        self.edges.setdefault((output, relation, source), Edge(output, relation, source, at))
        if len(self.edges) > _MOST_EVENTS:
            raise LedgerError("LG0103", f"`{shown(self.path)}` says more than {_MOST_EVENTS} times what was made from what")

    # --- jobs and datasets -----------------------------------------------------------------------

    def _named(self, said: Any, at: At, what: str) -> tuple[str, str] | None:
        space = text_of(said.get("namespace")) if isinstance(said, Mapping) else None
        name = text_of(said.get("name")) if isinstance(said, Mapping) else None
        if space is None or name is None:
            self._lose(said, f"{what} has a namespace and a name", at)
            return None
        return space, name

    def _job(self, said: Any, at: At) -> str | None:
        found = self._named(said, at, "a job")
        if found is None:
            return None
        key = f"job {found[0]} {found[1]}"
        facets = said.get("facets")
        facts: list[Fact] = []
        for name, facet in facets.items() if isinstance(facets, Mapping) else ():
            if name == "sourceCodeLocation" and isinstance(facet, Mapping):
                self._location(facet, at.under("facets", name), key)
            elif isinstance(facet, Mapping):
                plain = {one: value for one, value in facet.items() if not one.startswith("_")}
                facts += reading.facts_from(f"job.{name}", plain, at.under("facets", name))
        if key not in self.jobs:
            self.jobs[key] = Thing(key, "", reading.reference_name(found[1]) or "job", at, facts=(Fact("namespace", found[0], at), *facts))
        return key

    def _location(self, facet: Mapping[str, Any], at: At, job: str) -> None:
        url = text_of(facet.get("repoUrl")) or text_of(facet.get("url"))
        public = repository.public_url(url) if url else None
        name = reading.reference_name(public)
        if name is None:
            self._lose(url, "no address of source code", at)
            return
        version = reading.version_text(facet.get("version") or facet.get("tag"))
        if version is None:
            self._lose(url, "the source code has no version: it is not pinned", at)
        key = f"code {public} {version}"
        if key not in self.code:
            texts = ("type", "path", "tag", "branch")
            facts = [fact for one in texts for fact in reading.facts_from(f"code.{one}", facet.get(one), at.under(one))]
            self.code[key] = Thing(key, "code", name, at, version, public, facts=tuple(facts))
        self.built.setdefault(job, {}).setdefault(key, at)

    def _dataset(self, said: Mapping[str, Any], at: At) -> str | None:
        found = self._named(said, at, "a dataset")
        if found is None:
            return None
        space, name = found
        facets = said.get("facets")
        facets = facets if isinstance(facets, Mapping) else {}
        facet = facets.get("version")
        version = text_of(facet.get("datasetVersion")) if isinstance(facet, Mapping) else None
        key = f"{space} {name}" + (f" {version}" if version else "")
        item = self.datasets.get(key)
        if item is None:
            uri = f"{space.rstrip('/')}/{name}"
            item = self.datasets[key] = _Dataset(key, name, space, at, uri=uri if reading.is_address(uri) else None)
            if space.startswith(_MODEL_SPACES):
                item.kind = "weights"
            self._version(item, version, at.under("facets", "version", "datasetVersion"))
        for one, value in facets.items():
            if isinstance(value, Mapping):
                self._facet(item, one, value, at.under("facets", one))
            else:
                self._lose(one, "it is no facet", at.under("facets", one))
        return key

    def _version(self, item: _Dataset, version: str | None, at: At) -> None:
        if version is None:
            return
        item.id = own_id(version)
        digest = _DIGEST.fullmatch(version)
        known = digest_of(digest[1], digest[2]) if digest else None
        if known is not None:
            item.digests.setdefault(known)
        item.version = reading.version_text(version)
        if item.version is None:
            self._lose(version, "it cannot be a version", at)

    def _facet(self, item: _Dataset, name: str, facet: Mapping[str, Any], at: At) -> None:
        if name == "tags":
            for tag, place in mappings(facet.get("tags"), at.under("tags"), self.lost):
                key, value = tag.get("key"), tag.get("value")
                if isinstance(key, str) and key.lower() in ("license", "licence") and tag.get("field") is None:
                    item.licenses += reading.licenses_said(value, place.under("value"), self.lost)
                elif isinstance(key, str):
                    self._fact(item, Fact(f"tag.{key}", str(value)[:4096], place))
            return
        if name == "datasetType" and str(facet.get("datasetType")).upper() in _MODEL_TYPES:
            item.kind = "weights"
        if name == "lineage":
            self._lineage(item, facet, at)
        if name in ("schema", "columnLineage", "dataQualityMetrics", "dataQualityAssertions"):
            return  # what columns there are says nothing of where they are from
        plain = {one: value for one, value in facet.items() if not one.startswith("_") and one != "fields"}
        for fact in reading.facts_from(name, plain, at):
            self._fact(item, fact)

    def _fact(self, item: _Dataset, fact: Fact) -> None:
        if len(item.facts) < 500:
            item.facts.setdefault((fact.field, str(fact.value)), fact)

    def _lineage(self, item: _Dataset, facet: Mapping[str, Any], at: At) -> None:
        """Datasets that a catalogue says a dataset was made from, without a run."""
        for one, place in mappings(facet.get("inputs"), at.under("inputs"), self.lost):
            if one.get("type") != "DATASET":
                self._lose(one.get("name"), "an input of a lineage that is no dataset", place)
                continue
            found = self._named(one, place, "a dataset")
            if found is not None:
                key = f"{found[0]} {found[1]}"
                self.datasets.setdefault(key, _Dataset(key, found[1], found[0], place))
                if key != item.key:
                    self._edge(item.key, "derived-from", key, place)

    def _thing(self, item: _Dataset) -> Thing:
        name = reading.reference_name(item.name) or reading.reference_name(f"{item.space}/{item.name}") or "dataset"
        facts = (Fact("namespace", item.space, item.at.under("namespace")), *item.facts.values())
        digests, licenses = tuple(item.digests), tuple(item.licenses)
        return Thing(item.key, item.kind, name, item.at, item.version, item.uri, item.id, digests, licenses, facts)

    def _lose(self, what: object, reason: str, at: At) -> None:
        self.lost.append(Unresolved(str(what)[:200], reason, at))
