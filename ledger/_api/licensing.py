"""Licences along a lineage: from what is recorded to the graph that the rules are asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ledger._api.claims import Claims, claims_of, moved, sources
from ledger._api.lineages import graph
from ledger._api.resolve import Found, resolve
from ledger.errors import LedgerError
from ledger.licenses.findings import CONTAINS, Edge, Node
from ledger.licenses.names import named
from ledger.licenses.textid import Identification, identify_bytes
from ledger.spec.vocabulary import NOASSERTION, RELATIONS
from ledger.store.columns import Payloads
from ledger.store.index import ArtifactRow, Index
from ledger.store.reader import Reader

# What a reference must be, judged by how it was used.
_KIND_OF_INPUT = {
    **dict.fromkeys(("fine-tuned-from", "adapter-of", "quantized-from", "merged-from", "distilled-from", "generated-by"), "weights"),
    **dict.fromkeys(("built-by", "tokenized-with"), "code"),
}
# What a manifest may say of its artifact, in `data` or `fields`, that a licence may depend on.
FLAGS = ("multimodal", "tdm_reserved", "synthetic", "retrieved")
_NOTICES = ("notice", "copyright")
_POLICIES = ("policy", "terms", "eula")


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that licences are asked about: one thing, and all that it was made from, as a ledger has it at a size.

    Attributes:
        rows: artifact number → row, of the thing and its whole upward closure.
        links: (input number, output number, relation or role).
        shipped: numbers of what is in the thing itself: its components, if it is a release, or it alone.
        sources: artifact number → where its manifests say that it came from.
        texts: object id → what its text was identified as; None when the object cannot be read.
        flags: artifact number → what its manifests say that licences may depend on.
        moved: addresses that gave different bytes, one of which is here.
    """

    target: Found
    size: int
    rows: Mapping[int, ArtifactRow]
    links: tuple[tuple[int, int, str], ...]
    shipped: frozenset[int]
    claims: Mapping[int, Claims]
    sources: Mapping[int, tuple[str, ...]]
    texts: Mapping[str, Identification | None]
    flags: Mapping[int, Mapping[str, bool]]
    moved: Mapping[str, tuple[tuple[int, str], ...]]

    def about(self, number: int) -> Claims:
        """The claims about one of the rows."""
        return self.claims.get(number, Claims())

    def order(self) -> list[int]:
        """The numbers of the rows: what is shipped first, then by name, version and id."""
        return sorted(self.rows, key=lambda number: (number not in self.shipped, *_sortable(self.rows[number])))


def _sortable(row: ArtifactRow) -> tuple[str, str, str]:
    return row.name, row.version or "", row.id


def seen(reader: Reader, index: Index, size: int, text: str) -> Seen:
    """Gather what a REF and its lineage say. Raises LedgerError LG0901, LG0902."""
    target = resolve(index, text)
    whole, by_no = graph(reader, index, size)
    start = index.artifact(target.id)
    assert start is not None
    closure = whole.closure(start.no)
    numbers = {number for number, _ in closure.nodes}
    release = target.kind == "release"
    shipped = frozenset(edge.input for edge in whole.inputs(start.no)) if release else frozenset((start.no,))
    by_no.load(numbers)
    claims = claims_of(reader, size, numbers)
    names = index.names_by_numbers(sorted(numbers))
    named = {number: [row.idx for row in names.get(number, ())] for number in numbers}
    payloads = Payloads(reader, size)
    said = {idx: payloads.statement(idx).predicate for found in named.values() for idx in found}
    texts = {item.object for found in claims.values() for item in found.texts if item.object}
    return Seen(
        target,
        size,
        {number: by_no[number] for number in numbers},
        tuple((edge.input, edge.output, edge.relation) for edge in closure.edges),
        shipped,
        claims,
        {number: tuple(dict.fromkeys(where for idx in found for where in sources(said[idx]))) for number, found in named.items()},
        {object: identified(reader, object) for object in sorted(texts)},
        {number: flags_of([said[idx] for idx in found]) for number, found in named.items()},
        _moved(index, payloads, {by_no[number].id for number in numbers}, said.values()),
    )


