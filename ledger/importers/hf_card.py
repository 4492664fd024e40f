"""The metadata of a Hugging Face card: YAML between two lines of `---` at the head of README.md; pure.

Names of models and datasets in a card have no revision: they become references that stay unpinned. A list of licences says nowhere
whether all hold or one may be chosen: it is kept, and asserts nothing. What a value cannot be is reported, and never mended.
Source: huggingface/hub-docs, model and dataset card metadata (read 2026-08-22).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.errors import LedgerError
from ledger.importers.imported import Fact, Input, License, Unresolved, license_list, license_said
from ledger.importers.sources import BAD, At, parse_yaml, shown
from ledger.spec.names import check_name
from ledger.spec.vocabulary import NOASSERTION

HUB = "https://huggingface.co/"
_FRONT = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?")
RELATIONS = {"adapter": "adapter-of", "merge": "merged-from", "quantized": "quantized-from", "finetune": "fine-tuned-from"}
_DATASET_ONLY = frozenset(
    {
        "annotations_creators",
        "configs",
        "dataset_info",
        "language_creators",
        "multilinguality",
        "size_categories",
        "source_datasets",
        "task_categories",
    }
)
_TEXTS = ("library_name", "pipeline_tag", "new_version", "pretty_name", "paperswithcode_id", "viewer", "extra_gated_prompt")
_LISTS = (
    "language",
    "tags",
    "task_categories",
    "task_ids",
    "size_categories",
    "annotations_creators",
    "language_creators",
    "multilinguality",
)
_RESULTS = 1000


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says.

    Attributes:
        relation: what `base_model_relation` says, in this format's words; None when it says nothing.
        dataset: whether it has fields that only datasets have.
        gated: whether a form stands before the download.
    """

    licenses: tuple[License, ...] = ()
    datasets: tuple[Input, ...] = ()
    base_models: tuple[Input, ...] = ()
    relation: str | None = None
    sources: tuple[Input, ...] = ()
    evaluated: tuple[Input, ...] = ()
    facts: tuple[Fact, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    unresolved: tuple[Unresolved, ...] = ()
    dataset: bool = False
    gated: bool = False
    license_file: str | None = None


def front_matter(data: bytes) -> bytes | None:
    """The YAML at the head of a card; None when it has none."""
    found = _FRONT.match(data)
    return None if found is None else found[1]


def read_card(data: bytes, path: str) -> Card:
    """The metadata of a card; `data` is its YAML alone.

    Raises:
        LedgerError: LG1501 when it is not a YAML mapping of plain values, LG0103 when it is too large.
    """
    said = parse_yaml(data, path)
    if said is None:
        return Card(unresolved=(Unresolved("the card's metadata", "there is none", At(path)),))
    if not isinstance(said, dict):
        raise LedgerError(BAD, f"the metadata of `{shown(path)}` is no mapping")
    return _Reading(said, At(path)).card()


class _Reading:
    def __init__(self, said: Mapping[str, Any], at: At) -> None:
        self.said, self.at = said, at
        self.unresolved: list[Unresolved] = []

    def card(self) -> Card:
        licenses = tuple(self._licenses())
        relation = self._relation()
        datasets = tuple(self._named("datasets", "trained-on", HUB + "datasets/"))
        base = tuple(self._named("base_model", relation or "derived-from", HUB))
        sources = tuple(self._source_datasets())
        evaluated = tuple(self._evaluated())
        facts = tuple(self._facts())
        link = self.said.get("license_link")
        return Card(
            licenses,
            datasets,
            base,
            relation,
            sources,
            evaluated,
            facts,
            self._data(),
            tuple(self.unresolved),
            dataset=not _DATASET_ONLY.isdisjoint(self.said),
            gated="extra_gated_prompt" in self.said or "extra_gated_fields" in self.said,
            license_file=link if isinstance(link, str) and "://" not in link else None,
        )

    def _lost(self, what: object, reason: str, at: At) -> None:
        self.unresolved.append(Unresolved(str(what), reason, at))

    def _licenses(self) -> Iterator[License]:
        given, at = self.said.get("license"), self.at.under("license")
        link = self.said.get("license_link")
        if link is not None and not isinstance(link, str):
            self._lost(link, "an address of a licence is text", self.at.under("license_link"))
            link = None
        if given is None:
            if "license" in self.said:
                self._lost("license", "it is empty", at)
            return
        texts = given if isinstance(given, list) else [given]
        if not texts or not all(isinstance(item, str) and item for item in texts):
            self._lost(given, "a licence is text, or a list of texts", at)
            return
        name = self.said.get("license_name")
        if texts == ["other"] and isinstance(name, str) and name:
            yield license_said(name, self.at.under("license_name"), "hf", link)
            return
        if "license_name" in self.said:
            self._lost(name, "`license_name` is for the licence `other`", self.at.under("license_name"))
        found = license_said(texts[0], at, "hf", link) if not isinstance(given, list) else license_list(texts, at, "hf")
        if found.normalized == NOASSERTION:
            self._lost(found.text, found.reason or "it names no licence", found.at)
        yield found

    def _relation(self) -> str | None:
        given = self.said.get("base_model_relation")
        if given is None:
            return None
        if not isinstance(given, str) or given not in RELATIONS:
            self._lost(given, f"no relation that is known: {', '.join(RELATIONS)}", self.at.under("base_model_relation"))
            return None
        return RELATIONS[given]

    def _named(self, field: str, relation: str, where: str) -> Iterator[Input]:
        given = self.said.get(field)
        if given is None:
            return
        several = isinstance(given, list)
        seen: set[str] = set()
        for number, item in enumerate(given if several else [given]):
            at = self.at.under(field, number) if several else self.at.under(field)
            found = reference(item, relation, where, at)
            if found is None:
                self._lost(item, "it cannot be the name of a repository", at)
            elif found.name not in seen:
                seen.add(found.name)
                yield found

    def _source_datasets(self) -> Iterator[Input]:
        given = self.said.get("source_datasets")
        for number, item in enumerate(given if isinstance(given, list) else [] if given is None else [given]):
            at = self.at.under("source_datasets", number) if isinstance(given, list) else self.at.under("source_datasets")
            if item == "original":
                continue
            kind, bar, rest = item.partition("|") if isinstance(item, str) else ("", "", "")
            name = rest if bar else kind
            if item == "extended" or name.startswith("other") or (kind == "extended" and not name):
                self._lost(item, "it says that there is a source, and not which", at)
                continue
            found = reference(name, "derived-from", HUB + "datasets/", at)
            if found is None:
                self._lost(item, "it cannot be the name of a dataset", at)
            else:
                yield found

    def _evaluated(self) -> Iterator[Input]:
        """The datasets of `model-index`, each once, with the revision if one is stated."""
        seen: set[tuple[str, str | None]] = set()
        for dataset, at in self._result_datasets():
            name, revision = dataset.get("type"), dataset.get("revision")
            found = reference(name, "evaluated-on", HUB + "datasets/", at.under("type"), revision if isinstance(revision, str) else None)
            if found is None:
                self._lost(name, "it cannot be the name of a dataset", at.under("type"))
            elif (found.name, found.version) not in seen:
                seen.add((found.name, found.version))
                yield found

    def _result_datasets(self) -> Iterator[tuple[Mapping[str, Any], At]]:
        index = self.said.get("model-index")
        if index is None:
            return
        count = 0
        for number, model in enumerate(index if isinstance(index, list) else []):
            results = model.get("results") if isinstance(model, dict) else None
            for place, result in enumerate(results if isinstance(results, list) else []):
                dataset = result.get("dataset") if isinstance(result, dict) else None
                count += 1
                if isinstance(dataset, dict) and count <= _RESULTS:
                    yield dataset, self.at.under("model-index", number, "results", place, "dataset")
        if not count:
            self._lost("model-index", "it holds no results of the form that is known", self.at.under("model-index"))

    def _facts(self) -> Iterator[Fact]:
        for name in _TEXTS:
            value = self.said.get(name)
            if isinstance(value, str):
                yield Fact(name, value, self.at.under(name))
            elif value is not None:
                self._lost(value, "it should be text", self.at.under(name))
        for name in _LISTS:
            value = self.said.get(name)
            texts = [value] if isinstance(value, str) else value
            if isinstance(texts, list) and all(isinstance(item, str) for item in texts):
                yield Fact(name, texts, self.at.under(name))
            elif isinstance(value, Mapping) and all(isinstance(item, list) for item in value.values()):
                # Cards of 2022 give such lists by configuration.
                yield Fact(name, sorted({str(one) for item in value.values() for one in item}), self.at.under(name))
            elif value is not None:
                self._lost(value, "it should be a list of texts", self.at.under(name))

    def _data(self) -> dict[str, Any]:
        languages = self.said.get("language")
        several = [languages] if isinstance(languages, str) else languages
        found: dict[str, Any] = {}
        if isinstance(several, list) and several and all(isinstance(item, str) and item for item in several):
            found["languages"] = list(dict.fromkeys(several))
        return found


def reference(name: Any, relation: str, where: str, at: At, version: str | None = None) -> Input | None:
    """A repository of the hub as an unpinned reference; None when this cannot be its name. An address is kept as the name it stands for."""
    if not isinstance(name, str):
        return None
    if name.startswith(("https://", "http://")):
        called, uri = name.partition("://")[2].rstrip("/").replace("@", "").replace(":", ""), name
        called = called.removeprefix("huggingface.co/datasets/").removeprefix("huggingface.co/")
    elif _HUB_NAME.fullmatch(name):
        called, uri = name, where + name
    else:
        return None
    try:
        return Input(relation, at, name=check_name(called), version=version and check_name(version, what="version"), uri=uri)
    except LedgerError:
        return None
