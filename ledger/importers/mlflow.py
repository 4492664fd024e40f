"""MLflow: a logged model's folder, a run's folder, or the tree of a file store (`mlruns`); pure, and MLflow itself is not needed.

A folder with `MLmodel` is weights. The run that it came from says which datasets went in and for what (`mlflow.data.context`), with which
parameters, and from which commit. MLflow's dataset digests are eight digits: they are facts, and never identities or versions.
Names of users are not kept. Source: MLflow 3.17.2's file store (facts page of formats, section 6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.errors import LedgerError
from ledger.importers import reading, repository
from ledger.importers.imported import Edge, Fact, Imported, ImportedArtifact, Input, License, Options, Thing, Unresolved, license_conflict
from ledger.importers.sources import At, Files, parse_json, shown, whole
from ledger.limits import LIMITS

MODEL, META = "MLmodel", "meta.yaml"
_CONTEXTS = {"training": "trained-on", "train": "trained-on", "eval": "evaluated-on", "evaluation": "evaluated-on", "test": "evaluated-on"}
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_KEPT_TAGS = (
    "mlflow.source.git.commit",
    "mlflow.source.git.repoURL",
    "mlflow.source.git.branch",
    "mlflow.source.name",
    "mlflow.source.type",
)
_MOST_FACTS = 500_000
_FINISHED = ("3", "FINISHED")
_SOURCE_KEYS = ("url", "uri", "path", "name")
_MOST_VALUES, _VALUE_BYTES, _MOST_FOLDERS = 2000, 64 << 10, 5000
_MODEL_TEXTS = ("mlflow_version", "model_id", "model_uuid", "run_id", "utc_time_created", "model_size_bytes")


@dataclass(slots=True)
class _Run:
    folder: str
    id: str
    at: At
    facts: list[Fact] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    licenses: list[License] = field(default_factory=list)
    used: bool = False


def read(files: Files, how: Options) -> Imported:
    """What MLflow keeps of a model or of runs.

    Raises:
        LedgerError: LG1501 for a file that cannot be read, LG1502 for what MLflow has not written, LG0103 for what is too large.
    """
    return _Store(files, how).imported()


class _Store:
    def __init__(self, files: Files, how: Options) -> None:
        self.files, self.how = files, how
        self.paths = list(files.paths())
        self.lost: list[Unresolved] = []
        self.metas: dict[str, Mapping[str, Any]] = {}
        self.values: dict[str, list[str]] = {}
        self.inputs: dict[str, list[str]] = {}
        self.said_facts = 0

    def imported(self) -> Imported:
        models = sorted(path.removesuffix(MODEL).rstrip("/") for path in self.paths if path == MODEL or path.endswith(f"/{MODEL}"))
        metas = [path for path in self.paths if path.rsplit("/", 1)[-1] == META]
        if len(models) > _MOST_FOLDERS or len(metas) > 20 * _MOST_FOLDERS:
            raise LedgerError("LG0103", f"`{shown(self.how.given)}` has more models or runs than are read at once")
        self._index(metas)
        runs = {found.id: found for found in self._runs()}
        artifacts = tuple(self._model(folder, runs, alone=len(models) == 1) for folder in models)
        rest = [run for run in runs.values() if not run.used]
        if not artifacts and not rest:
            raise LedgerError("LG1502", f"`{shown(self.how.given)}` has neither an MLmodel nor a run of MLflow")
        things: list[Thing] = []
        edges: list[Edge] = []
        for run in rest:
            key = f"run {run.id}"
            name = reading.reference_name(self._said(run.folder).get("run_name")) or reading.reference_name(run.id) or "run"
            things.append(Thing(key, "", name, run.at, reading.version_text(run.id), licenses=tuple(run.licenses), facts=tuple(run.facts)))
            self._lose(run.id, "no model of this run is here: what it says is a claim about something elsewhere", run.at)
            further, made = reading.described(run.inputs, key)
            things += further
            edges += made
        documents = () if artifacts else tuple(run.at.file for run in rest[:1000])
        conflicts = tuple(one for item in artifacts for one in license_conflict(item.licenses, f"`{shown(item.name)}`"))
        form = "MLflow model" if models in ([""], []) and artifacts else "MLflow runs"
        return Imported("mlflow", form, artifacts, tuple(things), tuple(edges), (), conflicts, tuple(self.lost), documents)

    def _index(self, metas: list[str]) -> None:
        for path in metas:
            self.metas[path.removesuffix(META).rstrip("/")] = reading.mapping_yaml(whole(self.files, path, LIMITS.pipeline_bytes), path)
        for inner in self.metas:
            parts = inner.split("/")
            if len(parts) >= 2 and parts[-2] == "inputs":
                self.inputs.setdefault("/".join(parts[:-2]), []).append(inner)
        for path in self.paths:
            parts = path.split("/")
            for name in ("params", "metrics", "tags"):
                if name in parts[:-1]:
                    place = len(parts) - 2 - parts[:-1][::-1].index(name)
                    folder = "/".join(parts[: place + 1])
                    self.values.setdefault(folder, []).append(path)

    def _said(self, folder: str) -> Mapping[str, Any]:
        return self.metas.get(folder, {})

    # --- runs ------------------------------------------------------------------------------------

    def _runs(self) -> Iterator[_Run]:
        for folder, said in self.metas.items():
            id = said.get("run_id") or said.get("run_uuid")
            if not isinstance(id, str) or "artifact_uri" not in said:
                continue
            at = At(_within(folder, META))
            run = _Run(folder, id, at)
            run.facts.append(Fact("run.id", id, at.under("run_id")))
            for name in ("run_name", "status", "start_time", "end_time", "lifecycle_stage"):
                run.facts += reading.facts_from(f"run.{name}", said.get(name), at.under(name))
            if said.get("status") is not None and said["status"] not in _FINISHED:
                self._lose(id, f"the run did not finish: its status is {shown(said['status'])}", at.under("status"))
            tags = self._tags(folder, run)
            self._values(folder, run)
            self._datasets(folder, run)
            self._code(tags, folder, run)
            yield run

    def _tags(self, folder: str, run: _Run) -> dict[str, str]:
        tags = dict(self._texts(_within(folder, "tags")))
        for name, value in tags.items():
            at = At(_within(folder, f"tags/{name}"))
            if name in ("license", "licence"):
                run.licenses += reading.licenses_said(value, at, self.lost)
            if name in _KEPT_TAGS or not name.startswith("mlflow."):
                run.facts.append(Fact(f"tag.{name}", value, at))
        return tags

    def _values(self, folder: str, run: _Run) -> None:
        for name, value in self._texts(_within(folder, "params")):
            run.facts.append(Fact(f"param.{name}", value, At(_within(folder, f"params/{name}"))))
        for name, value in self._texts(_within(folder, "metrics")):
            last = value.splitlines()[-1].split() if value.splitlines() else []
            if len(last) >= 2:
                run.facts.append(Fact(f"metric.{name}", last[1], At(_within(folder, f"metrics/{name}"))))

    def _texts(self, folder: str) -> Iterator[tuple[str, str]]:
        """The files of a folder of params, metrics or tags: name and text. Long series of a metric keep their end."""
        listed = self.values.get(folder, [])
        if len(listed) > _MOST_VALUES:
            self._lose(f"{len(listed) - _MOST_VALUES} values", f"only {_MOST_VALUES} of a folder are read", At(folder))
        for path in listed[:_MOST_VALUES]:
            size = self.files.size(path) or 0
            if size > 64 * _VALUE_BYTES:
                self._lose(path, "it is too long for a value", At(path))
                continue
            data = self.files.head(path, size)[-_VALUE_BYTES:]
            yield path.removeprefix(folder).strip("/"), data.decode("utf-8", "replace").strip()

    def _datasets(self, folder: str, run: _Run) -> None:
        for place in self.inputs.get(folder, ()):
            said = self.metas[place]
            at = At(_within(place, META))
            if said.get("source_type") not in ("DATASET", None):
                run.facts += reading.facts_from("input", said.get("source_id"), at.under("source_id"))
                self._lose(said.get("source_id"), "an input that is no dataset", at.under("source_type"))
                continue
            tags = said.get("tags")
            context = tags.get("mlflow.data.context") if isinstance(tags, Mapping) else None
            relation = _CONTEXTS.get(str(context).lower())
            if relation is None:
                self._lose(context, "nothing says whether the model was trained or evaluated on it", at.under("tags"))
            found = self._dataset(said.get("source_id"), folder, relation or "derived-from", at, run)
            if found is not None:
                run.inputs.append(found)

    def _dataset(self, id: Any, folder: str, relation: str, at: At, run: _Run) -> Input | None:
        experiment = folder.rpartition("/")[0] if "/" in folder else ""
        place = _within(experiment, f"datasets/{id}")
        said = self.metas.get(place)
        if said is None or not folder:
            self._lose(id, "its dataset stands in the experiment's folder, which is not here", at.under("source_id"))
            return None
        where = At(_within(place, META))
        run.facts += reading.facts_from("dataset.digest", said.get("digest"), where.under("digest"))
        run.facts += reading.facts_from("dataset.source_type", said.get("source_type"), where.under("source_type"))
        found = reading.input_said(relation, said.get("name"), where, self.lost)
        return None if found is None else Input(relation, where, name=found.name, uri=self._address(said.get("source"), where))

    def _address(self, source: Any, at: At) -> str | None:
        """The address in a dataset's source, which is JSON in a text; paths of somebody's machine are none."""
        if not isinstance(source, str):
            return None
        try:
            said = parse_json(source.encode("utf-8", "replace"), at.file)
        except LedgerError:
            self._lose(source, "the source is no JSON", at.under("source"))
            return None
        texts = [said.get(key) for key in _SOURCE_KEYS] if isinstance(said, Mapping) else []
        return next((text for text in texts if isinstance(text, str) and reading.is_address(text)), None)

    def _code(self, tags: Mapping[str, str], folder: str, run: _Run) -> None:
        commit, repo = tags.get("mlflow.source.git.commit"), tags.get("mlflow.source.git.repoURL")
        if commit is None:
            return
        at = At(_within(folder, "tags/mlflow.source.git.commit"))
        if not _COMMIT.fullmatch(commit):
            self._lose(commit, "it is no commit", at)
            return
        uri = repository.public_url(repo) if repo else None
        name = reading.reference_name(uri) or reading.reference_name((tags.get("mlflow.source.name") or "").rsplit("/", 1)[-1])
        if name is None:
            self._lose(commit, "nothing says of which repository the commit is", at)
            return
        run.inputs.append(Input("built-by", at, name=name, version=commit, uri=uri))

    # --- models ----------------------------------------------------------------------------------

    def _model(self, folder: str, runs: Mapping[str, _Run], *, alone: bool) -> ImportedArtifact:
        path = _within(folder, MODEL)
        at = At(path)
        said = reading.mapping_yaml(whole(self.files, path, LIMITS.pipeline_bytes), path)
        around = folder.removesuffix("/artifacts") if folder.endswith("/artifacts") else None
        meta = self._said(around) if around else {}
        facts = [fact for name in _MODEL_TEXTS for fact in reading.facts_from(f"model.{name}", said.get(name), at.under(name))]
        flavors = said.get("flavors")
        if isinstance(flavors, Mapping):
            facts.append(Fact("model.flavors", sorted(flavors), at.under("flavors")))
        else:
            self._lose(flavors, "a model of MLflow has flavors", at.under("flavors"))
        licenses: list[License] = []
        metadata = said.get("metadata")
        facts += reading.facts_from("model.metadata", metadata, at.under("metadata"))
        for name in ("license", "licence"):
            if isinstance(metadata, Mapping) and metadata.get(name) is not None:
                licenses += reading.licenses_said(metadata[name], at.under("metadata", name), self.lost)
        wanted = meta.get("source_run_id") or said.get("run_id")
        run = runs.get(str(wanted))
        if run is None and wanted:
            self._lose(wanted, "the run that made the model is not here: its inputs are not known", at.under("run_id"))
        if run is not None:
            run.used = True
            self.said_facts += len(run.facts)
            if self.said_facts > _MOST_FACTS:
                raise LedgerError("LG0103", f"`{shown(self.how.given)}` says more than {_MOST_FACTS} things of its models")
        id = reading.version_text(said.get("model_id") or said.get("model_uuid") or wanted)
        called = meta.get("name") or (folder.rsplit("/", 1)[-1] if folder and around is None else None)
        own = self.how if alone else Options(self.how.given)
        return ImportedArtifact(
            folder or "main",
            "weights",
            reading.own_name(own, called, self.lost, at),
            self.how.version or id,
            folder,
            licenses=(*licenses, *(run.licenses if run else ())),
            inputs=tuple(run.inputs) if run else (),
            facts=(*facts, *(run.facts if run else ())),
        )

    def _lose(self, what: object, reason: str, at: At) -> None:
        self.lost.append(Unresolved(str(what)[:200], reason, at))


def _within(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
