"""Patterns of paths that strangers write, matched in time that grows with the path alone, whatever the pattern; pure.

A regular expression with many stars can take for ever on a path that nearly matches. So only patterns with at most two become one; of any
other, every position is one bit, and all are followed at once. `*` and `?` stay within a folder, `**` does not; where asked for, `**/` may
also stand for nothing.
"""

from __future__ import annotations

import re

LONGEST = 1000
MOST_STEPS = 30_000_000
"""How much matching one import may take, in steps."""
_FEW_STARS = 2
_PIECES = re.compile(r"\\[\\*]|\*\*+|\*|[^*\\]|\\", re.DOTALL)
_STAR, _DEEP, _ONE, _FORK = "star", "deep", "one", "fork"


class Glob:
    """One pattern.

    Args:
        text: the pattern, of at most `LONGEST` characters; callers check.
        escapes: whether a backslash takes a star's meaning away, and `?` has none (REUSE); else a backslash is itself.
    """

    def __init__(self, text: str, *, escapes: bool = False) -> None:
        tokens = _tokens(text, escapes)
        self._end = 1 << len(tokens)
        self._stars = sum(1 << place for place, (kind, _) in enumerate(tokens) if kind in (_STAR, _DEEP))
        self._forks = sum(1 << place for place, (kind, _) in enumerate(tokens) if kind == _FORK)
        self._deep = sum(1 << place for place, (kind, _) in enumerate(tokens) if kind == _DEEP)
        self._ones = sum(1 << place for place, (kind, _) in enumerate(tokens) if kind == _ONE)
        self._regex = _expression(tokens) if self._stars.bit_count() <= _FEW_STARS else None
        self._chars: dict[str, int] = {}
        for place, (kind, char) in enumerate(tokens):
            if kind == "":
                self._chars[char] = self._chars.get(char, 0) | 1 << place

    def matches(self, path: str) -> bool:
        """Whether the whole path matches."""
        return self._followed(path) if self._regex is None else self._regex.fullmatch(path) is not None

    def steps(self, path: str) -> int:
        """What an answer for this path costs, about in microseconds."""
        return 1 if self._regex is not None else len(path)

    def _followed(self, path: str) -> bool:
        active = self._closed(1)
        for char in path:
            stays = active & (self._deep if char == "/" else self._stars)
            moves = active & (self._chars.get(char, 0) | (0 if char == "/" else self._ones))
            active = self._closed(stays | moves << 1)
            if not active:
                return False
        return bool(active & self._end)

    def _closed(self, active: int) -> int:
        """With the positions that are reached without a character: behind a star, and behind `**/`."""
        forks = active & self._forks
        active |= forks << 1 | forks << 3
        return active | (active & self._stars) << 1


def _tokens(text: str, escapes: bool) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if not escapes:
        text = re.sub(r"(?:\*\*/)+", "**/", text)
    for piece in _PIECES.findall(text):
        if piece.startswith("**"):
            kind: tuple[str, str] = (_DEEP, "")
        elif piece == "*":
            kind = (_STAR, "")
        elif piece == "?" and not escapes:
            kind = (_ONE, "")
        elif len(piece) == 2:
            found += [("", piece[1])] if escapes else [("", "\\"), (_STAR, "") if piece[1] == "*" else ("", "\\")]
            continue
        else:
            kind = ("", piece)
        if kind[0] in (_STAR, _DEEP) and found and found[-1][0] in (_STAR, _DEEP):
            found[-1] = (_DEEP, "") if _DEEP in (kind[0], found[-1][0]) else kind
        else:
            found.append(kind)
    return found if escapes else _forked(found)


def _expression(tokens: list[tuple[str, str]]) -> re.Pattern[str]:
    parts = []
    for kind, char in tokens:
        parts.append({_STAR: "[^/]*", _DEEP: ".*", _ONE: "[^/]", _FORK: ""}.get(kind, re.escape(char)))
    for place, (kind, _) in enumerate(tokens):
        if kind == _FORK:
            parts[place + 1 : place + 3] = ["(?:.*/)?", ""]
    return re.compile("".join(parts), re.DOTALL)


def _forked(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """With a fork before each `**/` at the start of a folder's name: such a one may stand for nothing."""
    found: list[tuple[str, str]] = []
    for place, token in enumerate(tokens):
        starts = place == 0 or tokens[place - 1] == ("", "/")
        if token[0] == _DEEP and starts and tokens[place + 1 : place + 2] == [("", "/")]:
            found.append((_FORK, ""))
        found.append(token)
    return found
