"""The entries of a log folded in order, and what is wrong with them: checks L6, L7, L8 and L13 (docs/spec/verification.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.merkle.tree import hashes_reader, leaf_hash, range_hash
from ledger.signing.dsse import pae
from ledger.signing.keys import PublicKey
from ledger.spec import attested
from ledger.spec.coherence import Link
from ledger.spec.key import key_event_of
from ledger.spec.names import display
from ledger.spec.statement import Statement
from ledger.store.commit import check_name_free
from ledger.store.crew import Crew
from ledger.store.examine import Facts, from_plain, key_pems
from ledger.store.index import Index, NameRow, Naming
from ledger.store.logcheck import LogState
from ledger.store.projection import Projection, judge, weighed
from ledger.store.reader import Entry, Reader

TASK_ENTRIES = 256
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
        index: the names, and the keys and roots, as the entries so far have them.
        projection: the rows of the tables; none unless `rows`.
        whole: every entry was folded; an entry that cannot be read ends the fold, because later ones build on it.
        claims: by artifact id, what each manifest of it states.
        attestations: log indexes of the attestations; `reviews` those of the reviews.
        sound: digests of objects that were read, and have them.
    """

    index: Index = field(default_factory=Index)
    projection: Projection = field(default_factory=lambda: Projection(Index()))
    rows: bool = False
    whole: bool = True
    entries: list[str] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    claims: dict[str, list[Claim]] = field(default_factory=dict)
    attestations: list[int] = field(default_factory=list)
    reviews: list[int] = field(default_factory=list)
    sound: set[bytes] = field(default_factory=set)
    last_time: str = ""
    candidates: dict[tuple[str, ...], tuple[PublicKey, ...]] = field(default_factory=dict)


def fold_entries(reader: Reader, log: LogState, crew: Crew, *, rows: bool = False) -> Fold:
    """Fold the entries whose leaves the log's state has; nothing is raised for what is wrong with them.

    Args:
        crew: finds the facts of the entries.
        rows: derive the rows of the tables too.

    Raises:
        LedgerError: LG0210 when a worker process ends early.
    """
    fold = Fold(rows=rows)
    leaves = log.leaves or []
    pems = key_pems(reader.objects, leaves)
    tasks = ((first, leaves[first : first + TASK_ENTRIES], pems) for first in range(0, len(leaves), TASK_ENTRIES))
    found = (said for part in crew.run("entries", tasks) for said in part)
    for number, said in enumerate(found):
        if isinstance(said, str):
            fold.entries.append(said)
            fold.whole = False
        else:
            _one(fold, number, from_plain(said), partial(reader.entry, number, leaves[number]))
        if not fold.whole:
            break
    return fold


def _one(fold: Fold, number: int, facts: Facts, entry: Callable[[], Entry]) -> None:
    what, index = f"entry {number}", fold.index
    fold.sound.add(facts.envelope)
    if facts.time < fold.last_time:
        fold.entries.append(f"{what}: its time {facts.time} goes back behind {fold.last_time}")
    else:
        fold.last_time = facts.time
    fold.entries += [f"{what}: {text}" for text in facts.problems]
    wrong = [*_name(index, facts.naming), *_wrong_links(index, facts), *_claim(fold, number, facts)]
    fold.names += [f"{what}: {text}" for text in wrong]
    if facts.kind == "attestation":
        fold.attestations.append(number)
    if facts.kind == "review":
        fold.reviews.append(number)
    try:
        if facts.fault is not None:
            raise LedgerError(*facts.fault)
        _signed(fold, number, facts, entry)
    except LedgerError as error:
        # A key that cannot be one (LG04xx) leaves unknown who may sign what follows; anything else is no entry of this format.
        (fold.signatures if error.code.startswith("LG04") else fold.entries).append(f"{what}: {error.message}")
        fold.whole = False
        return
    if facts.naming is not None:
        kind, name, version, id, _ = facts.naming
        index.add_name(NameRow(number, kind, name, version, id, None))
    index.size = number + 1


def _signed(fold: Fold, number: int, facts: Facts, entry: Callable[[], Entry]) -> None:
    """Judge the signatures of an entry, and take what it says of keys into the state."""
    trust = fold.index.trust
    if facts.kind == "key":
        own = entry()
        judged = judge(trust, number, own.envelope, own.statement)
        if any(fact.trusted for fact in judged):
            trust.apply(key_event_of(own.statement), number)
        fold.candidates.clear()
    else:
        judged = weighed(trust, number, _signers(fold, facts, entry), facts.kind, facts.kinds, facts.names)
    if not any(fact.trusted for fact in judged):
        why = "no known key verifies it" if not any(fact.public for fact in judged) else "no key that signed it was trusted for it"
        fold.signatures.append(f"entry {number}: {why}")
    if fold.rows:
        own = entry()
        fold.projection.entry(number, own.leaf_bytes, own.leaf, own.envelope, own.statement, judged)


