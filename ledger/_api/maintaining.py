"""Looking for files, and looking after the ledger's own: `Ledger` has it."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from ledger.store.commit import Store

if TYPE_CHECKING:
    from ledger.store.compaction import Compacted

PathLike = str | os.PathLike[str]


class Maintenance(ABC):
    """Where files are recorded, merging segments, and figures of a ledger; none of it needs a key."""

    _store: Store

    @property
    @abstractmethod
    def size(self) -> int:
        """The size that answers are about."""

    @abstractmethod
    def _index(self) -> Any:
        """The lookups at that size."""

    def find(self, what: str | None = None, *, named: str | None = None, limit: int = 1000, progress: Any = None) -> dict[str, Any]:
        """Every artifact that holds a file.

        Args:
            what: `sha256:…` or `file:…` with 8 to 64 hex digits, such digits alone, or else the path of a file on disk, which is hashed.
            named: instead of it, a path inside trees, or a pattern of such paths.
            limit: at most so many places, oldest first.
            progress: called with what is done, how many rows, and of how many.

        Returns:
            `found`, one for each place; `more`, whether the limit left some out; `complete`, whether all that is recorded was searched,
            and if not, `unsearched` says why.

        Raises:
            LedgerError: LG0906 for what cannot be looked for; those of hashing for a file on disk.
        """
        from ledger._api import finding

        return finding.find(self._store, index := self._index(), index.size, what, named, limit, progress)

    def compact(self, *, dry_run: bool = False, progress: Any = None, lock_timeout_seconds: float = 120.0) -> Compacted:
        """Merge small table segments into larger ones and remove what was replaced before; then bring the digest index up to date.

        Raises:
            LedgerError: LG0909, LG0604 to LG0607, LG0609, LG0610, LG0618.
        """
        from ledger._api import finding

        return finding.compact(self._store, dry_run, progress, lock_timeout_seconds)

    def compaction_advice(self) -> str:
        """What compacting would do, when that is worth a word; else empty. Raises LedgerError LG0609, LG0610."""
        from ledger.store.compaction import advice

        return advice(self._store)

    def stats(self, *, progress: Any = None) -> dict[str, Any]:
        """Figures of the ledger as it stands: entries, tables, objects, log, and the indexes in its state folder."""
        from ledger.store.census import census

        return census(self._store, progress)
