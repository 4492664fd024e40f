"""Facts about releases, as values, for tests of documents."""

from __future__ import annotations

from typing import Any

from ledger.spec.evidence import ComponentFact, DatasetFact, Evidence, LicenseFact, ReleaseFacts

RELEASE = "sha256:" + 64 * "e"


def dataset(
    number: int, name: str = "", *, where: tuple[str, ...] = (), license: str | None = None, form: str = "tree", **data: Any
) -> DatasetFact:
    """A dataset that the release at entry 9 names, and whose manifest is entry `number`."""
    id = f"{form}:{number:064x}"
    fact = LicenseFact(license, license) if license else None
    proofs = (Evidence(id, 9, None, f"/predicate/components/{number}"), Evidence(id, number, None, "/predicate/data"))
    return DatasetFact(id, name or f"d{number}@1", "verified" if form != "ref" else "claimed", data, fact, where, None, True, proofs)


def release(*datasets: DatasetFact, upstream: tuple[tuple[str, Evidence], ...] = (), **about: Any) -> ReleaseFacts:
    """A release at entry 9 of a log."""
    components = tuple(ComponentFact("datasets", item.availability, item.name, item.artifact, item.license) for item in datasets)
    return ReleaseFacts(
        RELEASE,
        "reader",
        "1",
        components,
        datasets=datasets,
        upstream=upstream,
        about=about,
        said_at=Evidence(None, 9, None, "/predicate/about"),
        logged=True,
    )


FULL: dict[str, Any] = {
    "description": "Rows of figures.",
    "purpose": "Teaches the model to add.",
    "issuer": "Example Ltd.",
    "geography": ["US", "DE-BY", "US"],
    "published": "2025-07-01",
    "generation_methods": ["data-mining"],
    "stages": ["pre-training", "post-training"],
}
PROVIDER: dict[str, Any] = {"provider": {"name": "Example", "namespace": "https://example.org/"}}
# What strangers may call things.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "](javascript:alert(1)) [x](https://evil.example)",
    "| a | b |\n|---|---|\n# heading",
    "`code` *bold* _it_ ~~gone~~ &lt; &amp; ![i](x)",
    "\u202eright to left\u200b \x1b[31mred",
    "</textarea></title></style><style>*{display:none}",
    "{{ 7*7 }} ${x} %s",
    "日本語 😀 é",
)
