"""A statement agrees with itself: its subjects are what its predicate names, and more (docs/spec/format.md, section 3, "Agreement").

Pure, and cheap enough to run whenever a statement is made. `ledger verify` (L6) and `ledger verify bundle` (B5) ask the same question.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.errors import LedgerError
from ledger.ids import reference_id
from ledger.spec.names import display
from ledger.spec.vocabulary import ROLES

if TYPE_CHECKING:
    from ledger.spec.statement import Statement

_RANKS = {role: rank for rank, role in enumerate(ROLES)}
_PEM_HEAD, _PEM_FOOT = "-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\n"
_PEM_LINE = 64
# SubjectPublicKeyInfo by scheme: these bytes and so many of the key (RFC 8410, section 4; RFC 5480, section 2; RFC 9881, section 4).
_SPKI: Mapping[str, tuple[bytes, int]] = {
    "ed25519": (bytes.fromhex("302a300506032b6570032100"), 32),
    "ecdsa-sha2-nistp256": (bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"), 64),
    "ecdsa-sha2-nistp384": (bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004"), 96),
    "ml-dsa-44": (bytes.fromhex("30820532300b06096086480165030403110382052100"), 1312),
    "ml-dsa-65": (bytes.fromhex("308207b2300b0609608648016503040312038207a100"), 1952),
}


class Link(NamedTuple):
    """An input of a manifest or a component of a release: its id, the log index that it names, and its name and version if it says them."""

    id: str
    at: int | None
    names: tuple[str, str | None] | None


def links(statement: Statement) -> list[Link]:
    """The inputs or components of a statement that fits its schema; other kinds have none."""
    said = statement.predicate
    if statement.kind == "manifest":
        return [Link(item["input"], item.get("index"), None) for item in said["from"]]
    if statement.kind == "release":
        return [Link(item["artifact"], item.get("index"), (item["name"], item.get("version"))) for item in said["components"]]
    return []


def checked(statement: Statement) -> Statement:
    """The statement, for whoever is about to sign it.

    Raises:
        LedgerError: LG0308 when it does not agree with itself.
    """
    found = problems(statement)
    if found:
        raise LedgerError("LG0308", f"{statement.kind} statement: {'; '.join(found)}")
    return statement


def problems(statement: Statement) -> list[str]:
    """In what a statement that fits its schema does not agree with itself; nothing when it does."""
    said = statement.predicate
    if statement.kind == "manifest":
        return [*_manifest_subjects(statement, said), *_artifact(said["artifact"]), *_origins("input", said["from"], "input")]
    if statement.kind == "release":
        return [*_release_subjects(statement, said), *_origins("component", said["components"], "artifact"), *_order(said["components"])]
    if statement.kind == "key":
        return list(_key(statement, said))
    if statement.kind == "review":
        return list(_review(said))
    return list(_attestation(statement, said)) if statement.kind == "attestation" else []


def _shown(text: str) -> str:
    return ascii(text)[1:-1][:100]


def _subjects(statement: Statement, wanted: Sequence[tuple[str, str]], what: str) -> Iterator[str]:
    """The subjects are exactly these (name, id) pairs, in this order."""
    found = [(subject.name, subject.id) for subject in statement.subjects]
    if found == wanted:
        return
    if [id for _, id in found] != [id for _, id in wanted]:
        yield f"its subjects are not {what}"
        return
    for (name, _), (right, _) in zip(found, wanted, strict=True):
        if name != right:
            yield f"its subject `{_shown(name)}` is called `{_shown(right)}` in its predicate"


def _manifest_subjects(statement: Statement, said: Mapping[str, Any]) -> Iterator[str]:
    name = display(said["name"], said.get("version"))
    return _subjects(statement, [(name, said["artifact"]["id"])], "the artifact that its predicate is about")


def _release_subjects(statement: Statement, said: Mapping[str, Any]) -> Iterator[str]:
    wanted: dict[str, str] = {}
    for item in said["components"]:
        wanted.setdefault(item["artifact"], display(item["name"], item.get("version")))
    return _subjects(statement, [(name, id) for id, name in wanted.items()], "the artifacts of its components, in their order")


def _artifact(artifact: Mapping[str, Any]) -> Iterator[str]:
    if artifact["id"].startswith("file:"):
        if artifact["files"] != 1:
            yield f"its artifact is one file, and `files` is {artifact['files']}"
        if "include" in artifact:
            yield "its artifact is one file, and patterns (`include`) are said to have chosen it"


def _origins(what: str, items: Sequence[Mapping[str, Any]], member: str) -> Iterator[str]:
    """Each input or component is either in the log, at an index, or a reference with its descriptor."""
    for number, item in enumerate(items):
        id, said = item[member], item.get("reference")
        if not id.startswith("ref:"):
            if "index" not in item or said is not None:
                yield f"its {what} {number}, `{id[:21]}…`, is no reference, and has no index or has a descriptor"
        elif "index" in item or said is None or reference_id(said) != id:
            yield f"its {what} {number}, `{id[:20]}…`, is a reference, and is not the id of its descriptor or has an index"
        elif "role" in item and (item["name"], item.get("version")) != (said["name"], said.get("version")):
            yield f"its {what} {number}, `{id[:20]}…`, has another name or version than its descriptor"


def _order(components: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    ranks = [(_RANKS[item["role"]], item["name"], item.get("version", ""), item["artifact"]) for item in components]
    for number, (one, other) in enumerate(pairwise(ranks)):
        if one == other:
            yield f"its components {number} and {number + 1} are the same"
        elif one > other:
            yield f"its component {number + 1} belongs before component {number}"


def _key(statement: Statement, said: Mapping[str, Any]) -> Iterator[str]:
    key = said["key"]
    yield from _subjects(statement, [(f"{key['scheme']} key", f"sha256:{key['keyid']}")], "the key that its predicate is about")
    der = _der_of(key["public"])
    if der is None:
        yield "its key is not a PEM in the strict form"
    else:
        if hashlib.sha256(der).hexdigest() != key["keyid"]:
            yield f"`{key['keyid'][:16]}…` is not the keyid of its key"
        prefix, more = _SPKI.get(key["scheme"], (b"", -1))
        if not der.startswith(prefix) or len(der) != len(prefix) + more:
            yield f"its key is not of the scheme `{_shown(key['scheme'])}`"
    for number, pem in enumerate(said.get("roots", {}).get("keys", ())):
        if _der_of(pem) is None:
            yield f"its root key {number} is not a PEM in the strict form"


def _der_of(pem: str) -> bytes | None:
    """What a PEM holds, if it is the one rendering of it; so that no two texts are the same key."""
    if not pem.startswith(_PEM_HEAD) or not pem.endswith(_PEM_FOOT):
        return None
    try:
        der = base64.b64decode(pem[len(_PEM_HEAD) : -len(_PEM_FOOT)].replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return None
    text = base64.b64encode(der).decode("ascii")
    lines = "".join(text[at : at + _PEM_LINE] + "\n" for at in range(0, len(text), _PEM_LINE))
    return der if pem == _PEM_HEAD + lines + _PEM_FOOT else None


def _review(said: Mapping[str, Any]) -> Iterator[str]:
    for word, member in (("license-concluded", "concluded"), ("finding-waived", "finding")):
        if (said["statement"] == word) is not (member in said):
            yield f"it says `{_shown(said['statement'])}`, and {'has' if member in said else 'lacks'} `{member}`"


def _attestation(statement: Statement, said: Mapping[str, Any]) -> Iterator[str]:
    release, size = said["release"], said["checkpoint"]["size"]
    first = statement.subjects[0]
    if first.id != release["id"] or len(statement.subjects) < 2:
        yield "its subjects are not the release that its predicate is about and what is in it"
    elif first.name != display(release["name"], release["version"]):
        yield f"its subject `{_shown(first.name)}` is called `{_shown(display(release['name'], release['version']))}` in its predicate"
    listed = [(item["index"], item["payload"]) for item in said["statements"]]
    if any(one[0] >= other[0] for one, other in pairwise(listed)):
        yield "the evidence that it lists does not ascend by index"
    if (release["index"], release["id"]) not in listed:
        yield "the release is not in the evidence that it lists"
    if any(index >= size for index, _ in listed):
        yield f"it was evaluated at size {size}, and evidence that it lists was not there yet"
