"""What profiles say of a release as a ledger stands, without signing anything: evaluate, explain, compare."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.store.commit import Store

PathLike = str | os.PathLike[str]


class Evaluations(ABC):
    """The questions about openness that need no key; `Ledger` has them."""

    _store: Store

    @property
    @abstractmethod
    def size(self) -> int:
        """The size that answers are about."""

    @abstractmethod
    def _index(self) -> Any:
        """The lookups at that size."""

    def evaluate(self, ref: str, profiles: Sequence[str] | None = None) -> dict[str, Any]:
        """What an attestation of a release would say now: verdicts, licences, lineage. Raises LG0901, LG0902, LG1102, LG1001, LG1002."""
        from ledger._api.attesting import check, gather, identified
        from ledger._api.resolve import resolve_release
        from ledger.attest.attestation import predicate
        from ledger.frameworks import all_profiles, load_profile
        from ledger.log.checkpoint import Checkpoint

        chosen = [load_profile(name) for name in dict.fromkeys(profiles)] if profiles else all_profiles()
        release = resolve_release(self._index(), ref)
        assert release.index is not None
        evidence = gather(self._store, release.index, self.size)
        check(release.index, evidence)
        checkpoint = Checkpoint(self._store.config.origin, self.size, self._store.tree(self.size).root())
        return predicate(release.index, evidence, checkpoint, chosen, identified(self._store, evidence))

    def explain(self, ref: str, rule: str) -> dict[str, Any]:
        """Everything about one rule's answer of a release.

        Args:
            rule: `PROFILE/RULE`; the profile by its id or file.

        Raises:
            LedgerError: LG1120 when the profile has no such rule, and as `evaluate`.
        """
        from ledger.frameworks import load_profile
        from ledger.frameworks.answers import REASONS

        name, slash, asked = rule.rpartition("/")
        if not slash:
            raise LedgerError("LG1120", f"`{ascii(rule)[1:-1][:100]}` is not PROFILE/RULE", hint="such as redhat-minimum-2025/weights")
        profile = load_profile(name)
        [verdict] = self.evaluate(ref, [name])["verdicts"]
        answers = {item["rule"]: item for item in verdict["rules"]}
        if asked not in answers:
            known = ", ".join(answers)
            raise LedgerError("LG1120", f"the profile `{profile.id}` has no rule `{ascii(asked)[1:-1][:100]}`", hint=f"its rules: {known}")
        said = next((item for item in profile.rules if item.id == asked), None)
        answer = answers[asked]
        return {
            "profile": profile.id,
            "digest": verdict["digest"],
            "rule": asked,
            "text": said.text if said else profile.conclusion.text,
            "source": said.source if said else profile.conclusion.source,
            "result": answer["result"],
            "reason": answer["reason"],
            "meaning": REASONS[answer["reason"]],
            "detail": answer["detail"],
            "would_change": answer["would_change"],
            "evidence": [{**item, "what": self._what(item)} for item in answer["evidence"]],
        }

    def _what(self, pointer: Mapping[str, Any]) -> str:
        """What a pointer leads to, for a person."""
        if "index" not in pointer:
            return ""
        statement = self._store.one(pointer["index"], self.size).statement
        names = ", ".join(subject.name for subject in statement.subjects[:3])
        more = f" and {len(statement.subjects) - 3} more" if len(statement.subjects) > 3 else ""
        return f"{statement.kind} {names}{more}"

    def diff(self, one: str, other: str, profiles: Sequence[str] | None = None) -> dict[str, Any]:
        """What changed between two releases or attestations; each a REF of a release, or the file of a bundle.

        Raises:
            LedgerError: LG1101 for a file that is no bundle; as `evaluate` for a release.
        """
        from ledger.attest.difference import difference

        found = difference(*(bundle_predicate(Path(text)) if _is_file(text) else self.evaluate(text, profiles) for text in (one, other)))
        if not _is_file(one) and not _is_file(other):
            from ledger._api.behind import data_difference

            ends = (found["before"]["id"], found["after"]["id"])
            found["data"] = data_difference(self._store, index := self._index(), index.size, *ends)
        return found


def _is_file(text: str) -> bool:
    return text.endswith(".json") or ("/" in text.partition(":")[0] and Path(text).is_file())


def bundle_predicate(path: Path) -> Mapping[str, Any]:
    """What the attestation of a bundle says; nothing is verified. Raises LedgerError LG0201, LG1101."""
    from ledger._api.inputs import read_input
    from ledger.attest.bundle import read_bundle
    from ledger.limits import LIMITS
    from ledger.spec.statement import parse

    statement = parse(read_bundle(read_input(path, LIMITS.bundle_bytes)).attestation.payload, what=f"the attestation of `{path}`")
    if statement.kind != "attestation":
        raise LedgerError("LG1101", f"the attestation of `{path}` is a {statement.kind} statement")
    return statement.predicate


def diff_files(one: PathLike, other: PathLike) -> dict[str, Any]:
    """As `Evaluations.diff`, of two bundles, with no ledger at hand. Raises LedgerError LG0201, LG1101."""
    from ledger.attest.difference import difference

    return difference(bundle_predicate(Path(one)), bundle_predicate(Path(other)))
