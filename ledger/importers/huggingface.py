"""Hugging Face: a model's or dataset's folder, a clone of its repository, or the hub's local cache; or a card alone; pure.

What is hashed: every file of the folder but the repository's own (`.git`) and the downloader's (`.cache`). What is claimed: the card, the
headers of safetensors and GGUF files, `config.json`, `adapter_config.json`, and the file list of a cached revision (`trees/*.json`), with
digests that are compared with the bytes. Weights of which only a Git LFS pointer is here are a claim and never hashed.
Sources: huggingface/hub-docs (cards, local cache; read 2026-08-22) and the facts page of formats, section 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from glob import escape
from typing import Any

from ledger.errors import LedgerError
from ledger.importers import hf_card, repository, weight_files
from ledger.importers.hf_card import HUB, Card, reference
from ledger.importers.imported import (
    Contradiction,
    Digest,
    Edge,
    Fact,
    Imported,
    ImportedArtifact,
    Input,
    License,
    Options,
    Thing,
    Unresolved,
    license_conflict,
    license_said,
)
from ledger.importers.sources import BAD, At, Files, SubFiles, confined, read_json, shown, whole

CARD_BYTES = 4 << 20
_TREE_BYTES = 64 << 20
_REPOSITORY = re.compile(r"(models|datasets|spaces)--(.+)")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_WEIGHTS = (".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".onnx", ".h5", ".msgpack", ".pkl", ".npz")
_KINDS = {"models": "weights", "datasets": "dataset"}
_OWN = (".git", ".cache")
_CONFIG_TEXTS = ("model_type", "transformers_version", "torch_dtype", "dtype")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the given folder the repository's files are, and what its surroundings say of them."""

    folder: str = ""
    kind: str | None = None
    name: str | None = None
    revision: str | None = None
    uri: str | None = None
    snapshot: bool = False


def lift(parts: Sequence[str]) -> tuple[int, str | None]:
    """How many folders above the given one to begin, so that a snapshot's cache is seen: (levels, revision)."""
    if len(parts) >= 3 and parts[-2] == "snapshots" and _REPOSITORY.fullmatch(parts[-3]):
        return 2, parts[-1]
    return 0, None


def read(files: Files, how: Options) -> Imported:
    """What a Hugging Face folder, cache or card says.

    Raises:
        LedgerError: LG1501 for a card or JSON file that cannot be read, LG1502 when it is not clear what to import, LG1503 for a weight
            file whose header cannot be, LG0103 for what is too large.
    """
    paths = files.paths()
    if len(paths) == 1 and "/" not in paths[0] and paths[0].endswith((".md", ".yaml", ".yml")) and how.given == paths[0]:
        return _card_alone(files, paths[0], how)
    place = _place(files, paths, how)
    inner = SubFiles(files, place.folder) if place.folder else files
    return _Folder(files, inner, place, how).read()


def _place(files: Files, paths: Sequence[str], how: Options) -> Place:
    found = _REPOSITORY.fullmatch(how.given)
    snapshots = sorted({path.split("/")[1] for path in paths if path.startswith("snapshots/") and path.count("/") >= 2})
    if found and snapshots:
        kind = _KINDS.get(found[1])
        if kind is None:
            raise LedgerError("LG1502", f"`{shown(how.given)}` is the cache of a space, and neither a model nor a dataset")
        name = found[2].replace("--", "/")
        revision = _revision(files, paths, snapshots, how)
        where = HUB + ("datasets/" if kind == "dataset" else "") + name
        return Place(f"snapshots/{revision}", kind, name, revision, where, snapshot=True)
    if any(_REPOSITORY.fullmatch(path.split("/")[0]) for path in paths):
        raise LedgerError("LG1502", f"`{shown(how.given)}` is a cache of several repositories", hint="give the folder of one of them")
    commit, remote = repository.head_commit(files), repository.origin_url(files)
    return Place("", None, None, how.revision or commit or _downloaded(files, paths), remote)


def _revision(files: Files, paths: Sequence[str], snapshots: Sequence[str], how: Options) -> str:
    wanted = how.revision
    if wanted is None:
        refs = {path: whole(files, path, 100).decode("ascii", "replace").strip() for path in paths if path.startswith("refs/")}
        wanted = refs.get("refs/main") or (snapshots[0] if len(snapshots) == 1 else None)
    if wanted is not None and wanted in snapshots:
        return wanted
    listed = ", ".join(shown(item) for item in snapshots[:5])
    said = "several revisions" if wanted is None else f"no revision `{shown(wanted)}`"
    raise LedgerError("LG1502", f"`{shown(how.given)}` has {said}: {listed}", hint="name one with --revision")


