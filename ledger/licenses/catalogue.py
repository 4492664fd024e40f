"""The SPDX License List as facts: which ids exist, and what OSI and the FSF say of each.

The facts are a snapshot in `data/` with its version, date and the digest of its source (`tools/make_spdx_snapshot.py` makes it).
Guarantees: read once, never changed, no network. A flag of the FSF that the list does not give is None, not False.
Deprecated ids such as `GPL-2.0` stay entries of their own with the list's own flags: an id is never exchanged for another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ledger import resources
from ledger.errors import LedgerError

SNAPSHOT = "spdx-3.29.json"


@dataclass(frozen=True, slots=True)
class LicenseEntry:
    """One id of the list.

    Attributes:
        osi: OSI approved it, as the list says.
        fsf: the FSF calls it free; None when the list says nothing.
        deprecated: the list asks to use another id.
    """

    id: str
    name: str
    osi: bool
    fsf: bool | None
    deprecated: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The whole snapshot; the two tables are keyed by the lower-case id, because SPDX ids ignore case."""

    version: str
    released: str
    source: Mapping[str, str]
    licenses: Mapping[str, LicenseEntry]
    exceptions: Mapping[str, str]


@cache
def catalogue() -> Catalogue:
    """The snapshot that this version of the product carries. Raises LedgerError LG0107, LG0802."""
    data = resources.data_bytes("licenses", SNAPSHOT)
    try:
        value = json.loads(data)
        licenses = {
            key.lower(): LicenseEntry(key, item["name"], item["osi"], item["fsf"], item["deprecated"])
            for key, item in value["licenses"].items()
        }
        exceptions = {key.lower(): key for key in value["exceptions"]}
        return Catalogue(value["version"], value["released"], value["source"], licenses, exceptions)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LedgerError("LG0802", f"licence data cannot be read: {SNAPSHOT}: {type(error).__name__}") from None


def entry(license_id: str) -> LicenseEntry | None:
    """The list's entry of an id in any case, or None when the list has no such id."""
    # Without this, `str.lower` would let letters such as the Kelvin sign pass for ASCII ones.
    return catalogue().licenses.get(license_id.lower()) if license_id.isascii() else None


def exception_id(text: str) -> str | None:
    """The list's spelling of an exception id, or None when the list has no such exception."""
    return catalogue().exceptions.get(text.lower()) if text.isascii() else None


def list_version() -> str:
    """The version of the SPDX License List, such as ``3.29.0``."""
    return catalogue().version
