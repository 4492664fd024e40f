"""The words of a licence text, as texts are compared: the form of which fingerprints are made.

The specification is in `docs/spec/license-texts.md`; a change here changes every fingerprint, so `FORM` is part of each of them.
Source of the rules: SPDX 2.3, annex B "License matching guidelines and templates", and the list's own table of equal words.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from ledger.limits import LIMITS

FORM = "openness-ledger/words/v1\n"

# Left is what is kept. Facts of the SPDX list's table of equivalent words (list 3.27, `equivalentwords.txt`).
_EQUAL = {
    "acknowledgment": "acknowledgement",
    "analogue": "analog",
    "analyse": "analyze",
    "artefact": "artifact",
    "authorisation": "authorization",
    "authorised": "authorized",
    "calibre": "caliber",
    "cancelled": "canceled",
    "capitalisations": "capitalizations",
    "catalogue": "catalog",
    "categorise": "categorize",
    "centre": "center",
    "emphasised": "emphasized",
    "favour": "favor",
    "favourite": "favorite",
    "fulfil": "fulfill",
    "fulfilment": "fulfillment",
    "initialise": "initialize",
    "judgment": "judgement",
    "labelling": "labeling",
    "labour": "labor",
    "licence": "license",
    "maximise": "maximize",
    "merchantibility": "merchantability",
    "modelled": "modeled",
    "modelling": "modeling",
    "offence": "offense",
    "optimise": "optimize",
    "organisation": "organization",
    "organise": "organize",
    "practise": "practice",
    "programme": "program",
    "realise": "realize",
    "recognise": "recognize",
    "signalling": "signaling",
    "utilisation": "utilization",
    "whilst": "while",
    "wilful": "wilfull",
    # Guideline 13 of the annex: the two protocols are one.
    "https": "http",
}
_EQUAL_PAIRS = (
    (" copyright owner ", " copyright holder "),
    (" copyright owners ", " copyright holders "),
    (" non commercial ", " noncommercial "),
    (" per cent ", " percent "),
    (" sub license ", " sublicense "),
)

# Words that make terms, and words that make sentences, which names have none of; `will`, `grant`, `can` and others that are names
# as well are left out. A line or a template's free field that has one is read as terms, and never passed over as a name.
_TERMS = """
academic after agree agreed agreement agrees allow allowed allows are banned be been before being buy cannot changes
commercial commercially condition conditioned conditions confidential consent copies copy copying could did disallowed
distribute distributed distributing does dollar dollars donate donation each educate educational evaluation every except
excluding exclusively execute executing exempt expire expires fee fees forbid forbidden forbids granted granting grants had
has have her hereby his however if irrevocable is it its liable license licensed licensee licenses may me modification
modifications modified modify money must my neither never no non noncommercial none nonprofit nor not notice obligation
obligations only our paid pay payment permission permissions permit permits permitted personal please prohibit prohibited
prohibiting prohibition prohibits proprietary provided publish purchase purpose purposes redistribute redistributed
redistribution redistributions require required requires requiring restrict restricted restriction restrictions revocable
revoke revoked royalties royalty run running runs secret sell shall share sharing she should sold subject sublicense terms
that their then these they this those train training unless until use used users using void warranties warranty was we were
what when where which while who whoever whom whose withdrawn without would you your
"""
TERMS = frozenset(_TERMS.split())

# Chinese and Japanese are written without spaces: there every character counts as a word.
_WORD = re.compile("[\u2e80-\u9fff\uf900-\ufaff]|[^\\W_\u2e80-\u9fff\uf900-\ufaff]+")
# Letters that cannot be seen join what they stand in; controls of direction are kept as a word, so that they are always shown.
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_START = r"^[^\w\n(\[<{©]*"
_YEAR = r"(?:[\[<{(]*[ ]*(?:years?|yyyy|date|[0-9]{4})\b)"
_COPYRIGHT = re.compile(
    _START
    + r"(?:portions?[ ](?:are[ ])?)?(?:copyright[ :]*(?:\(c\)|©|"
    + _YEAR
    + r"|[\[<{])|(?:\(c\)|©)[ ]*(?:copyright|"
    + _YEAR
    + r"))[^\n]*$",
    re.MULTILINE,
)
_RESERVED = re.compile(_START + r"all rights reserved[^\w\n]*$", re.MULTILINE)
_PAGE = re.compile(r"^[^\w\n]*page [0-9]+(?: of [0-9]+)?[^\w\n]*$|^[ \t]*-[ ]?[0-9]+[ ]?-[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Bytes as text.

    Attributes:
        text: the text; empty when there is a problem.
        encoding: `utf-8`, `utf-16` or `windows-1252`; empty when there is a problem.
        problem: why the bytes are not read as text, for people.
    """

    text: str
    encoding: str
    problem: str | None = None


def decode(data: bytes) -> Decoded:
    """Read bytes as text. Never raises.

    UTF-16 needs its mark; what is not UTF-8 is taken for Windows-1252, in which older licences are written, with U+FFFD for the
    five bytes that it leaves open. A zero byte, or many control characters, mean that it is no text.
    """
    if len(data) > LIMITS.license_file_bytes:
        return Decoded("", "", f"larger than {LIMITS.license_file_bytes} bytes")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text, encoding = data.decode("utf-16", "replace"), "utf-16"
    elif b"\0" in data:
        return Decoded("", "", "not a text: it has zero bytes")
    else:
        try:
            text, encoding = data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            text, encoding = data.decode("cp1252", "replace"), "windows-1252"
    controls = sum(text.count(chr(code)) for code in range(32) if code not in (9, 10, 12, 13)) + text.count("\ufffd")
    if controls * 20 > len(text):
        return Decoded("", "", "not a text: it is full of control characters")
    return Decoded(text, encoding)


def words_of(text: str) -> list[str]:
    """The normalised words of a text, without its copyright lines and page numbers; see the specification. Never raises."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = _UNSEEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("&", " and ")
    text = _DIRECTION.sub(" bidi ", text)
    text = _COPYRIGHT.sub(_without_terms, text)
    text = _RESERVED.sub("", text)
    text = _PAGE.sub("", text.replace("©", "(c)"))
    found = _WORD.findall(text)
    joined = f" {' '.join([_EQUAL.get(word, word) for word in found])} "
    for pair, one in _EQUAL_PAIRS:
        # Twice, because two that follow each other share the space between them.
        joined = joined.replace(pair, one).replace(pair, one)
    return joined.split()


def _without_terms(line: re.Match[str]) -> str:
    # A restriction may stand behind the holder's name: then the whole line counts.
    return line[0] if not TERMS.isdisjoint(_WORD.findall(line[0])) else ""


def fingerprint(words: list[str]) -> str:
    """The sha256, in hex, of the form's name and the words with one space between them."""
    return hashlib.sha256((FORM + " ".join(words)).encode("utf-8", "surrogatepass")).hexdigest()
