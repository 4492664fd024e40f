"""The openness attestation: verdicts of named profiles over a release at a checkpoint (docs/spec/format.md, section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ledger import __version__
from ledger.attest.evidence import Texts, license_lines, lineage_summary, release_facts
from ledger.frameworks import Profile, evaluate
from ledger.log.checkpoint import Checkpoint
from ledger.spec.coherence import checked
from ledger.spec.names import display
from ledger.spec.release import release_of
from ledger.spec.statement import Statement, Subject, build


def verdicts(
    release_index: int, statements: Mapping[int, Statement], profiles: Sequence[Profile], texts: Texts | None = None
) -> list[dict[str, Any]]:
    """The verdict of each profile, in the order given, as JSON."""
    facts = release_facts(release_index, statements, texts)
    return [evaluate(profile, facts).to_json() for profile in profiles]


def predicate(
    release_index: int,
    statements: Mapping[int, Statement],
    checkpoint: Checkpoint,
    profiles: Sequence[Profile],
    texts: Texts | None = None,
    policy: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The predicate: a pure function of the statements, the checkpoint, the profiles, and what the licence texts are.

    Args:
        policy: what a policy file asked for and found (`attest.policy`), when there was one.
    """
    statement = statements[release_index]
    release = release_of(statement)
    said: dict[str, Any] = {
        "release": {"id": statement.payload_id, "name": release.name, "version": release.version, "index": release_index},
        "checkpoint": {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()},
        "statements": [{"index": index, "payload": statements[index].payload_id} for index in sorted(statements)],
        "verdicts": verdicts(release_index, statements, profiles, texts),
        "licenses": license_lines(release, statements),
        "lineage": lineage_summary(statements[index] for index in sorted(statements)),
        "tool": {"name": "openness-ledger", "version": __version__},
    }
    if texts:
        said["texts"] = [{"object": object, **texts[object]} for object in sorted(texts)]
    if policy is not None:
        said["policy"] = dict(policy)
    return said


def attestation_statement(said: Mapping[str, Any], release_statement: Statement) -> Statement:
    """The statement; its subjects are the release and its components, so that any in-toto tool can match the weights. Raises LG0308."""
    release = release_of(release_statement)
    own = Subject(display(release.name, release.version), release_statement.payload_id)
    return checked(build("attestation", [own, *release_statement.subjects], said))


def same_verdicts(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two predicates say the same but for the checkpoint that they were evaluated at."""
    return {**one, "checkpoint": None} == {**other, "checkpoint": None}
