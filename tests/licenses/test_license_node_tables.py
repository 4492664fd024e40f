"""The rules of one artifact and of a release, against every word of the facts and claims that they look at.

As in `test_license_rule_tables`: a word without a row gets no finding, and `?` stands behind what rests on something unknown.
"""

from __future__ import annotations

from typing import Any

import pytest
from licenses.rule_cases import SILENT, TRUTH, Row, answer, case, put

from ledger.licenses import facts as words
from ledger.licenses.actor import PURPOSES
from ledger.licenses.case import Pair
from ledger.licenses.effective import View
from ledger.licenses.expression import parse_expression
from ledger.licenses.facts import Badge, Geography, Threshold
from ledger.licenses.findings import NODE_KINDS
from ledger.licenses.rules import predicates

NOTHING = View("NOASSERTION", None, False, frozenset(), None, None, None, None)
SAID = put(NOTHING, "tree", parse_expression("MIT").tree)
UNSAID: dict[str, Any] = {"id": "", "facts": None, "view": NOTHING}
LISTED = {"f__basis": "list"}
ATTRIBUTED = ("attribution", "retain_notices", "state_changes", "disclose_source")

NODE: list[Row] = [
    ("H1", UNSAID, "origin__kind", NODE_KINDS, {kind: "conflict?" for kind in NODE_KINDS if kind not in ("service", "release")}),
    ("H1", UNSAID, "view", (NOTHING, SAID, put(NOTHING, "none", True)), {NOTHING: "conflict?", put(NOTHING, "none", True): "conflict"}),
    ("H1", UNSAID, "origin__family", (None, "openrail is a family"), {None: "conflict?"}),
    ("H1", UNSAID, "basis", ("nothing", "dangling"), {"nothing": "conflict?", "dangling": "review?"}),
    ("H1", {**UNSAID, "basis": "dangling"}, "view", (NOTHING, SAID), {NOTHING: "review?"}),
    ("H2", UNSAID, "origin__family", (None, "openrail is a family"), {"openrail is a family": "conflict?"}),
    ("H2", {**UNSAID, "view": SAID}, "origin__family", (None, "openrail is a family"), {}),
    ("H2", {"facts": None}, "origin__family", (None, "x"), {None: "review?", "x": "review?"}),
    ("H2", {}, "f__basis", ("read", "excerpt", "remembered", "list"), dict.fromkeys(("excerpt", "remembered", "list"), "review?")),
    ("H4", {}, "contradiction", ((), ("MIT",)), {("MIT",): "conflict"}),
    (
        "H4",
        {"contradiction": ("MIT",)},
        "basis",
        ("declared", "concluded", "declared and detected"),
        {"declared": "conflict", "concluded": "notice", "declared and detected": "conflict"},
    ),
    ("H5", {}, "origin__near", ((), ("MIT",)), {("MIT",): "conflict"}),
    ("H7", {"origin__terms_captured": False}, "f__aup__where", words.AUP_WHERE, {"url": "conflict", "unknown": "review?"}),
    ("H7", {}, "f__aup__where", words.AUP_WHERE, {"url": "review?", "unknown": "review?"}),
    ("H7", {"origin__terms_captured": True}, "f__aup__where", words.AUP_WHERE, {}),
    ("H7", {"origin__terms_captured": False}, "f__aup__mutable", ("yes", "no", "unknown"), {"yes": "conflict", "unknown": "review?"}),
    ("H7", LISTED, "f__aup__where", words.AUP_WHERE, {"url": "review?"}),
    ("H7", LISTED, "f__aup__mutable", ("yes", "no", "unknown"), {"yes": "review?"}),
    ("H8", {}, "f__revocable", words.REVOCABLE, {"at-will": "conflict", "unknown": "notice?"}),
    ("H8", LISTED, "f__revocable", words.REVOCABLE, {"at-will": "conflict"}),
    ("H8", {}, "f__guardrail", (True, False), {True: "conflict"}),
    # Purposes: of models and code; what data are used for is a matter of D4 and T-NC.
    ("H9", {}, "f__commercial", words.COMMERCIAL, dict.fromkeys(("no", "conditional", "unknown"), "review?")),
    ("H9", LISTED, "f__commercial", words.COMMERCIAL, {}),
    (
        "H9",
        {"actor__purpose": "commercial"},
        "f__commercial",
        words.COMMERCIAL,
        {"no": "conflict", "conditional": "review?", "unknown": "review?"},
    ),
    (
        "H9",
        {"f__commercial": "no"},
        "actor__purpose",
        (None, *PURPOSES),
        {None: "review?", "internal": "review?", "commercial": "conflict"},
    ),
    (
        "H9",
        {"f__commercial": "no"},
        "origin__kind",
        NODE_KINDS,
        {kind: "review?" for kind in NODE_KINDS if kind not in ("dataset", "document")},
    ),
]
for asked, there in (("include_license", "has_text"), ("notice", "has_notice")):
    path = f"f__conditions__{asked}"
    NODE += [
        ("H3", {f"origin__{there}": False}, path, words.ANSWERS, {"yes": "conflict", "unknown": "review?"}),
        ("H3", {}, path, words.ANSWERS, {"yes": "review?", "unknown": "review?"}),
        ("H3", {f"origin__{there}": True}, path, words.ANSWERS, {}),
        (
            "H3",
            {path: "yes", f"origin__{there}": False},
            "origin__kind",
            NODE_KINDS,
            {kind: "conflict" for kind in NODE_KINDS if kind not in ("service", "release")},
        ),
    ]
