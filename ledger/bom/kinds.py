"""Which format and version a document is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.bom.report import shown
from ledger.errors import LedgerError

CYCLONEDX: Final = "CycloneDX"
SPDX: Final = "SPDX"
CYCLONEDX_VERSIONS = ("1.4", "1.5", "1.6", "1.7")
SPDX2_VERSIONS = ("2.2", "2.3")
SPDX3_VERSIONS = ("3.0.1",)
SPDX3_CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"

_KNOWN = "CycloneDX 1.4 to 1.7, and SPDX 2.2, 2.3 and 3.0.1, each as JSON"


@dataclass(frozen=True, slots=True)
class Kind:
    """A format and its version."""

    format: str
    version: str


def kind_of(value: Any, what: str) -> Kind:
    """Say what a document is.

    Args:
        value: the parsed document.
        what: names it in messages.

    Raises:
        LedgerError: LG1703 when it is no bill of materials that is checked here, LG1704 when it is another version of one.
    """
    if not isinstance(value, dict):
        raise LedgerError("LG1703", f"{what} is {shown(value)}, and a bill of materials is an object")
    claims = [name for name in ("bomFormat", "spdxVersion", "@context") if name in value]
    if "bomFormat" in claims and "spdxVersion" in claims:
        raise LedgerError("LG1703", f"{what} says that it is CycloneDX and SPDX at once")
    if value.get("bomFormat") == CYCLONEDX:
        return _one_of(CYCLONEDX, value.get("specVersion"), CYCLONEDX_VERSIONS, what)
    if "spdxVersion" in claims:
        version = value["spdxVersion"]
        if not isinstance(version, str) or not version.startswith("SPDX-"):
            raise LedgerError("LG1703", f"{what} has {shown(version)} as its `spdxVersion`")
        return _one_of(SPDX, version.removeprefix("SPDX-"), SPDX2_VERSIONS, what)
    if "@context" in claims:
        return _json_ld(value["@context"], what)
    raise LedgerError("LG1703", f"{what} {_guess(value)}; known are {_KNOWN}")


def _one_of(format: str, version: Any, known: tuple[str, ...], what: str) -> Kind:
    if version not in known:
        raise LedgerError("LG1704", f"{what} is {format} {shown(version)}; known are {_KNOWN}")
    return Kind(format, version)


def _json_ld(context: Any, what: str) -> Kind:
    # A list of contexts is no SPDX 3 that the official schema takes, but it says well enough what it means to be.
    names = [item for item in (context if isinstance(context, list) else [context]) if isinstance(item, str)]
    if SPDX3_CONTEXT in names:
        return Kind(SPDX, "3.0.1")
    for name in names:
        if name.startswith(("https://spdx.org/rdf/", "https://spdx.github.io/spdx-spec/", "http://spdx.org/rdf/")):
            raise LedgerError("LG1704", f"{what} seems to be SPDX of another version, by its context {shown(name)}; known are {_KNOWN}")
    if isinstance(context, dict) and "mlcommons.org/croissant" in str(context.get("cr"))[:200]:
        raise LedgerError("LG1703", f"{what} seems to be Croissant, which describes a dataset; known are {_KNOWN}")
    raise LedgerError("LG1703", f"{what} seems to be JSON-LD, but not of SPDX 3; known are {_KNOWN}")


# A key that says what a document is instead.
_OTHERS: Mapping[str, str] = {
    "predicateType": "seems to be an in-toto statement",
    "payloadType": "seems to be a DSSE envelope: the document is what it carries",
    "dsseEnvelope": "seems to be a Sigstore bundle",
    "$schema": "seems to be a document of another schema",
    "spdxId": "seems to be a single element of SPDX 3, without its `@context`",
    "@graph": "seems to be JSON-LD without its `@context`",
    "SPDXID": "seems to be SPDX 2 without its `spdxVersion`",
    "artifacts": "seems to be the output of a scanner",
}


def _guess(value: dict[str, Any]) -> str:
    if "bomFormat" in value:
        return f"has {shown(value['bomFormat'])} as its `bomFormat`"
    if isinstance(value.get("sbom"), dict):
        return "seems to be wrapped in another object: the document is its `sbom`"
    return next((text for key, text in _OTHERS.items() if key in value), "does not say what it is")
