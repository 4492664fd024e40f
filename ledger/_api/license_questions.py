"""The questions about licences that an open ledger answers; `Ledger` has them."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.errors import LedgerError
from ledger.store.commit import Store

if TYPE_CHECKING:
    from ledger._api.impact import Impact
    from ledger._api.license_answers import LicenseReport
    from ledger.exporters.notices import Folder

PathLike = str | os.PathLike[str]
STANCE = "moderate"


class LicenseQuestions(ABC):
    """What `Ledger` answers about licences along the lineage. This is not legal advice."""

    _store: Store

    @property
    @abstractmethod
    def size(self) -> int:
        """The size that answers are about."""

    @abstractmethod
    def _index(self) -> Any:
        """The lookups at that size."""

    def licenses(self, ref: str, *, stance: str = STANCE, actor: PathLike | None = None) -> LicenseReport:
        """The licence claims about something and all that it was made from, and what the rules find.

        Args:
            stance: strict, moderate or permissive: how the law is read where it is unsettled.
            actor: file with facts about who releases; what it leaves out is unknown.

        Raises:
            LedgerError: LG0901, LG0902 for the reference, LG0825 for the stance, LG0820 to LG0822 for the file.
        """
        from ledger._api.license_answers import read_actor_file, report

        return report(self._store, index := self._index(), index.size, ref, stance, read_actor_file(None if actor is None else Path(actor)))

    def check_licenses(self, ref: str, *, stance: str = STANCE, actor: PathLike | None = None) -> LicenseReport:
        """As `licenses`, for whoever is about to attest a release.

        Raises:
            LedgerError: LG0834 when there is a conflict that no review waives; `details` has the findings. LG1102 when it is no release.
        """
        from ledger._api.resolve import resolve_release

        found = self.licenses(resolve_release(self._index(), ref).id, stance=stance, actor=actor)
        if found.unresolved:
            rules = ", ".join(sorted({item.rule for item in found.unresolved}))
            what = f"{len(found.unresolved)} unresolved licence conflict{'s' if len(found.unresolved) > 1 else ''} of `{ref}`: {rules}"
            raise LedgerError("LG0834", what, details={"findings": [f"{item.rule}:{item.id}" for item in found.unresolved]})
        return found

    def notices(self, ref: str, out: PathLike, *, stance: str = STANCE, actor: PathLike | None = None) -> Folder:
        """Write the attribution and licence folder of something to `out`, which is new or empty.

        Raises:
            LedgerError: LG0837 when the folder has something in it, LG1103 when it cannot be written, and as `licenses`.
        """
        from ledger._api.license_answers import notices
        from ledger._api.outputs import write_folder

        found = notices(self._store, self.licenses(ref, stance=stance, actor=actor))
        write_folder(Path(out), found.files)
        return found

    def impact(
        self, ref: str, license: str | None = None, *, withdrawn: bool = False, stance: str = STANCE, actor: PathLike | None = None
    ) -> Impact:
        """What would change in which releases if something had another licence, or were withdrawn. Nothing is recorded.

        Raises:
            LedgerError: LG1201 unless it is exactly one of the two; LG0830 for what is no licence, and as `licenses`.
        """
        from ledger._api.impact import impact
        from ledger._api.license_answers import read_actor_file

        if (license is not None) is withdrawn:
            raise LedgerError("LG1201", "suppose one thing: another licence, or that it is withdrawn", hint="ledger impact --help")
        facts = read_actor_file(None if actor is None else Path(actor))
        return impact(self._store, index := self._index(), index.size, ref, license, stance, facts)


def license_facts(id: str) -> dict[str, Any] | None:
    """Every fact about one licence, with its sources; None when nothing at all is known of the id."""
    from dataclasses import asdict

    from ledger.licenses.facts import facts_of

    found = facts_of(id)
    return None if found is None else {"id": found.id, **_plain(asdict(found))}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