NODE += [("H3", {"origin__has_text": False}, f"f__conditions__{name}", words.ANSWERS, {}) for name in ATTRIBUTED]
# Only of the list's flags nothing is asked; of what was read in part, or is remembered, the unknown is.
READ = ("read", "title", "excerpt", "remembered")
NODE += [
    ("H7", {"f__aup__where": "unknown"}, "f__basis", words.BASES, dict.fromkeys(READ, "review?")),
    ("H8", {"f__revocable": "unknown"}, "f__basis", words.BASES, dict.fromkeys(READ, "notice?")),
    ("H9", {"f__commercial": "unknown"}, "f__basis", words.BASES, dict.fromkeys(READ, "review?")),
    ("D2", {"f__share_alike": "unknown", "adapted": True}, "f__basis", words.BASES, dict.fromkeys(READ, "review?")),
    ("D5", {"f__conditions__attribution": "unknown"}, "f__basis", words.BASES, dict.fromkeys(READ, "review?")),
    ("W1", {"f__conditions__include_license": "unknown"}, "f__basis", words.BASES, dict.fromkeys(READ, "review?")),
    ("W4", {"f__aup__flow_down": "unknown"}, "f__basis", words.BASES, dict.fromkeys(READ, "review?")),
    ("O2", {"f__outputs__bound": "unknown"}, "f__basis", words.BASES, dict.fromkeys(READ, "review?")),
    ("S1", {"f__outputs__training": "unknown"}, "f__basis", words.BASES, dict.fromkeys(READ, "review?")),
    # A review that concludes that there is no licence says so, whatever it rests on.
    (
        "H1",
        {**UNSAID, "view": put(NOTHING, "none", True)},
        "basis",
        ("concluded", "declared", "nothing"),
        dict.fromkeys(("concluded", "declared", "nothing"), "conflict"),
    ),
]


@pytest.mark.parametrize(("rule", "given", "path", "vocabulary", "wanted"), NODE)
def test_words(rule: str, given: dict[str, Any], path: str, vocabulary: tuple[Any, ...], wanted: dict[Any, str]) -> None:
    assert wanted.keys() <= set(vocabulary)
    found = {word: answer(rule, case(**{**given, path: word})) for word in vocabulary}
    assert {word: said for word, said in found.items() if said is not None} == wanted


@pytest.mark.parametrize("rule", ["H3", "H6", "H7", "H8", "H9", "H10"])
def test_nothing_is_said_of_terms_that_nobody_knows(rule: str) -> None:
    assert answer(rule, case(facts=None)) is None


def test_all_that_is_missing_is_named_and_a_doubt_hides_no_absence() -> None:
    both = case(f__conditions__include_license="yes", f__conditions__notice="yes", origin__has_text=False, origin__has_notice=False)
    hit = predicates()["H3"](both)
    assert hit is not None and "the text of the licence and the notice" in hit.reason
    assert hit.inputs == ("fact silent-1.0: include_license = yes", "fact silent-1.0: notice = yes")
    # One is absent, the other not known: the absence is said.
    assert answer("H3", put(both, "origin.has_notice", None)) == "conflict"
    doubts = predicates()["H3"](case(f__conditions__include_license="yes", f__conditions__notice="unknown", origin__has_notice=False))
    assert doubts is not None and doubts.unknown and len(doubts.inputs) == 2


@pytest.mark.parametrize(
    ("targets", "identity", "kinds"),
    [
        ((), "CC-BY-4.0", ()),
        (("code",), "MIT", ("dataset",)),
        (("code", "documentation"), "MIT", ()),
        (("code", "dataset"), "X", ()),
        (("code", "database"), "X", ()),
        (("code", "content"), "CC0-1.0", ()),
        (("content", "dataset"), "CC-BY-4.0", ("code",)),
        (("content", "dataset"), "Other-1.0", ()),
        (("dataset",), "CC-BY-4.0", ()),
        (("weights",), "X", ("code",)),
        (("weights", "outputs"), "X", ("code",)),
        (("weights", "code"), "X", ("dataset",)),
        (("weights", "dataset"), "X", ()),
    ],
)
def test_a_licence_for_another_kind_of_thing(targets: tuple[str, ...], identity: str, kinds: tuple[str, ...]) -> None:
    """A software licence on data, a Creative Commons licence for content on code, a model licence on code: nothing else."""
    given = case(f__targets=targets, f__ids__spdx=identity)
    assert {kind for kind in NODE_KINDS if answer("H6", put(given, "origin.kind", kind))} == set(kinds)


