"""Importing: what other people's files say becomes claims, what is here is hashed, and both are recorded in one batch."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ledger import canon
from ledger._api import recording
from ledger._api.files import FolderFiles
from ledger._api.recording import ArtifactSpec, InputSpec, Prepared
from ledger._api.results import Recorded
from ledger.errors import LedgerError
from ledger.ids import object_id_of
from ledger.importers.imported import Digest, Imported, ImportedArtifact, Input, License, Options, Thing, Unresolved
from ledger.importers.origins import origin
from ledger.importers.sources import shown
from ledger.limits import LIMITS
from ledger.spec.manifest import DeclaredLicense
from ledger.spec.names import check_name
from ledger.spec.vocabulary import NOASSERTION
from ledger.store.commit import Draft
from ledger.store.index import Index

PathLike = str | os.PathLike[str]
CLAIMS_BYTES = 12 << 20
"""How large the claims of one statement may be, as JSON: a statement has at most 16 MiB."""
_CHUNK = 1 << 20
_MOST_NAMED = 10
_FORM_DIGESTS = ("sha256",)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import recorded, and what it could not use.

    Attributes:
        verified: how many claimed digests the bytes have.
    """

    origin: str
    format: str
    recorded: tuple[Recorded, ...]
    claims: tuple[Mapping[str, Any], ...]
    contradictions: tuple[Mapping[str, Any], ...]
    unresolved: tuple[Mapping[str, Any], ...]
    verified: int
    dry_run: bool

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "origin": self.origin,
            "format": self.format,
            "recorded": [item.to_json() for item in self.recorded],
            "claims": [dict(item) for item in self.claims],
            "contradictions": [dict(item) for item in self.contradictions],
            "unresolved": [dict(item) for item in self.unresolved],
            "verified_digests": self.verified,
            "dry_run": self.dry_run,
        }


