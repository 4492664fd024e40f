"""What an openness report says about a release, as blocks that `report_html` and `report_markdown` draw; pure.

It judges nothing: verdicts come in as they stand in an attestation. Beside what holds by evidence stands what would hold if every claim
were believed, because the difference between the two is what nobody can check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.exporters.documents import NOT_RECORDED, about, data, datasets_of, period
from ledger.spec import information
from ledger.spec.description import RECORDED, part
from ledger.spec.evidence import ReleaseFacts

WORDS = {"pass": "holds", "fail": "does not hold", "unknown": "could not be told", "not_applicable": "not applicable"}
_OSI = {True: "yes", False: "no", None: "not known"}


@dataclass(frozen=True, slots=True)
class ProfileText:
    """What a profile says of itself.

    Attributes:
        rules: rule id → what it asks.
        ladder: classes or tiers as (id, label), the lowest first; empty when the framework has none.
        labels: what the framework calls a result, by the result's word.
        definition: whether it is a definition of openness, and no document or index.
    """

    title: str
    url: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    ladder: tuple[tuple[str, str], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    definition: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report is made from.

    Attributes:
        verdicts: as `Verdict.to_json` gives them.
        licenses: per component, as in an attestation.
        lineage: how much of the lineage rests on bytes, as in an attestation.
        origin: name of the log.
        size: how many entries it had.
        recorded: when the release was logged, in RFC 3339.
    """

    facts: ReleaseFacts
    verdicts: Sequence[Mapping[str, Any]]
    profiles: Mapping[str, ProfileText]
    licenses: Sequence[Mapping[str, Any]]
    lineage: Mapping[str, Any]
    origin: str
    size: int
    recorded: str


# --- blocks --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 2 or 3, and the name under which it can be linked to."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Banner:
    """The one paragraph to read when only one is read."""

    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A result in a cell."""

    result: str

    @property
    def word(self) -> str:
        """In words."""
        return WORDS.get(self.result, self.result)


@dataclass(frozen=True, slots=True)
class Code:
    """An id or a pointer in a cell."""

    text: str


@dataclass(frozen=True, slots=True)
class Links:
    """Links within the page in a cell: (words, anchor) each; and words behind them."""

    items: tuple[tuple[str, str], ...]
    more: str = ""


Cell = str | Mark | Code | Links


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; the first cell of a row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names with values."""

    items: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """Classes or tiers, the lowest first, and which are reached; an id that is none of them is below the lowest."""

    title: str
    rungs: tuple[tuple[str, str], ...]
    evidence: str
    believed: str


Block = Heading | Text | Banner | Table | Pairs | Ladder


@dataclass(frozen=True, slots=True)
class Page:
    """The report: its title, what is said under it, and the blocks."""

    title: str
    lead: str
    blocks: tuple[Block, ...]


def page(report: Report) -> Page:
    """The report in blocks."""
    facts = report.facts
    verdicts = sorted(report.verdicts, key=lambda item: (not _defines(report, item), str(item["profile"])))
    anchors = _Anchors()
    blocks: list[Block] = [*_headline(report, verdicts), *_release(report)]
    for verdict in verdicts:
        blocks += _verdict(verdict, report.profiles.get(verdict["profile"], ProfileText(verdict["profile"])), anchors)
    blocks += [*_datasets(facts, anchors), *_licenses(report), *_lineage(report, anchors), *_evidence(anchors)]
    lead = (
        "“By evidence” counts only what is in the log with its bytes, or as a signed judgement. “If every claim is believed” also counts "
        "what is merely said. What nobody recorded is unknown, and never a yes."
    )
    return Page(f"Openness report: {facts.name} {facts.version}".rstrip(), lead, tuple(blocks))


class _Anchors:
    """The entries of the log that the page points to, and what it points to in them."""

    def __init__(self) -> None:
        self.seen: dict[int, set[tuple[str, str]]] = {}

    def links(self, evidence: Sequence[Mapping[str, Any]], most: int = 4) -> Cell:
        """Links for a cell, each entry once."""
        entries: dict[int, str] = {}
        others: list[str] = []
        for item in evidence:
            if item.get("index") is None:
                others.append(str(item.get("pointer") or item.get("artifact") or item.get("object") or ""))
                continue
            index = int(item["index"])
            self.seen.setdefault(index, set()).add((str(item.get("pointer", "")), str(item.get("artifact", ""))))
            entries.setdefault(index, str(item.get("pointer", "")))
        if not entries and not others:
            return "none"
        shown = tuple((f"entry {index} {pointer}".strip(), f"entry-{index}") for index, pointer in sorted(entries.items())[:most])
        rest = len(entries) - len(shown)
        return Links(shown, "; ".join([*others[:most], *([f"and {rest} more" if shown else ""] if rest > 0 else [])]))


