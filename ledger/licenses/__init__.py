"""Licences: expressions, the SPDX list, what licences say, which licence a text is, and what follows along a lineage; no network."""

from ledger.licenses.catalogue import LicenseEntry, entry, list_version
from ledger.licenses.expression import Expression, parse_expression
from ledger.licenses.facts import LicenseFacts, facts_of
from ledger.licenses.files import is_license_file
from ledger.licenses.names import Named, named
from ledger.licenses.osi import osi_approved
from ledger.licenses.textid import Identification, identify_bytes, identify_text

__all__ = [
    "Expression",
    "Identification",
    "LicenseEntry",
    "LicenseFacts",
    "Named",
    "entry",
    "facts_of",
    "identify_bytes",
    "identify_text",
    "is_license_file",
    "list_version",
    "named",
    "osi_approved",
    "parse_expression",
]
