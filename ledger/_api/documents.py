"""Documents about a release, for authorities, other tools and people; `Ledger` writes them."""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger._api.resolve import Found, resolve_release
from ledger.errors import LedgerError
from ledger.spec.statement import Statement
from ledger.store.commit import Store

if TYPE_CHECKING:
    from ledger.exporters.oasis_prov import Documents as ProvenanceDocuments
    from ledger.frameworks.model import Profile
    from ledger.spec.evidence import ReleaseFacts

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Written:
    """A document that was written.

    Attributes:
        said: figures about it, by name, for whoever asked.
    """

    path: str
    sha256: str
    release: Found
    said: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        found = self.release
        release = {"id": found.id, "name": found.name, "version": found.version}
        return {"path": self.path, "sha256": self.sha256, "release": release, **self.said}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Provenance documents that were written, and the datasets that have none."""

    release: Found
    written: tuple[Mapping[str, Any], ...]
    lacking: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        found = self.release
        release = {"id": found.id, "name": found.name, "version": found.version}
        return {"release": release, "written": list(self.written), "lacking": list(self.lacking)}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A release with what it rests on."""

    found: Found
    statements: Mapping[int, Statement]
    facts: ReleaseFacts


class Documents(ABC):
    """What `Ledger` writes about a release beside attestations."""

    _store: Store

    @property
    @abstractmethod
    def size(self) -> int:
        """The size that answers are about."""

    @property
    @abstractmethod
    def origin(self) -> str:
        """The ledger's name."""

    @abstractmethod
    def _index(self) -> Any:
        """The lookups at that size."""

    def _asked(self, ref: str) -> _Asked:
        from ledger._api.attesting import gather, identified
        from ledger.attest.evidence import release_facts

        found = resolve_release(self._index(), ref)
        assert found.index is not None
        statements = gather(self._store, found.index, self.size)
        return _Asked(found, statements, release_facts(found.index, statements, identified(self._store, statements)))

    def _recorded(self, found: Found) -> str:
        """When a release was logged."""
        assert found.index is not None
        return self._store.one(found.index, self.size).leaf.time

    def export_eu_summary(self, ref: str, out: PathLike) -> Written:
        """Write the public summary of training content (AI Act, Article 53(1)(d)), as JSON or Markdown by the name's ending.

        Raises:
            LedgerError: LG0901, LG0902, LG1102 for the reference, LG1111 for another ending, LG1103 when it cannot be written.
        """
        from ledger.exporters.eu_summary import summary, summary_json, summary_markdown

        form = _form(out, ("json", "md"))
        asked = self._asked(ref)
        data = summary_json(asked.facts) if form == "json" else summary_markdown(asked.facts)
        said = summary(asked.facts)
        figures = {"counts": said["counts"], "contradictions": len(said["contradictions"]), "unassigned": len(said["unassigned"])}
        return _written(out, data, asked.found, figures)

    def export_ab2013(self, ref: str, out: PathLike) -> Written:
        """Write California's training data documentation (AB 2013), as JSON or Markdown. Raises as `export_eu_summary`."""
        from ledger.exporters.ab2013 import documentation, documentation_json, documentation_markdown

        form = _form(out, ("json", "md"))
        asked = self._asked(ref)
        data = documentation_json(asked.facts) if form == "json" else documentation_markdown(asked.facts)
        said = documentation(asked.facts)
        items = {number: {"recorded": item["recorded"], "datasets": item["datasets"]} for number, item in said["items"].items()}
        return _written(out, data, asked.found, {"datasets": len(said["datasets"]), "items": items})

    def export_oasis_prov(self, ref: str, out: PathLike) -> Provenance:
        """Write an OASIS Data Provenance Metadata document for each dataset of a release that says what its schema requires.

        Args:
            out: a folder that is new or empty; or a file `….json`, when the release has one dataset.

        Raises:
            LedgerError: LG0901, LG0902, LG1102 for the reference, LG1111 when a file is given for several datasets, LG1113 when there is
                none, LG0837 and LG1103 for the folder or file.
        """
        from ledger._api.outputs import write_folder
        from ledger.exporters.oasis_prov import documents

        asked = self._asked(ref)
        if not asked.facts.datasets:
            raise LedgerError("LG1113", f"`{ref}` has no recorded dataset, and its lineage names none")
        made = documents(asked.facts, self._recorded(asked.found), self.origin)
        place = Path(out)
        if place.suffix != ".json" or place.is_dir():
            if made.files:
                write_folder(place, {name: data for name, _, data in made.files})
            return _provenance(asked.found, made, {name: str(place / name) for name, _, _ in made.files})
        if len(asked.facts.datasets) > 1:
            raise LedgerError(
                "LG1111", f"`{ref}` has {len(asked.facts.datasets)} datasets, and `{place}` is one file", hint="give a folder"
            )
        for _, _, data in made.files:
            _write(place, data)
        return _provenance(asked.found, made, {name: str(place) for name, _, _ in made.files})

    def export_report(self, ref: str, out: PathLike, profiles: Sequence[str] | None = None) -> Written:
        """Write an openness report for people, as HTML or Markdown by the name's ending.

        Args:
            profiles: ids or files; by default all that the product carries.

        Raises:
            LedgerError: LG1001, LG1002 for profiles, and as `export_eu_summary`.
        """
        from ledger.attest.evidence import license_lines, lineage_summary
        from ledger.exporters.report import Report
        from ledger.exporters.report_html import report_html
        from ledger.exporters.report_markdown import report_markdown
        from ledger.frameworks import all_profiles, evaluate, load_profile
        from ledger.spec.release import release_of

        form = _form(out, ("html", "md"))
        loaded = _distinct([load_profile(item) for item in dict.fromkeys(profiles)] if profiles else all_profiles())
        asked = self._asked(ref)
        assert asked.found.index is not None
        verdicts = [evaluate(item, asked.facts).to_json() for item in loaded]
        report = Report(
            asked.facts,
            verdicts,
            {item.id: _profile_text(item) for item in loaded},
            license_lines(release_of(asked.statements[asked.found.index]), asked.statements),
            lineage_summary(asked.statements[index] for index in sorted(asked.statements)),
            self.origin,
            self.size,
            self._recorded(asked.found),
        )
        data = report_html(report) if form == "html" else report_markdown(report)
        shown = [{"profile": item["profile"], "result": item["result"], "believed": item["believed"]} for item in verdicts]
        return _written(out, data, asked.found, {"verdicts": shown})


