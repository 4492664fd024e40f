"""The library's front door: `Ledger`, the one place where the rooms meet.

    from ledger.api import Ledger

    ledger = Ledger.init("my-ledger", "example.org/models", insecure_no_passphrase=True)
    data = ledger.record("dataset", "data", name="figures", version="1", license="CC-BY-4.0")
    model = ledger.record("weights", "out", name="reader", version="1", inputs=[("trained-on", "figures@1")])
    ledger.release("reader", "1", [("weights", "reader@1"), ("datasets", "figures@1")])
    attested = ledger.attest("reader@1", ["redhat-minimum-2025"])

Every failure is a `ledger.errors.LedgerError`. Nothing here prints, asks or exits.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger._api import hints, keyring, recording
from ledger._api.keyring import Created, KeySources, RootSources
from ledger._api.maintaining import Maintenance
from ledger._api.questions import Questions
from ledger._api.recording import ArtifactSpec, Hashing, InputSpec
from ledger._api.results import Attested, Difference, Recorded, Reviewed
from ledger._api.warming import warm_up
from ledger.clock import Clock
from ledger.errors import LedgerError
from ledger.hashing.cache import HashCache
from ledger.limits import LIMITS
from ledger.log.checkpoint import Checkpoint
from ledger.signing.keys import PrivateKey
from ledger.store.commit import Draft, Store
from ledger.store.layout import Layout, find_root
from ledger.store.lock import DEFAULT_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from ledger._api.checking import check_file
    from ledger._api.cosigning import LogWitnesses
    from ledger._api.describing import Described, answers_as_yaml, describable
    from ledger._api.evaluating import diff_files
    from ledger._api.exporting import Exported, export_document
    from ledger._api.following import follow
    from ledger._api.identifying import identify_files
    from ledger._api.identity_signing import sign_with_identity, verify_identity_file
    from ledger._api.importing import ImportReport, import_from
    from ledger._api.keychanges import KeyChanges
    from ledger._api.license_questions import license_facts
    from ledger._api.lineages import LineageResult
    from ledger._api.model_signing import Imported, ModelExport, ModelReport, export_oms, import_oms, verify_model_file
    from ledger._api.proofs import verify_proof_file
    from ledger._api.records import Evaluated, Linted, evaluate_record, lint_profile
    from ledger._api.running import Run, RunReport, run_command
    from ledger._api.snapshotting import Snapshot, export_duckdb, export_parquet
    from ledger._api.standalone import (
        BundleReport,
        LedgerReport,
        QueryLimits,
        QueryResult,
        held_key,
        make_key,
        profile,
        profiles,
        read_policy,
        repair_folder,
        self_test,
        surroundings,
        to_parquet,
        verify_bundle_file,
        verify_folder,
    )
    from ledger._api.timestamping import LogTimestamps
    from ledger._api.witnessing import Witness

PathLike = str | os.PathLike[str]
Input = tuple[str, str] | InputSpec

__all__ = [
    "Attested",
    "BundleReport",
    "Created",
    "Described",
    "Difference",
    "Evaluated",
    "Exported",
    "ImportReport",
    "Imported",
    "InputSpec",
    "KeySources",
    "Ledger",
    "LedgerError",
    "LedgerReport",
    "LineageResult",
    "Linted",
    "LogTimestamps",
    "ModelExport",
    "ModelReport",
    "QueryLimits",
    "QueryResult",
    "Recorded",
    "Reviewed",
    "RootSources",
    "Run",
    "RunReport",
    "Snapshot",
    "Witness",
    "answers_as_yaml",
    "check_file",
    "describable",
    "diff_files",
    "evaluate_record",
    "export_document",
    "export_duckdb",
    "export_oms",
    "export_parquet",
    "find_root",
    "follow",
    "held_key",
    "identify_files",
    "import_from",
    "import_oms",
    "license_facts",
    "lint_profile",
    "make_key",
    "profile",
    "profiles",
    "read_policy",
    "repair_folder",
    "run_command",
    "self_test",
    "sign_with_identity",
    "surroundings",
    "to_parquet",
    "verify_bundle_file",
    "verify_folder",
    "verify_identity_file",
    "verify_model_file",
    "verify_proof_file",
]


class Ledger(Questions, Maintenance):
    """One ledger, opened for reading and, with its keys, for writing.

    Args of `open`:
        dir: the folder with `ledger.toml`.
        keys: where private keys and passphrases come from; by default the ledger's own state folder, unencrypted.
        at: answer as the ledger stood at this size or RFC 3339 time; such a ledger is read-only.
        clock: the time of new entries.
    """

    def __init__(self, store: Store, keys: KeySources, at: int | None) -> None:
        self._store = store
        self._keys = keys
        self._at = at

    # --- opening ---------------------------------------------------------------------------------

    @classmethod
    def init(
        cls,
        dir: PathLike,
        origin: str,
        *,
        keys: KeySources | None = None,
        passphrase: bytes | None = None,
        insecure_no_passphrase: bool = False,
        clock: Clock | None = None,
    ) -> Ledger:
        """Make a ledger with its keys and open it.

        Raises:
            LedgerError: LG0404 when neither a passphrase nor `insecure_no_passphrase` is given; LG0602 when there is one already.
        """
        made = cls.create(dir, origin, keys=keys, passphrase=passphrase, insecure_no_passphrase=insecure_no_passphrase, clock=clock)
        sources = keys or KeySources(passphrase=lambda _name: passphrase)
        return cls.open(made.dir, keys=sources, clock=clock)

    @classmethod
    def create(
        cls,
        dir: PathLike,
        origin: str,
        *,
        keys: KeySources | None = None,
        passphrase: bytes | None = None,
        insecure_no_passphrase: bool = False,
        roots: RootSources | None = None,
        clock: Clock | None = None,
    ) -> Created:
        """As `init`, but returns what was made; `roots` says which keys may change keys."""
        if passphrase is None and not insecure_no_passphrase:
            raise LedgerError("LG0404", "new keys are encrypted and no passphrase was given", hint="give --passphrase-file FILE")
        return keyring.make_ledger(Path(dir), origin, keys or KeySources(), passphrase, roots=roots, clock=clock)

    @classmethod
    def open(
        cls,
        dir: PathLike,
        *,
        keys: KeySources | None = None,
        at: int | str | None = None,
        clock: Clock | None = None,
        lock_timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    ) -> Ledger:
        """Open a ledger. Raises LedgerError LG0601, LG0603, LG0611, LG0704."""
        store = Store(Path(dir).resolve(), clock=clock, lock_timeout_seconds=lock_timeout_seconds)
        if at is None:
            return cls(store, keys or KeySources(), None)
        from ledger._api.reading import size_at

        return cls(store, keys or KeySources(), size_at(store, at))

    @property
    def layout(self) -> Layout:
        """Where this ledger's files are."""
        return self._store.layout

    @property
    def origin(self) -> str:
        """The ledger's name."""
        return self._store.config.origin

    @property
    def log_key(self) -> str:
        """The verifier key that others check this ledger with."""
        return self._store.config.log_key.to_text()

    @property
    def checkpoint(self) -> Checkpoint:
        """The published checkpoint."""
        return self._store.head().checkpoint

    @property
    def size(self) -> int:
        """The size that answers are about."""
        return self.checkpoint.size if self._at is None else self._at

    # --- writing ---------------------------------------------------------------------------------

    def record(
        self,
        kind: str,
        path: PathLike,
        *,
        name: str,
        version: str | None = None,
        license: str | None = None,
        inputs: Sequence[Input] = (),
        sources: Sequence[str | Mapping[str, str]] = (),
        fields: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        include: Sequence[str] = (),
        symlinks: str = "refuse",
        supersedes: str | None = None,
        rehash: bool = False,
        dry_run: bool = False,
        progress: Any = None,
    ) -> Recorded:
        """Hash, describe, sign and log one artifact.

        Args:
            kind: dataset, weights, code or document.
            inputs: (relation, REF) pairs; `ref:name@version` for an input whose bytes nobody has.
            rehash: read every byte even if the hash cache knows the files.
            dry_run: say what would be recorded and leave everything as it is.

        Raises:
            LedgerError: by code, whatever is wrong; then nothing was recorded.
        """
        spec = ArtifactSpec(
            kind,
            Path(path),
            name,
            version,
            license,
            inputs=tuple(item if isinstance(item, InputSpec) else InputSpec(*item) for item in inputs),
            sources=tuple({"uri": item} if isinstance(item, str) else dict(item) for item in sources),
            data=dict(data or {}),
            fields=dict(fields or {}),
            include=tuple(include),
            symlinks=symlinks,
            supersedes=supersedes,
        )
        layout = self._store.layout
        hint = None if rehash else hints.load(layout, spec.path, spec.include, symlinks)
        signing, log = self._ask_first(spec, log=hint is None and not dry_run)
        if hint is None:
            warm_up()
        prepared = recording.prepare(spec, self._hashing(rehash, progress), hint)
        key = signing or self._signing_key()
        if hint is not None and not spec.inputs and supersedes is None:
            self._check_writable()
            if (again := recording.known(self._store, prepared, hint, key)) is not None:
                return replace(again, dry_run=dry_run)
        done, learnt = self._write(lambda draft: recording.add_artifact(draft, prepared, key), dry_run, log)
        if not dry_run:
            hints.store(layout, spec.path, spec.include, symlinks, learnt)
        answer: Recorded = replace(done, dry_run=dry_run)
        return answer

    def _ask_first(self, spec: ArtifactSpec, *, log: bool) -> tuple[PrivateKey | None, PrivateKey | None]:
        """The keys that need a passphrase, before anything is hashed; nobody is asked for what is refused anyway."""
        recording.check_spec(spec)
        if not os.path.exists(spec.path):  # noqa: PTH110 - the other one raises for a name that is too long
            return None, None
        return self._keys.asked_first(self._store.layout, log=log)

    def record_file(self, file: PathLike, *, rehash: bool = False, dry_run: bool = False, progress: Any = None) -> list[Recorded]:
        """Record a whole pipeline file, in dependency order, all or nothing. Raises LedgerError LG1202, LG1203 and as `record`."""
        from ledger._api.inputs import read_input
        from ledger.importers.pipeline import read_pipeline

        path = Path(file)
        plan = read_pipeline(read_input(path, LIMITS.pipeline_bytes, "the pipeline file"), what=f"`{path.name}`")
        warm_up()
        how = self._hashing(rehash, progress)
        key = self._signing_key()
        log = None if dry_run else self._log_key()
        specs = [recording.planned(item, path.parent) for item in plan.artifacts]
        for spec in specs:
            recording.check_spec(spec)
        for item in plan.releases:
            recording.check_release(item)
        prepared = [recording.prepare(spec, how) for spec in specs]

        def build(draft: Draft) -> list[Recorded]:
            done = [recording.add_artifact(draft, item, key)[0] for item in prepared]
            for item in plan.releases:
                done.append(recording.add_release(draft, item, key))
            return done

        done: list[Recorded] = self._write(build, dry_run, log)
        return [replace(item, dry_run=dry_run) for item in done]

    def release(
        self,
        name: str,
        version: str,
        components: Sequence[tuple[str, str]],
        *,
        supersedes: str | None = None,
        fields: Mapping[str, Any] | None = None,
        about: Mapping[str, Any] | None = None,
        dry_run: bool = False,
    ) -> Recorded:
        """Record a release: (role, REF) pairs; `about` is what the provider says of it, by `schemas/release-information`."""
        from ledger.importers.pipeline import PlannedComponent, PlannedRelease

        parts = tuple(PlannedComponent(role, ref) for role, ref in components)
        plan = PlannedRelease(name, version, parts, about or {}, fields or {}, supersedes)
        recording.check_release(plan)
        key = self._signing_key()
        done: Recorded = self._write(lambda draft: recording.add_release(draft, plan, key), dry_run)
        return replace(done, dry_run=dry_run)

    def review(
        self,
        ref: str,
        *,
        reason: str,
        concluded_license: str | None = None,
        waive: str | None = None,
        statement: str | None = None,
        dry_run: bool = False,
    ) -> Reviewed:
        """Record a person's judgement of one thing: a concluded licence, a waived finding, or another. Raises LG0830 to LG0833."""
        from ledger._api.reviewing import add_review, judgement

        said = judgement(reason, concluded_license, waive, statement)
        key = self._signing_key()
        done: Reviewed = self._write(lambda draft: add_review(draft, ref, said, key), dry_run)
        return replace(done, dry_run=dry_run)

    def run(self, name: str, **how: Any) -> Run:
        """A run that is recorded when its block ends without an error: outputs, lineage, and signed SLSA provenance.

            with ledger.run("train", inputs=[("trained-on", "figures@1")], parameters={"rate": 0.1}) as run:
                train()
                run.output("weights", "out/model", name="reader", version="2")

        Args:
            how: as of `ledger._api.running.begin`: inputs, parameters, code, out, variables, rehash, progress.

        Raises:
            LedgerError: LG0306, LG0302, LG0901, LG0902 at once; LG1801 and as `record` at the end. Nothing is recorded then.
        """
        begin: Callable[..., Run] = import_module("ledger._api.running").begin
        return begin(self, name, **how)

    def attest(
        self,
        ref: str,
        profiles: Sequence[str] | None = None,
        *,
        out: PathLike | None = None,
        tsa: str | None = None,
        policy: PathLike | None = None,
        svr: PathLike | None = None,
        vsa: PathLike | None = None,
        dry_run: bool = False,
    ) -> Attested:
        """Evaluate profiles (by default all) over a release, log the signed attestation, and write its bundle to `out`.

        Args:
            tsa: URL of a time-stamping authority that is asked first when the published checkpoint existed.
            policy: file of a release policy, whose profiles are evaluated too and whose outcome is attested.
            svr, vsa: files for a signed Simple Verification Result and a SLSA Verification Summary.
            dry_run: evaluate, and leave the log and the files as they are.
        """
        from ledger._api.gates import attest_with, read_gate

        self._check_writable()
        chosen, gate = read_gate(self, ref, profiles, None if policy is None else Path(policy))
        key = self._signing_key()
        log_key = None if dry_run else self._log_key()
        stamp = None if tsa is None else partial(import_module("ledger._api.timestamping").ask, self._store, tsa)
        files = {name: Path(path) for name, path in (("bundle", out), ("svr", svr), ("vsa", vsa)) if path is not None}
        return attest_with(self._store, ref, chosen, key, log_key, stamp, gate, files)

    def trust_key(self, pub: PathLike, kinds: Sequence[str] = ("*",), *, names: Sequence[str] = (), dry_run: bool = False) -> Recorded:
        """Log that a public key may sign statements of these kinds (`*`: all) about these names (none: all); signed by a root key."""
        done = self.key_changes().trust(pub, kinds, names, dry_run=dry_run)
        assert isinstance(done, Recorded)  # without `out` nothing else comes back
        return done

    def key_changes(self, more_keys: Sequence[PathLike] = ()) -> KeyChanges:
        """Who may sign: trust, retire, revoke; and envelopes that several holders of keys sign, one after another.

        Args:
            more_keys: files of private keys that sign beside the signing key.
        """
        from ledger._api.keychanges import KeyChanges

        self._check_writable()
        return KeyChanges(self._store, self._keys, self._write, [Path(item) for item in more_keys])

    def _write(self, build: Callable[[Draft], Any], dry_run: bool, log_key: PrivateKey | None = None) -> Any:
        self._check_writable()
        return build(self._store.draft()) if dry_run else self._store.append(build, log_key or self._log_key())

    def _check_writable(self) -> None:
        if self._at is not None:
            raise LedgerError("LG0704", "a ledger opened at an earlier size cannot be written")

    def _signing_key(self) -> PrivateKey:
        return self._keys.signing_key(self._store.layout)

    def _log_key(self) -> PrivateKey:
        return self._keys.log_key(self._store.layout)

    def _hashing(self, rehash: bool, progress: Any) -> Hashing:
        return Hashing(HashCache(self._store.layout.hash_cache), rehash, progress)

    @property
    def witnesses(self) -> LogWitnesses:
        """This ledger's witnesses: policy, standing, requests and answers as files."""
        from ledger._api.cosigning import LogWitnesses

        self._check_writable()
        return LogWitnesses(self._store)

    # --- reading: see `Questions` ----------------------------------------------------------------

    def _index(self) -> Any:
        return self._store.index(self._at)


