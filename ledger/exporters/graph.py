"""What is exported: one thing with its lineage, as plain values in one fixed order, so that its document is always the same bytes; pure.

A `Graph` is made by the API from signed statements. It has a release with its components, or one artifact, and everything that these were
made from. Licences are kept by basis; what nobody said is None, and no exporter may fill it in.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.spec.names import display
from ledger.spec.vocabulary import NOASSERTION

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://openness-ledger.dev/")
"""Serial numbers and run ids of documents are UUIDs of version 5 below this, so that the same content has the same one."""

PROPERTY = "openness-ledger"
"""Prefix of the properties in which a document says what its own format has no word for."""

MODEL_RELATIONS = frozenset(
    ["fine-tuned-from", "adapter-of", "quantized-from", "merged-from", "distilled-from", "generated-by", "derived-from"]
)
_PURL_COMMIT = re.compile(r"[0-9a-f]{40}")
_HUB_MODEL = re.compile(r"https://huggingface\.co/([\w.-]+)/([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Said:
    """A licence claim: the string as given, its SPDX normal form or NOASSERTION, and where it was read or why."""

    expression: str
    normalized: str
    source: str


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of an artifact: path, SHA-256 in hex, and its bytes when that is known."""

    path: str
    sha256: str
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One artifact or reference.

    Attributes:
        id: `tree:…` or `file:…`, or `ref:…` when nobody has recorded its bytes.
        kind: dataset, weights, code or document; for a reference what its use says, or empty.
        index: log index of the manifest; None for a reference.
        time: when that was logged, RFC 3339 in UTC, whole seconds.
        roles: under which the exported release has it.
        declared: what files and people said, which hold together; `concluded`: a reviewer's judgement.
        texts: (path, object id) of licence files among its bytes.
        data: `schemas/data-information`, of the manifest, and for what it does not say of the release's component.
    """

    id: str
    kind: str
    name: str
    version: str | None
    index: int | None = None
    time: str | None = None
    uri: str | None = None
    roles: tuple[str, ...] = ()
    files: int = 0
    bytes: int = 0
    declared: tuple[Said, ...] = ()
    concluded: Said | None = None
    texts: tuple[tuple[str, str], ...] = ()
    sources: tuple[Mapping[str, str], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    availability: str | None = None
    listing: tuple[FileEntry, ...] = ()

    @property
    def form(self) -> str:
        """`tree`, `file` or `ref`."""
        return self.id.partition(":")[0]

    @property
    def sha256(self) -> str | None:
        """SHA-256 of the file, or of the tree's inventory (what `sha256sum` prints for it); None for a reference."""
        return None if self.form == "ref" else self.id.partition(":")[2]

    @property
    def display(self) -> str:
        """`name@version`."""
        return display(self.name, self.version)

    @property
    def license(self) -> str:
        """The SPDX expression that counts: concluded, else all that is declared together, else NOASSERTION."""
        if self.concluded is not None:
            return self.concluded.normalized
        return self.declared_license

    @property
    def declared_license(self) -> str:
        """All that is declared, together; NOASSERTION when nothing is, or one of it asserts nothing."""
        from ledger.licenses.expression import together

        return together((one.expression, one.normalized) for one in self.declared)[1] if self.declared else NOASSERTION

    @property
    def location(self) -> str | None:
        """Where it is said to be had: the first source's address, else that of the reference."""
        return self.sources[0]["uri"] if self.sources else self.uri

    @property
    def purl(self) -> str:
        """A package URL: `pkg:huggingface` for a model of the hub at a commit, else `pkg:generic` with the digest as checksum."""
        return _purl(self)


@dataclass(frozen=True, slots=True)
class Link:
    """`output` was made from `input` by `relation`; both are ids. `amount` as in a manifest."""

    output: str
    relation: str
    input: str
    amount: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """One thing and all that it was made from.

    Attributes:
        main: id of what was asked for: a release's payload (`sha256:…`) or an artifact.
        name, version: of it.
        release: whether it is a release.
        about: what the provider says of the release (`schemas/release-information`).
        time: when it was logged; the time that documents bear, so that they are the same bytes whenever they are made.
        items: artifacts and references, by (kind, name, version, id).
        links: lineage, by (output, relation, input).
        origin, size, root, log_key: the log that this was read from, and its checkpoint.
    """

    main: str
    name: str
    version: str | None
    release: bool
    time: str
    items: tuple[Item, ...]
    links: tuple[Link, ...]
    origin: str
    size: int
    root: str
    log_key: str
    about: Mapping[str, Any] = field(default_factory=dict)
    index: int = 0
    _by_id: dict[str, Item] = field(init=False, repr=False, compare=False, default_factory=dict)
    _made: dict[str, list[Link]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_id.update((item.id, item) for item in self.items)
        for link in self.links:
            self._made.setdefault(link.output, []).append(link)

    def item(self, id: str) -> Item:
        """An item by its id."""
        return self._by_id[id]

    @property
    def components(self) -> tuple[Item, ...]:
        """What the release consists of; the artifact itself when it is none."""
        return tuple(item for item in self.items if item.roles or item.id == self.main)

    def made_from(self, id: str) -> tuple[Link, ...]:
        """The links of which something is the output."""
        return tuple(self._made.get(id, ()))

    @property
    def lead(self) -> Item:
        """What the document is about in formats that know one model or dataset: the weights of a release, else its first component."""
        order = {"weights": 0, "dataset": 1, "code": 2, "document": 3}
        ranked = sorted(self.components, key=lambda item: ("weights" not in item.roles, order.get(item.kind, 4), item.display, item.id))
        return ranked[0]

    def uuid(self, what: str) -> str:
        """A UUID that depends on the content and `what` alone."""
        return str(uuid.uuid5(NAMESPACE, f"{what}\n{self.main}\n{self.origin}"))


def kinds_of(links: Sequence[Link]) -> dict[str, str]:
    """What a reference must be, by how it was used: id → kind."""
    found: dict[str, str] = {}
    for link in links:
        kind = "weights" if link.relation in MODEL_RELATIONS - {"derived-from"} else "dataset"
        if link.relation in ("built-by", "tokenized-with"):
            kind = "code"
        if link.relation in ("derived-from", "describes"):
            continue
        found.setdefault(link.input, kind)
    return found


def _purl(item: Item) -> str:
    from urllib.parse import quote

    place = item.location or ""
    revision = item.sources[0].get("revision") if item.sources else item.version
    model = _HUB_MODEL.fullmatch(place)
    if item.kind == "weights" and model and revision and _PURL_COMMIT.fullmatch(revision):
        return f"pkg:huggingface/{model[1]}/{model[2]}@{revision}"
    name = "/".join(quote(part, safe="") for part in item.name.split("/"))
    version = f"@{quote(item.version, safe='')}" if item.version else ""
    qualifiers = []
    if item.sha256:
        qualifiers.append(f"checksum=sha256:{item.sha256}")
    if place.startswith("https://"):
        qualifiers.append(f"download_url={quote(place, safe='/')}")
    return f"pkg:generic/{name}{version}" + (f"?{'&'.join(qualifiers)}" if qualifiers else "")