def _moved(index: Index, payloads: Payloads, here: set[str], said: Iterable[Mapping[str, Any]]) -> dict[str, tuple[tuple[int, str], ...]]:
    """Addresses that gave different bytes, one of which is here: such an address is named here too."""
    addresses = {item["uri"] for one in said for item in one.get("sources", ())}
    naming = payloads.naming(addresses)
    everywhere = [(idx, row.id) for idx in naming for row in index.named_at(idx)]
    return {where: ids for where, ids in moved(everywhere, naming).items() if here & {id for _, id in ids}}


def flags_of(said: list[Mapping[str, Any]]) -> dict[str, bool]:
    """What manifests say in so many words; whatever restricts wins over a later statement that takes it back."""
    found: dict[str, bool] = {}
    for name in FLAGS:
        values = [part[name] for one in said for part in (one.get("data", {}), one.get("fields", {})) if isinstance(part.get(name), bool)]
        if values:
            found[name] = any(values)
    return found


def identified(reader: Reader, object: str) -> Identification | None:
    """What a recorded licence text is."""
    try:
        return identify_bytes(reader.objects.get(object))
    except LedgerError as error:
        if error.code != "LG0608":
            raise
        return None


def nodes(found: Seen) -> list[Node]:
    """The artifacts as the rules see them."""
    relations: dict[int, str] = {}
    for source, _, relation in found.links:
        relations.setdefault(source, relation)
    with_text = any(relation == "license-text" for _, _, relation in found.links)
    return [_node(found, number, relations.get(number, ""), with_text) for number in sorted(found.rows)]


def _node(found: Seen, number: int, used_as: str, with_text: bool) -> Node:
    row = found.rows[number]
    seen = node_of(row.kind or kind_as_input(used_as), found.about(number), found.texts, whole=row.id.startswith("tree:") and not with_text)
    return replace(flagged(seen, found.flags.get(number, {})), id=row.id, name=row.name, version=row.version)


def flagged(node: Node, flags: Mapping[str, bool]) -> Node:
    """With what manifests say in so many words, as `flags_of` has it."""
    return replace(
        node,
        multimodal=flags.get("multimodal"),
        tdm_reserved=flags.get("tdm_reserved"),
        synthetic=flags.get("synthetic"),
        retrieved=flags.get("retrieved"),
    )


def kind_as_input(relation: str) -> str:
    """What a reference must be, by how it was first used."""
    return _KIND_OF_INPUT.get(relation, "dataset")


def node_of(kind: str, claims: Claims, identified: Mapping[str, Identification | None], *, whole: bool) -> Node:
    """What rules see of an artifact by its claims alone, without id and name.

    Args:
        identified: what the texts are.
        whole: all its files are known. Beside a single file, or in a release that brings its texts apart, there may be others.
    """
    declared, concluded = claims.declared, claims.concluded
    texts = [identified.get(item.object or "") for item in claims.texts]
    paths = [item.source.rpartition("/")[2].lower() for item in claims.texts]
    notice = any(path.startswith(_NOTICES) for path in paths)
    policy = any(word in path for path in paths for word in _POLICIES)
    return Node(
        "",
        kind,
        declared=declared.normalized if declared else None,
        detected=tuple(sorted({"|".join(text.ids) for text in texts if text is not None and text.identified and text.kind == "license"})),
        near=tuple(sorted({id for text in texts if text is not None for item in text.candidates[:1] for id in item.ids})),
        concluded=concluded.normalized if concluded else None,
        has_text=True if paths else False if whole else None,
        has_notice=True if notice else False if whole else None,
        terms_captured=True if policy else False if whole else None,
        family=named(declared.expression or "", "words").reason if declared and declared.normalized == NOASSERTION else None,
    )


def edges(found: Seen) -> list[Edge]:
    """How they were made from each other; a component is contained in its release."""
    return [
        Edge(found.rows[source].id, found.rows[target].id, relation if relation in RELATIONS else CONTAINS)
        for source, target, relation in found.links
    ]
