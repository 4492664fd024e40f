"""Documents for the tests of the checker: the samples, and what becomes of them with one defect."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from refdata import refdata

from ledger.bom import Report, check_document

AT = "2026-11-20T12:00:00Z"
Change = Callable[[dict[str, Any]], None]


def sample(name: str) -> dict[str, Any]:
    """One of the made-up releases, parsed."""
    return json.loads(refdata("samples", name).read_bytes())


def cdx(version: str = "1.6") -> dict[str, Any]:
    return sample(f"ai-bom-{version}.cdx.json")


def spdx3() -> dict[str, Any]:
    return sample("ai-bom.spdx3.json")


def spdx2() -> dict[str, Any]:
    """The SPDX 2.3 sample with the one word that its schema spells otherwise, so that nothing is wrong with it."""
    document = sample("ai-bom.spdx.json")
    for package in document["packages"]:
        for item in package.get("externalRefs", ()):
            item["referenceCategory"] = item["referenceCategory"].replace("_", "-")
    return document


def changed(document: dict[str, Any], change: Change) -> dict[str, Any]:
    made = copy.deepcopy(document)
    change(made)
    assert made != document, "the defect is none"
    return made


def checked(document: Any, at: str | None = AT) -> Report:
    return check_document(json.dumps(document).encode(), what="a document", at=at)


def failing(report: Report) -> set[str]:
    """The rules that do not hold."""
    return {item.id for item in report.results if item.result == "does-not-hold"}


def unsure(report: Report) -> set[str]:
    return {item.id for item in report.results if item.result == "could-not-tell"}


def of_type(document: dict[str, Any], type_: str, number: int = 0) -> dict[str, Any]:
    """An element of an SPDX 3 document."""
    return [item for item in document["@graph"] if item["type"] == type_][number]


def relation(document: dict[str, Any], kind: str, number: int = 0) -> dict[str, Any]:
    """A relationship of an SPDX 3 document."""
    return [item for item in document["@graph"] if item.get("relationshipType") == kind][number]


def component(document: dict[str, Any], ref: str) -> dict[str, Any]:
    """A component of a CycloneDX document; `model` is the one that it is about."""
    about = document["metadata"]["component"]
    return about if about["bom-ref"] == ref else next(item for item in document["components"] if item["bom-ref"] == ref)


def unclaimed(document: dict[str, Any], *profiles: str) -> None:
    """Claim fewer profiles, so that a rule of a profile fails without R12."""
    for item in document["@graph"]:
        if "profileConformance" in item:
            item["profileConformance"] = [name for name in item["profileConformance"] if name not in profiles]
