"""Recording artifacts, pipelines and releases: hash outside the lock, describe and sign inside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger._api.hints import Hint
from ledger._api.resolve import resolve_artifact
from ledger._api.results import Recorded
from ledger.errors import LedgerError
from ledger.hashing.cache import HashCache
from ledger.hashing.inventory import Hashed
from ledger.hashing.tree import hash_path
from ledger.ids import ArtifactId, object_id_of, reference_id
from ledger.licenses.catalogue import list_version
from ledger.licenses.expression import parse_expression
from ledger.licenses.files import license_files
from ledger.limits import LIMITS
from ledger.signing.keys import PrivateKey
from ledger.spec import information
from ledger.spec.manifest import DeclaredLicense, DetectedLicense, InputEdge, Manifest
from ledger.spec.names import check_name, display
from ledger.spec.release import Component, Release
from ledger.spec.vocabulary import ARTIFACT_KINDS, NOASSERTION, RELATIONS, ROLES
from ledger.store.commit import Draft
from ledger.store.index import Index
from ledger.store.reader import Reader

if TYPE_CHECKING:
    from ledger.importers.pipeline import PlannedArtifact, PlannedComponent, PlannedRelease


@dataclass(frozen=True, slots=True)
class InputSpec:
    """An input as a person gives it: a REF, `ref:name@version`, or the descriptor of a reference; and how much of it was taken."""

    relation: str
    ref: str | None = None
    descriptor: Mapping[str, str] | None = None
    amount: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ArtifactSpec:
    """Everything about one artifact but its bytes' digests.

    Attributes:
        stated: licences that other people's files declare, beside `license`; all hold together.
        evidence: bytes that are kept with its statement, such as the document that an import read.
    """

    kind: str
    path: Path
    name: str
    version: str | None = None
    license: str | None = None
    license_source: str = "argument"
    inputs: tuple[InputSpec, ...] = ()
    sources: tuple[Mapping[str, str], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    symlinks: str = "refuse"
    supersedes: str | None = None
    stated: tuple[DeclaredLicense, ...] = ()
    evidence: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Hashing:
    """How to hash: cache or not, and who is told of progress."""

    cache: HashCache | None = None
    rehash: bool = False
    progress: Any = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An artifact whose bytes have been read.

    Attributes:
        detected: its licence files, as (path, object id).
        texts: those files' bytes; none when a hint says that they are stored already.
    """

    spec: ArtifactSpec
    hashed: Hashed
    detected: tuple[tuple[str, str], ...]
    texts: tuple[bytes, ...]


def prepare(spec: ArtifactSpec, how: Hashing, hint: Hint | None = None) -> Prepared:
    """Hash an artifact and read its licence files; nothing is recorded yet.

    Args:
        hint: the last recording of the same path; spares work when the content has the same id.

    Raises:
        LedgerError: LG0301, LG0302, LG0306 for words that cannot be, LG0201 to LG0210 from hashing.
    """
    check_spec(spec)
    symlinks: Any = spec.symlinks
    hashed = hash_path(spec.path, symlinks=symlinks, include=spec.include, cache=how.cache, rehash=how.rehash, progress=how.progress)
    if hint is not None and hint.id == hashed.id and not how.rehash:
        return Prepared(spec, hashed, hint.detected, ())
    texts = _license_texts(spec, hashed)
    detected = tuple((path, str(object_id_of(data))) for path, data in texts)
    return Prepared(spec, hashed, detected, tuple(data for _, data in texts))


def planned(item: PlannedArtifact, folder: Path) -> ArtifactSpec:
    """What a pipeline file says of one artifact; its path is relative to the file's folder."""
    return ArtifactSpec(
        item.kind,
        folder / item.path,
        item.name,
        item.version,
        item.license,
        "pipeline file",
        tuple(InputSpec(given.relation, given.ref, given.descriptor) for given in item.inputs),
        item.sources,
        item.data,
        item.fields,
        item.include,
        item.symlinks,
        item.supersedes,
    )


