"""Tables of facts, value by value: what an entry says comes out as it was said, and what no fact may be is refused by its place."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ledger import resources
from ledger.errors import LedgerError
from ledger.licenses import catalogue, facts, facts_load
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
    facts_of,
)
from ledger.licenses.facts_load import load_table, read_table

CONDITIONS = {
    "include_license": "yes",
    "notice": "no",
    "attribution": "unstated",
    "state_changes": "unknown",
    "retain_notices": "yes",
    "disclose_source": "no",
    "no_further_restrictions": "yes",
    "contract_only": "no",
    "registration": "unstated",
}
THRESHOLD = {"metric": "annual_revenue_usd", "op": ">=", "value": 0, "clock": "continuous", "effect": "royalty", "check": "excerpt"}
ENTRY: dict[str, Any] = {
    "key": "made-up-1.0",
    "name": "Made Up",
    "steward": "Nobody",
    "version_date": "2026-01-02",
    "ids": {
        "spdx": None,
        "licenseref": "LicenseRef-Made-Up-1.0",
        "scancode": "made-up",
        "hf_tag": "made",
        "hf_license_name": None,
        "aliases": ["Made", "Up"],
    },
    "targets": ["weights", "code"],
    "klass": "open-weights-restricted",
    "osi": False,
    "fsf": None,
    "open_definition": True,
    "commercial": "conditional",
    "modify": "yes",
    "redistribute": "no",
    "sublicense": "conditional",
    "patent": "express",
    "hosting": "yes",
    "conditions": CONDITIONS,
    "badge": {"text": "Built with Made Up", "when": "always"},
    "name_prefix": "Made",
    "share_alike": "same-licence",
    "aup": {"where": "url", "mutable": "yes", "flow_down": "provision"},
    "field_of_use": ["no-military", "use-policy"],
    "thresholds": [THRESHOLD],
    "geography": {"exclude": ["EU", "GB"], "multimodal_only": True, "outputs": False, "where": "aup"},
    "outputs": {"training": "forbidden", "scope": "any-ai-model", "family": "Made", "bound": "no"},
    "derivatives": {
        "outputs": "yes",
        "distillation": "no",
        "synthetic_data": "unknown",
        "adapters": "yes",
        "purpose_test": True,
        "results": "free-explicit",
    },
    "revocable": "at-will",
    "guardrail": True,
    "text_sha256": ["ab" * 32, "0" * 64],
    "basis": "excerpt",
    "sources": [{"what": "text", "where": "https://example.org/made-up", "check": "read"}],
    "wording": {"modify": "may modify", "commercial": "only if small"},
}
FORMAT = "openness-ledger/license-facts/v1"


def entry(path: str = "", value: Any = None) -> dict[str, Any]:
    """The made-up entry with one value, by its path, in place of what was there."""
    made = copy.deepcopy(ENTRY)
    if path:
        *above, last = path.split(".")
        inside: Any = made
        for name in above:
            inside = inside[int(name) if name.isdigit() else name]
        inside[int(last) if last.isdigit() else last] = value
    return made


def table(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"format": FORMAT, "date": "2026-11-20", "licenses": list(entries), **changes}


def without(thing: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in thing.items() if key != name}


def refusal(value: Any) -> tuple[str, str]:
    with pytest.raises(LedgerError) as caught:
        read_table(value, what="table")
    return caught.value.code, caught.value.message


def test_everything_comes_out_as_it_was_said() -> None:
    read = read_table(table(entry()), what="table")
    [found] = read.entries
    assert found == LicenseFacts(
        key="made-up-1.0",
        name="Made Up",
        steward="Nobody",
        version_date="2026-01-02",
        ids=LicenseIds(None, "LicenseRef-Made-Up-1.0", "made-up", "made", None, ("Made", "Up")),
        targets=("weights", "code"),
        klass="open-weights-restricted",
        osi=False,
        fsf=None,
        open_definition=True,
        commercial="conditional",
        modify="yes",
        redistribute="no",
        sublicense="conditional",
        patent="express",
        hosting="yes",
        conditions=Conditions("yes", "no", "unstated", "unknown", "yes", "no", "yes", "no", "unstated"),
        badge=Badge("Built with Made Up", "always"),
        name_prefix="Made",
        share_alike="same-licence",
        aup=Aup("url", "yes", "provision"),
        field_of_use=("no-military", "use-policy"),
        thresholds=(Threshold("annual_revenue_usd", ">=", 0, "continuous", "royalty", "excerpt"),),
        geography=Geography(("EU", "GB"), True, False, "aup"),
        outputs=Outputs("forbidden", "any-ai-model", "Made", "no"),
        derivatives=Derivatives("yes", "no", "unknown", "yes", True, "free-explicit"),
        revocable="at-will",
        guardrail=True,
        text_sha256=("ab" * 32, "0" * 64),
        basis="excerpt",
        sources=(Source("text", "https://example.org/made-up", "read"),),
        date="2026-11-20",
        wording={"commercial": "only if small", "modify": "may modify"},
    )
    assert list(found.wording) == ["commercial", "modify"]
    assert read.date == "2026-11-20" and found.id == "LicenseRef-Made-Up-1.0" and found.verified
    assert dict(read.by_id) == {"made-up-1.0": found, "licenseref-made-up-1.0": found}
    assert dict(read.by_text) == {"ab" * 32: found, "0" * 64: found}
    assert load_table(json.dumps(table(entry())).encode()).entries == read.entries
    assert read_table(table(), what="table").entries == ()
    bare = entry()
    bare.update(badge=None, geography=None, name_prefix=None, steward=None, version_date=None, thresholds=[], wording={})
    [found] = read_table(table(bare), what="table").entries
    assert (found.badge, found.geography, found.name_prefix, found.steward, found.version_date) == (None,) * 5
    assert (found.thresholds, found.wording) == ((), {})


def test_ids_and_names() -> None:
    spdx = entry("ids.spdx", "MIT")
    [found] = read_table(table(spdx), what="table").entries
    assert found.id == "MIT"
    [found] = read_table(table(entry("ids.licenseref", None)), what="table").entries
    assert found.id == "made-up-1.0"
    # A reference that spells an expression is no id.
    read = read_table(table(entry("ids.licenseref", "LicenseRef-A AND LicenseRef-B")), what="table")
    assert set(read.by_id) == {"made-up-1.0"}
    for source, verified in (("read", True), ("excerpt", True), ("remembered", False)):
        more = [*ENTRY["sources"], {"what": "thresholds", "where": "there", "check": source}]
        [found] = read_table(table(entry("sources", more)), what="table").entries
        assert found.verified is verified


def test_one_name_and_one_text_belong_to_one_entry() -> None:
    other = {**entry("ids.licenseref", "LicenseRef-Other"), "key": "other", "text_sha256": ["1" * 64]}
    assert len(read_table(table(entry(), other), what="table").entries) == 2
    for change in ({"key": "MADE-UP-1.0"}, {"ids": {**other["ids"], "licenseref": "licenseref-made-up-1.0"}}):
        code, message = refusal(table(entry(), {**other, **change}))
        assert code == "LG0810" and message.lower().startswith("table: two entries are called ") and "made-up-1.0" in message.lower()
    code, message = refusal(table(entry(), {**other, "text_sha256": ["1" * 64, "ab" * 32]}))
    assert (code, message) == ("LG0810", "table: two entries have the text abababababab…")
    # An entry that stands there twice is no better than two that differ, whichever way it can be known by.
    plain = {**entry("ids.licenseref", None), "text_sha256": []}
    assert refusal(table(plain, plain)) == ("LG0810", "table: two entries are called made-up-1.0")
    spaced = {**entry("ids.licenseref", None), "key": "made up"}
    assert refusal(table(spaced, spaced)) == ("LG0810", "table: two entries have the text abababababab…")
    # The same text twice in one entry says nothing new.
    assert len(read_table(table(entry("text_sha256", ["2" * 64] * 2)), what="table").by_text) == 1


WHERE = "table: licenses[0] (made-up-1.0)"
BOOL = "is a YAML boolean where a word is meant"
WORDS = {
    "klass": facts.KLASSES,
    "commercial": facts.COMMERCIAL,
    "modify": facts.PERMITS,
    "redistribute": facts.PERMITS,
    "sublicense": facts.PERMITS,
    "hosting": facts.PERMITS,
    "share_alike": facts.SHARE_ALIKE,
    "revocable": facts.REVOCABLE,
    "basis": facts.BASES,
    "patent": ("express", "not-express", "none", "unknown"),
    "aup.where": facts.AUP_WHERE,
    "aup.mutable": ("yes", "no", "unknown"),
    "aup.flow_down": facts.FLOW_DOWN,
    "badge.when": facts.BADGE_WHEN,
    "outputs.training": facts.TRAINING,
    "outputs.scope": facts.SCOPES,
    "outputs.bound": ("yes", "no", "unknown"),
    "derivatives.results": facts.RESULTS,
    "geography.where": ("license", "aup"),
    **{f"derivatives.{name}": ("yes", "no", "unknown") for name in ("outputs", "distillation", "synthetic_data", "adapters")},
    **{f"conditions.{name}": facts.ANSWERS for name in CONDITIONS},
}
INSIDE = ("aup", "badge", "outputs", "derivatives", "geography", "conditions")


@pytest.mark.parametrize(("path", "allowed"), WORDS.items())
def test_words_are_those_of_their_list(path: str, allowed: tuple[str, ...]) -> None:
    for word in allowed:
        [found] = read_table(table(entry(path, word)), what="table").entries
        inside: Any = found
        for name in path.split("."):
            inside = getattr(inside, name)
        assert inside == word
    said = f"{WHERE}: {path.replace('.', ': ')}"
    listed = ", ".join(sorted(allowed))
    for value, shown in (
        ("strange", "'strange'"),
        (None, "None"),
        ([allowed[0]], repr([allowed[0]])),
        ("z" * 61, repr("z" * 60)),
        (7, "7"),
    ):
        assert refusal(table(entry(path, value))) == ("LG0814", f"{said}: {shown} is none of {listed}")
    for truth in (True, False):
        assert refusal(table(entry(path, truth))) == ("LG0813", f"{said} {BOOL}")


PLAIN: list[tuple[str, Any, str, str]] = [
    *[(name, value, "LG0810", f": {name} is not a text") for name in ("key", "name") for value in ("", None, 5, ["a"])],
    *[(name, True, "LG0813", f": {name} {BOOL}") for name in ("name", "steward", "version_date", "name_prefix")],
    *[(name, "", "LG0810", f": {name} is not a text") for name in ("steward", "version_date", "name_prefix")],
    *[
        (name, value, "LG0810", f": {name} is neither true, false nor null")
        for name in ("osi", "fsf", "open_definition")
        for value in ("yes", 0, 1)
    ],
    *[("guardrail", value, "LG0810", ": guardrail is neither true nor false") for value in (None, 0, "yes")],
    *[
        (f"{inside}.{name}", None, "LG0810", f": {inside}: {name} is neither true nor false")
        for inside, name in (("geography", "multimodal_only"), ("geography", "outputs"), ("derivatives", "purpose_test"))
    ],
    *[
        (name, {"a": 1}, "LG0810", f": {name} is not a list")
        for name in ("targets", "field_of_use", "thresholds", "text_sha256", "sources")
    ],
    *[(name, [], "LG0810", f": {name} is not a mapping") for name in ("ids", *INSIDE, "wording")],
    ("ids.aliases", "Made", "LG0810", ": ids: aliases is not a list"),
    ("ids.aliases", [""], "LG0810", ": ids: aliases is not a text"),
    ("ids.spdx", "", "LG0810", ": ids: spdx is not a text"),
    ("badge.text", "", "LG0810", ": badge: text is not a text"),
    ("outputs.family", "", "LG0810", ": outputs: family is not a text"),
    ("wording.modify", None, "LG0810", ": wording.modify is not a text"),
    ("targets", ["weights", "stones"], "LG0814", ": targets: 'stones' is none of " + ", ".join(sorted(facts.TARGETS))),
    ("field_of_use", ["stones"], "LG0814", ": field_of_use: 'stones' is none of " + ", ".join(sorted(facts.FIELDS_OF_USE))),
    *[
        ("text_sha256", ["0" * 64, value], "LG0810", ": text_sha256 holds something else than SHA-256 digests")
        for value in ("0" * 63, "0" * 65, "A" * 64, "g" * 64)
    ],
    *[
        ("geography.exclude", value, "LG0814", ": geography: exclude holds something else than codes of two capitals")
        for value in ([], ["EU", "eu"], ["E"], ["EUR"], ["E1"], ["EU\n"])
    ],
    ("geography.exclude", [False], "LG0813", f": geography: exclude {BOOL}"),
    *[
        ("thresholds.0.value", value, "LG0810", ": thresholds: value is not a whole number of zero or more")
        for value in (-1, True, False, "7", 0.5, None)
    ],
    *[
        (f"thresholds.0.{name}", "stars", "LG0814", f": thresholds: {name}: 'stars' is none of {', '.join(sorted(allowed))}")
        for name, allowed in (
            ("metric", facts.METRICS),
            ("op", facts.OPS),
            ("clock", facts.CLOCKS),
            ("effect", facts.EFFECTS),
            ("check", facts.CHECKS),
        )
    ],
    ("sources.0.check", "guessed", "LG0814", ": sources: check: 'guessed' is none of excerpt, read, remembered"),
    ("sources.0.where", "", "LG0810", ": sources is not a text"),
    ("sources.0.what", True, "LG0813", f": sources {BOOL}"),
    ("sources.0", "there", "LG0810", ": sources is not a mapping"),
    ("sources", [], "LG0811", " has no source"),
]


@pytest.mark.parametrize(("path", "value", "code", "words"), PLAIN)
def test_what_a_value_may_not_be(path: str, value: Any, code: str, words: str) -> None:
    where = "table: licenses[0]" if path == "key" and not isinstance(value, str) else WHERE
    where = "table: licenses[0] ()" if path == "key" and value == "" else where
    assert refusal(table(entry(path, value))) == (code, where + words)


@pytest.mark.parametrize("inside", ["", "ids", "thresholds.0", *INSIDE])
def test_fields_are_exactly_those_that_there_are(inside: str) -> None:
    made = entry()
    place: Any = made
    for name in inside.split(".") if inside else ():
        place = place[int(name) if name.isdigit() else name]
    where = WHERE + (f": {inside.split('.')[0]}" if inside else "")
    long = "z" * 61
    place.update({long: 1, "odd": 2})
    assert refusal(table(made)) == ("LG0812", f"{where} has unknown fields: odd, {'z' * 60}")
    del place[long], place["odd"]
    for name in sorted(place):
        value = place.pop(name)
        whole = f"{where} has no source" if name == "sources" else f"{where} lacks the fields: {name}"
        spelled = whole.replace(" (made-up-1.0)", "") if name == "key" and not inside else whole
        assert refusal(table(made)) == ("LG0811" if name == "sources" else "LG0812", spelled)
        place[name] = value
    two = sorted(place)[:2]
    for name in two:
        del place[name]
    assert refusal(table(made))[1].endswith(f" lacks the fields: {', '.join(two)}")


@pytest.mark.parametrize("name", ["what", "where", "check", "more"])
def test_a_source_says_three_things(name: str) -> None:
    source = {**ENTRY["sources"][0], "more": 1} if name == "more" else without(ENTRY["sources"][0], name)
    assert refusal(table(entry("sources.0", source))) == (
        "LG0811",
        f"{WHERE}: sources: a source says what, where and check, and nothing else",
    )


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ([], "LG0810", "table is not a mapping"),
        (table(format="openness-ledger/license-facts/v2"), "LG0810", f"table is not in the format {FORMAT}"),
        (table(format="a"), "LG0810", f"table is not in the format {FORMAT}"),
        (table(format="z"), "LG0810", f"table is not in the format {FORMAT}"),
        (table(date="2026-11"), "LG0810", "table: date is not a day such as 2026-11-20"),
        (table(date="2026-11-20\n"), "LG0810", "table: date is not a day such as 2026-11-20"),
        (table(date=None), "LG0810", "table: date is not a text"),
        (table(more=1), "LG0812", "table has unknown fields: more"),
        (without(table(), "date"), "LG0812", "table lacks the fields: date"),
        (table(licenses={}), "LG0810", "table: licenses is not a list"),
        (table(entry(), []), "LG0810", "table: licenses[1] is not a mapping"),
        (table(entry(), {"key": "a\x1b"}), "LG0811", "table: licenses[1] has no source"),
        (table(entry(), {"key": "a"}), "LG0811", "table: licenses[1] (a) has no source"),
    ],
)
def test_what_is_no_table(value: Any, code: str, words: str) -> None:
    assert refusal(value) == (code, words)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "LG0802"),
        (b"[1", "LG0802"),
        (b"\xff", "LG0802"),
        (b"[" * 100_000, "LG0802"),
        (b"[]", "LG0810"),
        (b'{"licenses": 1}', "LG0812"),
        (b'{"licenses": {"MIT": 1}, "exceptions": []}', "LG0812"),
    ],
)
def test_damaged_data_of_the_installation(monkeypatch: pytest.MonkeyPatch, data: bytes, code: str) -> None:
    monkeypatch.setattr(resources, "data_bytes", lambda *_: data)
    with pytest.raises(LedgerError, match=r"spdx-3\.29\.json") as caught:
        catalogue.catalogue.__wrapped__()
    assert caught.value.code == "LG0802"
    with pytest.raises(LedgerError, match=r"license-facts\.json") as caught:
        facts_load.table.__wrapped__()
    assert caught.value.code == code


def test_what_only_the_list_tells_of() -> None:
    found = facts_of("zPL-2.1")
    assert found is not None
    assert (found.key, found.id, found.ids, found.targets, found.basis) == ("zpl-2.1", "ZPL-2.1", LicenseIds(spdx="ZPL-2.1"), (), "list")
    assert (found.osi, found.fsf, found.open_definition, found.guardrail) == (True, True, None, False)
    assert (found.conditions, found.aup, found.derivatives) == (
        Conditions(*["unknown"] * 9),
        Aup(*["unknown"] * 3),
        Derivatives("unknown", "unknown", "unknown", "unknown", False, "unknown"),
    )
    assert found.sources == (Source("flags", f"SPDX License List {catalogue.list_version()}", "read"),) and found.verified
    assert facts_of("\u212aPL") is None and catalogue.entry("\u212a") is None and catalogue.exception_id("\u212a") is None
