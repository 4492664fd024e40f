"""The nouns of the room: what a profile is made of. `profiles` reads them, `checks` and `conclusions` use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class OpenTest:
    """What a profile calls an open licence.

    Attributes:
        osi: an id that OSI approved, by the SPDX list, is open.
        ids: ids and references that are open besides.
        judgement: ids and references of which a person must say it.
        types: for which kinds of content a licence is meant; empty when the profile does not ask.
        exact_for: bases of claims whose string must be an id letter by letter, as the framework's own tool compares them.
        inherited: whether a licence of the whole release, for a component without its own, counts as `evidence`, only as
            `believed`, or `never`.
        restrictions: whether a licence whose text restricts use, by the table of licence facts, is known not to be open.
    """

    osi: bool
    ids: frozenset[str]
    judgement: frozenset[str]
    types: Mapping[str, frozenset[str]]
    exact_for: frozenset[str]
    inherited: str
    restrictions: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a check of the closed set, its parameters, what it asks, and where that stands."""

    id: str
    check: str
    text: str
    source: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Profile:
    """A framework at a version.

    Attributes:
        digest: object id of the profile document's bytes.
        accepts: words of the availability ladder that count as evidence.
        believes: words that count when every claim is believed.
        open: what is open, where a rule names no other test.
        terms: further tests by name, for frameworks that ask different things of code, data and documents.
        conclusion: how the rules become one answer.
        kind: `definition` of openness, `document` that has to be published or filled in, or `index` that gives a score.
        oracle: what the profile is held against, outside of this product.
        encodes: the texts that the profile says in our words, as (what, digest or how it was read).
        own: whether it was read from a user's file; such a profile is marked wherever it is shown.
        policy: choices that the framework leaves open, printed with every verdict.
    """

    id: str
    digest: str
    title: str
    body: str
    date: str
    url: str
    citation: str
    summary: str
    accepts: frozenset[str]
    believes: frozenset[str]
    open: OpenTest
    rules: tuple[Rule, ...]
    conclusion: Rule
    policy: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, OpenTest] = field(default_factory=dict)
    encodes: tuple[tuple[str, str], ...] = ()
    oracle: str = ""
    kind: str = "definition"
    own: bool = False

    def test(self, name: str) -> OpenTest:
        """The test of what is open, by its name; the empty name is `open`."""
        return self.terms[name] if name else self.open
