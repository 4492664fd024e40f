"""SPDX documents: 3.0.1 in JSON-LD, 2.2 and 2.3 in JSON or YAML; which of them it is decides who reads it; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.importers import spdx2, spdx3
from ledger.importers.documents import malformed, only_file, read_document
from ledger.importers.imported import Imported, Options
from ledger.importers.sources import Files, parse_yaml, shown, whole
from ledger.limits import LIMITS

_NOT_READ = {b"SPDXVersion:": "tag-value", b"<?xml": "XML", b"<rdf:RDF": "RDF"}


def read(files: Files, how: Options) -> Imported:
    """What an SPDX document claims.

    Raises:
        LedgerError: LG1501 when it is no SPDX document of these versions and forms, LG1502, LG0103.
    """
    path = only_file(files, how)
    said = _value(files, path)
    if not isinstance(said, Mapping):
        raise malformed(path, "is no SPDX document: it is no object")
    if "@graph" in said or "@context" in said:
        return spdx3.read(path, said)
    version = said.get("spdxVersion")
    if version in spdx2.VERSIONS:
        return spdx2.read(path, said)
    if isinstance(version, str):
        raise malformed(path, f"is `{shown(version)}`, and {', '.join(spdx2.VERSIONS)} and 3.0.1 are read")
    raise malformed(path, "is no SPDX document: it has neither `spdxVersion` nor `@graph`")


def _value(files: Files, path: str) -> Any:
    start = files.head(path, 4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    for sign, form in _NOT_READ.items():
        if start.startswith(sign):
            raise malformed(path, f"is SPDX in the {form} form, which is not read: convert it to JSON")
    if start.startswith(b"{"):
        return read_document(files, path)
    return parse_yaml(whole(files, path, LIMITS.pipeline_bytes), path)