def check_spec(spec: ArtifactSpec) -> None:
    """Refuse unknown words before anything is read."""
    if spec.kind not in ARTIFACT_KINDS:
        raise LedgerError("LG0301", f"unknown kind `{spec.kind}`; known: {', '.join(ARTIFACT_KINDS)}")
    check_name(spec.name)
    if spec.version is not None:
        check_name(spec.version, what="version")
    for item in spec.inputs:
        if item.relation not in RELATIONS:
            raise LedgerError("LG0302", f"unknown relation `{item.relation}`; known: {', '.join(RELATIONS)}")
    if spec.data:
        information.check(information.DATA, spec.data, f"what is said about {spec.kind} `{display(spec.name, spec.version)}`")


def _license_texts(spec: ArtifactSpec, hashed: Hashed) -> list[tuple[str, bytes]]:
    """(path, bytes) of the files that are licence texts by their name, checked against the digests just taken."""
    if hashed.form != "tree":
        return []
    found = []
    for number in license_files(hashed.paths):
        path = hashed.paths[number].decode("utf-8")
        if hashed.sizes[number] > LIMITS.license_file_bytes:
            continue
        try:
            data = (spec.path / path).read_bytes()
        except OSError as error:
            raise LedgerError("LG0202", f"cannot read `{ascii(path)[1:-1]}`: {error.strerror}") from None
        if hashlib.sha256(data).digest() != hashed.digests[32 * number : 32 * number + 32]:
            raise LedgerError("LG0208", f"`{ascii(path)[1:-1]}` changed while it was recorded")
        found.append((path, data))
    return found


def describe(
    prepared: Prepared, inputs: tuple[InputEdge, ...], supersedes: Mapping[str, str] | None, hint: Hint | None = None
) -> tuple[Manifest, tuple[str, ...]]:
    """The manifest of a prepared artifact, and warnings; a hint may know the licence's normal form."""
    spec, hashed = prepared.spec, prepared.hashed
    known = hint.declared if hint is not None and hint.declared is not None and hint.declared[0] == spec.license else None
    declared, warnings = _declared(spec) if known is None else ((DeclaredLicense(known[0], known[1], spec.license_source),), ())
    declared += spec.stated
    spdx = known[2] if known is not None else list_version() if declared else ""
    manifest = Manifest(
        kind=spec.kind,
        name=spec.name,
        version=spec.version,
        id=hashed.id,
        files=hashed.files,
        bytes=hashed.bytes,
        root=hashed.root.hex(),
        declared=declared,
        detected=tuple(DetectedLicense(path, name, "file-name") for path, name in prepared.detected),
        spdx_list=spdx or None,
        sources=spec.sources,
        inputs=inputs,
        data=spec.data,
        fields=spec.fields,
        supersedes=supersedes,
        include=spec.include,
    )
    return manifest, hashed.warnings + warnings


def add_artifact(draft: Draft, prepared: Prepared, key: PrivateKey) -> tuple[Recorded, Hint]:
    """Describe, sign and append one artifact. Raises LedgerError LG0901, LG0902, LG0408, LG0612."""
    spec, hashed = prepared.spec, prepared.hashed
    inputs = tuple(input_edge(draft.index, item) for item in spec.inputs)
    manifest, warnings = next(
        found
        for last, supersedes in _corrections(draft.index, spec.kind, spec.name, spec.version, spec.supersedes)
        if _is_said(draft, (found := _described(draft, prepared, inputs, supersedes, key))[0].payload_id(), key) or last
    )
    objects = [*prepared.texts, *spec.evidence]
    files = None
    if hashed.form == "tree" and draft.index.artifact(str(hashed.id)) is None:
        if sum(map(len, hashed.paths)) + 67 * hashed.files <= LIMITS.inventory_object_bytes:
            objects.append(hashed.inventory())
        files = _file_rows(hashed)
    appended = draft.add(manifest.to_statement(), [key], objects, files)
    valid = [(item.expression, item.normalized, manifest.spdx_list or "") for item in manifest.declared if item.normalized != NOASSERTION]
    known = valid[0] if valid else None
    hint = Hint(str(hashed.id), prepared.detected, appended.payload_id, key.public.keyid, appended.index, known)
    return recorded(prepared, manifest, warnings, appended.index, appended.existing), hint


