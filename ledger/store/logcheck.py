"""Checking every byte of `log/`: which tile or bundle is not what the checkpoint commits to.

The checkpoint's root decides between a changed bundle and a changed tile: leaves from the bundles that give the signed root make
the bundles right, level-0 tiles that give it make the tiles right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ledger.errors import LedgerError
from ledger.log.checkpoint import Checkpoint
from ledger.log.tiles import WIDTH, TiledTree, decode_bundle, encode_bundle, entries_path, tile_path
from ledger.merkle.tree import leaf_hash, root_of_hashes
from ledger.store.fs import TEMPORARY, read_file
from ledger.store.reader import Reader

_TILE = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x\d{3}/)*\d{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


@dataclass(slots=True)
class LogState:
    """What the files of the log say, and what is wrong with them."""

    leaves: list[bytes] | None = None
    problems: list[str] = field(default_factory=list)
    leftovers: int = 0


def check_log(reader: Reader, checkpoint: Checkpoint) -> LogState:
    """Compare every file below `log/tile` with the checkpoint; the leaves are given when the bundles prove right."""
    state = LogState()
    tree = reader.tree(checkpoint.size)
    bundles = _bundles(tree, checkpoint.size, state)
    hashes: list[bytes] | None = [leaf_hash(leaf) for bundle in bundles or () for leaf in bundle]
    if bundles is not None and root_of_hashes(hashes or ()) == checkpoint.root:
        state.leaves = [leaf for bundle in bundles for leaf in bundle]
    else:
        hashes = _from_tiles(tree, checkpoint, state)
    _check_files(reader, checkpoint.size, hashes, state)
    return state


def _bundles(tree: TiledTree, size: int, state: LogState) -> list[list[bytes]] | None:
    found = []
    for n in range((size + WIDTH - 1) // WIDTH):
        try:
            found.append(tree.bundle(n))
        except LedgerError as error:
            state.problems.append(error.message)
            return None
    return found


def _from_tiles(tree: TiledTree, checkpoint: Checkpoint, state: LogState) -> list[bytes] | None:
    """Leaf hashes from the level-0 tiles, if those give the signed root."""
    hashes: list[bytes] = []
    try:
        for n in range((checkpoint.size + WIDTH - 1) // WIDTH):
            hashes += tree.tile(0, n)
    except LedgerError as error:
        state.problems.append(error.message)
        return None
    if root_of_hashes(hashes) == checkpoint.root:
        return hashes
    state.problems.append("neither the entry bundles nor the level-0 tiles give the root that the checkpoint signs")
    return None


def levels_of(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """The hashes of every tile level, from the leaf hashes."""
    levels = [list(hashes)]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        levels.append([root_of_hashes(below[i : i + WIDTH]) for i in range(0, len(below) - len(below) % WIDTH, WIDTH)])
    return levels


def tile_of(path: str) -> tuple[int, int, int] | None:
    """Level (-1 for entries), number and width of a tile by its path below `log/`, or None."""
    match = _TILE.fullmatch(path)
    if match is None:
        return None
    level = -1 if match[1] == "entries" else int(match[1])
    return level, int(match[2].replace("x", "").replace("/", "")), int(match[3]) if match[3] else WIDTH


def _check_files(reader: Reader, size: int, hashes: list[bytes] | None, state: LogState) -> None:
    """Every file below `log/` against what the hashes make it."""
    if hashes is None:
        return
    levels = levels_of(hashes)
    wanted = {
        tile_path(level, n, min(WIDTH, len(row) - n * WIDTH)) for level, row in enumerate(levels) for n in range(-(-len(row) // WIDTH))
    }
    wanted |= {entries_path(n, min(WIDTH, size - n * WIDTH)) for n in range(-(-size // WIDTH))}
    log = reader.layout.log
    present = sorted(str(path.relative_to(log)) for path in log.rglob("*") if path.is_file())
    for path in present:
        if path == "checkpoint" or path.rpartition("/")[2].startswith(TEMPORARY):
            continue
        match = _TILE.fullmatch(path)
        if match is None:
            state.problems.append(f"`log/{path}` is no file of a log")
            continue
        _check_file(reader, path, match, levels, hashes, state)
    for path in sorted(wanted - set(present)):
        state.problems.append(f"`log/{path}` is missing")


def _check_file(reader: Reader, path: str, match: re.Match[str], levels: list[list[bytes]], hashes: list[bytes], state: LogState) -> None:
    n = int(match[2].replace("x", "").replace("/", ""))
    width = int(match[3]) if match[3] else WIDTH
    data = read_file(reader.layout.log / path) or b""
    if match[1] == "entries":
        if n * WIDTH + width > len(hashes):
            state.leftovers += 1
            return
        wanted = hashes[n * WIDTH : n * WIDTH + width]
        try:
            entries = decode_bundle(data, what=f"log/{path}")
        except LedgerError:
            entries = []
        if [leaf_hash(entry) for entry in entries] != wanted or encode_bundle(entries) != data:
            state.problems.append(f"`log/{path}` does not hold the entries that the checkpoint commits to")
        return
    level = int(match[1])
    row = levels[level] if level < len(levels) else []
    if n * WIDTH + width > len(row):
        state.leftovers += 1
    elif data != b"".join(row[n * WIDTH : n * WIDTH + width]):
        state.problems.append(f"`log/{path}` does not hold the hashes that the checkpoint commits to")
