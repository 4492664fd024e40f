"""The result of hashing: an id, and the inventory behind it, made only when somebody asks for it.

`Hashed.inventory()` is byte for byte what `sha256sum` prints for the tree (docs/spec/format.md, section 1).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ledger.hashing.lines import inventory_text
from ledger.hashing.walk import Chunk
from ledger.ids import ArtifactId

Bytes = bytes
"""`Hashed` has a field of that name."""


def chunk_text(chunk: Chunk) -> bytes:
    """The inventory of a chunk."""
    return inventory_text(chunk.folder.prefix, chunk.names, bytes(chunk.digests))


class Columns:
    """Files as columns, cut out of the chunks on first use."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self.chunks = chunks
        self._paths: list[bytes] | None = None
        self._digests: bytes | None = None
        self._sizes: array[int] | None = None

    @property
    def paths(self) -> list[bytes]:
        """All paths, ascending."""
        if self._paths is None:
            paths: list[bytes] = []
            for chunk in self.chunks:
                prefix = chunk.folder.prefix
                paths += (prefix + chunk.names.replace(b"\n", b"\n" + prefix)).split(b"\n")
            self._paths = paths
        return self._paths

    @property
    def digests(self) -> bytes:
        """32 bytes per path."""
        if self._digests is None:
            self._digests = b"".join(bytes(chunk.digests) for chunk in self.chunks)
        return self._digests

    @property
    def sizes(self) -> array[int]:
        """Bytes per path."""
        if self._sizes is None:
            self._sizes = sizes_of(self.chunks)
        return self._sizes


def sizes_of(chunks: Iterable[Chunk]) -> array[int]:
    """The sizes of all files of the chunks."""
    sizes = array("q")
    for chunk in chunks:
        rows = array("q")
        rows.frombytes(bytes(chunk.rows))
        sizes += rows[2::5]
    return sizes


@dataclass(frozen=True, slots=True)
class Hashed:
    """What `hash_path` found.

    Attributes:
        id: `file:` or `tree:` id of the content.
        form: which of the two.
        root: the RFC 6962 root over the inventory lines without their line feeds, 32 bytes.
        files: how many files there are.
        bytes: their size altogether.
        hashed_bytes: how much of it was read and hashed this time.
        reused_files: for how many files the digest came from the cache.
        warnings: pairs of paths that only a case-sensitive file system keeps apart.
    """

    id: ArtifactId
    form: Literal["file", "tree"]
    root: Bytes
    files: int
    bytes: int
    hashed_bytes: int
    reused_files: int
    warnings: tuple[str, ...]
    _columns: Columns = field(repr=False, compare=False)

    @property
    def paths(self) -> list[Bytes]:
        """The paths of the files, ascending by raw bytes; for a file its base name."""
        return self._columns.paths

    @property
    def digests(self) -> Bytes:
        """32 bytes per path, in the same order."""
        return self._columns.digests

    @property
    def sizes(self) -> array[int]:
        """Bytes per path, in the same order."""
        return self._columns.sizes

    def inventory(self) -> Bytes:
        """What `sha256sum` prints for the files."""
        return b"".join(map(chunk_text, self._columns.chunks))
