"""What profiles say of many releases, as things are and as they would be; statements are read once, and alike facts evaluated once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from ledger._api.attesting import identified_text
from ledger.attest.evidence import Licences, release_facts
from ledger.attest.supposed import concerns, declaring, licensed_as, withdrawn
from ledger.frameworks import load_profile, profile_ids
from ledger.frameworks.alike import Results
from ledger.spec.evidence import LicenseFact, ReleaseFacts
from ledger.spec.statement import Statement
from ledger.store.columns import Payloads, table
from ledger.store.index import Index
from ledger.store.reader import Reader


class Evidence(Mapping[int, Statement]):
    """The statements of a ledger by log index; of all of them only the reviews that count are listed.

    Facts look up what a release and its lineage name, and go through the reviews. A review of something that a release does not rest on
    changes none of its results.
    """

    def __init__(self, payloads: Payloads, reviews: tuple[int, ...], supposed: tuple[str, Mapping[str, str]] | None = None) -> None:
        """
        Args:
            supposed: an artifact's id and the licence that its manifests would declare.
        """
        self._payloads, self._reviews, self._supposed = payloads, reviews, supposed

    def __getitem__(self, index: int) -> Statement:
        found = self._payloads.statement(index)
        return found if self._supposed is None else declaring(found, *self._supposed)

    def __iter__(self) -> Iterator[int]:
        return iter(self._reviews)

    def __len__(self) -> int:
        return len(self._reviews)


class Texts(Mapping[str, Mapping[str, Any]]):
    """What licence texts are, identified when they are first asked for."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[str, Mapping[str, Any]] = {}

    def __getitem__(self, object: str) -> Mapping[str, Any]:
        if object not in self._known:
            self._known[object] = identified_text(self._reader, object)
        return self._known[object]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __bool__(self) -> bool:
        return True


def counting_reviews(reader: Reader, size: int) -> tuple[int, ...]:
    """The log indexes of the reviews by keys that were trusted for them, ascending."""
    found = reader.numbers_of("review", size)
    if not found:
        return ()
    rows = table(reader, "signatures", size, ("idx", "trusted"), ("idx", found)).to_pylist()
    return tuple(sorted({row["idx"] for row in rows if row["trusted"]}))


class Supposition:
    """Results of all profiles for releases, before and after something is supposed of one artifact.

    Args:
        id: the artifact.
        license: the licence to suppose, `expression` and `normalized`; None when it is supposed to be withdrawn.
    """

    def __init__(self, reader: Reader, index: Index, size: int, payloads: Payloads, id: str, license: Mapping[str, str] | None) -> None:
        reviews = counting_reviews(reader, size)
        self._id, self._license = id, license
        self._evidence = Evidence(payloads, reviews)
        self._texts = Texts(reader)
        self._results = Results(load_profile(name) for name in profile_ids())
        self._other = None if license is None else Evidence(payloads, reviews, (id, license))
        self._manifests = [row.idx for row in index.named_by(id)]

    def results(self, release_index: int) -> tuple[dict[str, str], dict[str, str]]:
        """Profile → result, before and after."""
        facts = release_facts(release_index, self._evidence, self._texts)
        before = self._results.of(facts)
        other = self._after(release_index, facts)
        return before, dict(before) if other is facts else self._results.of(other)

    def _after(self, release_index: int, facts: ReleaseFacts) -> ReleaseFacts:
        if not concerns(facts, self._id):
            return facts
        if self._other is None:
            return withdrawn(facts, self._id)
        if not self._manifests:
            # Of a reference nothing is declared.
            return facts
        if len(self._manifests) > 1:
            return release_facts(release_index, self._other, self._texts)
        return licensed_as(facts, self._id, self._claim)

    @cached_property
    def _claim(self) -> LicenseFact | None:
        """The licence that the artifact's only manifest would declare, or that a review concluded."""
        assert self._other is not None
        return Licences(self._other, self._texts).of_manifest(self._manifests[0])
