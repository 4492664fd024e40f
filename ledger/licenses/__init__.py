"""Licences: expressions, the SPDX list, what licences say, which licence a text or a name is, and what follows along a lineage; no network.

`textid`, `names` and `propagate` are imported where they are used: recording needs none of them.
"""

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
