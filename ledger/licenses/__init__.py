"""Licences: expressions, the SPDX list as facts, and what counts as OSI approved; pure, without network."""

from ledger.licenses.catalogue import LicenseEntry, entry, list_version
from ledger.licenses.expression import Expression, parse_expression
from ledger.licenses.files import is_license_file
from ledger.licenses.osi import osi_approved

__all__ = ["Expression", "LicenseEntry", "entry", "is_license_file", "list_version", "osi_approved", "parse_expression"]
