"""The attribution and licence folder of a release: which texts travel with it, and who has to be named (`ledger notices`).

Values in, files out: the same values give the same bytes. What has to be there and is not in the ledger is listed, and never made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledger.spec.names import display

ATTRIBUTION, OBLIGATIONS, TEXTS = "ATTRIBUTION.md", "OBLIGATIONS.md", "licenses"
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Part:
    """One artifact that a release has in it, or that something in it was made from.

    Attributes:
        shipped: it is a component; else it was only used.
        expression: the licence that counts, or `NOASSERTION`.
        sources: where it came from.
        texts: its licence files, as (path, object id).
        owed: what has to be done for it, in words, each with the rule that says so.
    """

    id: str
    kind: str
    name: str
    version: str | None
    shipped: bool
    expression: str
    sources: tuple[str, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    owed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """The files by their paths below the folder, and what should be there and is not."""

    files: Mapping[str, bytes]
    missing: tuple[str, ...] = field(default=())


def folder(title: str, parts: Sequence[Part], texts: Mapping[str, bytes]) -> Folder:
    """The files of the folder.

    Args:
        title: what is released.
        parts: in any order.
        texts: licence texts by object id; a text that several parts have is written once.
    """
    ordered = sorted(parts, key=lambda part: (not part.shipped, part.name, part.version or "", part.id))
    names = _file_names(ordered, texts)
    files = {f"{TEXTS}/{names[id]}": texts[id] for id in names}
    files[ATTRIBUTION] = _attribution(title, ordered, names).encode("utf-8")
    files[OBLIGATIONS] = _obligations(title, ordered).encode("utf-8")
    missing = [f"{_called(part)}: no licence text was recorded" for part in ordered if part.shipped and not part.texts]
    missing += [
        f"{_called(part)}: `{path}` ({id[:15]}…) is not among the objects" for part in ordered for path, id in part.texts if id not in texts
    ]
    missing += [f"{_called(part)}: nobody says which licence it has" for part in ordered if part.expression == "NOASSERTION"]
    return Folder(dict(sorted(files.items())), tuple(missing))


def _called(part: Part) -> str:
    return display(part.name, part.version)


def _file_names(parts: Sequence[Part], texts: Mapping[str, bytes]) -> dict[str, str]:
    """Object id → a file name that says whose text it is; the digits keep two texts of one name apart."""
    names: dict[str, str] = {}
    for part in parts:
        for path, id in part.texts:
            if id in texts and id not in names:
                names[id] = f"{_safe(part.name)}-{_safe(path.rpartition('/')[2])}-{id.partition(':')[2][:12]}.txt"
    return names


def _safe(text: str) -> str:
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in text)
    return kept.strip("._-")[:_LONGEST] or "unnamed"


def _line(text: str) -> str:
    """A text in one line of Markdown, with nothing in it that Markdown or a terminal would act on."""
    plain = "".join(char if char.isprintable() else "�" for char in text)
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>|#!" else char for char in plain)


def _attribution(title: str, parts: Sequence[Part], names: Mapping[str, str]) -> str:
    lines = [f"# Attribution: {_line(title)}", ""]
    for shipped, heading in ((True, "In this release"), (False, "Used to make it, and not in it")):
        mine = [part for part in parts if part.shipped is shipped]
        if not mine:
            continue
        lines += [f"## {heading}", ""]
        for part in mine:
            lines.append(f"- **{_line(_called(part))}** ({_line(part.kind)}), licence: {_line(part.expression)}")
            lines.append(f"  - id: `{part.id}`")
            lines += [f"  - source: {_line(source)}" for source in part.sources]
            lines += [f"  - text: [{_line(path)}]({TEXTS}/{names[id]})" for path, id in part.texts if id in names]
        lines.append("")
    return "\n".join(lines)


def _obligations(title: str, parts: Sequence[Part]) -> str:
    lines = [f"# What the licences ask of {_line(title)}", "", "This is not legal advice.", ""]
    for part in parts:
        if part.owed:
            lines += [f"## {_line(_called(part))}: {_line(part.expression)}", ""]
            lines += [f"- {_line(words)} ({_line(rule)})" for rule, words in part.owed]
            lines.append("")
    if len(lines) == 4:
        lines += ["Nothing that the rules know of.", ""]
    return "\n".join(lines)
