"""Profiles and registries' records from files: what a profile says of a record, and what is wrong with a profile."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ledger._api.inputs import read_input
from ledger.frameworks import evaluate, load_profile, profile_ids
from ledger.frameworks.linting import lint
from ledger.frameworks.profiles import parse_profile
from ledger.importers.records import read_record
from ledger.limits import LIMITS
from ledger.spec.evidence import ReleaseFacts, Verdict

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a profile says of a record, and the facts that the record claims: with what nobody understood of it, and remarks."""

    verdict: Verdict
    facts: ReleaseFacts


@dataclass(frozen=True, slots=True)
class Linted:
    """What is wrong with a profile file.

    Attributes:
        id: what the profile calls itself; None when it cannot be read.
        digest: object id of its bytes; None likewise.
        rules: how many rules it has.
        taken: whether the product carries a profile of this id.
    """

    problems: tuple[str, ...]
    id: str | None = None
    digest: str | None = None
    rules: int = 0
    taken: bool = False


def evaluate_record(profile: str, file: PathLike) -> Evaluated:
    """What a profile says of a registry's record, taken at its word.

    Args:
        profile: an id, or the path of a profile file of one's own.
        file: a record of the Model Openness Tool or of the Open Source AI Index.

    Raises:
        LedgerError: LG1001, LG1002 for the profile, LG1003 for the record, LG0201, LG0202, LG0103 for its file.
    """
    chosen = load_profile(profile)
    facts = record_file(file)
    return Evaluated(evaluate(chosen, facts), facts)


def record_file(file: PathLike) -> ReleaseFacts:
    """The facts that a registry's record claims. Raises LedgerError LG1003, LG0201, LG0202, LG0103."""
    path = Path(file)
    return read_record(read_input(path, LIMITS.pipeline_bytes), name=path.stem)


def lint_profile(file: PathLike) -> Linted:
    """Everything that is wrong with a profile file, as far as it can be found. Raises LedgerError LG0201, LG0202, LG0103."""
    path = Path(file)
    data, what = read_input(path, LIMITS.pipeline_bytes), f"the profile `{path.name}`"
    problems = lint(data, what=what)
    if problems:
        return Linted(problems)
    profile = parse_profile(data, what=what, own=True)
    return Linted((), profile.id, profile.digest, len(profile.rules), profile.id in profile_ids())