# What needs no open ledger is imported when it is first asked for: recording must not wait for DuckDB. All else is in `standalone`.
_ROOMS = {
    "Witness": "witnessing",
    "LogTimestamps": "timestamping",
    "follow": "following",
    "identify_files": "identifying",
    **dict.fromkeys(("Snapshot", "export_duckdb", "export_parquet"), "snapshotting"),
    **dict.fromkeys(("Run", "RunReport", "run_command"), "running"),
    **dict.fromkeys(("Exported", "export_document"), "exporting"),
    **dict.fromkeys(("ImportReport", "import_from"), "importing"),
    **dict.fromkeys(("Described", "answers_as_yaml", "describable"), "describing"),
    "LineageResult": "lineages",
    "license_facts": "license_questions",
    "check_file": "checking",
    "diff_files": "evaluating",
    "verify_proof_file": "proofs",
    **dict.fromkeys(("Evaluated", "Linted", "evaluate_record", "lint_profile"), "records"),
    **dict.fromkeys(("sign_with_identity", "verify_identity_file"), "identity_signing"),
    **dict.fromkeys(("Imported", "ModelExport", "ModelReport", "export_oms", "import_oms", "verify_model_file"), "model_signing"),
}


def __getattr__(name: str) -> Any:
    """The functions that need no open ledger."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"ledger._api.{_ROOMS.get(name, 'standalone')}"), name)
