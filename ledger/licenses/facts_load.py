"""Reads the table of licence facts, and refuses what a fact may not be: without a source, with unknown fields or words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ledger import resources
from ledger.errors import LedgerError
from ledger.licenses import facts as words
from ledger.licenses.facts import (
    Aup,
    Badge,
    Conditions,
    Derivatives,
    Geography,
    LicenseFacts,
    LicenseIds,
    Outputs,
    Source,
    Threshold,
)
from ledger.spec import strict_yaml

TABLE = "license-facts.json"
FORMAT = "openness-ledger/license-facts/v1"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIELDS = frozenset(LicenseFacts.__dataclass_fields__) - {"date"}
_CONDITIONS = frozenset(Conditions.__dataclass_fields__)
_IDS = frozenset(LicenseIds.__dataclass_fields__)
_ANSWERS = frozenset(words.ANSWERS)
_YES_NO = frozenset(("yes", "no", "unknown"))
_PATENT = frozenset(("express", "not-express", "none", "unknown"))


@dataclass(frozen=True, slots=True)
class FactTable:
    """A whole table; `by_id` is keyed by lower-case key, SPDX id and licence reference."""

    date: str
    entries: tuple[LicenseFacts, ...]
    by_id: Mapping[str, LicenseFacts]
    by_text: Mapping[str, LicenseFacts]


@cache
def table() -> FactTable:
    """The table that this version of the product carries. Raises LedgerError LG0107, LG0802, LG0810 to LG0814."""
    data = resources.data_bytes("licenses", TABLE)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise LedgerError("LG0802", f"licence data cannot be read: {TABLE}: {type(error).__name__}") from None
    return read_table(value, what=TABLE)


def load_table(data: bytes, *, what: str = "facts file") -> FactTable:
    """A table from the bytes of a YAML or JSON file. Raises LedgerError LG0103, LG0810 to LG0814."""
    return read_table(strict_yaml.load(data, what=what, code="LG0810"), what=what)


def read_table(value: Any, *, what: str) -> FactTable:
    """A table from plain values.

    Raises:
        LedgerError: LG0810 for another shape, LG0811 for a fact without a source, LG0812 for unknown or missing fields,
            LG0813 for a YAML boolean where a word is meant, LG0814 for a word that is not on its list.
    """
    top = _mapping(value, what)
    _exact(top, frozenset(("date", "format", "licenses")), what)
    if top["format"] != FORMAT:
        raise LedgerError("LG0810", f"{what} is not in the format {FORMAT}")
    date = _text(top["date"], f"{what}: date")
    if not _DATE.fullmatch(date):
        raise LedgerError("LG0810", f"{what}: date is not a day such as 2026-11-20")
    entries: list[LicenseFacts] = []
    by_id: dict[str, LicenseFacts] = {}
    by_text: dict[str, LicenseFacts] = {}
    for number, item in enumerate(_list(top["licenses"], f"{what}: licenses")):
        found = _entry(item, f"{what}: licenses[{number}]", date)
        entries.append(found)
        for name in {found.key, found.ids.spdx or found.key, found.ids.licenseref or found.key}:
            # A reference that spells a whole expression, such as a licence with a policy beside it, is no id.
            if " " not in name and by_id.setdefault(name.lower(), found) is not found:
                raise LedgerError("LG0810", f"{what}: two entries are called {name}")
        for digest in found.text_sha256:
            if by_text.setdefault(digest, found) is not found:
                raise LedgerError("LG0810", f"{what}: two entries have the text {digest[:12]}…")
    return FactTable(date, tuple(entries), by_id, by_text)


def _entry(value: Any, where: str, date: str) -> LicenseFacts:
    item = _mapping(value, where)
    key = item.get("key")
    where = f"{where} ({key})" if isinstance(key, str) and key.isprintable() else where
    _exact(item, _FIELDS, where)
    sources = tuple(_source(part, f"{where}: sources") for part in _list(item["sources"], f"{where}: sources"))
    if not sources:
        raise LedgerError("LG0811", f"{where} has no source")

    def word(name: str, allowed: tuple[str, ...] | frozenset[str]) -> str:
        return _word(item[name], f"{where}: {name}", allowed)

    return LicenseFacts(
        key=_text(item["key"], f"{where}: key"),
        name=_text(item["name"], f"{where}: name"),
        steward=_text_or_none(item["steward"], f"{where}: steward"),
        version_date=_text_or_none(item["version_date"], f"{where}: version_date"),
        ids=_ids(item["ids"], f"{where}: ids"),
        targets=_words(item["targets"], f"{where}: targets", words.TARGETS),
        klass=word("klass", words.KLASSES),
        osi=_flag(item["osi"], f"{where}: osi"),
        fsf=_flag(item["fsf"], f"{where}: fsf"),
        open_definition=_flag(item["open_definition"], f"{where}: open_definition"),
        commercial=word("commercial", words.COMMERCIAL),
        modify=word("modify", words.PERMITS),
        redistribute=word("redistribute", words.PERMITS),
        sublicense=word("sublicense", words.PERMITS),
        patent=word("patent", _PATENT),
        hosting=word("hosting", words.PERMITS),
        conditions=Conditions(**_answers(item["conditions"], f"{where}: conditions", _CONDITIONS)),
        badge=_badge(item["badge"], f"{where}: badge"),
        name_prefix=_text_or_none(item["name_prefix"], f"{where}: name_prefix"),
        share_alike=word("share_alike", words.SHARE_ALIKE),
        aup=_aup(item["aup"], f"{where}: aup"),
        field_of_use=_words(item["field_of_use"], f"{where}: field_of_use", words.FIELDS_OF_USE),
        thresholds=tuple(_threshold(part, f"{where}: thresholds") for part in _list(item["thresholds"], f"{where}: thresholds")),
        geography=_geography(item["geography"], f"{where}: geography"),
        outputs=_outputs(item["outputs"], f"{where}: outputs"),
        derivatives=_derivatives(item["derivatives"], f"{where}: derivatives"),
        revocable=word("revocable", words.REVOCABLE),
        guardrail=_truth(item["guardrail"], f"{where}: guardrail"),
        text_sha256=_digests(item["text_sha256"], f"{where}: text_sha256"),
        basis=word("basis", words.BASES),
        sources=sources,
        date=date,
        wording={
            name: _text(text, f"{where}: wording.{name}") for name, text in sorted(_mapping(item["wording"], f"{where}: wording").items())
        },
    )


def _source(value: Any, where: str) -> Source:
    item = _mapping(value, where)
    if set(item) != {"what", "where", "check"}:
        raise LedgerError("LG0811", f"{where}: a source says what, where and check, and nothing else")
    return Source(_text(item["what"], where), _text(item["where"], where), _word(item["check"], f"{where}: check", words.CHECKS))


def _ids(value: Any, where: str) -> LicenseIds:
    item = _mapping(value, where)
    _exact(item, _IDS, where)
    aliases = tuple(_text(alias, f"{where}: aliases") for alias in _list(item["aliases"], f"{where}: aliases"))
    named = {name: _text_or_none(item[name], f"{where}: {name}") for name in sorted(_IDS - {"aliases"})}
    return LicenseIds(aliases=aliases, **named)


def _badge(value: Any, where: str) -> Badge | None:
    if value is None:
        return None
    item = _mapping(value, where)
    _exact(item, frozenset(("text", "when")), where)
    return Badge(_text(item["text"], f"{where}: text"), _word(item["when"], f"{where}: when", words.BADGE_WHEN))


def _aup(value: Any, where: str) -> Aup:
    item = _mapping(value, where)
    _exact(item, frozenset(("flow_down", "mutable", "where")), where)
    return Aup(
        _word(item["where"], f"{where}: where", words.AUP_WHERE),
        _word(item["mutable"], f"{where}: mutable", _YES_NO),
        _word(item["flow_down"], f"{where}: flow_down", words.FLOW_DOWN),
    )


def _threshold(value: Any, where: str) -> Threshold:
    item = _mapping(value, where)
    _exact(item, frozenset(Threshold.__dataclass_fields__), where)
    if isinstance(item["value"], bool) or not isinstance(item["value"], int) or item["value"] < 0:
        raise LedgerError("LG0810", f"{where}: value is not a whole number of zero or more")
    return Threshold(
        _word(item["metric"], f"{where}: metric", words.METRICS),
        _word(item["op"], f"{where}: op", words.OPS),
        item["value"],
        _word(item["clock"], f"{where}: clock", words.CLOCKS),
        _word(item["effect"], f"{where}: effect", words.EFFECTS),
        _word(item["check"], f"{where}: check", words.CHECKS),
    )


def _geography(value: Any, where: str) -> Geography | None:
    if value is None:
        return None
    item = _mapping(value, where)
    _exact(item, frozenset(Geography.__dataclass_fields__), where)
    exclude = tuple(_text(place, f"{where}: exclude") for place in _list(item["exclude"], f"{where}: exclude"))
    if not exclude or any(not re.fullmatch(r"[A-Z]{2}", place) for place in exclude):
        raise LedgerError("LG0814", f"{where}: exclude holds something else than codes of two capitals")
    return Geography(
        exclude,
        _truth(item["multimodal_only"], f"{where}: multimodal_only"),
        _truth(item["outputs"], f"{where}: outputs"),
        _word(item["where"], f"{where}: where", ("license", "aup")),
    )


def _outputs(value: Any, where: str) -> Outputs:
    item = _mapping(value, where)
    _exact(item, frozenset(Outputs.__dataclass_fields__), where)
    return Outputs(
        _word(item["training"], f"{where}: training", words.TRAINING),
        _word(item["scope"], f"{where}: scope", words.SCOPES),
        _text_or_none(item["family"], f"{where}: family"),
        _word(item["bound"], f"{where}: bound", _YES_NO),
    )


def _derivatives(value: Any, where: str) -> Derivatives:
    item = _mapping(value, where)
    _exact(item, frozenset(Derivatives.__dataclass_fields__), where)
    answers = {name: _word(item[name], f"{where}: {name}", _YES_NO) for name in ("outputs", "distillation", "synthetic_data", "adapters")}
    return Derivatives(
        purpose_test=_truth(item["purpose_test"], f"{where}: purpose_test"),
        results=_word(item["results"], f"{where}: results", words.RESULTS),
        **answers,
    )


def _answers(value: Any, where: str, names: frozenset[str]) -> dict[str, str]:
    item = _mapping(value, where)
    _exact(item, names, where)
    return {name: _word(item[name], f"{where}: {name}", _ANSWERS) for name in sorted(names)}


def _digests(value: Any, where: str) -> tuple[str, ...]:
    found = tuple(_text(item, where) for item in _list(value, where))
    if not all(map(_SHA256.fullmatch, found)):
        raise LedgerError("LG0810", f"{where} holds something else than SHA-256 digests")
    return found


def _words(value: Any, where: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_word(item, where, allowed) for item in _list(value, where))


def _word(value: Any, where: str, allowed: tuple[str, ...] | frozenset[str]) -> str:
    if value.__class__ is str and value in allowed:
        return str(value)
    if isinstance(value, bool):
        raise LedgerError("LG0813", f"{where} is a YAML boolean where a word is meant")
    shown = repr(value) if not isinstance(value, str) or len(value) < 60 else repr(value[:60])
    raise LedgerError("LG0814", f"{where}: {shown} is none of {', '.join(sorted(allowed))}")


def _text(value: Any, where: str) -> str:
    if value.__class__ is str and value:
        return str(value)
    if isinstance(value, bool):
        raise LedgerError("LG0813", f"{where} is a YAML boolean where a word is meant")
    raise LedgerError("LG0810", f"{where} is not a text")


def _text_or_none(value: Any, where: str) -> str | None:
    return None if value is None else _text(value, where)


def _flag(value: Any, where: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise LedgerError("LG0810", f"{where} is neither true, false nor null")


def _truth(value: Any, where: str) -> bool:
    if isinstance(value, bool):
        return value
    raise LedgerError("LG0810", f"{where} is neither true nor false")


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise LedgerError("LG0810", f"{where} is not a mapping")


def _list(value: Any, where: str) -> list[Any]:
    if isinstance(value, list):
        return value
    raise LedgerError("LG0810", f"{where} is not a list")


def _exact(item: dict[str, Any], names: frozenset[str], where: str) -> None:
    given = item.keys()
    if given == names:
        return
    if "sources" in names and "sources" not in given:
        raise LedgerError("LG0811", f"{where} has no source")
    # A name that YAML read as a boolean cannot be here: such keys are refused before.
    unknown = sorted(str(name)[:60] for name in given - names)
    if unknown:
        raise LedgerError("LG0812", f"{where} has unknown fields: {', '.join(unknown)}")
    raise LedgerError("LG0812", f"{where} lacks the fields: {', '.join(sorted(names - given))}")
