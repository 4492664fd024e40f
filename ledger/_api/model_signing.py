"""OpenSSF model signatures (OMS v1.0), both ways: made of what is recorded, verified, and recorded as what somebody else says."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path
from typing import Any

from ledger._api import reading, recording
from ledger._api.inputs import read_input
from ledger._api.outputs import Output
from ledger._api.recording import ArtifactSpec, Prepared
from ledger._api.resolve import resolve_artifact
from ledger._api.results import Recorded
from ledger.attest.model_signature import Disk, ModelReport, Trusted, verify
from ledger.clock import Clock, SystemClock
from ledger.errors import LedgerError
from ledger.exporters.oms import payload_of
from ledger.hashing.inventory import Hashed
from ledger.hashing.names import shown
from ledger.hashing.parts import Part, hasher_of, part_digests
from ledger.hashing.tree import hash_path
from ledger.ids import ArtifactId, object_id_of
from ledger.importers.oms import claims_of, fields_of, unresolved_of
from ledger.limits import LIMITS
from ledger.signing import model_bundle, model_keys
from ledger.signing.certificates import read_roots
from ledger.signing.files import PassphraseSource, no_passphrase
from ledger.spec.model_signature import ModelStatement

__all__ = ["Imported", "ModelExport", "ModelReport", "export_oms", "import_oms", "verify_model_file"]


@dataclass(frozen=True, slots=True)
class ModelExport:
    """A model signature that was written."""

    path: Path
    sha256: str
    id: str
    name: str
    keyid: str
    files: int
    left_out: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        found = {name: getattr(self, name) for name in ("sha256", "id", "name", "keyid", "files")}
        return {"path": str(self.path), **found, "left_out": list(self.left_out)}


def export_oms(
    ledger: Any, ref: str, out: str | os.PathLike[str], *, key: Path, passphrase: PassphraseSource = no_passphrase, name: str | None = None
) -> ModelExport:
    """Write an OpenSSF model signature of a recorded artifact, from the record alone: no bytes of the model are needed.

    Args:
        ledger: an open `Ledger`.
        key: a PEM file with an elliptic curve key (P-256, P-384, P-521), and where its passphrase comes from.
        name: what to call the model; by default the last part of the artifact's name.

    Raises:
        LedgerError: LG0901 to LG0902 for the REF, LG1103 when `out` cannot be written, LG1304, LG1305, LG0401 to LG0404.
    """
    reader, index = ledger._store, ledger._index()
    found = resolve_artifact(index, ref)
    if found.index is None:
        raise LedgerError("LG1304", f"`{ref}` is a reference: nobody has recorded its bytes")
    signer = model_keys.read_signer(key, passphrase)
    id = ArtifactId(found.id)
    called = name or found.name.rstrip("/").rsplit("/", 1)[-1] or found.name
    made = payload_of(called, id, reading._inventory(reader, index, found) if id.form == "tree" else {})
    data = model_bundle.build(made.payload, signer)
    with Output(Path(out)) as file:
        file.write(data)
    return ModelExport(Path(out), hashlib.sha256(data).hexdigest(), found.id, called, signer.public.keyid, made.files, made.left_out)


def trusted_by(public_key: Path | None, roots: Path | None) -> Trusted:
    """What a verifier brings, read from files. Raises LedgerError LG0401, LG1305, LG1306, LG0201."""
    if roots is not None:
        return Trusted(roots=read_roots(read_input(roots, LIMITS.pipeline_bytes), f"`{roots}`"))
    return Trusted(key=model_keys.read_public(public_key)) if public_key is not None else Trusted()


class _Model:
    """The files of a model: hashed once, and whatever else a statement asks for taken from the same bytes."""

    def __init__(
        self, path: Path, bundle: Path, symlinks: str, hashes: Callable[[str, tuple[str, ...]], Hashed], leave: Sequence[str]
    ) -> None:
        self._path = path
        self._symlinks = symlinks
        self._hashes = hashes
        self._leave = leave
        self.bundle = _inside(path, bundle)

    def look(self, said: ModelStatement) -> Disk:
        """What is on disk, as the statement asks for it. Raises the LedgerErrors of hashing, and LG1303."""
        make = hasher_of(said.hash_type)
        if make is None:
            hint = "pip install 'openness-ledger[oms]', and run it again"
            raise LedgerError("LG1303", f"its hash is {said.hash_type}, and the library for it is not installed", hint=hint)
        mode = self._symlinks if said.allow_symlinks else "refuse"
        hashed = self._hashes(mode, patterns_without(self._path, self._leave) if self._leave else ())
        paths = [path.decode("utf-8") for path in hashed.paths]
        parts: list[list[Part]]
        if said.hash_type == "sha256" and said.shard_size is None:
            parts = [[(0, hashed.sizes[n], hashed.digests[32 * n : 32 * n + 32])] for n in range(len(paths))]
        else:
            parts = part_digests(self._path, hashed, make, said.shard_size)
        base = paths[0] if hashed.form == "file" else ""
        return Disk(base, dict(zip(paths, parts, strict=True)), self.bundle)


def _inside(folder: Path, file: Path) -> str | None:
    """The path of a file in a folder, if it lies there."""
    try:
        return file.resolve().relative_to(folder.resolve()).as_posix() if folder.is_dir() else None
    except (ValueError, OSError):
        return None


def patterns_without(folder: Path, leave: Sequence[str]) -> tuple[str, ...]:
    """`include` patterns that take every file of a folder but those at or below the paths; none when none of them is there.

    Raises:
        LedgerError: LG0201 when there is no such folder, LG0209 for a path that leads out of it.
    """
    tree: dict[str, Any] = {}
    for item in leave:
        segments = _segments(item)
        if os.path.lexists(folder / item.rstrip("/")):
            below = tree
            for segment in segments:
                below = below.setdefault(segment, {})
    return tuple(_patterns(folder, "", tree)) if tree else ()


def _segments(item: str) -> list[str]:
    segments = item.rstrip("/").split("/")
    if any(segment in ("", ".", "..") for segment in segments):
        raise LedgerError("LG0209", f"a path to ignore is relative to the model and stays in it: `{shown(item)}`")
    return segments


def _patterns(folder: Path, prefix: str, tree: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise LedgerError("LG0202", f"cannot be read: `{shown(str(folder))}`: {error.strerror}") from None
    for entry in entries:
        below = tree.get(entry.name)
        if below is None:
            found.append(prefix + escape(entry.name) + ("/**" if entry.is_dir(follow_symlinks=False) else ""))
        elif below and entry.is_dir(follow_symlinks=False):
            found += _patterns(folder / entry.name, f"{prefix}{escape(entry.name)}/", below)
    return found


def verify_model_file(
    bundle: str | os.PathLike[str],
    model: str | os.PathLike[str],
    *,
    public_key: str | os.PathLike[str] | None = None,
    certificate_roots: str | os.PathLike[str] | None = None,
    ignore: Sequence[str] = (),
    symlinks: str = "refuse",
    clock: Clock | None = None,
    progress: Any = None,
) -> ModelReport:
    """Verify somebody's model signature, offline, with no ledger at hand.

    Args:
        public_key: PEM file with the key that must have signed.
        certificate_roots: PEM file with the roots that the signer's certificate must lead to.
        ignore: paths in the model that need not be covered; they are not read.
        symlinks: `refuse`, or `inside` for models that were signed with links allowed.

    Raises:
        LedgerError: LG0201 when a file is not there, LG1305, LG1306 for keys and roots that are none.
    """
    path, file = Path(model), Path(bundle)
    data = read_input(file, LIMITS.model_bundle_bytes, "the bundle")
    trusted = trusted_by(_path(public_key), _path(certificate_roots))

    def hashes(mode: str, include: tuple[str, ...]) -> Hashed:
        links: Any = mode
        return hash_path(path, symlinks=links, include=include, progress=progress)

    return _verified(data, path, file, trusted, ignore, symlinks, hashes, ignore, clock)


def _path(given: str | os.PathLike[str] | None) -> Path | None:
    return None if given is None else Path(given)


def _verified(
    data: bytes,
    path: Path,
    file: Path,
    trusted: Trusted,
    ignore: Sequence[str],
    symlinks: str,
    hashes: Callable[[str, tuple[str, ...]], Hashed],
    leave: Sequence[str],
    clock: Clock | None,
) -> ModelReport:
    if not path.exists():
        raise LedgerError("LG0201", f"no such path: `{shown(str(path))}`")
    for item in ignore:
        _segments(item)
    model = _Model(path, file, symlinks, hashes, leave)
    return verify(data, trusted, model.look, ignore, (clock or SystemClock()).now())


@dataclass(frozen=True, slots=True)
class Imported:
    """A model that was recorded, with the signature that covers it."""

    recorded: Recorded
    report: ModelReport
    fields: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        claims, unresolved = claims_of(self.fields), unresolved_of(self.report.signer)
        return {**self.recorded.to_json(), "claims": claims, "unresolved": unresolved, "checks": self.report.to_json()["checks"]}


def import_oms(
    ledger: Any,
    bundle: str | os.PathLike[str],
    model: str | os.PathLike[str],
    *,
    name: str,
    kind: str = "weights",
    version: str | None = None,
    license: str | None = None,
    public_key: str | os.PathLike[str] | None = None,
    certificate_roots: str | os.PathLike[str] | None = None,
    ignore: Sequence[str] = (),
    symlinks: str = "refuse",
    dry_run: bool = False,
    clock: Clock | None = None,
    progress: Any = None,
) -> Imported:
    """Verify an OpenSSF model signature, and record the model with it: the bytes that were verified are those that are described.

    The files that the signature does not cover are no part of what is recorded: the bundle itself, and what is ignored.

    Args:
        ledger: an open `Ledger`; its signing key signs the manifest.

    Raises:
        LedgerError: LG1302 when the signature does not hold, LG1303 when that could not be told; then nothing is recorded. As
            `verify_model_file` and `record` otherwise.
    """
    spec = ArtifactSpec(kind, Path(model), name, version, license, symlinks=symlinks)
    recording.check_spec(spec)
    # Every byte is read: what a cache remembers was not verified now.
    how = ledger._hashing(True, progress)
    data = read_input(Path(bundle), LIMITS.model_bundle_bytes, "the bundle")
    trusted = trusted_by(_path(public_key), _path(certificate_roots))
    found: list[Prepared] = []

    def hashes(mode: str, include: tuple[str, ...]) -> Hashed:
        found.append(recording.prepare(replace(spec, symlinks=mode, include=include), how))
        return found[-1].hashed

    inside = _inside(spec.path, Path(bundle))
    leave = [*ignore, *([inside] if inside else [])]
    report = _verified(data, spec.path, Path(bundle), trusted, ignore, symlinks, hashes, leave, clock)
    error = report.error()
    if error is not None:
        raise error
    assert report.bundle is not None and report.statement is not None
    fields = fields_of(str(object_id_of(data)), report.bundle.method, report.signer, report.statement)
    described = replace(found[-1].spec, fields={**found[-1].spec.fields, **fields})
    prepared = replace(found[-1], spec=described, texts=(*found[-1].texts, data))
    key = ledger._signing_key()
    done, _ = ledger._write(lambda draft: recording.add_artifact(draft, prepared, key), dry_run)
    return Imported(replace(done, dry_run=dry_run), report, fields)
