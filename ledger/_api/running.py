"""Recording from a run: what was declared as its inputs and outputs becomes lineage, and one signed SLSA provenance statement.

Nothing is intercepted: what nobody declared is not in the record. If the run fails, nothing is recorded.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from ledger._api import recording
from ledger._api.recording import ArtifactSpec, InputSpec, Prepared
from ledger._api.resolve import resolve_artifact
from ledger._api.results import Recorded
from ledger.attest.provenance import Dependency, Product, RunFacts, provenance
from ledger.clock import to_rfc3339
from ledger.errors import LedgerError
from ledger.ids import reference_id
from ledger.importers import repository
from ledger.signing.dsse import sign
from ledger.spec.names import check_name, display
from ledger.spec.vocabulary import RELATIONS
from ledger.store.commit import Draft
from ledger.store.index import Index

PathLike = str | os.PathLike[str]
_GIT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run recorded: the artifacts that it made, and the document with its provenance.

    Attributes:
        statement: the signed statement, as a DSSE envelope.
    """

    name: str
    invocation: str
    recorded: tuple[Recorded, ...]
    provenance: Recorded
    statement: bytes
    started: str
    finished: str
    path: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "name": self.name,
            "invocation": self.invocation,
            "started": self.started,
            "finished": self.finished,
            "recorded": [item.to_json() for item in self.recorded],
            "provenance": self.provenance.to_json(),
            "path": self.path,
        }


