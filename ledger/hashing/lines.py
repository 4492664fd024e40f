"""The text of an inventory, as `sha256sum` prints it; made in worker processes too, so it imports nothing."""

from __future__ import annotations

_join = str.__add__


def inventory_text(prefix: bytes, names: bytes, digests: bytes) -> bytes:
    """The inventory lines of files of one folder.

    Args:
        prefix: the folder's path and a slash; empty for the root.
        names: joined by line feeds, ascending.
        digests: 32 bytes for each.
    """
    before = "  " + prefix.decode()
    hexes = digests.hex("\n", -32).split("\n")
    paths = (before + names.decode().replace("\n", "\n" + before)).split("\n")
    return ("\n".join(map(_join, hexes, paths)) + "\n").encode()
