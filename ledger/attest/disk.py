"""Bytes on disk against the artifacts that an attestation's evidence is about: check B11 (docs/spec/verification.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.spec.manifest import Manifest
from ledger.spec.names import display

NOTHING_CHOSEN = ("LG0203", "LG0209")


@dataclass(frozen=True, slots=True)
class Content:
    """What was hashed: id, number of files and bytes, and the Merkle root over the inventory lines, hex."""

    id: str
    files: int
    bytes: int
    root: str


Hasher = Callable[[str, tuple[str, ...]], Content]
"""Hashes a path, or the files that `include` patterns choose in it; raises the LedgerErrors of hashing."""


@dataclass(frozen=True, slots=True)
class _Try:
    """What one list of patterns (none: the whole) gave of a path, and the manifests of that content by log index."""

    content: Content
    include: tuple[str, ...]
    manifests: Mapping[int, Manifest]


def compare(paths: Sequence[str], manifests: Mapping[int, Manifest], hasher: Hasher) -> tuple[list[str], list[str]]:
    """What is wrong, and what was found.

    Args:
        paths: files and folders.
        manifests: those among the evidence, by log index.
        hasher: is asked at most once per path and distinct list of patterns.

    Raises:
        LedgerError: LG0201 to LG0210 when a path is none of the artifacts as far as it could be hashed, and could not be hashed whole.
    """
    problems: list[str] = []
    good: list[str] = []
    for path in paths:
        tries = _tries(path, manifests, hasher)
        if not any(item.manifests for item in tries):
            problems.append(f"`{path}` is `{tries[0].content.id}`, which no manifest among the evidence is about")
            continue
        for item in tries:
            chosen = " ".join(f"`{pattern}`" for pattern in item.include)
            names = " and ".join(dict.fromkeys(_name(manifest) for manifest in item.manifests.values()))
            if names:
                problems += _claims(path, item)
                good.append(f"`{path}` is {names}, by its patterns {chosen}" if chosen else f"`{path}` is {names}")
            elif chosen:
                # No fault: the patterns may be meant for another folder. But nobody should take it for checked.
                good.append(f"what {chosen} choose in `{path}` is no artifact of the evidence")
    return problems, good


def _name(manifest: Manifest) -> str:
    return f"{manifest.kind} {ascii(display(manifest.name, manifest.version))[1:-1]}"


def _tries(path: str, manifests: Mapping[int, Manifest], hasher: Hasher) -> list[_Try]:
    """A path whole and, if that is no artifact, whatever the manifests' patterns choose in it; the whole comes first."""
    fault: LedgerError | None = None
    found: list[_Try] = []
    for include in dict.fromkeys([(), *(item.include for item in manifests.values())]):
        try:
            content = hasher(path, include)
        except LedgerError as error:
            if error.code == "LG0201":
                raise
            # Patterns for another folder choose nothing here, which says nothing about this one.
            if not include or error.code not in NOTHING_CHOSEN:
                fault = fault or error
            continue
        same = {index: item for index, item in manifests.items() if item.id == content.id}
        found.append(_Try(content, include, same))
        if same and not include:
            break
    if fault is not None and not any(item.manifests for item in found):
        raise fault
    return found


def _claims(path: str, found: _Try) -> list[str]:
    """Manifests that state other figures of the same content; the root of a file depends on the name that it had."""
    content = found.content
    return [
        f"`{path}` is {_name(item)}, of which entry {index} states other files, bytes or root"
        for index, item in found.manifests.items()
        if (item.files, item.bytes) != (content.files, content.bytes) or (item.id.form == "tree" and item.root != content.root)
    ]