def test_thresholds() -> None:
    """What a sign means at, below and above the figure; a duty is an obligation, a lost grant the rule's own weight."""
    limit_at = 700_000_000
    for sign, over in ((">", (1,)), (">=", (0, 1)), ("==", (0,))):
        for effect, weight in (("no-grant", "conflict"), ("royalty", "obligation"), ("display", "obligation")):
            for check in words.CHECKS:
                limit = Threshold("annual_revenue_usd", sign, limit_at, "continuous", effect, check)
                for more in (-limit_at, -1, 0, 1, limit_at):
                    under = None if check == "read" else "review?"
                    wanted = weight if more in over or (more == limit_at and sign != "==") else under
                    given = case(f__thresholds=(limit,), actor__annual_revenue_usd=limit_at + more)
                    assert answer("H9", given) == wanted, (limit, more)
                assert answer("H9", case(f__thresholds=(limit,), actor__monthly_revenue_usd=5)) == "review?"


def test_of_several_thresholds_the_worst_that_is_known_decides() -> None:
    royalty = Threshold("annual_revenue_usd", ">", 10, "continuous", "royalty", "read")
    ends = Threshold("monthly_active_users", ">", 10, "continuous", "no-grant", "read")
    unknown = Threshold("daily_active_users", ">", 10, "continuous", "no-grant", "read")
    figures: dict[str, Any] = {"actor__annual_revenue_usd": 11, "actor__monthly_active_users": 11}
    for limits in ((royalty, ends, unknown), (unknown, royalty, ends), (ends, unknown, royalty), (ends, royalty)):
        assert answer("H9", case(f__thresholds=limits, **figures)) == "conflict"
        assert answer("H9", case(f__thresholds=limits, **figures, f__commercial="unknown")) == "conflict"
    for limits in ((royalty, unknown), (unknown, royalty)):
        assert answer("H9", case(f__thresholds=limits, **figures)) == "obligation"
        assert answer("H9", case(f__thresholds=limits, **figures, f__commercial="no", actor__purpose="commercial")) == "conflict"
    assert answer("H9", case(f__thresholds=(ends, unknown), actor__monthly_active_users=1)) == "review?"
    # Of doubts the first is shown, and that of a threshold comes before that of the purpose.
    hit = predicates()["H9"](case(f__thresholds=(unknown,), f__commercial="no"))
    assert hit is not None and "daily_active_users > 10" in hit.reason
    assert "actor: daily_active_users = unknown" in hit.inputs


def test_places() -> None:
    def found(domicile: str | None, multimodal: bool | None, *, only: bool) -> str | None:
        place = Geography(("EU", "KR"), only, False, "license")
        return answer("H10", case(f__geography=place, actor__domicile=domicile, origin__multimodal=multimodal))

    for multimodal in TRUTH:
        answers = {place: found(place, multimodal, only=False) for place in ("DE", "EU", "KR", "US", None)}
        assert answers == {"DE": "conflict", "EU": "conflict", "KR": "conflict", "US": None, None: "review?"}
    assert [found("DE", multimodal, only=True) for multimodal in (True, False, None)] == ["conflict", None, "review?"]
    assert [found("US", multimodal, only=True) for multimodal in (True, False, None)] == [None, None, None]
    assert [found(None, multimodal, only=True) for multimodal in (True, False, None)] == ["review?", None, "review?"]
    assert answer("H10", case(actor__domicile="DE")) is None


RELEASE: list[Row] = [
    ("R1", {}, "parts", ((), ("mit",)), {(): "conflict", ("mit",): "conflict"}),
    ("R2", {"actor__claims_open_source": True}, "child__osi", TRUTH, {False: "conflict", None: "review?"}),
    ("R2", {"actor__claims_open_source": False}, "child__osi", TRUTH, {}),
    ("R2", {}, "child__osi", TRUTH, {False: "review?", None: "review?"}),
    ("R2", {"actor__claims_open_source": True, "pair": Pair(keeps=True)}, "child__osi", TRUTH, {}),
    ("R2", {"actor__claims_open_source": True}, "child__kind", NODE_KINDS, {"weights": "conflict"}),
    ("R2", {"actor__claims_open_source": True}, "child", (None,), {}),
    ("R3", {}, "parts", ((),), {(): "conflict"}),
]