def _downloaded(files: Files, paths: Sequence[str]) -> str | None:
    """The revision that the downloader noted for every file, when it is one and the same."""
    noted = {
        files.head(path, 64).split(b"\n")[0].decode("ascii", "replace")
        for path in paths
        if path.startswith(".cache/huggingface/download/") and path.endswith(".metadata")
    }
    only = next(iter(noted)) if len(noted) == 1 else ""
    return only if _COMMIT.fullmatch(only) else None


def _card_alone(files: Files, path: str, how: Options) -> Imported:
    """A card without the files that it is about: a document, and claims about something that is not here."""
    data = whole(files, path, CARD_BYTES)
    front = hf_card.front_matter(data) if path.endswith(".md") else data
    if front is None:
        raise LedgerError(BAD, f"`{shown(path)}` has no metadata between two lines of `---`")
    card = hf_card.read_card(front, path)
    kind = "dataset" if card.dataset else "weights"
    name = how.name or how.given.rsplit(".", 1)[0]
    inputs = (*card.sources, *card.evaluated) if card.dataset else (*card.datasets, *card.base_models, *card.evaluated)
    about = Thing("main", kind, name, At(path), how.version or how.revision, licenses=card.licenses, facts=card.facts)
    things = [about]
    edges = []
    for number, item in enumerate(inputs):
        key = f"input-{number}"
        source = "weights" if item in card.base_models else "dataset"
        things.append(Thing(key, source, item.name, item.at, item.version, item.uri))
        edges.append(_edge("main", item.relation, key, item.at))
    return Imported("huggingface", "Hugging Face card", (), tuple(things), tuple(edges), unresolved=card.unresolved, documents=(path,))


def _edge(output: str, relation: str, key: str, at: At) -> Edge:

    return Edge(output, relation, key, at)


