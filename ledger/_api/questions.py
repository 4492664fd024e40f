"""The questions that an open ledger answers; `Ledger` has them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger._api.asking import Asking
from ledger._api.describing import Describing
from ledger._api.disagreeing import DisagreementQuestions
from ledger._api.documents import Documents
from ledger._api.evaluating import Evaluations
from ledger._api.license_questions import LicenseQuestions
from ledger._api.resolve import Found, resolve
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger._api.lineages import LineageResult
    from ledger._api.results import Difference
    from ledger._api.standalone import LedgerReport, QueryLimits, QueryResult

PathLike = str | os.PathLike[str]


class Questions(Asking, LicenseQuestions, Evaluations, Describing, DisagreementQuestions, Documents):
    """What `Ledger` answers about what is recorded, how it came to be, and whether it holds."""

    _at: int | None

    def resolve(self, ref: str) -> Found:
        """What a REF leads to. Raises LedgerError LG0901, LG0902."""
        return resolve(self._index(), ref)

    def show(self, ref: str) -> dict[str, Any]:
        """Everything recorded about one artifact, reference or release."""
        from ledger._api import reading

        return reading.show(self._store, self._index(), ref)

    def entries(self, since: int = 0, limit: int = 100) -> list[dict[str, Any]]:
        """The log's entries, oldest first."""
        from ledger._api import reading

        return reading.entries(self._store, index := self._index(), index.size, since, limit)

    def lineage(self, ref: str, direction: str = "up", depth: int | None = None) -> LineageResult:
        """What something was made from (`up`), or what was made from it (`down`)."""
        from ledger._api import lineages

        return lineages.lineage(self._store, index := self._index(), index.size, ref, direction, depth)

    def lineage_picture(
        self,
        ref: str,
        direction: str = "up",
        depth: int | None = None,
        *,
        format: str = "svg",
        mark: str | None = None,
        verdict: str | None = None,
        all: bool = False,
        out: PathLike | None = None,
    ) -> str:
        """The lineage as an `svg` file, an `html` page, `mermaid` or `dot`, written to `out` if given.

        Args:
            mark: a REF; the shortest paths to it are drawn bold.
            verdict: a profile, for the lineage `up` of a release; the shortest paths to what decides its verdict are drawn bold.
            all: fold nothing, also beyond 200 nodes.

        Raises:
            LedgerError: LG0901, LG0902, LG0904 for the references, LG1001, LG1002, LG1102 for a verdict, LG1201 for the depth,
                LG1103 when it cannot be written.
        """
        from ledger._api import picturing

        if verdict is not None and direction != "up":
            raise LedgerError("LG1201", "a verdict is decided by what a release was made from: draw it upwards")
        said = None if verdict is None else self.evaluate(ref, [verdict])["verdicts"][0]
        drawn = partial(picturing.drawn, self._store, index := self._index(), index.size, ref, direction, depth)
        text = drawn(format=format, mark=mark, verdict=said, all=all)
        if out is not None:
            picturing.write(Path(out), text)
        return text

    def why(self, one: str, other: str, *, all: bool = False) -> dict[str, Any]:
        """The relation paths between two things, shortest first."""
        from ledger._api import lineages

        return lineages.why(self._store, index := self._index(), index.size, one, other, all)

    def common(self, refs: Sequence[str], direction: str = "up") -> dict[str, Any]:
        """What several things were all made from (`up`), or what was made from all of them (`down`)."""
        from ledger._api import lineages

        return lineages.common(self._store, index := self._index(), index.size, refs, direction)

    def query(self, sql: str, limits: QueryLimits | None = None) -> QueryResult:
        """Run one SELECT over the documented views."""
        from ledger._api import reading

        return reading.sql(self._store, self._at, sql, limits)

    def write_proof(self, index: int, out: PathLike) -> int:
        """Write the C2SP tlog-proof of an entry; returns the size that it leads to."""
        from ledger._api.proofs import write_proof

        return write_proof(self._store, index, out)

    def keys(self) -> list[dict[str, Any]]:
        """Who may sign what, as the log has it."""
        from ledger._api import reading

        return reading.keys(self._index())

    def verify(self, *, deep: bool = False, tsa_roots: Sequence[PathLike] = ()) -> LedgerReport:
        """Verify the whole ledger in numbered checks; `tsa_roots`: PEM files with roots of time-stamping authorities."""
        from ledger._api.standalone import verify_folder

        return verify_folder(self._store.layout.root, deep=deep, tsa_roots=tsa_roots)

    def verify_artifact(self, ref: str, path: PathLike, *, symlinks: str = "refuse", progress: Any = None) -> Difference:
        """Bytes on disk against a recorded artifact; every byte is read."""
        from ledger._api import reading

        return reading.compare(self._store, self._index(), ref, Path(path), symlinks, progress)
