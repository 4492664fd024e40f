"""What is said about a dataset or a release, field by field; `Ledger` has it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger._api.resolve import Found, resolve, resolve_release
from ledger.errors import LedgerError
from ledger.spec import information
from ledger.spec.names import display
from ledger.spec.statement import Statement
from ledger.store.commit import Store
from ledger.store.index import Index

if TYPE_CHECKING:
    from ledger.spec.description import Part
    from ledger.spec.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Described:
    """What is said about one dataset, or about a release and each of its datasets."""

    found: Found
    parts: tuple[Part, ...]

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        found = self.found
        return {
            "id": found.id,
            "kind": found.kind,
            "name": found.name,
            "version": found.version,
            "parts": [item.to_json() for item in self.parts],
        }

    def template(self) -> str:
        """YAML for the pipeline file, with what is recorded filled in."""
        from ledger.exporters.template import template

        return template(self.parts)


class Describing(ABC):
    """What `Ledger` answers about what was said of data and releases."""

    _store: Store

    @property
    @abstractmethod
    def size(self) -> int:
        """The size that answers are about."""

    @abstractmethod
    def _index(self) -> Any:
        """The lookups at that size."""

    def describe(self, ref: str) -> Described:
        """What is said about a dataset or a release, and what is missing.

        Raises:
            LedgerError: LG0901, LG0902 for the reference, LG1110 when it is neither.
        """
        from ledger.spec.description import part
        from ledger.spec.evidence import Evidence

        index = self._index()
        found = _described(index, ref)
        assert found.index is not None
        if found.kind == "release":
            from ledger._api.attesting import gather

            return Described(found, _release(found, gather(self._store, found.index, self.size)))
        statement = self._store.one(found.index, self.size).statement
        evidence = (Evidence(found.id, found.index, None, "/predicate/data"),)
        name = display(found.name, found.version)
        return Described(found, (part(information.DATA, name, found.id, _mapping(statement.predicate.get("data")), evidence),))


def describable() -> dict[str, list[dict[str, str]]]:
    """The fields of what can be said, with form and meaning: of a `dataset` and of a `release`."""
    from ledger.spec.description import subject

    return {
        subject(schema): [{"field": item.path, "form": item.form, "help": item.help} for item in information.fields(schema)]
        for schema in (information.DATA, information.RELEASE)
    }


def _described(index: Index, ref: str) -> Found:
    try:
        found = resolve(index, ref)
    except LedgerError as error:
        if error.code != "LG0902":
            raise
        # One name for weights and their release is common, and nothing is said about weights.
        try:
            found = resolve_release(index, ref)
        except LedgerError:
            raise error from None
    if found.index is None or found.kind not in ("dataset", "release"):
        raise LedgerError("LG1110", f"`{ref}` is {found.kind or 'a reference without bytes'}, neither a dataset nor a release")
    return found


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _release(found: Found, statements: Mapping[int, Statement]) -> tuple[Part, ...]:
    from ledger.attest.evidence import release_facts
    from ledger.spec.description import part

    assert found.index is not None
    facts = release_facts(found.index, statements)
    name = display(found.name, found.version)
    about = _mapping(statements[found.index].predicate.get("about"))
    parts = [part(information.RELEASE, name, found.id, about, () if facts.said_at is None else (facts.said_at,))]
    for item in facts.datasets:
        said: dict[str, Any] = {}
        # As the facts have it: what the manifest says stands, and comes after the release's words.
        for proof in item.evidence:
            said |= _said(statements, proof)
        parts.append(part(information.DATA, item.name, item.artifact, {**said, **item.data}, item.evidence))
    return tuple(parts)


def _said(statements: Mapping[int, Statement], proof: Evidence) -> Mapping[str, Any]:
    """What stands where a fact about a dataset points to: `/predicate/data`, or a component's `data`."""
    if proof.index is None or proof.pointer is None:
        return {}
    predicate = statements[proof.index].predicate
    if proof.pointer == "/predicate/data":
        return _mapping(predicate.get("data"))
    _, _, last = proof.pointer.rpartition("/")
    if not proof.pointer.startswith("/predicate/components/") or not last.isdecimal():
        return {}
    return _mapping(_mapping(predicate["components"][int(last)]).get("data"))


def answers_as_yaml(given: Sequence[tuple[Part, Mapping[str, Any]]]) -> str:
    """Answers as YAML for the pipeline file, together with what is recorded; empty when nothing was answered.

    Args:
        given: for each part the values by the path of the field.
    """
    from ledger.exporters.template import filled

    documents = [(item, _with(item, values)) for item, values in given if values]
    return "\n".join(filled(item, said, alone=len(given) == 1) for item, said in documents)


def _with(item: Part, values: Mapping[str, Any]) -> dict[str, Any]:
    from ledger.spec.description import RECORDED, merged, nested

    recorded = [nested(line.field.path, line.value) for line in item.lines if line.state == RECORDED]
    return merged([dict(item.unknown), *recorded, *(nested(path, value) for path, value in values.items())])
