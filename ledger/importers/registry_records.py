"""A registry's record of a release as a document: the release, and a claim for each of its components with role, licence and availability.

The Model Openness Tool's and the Open Source AI Index's records are read by `ledger.importers.records`, which takes them at their word;
here what they say becomes things and edges. A record holds no bytes: nothing in it is more than a claim. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.errors import LedgerError
from ledger.importers import records
from ledger.importers.documents import only_file
from ledger.importers.imported import Fact, Imported, License, Options, Thing, Unresolved
from ledger.importers.reading import own_name, version_text
from ledger.importers.sources import At, Files, shown, whole
from ledger.limits import LIMITS
from ledger.spec.evidence import ComponentFact, LicenseFact, ReleaseFacts
from ledger.spec.vocabulary import NOASSERTION

_FORMS = {records.MOT: ("mot", "Model Openness Tool"), records.OSAI: ("osai-index", "Open Source AI Index")}
_DATASETS = ("datasets", "evaluation-data", "sample-outputs")
_CODE = ("architecture", "training-code", "inference-code", "evaluation-code", "preprocessing-code", "supporting-libraries")
_WEIGHTS = ("weights", "intermediate-weights")


def read(files: Files, how: Options, wanted: str) -> Imported:
    """What a record of one registry says; `wanted` is `records.MOT` or `records.OSAI`.

    Raises:
        LedgerError: LG1003 for a record that is not as its registry has it, LG1502 for a folder and for a record of the other registry,
            LG0103 when it is too large.
    """
    path = only_file(files, how)
    data = whole(files, path, LIMITS.pipeline_bytes)
    record = records.read(data, name=path)
    origin, title = _FORMS[record.kind]
    if record.kind != wanted:
        raise LedgerError("LG1502", f"`{shown(path)}` is a record of the {title}", hint=f"`ledger import {origin}` reads it")
    return _Record(record.facts, path, how).imported(origin, title)


class _Record:
    def __init__(self, facts: ReleaseFacts, path: str, how: Options) -> None:
        self.facts, self.path, self.how = facts, path, how
        self.lost: list[Unresolved] = []

    def imported(self, origin: str, title: str) -> Imported:
        at = At(self.path)
        name = own_name(self.how, self.facts.name, self.lost, at)
        version = self.how.version or version_text(self.facts.version) or None
        release = Thing(
            "release",
            "release",
            name,
            at,
            version,
            licenses=tuple(self._license(fact) for scope, fact in self.facts.release_licenses.items() if scope == "distribution"),
            facts=(*self._scopes(), *self._judgements()),
        )
        things = [release, *(self._component(item, number, name, version) for number, item in enumerate(self.facts.components))]
        for pointer in self.facts.unresolved:
            self.lost.append(Unresolved(pointer, "nobody here knows what it says", At(self.path, pointer)))
        certain = {str(one.at.pointer) for thing in things for one in thing.licenses if one.normalized != NOASSERTION}
        for pointer, text in (remark for remark in self.facts.remarks if remark[0] not in certain):
            self.lost.append(Unresolved(pointer, text, At(self.path, pointer)))
        return Imported(origin, f"{title} record", (), tuple(things), unresolved=tuple(self.lost), documents=(self.path,))

    def _component(self, item: ComponentFact, number: int, release: str, version: str | None) -> Thing:
        at = At(self.path, item.evidence[0].pointer or "") if item.evidence else At(self.path)
        facts = [Fact("role", item.role, at), Fact("availability", item.availability, at), Fact("component-of", release, at)]
        if item.unlicensed:
            facts.append(Fact("unlicensed", "yes", at))
        licenses = (self._license(item.license),) if item.license is not None else ()
        name = own_name(Options("component"), f"{release}/{item.role}", [], at)
        return Thing(f"component-{number}", _kind(item.role), name, at, version, licenses=licenses, facts=tuple(facts))

    def _license(self, fact: LicenseFact) -> License:
        at = At(self.path, fact.evidence[0].pointer or "") if fact.evidence else At(self.path)
        reason = "the record's words name no licence for certain" if fact.normalized == NOASSERTION else None
        return License(fact.expression, fact.normalized, at, reason)

    def _scopes(self) -> Iterator[Fact]:
        """Licences of all code, data or documents of a release: of parts of it, and so facts of the whole."""
        for scope, fact in self.facts.release_licenses.items():
            at = At(self.path, fact.evidence[0].pointer or "") if fact.evidence else At(self.path)
            yield Fact(f"license-of.{scope}", {"text": fact.expression, "normalized": fact.normalized}, at)

    def _judgements(self) -> Iterator[Fact]:
        for parameter, judgement in self.facts.judgements.items():
            if judgement.value is not None:
                yield Fact(f"judgement.{parameter}", judgement.value, At(self.path, judgement.evidence[0].pointer or ""))


def _kind(role: str) -> str:
    if role in _WEIGHTS:
        return "weights"
    return "dataset" if role in _DATASETS else "code" if role in _CODE else "document"
