"""Licences: expressions, the SPDX list, what licences say, which licence a text or a name is, and what follows along a lineage; no network.

What is here under its own name is imported when it is asked for: most commands need little of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_PLACES = {
    **dict.fromkeys(("LicenseEntry", "entry", "list_version"), "catalogue"),
    **dict.fromkeys(("Expression", "parse_expression"), "expression"),
    **dict.fromkeys(("LicenseFacts", "facts_of"), "facts"),
    "is_license_file": "files",
    "osi_approved": "osi",
}


def __getattr__(name: str) -> Any:
    """What the room gives to others."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"ledger.licenses.{_PLACES[name]}"), name)
