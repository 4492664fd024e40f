"""One thing with its lineage, read from signed statements, as exporters see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ledger._api.attesting import gather
from ledger._api.reading import _inventory
from ledger._api.resolve import Found, resolve
from ledger.attest.evidence import concluded
from ledger.exporters.graph import FileEntry, Graph, Item, Link, Said, kinds_of
from ledger.spec import information
from ledger.spec.manifest import Manifest, manifest_of
from ledger.spec.release import Component, release_of
from ledger.spec.statement import Statement
from ledger.store.commit import Store
from ledger.store.index import Index


def graph_of(store: Store, index: Index, size: int, ref: str, log_key: str, *, files: bool = True) -> Graph:
    """A REF with all that it was made from.

    Args:
        files: whether to list the files of what the thing consists of.

    Raises:
        LedgerError: LG0901, LG0902 for the reference, LG0613 when the table of files is not what was signed.
    """
    found = resolve(index, ref)
    if found.index is None:
        return _bare(store, index, size, found, log_key)
    statements = gather(store, found.index, size)
    lineage = {number: item for number, item in statements.items() if item.kind in ("manifest", "release")}
    judged = concluded(statements)
    reader = _Reading(store, index, size, lineage, judged)
    reader.read(found.index)
    if files:
        reader.list_files(found.index)
    return reader.graph(found, store.config.origin, log_key)


def _bare(store: Store, index: Index, size: int, found: Found, log_key: str) -> Graph:
    """Something that is only referred to."""
    row = index.artifact(found.id)
    version = row.version if row is not None else found.version
    item = Item(found.id, "", found.name, version)
    head = store.one(size - 1, size).leaf.time if size else ""
    return Graph(found.id, found.name, version, False, head, (item,), (), store.config.origin, size, store.tree(size).root().hex(), log_key)


class _Reading:
    def __init__(self, store: Store, index: Index, size: int, lineage: Mapping[int, Statement], judged: Mapping[str, Any]) -> None:
        self.store, self.index, self.size, self.lineage, self.judged = store, index, size, lineage, judged
        self.items: dict[str, Item] = {}
        self.links: dict[tuple[str, str, str], Link] = {}

    def read(self, number: int) -> None:
        for at, statement in sorted(self.lineage.items()):
            if statement.kind == "manifest":
                self._manifest(at, manifest_of(statement))
        if self.lineage[number].kind == "release":
            for component in release_of(self.lineage[number]).components:
                self._component(component)
        for id, kind in kinds_of(list(self.links.values())).items():
            if not self.items[id].kind:
                self.items[id] = replace(self.items[id], kind=kind)

    def _manifest(self, at: int, manifest: Manifest) -> None:
        id = str(manifest.id)
        self.items[id] = Item(
            id,
            manifest.kind,
            manifest.name,
            manifest.version,
            at,
            self.store.one(at, self.size).leaf.time,
            files=manifest.files,
            bytes=manifest.bytes,
            declared=tuple(Said(one.expression, one.normalized, one.source) for one in manifest.declared),
            concluded=self._concluded(id),
            texts=tuple((one.path, one.object) for one in manifest.detected),
            sources=manifest.sources,
            data=information.known(information.DATA, manifest.data) if manifest.data else {},
            fields=manifest.fields,
        )
        for edge in manifest.inputs:
            input = str(edge.input)
            if edge.reference is not None:
                self._reference(input, edge.reference)
            self.links[(id, edge.relation, input)] = Link(id, edge.relation, input, edge.amount)

    def _reference(self, id: str, said: Mapping[str, str]) -> None:
        self.items.setdefault(id, Item(id, "", said["name"], said.get("version"), uri=said.get("uri"), concluded=self._concluded(id)))

    def _component(self, component: Component) -> None:
        id = str(component.artifact)
        if component.reference is not None:
            self._reference(id, component.reference)
        item = self.items[id]
        kind = item.kind or ("dataset" if component.role in ("datasets", "evaluation-data") else "document")
        data = {**information.known(information.DATA, component.data), **item.data} if component.data else item.data
        self.items[id] = replace(
            item, kind=kind, roles=(*item.roles, component.role), data=data, availability=item.availability or component.availability
        )

    def _concluded(self, id: str) -> Said | None:
        fact = self.judged.get(id)
        return None if fact is None else Said(fact.expression, fact.normalized, f"review, entry {fact.evidence[0].index}")

    def list_files(self, number: int) -> None:
        """The files of the components of a release, or of the one artifact."""
        whole = self.lineage[number].kind == "release"
        for id, item in self.items.items():
            if item.form != "tree" or not (item.roles if whole else item.index == number):
                continue
            assert item.index is not None
            listed = _inventory(self.store, self.index, Found(id, item.kind, item.name, item.version, item.index))
            entries = tuple(FileEntry(path, digest.hex()) for path, digest in sorted(listed.items()))
            self.items[id] = replace(item, listing=entries)

    def graph(self, found: Found, origin: str, log_key: str) -> Graph:
        assert found.index is not None
        statement = self.lineage[found.index]
        release = statement.kind == "release"
        about = information.known(information.RELEASE, release_of(statement).about) if release else {}
        items = sorted(self.items.values(), key=lambda item: (item.kind, item.name, item.version or "", item.id))
        links = [self.links[key] for key in sorted(self.links)]
        return Graph(
            found.id,
            found.name,
            found.version,
            release,
            self.store.one(found.index, self.size).leaf.time,
            tuple(items),
            tuple(links),
            origin,
            self.size,
            self.store.tree(self.size).root().hex(),
            log_key,
            about,
            found.index,
        )
