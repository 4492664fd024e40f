"""Package URLs, read strictly: the grammar of ECMA-427, without the habits of single package types.

    scheme:type/namespace/name@version?qualifiers#subpath

Read from the right to the left, as the specification's "how to parse" section says. Whatever a reader would have to repair is refused:
blanks, bad percent encoding, empty parts, a qualifier twice. What has two spellings (an upper-case type, slashes after `pkg:`) is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

_MAX_CHARS = 4096
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9.-]*", re.ASCII)
_KEY = re.compile(r"[a-z][a-z0-9._-]*", re.ASCII)
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)
# No control characters, blanks, or what RFC 3986 has in no place; letters outside ASCII must be percent-encoded.
_ALLOWED = re.compile(r"[A-Za-z0-9%:/@?#!$&'()*+,;=._~\[\]-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Purl:
    """A package URL's parts, decoded; the type in lower case."""

    type: str
    name: str
    namespace: tuple[str, ...] = ()
    version: str | None = None
    qualifiers: Mapping[str, str] = field(default_factory=dict)
    subpath: tuple[str, ...] = ()


class PurlError(ValueError):
    """Why a text is no package URL."""


def parse_purl(text: str) -> Purl:
    """Read a package URL. Raises PurlError with the reason, which repeats nothing of the text."""
    if len(text) > _MAX_CHARS:
        raise PurlError(f"longer than {_MAX_CHARS} characters")
    if not text.startswith("pkg:"):
        raise PurlError("does not start with `pkg:`")
    if not _ALLOWED.fullmatch(text):
        raise PurlError("has a character that must be percent-encoded")
    if _ESCAPE.search(text):
        raise PurlError("a `%` is not followed by two hex digits")
    rest, hash_mark, subpath = text[4:].partition("#")
    rest, question, qualifiers = rest.rpartition("?") if "?" in rest else (rest, "", "")
    if "?" in rest:
        raise PurlError("has two `?`")
    type_, slash, path = rest.lstrip("/").partition("/")
    if not _TYPE.fullmatch(type_):
        raise PurlError("its type is not a letter followed by letters, digits, dots and dashes")
    if not slash:
        raise PurlError("has no name")
    path, version = _version(path.strip("/"))
    *namespace, name = path.split("/")
    if not name:
        raise PurlError("has no name")
    return Purl(
        type_.lower(),
        _decoded(name, "name"),
        tuple(_segment(item, "namespace") for item in namespace),
        version,
        _qualifiers(qualifiers) if question else {},
        _subpath(subpath) if hash_mark else (),
    )


def _version(path: str) -> tuple[str, str | None]:
    # An `@` at the start of a segment belongs to a scope (`@angular`) only when it is encoded; the last one divides.
    name, at, version = path.rpartition("@")
    if not at:
        return path, None
    if not version or "/" in version:
        raise PurlError("its version is empty" if not version else "an `@` in the namespace or name must be percent-encoded")
    if "@" in name:
        raise PurlError("has two `@`")
    return name, _decoded(version, "version")


def _qualifiers(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in text.split("&"):
        key, equals, value = pair.partition("=")
        if not _KEY.fullmatch(key):
            raise PurlError("a qualifier's key is not lower-case letters, digits, dots, dashes and underscores")
        if not equals or not value:
            raise PurlError("a qualifier has no value")
        if key in found:
            raise PurlError("a qualifier stands twice")
        found[key] = _decoded(value, "qualifier")
    return found


def _subpath(text: str) -> tuple[str, ...]:
    segments = tuple(_segment(item, "subpath") for item in text.strip("/").split("/"))
    if any(item in (".", "..") for item in segments):
        raise PurlError("its subpath has `.` or `..`")
    return segments


def _segment(text: str, what: str) -> str:
    if not text:
        raise PurlError(f"its {what} has an empty segment")
    found = _decoded(text, what)
    if "/" in found:
        raise PurlError(f"a segment of its {what} has an encoded `/`")
    return found


def _decoded(text: str, what: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise PurlError(f"its {what} is not UTF-8 where it is percent-encoded") from None