@pytest.mark.parametrize(("rule", "given", "path", "vocabulary", "wanted"), RELEASE)
def test_releases(rule: str, given: dict[str, Any], path: str, vocabulary: tuple[Any, ...], wanted: dict[Any, str]) -> None:
    test_words(rule, given, path, vocabulary, wanted)


def test_what_decided_is_named() -> None:
    """The inputs of a finding: which fact, with its value, and what the actor file says or does not say."""
    hit = predicates()["H10"](case(f__geography=Geography(("EU",), False, False, "aup")))
    assert hit is not None
    assert hit.inputs == ("fact silent-1.0: geography = not EU", "fact silent-1.0: where = aup", "actor: domicile = unknown")
    hit = predicates()["H9"](case(f__commercial="no", actor__purpose="internal"))
    assert hit is not None and hit.inputs == ("fact silent-1.0: commercial = no", "actor: purpose = internal")
    hit = predicates()["T-NC"](case(f__commercial="no"))
    assert hit is not None and "actor: purpose = unknown" in hit.inputs
    hit = predicates()["T-TDM"](case(origin__tdm_reserved=True, actor__domicile="DE"))
    assert hit is not None and "actor: domicile = DE" in hit.inputs
    hit = predicates()["S1"](case(f__outputs__training="noncommercial", f__outputs__family="Llama"))
    assert hit is not None and "actor: purpose = unknown" in hit.inputs and "fact silent-1.0: family = Llama" in hit.inputs
    hit = predicates()["W7"](case(f__outputs__training="forbidden", merged=True))
    assert hit is not None and "fact silent-1.0: family = none" in hit.inputs
    hit = predicates()["R2"](case(actor__claims_open_source=True))
    assert hit is not None and "actor: claims_open_source = True" in hit.inputs
    hit = predicates()["T-CON3"](case(f__outputs__training="forbidden", f__klass="service-terms", actor__accepted_terms=()))
    assert hit is not None and "actor: accepted_terms = none accepted" in hit.inputs
    hit = predicates()["D6"](case(actor__allow_list=()))
    assert hit is not None and hit.inputs == ("actor: allow_list = empty",)
    assert SILENT.id in hit.reason


def said(rule: str, **changes: Any) -> tuple[str, tuple[str, ...]]:
    hit = predicates()[rule](case(**changes))
    assert hit is not None
    return hit.reason, hit.inputs


def test_what_is_asked_for_is_named() -> None:
    """A name or badge that the licence has is spelled out; else it is said in general."""
    named: dict[str, Any] = {"f__outputs__training": "allowed-with-name"}
    assert said("S2", **named)[0] == "trained on outputs: the name or badge that the licence asks for"
    badge = Badge("Built with it", "always")
    assert said("S2", **named, f__name_prefix="Llama", f__badge=badge)[0].endswith(": name begins with Llama and display Built with it")
    assert said("S2", **named, f__badge=badge)[0].endswith(": display Built with it")
    flows: dict[str, Any] = {"f__outputs__training": "flows-down"}
    assert "trained to perform similarly" in said("S3", **flows, f__derivatives__purpose_test=True)[0]
    assert "whatever the purpose" in said("S3", **flows)[0]


@pytest.mark.parametrize(
    ("fact", "word", "offer", "shown", "named"),
    [
        ("commercial", "no", "commercial", "commercial use", "commercial = no"),
        ("modify", "no", "modify", "adaptation", "modify = no"),
        ("klass", "research-only", "open", "use without its terms", "class = research-only"),
    ],
)
def test_what_a_part_withholds_is_named(fact: str, word: str, offer: str, shown: str, named: str) -> None:
    changes: dict[str, Any] = {f"f__{fact}": word}
    inputs = (f"fact silent-1.0: {named}", "claim: offered")
    assert said("D4", **changes, **{f"child__{offer}": True}) == (
        f"offers {shown}, which the licence of a part does not grant",
        inputs,
    )
    reason, why = said("D4", **changes, child__known=False)
    assert f"part of it is {offer if offer != 'open' else 'restricted'}" in reason and why == inputs


def test_terms_are_accepted_by_id_or_by_key() -> None:
    """Also where both are the same word."""
    banned: dict[str, Any] = {"f__outputs__training": "forbidden", "f__klass": "service-terms"}
    same = case(**banned, f__key=SILENT.id.lower(), actor__accepted_terms=(SILENT.id,))
    assert [answer("T-CON", same), answer("T-CON3", same)] == ["conflict", None]


def test_how_data_goes_out_is_named() -> None:
    assert said("T-MEM", origin_shipped=True, origin__retrieved=True)[1] == ("claim: shipped too",)
    assert said("T-MEM", origin__retrieved=True)[1] == ("claim: read at run time, or given back word for word",)
