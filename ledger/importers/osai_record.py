"""A record of the Open Source AI Index as a document: what `ledger import osai-index` reads; pure."""

from __future__ import annotations

from ledger.importers import records, registry_records
from ledger.importers.imported import Imported, Options
from ledger.importers.sources import Files


def read(files: Files, how: Options) -> Imported:
    """What the record says. Raises as `registry_records.read`."""
    return registry_records.read(files, how, records.OSAI)