def _described(
    draft: Draft, prepared: Prepared, inputs: tuple[InputEdge, ...], supersedes: Mapping[str, str] | None, key: PrivateKey
) -> tuple[Manifest, tuple[str, ...]]:
    """As `describe`, and what the cache spared is said, unless the same was recorded when everything was read."""
    manifest, warnings = describe(prepared, inputs, supersedes)
    spared = prepared.hashed.reused_files and not _is_said(draft, manifest.payload_id(), key)
    return (replace(manifest, cached=True) if spared else manifest), warnings


def recorded(prepared: Prepared, manifest: Manifest, warnings: tuple[str, ...], index: int, existing: bool) -> Recorded:
    """The answer about one artifact."""
    hashed = prepared.hashed
    claims = [{"basis": "declared", **_fields(item)} for item in manifest.declared]
    claims += [{"basis": "detected", **_fields(item)} for item in manifest.detected]
    return Recorded(
        manifest.kind,
        str(hashed.id),
        manifest.name,
        manifest.version,
        index,
        existing,
        hashed.files,
        hashed.bytes,
        hashed.hashed_bytes,
        hashed.reused_files,
        tuple(claims),
        warnings=warnings,
        supersedes=manifest.supersedes,
    )


def known(reader: Reader, prepared: Prepared, hint: Hint, key: PrivateKey) -> Recorded | None:
    """The answer when the log proves that exactly this was recorded by this key before."""
    manifest, warnings = describe(prepared, (), None, hint)
    ways = [manifest, replace(manifest, cached=True)] if prepared.hashed.reused_files else [manifest]
    if hint.keyid != key.public.keyid or hint.payload not in [way.payload_id() for way in ways]:
        return None
    if not reader.logged(hint.index, hint.payload, hint.keyid):
        return None
    return recorded(prepared, manifest, warnings, hint.index, True)


def _fields(item: DeclaredLicense | DetectedLicense) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__}


def _declared(spec: ArtifactSpec) -> tuple[tuple[DeclaredLicense, ...], tuple[str, ...]]:
    """The declared licence with its normal form; what is neither an SPDX expression nor certainly the name of a licence asserts nothing."""
    if spec.license is None:
        return (), ()
    expression = parse_expression(spec.license)
    if expression.valid:
        return (DeclaredLicense(spec.license, expression.normalized, spec.license_source),), ()
    from ledger.licenses.names import named

    # "Apache 2.0" is no expression, and there is no doubt what it names; "BSD" could be several things.
    meant = named(spec.license, "words")
    if meant.certain:
        return (DeclaredLicense(spec.license, meant.expression, spec.license_source),), ()
    shown = ascii(spec.license)[1:-1][:200]
    warning = f"LG0801: `{shown}` is not an SPDX expression ({expression.problem}), nor the name of one licence ({meant.reason});"
    return (DeclaredLicense(spec.license, NOASSERTION, spec.license_source),), (f"{warning} recorded as given, as NOASSERTION",)


def input_edge(index: Index, item: InputSpec) -> InputEdge:
    """Resolve one input. Raises LedgerError LG0901, LG0902."""
    descriptor = dict(item.descriptor) if item.descriptor else _descriptor(item.ref or "")
    if descriptor is not None:
        return InputEdge(item.relation, reference_id(descriptor), None, descriptor, item.amount)
    found = resolve_artifact(index, item.ref or "")
    if found.index is None:
        row = index.artifact(found.id)
        said = {"name": found.name} if row is None or row.version is None else {"name": found.name, "version": row.version}
        if reference_id(said) != found.id:
            raise LedgerError("LG0901", f"`{item.ref}` is a reference with a uri: name it by name, version and uri")
        return InputEdge(item.relation, ArtifactId(found.id), None, said, item.amount)
    return InputEdge(item.relation, ArtifactId(found.id), found.index, None, item.amount)


def _descriptor(text: str) -> dict[str, str] | None:
    """`ref:name@version` as a descriptor; `ref:` and hex digits is an id and not one."""
    form, colon, rest = text.partition(":")
    digits = len(rest) >= 8 and all(char in "0123456789abcdef" for char in rest)
    if form != "ref" or not colon or digits:
        return None
    name, at, version = rest.partition("@")
    check_name(name)
    return {"name": name, "version": check_name(version, what="version")} if at else {"name": name}


