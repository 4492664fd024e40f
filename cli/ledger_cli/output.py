"""What a verb writes: the answer on stdout, talk on stderr; text for people, one JSON object for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

MARKS = {"pass": "ok  ", "fail": "FAIL", "unknown": "?   ", "not_checked": "-   ", "not_applicable": "n/a "}
# What we draw with, where a terminal knows ASCII only.
_PLAIN = str.maketrans({"─": "-", "│": "|", "├": "|", "└": "`", "→": "->", "…": "..."})
# Of a mark on a terminal; the words say the same, so nothing is lost without it.
_COLOURS = {"pass": "32", "fail": "1;31", "unknown": "33"}


def say(text: str = "") -> None:
    """A line of the answer."""
    _put(_safe(text, sys.stdout) + "\n")


def put_bytes(data: bytes) -> None:
    """An answer that is no text. Raises LedgerError LG1103."""
    flush()
    with _delivery():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def talk(text: str, head: str = "") -> None:
    """A line of talk, behind whatever of the answer was written before it; nobody has to hear it.

    Args:
        head: what the line starts with, coloured on a terminal that wants it.
    """
    with suppress(Exception):
        flush()
    shown = f"\x1b[1;31m{head}\x1b[0m" if head and coloured(sys.stderr) else head
    try:
        sys.stderr.write(f"{shown}{_safe(text, sys.stderr)}\n")
        sys.stderr.flush()
    except OSError:
        _to_nowhere(sys.stderr, 2)


def flush() -> None:
    """Deliver what was written. Raises LedgerError LG1103 when it cannot be."""
    with _delivery():
        sys.stdout.flush()


def _put(text: str) -> None:
    with _delivery():
        sys.stdout.write(text)


@contextmanager
def _delivery() -> Iterator[None]:
    """A reader that went away wants no more, and the exit code still says how it ended; a full disk is an error."""
    try:
        yield
    except BrokenPipeError:
        _to_nowhere(sys.stdout, 1)
    except OSError as error:
        _to_nowhere(sys.stdout, 1)
        from ledger.errors import LedgerError

        hint = "what was recorded stays; make room and ask again"
        raise LedgerError("LG1103", f"cannot write the answer: {error.strerror}", hint=hint) from None


def _to_nowhere(stream: Any, number: int) -> None:
    """Lead a descriptor to nowhere, so that what is left in the stream's buffer makes no noise at the end."""
    try:
        if stream.fileno() == number:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
    except (OSError, ValueError):
        return


def _safe(text: str, stream: Any) -> str:
    """Text that the stream's encoding can carry, without control or bidirectional characters from recorded names."""
    whole = all(map(str.isprintable, text.split("\n")))
    clean = text if whole else "".join(char if char == "\n" or char.isprintable() else ascii(char)[1:-1] for char in text)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        clean.encode(encoding)
    except UnicodeEncodeError:
        return clean.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return clean


def envelope(verb: str, result: Mapping[str, Any] | None, error: Mapping[str, Any] | None = None) -> str:
    """The JSON object of a verb's answer."""
    value: dict[str, Any] = {"schema": f"openness-ledger/{verb}/v1", "ok": error is None}
    if result is not None:
        value["result"] = result
    if error is not None:
        value["error"] = error
    return json.dumps(value, ensure_ascii=True, indent=2)


def mark(result: str) -> str:
    """The mark of an outcome, coloured on a terminal that wants it."""
    colour = _COLOURS.get(result)
    if colour is None or not coloured(sys.stdout):
        return MARKS[result]
    return f"\x1b[{colour}m{MARKS[result]}\x1b[0m"


def coloured(stream: Any) -> bool:
    """Whether a stream is a terminal that wants colour."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def marked(result: str, text: str) -> None:
    """A line that starts with the mark of an outcome."""
    # The mark's colour is ours; what stands in the text may come from a stranger.
    _put(f"{mark(result)}  {_safe(text, sys.stdout)}\n")


def checks(items: Sequence[Any]) -> None:
    """A roster: one line per numbered check."""
    for item in items:
        marked(item.result, f"{item.id:<4} {item.title}: {item.detail}")


def table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table as wide as its content; on a terminal that is narrower, one that fits."""
    from ledger_cli.tables import lines

    width = None
    if sys.stdout.isatty():
        from shutil import get_terminal_size

        width = get_terminal_size().columns
    for line in lines(headers, rows, width):
        say(line)


def size(count: int) -> str:
    """Bytes for people."""
    value = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if value < 1024 or unit == "GiB":
            return _bytes(count) if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1024
    return _bytes(count)


def _bytes(number: int) -> str:
    return count(number, "byte")


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def short(id: str) -> str:
    """An id for people: type and first digits."""
    form, _, digits = id.partition(":")
    return f"{form}:{digits[:12]}…" if len(digits) > 16 else id
