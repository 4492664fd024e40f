"""What a verb writes: the answer on stdout, talk on stderr; text for people, one JSON object for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

MARKS = {"pass": "ok  ", "fail": "FAIL", "unknown": "?   ", "not_checked": "-   ", "not_applicable": "n/a "}


def say(text: str = "") -> None:
    """A line of the answer."""
    sys.stdout.write(_safe(text, sys.stdout) + "\n")


def talk(text: str) -> None:
    """A line of talk, behind whatever of the answer was written before it."""
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    sys.stderr.write(_safe(text, sys.stderr) + "\n")


def _safe(text: str, stream: Any) -> str:
    """Text that the stream's encoding can carry, without control or bidirectional characters from recorded names."""
    clean = "".join(char if char == "\n" or char.isprintable() else ascii(char)[1:-1] for char in text)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return clean.encode(encoding, "backslashreplace").decode(encoding)


def envelope(verb: str, result: Mapping[str, Any] | None, error: Mapping[str, Any] | None = None) -> str:
    """The JSON object of a verb's answer."""
    value: dict[str, Any] = {"schema": f"openness-ledger/{verb}/v1", "ok": error is None}
    if result is not None:
        value["result"] = result
    if error is not None:
        value["error"] = error
    return json.dumps(value, ensure_ascii=True, indent=2)


def table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table that fits its content; wide terminals are used, narrow ones wrap."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for header in headers:
        shown.add_column(header, overflow="fold")
    for row in rows:
        shown.add_row(*[_safe("" if cell is None else str(cell), sys.stdout) for cell in row])
    width = None if sys.stdout.isatty() else 10_000
    console = Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False, no_color="NO_COLOR" in os.environ)
    with console.capture() as capture:
        console.print(shown)
    for line in capture.get().splitlines():
        sys.stdout.write(line.rstrip() + "\n")


def checks(items: Sequence[Any]) -> None:
    """A roster: one line per numbered check."""
    for item in items:
        say(f"{MARKS[item.result]}  {item.id:<4} {item.title}: {item.detail}")


def size(count: int) -> str:
    """Bytes for people."""
    value = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if value < 1024 or unit == "GiB":
            return f"{count} bytes" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{count} bytes"


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def short(id: str) -> str:
    """An id for people: type and first digits."""
    form, _, digits = id.partition(":")
    return f"{form}:{digits[:12]}…" if len(digits) > 16 else id
