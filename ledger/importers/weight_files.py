"""Headers of weight files: safetensors and GGUF, and the pointers that Git LFS leaves in their place; pure.

Only headers are read, each with a bound, and every length in them is checked against the file before anything is read by it.
Sources: the safetensors format (a 64-bit little-endian length, that many bytes of JSON), GGUF versions 1 to 3 (ggml, docs/gguf.md),
the Git LFS specification (pointer files).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.errors import LedgerError
from ledger.importers.sources import Files, parse_json, shown

CODE = "LG1503"
SAFETENSORS_HEADER_BYTES = 100 << 20
"""The format's own bound on a header."""
GGUF_HEAD_BYTES = 64 << 20
"""How much of a GGUF file is read for its metadata; vocabularies take some megabytes."""
_GGUF_STRING_BYTES = 16 << 20
_GGUF_PAIRS = 100_000
_POINTER_BYTES = 1024
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\r?\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\r?\nsize ([0-9]{1,19})\r?\n?"
)

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9


@dataclass(frozen=True, slots=True)
class Pointer:
    """A Git LFS pointer: the digest and size of the file that belongs in its place."""

    sha256: str
    size: int


def lfs_pointer(files: Files, path: str) -> Pointer | None:
    """The pointer that a file is; None when it is none."""
    size = files.size(path)
    if size is None or not 0 < size <= _POINTER_BYTES:
        return None
    found = _POINTER.fullmatch(files.head(path, _POINTER_BYTES))
    return None if found is None else Pointer(found[1].decode("ascii"), int(found[2]))


@dataclass(frozen=True, slots=True)
class Header:
    """What a weight file says of itself.

    Attributes:
        metadata: its free fields: texts, numbers, or lists of texts.
        tensors: how many tensors it holds.
        complete: whether all of its metadata was within what is read.
    """

    format: str
    metadata: Mapping[str, Any]
    tensors: int
    complete: bool = True


def safetensors_header(files: Files, path: str) -> Header:
    """The header of a safetensors file.

    Raises:
        LedgerError: LG1503 when a length or an offset in it cannot be, or it is not JSON of the right form; LG0202 when it cannot be read.
    """
    size = files.size(path) or 0
    start = files.head(path, 8)
    if len(start) < 8:
        _bad(path, f"it has {size} bytes, and a safetensors file has at least 8")
    (length,) = struct.unpack("<Q", start)
    if length > SAFETENSORS_HEADER_BYTES or length + 8 > size:
        _bad(path, f"its header would have {length} bytes, and the file has {size}")
    raw = files.head(path, 8 + length)[8:]
    try:
        header = parse_json(raw.rstrip(b" "), path, SAFETENSORS_HEADER_BYTES)
    except LedgerError as error:
        raise LedgerError(CODE, f"the header of {error.message}") from None
    if not isinstance(header, dict):
        _bad(path, "its header is no object")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        _bad(path, "its `__metadata__` holds something else than texts")
    room = size - 8 - length
    for name, tensor in header.items():
        offsets = tensor.get("data_offsets") if isinstance(tensor, dict) else None
        if not _offsets(offsets, room):
            _bad(path, f"the tensor `{shown(name)}` lies outside of the file")
    return Header("safetensors", metadata, len(header))


def _offsets(offsets: Any, room: int) -> bool:
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(type(item) is int for item in offsets):
        return False
    return bool(0 <= offsets[0] <= offsets[1] <= room)


def gguf_header(files: Files, path: str) -> Header:
    """The metadata of a GGUF file; arrays are read as far as they hold texts and are short, long ones (vocabularies) are passed over.

    Raises:
        LedgerError: LG1503 when it is no GGUF file of version 1 to 3, or a length in it lies; LG0202 when it cannot be read.
    """
    size = files.size(path) or 0
    return _Gguf(path, size, files.head(path, GGUF_HEAD_BYTES)).read()


class _Short(Exception):
    """The metadata reaches beyond what was read of a file that is longer."""


class _Gguf:
    def __init__(self, path: str, size: int, data: bytes) -> None:
        self.path, self.size, self.data, self.at = path, size, data, 4
        self.order = "<"
        self.wide = True

    def read(self) -> Header:
        if self.data[:4] != b"GGUF" or len(self.data) < 8:
            _bad(self.path, "it does not begin as a GGUF file")
        (version,) = struct.unpack_from("<I", self.data, 4)
        if version & 0xFFFF == 0 and version:
            self.order = ">"
            (version,) = struct.unpack_from(">I", self.data, 4)
        if version not in (1, 2, 3):
            _bad(self.path, f"it is GGUF of version {version}, and 1 to 3 are known")
        self.at, self.wide = 8, version > 1
        found: dict[str, Any] = {}
        try:
            tensors, pairs = self._count(), self._count()
            if pairs > _GGUF_PAIRS:
                _bad(self.path, f"it would have {pairs} fields, and {_GGUF_PAIRS} at most are read")
            for _ in range(pairs):
                key = self._text()
                value = self._value(self._number("I"))
                if key in found:
                    _bad(self.path, f"it has the field `{shown(key)}` twice")
                found[key] = value
        except _Short:
            return Header("GGUF", found, 0, complete=False)
        return Header("GGUF", {key: value for key, value in found.items() if value is not None}, tensors)

    def _take(self, count: int) -> bytes:
        if count > self.size - self.at:
            _bad(self.path, f"a length at byte {self.at} reaches beyond its {self.size} bytes")
        if self.at + count > len(self.data):
            raise _Short
        piece = self.data[self.at : self.at + count]
        self.at += count
        return piece

    def _number(self, kind: str) -> Any:
        form = self.order + kind
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _count(self) -> int:
        found: int = self._number("Q" if self.wide else "I")
        return found

    def _text(self) -> str:
        length = self._count()
        if length > _GGUF_STRING_BYTES:
            _bad(self.path, f"a text at byte {self.at} would have {length} bytes")
        return self._take(length).decode("utf-8", "replace")

    def _value(self, kind: int) -> Any:
        if kind in _SCALARS:
            return self._number(_SCALARS[kind])
        if kind == _STRING:
            return self._text()
        if kind != _ARRAY:
            _bad(self.path, f"a field before byte {self.at} has the unknown type {kind}")
        inner, count = self._number("I"), self._count()
        if inner in _SCALARS:
            self._take(count * struct.calcsize("<" + _SCALARS[inner]))
            return None
        if inner != _STRING:
            _bad(self.path, f"an array before byte {self.at} has items of the type {inner}, which is not read")
        if count * (8 if self.wide else 4) > self.size - self.at:
            _bad(self.path, f"an array before byte {self.at} would have {count} items")
        if count <= 1000:
            return [self._text() for _ in range(count)]
        for _ in range(count):
            self._take(self._count())
        return None


def _bad(path: str, why: str) -> Any:
    raise LedgerError(CODE, f"`{shown(path)}`: {why}")
