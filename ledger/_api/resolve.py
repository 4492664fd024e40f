"""References to what is recorded: ids, the start of an id, names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ledger._api.corrections import short
from ledger.errors import LedgerError
from ledger.spec.names import Reference, display, parse_reference
from ledger.store.index import Index

_DIGITS = re.compile("[0-9a-f]{8,64}", re.ASCII)
# Comparing a mistyped name with more than this takes longer than looking it up.
_MOST_NAMES = 5_000


@dataclass(frozen=True, slots=True)
class Found:
    """What a reference leads to: an id and, unless it is a bare reference, the entry that names it."""

    id: str
    kind: str | None
    name: str
    version: str | None
    index: int | None

    @property
    def display(self) -> str:
        """For people: name, version and the start of the id."""
        return f"{display(self.name, self.version)} ({self.id[:17]}…)"


def resolve(index: Index, text: str) -> Found:
    """Find what a REF names.

    Raises:
        LedgerError: LG0901 unknown, LG0902 ambiguous (with the candidates).
    """
    if text.startswith("ref:") and not _DIGITS.fullmatch(text, 4):
        return _referenced(index, text, *_parted(text[4:]))
    reference = parse_reference(text)
    if reference.typed is not None:
        return _typed(index, reference.typed)
    return _named(index, reference)


def _parted(text: str) -> tuple[str, str | None]:
    name, _, version = text.partition("@")
    return name, version or None


def _referenced(index: Index, text: str, name: str, version: str | None) -> Found:
    """What nobody has the bytes of, by the name under which it was referred to."""
    rows = [row for row in index.references(name) if version in (None, row.version)]
    if not rows:
        known = sorted({display(row.name, row.version) for row in index.references(name)})
        raise LedgerError("LG0901", f"nothing here refers to `{text}`", hint=f"known: {', '.join(known[:10])}" if known else None)
    if len(rows) > 1:
        raise _ambiguous(text, [f"{row.id} {display(row.name, row.version)}" for row in rows])
    return Found(rows[0].id, None, rows[0].name, rows[0].version, None)


def _typed(index: Index, prefix: str) -> Found:
    rows = index.with_prefix(prefix)
    if not rows:
        raise LedgerError("LG0901", f"nothing here has an id that starts with `{prefix}`")
    if len(rows) > 1:
        listed = [f"{row.id} {display(row.name, row.version)}" for row in rows]
        raise _ambiguous(prefix, listed)
    row = rows[0]
    return Found(row.id, row.kind, row.name, row.version, row.first_idx)


def _named(index: Index, reference: Reference) -> Found:
    rows = [row for row in index.named(reference.name or "") if reference.kind in (None, row.kind)]
    if reference.version is not None:
        rows = [row for row in rows if row.version == reference.version]
    if not rows and reference.kind is None and index.references(reference.name or ""):
        return _referenced(index, reference.text, reference.name or "", reference.version)
    if not rows:
        raise LedgerError("LG0901", f"nothing here is called `{reference.text}`", hint=_suggestion(index, reference))
    kinds = sorted({row.kind for row in rows})
    if len(kinds) > 1:
        newest = {row.kind: row for row in rows}
        raise _ambiguous(reference.text, [f"{kind}/{display(row.name, row.version)} {row.id}" for kind, row in sorted(newest.items())])
    row = rows[-1]
    # The first statement that gives this id this name, or its last correction: a correction moves the edges that will point to it,
    # repeating a description does not.
    same = [item for item in rows if item.id == row.id and item.version == row.version]
    stands = next((item for item in reversed(same) if item.supersedes is not None), same[0])
    return Found(row.id, row.kind, row.name, row.version, stands.idx)


def _suggestion(index: Index, reference: Reference) -> str | None:
    """What may have been meant."""
    name = reference.name or ""
    known = sorted({display(row.name, row.version) for row in index.named(name)})
    if known:
        return f"known: {', '.join(known[:10])}"
    if _DIGITS.fullmatch(name):
        found = [row.id for row in index.with_digits(name)]
        return f"an id begins with its type, such as {short(found[0]) if found else f'tree:{name}'}"
    names = index.distinct_names(_MOST_NAMES)
    if names is None:
        return None
    from difflib import get_close_matches

    close = get_close_matches(name, names, 3)
    return f"did you mean {' or '.join(f'`{item}`' for item in close)}? ledger log lists what is recorded" if close else None


def _ambiguous(text: str, candidates: list[str]) -> LedgerError:
    hint = "give one of: " + "; ".join(candidates[:10])
    return LedgerError("LG0902", f"`{text}` fits {len(candidates)} things", hint=hint, details={"candidates": candidates})


def resolve_artifact(index: Index, text: str) -> Found:
    """As `resolve`, but a release does not count as an input or component; names shared with a release mean the artifact."""
    reference = parse_reference(text)
    if reference.typed is None and reference.kind is None:
        rows = [row for row in index.named(reference.name or "") if row.kind != "release"]
        kinds = {row.kind for row in rows if reference.version in (None, row.version)}
        if len(kinds) == 1:
            return _named(index, Reference(text, kind=kinds.pop(), name=reference.name, version=reference.version))
    found = resolve(index, text)
    if found.kind == "release":
        raise LedgerError("LG0901", f"`{text}` is a release, not an artifact")
    return found


def resolve_release(index: Index, text: str) -> Found:
    """As `resolve`, but only releases count. Raises LedgerError LG1102 when it is an artifact."""
    reference = parse_reference(text)
    if reference.typed is None and reference.kind is None:
        rows = [row for row in index.named(reference.name or "") if row.kind == "release"]
        if any(reference.version in (None, row.version) for row in rows):
            return _named(index, Reference(text, kind="release", name=reference.name, version=reference.version))
    found = resolve(index, text)
    if found.kind != "release":
        hint = "ledger release NAME --version V --component ROLE=REF"
        raise LedgerError("LG1102", f"`{text}` is a {found.kind or 'reference'}, not a release", hint=hint)
    return found
