"""Typed ids: `file:`, `tree:`, `ref:` for artifacts, `sha256:` for stored bytes (docs/spec/format.md, section 1).

An id is a `str`, so it can stand in JSON and SQL as it is, but only the parsers below make one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from ledger import canon
from ledger.errors import LedgerError

_HEX64 = re.compile(r"[0-9a-f]{64}", re.ASCII)
ARTIFACT_FORMS = ("file", "tree", "ref")


class _Id(str):
    __slots__ = ()

    @property
    def form(self) -> str:
        """The type in front of the colon."""
        return self.partition(":")[0]

    @property
    def hex(self) -> str:
        """The 64 hex digits."""
        return self.partition(":")[2]

    @property
    def digest(self) -> bytes:
        """The 32 bytes."""
        return bytes.fromhex(self.hex)


class ArtifactId(_Id):
    """`file:<hex>`, `tree:<hex>` or `ref:<hex>`."""

    __slots__ = ()


class ObjectId(_Id):
    """`sha256:<hex>`: bytes in the object store, or the payload of an envelope."""

    __slots__ = ()


def artifact_id(text: str) -> ArtifactId:
    """Parse a full artifact id. Raises LedgerError LG0105."""
    form, colon, digits = text.partition(":")
    if not colon or form not in ARTIFACT_FORMS or _HEX64.fullmatch(digits) is None:
        raise LedgerError("LG0105", f"not an artifact id: `{text}`")
    return ArtifactId(text)


def object_id(text: str) -> ObjectId:
    """Parse a full object id. Raises LedgerError LG0105."""
    form, colon, digits = text.partition(":")
    if form != "sha256" or not colon or _HEX64.fullmatch(digits) is None:
        raise LedgerError("LG0105", f"not an object id: `{text}`")
    return ObjectId(text)


def make_artifact_id(form: str, digest: bytes) -> ArtifactId:
    """The id of a form (`file`, `tree`, `ref`) and a 32-byte digest."""
    return artifact_id(f"{form}:{digest.hex()}")


def object_id_of(data: bytes) -> ObjectId:
    """The id of these bytes as a stored object."""
    return ObjectId("sha256:" + hashlib.sha256(data).hexdigest())


def reference_id(descriptor: Mapping[str, str]) -> ArtifactId:
    """The id of an input whose bytes nobody has: H of its canonical `{name, uri, version}`.

    Args:
        descriptor: `name` and, when known, `uri` and `version`; unknown members are left out.
    """
    if not descriptor.get("name") or set(descriptor) - {"name", "uri", "version"}:
        raise LedgerError("LG0105", f"a reference has a name and at most a uri and a version: {dict(descriptor)}")
    return ArtifactId("ref:" + hashlib.sha256(canon.canonical(dict(descriptor))).hexdigest())
