"""Every rule against every word of the facts that it looks at, with the answers of the reference table of rules spelled out.

A row says what a rule answers for one word; a word without a row gets no finding. `?` stands behind an answer that rests on
something unknown. The answer is the most that a rule weighs under any stance; what each stance makes of it is in the table of rules.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from licenses.rule_cases import SILENT, TRUTH, Row, answer, case, put

from ledger.licenses import facts as words
from ledger.licenses.actor import PURPOSES
from ledger.licenses.case import Pair
from ledger.licenses.facts import Badge, Geography, LicenseIds, Threshold
from ledger.licenses.findings import EDGE_RELATIONS, NODE_KINDS
from ledger.licenses.rules_data import alike
from ledger.licenses.rules_weights import adds

RESTRICTED = ("open-weights-restricted", "non-commercial", "no-derivatives", "research-only", "computational-use-only", "service-terms")
YES_NO = ("yes", "no", "unknown")
ALIKE = {"pair": Pair(alike=True)}
UNLIKE = {"pair": Pair(alike=False)}
KEPT = {"pair": Pair(keeps=True, alike=True)}
LISTED = {"f__basis": "list"}
STRANGE = {"child__known": False}
SERVED = {"child__kind": "service"}
MERGED = {"merged": True}
ADAPTED = {"adapted": True}
BANNED = {"f__outputs__training": "forbidden"}
SERVICE = {**BANNED, "f__klass": "service-terms"}
FOREIGN = {"pair": Pair(foreign=True)}
DATASET = {"origin__kind": "dataset"}
CODE = {"origin__kind": "code"}
PREFIX = {"f__name_prefix": "Llama"}
NONCOMMERCIAL = {"f__commercial": "no"}
RELATIONS = ("", *EDGE_RELATIONS)

WEIGHTS: list[Row] = [
    ("W1", {}, "f__conditions__include_license", words.ANSWERS, {"yes": "conflict", "unknown": "review?"}),
    ("W1", LISTED, "f__conditions__include_license", words.ANSWERS, {"yes": "conflict"}),
    ("W1", {}, "f__conditions__notice", words.ANSWERS, {"yes": "conflict"}),
    ("W1", {}, "f__conditions__state_changes", words.ANSWERS, {"yes": "conflict"}),
    ("W2", PREFIX, "pair__fits", TRUTH, {False: "conflict", None: "review?"}),
    ("W2", {}, "pair__fits", TRUTH, {}),
    ("W2", {**PREFIX, **SERVED}, "pair__fits", TRUTH, {}),
    ("W2", {**PREFIX, "child": None}, "pair__fits", TRUTH, {}),
    (
        "W3",
        {},
        "f__badge",
        (None, *(Badge("Built with it", when) for when in words.BADGE_WHEN)),
        {Badge("Built with it", "always"): "conflict", Badge("Built with it", "some-models"): "review?"},
    ),
    ("W4", {}, "f__aup__flow_down", words.FLOW_DOWN, {"provision": "conflict", "similar": "review?", "unknown": "review?"}),
    (
        "W4",
        {"child__open": None},
        "f__aup__flow_down",
        words.FLOW_DOWN,
        {"provision": "conflict", "similar": "review?", "unknown": "review?"},
    ),
    (
        "W4",
        {"child__open": True},
        "f__aup__flow_down",
        words.FLOW_DOWN,
        {"provision": "conflict", "similar": "conflict", "unknown": "review?"},
    ),
    ("W4", STRANGE, "f__aup__flow_down", words.FLOW_DOWN, {"provision": "review?", "similar": "review?", "unknown": "review?"}),
    ("W4", LISTED, "f__aup__flow_down", words.FLOW_DOWN, {"provision": "conflict", "similar": "review?"}),
    ("W4", KEPT, "f__aup__flow_down", words.FLOW_DOWN, {}),
    ("W4", SERVED, "f__aup__flow_down", words.FLOW_DOWN, {}),
    ("W5", {"child__open": True}, "f__klass", words.KLASSES, dict.fromkeys(RESTRICTED, "conflict")),
    ("W5", {"child__open": None}, "f__klass", words.KLASSES, dict.fromkeys(RESTRICTED, "review?")),
    ("W5", STRANGE, "f__klass", words.KLASSES, dict.fromkeys(RESTRICTED, "review?")),
    ("W5", {}, "f__klass", words.KLASSES, {}),
    ("W5", {"child__open": True, **KEPT}, "f__klass", words.KLASSES, {}),
    ("W5", {"child__open": True, **SERVED}, "f__klass", words.KLASSES, {}),
    ("W5", {"child__open": True, **UNLIKE}, "f__share_alike", words.SHARE_ALIKE, {"same-licence": "conflict"}),
    ("W5", {"child__open": True, **ALIKE}, "f__share_alike", words.SHARE_ALIKE, {}),
    ("W5", UNLIKE, "f__share_alike", words.SHARE_ALIKE, {"same-licence": "conflict"}),
    ("W5", {**UNLIKE, **STRANGE}, "f__share_alike", words.SHARE_ALIKE, {"same-licence": "review?"}),
    ("W5", {"f__klass": "non-commercial", **UNLIKE}, "f__share_alike", words.SHARE_ALIKE, {}),
    ("W6", {}, "relation", RELATIONS, {"merged-from": "conflict"}),
    ("W7", {**MERGED, **FOREIGN}, "f__outputs__training", words.TRAINING, {"forbidden": "conflict"}),
    ("W7", MERGED, "f__outputs__training", words.TRAINING, {"forbidden": "none"}),
    ("W7", FOREIGN, "f__outputs__training", words.TRAINING, {}),
    ("W8", {**MERGED, "pair": Pair(adding=("x",))}, "f__conditions__no_further_restrictions", words.ANSWERS, {"yes": "conflict"}),
    ("W8", MERGED, "f__conditions__no_further_restrictions", words.ANSWERS, {}),
    ("W8", {"pair": Pair(adding=("x",))}, "f__conditions__no_further_restrictions", words.ANSWERS, {}),
    ("W9", {}, "relation", RELATIONS, {"quantized-from": "conflict"}),
    ("W10", {"relation": "adapter-of"}, "f__derivatives__adapters", YES_NO, {"yes": "conflict", "unknown": "review?"}),
    ("W10", {"f__derivatives__adapters": "yes"}, "relation", RELATIONS, {"adapter-of": "conflict"}),
    ("W11", SERVED, "f__hosting", words.PERMITS, {"yes": "conflict"}),
    (
        "W11",
        {**SERVED, "f__klass": "research-only"},
        "f__hosting",
        words.PERMITS,
        {"yes": "conflict", "conditional": "review?", "unknown": "review?"},
    ),
    ("W11", {"f__hosting": "yes"}, "child__kind", NODE_KINDS, {"service": "conflict"}),
]
OUTPUTS: list[Row] = [
    ("O1", {}, "f__basis", words.BASES, dict.fromkeys(words.BASES, "conflict")),
    ("O2", {}, "f__outputs__bound", YES_NO, {"yes": "conflict", "unknown": "review?"}),
    ("O2", LISTED, "f__outputs__bound", YES_NO, {"yes": "conflict"}),
    ("O2", KEPT, "f__outputs__bound", YES_NO, {"yes": "obligation", "unknown": "review?"}),
    (
        "S1",
        {},
        "f__outputs__training",
        words.TRAINING,
        {"forbidden": "conflict", "noncommercial": "review?", "unstated": "review?", "policy": "review?", "unknown": "review?"},
    ),
    ("S1", LISTED, "f__outputs__training", words.TRAINING, {"forbidden": "conflict", "noncommercial": "review?"}),
    ("S1", {**BANNED, "f__outputs__family": "Llama"}, "pair__family", (True, False), {True: "none", False: "conflict"}),
    ("S1", BANNED, "pair__family", (True, False), {True: "conflict", False: "conflict"}),
    (
        "S1",
        {"f__outputs__training": "noncommercial"},
        "actor__purpose",
        (None, *PURPOSES),
        {None: "review?", "internal": "review?", "research": "review?", "noncommercial": "review?", "commercial": "conflict"},
    ),
    (
        "S1",
        {"f__outputs__training": "noncommercial", "actor__purpose": "research"},
        "child__commercial",
        TRUTH,
        {True: "conflict", False: "review?", None: "review?"},
    ),
    ("S2", {}, "f__outputs__training", words.TRAINING, {"allowed-with-name": "conflict"}),
    ("S3", {}, "f__outputs__training", words.TRAINING, {"flows-down": "conflict"}),
    ("S3", KEPT, "f__outputs__training", words.TRAINING, {"flows-down": "obligation"}),
    ("S4", {}, "f__outputs__training", words.TRAINING, {"allowed": "none", "allowed-explicit": "none"}),
    ("S4", {}, "f__basis", words.BASES, {"read": "none"}),
    ("S5", {}, "origin__kind", NODE_KINDS, {"weights": "review?", "service": "review?"}),
    ("S5", DATASET, "origin__synthetic", TRUTH, {True: "review?"}),
    ("S5", {**DATASET, "generator": True}, "origin__synthetic", TRUTH, {}),
]
DATA: list[Row] = [
    ("D1", {}, "relation", RELATIONS, {"combined-from": "conflict"}),
    ("D3", ADAPTED, "f__modify", words.PERMITS, {"no": "conflict"}),
    ("D3", {**ADAPTED, "child__shipped": False}, "f__modify", words.PERMITS, {"no": "notice"}),
    ("D3", {}, "f__modify", words.PERMITS, {}),
    ("D4", {"child__commercial": True}, "f__commercial", words.COMMERCIAL, {"no": "conflict"}),
    ("D4", {"child__commercial": None}, "f__commercial", words.COMMERCIAL, {"no": "review?"}),
    ("D4", {}, "f__commercial", words.COMMERCIAL, {}),
    ("D4", STRANGE, "f__commercial", words.COMMERCIAL, {"no": "review?"}),
    ("D4", {**KEPT, "child__commercial": True}, "f__commercial", words.COMMERCIAL, {}),
    ("D4", {"child__modify": True}, "f__modify", words.PERMITS, {"no": "conflict"}),
    ("D4", {"child__modify": None}, "f__modify", words.PERMITS, {"no": "review?"}),
    ("D4", {}, "f__modify", words.PERMITS, {}),
    ("D4", {"child__open": True}, "f__klass", words.KLASSES, dict.fromkeys(RESTRICTED, "conflict")),
    ("D4", {"child__open": None}, "f__klass", words.KLASSES, dict.fromkeys(RESTRICTED, "review?")),
    ("D4", {}, "f__klass", words.KLASSES, {}),
    ("D5", {}, "f__conditions__attribution", words.ANSWERS, {"yes": "conflict", "unknown": "review?"}),
    ("D5", LISTED, "f__conditions__attribution", words.ANSWERS, {"yes": "conflict"}),
    ("D5", {}, "f__conditions__notice", words.ANSWERS, {"yes": "conflict"}),
    ("D5", {}, "f__conditions__include_license", words.ANSWERS, {"yes": "conflict"}),
    *[
        ("D6", {}, "actor__allow_list", (None, (), ("MIT",), (name,)), {(): "conflict", ("MIT",): "conflict"})
        for name in ("LicenseRef-Silent-1.0", "licenseref-SILENT-1.0", "Silent-1.0")
    ],
    ("D6", {"id": ""}, "actor__allow_list", ((), ("MIT",)), {}),
    ("D6", {"facts": None}, "actor__allow_list", (("MIT",), (SILENT.id,)), {("MIT",): "conflict"}),
]
SHARING = ("same-licence", "derivative-database", "enhanced-data", "library", "file")
DATA += [
    ("D2", ADAPTED, "f__share_alike", words.SHARE_ALIKE, {**dict.fromkeys(SHARING, "obligation?"), "unknown": "review?"}),
    ("D2", {**ADAPTED, **ALIKE}, "f__share_alike", words.SHARE_ALIKE, {**dict.fromkeys(SHARING, "obligation"), "unknown": "review?"}),
    ("D2", {**ADAPTED, **UNLIKE}, "f__share_alike", words.SHARE_ALIKE, {**dict.fromkeys(SHARING, "conflict"), "unknown": "review?"}),
    ("D2", {**ADAPTED, **UNLIKE, **LISTED}, "f__share_alike", words.SHARE_ALIKE, dict.fromkeys(SHARING, "conflict")),
    ("D2", UNLIKE, "f__share_alike", words.SHARE_ALIKE, {}),
]
TRAINING: list[Row] = [
    ("T0", {}, "f__derivatives__results", words.RESULTS, {"free-explicit": "none", "free-explicit-if-de-minimis": "none"}),
    ("T0", {"f__derivatives__results": "free-explicit"}, "f__basis", words.BASES, {"read": "none"}),
    ("T0", {}, "f__klass", words.KLASSES, {"public-domain": "none"}),
    (
        "T0",
        {"f__outputs__training": "allowed-explicit"},
        "f__klass",
        words.KLASSES,
        {"public-domain": "none", "open-permissive-model": "none"},
    ),
    ("T0", {"f__klass": "open-permissive-model"}, "f__outputs__training", words.TRAINING, {"allowed-explicit": "none"}),
    ("T-BY", {}, "f__conditions__attribution", words.ANSWERS, {"yes": "conflict"}),
    ("T-SA", {}, "f__share_alike", words.SHARE_ALIKE, {"same-licence": "review?", "enhanced-data": "review?"}),
    ("T-SA", ALIKE, "f__share_alike", words.SHARE_ALIKE, {"same-licence": "notice", "enhanced-data": "notice"}),
    ("T-SA", UNLIKE, "f__share_alike", words.SHARE_ALIKE, {"same-licence": "conflict", "enhanced-data": "conflict"}),
    ("T-SA", {**UNLIKE, **CODE}, "f__share_alike", words.SHARE_ALIKE, {}),
    ("T-NC", {"actor__purpose": "commercial"}, "f__commercial", words.COMMERCIAL, {"no": "conflict"}),
    ("T-NC", NONCOMMERCIAL, "actor__purpose", (None, *PURPOSES), {None: "review?", "commercial": "conflict"}),
    (
        "T-NC",
        {**NONCOMMERCIAL, "child__commercial": None},
        "actor__purpose",
        (None, *PURPOSES),
        {**dict.fromkeys((None, *PURPOSES), "review?"), "commercial": "conflict"},
    ),
    (
        "T-NC",
        {**NONCOMMERCIAL, "child__commercial": True},
        "actor__purpose",
        (None, *PURPOSES),
        dict.fromkeys((None, *PURPOSES), "conflict"),
    ),
    ("T-ND", {}, "f__modify", words.PERMITS, {"no": "conflict"}),
    ("T-ND", {"child__shipped": False}, "f__modify", words.PERMITS, {"no": "notice"}),
    (
        "T-CON",
        {"actor__accepted_terms": ("Silent-1.0",), "f__klass": "service-terms"},
        "f__outputs__training",
        words.TRAINING,
        {"forbidden": "conflict"},
    ),
    ("T-CON", {**BANNED, "actor__accepted_terms": ("silent-1.0",)}, "f__klass", words.KLASSES, {"service-terms": "conflict"}),
    (
        "T-CON",
        {**BANNED, "actor__accepted_terms": ("LicenseRef-Silent-1.0",)},
        "f__conditions__contract_only",
        words.ANSWERS,
        {"yes": "conflict"},
    ),
    ("T-CON", SERVICE, "actor__accepted_terms", (None, (), ("other",)), {}),
    ("T-CON3", {"f__klass": "service-terms"}, "f__outputs__training", words.TRAINING, {"forbidden": "conflict"}),
    ("T-CON3", BANNED, "f__conditions__contract_only", words.ANSWERS, {"yes": "conflict"}),
    (
        "T-CON3",
        SERVICE,
        "actor__accepted_terms",
        (None, (), ("other",), ("silent-1.0",)),
        {None: "conflict", (): "conflict", ("other",): "conflict"},
    ),
    ("T-TDM", {"actor__domicile": "DE"}, "origin__tdm_reserved", TRUTH, {True: "conflict"}),
    (
        "T-TDM",
        {"origin__tdm_reserved": True},
        "actor__domicile",
        (None, "EU", "FR", "US", "CH"),
        {None: "review?", "EU": "conflict", "FR": "conflict"},
    ),
    ("T-MEM", {}, "origin__retrieved", TRUTH, {True: "conflict"}),
    ("T-MEM", {}, "origin_shipped", (True, False), {True: "conflict"}),
    ("T-DB", {}, "f__derivatives__results", words.RESULTS, {"produced-work": "conflict"}),
    ("T-GPL", CODE, "f__share_alike", words.SHARE_ALIKE, dict.fromkeys(("same-licence", "library", "file"), "conflict")),
    ("T-GPL", {"f__share_alike": "same-licence"}, "origin__kind", NODE_KINDS, {"code": "conflict"}),
]


@pytest.mark.parametrize(("rule", "given", "path", "vocabulary", "wanted"), [*WEIGHTS, *OUTPUTS, *DATA, *TRAINING])
def test_words(rule: str, given: dict[str, Any], path: str, vocabulary: tuple[Any, ...], wanted: dict[Any, str]) -> None:
    assert wanted.keys() <= set(vocabulary)
    found = {word: answer(rule, case(**{**given, path: word})) for word in vocabulary}
    assert {word: said for word, said in found.items() if said is not None} == wanted


@pytest.mark.parametrize(
    "rule", ["W1", "W2", "W3", "W4", "W5", "W7", "W8", "W10", "W11", "O2", "S1", "S2", "S3", "S4", "D2", "D3", "D4", "D5"]
)
def test_nothing_is_said_of_terms_that_nobody_knows(rule: str) -> None:
    """That they are not known is what H2 says."""
    given = case(facts=None, merged=True, adapted=True, relation="adapter-of", child__open=True)
    assert [answer(rule, given), answer(rule, put(given, "child.kind", "service"))] == [None, None]


@pytest.mark.parametrize("rule", ["T0", "T-BY", "T-SA", "T-NC", "T-ND", "T-CON", "T-CON3", "T-DB", "T-GPL"])
def test_nothing_is_said_of_training_under_terms_that_nobody_knows(rule: str) -> None:
    assert answer(rule, case(facts=None, origin__kind="code", actor__accepted_terms=("x",))) is None


def test_what_a_licence_adds() -> None:
    """Use policies, thresholds, fields of use and places, each alone; and non-commercial terms where the other one has none."""
    over = Threshold("annual_revenue_usd", ">", 1, "continuous", "no-grant", "read")
    changes: list[tuple[str, Any, bool]] = [
        *(("aup.where", word, word in ("inline", "url")) for word in words.AUP_WHERE),
        ("thresholds", (over,), True),
        *(("field_of_use", (word,), True) for word in words.FIELDS_OF_USE),
        ("geography", Geography(("EU",), False, False, "license"), True),
        *(("commercial", word, word == "no") for word in words.COMMERCIAL),
    ]
    for path, value, wanted in changes:
        assert adds(put(SILENT, path, value), SILENT) is wanted, (path, value)
    closed = put(SILENT, "commercial", "no")
    assert {word: adds(closed, put(SILENT, "commercial", word)) for word in words.COMMERCIAL} == {
        word: word != "no" for word in words.COMMERCIAL
    }


@pytest.mark.parametrize(
    ("mine", "other", "wanted"),
    [
        # Creative Commons: "or a later version of this License with the same License Elements" from 2.0 on, not in 1.0.
        ("CC-BY-SA-3.0", "cc-by-sa-4.0", True),
        ("CC-BY-SA-2.0", "cc-by-sa-2.5", True),
        ("CC-BY-SA-2.5", "cc-by-sa-2.0", False),
        ("CC-BY-SA-4.0", "cc-by-sa-3.0", False),
        ("CC-BY-SA-1.0", "cc-by-sa-2.0", False),
        ("CC-BY-NC-SA-3.0", "cc-by-nc-sa-4.0", True),
        ("CC-BY-NC-SA-3.0", "cc-by-sa-4.0", False),
        ("CC-BY-SA-3.0", "cc-by-nc-sa-4.0", False),
        # GNU: any later version, where that is said.
        ("GPL-2.0-or-later", "gpl-3.0-only", True),
        ("GPL-2.0-or-later", "gpl-2.0-only", True),
        ("GPL-2.0-or-later", "gpl-3.0-or-later", True),
        ("GPL-3.0-or-later", "gpl-2.0-only", False),
        ("GPL-2.0-only", "gpl-3.0-only", False),
        ("GPL-2.0-or-later", "agpl-3.0-only", False),
        ("LGPL-2.1-or-later", "lgpl-3.0-only", True),
        ("LGPL-2.1-or-later", "lgpl-2.0-only", False),
        ("AGPL-1.0-or-later", "agpl-3.0-or-later", True),
        ("GFDL-1.2-or-later", "gfdl-1.3-only", True),
        # Creative Commons' list of compatible licences: BY-SA 4.0 to GPLv3, one way.
        ("CC-BY-SA-4.0", "gpl-3.0-only", True),
        ("CC-BY-SA-3.0", "gpl-3.0-only", False),
        ("GPL-3.0-only", "cc-by-sa-4.0", False),
        ("CC-BY-SA-4.0", "mit", False),
    ],
)
def test_what_a_licence_may_be_replaced_by(mine: str, other: str, wanted: bool) -> None:
    facts = replace(SILENT, key="x", ids=LicenseIds(spdx=mine))
    assert alike(facts, frozenset((other,))) is wanted
    assert alike(facts, frozenset(("other", mine.lower()))) and alike(facts, frozenset(("x",)))
    assert not alike(facts, frozenset())
