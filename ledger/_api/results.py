"""What the API answers: frozen values with `to_json`, the same members as in `--json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.spec.names import display


@dataclass(frozen=True, slots=True)
class Recorded:
    """One artifact or release as recorded (or, for a dry run, as it would be: `index` is then where it would stand)."""

    kind: str
    id: str
    name: str
    version: str | None
    index: int
    existing: bool
    files: int = 0
    bytes: int = 0
    hashed_bytes: int = 0
    reused_files: int = 0
    licenses: tuple[Mapping[str, Any], ...] = ()
    components: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    dry_run: bool = False
    supersedes: Mapping[str, str] | None = None

    @property
    def display(self) -> str:
        """`name@version`."""
        return display(self.name, self.version)

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        found: dict[str, Any] = {
            "kind": self.kind,
            "id": self.id,
            "name": self.name,
            "version": self.version,
            "index": self.index,
            "already_recorded": self.existing,
            "dry_run": self.dry_run,
            "warnings": list(self.warnings),
            "supersedes": None if self.supersedes is None else dict(self.supersedes),
        }
        if self.kind == "release":
            return {**found, "components": [dict(item) for item in self.components]}
        return {
            **found,
            "files": self.files,
            "bytes": self.bytes,
            "hashed_bytes": self.hashed_bytes,
            "reused_files": self.reused_files,
            "licenses": [dict(item) for item in self.licenses],
        }


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A person's judgement of one thing, as recorded."""

    index: int
    existing: bool
    id: str
    name: str
    version: str | None
    said: Mapping[str, Any]
    dry_run: bool = False

    @property
    def display(self) -> str:
        """`name@version`."""
        return display(self.name, self.version)

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "index": self.index,
            "already_recorded": self.existing,
            "dry_run": self.dry_run,
            "id": self.id,
            "name": self.name,
            "version": self.version,
            "statement": self.said["statement"],
            "reason": self.said["reason"],
            "concluded": self.said.get("concluded"),
            "finding": self.said.get("finding"),
        }


@dataclass(frozen=True, slots=True)
class Attested:
    """An attestation that is in the log, and its bundle; or, for a dry run, one that would be.

    Attributes:
        id: object id of its statement.
        corrections: of the statements that the verdicts rest on: which are corrections, and which were corrected since.
        policy: what the policy asked for and found, when there was one.
    """

    index: int
    existing: bool
    bundle: bytes
    verdicts: tuple[Mapping[str, Any], ...]
    licenses: tuple[Mapping[str, Any], ...]
    lineage: Mapping[str, Any]
    size: int
    path: Path | None = None
    id: str = ""
    dry_run: bool = False
    corrections: tuple[Mapping[str, Any], ...] = ()
    policy: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "policy": None if self.policy is None else {name: self.policy[name] for name in ("digest", "findings", "outcome")},
            "bundle": None if self.path is None else str(self.path),
            "id": self.id,
            "index": self.index,
            "already_recorded": self.existing,
            "dry_run": self.dry_run,
            "size": self.size,
            "corrections": [dict(item) for item in self.corrections],
            "verdicts": [dict(item) for item in self.verdicts],
            "licenses": [dict(item) for item in self.licenses],
            "lineage": dict(self.lineage),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """Bytes on disk against a recorded artifact."""

    id: str
    found: str | None
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    superseded_by: tuple[Mapping[str, Any], ...] = ()

    @property
    def same(self) -> bool:
        """Whether the bytes are those recorded."""
        return self.id == self.found

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "id": self.id,
            "found": self.found,
            "same": self.same,
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": list(self.changed),
            "superseded_by": [dict(item) for item in self.superseded_by],
        }
