"""The statement of a model signature: what it says about which files, and which files it says nothing about.

Source: OMS v1.0 (ossf/model-signing-spec, spec/v1.0.md, sections 5, 6 and 8.3, and schemas/{statement,predicate}.schema.json at a0c91e2).
Pure: bytes in, values out. Nothing but `LedgerError` escapes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ledger import canon
from ledger.errors import LedgerError
from ledger.limits import LIMITS

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"
LEGACY_TYPE = "https://model_signing/Digests/v0.1"
ALWAYS_IGNORED = (".git", ".gitattributes", ".github", ".gitignore")
"""What a model signature never covers, at the top of the model (section 6.2)."""
DIGEST_BYTES: Mapping[str, int] = {"sha256": 32, "blake2b": 64, "blake3": 32}
WHOLE = "."
"""How the reference implementation names the one file of a model that is a file; the specification has its base name."""

_HEX = re.compile("[0-9a-f]+", re.ASCII)
_NUMBER = re.compile("0|[1-9][0-9]{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Resource:
    """A file, or with shards the bytes `start` to `end` of one, and its digest."""

    path: str
    start: int
    end: int | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class ModelStatement:
    """What a model signature says.

    Attributes:
        name: what the signer called the model; says nothing about its content.
        root: hex of the SHA-256 over all digests.
        shard_size: bytes of a shard; None when files are hashed whole.
        names: the resources' names as they stand there.
    """

    name: str
    root: str
    hash_type: str
    shard_size: int | None
    allow_symlinks: bool
    ignore_paths: tuple[str, ...]
    resources: tuple[Resource, ...]
    names: tuple[str, ...]
    predicate_type: str = PREDICATE_TYPE

    def paths(self) -> dict[str, list[Resource]]:
        """The resources by file, those of one file in the order of its bytes."""
        found: dict[str, list[Resource]] = {}
        for item in sorted(self.resources, key=lambda item: item.start):
            found.setdefault(item.path, []).append(item)
        return found


def build(name: str, files: Iterable[tuple[str, bytes]]) -> bytes:
    """The payload that says of each (path, SHA-256) that it is part of the model; the same files give the same bytes.

    Raises:
        LedgerError: LG1304 when there is no file.
    """
    resources = [{"name": path, "algorithm": "sha256", "digest": digest.hex()} for path, digest in sorted(files)]
    if not resources:
        raise LedgerError("LG1304", "no file is left that a model signature could cover")
    root = hashlib.sha256(b"".join(bytes.fromhex(item["digest"]) for item in resources)).hexdigest()
    serialization = {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": list(ALWAYS_IGNORED)}
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": root}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {"resources": resources, "serialization": serialization},
    }
    return json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def parse(payload: bytes) -> ModelStatement:
    """Read a statement. Raises LedgerError LG1301 when it is none of a model signature v1.0."""
    try:
        said = canon.loads(payload, what="the statement", max_bytes=LIMITS.model_bundle_bytes)
    except LedgerError as error:
        raise LedgerError("LG1301", error.message) from None
    kind = said.get("predicateType") if isinstance(said, dict) else None
    if kind == LEGACY_TYPE:
        raise _bad(
            f"it is of the form before 1.0 (`{LEGACY_TYPE}`), whose signatures cover other bytes than they should; sign the model again"
        )
    _members(said, "the statement", {"_type", "subject", "predicateType", "predicate"})
    if said["_type"] != STATEMENT_TYPE or kind != PREDICATE_TYPE:
        raise _bad(f"it is not an in-toto Statement v1 of type `{PREDICATE_TYPE}`")
    name, root = _subject(said["subject"])
    predicate = _members(said["predicate"], "the predicate", {"resources", "serialization"})
    how = _members(predicate["serialization"], "serialization", {"method", "hash_type", "allow_symlinks"}, {"ignore_paths", "shard_size"})
    shard_size = _shard_size(how)
    if not isinstance(how["hash_type"], str) or how["hash_type"] not in DIGEST_BYTES:
        raise _bad(f"its hash_type is none of {', '.join(DIGEST_BYTES)}")
    if not isinstance(how["allow_symlinks"], bool):
        raise _bad("allow_symlinks is neither true nor false")
    ignored = how.get("ignore_paths", [])
    if not isinstance(ignored, list) or not all(isinstance(item, str) and item for item in ignored):
        raise _bad("ignore_paths is not a list of texts")
    listed = predicate["resources"]
    if not isinstance(listed, list) or not listed:
        raise _bad("it lists no files: an empty model cannot be signed")
    found = [_resource(item, how["hash_type"], shard_size) for item in listed]
    resources, names = tuple(item for item, _ in found), tuple(item for _, item in found)
    return ModelStatement(name, root, how["hash_type"], shard_size, how["allow_symlinks"], tuple(ignored), resources, names)


def _bad(why: str) -> LedgerError:
    return LedgerError("LG1301", why)


def shown(text: str) -> str:
    """A text of somebody else, safe to print."""
    return ascii(text)[1:-1][:200]


def _members(value: object, what: str, needed: set[str], allowed: set[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _bad(f"{what} is not an object")
    if missing := needed - set(value):
        raise _bad(f"{what} has no `{min(missing)}`")
    if more := set(value) - needed - (allowed or set()):
        raise _bad(f"{what} has a member that it may not have: `{shown(min(more))}`")
    return value


def _subject(value: object) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        raise _bad("it has not exactly one subject")
    name, digest = value[0].get("name"), value[0].get("digest")
    if not isinstance(name, str) or not name:
        raise _bad("its subject has no name")
    root = digest.get("sha256") if isinstance(digest, dict) else None
    if not isinstance(root, str) or len(root) != 64 or not _HEX.fullmatch(root):
        raise _bad("its subject has no sha256 of 64 hex digits")
    return name, root


def _shard_size(how: Mapping[str, Any]) -> int | None:
    size = how.get("shard_size")
    if how["method"] == "files":
        if size is not None:
            raise _bad("shard_size is there, and files are hashed whole")
        return None
    if how["method"] != "shards":
        raise _bad(f"its method is `{shown(str(how['method']))}`, neither `files` nor `shards`")
    if isinstance(size, float) and size.is_integer():
        size = int(size)
    if isinstance(size, bool) or not isinstance(size, int) or size <= 0:
        raise _bad("its method is `shards`, and shard_size is no number of bytes")
    return size


def _resource(item: object, hash_type: str, shard_size: int | None) -> tuple[Resource, str]:
    # Other members are allowed and mean nothing (section 5.2.1).
    if not isinstance(item, dict) or not all(isinstance(item.get(member), str) for member in ("name", "digest", "algorithm")):
        raise _bad("a resource has no name, digest and algorithm")
    name, digest = item["name"], item["digest"]
    # The reference implementation calls the hash of a shard by its size, which the specification's schema does not have.
    if item["algorithm"] not in (hash_type, f"{hash_type}-sharded-{shard_size}"):
        raise _bad(f"`{shown(name)}` has another algorithm than `{hash_type}`")
    if len(digest) != 2 * DIGEST_BYTES[hash_type] or not _HEX.fullmatch(digest):
        raise _bad(f"the digest of `{shown(name)}` is not one of {hash_type} in lower-case hex")
    if shard_size is None:
        return Resource(name, 0, None, bytes.fromhex(digest)), name
    parts = name.rsplit(":", 2)
    if len(parts) != 3 or not _NUMBER.fullmatch(parts[1]) or not _NUMBER.fullmatch(parts[2]):
        raise _bad(f"`{shown(name)}` is no shard: it does not end in `:START:END`")
    return Resource(parts[0], int(parts[1]), int(parts[2]), bytes.fromhex(digest)), name


def in_order(statement: ModelStatement) -> bool:
    """Whether the resources ascend strictly: by name and code point (section 5.2.1), or as the reference implementation sorts them, by the
    segments of the path and the place in the file."""
    by_name = all(one < other for one, other in pairwise(statement.names))
    keys = [(item.path.split("/"), item.start, item.end or 0) for item in statement.resources]
    return by_name or all(one < other for one, other in pairwise(keys))


def root_of(resources: Sequence[Resource]) -> str:
    """Hex of the SHA-256 over the digests, in their order (section 6.5.1)."""
    return hashlib.sha256(b"".join(item.digest for item in resources)).hexdigest()


def bad_shards(statement: ModelStatement) -> list[str]:
    """Files whose shards are not those that the shard size gives."""
    size = statement.shard_size
    if size is None:
        return []
    found = []
    for path, parts in statement.paths().items():
        at = 0
        for number, item in enumerate(parts):
            last = number == len(parts) - 1
            if item.start != at or item.end is None or not (0 < item.end - at <= size if last else item.end - at == size):
                found.append(f"the shards of `{shown(path)}` are not all of its bytes in pieces of {size}")
                break
            at = item.end
    return found


def is_below(path: str, entries: Iterable[str]) -> bool:
    """Whether a path is one of the entries, or in a folder that is one."""
    return any(path == entry or path.startswith(entry.rstrip("/") + "/") for entry in entries)
