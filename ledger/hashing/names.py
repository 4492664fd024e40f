"""What a path in a tree may be, how it is shown to a person, and which paths only a careless file system can tell apart.

Nothing here touches the disk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ledger.errors import LedgerError
from ledger.limits import LIMITS

_SHOWN_DUPLICATES = 20


def shown(path: bytes | str) -> str:
    """The path as text that is safe on a terminal: bytes that are no UTF-8, control and bidirectional characters are escaped."""
    text = path.decode("utf-8", "surrogateescape") if isinstance(path, bytes) else path
    return text if text.isprintable() else "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def check_path(path: bytes) -> None:
    """Refuse a path that the inventory could not carry. Raises LedgerError LG0204."""
    reason = _fault_of(path)
    if reason:
        raise LedgerError("LG0204", f"a path {reason}: `{shown(path)}`", hint="rename the file, or leave it out with `include`")


def _fault_of(path: bytes) -> str | None:
    if len(path) > LIMITS.path_bytes:
        return f"has {len(path)} bytes, more than {LIMITS.path_bytes}"
    for byte, name in ((b"\n", "a line feed"), (b"\r", "a carriage return"), (b"\\", "a backslash"), (b"\0", "a NUL")):
        if byte in path:
            return f"holds {name}"
    if any(segment in (b"", b".", b"..") for segment in path.split(b"/")):
        return "has an empty, `.` or `..` segment"
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        return "is not UTF-8"
    return None


def duplicate_warnings(groups: Sequence[tuple[bytes, bytes]]) -> tuple[str, ...]:
    """One warning per path that equals an earlier one after NFC and case folding.

    Args:
        groups: lists of files as (prefix of the folder, names joined by line feeds), in inventory order.
    """
    folded: defaultdict[str, list[tuple[bytes, bytes]]] = defaultdict(list)
    for prefix, names in groups:
        folded[fold(prefix.decode())].append((prefix, names))
    warnings = []
    for lists in folded.values():
        one_folder = all(prefix == lists[0][0] for prefix, _ in lists)
        # Names that folding does not touch are as distinct as the file system has them.
        if one_folder and all(fold(text := names.decode()) == text for _, names in lists):
            continue
        warnings += _duplicates(prefix + name for prefix, names in lists for name in names.split(b"\n"))
    if len(warnings) > _SHOWN_DUPLICATES:
        warnings[_SHOWN_DUPLICATES:] = [f"{len(warnings) - _SHOWN_DUPLICATES} more paths differ only in case or Unicode form"]
    return tuple(warnings)


def fold(text: str) -> str:
    """NFC and case folding, as far as file systems that ignore case go."""
    if text.isascii():
        return text.lower()
    import unicodedata

    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _duplicates(paths: Iterable[bytes]) -> list[str]:
    seen: dict[str, bytes] = {}
    found = []
    for path in paths:
        first = seen.setdefault(fold(path.decode()), path)
        if first is not path:
            found.append(f"`{shown(first)}` and `{shown(path)}` differ only in case or Unicode form")
    return found
