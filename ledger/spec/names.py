"""Names, versions and references as people write them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.spec.vocabulary import ARTIFACT_KINDS

REF_KINDS = (*ARTIFACT_KINDS, "release")
_TYPED = re.compile(r"(file|tree|ref|sha256):([0-9a-f]{8,64})", re.ASCII)


def check_name(text: str, *, what: str = "name") -> str:
    """Return the text if it can name something. Raises LedgerError LG0306."""
    bad = (
        not text
        or len(text) > LIMITS.name_chars
        or text != text.strip()
        or "@" in text
        or any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in text)
        or (what == "name" and (":" in text or text.startswith("/") or text.endswith("/")))
    )
    if bad:
        raise LedgerError("LG0306", f"`{ascii(text)[1:-1]}` cannot be a {what}")
    return text


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed REF: either a typed id (or the start of one) or a name.

    Attributes:
        typed: `tree:1234abcd…` with at least 8 digits, or None.
        kind: as in `weights/name@version`, or None.
    """

    text: str
    typed: str | None = None
    kind: str | None = None
    name: str | None = None
    version: str | None = None


def parse_reference(text: str) -> Reference:
    """Read a REF (docs/reference/cli.md). Raises LedgerError LG0901 when it cannot be one."""
    if _TYPED.fullmatch(text):
        return Reference(text, typed=text)
    name, at, version = text.partition("@")
    if ":" in name:
        raise LedgerError(
            "LG0901",
            f"not a reference: `{text}`",
            hint="an id is `tree:`, `file:`, `ref:` or `sha256:` and at least 8 lower-case hex digits",
        )
    if not name or (at and not version):
        raise LedgerError("LG0901", f"not a reference: `{text}`", hint="write NAME, NAME@VERSION or KIND/NAME@VERSION")
    kind, slash, rest = name.partition("/")
    if slash and kind in REF_KINDS and rest:
        return Reference(text, kind=kind, name=rest, version=version or None)
    return Reference(text, name=name, version=version or None)


def display(name: str, version: str | None) -> str:
    """`name@version`, or `name` when there is no version."""
    return f"{name}@{version}" if version else name