@dataclass(slots=True)
class Run:
    """A run that is going on: `with ledger.run("train reader") as run: …`.

    Attributes:
        report: what was recorded, once the block has ended without an error.
    """

    _ledger: Any
    name: str
    _inputs: list[InputSpec] = field(default_factory=list)
    _outputs: list[ArtifactSpec] = field(default_factory=list)
    _parameters: dict[str, Any] = field(default_factory=dict)
    _metrics: dict[str, Any] = field(default_factory=dict)
    _environment: dict[str, str] = field(default_factory=dict)
    _code: Path | None = None
    _command: tuple[str, ...] | None = None
    _out: Path | None = None
    _rehash: bool = False
    _progress: Any = None
    _dry_run: bool = False
    _started: str = ""
    report: RunReport | None = None

    def input(self, relation: str, ref: str | InputSpec) -> None:
        """Declare an input: a REF, `ref:name@version` for one whose bytes nobody has. Raises LedgerError LG0302, LG0901, LG0902 at once."""
        if relation not in RELATIONS:
            raise LedgerError("LG0302", f"unknown relation `{relation}`; known: {', '.join(RELATIONS)}")
        spec = ref if isinstance(ref, InputSpec) else InputSpec(relation, ref)
        recording.input_edge(self._ledger._index(), spec)
        self._inputs.append(spec)

    def parameter(self, name: str, value: Any) -> None:
        """Declare a parameter: a text, number, yes or no, or lists and mappings of these."""
        self._parameters[name] = value

    def parameters(self, values: Mapping[str, Any]) -> None:
        """Declare several parameters."""
        for name, value in values.items():
            self.parameter(name, value)

    def metric(self, name: str, value: Any) -> None:
        """State a result of the run."""
        self._metrics[name] = value

    def output(
        self,
        kind: str,
        path: PathLike,
        *,
        name: str,
        version: str | None = None,
        license: str | None = None,
        inputs: Sequence[tuple[str, str] | InputSpec] = (),
        include: Sequence[str] = (),
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Declare an output; it is hashed when the run is over.

        Args:
            kind: dataset, weights, code or document.
            inputs: further inputs of this output alone.

        Raises:
            LedgerError: LG0301, LG0306 at once.
        """
        own = tuple(item if isinstance(item, InputSpec) else InputSpec(*item) for item in inputs)
        spec = ArtifactSpec(kind, Path(path), name, version, license, inputs=own, include=tuple(include), data=dict(data or {}))
        recording.check_spec(spec)
        self._outputs.append(spec)

    def __enter__(self) -> Run:
        self._ledger._check_writable()
        self._started = self._now()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.report = self._record()

    def _now(self) -> str:
        return to_rfc3339(self._ledger._store._clock.now())

    def _record(self) -> RunReport:
        """Hash the outputs, and record them with their provenance, all or nothing."""
        if not self._outputs:
            raise LedgerError("LG1801", f"the run `{self.name}` made nothing that was declared")
        ledger = self._ledger
        key, log = ledger._signing_key(), None if self._dry_run else ledger._log_key()
        finished = self._now()
        how = ledger._hashing(self._rehash, self._progress)
        prepared = [recording.prepare(replace(spec, inputs=(*self._inputs, *spec.inputs)), how) for spec in self._outputs]
        products = [Product(item.spec.kind, item.spec.name, item.spec.version, str(item.hashed.id)) for item in prepared]
        used = self._dependencies(ledger._index())
        facts = RunFacts(
            self.name,
            str(uuid.uuid4()),
            self._started,
            finished,
            self._parameters,
            self._command,
            {**environment(), **self._environment},
            self._metrics,
        )
        statement = sign(provenance(facts, used, products), [key]).to_bytes() + b"\n"
        with tempfile.TemporaryDirectory(prefix="openness-ledger-") as folder:
            file = Path(folder) / "provenance.intoto.jsonl"
            file.write_bytes(statement)
            document = recording.prepare(_document(file, self.name, facts.invocation, statement), recording.Hashing())
            done: list[Recorded] = ledger._write(lambda draft: _append(draft, prepared, document, key), self._dry_run, log)
        if self._dry_run:
            done = [replace(item, dry_run=True) for item in done]
        if self._out is not None and not self._dry_run:
            from ledger._api.outputs import Output

            with Output(self._out, "the run was recorded") as out:
                out.write(statement)
        path = None if self._out is None or self._dry_run else str(self._out)
        return RunReport(self.name, facts.invocation, tuple(done[:-1]), done[-1], statement, self._started, finished, path)

    def _dependencies(self, index: Index) -> list[Dependency]:
        found = [_dependency(index, item) for item in (*self._inputs, *(one for spec in self._outputs for one in spec.inputs))]
        code = None if self._code is None else revision(self._code)
        distinct = {(item.id, item.relation): item for item in found}
        return [*distinct.values(), *([] if code is None else [code])]


def _append(draft: Draft, prepared: Sequence[Prepared], document: Prepared, key: Any) -> list[Recorded]:
    made = [recording.add_artifact(draft, item, key)[0] for item in prepared]
    about = tuple(InputSpec("describes", item.id) for item in made)
    spec = replace(document.spec, inputs=tuple({item.ref: item for item in about}.values()))
    return [*made, recording.add_artifact(draft, replace(document, spec=spec), key)[0]]


def _document(file: Path, name: str, invocation: str, statement: bytes) -> ArtifactSpec:
    return ArtifactSpec("document", file, f"run/{name}", invocation, fields={"run": invocation}, evidence=(statement,))


def _dependency(index: Index, item: InputSpec) -> Dependency:
    edge = recording.input_edge(index, item)
    if edge.reference is not None:
        said = edge.reference
        return Dependency(display(said["name"], said.get("version")), str(reference_id(said)), item.relation, said.get("uri"))
    found = resolve_artifact(index, item.ref or "")
    digest = {"sha256": found.id.partition(":")[2]}
    return Dependency(display(found.name, found.version), found.id, item.relation, None, digest, {"entry": found.index})


def begin(
    ledger: Any,
    name: str,
    *,
    inputs: Sequence[tuple[str, str] | InputSpec] = (),
    parameters: Mapping[str, Any] | None = None,
    code: PathLike | None = ".",
    out: PathLike | None = None,
    command: Sequence[str] | None = None,
    variables: Sequence[str] = (),
    rehash: bool = False,
    dry_run: bool = False,
    progress: Any = None,
) -> Run:
    """A run that begins when its block is entered.

    Args:
        ledger: an open `Ledger`.
        name: what kind of run it is; its provenance is recorded as the document `run/NAME`, versioned by a new invocation id.
        inputs: (relation, REF) pairs, as of `record`.
        code: a folder within a Git work tree, whose commit is stated; None for none.
        out: where the provenance statement is written too.
        variables: names of environment variables to state.
        dry_run: hash what was made and say what would be recorded; record and write nothing.

    Raises:
        LedgerError: LG0306 for the name, LG0302, LG0901, LG0902 for the inputs, LG0704 when the ledger is read-only.
    """
    check_name(f"run/{name}")
    chosen = {one: os.environ[one] for one in variables if one in os.environ}
    place = None if code is None else Path(code)
    told = None if command is None else tuple(command)
    target = None if out is None else Path(out)
    run = Run(
        ledger, name, _environment=chosen, _code=place, _command=told, _out=target, _rehash=rehash, _progress=progress, _dry_run=dry_run
    )
    run.parameters(parameters or {})
    for item in inputs:
        run.input(item.relation, item) if isinstance(item, InputSpec) else run.input(*item)
    return run


def environment() -> dict[str, str]:
    """Where a run took place, as far as it is nobody's secret: no names of people, machines or folders."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "processors": str(os.cpu_count() or 0),
        "byteorder": sys.byteorder,
    }