def _distinct(profiles: Sequence[Profile]) -> list[Profile]:
    """The profiles, each document once. Raises LedgerError LG1002 when two different ones have the same id."""
    found: dict[str, Profile] = {}
    for item in profiles:
        if found.setdefault(item.id, item).digest != item.digest:
            raise LedgerError("LG1002", f"two different profiles call themselves `{ascii(item.id)[1:-1]}`", hint="give one of them")
    return list(found.values())


def _form(out: PathLike, known: Sequence[str]) -> str:
    """The form that a file's name asks for. Raises LedgerError LG1111."""
    form = Path(out).suffix.removeprefix(".").casefold()
    if form not in known:
        raise LedgerError("LG1111", f"`{out}` ends in none of {', '.join(f'.{item}' for item in known)}")
    return form


def _write(place: Path, data: bytes) -> None:
    from ledger._api.outputs import Output

    with Output(place) as file:
        file.write(data)


def _written(out: PathLike, data: bytes, found: Found, said: Mapping[str, Any]) -> Written:
    _write(Path(out), data)
    return Written(str(out), hashlib.sha256(data).hexdigest(), found, said)


def _provenance(found: Found, made: ProvenanceDocuments, places: Mapping[str, str]) -> Provenance:
    written = tuple(
        {"name": item.name, "artifact": item.artifact, "path": places[name], "sha256": hashlib.sha256(data).hexdigest()}
        for name, item, data in made.files
    )
    return Provenance(found, written, tuple(item.to_json() for item in made.lacking))


def _profile_text(profile: Profile) -> Any:
    """What a report says of a profile; its ladder is the classes or tiers of its conclusion, the lowest first: the list with `requires`."""
    from ledger.exporters.report import ProfileText

    params = profile.conclusion.params
    ladder: tuple[tuple[str, str], ...] = ()
    for value in params.values():
        rungs = value if isinstance(value, (list, tuple)) else ()
        if rungs and all(isinstance(item, Mapping) and {"id", "label", "requires"} <= set(item) for item in rungs):
            ladder = tuple((str(item["id"]), str(item["label"])) for item in rungs)
    labels = params.get("labels")
    url = profile.url if profile.url.startswith("https://") else ""
    rules = {rule.id: rule.text for rule in profile.rules}
    return ProfileText(profile.title, url, rules, ladder, dict(labels) if isinstance(labels, Mapping) else {}, profile.kind == "definition")
