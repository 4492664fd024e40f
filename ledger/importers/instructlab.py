"""InstructLab: a taxonomy (one dataset for each leaf), or the folder that its data generation writes; pure.

A leaf is a folder with `qna.yaml`: seed examples that somebody wrote, with `attribution.txt` saying whose works they rest on, and for
knowledge a document pinned by repository and commit. Generated data name neither the model that generated them nor the taxonomy's commit:
a person states both (`--generated-by`, `--revision`), and recipes say how much of each part was mixed in.
Sources: instructlab/taxonomy of 2025-04-25, instructlab-schema 0.4.2, instructlab/sdg of 2025-11-10 (facts page of formats, section 6.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.errors import LedgerError
from ledger.importers import repository
from ledger.importers.documents import mappings
from ledger.importers.imported import Contradiction, Fact, Imported, ImportedArtifact, Input, License, Options, Unresolved, license_said
from ledger.importers.sources import BAD, At, Files, confined, parse_yaml, shown, whole
from ledger.licenses.effective import effective
from ledger.licenses.findings import Node
from ledger.limits import LIMITS
from ledger.spec.names import check_name
from ledger.spec.vocabulary import NOASSERTION

ROOTS = ("compositional_skills", "foundational_skills", "knowledge")
LEAF = "qna.yaml"
ATTRIBUTION = "attribution.txt"
_ATTRIBUTION_BYTES = 1 << 20
_FEWEST_EXAMPLES = 5
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_STAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9_]{5,8}"
_RECIPE = re.compile(r".*recipe.*\.ya?ml")
_TRAIN = re.compile(rf"(?:.*/)?(?:knowledge|skills)_train_msgs_{_STAMP}\.jsonl")
_NODE_FOLDER = re.compile(rf"(?:.*/)?node_datasets_{_STAMP}")
_PHASE = re.compile(r"_p(?:07|10)$")
_KEYS = ("title of work", "link to work", "revision", "license of the work", "licence of the work", "creator names")
_OTHER_KEYS = ("copyright information", "modification information", "derived from", "derived-from")


def read(files: Files, how: Options) -> Imported:
    """What a taxonomy or a folder of generated data says.

    Raises:
        LedgerError: LG1501 for a file that cannot be read, LG1502 when the folder is neither, LG0103 for what is too large.
    """
    paths = files.paths()
    leaves = [path for path in paths if path.split("/")[0] in ROOTS and path.endswith(f"/{LEAF}")]
    if leaves:
        return _Taxonomy(files, how, leaves).imported()
    recipes = [path for path in paths if _RECIPE.fullmatch(path.rsplit("/", 1)[-1])]
    if recipes:
        return _Generated(files, how, recipes).imported()
    raise LedgerError(
        "LG1502", f"`{shown(how.given)}` is neither a taxonomy (no {LEAF} below {', '.join(ROOTS)}) nor generated data (no recipe)"
    )


# --- attribution ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Work:
    """One record of an attribution: whose work something rests on. `lines` says where its fields stand."""

    fields: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def get(self, *names: str) -> tuple[str, int] | None:
        """The first field of these that says something, with its line; `-` says nothing."""
        for name in names:
            value = self.fields.get(name, "")
            if value not in ("", "-"):
                return value, self.lines[name]
        return None


def read_attribution(data: bytes, path: str, lost: list[Unresolved]) -> list[Work]:
    """The records of an attribution file: lines of `Key: value`, parted by empty lines; whatever else stands there is reported."""
    works: list[Work] = [Work()]
    for number, raw in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        line = raw.strip()
        key, colon, value = line.partition(":")
        name = " ".join(key.lower().split())
        if not line:
            if works[-1].fields:
                works.append(Work())
        elif colon and name in (*_KEYS, *_OTHER_KEYS):
            if name in works[-1].fields:
                # Records without an empty line between them: a field that comes again begins the next one.
                works.append(Work())
            works[-1].fields[name] = value.strip()
            works[-1].lines[name] = number
        else:
            lost.append(Unresolved(line, "no field of an attribution that is known", At(path, f"line {number}")))
    return [work for work in works if work.fields]


# --- taxonomy ------------------------------------------------------------------------------------


class _Taxonomy:
    def __init__(self, files: Files, how: Options, leaves: Sequence[str]) -> None:
        self.files, self.how, self.leaves = files, how, leaves
        self.commit = how.revision or repository.head_commit(files)
        self.uri = repository.origin_url(files)
        self.name = how.name or "instructlab-taxonomy"
        self.version = how.version or self.commit
        self.lost: list[Unresolved] = []
        self.contradictions: list[Contradiction] = []

    def imported(self) -> Imported:
        leaves = [self._leaf(path) for path in self.leaves]
        present = [root for root in ROOTS if any(path.startswith(f"{root}/") for path in self.leaves)]
        texts = [path for path in self.files.paths() if path in ("LICENSE", "LICENSE.md", "NOTICE")]
        inputs = tuple(Input("combined-from", At(f"{leaf.path}/{LEAF}"), key=leaf.key) for leaf in leaves)
        whole_ = ImportedArtifact(
            "taxonomy",
            "dataset",
            self.name,
            self.version,
            "",
            (*(f"{root}/**" for root in present), *texts),
            inputs=inputs,
            sources=self._source(""),
            facts=(Fact("leaves", len(leaves), At(present[0])),),
        )
        found = "InstructLab taxonomy"
        return Imported("instructlab", found, (*leaves, whole_), contradictions=tuple(self.contradictions), unresolved=tuple(self.lost))

    def _source(self, path: str) -> tuple[Mapping[str, str], ...]:
        if self.uri is None:
            return ()
        source = {"uri": f"{self.uri}#{path}" if path else self.uri}
        return ({**source, "revision": self.commit},) if self.commit else (source,)

    def _leaf(self, path: str) -> ImportedArtifact:
        folder = path.removesuffix(f"/{LEAF}")
        said = parse_yaml(whole(self.files, path, LIMITS.pipeline_bytes), path)
        if not isinstance(said, Mapping):
            raise LedgerError(BAD, f"`{shown(path)}` is no mapping")
        works = self._works(folder)
        licenses = tuple(self._licenses(works, folder))
        inputs = [*self._document(said, At(path)), *self._works_as_inputs(works, folder)]
        return ImportedArtifact(
            folder,
            "dataset",
            check_name(f"{self.name}/{folder}"),
            self.version,
            folder,
            licenses=licenses,
            inputs=tuple({(item.relation, item.name, item.version, item.uri): item for item in inputs}.values()),
            sources=self._source(folder),
            data=self._data(said),
            facts=tuple(self._facts(said, At(path))),
        )

    def _works(self, folder: str) -> list[Work]:
        path = f"{folder}/{ATTRIBUTION}"
        if self.files.size(path) is None:
            self.lost.append(
                Unresolved(folder, f"it has no {ATTRIBUTION}: nobody says whose works it rests on, nor under which licence", At(folder))
            )
            return []
        return read_attribution(whole(self.files, path, _ATTRIBUTION_BYTES), path, self.lost)

    def _licenses(self, works: Sequence[Work], folder: str) -> Iterator[License]:
        path = f"{folder}/{ATTRIBUTION}"
        for work in works:
            found = work.get("license of the work", "licence of the work")
            if found is None:
                title = work.get("title of work")
                self.lost.append(Unresolved(title[0] if title else folder, "a work without a licence", At(path)))
                continue
            text, line = found
            claim = license_said(text, At(path, f"line {line}"))
            if claim.normalized == NOASSERTION:
                self.lost.append(Unresolved(text, claim.reason or "it names no licence", claim.at))
            elif (why := _restricted(claim.normalized)) is not None:
                words = f"`{shown(folder)}` is under {claim.normalized}, {why}, and so is whatever is made of it with the rest"
                self.contradictions.append(Contradiction("restricted-leaf", words, (claim.at,)))
            yield claim

    def _document(self, said: Mapping[str, Any], at: At) -> Iterator[Input]:
        document = said.get("document")
        if document is None:
            return
        place = at.under("document")
        repo = document.get("repo") if isinstance(document, Mapping) else None
        commit = document.get("commit") if isinstance(document, Mapping) else None
        if not isinstance(repo, str) or not isinstance(commit, str):
            self.lost.append(Unresolved(str(document), "a document is a repository and a commit", place))
            return
        uri = repository.public_url(repo)
        name = (uri or repo).partition("://")[2].removesuffix(".git") or repo
        if uri is None or not _COMMIT.fullmatch(commit):
            self.lost.append(Unresolved(f"{repo} {commit}", "not an address of a repository with a commit", place))
            return
        yield Input("derived-from", place, name=check_name(name.replace(":", "").replace("@", "")), version=commit, uri=uri)

    def _works_as_inputs(self, works: Sequence[Work], folder: str) -> Iterator[Input]:
        for work in works:
            title, link, revision = work.get("title of work"), work.get("link to work"), work.get("revision")
            if title is None or link is None:
                continue  # a work without an address is the contributor's own
            at = At(f"{folder}/{ATTRIBUTION}", f"line {title[1]}")
            try:
                name = check_name(title[0].replace(":", " ").replace("@", " ").strip("/ ")[: LIMITS.name_chars])
                version = None if revision is None else check_name(revision[0].replace("@", "%40")[: LIMITS.name_chars], what="version")
            except LedgerError:
                self.lost.append(Unresolved(title[0], "it cannot be the name of a reference", at))
                continue
            yield Input("derived-from", at, name=name, version=version, uri=link[0])

    def _data(self, said: Mapping[str, Any]) -> dict[str, Any]:
        text = said.get("task_description") or said.get("document_outline")
        return {"description": text.strip()} if isinstance(text, str) and text.strip() else {}

    def _facts(self, said: Mapping[str, Any], at: At) -> Iterator[Fact]:
        for name in ("version", "created_by", "domain"):
            value = said.get(name)
            if isinstance(value, str) and value:
                yield Fact(f"qna.{name}", value, at.under(name))
            elif name != "domain":
                self.lost.append(Unresolved(name, "the schema asks for it, and it is not there", at))
        examples = said.get("seed_examples")
        count = len(examples) if isinstance(examples, list) else 0
        yield Fact("qna.seed_examples", count, at.under("seed_examples"))
        if count < _FEWEST_EXAMPLES:
            self.lost.append(Unresolved(f"{count} seed examples", f"the schema asks for {_FEWEST_EXAMPLES}", at.under("seed_examples")))


def _restricted(expression: str) -> str | None:
    """Why an expression does not let everybody use a work commercially or change it; None when it does, or nobody knows."""
    offered = effective(Node("", "dataset", "", None, declared=expression)).restricts
    if offered.commercial is False:
        return "which does not permit commercial use"
    return "which does not permit changes" if offered.modify is False else None


# --- generated data ------------------------------------------------------------------------------


class _Generated:
    def __init__(self, files: Files, how: Options, recipes: Sequence[str]) -> None:
        self.files, self.how, self.recipes = files, how, recipes
        self.lost: list[Unresolved] = []
        self.parts: dict[str, ImportedArtifact] = {}

    def imported(self) -> Imported:
        mixes = [mix for path in self.recipes for mix in self._recipe(path)]
        self._leftovers()
        if not mixes and not self.parts:
            raise LedgerError("LG1505", f"no file of `{shown(self.how.given)}` that its recipes name is here")
        if self.how.generated_by is None:
            where = At(self.recipes[0])
            self.lost.append(Unresolved("the model that generated the data", "no file names it; state it with --generated-by", where))
        return Imported("instructlab", "InstructLab generated data", (*self.parts.values(), *mixes), unresolved=tuple(self.lost))

    def _recipe(self, path: str) -> Iterator[ImportedArtifact]:
        said = parse_yaml(whole(self.files, path, LIMITS.pipeline_bytes), path)
        if not isinstance(said, Mapping):
            raise LedgerError(BAD, f"`{shown(path)}` is no mapping")
        inputs = []
        for item, at in mappings(said.get("datasets"), At(path).under("datasets"), self.lost):
            found = self._mixed(item, path, at)
            if found is not None:
                inputs.append(found)
        output = self._output(path)
        if output is None:
            if inputs:
                self.lost.append(Unresolved(path, "the file that it was mixed into is not here", At(path)))
            return
        yield ImportedArtifact(
            output, "dataset", self._name(output), self.how.version, output, inputs=tuple(inputs), facts=(Fact("recipe", path, At(path)),)
        )

    def _mixed(self, item: Mapping[str, Any], recipe: str, at: At) -> Input | None:
        named, size = item.get("path"), item.get("sampling_size")
        if not isinstance(named, str):
            self.lost.append(Unresolved(str(named), "a dataset of a recipe has a path", at.under("path")))
            return None
        amount = _amount(size)
        if size is not None and amount is None:
            self.lost.append(Unresolved(str(size), "neither a fraction nor a count", at.under("sampling_size")))
        folder = recipe.rsplit("/", 1)[0] + "/" if "/" in recipe else ""
        inside = confined(named)
        for path in [folder + inside, inside] if inside else []:
            if self.files.size(path) is not None:
                self._part(path)
                return Input("combined-from", at, key=path, amount=amount)
        name = named.rstrip("/").rsplit("/", 1)[-1].replace(":", "").replace("@", "").strip()
        self.lost.append(Unresolved(named, "it is not here: its bytes are a reference", at.under("path")))
        return Input("combined-from", at, name=name, amount=amount) if name else None

    def _part(self, path: str) -> None:
        if path in self.parts:
            return
        leaf = _PHASE.sub("", path.rsplit("/", 1)[-1].removesuffix(".jsonl"))
        inputs = []
        if self.how.generated_by is not None:
            inputs.append(Input("generated-by", At(path), ref=self.how.generated_by))
        if _NODE_FOLDER.fullmatch(path.rsplit("/", 1)[0] if "/" in path else ""):
            inputs.append(Input("derived-from", At(path), name=f"instructlab-taxonomy/{leaf}", version=self.how.revision))
        self.parts[path] = ImportedArtifact(
            path, "dataset", self._name(path), self.how.version, path, inputs=tuple(inputs), data={"origin": "synthetic"}
        )

    def _leftovers(self) -> None:
        """Node datasets that no recipe names are still generated data."""
        for path in self.files.paths():
            if path.endswith(".jsonl") and "/" in path and _NODE_FOLDER.fullmatch(path.rsplit("/", 1)[0]):
                self._part(path)

    def _output(self, recipe: str) -> str | None:
        """The mixed file of a recipe: `skills_recipe_T.yaml` was mixed into `skills_train_msgs_T.jsonl`."""
        folder, _, base = recipe.rpartition("/")
        wanted = base.replace("_recipe_", "_train_msgs_").rsplit(".", 1)[0] + ".jsonl"
        path = f"{folder}/{wanted}" if folder else wanted
        return path if _TRAIN.fullmatch(path) and self.files.size(path) is not None else None

    def _name(self, path: str) -> str:
        return check_name(f"{self.how.name or self.how.given}/{path.removesuffix('.jsonl')}")


def _amount(size: Any) -> dict[str, Any] | None:
    """`sampling_size`: a number with a point is a fraction, a whole one a count (instructlab/sdg, recipes)."""
    if not isinstance(size, str):
        return None
    if re.fullmatch(r"[1-9][0-9]{0,14}", size):
        return {"count": int(size)}
    if re.fullmatch(r"[0-9]{1,9}\.[0-9]{0,12}", size) and float(size) > 0:
        return {"fraction": float(size)}
    return None
