"""Licence texts with fields: what may differ in a text that is still the same licence.

A template is a list of elements over word numbers. It comes from the SPDX list's own templates, made by
`tools/make_license_index.py`. Elements, as the index stores them:

    ["t", start, count]   words of the list's own text
    ["l", [word, …]]      other words that must stand here
    ["o", [element, …]]   a part that may be left out, such as a title or an appendix
    ["s", [[word, …], …]] a field: one of these; in them -1, -2, -3 are free words (none or more, one or more, many)
    ["b"]                 the number or letter of a list item, or nothing

Free words are a name: none of them makes terms (`words.TERMS`). So a restriction that is put into the field of the copyright
holder never passes as a name, though the list's own template would take it.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Sequence
from typing import Any

FREE, SOME, MANY = -1, -2, -3
# Words in a free field: a name with its legal form; and the notices of many holders.
_NAME_WORDS = 24
_MANY_WORDS = 200
_BULLET_WORDS = 3
# A text keeps few places open at once; one that opens more is no licence that anybody wrote.
_MAX_OPEN = 2000


class Matcher:
    """Compares one text with templates.

    Args:
        text: the word numbers of the text.
        terms: numbers of words that make terms.
        bullets: numbers of words that number a list item.
    """

    def __init__(self, text: array[int], terms: Container[int], bullets: Container[int]) -> None:
        self._text = text
        self._terms = terms
        self._bullets = bullets

    def matches(self, elements: Sequence[Any], own: array[int]) -> bool:
        """Whether the whole text is an instance of the template; `own` are the words of the list's text."""
        return len(self._text) in self._after(elements, own, {0})

    def _after(self, elements: Sequence[Any], own: array[int], places: set[int]) -> set[int]:
        for element in elements:
            places = self.step(element, own, places)
            if not places or len(places) > _MAX_OPEN:
                return set()
        return places

    def step(self, element: Any, own: array[int], places: set[int]) -> set[int]:
        """The places in the text that one element leads to from these places."""
        kind = element[0]
        if kind == "t":
            return self._literal(own[element[1] : element[1] + element[2]], places)
        if kind == "l":
            return self._literal(array("H", element[1]), places)
        if kind == "b":
            return self._free(places, 0, _BULLET_WORDS, self._is_bullet)
        if kind == "o":
            return places | self._after(element[1], own, places)
        found: set[int] = set()
        for way in element[1] if kind == "s" else ():
            found |= self._way(way, places)
        return found

    def _way(self, way: Sequence[int], places: set[int]) -> set[int]:
        start = 0
        for at, word in enumerate(way):
            if word >= 0:
                continue
            places = self._literal(array("H", way[start:at]), places)
            longest = _MANY_WORDS if word == MANY else _NAME_WORDS
            places = self._free(places, int(word == SOME), longest, self._is_name)
            start = at + 1
        return self._literal(array("H", way[start:]), places)

    def _literal(self, words: array[int], places: set[int]) -> set[int]:
        text, count = self._text, len(words)
        if not count:
            return places
        return {place + count for place in places if text[place : place + count] == words}

    def _is_bullet(self, word: int) -> bool:
        return word in self._bullets

    def _is_name(self, word: int) -> bool:
        return word not in self._terms

    def _free(self, places: set[int], least: int, most: int, fits: Any) -> set[int]:
        found: set[int] = set()
        end = len(self._text)
        for place in places:
            if not least:
                found.add(place)
            for at in range(place, min(place + most, end)):
                if not fits(self._text[at]):
                    break
                found.add(at + 1)
        return found
