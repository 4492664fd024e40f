"""From bytes to a JSON value with bounds, and the objects in it one after another.

A document with a key twice is refused, not checked: two programs that read it take different values, so there is no one document
that a verdict could be about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger import canon
from ledger.bom.report import step
from ledger.errors import LedgerError

MAX_BYTES = 256 << 20
# Values in a document: what one costs in memory does not depend on how few bytes it takes in the file.
MAX_VALUES = 2_000_000
# How documents start that are not JSON.
_SYNTAXES = {
    b"<": "XML",
    b"SPDXVersion:": "SPDX 2 as tag-value",
    b"spdxVersion:": "SPDX 2 as YAML",
    b"SPDXID:": "SPDX 2 as YAML",
}


@dataclass(frozen=True, slots=True)
class Node:
    """An object of the document.

    Attributes:
        pointer: where it stands.
        key: the name under which it, or the list that it is in, stands; empty for the document itself.
        above: likewise of the object around it.
        value: the object.
    """

    pointer: str
    key: str
    above: str
    value: dict[str, Any]


def read_json(data: bytes, what: str) -> Any:
    """Parse a document.

    Args:
        what: names it in messages.

    Raises:
        LedgerError: LG1701 when it is too large or too deep, LG1702 when it is not JSON with one reading, LG1703 when it is in another
            syntax that such documents have.
    """
    if len(data) > MAX_BYTES:
        raise LedgerError("LG1701", f"{what} has {len(data)} bytes, more than {MAX_BYTES}")
    # Each value but one comes after a comma or an opening bracket. Those in strings count too: a bound may be too strict.
    if (count := data.count(b",") + data.count(b"[") + data.count(b"{")) > MAX_VALUES:
        raise LedgerError("LG1701", f"{what} has up to {count} values, more than {MAX_VALUES}")
    start = data[:100].lstrip()
    for sign, syntax in _SYNTAXES.items():
        if start.startswith(sign):
            raise LedgerError("LG1703", f"{what} seems to be {syntax}; only JSON is checked")
    try:
        return canon.loads(data, what=what, max_bytes=MAX_BYTES)
    except LedgerError as error:
        raise LedgerError("LG1701" if error.code == "LG0103" else "LG1702", error.message) from None


def nodes(document: dict[str, Any]) -> list[Node]:
    """All objects of a document, the outer ones first."""
    found = [Node("", "", "", document)]
    for node in found:  # grows while it is walked
        for key, value in node.value.items():
            if isinstance(value, dict):
                found.append(Node(step(node.pointer, key), key, node.key, value))
            elif isinstance(value, list):
                _from_list(found, value, step(node.pointer, key), key, node.key)
    return found


def _from_list(found: list[Node], items: list[Any], pointer: str, key: str, above: str) -> None:
    for number, item in enumerate(items):
        if isinstance(item, dict):
            found.append(Node(f"{pointer}/{number}", key, above, item))
        elif isinstance(item, list):
            _from_list(found, item, f"{pointer}/{number}", key, above)


def texts(value: Any, pointer: str) -> list[tuple[str, str]]:
    """The text at a place, or the texts of the list there, each with its pointer; anything else is nothing."""
    if isinstance(value, str):
        return [(pointer, value)]
    if isinstance(value, list):
        return [(f"{pointer}/{number}", item) for number, item in enumerate(value) if isinstance(item, str)]
    return []
