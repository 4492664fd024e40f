"""California's training data documentation (AB 2013, Civil Code 3111): twelve items a dataset, and all datasets together; pure.

In force since 2026-01-01. The items are in words of our own. What nobody recorded is `not recorded`; nothing is concluded from silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.exporters.documents import (
    NO,
    NOT_RECORDED,
    YES,
    Proofs,
    about,
    as_json,
    at_about,
    data,
    datasets_of,
    evidence_json,
    line,
    number,
    period,
    proof_text,
    span,
    table,
)
from ledger.spec.evidence import DatasetFact, ReleaseFacts

SCHEMA = "openness-ledger/ab2013/v1"
LAW = "California AB 2013, Civil Code 3110-3111, in force since 2026-01-01"
# More different answers than this are not repeated in the sum.
_MOST = 10
_GENERATED = frozenset({"data-augmentation", "machine-generated-ml-ops"})


def _owner(item: DatasetFact) -> str | None:
    said = [text for text in (data(item, "owner"), data(item, "provenance")) if text]
    return "; ".join([*said, *item.where[:1]]) or None


def _points(item: DatasetFact) -> str | None:
    size = data(item, "size")
    said = data(item, "data_points") or (f"{number(size['value'])} {size['unit']}" if size else None)
    return str(said) if said else None


def _protection(item: DatasetFact) -> str | None:
    words = {YES: "entirely in the public domain", NO: "not entirely in the public domain"}
    parts = [part for part in (words.get(data(item, "public_domain") or ""), data(item, "intellectual_property")) if part]
    # A licence alone does not say what protects the data.
    licence = [f"licence: {item.license.expression}"] if parts and item.license else []
    return "; ".join([*parts, *licence]) or None


def _processing(item: DatasetFact) -> str | None:
    parts = [f"{name}: {text}" for name in ("processing", "filtering") if (text := data(item, name))]
    return "; ".join(parts) or None


def _synthetic(item: DatasetFact) -> str | None:
    generated = data(item, "origin") == "synthetic" or data(item, "generators") or _GENERATED & set(data(item, "generation_methods") or ())
    # That a dataset came from elsewhere does not say that nothing in it was generated.
    return YES if generated else None


def _text(name: str) -> Callable[[DatasetFact], str | None]:
    return lambda item: data(item, name)


@dataclass(frozen=True, slots=True)
class Item:
    """One of the twelve: what it asks, where the answer of a dataset is, and whether it is a yes or no."""

    title: str
    value: Callable[[DatasetFact], str | None]
    question: bool = False


ITEMS: Mapping[str, Item] = {
    "1": Item("Sources or owners of the datasets", _owner),
    "2": Item("How they further the intended purpose", _text("purpose")),
    "3": Item("Number of data points", _points),
    "4": Item("Types of data points", _text("point_types")),
    "5": Item("Protected by copyright, trademark or patent, or in the public domain", _protection),
    "6": Item("Purchased or licensed", _text("purchased_or_licensed"), question=True),
    "7": Item("Personal information", _text("personal_data"), question=True),
    "8": Item("Aggregate consumer information", _text("consumer_information"), question=True),
    "9": Item("Cleaning, processing or other modification, and why", _processing),
    "10": Item("Period of collection", period),
    "11": Item("First used in development", _text("first_used")),
    "12": Item("Synthetic data generation", _synthetic, question=True),
}


def documentation(facts: ReleaseFacts) -> dict[str, Any]:
    """The documentation as `schemas/ab2013/v1` has it."""
    datasets = datasets_of(facts)
    exempt = about(facts, "exempt") or []
    return {
        "schema": SCHEMA,
        "law": LAW,
        "release": {"id": facts.id, "name": facts.name, "version": facts.version},
        "exemptions_claimed": {
            "value": list(exempt) or NOT_RECORDED,
            "evidence": evidence_json(at_about(facts, "exempt") if exempt else ()),
        },
        "items": {number: {"title": item.title, **_summed(number, item, facts, datasets)} for number, item in ITEMS.items()},
        "datasets": [_dataset(item) for item in datasets],
        "training_data_unknown_of": [
            {"name": name, "evidence": evidence_json((proof,))}
            for name, proof in sorted(facts.upstream, key=lambda item: (item[0], item[1].artifact or ""))
        ],
    }


def documentation_json(facts: ReleaseFacts) -> bytes:
    """The documentation for programs."""
    return as_json(documentation(facts))


def _dataset(item: DatasetFact) -> dict[str, Any]:
    return {
        "name": item.name,
        "artifact": item.artifact,
        "items": {number: one.value(item) or NOT_RECORDED for number, one in ITEMS.items()},
        "evidence": evidence_json(item.evidence),
    }


def _summed(number: str, item: Item, facts: ReleaseFacts, datasets: Sequence[DatasetFact]) -> dict[str, Any]:
    said = [(found, one.evidence) for one in datasets if (found := item.value(one)) is not None]
    proofs: Proofs = tuple(proof for _, evidence in said for proof in evidence)
    value = _answer([found for found, _ in said], len(datasets)) if item.question else _SUMS[number](datasets)
    if number == "12" and (own := about(facts, "sources/synthetic")) and value != YES:
        value, proofs = own, at_about(facts, "sources/synthetic")
    return {
        "value": value or NOT_RECORDED,
        "recorded": len(said),
        "datasets": len(datasets),
        "evidence": evidence_json(proofs) if value else [],
    }


def _answer(found: Sequence[str], total: int) -> str | None:
    """One yes is a yes; a no needs one of every dataset."""
    return YES if YES in found else NO if found and len(found) == total and set(found) == {NO} else None


def _total(datasets: Sequence[DatasetFact]) -> str | None:
    sizes: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for item in datasets:
        if size := data(item, "size"):
            sizes[size["unit"]] += size["value"]
            counted[size["unit"]] += 1
    parts = [f"{number(sizes[unit])} {unit} in {counted[unit]} of {len(datasets)} datasets" for unit in sorted(sizes)]
    # A figure in words cannot be added up.
    words = list(dict.fromkeys(text for item in datasets if (text := data(item, "data_points"))))
    parts += words if len(words) <= _MOST else [f"{len(words)} answers in words, below"]
    return "; ".join(parts) or None


def _whole_period(datasets: Sequence[DatasetFact]) -> str | None:
    first = [value for item in datasets if (value := data(item, "acquired/from"))]
    last = [value for item in datasets if (value := data(item, "acquired/to"))]
    ongoing = any(data(item, "acquired/ongoing") == YES for item in datasets)
    return span(min(first, default=None), max(last, default=None), YES if ongoing else None)


def _first_use(datasets: Sequence[DatasetFact]) -> str | None:
    used = sorted(value for item in datasets if (value := data(item, "first_used")))
    return None if not used else used[0] if used[0] == used[-1] else f"{used[0]} to {used[-1]}"


def _each(name: Callable[[DatasetFact], str | None]) -> Callable[[Sequence[DatasetFact]], str | None]:
    def value(datasets: Sequence[DatasetFact]) -> str | None:
        texts = list(dict.fromkeys(text for item in datasets if (text := name(item))))
        return f"{len(texts)} different answers, below" if len(texts) > _MOST else "; ".join(texts) or None

    return value


_SUMS: Mapping[str, Callable[[Sequence[DatasetFact]], str | None]] = {
    **{number: _each(item.value) for number, item in ITEMS.items() if not item.question},
    "3": _total,
    "10": _whole_period,
    "11": _first_use,
}


def documentation_markdown(facts: ReleaseFacts) -> bytes:
    """The documentation for people."""
    said = documentation(facts)
    release, datasets = said["release"], said["datasets"]
    claimed = said["exemptions_claimed"]["value"]
    lines = [
        f"# Training data: {line(release['name'])} {line(release['version'])}",
        "",
        f"{line(said['law'])}. Release: `{release['id']}`. {len(datasets)} dataset{'' if len(datasets) == 1 else 's'} recorded.",
        "",
        f"Exemptions claimed: {line(', '.join(claimed) if isinstance(claimed, list) else claimed)}",
        "",
        "## All datasets together",
        "",
        *table(
            ("item", "asks for", "recorded", "of datasets"),
            [(number, item["title"], item["value"], f"{item['recorded']} of {item['datasets']}") for number, item in said["items"].items()],
        ),
        "",
    ]
    for name in said["training_data_unknown_of"]:
        lines += [f"It was made from {line(name['name'])}, of which nobody recorded the training data.", ""]
    for item in datasets:
        lines += [f"## {line(item['name'])}", "", f"`{item['artifact']}`", ""]
        lines += [f"{number}. **{ITEMS[number].title}**: {line(value)}" for number, value in item["items"].items()]
        lines.append("")
    evidence = {item.artifact: proof_text(item.evidence) for item in datasets_of(facts)}
    if evidence:
        lines += ["## Evidence", "", *(f"- {line(item['name'])}: {evidence[item['artifact']]}" for item in datasets), ""]
    return ("\n".join(lines).rstrip("\n") + "\n").encode("utf-8")
