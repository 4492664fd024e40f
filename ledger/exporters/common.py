"""What the exporters of JSON documents share: one way of writing, claims word for word, media types, addresses of licences; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ledger import canon
from ledger.exporters.graph import Item, Link, Said
from ledger.licenses.catalogue import entry
from ledger.licenses.expression import parse_expression

IRI = "https://openness-ledger.dev/id/"
"""Our typed ids as addresses, for formats that know only those: `…/id/tree/0123…`. Nothing need answer there."""

_LONGEST = 4096
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# RFC 3986, without addresses in brackets: a scheme, and what may follow it.
_SEGMENT = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_HOST = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_ADDRESS = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*:(?://(?:(?:{_HOST}|:)*@)?{_HOST}*(?::[0-9]{{0,5}})?(?:/{_SEGMENT}*)*|/?{_SEGMENT}(?:{_SEGMENT}|/)*)"
    rf"(?:\?(?:{_SEGMENT}|[/?])*)?(?:#(?:{_SEGMENT}|[/?])*)?",
    re.ASCII,
)
_WEB = re.compile(r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:[/?#]|$)", re.ASCII)

MEDIA_TYPES: Mapping[str, str] = {
    "bin": "application/octet-stream",
    "csv": "text/csv",
    "gz": "application/gzip",
    "html": "text/html",
    "ipynb": "application/x-ipynb+json",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "jsonl": "application/jsonlines",
    "md": "text/markdown",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ndjson": "application/jsonlines",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "py": "text/x-python",
    "tar": "application/x-tar",
    "tsv": "text/tab-separated-values",
    "txt": "text/plain",
    "wav": "audio/wav",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "zip": "application/zip",
}
"""Ending → media type, as registered with IANA or, for JSON lines, in the words of Croissant. One table, because a system's own differs."""


def written(value: Any) -> bytes:
    """A JSON value as the bytes of a document: keys sorted, UTF-8, a line feed at the end."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def claim(said: Said) -> str:
    """A licence claim word for word, as the importers of our own documents read it."""
    return canon.canonical({"expression": said.expression, "normalized": said.normalized, "source": said.source}).decode("utf-8")


def media_type(path: str) -> str:
    """By the ending of a path; bytes of which no more is known are `application/octet-stream`."""
    name = path.rpartition("/")[2]
    return MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream") if "." in name else "application/octet-stream"


def single_license(expression: str) -> str | None:
    """The one id of the SPDX list that an expression is; None for a choice, several, a reference, or nothing."""
    found = parse_expression(expression)
    one = found.ids[0] if len(found.ids) == 1 and found.normalized == found.ids[0] else None
    return one if one is not None and entry(one) is not None else None


def license_address(id: str) -> str:
    """Where the SPDX list has a licence."""
    return f"https://spdx.org/licenses/{id}.html"


def iri(id: str) -> str:
    """A typed id as an address."""
    return IRI + id.replace(":", "/")


def address(text: str | None) -> str | None:
    """The text if it is an address as RFC 3986 has it, which every reader takes as one; an http address has a host besides."""
    if not text or len(text) > _LONGEST or not _ADDRESS.fullmatch(text):
        return None
    return text if _WEB.match(text) or not text.lower().startswith(("http:", "https:")) else None


def web_address(text: str | None) -> str | None:
    """The text if it is an http or https address."""
    return address(text) if text is not None and text.startswith(("http://", "https://")) else None


def place(item: Item) -> str | None:
    """Where an item is said to be had, when that is an http or https address."""
    return web_address(item.location)


def by_input(links: Iterable[Link]) -> dict[str, list[Link]]:
    """The links of one output, by what went in, in their order."""
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(link.input, []).append(link)
    return found


def distinct(values: Iterable[Any]) -> list[Any]:
    """JSON values in their order, each once."""
    return list({json.dumps(value, sort_keys=True): value for value in values}.values())


def day(text: str | None) -> str | None:
    """A whole day that there is, as `YYYY-MM-DD`; None for a month, a year, or a day that no calendar has."""
    from datetime import date

    if text is None or not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None
