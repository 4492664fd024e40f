"""What importers of documents share: the one file, digests by their names, and claims that our exporters wrote word for word; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ledger import canon
from ledger.errors import LedgerError
from ledger.importers.imported import ALGORITHMS, Edge, License, Options, Unresolved, license_said
from ledger.importers.sources import BAD, At, Files, parse_json, shown, whole
from ledger.spec.vocabulary import NOASSERTION, RELATIONS

DOCUMENT_BYTES = 256 << 20
PROPERTY = "openness-ledger:"
_HEX = re.compile(r"[0-9A-Fa-f]+")
_ID = re.compile(r"(?:tree|file|ref):[0-9a-f]{64}")


def only_file(files: Files, how: Options) -> str:
    """The path of the one file that was given. Raises LedgerError LG1502 for a folder."""
    paths = files.paths()
    if len(paths) != 1 or paths[0] != how.given:
        raise LedgerError("LG1502", f"`{shown(how.given)}` is a folder, and a document is one file")
    return paths[0]


def read_document(files: Files, path: str) -> Any:
    """A JSON document of at most 256 MiB. Raises LedgerError LG1501, LG0103."""
    return parse_json(whole(files, path, DOCUMENT_BYTES), path, DOCUMENT_BYTES)


def digest_of(algorithm: object, value: object) -> tuple[str, str] | None:
    """A digest as (algorithm of ours, hex in lower case); None when the name is unknown or the length is not that of the algorithm."""
    if not isinstance(algorithm, str) or not isinstance(value, str):
        return None
    name = algorithm.lower().replace("-", "").replace("_", "")
    if name not in ALGORITHMS or len(value) != ALGORITHMS[name] or _HEX.fullmatch(value) is None:
        return None
    return name, value.lower()


def own_id(text: object) -> str | None:
    """A typed artifact id, when the text is one."""
    return text if isinstance(text, str) and _ID.fullmatch(text) else None


def own_license(text: str, at: At) -> License | None:
    """A licence claim that one of our exporters wrote word for word; None when it is not of that form.

    The normal form that stands there counts only if the words are that licence, in one of the vocabularies that importers read: whoever
    wrote the document could have put any other beside them.
    """
    said = _object(text)
    if not isinstance(said, Mapping) or not all(isinstance(said.get(name), str) for name in ("expression", "normalized")):
        return None
    readings = [license_said(said["expression"], at), license_said(said["expression"], at, "hf")]
    for found in readings:
        if found.normalized == said["normalized"]:
            return found
    if said["normalized"] == NOASSERTION:
        return License(said["expression"], NOASSERTION, at, "whoever recorded it could not tell")
    return License(
        said["expression"], NOASSERTION, at, f"the words do not name {shown(said['normalized'])}, which the document says that they do"
    )


def own_relation(text: str, output: str, at: At) -> Edge | None:
    """A lineage relation that one of our exporters wrote word for word; the input is the typed id."""
    said = _object(text)
    if not isinstance(said, Mapping) or said.get("relation") not in RELATIONS or not isinstance(said.get("input"), str):
        return None
    return Edge(output, said["relation"], said["input"], at)


def _object(text: str) -> Any:
    try:
        return canon.loads(text.encode("utf-8", "replace"))
    except LedgerError:
        return None


def mappings(value: Any, at: At, lost: list[Unresolved]) -> Iterator[tuple[Mapping[str, Any], At]]:
    """The members of a list that are mappings, each with its place; whatever else stands there is reported."""
    if value is None:
        return
    if not isinstance(value, Sequence) or isinstance(value, str):
        lost.append(Unresolved(str(value)[:200], "a list should stand here", at))
        return
    for number, item in enumerate(value):
        if isinstance(item, Mapping):
            yield item, at.under(number)
        else:
            lost.append(Unresolved(str(item)[:200], "an object should stand here", at.under(number)))


def text_of(value: Any) -> str | None:
    """A text that is not empty; None for anything else."""
    return value if isinstance(value, str) and value.strip() else None


def malformed(path: str, why: str) -> LedgerError:
    """The error of a document that is not what it says to be."""
    return LedgerError(BAD, f"`{shown(path)}` {why}")
