"""Who asks: the figures and intentions that a licence's grant may depend on, from a file that people write.

    monthly_active_users: 120000
    annual_revenue_usd: 400000
    domicile: "DE"
    purpose: commercial
    accepted_terms: [openai-tou-2024-12-11]
    allow_list: [Apache-2.0, MIT]
    claims_open_source: true

What the file leaves out is unknown, and a rule that needs it answers `review`. Unknown fields are refused, because a figure under
a misspelled name would look like one that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ledger.errors import LedgerError
from ledger.licenses.facts import METRICS
from ledger.spec import strict_yaml

PURPOSES = ("internal", "research", "noncommercial", "commercial")
# Member states of the European Union by ISO 3166-1 code; the list of the Publications Office, 2020-02-01 and later.
EU_MEMBERS = frozenset(re.findall("..", "ATBEBGCYCZDEDKEEESFIFRGRHRHUIEITLTLULVMTNLPLPTROSESISK"))
_COUNTRY_CHARS = 2
_LIST_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class Actor:
    """Facts about whoever uses or releases; None is not known.

    Attributes:
        monthly_active_users, daily_active_users: people, affiliates included.
        annual_revenue_usd, monthly_revenue_usd, attributable_annual_revenue_usd: US dollars; the last from the work alone.
        is_software_or_cloud_provider: 1 for yes, 0 for no.
        domicile: an ISO 3166-1 code in capitals, or ``EU``.
        purpose: one of `PURPOSES`.
        accepted_terms: keys of service terms that were accepted.
        allow_list: ids of licences that a project takes in.
        claims_open_source: the release is called open source.
    """

    monthly_active_users: int | None = None
    daily_active_users: int | None = None
    annual_revenue_usd: int | None = None
    monthly_revenue_usd: int | None = None
    attributable_annual_revenue_usd: int | None = None
    is_software_or_cloud_provider: int | None = None
    domicile: str | None = None
    purpose: str | None = None
    accepted_terms: tuple[str, ...] | None = None
    allow_list: tuple[str, ...] | None = None
    claims_open_source: bool | None = None

    def metric(self, name: str) -> int | None:
        """A figure by the name that thresholds use."""
        value: int | None = getattr(self, name)
        return value

    def within(self, places: tuple[str, ...]) -> bool | None:
        """Whether the domicile is in one of some places; ``EU`` stands for its members. None when it is not known."""
        if self.domicile is None:
            return None
        return self.domicile in places or ("EU" in places and self.domicile in EU_MEMBERS)


def read_actor(data: bytes, *, what: str = "actor file") -> Actor:
    """Read an actor file (YAML, or JSON, which is YAML).

    A figure may be written `unknown`, which is the same as leaving it out.

    Raises:
        LedgerError: LG0820 when it is no YAML or no mapping, LG0821 for an unknown field, LG0822 for a value of another kind,
            LG0103 when it is too long.
    """
    value = strict_yaml.load(data, what=what, code="LG0820")
    if value is None:
        return Actor()
    if not isinstance(value, dict):
        raise LedgerError("LG0820", f"{what} is not a mapping of fields")
    unknown = sorted(set(value) - set(_READERS))
    if unknown:
        raise LedgerError("LG0821", f"{what} has unknown fields: {', '.join(map(_shown, unknown))}")
    return Actor(**{name: _READERS[name](item, f"{what}: {name}") for name, item in value.items() if item != "unknown"})


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text[:60])


def _figure(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise LedgerError("LG0822", f"{where} is not a whole number of zero or more")
    return value


def _flag(value: Any, where: str) -> int:
    if isinstance(value, bool):
        return int(value)
    if value in (0, 1):
        return int(value)
    raise LedgerError("LG0822", f"{where} is neither true nor false")


def _truth(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise LedgerError("LG0822", f"{where} is neither true nor false")
    return value


def _word(value: Any, where: str) -> str:
    if isinstance(value, bool):
        raise LedgerError(
            "LG0822", f"{where} is a YAML boolean where a word is meant: write it in quotes", hint='write "NO" or "on" in quotes'
        )
    if not isinstance(value, str) or not value:
        raise LedgerError("LG0822", f"{where} is not a word")
    return value


def _country(value: Any, where: str) -> str:
    word = _word(value, where)
    if not (len(word) == _COUNTRY_CHARS and word.isascii() and word.isalpha() and word.isupper()):
        raise LedgerError("LG0822", f"{where} is not a country code of two capitals, or EU")
    return word


def _purpose(value: Any, where: str) -> str:
    word = _word(value, where)
    if word not in PURPOSES:
        raise LedgerError("LG0822", f"{where} is none of {', '.join(PURPOSES)}")
    return word


def _words(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _LIST_ITEMS:
        raise LedgerError("LG0822", f"{where} is not a list of words")
    return tuple(sorted({_word(item, where) for item in value}))


_READERS: dict[str, Callable[[Any, str], Any]] = {
    **dict.fromkeys(METRICS, _figure),
    "is_software_or_cloud_provider": _flag,
    "domicile": _country,
    "purpose": _purpose,
    "accepted_terms": _words,
    "allow_list": _words,
    "claims_open_source": _truth,
}
