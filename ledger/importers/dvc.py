"""DVC: `*.dvc`, `dvc.lock` and `dvc.yaml` of a folder, with the files that they name; pure, and DVC itself is not needed.

What DVC tracks and is here becomes an artifact; its MD5 is compared with the bytes (of a folder: the MD5 of DVC's list of it), and is an
alias, never an identity. A stage's dependencies are what its outputs were made from. An MD5 without `hash: md5` is of DVC before 3.0,
which changed line ends before it hashed: it cannot be compared, and is reported. What is not here is a claim.
Source: dvc.org/doc/user-guide/project-structure; DVC 3.67.1 (facts page of formats, section 6).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.errors import LedgerError
from ledger.importers import reading, repository
from ledger.importers.documents import mappings
from ledger.importers.imported import Digest, Edge, Fact, Imported, ImportedArtifact, Input, License, Options, Thing, Unresolved
from ledger.importers.sources import At, Files, confined, shown, whole
from ledger.limits import LIMITS
from ledger.spec.names import check_name

LOCK, PIPELINE = "dvc.lock", "dvc.yaml"
_MOST_FILES, _MOST_OUTPUTS = 10_000, 50_000
_MOST_SAID = 500_000
_HASHED_BYTES = 256 << 20
_MD5 = re.compile(r"([0-9a-f]{32})(\.dir)?")
_CODE = (".py", ".sh", ".ipynb", ".r", ".R", ".jl", ".c", ".cc", ".cpp", ".go", ".rs", ".js", ".ts", ".java", ".scala", ".sql")
_WEIGHTS = (".safetensors", ".gguf", ".pt", ".pth", ".ckpt", ".onnx", ".h5", ".keras", ".joblib", ".pkl", ".tflite")
_TYPES = {"model": "weights", "dataset": "dataset", "data": "dataset"}


def read(files: Files, how: Options) -> Imported:
    """What DVC tracks below a folder.

    Raises:
        LedgerError: LG1501 for a file that cannot be read, LG1502 for a folder without DVC's files, LG1504 when a folder is not the one
            that its MD5 is of, LG1506 for stages that form a circle, LG0103 for what is too large.
    """
    return _Project(files, how).imported()


@dataclass(slots=True)
class _Output:
    """A file or folder that DVC names, by its path within the import."""

    path: str
    at: At
    kind: str | None = None
    md5: tuple[str, At, int | None] | None = None
    licenses: list[License] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    inputs: list[tuple[str, At]] = field(default_factory=list)
    imported: list[Input] = field(default_factory=list)


class _Project:
    def __init__(self, files: Files, how: Options) -> None:
        self.files, self.how = files, how
        self.paths = [path for path in files.paths() if not path.startswith((".git/", ".dvc/"))]
        self.lost: list[Unresolved] = []
        self.outputs: dict[str, _Output] = {}
        self.digests: list[Digest] = []
        self.folders: dict[str, list[str]] = {}
        self.stages: dict[str, Any] = {}
        self.said = 0

    def imported(self) -> Imported:
        own = [path for path in self.paths if path.rsplit("/", 1)[-1] in (LOCK, PIPELINE) or path.endswith(".dvc")]
        if not own or len(own) > _MOST_FILES:
            raise LedgerError(
                "LG1502", f"`{shown(self.how.given)}` has {len(own) or 'no'} files of DVC", hint="give the folder with its .dvc files"
            )
        for path in own:
            said = reading.mapping_yaml(whole(self.files, path, LIMITS.pipeline_bytes), path)
            base = path.rsplit("/", 1)[-1]
            if base == LOCK:
                self._lock(said, path)
            elif base == PIPELINE:
                self._pipeline(said, path)
            else:
                self._tracked(said, path)
        here = {path for path in self.outputs if self._is_here(path)}
        for path in sorted(here):
            self._compare(self.outputs[path])
        artifacts = tuple(self._artifact(path, here) for path in self._order(here))
        things, edges = self._absent(here)
        documents = () if artifacts else tuple(own[:1000])
        return Imported("dvc", "DVC", artifacts, tuple(things), tuple(edges), tuple(self.digests), (), tuple(self.lost), documents)

    # --- files of DVC ----------------------------------------------------------------------------

    def _tracked(self, said: Mapping[str, Any], path: str) -> None:
        at = At(path)
        base = self._folder(path, said.get("wdir"), at.under("wdir"))
        if base is None:
            return
        sources = [found for item, place in mappings(said.get("deps"), at.under("deps"), self.lost) if (found := self._source(item, place))]
        for item, place in mappings(said.get("outs"), at.under("outs"), self.lost):
            output = self._entry(item, place, base)
            if output is not None:
                output.imported += sources
                self._meta(output, said, at)

    def _lock(self, said: Mapping[str, Any], path: str) -> None:
        at = At(path)
        if said.get("schema") != "2.0":
            self._lose(said.get("schema"), "a lock of another form than 2.0 is not read", at.under("schema"))
            return
        for name, stage, place in self._stages(said, at):
            base = self._folder(path, self._wdir(path, name), place)
            if base is None:
                continue
            deps = [self._entry(item, where, base) for item, where in mappings(stage.get("deps"), place.under("deps"), self.lost)]
            facts = [Fact("stage", name, place)]
            facts += list(reading.facts_from("stage.cmd", stage.get("cmd"), place.under("cmd")))
            facts += list(reading.facts_from("param", stage.get("params"), place.under("params")))
            for item, where in mappings(stage.get("outs"), place.under("outs"), self.lost):
                output = self._entry(item, where, base)
                if output is not None:
                    self.said += len(facts) + len(deps)
                    if self.said > _MOST_SAID:
                        raise LedgerError("LG0103", f"the stages of `{shown(path)}` say more than {_MOST_SAID} things of their outputs")
                    output.facts += facts
                    output.inputs += [(dep.path, where) for dep in deps if dep is not None and dep.path != output.path]

    def _wdir(self, lock: str, stage: str) -> Any:
        """The folder of a stage stands in dvc.yaml alone."""
        path = lock.removesuffix(LOCK) + PIPELINE
        if self.files.size(path) is None:
            return None
        if path not in self.stages:
            self.stages[path] = reading.mapping_yaml(whole(self.files, path, LIMITS.pipeline_bytes), path).get("stages")
        stages = self.stages[path]
        found = stages.get(stage) if isinstance(stages, Mapping) else None
        return found.get("wdir") if isinstance(found, Mapping) else None

    def _pipeline(self, said: Mapping[str, Any], path: str) -> None:
        at = At(path)
        base = self._folder(path, None, at)
        artifacts = said.get("artifacts")
        for name, item in artifacts.items() if isinstance(artifacts, Mapping) else ():
            place = at.under("artifacts", name)
            target = item.get("path") if isinstance(item, Mapping) else None
            output = self._at(target, place.under("path"), base or "")
            if output is not None:
                output.kind = _TYPES.get(str(item.get("type")), output.kind)
                output.facts.append(Fact("artifact", name, place))
                self._meta(output, item, place)
        for name, stage, place in self._stages(said, at):
            where = self._folder(path, stage.get("wdir"), place)
            for field_name in ("metrics", "plots"):
                listed = stage.get(field_name)
                for item in listed if isinstance(listed, list) else ():
                    target = next(iter(item), None) if isinstance(item, Mapping) else item
                    output = self._at(target, place.under(field_name), where or "") if where is not None else None
                    if output is not None:
                        output.kind = "document"
            if self.files.size(path.removesuffix(PIPELINE) + LOCK) is None:
                self._lose(name, "a stage that was not run: there is no dvc.lock", place)

    def _stages(self, said: Mapping[str, Any], at: At) -> Iterator[tuple[str, Mapping[str, Any], At]]:
        stages, place = said.get("stages"), at.under("stages")
        if stages is not None and not isinstance(stages, Mapping):
            self._lose(stages, "stages are named", place)
        for name, stage in stages.items() if isinstance(stages, Mapping) else ():
            if isinstance(stage, Mapping):
                yield name, stage, place.under(name)
            else:
                self._lose(name, "it is no stage", place.under(name))

    def _folder(self, path: str, wdir: Any, at: At) -> str | None:
        """The folder that paths are relative to, with its stroke."""
        own = path.rpartition("/")[0]
        if wdir is None or wdir in ("", "."):
            return own + "/" if own else ""
        found = confined(f"{own}/{wdir}" if own else wdir) if isinstance(wdir, str) else None
        if found is None:
            self._lose(wdir, "a working folder that is not within what was imported", at)
            return None
        return found + "/"

    def _at(self, target: Any, at: At, base: str) -> _Output | None:
        if isinstance(target, str) and reading.is_address(target):
            self._lose(target, "it lies elsewhere: its bytes are not read", at)
            return None
        path = confined(base + target) if isinstance(target, str) else None
        if path is None:
            self._lose(target, "it is not within what was imported", at)
            return None
        if path not in self.outputs and len(self.outputs) >= _MOST_OUTPUTS:
            raise LedgerError("LG0103", f"`{shown(self.how.given)}` names more than {_MOST_OUTPUTS} files")
        return self.outputs.setdefault(path, _Output(path, at))

    def _entry(self, item: Mapping[str, Any], at: At, base: str) -> _Output | None:
        output = self._at(item.get("path"), at.under("path"), base)
        if output is None:
            return None
        value = item.get("md5")
        found = _MD5.fullmatch(value) if isinstance(value, str) else None
        size = item.get("size")
        length = int(size) if isinstance(size, str) and re.fullmatch(r"[0-9]{1,15}", size) else None
        if found is None:
            if value is not None or item.get("hash") is not None:
                self._lose(value or item.get("hash"), "it is no MD5 of DVC", at)
            output.facts += [fact for name in ("etag", "checksum") for fact in reading.facts_from(name, item.get(name), at.under(name))]
        elif item.get("hash") != "md5":
            output.facts.append(Fact("md5-dos2unix", value, at.under("md5")))
            self._lose(
                output.path, "an MD5 of DVC before 3.0, of other line ends than the file may have: it cannot be compared", at.under("md5")
            )
        else:
            output.facts.append(Fact("md5", value, at.under("md5")))
            if output.md5 is not None and output.md5[0] != value:
                self._lose(output.path, f"another MD5 than at {output.md5[1]}: this one is not compared", at.under("md5"))
            else:
                output.md5 = (str(value), at.under("md5"), length)
        self._meta(output, item, at)
        return output

    def _meta(self, output: _Output, said: Mapping[str, Any], at: At) -> None:
        """What people may write beside an output: a description, a type, labels, and `meta`, where a licence is looked for."""
        for name in ("desc", "type", "labels"):
            output.facts += list(reading.facts_from(name, said.get(name), at.under(name)))
        output.kind = _TYPES.get(str(said.get("type")), output.kind)
        meta = said.get("meta")
        output.facts += list(reading.facts_from("meta", meta, at.under("meta")))
        for name in ("license", "licence"):
            if isinstance(meta, Mapping) and meta.get(name) is not None:
                output.licenses += reading.licenses_said(meta[name], at.under("meta", name), self.lost)

    def _source(self, item: Mapping[str, Any], at: At) -> Input | None:
        """Where `dvc import` and `dvc import-url` have something from: a repository with its locked revision, or an address."""
        repo, path = item.get("repo"), item.get("path")
        if isinstance(repo, Mapping) and isinstance(repo.get("url"), str):
            url = repository.public_url(repo["url"])
            name = f"{url or 'repository'}/{path}" if isinstance(path, str) else url
            found = reading.input_said("derived-from", name, at, self.lost, repo.get("rev_lock") or repo.get("rev"))
            return Input("derived-from", at, name=found.name, version=found.version, uri=url) if found else None
        return reading.input_said("derived-from", path, at.under("path"), self.lost)

    # --- what is here ----------------------------------------------------------------------------

    def _is_here(self, path: str) -> bool:
        return self.files.size(path) is not None or bool(self._below(path))

    def _below(self, path: str) -> list[str]:
        if not self.folders:
            for one in self.paths:
                parts = one.split("/")
                for depth in range(1, min(len(parts), 64)):
                    folder = "/".join(parts[:depth])
                    if folder in self.outputs:
                        self.folders.setdefault(folder, []).append(one)
            self.folders.setdefault("", [])
        return self.folders.get(path, [])

    def _order(self, here: set[str]) -> list[str]:
        """Inputs before what is made from them. Raises LedgerError LG1506 for a circle."""
        done: dict[str, None] = {}
        state: dict[str, int] = {}
        for start in sorted(here):
            pending = [start]
            while pending:
                path = pending[-1]
                if state.get(path) == 2:
                    pending.pop()
                    continue
                ahead = [name for name, _ in self.outputs[path].inputs if name in here and state.get(name) != 2]
                state[path] = 1
                if ahead and any(state.get(name) == 1 for name in ahead):
                    raise LedgerError(
                        reading.STRUCTURE, f"`{shown(path)}` is made from itself by the stages of DVC ({self.outputs[path].at})"
                    )
                if ahead:
                    pending += ahead
                else:
                    state[path] = 2
                    done[path] = None
                    pending.pop()
        return list(done)

    def _kind(self, path: str) -> str:
        known = self.outputs[path].kind if path in self.outputs else None
        if known is not None:
            return known
        names = [path, *self._below(path)[:1000]]
        if path.endswith(_CODE):
            return "code"
        return "weights" if any(name.endswith(_WEIGHTS) for name in names) else "dataset"

    def _relation(self, output: str, source: str) -> str:
        made, given = self._kind(output), self._kind(source)
        if given == "code":
            return "built-by"
        return "trained-on" if (made, given) == ("weights", "dataset") else "derived-from"

    def _artifact(self, path: str, here: set[str]) -> ImportedArtifact:
        output = self.outputs[path]
        inputs = [*output.imported]
        for name, at in output.inputs:
            relation = self._relation(path, name)
            if name in here:
                inputs.append(Input(relation, at, key=name))
            elif (found := reading.input_said(relation, name, at, self.lost)) is not None:
                inputs.append(found)
        project = self.how.name or reading.own_name(self.how, None, self.lost, output.at)
        version = self.how.version or self.how.revision or repository.head_commit(self.files)
        return ImportedArtifact(
            path,
            self._kind(path),
            check_name(f"{project}/{path}".replace(":", "").replace("@", "%40")[: LIMITS.name_chars].strip("/ ")),
            version,
            path,
            symlinks="inside",
            licenses=tuple(output.licenses),
            inputs=tuple(inputs),
            facts=tuple(output.facts),
        )

    def _absent(self, here: set[str]) -> tuple[list[Thing], list[Edge]]:
        """What DVC names and is not here: things, with edges among them and to nothing that is recorded."""
        absent = {path: item for path, item in self.outputs.items() if path not in here}
        things, edges = [], []
        for path, item in sorted(absent.items()):
            digest = (("md5", item.md5[0]),) if item.md5 and not item.md5[0].endswith(".dir") else ()
            name = reading.reference_name(path) or "output"
            things.append(Thing(path, self._kind(path), name, item.at, None, None, None, digest, tuple(item.licenses), tuple(item.facts)))
            self._lose(path, "it is not here: what is said of it is a claim", item.at)
            edges += [Edge(path, self._relation(path, source), source, at) for source, at in item.inputs]
        return things, list(dict.fromkeys(edges))

    # --- digests ---------------------------------------------------------------------------------

    def _compare(self, output: _Output) -> None:
        if output.md5 is None:
            return
        value, at, size = output.md5
        if not value.endswith(".dir"):
            if self.files.size(output.path) is None:
                raise LedgerError("LG1504", f"`{shown(output.path)}` is a folder, and DVC has the MD5 of a file for it ({at})")
            self.digests.append(Digest(output.path, "md5", value, at, size))
            return
        found = self._folder_md5(output.path)
        if found is None:
            self._lose(output.path, "its files are too large for DVC's MD5 of the folder to be made here", at)
        elif found != value and self._ignores():
            self._lose(
                output.path, "its MD5 is another one; as `.dvcignore` may leave files out, that does not tell whether it changed", at
            )
        elif found != value:
            raise LedgerError("LG1504", f"the folder `{shown(output.path)}` is not the one of MD5 {value} ({at}): it is of {found}")
        else:
            output.facts.append(Fact("md5-verified", value, at))

    def _lose(self, what: object, reason: str, at: At) -> None:
        self.lost.append(Unresolved(str(what)[:200], reason, at))

    def _ignores(self) -> bool:
        """Whether a `.dvcignore` has a line that leaves anything out."""
        for path in self.paths:
            if path.rsplit("/", 1)[-1] == ".dvcignore":
                lines = self.files.head(path, 1 << 16).splitlines()
                if any(line.strip() and not line.lstrip().startswith(b"#") for line in lines):
                    return True
        return False

    def _folder_md5(self, path: str) -> str | None:
        """The MD5 of DVC's list of a folder; None when its files are too large to be read here."""
        rows, total = [], 0
        for name in self._below(path):
            size = self.files.size(name) or 0
            total += size
            if size > _HASHED_BYTES or total > 16 * _HASHED_BYTES:
                return None
            md5 = hashlib.md5(self.files.head(name, size), usedforsecurity=False).hexdigest()
            rows.append({"md5": md5, "relpath": name.removeprefix(f"{path}/")})
        rows.sort(key=lambda row: row["relpath"])
        return hashlib.md5(json.dumps(rows, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"
