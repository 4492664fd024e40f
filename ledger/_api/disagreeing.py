"""Where a release's claims, evidence, definitions and registries' records do not agree, as a ledger has it; `Ledger` asks this."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ledger.frameworks.disagreements import Claims, Disagreement
    from ledger.frameworks.record_disagreements import Record
    from ledger.spec.evidence import LicenseFact
    from ledger.spec.release import Component
    from ledger.spec.statement import Statement
    from ledger.store.commit import Store
    from ledger.store.index import Index

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Disagreements:
    """What does not agree about one release.

    Attributes:
        id: the release's; `index` is its entry, `size` the size of the log that was asked.
        profiles: ids of the profiles that were asked.
        records: file and name of each registry's record.
        found: the disagreements, in a fixed order.
        not_compared: what cannot be compared, because a side says something that nobody can look up.
    """

    id: str
    index: int
    name: str
    version: str
    size: int
    profiles: tuple[str, ...]
    records: tuple[Mapping[str, str], ...]
    found: tuple[Disagreement, ...]
    not_compared: tuple[Disagreement, ...]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "release": {"id": self.id, "index": self.index, "name": self.name, "version": self.version},
            "size": self.size,
            "profiles": list(self.profiles),
            "records": [dict(item) for item in self.records],
            "disagreements": [item.to_json() for item in self.found],
            "not_compared": [item.to_json() for item in self.not_compared],
        }


class DisagreementQuestions(ABC):
    """What `Ledger` answers about what does not agree."""

    _store: Store

    @property
    @abstractmethod
    def size(self) -> int:
        """The size that answers are about."""

    @abstractmethod
    def _index(self) -> Any:
        """The lookups at that size."""

    def disagreements(self, ref: str, *, records: Sequence[PathLike] = (), profiles: Sequence[str] | None = None) -> Disagreements:
        """Where definitions of openness, claims, evidence and registries' records do not agree about a release.

        Args:
            records: files of registries' records of the same model; they are compared with the release and with each other.
            profiles: ids or files of the profiles to ask; by default all that the product carries.

        Raises:
            LedgerError: LG0901, LG0902, LG1102 for the reference, LG1001, LG1002 for the profiles, LG1003, LG0103, LG0201, LG0202 for the
                records.
        """
        return disagreements(self._store, index := self._index(), index.size, ref, [Path(item) for item in records], profiles)


def disagreements(
    store: Store, index: Index, size: int, ref: str, files: Sequence[Path], names: Sequence[str] | None = None
) -> Disagreements:
    """As `DisagreementQuestions.disagreements`, of an open ledger."""
    from ledger._api.attesting import gather, identified
    from ledger._api.resolve import resolve_release
    from ledger.attest.evidence import release_facts
    from ledger.frameworks import all_profiles, load_profile
    from ledger.frameworks.disagreements import between_claims_and_evidence, between_definitions
    from ledger.frameworks.record_disagreements import compared, of_ledger

    profiles = [load_profile(name) for name in dict.fromkeys(names)] if names else list(all_profiles())
    records = [_record(file) for file in files]
    release = resolve_release(index, ref)
    assert release.index is not None
    evidence = gather(store, release.index, size)
    texts = identified(store, evidence)
    facts = release_facts(release.index, evidence, texts)
    found = between_definitions(facts, profiles)
    found += between_claims_and_evidence(facts, profiles, _claims(release.index, evidence, texts, index))
    open_questions: list[Disagreement] = []
    for one, other in combinations([of_ledger(facts), *records], 2):
        certain, uncertain = compared(one, other)
        found += certain
        open_questions += uncertain
    return Disagreements(
        id=facts.id,
        index=release.index,
        name=facts.name,
        version=facts.version,
        size=size,
        profiles=tuple(profile.id for profile in profiles),
        records=tuple({"file": item.file or "", "name": item.facts.name} for item in records),
        found=tuple(found),
        not_compared=tuple(open_questions),
    )


def _record(file: Path) -> Record:
    from ledger._api.inputs import read_input
    from ledger.frameworks import load_profile, profile_ids
    from ledger.frameworks.record_disagreements import Record
    from ledger.importers.records import read
    from ledger.limits import LIMITS

    said = read(read_input(file, LIMITS.pipeline_bytes), name=file.name)
    profile = load_profile(said.profile) if said.profile in profile_ids() else None
    return Record(file.name, said.facts, said.roles, said.place, profile)


def _claims(release: int, evidence: Mapping[int, Statement], texts: Any, index: Index) -> Claims:
    """What manifests declare, whatever a review concludes of it; what reviews conclude; and which components have their bytes here."""
    from ledger.attest.evidence import Licences, concluded
    from ledger.frameworks.disagreements import Claims
    from ledger.spec.manifest import manifest_of
    from ledger.spec.names import display
    from ledger.spec.release import release_of

    said = Licences({at: item for at, item in evidence.items() if item.kind != "review"}, texts)
    declared: dict[str, LicenseFact] = {}
    names: dict[str, str] = {}
    for at, statement in evidence.items():
        if statement.kind != "manifest":
            continue
        manifest = manifest_of(statement)
        names[str(manifest.id)] = display(manifest.name, manifest.version)
        fact = said.of_manifest(at)
        if fact is not None and manifest.declared:
            declared[str(manifest.id)] = fact
    components = release_of(evidence[release]).components
    recorded = {str(item.artifact): proof for item in components if (proof := _recorded(item, index)) is not None}
    return Claims(declared, concluded(evidence), names, recorded)


def _recorded(item: Component, index: Index) -> Any:
    """Where the bytes of a component are recorded: of its id, or under its name and version."""
    from ledger.spec.evidence import Evidence

    id = str(item.artifact)
    row = index.artifact(id)
    if row is not None and row.verified:
        return Evidence(id, item.index if item.index is not None else row.first_idx, None, "/predicate/artifact")
    for other in index.named(item.name):
        known = index.artifact(other.id)
        if other.kind != "release" and other.version == item.version and known is not None and known.verified:
            return Evidence(other.id, other.idx, None, "/predicate/artifact")
    return None