@dataclass(slots=True)
class _Folder:
    files: Files
    inner: Files
    place: Place
    how: Options
    unresolved: list[Unresolved] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    licenses: list[License] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    digests: list[Digest] = field(default_factory=list)

    def read(self) -> Imported:
        paths = [path for path in self.inner.paths() if path.split("/")[0] not in _OWN]
        if not paths:
            raise LedgerError("LG1502", f"`{shown(self.how.given)}` holds no file")
        card = self._card()
        kind = self._kind(card, paths)
        pointers = {path: found for path in paths if (found := weight_files.lfs_pointer(self.inner, path)) is not None}
        self._card_says(card, kind)
        if kind == "weights":
            self._headers([path for path in paths if path not in pointers])
            self._configs(card)
        self._tree(paths)
        name = self.how.name or self.place.name or self.how.given
        self.contradictions += license_conflict(self.licenses, f"`{shown(name)}`")
        self._license_file(card, paths)
        if pointers:
            return self._without_bytes(kind, name, pointers)
        return self._finished((self._artifact(kind, name, card, paths),))

    def _card(self) -> Card:
        if self.inner.size("README.md") is None:
            self._lost("README.md", "there is no card", At("README.md"))
            return Card()
        front = hf_card.front_matter(whole(self.inner, "README.md", CARD_BYTES))
        if front is None:
            self._lost("README.md", "the card has no metadata", At("README.md"))
            return Card()
        return hf_card.read_card(front, "README.md")

    def _kind(self, card: Card, paths: Sequence[str]) -> str:
        if self.place.kind is not None:
            return self.place.kind
        weights = any(path.endswith(_WEIGHTS) for path in paths) or "config.json" in paths or "adapter_config.json" in paths
        if weights != card.dataset:
            return "weights" if weights else "dataset"
        said = "both a model and a dataset" if weights else "neither a model nor a dataset"
        raise LedgerError(
            "LG1502", f"`{shown(self.how.given)}` looks like {said}", hint="`ledger record KIND` records a folder without reading it"
        )

    def _card_says(self, card: Card, kind: str) -> None:
        self.licenses += card.licenses
        self.facts += card.facts
        self.unresolved += card.unresolved
        self.inputs += (*card.sources, *card.evaluated) if kind == "dataset" else (*card.datasets, *card.base_models, *card.evaluated)

    def _headers(self, paths: Sequence[str]) -> None:
        for path in paths:
            if path.endswith(".safetensors"):
                header = weight_files.safetensors_header(self.inner, path)
            elif path.endswith(".gguf"):
                header = weight_files.gguf_header(self.inner, path)
            else:
                continue
            self.facts.append(Fact("weights.format", header.format, At(path)))
            self.facts.append(Fact("weights.tensors", header.tensors, At(path)))
            if not header.complete:
                self._lost(path, "its metadata is longer than what is read of it", At(path))
            for key in sorted(header.metadata):
                self._header_field(path, key, header.metadata[key])

    def _header_field(self, path: str, key: str, value: Any) -> None:
        at = At(path, f"metadata {shown(key)}")
        if key in ("license", "general.license") and isinstance(value, str) and value:
            self.licenses.append(license_said(value, at, "hf"))
        elif (key.startswith("general.base_model.") and key.endswith(".repo_url")) or key == "base_model":
            self._from_header(value, "derived-from", HUB, at)
        elif (key.startswith("general.dataset.") and key.endswith(".repo_url")) or key == "datasets":
            self._from_header(value, "trained-on", HUB + "datasets/", at)
        elif key == "general.datasets" and isinstance(value, list):
            for item in value:
                self._from_header(item, "trained-on", HUB + "datasets/", at)
        elif key.startswith(("general.", "modelspec.")) or key in ("format", "license_link"):
            self.facts.append(Fact(f"weights.{key}", value, at))

    def _from_header(self, value: Any, relation: str, where: str, at: At) -> None:
        found = reference(value, relation, where, at)
        if found is None:
            self._lost(value, "it cannot be the name of a repository", at)
        elif not any(item.name == found.name for item in self.inputs):
            self.inputs.append(found)

    def _configs(self, card: Card) -> None:
        config = self._json("config.json")
        for name in _CONFIG_TEXTS:
            if isinstance(config.get(name), str):
                self.facts.append(Fact(f"config.{name}", config[name], At("config.json").under(name)))
        architectures = config.get("architectures")
        if isinstance(architectures, list) and all(isinstance(item, str) for item in architectures):
            self.facts.append(Fact("config.architectures", architectures, At("config.json").under("architectures")))
        self._loaded_from(config.get("_name_or_path"), card)
        adapter = self._json("adapter_config.json")
        base = adapter.get("base_model_name_or_path")
        if base is not None:
            self._adapter(base, adapter.get("revision"), card)

    def _loaded_from(self, value: Any, card: Card) -> None:
        """`_name_or_path` is where the weights were loaded from: the base model, or the model itself under another name."""
        if not isinstance(value, str) or not value:
            return
        at = At("config.json").under("_name_or_path")
        self.facts.append(Fact("config._name_or_path", value, at))
        found = reference(value, "derived-from", HUB, at) if "/" in value else None
        known = {item.name.casefold() for item in card.base_models} | {(self.how.name or self.place.name or "").casefold()}
        if found is not None and found.name.casefold() not in known:
            reason = "the weights were loaded from it: it may be what they were made from, and no card says so"
            self._lost(value, reason, at)

    def _adapter(self, base: Any, revision: Any, card: Card) -> None:
        at = At("adapter_config.json").under("base_model_name_or_path")
        found = reference(base, "adapter-of", HUB, at, revision if isinstance(revision, str) else None)
        if found is None:
            self._lost(base, "it is not the name of a repository", at)
            return
        same = [item for item in card.base_models if item.name.casefold() == found.name.casefold()]
        if card.base_models and not same:
            named = ", ".join(f"`{shown(item.name)}`" for item in card.base_models)
            text = f"the adapter's configuration names the base model `{shown(found.name)}`, and the card {named}"
            self.contradictions.append(Contradiction("base-model-conflict", text, (at, *(item.at for item in card.base_models))))
        self.inputs = [item for item in self.inputs if item not in same]
        self.inputs.append(found)

    def _json(self, path: str) -> dict[str, Any]:
        if self.inner.size(path) is None or weight_files.lfs_pointer(self.inner, path) is not None:
            return {}
        found = read_json(self.inner, path)
        if not isinstance(found, dict):
            raise LedgerError(BAD, f"`{path}` is no JSON object")
        return found

    def _tree(self, paths: Sequence[str]) -> None:
        """The list of a cached revision's files: digests of those that are here, and which are not."""
        path = f"trees/{self.place.revision}.json"
        if not self.place.snapshot or self.files.size(path) is None:
            return
        tree = read_json(self.files, path, _TREE_BYTES)
        listed = tree.get("files") if isinstance(tree, dict) else None
        if not isinstance(listed, dict):
            raise LedgerError(BAD, f"`{shown(path)}` has no list of files")
        here, absent = set(paths), 0
        for name, entry in sorted(listed.items()):
            at = At(path).under("files", name)
            if confined(name) != name or not isinstance(entry, dict):
                self._lost(name, "it is no path of a file within the repository", at)
                continue
            algorithm, digest = _claimed(entry)
            size = entry.get("lfs_size", entry.get("size"))
            if digest is None:
                self._lost(name, "it has no digest", at)
            elif name in here:
                self.digests.append(Digest(name, algorithm, digest, at, size if type(size) is int else None))
            else:
                absent += 1
                self.facts.append(Fact("remote-file", {"path": name, algorithm: digest}, at))
        if absent:
            self._lost(f"{absent} files of the revision", "they are not here; what the list says of them is a claim", At(path))
        for name in sorted(here - set(listed)):
            self._lost(name, "it is here, and not in the list of the revision's files", At(path))

    def _license_file(self, card: Card, paths: Sequence[str]) -> None:
        if card.license_file is not None and confined(card.license_file) not in paths:
            self._lost(
                card.license_file, "the card says that the licence's text is there, and it is not", At("README.md").under("license_link")
            )

    def _artifact(self, kind: str, name: str, card: Card, paths: Sequence[str]) -> ImportedArtifact:
        source = {} if self.place.uri is None else {"uri": self.place.uri}
        if source and self.place.revision:
            source["revision"] = self.place.revision
        data = dict(card.data) if kind == "dataset" else {}
        return ImportedArtifact(
            "main",
            kind,
            name,
            self.how.version or self.place.revision,
            self.place.folder,
            tuple(self._include(paths)),
            "inside" if self.place.snapshot else "refuse",
            tuple(self.licenses),
            tuple(self.inputs),
            (source,) if source else (),
            data,
            tuple(self.facts),
        )

    def _include(self, paths: Sequence[str]) -> Iterator[str]:
        """Patterns for everything but what the repository and the downloader keep; none when there is nothing to leave out."""
        if all(path.split("/")[0] not in _OWN for path in self.inner.paths()):
            return
        folders = {path.split("/")[0] for path in paths if "/" in path}
        yield from sorted({escape(path) for path in paths if "/" not in path} | {f"{escape(name)}/**" for name in folders})

    def _without_bytes(self, kind: str, name: str, pointers: dict[str, weight_files.Pointer]) -> Imported:
        """Files of which only pointers are here: their digests are claims about something that nobody has hashed."""
        for path, pointer in sorted(pointers.items()):
            self.facts.append(Fact("lfs-pointer", {"path": path, "sha256": pointer.sha256, "size": pointer.size}, At(path)))
        listed = ", ".join(f"`{shown(path)}`" for path in sorted(pointers)[:3]) + (" and more" if len(pointers) > 3 else "")
        self._lost(listed, "only a Git LFS pointer is here: what it names is a claim; `git lfs pull` gets the bytes", At(min(pointers)))
        only = next(iter(pointers.values())) if len(pointers) == 1 else None
        about = Thing(
            "main",
            kind,
            name,
            At("README.md"),
            self.how.version or self.place.revision,
            self.place.uri,
            digests=(("sha256", only.sha256),) if only is not None else (),
            licenses=tuple(self.licenses),
            facts=tuple(self.facts),
        )
        things, edges = [about], []
        for number, item in enumerate(self.inputs):
            key = f"input-{number}"
            things.append(Thing(key, "", item.name, item.at, item.version, item.uri))
            edges.append(_edge("main", item.relation, key, item.at))
        documents = [path for path in ("README.md",) if self.inner.size(path) is not None]
        if not documents:
            documents = [min(pointers)]
        prefix = f"{self.place.folder}/" if self.place.folder else ""
        found = self._finished(())
        return replace(found, things=tuple(things), edges=tuple(edges), documents=tuple(prefix + path for path in documents))

    def _finished(self, artifacts: tuple[ImportedArtifact, ...]) -> Imported:
        form = "Hugging Face cache" if self.place.snapshot else "Hugging Face folder"
        prefix = f"{self.place.folder}/" if self.place.folder else ""
        digests = tuple(replace(item, path=prefix + item.path) for item in self.digests)
        return Imported(
            "huggingface",
            form,
            artifacts,
            digests=digests,
            contradictions=tuple(self.contradictions),
            unresolved=tuple(self.unresolved),
        )

    def _lost(self, what: object, reason: str, at: At) -> None:
        self.unresolved.append(Unresolved(str(what), reason, at))


def _claimed(entry: dict[str, Any]) -> tuple[str, str | None]:
    """The digest of an entry of a tree: that of the LFS file, else that of the Git blob."""
    large, blob = entry.get("lfs_sha256"), entry.get("blob_id")
    if isinstance(large, str):
        return "sha256", large if re.fullmatch(r"[0-9a-f]{64}", large) else None
    return "git-blob-sha1", blob if isinstance(blob, str) and _COMMIT.fullmatch(blob) else None
