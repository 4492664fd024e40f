"""The index of known licence texts: loaded once, never changed, no network.

`data/license-texts-<version>.bin` has the texts of the SPDX list as numbers of words, with the fields of the list's templates and
short runs of words (shingles) that lead to candidates; `tools/make_license_index.py` makes it. `data/ai-license-texts.json` has
fingerprints, hashed words and some shingles of licences of AI models whose texts are not ours to ship: neither their words nor
their order can be read from it; it only tells whether a text is one of them, and which words of a text are not in it.
`data/license-variants.json` has fingerprints of texts that licences of the list are also published as, each with where it was
read and what is different; every one was looked at, and none differs in its terms.

The binary file: one line of JSON, then xz of these parts, whose sizes the line gives: `meta` (JSON: vocabulary and texts),
`words` (all texts one after another, 16 bits a word), `keys` (32-bit shingles, sorted), `ends` (32 bits: where the texts of each
key end), `texts` (16 bits: numbers of texts). All numbers are little-endian.
"""

from __future__ import annotations

import base64
import json
import lzma
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ledger import resources
from ledger.errors import LedgerError
from ledger.licenses.words import TERMS

INDEX = "license-texts-3.29.bin"
AI_INDEX = "ai-license-texts.json"
VARIANTS = "license-variants.json"
RUN = 4
_ROMAN = (
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "vi",
    "vii",
    "viii",
    "ix",
    "x",
    "xi",
    "xii",
    "xiii",
    "xiv",
    "xv",
    "xvi",
    "xvii",
    "xviii",
    "xix",
    "xx",
)
_ITEMS = frozenset({*map(str, range(100)), *"abcdefghijklmnopqrstuvwxyz", *_ROMAN})
UNKNOWN_WORD = 0xFFFF


@dataclass(frozen=True, slots=True)
class KnownText:
    """One text of the list.

    Attributes:
        ids: all ids of the list with these words, sorted.
        kind: `license` or `exception`.
        words: the word numbers.
        shingles: how many of its shingles the index has.
        template: elements of `ledger.licenses.template`.
    """

    ids: tuple[str, ...]
    kind: str
    words: array[int]
    shingles: int
    template: tuple[Any, ...]

    @property
    def size(self) -> int:
        """How many words it has."""
        return len(self.words)


@dataclass(frozen=True, slots=True)
class HashedText:
    """A text that is known by hashes only.

    Attributes:
        id: a LicenseRef of the facts about AI licences.
        key: the entry of these facts.
        size: how many words it has.
        bag: how often each word's hash occurs.
        shingles: how many of its shingles the index has.
    """

    id: str
    key: str
    size: int
    bag: Mapping[int, int]
    shingles: int


@dataclass(frozen=True, slots=True)
class TextIndex:
    """Everything known; texts are numbered, first those of the list, then the hashed ones.

    Attributes:
        exact: fingerprint to the number of its text.
        files: sha256 of a file's bytes to the number of a hashed text.
        postings: shingle to numbers of texts.
    """

    vocabulary: Mapping[str, int]
    spelling: Sequence[str]
    texts: Sequence[KnownText]
    hashed: Sequence[HashedText]
    exact: Mapping[str, int]
    files: Mapping[str, int]
    postings: Mapping[int, Sequence[int]]
    terms: frozenset[int]
    bullets: frozenset[int]

    def ids(self, number: int) -> tuple[str, ...]:
        """The ids of a text."""
        return self.texts[number].ids if number < len(self.texts) else (self.hashed[number - len(self.texts)].id,)


def shingles_of(words: Sequence[str]) -> list[int]:
    """The CRC-32 of each run of four words, in order."""
    crc32 = zlib.crc32
    return [crc32(" ".join(run).encode("utf-8", "surrogatepass")) for run in zip(words, words[1:], words[2:], words[3:], strict=False)]


def is_bullet(word: str) -> bool:
    """Whether a word may be the number or letter of a list item."""
    return word.isascii() and ((word.isdigit() and len(word) <= 2) or (word.isalpha() and (len(word) == 1 or set(word) <= set("ivx"))))


@cache
def text_index() -> TextIndex:
    """The index that this version of the product carries. Raises LedgerError LG0107, LG0802."""
    data, ai, variants = (resources.data_bytes("licenses", name) for name in (INDEX, AI_INDEX, VARIANTS))
    try:
        return _read(data, json.loads(ai), json.loads(variants))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, lzma.LZMAError, EOFError) as error:
        raise LedgerError("LG0802", f"licence data cannot be read: {INDEX}, {AI_INDEX} or {VARIANTS}: {type(error).__name__}") from None


def _numbers(kind: str, data: bytes | memoryview) -> array[int]:
    found = array(kind)
    found.frombytes(data)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _read(data: bytes, ai: Mapping[str, Any], variants: Mapping[str, Any]) -> TextIndex:
    line, _, packed = data.partition(b"\n")
    head = json.loads(line)
    body, parts, start = memoryview(lzma.decompress(packed)), {}, 0
    for name, size in head["parts"]:
        parts[name] = body[start : start + size]
        start += size
    if start != len(body):
        raise ValueError("parts do not fill the file")
    meta = json.loads(bytes(parts["meta"]))
    spelling = meta["vocabulary"].split(" ")
    # Words that make terms or number an item must be known as such also where no text of the list has them.
    spelling += sorted((TERMS | _ITEMS) - set(spelling))
    if len(spelling) >= UNKNOWN_WORD:
        raise ValueError("too many words")
    words, at = _numbers("H", parts["words"]), 0
    texts, exact = [], {}
    for number, item in enumerate(meta["texts"]):
        own = words[at : at + item["size"]]
        at += item["size"]
        texts.append(KnownText(tuple(item["ids"]), item["kind"], own, item["shingles"], tuple(item["template"])))
        exact[item["fingerprint"]] = number
    by_ids = {text.ids: number for number, text in enumerate(texts)}
    exact |= {item["fingerprint"]: by_ids[tuple(item["ids"])] for item in variants["texts"]}
    keys, ends, members = _numbers("I", parts["keys"]), _numbers("I", parts["ends"]), _numbers("H", parts["texts"])
    postings: dict[int, Sequence[int]] = {}
    before = 0
    for key, end in zip(keys, ends, strict=True):
        postings[key] = members[before:end]
        before = end
    hashed, files = _hashed(ai, len(texts), exact, postings)
    vocabulary = {word: number for number, word in enumerate(spelling)}
    terms = frozenset(vocabulary[word] for word in TERMS)
    bullets = frozenset(number for number, word in enumerate(spelling) if is_bullet(word))
    return TextIndex(vocabulary, spelling, texts, hashed, exact, files, postings, terms, bullets)


def _hashed(
    ai: Mapping[str, Any], first: int, exact: dict[str, int], postings: dict[int, Sequence[int]]
) -> tuple[list[HashedText], dict[str, int]]:
    hashed: list[HashedText] = []
    files: dict[str, int] = {}
    for number, item in enumerate(ai["texts"], first):
        bag = _numbers("I", base64.b64decode(item["words"]))
        runs = _numbers("I", base64.b64decode(item["shingles"]))
        counts = dict(zip(bag[::2], bag[1::2], strict=True))
        hashed.append(HashedText(item["id"], item["key"], item["size"], counts, len(runs)))
        if item["fingerprint"] is not None:
            exact.setdefault(item["fingerprint"], number)
        for digest in item["files"]:
            files[digest] = number
        for run in runs:
            postings[run] = [*postings.get(run, ()), number]
    return hashed, files
