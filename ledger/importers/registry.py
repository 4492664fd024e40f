"""What records of registries have in common: how they are read, and what a licence field of theirs says; pure.

Registries have fields for a licence in which people write what they like. A string stays as it is, in `expression`, because a
registry's own rules may compare it letter by letter; `normalized` is what it certainly names, else `NOASSERTION`; and a remark
says in plain words what the string is when it is not simply an SPDX expression.
"""

from __future__ import annotations

import re
from typing import Any

from ledger import canon
from ledger.errors import LedgerError
from ledger.licenses.catalogue import catalogue
from ledger.licenses.expression import parse_expression
from ledger.licenses.names import named
from ledger.spec import strict_yaml
from ledger.spec.evidence import Evidence, LicenseFact
from ledger.spec.vocabulary import NOASSERTION

CODE = "LG1003"
BASIS = "registry"

# A name or version that YAML reads as a number beyond this was never meant as one.
_LARGEST = 10**30
_NOT_INCLUDED = re.compile(r"(?:component )+not includ(?:e|ed)\.?", re.IGNORECASE)
_NOT_SAID = re.compile(r"undisclosed|unknown|unclear|unspecified|pending evaluation|(?:licen[sc]e +)?not +specified", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_SETS = re.compile(r"data ?sets?\b", re.IGNORECASE)
# One of a list as registries of data sets name them: owner/name.
_SET_NAME = re.compile(r"[\w.-]+/[\w.-]+")

Remark = tuple[str, str]
"""JSON pointer into the record, and what has to be known of what stands there, in plain words."""


def record_name(name: str) -> str:
    """How messages name a record."""
    return f"the record `{name}`" if name else "the record"


def load(data: bytes, what: str) -> Any:
    """Read a record, JSON or YAML.

    Args:
        what: names it in messages, as `record_name` says.

    Raises:
        LedgerError: LG1003 when it is neither, LG0103 when it is too large.
    """
    if data.lstrip(b" \t\r\n").startswith(b"{"):
        try:
            return canon.loads(data, what=what)
        except LedgerError as error:
            if error.code == "LG0103":
                raise
            # A YAML flow mapping begins like JSON does; the YAML reader has the last word on it.
    return strict_yaml.load(data, what=what, code=CODE)


def scalar(value: Any) -> str | None:
    """A text, or a number that YAML made of one, such as the version 1.0 or a model called 360; None for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _LARGEST:
        return str(value)
    return value if isinstance(value, str) else None


def step(key: str) -> str:
    """One step of a JSON pointer, escaped."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def said_license(text: str, pointer: str) -> tuple[LicenseFact, Remark | None]:
    """What a licence field says, and what has to be known of it.

    Args:
        pointer: where it stands in the record.
    """
    normalized, remark = _read(text)
    fact = LicenseFact(text, normalized, BASIS, (Evidence(pointer=pointer),))
    return fact, None if remark is None else (pointer, f"`{shown(text)}` {remark}")


def shown(text: str) -> str:
    """A stranger's text, short and without control characters."""
    short = text if len(text) <= 120 else text[:119] + "…"
    return "".join(char if char.isprintable() else "?" for char in short)


def _read(text: str) -> tuple[str, str | None]:
    expression = parse_expression(text)
    if expression.valid:
        other = len(expression.ids) == 1 and text != expression.normalized
        return expression.normalized, f"is another spelling of {expression.normalized}" if other else None
    if _is_beginning(text.strip()):
        return NOASSERTION, "is no SPDX id; several ids of the list begin with it"
    name = named(text, "words")
    if name.certain:
        what = "is the address of" if _ADDRESS.fullmatch(text.strip()) else "is another spelling of"
        return name.expression, f"{what} {name.expression}"
    return NOASSERTION, _why_not(text.strip(), name.reason)


def _is_beginning(text: str) -> bool:
    """Whether a string is only the beginning of several ids of the SPDX list: whoever corrects `BSD-3` guesses."""
    known, start = catalogue().licenses, text.lower().replace(" ", "-")
    return bool(start) and start not in known and sum(id.startswith(start + "-") for id in known) > 1


def _why_not(text: str, reason: str | None) -> str:
    if _NOT_INCLUDED.fullmatch(text):
        return "says that the component is not included, and names no licence"
    if _NOT_SAID.fullmatch(text):
        return "says that the licence is not known, and names none"
    if _ADDRESS.fullmatch(text):
        return "is an address, not a licence"
    if _SETS.search(text) or ("," in text and any(_SET_NAME.fullmatch(part.strip()) for part in text.split(","))):
        return "names data sets, not a licence"
    if reason and reason.startswith("a family"):
        return "names a family of licences, and not which of them"
    if reason == "it names no licence":
        return "names no licence"
    return "is no SPDX id, and no name of a licence that is known"
