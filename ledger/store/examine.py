"""What an entry of the log says and is by itself, without the entries before it: the part of L6 to L8 that needs no order.

A verifier folds these facts in log order (`foldcheck`). They are plain values, so that worker processes can find them
(docs/adr/0020-workers-in-verify.md) and hand them over by `marshal`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from ledger.clock import parse_rfc3339
from ledger.errors import LedgerError
from ledger.ids import ARTIFACT_FORMS
from ledger.log.leaf import leaf_problems
from ledger.signing.dsse import Envelope, pae
from ledger.signing.keys import PublicKey, public_from_pem
from ledger.spec.coherence import Link, links, problems
from ledger.spec.key import key_event_of
from ledger.spec.manifest import manifest_of
from ledger.spec.release import release_of
from ledger.store.fs import TEMPORARY, read_file
from ledger.store.index import Naming, naming_of
from ledger.store.objects import Objects
from ledger.store.projection import wanted_kinds, wanted_names
from ledger.store.reader import Entry, read_entry

_ARTIFACT_ID = re.compile(rf"(?:{'|'.join(ARTIFACT_FORMS)}):[0-9a-f]{{64}}", re.ASCII)
_HEX64 = re.compile(r"[0-9a-f]{64}", re.ASCII)

Tried = tuple[tuple[int, str, bool], ...]


class Facts(NamedTuple):
    """What one entry says.

    Attributes:
        envelope: the 32 bytes of its envelope's object id; the object was read and has that digest.
        problems: in what it disagrees with itself or with its leaf record (L6).
        fault: code and message of why nothing can follow it.
        hints: the keyids of its envelope's signatures, in order.
        tried: (position of a signature, keyid, whether that key verifies it), for every pair that was tried.
        kinds: under which names a key may be trusted for it; `names`: the names that it is about.
        naming: what it gives a name to.
        claim: artifact id, files, bytes and root that a manifest states.
    """

    envelope: bytes
    kind: str
    time: str
    problems: tuple[str, ...]
    fault: tuple[str, str] | None
    hints: tuple[str, ...]
    tried: Tried
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    naming: Naming | None
    links: tuple[Link, ...]
    claim: tuple[str, int, int, str] | None


def plain(facts: Facts) -> tuple[Any, ...]:
    """The facts as values that `marshal` takes."""
    naming = None if facts.naming is None else tuple(facts.naming)
    return (*facts[:9], naming, tuple([tuple(link) for link in facts.links]), facts.claim)


def from_plain(said: tuple[Any, ...]) -> Facts:
    """The facts that `plain` was given."""
    naming = None if said[9] is None else Naming._make(said[9])
    return Facts._make((*said[:9], naming, tuple([Link._make(link) for link in said[10]]), said[11]))


def examined(entry: Entry, tried: Tried) -> Facts:
    """The facts of an entry.

    Args:
        tried: which keys verify which of its signatures, as far as that was tried.
    """
    statement, leaf = entry.statement, entry.leaf
    hints = tuple([item.keyid for item in entry.envelope.signatures])
    about = tuple(links(statement))
    claim = None
    if statement.kind == "manifest":
        artifact = statement.predicate["artifact"]
        claim = (artifact["id"], artifact["files"], artifact["bytes"], artifact["root"])
    return Facts(
        bytes.fromhex(leaf.envelope[7:]),
        statement.kind,
        leaf.time,
        (*leaf_problems(leaf, statement, hints), *problems(statement)),
        _fault(entry, about),
        hints,
        tried,
        wanted_kinds(statement),
        wanted_names(statement),
        naming_of(statement),
        about,
        claim,
    )


def _fault(entry: Entry, about: Sequence[Link]) -> tuple[str, str] | None:
    """What folding the entry into the tables would raise, but for what depends on the keys."""
    statement = entry.statement
    try:
        parse_rfc3339(entry.leaf.time)
        if statement.kind == "manifest":
            # Only an id can be wrong in what fits its schema; reading the whole manifest is for the one that has such.
            if not all(map(_ARTIFACT_ID.fullmatch, [statement.predicate["artifact"]["id"], *(link.id for link in about)])):
                manifest_of(statement)
        elif statement.kind == "release":
            release_of(statement)
    except LedgerError as error:
        return error.code, error.message
    return None


def _tried(envelope: Envelope, ring: Sequence[PublicKey]) -> Tried:
    """Each signature with the keys of the ring, those hinted at first, up to the first that verifies it.

    Args:
        ring: keys that may have signed it; a key that is missing here costs time later and changes nothing.
    """
    hints = [item.keyid for item in envelope.signatures]
    message = pae(envelope.payload_type, envelope.payload)
    if len(ring) == len(hints) == 1:
        return ((0, ring[0].keyid, ring[0].verifies(envelope.signatures[0].sig, message)),)
    hinted = [key for key in ring if key.keyid in hints]
    found = []
    for position, item in enumerate(envelope.signatures):
        for key in (*hinted, *(key for key in ring if key not in hinted)):
            good = key.verifies(item.sig, message)
            found.append((position, key.keyid, good))
            if good:
                break
    return tuple(found)


def key_pems(objects: Objects, leaves: Iterable[bytes]) -> tuple[str, ...]:
    """The keys and roots that any key statement of the log states, whoever signed it, in log order; what cannot be read is left out."""
    found: dict[str, None] = {}
    for index, leaf in enumerate(leaves):
        if b'"kind":"key"' not in leaf:
            continue
        try:
            event = key_event_of(read_entry(objects, index, leaf).statement)
        except LedgerError:
            continue
        for pem in (event.pem, *(event.roots.pems if event.roots else ())):
            found.setdefault(pem)
    return tuple(found)


@cache
def _ring(pems: tuple[str, ...]) -> tuple[PublicKey, ...]:
    found: dict[PublicKey, None] = {}
    for pem in pems:
        try:
            found.setdefault(public_from_pem(pem))
        except LedgerError:
            continue
    return tuple(found)


class Examiner:
    """Does the tasks of a verifier that can be done apart: in its own process, or in a worker process."""

    def __init__(self, objects: Objects, root: str) -> None:
        self._objects = objects
        self._folder = f"{root}/objects"

    def run(self, kind: str, parts: Any) -> Any:
        """Do one task: `entries`, `list` or `hash`."""
        tasks: dict[str, Callable[..., Any]] = {"entries": self.entries, "list": self.listing, "hash": self.hash}
        return tasks[kind](*parts)

    def entries(self, first: int, leaves: Sequence[bytes], pems: tuple[str, ...]) -> list[Any]:
        """The facts of entries from `first` on, in the form of `plain`; for one that cannot be read its message, and it is the last."""
        ring = _ring(pems)
        entries: list[Entry] = []
        unread: list[str] = []
        for index, leaf in enumerate(leaves, first):
            try:
                entries.append(read_entry(self._objects, index, leaf))
            except LedgerError as error:
                unread.append(error.message)
                break
        # One kind of work after the other is quicker than all of it for each entry in turn; perhaps for the processor's caches.
        tried = [_tried(entry.envelope, ring) for entry in entries]
        return [*(plain(examined(*pair)) for pair in zip(entries, tried, strict=True)), *unread]

    def listing(self, folders: Sequence[str]) -> tuple[bytes, list[str]]:
        """What is below folders of `objects/`, links not followed.

        Args:
            folders: paths below `objects/`.

        Returns:
            The digests that files in their right places have in their names, 32 bytes each, and the paths of other files.

        Raises:
            LedgerError: LG0606.
        """
        digests: list[str] = []
        odd: list[str] = []
        pending = list(folders)
        while pending:
            below = pending.pop()
            files, more = listed(self._folder, below)
            pending += more
            parts = below.split("/")
            prefix = parts[1] + parts[2] if len(parts) == 3 and parts[0] == "sha256" and len(parts[1]) == len(parts[2]) == 2 else None
            for name in files:
                if prefix is not None and name.startswith(prefix) and _HEX64.fullmatch(name):
                    digests.append(name)
                elif not name.startswith(TEMPORARY):
                    odd.append(f"{below}/{name}".removeprefix("/"))
        return bytes.fromhex("".join(digests)), odd

    def hash(self, digests: bytes) -> list[str]:
        """Those of the objects with these digests, 32 bytes each, that have other bytes or none: their paths below `objects/`."""
        wrong = []
        for at in range(0, len(digests), 32):
            name = digests[at : at + 32].hex()
            below = f"sha256/{name[:2]}/{name[2:4]}/{name}"
            data = read_file(f"{self._folder}/{below}")
            if data is None or hashlib.sha256(data).hexdigest() != name:
                wrong.append(below)
        return wrong


def listed(objects: str, below: str) -> tuple[list[str], list[str]]:
    """The names of the files in a folder below `objects/`, and the paths of its folders. Raises LedgerError LG0606."""
    files, folders = [], []
    path = f"{objects}/{below}"
    try:
        with os.scandir(path) as found:
            for item in found:
                if not item.is_dir():
                    files.append(item.name)
                elif not item.is_symlink():
                    folders.append(f"{below}/{item.name}".removeprefix("/"))
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise LedgerError("LG0606", f"cannot read `{path}`: {error.strerror}") from None
    return files, folders
