"""Licences: expressions, the SPDX list, what licences say, and what follows along a lineage; pure, without network."""

from ledger.licenses.catalogue import LicenseEntry, entry, list_version
from ledger.licenses.expression import Expression, parse_expression
from ledger.licenses.facts import LicenseFacts, facts_of
from ledger.licenses.files import is_license_file
from ledger.licenses.osi import osi_approved

__all__ = [
    "Expression",
    "LicenseEntry",
    "LicenseFacts",
    "entry",
    "facts_of",
    "is_license_file",
    "list_version",
    "osi_approved",
    "parse_expression",
]