def _signers(fold: Fold, facts: Facts, entry: Callable[[], Entry]) -> list[PublicKey | None]:
    """For each signature the first key known at this index that verifies it, by what was tried; what was not tried is tried here."""
    keys = fold.candidates.get(facts.hints)
    if keys is None:
        keys = fold.candidates[facts.hints] = fold.index.trust.candidates(facts.hints)
    if len(facts.tried) == 1 and keys and facts.tried[0] == (0, keys[0].keyid, True):
        return [keys[0]]
    tried = {(position, keyid): good for position, keyid, good in facts.tried}

    def verifies(position: int, key: PublicKey) -> bool:
        if (position, key.keyid) not in tried:
            envelope = entry().envelope
            tried[position, key.keyid] = key.verifies(envelope.signatures[position].sig, pae(envelope.payload_type, envelope.payload))
        return tried[position, key.keyid]

    return [next((key for key in keys if verifies(position, key)), None) for position in range(len(facts.hints))]


def _name(index: Index, naming: Naming | None) -> list[str]:
    """A name and version name one id; a correction names the id that they named before it."""
    if naming is None:
        return []
    try:
        check_name_free(index, naming)
    except LedgerError as error:
        return [error.message]
    if naming.corrects is None:
        return []
    before = [row for row in index.named(naming.name) if (row.kind, row.version) == (naming.kind, naming.version)]
    if before and before[-1].id == naming.corrects:
        return []
    named = f"{naming.kind} `{ascii(display(naming.name, naming.version))[1:-1]}`"
    return [f"it corrects `{ascii(naming.corrects)[1:-1][:30]}`, which is not what {named} named before it"]


def _wrong_links(index: Index, facts: Facts) -> list[str]:
    """Inputs and components that were not recorded at the index that is claimed, or not there first."""
    return [
        f"`{link.id[:21]}…` was not recorded at {link.at}, or not first under its name there"
        for link in facts.links
        if link.at is not None and not _recorded_there(index, link)
    ]


def _recorded_there(index: Index, link: Link) -> bool:
    first: dict[tuple[str, str, str | None], int] = {}
    for row in index.named_by(link.id):
        first.setdefault((row.kind, row.name, row.version), row.idx)
    return any(at == link.at and link.names in (None, (name, version)) for (_, name, version), at in first.items())


def _claim(fold: Fold, number: int, facts: Facts) -> list[str]:
    """All manifests of one id state the same of its content; the root of a file depends on its base name."""
    if facts.claim is None:
        return []
    id = facts.claim[0]
    known = fold.claims.setdefault(id, [])
    known.append(Claim(number, *facts.claim[1:]))
    one, own = known[0], known[-1]
    same = own[1:3] == one[1:3] and (id.startswith("file:") or own.root == one.root)
    return [] if same else [f"of `{id[:21]}…`, entry {one.at} states other files, bytes or root"]


def attestation_problems(reader: Reader, fold: Fold, log: LogState) -> list[str]:
    """What does not hold of the attestations of a log whose entries were all folded (L13)."""
    leaves, origin = log.leaves or [], reader.config.origin
    nodes = hashes_reader([leaf_hash(leaf) for leaf in leaves]) if fold.attestations else None

    @lru_cache(maxsize=KEPT_STATEMENTS)
    def statement_at(index: int) -> Statement | None:
        # Read again when asked for: all statements of a large log at once would not fit into memory.
        return reader.entry(index, leaves[index]).statement if 0 <= index < len(leaves) else None

    found = []
    for at in fold.attestations:
        attestation = statement_at(at)
        if attestation is None or nodes is None:
            continue
        seen = attestation.predicate["checkpoint"]
        texts = [
            *attested.release_problems(attestation, statement_at),
            *attested.evidence_problems(attestation, statement_at, fold.reviews),
        ]
        if seen["size"] > at:
            texts.append(f"it was evaluated at size {seen['size']}, which the log had after it")
        elif range_hash(nodes, 0, seen["size"]).hex() != seen["root"]:
            texts.append(f"it was evaluated at a root that the log did not have at size {seen['size']}")
        if seen["origin"] != origin:
            texts.append("it was evaluated in a log of another origin")
        found += [f"entry {at}: {text}" for text in texts]
    return found
