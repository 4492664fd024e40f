"""The openness attestation: verdicts of named profiles over a release at a checkpoint (docs/spec/format.md, section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ledger import __version__
from ledger.attest.evidence import license_lines, lineage_summary, release_facts
from ledger.frameworks import evaluate, load_profile
from ledger.log.checkpoint import Checkpoint
from ledger.spec.coherence import checked
from ledger.spec.names import display
from ledger.spec.release import release_of
from ledger.spec.statement import Statement, Subject, build


def verdicts(release_index: int, statements: Mapping[int, Statement], profiles: Sequence[str]) -> list[dict[str, Any]]:
    """The verdict of each profile, in the order given, as JSON. Raises LedgerError LG1001, LG1002."""
    facts = release_facts(release_index, statements)
    return [evaluate(load_profile(profile), facts).to_json() for profile in profiles]


def predicate(release_index: int, statements: Mapping[int, Statement], checkpoint: Checkpoint, profiles: Sequence[str]) -> dict[str, Any]:
    """The predicate: a pure function of the statements, the checkpoint and the profiles."""
    statement = statements[release_index]
    release = release_of(statement)
    return {
        "release": {"id": statement.payload_id, "name": release.name, "version": release.version, "index": release_index},
        "checkpoint": {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()},
        "statements": [{"index": index, "payload": statements[index].payload_id} for index in sorted(statements)],
        "verdicts": verdicts(release_index, statements, profiles),
        "licenses": license_lines(release, statements),
        "lineage": lineage_summary(statements[index] for index in sorted(statements)),
        "tool": {"name": "openness-ledger", "version": __version__},
    }


def attestation_statement(said: Mapping[str, Any], release_statement: Statement) -> Statement:
    """The statement; its subjects are the release and its components, so that any in-toto tool can match the weights. Raises LG0308."""
    release = release_of(release_statement)
    own = Subject(display(release.name, release.version), release_statement.payload_id)
    return checked(build("attestation", [own, *release_statement.subjects], said))


def same_verdicts(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two predicates say the same but for the checkpoint that they were evaluated at."""
    return {**one, "checkpoint": None} == {**other, "checkpoint": None}
