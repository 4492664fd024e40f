"""Which licence a text is: exactly, up to the fields of its template, nearly, or nobody can tell.

A likeness never identifies. `exact` means the same normalised words as a known text; `template` means the same words up to what
the SPDX list's template lets differ (holder, year, title, numbering, parts that may be left out), and nothing in a free field that
makes terms. `near` names the closest texts as candidates, never as the licence, with the words that differ. Texts that no text
can tell apart, such as `GPL-3.0-only` and `GPL-3.0-or-later`, are identified as the whole set of their ids.
"""

from __future__ import annotations

import hashlib
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from ledger.licenses.template import Matcher
from ledger.licenses.textdiff import shared
from ledger.licenses.textindex import RUN, UNKNOWN_WORD, HashedText, KnownText, TextIndex, shingles_of, text_index
from ledger.licenses.words import TERMS, decode, fingerprint, words_of
from ledger.limits import LIMITS

# How many texts are compared word by word, and how many of them are named.
_COMPARED, _NAMED = 5, 3
# Fewer words than these inside a known text are not near to it.
_SHORT = 50
# What is shown of a difference.
_CHANGES, _CHANGE_WORDS = 20, 24
# At least a tenth of a text is no field; of very short ones, nothing is asked.
_FIELDS, _FEW = 10, 8
# A shingle that more texts have than this says little of a long text.
_COMMON, _MANY_WORDS = 100, 2_000


@dataclass(frozen=True, slots=True)
class Change:
    """One place where a text differs from a known one.

    Attributes:
        at: how many normalised words of the text stand before it; None when the known text's order is not known.
        added: words that the text has there and the known one has not; shortened when there are many.
        missing: words that the known text has there and the text has not; shortened likewise.
        added_count: how many are added, all in all.
        missing_count: how many are missing; more than `missing` has when the words are known as hashes only.
    """

    at: int | None
    added: tuple[str, ...]
    missing: tuple[str, ...]
    added_count: int
    missing_count: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A known text that a text is near to; words are counted wherever they stand.

    Attributes:
        ids: its ids.
        added_count: words that the text has more often.
        missing_count: words that the text has less often.
    """

    ids: tuple[str, ...]
    added_count: int
    missing_count: int


@dataclass(frozen=True, slots=True)
class Identification:
    """What a text is.

    Attributes:
        method: `exact`, `template`, `near` or `unknown`.
        ids: the licences that the text is, sorted; several when no text can tell them apart. Empty unless exact or template.
        kind: `license`, or `exception` when the ids are those of exceptions, which stand only after WITH; None without ids.
        candidates: for `near`, the closest known texts, the closest first. None of them is what the text is.
        residual: for `near`, where the text differs from the first candidate; at most 20 places, those with words that make terms
            before the rest.
        more: whether the text differs in more places than `residual` has.
        fingerprint: sha256 of the normalised words, in hex; None when the bytes were not read as a text.
        sha256: sha256 of the bytes, in hex.
        reason: for `near` and `unknown`, why it is no more than that, for people.
    """

    method: str
    ids: tuple[str, ...]
    kind: str | None
    candidates: tuple[Candidate, ...]
    residual: tuple[Change, ...]
    more: bool
    fingerprint: str | None
    sha256: str
    reason: str | None

    @property
    def identified(self) -> bool:
        """Whether the text is known: exact or template."""
        return self.method in ("exact", "template")


def identify_bytes(data: bytes) -> Identification:
    """Say which licence the bytes of a file are. Raises LedgerError LG0107, LG0802 when the product's own data are damaged."""
    digest = hashlib.sha256(data).hexdigest()
    decoded = decode(data)
    if decoded.problem is not None:
        return _unknown(digest, None, decoded.problem)
    index = text_index()
    if digest in index.files:
        return _known(index, index.files[digest], "exact", digest, None)
    return _identify(index, words_of(decoded.text), digest)


def identify_text(text: str) -> Identification:
    """Say which licence a text is; its sha256 is that of its UTF-8. Raises as `identify_bytes` does."""
    return identify_bytes(text.encode("utf-8", "replace"))


def _unknown(digest: str, mark: str | None, reason: str) -> Identification:
    return Identification("unknown", (), None, (), (), False, mark, digest, reason)


def _known(index: TextIndex, number: int, method: str, digest: str, mark: str | None) -> Identification:
    kind = index.texts[number].kind if number < len(index.texts) else "license"
    return Identification(method, index.ids(number), kind, (), (), False, mark, digest, None)


def _identify(index: TextIndex, words: list[str], digest: str) -> Identification:
    mark = fingerprint(words)
    if not words:
        return _unknown(digest, mark, "it has no words")
    number = index.exact.get(mark)
    if number is not None:
        return _known(index, number, "exact", digest, mark)
    if len(words) > LIMITS.license_text_words:
        return _unknown(digest, mark, f"more than {LIMITS.license_text_words} words, more than any licence that is known")
    vocabulary = index.vocabulary
    numbers = array("H", [vocabulary.get(word, UNKNOWN_WORD) for word in words])
    matcher = Matcher(numbers, index.terms, index.bullets)
    hits = _hits(index, words)
    same = [text for text in _instances(index, hits) if matcher.matches(text.template, text.words)]
    if same:
        ids = tuple(sorted({one for text in same for one in text.ids}))
        kinds = {text.kind for text in same}
        return Identification("template", ids, kinds.pop() if len(kinds) == 1 else None, (), (), False, mark, digest, None)
    return _near(index, hits, words, numbers, digest, mark)


