"""References to what is recorded: ids, the start of an id, names."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.spec.names import Reference, display, parse_reference
from ledger.store.index import Index


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
    reference = parse_reference(text)
    if reference.typed is not None:
        return _typed(index, reference.typed)
    return _named(index, reference)


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
    if not rows:
        known = sorted({display(row.name, row.version) for row in index.named(reference.name or "")})
        hint = f"known: {', '.join(known[:10])}" if known else "ledger log lists what is recorded"
        raise LedgerError("LG0901", f"nothing here is called `{reference.text}`", hint=hint)
    kinds = sorted({row.kind for row in rows})
    if len(kinds) > 1:
        newest = {row.kind: row for row in rows}
        raise _ambiguous(reference.text, [f"{kind}/{display(row.name, row.version)} {row.id}" for kind, row in sorted(newest.items())])
    row = rows[-1]
    # The first statement that gives this id this name: repeating a description must not move the edges that point to it.
    first = next(item for item in rows if item.id == row.id and item.version == row.version)
    return Found(row.id, row.kind, row.name, row.version, first.idx)


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
