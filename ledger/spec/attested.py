"""What an attestation rests on: its release, the manifests behind it, and the reviews of any of them (docs/spec/format.md, section 3).

`ledger verify` (L13) asks this of every attestation in a log, `ledger verify bundle` (B7, B8) of the one in a bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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


def reviewed(statement: Statement) -> tuple[str, ...]:
    """Ids of what a review judges."""
    return tuple(subject.id for subject in statement.subjects)


def subjects_of(release_index: int, statements: Mapping[int, Statement]) -> frozenset[str]:
    """Ids that a review can be about to count for a release: the release itself, and every artifact and reference in its closure."""
    found = {statements[release_index].payload_id}
    for item in statements.values():
        found.update(subject.id for subject in item.subjects if item.kind == "manifest")
        found.update(link.id for link in links(item))
    return frozenset(found)


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


def evidence_problems(attestation: Statement, statement_at: StatementAt, reviews: Sequence[int] | None = None) -> list[str]:
    """Why the evidence that an attestation lists is not there, or not the whole lineage of its release and the reviews about it.

    Args:
        reviews: indexes of all reviews of the log, for whoever has them; without them nobody can tell that one was left out.
    """
    listed = {item["index"]: item["payload"] for item in attestation.predicate["statements"]}
    missing = []
    for index, payload in listed.items():
        have = statement_at(index)
        if have is None or have.payload_id != payload:
            missing.append(f"entry {index}, which it lists as evidence, is not here or another")
    if missing:
        return missing
    release_index = attestation.predicate["release"]["index"]
    reached, found = walk(release_index, statement_at)
    if found:
        return found
    lineage = {index: statement for index in reached if (statement := statement_at(index)) is not None}
    about = subjects_of(release_index, lineage)
    others = [index for index in listed if index not in reached]
    if list(listed) != sorted(listed) or not reached <= set(listed) or not all(_counts(statement_at(index), about) for index in others):
        return ["the evidence that it lists is not the lineage of its components and reviews of them"]
    size = attestation.predicate["checkpoint"]["size"]
    wanted = [index for index in reviews or () if index < size and _counts(statement_at(index), about)]
    left_out = sorted(set(wanted) - set(others))
    return [f"the evidence that it lists leaves out the review of entry {index}" for index in left_out[:1]]


def _counts(statement: Statement | None, about: frozenset[str]) -> bool:
    return statement is not None and statement.kind == "review" and any(id in about for id in reviewed(statement))


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