class _GitFiles:
    """The few files of a `.git` folder that say what is checked out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def paths(self) -> Sequence[str]:
        """None: nothing is listed."""
        return ()

    def size(self, path: str) -> int | None:
        """Bytes of a file."""
        try:
            place = self._folder / path
            return place.stat().st_size if place.is_file() else None
        except OSError:
            return None

    def head(self, path: str, limit: int) -> bytes:
        """First bytes."""
        with (self._folder / path).open("rb") as file:
            return file.read(limit)


def revision(folder: Path) -> Dependency | None:
    """The commit that is checked out around a folder, and whether tracked files differ from it; None outside of a work tree."""
    here = folder.absolute()
    root = next((one for one in (here, *here.parents) if (one / ".git").exists()), None)
    if root is None:
        return None
    files = _GitFiles(root)
    commit = repository.head_commit(files)
    if commit is None:
        return None
    uri = repository.origin_url(files)
    where = None if uri is None else f"{uri if uri.startswith('git') else 'git+' + uri}@{commit}"
    return Dependency("code", None, "", where, {"gitCommit": commit}, {"changed": _changed(root)})


def _changed(root: Path) -> str:
    """Whether tracked files were changed since the commit: yes, no, or unknown when nobody can tell."""
    command = ["git", "-C", str(root), "status", "--porcelain", "--untracked-files=no"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_GIT_SECONDS, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return "unknown" if done.returncode else "yes" if done.stdout.strip() else "no"


def run_command(run: Run, command: Sequence[str], *, stdout: int | None = None) -> RunReport:
    """Run a command, and record its run when it ends well.

    Args:
        stdout: descriptor to which the command's answer goes; by default where ours goes.

    Raises:
        LedgerError: LG1802 when it cannot be started, LG1803 when it ends with another code than 0; nothing is recorded then.
    """
    with run:
        try:
            done = subprocess.run(list(command), check=False, stdout=stdout)
        except OSError as error:
            raise LedgerError("LG1802", f"cannot start `{ascii(command[0])[1:-1]}`: {error.strerror}") from None
        if done.returncode:
            ended = f"ended with code {done.returncode}" if done.returncode > 0 else f"was ended by signal {-done.returncode}"
            raise LedgerError("LG1803", f"`{ascii(command[0])[1:-1]}` {ended}; nothing was recorded")
    assert run.report is not None
    return run.report
