"""The metadata of a Hugging Face card, for a model or a dataset: YAML between two lines of `---`; pure.

Only what the hub has a word for is written. `datasets`, `base_model` and `source_datasets` name repositories of the hub, so an input that
is said to be elsewhere, or nowhere, stands in a comment and in no field. Texts that YAML could take for something else are quoted.
`patched` completes a card that exists: its text and its lines stay byte for byte, and what contradicts the record is an error, never
overwritten. Source: huggingface/hub-docs, model and dataset card metadata (2026-08-22).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ledger.errors import LedgerError
from ledger.exporters.graph import Graph, Item, Link
from ledger.importers.hf_card import RELATIONS, front_matter
from ledger.importers.sources import parse_yaml
from ledger.licenses.names import hub_tag
from ledger.spec.vocabulary import NOASSERTION

Fields = dict[str, str | list[str]]

_WORDS = {relation: word for word, relation in RELATIONS.items()}
_REPOSITORY = re.compile(r"https://huggingface\.co/(datasets/)?([A-Za-z0-9][A-Za-z0-9_.-]*(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)?)")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
# What one version of YAML or another reads as a truth value, as nothing, or as no number.
_NOT_PLAIN = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"])
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"), (10**8, "10M<n<100M"))
_PLACES = frozenset(("datasets", "models", "spaces", "collections", "papers", "docs", "blog"))


def write(graph: Graph, _version: str) -> bytes:
    """A graph as a card without text. Raises LedgerError LG1602 when it has neither a model nor a dataset."""
    item, links = _about(graph)
    lines = [*_lines(fields(graph)), *(f"# not in the hub's words: {one}" for one in _others(graph, item, links))]
    return "".join(f"{line}\n" for line in ["---", *lines, "---"]).encode("utf-8")


def patched(existing: bytes, graph: Graph) -> bytes:
    """A card completed by what is recorded; everything that is there stays as it is, a field without a value too.

    Args:
        existing: the whole card, with metadata or without.

    Raises:
        LedgerError: LG1602 as for `write`, LG1501 when its metadata are no YAML mapping of plain values, LG1604 when a value in
            it is not the recorded one, or no line can be added.
    """
    wanted = fields(graph)
    front = front_matter(existing)
    if front is None:
        return write(graph, "") + existing
    said = parse_yaml(front, "the card's metadata") or {}
    if not isinstance(said, Mapping):
        raise LedgerError("LG1501", "the metadata of the card are no mapping")
    differing = [
        f"`{name}` is {_shown(said[name])} there, {_shown(value)} here" for name, value in wanted.items() if _differs(said, name, value)
    ]
    if differing:
        raise LedgerError("LG1604", f"the card contradicts what is recorded of `{ascii(graph.name)[1:-1]}`: {'; '.join(differing)}"[:2000])
    newline = "\r\n" if b"\r\n" in existing[: existing.index(b"\n") + 1] else "\n"
    missing = {name: value for name, value in wanted.items() if said.get(name) is None and name not in said}
    if "base_model" in said and _set(said["base_model"]) != _set(wanted.get("base_model")):
        # The card names more models than are recorded, and one relation would be said of all.
        missing.pop("base_model_relation", None)
    added = "".join(f"{line}{newline}" for line in _lines(missing)).encode("utf-8")
    end = existing.index(b"\n") + 1 + len(front)
    made = existing[:end] + added + existing[end:]
    if not _reads(made, {**said, **missing}):
        raise LedgerError("LG1604", f"the metadata of the card are written so that no line can be added for `{ascii(graph.name)[1:-1]}`")
    return made


def _reads(card: bytes, wanted: Mapping[str, Any]) -> bool:
    front = front_matter(card)
    try:
        return front is not None and (parse_yaml(front, "the completed metadata") or {}) == wanted
    except LedgerError:
        return False


def fields(graph: Graph) -> Fields:
    """The metadata that the hub has words for. Raises LedgerError LG1602."""
    item, links = _about(graph)
    found: Fields = dict(_license(item))
    if item.kind == "dataset":
        found |= dict(_dataset(graph, item, links))
    else:
        found |= dict(_model(graph, links))
    return found


def _about(graph: Graph) -> tuple[Item, tuple[Link, ...]]:
    item = graph.lead
    if item.kind not in ("weights", "dataset"):
        raise LedgerError("LG1602", f"`{ascii(graph.name)[1:-1]}` has neither a model nor a dataset, and a card is of one of them")
    return item, graph.made_from(item.id)


def _license(item: Item) -> Iterator[tuple[str, str | list[str]]]:
    name = item.license
    if name == NOASSERTION:
        texts = list(dict.fromkeys(one.expression for one in item.declared if one.expression not in ("", NOASSERTION)))
        if len(texts) != 1:
            # Nobody says, or several say things that are no licence together.
            return
        name = texts[0]
    tag = hub_tag(name)
    yield "license", tag or "other"
    if tag is None:
        yield "license_name", name
        if item.texts:
            yield "license_link", item.texts[0][0]


def _model(graph: Graph, links: Sequence[Link]) -> Iterator[tuple[str, str | list[str]]]:
    base = [link for link in links if _is_base(graph, link)]
    names = _names(graph, base, False)
    if names:
        yield "base_model", names[0] if len(names) == 1 else names
        words = {_WORDS.get(link.relation) for link in base}
        word = words.pop() if len(words) == 1 else None
        if word is not None:
            yield "base_model_relation", word
    data = _names(graph, [link for link in links if link.relation == "trained-on"], True)
    if data:
        yield "datasets", data


def _dataset(graph: Graph, item: Item, links: Sequence[Link]) -> Iterator[tuple[str, str | list[str]]]:
    if item.data.get("languages"):
        yield "language", list(dict.fromkeys(item.data["languages"]))
    size = item.data.get("size", {})
    if size.get("unit") == "records":
        yield "size_categories", [next((word for limit, word in _SIZES if size["value"] < limit), "n>100M")]
    sources = _names(graph, [link for link in links if link.relation == "derived-from"], True)
    if sources:
        yield "source_datasets", sources


def _is_base(graph: Graph, link: Link) -> bool:
    return (link.relation in _WORDS or link.relation == "derived-from") and _on_hub(graph.item(link.input), False) is not None


def _names(graph: Graph, links: Sequence[Link], data: bool) -> list[str]:
    found = (_on_hub(graph.item(link.input), data) for link in links)
    return sorted({name for name in found if name is not None})


def _on_hub(item: Item, data: bool) -> str | None:
    """The name of its repository of models, or of datasets, if that is where it is said to be."""
    found = _REPOSITORY.fullmatch((item.location or "").rstrip("/"))
    if found is None or (found[1] is not None) != data or (found[1] is None and found[2].partition("/")[0] in _PLACES):
        return None
    return found[2]


def _others(graph: Graph, item: Item, links: Sequence[Link]) -> Iterator[str]:
    """Inputs that no field of the card names, one line each."""
    for link in links:
        given = graph.item(link.input)
        if item.kind == "dataset":
            named = link.relation == "derived-from" and _on_hub(given, True) is not None
        else:
            named = _is_base(graph, link) or (link.relation == "trained-on" and _on_hub(given, True) is not None)
        if not named:
            # On one line, whatever the name is: a line end in it would end the comment.
            name = "".join(char if char.isprintable() else _escaped(char) for char in given.display)
            yield f"{link.relation} {name}, {given.id}"


# --- YAML --------------------------------------------------------------------------------------


def _lines(said: Fields) -> Iterator[str]:
    for name, value in said.items():
        if isinstance(value, str):
            yield f"{name}: {scalar(value)}"
        else:
            yield f"{name}:"
            yield from (f"- {scalar(one)}" for one in value)


def scalar(text: str) -> str:
    """A text as a YAML scalar that is a text to every version of YAML."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN:
        return text
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable() and not 0xD800 <= ord(char) <= 0xDFFF and ord(char) != 0xFEFF:
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _differs(said: Mapping[str, Any], name: str, wanted: str | list[str]) -> bool:
    """Whether a card's value is there and not the recorded one; a list may name more, in any order."""
    value = said.get(name)
    if value is None:
        return False
    if name in ("datasets", "source_datasets", "language", "base_model", "size_categories"):
        given = [value] if isinstance(value, str) else value
        needed = [wanted] if isinstance(wanted, str) else wanted
        return not isinstance(given, list) or not all(one in given for one in needed)
    return bool(value != wanted)


def _set(value: object) -> frozenset[str]:
    return frozenset([value] if isinstance(value, str) else map(str, value) if isinstance(value, list) else ())


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"`{ascii(text)[1:-1][:200]}`"
