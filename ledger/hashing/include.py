"""`include` patterns: which files below a folder are part of an artifact.

A pattern is relative to the folder and matched segment by segment: `*`, `?` and `[...]` within a segment, `**` for any number
of folders, and a last `**` (or a slash at the end) for every file below. A folder that no pattern can reach is never opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledger.errors import LedgerError
from ledger.hashing.names import shown

State = frozenset[tuple[int, int]]
_EVERYTHING: State = frozenset({(-1, 0)})


class Include:
    """A compiled list of patterns; an empty list takes every file.

    Raises:
        LedgerError: LG0209 when a pattern is empty, absolute or climbs out, so that it could never match.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = tuple(patterns)
        self._segments = [_compile(pattern) for pattern in self.patterns]
        self.start: State = self._closure({(index, 0) for index in range(len(self._segments))}) if self.patterns else _EVERYTHING

    def takes_all(self, state: State) -> bool:
        """Whether every file below a folder in this state is taken."""
        return state is _EVERYTHING

    def enter(self, state: State, name: str) -> State:
        """The state inside a folder; an empty one takes nothing."""
        if state is _EVERYTHING:
            return state
        reached = set()
        for index, position in state:
            matches = self._segments[index][position]
            if matches is None:
                reached.add((index, position))
            elif position + 1 < len(self._segments[index]) and matches(name):
                reached.add((index, position + 1))
        return self._closure(reached)

    def takes(self, state: State, name: str) -> bool:
        """Whether the file of this name in a folder in this state is taken."""
        if state is _EVERYTHING:
            return True
        for index, position in state:
            matches = self._segments[index][position]
            if position + 1 == len(self._segments[index]) and (matches is None or matches(name)):
                return True
        return False

    def _closure(self, states: set[tuple[int, int]]) -> State:
        pending = list(states)
        while pending:
            index, position = pending.pop()
            if self._segments[index][position] is None:
                if position + 1 == len(self._segments[index]):
                    return _EVERYTHING
                following = (index, position + 1)
                if following not in states:
                    states.add(following)
                    pending.append(following)
        return frozenset(states)


def _compile(pattern: str) -> list[Callable[[str], object] | None]:
    from fnmatch import translate
    from re import compile as compile_regex
    from re import error as regex_error

    text = pattern + "**" if pattern.endswith("/") else pattern
    segments = text.removeprefix("./").split("/")
    if any(segment in ("", ".", "..") for segment in segments):
        raise LedgerError("LG0209", f"an `include` pattern is relative to the folder and stays in it: `{shown(pattern)}`")
    try:
        return [None if segment == "**" else compile_regex(translate(segment)).match for segment in segments]
    except (regex_error, OverflowError, RecursionError):
        raise LedgerError("LG0209", f"not an `include` pattern: `{shown(pattern)}`") from None