def _hits(index: TextIndex, words: list[str]) -> Counter[int]:
    """How many different shingles each known text shares with the words."""
    get = index.postings.get
    lists = [members for key in set(shingles_of(words)) if (members := get(key)) is not None]
    if len(words) > _MANY_WORDS:
        lists = [members for members in lists if len(members) <= _COMMON]
    return Counter(chain.from_iterable(lists))


def _instances(index: TextIndex, hits: Counter[int]) -> Iterator[KnownText]:
    """The texts of which the words may be an instance: what a template does not let differ is found again in some shingles."""
    for number, text in enumerate(index.texts):
        if hits.get(number, 0) * _FIELDS >= text.shingles - _FEW:
            yield text


def _near(index: TextIndex, hits: Counter[int], words: list[str], numbers: array[int], digest: str, mark: str) -> Identification:
    found: list[tuple[int, tuple[str, ...], int, int, int]] = []
    spelled = Counter(words)
    bag = Counter(numbers)
    for number in _closest(index, hits, words):
        text = _text(index, number)
        own = Counter(text.words) if isinstance(text, KnownText) else Counter(text.bag)
        mine = bag if isinstance(text, KnownText) else Counter({_hash(word): count for word, count in spelled.items()})
        same = _shared(mine, own)
        if not _is_near(len(words), text.size, same):
            continue
        found.append((len(words) + text.size - 2 * same, index.ids(number), number, len(words) - same, text.size - same))
    if not found:
        return _unknown(digest, mark, "no text that is known is near to it")
    found.sort()
    candidates = tuple(Candidate(ids, added, missing) for _, ids, _, added, missing in found[:_NAMED])
    first, text = candidates[0], _text(index, found[0][2])
    changes, more = _changes(index, words, numbers, text) if isinstance(text, KnownText) else (_hashed_changes(index, words, text), False)
    name = ", ".join(first.ids)
    reason = f"{first.added_count} words more and {first.missing_count} fewer than {name}"
    if not first.added_count and not first.missing_count:
        reason = f"the words of {name} in another order"
    return Identification("near", (), None, candidates, tuple(changes), more, mark, digest, reason)


def _shared(one: Counter[int], two: Counter[int]) -> int:
    """How many words two texts share, wherever they stand."""
    get = one.get
    return sum([min(count, get(word, 0)) for word, count in two.items()])


def _text(index: TextIndex, number: int) -> KnownText | HashedText:
    first = len(index.texts)
    return index.texts[number] if number < first else index.hashed[number - first]


def _is_near(size: int, known: int, same: int) -> bool:
    """Whether it helps to name a known text: most of both is the same, or one is nearly the whole of the other."""
    return 2 * same >= max(size, known) or 4 * same >= 3 * known or (size >= _SHORT and 4 * same >= 3 * size)


def _hash(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def _closest(index: TextIndex, hits: Counter[int], words: list[str]) -> list[int]:
    """The numbers of the texts that share most shingles with the words, for what they have and for what the words have."""
    ranked = []
    for number, count in hits.items():
        text = _text(index, number)
        # As if all shingles of the text were in the index.
        same = count * max(text.size - RUN + 1, 1) / text.shingles
        ranked.append((-same / (text.size + len(words)), index.ids(number), number))
    return [number for _, _, number in sorted(ranked)[:_COMPARED]]


def _changes(index: TextIndex, words: list[str], numbers: array[int], known: KnownText) -> tuple[list[Change], bool]:
    """Where the text differs from a known one, in order, and whether there are more places than are shown."""
    changes: list[tuple[bool, Change]] = []
    at = other = 0
    for i, j, count in [*shared(numbers, known.words), (len(numbers), len(known.words), 0)]:
        # A word that is not in the vocabulary has the number that no known text has, so it is never part of a block.
        if i > at or j > other:
            added, missing = words[at:i], [index.spelling[number] for number in known.words[other:j]]
            plain = TERMS.isdisjoint(added) and TERMS.isdisjoint(missing)
            changes.append((plain, Change(at, _short(added), _short(missing), i - at, j - other)))
        at, other = i + count, j + count
    # What makes terms is shown before names, which may differ in many places, and so is never pushed out by them.
    chosen = sorted(range(len(changes)), key=lambda place: (changes[place][0], place))[:_CHANGES]
    return [changes[place][1] for place in sorted(chosen)], len(changes) > _CHANGES


def _hashed_changes(index: TextIndex, words: list[str], known: HashedText) -> list[Change]:
    """The same for a text whose words are hashes, as one change: what is missing is spelled where the list's vocabulary has the word."""
    left = dict(known.bag)
    added: list[str] = []
    for word in words:
        key = _hash(word)
        if left.get(key, 0) > 0:
            left[key] -= 1
        else:
            added.append(word)
    gone = {key: count for key, count in left.items() if count}
    missing_count = sum(gone.values())
    # Many missing words would spell parts of a text that is not ours to ship.
    few = 0 < missing_count <= _CHANGE_WORDS
    missing = sorted(word for word in index.spelling if few for _ in range(gone.get(_hash(word), 0)))
    return [Change(None, _short(added), _short(missing), len(added), missing_count)] if added or gone else []


def _short(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word if len(word) <= 60 else word[:59] + "…" for word in words[:_CHANGE_WORDS])
