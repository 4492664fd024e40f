"""What the JSON Schema of OASIS Data Provenance Metadata 1.0 (CSD02) asks of a document, restated by hand, and where the original is.

The facts (required members, enumerations, formats) were read in `prov-meta-1.0/json/data-provenance.json` of
https://github.com/oasis-tcs/dps at commit 09b5d66d5d520aa33e504dac90ed2587f9383ca4. The original is not part of this repository; a folder
that holds the repository's `json/` and `examples/` is named by OPENNESS_LEDGER_OASIS, and then documents are validated against it, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

# SHA-256 of the files as they were read.
ORIGINALS = {
    "json/data-provenance.json": "65ccfaf32c7d2055bcbea77e495b8039533b6c9adfc78a05c90e06ec6d0f7d2f",
    "json/data-provenance-configuration.json": "1779f5a99b3c1ee08198d987db57b466ff7ccbafe85f9abf979359a0ee088e02",
    "examples/dp-core-minimal.json": "542cbf7eaf213e73a794a0dda07f739b185e7acb101ca22da19016fb57ad45ec",
    "examples/dp-core-moderate.json": "b9e8931972818ec27bb36e4fb228d06b86de859aedbf1dc7c2193a9a640791d2",
    "examples/dp-core-complete.json": "d2dd24c6efae5a70fd1c01ce5e833bcab2f6cafd80d890e114f7eb9e255e402b",
}
ID = "https://docs.oasis-open.org/dps/prov-meta/v1.0/schema/data-provenance.json"
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "": ("$schema", "set", "source", "provenance", "use"),
    "set": ("category", "schema-version", "publisher", "label", "tracking"),
    "set/publisher": ("name", "namespace"),
    "set/tracking": ("current-release-date", "id", "initial-release-date", "revision-history", "status", "version"),
    "set/tracking/revision-history/*": ("date", "number", "summary"),
    "set/tracking/generator": ("engine",),
    "set/tracking/generator/engine": ("name",),
    "set/notes/*": ("category", "text"),
    "source": ("about", "id", "issuer", "location", "name", "data-version"),
    "source/about": ("content", "purpose"),
    "source/issuer/*": ("legal-name",),
    "source/id/hashes/*": ("tree-hashes", "path"),
    "source/id/hashes/*/tree-hashes/*": ("algorithm", "value"),
    "source/id/custom-ids/*": ("method", "value"),
    "provenance": ("origin-geography", "date", "generation-method"),
    "provenance/origin-geography/*": ("country",),
    "provenance/origin/*": ("legal-name",),
    "provenance/generation-method/*": ("code",),
    "use": ("intended-purpose",),
    "use/intended-purpose/*": ("code", "long-description"),
    "use/classification/*": ("regulation", "evaluated"),
    "use/classification/*/regulation": ("code",),
}
METHODS = (
    "data-augmentation data-mining feeds machine-generated-ml-ops other primary-user-source simulations social-media syndication "
    "transfer-learning user-generated-content web-scraping-crawling"
)
FORMATS = (
    "application/json application/jsonld application/msword application/vnd.ms-excel application/zip image/bmp image/gif image/jpeg "
    "image/png image/x-png other text/csv text/plain"
)
PURPOSES = "alignment evaluation other pre-training production quality-assurance research staging-testing synthetic-data-generation"
ENUMERATIONS: Mapping[str, str] = {
    "$schema": ID,
    "set/schema-version": "1.0",
    "set/tracking/status": "draft final interim",
    "set/notes/*/category": "description details faq general legal_disclaimer other summary",
    "provenance/generation-method/*/code": METHODS,
    "provenance/format/*": FORMATS,
    "use/intended-purpose/*/code": PURPOSES,
    "use/classification/*/regulation/code": "other pci pfi phi pi sci spi",
}
ABSOLUTE = [
    "set/publisher/namespace",
    "source/location",
    "source/id/uris/*",
    "source/issuer/*/url",
    "provenance/origin/*/url",
    "provenance/source",
]
MOMENTS = [
    "set/tracking/current-release-date",
    "set/tracking/initial-release-date",
    "set/tracking/revision-history/*/date",
    "provenance/generation-period/start",
    "provenance/generation-period/end",
]
DAYS = ("provenance/date", "provenance/previous-date")
VERSIONS = (
    "set/tracking/version",
    "set/tracking/revision-history/*/number",
    "source/data-version",
    "set/tracking/generator/engine/version",
)
DISTINCT = [
    "provenance/origin-geography",
    "source/issuer",
    "provenance/origin",
    "provenance/generation-method",
    "provenance/format",
    "use/intended-purpose",
    "use/classification",
    "use/consents",
    "use/license",
]
NOT_EMPTY = [
    "set/label",
    "set/category",
    "set/publisher/name",
    "set/publisher/contact-details",
    "set/tracking/id",
    "source/about/content",
    "source/about/purpose",
    "source/about/scope",
    "source/issuer/*/legal-name",
    "source/id/hashes/*/path",
    "set/notes/*/text",
    "set/notes/*/title",
]
WHOLE_OR_SEMANTIC = re.compile(r"(0|[1-9][0-9]*)|((0|[1-9]\d*)\.){2}(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", re.ASCII)


def faults(document: Any) -> list[str]:
    """What is wrong with a document, in the parts that a release's datasets fill."""
    found = []
    places = list(walk("", document))
    for place, value in places:
        found += [f"{place} lacks {name}" for name in REQUIRED.get(place, ()) if name not in value]
        if place in ENUMERATIONS and value not in ENUMERATIONS[place].split(" "):
            found.append(f"{place}: {value}")
        if place in ABSOLUTE and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*://[!-~]+", value) is None:
            found.append(f"{place}: {value}")
        if place in VERSIONS and WHOLE_OR_SEMANTIC.fullmatch(value) is None:
            found.append(f"{place}: {value}")
        if place in NOT_EMPTY and not value:
            found.append(f"{place} is empty")
        if isinstance(value, list) and not value:
            found.append(f"{place} is empty")
        if place in DISTINCT and any(one == other for n, one in enumerate(value) for other in value[:n]):
            found.append(f"{place} repeats itself")
        if place.endswith("tree-hashes/*/value") and re.fullmatch("[0-9a-fA-F]{32,}", value) is None:
            found.append(f"{place}: {value}")
        found += _times(place, value)
    return found


def _times(place: str, value: Any) -> list[str]:
    try:
        if place in MOMENTS:
            assert datetime.fromisoformat(value).tzinfo is not None
        if place in DAYS:
            assert len(value) == 10
            date.fromisoformat(value)
    except (ValueError, AssertionError):
        return [f"{place}: {value}"]
    return []


def walk(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value with its place; items of lists are `*`."""
    yield place, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from walk(f"{place}/{name}".removeprefix("/"), item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(f"{place}/*", item)
