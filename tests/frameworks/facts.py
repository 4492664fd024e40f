"""Facts about made-up releases, for tests of profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.frameworks.engine import evaluate
from ledger.frameworks.profiles import load_profile
from ledger.spec.evidence import ComponentFact, DatasetFact, Evidence, LicenseFact, ReleaseFacts, ReviewFact, RuleResult, Verdict

RELEASE = "sha256:" + "0" * 64
DESCRIBED = {
    name: f"some {name}"
    for name in ("provenance", "scope", "characteristics", "collection", "selection", "labelling", "processing", "filtering")
}
CODE = ("training-code", "inference-code", "architecture")


def said(license_id: str | None) -> LicenseFact | None:
    return None if license_id is None else LicenseFact(license_id, license_id, evidence=(Evidence(index=3, pointer="/predicate/licenses"),))


def component(role: str, license_id: str | None = "Apache-2.0", availability: str = "verified") -> ComponentFact:
    return ComponentFact(role, availability, f"a-{role}", f"tree:{role}", said(license_id), evidence=(Evidence(f"tree:{role}", 2),))


def dataset(
    name: str = "figures",
    license_id: str | None = "CC-BY-4.0",
    availability: str = "verified",
    *,
    impossible: bool = False,
    where: tuple[str, ...] = (),
    **data: Any,
) -> DatasetFact:
    id, proof = f"tree:{name}", Evidence(f"tree:{name}", 1)
    return DatasetFact(id, name, availability, data, said(license_id), where, proof if impossible else None, True, (proof,))


def release(
    components: Iterable[ComponentFact] = (),
    datasets: Iterable[DatasetFact] = (),
    about: Mapping[str, Any] | None = None,
    reviews: Iterable[str] = (),
    upstream: Iterable[str] = (),
) -> ReleaseFacts:
    return ReleaseFacts(
        RELEASE,
        "m",
        "1",
        tuple(components),
        datasets=tuple(datasets),
        upstream=tuple((name, Evidence(index=4)) for name in upstream),
        about=about or {},
        said_at=Evidence(index=5, pointer="/predicate/about"),
        reviews=tuple(ReviewFact(word, (RELEASE,), Evidence(index=6)) for word in reviews),
        logged=True,
    )


def judge(profile: str, facts: ReleaseFacts) -> Verdict:
    return evaluate(load_profile(profile), facts)


def rule(verdict: Verdict, name: str) -> RuleResult:
    return next(item for item in verdict.rules if item.rule == name)