def _corrections(
    index: Index, kind: str, name: str, version: str | None, reason: str | None
) -> Iterator[tuple[bool, dict[str, str] | None]]:
    """What a correction may say that it corrects, and whether it is the last possibility: first what the corrections with this reason
    said that are there already, so that repeating one records nothing; then what the name names now. Raises LedgerError LG0901."""
    if reason is None:
        yield True, None
        return
    same = [row for row in index.named(name) if row.kind == kind and row.version == version]
    if not same:
        raise LedgerError("LG0901", f"there is no {kind} `{display(name, version)}` to correct", hint="record it without --supersedes")
    for before, row in pairwise(same):
        if row.supersedes == reason:
            yield False, {"id": before.id, "reason": reason}
    yield True, {"id": same[-1].id, "reason": reason}


def _is_said(draft: Draft, payload: str, key: PrivateKey) -> bool:
    return draft.index.recorded(bytes.fromhex(payload.partition(":")[2]), key.public.keyid) is not None


def _file_rows(hashed: Hashed) -> Any:
    """A function from artifact number and log index to the Arrow table of the tree's files."""

    def table(number: int, idx: int) -> Any:
        from ledger.store.segments import file_table

        return file_table(number, idx, hashed.paths, hashed.digests, hashed.sizes)

    return table


def add_release(draft: Draft, planned: PlannedRelease, key: PrivateKey) -> Recorded:
    """Resolve the components, sign and append a release.

    Raises:
        LedgerError: LG0303, LG0306, LG0901, LG0902, LG0612 for the names, LG0309 for what is said of it or of its datasets.
    """
    name, version = planned.name, planned.version
    check_name(name)
    check_name(version, what="version")
    check_release(planned)
    ordered = _ordered(tuple(_component(draft.index, item) for item in planned.components))
    fields, about = dict(planned.fields), dict(planned.about)
    statement = next(
        found
        for last, corrected in _corrections(draft.index, "release", name, version, planned.supersedes)
        if _is_said(draft, (found := Release(name, version, ordered, fields, corrected, about).to_statement()).payload_id, key) or last
    )
    appended = draft.add(statement, [key])
    listed = tuple(item.to_json() for item in ordered)
    said = statement.predicate.get("supersedes")
    return Recorded("release", statement.payload_id, name, version, appended.index, appended.existing, components=listed, supersedes=said)


def check_release(planned: PlannedRelease) -> None:
    """Refuse, before anything is hashed, what does not fit its schema. Raises LedgerError LG0309."""
    if planned.about:
        information.check(information.RELEASE, planned.about, f"what is said about release `{display(planned.name, planned.version)}`")
    for item in planned.components:
        if item.data:
            shown = item.ref or (item.descriptor or {}).get("name", "")
            information.check(information.DATA, item.data, f"what release `{planned.name}` says about `{shown}`")


def _ordered(parts: Sequence[Component]) -> tuple[Component, ...]:
    """Each component once, in the order of the format. Raises LedgerError LG0309 when different things are said of the same one."""
    distinct: dict[tuple[int, str, str, ArtifactId], Component] = {}
    for item in parts:
        place = (ROLES.index(item.role), item.name, item.version or "", item.artifact)
        if distinct.setdefault(place, item) != item:
            raise LedgerError(
                "LG0309", f"`{item.role}` has `{display(item.name, item.version)}` twice, and different things are said of it"
            )
    return tuple(distinct[place] for place in sorted(distinct))


def _component(index: Index, planned: PlannedComponent) -> Component:
    role, ref = planned.role, planned.ref or ""
    if role not in ROLES:
        raise LedgerError("LG0303", f"unknown role `{role}`; known: {', '.join(ROLES)}")
    descriptor = dict(planned.descriptor) if planned.descriptor else _descriptor(ref)
    if descriptor is not None:
        id, name, version, at = reference_id(descriptor), descriptor["name"], descriptor.get("version"), None
    else:
        found = resolve_artifact(index, ref)
        if found.index is None:
            raise LedgerError("LG0901", f"`{ref}` is a reference without bytes; give it as `ref:name@version`")
        id, name, version, at = ArtifactId(found.id), found.name, found.version, found.index
    return Component(role, id, name, version, at, descriptor, planned.availability, dict(planned.data))
