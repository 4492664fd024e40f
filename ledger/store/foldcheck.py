"""The entries of a log folded in order, and what is wrong with them: checks L6, L7, L8 and L13 (docs/spec/verification.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.log.leaf import leaf_problems
from ledger.merkle.tree import hashes_reader, leaf_hash, range_hash
from ledger.spec import attested
from ledger.spec import statement as statements
from ledger.spec.coherence import Link, links, problems
from ledger.spec.names import display
from ledger.spec.statement import Statement
from ledger.store.commit import check_name_free
from ledger.store.index import Index
from ledger.store.logcheck import LogState
from ledger.store.projection import Projection
from ledger.store.reader import Entry, Reader

KEPT_STATEMENTS = 4096


class Claim(NamedTuple):
    """What the manifest at a log index states of the content of its artifact."""

    at: int
    files: int
    bytes: int
    root: str


@dataclass(slots=True)
class Fold:
    """The entries folded in order, with what is wrong by check.

    Attributes:
        whole: every entry was folded; an entry that cannot be read ends the fold, because later ones build on it.
        claims: by artifact id, what each manifest of it states.
        attestations: log indexes of the attestations.
    """

    projection: Projection = field(default_factory=lambda: Projection(Index()))
    whole: bool = True
    entries: list[str] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    claims: dict[str, list[Claim]] = field(default_factory=dict)
    attestations: list[int] = field(default_factory=list)
    last_time: str = ""


def fold_entries(reader: Reader, log: LogState) -> Fold:
    """Fold the entries whose leaves the log's state has; nothing is raised for what is wrong with them."""
    fold = Fold()
    for number, leaf_bytes in enumerate(log.leaves or ()):
        try:
            entry = reader.entry(number, leaf_bytes)
        except LedgerError as error:
            fold.entries.append(error.message)
            fold.whole = False
            break
        _one(fold, entry)
        if not fold.whole:
            break
    return fold


def _one(fold: Fold, entry: Entry) -> None:
    what, statement, index = f"entry {entry.index}", entry.statement, fold.projection.index
    if entry.leaf.time < fold.last_time:
        fold.entries.append(f"{what}: its time {entry.leaf.time} goes back behind {fold.last_time}")
    fold.last_time = max(fold.last_time, entry.leaf.time)
    keyids = [item.keyid for item in entry.envelope.signatures]
    fold.entries += [f"{what}: {text}" for text in (*leaf_problems(entry.leaf, statement, keyids), *problems(statement))]
    fold.names += [f"{what}: {text}" for text in (*_name(index, statement), *_wrong_links(index, statement), *_claim(fold, entry))]
    if statement.kind == "attestation":
        fold.attestations.append(entry.index)
    before = len(fold.projection.rows.get("signatures", ()))
    try:
        fold.projection.entry(entry.index, entry.leaf_bytes, entry.leaf, entry.envelope, statement)
    except LedgerError as error:
        # A key that cannot be one (LG04xx) leaves unknown who may sign what follows; anything else is no entry of this format.
        (fold.signatures if error.code.startswith("LG04") else fold.entries).append(f"{what}: {error.message}")
        fold.whole = False
        return
    facts = fold.projection.rows["signatures"][before:]
    if not any(row[5] for row in facts):
        why = "no known key verifies it" if not any(row[4] for row in facts) else "no key that signed it was trusted for it"
        fold.signatures.append(f"{what}: {why}")


def _name(index: Index, statement: Statement) -> list[str]:
    """A name and version name one id; a correction names the id that they named before it."""
    if statement.kind not in ("manifest", "release"):
        return []
    try:
        check_name_free(index, statement)
    except LedgerError as error:
        return [error.message]
    said = statement.predicate
    correction = said.get("supersedes")
    if correction is None:
        return []
    kind = said["kind"] if statement.kind == "manifest" else "release"
    before = [row for row in index.named(said["name"]) if (row.kind, row.version) == (kind, said.get("version"))]
    if before and before[-1].id == correction["id"]:
        return []
    named = f"{kind} `{ascii(display(said['name'], said.get('version')))[1:-1]}`"
    return [f"it corrects `{ascii(correction['id'])[1:-1][:30]}`, which is not what {named} named before it"]


def _wrong_links(index: Index, statement: Statement) -> list[str]:
    """Inputs and components that were not recorded at the index that is claimed, or not there first."""
    return [
        f"`{link.id[:21]}…` was not recorded at {link.at}, or not first under its name there"
        for link in links(statement)
        if link.at is not None and not _recorded_there(index, link)
    ]


def _recorded_there(index: Index, link: Link) -> bool:
    first: dict[tuple[str, str, str | None], int] = {}
    for row in index.named_by(link.id):
        first.setdefault((row.kind, row.name, row.version), row.idx)
    return any(at == link.at and link.names in (None, (name, version)) for (_, name, version), at in first.items())


def _claim(fold: Fold, entry: Entry) -> list[str]:
    """All manifests of one id state the same of its content; the root of a file depends on its base name."""
    if entry.statement.kind != "manifest":
        return []
    artifact = entry.statement.predicate["artifact"]
    known = fold.claims.setdefault(artifact["id"], [])
    known.append(Claim(entry.index, artifact["files"], artifact["bytes"], artifact["root"]))
    one, own = known[0], known[-1]
    same = own[1:3] == one[1:3] and (artifact["id"].startswith("file:") or own.root == one.root)
    return [] if same else [f"of `{artifact['id'][:21]}…`, entry {one.at} states other files, bytes or root"]


def attestation_problems(fold: Fold, log: LogState, origin: str) -> list[str]:
    """What does not hold of the attestations of a log whose entries were all folded (L13)."""
    rows = fold.projection.rows.get("statements", [])
    nodes = hashes_reader([leaf_hash(leaf) for leaf in log.leaves or ()]) if fold.attestations else None

    @lru_cache(maxsize=KEPT_STATEMENTS)
    def statement_at(index: int) -> Statement | None:
        # Parsed again when asked for: all statements of a large log at once would not fit into memory.
        return statements.parse(rows[index][1].encode("utf-8")) if 0 <= index < len(rows) else None

    found = []
    for at in fold.attestations:
        attestation = statement_at(at)
        if attestation is None or nodes is None:
            continue
        seen = attestation.predicate["checkpoint"]
        texts = [*attested.release_problems(attestation, statement_at), *attested.evidence_problems(attestation, statement_at)]
        if seen["size"] > at:
            texts.append(f"it was evaluated at size {seen['size']}, which the log had after it")
        elif range_hash(nodes, 0, seen["size"]).hex() != seen["root"]:
            texts.append(f"it was evaluated at a root that the log did not have at size {seen['size']}")
        if seen["origin"] != origin:
            texts.append("it was evaluated in a log of another origin")
        found += [f"entry {at}: {text}" for text in texts]
    return found
