"""What other people's names of licences are in SPDX: tags of Hugging Face, keys of ScanCode, addresses, and words as people write them.

Every mapping is a row of `data/license-names.yaml` (written by hand) or `data/foreign-names.json` (taken from the registries' own
tables by `tools/make_license_names.py`), with its source. Nothing is guessed: a name without a row, of a family (`bsd`, `openrail`),
without its version (`CC BY`) or without only or or later (`GPLv3`) is NOASSERTION, with the reason. A name is what somebody
said, never what a text is: for that there is `identify_bytes`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from ledger import resources
from ledger.errors import LedgerError
from ledger.licenses import catalogue
from ledger.licenses.expression import parse_expression
from ledger.licenses.words import words_of
from ledger.limits import LIMITS
from ledger.spec import strict_yaml
from ledger.spec.vocabulary import NOASSERTION

Source = Literal["hf", "scancode", "url", "words"]

OWN, FOREIGN = "license-names.yaml", "foreign-names.json"

# Signs that may stand in a name without changing it; a question mark or a star may mean that somebody was not sure.
_PLAIN = re.compile(r"[\w \t.,:;()'\"“”‘’&+/-]+")
_GNU = re.compile(r"(?:a|l)?gpl-[0-9.]+|gfdl-[0-9.]+", re.IGNORECASE)
_GNU_REASON = "it says neither only nor or later"
_CC_VERSION = r" (?:v )?(1|2|2 5|3|4)(?: 0)?(?: (international|unported|generic))?(?: public)?(?: license)?"
_CC_NAME = re.compile(r"(?:cc|creative commons) (by(?: nc)?(?: sa| nd)?|by nd nc)" + _CC_VERSION)
_CC_LONG = re.compile(
    r"creative commons (attribution(?: noncommercial)?(?: sharealike| share alike| noderivatives| noderivs| no derivatives)?)" + _CC_VERSION
)
_CC_URL = re.compile(
    r"creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)(?:/([a-z]{2,4}))?(?:/(?:legalcode|deed))?(?:\.[a-z]{2,3}(?:[-_][a-z]+)?)?"
)
_CC_ZERO = re.compile(r"creativecommons\.org/publicdomain/(zero|mark)/1\.0(?:/(?:legalcode|deed))?(?:\.[a-z]{2,3}(?:[-_][a-z]+)?)?")
_ENDINGS = (".html", ".htm", ".txt", ".json", ".md", ".php", ".rdf", ".xml")
_URL = re.compile(r"https?://(?:www\.)?([a-z0-9.-]+)(/[^?#\s]*)?(?:#[^\s]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """What a name says.

    Attributes:
        expression: an SPDX expression, or `NOASSERTION`.
        reason: why it is `NOASSERTION`, or what the name leaves open though its registry says which licence it is; for people.
        how: what the answer rests on: the source of the row, or the rule.
    """

    expression: str
    reason: str | None
    how: str

    @property
    def certain(self) -> bool:
        """Whether a licence is named."""
        return self.expression != NOASSERTION


@dataclass(frozen=True, slots=True)
class _Tables:
    hf: Mapping[str, Named]
    scancode: Mapping[str, Named]
    words: Mapping[str, Named]
    urls: Mapping[str, Named]
    slugs: Mapping[str, Named]


def named(text: str, source: Source) -> Named:
    """Say which licence a name or an address is.

    Args:
        text: as it was found.
        source: `hf` for a tag of Hugging Face, `scancode` for a key of ScanCode, `url` for an address, `words` for what a person
            wrote, SPDX expressions included.

    Raises:
        LedgerError: LG0107 or LG0802 when the product's own data are damaged.
        ValueError: for another source.
    """
    if source not in ("hf", "scancode", "url", "words"):
        raise ValueError(f"names of licences have no source {source!r}")
    if len(text) > LIMITS.expression_chars:
        return Named(NOASSERTION, f"longer than {LIMITS.expression_chars} characters", "limit")
    text = text.strip()
    if source == "hf":
        return _tables().hf.get(text) or Named(NOASSERTION, "no tag of the table", "table of tags")
    if source == "scancode":
        return _tables().scancode.get(text) or Named(NOASSERTION, "no key of the table", "table of keys")
    return _address(text) if source == "url" else _written(text)


def hub_tag(expression: str) -> str | None:
    """The tag of Hugging Face that says exactly this licence: a normalised expression; None when there is none.

    Raises:
        LedgerError: LG0107 or LG0802 when the product's own data are damaged.
    """
    found = sorted(tag for tag, row in _tables().hf.items() if row.expression == expression and row.certain)
    return found[0] if found else None


def _written(text: str) -> Named:
    if _URL.fullmatch(text):
        return _address(text)
    if not text or not _PLAIN.fullmatch(text):
        return Named(NOASSERTION, "not a name of a licence that is known", "rule: signs")
    key = _key(text)
    row = _tables().words.get(key)
    if row is not None:
        return row
    found = _creative_commons(key)
    if found is not None:
        return found
    expression = parse_expression(text)
    if not expression.valid or expression.tree is None:
        return Named(NOASSERTION, "not a name of a licence that is known", "rule: no row")
    if any(_GNU.fullmatch(one) for one in expression.ids):
        return Named(NOASSERTION, _GNU_REASON, "rule: GNU ids without an ending")
    return Named(expression.normalized, None, "SPDX expression")


def _key(text: str) -> str:
    return " ".join(words_of(text.replace("+", " plus ")))


def _creative_commons(key: str) -> Named | None:
    for pattern in (_CC_NAME, _CC_LONG):
        if match := pattern.fullmatch(key):
            code, version, where = match.groups()
            parts = code.replace("attribution", "by").replace("noncommercial", "nc")
            for long, short in (
                ("sharealike", "sa"),
                ("share alike", "sa"),
                ("no derivatives", "nd"),
                ("noderivatives", "nd"),
                ("noderivs", "nd"),
            ):
                parts = parts.replace(long, short)
            number = version.replace(" ", ".") if " " in version else f"{version}.0"
            # From 4.0 on the licences are international; before, the ones without a country are unported, or generic up to 2.5.
            right = {"4.0": "international", "3.0": "unported"}.get(number, "generic")
            if where not in (None, right):
                return Named(NOASSERTION, f"no licence of Creative Commons {number} is {where}", "rule: names of Creative Commons")
            return _cc(parts.split(), number, None, "rule: names of Creative Commons")
    return None


def _cc(parts: list[str], version: str, country: str | None, how: str) -> Named:
    # Version 1.0 wrote nd before nc.
    order = [part for part in ("by", "nc", "nd", "sa") if part in parts]
    wanted = "-".join(["CC", *(part.upper() for part in order), version, *([country.upper()] if country else [])])
    entry = catalogue.entry(wanted)
    if entry is None or len(order) != len(parts):
        return Named(NOASSERTION, f"the SPDX list has no {wanted}", how)
    return Named(entry.id, None, how)


def _address(text: str) -> Named:
    match = _URL.fullmatch(text)
    if match is None:
        return Named(NOASSERTION, "not an address without a query", "rule: addresses")
    key = (match[1] + (match[2] or "")).lower().rstrip("/")
    plain = next((key[: -len(ending)] for ending in _ENDINGS if key.endswith(ending)), key)
    row = _tables().urls.get(plain)
    if row is not None:
        return row
    if found := _CC_URL.fullmatch(plain):
        country = found[3] if found[3] not in ("deed", "legalcode") else None
        return _cc(found[1].split("-"), found[2], country, "rule: addresses of Creative Commons")
    if found := _CC_ZERO.fullmatch(plain):
        return Named({"zero": "CC0-1.0", "mark": "CC-PDM-1.0"}[found[1]], None, "rule: addresses of Creative Commons")
    host, _, path = plain.partition("/")
    folder, _, name = path.rpartition("/")
    if (host, folder) in (("spdx.org", "licenses"), ("opensource.org", "licenses"), ("opensource.org", "license")):
        return _listed(name, f"rule: {host} names licences by SPDX ids")
    if (host, folder) == ("choosealicense.com", "licenses"):
        return _tables().slugs.get(name) or _listed(name, "rule: choosealicense.com names licences by SPDX ids")
    if (host, folder) in (("scancode-licensedb.aboutcode.org", ""), ("github.com", "aboutcode-org/scancode-licensedb/blob/main/docs")):
        return _tables().scancode.get(name) or Named(NOASSERTION, "no key of the table", "table of keys")
    return Named(NOASSERTION, "not an address of a licence that is known", "rule: no row")


def _listed(name: str, how: str) -> Named:
    if _GNU.fullmatch(name):
        return Named(NOASSERTION, _GNU_REASON, how)
    entry = catalogue.entry(name)
    return Named(entry.id, None, how) if entry is not None else Named(NOASSERTION, "not an address of a licence that is known", how)


@cache
def _tables() -> _Tables:
    foreign_data, own_data = resources.data_bytes("licenses", FOREIGN), resources.data_bytes("licenses", OWN)
    own = strict_yaml.load(own_data, what=OWN, code="LG0802")
    try:
        foreign = json.loads(foreign_data)
        sources = foreign["source"]
        words: dict[str, Named] = {}
        for name, spdx in foreign["names"].items():
            _add(words, _key(name), Named(spdx, None, sources["names"]))
        for item in own["words"]:
            row = _row(item, "names")
            for name in item["names"]:
                _add(words, _key(name), row)
        urls: dict[str, Named] = {}
        for item in own["urls"]:
            row = _row(item, "at")
            for place in item["at"]:
                _add(urls, place.lower(), row)
        hf = {tag: Named(item["is"], item.get("reason") or item.get("note"), sources["hf"]) for tag, item in foreign["hf"].items()}
        scancode = {key: Named(spdx, None, sources["scancode"]) for key, spdx in foreign["scancode"].items()}
        other = Named(NOASSERTION, "a key of ScanCode's for which the SPDX list has no id", sources["scancode"])
        scancode |= dict.fromkeys(foreign["scancode_other"], other)
        slugs = {name: Named(spdx, None, sources["choosealicense"]) for name, spdx in foreign["choosealicense"].items()}
        return _Tables(hf, scancode, words, urls, slugs)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LedgerError("LG0802", f"licence data cannot be read: {OWN} or {FOREIGN}: {type(error).__name__}") from None


def _row(item: Mapping[str, Any], what: str) -> Named:
    """A row written by hand: one id of the list, or NOASSERTION with the reason; and always its source."""
    spdx, reason, source = item["is"], item.get("reason"), item["source"]
    known = spdx == NOASSERTION if reason else isinstance(spdx, str) and catalogue.entry(spdx) is not None
    texts = all(isinstance(text, str) and text for text in (source, *item[what]))
    if not known or not texts or item.keys() - {"is", "reason", "source", what}:
        raise ValueError(f"not a row: {spdx}")
    return Named(spdx, reason, source)


def _add(table: dict[str, Named], key: str, row: Named) -> None:
    # Two rows that disagree would make the answer depend on their order.
    before: Any = table.setdefault(key, row)
    if before.expression != row.expression:
        raise ValueError(f"two rows for `{key}`")