def _headline(report: Report, verdicts: Sequence[Mapping[str, Any]]) -> list[Block]:
    rows = []
    for item in verdicts:
        text = report.profiles.get(item["profile"], ProfileText(item["profile"]))
        rows.append(
            (
                Links(((text.title, f"profile-{_name(item['profile'])}"),)),
                Mark(item["result"]),
                Mark(item["believed"]),
                _difference(item, text),
            )
        )
    found: list[Block] = [Heading(2, "Verdicts", "verdicts")]
    if not rows:
        return [*found, Text("No profile was asked.")]
    counted = [item for item in verdicts if _defines(report, item)] or verdicts
    caption = "What each profile says of this release; definitions of openness come first"
    head = ("Profile", "By evidence", "If every claim is believed", "The difference")
    return [
        *found,
        Banner(_banner(counted)),
        Table(caption, head, tuple(rows)),
    ]


def _defines(report: Report, verdict: Mapping[str, Any]) -> bool:
    text = report.profiles.get(verdict["profile"])
    return text is None or text.definition


def _banner(verdicts: Sequence[Mapping[str, Any]]) -> str:
    count = len(verdicts)
    held, believed = (sum(item[name] == "pass" for item in verdicts) for name in ("result", "believed"))
    claims = sum(
        item["result"] != item["believed"] or (_classes(item) or ("",) * 2)[0] != (_classes(item) or ("",) * 2)[1] for item in verdicts
    )
    text = f"By evidence, {held} of {count} definition{'' if count == 1 else 's'} of openness hold{'s' if count == 1 else ''}; "
    text += f"if every claim is believed, {believed}. "
    return text + (
        f"The difference, in {claims} of them, rests on claims that nobody can check." if claims else "No answer rests on claims."
    )


def _classes(verdict: Mapping[str, Any]) -> tuple[str, str] | None:
    """The class by evidence, and the class if every claim is believed."""
    said = verdict.get("class")
    if said is None:
        return None
    return str(said.get("by_evidence", said["id"])), str(said.get("believed", said["id"]))


def _label(id: str, text: ProfileText, verdict: Mapping[str, Any]) -> str:
    known = {**text.labels, **dict(text.ladder)}
    said = verdict.get("class", {})
    return known.get(id) or (said.get("label") if said.get("id") == id else None) or ("no class" if id in ("", "0", "none") else id)


def _difference(verdict: Mapping[str, Any], text: ProfileText) -> str:
    parts = []
    if (both := _classes(verdict)) is not None:
        one, other = (_label(id, text, verdict) for id in both)
        parts.append(f"{one} either way" if one == other else f"{one} by evidence, {other} if believed")
    one, other = str(verdict["result"]), str(verdict["believed"])
    if one == other:
        parts.append("none" if not parts else "")
    elif other == "pass":
        parts.append("it rests on claims that nobody can check")
    else:
        parts.append(f"{WORDS.get(one, one)} becomes {WORDS.get(other, other)}")
    return "; ".join(item for item in parts if item)


def _release(report: Report) -> list[Block]:
    facts = report.facts
    said = [
        ("Id", Code(facts.id)),
        ("Description", about(facts, "description") or NOT_RECORDED),
        ("Provider", about(facts, "provider/name") or NOT_RECORDED),
        ("Released", about(facts, "released") or NOT_RECORDED),
        ("Free of charge", about(facts, "free_of_charge") or NOT_RECORDED),
        ("Recorded", f"entry {facts.said_at.index} of the log {report.origin}, {report.recorded}" if facts.said_at else NOT_RECORDED),
        ("As of", f"the first {report.size} entries of the log"),
    ]
    return [Heading(2, "The release", "release"), Pairs(tuple(said))]


def _verdict(verdict: Mapping[str, Any], text: ProfileText, anchors: _Anchors) -> list[Block]:
    name = str(verdict["profile"])
    figures = ", ".join(f"{_plain(key)}: {value:.4g}" for key, value in sorted(verdict.get("figures", {}).items()))
    blocks: list[Block] = [
        Heading(2, text.title, f"profile-{_name(name)}"),
        Pairs(
            (
                ("Profile", Code(name)),
                ("Document", Code(str(verdict["digest"]))),
                ("Source", text.url or NOT_RECORDED),
                ("By evidence", Mark(verdict["result"])),
                ("If every claim is believed", Mark(verdict["believed"])),
                *((("Figures", figures),) if figures else ()),
            )
        ),
    ]
    both = _classes(verdict)
    if both is not None and text.ladder:
        blocks.append(Ladder(f"Classes of {text.title}", text.ladder, *both))
    rows = tuple(
        (
            _asked(str(rule["rule"]), text),
            Mark(rule["result"]),
            _why(rule),
            rule.get("would_change") or "",
            anchors.links(rule.get("evidence", ())),
        )
        for rule in verdict["rules"]
    )
    if rows:
        blocks.append(Table(f"Rules of {text.title}", ("Rule", "Result", "Why", "What would change it", "Evidence"), rows))
    policy = tuple((_plain(key), _choice(value)) for key, value in sorted(verdict.get("policy", {}).items()))
    if policy:
        blocks += [
            Heading(3, "Choices that the profile makes where the definition leaves them open", f"policy-{_name(name)}"),
            Pairs(policy),
        ]
    return blocks


