"""C2SP tlog-tiles: paths, entry bundles, and a tree read from and grown on tiles.

Source: C2SP tlog-tiles v0.1.0. A tile holds up to 256 hashes of one tile level; its hash at the next level is the Merkle hash of
a full tile. Pure: files are read through a function and returned as bytes to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ledger.errors import LedgerError
from ledger.merkle.tree import inclusion_path, leaf_hash, range_hash, root_of_hashes

WIDTH = 256
FileReader = Callable[[str], bytes | None]
"""Reads a file of the log by its path below `log/`; None when it is not there."""


def tile_number(n: int) -> str:
    """The number as a path: groups of three digits, all but the last behind an x."""
    text = f"{n % 1000:03d}"
    n //= 1000
    while n:
        text = f"x{n % 1000:03d}/{text}"
        n //= 1000
    return text


def tile_path(level: int, n: int, width: int = WIDTH) -> str:
    """`tile/<L>/<N>` or `tile/<L>/<N>.p/<W>`."""
    suffix = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{tile_number(n)}{suffix}"


def entries_path(n: int, width: int = WIDTH) -> str:
    """`tile/entries/<N>` or `tile/entries/<N>.p/<W>`."""
    suffix = "" if width == WIDTH else f".p/{width}"
    return f"tile/entries/{tile_number(n)}{suffix}"


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length in two bytes, big endian."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes, *, what: str) -> list[bytes]:
    """The entries of a bundle. Raises LedgerError LG0504 when it is cut."""
    entries: list[bytes] = []
    position = 0
    while position < len(data):
        end = position + 2 + int.from_bytes(data[position : position + 2], "big")
        if position + 2 > len(data) or end > len(data):
            raise LedgerError("LG0504", f"entry bundle `{what}` is cut off after {len(entries)} entries")
        entries.append(data[position + 2 : end])
        position = end
    return entries


class TiledTree:
    """A Merkle tree of a given size whose hashes are in tiles.

    Tiles are read when needed and kept; a partial tile that is gone is taken from the full one, as the specification has it.
    """

    def __init__(self, size: int, read: FileReader) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def _width(self, level: int, n: int) -> int:
        return min(WIDTH, (self.size >> 8 * level) - n * WIDTH)

    def tile(self, level: int, n: int) -> list[bytes]:
        """The hashes of a tile. Raises LedgerError LG0504 when the file is missing or too short."""
        key = (level, n)
        if key not in self._tiles:
            width = self._width(level, n)
            path = tile_path(level, n, width)
            data = self._read(path)
            if data is None and width < WIDTH:
                path = tile_path(level, n)
                data = self._read(path)
            if data is None:
                raise LedgerError("LG0504", f"`log/{tile_path(level, n, width)}` is missing")
            if len(data) < 32 * width:
                raise LedgerError("LG0504", f"`log/{path}` has {len(data)} bytes, {32 * width} are needed")
            self._tiles[key] = [data[i : i + 32] for i in range(0, 32 * width, 32)]
        return self._tiles[key]

    def node(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree of 2^level leaves at this index: a `merkle.tree.NodeReader`."""
        tile_level, inner = divmod(level, 8)
        first = index << inner
        n, offset = divmod(first, WIDTH)
        return root_of_hashes(self.tile(tile_level, n)[offset : offset + (1 << inner)])

    def root(self) -> bytes:
        """The root, from the right edge of the tiles."""
        return range_hash(self.node, 0, self.size)

    def inclusion(self, index: int) -> list[bytes]:
        """The inclusion path of a leaf. Raises LedgerError LG0504 when tiles are missing."""
        return inclusion_path(self.node, index, self.size)

    def bundle(self, n: int) -> list[bytes]:
        """The entries of one bundle. Raises LedgerError LG0504."""
        width = self._width(0, n)
        path = entries_path(n, width)
        data = self._read(path)
        if data is None and width < WIDTH:
            path = entries_path(n)
            data = self._read(path)
        if data is None:
            raise LedgerError("LG0504", f"`log/{entries_path(n, width)}` is missing")
        entries = decode_bundle(data, what=f"log/{path}")
        if len(entries) < width:
            raise LedgerError("LG0504", f"`log/{path}` has {len(entries)} entries, {width} are needed")
        return entries[:width]

    def entries(self, first: int = 0, last: int | None = None) -> Iterator[tuple[int, bytes]]:
        """(index, leaf record) from first to before last."""
        stop = self.size if last is None else min(last, self.size)
        for n in range(first // WIDTH, (stop + WIDTH - 1) // WIDTH):
            for offset, entry in enumerate(self.bundle(n)):
                index = n * WIDTH + offset
                if first <= index < stop:
                    yield index, entry


@dataclass(frozen=True, slots=True)
class Growth:
    """What an append makes: the new size and root, the files to write, and partial files that a full one replaces."""

    size: int
    root: bytes
    files: dict[str, bytes]


def grow(tree: TiledTree, leaves: Sequence[bytes]) -> Growth:
    """Append leaf records.

    Args:
        tree: the committed tree.
        leaves: leaf records in log order.

    Raises:
        LedgerError: LG0504 when the committed right edge cannot be read.
    """
    files: dict[str, bytes] = {}
    size = tree.size + len(leaves)
    _grow_bundles(tree, leaves, files)
    hashes: list[bytes] = [leaf_hash(leaf) for leaf in leaves]
    level = 0
    while hashes:
        old = tree.size >> 8 * level
        hashes = _grow_level(tree, level, old, hashes, files)
        level += 1
    grown = TiledTree(size, lambda path: files.get(path) or tree._read(path))
    return Growth(size, grown.root(), files)


def _grow_bundles(tree: TiledTree, leaves: Sequence[bytes], files: dict[str, bytes]) -> None:
    n, held = divmod(tree.size, WIDTH)
    pending = [*(tree.bundle(n) if held else []), *leaves]
    while pending:
        part, pending = pending[:WIDTH], pending[WIDTH:]
        files[entries_path(n, len(part))] = encode_bundle(part)
        n += 1


def _grow_level(tree: TiledTree, level: int, old: int, hashes: list[bytes], files: dict[str, bytes]) -> list[bytes]:
    """Write the tiles of one level; returns the new hashes of the next."""
    n, held = divmod(old, WIDTH)
    pending = [*(tree.tile(level, n) if held else []), *hashes]
    above = []
    while pending:
        part, pending = pending[:WIDTH], pending[WIDTH:]
        files[tile_path(level, n, len(part))] = b"".join(part)
        if len(part) == WIDTH:
            above.append(root_of_hashes(part))
        n += 1
    return above