def import_from(
    ledger: Any,
    name: str,
    path: PathLike,
    *,
    called: str | None = None,
    version: str | None = None,
    generated_by: str | None = None,
    revision: str | None = None,
    dry_run: bool = False,
    rehash: bool = False,
    progress: Any = None,
) -> ImportReport:
    """Read another tool's files, hash what is here, and record it with what they say.

    Args:
        ledger: an open `Ledger`.
        name: of the importer: one of `ledger.importers.origins.ORIGINS`.
        called, version: what to call the main artifact, when the files do not say.
        generated_by: REF of the model that generated the data, which InstructLab's files do not name.
        revision: of the files, when there are several in a cache, or to state it.

    Raises:
        LedgerError: LG1500 for the importer, LG1501 to LG1503 for what cannot be read, LG1504 when bytes do not have the digest that a file
            claims for them, LG1505 when there is nothing to record, and as `Ledger.record`. Nothing is recorded then.
    """
    found = read_import(name, path, called=called, version=version, generated_by=generated_by, revision=revision)
    ledger._check_writable()
    key = ledger._signing_key()
    log = None if dry_run else ledger._log_key()
    planned = _Planned(found.imported, found.root, found.files)
    how = ledger._hashing(rehash, progress)
    prepared = {key_: recording.prepare(spec, how) for key_, spec in planned.specs().items()}
    verified = _check_digests(found, planned, prepared)

    def build(draft: Draft) -> list[Recorded]:
        return planned.add(draft, prepared, key)

    done: list[Recorded] = ledger._write(build, dry_run, log)
    imported = found.imported
    return ImportReport(
        imported.origin,
        imported.format,
        tuple(replace(item, dry_run=dry_run) for item in done),
        tuple(_plain(row) for row in imported.claims()),
        tuple(item.to_json() for item in imported.contradictions),
        tuple(item.to_json() for item in (*imported.unresolved, *planned.unnamed)),
        verified,
        dry_run,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What an importer made of a path; `root` is the folder that its paths are relative to."""

    imported: Imported
    root: Path
    files: FolderFiles


def read_import(
    name: str,
    path: PathLike,
    *,
    called: str | None = None,
    version: str | None = None,
    generated_by: str | None = None,
    revision: str | None = None,
) -> Found:
    """What an importer makes of a path, without recording anything. Raises as `import_from`."""
    chosen = origin(name)
    given = Path(path).absolute()
    if name == "huggingface":
        from ledger.importers.huggingface import lift

        levels, noted = lift(given.parts)
        given, revision = (given.parents[levels - 1], revision or noted) if levels else (given, revision)
    for text, what in ((called, "name"), (version, "version")):
        if text is not None:
            check_name(text, what=what)
    files = FolderFiles(given)
    options = Options(given.name or "import", called, version, generated_by, revision)
    return Found(chosen.read(files, options), given if given.is_dir() else given.parent, files)


class _Planned:
    """The artifacts of an import as they will be recorded, with their share of the claims."""

    def __init__(self, imported: Imported, root: Path, files: FolderFiles) -> None:
        self.imported, self.root, self.files = imported, root, files
        self.unnamed: list[Unresolved] = []
        if not imported.artifacts and not imported.documents:
            raise LedgerError("LG1505", f"nothing in `{shown(root)}` can be recorded")
        self._claims = [_plain(row) for row in imported.claims()]

    def specs(self) -> dict[str, ArtifactSpec]:
        """What to hash, by key: artifacts in the importer's order, then documents."""
        found: dict[str, ArtifactSpec] = {}
        main = self.imported.artifacts[-1].key if self.imported.artifacts else None
        for item in self.imported.artifacts:
            found[item.key] = self._artifact(item, with_rest=item.key == main)
        for number, path in enumerate(self.imported.documents):
            found[f"document:{path}"] = self._document(path, with_rest=main is None and number == 0)
        return found

    def _artifact(self, item: ImportedArtifact, *, with_rest: bool) -> ArtifactSpec:
        check_name(item.name)
        return ArtifactSpec(
            item.kind,
            self.root / item.path if item.path else self._whole(item),
            item.name,
            item.version,
            inputs=tuple(self._input(given) for given in item.inputs if given.key is None),
            sources=item.sources,
            data=item.data,
            fields={"import": self._share(item.key, item.path, with_rest)},
            include=item.include,
            symlinks=item.symlinks,
            stated=declared(item.licenses),
        )

    def _whole(self, _item: ImportedArtifact) -> Path:
        paths = self.files.paths()
        return self.root / paths[0] if len(paths) == 1 and "/" not in paths[0] and self.root != self.files.root else self.root

    def _document(self, path: str, *, with_rest: bool) -> ArtifactSpec:
        data = (self.root / path).read_bytes() if (self.files.size(path) or 0) <= LIMITS.json_bytes else b""
        name = path.rsplit("/", 1)[-1]
        share = self._share("", path, with_rest)
        if data:
            share["object"] = str(object_id_of(data))
        return ArtifactSpec(
            "document",
            self.root / path,
            name,
            self.imported.document_version,
            fields={"import": share},
            evidence=(data,) if data else (),
        )

    def _share(self, key: str, path: str, with_rest: bool) -> dict[str, Any]:
        """The claims about one artifact; the last artifact, or else the document, also has what belongs to none."""
        keys = {item.key for item in self.imported.artifacts}
        prefix = f"{path}/" if path else ""

        def mine(subject: str, at: str) -> bool:
            if subject == key:
                return True
            elsewhere = subject in keys or (
                subject not in keys and any(other.path and at.startswith(f"{other.path}/") for other in self._others(key))
            )
            return not elsewhere and (with_rest or bool(prefix and at.startswith(prefix)))

        found: dict[str, Any] = {"origin": self.imported.origin, "format": self.imported.format}
        claims = [row for row in self._claims if mine(row["subject"], row["at"])]
        found["claims"] = claims
        for name, items in (("contradictions", self.imported.contradictions), ("unresolved", self.imported.unresolved)):
            rows: list[dict[str, Any]] = [_plain(item.to_json()) for item in items]
            places = [str(row["at"][0] if isinstance(row["at"], list) else row["at"]) for row in rows]
            share = [row for row, at in zip(rows, places, strict=True) if mine("", at)]
            if share:
                found[name] = share
        size = len(canon.canonical(found))
        if size > CLAIMS_BYTES:
            raise LedgerError("LG0103", f"the claims about `{shown(path or key)}` take {size} bytes, more than {CLAIMS_BYTES}")
        return found

    def _others(self, key: str) -> Sequence[ImportedArtifact]:
        return [item for item in self.imported.artifacts if item.key != key]

    def _input(self, given: Input) -> InputSpec:
        return InputSpec(given.relation, given.ref, None if given.ref else given.descriptor(), given.amount)

    def add(self, draft: Draft, prepared: Mapping[str, Prepared], key: Any) -> list[Recorded]:
        """Append everything; what was made from another artifact of the import names it as recorded."""
        done: dict[str, Recorded] = {}
        wanted = {item.key: item for item in self.imported.artifacts}
        for name, item in prepared.items():
            spec = item.spec
            if name in wanted:
                inner = tuple(
                    InputSpec(given.relation, done[given.key].id, None, given.amount)
                    for given in wanted[name].inputs
                    if given.key is not None and given.key in done
                )
                spec = replace(spec, inputs=_distinct((*spec.inputs, *inner)))
            elif name == f"document:{self.imported.documents[0]}":
                spec = replace(spec, inputs=tuple(self._describes(draft.index)))
            done[name] = recording.add_artifact(draft, replace(item, spec=spec), key)[0]
        return list(done.values())

    def _describes(self, index: Index) -> list[InputSpec]:
        """What a document is about: recorded bytes when it states their id or digest, else references."""
        found: dict[str, InputSpec] = {}
        for thing in self.imported.things:
            known = _recorded(index, thing)
            if known is not None:
                found.setdefault(known, InputSpec("describes", known))
                continue
            descriptor = _descriptor(thing)
            if descriptor is None:
                self.unnamed.append(Unresolved(thing.name, "it cannot be the name of a reference", thing.at))
            else:
                found.setdefault(repr(sorted(descriptor.items())), InputSpec("describes", None, descriptor))
        return list(found.values())


def declared(licenses: Sequence[License]) -> tuple[DeclaredLicense, ...]:
    """Licence claims as a manifest declares them: each different one once, with the first place that says so."""
    found: dict[str, DeclaredLicense] = {}
    for item in (one for one in licenses if one.basis == "declared"):
        same = item.normalized if item.normalized != NOASSERTION else f"{NOASSERTION} {item.text}"
        found.setdefault(same, DeclaredLicense(item.text, item.normalized, str(item.at)))
    return tuple(found.values())


def _distinct(inputs: Sequence[InputSpec]) -> tuple[InputSpec, ...]:
    return tuple({(item.relation, item.ref, repr(item.descriptor)): item for item in inputs}.values())


def _recorded(index: Index, thing: Thing) -> str | None:
    """The id under which a thing's bytes are recorded here, if they are."""
    ids = [thing.id] if thing.id else []
    ids += [f"{form}:{value}" for algorithm, value in thing.digests if algorithm in _FORM_DIGESTS for form in ("tree", "file")]
    return next((id for id in ids if not id.startswith("ref:") and index.artifact(id) is not None), None)


def _descriptor(thing: Thing) -> dict[str, str] | None:
    try:
        check_name(thing.name)
        if thing.version:
            check_name(thing.version, what="version")
    except LedgerError:
        return None
    return thing.descriptor()


def _check_digests(found: Found, planned: _Planned, prepared: Mapping[str, Prepared]) -> int:
    """Compare the digests that files claim with the bytes that were hashed. Raises LedgerError LG1504; returns how many were compared."""
    hashed: dict[str, str] = {}
    for key, item in prepared.items():
        path = (
            key.removeprefix("document:") if key.startswith("document:") else next(a.path for a in found.imported.artifacts if a.key == key)
        )
        if item.hashed.form == "file":
            hashed[path or item.spec.path.name] = item.hashed.id.hex
            continue
        prefix = f"{path}/" if path else ""
        digests = item.hashed.digests
        for number, name in enumerate(item.hashed.paths):
            hashed[prefix + name.decode("utf-8")] = digests[32 * number : 32 * number + 32].hex()
    wrong, compared = [], 0
    for claim in found.imported.digests:
        actual = hashed.get(claim.path)
        if actual is None:
            continue
        compared += 1
        if not _has(found, claim, actual):
            wrong.append(claim)
    if wrong:
        listed = "; ".join(f"`{shown(item.path)}` is not {item.algorithm} {shown(item.value)} ({item.at})" for item in wrong[:_MOST_NAMED])
        more = f"; and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
        raise LedgerError("LG1504", f"{len(wrong)} of {compared} claimed digests are not those of the files: {listed}{more}")
    return compared


def _has(found: Found, claim: Digest, sha256: str) -> bool:
    """Whether the file that was hashed has the digest that is claimed for it."""
    size = found.files.size(claim.path)
    if claim.size is not None and claim.size != size:
        return False
    if claim.algorithm == "sha256":
        return claim.value.lower() == sha256
    own, other = hashlib.sha256(), _hasher(claim.algorithm, size or 0)
    try:
        with (found.root / claim.path).open("rb") as file:
            while piece := file.read(_CHUNK):
                own.update(piece)
                other.update(piece)
    except OSError as error:
        raise LedgerError("LG0202", f"cannot read `{shown(claim.path)}`: {error.strerror}") from None
    if own.hexdigest() != sha256:
        raise LedgerError("LG0208", f"`{shown(claim.path)}` changed while it was recorded")
    digest: str = other.hexdigest()
    return digest == claim.value.lower()


def _hasher(algorithm: str, size: int) -> Any:
    if algorithm == "git-blob-sha1":
        return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    return hashlib.new(algorithm, usedforsecurity=False)


def _plain(value: Any) -> Any:
    """A value that canonical JSON can carry: numbers that it cannot become text."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
    if isinstance(value, int):
        return value if abs(value) <= canon.MAX_SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return str(value)