def _asked(rule: str, text: ProfileText) -> str:
    """What a rule asks: its text, or for the rule of a class or tier that one's label, or its id."""
    label = dict(text.ladder).get(rule.partition("-")[2])
    return text.rules.get(rule) or (f"{label}: all that it asks for" if label else rule)


def _choice(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _plain(key: str) -> str:
    return key.replace("_", " ")


def _why(rule: Mapping[str, Any]) -> str:
    detail, reason = str(rule.get("detail") or ""), str(rule["reason"])
    return f"{detail} ({reason})" if detail else reason


def _datasets(facts: ReleaseFacts, anchors: _Anchors) -> list[Block]:
    blocks: list[Block] = [Heading(2, "Training data", "datasets")]
    datasets = datasets_of(facts)
    if not datasets:
        return [*blocks, Text("No dataset is recorded for this release. That says nothing about what it was trained on.")]
    rows = []
    for item in datasets:
        lines = part(information.DATA, item.name, item.artifact, item.data).lines
        fields = (sum(one.state == RECORDED for one in lines), len(lines))
        rows.append(
            (
                item.name or NOT_RECORDED,
                Code(_short(item.artifact)),
                item.availability,
                data(item, "class") or NOT_RECORDED,
                data(item, "origin") or NOT_RECORDED,
                item.license.normalized if item.license else NOT_RECORDED,
                item.where[0] if item.where else NOT_RECORDED,
                period(item) or NOT_RECORDED,
                f"{fields[0]} of {fields[1]}",
                anchors.links([proof.to_json() for proof in item.evidence]),
            )
        )
    head = ("Dataset", "Id", "Availability", "Class", "Origin", "Licence", "Where", "Acquired", "Fields said", "Evidence")
    return [
        *blocks,
        Table(f"{len(rows)} dataset{'' if len(rows) == 1 else 's'} of this release and of the lineage of its weights", head, tuple(rows)),
    ]


def _licenses(report: Report) -> list[Block]:
    rungs = {(item.role, item.artifact): item.availability for item in report.facts.components}
    rows = sorted(
        (
            str(item["role"]),
            str(item["name"]) or NOT_RECORDED,
            rungs.get((item["role"], item["artifact"]), NOT_RECORDED),
            str(item["expression"] or NOT_RECORDED),
            str(item["normalized"]) if item["expression"] else NOT_RECORDED,
            str(item["basis"] or NOT_RECORDED),
            _OSI[item["osi_approved"]],
        )
        for item in report.licenses
    )
    head = ("Role", "Component", "Availability", "Licence as given", "In SPDX", "Who says so", "OSI-approved")
    table: list[Block] = (
        [Table("Components of the release and their licences", head, tuple(rows))] if rows else [Text("No component is recorded.")]
    )
    return [Heading(2, "Components and licences", "licenses"), *table]


def _lineage(report: Report, anchors: _Anchors) -> list[Block]:
    said, facts = report.lineage, report.facts
    unverified = [
        str(item.get("name") or item["id"]) + (f"@{item['version']}" if item.get("version") else "") for item in said["unverified"]
    ]
    complete = "every input that is named has been recorded with its bytes" if said["complete"] else "some inputs are only named"
    pairs: list[tuple[str, Cell]] = [
        ("Inputs named", str(said["edges"])),
        ("Completeness", complete),
        ("Named without bytes", ", ".join(sorted(unverified)) or "none"),
        ("Digests from a cache", ", ".join(_short(id) for id in said["cached"]) or "none"),
    ]
    behind = sorted(facts.upstream, key=lambda item: (item[0], item[1].artifact or ""))
    rows = tuple((name or NOT_RECORDED, anchors.links([proof.to_json()])) for name, proof in behind)
    blocks: list[Block] = [Heading(2, "Lineage", "lineage"), Pairs(tuple(pairs))]
    if rows:
        blocks.append(Table("Models behind this one of which nobody recorded the training data", ("Model", "Evidence"), rows))
    return blocks


def _evidence(anchors: _Anchors) -> list[Block]:
    blocks: list[Block] = [Heading(2, "Evidence", "evidence")]
    if not anchors.seen:
        return [*blocks, Text("No entry of the log is referred to.")]
    blocks.append(
        Text("Entries of the log that this page refers to. `ledger log --since N --limit 1` shows one; an attestation bundle proves them.")
    )
    for index in sorted(anchors.seen):
        blocks.append(Heading(3, f"Entry {index}", f"entry-{index}"))
        pairs = tuple(
            (pointer or "whole statement", Code(artifact) if artifact else "") for pointer, artifact in sorted(anchors.seen[index])
        )
        blocks.append(Pairs(pairs))
    return blocks


def _short(id: str) -> str:
    form, _, digits = id.partition(":")
    return f"{form}:{digits[:12]}…" if len(digits) > 16 else id


def _name(profile: str) -> str:
    """A profile's id as part of an anchor."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "-" for char in profile)
