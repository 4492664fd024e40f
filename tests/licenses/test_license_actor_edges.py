"""Actor files, field by field: what each takes and refuses, by `docs/concepts/licences.md`; places, and who is in the European Union."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger.licenses.actor import Actor, read_actor

FIGURES = (
    "monthly_active_users",
    "daily_active_users",
    "annual_revenue_usd",
    "monthly_revenue_usd",
    "attributable_annual_revenue_usd",
)
FIELDS = (*FIGURES, "is_software_or_cloud_provider", "domicile", "purpose", "accepted_terms", "allow_list", "claims_open_source")
# Treaty on European Union, Article 52, with ISO 3166-1's codes; the United Kingdom left on 2020-01-31.
MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"

TAKEN: list[tuple[str, str, Any]] = [
    *[(name, text, number) for name in FIGURES for text, number in (("0", 0), ("1", 1), ("700000001", 700_000_001))],
    ("is_software_or_cloud_provider", "true", 1),
    ("is_software_or_cloud_provider", "false", 0),
    ("is_software_or_cloud_provider", "1", 1),
    ("is_software_or_cloud_provider", "0", 0),
    ("claims_open_source", "true", True),
    ("claims_open_source", "false", False),
    *[("domicile", f'"{code}"', code) for code in ("DE", "NO", "EU", "AA", "ZZ")],
    *[("purpose", word, word) for word in ("internal", "research", "noncommercial", "commercial")],
    ("accepted_terms", "[]", ()),
    ("accepted_terms", "[b, a, b]", ("a", "b")),
    ("allow_list", "[unknown]", ("unknown",)),
    *[(name, "unknown", None) for name in FIELDS],
    ("allow_list", "[" + ", ".join(f"a{number:05}" for number in range(10_000)) + "]", tuple(f"a{number:05}" for number in range(10_000))),
]
NUMBER, TRUTH, WORD = "is not a whole number of zero or more", "is neither true nor false", "is not a word"
COUNTRY, LIST = "is not a country code of two capitals, or EU", "is not a list of words"
QUOTES = "is a YAML boolean where a word is meant: write it in quotes"
PURPOSE = "is none of internal, research, noncommercial, commercial"
REFUSED: list[tuple[str, str, str]] = [
    *[(name, text, NUMBER) for name in FIGURES for text in ("-1", "0.5", "true", "false", "null", '"5"', "[]")],
    *[("is_software_or_cloud_provider", text, TRUTH) for text in ("2", "-1", "0.5", "null", '"true"', "[]")],
    *[("claims_open_source", text, TRUTH) for text in ("0", "1", "null", '"true"')],
    *[(name, text, WORD) for name in ("domicile", "purpose") for text in ('""', "5", "null", "[DE]")],
    *[(name, text, QUOTES) for name in ("domicile", "purpose") for text in ("NO", "on", "true", "false")],
    *[("domicile", f'"{text}"', COUNTRY) for text in ("D", "DEU", "de", "De", "D1", "12", "ÄÖ", "D ", "unknwon")],
    *[("purpose", text, PURPOSE) for text in ("Commercial", "zeal", "a", "commercially", "non-commercial")],
    *[(name, text, LIST) for name in ("accepted_terms", "allow_list") for text in ("MIT", "{MIT: 1}", "5", "null", '""')],
    *[(name, text, WORD) for name in ("accepted_terms", "allow_list") for text in ("[5]", '[MIT, ""]', "[null]", "[[MIT]]")],
    *[(name, "[NO]", QUOTES) for name in ("accepted_terms", "allow_list")],
    ("allow_list", "[" + ", ".join(f"a{number:05}" for number in range(10_001)) + "]", LIST),
]


@pytest.mark.parametrize(("name", "text", "value"), TAKEN)
def test_what_a_field_takes(name: str, text: str, value: Any) -> None:
    actor = read_actor(f"{name}: {text}\n".encode())
    assert getattr(actor, name) == value and type(getattr(actor, name)) is type(value)
    assert actor == Actor(**{name: value})


@pytest.mark.parametrize(("name", "text", "words"), REFUSED)
def test_what_a_field_refuses(name: str, text: str, words: str) -> None:
    with pytest.raises(LedgerError) as caught:
        read_actor(f"{name}: {text}\n".encode(), what="`me`")
    assert (caught.value.code, caught.value.message) == ("LG0822", f"`me`: {name} {words}")
    if words == QUOTES:
        assert caught.value.hint == 'write "NO" or "on" in quotes'


def test_all_fields_together() -> None:
    text = """
        monthly_active_users: 120000
        annual_revenue_usd: 400000
        is_software_or_cloud_provider: false
        domicile: "DE"
        purpose: commercial
        accepted_terms: [openai-tou-2024-12-11]
        allow_list: [MIT, Apache-2.0]
        claims_open_source: true
        daily_active_users: unknown
    """
    actor = read_actor(text.encode())
    assert actor == Actor(
        monthly_active_users=120_000,
        annual_revenue_usd=400_000,
        is_software_or_cloud_provider=0,
        domicile="DE",
        purpose="commercial",
        accepted_terms=("openai-tou-2024-12-11",),
        allow_list=("Apache-2.0", "MIT"),
        claims_open_source=True,
    )
    wanted = dict.fromkeys((*FIGURES, "is_software_or_cloud_provider")) | {
        "monthly_active_users": 120_000,
        "annual_revenue_usd": 400_000,
        "is_software_or_cloud_provider": 0,
    }
    assert {name: actor.metric(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("data", "code"), [(b"", None), (b"{}", None), (b"null", None), (b"[]", "LG0820"), (b"0", "LG0820"), (b"''", "LG0820")]
)
def test_a_file_without_fields(data: bytes, code: str | None) -> None:
    if code is None:
        assert read_actor(data) == Actor()
        return
    with pytest.raises(LedgerError) as caught:
        read_actor(data)
    assert (caught.value.code, caught.value.message) == (code, "actor file is not a mapping of fields")


def test_unknown_fields_are_named_in_order_short_and_harmless() -> None:
    with pytest.raises(LedgerError) as caught:
        read_actor(b'zeal: 1\n"a\\x1b": 1\npurpose: commercial\n' + b"m" * 61 + b": unknown\n")
    assert caught.value.code == "LG0821"
    assert caught.value.message == f"actor file has unknown fields: a?, {'m' * 60}, zeal"


def test_places() -> None:
    assert [code for code in MEMBERS.split() if Actor(domicile=code).within(("EU",)) is not True] == []
    for code in ("GB", "CH", "NO", "IS", "LI", "TR", "UA", "US", "EL", "UK"):
        assert Actor(domicile=code).within(("EU",)) is False, code
    assert Actor(domicile="EU").within(("EU",)) is True
    assert Actor(domicile="EU").within(("DE",)) is False
    assert Actor(domicile="DE").within(("DE",)) is True
    assert Actor(domicile="DE").within(("FR", "GB")) is False
    assert Actor(domicile="GB").within(("EU", "GB")) is True
    assert Actor(domicile="DE").within(()) is False
    assert Actor().within(("EU",)) is None and Actor().within(()) is None
