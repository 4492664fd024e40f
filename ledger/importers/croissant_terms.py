"""The terms of a Croissant document under its `@context`: which property a key is, whatever it is called there; pure.

A context maps names to addresses; a name that it does not map is schema.org's. That matters: a field whose `source` the context leaves
out has no source, whatever it looks like. Contexts that are only named by an address are taken to be the standard one of that version.
Source: JSON-LD 1.1, as far as Croissant's context uses it; mlcommons/croissant 1.0 and 1.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.importers.sources import At

_SPACES = (
    ("http://mlcommons.org/croissant/RAI/", "rai:"),
    ("http://mlcommons.org/croissant/", "cr:"),
    ("http://mlcommons.org/schema/", "cr:"),
    ("https://schema.org/", "sc:"),
    ("http://schema.org/", "sc:"),
    ("http://purl.org/dc/terms/", "dct:"),
    ("http://www.w3.org/ns/prov#", "prov:"),
    ("http://www.w3.org/ns/odrl/2/", "odrl:"),
)
_PREFIXES = {"sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/"}
_PREFIXES |= {"dct": "http://purl.org/dc/terms/", "prov": "http://www.w3.org/ns/prov#", "odrl": "http://www.w3.org/ns/odrl/2/"}
_OURS = (
    *("citeAs", "column", "containedIn", "data", "dataType", "examples", "excludes", "extract", "field", "fileProperty", "fileObject"),
    *("fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references"),
    *("regex", "repeated", "replace", "sdVersion", "separator", "source", "subField", "transform", "value"),
)
STANDARD = {**_PREFIXES, **{name: f"cr:{name}" for name in _OURS}, "conformsTo": "dct:conformsTo"}
_STEPS = 8


class Context:
    """What the keys of a document mean."""

    def __init__(self, said: Any) -> None:
        self.terms: dict[str, str] = {}
        self.vocab = "https://schema.org/"
        self.standard = False
        for part in said if isinstance(said, list) else [said]:
            self._take(part)
        self._known: dict[str, str] = {}

    def _take(self, part: Any) -> None:
        if not isinstance(part, Mapping):
            self.standard = True
            self.terms |= STANDARD
            return
        for name, value in part.items():
            target = value.get("@id") if isinstance(value, Mapping) else value
            if name == "@vocab" and isinstance(target, str):
                self.vocab = target
            elif isinstance(target, str):
                self.terms[name] = target

    @property
    def croissant(self) -> bool:
        """Whether any term is of Croissant."""
        return any(self.term(name).startswith("cr:") for name in self.terms)

    def term(self, key: str) -> str:
        """A key or type with one of our prefixes (`cr:source`), else its address."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _short(self._address(key))
            if len(self._known) > 100_000:
                self._known.clear()
        return found

    def _address(self, key: str) -> str:
        if key.startswith("@"):
            return key
        text = key
        for _ in range(_STEPS):
            if text in self.terms and self.terms[text] != text:
                text = self.terms[text]
                continue
            prefix, colon, rest = text.partition(":")
            if colon and not rest.startswith("//"):
                space = self.terms.get(prefix, _PREFIXES.get(prefix))
                if space is None or space == text:
                    return text
                text = space + rest
                continue
            break
        return text if ":" in text else self.vocab + text


def _short(address: str) -> str:
    for space, prefix in _SPACES:
        if address.startswith(space):
            return prefix + address[len(space) :]
    return address


class Node:
    """One object of a document, asked by terms."""

    __slots__ = ("at", "context", "keys", "said")

    def __init__(self, said: Mapping[str, Any], at: At, context: Context) -> None:
        self.said, self.at, self.context = said, at, context
        self.keys: dict[str, str] = {}
        for key in said:
            self.keys.setdefault(context.term(key), key)

    def get(self, *terms: str) -> Any:
        """The value of the first of these terms that is there; None when none is, or it is empty."""
        for term in terms:
            key = self.keys.get(term)
            if key is not None and self.said[key] is not None:
                return self.said[key]
        return None

    def place(self, *terms: str) -> At:
        """Where the first of these terms that is there stands; else the object itself."""
        return next((self.at.under(self.keys[term]) for term in terms if term in self.keys), self.at)

    def text(self, *terms: str) -> str | None:
        """A text that is not empty."""
        value = self.get(*terms)
        if isinstance(value, Mapping):
            value = value.get("@value")
        return value if isinstance(value, str) and value.strip() else None

    def types(self) -> list[str]:
        """What it is, in terms."""
        value = self.said.get("@type")
        return [self.context.term(item) for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]

    def nodes(self, *terms: str) -> Iterator[tuple[Node | None, Any, At]]:
        """The members of a list, or the one object, as nodes; None for what is no object."""
        value, place = self.get(*terms), self.place(*terms)
        if value is None:
            return
        listed = [(item, place.under(number)) for number, item in enumerate(value)] if isinstance(value, list) else [(value, place)]
        for item, at in listed:
            yield (Node(item, at, self.context) if isinstance(item, Mapping) else None), item, at

    def references(self, *terms: str) -> Iterator[tuple[str, At]]:
        """Ids that a property names: `{"@id": …}`, a text (in 0.8 also `#{…}`), or a list of them."""
        for node, value, at in self.nodes(*terms):
            text = node.said.get("@id") if node is not None else value
            if isinstance(text, str) and text:
                yield (text[2:-1] if text.startswith("#{") and text.endswith("}") else text), at
