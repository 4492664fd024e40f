"""What an attestation rests on: its release, and the manifests behind the release (docs/spec/format.md, section 3).

`ledger verify` (L13) asks this of every attestation in a log, `ledger verify bundle` (B7, B8) of the one in a bundle.
"""

from __future__ import annotations

from collections.abc import Callable

from ledger.spec.coherence import links
from ledger.spec.statement import Statement

StatementAt = Callable[[int], Statement | None]
"""The statement at a log index, or None when it is not at hand."""


def closure(release_index: int, statement_at: Callable[[int], Statement]) -> list[int]:
    """Indexes of the release, the manifests of its components, and those of everything that they came from; ascending."""
    found: set[int] = set()
    pending = [release_index]
    while pending:
        index = pending.pop()
        if index not in found:
            found.add(index)
            pending += [link.at for link in links(statement_at(index)) if link.at is not None]
    return sorted(found)


def release_problems(attestation: Statement, statement_at: StatementAt) -> list[str]:
    """Why the release that an attestation names is not the one at that index, or the subjects are not that release's."""
    named = attestation.predicate["release"]
    release = statement_at(named["index"])
    if release is None or release.kind != "release" or release.payload_id != named["id"]:
        return [f"the release that it is about is not entry {named['index']}"]
    said = release.predicate
    if (said["name"], said["version"]) != (named["name"], named["version"]):
        return [f"the release that it is about, entry {named['index']}, has another name or version"]
    return [] if attestation.subjects[1:] == release.subjects else ["its subjects after the first are not those of the release"]


def evidence_problems(attestation: Statement, statement_at: StatementAt) -> list[str]:
    """Why the evidence that an attestation lists is not there, or not the whole lineage of its release."""
    listed = {item["index"]: item["payload"] for item in attestation.predicate["statements"]}
    missing = []
    for index, payload in listed.items():
        have = statement_at(index)
        if have is None or have.payload_id != payload:
            missing.append(f"entry {index}, which it lists as evidence, is not here or another")
    if missing:
        return missing
    reached, found = walk(attestation.predicate["release"]["index"], statement_at)
    if not found and sorted(reached) != list(listed):
        found.append("the evidence that it lists is not the lineage of its components")
    return found


def walk(release_index: int, statement_at: StatementAt) -> tuple[set[int], list[str]]:
    """The lineage of a release: the indexes that it leads to, and which inputs and components are not what is there."""
    found: list[str] = []
    reached: set[int] = set()
    pending = [release_index]
    while pending:
        index = pending.pop()
        statement = statement_at(index)
        if statement is None:
            found.append(f"entry {index}, to which the lineage leads, is not here")
        elif index not in reached:
            reached.add(index)
            found += _wrong_links(index, statement, statement_at)
            pending += [link.at for link in links(statement) if link.at is not None]
    return reached, found


def _wrong_links(index: int, statement: Statement, statement_at: StatementAt) -> list[str]:
    """Inputs and components that are not what stands at the index that they name."""
    found = []
    for link in links(statement):
        target = statement_at(link.at) if link.at is not None else None
        if link.at is None or target is None:
            continue  # a reference; or missing, which the caller says
        said = target.predicate
        if target.kind != "manifest" or link.at >= index or said["artifact"]["id"] != link.id:
            found.append(f"`{link.id[:21]}…`, which entry {index} is made from, is not what entry {link.at} is about")
        elif link.names is not None and link.names != (said["name"], said.get("version")):
            found.append(f"`{link.id[:21]}…`, which is in entry {index}, has another name or version in entry {link.at}")
    return found
